//! What stands of a buyer beside lines and orders, as rows for an export.

use serde_json::{Value, json};
use xiaoer_domain::id::{BuyerId, ConversationId, ShopId};

use crate::{Row, StoreError, Tx, args, statements};

/// Rows of each kind: far more than one buyer has.
const ROWS_MAX: i64 = 5000;

statements! {
    pub(crate) CONSENTS = "SELECT kind, version, given, how, at
        FROM consent
        WHERE shop_id = $1 AND buyer_id = $2
        ORDER BY id
        LIMIT $3";
    pub(crate) LEFT = "SELECT wish, order_number, phone, email, created_at, due_at, done_at
        FROM follow_up
        WHERE shop_id = $1 AND conversation_id = $2
        ORDER BY id
        LIMIT $3";
    pub(crate) RATINGS = "SELECT stars, reasons, text, created_at
        FROM rating
        WHERE shop_id = $1 AND conversation_id = $2
        ORDER BY created_at
        LIMIT $3";
    pub(crate) CALLS = "SELECT phone, reason, outcome, note, at
        FROM phone_call
        WHERE shop_id = $1 AND conversation_id = $2
        ORDER BY id
        LIMIT $3";
}

/// What the buyer was told or agreed to.
pub async fn consents(tx: &mut Tx, shop: ShopId, buyer: BuyerId) -> Result<Vec<Value>, StoreError> {
    let rows = tx.all(CONSENTS, args![shop, buyer, ROWS_MAX]).await?;
    rows.iter()
        .map(|row| {
            Ok(json!({
                "kind": text(row, "kind")?, "version": text(row, "version")?,
                "given": row.get::<i64>("given")? == 1, "how": text(row, "how")?, "at": row.get::<i64>("at")?,
            }))
        })
        .collect()
}

/// What the buyer left for later.
pub async fn left(
    tx: &mut Tx,
    shop: ShopId,
    talk: ConversationId,
) -> Result<Vec<Value>, StoreError> {
    let rows = tx.all(LEFT, args![shop, talk, ROWS_MAX]).await?;
    rows.iter()
        .map(|row| {
            Ok(json!({
                "wish": text(row, "wish")?, "order": text(row, "order_number")?, "phone": text(row, "phone")?,
                "email": text(row, "email")?, "at": row.get::<i64>("created_at")?,
                "due_at": row.get::<i64>("due_at")?, "done_at": row.get::<Option<i64>>("done_at")?,
            }))
        })
        .collect()
}

/// What the buyer thought.
pub async fn ratings(
    tx: &mut Tx,
    shop: ShopId,
    talk: ConversationId,
) -> Result<Vec<Value>, StoreError> {
    let rows = tx.all(RATINGS, args![shop, talk, ROWS_MAX]).await?;
    rows.iter()
        .map(|row| {
            Ok(json!({
                "stars": row.get::<i64>("stars")?, "reasons": text(row, "reasons")?, "text": text(row, "text")?,
                "at": row.get::<i64>("created_at")?,
            }))
        })
        .collect()
}

/// When the buyer was called.
pub async fn calls(
    tx: &mut Tx,
    shop: ShopId,
    talk: ConversationId,
) -> Result<Vec<Value>, StoreError> {
    let rows = tx.all(CALLS, args![shop, talk, ROWS_MAX]).await?;
    rows.iter()
        .map(|row| {
            Ok(json!({
                "phone": text(row, "phone")?, "reason": text(row, "reason")?, "outcome": text(row, "outcome")?,
                "note": text(row, "note")?, "at": row.get::<i64>("at")?,
            }))
        })
        .collect()
}

fn text(row: &Row, column: &'static str) -> Result<Option<String>, StoreError> {
    row.get(column)
}
