//! Buyers, products, orders and items, written as sets.

use std::collections::HashMap;

use xiaoer_domain::id::{BuyerId, OrderId, PublicId, ShopId};
use xiaoer_domain::orders::{ContentHash, ImportedItem, ImportedOrder, Standing};
use xiaoer_domain::private::Private;
use xiaoer_domain::time::Timestamp;

use super::links::Pair;
use super::sets::with_set;
use crate::{StoreError, Tx, Value, args, statements};

statements! {
    pub(crate) FIND_BUYERS => {
        sqlite: "SELECT id, ref FROM buyer
                 WHERE shop_id = $1 AND ref IN (SELECT value FROM json_each($2))",
        postgres: "SELECT id, ref FROM buyer WHERE shop_id = $1 AND ref = ANY($2)",
    };
    pub(crate) INSERT_BUYERS => {
        sqlite: "INSERT INTO buyer (shop_id, public_id, ref, name, created_at)
                 SELECT $1, unhex(value ->> 0), value ->> 1, value ->> 1, $2
                 FROM json_each($3)
                 WHERE TRUE
                 ON CONFLICT (shop_id, ref) WHERE ref IS NOT NULL DO NOTHING
                 RETURNING id, ref",
        postgres: "INSERT INTO buyer (shop_id, public_id, ref, name, created_at)
                   SELECT $1::bigint, v.public_id, v.ref, v.ref, $2::bigint
                   FROM unnest($3::bytea[], $4::text[]) AS v (public_id, ref)
                   ON CONFLICT (shop_id, ref) WHERE ref IS NOT NULL DO NOTHING
                   RETURNING id, ref",
    };
    pub(crate) FIND_PRODUCTS => {
        sqlite: "SELECT sku, title FROM product
                 WHERE shop_id = $1 AND sku IN (SELECT value FROM json_each($2))",
        postgres: "SELECT sku, title FROM product WHERE shop_id = $1 AND sku = ANY($2)",
    };
    /// A product that was known by its stock code alone gets its first title.
    pub(crate) SAVE_PRODUCTS => {
        sqlite: "INSERT INTO product (shop_id, sku, title, created_at)
                 SELECT $1, value ->> 0, value ->> 1, $2
                 FROM json_each($3)
                 WHERE TRUE
                 ON CONFLICT (shop_id, sku) DO UPDATE SET title = excluded.title, terms_version = 0
                 WHERE product.title = ''",
        postgres: "INSERT INTO product (shop_id, sku, title, created_at)
                   SELECT $1::bigint, v.sku, v.title, $2::bigint
                   FROM unnest($3::text[], $4::text[]) AS v (sku, title)
                   ON CONFLICT (shop_id, sku) DO UPDATE SET title = excluded.title, terms_version = 0
                   WHERE product.title = ''",
    };
    pub(crate) FIND_ORDERS => {
        sqlite: "SELECT id, number, content_hash, stated, paid_at, shipped_at, finished_at, said_at
                 FROM shop_order
                 WHERE shop_id = $1 AND source = $2
                   AND number IN (SELECT value FROM json_each($3))",
        postgres: "SELECT id, number, content_hash, stated, paid_at, shipped_at, finished_at, said_at
                 FROM shop_order
                   WHERE shop_id = $1 AND source = $2 AND number = ANY($3)",
    };
    /// Not yet touched by refunds: the state is what the source says.
    pub(crate) INSERT_ORDERS => {
        sqlite: "INSERT INTO shop_order (shop_id, source, public_id, number, buyer_id, state, placed_at, currency, total,
                   refunded, country, item_count, content_hash, stated, paid_at, shipped_at, finished_at,
                   said_at, postage, courier, waybill, close_reason, flag, nick, recipient, phone,
                   address, buyer_note, seller_memo)
                 SELECT $1, $2, unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 9, value ->> 3,
                   value ->> 4, value ->> 5, 0, value ->> 6, value ->> 7, unhex(value ->> 8), value ->> 9,
                   value ->> 10, value ->> 11, value ->> 12, value ->> 13, value ->> 14, value ->> 15,
                   value ->> 16, value ->> 17, value ->> 18, value ->> 19, value ->> 20, value ->> 21,
                   value ->> 22, value ->> 23, value ->> 24
                 FROM json_each($3)
                 RETURNING id, number",
        postgres: "INSERT INTO shop_order (shop_id, source, public_id, number, buyer_id, state, placed_at, currency, total,
                     refunded, country, item_count, content_hash, stated, paid_at, shipped_at, finished_at,
                     said_at, postage, courier, waybill, close_reason, flag, nick, recipient, phone,
                     address, buyer_note, seller_memo)
                   SELECT $1::bigint, $2::text, v.public_id, v.number, v.buyer_id, v.stated, v.placed_at,
                     v.currency, v.total, 0, v.country, v.item_count, v.content_hash, v.stated, v.paid_at,
                     v.shipped_at, v.finished_at, v.said_at, v.postage, v.courier, v.waybill,
                     v.close_reason, v.flag, v.nick, v.recipient, v.phone, v.address, v.buyer_note,
                     v.seller_memo
                   FROM unnest($3::bytea[], $4::text[], $5::bigint[], $6::bigint[], $7::text[], $8::bigint[],
                       $9::text[], $10::bigint[], $11::bytea[], $12::text[], $13::bigint[], $14::bigint[],
                       $15::bigint[], $16::bigint[], $17::bigint[], $18::text[], $19::text[], $20::text[],
                       $21::text[], $22::text[], $23::text[], $24::text[], $25::text[], $26::text[],
                       $27::text[])
                     AS v (public_id, number, buyer_id, placed_at, currency, total, country, item_count,
                       content_hash, stated, paid_at, shipped_at, finished_at, said_at, postage, courier,
                       waybill, close_reason, flag, nick, recipient, phone, address, buyer_note, seller_memo)
                   RETURNING id, number",
    };
    /// Refunds are settled anew once the items stand; whose a claimed order is was said by staff and stays. What was taken
    /// away of a person does not come back, and what was put right stays. The `+`: by row id, not through the whole shop.
    pub(crate) UPDATE_ORDERS => {
        sqlite: "UPDATE shop_order
                 SET state = v.value ->> 8,
                   buyer_id = CASE WHEN claimed_by IS NULL AND personal_erased_at IS NULL THEN v.value ->> 1
                     ELSE buyer_id END,
                   placed_at = v.value ->> 2, currency = v.value ->> 3, total = v.value ->> 4,
                   country = v.value ->> 5, item_count = v.value ->> 6,
                   content_hash = unhex(v.value ->> 7), stated = v.value ->> 8, paid_at = v.value ->> 9,
                   shipped_at = v.value ->> 10, finished_at = v.value ->> 11, said_at = v.value ->> 12,
                   postage = v.value ->> 13, courier = v.value ->> 14, waybill = v.value ->> 15,
                   close_reason = v.value ->> 16, flag = v.value ->> 17,
                   nick = CASE WHEN personal_erased_at IS NULL THEN v.value ->> 18 END,
                   recipient = CASE WHEN personal_erased_at IS NULL AND corrected_at IS NULL THEN v.value ->> 19
                     ELSE recipient END,
                   phone = CASE WHEN personal_erased_at IS NULL AND corrected_at IS NULL THEN v.value ->> 20
                     ELSE phone END,
                   address = CASE WHEN personal_erased_at IS NULL AND corrected_at IS NULL THEN v.value ->> 21
                     ELSE address END,
                   buyer_note = CASE WHEN personal_erased_at IS NULL THEN v.value ->> 22 END,
                   seller_memo = CASE WHEN personal_erased_at IS NULL THEN v.value ->> 23 END
                 FROM json_each($2) v
                 WHERE +shop_order.shop_id = $1 AND shop_order.id = v.value ->> 0",
        postgres: "UPDATE shop_order AS o
                   SET state = v.stated,
                     buyer_id = CASE WHEN o.claimed_by IS NULL AND o.personal_erased_at IS NULL THEN v.buyer_id
                       ELSE o.buyer_id END,
                     placed_at = v.placed_at, currency = v.currency, total = v.total, country = v.country,
                     item_count = v.item_count, content_hash = v.content_hash, stated = v.stated,
                     paid_at = v.paid_at, shipped_at = v.shipped_at, finished_at = v.finished_at,
                     said_at = v.said_at, postage = v.postage, courier = v.courier, waybill = v.waybill,
                     close_reason = v.close_reason, flag = v.flag,
                     nick = CASE WHEN o.personal_erased_at IS NULL THEN v.nick END,
                     recipient = CASE WHEN o.personal_erased_at IS NULL AND o.corrected_at IS NULL THEN v.recipient
                       ELSE o.recipient END,
                     phone = CASE WHEN o.personal_erased_at IS NULL AND o.corrected_at IS NULL THEN v.phone
                       ELSE o.phone END,
                     address = CASE WHEN o.personal_erased_at IS NULL AND o.corrected_at IS NULL THEN v.address
                       ELSE o.address END,
                     buyer_note = CASE WHEN o.personal_erased_at IS NULL THEN v.buyer_note END,
                     seller_memo = CASE WHEN o.personal_erased_at IS NULL THEN v.seller_memo END
                   FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::text[],
                       $8::bigint[], $9::bytea[], $10::text[], $11::bigint[], $12::bigint[], $13::bigint[],
                       $14::bigint[], $15::bigint[], $16::text[], $17::text[], $18::text[], $19::text[],
                       $20::text[], $21::text[], $22::text[], $23::text[], $24::text[], $25::text[])
                     AS v (id, buyer_id, placed_at, currency, total, country, item_count, content_hash, stated,
                       paid_at, shipped_at, finished_at, said_at, postage, courier, waybill, close_reason,
                       flag, nick, recipient, phone, address, buyer_note, seller_memo)
                   WHERE o.shop_id = $1 AND o.id = v.id",
    };
    /// They became others at this moment.
    pub(crate) MARK_CHANGED => {
        sqlite: "UPDATE shop_order SET changed_at = $3
                 WHERE +shop_id = $1 AND id IN (SELECT value FROM json_each($2))",
        postgres: "UPDATE shop_order SET changed_at = $3 WHERE shop_id = $1 AND id = ANY($2)",
    };
    pub(crate) INSERT_ITEMS => {
        sqlite: "INSERT INTO order_item (shop_id, order_id, line, sku, title, quantity, unit_price, amount,
                   refunded_quantity)
                 SELECT $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4,
                   value ->> 5, value ->> 6, 0
                 FROM json_each($2)",
        postgres: "INSERT INTO order_item (shop_id, order_id, line, sku, title, quantity, unit_price, amount,
                     refunded_quantity)
                   SELECT $1::bigint, v.order_id, v.line, v.sku, v.title, v.quantity, v.unit_price, v.amount, 0
                   FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::bigint[],
                       $7::text[], $8::bigint[])
                     AS v (order_id, line, sku, title, quantity, unit_price, amount)",
    };
    pub(crate) UNLINK_ORDERS => {
        sqlite: "UPDATE order_refund
                 SET order_id = NULL, order_line = NULL
                 WHERE shop_id = $1 AND order_id IN (SELECT value FROM json_each($2))
                 RETURNING buyer_id, sku",
        postgres: "UPDATE order_refund
                   SET order_id = NULL, order_line = NULL
                   WHERE shop_id = $1 AND order_id = ANY($2)
                   RETURNING buyer_id, sku",
    };
    pub(crate) DELETE_ITEMS => {
        sqlite: "DELETE FROM order_item
                 WHERE shop_id = $1 AND order_id IN (SELECT value FROM json_each($2))",
        postgres: "DELETE FROM order_item WHERE shop_id = $1 AND order_id = ANY($2)",
    };
}

