//! Waits beyond overtime, and what is known of the agents who have them.

use xiaoer_domain::id::{AccountId, ConversationId, GroupId, PublicId, SessionId, ShopId};
use xiaoer_domain::routing::Held;
use xiaoer_domain::time::Timestamp;

use crate::{StoreError, Tx, args, statements};

statements! {
    /// Open sessions only, from the few that an agent has. A group without a stage is reached by hand, as complaints are.
    pub(crate) OVERDUE = "SELECT s.id, s.conversation_id, c.public_id, b.name AS buyer, s.agent_id, a.name, s.group_id, s.waiting_since, s.accepted_at, s.told_at,
            s.checking_until, d.updated_at AS draft_at,
            CASE WHEN g.id IS NOT NULL AND g.stage IS NULL THEN 1 ELSE 0 END AS by_hand
        FROM session s
        JOIN account a ON a.id = s.agent_id
        JOIN conversation c ON c.shop_id = s.shop_id AND c.id = s.conversation_id
        JOIN buyer b ON b.shop_id = c.shop_id AND b.id = c.buyer_id
        LEFT JOIN skill_group g ON g.shop_id = s.shop_id AND g.id = s.group_id
        LEFT JOIN draft d ON d.shop_id = s.shop_id AND d.account_id = s.agent_id
          AND d.conversation_id = s.conversation_id AND d.lane = 0
        WHERE s.shop_id = $1 AND s.closed_at IS NULL AND s.agent_id IS NOT NULL AND s.waiting_since <= $2
        ORDER BY s.waiting_since, s.id
        LIMIT $3";
    pub(crate) TOLD = "UPDATE session
        SET told_at = $3
        WHERE shop_id = $1 AND id = $2";
    pub(crate) CHECK_UNTIL = "UPDATE session
        SET checking_until = $3
        WHERE shop_id = $1 AND id = $2";
}

/// A wait beyond overtime.
#[derive(Clone, Debug)]
pub struct Overdue {
    /// Which session.
    pub session: SessionId,
    /// Whose.
    pub conversation: ConversationId,
    /// The same on the wire.
    pub public_id: PublicId,
    /// The buyer's name; empty for a guest.
    pub buyer: String,
    /// Who has it.
    pub agent: AccountId,
    /// The agent's name.
    pub agent_name: String,
    /// For which group.
    pub group: Option<GroupId>,
    /// Since when.
    pub waiting_since: Timestamp,
    /// Since when this agent has it.
    pub accepted_at: Option<Timestamp>,
    /// When leaders were last told.
    pub told_at: Option<Timestamp>,
    /// What may keep it with the agent.
    pub held: Held,
}

/// Waits that began before `before`, the longest first. A draft that changed after `typing_since` is being written.
pub async fn overdue(
    tx: &mut Tx,
    shop: ShopId,
    before: Timestamp,
    typing_since: Timestamp,
    limit: i64,
) -> Result<Vec<Overdue>, StoreError> {
    let rows = tx.all(OVERDUE, args![shop, before, limit]).await?;
    rows.iter()
        .map(|row| {
            let draft_at: Option<Timestamp> = row.get("draft_at")?;
            Ok(Overdue {
                session: row.get("id")?,
                conversation: row.get("conversation_id")?,
                public_id: row.get("public_id")?,
                buyer: row.get("buyer")?,
                agent: row.get("agent_id")?,
                agent_name: row.get("name")?,
                group: row.get("group_id")?,
                waiting_since: row.get("waiting_since")?,
                accepted_at: row.get("accepted_at")?,
                told_at: row.get("told_at")?,
                held: Held {
                    is_typing: draft_at.is_some_and(|at| at > typing_since),
                    has_draft: draft_at.is_some(),
                    checking_until: row.get("checking_until")?,
                    is_complaint: row.get::<i64>("by_hand")? != 0,
                },
            })
        })
        .collect()
}

/// Leaders were told of the present wait.
pub async fn told(
    tx: &mut Tx,
    shop: ShopId,
    session: SessionId,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(TOLD, args![shop, session, at]).await.map(|_| ())
}

/// The agent looks into it until then; none: no longer.
pub async fn check_until(
    tx: &mut Tx,
    shop: ShopId,
    session: SessionId,
    until: Option<Timestamp>,
) -> Result<(), StoreError> {
    tx.exec(CHECK_UNTIL, args![shop, session, until]).await.map(|_| ())
}
