//! When a shop serves: spans of each weekday, days that are different, in the shop's zone. A span belongs to the day on
//! which it begins, also when it ends the next morning. docs/definitions/duty.md says the same in words.

use crate::time::{Span, Timestamp};
use crate::zone::{DAY_MINUTES, Day, TimeOfDay, Zone};

/// Spans of one day.
pub const WINDOWS_MAX: usize = 8;
/// Days that are looked ahead for the next opening: a shop that stays closed longer has none.
pub const AHEAD_DAYS: i32 = 400;

/// A span of service within a day: from a time up to, but without, another. One that ends at or before it begins ends on
/// the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    from: TimeOfDay,
    to: TimeOfDay,
}

/// Why a text is no list of spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowsError {
    /// Not of the form `08:00-12:00 13:00-24:00`.
    Unreadable,
    /// More than [`WINDOWS_MAX`].
    TooMany,
    /// Two of them overlap, or they are not in order.
    Overlap,
}

/// Seven days of spans, Monday first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Week([Vec<Window>; 7]);

/// Days that are not like others of their weekday: a holiday, or an exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecialDays {
    /// First of them.
    pub first: Day,
    /// Last of them.
    pub last: Day,
    /// When the shop serves on each; never, if empty.
    pub windows: Vec<Window>,
}

/// Everything that decides when a shop serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Where its clock hangs.
    pub zone: Zone,
    /// Its weeks, each from the moment on at which it was set, earliest first. Before the first one, the first holds.
    pub weeks: Vec<(Timestamp, Week)>,
    /// Days that are different. Of several that cover a day the shortest counts, then the last in this list.
    pub special: Vec<SpecialDays>,
}

impl Window {
    /// From a time to another; 00:00 to 24:00 is the whole day, and so is a time to itself.
    #[must_use]
    pub fn new(from: TimeOfDay, to: TimeOfDay) -> Option<Self> {
        (from.minutes() < DAY_MINUTES).then_some(Self { from, to })
    }

    /// Reads `22:00-02:00`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        Self::new(TimeOfDay::parse(from)?, TimeOfDay::parse(to)?)
    }

    /// When it begins.
    #[must_use]
    pub const fn from(self) -> TimeOfDay {
        self.from
    }

    /// When it ends.
    #[must_use]
    pub const fn to(self) -> TimeOfDay {
        self.to
    }

    /// Minutes since midnight at which it begins and ends; an end on the next day counts on.
    #[must_use]
    pub const fn minutes(self) -> (u16, u16) {
        let (from, to) = (self.from.minutes(), self.to.minutes());
        if to > from { (from, to) } else { (from, to + DAY_MINUTES) }
    }

    /// The moments at which it begins and ends when it belongs to a day. A change of the clock may leave nothing of it:
    /// then the end is not after the beginning.
    #[must_use]
    pub fn moments(self, zone: &Zone, day: Day) -> (Timestamp, Timestamp) {
        let ends = if self.to > self.from { day } else { day.plus(1) };
        (zone.moment(day, self.from), zone.moment(ends, self.to))
    }
}

impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.from, self.to)
    }
}

/// Reads `08:00-12:00 13:00-24:00`; an empty text is a day without service.
///
/// # Errors
/// [`WindowsError`].
pub fn parse_windows(text: &str) -> Result<Vec<Window>, WindowsError> {
    let windows: Option<Vec<Window>> = text.split_whitespace().map(Window::parse).collect();
    let windows = windows.ok_or(WindowsError::Unreadable)?;
    if windows.len() > WINDOWS_MAX {
        return Err(WindowsError::TooMany);
    }
    let in_order = windows.windows(2).all(|two| two[0].minutes().1 <= two[1].minutes().0);
    in_order.then_some(windows).ok_or(WindowsError::Overlap)
}

/// Writes what [`parse_windows`] reads.
#[must_use]
pub fn show_windows(windows: &[Window]) -> String {
    windows.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

impl Week {
    /// Every day the same.
    #[must_use]
    pub fn daily(windows: &[Window]) -> Self {
        Self(std::array::from_fn(|_| windows.to_vec()))
    }

    /// Every day from one minute to another; the same minute twice is the whole day.
    #[must_use]
    pub fn plain(opens: u16, closes: u16) -> Self {
        let time = |minutes| TimeOfDay::from_minutes(minutes);
        let window = time(opens).zip(time(closes)).and_then(|(from, to)| Window::new(from, to));
        Self::daily(&window.map_or_else(Vec::new, |window| vec![window]))
    }

    /// Reads seven days from Monday on with `;` between them, or one that holds for every day.
    ///
    /// # Errors
    /// [`WindowsError`] of the first day that cannot be read.
    pub fn parse(text: &str) -> Result<Self, WindowsError> {
        let days: Vec<_> = text.split(';').map(parse_windows).collect::<Result<_, _>>()?;
        match <[Vec<Window>; 7]>::try_from(days) {
            Ok(days) => Ok(Self(days)),
            Err(days) if days.len() == 1 => Ok(Self::daily(&days[0])),
            Err(_) => Err(WindowsError::Unreadable),
        }
    }

    /// The spans of a weekday: 0 is Monday.
    #[must_use]
    pub fn day(&self, weekday: usize) -> &[Window] {
        self.0.get(weekday).map_or(&[], Vec::as_slice)
    }
}

impl std::fmt::Display for Week {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.iter().map(|day| show_windows(day)).collect::<Vec<_>>().join(";"))
    }
}

