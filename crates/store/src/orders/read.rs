//! Orders for the desk: a buyer's, newest first, and by number; and their sums, for checking an import.

use std::collections::HashMap;

use xiaoer_domain::id::{BuyerId, OrderId, ShopId};
use xiaoer_domain::orders::{
    Currency, Order, OrderDetails, OrderItem, OrderRefund, OrderState, UnitPrice,
};
use xiaoer_domain::private::Private;
use xiaoer_domain::time::Timestamp;

use crate::{Row, StoreError, Tx, args, statements};

/// Orders of one page.
pub const ORDERS_PAGE_MAX: i64 = 50;
/// A page takes no further order once it has so many items, so that long orders cost no more than short ones.
pub const ITEMS_PAGE_MAX: i64 = 500;
/// Orders with the same number: one from each source.
const SAME_NUMBER_MAX: i64 = 20;
/// Rows that are summed up in one step.
const SUM_PAGE: i64 = 5_000;
/// Before every order.
const NEWEST: OrderPlace =
    OrderPlace { at: Timestamp::from_micros(i64::MAX), id: OrderId::new(i64::MAX) };

statements! {
    pub(crate) LIST_OF_BUYER = "SELECT id, public_id, number, buyer_id, state, placed_at, currency, total, refunded,
          country, item_count, paid_at, shipped_at, finished_at, said_at, postage, courier, waybill, close_reason,
          flag, claimed_by, nick, recipient, phone, address, buyer_note, seller_memo
        FROM shop_order
        WHERE shop_id = $1 AND buyer_id = $2 AND (placed_at, id) < ($3, $4)
        ORDER BY placed_at DESC, id DESC
        LIMIT $5";
    pub(crate) LIST_BY_NUMBER = "SELECT id, public_id, number, buyer_id, state, placed_at, currency, total, refunded,
          country, item_count, paid_at, shipped_at, finished_at, said_at, postage, courier, waybill, close_reason,
          flag, claimed_by, nick, recipient, phone, address, buyer_note, seller_memo
        FROM shop_order
        WHERE shop_id = $1 AND number = $2
        ORDER BY source
        LIMIT $3";
    /// The orders of a cancellation's number. The `+` here and below: by row id, not through the whole shop.
    pub(crate) LIST_BY_REFUND = "SELECT id, public_id, number, buyer_id, state, placed_at, currency, total, refunded,
          country, item_count, paid_at, shipped_at, finished_at, said_at, postage, courier, waybill, close_reason,
          flag, claimed_by, nick, recipient, phone, address, buyer_note, seller_memo
        FROM shop_order
        WHERE +shop_id = $1
          AND id IN (SELECT r.order_id FROM order_refund r WHERE r.shop_id = $1 AND r.number = $2)
        ORDER BY id
        LIMIT $3";
    /// In the order in which they became what they are.
    pub(crate) LIST_CHANGED = "SELECT id, public_id, number, buyer_id, state, placed_at, currency, total, refunded,
          country, item_count, paid_at, shipped_at, finished_at, said_at, postage, courier, waybill, close_reason,
          flag, claimed_by, nick, recipient, phone, address, buyer_note, seller_memo, changed_at
        FROM shop_order
        WHERE shop_id = $1 AND (changed_at, id) > ($2, $3) AND changed_at <= $4
        ORDER BY changed_at, id
        LIMIT $5";
    pub(crate) ITEMS => {
        sqlite: "SELECT order_id, line, sku, title, quantity, unit_price, amount, refunded_quantity
                 FROM order_item
                 WHERE shop_id = $1 AND order_id IN (SELECT value FROM json_each($2))
                 ORDER BY order_id, line",
        postgres: "SELECT order_id, line, sku, title, quantity, unit_price, amount, refunded_quantity
                   FROM order_item
                   WHERE shop_id = $1 AND order_id = ANY($2)
                   ORDER BY order_id, line",
    };
    pub(crate) REFUNDS => {
        sqlite: "SELECT order_id, number, at, sku, quantity, amount
                 FROM order_refund
                 WHERE shop_id = $1 AND order_id IN (SELECT value FROM json_each($2))
                 ORDER BY at, number, line",
        postgres: "SELECT order_id, number, at, sku, quantity, amount
                   FROM order_refund
                   WHERE shop_id = $1 AND order_id = ANY($2)
                   ORDER BY at, number, line",
    };
    pub(crate) SUM_ORDERS = "SELECT id, state, total, refunded
        FROM shop_order
        WHERE +shop_id = $1 AND source = $2 AND id > $3
        ORDER BY id
        LIMIT $4";
    pub(crate) SUM_REFUNDS = "SELECT id, order_id, amount
        FROM order_refund
        WHERE +shop_id = $1 AND source = $2 AND id > $3
        ORDER BY id
        LIMIT $4";
}

