//! How often somebody may fail to sign in: a few tries are free, then each failure brings a longer pause. Counted for one
//! account from one address, so that nobody locks a colleague out who sits elsewhere.

use crate::time::{Span, Timestamp};

/// Failures without a pause.
pub const FREE: u32 = 5;
/// The first pause; each further failure doubles it.
const FIRST_PAUSE: Span = Span::seconds(10);
/// No pause is longer.
const LONGEST_PAUSE: Span = Span::minutes(15);
/// After this long without a failure the count begins anew.
const FORGOTTEN_AFTER: Span = Span::minutes(60);

/// The failures of one account from one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tries {
    failures: u32,
    last: Timestamp,
}

impl Tries {
    /// The first failure.
    #[must_use]
    pub const fn first(now: Timestamp) -> Self {
        Self { failures: 1, last: now }
    }

    /// One more failure.
    #[must_use]
    pub fn and_another(self, now: Timestamp) -> Self {
        if self.is_forgotten(now) {
            return Self::first(now);
        }
        Self { failures: self.failures.saturating_add(1), last: now }
    }

    /// How long the next try has to wait from now on; zero: it need not.
    #[must_use]
    pub fn pause(&self, now: Timestamp) -> Span {
        if self.failures < FREE {
            return Span::seconds(0);
        }
        let doublings = (self.failures - FREE).min(16);
        let pause = FIRST_PAUSE.times(1 << doublings).min(LONGEST_PAUSE);
        self.last.plus(pause).since(now)
    }

    /// Tries that are left before pauses begin.
    #[must_use]
    pub fn left(&self, now: Timestamp) -> u32 {
        if self.is_forgotten(now) { FREE } else { FREE.saturating_sub(self.failures) }
    }

    /// Whether it is so long ago that it no longer counts.
    #[must_use]
    pub fn is_forgotten(&self, now: Timestamp) -> bool {
        now.since(self.last) > FORGOTTEN_AFTER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(failures: u32) -> Tries {
        let now = Timestamp::from_micros(0);
        (1..failures).fold(Tries::first(now), |tries, _| tries.and_another(now))
    }

    #[test]
    fn a_few_failures_are_free_and_then_the_pauses_grow_to_a_quarter_of_an_hour() {
        let now = Timestamp::from_micros(0);
        assert_eq!((after(4).pause(now), after(4).left(now)), (Span::seconds(0), 1));
        assert_eq!((after(5).pause(now), after(5).left(now)), (Span::seconds(10), 0));
        assert_eq!(after(6).pause(now), Span::seconds(20));
        assert_eq!(after(90).pause(now), Span::minutes(15));
    }

    #[test]
    fn a_pause_passes_and_an_hour_of_peace_is_a_new_beginning() {
        let (tries, start) = (after(5), Timestamp::from_micros(0));
        assert_eq!(tries.pause(start.plus(Span::seconds(4))), Span::seconds(6));
        assert_eq!(tries.pause(start.plus(Span::seconds(10))), Span::seconds(0));
        let later = start.plus(Span::minutes(61));
        assert_eq!(tries.left(later), FREE);
        assert_eq!(tries.and_another(later), Tries::first(later));
    }
}
