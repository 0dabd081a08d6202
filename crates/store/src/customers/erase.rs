//! Erasing a buyer on request: who it was and what was said goes; that something was said, and what was bought, stays.

use xiaoer_domain::chat::Lane;
use xiaoer_domain::id::{BuyerId, ConversationId, ShopId};
use xiaoer_domain::time::Timestamp;

use crate::chat::attachments;
use crate::{Sql, StoreError, Tx, args, journal, statements};

statements! {
    pub(crate) BUYER = "UPDATE buyer
        SET name = '', ref = NULL, erased_at = COALESCE(erased_at, $3)
        WHERE shop_id = $1 AND id = $2";
    pub(crate) VISITORS = "UPDATE visitor
        SET subject = NULL, ended_at = COALESCE(ended_at, $3)
        WHERE shop_id = $1 AND buyer_id = $2";
    pub(crate) REMARK = "DELETE FROM buyer_remark
        WHERE shop_id = $1 AND buyer_id = $2";
    pub(crate) ORDERS = "UPDATE shop_order
        SET nick = NULL, recipient = NULL, phone = NULL, address = NULL, buyer_note = NULL, seller_memo = NULL
        WHERE shop_id = $1 AND buyer_id = $2";
    pub(crate) DRAFTS = "DELETE FROM draft
        WHERE shop_id = $1 AND conversation_id = $2";
    pub(crate) FOLLOW_UPS = "UPDATE follow_up
        SET phone = NULL, email = NULL
        WHERE shop_id = $1 AND conversation_id = $2";
    pub(crate) RATINGS = "UPDATE rating
        SET text = NULL
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
}

/// Takes the person away from everything but the lines. Gives the conversations whose lines are left to erase.
pub async fn person(
    tx: &mut Tx,
    shop: ShopId,
    buyer: BuyerId,
    now: Timestamp,
) -> Result<Vec<ConversationId>, StoreError> {
    for statement in [BUYER, VISITORS] {
        tx.exec(statement, args![shop, buyer, now]).await?;
    }
    for statement in [REMARK, ORDERS] {
        tx.exec(statement, args![shop, buyer]).await?;
    }
    let rows = tx.all(TALKS, args![shop, buyer]).await?;
    let talks: Vec<ConversationId> =
        rows.iter().map(|row| row.get("id")).collect::<Result<_, _>>()?;
    let of_talks: [Sql; 3] = [DRAFTS, FOLLOW_UPS, RATINGS];
    for talk in &talks {
        for statement in of_talks {
            tx.exec(statement, args![shop, *talk]).await?;
        }
    }
    Ok(talks)
}

/// Erases the next lines of a lane with what they carry, and tells the journal, so that the index of words follows.
/// Gives the last number that was erased; None: nothing is left.
pub async fn lines(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    lane: Lane,
    (after, limit): (i64, i64),
    now: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let rows = tx.all(LINES, args![shop, conversation, lane.code(), after, limit]).await?;
    let mut last = None;
    for row in rows {
        let seq: i64 = row.get("seq")?;
        attachments::drop_of_entry(tx, shop, conversation, (lane, seq)).await?;
        tx.exec(LINE, args![shop, conversation, lane.code(), seq]).await?;
        let facts = format!(r#"{{"c":{conversation},"l":{},"s":{seq}}}"#, lane.code());
        journal::append(tx, shop, now, "entry_erased", 1, facts).await?;
        last = Some(seq);
    }
    Ok(last)
}