/// The place of an order among its buyer's, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderPlace {
    /// When it was placed.
    pub at: Timestamp,
    /// Decides within one moment.
    pub id: OrderId,
}

/// Orders in one state, summed up. Minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StateSum {
    /// How many.
    pub orders: u64,
    /// Sum of their totals.
    pub total: i64,
    /// Sum of what linked refunds gave back.
    pub refunded: i64,
}

/// Refunds, summed up. Minor units, never positive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RefundSum {
    /// Lines that give back a known order line.
    pub linked: u64,
    /// Their sum.
    pub linked_amount: i64,
    /// Lines whose order is not known.
    pub unlinked: u64,
    /// Their sum.
    pub unlinked_amount: i64,
}

/// A page of a buyer's orders behind `after`, newest first, and whether more follow.
pub async fn list_orders(
    tx: &mut Tx,
    shop: ShopId,
    buyer: BuyerId,
    after: Option<OrderPlace>,
    limit: i64,
) -> Result<(Vec<Order>, bool), StoreError> {
    let after = after.unwrap_or(NEWEST);
    let limit = limit.clamp(1, ORDERS_PAGE_MAX);
    let rows = tx.all(LIST_OF_BUYER, args![shop, buyer, after.at, after.id, limit + 1]).await?;
    let (mut orders, mut items) = (Vec::with_capacity(rows.len()), 0_i64);
    for row in rows.iter().take(usize::try_from(limit).unwrap_or(usize::MAX)) {
        items = items.saturating_add(row.get("item_count")?);
        if items > ITEMS_PAGE_MAX && !orders.is_empty() {
            break;
        }
        orders.push(head(row)?);
    }
    let has_more = orders.len() < rows.len();
    Ok((with_lines(tx, shop, orders).await?, has_more))
}

/// A page of the orders that changed after a place and until a moment, with the place where each of them stands, and
/// whether more follow.
pub async fn changed_orders(
    tx: &mut Tx,
    shop: ShopId,
    after: OrderPlace,
    until: Timestamp,
    limit: i64,
) -> Result<(Vec<Order>, Option<OrderPlace>, bool), StoreError> {
    let limit = limit.clamp(1, ORDERS_PAGE_MAX);
    let values = args![shop, after.at, after.id, until, limit + 1];
    let rows = tx.all(LIST_CHANGED, values).await?;
    let (mut orders, mut items, mut last) = (Vec::with_capacity(rows.len()), 0_i64, None);
    for row in rows.iter().take(usize::try_from(limit).unwrap_or(usize::MAX)) {
        items = items.saturating_add(row.get("item_count")?);
        if items > ITEMS_PAGE_MAX && !orders.is_empty() {
            break;
        }
        let order = head(row)?;
        last = Some(OrderPlace { at: row.get("changed_at")?, id: order.id });
        orders.push(order);
    }
    let has_more = orders.len() < rows.len();
    Ok((with_lines(tx, shop, orders).await?, last, has_more))
}

/// The orders with this number, and those that a cancellation with this number gives back.
pub async fn orders_by_number(
    tx: &mut Tx,
    shop: ShopId,
    number: &str,
) -> Result<Vec<Order>, StoreError> {
    let mut rows = tx.all(LIST_BY_NUMBER, args![shop, number, SAME_NUMBER_MAX]).await?;
    if rows.is_empty() {
        rows = tx.all(LIST_BY_REFUND, args![shop, number, SAME_NUMBER_MAX]).await?;
    }
    let orders: Result<Vec<Order>, StoreError> = rows.iter().map(head).collect();
    with_lines(tx, shop, orders?).await
}

/// A step of summing up the orders of a source, by state: from behind row `after` on. Gives the row it came to, until
/// there is none left.
pub async fn sum_orders(
    tx: &mut Tx,
    shop: ShopId,
    source: &str,
    after: i64,
    sums: &mut HashMap<OrderState, StateSum>,
) -> Result<Option<i64>, StoreError> {
    let rows = tx.all(SUM_ORDERS, args![shop, source, after, SUM_PAGE]).await?;
    for row in &rows {
        let sum = sums.entry(state(row)?).or_default();
        sum.orders += 1;
        sum.total += row.get::<i64>("total")?;
        sum.refunded += row.get::<i64>("refunded")?;
    }
    rows.last().map(|row| row.get("id")).transpose()
}

