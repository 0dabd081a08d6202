//! Erasing a buyer on request: who it was and what was said goes; that something was said, and what was bought, stays.

use std::collections::HashMap;

use xiaoer_domain::chat::Lane;
use xiaoer_domain::id::{BuyerId, ConversationId, OrderId, ShopId};
use xiaoer_domain::time::Timestamp;

use crate::chat::attachments;
use crate::{Sql, StoreError, Tx, args, journal, statements};

statements! {
    pub(crate) REFERENCE = "SELECT ref
        FROM buyer
        WHERE shop_id = $1 AND id = $2";
    pub(crate) BUYER = "UPDATE buyer
        SET name = '', ref = NULL, erased_at = COALESCE(erased_at, $3)
        WHERE shop_id = $1 AND id = $2";
    pub(crate) VISITORS = "UPDATE visitor
        SET subject = NULL, ended_at = COALESCE(ended_at, $3)
        WHERE shop_id = $1 AND buyer_id = $2";
    pub(crate) REMARK = "DELETE FROM buyer_remark
        WHERE shop_id = $1 AND buyer_id = $2";
    /// The words of whoever wanted the buyer kept out; that it was so stays.
    pub(crate) BLOCKS = "UPDATE buyer_block
        SET note = ''
        WHERE shop_id = $1 AND buyer_id = $2";
    pub(crate) ORDERS = "UPDATE shop_order
        SET nick = NULL, recipient = NULL, phone = NULL, address = NULL, buyer_note = NULL, seller_memo = NULL,
            corrected_at = NULL, personal_erased_at = COALESCE(personal_erased_at, $3)
        WHERE shop_id = $1 AND buyer_id = $2";
    /// The same of some orders. The `+`: by row id, not through the whole shop.
    pub(crate) ORDERS_SOME => {
        sqlite: "UPDATE shop_order
                 SET nick = NULL, recipient = NULL, phone = NULL, address = NULL, buyer_note = NULL,
                   seller_memo = NULL, corrected_at = NULL, personal_erased_at = COALESCE(personal_erased_at, $3)
                 WHERE +shop_id = $1 AND id IN (SELECT value FROM json_each($2))",
        postgres: "UPDATE shop_order
                   SET nick = NULL, recipient = NULL, phone = NULL, address = NULL, buyer_note = NULL,
                     seller_memo = NULL, corrected_at = NULL, personal_erased_at = COALESCE(personal_erased_at, $3)
                   WHERE shop_id = $1 AND id = ANY($2)",
    };
    pub(crate) DRAFTS = "DELETE FROM draft
        WHERE shop_id = $1 AND conversation_id = $2";
    pub(crate) FOLLOW_UPS = "UPDATE follow_up
        SET phone = NULL, email = NULL
        WHERE shop_id = $1 AND conversation_id = $2";
    pub(crate) RATINGS = "UPDATE rating
        SET text = NULL
        WHERE shop_id = $1 AND conversation_id = $2";
    pub(crate) CALLS = "UPDATE phone_call
        SET phone = '', note = ''
        WHERE shop_id = $1 AND conversation_id = $2";
    pub(crate) TALKS = "SELECT id
        FROM conversation
        WHERE shop_id = $1 AND buyer_id = $2
        ORDER BY id
        LIMIT 100";
    /// Lines that still hold something, from behind a number on.
    pub(crate) LINES = "SELECT seq
        FROM entry
        WHERE shop_id = $1 AND conversation_id = $2 AND lane = $3 AND seq > $4
          AND (text IS NOT NULL OR content IS NOT NULL)
        ORDER BY seq
        LIMIT $5";
    pub(crate) LINE = "UPDATE entry
        SET text = NULL, content = NULL
        WHERE shop_id = $1 AND conversation_id = $2 AND lane = $3 AND seq = $4";
    pub(crate) KEY = "SELECT value
        FROM installation_secret
        WHERE name = $1", installation: "a key of the installation itself";
    pub(crate) REMEMBER = "INSERT INTO erased_reference (shop_id, digest, erased_at)
        VALUES ($1, $2, $3)
        ON CONFLICT (shop_id, digest) DO UPDATE
        SET erased_at = excluded.erased_at";
    pub(crate) REMEMBERED => {
        sqlite: "SELECT digest, erased_at FROM erased_reference
                 WHERE shop_id = $1 AND digest IN (SELECT value FROM json_each($2))",
        postgres: "SELECT digest, erased_at FROM erased_reference WHERE shop_id = $1 AND digest = ANY($2)",
    };
}

