//! What a file says: orders, cancellations and the lines that were refused, free of the file's own form.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::money::{Currency, UnitPrice};
use super::order::{OrderDetails, OrderState};
use super::standing::Standing;
use crate::private::Private;
use crate::time::Timestamp;

/// Names the content of an order or cancellation: the same again changes nothing.
pub type ContentHash = [u8; 32];

/// An order as a file tells it. Every line of the file that belongs to it is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedOrder {
    /// Number in the shop.
    pub number: String,
    /// The customer's number in the shop, if the file names one.
    pub buyer_ref: Option<String>,
    /// The earliest time on its lines.
    pub placed_at: Timestamp,
    /// Of every amount in it.
    pub currency: Currency,
    /// Where it went, as the file words it.
    pub country: Option<String>,
    /// Where it stands, as the file says.
    pub state: OrderState,
    /// What is to pay or was paid, minor units, where the file says so; else it is the sum of the lines.
    pub stated_total: Option<i64>,
    /// What else the file says.
    pub details: OrderDetails,
    /// Its lines, in the order of the file.
    pub items: Vec<ImportedItem>,
}

/// One line of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedItem {
    /// Stock code.
    pub sku: String,
    /// Title as it was then.
    pub title: String,
    /// Pieces, positive.
    pub quantity: i64,
    /// Price of a piece.
    pub unit_price: UnitPrice,
    /// Minor units, never negative.
    pub amount: i64,
}

/// A cancellation as a file tells it: it names a customer and stock codes, but no order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedRefund {
    /// Number in the shop.
    pub number: String,
    /// The customer's number in the shop, if the file names one.
    pub buyer_ref: Option<String>,
    /// Number of the order it gives back, if the source names it.
    pub order: Option<String>,
    /// Of every amount in it.
    pub currency: Currency,
    /// Its lines, in the order of the file.
    pub lines: Vec<ImportedRefundLine>,
}

/// One cancelled line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedRefundLine {
    /// Stock code.
    pub sku: String,
    /// Pieces, positive.
    pub quantity: i64,
    /// Minor units, never positive.
    pub amount: i64,
    /// When.
    pub at: Timestamp,
}

impl ImportedOrder {
    /// What the file says it costs, else the sum of its lines, in minor units; None beyond 64 bits.
    #[must_use]
    pub fn total(&self) -> Option<i64> {
        if self.stated_total.is_some() {
            return self.stated_total;
        }
        self.items.iter().try_fold(0_i64, |sum, item| sum.checked_add(item.amount))
    }

    /// Changes whenever anything in it does.
    #[must_use]
    pub fn content_hash(&self) -> ContentHash {
        let mut hash = Fields::begin("order 1");
        hash.text(&self.number);
        hash.maybe(self.buyer_ref.as_deref());
        hash.number(self.placed_at.micros());
        hash.text(self.currency.code());
        hash.maybe(self.country.as_deref());
        for item in &self.items {
            hash.text(&item.sku);
            hash.text(&item.title);
            hash.number(item.quantity);
            hash.text(&item.unit_price.to_string());
            hash.number(item.amount);
        }
        self.hash_standing(&mut hash);
        hash.end()
    }

    /// How far it has come, by this telling.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let OrderDetails { said_at, .. } = self.details;
        Standing { state: self.state, moment: self.details.latest_moment(), said_at }
    }

    /// What sources of lines alone do not say. They say no more than lines, so their hashes are those of the lines.
    fn hash_standing(&self, hash: &mut Fields) {
        let OrderDetails {
            paid_at,
            shipped_at,
            finished_at,
            said_at,
            postage,
            courier,
            waybill,
            close_reason,
            flag,
            nick,
            recipient,
            phone,
            address,
            buyer_note,
            seller_memo,
        } = &self.details;
        let is_bare = self.state == OrderState::Completed && self.stated_total.is_none();
        if is_bare && self.details == OrderDetails::default() {
            return;
        }
        hash.text(self.state.word());
        let times = [paid_at, shipped_at, finished_at, said_at].map(|at| at.map(Timestamp::micros));
        for number in times.into_iter().chain([*postage, self.stated_total]) {
            hash.number(i64::from(number.is_some()));
            hash.number(number.unwrap_or_default());
        }
        for text in [courier, waybill, close_reason, flag] {
            hash.maybe(text.as_deref());
        }
        for text in [nick, recipient, phone, address, buyer_note, seller_memo] {
            hash.maybe(text.as_ref().map(Private::reveal));
        }
    }
}

impl ImportedRefund {
    /// Changes whenever anything in it does.
    #[must_use]
    pub fn content_hash(&self) -> ContentHash {
        let mut hash = Fields::begin("refund 1");
        hash.text(&self.number);
        hash.maybe(self.buyer_ref.as_deref());
        hash.text(self.currency.code());
        for line in &self.lines {
            hash.text(&line.sku);
            hash.number(line.quantity);
            hash.number(line.amount);
            hash.number(line.at.micros());
        }
        // What came in without it keeps its name.
        if let Some(order) = &self.order {
            hash.text(order);
        }
        hash.end()
    }
}

/// A line of a file that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Where it begins in the file, counted from 1 as an editor does.
    pub line: u64,
    /// Why.
    pub code: RefusalCode,
    /// The value that was in the way, shortened; empty where the code says it all.
    pub detail: String,
    /// The line as it stood in the file, its columns as comma-separated values; not every format keeps it.
    pub original: Option<Private>,
}

