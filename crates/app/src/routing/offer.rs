//! Offering the queue to whoever has a seat: in its order, in one transaction, by as many nodes as there are.

use std::collections::BTreeSet;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;
use xiaoer_domain::chat::Rules;
use xiaoer_domain::id::{ConversationId, ShopId};
use xiaoer_domain::routing::{Candidate, could_place};
use xiaoer_domain::time::Timestamp;
use xiaoer_store::Tx;
use xiaoer_store::chat::load;
use xiaoer_store::chat::save::Made;
use xiaoer_store::routing::{self as store, Group, Queued};

use crate::chat::{publish, store_moves};
use crate::team::Planned;
use crate::{App, AppError, salts};

/// Sessions placed in one transaction.
const PLACED_MAX: usize = 32;
/// Sessions locked beyond the seats that are free.
const SPARE: usize = 3;
/// Queued sessions that one look goes through; with groups the first in line may wait for another room.
const LOOK_MAX: i64 = 64;
const LOOK_WITH_GROUPS_MAX: i64 = 2000;
/// Transactions of one offer; what is left is offered by the next event or the sweeper.
const ROUNDS_MAX: usize = 200;

/// Shops whose queue is to be offered. Waking is cheap and never waits.
#[derive(Default)]
pub(crate) struct Offers {
    due: Mutex<BTreeSet<ShopId>>,
    wake: Notify,
}

impl Offers {
    /// The queue of this shop may have somebody to serve.
    pub(crate) fn wake(&self, shop: ShopId) {
        self.due.lock().insert(shop);
        self.wake.notify_one();
    }

    fn take(&self) -> BTreeSet<ShopId> {
        std::mem::take(&mut *self.due.lock())
    }
}

impl App {
    /// Starts the task that offers queues when it is woken.
    pub(crate) fn start_offers(&self) {
        let app = self.clone();
        self.tasks.supervise("offers", move |stop| {
            let app = app.clone();
            async move {
                loop {
                    tokio::select! {
                        () = app.offers.wake.notified() => {}
                        () = stop.cancelled() => return,
                    }
                    for shop in app.offers.take() {
                        app.give_seats_on(shop).await;
                    }
                }
            }
        });
    }

    /// A seat may have come free. What freed it is done; if this fails, the sweeper offers the queue again.
    pub(crate) async fn give_seats_on(&self, shop: ShopId) {
        if let Err(error) = self.place_queued(shop).await {
            tracing::warn!(error = %error, "the queue was not offered and will be at the next sweep");
        }
    }

    /// Offers queued sessions to whoever has a seat, in the order of the queue, until nobody has. Returns how many were
    /// placed.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn place_queued(&self, shop: ShopId) -> Result<usize, AppError> {
        let house = self.shop_of(shop).await?;
        let rules = house.rules(self.clock.now());
        let mut placed = 0;
        for _ in 0..ROUNDS_MAX {
            let (now, planned) = (self.clock.now(), self.planned(&house).await?);
            let known = Arc::clone(&planned);
            let ids = self
                .db
                .read(move |tx| {
                    let planned = Arc::clone(&known);
                    Box::pin(async move {
                        let room = super::room(tx, shop, &planned.plan, now).await?;
                        if !room.iter().any(Candidate::has_seat) {
                            return Ok(Vec::new());
                        }
                        let queue = look(tx, shop).await?.1;
                        Ok::<_, AppError>(first(&queue, &room))
                    })
                })
                .await?;
            if ids.is_empty() {
                return Ok(placed);
            }
            let made = self.place_these(shop, ids, rules, (planned, now)).await?;
            publish::made(&mut self.bus.round(), shop, &made, &self.links, |_| None);
            placed += made.talks.len();
            if made.talks.is_empty() {
                return Ok(placed);
            }
        }
        Ok(placed)
    }

    /// Places the first of the queue among these conversations, which it locks in the order of their ids.
    async fn place_these(
        &self,
        shop: ShopId,
        ids: Vec<ConversationId>,
        rules: Rules,
        (planned, now): (Arc<Planned>, Timestamp),
    ) -> Result<Made, AppError> {
        let seed = self.chance.bytes::<32>();
        let ids: Arc<[ConversationId]> = ids.into();
        self.db
            .write(move |tx| {
                let (ids, planned) = (ids.to_vec(), Arc::clone(&planned));
                Box::pin(async move {
                    let mut salts = salts(seed);
                    let mut talks = load::talks(tx, shop, ids).await?;
                    let mut room = super::locked_room(tx, shop, &planned.plan, now).await?;
                    // Read again: what was first before the locks may be placed or gone by now.
                    let (groups, queue) = look(tx, shop).await?;
                    let mut made = Made::default();
                    for queued in &queue {
                        if !could_place(&room, queued.group) {
                            continue;
                        }
                        let Some(at) = talks.iter().position(|t| t.id == queued.conversation)
                        else {
                            // Somebody with precedence came between: the next round has them locked.
                            break;
                        };
                        let mut talk = talks.swap_remove(at);
                        let route = store::buyer_route(tx, shop, talk.id).await?;
                        talk.wish = super::wish(queued.group, route, &groups, &rules);
                        let entries = talk.place_queued(&mut room, now, &mut salts);
                        if !entries.is_empty() {
                            made.entries.extend(entries.into_iter().map(|e| (talk.id, e)));
                            made.talks.push(talk);
                        }
                        if made.talks.len() >= PLACED_MAX {
                            break;
                        }
                    }
                    store_moves(tx, shop, &mut made).await?;
                    Ok::<_, AppError>(made)
                })
            })
            .await
    }
}

/// The groups, and as much of the queue as has to be looked through.
async fn look(tx: &mut Tx, shop: ShopId) -> Result<(Vec<Group>, Vec<Queued>), AppError> {
    let groups = store::group_rules(tx, shop).await?;
    let limit = if groups.is_empty() { LOOK_MAX } else { LOOK_WITH_GROUPS_MAX };
    let queue = store::queue(tx, shop, limit).await?;
    Ok((groups, queue))
}

/// The first of the queue for whom there is a seat: as many as there are seats, and a few should somebody go.
fn first(queue: &[Queued], room: &[Candidate]) -> Vec<ConversationId> {
    let seats: i64 = room.iter().filter(|c| c.has_seat()).map(|c| c.cap - c.load).sum();
    let wanted = usize::try_from(seats).unwrap_or(0).saturating_add(SPARE).min(PLACED_MAX);
    let fits = queue.iter().filter(|queued| could_place(room, queued.group));
    fits.take(wanted).map(|queued| queued.conversation).collect()
}
