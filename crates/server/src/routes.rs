//! The whole API on one screen. Handlers extract, call a use case, answer.

mod account;
mod aside;
mod attachments;
mod auto_replies;
mod blocks;
mod bulk;
mod buyer;
mod calls;
mod care;
mod conversations;
mod demo;
mod desk_updates;
mod drafts;
mod duty;
mod first_visit;
mod handover;
mod health;
mod imports;
pub mod openapi;
mod orders;
mod people;
mod phrases;
mod privacy;
mod products;
mod programs;
mod quality;
mod routing;
mod shop;
mod team;
pub mod viewing;
mod webhooks;

use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::routing::Router;
use axum::{Json, middleware};
use serde::de::DeserializeOwned;
use tower_http::catch_panic::CatchPanicLayer;
use xiaoer_app::AppError;
use xiaoer_app::platform::Shop;
use xiaoer_app::team::Caller;
use xiaoer_domain::id::ConversationId;
use xiaoer_domain::team::AgentState;
use xiaoer_protocol::chat::Limits;
use xiaoer_protocol::team::Me;
use xiaoer_protocol::{ErrorCode, id};

use crate::error::{ApiError, name_request};
use crate::gate::{get, post, put};

use crate::{Server, web, ws};

/// Every route.
pub fn router(server: Server) -> Router {
    let api = Router::new()
        .merge(buyer_routes())
        .merge(account_routes())
        .merge(imports::routes())
        .merge(people::routes())
        .merge(privacy::routes())
        .merge(programs::routes())
        .merge(webhooks::routes())
        .merge(shop::routes())
        .merge(team::routes())
        .merge(follow_up_routes())
        .route("/shops/{shop}/conversations", get(conversations::list))
        .route("/shops/{shop}/conversations/{cnv}", get(conversations::one))
        .route(
            "/shops/{shop}/conversations/{cnv}/entries",
            get(conversations::entries).merge(post(conversations::send)),
        )
        .route(
            "/shops/{shop}/conversations/{cnv}/entries/{seq}/recall",
            post(conversations::recall),
        )
        .route("/shops/{shop}/conversations/{cnv}/attachments", post(attachments::staff_upload))
        .route("/shops/{shop}/conversations/{cnv}/read", post(conversations::read))
        .route("/shops/{shop}/conversations/{cnv}/take", post(conversations::take))
        .route("/shops/{shop}/conversations/{cnv}/hand-over", post(conversations::hand_over))
        .route("/shops/{shop}/conversations/{cnv}/close", post(conversations::close))
        .route("/shops/{shop}/conversations/{cnv}/ratings", get(care::ratings))
        .route("/shops/{shop}/conversations/{cnv}/orders", get(orders::of_conversation))
        .route(
            "/shops/{shop}/conversations/{cnv}/remark",
            get(drafts::remark).merge(put(drafts::put_remark)),
        )
        .route("/shops/{shop}/conversations/{cnv}/sessions", get(drafts::sessions))
        .route("/shops/{shop}/conversations/{cnv}/draft", put(drafts::put))
        .route("/shops/{shop}/drafts", get(drafts::list))
        .merge(phrase_routes())
        .merge(duty::routes())
        .merge(routing_routes())
        .merge(guard_routes())
        .merge(handover::routes())
        .merge(bulk::routes())
        .merge(aside::routes())
        .merge(calls::routes())
        .route("/shops/{shop}/orders/{number}", get(orders::by_number).merge(programs::one_order()))
        .route("/shops/{shop}/products", get(products::list))
        .route("/shops/{shop}/search", get(orders::search))
        .route("/shops/{shop}/updates", get(desk_updates::updates))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown);
    Router::new()
        .nest("/api/v1", api)
        .route("/files/{shop}/{att}", get(attachments::file))
        .merge(programs::hooks())
        .route("/ws/widget/{shop}", get(ws::buyer::upgrade))
        .route("/ws/desk/{shop}", get(ws::desk::upgrade))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .route("/demo/identity", get(demo::identity))
        .route("/demo/goods", get(demo::goods))
        .route("/demo/pictures/{name}", get(demo::picture))
        .merge(web::router())
        .layer(middleware::from_fn(web::headers))
        .layer(DefaultBodyLimit::max(server.app.limits.body_bytes_max))
        .layer(middleware::from_fn_with_state(server.clone(), cors))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(server.clone(), name_request))
        .with_state(server)
}

