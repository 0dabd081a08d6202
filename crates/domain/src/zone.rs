//! Where a clock hangs: local days and times of day, and the moments they are. The database of zones is compiled in.

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;

use crate::time::Timestamp;

/// Minutes of a day without a change of the clock.
pub const DAY_MINUTES: u16 = 24 * 60;

/// A time zone of the IANA database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

/// A time of day in whole minutes, from 00:00 to 24:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(u16);

impl Zone {
    /// Reads a name such as `Asia/Shanghai`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        TimeZone::get(name).ok().map(Self)
    }

    /// Universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The day that a calendar there shows at a moment.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> Day {
        Day(self.clock(at).date())
    }

    /// The time that a clock there shows at a moment.
    #[must_use]
    pub fn time(&self, at: Timestamp) -> TimeOfDay {
        let time = self.clock(at).time();
        let hour = u16::try_from(time.hour()).unwrap_or(0);
        let minute = u16::try_from(time.minute()).unwrap_or(0);
        TimeOfDay(hour * 60 + minute)
    }

    /// The moment a clock there shows this time on this day. A time that the clock skips counts as that much later, one
    /// that it shows twice as the first.
    #[must_use]
    pub fn moment(&self, day: Day, time: TimeOfDay) -> Timestamp {
        let clock = day.0.to_datetime(jiff::civil::Time::midnight());
        let clock = clock.saturating_add(i64::from(time.0).minutes());
        let moment = self.0.to_ambiguous_timestamp(clock).compatible();
        moment.map_or(Timestamp::from_micros(i64::MAX), |m| {
            Timestamp::from_micros(m.as_microsecond())
        })
    }

    /// The latest moment up to `at` at which a clock there showed this time.
    #[must_use]
    pub fn last(&self, time: TimeOfDay, at: Timestamp) -> Timestamp {
        let day = self.day(at);
        let today = self.moment(day, time);
        if today <= at { today } else { self.moment(day.plus(-1), time) }
    }

    fn clock(&self, at: Timestamp) -> DateTime {
        let at = jiff::Timestamp::from_microsecond(at.micros()).unwrap_or_default();
        self.0.to_datetime(at)
    }
}

impl Day {
    /// Reads `2026-11-23`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 10).then(|| text.parse().ok().map(Self))?
    }

    /// The day as a number that reads like a date and grows with it: 20261123.
    #[must_use]
    pub fn number(self) -> i64 {
        let (month, day) = (i64::from(self.0.month()), i64::from(self.0.day()));
        i64::from(self.0.year()) * 10_000 + month * 100 + day
    }

    /// Reads what [`Day::number`] made.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        let part = |n: i64| i8::try_from(n).ok();
        let year = i16::try_from(number / 10_000).ok()?;
        Date::new(year, part(number / 100 % 100)?, part(number % 100)?).ok().map(Self)
    }

    /// Days from `earlier` to this one; negative when it is the later one.
    #[must_use]
    pub fn days_since(self, earlier: Self) -> i32 {
        earlier.0.until(self.0).map_or(0, |span| span.get_days())
    }

    /// The Monday of this day's week.
    #[must_use]
    pub fn monday(self) -> Self {
        self.plus(-i32::try_from(self.weekday()).unwrap_or(0))
    }

    /// This many days later, or earlier.
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days.days()))
    }

    /// The day of the week: 0 is Monday.
    #[must_use]
    pub fn weekday(self) -> usize {
        let number = self.0.weekday().since(Weekday::Monday);
        usize::try_from(number).unwrap_or(0)
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl TimeOfDay {
    /// When a day begins.
    pub const MIDNIGHT: Self = Self(0);

    /// Reads `09:30`, up to `24:00`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (hours, minutes) = text.split_once(':')?;
        let number = |part: &str| {
            let fits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            fits.then(|| part.parse::<u16>().ok())?
        };
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        let all = hours * 60 + minutes;
        (minutes < 60 && all <= DAY_MINUTES).then_some(Self(all))
    }

    /// From minutes since midnight, up to 24:00.
    #[must_use]
    pub const fn from_minutes(minutes: u16) -> Option<Self> {
        if minutes <= DAY_MINUTES { Some(Self(minutes)) } else { None }
    }

    /// Minutes since midnight.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

impl std::fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Timestamp {
        Timestamp::from_micros(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
    }

    #[test]
    fn the_last_half_past_three_is_today_or_yesterday() {
        let zone = Zone::parse("Asia/Shanghai").unwrap();
        let time = TimeOfDay::parse("03:30").unwrap();
        let today = moment("2026-11-22T19:30:00Z");
        assert_eq!(zone.last(time, moment("2026-11-23T08:00:00Z")), today);
        assert_eq!(zone.last(time, today), today);
        let before = moment("2026-11-22T19:29:59Z");
        assert_eq!(zone.last(time, before), moment("2026-11-21T19:30:00Z"));
    }

    #[test]
    fn a_skipped_time_is_later_and_a_doubled_one_the_first() {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        let at = |day, time| zone.moment(Day::parse(day).unwrap(), TimeOfDay::parse(time).unwrap());
        assert_eq!(at("2026-03-29", "02:30"), moment("2026-03-29T01:30:00Z"));
        assert_eq!(at("2026-10-25", "02:30"), moment("2026-10-25T00:30:00Z"));
    }

    #[test]
    fn days_and_times_read_back_and_nonsense_does_not() {
        assert_eq!(TimeOfDay::parse("24:00").unwrap().to_string(), "24:00");
        assert_eq!(Day::parse("2026-11-23").unwrap().weekday(), 0);
        for wrong in ["24:01", "9:00", "09:60", "0900", "+9:00", ""] {
            assert_eq!(TimeOfDay::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Day::parse("2026-02-30"), None);
        let day = Day::parse("2026-11-23").unwrap();
        assert_eq!((day.number(), Day::from_number(20_261_123)), (20_261_123, Some(day)));
        assert_eq!((Day::from_number(20_260_230), Day::from_number(-3)), (None, None));
        assert_eq!(day.plus(40).days_since(day), 40);
        assert_eq!(day.plus(6).monday(), day);
    }
}
