//! An order as the desk shows it, and the states it goes through.

use super::money::{Currency, UnitPrice};
use crate::id::{BuyerId, OrderId, PublicId};
use crate::private::Private;
use crate::time::Timestamp;

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OrderState {
    /// Placed, not paid.
    Unpaid,
    /// Paid, not sent.
    Paid,
    /// On its way.
    Shipped,
    /// Received, or old enough to count as received.
    Completed,
    /// Ended without goods or money changing hands.
    Closed,
    /// Something was given back.
    PartlyRefunded,
    /// Everything that was paid for was given back.
    Refunded,
}

/// How much of the paid pieces of an order came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// Pieces on lines with an amount; what was free cannot be refunded.
    pub paid: i64,
    /// Of those, pieces that linked refunds gave back.
    pub returned: i64,
    /// Reads as: a refund of any kind is linked.
    pub has_refund: bool,
}

impl OrderState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Unpaid,
        Self::Paid,
        Self::Shipped,
        Self::Completed,
        Self::Closed,
        Self::PartlyRefunded,
        Self::Refunded,
    ];

    /// The word on the wire and in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unpaid => "unpaid",
            Self::Paid => "paid",
            Self::Shipped => "shipped",
            Self::Completed => "completed",
            Self::Closed => "closed",
            Self::PartlyRefunded => "partly_refunded",
            Self::Refunded => "refunded",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// The state that the refunds linked now ask for; `self` is the state as its source says it. A refund can also
    /// become unlinked again, when a later import corrects it; the order then stands as its source says.
    #[must_use]
    pub const fn with_refunds(self, given: Given) -> Self {
        if !given.has_refund {
            return self;
        }
        if given.returned >= given.paid { Self::Refunded } else { Self::PartlyRefunded }
    }
}

/// An order with its lines and the refunds that belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its row.
    pub id: OrderId,
    /// Its name on the wire.
    pub public_id: PublicId,
    /// Number in the shop.
    pub number: String,
    /// Whose it is, where the source says so.
    pub buyer: Option<BuyerId>,
    /// Where it stands.
    pub state: OrderState,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// Of every amount in it.
    pub currency: Currency,
    /// Sum of the items' amounts, minor units.
    pub total: i64,
    /// Sum given back, minor units, never negative.
    pub refunded: i64,
    /// Where it went, as the source words it.
    pub country: Option<String>,
    /// What else the source says of it.
    pub details: OrderDetails,
    /// Reads as: staff said whose it is, not the source.
    pub is_claimed: bool,
    /// Its lines, in the order of the source.
    pub items: Vec<OrderItem>,
    /// Refunded lines, oldest first.
    pub refunds: Vec<OrderRefund>,
}

/// What a source says of an order beside its lines: who receives it, how it travels, what was noted. A source says
/// what it knows and leaves out the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderDetails {
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// When it was sent.
    pub shipped_at: Option<Timestamp>,
    /// When it was received, or counted as received.
    pub finished_at: Option<Timestamp>,
    /// When the source told this, where it says so.
    pub said_at: Option<Timestamp>,
    /// Postage within the total, minor units.
    pub postage: Option<i64>,
    /// Who carries the parcel.
    pub courier: Option<String>,
    /// The courier's number of the parcel.
    pub waybill: Option<String>,
    /// Why it was closed, in the words of the source.
    pub close_reason: Option<String>,
    /// Colour or grade of the seller's flag, in the words of the source.
    pub flag: Option<String>,
    /// The buyer's name at the source, often masked. It identifies nobody.
    pub nick: Option<Private>,
    /// Who receives it.
    pub recipient: Option<Private>,
    /// The recipient's number.
    pub phone: Option<Private>,
    /// Where it goes.
    pub address: Option<Private>,
    /// What the buyer asked for.
    pub buyer_note: Option<Private>,
    /// What the seller noted.
    pub seller_memo: Option<Private>,
}

impl OrderDetails {
    /// The latest of the moments it tells.
    #[must_use]
    pub fn latest_moment(&self) -> Option<Timestamp> {
        [self.paid_at, self.shipped_at, self.finished_at].into_iter().flatten().max()
    }
}

/// One line of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderItem {
    /// Number in its order, from 1.
    pub line: i64,
    /// Stock code.
    pub sku: String,
    /// Title at the time of the order.
    pub title: String,
    /// Pieces.
    pub quantity: i64,
    /// Price of a piece.
    pub unit_price: UnitPrice,
    /// Minor units; authoritative.
    pub amount: i64,
    /// Pieces that linked refunds gave back.
    pub refunded_quantity: i64,
}

/// One refunded line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRefund {
    /// Number of its document in the shop.
    pub number: String,
    /// When.
    pub at: Timestamp,
    /// Stock code.
    pub sku: String,
    /// Pieces, positive.
    pub quantity: i64,
    /// Minor units, never positive.
    pub amount: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Given = Given { paid: 6, returned: 0, has_refund: false };

    #[test]
    fn states_read_back_from_their_words() {
        for state in OrderState::ALL {
            assert_eq!(OrderState::from_word(state.word()), Some(state));
        }
        assert_eq!(OrderState::from_word("lost"), None);
    }

    #[test]
    fn a_completed_order_is_partly_and_then_wholly_refunded() {
        let some = Given { returned: 2, has_refund: true, ..NOTHING };
        let all = Given { returned: 6, has_refund: true, ..NOTHING };
        assert_eq!(OrderState::Completed.with_refunds(NOTHING), OrderState::Completed);
        assert_eq!(OrderState::Completed.with_refunds(some), OrderState::PartlyRefunded);
        assert_eq!(OrderState::PartlyRefunded.with_refunds(all), OrderState::Refunded);
    }

    #[test]
    fn without_a_refund_an_order_stands_as_its_source_says() {
        for state in OrderState::ALL {
            assert_eq!(state.with_refunds(NOTHING), state);
        }
    }
}