/// What was left and when it is answered.
fn follow_up_routes() -> Router<Server> {
    Router::new()
        .route("/shops/{shop}/follow-ups", get(care::list))
        .route("/shops/{shop}/follow-ups/{fup}/assign", post(care::assign))
        .route("/shops/{shop}/follow-ups/{fup}/done", post(care::finish))
        .route("/shops/{shop}/follow-ups/{fup}/reopen", post(care::reopen))
}

/// What a buyer's page calls.
fn buyer_routes() -> Router<Server> {
    Router::new()
        .route("/widget/{shop}/hello", post(buyer::hello))
        .route("/widget/{shop}/updates", get(buyer::updates))
        .route("/widget/{shop}/entries", post(buyer::send))
        .route("/widget/{shop}/attachments", post(attachments::buyer_upload))
        .route("/widget/{shop}/entries/{seq}/recall", post(buyer::recall))
        .route("/widget/{shop}/read", post(buyer::read))
        .route("/widget/{shop}/products/{sku}", get(products::card))
        .route("/widget/{shop}/offer", get(care::offer))
        .route("/widget/{shop}/viewing", post(viewing::view))
        .route("/widget/{shop}/follow-ups", post(care::leave))
        .route(
            "/widget/{shop}/sessions/{ses}/rating",
            get(care::own_rating).merge(post(care::rate)),
        )
}

/// Signing in, and the own account.
fn account_routes() -> Router<Server> {
    Router::new()
        .route("/first-visit", get(first_visit::state).merge(post(first_visit::make)))
        .route("/sign-in", post(team::sign_in))
        .route("/sign-in/code", post(team::sign_in_code))
        .route("/sign-out", post(team::sign_out))
        .route("/me", get(team::me))
        .route("/me/preferences", get(team::preferences).merge(post(team::set_preferences)))
        .route("/me/security", get(account::security))
        .route("/me/step-up", post(account::step_up))
        .route("/me/password", post(account::change_password))
        .route("/me/second-factor", post(account::begin_factor))
        .route("/me/second-factor/confirm", post(account::confirm_factor))
        .route("/me/second-factor/off", post(account::drop_factor))
        .route("/me/recovery-codes", post(account::renew_recovery_codes))
        .route("/me/sign-ins/revoke-others", post(account::revoke_other_sign_ins))
        .route("/me/sign-ins/{sin}/revoke", post(account::revoke_sign_in))
}

/// Groups, steering, the live wall.
fn routing_routes() -> Router<Server> {
    blocks::routes()
        .route("/shops/{shop}/wall", get(routing::wall))
        .route("/shops/{shop}/groups", get(routing::groups).merge(post(routing::add_group)))
        .route("/shops/{shop}/groups/{id}", put(routing::change_group))
        .route("/shops/{shop}/groups/{id}/remove", post(routing::remove_group))
        .route("/shops/{shop}/agents/{id}/steering", put(routing::steer))
        .route("/shops/{shop}/conversations/{cnv}/hand-to-group", post(routing::hand_to_group))
        .route("/shops/{shop}/conversations/{cnv}/checking", put(routing::set_checking))
        .route("/shops/{shop}/conversations/{cnv}/buyer-route", put(routing::set_buyer_route))
        .route("/shops/{shop}/conversations/{cnv}/routing", get(routing::decisions))
}

