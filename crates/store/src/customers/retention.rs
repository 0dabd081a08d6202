//! What is too old to be kept. Each list starts where the last sweep ended, so that no night reads what an earlier one did.

use xiaoer_domain::chat::Lane;
use xiaoer_domain::id::{ConversationId, OrderId, ShopId};
use xiaoer_domain::time::Timestamp;

use crate::{Row, StoreError, Tx, args, statements};

statements! {
    pub(crate) PLACE = "SELECT entry_id
        FROM retention
        WHERE shop_id = $1";
    pub(crate) SAVE_PLACE = "INSERT INTO retention (shop_id, entry_id, updated_at)
        VALUES ($1, $2, $3)
        ON CONFLICT (shop_id) DO UPDATE
        SET entry_id = excluded.entry_id, updated_at = excluded.updated_at";
    /// The next lines, whether or not they hold something. The `+`: in the order of rows, which is that of time.
    pub(crate) NEXT_LINES = "SELECT id, conversation_id, lane, seq, at,
          CASE WHEN text IS NULL AND content IS NULL THEN 0 ELSE 1 END AS holds
        FROM entry
        WHERE +shop_id = $1 AND id > $2
        ORDER BY id
        LIMIT $3";
    pub(crate) OLD_ATTACHMENTS = "SELECT conversation_id, lane, seq
        FROM attachment
        WHERE shop_id = $1 AND seq IS NOT NULL AND created_at < $2
        ORDER BY created_at
        LIMIT $3";
    pub(crate) OLD_ORDERS = "SELECT id
        FROM shop_order
        WHERE shop_id = $1 AND placed_at < $2
          AND COALESCE(nick, recipient, phone, address, buyer_note, seller_memo) IS NOT NULL
          AND state IN ('completed', 'closed', 'refunded', 'partly_refunded')
        ORDER BY placed_at
        LIMIT $3";
}

/// A line where the sweep stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OldLine {
    /// Row.
    pub id: i64,
    /// Where.
    pub conversation: ConversationId,
    /// Which lane.
    pub lane: Lane,
    /// Its number.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Whether there is anything to take away.
    pub holds: bool,
}

/// The row up to which text is gone.
pub async fn place(tx: &mut Tx, shop: ShopId) -> Result<i64, StoreError> {
    let row = tx.opt(PLACE, args![shop]).await?;
    Ok(row.map(|row| row.get("entry_id")).transpose()?.unwrap_or(0))
}

/// Moves it.
pub async fn save_place(
    tx: &mut Tx,
    shop: ShopId,
    entry: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(SAVE_PLACE, args![shop, entry, now]).await.map(drop)
}

/// The lines behind a row.
pub async fn next_lines(
    tx: &mut Tx,
    shop: ShopId,
    after: i64,
    limit: i64,
) -> Result<Vec<OldLine>, StoreError> {
    let rows = tx.all(NEXT_LINES, args![shop, after, limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(OldLine {
                id: row.get("id")?,
                conversation: row.get("conversation_id")?,
                lane: lane(row)?,
                seq: row.get("seq")?,
                at: row.get("at")?,
                holds: row.get::<i64>("holds")? == 1,
            })
        })
        .collect()
}

/// Lines that carry something uploaded before a moment.
pub async fn old_attachments(
    tx: &mut Tx,
    shop: ShopId,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<(ConversationId, Lane, i64)>, StoreError> {
    let rows = tx.all(OLD_ATTACHMENTS, args![shop, before, limit]).await?;
    rows.iter().map(|row| Ok((row.get("conversation_id")?, lane(row)?, row.get("seq")?))).collect()
}

/// Orders that are over, were placed before a moment and still name a person.
pub async fn old_orders(
    tx: &mut Tx,
    shop: ShopId,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<OrderId>, StoreError> {
    let rows = tx.all(OLD_ORDERS, args![shop, before, limit]).await?;
    rows.iter().map(|row| row.get("id")).collect()
}

fn lane(row: &Row) -> Result<Lane, StoreError> {
    row.parse("lane", |code: i64| Lane::from_code(code).ok_or("no known lane"))
}
