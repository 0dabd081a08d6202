//! One line of a table, read by the layout of its file.

use csv::ByteRecord;
use xiaoer_domain::orders::{ImportedItem, OrderDetails, OrderState, RefusalCode, UnitPrice};
use xiaoer_domain::private::Private;
use xiaoer_domain::time::Timestamp;

use super::cell::{self, Unreadable};
use super::columns::{Field, Layout};
use super::states;
use crate::formats::Told;

/// What a line says of its order. What belongs to the order stands on each of its lines, or on one.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) part: Option<String>,
    pub(super) state: OrderState,
    pub(super) placed_at: Option<Timestamp>,
    pub(super) item: Option<ImportedItem>,
    pub(super) paid: Option<i64>,
    pub(super) due: Option<i64>,
    pub(super) buyer: Option<String>,
    pub(super) country: Option<String>,
    pub(super) details: OrderDetails,
}

impl Layout {
    /// Reads everything but the number of the order.
    pub(super) fn read(
        &self,
        record: &ByteRecord,
        line: u64,
        told: &Told,
    ) -> Result<Row, Unreadable> {
        let reader = Reader { layout: self, record, told };
        let details = reader.details()?;
        let (state, details) = reader.state(details)?;
        let paid = reader.amount(Field::Total)?;
        let buyer = match reader.name(Field::Buyer)? {
            Some(number) => Some(number),
            None => self.buyer_of_nick(details.nick.as_ref()),
        };
        Ok(Row {
            line,
            part: reader.name(Field::Part)?,
            state,
            placed_at: reader.time(Field::PlacedAt)?,
            item: reader.item(paid)?,
            paid,
            due: reader.amount(Field::Due)?,
            buyer: buyer.filter(|number| !cell::is_masked(number)),
            country: reader.name(Field::Country)?,
            details,
        })
    }

    /// A nick that is not masked names one customer of its marketplace. It may be another one's number elsewhere.
    fn buyer_of_nick(&self, nick: Option<&Private>) -> Option<String> {
        let nick = nick.map(Private::reveal).filter(|nick| !cell::is_masked(nick))?;
        Some(format!("{}:{nick}", self.manner.nick_source?))
    }
}

struct Reader<'r> {
    layout: &'r Layout,
    record: &'r ByteRecord,
    told: &'r Told,
}

