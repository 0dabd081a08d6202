//! State of conversations for a move: locked in id order on PostgreSQL, so that two batches cannot wait for each other.

use xiaoer_domain::chat::{Author, Content, EntryKind, Head, Lane, Session, Side, Talk, Target};
use xiaoer_domain::id::{AccountId, ConversationId, ShopId};
use xiaoer_domain::routing::{Priority, Wish};
use xiaoer_domain::time::Timestamp;

use crate::{Dialect, Row, StoreError, Tx, args, statements};

statements! {
    /// Locks many conversations until the transaction ends. SQLite has one writer and needs no lock.
    pub(crate) LOCK_TALKS => {
        sqlite: "SELECT c.id
                 FROM json_each($2) AS k
                 CROSS JOIN conversation AS c ON c.id = k.value
                 WHERE c.shop_id = $1",
        postgres: "SELECT c.id
                 FROM conversation c
                 WHERE c.shop_id = $1 AND c.id = ANY($2)
                 ORDER BY c.id
                 FOR UPDATE",
    };
    /// Many conversations with their latest session. On PostgreSQL a statement of its own, after the lock: one that
    /// locks and joins at once would wait for the lock and then see the session of before the wait.
    pub(crate) TALKS => {
        sqlite: "SELECT c.id, c.public_id, c.buyer_id, c.last_seq, c.last_at, c.chain,
                   c.staff_seq, c.staff_at, c.staff_chain,
                   c.buyer_last_seq, c.buyer_read_seq, c.staff_read_seq, c.unread,
                   s.id AS session_id, s.agent_id, s.opened_at, s.accepted_at, s.waiting_since, s.step,
                   s.quiet_since, s.seat_freed_at, s.closed_at, s.close_reason, s.group_id, s.priority, s.queued_since
                 FROM json_each($2) AS k
                 CROSS JOIN conversation AS c ON c.id = k.value
                 LEFT JOIN session s ON s.shop_id = c.shop_id AND s.id = c.session_id
                 WHERE c.shop_id = $1
                 ORDER BY c.id",
        postgres: "SELECT c.id, c.public_id, c.buyer_id, c.last_seq, c.last_at, c.chain,
                   c.staff_seq, c.staff_at, c.staff_chain,
                   c.buyer_last_seq, c.buyer_read_seq, c.staff_read_seq, c.unread,
                   s.id AS session_id, s.agent_id, s.opened_at, s.accepted_at, s.waiting_since, s.step,
                   s.quiet_since, s.seat_freed_at, s.closed_at, s.close_reason, s.group_id, s.priority, s.queued_since
                 FROM conversation c
                 LEFT JOIN session s ON s.shop_id = c.shop_id AND s.id = c.session_id
                 WHERE c.shop_id = $1 AND c.id = ANY($2)
                 ORDER BY c.id",
    };
    /// What is stored under client ids already.
    pub(crate) KNOWN => {
        sqlite: "SELECT e.conversation_id, e.side, e.author_id, e.client_id, e.lane, e.seq, e.at, e.kind, e.text, e.content,
                   e.ref_seq
                 FROM json_each($2) AS k
                 CROSS JOIN entry AS e INDEXED BY entry_client ON e.client_id = k.value
                 WHERE e.shop_id = $1",
        postgres: "SELECT e.conversation_id, e.side, e.author_id, e.client_id, e.lane, e.seq, e.at, e.kind, e.text, e.content,
                   e.ref_seq
                 FROM entry e
                 WHERE e.client_id = ANY($2) AND e.shop_id = $1",
    };
    /// The entry that a recall speaks of.
    pub(crate) TARGET = "SELECT seq, side, author_id, at, kind, recalled_by
        FROM entry
        WHERE shop_id = $1 AND conversation_id = $2 AND lane = $3 AND seq = $4";
    /// Open sessions whose silence may have brought something.
    pub(crate) QUIET = "SELECT shop_id, conversation_id
        FROM session
        WHERE closed_at IS NULL AND quiet_since IS NOT NULL
          AND (quiet_since <= $1 OR (quiet_since <= $2 AND seat_freed_at IS NULL))
        ORDER BY quiet_since
        LIMIT $3", installation: "one sweeper serves every shop";
}

/// What is stored under a client id.
#[derive(Clone, Debug)]
pub struct Known {
    /// Whose client id it is.
    pub conversation: ConversationId,
    /// Who sent it.
    pub author: Author,
    /// The client id.
    pub client_id: String,
    /// Which log it went to.
    pub lane: Lane,
    /// Its number.
    pub seq: i64,
    /// Its time.
    pub at: Timestamp,
    /// What it is.
    pub kind: EntryKind,
    /// What it says.
    pub text: Option<String>,
    /// What it carries.
    pub content: Option<Content>,
    /// What it takes back.
    pub ref_seq: Option<i64>,
}

/// Loads conversations, locked, in id order. One that does not exist in this shop is missing in the answer.
pub async fn talks(
    tx: &mut Tx,
    shop: ShopId,
    ids: Vec<ConversationId>,
) -> Result<Vec<Talk>, StoreError> {
    if tx.dialect() == Dialect::Postgres {
        tx.all(LOCK_TALKS, args![shop, ids.clone()]).await?;
    }
    let rows = tx.all(TALKS, args![shop, ids]).await?;
    rows.iter().map(read_talk).collect()
}

