//! Orders as a shop's own program tells them, by key or by signed hook: checked field by field, all taken or none,
//! stored by the same way as an import's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use xiaoer_domain::id::PublicId;
use xiaoer_domain::orders::{
    Currency, ImportedItem, ImportedOrder, ImportedRefund, ImportedRefundLine, OrderDetails,
    OrderState, UnitPrice,
};
use xiaoer_domain::private::Private;
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::keys as wire;
use xiaoer_store::StoreError;

use super::chunk::write_told;
use super::import::ImportError;
use super::read_ahead::{Chunk, ReadOrder, ReadRefund};
use crate::platform::Shop;
use crate::{App, AppError};

/// Most orders of one request.
pub const TOLD_ORDERS_MAX: usize = 100;
/// Most lines of one order.
const ITEMS_MAX: usize = 500;
/// Refunds of one order.
const REFUNDS_MAX: usize = 100;
/// Characters of a number, code or name.
const SHORT_CHARS_MAX: usize = 100;
/// Characters of a title, address or note.
const LONG_CHARS_MAX: usize = 500;
/// Greatest amount: far beyond any order, and no sum of lines leaves 64 bits.
const AMOUNT_MAX: i64 = 1_000_000_000_000;
/// Most pieces of a line.
const QUANTITY_MAX: i64 = 1_000_000;
/// How often it is tried when others store the same orders at the same moment.
const TRIES_MAX: u32 = 4;
/// Who numbered these orders.
pub(super) const SOURCE: &str = "rest";

/// What is wrong with which field.
type Faults = Vec<serde_json::Value>;

impl App {
    /// Takes orders as a shop's program tells them.
    ///
    /// # Errors
    /// `bad_request` with `params.errors`, each with `order`, `field` and `reason`: then nothing was taken. `too_many`.
    pub async fn take_orders(
        &self,
        shop: &Shop,
        told: wire::ToldOrders,
    ) -> Result<wire::Taken, AppError> {
        if told.orders.len() > TOLD_ORDERS_MAX {
            let params = serde_json::json!({ "max": TOLD_ORDERS_MAX });
            return Err(AppError::Refused { code: ErrorCode::TooMany, params: Some(params) });
        }
        let now = self.clock.now();
        let currency = shop.setting("currency", now).to_owned();
        let (mut faults, mut chunk) = (Faults::new(), Chunk::default());
        for (at, mut order) in told.orders.into_iter().enumerate() {
            let before = faults.len();
            let refunds = std::mem::take(&mut order.refunds);
            let Some(order) = read(at, order, &currency, &mut faults) else { continue };
            let refunds = read_refunds(at, &order, refunds, &mut faults);
            if chunk.orders.iter().any(|known| known.order.number == order.number) {
                fault(&mut faults, at, "number", "twice");
            }
            if faults.len() == before {
                self.add(&mut chunk, order, now);
                chunk.refunds.extend(refunds.into_iter().map(|refund| {
                    let hash = refund.content_hash();
                    ReadRefund { refund, hash }
                }));
            }
        }
        if !faults.is_empty() || chunk.orders.is_empty() {
            let params = serde_json::json!({ "field": "orders", "errors": faults });
            return Err(AppError::Refused { code: ErrorCode::BadRequest, params: Some(params) });
        }
        let taken = self.store_told(shop, Arc::new(chunk), now).await?;
        let orders = taken
            .into_iter()
            .map(|(number, outcome)| wire::TakenOrder { number, outcome: outcome.to_owned() });
        Ok(wire::Taken { orders: orders.collect() })
    }

    fn add(&self, chunk: &mut Chunk, order: ImportedOrder, now: Timestamp) {
        let new_id = || PublicId::v7(now, self.chance.bytes());
        if let Some(buyer) = order.buyer_ref.clone() {
            chunk.buyers.entry(buyer).or_insert_with(new_id);
        }
        let Some(total) = order.total() else { return };
        let (hash, public_id) = (order.content_hash(), new_id());
        chunk.lines += order.items.len() as u64;
        chunk.orders.push(ReadOrder { order, total, hash, public_id });
    }

    async fn store_told(
        &self,
        shop: &Shop,
        chunk: Arc<Chunk>,
        now: Timestamp,
    ) -> Result<Vec<(String, &'static str)>, AppError> {
        let (shop, mut tries) = (shop.id, 0);
        loop {
            tries += 1;
            let chunk = Arc::clone(&chunk);
            let stored = self.db.write(move |tx| {
                let chunk = Arc::clone(&chunk);
                Box::pin(async move { write_told(tx, shop, SOURCE, &chunk, now).await })
            });
            match stored.await {
                // Somebody else stored one of these orders a moment ago: now it is seen, and compared.
                Err(ImportError::Store(StoreError::Unique { .. })) if tries < TRIES_MAX => {}
                Err(ImportError::Store(error)) => return Err(error.into()),
                Err(_) => return Err(AppError::refused(ErrorCode::Unavailable)),
                Ok(taken) => return Ok(taken),
            }
        }
    }
}

