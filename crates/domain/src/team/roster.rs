//! The roster: who works when. A shift belongs to a day and may have several spans; what a shop has not planned is open to
//! everybody. Must never say whether an agent wants buyers: that is the agent's state.

use std::collections::BTreeMap;

use super::duty::{Calendar, Window};
use crate::coded::Coded;
use crate::id::AccountId;
use crate::time::Timestamp;
use crate::zone::{DAY_MINUTES, Day};

/// Half hours of a day.
pub const HALF_HOURS: usize = 48;
const HALF_HOUR: u16 = DAY_MINUTES / 48;

/// What kind of shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ShiftKind {
    /// 早班: the shop's day shift.
    Day,
    /// 晚班: the shop's night shift.
    Night,
    /// With spans of its own.
    Own,
}

/// One person's work on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// Who.
    pub account: AccountId,
    /// The day on which its spans begin.
    pub day: Day,
    /// What kind.
    pub kind: ShiftKind,
    /// When; the last may reach into the next day.
    pub windows: Vec<Window>,
}

/// When a shop serves, and who works around a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// When the shop serves.
    pub calendar: Calendar,
    /// Whether anybody ever said so: a shop that did not is never too late for a buyer.
    pub is_planned: bool,
    /// Shifts of the days around the moment that is asked about, at least of that day and the one before.
    pub shifts: Vec<Shift>,
}

/// Whether somebody can be given buyers at a moment, as far as hours and roster say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Yes; the reason.
    On(Coded),
    /// No; the reason.
    Off(Coded),
}

impl ShiftKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Day, Self::Night, Self::Own];

    /// The word in database and wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Night => "night",
            Self::Own => "own",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

impl Standing {
    /// Whether it is a yes.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        matches!(self, Self::On(_))
    }

    /// The reason.
    #[must_use]
    pub const fn why(&self) -> &Coded {
        match self {
            Self::On(why) | Self::Off(why) => why,
        }
    }
}

impl Duty {
    /// Whether somebody is on duty at a moment. A shift decides, also outside the shop's hours; on a day for which
    /// nobody is planned everybody is, as long as the shop serves; where hours were never set, always.
    #[must_use]
    pub fn standing(&self, account: AccountId, at: Timestamp) -> Standing {
        let today = self.calendar.zone.day(at);
        let around =
            self.shifts.iter().filter(|shift| shift.day == today || shift.day == today.plus(-1));
        let mut is_planned_day = false;
        for shift in around {
            is_planned_day |= shift.day == today;
            if shift.account == account && self.calendar.holds(&shift.windows, shift.day, at) {
                return Standing::On(Coded::plain("rostered"));
            }
        }
        if is_planned_day {
            return Standing::Off(Coded::plain("not_rostered"));
        }
        if !self.is_planned {
            return Standing::On(Coded::plain("no_hours"));
        }
        if self.calendar.is_open(at) {
            return Standing::On(Coded::plain("no_roster"));
        }
        Standing::Off(Coded::plain("shop_closed"))
    }

    /// Whether somebody is on duty at a moment.
    #[must_use]
    pub fn on_duty(&self, account: AccountId, at: Timestamp) -> bool {
        self.standing(account, at).is_on()
    }

    /// Whether the shop serves at a moment.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.calendar.is_open(at)
    }

    /// When the shop serves next.
    #[must_use]
    pub fn next_opening(&self, at: Timestamp) -> Option<Timestamp> {
        self.calendar.next_opening(at)
    }

    /// Seconds of service between two moments.
    #[must_use]
    pub fn duty_seconds(&self, from: Timestamp, to: Timestamp) -> i64 {
        self.calendar.duty_seconds(from, to)
    }
}

/// How many people work in each half hour of a day: those whose shifts cover all of it.
#[must_use]
pub fn coverage(shifts: &[Shift], day: Day) -> [u32; HALF_HOURS] {
    let mut counts = [0; HALF_HOURS];
    for shift in shifts {
        let begins = i64::from(shift.day.days_since(day)) * i64::from(DAY_MINUTES);
        for (count, half) in counts.iter_mut().zip(0_i64..) {
            let (from, to) = (half * i64::from(HALF_HOUR), (half + 1) * i64::from(HALF_HOUR));
            let works = shift.windows.iter().any(|window| {
                let (start, end) = window.minutes();
                begins + i64::from(start) <= from && to <= begins + i64::from(end)
            });
            *count += u32::from(works);
        }
    }
    counts
}

/// The half hours of a day in which the shop serves and fewer than `min` people work.
#[must_use]
pub fn gaps(windows: &[Window], counts: &[u32; HALF_HOURS], min: u32) -> Vec<usize> {
    let serves = |half: usize| {
        let from = u16::try_from(half).unwrap_or(0) * HALF_HOUR;
        windows.iter().any(|window| {
            let (start, end) = window.minutes();
            start < from + HALF_HOUR && from < end
        })
    };
    (0..HALF_HOURS).filter(|half| serves(*half) && counts[*half] < min).collect()
}

/// The same week again, so many days later.
#[must_use]
pub fn copied(week: &[Shift], days: i32) -> Vec<Shift> {
    week.iter().map(|shift| Shift { day: shift.day.plus(days), ..shift.clone() }).collect()
}

/// A week later with everybody in the place of the one who stood before them: the first takes the last one's shifts.
#[must_use]
pub fn rotated(week: &[Shift], people: &[AccountId]) -> Vec<Shift> {
    let next: BTreeMap<AccountId, AccountId> =
        people.iter().copied().zip(people.iter().copied().cycle().skip(1)).collect();
    let moved = |shift: &Shift| {
        let account = next.get(&shift.account).copied().unwrap_or(shift.account);
        Shift { account, day: shift.day.plus(7), ..shift.clone() }
    };
    week.iter().map(moved).collect()
}

#[cfg(test)]
#[path = "roster_tests.rs"]
mod tests;
