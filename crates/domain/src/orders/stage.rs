//! The stage a buyer is at, as lists show it: before, during or after a purchase.

use super::OrderState;
use crate::time::{Span, Timestamp};

/// Where a buyer stands towards the latest order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// 售前: nothing bought, or long ago.
    Before,
    /// 售中: ordered, not yet received.
    During,
    /// 售后: received or given back, not long ago.
    After,
}

/// Where the stages begin: dated settings of a shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StageRules {
    /// During a purchase begins with the payment, not with the order.
    pub begins_paid: bool,
    /// After a purchase begins with the dispatch, not with the receipt.
    pub ends_shipped: bool,
    /// What was received counts as after a purchase for so long since the order.
    pub after_for: Span,
}

impl Default for StageRules {
    fn default() -> Self {
        Self { begins_paid: false, ends_shipped: false, after_for: Span::minutes(30 * 24 * 60) }
    }
}

impl Stage {
    /// All of them, in order.
    pub const ALL: [Self; 3] = [Self::Before, Self::During, Self::After];

    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Before => "pre_sales",
            Self::During => "in_sales",
            Self::After => "after_sales",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.word() == word)
    }

    /// From the state and the time of the latest order. What was received counts for a while since the order; who asks
    /// later is about to buy again.
    #[must_use]
    pub fn of(latest: Option<(OrderState, Timestamp)>, now: Timestamp, rules: &StageRules) -> Self {
        let Some((state, placed_at)) = latest else { return Self::Before };
        match state {
            OrderState::Closed => Self::Before,
            OrderState::Unpaid if rules.begins_paid => Self::Before,
            OrderState::Unpaid | OrderState::Paid => Self::During,
            OrderState::Shipped if !rules.ends_shipped => Self::During,
            OrderState::Shipped
            | OrderState::Completed
            | OrderState::PartlyRefunded
            | OrderState::Refunded => {
                if placed_at >= now.minus(rules.after_for) {
                    Self::After
                } else {
                    Self::Before
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_read_back_from_their_words() {
        for stage in Stage::ALL {
            assert_eq!(Stage::parse(stage.word()), Some(stage));
        }
        assert_eq!(Stage::parse("sales"), None);
    }

    #[test]
    fn the_latest_order_decides_and_an_old_one_is_forgotten() {
        let (now, month) = (Timestamp::from_micros(10_000_000_000_000), Span::minutes(30 * 1440));
        let rules = StageRules { after_for: month, ..StageRules::default() };
        let of = |state, at| Stage::of(Some((state, at)), now, &rules);
        assert_eq!(Stage::of(None, now, &rules), Stage::Before);
        assert_eq!(of(OrderState::Closed, now), Stage::Before);
        assert_eq!(of(OrderState::Unpaid, now), Stage::During);
        assert_eq!(of(OrderState::Shipped, now.minus(Span::minutes(90 * 1440))), Stage::During);
        assert_eq!(of(OrderState::Completed, now.minus(month)), Stage::After);
        assert_eq!(of(OrderState::Refunded, now.minus(Span::minutes(31 * 1440))), Stage::Before);
    }
    #[test]
    fn where_a_stage_begins_is_the_shops_choice() {
        let now = Timestamp::from_micros(10_000_000_000_000);
        let rules = StageRules { begins_paid: true, ends_shipped: true, ..StageRules::default() };
        let of = |state| Stage::of(Some((state, now)), now, &rules);
        assert_eq!(of(OrderState::Unpaid), Stage::Before);
        assert_eq!(of(OrderState::Paid), Stage::During);
        assert_eq!(of(OrderState::Shipped), Stage::After);
    }
}