/// The refunds of an order: each of its own number, of lines that the order has, and of no more pieces than those had.
fn read_refunds(
    at: usize,
    order: &ImportedOrder,
    told: Vec<wire::ToldRefund>,
    faults: &mut Faults,
) -> Vec<ImportedRefund> {
    if told.len() > REFUNDS_MAX || (!told.is_empty() && order.buyer_ref.is_none()) {
        fault(faults, at, if told.len() > REFUNDS_MAX { "refunds" } else { "buyer_ref" }, "count");
        return Vec::new();
    }
    let mut left: BTreeMap<&str, i64> = BTreeMap::new();
    for item in &order.items {
        *left.entry(&item.sku).or_default() += item.quantity;
    }
    let (mut refunds, mut numbers) = (Vec::with_capacity(told.len()), BTreeSet::new());
    for (place, refund) in told.into_iter().enumerate() {
        let number = refund.number.trim().to_owned();
        let mut wrong = |field: String, reason: &str| {
            fault(faults, at, &format!("refunds[{place}].{field}"), reason);
        };
        if number.is_empty() || !fits(&number, SHORT_CHARS_MAX) || !numbers.insert(number.clone()) {
            wrong("number".to_owned(), "text");
        }
        if refund.lines.is_empty() || refund.lines.len() > ITEMS_MAX {
            wrong("lines".to_owned(), "count");
        }
        let mut lines = Vec::with_capacity(refund.lines.len().min(ITEMS_MAX));
        for (line, told) in refund.lines.iter().take(ITEMS_MAX).enumerate() {
            match left.get_mut(told.sku.trim()) {
                None => wrong(format!("lines[{line}].sku"), "item"),
                Some(pieces) if told.quantity < 1 || told.quantity > *pieces => {
                    wrong(format!("lines[{line}].quantity"), "number");
                }
                Some(pieces) => *pieces -= told.quantity,
            }
            if !(0..=AMOUNT_MAX).contains(&told.amount) {
                wrong(format!("lines[{line}].amount"), "amount");
                continue;
            }
            lines.push(ImportedRefundLine {
                sku: told.sku.trim().to_owned(),
                quantity: told.quantity,
                amount: -told.amount,
                at: Timestamp::from_micros(refund.at),
            });
        }
        check_time(faults, at, &format!("refunds[{place}].at"), Some(refund.at));
        refunds.push(ImportedRefund {
            number,
            buyer_ref: order.buyer_ref.clone(),
            order: Some(order.number.clone()),
            currency: order.currency,
            lines,
        });
    }
    refunds
}

fn fault(faults: &mut Faults, order: usize, field: &str, reason: &str) {
    faults.push(serde_json::json!({ "order": order, "field": field, "reason": reason }));
}

/// An order as the house knows it; what is wrong is added to the faults.
fn read(
    at: usize,
    told: wire::ToldOrder,
    currency: &str,
    faults: &mut Faults,
) -> Option<ImportedOrder> {
    let number = told.number.trim().to_owned();
    if !fits(&number, SHORT_CHARS_MAX) || number.is_empty() {
        fault(faults, at, "number", "text");
    }
    let state = OrderState::from_word(&told.state);
    if state.is_none() {
        fault(faults, at, "state", "word");
    }
    let currency = Currency::parse(told.currency.as_deref().unwrap_or(currency)).ok();
    if currency.is_none() {
        fault(faults, at, "currency", "code");
    }
    for (field, time) in
        [("updated_at", Some(told.updated_at)), ("placed_at", Some(told.placed_at))]
    {
        check_time(faults, at, field, time);
    }
    for (field, amount) in [("total", told.total), ("postage", told.postage)] {
        if amount.is_some_and(|amount| !(0..=AMOUNT_MAX).contains(&amount)) {
            fault(faults, at, field, "amount");
        }
    }
    if told.items.is_empty() || told.items.len() > ITEMS_MAX {
        fault(faults, at, "items", "count");
    }
    let buyer_ref = told.buyer_ref.map(|text| text.trim().to_owned()).filter(|t| !t.is_empty());
    if buyer_ref.as_deref().is_some_and(|text| !fits(text, SHORT_CHARS_MAX)) {
        fault(faults, at, "buyer_ref", "text");
    }
    let currency = currency?;
    let items = items(at, &told.items, currency, faults);
    let sum: i64 = items.iter().map(|item| item.amount).sum::<i64>() + told.postage.unwrap_or(0);
    let details = Details {
        address: told.address,
        shipment: told.shipment,
        times: (told.updated_at, told.paid_at, told.finished_at),
        postage: told.postage,
        notes: (told.buyer_note, told.seller_memo),
    };
    Some(ImportedOrder {
        number,
        buyer_ref,
        placed_at: Timestamp::from_micros(told.placed_at),
        currency,
        country: None,
        state: state?,
        stated_total: Some(told.total.unwrap_or(sum)),
        details: details.read(at, faults),
        items,
    })
}