/// A step of summing up the refunds of a source, as [`sum_orders`].
pub async fn sum_refunds(
    tx: &mut Tx,
    shop: ShopId,
    source: &str,
    after: i64,
    sum: &mut RefundSum,
) -> Result<Option<i64>, StoreError> {
    let rows = tx.all(SUM_REFUNDS, args![shop, source, after, SUM_PAGE]).await?;
    for row in &rows {
        let amount: i64 = row.get("amount")?;
        let (count, total) = match row.get::<Option<OrderId>>("order_id")? {
            Some(_) => (&mut sum.linked, &mut sum.linked_amount),
            None => (&mut sum.unlinked, &mut sum.unlinked_amount),
        };
        *count += 1;
        *total += amount;
    }
    rows.last().map(|row| row.get("id")).transpose()
}

pub(super) fn state(row: &Row) -> Result<OrderState, StoreError> {
    state_in(row, "state")
}

pub(super) fn state_in(row: &Row, column: &'static str) -> Result<OrderState, StoreError> {
    row.parse(column, |word: String| OrderState::from_word(&word).ok_or("no state of an order"))
}

fn head(row: &Row) -> Result<Order, StoreError> {
    Ok(Order {
        id: row.get("id")?,
        public_id: row.get("public_id")?,
        number: row.get("number")?,
        buyer: row.get("buyer_id")?,
        state: state(row)?,
        placed_at: row.get("placed_at")?,
        currency: row.parse("currency", |code: String| Currency::parse(&code))?,
        total: row.get("total")?,
        refunded: row.get("refunded")?,
        country: row.get("country")?,
        details: details(row)?,
        is_claimed: row.get::<Option<i64>>("claimed_by")?.is_some(),
        items: Vec::new(),
        refunds: Vec::new(),
    })
}

fn details(row: &Row) -> Result<OrderDetails, StoreError> {
    let private = |column: &'static str| -> Result<Option<Private>, StoreError> {
        Ok(row.get::<Option<String>>(column)?.map(Private::new))
    };
    Ok(OrderDetails {
        paid_at: row.get("paid_at")?,
        shipped_at: row.get("shipped_at")?,
        finished_at: row.get("finished_at")?,
        said_at: row.get("said_at")?,
        postage: row.get("postage")?,
        courier: row.get("courier")?,
        waybill: row.get("waybill")?,
        close_reason: row.get("close_reason")?,
        flag: row.get("flag")?,
        nick: private("nick")?,
        recipient: private("recipient")?,
        phone: private("phone")?,
        address: private("address")?,
        buyer_note: private("buyer_note")?,
        seller_memo: private("seller_memo")?,
    })
}

async fn with_lines(
    tx: &mut Tx,
    shop: ShopId,
    mut orders: Vec<Order>,
) -> Result<Vec<Order>, StoreError> {
    if orders.is_empty() {
        return Ok(orders);
    }
    let ids: Vec<OrderId> = orders.iter().map(|order| order.id).collect();
    let at: HashMap<OrderId, usize> = ids.iter().copied().zip(0..).collect();
    let place = |row: &Row| -> Result<usize, StoreError> {
        let order = row.get("order_id")?;
        let place = at.get(&order).copied();
        place.ok_or_else(|| row.inconsistent("order_id", "an order that was not asked for"))
    };
    for row in tx.all(ITEMS, args![shop, ids.clone()]).await? {
        orders[place(&row)?].items.push(OrderItem {
            line: row.get("line")?,
            sku: row.get("sku")?,
            title: row.get("title")?,
            quantity: row.get("quantity")?,
            unit_price: row.parse("unit_price", |text: String| UnitPrice::parse(&text))?,
            amount: row.get("amount")?,
            refunded_quantity: row.get("refunded_quantity")?,
        });
    }
    for row in tx.all(REFUNDS, args![shop, ids]).await? {
        orders[place(&row)?].refunds.push(OrderRefund {
            number: row.get("number")?,
            at: row.get("at")?,
            sku: row.get("sku")?,
            quantity: row.get("quantity")?,
            amount: row.get("amount")?,
        });
    }
    Ok(orders)
}