/// Name of the key under which customer numbers of the forgotten are remembered.
pub const KEY_NAME: &str = "erased_references";

/// The customer's number of a buyer, until it is forgotten.
pub async fn reference(
    tx: &mut Tx,
    shop: ShopId,
    buyer: BuyerId,
) -> Result<Option<String>, StoreError> {
    let row = tx.opt(REFERENCE, args![shop, buyer]).await?;
    Ok(row.map(|row| row.get("ref")).transpose()?.flatten())
}

/// The key for remembering the forgotten; None while nobody was.
pub async fn find_key(tx: &mut Tx) -> Result<Option<Vec<u8>>, StoreError> {
    tx.opt(KEY, args![KEY_NAME]).await?.map(|row| row.get("value")).transpose()
}

/// Remembers that somebody was forgotten.
pub async fn remember(
    tx: &mut Tx,
    shop: ShopId,
    digest: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(REMEMBER, args![shop, digest, at]).await.map(drop)
}

/// Which of these were forgotten, and when.
pub async fn remembered(
    tx: &mut Tx,
    shop: ShopId,
    digests: Vec<String>,
) -> Result<HashMap<String, Timestamp>, StoreError> {
    let rows = tx.all(REMEMBERED, args![shop, digests]).await?;
    rows.iter().map(|row| Ok((row.get("digest")?, row.get("erased_at")?))).collect()
}

/// Takes the person away from everything but the lines. Gives the conversations whose lines are left to erase.
pub async fn person(
    tx: &mut Tx,
    shop: ShopId,
    buyer: BuyerId,
    now: Timestamp,
) -> Result<Vec<ConversationId>, StoreError> {
    for statement in [BUYER, VISITORS, ORDERS] {
        tx.exec(statement, args![shop, buyer, now]).await?;
    }
    for statement in [REMARK, BLOCKS] {
        tx.exec(statement, args![shop, buyer]).await?;
    }
    let rows = tx.all(TALKS, args![shop, buyer]).await?;
    let talks: Vec<ConversationId> =
        rows.iter().map(|row| row.get("id")).collect::<Result<_, _>>()?;
    let of_talks: [Sql; 4] = [DRAFTS, FOLLOW_UPS, RATINGS, CALLS];
    for talk in &talks {
        for statement in of_talks {
            tx.exec(statement, args![shop, *talk]).await?;
        }
    }
    Ok(talks)
}

/// Takes the person away from these orders, for good.
pub async fn orders(
    tx: &mut Tx,
    shop: ShopId,
    orders: Vec<OrderId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    if orders.is_empty() {
        return Ok(());
    }
    tx.exec(ORDERS_SOME, args![shop, orders, now]).await.map(drop)
}

/// Erases the next lines of a lane with what they carry. Gives their numbers; none: nothing is left.
pub async fn lines(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    lane: Lane,
    (after, limit): (i64, i64),
    now: Timestamp,
) -> Result<Vec<i64>, StoreError> {
    let rows = tx.all(LINES, args![shop, conversation, lane.code(), after, limit]).await?;
    let seqs: Vec<i64> = rows.iter().map(|row| row.get("seq")).collect::<Result<_, _>>()?;
    for seq in &seqs {
        line(tx, shop, conversation, (lane, *seq), now).await?;
    }
    Ok(seqs)
}

/// Erases one line with what it carries, and tells the journal, so that the index of words follows.
pub async fn line(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    (lane, seq): (Lane, i64),
    now: Timestamp,
) -> Result<(), StoreError> {
    attachments::drop_of_entry(tx, shop, conversation, (lane, seq)).await?;
    tx.exec(LINE, args![shop, conversation, lane.code(), seq]).await?;
    let facts = format!(r#"{{"c":{conversation},"l":{},"s":{seq}}}"#, lane.code());
    journal::append(tx, shop, now, "entry_erased", 1, facts).await.map(drop)
}