/// An order that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredOrder {
    /// Its row.
    pub id: OrderId,
    /// What it said when it came in.
    pub hash: ContentHash,
    /// How far it had come then.
    pub standing: Standing,
}

/// An order to be stored.
#[derive(Clone, Copy, Debug)]
pub struct NewOrder<'o> {
    /// Its name on the wire, if it is new.
    pub public_id: PublicId,
    /// Whose it is.
    pub buyer: Option<BuyerId>,
    /// What it says.
    pub order: &'o ImportedOrder,
    /// Sum of its items, minor units.
    pub total: i64,
    /// Names what it says.
    pub hash: ContentHash,
}

/// The buyers behind customer numbers.
#[derive(Clone, Debug, Default)]
pub struct BuyersFound {
    /// Rows by customer number: all that were asked for.
    pub rows: HashMap<String, BuyerId>,
    /// How many were not there before.
    pub created: u64,
}

/// Finds the buyers with these customer numbers and makes those that are missing. Until somebody names them, their
/// number is their name.
pub async fn ensure_buyers(
    tx: &mut Tx,
    shop: ShopId,
    at: Timestamp,
    wanted: &[(String, PublicId)],
) -> Result<BuyersFound, StoreError> {
    let mut found = BuyersFound::default();
    let all: Vec<String> = wanted.iter().map(|(number, _)| number.clone()).collect();
    read_buyers(tx, shop, all, &mut found).await?;
    let mut missing: Vec<&(String, PublicId)> =
        wanted.iter().filter(|(number, _)| !found.rows.contains_key(number)).collect();
    if missing.is_empty() {
        return Ok(found);
    }
    // In one order everywhere, so that two imports cannot wait for each other.
    missing.sort();
    let ids = Value::from(missing.iter().map(|(_, id)| id.as_bytes().to_vec()).collect::<Vec<_>>());
    let numbers: Vec<String> = missing.iter().map(|(number, _)| number.clone()).collect();
    let set = with_set(tx.dialect(), args![shop, at], vec![ids, numbers.clone().into()])?;
    for row in tx.all(INSERT_BUYERS, set).await? {
        found.rows.insert(row.get("ref")?, row.get("id")?);
        found.created += 1;
    }
    if found.created < numbers.len() as u64 {
        // Somebody else made them in the meantime.
        let left = numbers.into_iter().filter(|number| !found.rows.contains_key(number));
        read_buyers(tx, shop, left.collect(), &mut found).await?;
    }
    Ok(found)
}

