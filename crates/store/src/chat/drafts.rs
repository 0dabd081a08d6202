//! What agents have begun to write. Written again and again: one row for each agent, conversation and lane.

use xiaoer_domain::chat::Lane;
use xiaoer_domain::id::{AccountId, ConversationId, PublicId, ShopId};
use xiaoer_domain::time::Timestamp;

use crate::{StoreError, Tx, args, statements};

statements! {
    pub(crate) LIST_DRAFTS = "SELECT c.public_id, d.lane, d.text, d.updated_at
        FROM draft d
        JOIN conversation c ON c.id = d.conversation_id AND c.shop_id = d.shop_id
        WHERE d.shop_id = $1 AND d.account_id = $2
        ORDER BY d.conversation_id, d.lane
        LIMIT $3";
    pub(crate) PUT_DRAFT = "INSERT INTO draft (shop_id, account_id, conversation_id, lane, text, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (shop_id, account_id, conversation_id, lane) DO UPDATE
        SET text = excluded.text, updated_at = excluded.updated_at";
    pub(crate) DROP_DRAFT = "DELETE FROM draft
        WHERE shop_id = $1 AND account_id = $2 AND conversation_id = $3 AND lane = $4";
}

/// Something begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDraft {
    /// The conversation's id on the wire.
    pub conversation: PublicId,
    /// To whom.
    pub lane: Lane,
    /// What.
    pub text: String,
    /// When last.
    pub at: Timestamp,
}

/// What an agent has begun.
pub async fn list(
    tx: &mut Tx,
    shop: ShopId,
    account: AccountId,
    limit: i64,
) -> Result<Vec<StoredDraft>, StoreError> {
    let rows = tx.all(LIST_DRAFTS, args![shop, account, limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(StoredDraft {
                conversation: row.get("public_id")?,
                lane: row.parse("lane", |number: i64| {
                    Lane::from_code(number).ok_or("there is no such lane")
                })?,
                text: row.get("text")?,
                at: row.get("updated_at")?,
            })
        })
        .collect()
}

/// Keeps what an agent has begun; an empty text is none.
pub async fn put(
    tx: &mut Tx,
    shop: ShopId,
    account: AccountId,
    (conversation, lane): (ConversationId, Lane),
    text: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let lane = lane.code();
    if text.is_empty() {
        return tx.exec(DROP_DRAFT, args![shop, account, conversation, lane]).await.map(drop);
    }
    tx.exec(PUT_DRAFT, args![shop, account, conversation, lane, text, at]).await.map(drop)
}