macro_rules! refusal_codes {
    ($($(#[$doc:meta])* $name:ident, $word:literal;)*) => {
        /// Why a line was not taken. The reader's language words it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum RefusalCode { $($(#[$doc])* $name,)* }

        impl RefusalCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable word.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// Reads the word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)* _ => None }
            }
        }
    };
}

refusal_codes! {
    /// Not as many columns as the header.
    Columns, "columns";
    /// Not UTF-8, or control characters.
    Text, "text";
    /// A field beyond its limit; the detail names it.
    TooLong, "too_long";
    /// No order number or no stock code; the detail names it.
    Missing, "missing";
    /// Not a whole number, or of the wrong sign.
    Quantity, "quantity";
    /// Not a date and time of the calendar.
    Date, "date";
    /// Not a plain decimal, or negative.
    Price, "price";
    /// Beyond 64 bits of minor units.
    Amount, "amount";
    /// Goods counted, found or lost: no order.
    StockAdjustment, "stock_adjustment";
    /// A booking, such as a bad debt: no order.
    LedgerAdjustment, "ledger_adjustment";
    /// Another line of the same order was refused, and an order is taken whole or not at all.
    OrderIncomplete, "order_incomplete";
    /// The lines of one order name different customers.
    BuyerDiffers, "buyer_differs";
    /// More lines than an order may have.
    OrderTooLong, "order_too_long";
    /// A state that is not known.
    State, "state";
    /// An order number that a spreadsheet has rounded, such as 1.23E+18.
    RoundedNumber, "rounded_number";
    /// The same line stands in the file already.
    Duplicate, "duplicate";
}

/// What an import has done so far. Counts of lines are lines of the file; amounts are minor units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// Lines read, without the header.
    pub lines: u64,
    /// Orders that were not there before.
    pub orders_new: u64,
    /// Orders that were there with other content.
    pub orders_changed: u64,
    /// Orders that were there already.
    pub orders_unchanged: u64,
    /// Orders of which something newer was there.
    pub orders_older: u64,
    /// Lines of the orders in the file.
    pub items: u64,
    /// Sum of the orders in the file.
    pub orders_amount: i64,
    /// Buyers that were not there before.
    pub buyers_new: u64,
    /// Products that were not there before.
    pub products_new: u64,
    /// Cancelled lines that were not there before.
    pub refunds_new: u64,
    /// Cancelled lines whose cancellation was there with other content.
    pub refunds_changed: u64,
    /// Cancelled lines that were there already.
    pub refunds_unchanged: u64,
    /// Sum of the cancelled lines in the file, never positive.
    pub refunds_amount: i64,
    /// Refused lines by reason.
    pub refused: BTreeMap<RefusalCode, u64>,
}

/// Hashes fields so that no two different lists of fields run together.
struct Fields(Sha256);

impl Fields {
    fn begin(kind: &str) -> Self {
        let mut fields = Self(Sha256::new());
        fields.text(kind);
        fields
    }

    fn text(&mut self, text: &str) {
        self.number(i64::try_from(text.len()).unwrap_or(i64::MAX));
        self.0.update(text.as_bytes());
    }

    fn maybe(&mut self, text: Option<&str>) {
        self.number(i64::from(text.is_some()));
        self.text(text.unwrap_or_default());
    }

    fn number(&mut self, number: i64) {
        self.0.update(number.to_be_bytes());
    }

    fn end(self) -> ContentHash {
        self.0.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> ImportedOrder {
        let unit_price = UnitPrice::parse("2.55").unwrap();
        let item = |sku: &str, title: &str| ImportedItem {
            sku: sku.into(),
            title: title.into(),
            quantity: 6,
            unit_price,
            amount: 1530,
        };
        ImportedOrder {
            number: "536365".into(),
            buyer_ref: Some("17850".into()),
            placed_at: Timestamp::from_micros(1),
            currency: Currency::parse("GBP").unwrap(),
            country: None,
            state: OrderState::Completed,
            stated_total: None,
            details: OrderDetails::default(),
            items: vec![item("A", "BC"), item("D", "E")],
        }
    }

    #[test]
    fn the_hash_tells_contents_apart_also_where_fields_meet() {
        let mut other = order();
        other.items[0].sku = "AB".into();
        other.items[0].title = "C".into();
        assert_ne!(order().content_hash(), other.content_hash());
        assert_eq!(order().content_hash(), order().content_hash());
    }

    #[test]
    fn a_missing_customer_is_not_an_empty_one() {
        let (mut none, mut empty) = (order(), order());
        none.buyer_ref = None;
        empty.buyer_ref = Some(String::new());
        assert_ne!(none.content_hash(), empty.content_hash());
    }

    #[test]
    fn every_detail_changes_the_hash_and_lines_alone_keep_theirs() {
        let bare = order().content_hash();
        let mut shipped = order();
        shipped.details.waybill = Some("SF1".into());
        assert_ne!(shipped.content_hash(), bare);
        let mut noted = shipped.clone();
        noted.details.seller_memo = Some(Private::new("SF1".into()));
        assert_ne!(noted.content_hash(), shipped.content_hash());
        let mut told_later = shipped.clone();
        told_later.details.said_at = Some(Timestamp::from_micros(9));
        assert_ne!(told_later.content_hash(), shipped.content_hash());
    }

    #[test]
    fn a_total_beyond_64_bits_is_no_total() {
        let mut order = order();
        assert_eq!(order.total(), Some(3060));
        order.items[0].amount = i64::MAX;
        assert_eq!(order.total(), None);
    }

    #[test]
    fn refusal_codes_read_back_from_their_words() {
        for code in RefusalCode::ALL {
            assert_eq!(RefusalCode::from_word(code.word()), Some(*code));
        }
    }
}