/// Makes the products that are missing, and gives a title to those that had none. Says how many were made.
pub async fn ensure_products(
    tx: &mut Tx,
    shop: ShopId,
    at: Timestamp,
    titles: &HashMap<&str, &str>,
) -> Result<u64, StoreError> {
    let skus: Vec<String> = titles.keys().map(|sku| (*sku).to_owned()).collect();
    let mut known: HashMap<String, String> = HashMap::with_capacity(skus.len());
    for row in tx.all(FIND_PRODUCTS, args![shop, skus]).await? {
        known.insert(row.get("sku")?, row.get("title")?);
    }
    let is_news = |sku: &str, title: &str| match known.get(sku) {
        None => true,
        Some(known) => known.is_empty() && !title.is_empty(),
    };
    let mut news: Vec<(&str, &str)> = titles.iter().map(|(sku, title)| (*sku, *title)).collect();
    news.retain(|(sku, title)| is_news(sku, title));
    if news.is_empty() {
        return Ok(0);
    }
    news.sort_unstable();
    let column = |cell: fn(&(&str, &str)) -> String| {
        Value::from(news.iter().map(cell).collect::<Vec<String>>())
    };
    let columns =
        vec![column(|(sku, _)| (*sku).to_owned()), column(|(_, title)| (*title).to_owned())];
    let set = with_set(tx.dialect(), args![shop, at], columns)?;
    tx.exec(SAVE_PRODUCTS, set).await?;
    Ok(news.iter().filter(|(sku, _)| !known.contains_key(*sku)).count() as u64)
}