/// Loads one conversation, locked.
pub async fn talk(
    tx: &mut Tx,
    shop: ShopId,
    id: ConversationId,
) -> Result<Option<Talk>, StoreError> {
    Ok(talks(tx, shop, vec![id]).await?.pop())
}

/// What is stored already under any of these client ids, in any conversation of the shop.
pub async fn known(
    tx: &mut Tx,
    shop: ShopId,
    client_ids: Vec<String>,
) -> Result<Vec<Known>, StoreError> {
    let rows = tx.all(KNOWN, args![shop, client_ids]).await?;
    rows.iter()
        .map(|row| {
            let side = coded(row, "side", Side::from_code)?;
            Ok(Known {
                conversation: row.get("conversation_id")?,
                author: Author::from_parts(side, row.get("author_id")?),
                client_id: row.get("client_id")?,
                lane: coded(row, "lane", Lane::from_code)?,
                seq: row.get("seq")?,
                at: row.get("at")?,
                kind: coded(row, "kind", EntryKind::from_code)?,
                text: row.get("text")?,
                content: super::content::read(row, "content")?,
                ref_seq: row.get("ref_seq")?,
            })
        })
        .collect()
}

/// The entry that a recall speaks of.
pub async fn target(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    lane: Lane,
    seq: i64,
) -> Result<Option<Target>, StoreError> {
    let row = tx.opt(TARGET, args![shop, conversation, lane.code(), seq]).await?;
    row.map(|row| {
        let side = coded(&row, "side", Side::from_code)?;
        Ok(Target {
            seq: row.get("seq")?,
            author: Author::from_parts(side, row.get("author_id")?),
            at: row.get("at")?,
            kind: coded(&row, "kind", EntryKind::from_code)?,
            recalled_by: row.get("recalled_by")?,
        })
    })
    .transpose()
}

/// Conversations quiet since `ends_before`, or since `frees_before` with a seat still taken.
pub async fn quiet(
    tx: &mut Tx,
    ends_before: Timestamp,
    frees_before: Timestamp,
    limit: i64,
) -> Result<Vec<(ShopId, ConversationId)>, StoreError> {
    let rows = tx.all(QUIET, args![ends_before, frees_before, limit]).await?;
    rows.iter().map(|row| Ok((row.get("shop_id")?, row.get("conversation_id")?))).collect()
}

/// Reads a stored code of one of the domain's enums.
pub(crate) fn coded<T>(
    row: &Row,
    column: &str,
    read: fn(i64) -> Option<T>,
) -> Result<T, StoreError> {
    let code: i64 = row.get(column)?;
    read(code).ok_or_else(|| row.inconsistent(column, format_args!("{code} is no known code")))
}

fn read_talk(row: &Row) -> Result<Talk, StoreError> {
    Ok(Talk {
        id: row.get("id")?,
        public_id: row.get("public_id")?,
        buyer: row.get("buyer_id")?,
        head: Head {
            seq: row.get("last_seq")?,
            at: row.get("last_at")?,
            chain: bytes(row, "chain")?,
        },
        staff_head: Head {
            seq: row.get("staff_seq")?,
            at: row.get("staff_at")?,
            chain: bytes(row, "staff_chain")?,
        },
        buyer_last_seq: row.get("buyer_last_seq")?,
        buyer_read_seq: row.get("buyer_read_seq")?,
        staff_read_seq: row.get("staff_read_seq")?,
        unread: row.get("unread")?,
        session: read_session(row)?,
        wish: Wish::default(),
    })
}

fn read_session(row: &Row) -> Result<Option<Session>, StoreError> {
    let Some(id) = row.get("session_id")? else { return Ok(None) };
    let closed_at: Option<Timestamp> = row.get("closed_at")?;
    let closed = match closed_at {
        None => None,
        Some(at) => Some((
            at,
            row.parse("close_reason", |word: String| {
                xiaoer_domain::chat::CloseReason::parse(&word).ok_or("no known reason")
            })?,
        )),
    };
    let agent: Option<AccountId> = row.get("agent_id")?;
    // Who takes a session leaves the time behind: ordinary sends need not write it.
    let queued_since = row.get::<Option<Timestamp>>("queued_since")?.filter(|_| agent.is_none());
    Ok(Some(Session {
        id: Some(id),
        agent,
        opened_at: row.get("opened_at")?,
        accepted_at: row.get("accepted_at")?,
        waiting_since: row.get("waiting_since")?,
        step: row.get("step")?,
        quiet_since: row.get("quiet_since")?,
        seat_freed_at: row.get("seat_freed_at")?,
        closed,
        why: None,
        group: row.get("group_id")?,
        priority: coded(row, "priority", Priority::from_code)?,
        queued_since,
        decision: None,
    }))
}

/// A column of a fixed number of bytes.
pub(crate) fn bytes<const N: usize>(row: &Row, column: &str) -> Result<[u8; N], StoreError> {
    let bytes: Vec<u8> = row.get(column)?;
    bytes.try_into().map_err(|_| row.inconsistent(column, format_args!("it is not {N} bytes")))
}
