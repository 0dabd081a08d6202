//! Buyers who leave the queue without an answer: a fact of the session, taken back when they return while it still waits.

use xiaoer_domain::id::{ConversationId, SessionId, ShopId};
use xiaoer_domain::time::Timestamp;

use crate::{StoreError, Tx, args, statements};

statements! {
    pub(crate) LEFT = "UPDATE session
        SET abandoned_at = $3
        WHERE shop_id = $1 AND closed_at IS NULL AND agent_id IS NULL AND waiting_since IS NOT NULL AND abandoned_at IS NULL
          AND id = (SELECT c.session_id FROM conversation c WHERE c.shop_id = $1 AND c.id = $2)
        RETURNING id";
    pub(crate) BACK = "UPDATE session
        SET abandoned_at = NULL
        WHERE shop_id = $1 AND closed_at IS NULL AND waiting_since IS NOT NULL AND abandoned_at IS NOT NULL
          AND id = (SELECT c.session_id FROM conversation c WHERE c.shop_id = $1 AND c.id = $2)
        RETURNING id";
}

/// The buyer of a conversation went away; the session, if it queued.
pub async fn left(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    at: Timestamp,
) -> Result<Option<SessionId>, StoreError> {
    let row = tx.opt(LEFT, args![shop, conversation, at]).await?;
    row.map(|row| row.get("id")).transpose()
}

/// The buyer is there again; the session, if it had been left and still waits.
pub async fn back(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
) -> Result<Option<SessionId>, StoreError> {
    let row = tx.opt(BACK, args![shop, conversation]).await?;
    row.map(|row| row.get("id")).transpose()
}