/// The orders of this source that have these numbers.
pub async fn find_orders(
    tx: &mut Tx,
    shop: ShopId,
    source: &str,
    numbers: Vec<String>,
) -> Result<HashMap<String, StoredOrder>, StoreError> {
    let rows = tx.all(FIND_ORDERS, args![shop, source, numbers]).await?;
    let read = |row: &crate::Row| {
        let mut moment: Option<Timestamp> = None;
        for column in ["paid_at", "shipped_at", "finished_at"] {
            moment = moment.max(row.get(column)?);
        }
        let state = super::read::state_in(row, "stated")?;
        let standing = Standing { state, moment, said_at: row.get("said_at")? };
        let stored = StoredOrder { id: row.get("id")?, hash: row.get("content_hash")?, standing };
        Ok((row.get("number")?, stored))
    };
    rows.iter().map(read).collect()
}

/// Stores orders that were not there; gives their rows by number.
pub async fn insert_orders(
    tx: &mut Tx,
    shop: ShopId,
    source: &str,
    orders: &[NewOrder<'_>],
) -> Result<HashMap<String, OrderId>, StoreError> {
    if orders.is_empty() {
        return Ok(HashMap::new());
    }
    let ids = orders.iter().map(|new| new.public_id.as_bytes().to_vec()).collect::<Vec<_>>();
    let numbers = orders.iter().map(|new| new.order.number.clone()).collect::<Vec<_>>();
    let mut columns = vec![Value::from(ids), Value::from(numbers)];
    columns.extend(order_columns(orders));
    let set = with_set(tx.dialect(), args![shop, source], columns)?;
    let rows = tx.all(INSERT_ORDERS, set).await?;
    rows.iter().map(|row| Ok((row.get("number")?, row.get("id")?))).collect()
}

/// Gives stored orders another content; call [`clear_orders`] before and [`insert_items`] after.
pub async fn update_orders(
    tx: &mut Tx,
    shop: ShopId,
    ids: &[OrderId],
    orders: &[NewOrder<'_>],
) -> Result<(), StoreError> {
    if orders.is_empty() {
        return Ok(());
    }
    let mut columns = vec![Value::from(ids.to_vec())];
    columns.extend(order_columns(orders));
    let set = with_set(tx.dialect(), args![shop], columns)?;
    tx.exec(UPDATE_ORDERS, set).await.map(drop)
}

/// Notes when orders became what they are now.
pub async fn mark_changed(
    tx: &mut Tx,
    shop: ShopId,
    ids: Vec<OrderId>,
    at: Timestamp,
) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    tx.exec(MARK_CHANGED, args![shop, ids, at]).await.map(drop)
}

/// Takes the items and the linked refunds away from orders; gives what those refunds were for.
pub async fn clear_orders(
    tx: &mut Tx,
    shop: ShopId,
    ids: &[OrderId],
) -> Result<Vec<Pair>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = tx.all(UNLINK_ORDERS, args![shop, ids.to_vec()]).await?;
    tx.exec(DELETE_ITEMS, args![shop, ids.to_vec()]).await?;
    rows.iter().map(|row| Ok(Pair { buyer: row.get("buyer_id")?, sku: row.get("sku")? })).collect()
}

