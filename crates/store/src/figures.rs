//! What figures are made of: the lines of a day, by conversation. Every statement begins at the latest lines and stops
//! where the day begins, so that its cost does not grow with the years behind it.

use xiaoer_domain::chat::{Author, EntryKind, MessageKind, Side};
use xiaoer_domain::figures::Beat;
use xiaoer_domain::id::{AccountId, ConversationId, ShopId};
use xiaoer_domain::time::Timestamp;

use crate::chat::load::coded;
use crate::{Row, StoreError, Tx, args, statements};

/// Lines before the day that are read to know what was open when it began.
const BEFORE_MAX: i64 = 200;

statements! {
    /// A page of the conversations in which something was said since a moment, in their order.
    pub(crate) TOUCHED = "SELECT c.id, c.last_at
        FROM conversation c
        WHERE c.shop_id = $1 AND (c.last_at, c.id) > ($2, $3)
        ORDER BY c.last_at, c.id
        LIMIT $4";
    /// Their lines from that moment on; the inner look walks back from the end and stops at the first older line.
    pub(crate) LINES_SINCE => {
        sqlite: "SELECT e.conversation_id, e.seq, e.at, e.kind, e.side, e.message, e.author_id
            FROM json_each($2) AS v
            CROSS JOIN entry AS e
            WHERE e.shop_id = $1 AND e.conversation_id = v.value AND e.lane = 0
              AND e.seq > COALESCE((SELECT x.seq FROM entry x
                WHERE x.shop_id = $1 AND x.conversation_id = v.value AND x.lane = 0 AND x.at < $3
                ORDER BY x.seq DESC LIMIT 1), 0)
            ORDER BY e.conversation_id, e.seq
            LIMIT $4",
        postgres: "SELECT e.conversation_id, e.seq, e.at, e.kind, e.side, e.message, e.author_id
            FROM unnest(CAST($2 AS BIGINT[])) AS v (value)
            JOIN entry e ON e.shop_id = $1 AND e.conversation_id = v.value AND e.lane = 0
              AND e.seq > COALESCE((SELECT x.seq FROM entry x
                WHERE x.shop_id = $1 AND x.conversation_id = v.value AND x.lane = 0 AND x.at < $3
                ORDER BY x.seq DESC LIMIT 1), 0)
            ORDER BY e.conversation_id, e.seq
            LIMIT $4",
    };
    /// The lines just before one, newest first.
    pub(crate) LINES_BEFORE = "SELECT conversation_id, seq, at, kind, side, message, author_id
        FROM entry
        WHERE shop_id = $1 AND conversation_id = $2 AND lane = 0 AND seq < $3
        ORDER BY seq DESC
        LIMIT $4";
    /// Who has the buyers who wait.
    pub(crate) HOLDERS = "SELECT conversation_id, agent_id
        FROM session
        WHERE shop_id = $1 AND closed_at IS NULL AND waiting_since IS NOT NULL
        LIMIT $2";
}

/// A line, as far as figures look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// In which conversation.
    pub conversation: ConversationId,
    /// Its number in the buyer lane.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What it means to turns.
    pub beat: Option<Beat>,
}

/// Conversations with a line behind a place in time, in the order of their last lines.
pub async fn touched(
    tx: &mut Tx,
    shop: ShopId,
    after: (Timestamp, ConversationId),
    limit: i64,
) -> Result<Vec<(ConversationId, Timestamp)>, StoreError> {
    let rows = tx.all(TOUCHED, args![shop, after.0, after.1, limit]).await?;
    rows.iter().map(|row| Ok((row.get("id")?, row.get("last_at")?))).collect()
}

/// Lines of some conversations since a moment, each conversation's in order.
pub async fn lines_since(
    tx: &mut Tx,
    shop: ShopId,
    of: Vec<ConversationId>,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<Line>, StoreError> {
    let rows = tx.all(LINES_SINCE, args![shop, of, since, limit]).await?;
    rows.iter().map(read_line).collect()
}

/// The lines just before one of a conversation, in order.
pub async fn lines_before(
    tx: &mut Tx,
    shop: ShopId,
    of: ConversationId,
    seq: i64,
) -> Result<Vec<Line>, StoreError> {
    let rows = tx.all(LINES_BEFORE, args![shop, of, seq, BEFORE_MAX]).await?;
    rows.iter().rev().map(read_line).collect()
}

/// Who has each buyer who waits; nobody, while the buyer queues.
pub async fn holders(
    tx: &mut Tx,
    shop: ShopId,
    limit: i64,
) -> Result<Vec<(ConversationId, Option<AccountId>)>, StoreError> {
    let rows = tx.all(HOLDERS, args![shop, limit]).await?;
    rows.iter().map(|row| Ok((row.get("conversation_id")?, row.get("agent_id")?))).collect()
}

fn read_line(row: &Row) -> Result<Line, StoreError> {
    let message: Option<i64> = row.get("message")?;
    let author = Author::from_parts(coded(row, "side", Side::from_code)?, row.get("author_id")?);
    let kind = coded(row, "kind", EntryKind::from_code)?;
    Ok(Line {
        conversation: row.get("conversation_id")?,
        seq: row.get("seq")?,
        at: row.get("at")?,
        beat: Beat::of(kind, author, message.and_then(MessageKind::from_code)),
    })
}