fn items(
    at: usize,
    told: &[wire::ToldItem],
    currency: Currency,
    faults: &mut Faults,
) -> Vec<ImportedItem> {
    let mut items = Vec::with_capacity(told.len().min(ITEMS_MAX));
    for (line, item) in told.iter().take(ITEMS_MAX).enumerate() {
        let mut wrong = |field: &str, reason: &str| {
            fault(faults, at, &format!("items[{line}].{field}"), reason);
        };
        if !fits(&item.sku, SHORT_CHARS_MAX) || item.sku.trim().is_empty() {
            wrong("sku", "text");
        }
        if !fits(&item.title, LONG_CHARS_MAX) {
            wrong("title", "text");
        }
        if !(1..=QUANTITY_MAX).contains(&item.quantity) {
            wrong("quantity", "number");
            continue;
        }
        if !(0..=AMOUNT_MAX).contains(&item.amount) {
            wrong("amount", "amount");
            continue;
        }
        items.push(ImportedItem {
            sku: item.sku.trim().to_owned(),
            title: item.title.trim().to_owned(),
            quantity: item.quantity,
            unit_price: UnitPrice::of_each(item.amount, item.quantity, currency),
            amount: item.amount,
        });
    }
    items
}

/// What an order says beside its lines.
struct Details {
    address: Option<wire::ToldAddress>,
    shipment: Option<wire::ToldShipment>,
    /// Told, paid, received.
    times: (i64, Option<i64>, Option<i64>),
    postage: Option<i64>,
    /// Buyer's, seller's.
    notes: (Option<String>, Option<String>),
}

impl Details {
    fn read(self, at: usize, faults: &mut Faults) -> OrderDetails {
        let (name, phone, address) = match self.address {
            Some(wire::ToldAddress { name, phone, text }) => (name, phone, text),
            None => (None, None, None),
        };
        let (courier, waybill, shipped_at) = match self.shipment {
            Some(wire::ToldShipment { courier, waybill, shipped_at }) => {
                (courier, waybill, shipped_at)
            }
            None => (None, None, None),
        };
        let (said, paid, finished) = self.times;
        let named =
            [("paid_at", paid), ("shipment.shipped_at", shipped_at), ("finished_at", finished)];
        for (field, time) in named {
            check_time(faults, at, field, time);
        }
        let texts = BTreeMap::from([
            ("address.name", (&name, SHORT_CHARS_MAX)),
            ("address.phone", (&phone, SHORT_CHARS_MAX)),
            ("address.text", (&address, LONG_CHARS_MAX)),
            ("shipment.courier", (&courier, SHORT_CHARS_MAX)),
            ("shipment.waybill", (&waybill, SHORT_CHARS_MAX)),
            ("buyer_note", (&self.notes.0, LONG_CHARS_MAX)),
            ("seller_memo", (&self.notes.1, LONG_CHARS_MAX)),
        ]);
        for (field, (text, chars_max)) in texts {
            if text.as_deref().is_some_and(|text| !fits(text, chars_max)) {
                fault(faults, at, field, "text");
            }
        }
        let time = |at: Option<i64>| at.map(Timestamp::from_micros);
        OrderDetails {
            paid_at: time(paid),
            shipped_at: time(shipped_at),
            finished_at: time(finished),
            said_at: time(Some(said)),
            postage: self.postage,
            courier: filled(courier),
            waybill: filled(waybill),
            recipient: filled(name).map(Private::new),
            phone: filled(phone).map(Private::new),
            address: filled(address).map(Private::new),
            buyer_note: filled(self.notes.0).map(Private::new),
            seller_memo: filled(self.notes.1).map(Private::new),
            ..OrderDetails::default()
        }
    }
}

/// Times lie between 2000 and 2100: seconds or milliseconds told as microseconds are noticed.
fn check_time(faults: &mut Faults, at: usize, field: &str, time: Option<i64>) {
    const SINCE: i64 = 946_684_800_000_000;
    const UNTIL: i64 = 4_102_444_800_000_000;
    if time.is_some_and(|time| !(SINCE..UNTIL).contains(&time)) {
        fault(faults, at, field, "microseconds");
    }
}

fn fits(text: &str, chars_max: usize) -> bool {
    text.chars().count() <= chars_max && !text.chars().any(|c| c.is_control() && c != '\n')
}

fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}
