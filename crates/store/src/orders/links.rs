//! Which order line a refund gives back: what `domain` needs to decide it, and what it decided.
//!
//! A `+` before a column keeps SQLite from walking through all rows of the shop where the row id is known.

use xiaoer_domain::id::{BuyerId, OrderId, ShopId};
use xiaoer_domain::orders::{Bought, Cancelled, Given, OrderState};
use xiaoer_domain::time::Timestamp;

use super::sets::with_set;
use crate::{Row, StoreError, Tx, Value, args, statements};

statements! {
    pub(crate) REFUNDED_PAIRS => {
        sqlite: "SELECT DISTINCT buyer_id, sku FROM order_refund
                 WHERE shop_id = $1 AND source = $2 AND at >= $3
                   AND buyer_id IN (SELECT value FROM json_each($4))",
        postgres: "SELECT DISTINCT buyer_id, sku FROM order_refund
                   WHERE shop_id = $1 AND source = $2 AND at >= $3 AND buyer_id = ANY($4)",
    };
    /// A few lines of other pairs come along; the caller drops them. CROSS JOIN is SQLite's word for "in this order".
    pub(crate) BOUGHT => {
        sqlite: "SELECT o.buyer_id, o.currency, o.id, o.number, o.placed_at, i.sku, i.line, i.quantity,
                   i.refunded_quantity
                 FROM shop_order o
                 CROSS JOIN order_item i ON i.shop_id = o.shop_id AND i.order_id = o.id
                 WHERE o.shop_id = $1 AND o.source = $2
                   AND o.buyer_id IN (SELECT value FROM json_each($3))
                   AND i.sku IN (SELECT value FROM json_each($4))",
        postgres: "SELECT o.buyer_id, o.currency, o.id, o.number, o.placed_at, i.sku, i.line, i.quantity,
                     i.refunded_quantity
                   FROM shop_order o
                   JOIN order_item i ON i.shop_id = o.shop_id AND i.order_id = o.id
                   WHERE o.shop_id = $1 AND o.source = $2 AND o.buyer_id = ANY($3) AND i.sku = ANY($4)",
    };
    pub(crate) CANCELLED => {
        sqlite: "SELECT r.id, r.buyer_id, r.currency, r.sku, r.number, r.line, r.at, r.quantity, r.order_id,
                   r.order_line, r.said_order
                 FROM json_each($3) v
                 CROSS JOIN order_refund r ON r.shop_id = $1 AND r.buyer_id = v.value ->> 0
                   AND r.sku = v.value ->> 1
                 WHERE r.source = $2",
        postgres: "SELECT r.id, r.buyer_id, r.currency, r.sku, r.number, r.line, r.at, r.quantity, r.order_id,
                     r.order_line, r.said_order
                   FROM unnest($3::bigint[], $4::text[]) AS v (buyer_id, sku)
                   JOIN order_refund r ON r.shop_id = $1 AND r.buyer_id = v.buyer_id AND r.sku = v.sku
                   WHERE r.source = $2",
    };
    pub(crate) LINK_REFUNDS => {
        sqlite: "UPDATE order_refund
                 SET order_id = v.value ->> 1, order_line = v.value ->> 2
                 FROM json_each($2) v
                 WHERE +order_refund.shop_id = $1 AND order_refund.id = v.value ->> 0",
        postgres: "UPDATE order_refund AS r
                   SET order_id = v.order_id, order_line = v.order_line
                   FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS v (id, order_id, order_line)
                   WHERE r.shop_id = $1 AND r.id = v.id",
    };
    pub(crate) RETURN_PIECES => {
        sqlite: "WITH v AS MATERIALIZED (
                   SELECT $1 AS shop_id, value ->> 0 AS order_id, value ->> 1 AS line,
                     value ->> 2 AS returned
                   FROM json_each($2))
                 UPDATE order_item
                 SET refunded_quantity = v.returned
                 FROM v
                 WHERE order_item.shop_id = v.shop_id AND order_item.order_id = v.order_id
                   AND order_item.line = v.line",
        postgres: "UPDATE order_item AS i
                   SET refunded_quantity = v.returned
                   FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS v (order_id, line, returned)
                   WHERE i.shop_id = $1 AND i.order_id = v.order_id AND i.line = v.line",
    };
    pub(crate) GIVEN => {
        sqlite: "SELECT o.id, o.stated,
                   (SELECT CAST(COALESCE(SUM(i.quantity), 0) AS BIGINT) FROM order_item i
                    WHERE i.shop_id = o.shop_id AND i.order_id = o.id AND i.amount > 0) AS paid,
                   (SELECT CAST(COALESCE(SUM(i.refunded_quantity), 0) AS BIGINT) FROM order_item i
                    WHERE i.shop_id = o.shop_id AND i.order_id = o.id AND i.amount > 0) AS returned,
                   (SELECT COUNT(*) FROM order_refund r
                    WHERE r.shop_id = o.shop_id AND r.order_id = o.id) AS refunds,
                   (SELECT CAST(COALESCE(SUM(r.amount), 0) AS BIGINT) FROM order_refund r
                    WHERE r.shop_id = o.shop_id AND r.order_id = o.id) AS amount
                 FROM shop_order o
                 WHERE +o.shop_id = $1 AND o.id IN (SELECT value FROM json_each($2))",
        postgres: "SELECT o.id, o.stated,
                     (SELECT CAST(COALESCE(SUM(i.quantity), 0) AS BIGINT) FROM order_item i
                      WHERE i.shop_id = o.shop_id AND i.order_id = o.id AND i.amount > 0) AS paid,
                     (SELECT CAST(COALESCE(SUM(i.refunded_quantity), 0) AS BIGINT) FROM order_item i
                      WHERE i.shop_id = o.shop_id AND i.order_id = o.id AND i.amount > 0) AS returned,
                     (SELECT COUNT(*) FROM order_refund r
                      WHERE r.shop_id = o.shop_id AND r.order_id = o.id) AS refunds,
                     (SELECT CAST(COALESCE(SUM(r.amount), 0) AS BIGINT) FROM order_refund r
                      WHERE r.shop_id = o.shop_id AND r.order_id = o.id) AS amount
                   FROM shop_order o
                   WHERE o.shop_id = $1 AND o.id = ANY($2)",
    };
    pub(crate) SET_GIVEN => {
        sqlite: "UPDATE shop_order
                 SET state = v.value ->> 1, refunded = v.value ->> 2
                 FROM json_each($2) v
                 WHERE +shop_order.shop_id = $1 AND shop_order.id = v.value ->> 0",
        postgres: "UPDATE shop_order AS o
                   SET state = v.state, refunded = v.refunded
                   FROM unnest($2::bigint[], $3::text[], $4::bigint[]) AS v (id, state, refunded)
                   WHERE o.shop_id = $1 AND o.id = v.id",
    };
}

