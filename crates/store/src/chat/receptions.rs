//! Earlier sessions of a conversation, and where in the log they begin.

use xiaoer_domain::id::{ConversationId, SessionId, ShopId};
use xiaoer_domain::time::Timestamp;

use crate::{StoreError, Tx, args, statements};

statements! {
    pub(crate) RECEPTIONS = "SELECT s.id, s.opened_at, s.closed_at, s.close_reason, a.name AS agent_name
        FROM session s
        LEFT JOIN account a ON a.id = s.agent_id
        WHERE s.shop_id = $1 AND s.conversation_id = $2 AND s.id < $3
        ORDER BY s.id DESC
        LIMIT $4";
    pub(crate) ENTRY_TIME = "SELECT at
        FROM entry
        WHERE shop_id = $1 AND conversation_id = $2 AND lane = 0 AND seq = $3";
}

/// A session as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reception {
    /// Which.
    pub id: SessionId,
    /// When it began.
    pub opened_at: Timestamp,
    /// When it ended.
    pub closed_at: Option<Timestamp>,
    /// How it ended.
    pub close_reason: Option<String>,
    /// Who served last.
    pub agent: Option<String>,
}

/// Sessions of a conversation before one of them, newest first.
pub async fn list(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    before: SessionId,
    limit: i64,
) -> Result<Vec<Reception>, StoreError> {
    let rows = tx.all(RECEPTIONS, args![shop, conversation, before, limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(Reception {
                id: row.get("id")?,
                opened_at: row.get("opened_at")?,
                closed_at: row.get("closed_at")?,
                close_reason: row.get("close_reason")?,
                agent: row.get("agent_name")?,
            })
        })
        .collect()
}

/// When a line of the buyer lane was stored.
pub async fn time_of(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    seq: i64,
) -> Result<Option<Timestamp>, StoreError> {
    let row = tx.opt(ENTRY_TIME, args![shop, conversation, seq]).await?;
    row.map(|row| row.get("at")).transpose()
}
