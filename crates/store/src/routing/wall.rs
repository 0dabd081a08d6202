//! What the live wall shows of this moment. Every statement looks at open sessions or at the last hour only.

use xiaoer_domain::id::{AccountId, GroupId, PublicId, ShopId};
use xiaoer_domain::routing::Priority;
use xiaoer_domain::time::Timestamp;

use crate::chat::load::coded;
use crate::{StoreError, Tx, args, statements};

/// Taken seats and queued sessions that are looked at.
const OPEN_MAX: i64 = 20_000;
/// Sessions that opened lately.
const ARRIVALS_MAX: i64 = 50_000;

statements! {
    /// Taken seats with the buyer's wait.
    pub(crate) TAKEN = "SELECT s.agent_id, s.waiting_since, c.public_id, b.name
        FROM session s
        JOIN conversation c ON c.shop_id = s.shop_id AND c.id = s.conversation_id
        JOIN buyer b ON b.shop_id = c.shop_id AND b.id = c.buyer_id
        WHERE s.shop_id = $1 AND s.closed_at IS NULL AND s.seat_freed_at IS NULL AND s.agent_id IS NOT NULL
        LIMIT $2";
    /// The queue in its order, with what each waits for.
    pub(crate) QUEUE_ROWS = "SELECT s.priority, s.queued_since, s.group_id, c.public_id, b.name,
            (SELECT d.code FROM routing_decision d
             WHERE d.shop_id = s.shop_id AND d.session_id = s.id
             ORDER BY d.id DESC LIMIT 1) AS code
        FROM session s
        JOIN conversation c ON c.shop_id = s.shop_id AND c.id = s.conversation_id
        JOIN buyer b ON b.shop_id = c.shop_id AND b.id = c.buyer_id
        WHERE s.shop_id = $1 AND s.closed_at IS NULL AND s.agent_id IS NULL
        ORDER BY s.priority DESC, s.queued_since, s.id
        LIMIT $2";
    /// What was steered lately: of the latest acts of the shop, those that belong to routing.
    pub(crate) MOVES = "SELECT u.at, a.name, u.kind, u.target, u.after
        FROM (SELECT x.id, x.at, x.account_id, x.kind, x.target, x.after
              FROM audit x
              WHERE x.shop_id = $1
              ORDER BY x.id DESC
              LIMIT 300) u
        LEFT JOIN account a ON a.id = u.account_id
        WHERE u.kind IN ('steered', 'group_changed')
        ORDER BY u.id DESC
        LIMIT $2";
    pub(crate) ARRIVALS = "SELECT opened_at
        FROM session
        WHERE shop_id = $1 AND opened_at >= $2
        ORDER BY opened_at
        LIMIT $3";
}

/// A taken seat.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Who has it.
    pub agent: AccountId,
    /// Since when the buyer waits.
    pub waiting_since: Option<Timestamp>,
    /// Whose, on the wire.
    pub conversation: PublicId,
    /// The buyer's name.
    pub buyer: String,
}

/// A queued session as the wall shows it.
#[derive(Clone, Debug)]
pub struct QueueRow {
    /// Its place.
    pub priority: Priority,
    /// Since when.
    pub since: Timestamp,
    /// For which group.
    pub group: Option<GroupId>,
    /// Whose, on the wire.
    pub conversation: PublicId,
    /// The buyer's name.
    pub buyer: String,
    /// What it waits for.
    pub code: Option<String>,
}

/// Taken seats.
pub async fn taken(tx: &mut Tx, shop: ShopId) -> Result<Vec<Taken>, StoreError> {
    let rows = tx.all(TAKEN, args![shop, OPEN_MAX]).await?;
    rows.iter()
        .map(|row| {
            Ok(Taken {
                agent: row.get("agent_id")?,
                waiting_since: row.get("waiting_since")?,
                conversation: row.get("public_id")?,
                buyer: row.get("name")?,
            })
        })
        .collect()
}

/// The head of the queue.
pub async fn queue_rows(
    tx: &mut Tx,
    shop: ShopId,
    limit: i64,
) -> Result<Vec<QueueRow>, StoreError> {
    let rows = tx.all(QUEUE_ROWS, args![shop, limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(QueueRow {
                priority: coded(row, "priority", Priority::from_code)?,
                since: row.get("queued_since")?,
                group: row.get("group_id")?,
                conversation: row.get("public_id")?,
                buyer: row.get("name")?,
                code: row.get("code")?,
            })
        })
        .collect()
}

/// When sessions opened since a moment.
pub async fn arrivals(
    tx: &mut Tx,
    shop: ShopId,
    since: Timestamp,
) -> Result<Vec<Timestamp>, StoreError> {
    let rows = tx.all(ARRIVALS, args![shop, since, ARRIVALS_MAX]).await?;
    rows.iter().map(|row| row.get("opened_at")).collect()
}

/// Something that was steered.
#[derive(Clone, Debug)]
pub struct Move {
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub by: Option<String>,
    /// What.
    pub kind: String,
    /// On what: an id.
    pub target: Option<String>,
    /// As it is since then, JSON.
    pub after: Option<String>,
}

/// What was steered lately, the latest first.
pub async fn moves(tx: &mut Tx, shop: ShopId, limit: i64) -> Result<Vec<Move>, StoreError> {
    let rows = tx.all(MOVES, args![shop, limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(Move {
                at: row.get("at")?,
                by: row.get("name")?,
                kind: row.get("kind")?,
                target: row.get("target")?,
                after: row.get("after")?,
            })
        })
        .collect()
}