/// One customer's dealings in one stock code: what is linked together.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pair {
    /// Whose.
    pub buyer: BuyerId,
    /// In what.
    pub sku: String,
}

/// A bought line as it stands.
#[derive(Clone, Debug)]
pub struct StoredBought {
    /// Whose, of what.
    pub pair: Pair,
    /// Of its order.
    pub currency: String,
    /// The line.
    pub bought: Bought,
    /// Pieces that are marked as given back.
    pub returned: i64,
}

/// A cancelled line as it stands.
#[derive(Clone, Debug)]
pub struct StoredRefund {
    /// Its row.
    pub id: i64,
    /// Whose, of what.
    pub pair: Pair,
    /// Of its amount.
    pub currency: String,
    /// The line.
    pub cancelled: Cancelled,
    /// The order line that it is marked to give back.
    pub link: Option<(OrderId, i64)>,
}

/// What refunds gave back of an order.
#[derive(Clone, Copy, Debug)]
pub struct OrderGiven {
    /// Which order.
    pub order: OrderId,
    /// Its state as its source says it.
    pub state: OrderState,
    /// Pieces.
    pub given: Given,
    /// Minor units, never negative.
    pub refunded: i64,
}

/// What these buyers cancelled from `since` on: earlier cancellations cannot give back what was bought later.
pub async fn refunded_pairs(
    tx: &mut Tx,
    shop: ShopId,
    source: &str,
    since: Timestamp,
    buyers: Vec<BuyerId>,
) -> Result<Vec<Pair>, StoreError> {
    let rows = tx.all(REFUNDED_PAIRS, args![shop, source, since, buyers]).await?;
    rows.iter().map(read_pair).collect()
}

/// Everything these buyers bought of these stock codes. Not paged: a decision needs all of it.
pub async fn stored_bought(
    tx: &mut Tx,
    shop: ShopId,
    source: &str,
    pairs: &[Pair],
) -> Result<Vec<StoredBought>, StoreError> {
    let (buyers, skus) = sides(pairs);
    let rows = tx.all(BOUGHT, args![shop, source, buyers, skus]).await?;
    let read = |row: &Row| {
        let bought = Bought {
            order: row.get("id")?,
            number: row.get("number")?,
            line: row.get("line")?,
            at: row.get("placed_at")?,
            quantity: row.get("quantity")?,
        };
        let returned = row.get("refunded_quantity")?;
        Ok(StoredBought { pair: read_pair(row)?, currency: row.get("currency")?, bought, returned })
    };
    rows.iter().map(read).collect()
}

