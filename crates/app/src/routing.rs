//! Routing: who gets a buyer, the queue, giving back, and what supervisors steer.

mod decisions;
mod give_back;
mod leave;
mod offer;
mod overtime;
mod steer;
mod wall;

pub(crate) use offer::Offers;
pub use overtime::CHECKING_MINUTES_MAX;
pub use wall::Place;
pub(crate) use wall::Places;

use xiaoer_domain::chat::Rules;
use xiaoer_domain::id::{ConversationId, GroupId, ShopId};
use xiaoer_domain::orders::Stage;
use xiaoer_domain::routing::{Candidate, Plan, Wish};
use xiaoer_domain::time::Timestamp;
use xiaoer_store::routing::{self as store, BuyerRoute, Group};
use xiaoer_store::{StoreError, Tx};

/// Everybody who serves, the plan of the shop considered; locks nothing.
pub(crate) async fn room(
    tx: &mut Tx,
    shop: ShopId,
    plan: &Plan,
    now: Timestamp,
) -> Result<Vec<Candidate>, StoreError> {
    let mut room = store::room(tx, shop, now).await?;
    plan.apply(&mut room, now);
    Ok(room)
}

/// Like [`room`], with the seats locked. Conversations are locked before, never after.
pub(crate) async fn locked_room(
    tx: &mut Tx,
    shop: ShopId,
    plan: &Plan,
    now: Timestamp,
) -> Result<Vec<Candidate>, StoreError> {
    let mut room = store::locked_room(tx, shop, now).await?;
    plan.apply(&mut room, now);
    Ok(room)
}

/// How the session that opens in a conversation is to be placed: the group of the buyer's stage, its strategy, what the
/// buyer brings along, and whether others wait already.
pub(crate) async fn wish_of_new(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    groups: &[Group],
    rules: &Rules,
    now: Timestamp,
) -> Result<Wish, StoreError> {
    let route = store::buyer_route(tx, shop, conversation).await?;
    let stage = Stage::of(route.latest_order, now, &rules.stages);
    let group = groups.iter().find(|group| group.stage == Some(stage)).map(|group| group.id);
    let waits_behind = store::any_queued(tx, shop).await?;
    Ok(Wish { waits_behind, ..wish(group, route, groups, rules) })
}

/// How a session that queues for a group is to be placed.
pub(crate) fn wish(
    group: Option<GroupId>,
    route: BuyerRoute,
    groups: &[Group],
    rules: &Rules,
) -> Wish {
    let group = group.and_then(|id| groups.iter().find(|group| group.id == id));
    Wish {
        group: group.map(|group| group.id),
        strategy: group.map_or(rules.strategy, |group| group.strategy),
        priority: route.priority,
        dedicated: route.dedicated,
        last_agent: None,
        skips_last_agent: group.is_some_and(|group| !group.last_agent_first),
        waits_behind: false,
    }
}
