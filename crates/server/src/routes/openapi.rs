//! The formal description of the HTTP side, from which the web's types are made.

use utoipa::OpenApi;

use super::{
    account, buyer, care, conversations, desk_updates, drafts, duty, orders, phrases, products,
    routing, team, viewing,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "xiaoer",
        description = "See docs/PROTOCOL.md for rules, frames and error codes."
    ),
    paths(
        buyer::hello,
        buyer::updates,
        buyer::send,
        buyer::recall,
        buyer::read,
        care::offer,
        care::leave,
        care::own_rating,
        care::rate,
        viewing::view,
        team::sign_in,
        team::sign_in_code,
        team::sign_out,
        account::security,
        account::step_up,
        account::change_password,
        account::begin_factor,
        account::confirm_factor,
        account::drop_factor,
        account::renew_recovery_codes,
        account::revoke_sign_in,
        account::revoke_other_sign_ins,
        team::me,
        team::preferences,
        team::set_preferences,
        team::set_state,
        team::agents,
        duty::plan,
        duty::set_hours,
        duty::add_special,
        duty::remove_special,
        duty::roster,
        duty::plan_roster,
        duty::copy_roster,
        duty::add_mode,
        duty::change_mode,
        duty::end_mode,
        conversations::list,
        conversations::one,
        conversations::entries,
        conversations::send,
        conversations::recall,
        conversations::read,
        conversations::take,
        conversations::hand_over,
        conversations::close,
        care::ratings,
        care::list,
        care::assign,
        care::finish,
        care::reopen,
        desk_updates::updates,
        drafts::list,
        drafts::put,
        drafts::remark,
        drafts::put_remark,
        drafts::sessions,
        routing::wall,
        routing::groups,
        routing::add_group,
        routing::change_group,
        routing::remove_group,
        routing::steer,
        routing::hand_to_group,
        routing::set_buyer_route,
        routing::decisions,
        phrases::list,
        phrases::add,
        phrases::change,
        phrases::remove,
        phrases::used,
        phrases::add_folder,
        phrases::rename_folder,
        phrases::remove_folder,
        phrases::import,
        phrases::export,
        phrases::preview,
        orders::of_conversation,
        orders::by_number,
        orders::search,
        products::list,
        products::card,
    ),
    components(schemas(
        xiaoer_protocol::frames::FromBuyer,
        xiaoer_protocol::frames::FromDesk,
        xiaoer_protocol::frames::ToClient,
        xiaoer_protocol::frames::DeskWelcome,
    ))
)]
struct Api;

/// The description as JSON.
#[must_use]
pub fn json() -> String {
    let mut text = Api::openapi().to_pretty_json().expect("a fixed document serialises");
    text.push('\n');
    text
}