/// Libraries of phrases; a sheet may be bigger than other bodies.
fn phrase_routes() -> Router<Server> {
    let sheet = DefaultBodyLimit::max(phrases::SHEET_BYTES_MAX);
    Router::new()
        .merge(auto_replies::routes())
        .route("/shops/{shop}/phrases", get(phrases::list).merge(post(phrases::add)))
        .route("/shops/{shop}/phrases/import", post(phrases::import).layer(sheet))
        .route("/shops/{shop}/phrases/starter", post(phrases::starter))
        .route(
            "/shops/{shop}/phrases/{id}/files",
            get(phrases::files).merge(post(attachments::phrase_upload)),
        )
        .route("/shops/{shop}/phrases/{id}/files/{att}/remove", post(phrases::remove_file))
        .route("/shops/{shop}/conversations/{cnv}/phrases/{id}/files", post(phrases::lay_out))
        .route("/shops/{shop}/phrases/usage", get(phrases::usage))
        .route("/shops/{shop}/phrases/preview", post(phrases::preview))
        .route("/shops/{shop}/phrases/export", get(phrases::export))
        .route("/shops/{shop}/phrases/{id}", put(phrases::change))
        .route("/shops/{shop}/phrases/{id}/remove", post(phrases::remove))
        .route("/shops/{shop}/phrases/{id}/used", post(phrases::used))
        .route("/shops/{shop}/phrase-folders", post(phrases::add_folder))
        .route("/shops/{shop}/phrase-folders/{id}", put(phrases::rename_folder))
        .route("/shops/{shop}/phrase-folders/{id}/remove", post(phrases::remove_folder))
}

/// The guard: looking at a text, its rules and their words.
fn guard_routes() -> Router<Server> {
    let sheet = DefaultBodyLimit::max(quality::SHEET_BYTES_MAX);
    Router::new()
        .route("/shops/{shop}/conversations/{cnv}/guard", post(quality::check))
        .route("/shops/{shop}/guard", get(quality::rules))
        .route("/shops/{shop}/guard/test", post(quality::test))
        .route("/shops/{shop}/guard/notes", get(quality::notes))
        .route("/shops/{shop}/guard/import", post(quality::import).layer(sheet))
        .route("/shops/{shop}/guard/export", get(quality::export))
        .route(
            "/shops/{shop}/guard/rules/{rule}",
            get(quality::words).merge(put(quality::set_level)),
        )
        .route("/shops/{shop}/guard/rules/{rule}/words", post(quality::add_word))
        .route("/shops/{shop}/guard/words/{id}/end", post(quality::end_word))
        .route("/shops/{shop}/guard/trials", post(quality::begin_trial))
        .route("/shops/{shop}/guard/trials/{id}", get(quality::trial))
        .route("/shops/{shop}/guard/trials/{id}/cancel", post(quality::cancel_trial))
}

async fn unknown() -> ApiError {
    ApiError::of(ErrorCode::NotFound)
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    axum::response::IntoResponse::into_response(ApiError::of(ErrorCode::Internal))
}

/// Shops' pages call the buyer's routes from other origins: the gate decides which, this only says so to browsers.
async fn cors(
    axum::extract::State(_): axum::extract::State<Server>,
    request: Request,
    next: middleware::Next,
) -> axum::response::Response {
    use axum::http::{HeaderValue, Method, StatusCode, header};
    let widget = request.uri().path().starts_with("/api/v1/widget/");
    let origin = request.headers().get(header::ORIGIN).cloned().filter(|_| widget);
    let preflight = request.method() == Method::OPTIONS && origin.is_some();
    let mut response = if preflight {
        axum::response::IntoResponse::into_response(StatusCode::NO_CONTENT)
    } else {
        next.run(request).await
    };
    if let Some(origin) = origin {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::VARY, HeaderValue::from_static("origin"));
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("authorization, content-type, x-file-name"),
        );
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
    response
}

/// A JSON body; what cannot be read is refused with our own words.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Server> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, server: &Server) -> Result<Self, ApiError> {
        match Json::<T>::from_request(request, server).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) if rejection.status().as_u16() == 413 => {
                Err(ApiError::of(ErrorCode::TooBig))
            }
            Err(_) => Err(ApiError(AppError::bad_field("body"))),
        }
    }
}

/// A query string; what cannot be read is refused with our own words.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Server> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, ApiError> {
        let query = axum::extract::Query::<T>::from_request_parts(parts, server).await;
        query.map(|query| Self(query.0)).map_err(|_| ApiError(AppError::bad_field("query")))
    }
}