impl SpecialDays {
    fn cover(&self, day: Day) -> bool {
        self.first <= day && day <= self.last
    }
}

impl Calendar {
    /// The spans of a day under a week.
    fn windows<'c>(&'c self, week: &'c Week, day: Day) -> &'c [Window] {
        let covering = self.special.iter().enumerate().filter(|(_, special)| special.cover(day));
        let best = covering
            .min_by_key(|(at, special)| (special.last.days_since(special.first), usize::MAX - at));
        best.map_or_else(|| week.day(day.weekday()), |(_, special)| &special.windows)
    }

    /// The spans of a day as it is planned at a moment.
    #[must_use]
    pub fn windows_of(&self, day: Day, at: Timestamp) -> &[Window] {
        self.week(at).map_or(&[], |week| self.windows(week, day))
    }

    fn week(&self, at: Timestamp) -> Option<&Week> {
        let set = self.weeks.iter().rev().find(|(from, _)| *from <= at);
        set.or_else(|| self.weeks.first()).map(|(_, week)| week)
    }

    /// Whether the shop serves at a moment.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        let Some(week) = self.week(at) else { return false };
        let today = self.zone.day(at);
        [today.plus(-1), today].into_iter().any(|day| self.holds(self.windows(week, day), day, at))
    }

    pub(super) fn holds(&self, windows: &[Window], day: Day, at: Timestamp) -> bool {
        windows.iter().any(|window| {
            let (from, to) = window.moments(&self.zone, day);
            from <= at && at < to
        })
    }

    /// When the shop serves next: the moment itself, if it does then. None if it stays closed for [`AHEAD_DAYS`].
    #[must_use]
    pub fn next_opening(&self, at: Timestamp) -> Option<Timestamp> {
        let until =
            self.zone.moment(self.zone.day(at).plus(AHEAD_DAYS), TimeOfDay::parse("00:00")?);
        self.spans(at, until).next().map(|(from, _)| from)
    }

    /// When the shop stops serving; None if it does not serve at that moment, or has no end in sight.
    #[must_use]
    pub fn closes_at(&self, at: Timestamp) -> Option<Timestamp> {
        let day = self.zone.day(at);
        let until = self.zone.moment(day.plus(7), TimeOfDay::parse("00:00")?);
        let mut end = at;
        for (from, to) in self.spans(at, until) {
            if from > end {
                break;
            }
            end = to;
        }
        (end > at && end < until).then_some(end)
    }

    /// Seconds of service between two moments.
    #[must_use]
    pub fn duty_seconds(&self, from: Timestamp, to: Timestamp) -> i64 {
        self.spans(from, to).map(|(from, to)| to.since(from).micros()).sum::<i64>() / 1_000_000
    }

    /// The moment at which so much service has passed since another. Without service in sight: so much later.
    #[must_use]
    pub fn after_service(&self, at: Timestamp, span: Span) -> Timestamp {
        let midnight = |days| {
            let day = self.zone.day(at).plus(days);
            TimeOfDay::from_minutes(0).map_or(at, |time| self.zone.moment(day, time))
        };
        let mut left = span.micros();
        for (from, to) in self.spans(at, midnight(AHEAD_DAYS)) {
            let here = to.since(from).micros();
            if left <= here {
                return Timestamp::from_micros(from.micros() + left);
            }
            left -= here;
        }
        at.plus(span)
    }

    /// Every span of service between two moments, cut at them, in order and apart from one another.
    fn spans(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Iterator<Item = (Timestamp, Timestamp)> + '_ {
        let first = self.zone.day(from).plus(-1);
        let days = self.zone.day(to).days_since(first).max(0);
        let mut covered = from;
        (0..=days).flat_map(move |ahead| self.spans_of(first.plus(ahead))).filter_map(
            move |(begins, ends)| {
                let (begins, ends) = (begins.max(covered), ends.min(to));
                if begins >= ends {
                    return None;
                }
                covered = ends;
                Some((begins, ends))
            },
        )
    }

    /// The spans of a day in order; one during which another week was set is cut there.
    fn spans_of(&self, day: Day) -> Vec<(Timestamp, Timestamp)> {
        let mut spans = Vec::new();
        for (at, (from, week)) in self.weeks.iter().enumerate() {
            let from = if at == 0 { Timestamp::from_micros(i64::MIN) } else { *from };
            let until = self.weeks.get(at + 1).map_or(i64::MAX, |(next, _)| next.micros());
            let until = Timestamp::from_micros(until);
            spans.extend(self.windows(week, day).iter().filter_map(|window| {
                let (begins, ends) = window.moments(&self.zone, day);
                let (begins, ends) = (begins.max(from), ends.min(until));
                (begins < ends).then_some((begins, ends))
            }));
        }
        // A time that the clock skips is later than the one after it.
        spans.sort_unstable();
        spans
    }
}

#[cfg(test)]
#[path = "duty_tests.rs"]
mod tests;
