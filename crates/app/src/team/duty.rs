//! When a shop serves and who is on duty, kept in memory for a moment: whoever places a buyer asks.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use xiaoer_domain::id::ShopId;
use xiaoer_domain::routing::Plan;
use xiaoer_domain::team::duty::{Calendar, Week};
use xiaoer_domain::team::mode::Mode;
use xiaoer_domain::team::roster::Duty;
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_domain::zone::Day;
use xiaoer_protocol::chat::ShopNotice;
use xiaoer_protocol::team::duty::ModeBody;
use xiaoer_store::team::duty as store;
use xiaoer_store::{Db, StoreError};

use super::hours::{MODES_MAX, read_mode};
use crate::platform::Shop;
use crate::{App, AppError};

/// How long it is served from memory; what another process wrote is seen after this.
const FRESH_FOR: Span = Span::seconds(5);
/// Special days of a shop that are not over.
pub(super) const SPECIAL_DAYS_MAX: i64 = 1000;
/// Shifts of the three days around a moment.
const SHIFTS_MAX: i64 = 3000;
/// Minutes of a day.
const DAY_MINUTES: u32 = 24 * 60;

/// What decides the hours of a shop, apart from special days.
const HOURS: [&str; 3] = ["duty_hours", "opens_minute", "closes_minute"];

/// Hours and rosters in memory.
#[derive(Default)]
pub struct Duties(Mutex<HashMap<ShopId, Kept>>);

struct Kept {
    read_at: Timestamp,
    day: Day,
    planned: Arc<Planned>,
}

/// What a shop has planned around a moment.
#[derive(Debug)]
pub(crate) struct Planned {
    duty: Arc<Duty>,
    /// As far as it decides who receives.
    pub(crate) plan: Plan,
    modes: Vec<(Mode, ModeBody)>,
}

impl Planned {
    /// The day of a moment where the shop is, as `2026-11-30`.
    pub(crate) fn day(&self, at: Timestamp) -> String {
        self.duty.calendar.zone.day(at).to_string()
    }

    /// What the mode that holds says to buyers, if it says anything.
    pub(crate) fn notice(&self, at: Timestamp) -> Option<ShopNotice> {
        let holding = self.modes.iter().filter(|(mode, _)| mode.holds(at));
        let (_, body) = holding.max_by_key(|(mode, _)| mode.starts_at)?;
        let (zh, en) = (body.text_zh.trim(), body.text_en.trim());
        // Who wrote in one language is read in it by everybody.
        let (zh, en) = (if zh.is_empty() { en } else { zh }, if en.is_empty() { zh } else { en });
        (!zh.is_empty()).then(|| ShopNotice { zh: zh.to_owned(), en: en.to_owned() })
    }
}

impl Duties {
    /// Hours or roster of a shop changed.
    pub(crate) fn forget(&self, shop: ShopId) {
        self.0.lock().remove(&shop);
    }

    /// What is planned around a moment: of that day, the one before and the one after.
    pub(crate) async fn planned(
        &self,
        db: &Db,
        shop: &Shop,
        now: Timestamp,
        at: Timestamp,
    ) -> Result<Arc<Planned>, StoreError> {
        let day = shop.zone(at).day(at);
        let kept = |kept: &Kept| kept.day == day && now.since(kept.read_at) < FRESH_FOR;
        if let Some(known) = self.0.lock().get(&shop.id).filter(|known| kept(known)) {
            return Ok(Arc::clone(&known.planned));
        }
        let id = shop.id;
        let read = db.read(move |tx| {
            Box::pin(async move {
                let special = store::special_days(tx, id, day.plus(-1), SPECIAL_DAYS_MAX).await?;
                let shifts = store::shifts(tx, id, day.plus(-1), day.plus(1), SHIFTS_MAX).await?;
                let modes = store::modes(tx, id, now, MODES_MAX).await?;
                Ok::<_, StoreError>((special, shifts, modes))
            })
        });
        let (special, shifts, modes) = read.await?;
        let special = special.into_iter().map(|stored| stored.days).collect();
        let calendar = Calendar { zone: shop.zone(at), weeks: shop.weeks(), special };
        let duty = Arc::new(Duty { calendar, is_planned: shop.has_hours(), shifts });
        let modes: Vec<_> = modes.iter().filter_map(read_mode).collect();
        let binding = shop.is_on("roster_binds", now).then(|| Arc::clone(&duty));
        let plan =
            Plan { duty: binding, modes: modes.iter().map(|(mode, _)| mode.clone()).collect() };
        let planned = Arc::new(Planned { duty, plan, modes });
        let kept = Kept { read_at: now, day, planned: Arc::clone(&planned) };
        self.0.lock().insert(shop.id, kept);
        Ok(planned)
    }
}

impl Shop {
    /// How much service may pass until a left message is answered.
    #[must_use]
    pub fn answers_within(&self, at: Timestamp) -> Span {
        Span::minutes(self.number("follow_up_minutes", at))
    }

    /// Whether anybody ever said when the shop serves.
    #[must_use]
    pub fn has_hours(&self) -> bool {
        !self.changes(&HOURS).is_empty()
    }

    /// Every week of service that was ever set, each from its moment on.
    #[must_use]
    pub fn weeks(&self) -> Vec<(Timestamp, Week)> {
        let mut weeks =
            vec![(Timestamp::from_micros(i64::MIN), self.week(Timestamp::from_micros(i64::MIN)))];
        weeks.extend(self.changes(&HOURS).into_iter().map(|at| (at, self.week(at))));
        weeks
    }

    /// The week of service at a moment.
    #[must_use]
    pub fn week(&self, at: Timestamp) -> Week {
        let told = self.setting("duty_hours", at);
        if !told.is_empty()
            && let Ok(week) = Week::parse(told)
        {
            return week;
        }
        let minute = |name| u16::try_from(self.number(name, at).min(DAY_MINUTES)).unwrap_or(0);
        Week::plain(minute("opens_minute"), minute("closes_minute"))
    }
}

impl App {
    /// When the shop serves around a moment, and who is planned to work then: of that day, the one before and the one
    /// after.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn duty(&self, shop: &Shop, at: Timestamp) -> Result<Arc<Duty>, AppError> {
        let planned = self.duties.planned(&self.db, shop, self.clock.now(), at).await?;
        Ok(Arc::clone(&planned.duty))
    }

    /// What a shop has planned for now.
    pub(crate) async fn planned(&self, shop: &Shop) -> Result<Arc<Planned>, AppError> {
        let now = self.clock.now();
        Ok(self.duties.planned(&self.db, shop, now, now).await?)
    }

    /// The same for a shop of which only the row is known.
    pub(crate) async fn planned_of(&self, shop: ShopId) -> Result<Arc<Planned>, AppError> {
        self.planned(&*self.shop_of(shop).await?).await
    }

    /// When the shop served from a moment on: for figures over a time.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn calendar_since(&self, shop: &Shop, from: Timestamp) -> Result<Calendar, AppError> {
        let (id, day) = (shop.id, shop.zone(from).day(from).plus(-1));
        let read = self.db.read(move |tx| {
            Box::pin(async move { store::special_days(tx, id, day, SPECIAL_DAYS_MAX).await })
        });
        let special = read.await?.into_iter().map(|stored| stored.days).collect();
        Ok(Calendar { zone: shop.zone(from), weeks: shop.weeks(), special })
    }
}