/// Everything cancelled of these pairs. Not paged: a decision needs all of it.
pub async fn stored_refunds(
    tx: &mut Tx,
    shop: ShopId,
    source: &str,
    pairs: &[Pair],
) -> Result<Vec<StoredRefund>, StoreError> {
    let columns = vec![
        Value::Ints(pairs.iter().map(|pair| Some(pair.buyer.get())).collect()),
        Value::Texts(pairs.iter().map(|pair| Some(pair.sku.clone())).collect()),
    ];
    let set = with_set(tx.dialect(), args![shop, source], columns)?;
    let rows = tx.all(CANCELLED, set).await?;
    let read = |row: &Row| {
        let cancelled = Cancelled {
            number: row.get("number")?,
            line: row.get("line")?,
            at: row.get("at")?,
            quantity: row.get("quantity")?,
            order: row.get("said_order")?,
        };
        let order: Option<OrderId> = row.get("order_id")?;
        let link = order.zip(row.get::<Option<i64>>("order_line")?);
        let (pair, currency) = (read_pair(row)?, row.get("currency")?);
        Ok(StoredRefund { id: row.get("id")?, pair, currency, cancelled, link })
    };
    rows.iter().map(read).collect()
}

/// Stores links that changed (refund, order line or none) and the pieces of lines that changed (order, line, pieces).
pub async fn apply_links(
    tx: &mut Tx,
    shop: ShopId,
    links: &[(i64, Option<(OrderId, i64)>)],
    pieces: &[(OrderId, i64, i64)],
) -> Result<(), StoreError> {
    if !links.is_empty() {
        let columns = vec![
            Value::Ints(links.iter().map(|(refund, _)| Some(*refund)).collect()),
            Value::Ints(links.iter().map(|(_, link)| link.map(|(order, _)| order.get())).collect()),
            Value::Ints(links.iter().map(|(_, link)| link.map(|(_, line)| line)).collect()),
        ];
        let set = with_set(tx.dialect(), args![shop], columns)?;
        tx.exec(LINK_REFUNDS, set).await?;
    }
    if !pieces.is_empty() {
        let columns = vec![
            Value::Ints(pieces.iter().map(|(order, _, _)| Some(order.get())).collect()),
            Value::Ints(pieces.iter().map(|(_, line, _)| Some(*line)).collect()),
            Value::Ints(pieces.iter().map(|(_, _, returned)| Some(*returned)).collect()),
        ];
        let set = with_set(tx.dialect(), args![shop], columns)?;
        tx.exec(RETURN_PIECES, set).await?;
    }
    Ok(())
}

/// What refunds gave back of these orders, as it is marked now.
pub async fn given(
    tx: &mut Tx,
    shop: ShopId,
    orders: Vec<OrderId>,
) -> Result<Vec<OrderGiven>, StoreError> {
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    let rows = tx.all(GIVEN, args![shop, orders]).await?;
    let read = |row: &Row| {
        let amount: i64 = row.get("amount")?;
        let given = Given {
            paid: row.get("paid")?,
            returned: row.get("returned")?,
            has_refund: row.get::<i64>("refunds")? > 0,
        };
        let (order, state) = (row.get("id")?, super::read::state_in(row, "stated")?);
        Ok(OrderGiven { order, state, given, refunded: -amount })
    };
    rows.iter().map(read).collect()
}

/// Stores the state of orders and what was given back of them, minor units.
pub async fn set_given(
    tx: &mut Tx,
    shop: ShopId,
    orders: &[(OrderId, OrderState, i64)],
) -> Result<(), StoreError> {
    if orders.is_empty() {
        return Ok(());
    }
    let columns = vec![
        Value::Ints(orders.iter().map(|(order, _, _)| Some(order.get())).collect()),
        Value::Texts(orders.iter().map(|(_, state, _)| Some(state.word().to_owned())).collect()),
        Value::Ints(orders.iter().map(|(_, _, refunded)| Some(*refunded)).collect()),
    ];
    let set = with_set(tx.dialect(), args![shop], columns)?;
    tx.exec(SET_GIVEN, set).await.map(drop)
}

/// The buyers and the stock codes of pairs, each once.
fn sides(pairs: &[Pair]) -> (Vec<BuyerId>, Vec<String>) {
    let mut buyers: Vec<BuyerId> = pairs.iter().map(|pair| pair.buyer).collect();
    buyers.sort_unstable();
    buyers.dedup();
    let mut skus: Vec<&str> = pairs.iter().map(|pair| pair.sku.as_str()).collect();
    skus.sort_unstable();
    skus.dedup();
    (buyers, skus.into_iter().map(str::to_owned).collect())
}

fn read_pair(row: &Row) -> Result<Pair, StoreError> {
    Ok(Pair { buyer: row.get("buyer_id")?, sku: row.get("sku")? })
}
