//! When a shop serves and who is on duty, kept in memory for a moment: whoever places a buyer asks.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use xiaoer_domain::id::ShopId;
use xiaoer_domain::team::duty::{Calendar, Week};
use xiaoer_domain::team::roster::Duty;
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_domain::zone::Day;
use xiaoer_store::StoreError;
use xiaoer_store::team::duty as store;

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
    duty: Arc<Duty>,
}

impl Duties {
    /// Hours or roster of a shop changed.
    pub(crate) fn forget(&self, shop: ShopId) {
        self.0.lock().remove(&shop);
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
        let (now, day) = (self.clock.now(), shop.zone(at).day(at));
        let kept = |kept: &Kept| kept.day == day && now.since(kept.read_at) < FRESH_FOR;
        if let Some(known) = self.duties.0.lock().get(&shop.id).filter(|known| kept(known)) {
            return Ok(Arc::clone(&known.duty));
        }
        let id = shop.id;
        let read = self.db.read(move |tx| {
            Box::pin(async move {
                let special = store::special_days(tx, id, day.plus(-1), SPECIAL_DAYS_MAX).await?;
                let shifts = store::shifts(tx, id, day.plus(-1), day.plus(1), SHIFTS_MAX).await?;
                Ok::<_, StoreError>((special, shifts))
            })
        });
        let (special, shifts) = read.await?;
        let special = special.into_iter().map(|stored| stored.days).collect();
        let calendar = Calendar { zone: shop.zone(at), weeks: shop.weeks(), special };
        let duty = Arc::new(Duty { calendar, is_planned: shop.has_hours(), shifts });
        let kept = Kept { read_at: now, day, duty: Arc::clone(&duty) };
        self.duties.0.lock().insert(shop.id, kept);
        Ok(duty)
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
