//! Cancellations: what came in, linked to an order or not.

use std::collections::HashMap;

use xiaoer_domain::id::{BuyerId, OrderId, ShopId};
use xiaoer_domain::orders::{ContentHash, ImportedRefund, ImportedRefundLine};

use super::links::Pair;
use super::sets::with_set;
use crate::{StoreError, Tx, Value, args, statements};

statements! {
    pub(crate) FIND_REFUNDS => {
        sqlite: "SELECT DISTINCT number, content_hash FROM order_refund
                 WHERE shop_id = $1 AND source = $2
                   AND number IN (SELECT value FROM json_each($3))",
        postgres: "SELECT DISTINCT number, content_hash FROM order_refund
                   WHERE shop_id = $1 AND source = $2 AND number = ANY($3)",
    };
    pub(crate) DELETE_REFUNDS => {
        sqlite: "DELETE FROM order_refund
                 WHERE shop_id = $1 AND source = $2
                   AND number IN (SELECT value FROM json_each($3))
                 RETURNING buyer_id, sku, order_id",
        postgres: "DELETE FROM order_refund
                   WHERE shop_id = $1 AND source = $2 AND number = ANY($3)
                   RETURNING buyer_id, sku, order_id",
    };
    pub(crate) INSERT_REFUNDS => {
        sqlite: "INSERT INTO order_refund (shop_id, source, number, line, buyer_id, sku, quantity, amount,
                   currency, at, content_hash, said_order)
                 SELECT $1, $2, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4,
                   value ->> 5, value ->> 6, value ->> 7, unhex(value ->> 8), value ->> 9
                 FROM json_each($3)",
        postgres: "INSERT INTO order_refund (shop_id, source, number, line, buyer_id, sku, quantity, amount,
                     currency, at, content_hash, said_order)
                   SELECT $1::bigint, $2::text, v.number, v.line, v.buyer_id, v.sku, v.quantity, v.amount, v.currency,
                     v.at, v.content_hash, v.said_order
                   FROM unnest($3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::bigint[],
                       $8::bigint[], $9::text[], $10::bigint[], $11::bytea[], $12::text[])
                     AS v (number, line, buyer_id, sku, quantity, amount, currency, at, content_hash, said_order)",
    };
}

/// A cancellation to be stored.
#[derive(Clone, Copy, Debug)]
pub struct NewRefund<'r> {
    /// Whose it is.
    pub buyer: Option<BuyerId>,
    /// What it says.
    pub refund: &'r ImportedRefund,
    /// Names what it says.
    pub hash: ContentHash,
}

/// What the rows of deleted cancellations stood for.
#[derive(Clone, Debug, Default)]
pub struct StoredDocument {
    /// Whose lines of what they gave back.
    pub pairs: Vec<Pair>,
    /// The orders they were linked to.
    pub orders: Vec<OrderId>,
}

/// The cancellations of this source that have these numbers, with the names of their contents.
pub async fn find_refunds(
    tx: &mut Tx,
    shop: ShopId,
    source: &str,
    numbers: Vec<String>,
) -> Result<HashMap<String, ContentHash>, StoreError> {
    if numbers.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = tx.all(FIND_REFUNDS, args![shop, source, numbers]).await?;
    rows.iter().map(|row| Ok((row.get("number")?, row.get("content_hash")?))).collect()
}

/// Takes cancellations away whose content changed; [`insert_refunds`] brings them back.
pub async fn delete_refunds(
    tx: &mut Tx,
    shop: ShopId,
    source: &str,
    numbers: Vec<String>,
) -> Result<StoredDocument, StoreError> {
    let mut stood = StoredDocument::default();
    if numbers.is_empty() {
        return Ok(stood);
    }
    for row in tx.all(DELETE_REFUNDS, args![shop, source, numbers]).await? {
        if let Some(buyer) = row.get("buyer_id")? {
            stood.pairs.push(Pair { buyer, sku: row.get("sku")? });
        }
        stood.orders.extend(row.get::<Option<OrderId>>("order_id")?);
    }
    Ok(stood)
}

/// Stores cancellations, unlinked, their lines numbered from 1.
pub async fn insert_refunds(
    tx: &mut Tx,
    shop: ShopId,
    source: &str,
    refunds: &[NewRefund<'_>],
) -> Result<(), StoreError> {
    type Numbered<'r> = (&'r NewRefund<'r>, i64, &'r ImportedRefundLine);
    let numbered = || {
        refunds.iter().flat_map(|new| {
            new.refund
                .lines
                .iter()
                .zip(1_i64..)
                .map(move |(cancelled, line)| (new, line, cancelled))
        })
    };
    if numbered().next().is_none() {
        return Ok(());
    }
    let ints = |cell: fn(Numbered<'_>) -> Option<i64>| Value::Ints(numbered().map(cell).collect());
    let texts = |cell: fn(Numbered<'_>) -> String| {
        Value::Texts(numbered().map(|row| Some(cell(row))).collect())
    };
    let columns = vec![
        texts(|(new, _, _)| new.refund.number.clone()),
        ints(|(_, line, _)| Some(line)),
        ints(|(new, _, _)| new.buyer.map(BuyerId::get)),
        texts(|(_, _, cancelled)| cancelled.sku.clone()),
        ints(|(_, _, cancelled)| Some(cancelled.quantity)),
        ints(|(_, _, cancelled)| Some(cancelled.amount)),
        texts(|(new, _, _)| new.refund.currency.code().to_owned()),
        ints(|(_, _, cancelled)| Some(cancelled.at.micros())),
        Value::Blobs(numbered().map(|(new, _, _)| Some(new.hash.to_vec())).collect()),
        Value::Texts(numbered().map(|(new, _, _)| new.refund.order.clone()).collect()),
    ];
    let set = with_set(tx.dialect(), args![shop, source], columns)?;
    tx.exec(INSERT_REFUNDS, set).await.map(drop)
}