/// A parameter of the path by name.
fn path_param(path: &axum::extract::RawPathParams, name: &str) -> Result<String, ApiError> {
    let found = path.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned());
    found.ok_or_else(|| ApiError(AppError::bad_field(name)))
}

/// The number in the path.
fn path_seq(path: &axum::extract::RawPathParams) -> Result<i64, ApiError> {
    path_param(path, "seq")?.parse().map_err(|_| ApiError(AppError::bad_field("seq")))
}

/// The conversation in the path, of this shop.
async fn path_conversation(
    server: &Server,
    shop: &Shop,
    path: &axum::extract::RawPathParams,
) -> Result<ConversationId, ApiError> {
    find_conversation(server, shop, &path_param(path, "cnv")?).await
}

async fn find_conversation(
    server: &Server,
    shop: &Shop,
    text: &str,
) -> Result<ConversationId, ApiError> {
    let public = id::parse_public(id::CONVERSATION, text);
    let public = public.ok_or_else(|| ApiError::of(ErrorCode::NotFound))?;
    Ok(server.app.find_conversation(shop.id, public).await?)
}

/// The limits that a client is told.
pub fn limits(server: &Server, shop: &Shop, sends_per_second: u32) -> Limits {
    let limits = &server.app.limits;
    let rules = shop.rules(server.app.clock.now());
    Limits {
        text_chars_max: limits.text_chars_max,
        frame_bytes_max: limits.frame_bytes_max,
        sends_per_second,
        page_entries_max: limits.page_entries_max,
        recall_seconds_max: rules.recall_within.micros() / 1_000_000,
        image_bytes_max: limits.image_bytes_max,
        file_bytes_max: limits.file_bytes_max,
        nudge_seconds: rules.nudge_every.map_or(0, |pause| pause.micros() / 1_000_000),
    }
}

/// Oneself at a desk; being here renews the state one asked for.
pub async fn me(server: &Server, shop: &Shop, caller: &Caller) -> Result<Me, AppError> {
    let serves = xiaoer_domain::team::may(&caller.roles, xiaoer_domain::team::Right::ServeBuyers);
    let state = if serves {
        server.app.desk_is_here(shop.id, caller.sender.account).await?
    } else {
        AgentState::Away
    };
    Ok(Me {
        id: id::account(caller.sender.account),
        name: caller.sender.name.clone(),
        state: state.word().to_owned(),
        roles: caller.roles.iter().map(|r| r.word().to_owned()).collect(),
    })
}

/// Longest wait of a long poll, in seconds.
pub const WAIT_SECONDS_MAX: u64 = 25;

/// A short fingerprint of what a long poll shows, to tell whether it changed.
pub fn etag(shown: &impl serde::Serialize) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    serde_json::to_vec(shown).unwrap_or_default().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// Checks the pace of a caller that has no connection.
pub fn paced(server: &Server, caller: String, rate: u32) -> Result<(), ApiError> {
    server.pace.take(caller, rate).map_err(too_fast)
}

/// The same for what is counted by the minute.
pub fn paced_by_the_minute(server: &Server, caller: String, count: u32) -> Result<(), ApiError> {
    server.pace.take_of_a_minute(caller, count).map_err(too_fast)
}

/// Checks that a buyer does not flood, over all connections of the visitor.
pub fn no_flood(server: &Server, visitor: i64) -> Result<(), ApiError> {
    let max = server.app.limits.buyer_lines_per_minute;
    let taken = server.pace.take_of_a_minute(format!("lines.{visitor}"), max);
    taken.map_err(|wait| {
        let mut error = too_fast(wait);
        if let AppError::Refused { params: Some(params), .. } = &mut error.0 {
            params["limit"] = "buyer_lines_per_minute".into();
            params["max"] = max.into();
        }
        error
    })
}

fn too_fast(wait: std::time::Duration) -> ApiError {
    let params =
        serde_json::json!({ "retry_ms": u64::try_from(wait.as_millis()).unwrap_or(u64::MAX) });
    ApiError(AppError::Refused { code: ErrorCode::TooFast, params: Some(params) })
}
