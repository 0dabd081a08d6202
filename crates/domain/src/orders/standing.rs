//! Which of two tellings of an order is the newer one, and the state of an order whose parts differ.

use super::order::OrderState;
use crate::time::Timestamp;

/// How far an order has come, by one telling of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The state as its source says it.
    pub state: OrderState,
    /// The latest of the moments it tells: paid, sent, finished.
    pub moment: Option<Timestamp>,
    /// When it was told, where the source itself says so.
    pub said_at: Option<Timestamp>,
}

impl Standing {
    /// Whether this telling may replace the stored one. Where both say when they were told, the later one holds. Else
    /// the one that has come further holds: an older file never takes a step back. Among equals the last to come holds.
    #[must_use]
    pub fn replaces(&self, stored: &Self) -> bool {
        if let Some((said, stored_said)) = self.said_at.zip(stored.said_at) {
            return said >= stored_said;
        }
        let (step, stored_step) = (self.state.step(), stored.state.step());
        match step.cmp(&stored_step) {
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Equal => {
                let times = self.moment.zip(stored.moment);
                times.is_none_or(|(moment, stored)| moment >= stored)
            }
        }
    }
}

impl OrderState {
    /// How far along the usual way it stands.
    const fn step(self) -> u8 {
        match self {
            Self::Unpaid => 0,
            Self::Paid => 1,
            Self::Shipped => 2,
            Self::Completed | Self::PartlyRefunded => 3,
            Self::Refunded | Self::Closed => 4,
        }
    }

    /// The state of an order from those of its parts: closed only if every part is, given back as far as its parts
    /// were, and else as far as the slowest part. None: there is no part.
    #[must_use]
    pub fn of_parts(parts: &[Self]) -> Option<Self> {
        let is_over = |state: &Self| matches!(state, Self::Closed | Self::Refunded);
        let slowest = parts.iter().copied().filter(|s| !is_over(s)).min_by_key(|s| s.step());
        let some_back = parts.iter().any(|s| matches!(s, Self::Refunded | Self::PartlyRefunded));
        match slowest {
            None if some_back => Some(Self::Refunded),
            None => parts.first().copied(),
            Some(_) if some_back => Some(Self::PartlyRefunded),
            slowest => slowest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(state: OrderState, moment: Option<i64>, said_at: Option<i64>) -> Standing {
        let time = |at: Option<i64>| at.map(Timestamp::from_micros);
        Standing { state, moment: time(moment), said_at: time(said_at) }
    }

    #[test]
    fn an_older_telling_takes_no_step_back() {
        let shipped = told(OrderState::Shipped, Some(20), None);
        assert!(!told(OrderState::Paid, Some(10), None).replaces(&shipped));
        assert!(told(OrderState::Completed, Some(30), None).replaces(&shipped));
        assert!(told(OrderState::Closed, None, None).replaces(&shipped));
        assert!(!shipped.replaces(&told(OrderState::Closed, None, None)));
    }

    #[test]
    fn within_one_state_the_later_moment_holds_and_equals_are_replaced() {
        let shipped = told(OrderState::Shipped, Some(20), None);
        assert!(shipped.replaces(&shipped));
        assert!(!told(OrderState::Shipped, Some(19), None).replaces(&shipped));
        assert!(told(OrderState::Shipped, None, None).replaces(&shipped));
    }

    #[test]
    fn a_source_that_says_when_it_told_is_believed() {
        let stored = told(OrderState::Shipped, Some(20), Some(50));
        assert!(told(OrderState::Paid, None, Some(51)).replaces(&stored));
        assert!(!told(OrderState::Completed, None, Some(49)).replaces(&stored));
        assert!(!told(OrderState::Paid, None, None).replaces(&stored));
    }

    #[test]
    fn parts_that_differ_are_as_far_as_the_slowest() {
        use OrderState::{Closed, Completed, Paid, PartlyRefunded, Refunded, Shipped};
        let of = OrderState::of_parts;
        assert_eq!(of(&[Shipped, Paid]), Some(Paid));
        assert_eq!(of(&[Closed, Completed]), Some(Completed));
        assert_eq!(of(&[Closed, Closed]), Some(Closed));
        assert_eq!(of(&[Refunded, Completed]), Some(PartlyRefunded));
        assert_eq!(of(&[Refunded, Closed]), Some(Refunded));
        assert_eq!(of(&[]), None);
    }
}