/// Stores the items of orders that have none, numbered from 1.
pub async fn insert_items(
    tx: &mut Tx,
    shop: ShopId,
    orders: &[(OrderId, &[ImportedItem])],
) -> Result<(), StoreError> {
    let numbered = || {
        orders.iter().flat_map(|(id, items)| {
            items.iter().zip(1_i64..).map(move |(item, line)| (id.get(), line, item))
        })
    };
    if numbered().next().is_none() {
        return Ok(());
    }
    let ints = |cell: fn((i64, i64, &ImportedItem)) -> i64| {
        Value::Ints(numbered().map(|row| Some(cell(row))).collect())
    };
    let texts = |cell: fn(&ImportedItem) -> String| {
        Value::Texts(numbered().map(|(_, _, item)| Some(cell(item))).collect())
    };
    let columns = vec![
        ints(|(order, _, _)| order),
        ints(|(_, line, _)| line),
        texts(|item| item.sku.clone()),
        texts(|item| item.title.clone()),
        ints(|(_, _, item)| item.quantity),
        texts(|item| item.unit_price.to_string()),
        ints(|(_, _, item)| item.amount),
    ];
    let set = with_set(tx.dialect(), args![shop], columns)?;
    tx.exec(INSERT_ITEMS, set).await.map(drop)
}

async fn read_buyers(
    tx: &mut Tx,
    shop: ShopId,
    numbers: Vec<String>,
    found: &mut BuyersFound,
) -> Result<(), StoreError> {
    if numbers.is_empty() {
        return Ok(());
    }
    for row in tx.all(FIND_BUYERS, args![shop, numbers]).await? {
        found.rows.insert(row.get("ref")?, row.get("id")?);
    }
    Ok(())
}

/// What inserting and updating have in common, in the order of their statements.
fn order_columns(orders: &[NewOrder<'_>]) -> Vec<Value> {
    let ints =
        |cell: fn(&NewOrder<'_>) -> Option<i64>| Value::Ints(orders.iter().map(cell).collect());
    let texts =
        |cell: fn(&NewOrder<'_>) -> Option<String>| Value::Texts(orders.iter().map(cell).collect());
    vec![
        ints(|new| new.buyer.map(BuyerId::get)),
        ints(|new| Some(new.order.placed_at.micros())),
        texts(|new| Some(new.order.currency.code().to_owned())),
        ints(|new| Some(new.total)),
        texts(|new| new.order.country.clone()),
        ints(|new| i64::try_from(new.order.items.len()).ok()),
        Value::Blobs(orders.iter().map(|new| Some(new.hash.to_vec())).collect()),
        texts(|new| Some(new.order.state.word().to_owned())),
        ints(|new| new.order.details.paid_at.map(Timestamp::micros)),
        ints(|new| new.order.details.shipped_at.map(Timestamp::micros)),
        ints(|new| new.order.details.finished_at.map(Timestamp::micros)),
        ints(|new| new.order.details.said_at.map(Timestamp::micros)),
        ints(|new| new.order.details.postage),
        texts(|new| new.order.details.courier.clone()),
        texts(|new| new.order.details.waybill.clone()),
        texts(|new| new.order.details.close_reason.clone()),
        texts(|new| new.order.details.flag.clone()),
        texts(|new| revealed(&new.order.details.nick)),
        texts(|new| revealed(&new.order.details.recipient)),
        texts(|new| revealed(&new.order.details.phone)),
        texts(|new| revealed(&new.order.details.address)),
        texts(|new| revealed(&new.order.details.buyer_note)),
        texts(|new| revealed(&new.order.details.seller_memo)),
    ]
}

fn revealed(text: &Option<Private>) -> Option<String> {
    text.as_ref().map(|text| text.reveal().to_owned())
}
