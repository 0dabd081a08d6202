//! The sweeper: what time alone brings. Silence frees seats and ends sessions; a lease that ran out ends an agent's
//! availability. Waiting has no timer rows: it looks for what is due by partial indexes.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use xiaoer_bus::{Event, EventKind, Topic};
use xiaoer_domain::chat::{Rules, Salts, Talk};
use xiaoer_domain::id::{ConversationId, ShopId};
use xiaoer_domain::routing::Candidate;
use xiaoer_protocol::chat::ShopNotice;
use xiaoer_store::chat::load;
use xiaoer_store::team;

use super::moves::Seats;
use super::read::anybody_receives;
use crate::platform::Shop;
use crate::{App, AppError};

/// Pause between two sweeps.
const EVERY: Duration = Duration::from_secs(5);
/// Sessions of one sweep.
const SESSIONS_MAX: i64 = 500;

/// What buyers of each shop were told last: whether somebody is on duty, and what the shop says meanwhile.
pub type DutyTold = tokio::sync::Mutex<HashMap<ShopId, (bool, Option<ShopNotice>)>>;

/// When duty is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Telling {
    /// In any case.
    Again,
    /// If it changed.
    IfNew,
}

impl App {
    /// Starts the sweepers.
    pub fn start_sweeper(&self) {
        self.start_attachment_sweeper();
        let app = self.clone();
        self.tasks.supervise("sweeper", move |stop| {
            let app = app.clone();
            async move {
                loop {
                    if let Err(error) = app.sweep().await {
                        tracing::error!(error = %error, "a sweep failed and is tried again");
                    }
                    tokio::select! {
                        () = tokio::time::sleep(EVERY) => {}
                        () = stop.cancelled() => return,
                    }
                }
            }
        });
    }

    /// Does what is due now. Returns how many sessions ended.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sweep(&self) -> Result<usize, AppError> {
        self.end_leases().await?;
        let now = self.clock.now();
        // Shops may have shorter spans than the defaults: look at the shortest that any shop has.
        let rules = self.shortest_rules().await?;
        let (ends, frees) =
            (now.minus(rules.session_ends_after), now.minus(rules.seat_frees_after));
        let due = self
            .db
            .read(move |tx| {
                Box::pin(async move { load::quiet(tx, ends, frees, SESSIONS_MAX).await })
            })
            .await?;
        let mut ended = 0;
        for (shop, id) in due {
            if self.sweep_one(shop, id).await? {
                ended += 1;
            }
        }
        self.expire_transfers().await?;
        // Every shop, not only those where silence freed a seat: whoever waits must not depend on one offer.
        for key in self.shop_keys().await? {
            let found = self.shop(&key).await?;
            let shop = found.id;
            self.rescue_stranded(shop).await?;
            self.end_shifts(&found).await?;
            self.watch_overtime(&found).await?;
            self.place_queued(shop).await?;
            self.say_to_long_waiting(&found).await?;
            self.tell_duty_if_new(shop).await?;
        }
        Ok(ended)
    }

    async fn sweep_one(&self, shop: ShopId, id: ConversationId) -> Result<bool, AppError> {
        let rules = self.rules_of(shop).await?;
        let act = move |talk: &mut Talk, _: &mut [Candidate], now, salts: Salts<'_>| {
            Ok(talk.fall_silent(&rules, now, salts).into_iter().collect())
        };
        self.change(shop, id, Seats::Ignored, Vec::new(), Arc::new(act)).await
    }

    async fn end_leases(&self) -> Result<(), AppError> {
        let now = self.clock.now();
        let expired = self
            .db
            .write(move |tx| {
                Box::pin(async move { Ok::<_, AppError>(team::end_expired(tx, now).await?) })
            })
            .await?;
        for shop in expired.iter().map(|(shop, _)| *shop).collect::<BTreeSet<_>>() {
            self.tell_duty(shop).await?;
        }
        for (shop, agent) in expired {
            self.give_back_of(shop, agent, None).await?;
        }
        Ok(())
    }

    /// Tells every buyer of a shop whether somebody is on duty, and what the shop says meanwhile.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tell_duty(&self, shop: ShopId) -> Result<(), AppError> {
        self.tell_duty_of(shop, Telling::Again).await
    }

    /// The same if a shift or a mode began or ended since it was told last.
    async fn tell_duty_if_new(&self, shop: ShopId) -> Result<(), AppError> {
        self.tell_duty_of(shop, Telling::IfNew).await
    }

    async fn tell_duty_of(&self, shop: ShopId, telling: Telling) -> Result<(), AppError> {
        // One after the other: whoever reads last has seen every change before, and tells last.
        let mut told = self.duty_told.lock().await;
        let (now, planned) = (self.clock.now(), self.planned_of(shop).await?);
        let notice = planned.notice(now);
        let on_duty = self
            .db
            .read(move |tx| {
                let planned = Arc::clone(&planned);
                Box::pin(async move { anybody_receives(tx, shop, &planned, now).await })
            })
            .await?;
        let before = told.insert(shop, (on_duty, notice.clone()));
        if telling == Telling::IfNew && before == Some((on_duty, notice)) {
            return Ok(());
        }
        self.bus.publish(
            Topic::Duty(shop),
            &Event { conversation: None, kind: EventKind::Duty(on_duty) },
        );
        Ok(())
    }

    /// What the shop says to everybody now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn notice_now(&self, shop: &Shop) -> Result<Option<ShopNotice>, AppError> {
        Ok(self.planned(shop).await?.notice(self.clock.now()))
    }

    async fn shortest_rules(&self) -> Result<Rules, AppError> {
        let mut shortest = Rules::default();
        for key in self.shop_keys().await? {
            let rules = self.shop(&key).await?.rules(self.clock.now());
            shortest.seat_frees_after = shortest.seat_frees_after.min(rules.seat_frees_after);
            shortest.session_ends_after = shortest.session_ends_after.min(rules.session_ends_after);
        }
        Ok(shortest)
    }

    async fn rules_of(&self, shop: ShopId) -> Result<Rules, AppError> {
        Ok(self.shop_of(shop).await?.rules(self.clock.now()))
    }
}