impl Reader<'_> {
    /// The first cell of a field that says something.
    fn first<T>(
        &self,
        field: Field,
        read: impl Fn(&[u8]) -> Result<Option<T>, Unreadable>,
    ) -> Result<Option<T>, Unreadable> {
        for cell in self.layout.cells(self.record, field) {
            if let Some(said) = read(cell)? {
                return Ok(Some(said));
            }
        }
        Ok(None)
    }

    fn name(&self, field: Field) -> Result<Option<String>, Unreadable> {
        let text = self.first(field, |cell| cell::name(cell, field))?;
        Ok(text.map(|text| text.trim_start_matches('\'').to_owned()))
    }

    fn private(&self, field: Field) -> Result<Option<Private>, Unreadable> {
        self.first(field, |cell| cell::private(cell, field))
    }

    fn time(&self, field: Field) -> Result<Option<Timestamp>, Unreadable> {
        self.first(field, |cell| cell::time(cell, &self.told.zone))
    }

    fn amount(&self, field: Field) -> Result<Option<i64>, Unreadable> {
        self.first(field, |cell| cell::amount(cell, self.told.currency))
    }

    fn details(&self) -> Result<OrderDetails, Unreadable> {
        let mut details = OrderDetails {
            paid_at: self.time(Field::PaidAt)?,
            shipped_at: self.time(Field::ShippedAt)?,
            finished_at: self.time(Field::FinishedAt)?,
            said_at: self.time(Field::UpdatedAt)?,
            postage: self.amount(Field::Postage)?,
            courier: self.name(Field::Courier)?,
            waybill: self.name(Field::Waybill)?,
            close_reason: self.first(Field::CloseReason, |c| cell::words(c, Field::CloseReason))?,
            flag: self.name(Field::Flag)?,
            nick: self.private(Field::Nick)?,
            recipient: self.private(Field::Recipient)?,
            phone: self.private(Field::Phone)?,
            address: self.address()?,
            buyer_note: self.private(Field::BuyerNote)?,
            seller_memo: self.private(Field::SellerMemo)?,
        };
        if details.phone.is_none() {
            details.phone = self.private(Field::Telephone)?;
        }
        if let Some(delivery) = self.first(Field::Delivery, |c| cell::words(c, Field::Delivery))? {
            let (waybill, courier) = split_delivery(&delivery);
            details.waybill = details.waybill.or(waybill);
            details.courier = details.courier.or(courier);
        }
        Ok(details)
    }

    /// Region and street, blank between.
    fn address(&self) -> Result<Option<Private>, Unreadable> {
        let street = self.private(Field::Address)?;
        let mut parts = Vec::new();
        for cell in self.layout.cells(self.record, Field::Region) {
            if let Some(part) = cell::private(cell, Field::Region)? {
                parts.push(part.reveal().to_owned());
            }
        }
        parts.extend(street.map(|street| street.reveal().to_owned()));
        Ok((!parts.is_empty()).then(|| Private::new(parts.join(" "))))
    }

    /// Where the order stands: what its words say, else how far its times reach.
    fn state(&self, details: OrderDetails) -> Result<(OrderState, OrderDetails), Unreadable> {
        let words = self.name(Field::State)?;
        let said = match &words {
            Some(text) => {
                let known = states::read(text, &self.layout.states);
                known.ok_or_else(|| Unreadable::new(RefusalCode::State, text))?
            }
            None if self.layout.has(Field::State) => {
                return Err(Unreadable::missing(Field::State));
            }
            None => by_times(&details, self.layout),
        };
        let after = self.name(Field::Aftersale)?.and_then(|text| states::aftersale(&text));
        let is_over = matches!(said, OrderState::Closed | OrderState::Refunded);
        let state = match after {
            Some(after) if !is_over => after,
            _ => said,
        };
        Ok((state, details))
    }

    /// What was bought; None where the table says nothing of it. `paid` is the amount of the only line of an order.
    fn item(&self, paid: Option<i64>) -> Result<Option<ImportedItem>, Unreadable> {
        let title = self.first(Field::Title, |c| cell::words(c, Field::Title))?;
        let sku = self.name(Field::Sku)?;
        if title.is_none() && sku.is_none() {
            return Ok(None);
        }
        let quantity = self.first(Field::Quantity, cell::quantity)?.unwrap_or(1);
        let price = self.first(Field::UnitPrice, cell::price)?;
        let said = self.amount(Field::Amount)?;
        let currency = self.told.currency;
        let amount = match (said, price) {
            (Some(amount), _) => amount,
            (None, Some(price)) => price
                .amount(quantity, currency)
                .map_err(|_| Unreadable::new(RefusalCode::Amount, &price.to_string()))?,
            (None, None) => paid.filter(|_| self.layout.manner.is_one_line).unwrap_or_default(),
        };
        let unit_price = price.unwrap_or_else(|| UnitPrice::of_each(amount, quantity, currency));
        let mut title = title.unwrap_or_default();
        if let Some(spec) = self.first(Field::Spec, |c| cell::words(c, Field::Spec))? {
            title = format!("{title} {spec}").trim().to_owned();
        }
        Ok(Some(ImportedItem { sku: sku.unwrap_or_default(), title, quantity, unit_price, amount }))
    }
}

/// A table without a column for states: it knows no more than its times, and one without those lists what was sold.
fn by_times(details: &OrderDetails, layout: &Layout) -> OrderState {
    let knows = |field: Field| layout.has(field);
    if details.finished_at.is_some() {
        OrderState::Completed
    } else if details.shipped_at.is_some() || details.waybill.is_some() {
        OrderState::Shipped
    } else if details.paid_at.is_some() {
        OrderState::Paid
    } else if knows(Field::PaidAt) {
        OrderState::Unpaid
    } else if knows(Field::ShippedAt) || knows(Field::Waybill) {
        OrderState::Paid
    } else {
        OrderState::Completed
    }
}

/// `单号-序-公司`: the waybill, a counter and the courier.
fn split_delivery(text: &str) -> (Option<String>, Option<String>) {
    let mut parts = text.split('-').map(str::trim);
    let waybill = parts.next().filter(|part| !part.is_empty()).map(str::to_owned);
    let courier = parts.next_back().filter(|part| !part.is_empty()).map(str::to_owned);
    (waybill, courier)
}
