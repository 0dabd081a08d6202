//! How long a queued buyer is likely to wait.

use crate::time::Span;

/// Finished receptions without which no wait is told: better no number than an invented one.
pub const SAMPLES_MIN: usize = 5;

/// When the seats of a room are expected to free, for everybody who queues for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// For each taken seat, the soonest first: microseconds until it is expected to free.
    left: Vec<i64>,
    /// Microseconds for which a seat is held.
    mean: i64,
}

impl Outlook {
    /// Of a room whose seats are all taken. `held` is for how long each has been held, `service` how long recent ones
    /// were held until they freed.
    ///
    /// `None` when nobody holds a seat, or too few receptions have ended to know.
    #[must_use]
    pub fn of(held: &[Span], service: &[Span]) -> Option<Self> {
        if held.is_empty() || service.len() < SAMPLES_MIN {
            return None;
        }
        let mut service: Vec<i64> = service.iter().map(|span| span.micros().max(1)).collect();
        service.sort_unstable();
        // Sums from the end: the mean of all that last longer than an age is one look-up away.
        let mut above = vec![0i64; service.len() + 1];
        for at in (0..service.len()).rev() {
            above[at] = above[at + 1].saturating_add(service[at]);
        }
        let count = i64::try_from(service.len()).unwrap_or(i64::MAX);
        let mean = above[0] / count;
        let mut left: Vec<i64> = held
            .iter()
            .map(|held| {
                let age = held.micros();
                let at = service.partition_point(|span| *span <= age);
                let longer = i64::try_from(service.len() - at).unwrap_or(0);
                // Older than all that were seen: it may end any moment, and a tenth of the mean is as good a guess as any.
                if longer == 0 { mean / 10 } else { (above[at] / longer - age).max(0) }
            })
            .collect();
        left.sort_unstable();
        Some(Self { left, mean })
    }

    /// The wait of the buyer at `position`; the first is 1. Seats free one by one as their holders are expected to end,
    /// and then every mean time again.
    #[must_use]
    pub fn wait(&self, position: usize) -> Option<Span> {
        let before = position.checked_sub(1)?;
        let (round, seat) = (before / self.left.len(), before % self.left.len());
        let rounds = i64::try_from(round).unwrap_or(i64::MAX);
        Some(Span::from_micros(self.left[seat].saturating_add(rounds.saturating_mul(self.mean))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spans(seconds: &[u32]) -> Vec<Span> {
        seconds.iter().map(|s| Span::seconds(*s)).collect()
    }

    #[test]
    fn too_few_receptions_tell_nothing() {
        assert_eq!(Outlook::of(&spans(&[10]), &spans(&[60; 4])), None);
        assert_eq!(Outlook::of(&[], &spans(&[60; 9])), None);
        assert_eq!(Outlook::of(&spans(&[10]), &spans(&[60; 9])).unwrap().wait(0), None);
    }

    #[test]
    fn of_equal_receptions_the_oldest_seat_frees_first_and_rounds_follow() {
        let outlook = Outlook::of(&spans(&[10, 40]), &spans(&[60; 5])).unwrap();
        let wait = |position| outlook.wait(position).unwrap();
        assert_eq!([1, 2, 3, 4].map(wait), [20, 50, 80, 110].map(Span::seconds));
    }

    proptest! {
        #[test]
        fn who_stands_further_back_never_waits_less(
            held in proptest::collection::vec(0u32..600, 1..40),
            service in proptest::collection::vec(1u32..600, 5..40),
        ) {
            let outlook = Outlook::of(&spans(&held), &spans(&service)).unwrap();
            let waits: Vec<_> = (1..120).map(|p| outlook.wait(p).unwrap()).collect();
            // Within a round the order of seats, across rounds the mean: a little slack where rounds meet.
            for round in waits.chunks(held.len()) {
                prop_assert!(round.is_sorted());
            }
            for (seat, wait) in waits.iter().enumerate().skip(held.len()) {
                prop_assert!(*wait >= waits[seat - held.len()]);
            }
        }
    }
}
