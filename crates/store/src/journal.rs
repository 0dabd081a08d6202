//! What happened, in order, and how far each follower has come.
//!
//! Must never let a follower pass a row that an older open transaction may still commit below it,
//! and never hold text of people: ids and small versioned facts only.

use xiaoer_domain::id::ShopId;
use xiaoer_domain::time::Timestamp;

use crate::error::StoreError;
use crate::row::Row;
use crate::tx::Tx;
use crate::{args, statements};

/// Rows a follower takes at once.
pub const PAGE_MAX: i64 = 500;

statements! {
    /// On PostgreSQL a row carries its transaction's number, see [`read_after`].
    pub(crate) APPEND => {
        sqlite: "INSERT INTO journal (xid, shop_id, at, kind, version, facts)
                 VALUES (0, $1, $2, $3, $4, $5)
                 RETURNING id",
        postgres: "INSERT INTO journal (xid, shop_id, at, kind, version, facts)
                   VALUES (CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT), $1, $2, $3, $4, $5)
                   RETURNING id",
    };
    pub(crate) READ_AFTER => {
        sqlite: "SELECT id, xid, shop_id, at, kind, version, facts
                 FROM journal
                 WHERE $1 = 0 AND id > $2
                 ORDER BY id
                 LIMIT $3",
        postgres: "SELECT id, xid, shop_id, at, kind, version, facts
                   FROM journal
                   WHERE (xid, id) > ($1, $2)
                     AND xid < CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT)
                   ORDER BY xid, id
                   LIMIT $3",
    }, installation: "a follower serves every shop of the installation";
    pub(crate) LAST_POSITION => {
        sqlite: "SELECT xid, id FROM journal ORDER BY id DESC LIMIT 1",
        postgres: "SELECT xid, id
                   FROM journal
                   WHERE xid < CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT)
                   ORDER BY xid DESC, id DESC
                   LIMIT 1",
    }, installation: "a follower serves every shop of the installation";
    pub(crate) FOLLOWER_POSITION = "SELECT xid, id
        FROM follower
        WHERE name = $1";
    pub(crate) SAVE_POSITION = "INSERT INTO follower (name, xid, id, updated_at)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (name) DO UPDATE
        SET xid = excluded.xid, id = excluded.id, updated_at = excluded.updated_at";
    /// After a restore the numbers of transactions begin anew: followers first, then the rows.
    pub(crate) REBASE_FOLLOWERS = "UPDATE follower
        SET xid = 0,
            id = COALESCE(
              (SELECT MIN(j.id) - 1 FROM journal j
               WHERE j.xid > follower.xid OR (j.xid = follower.xid AND j.id > follower.id)),
              (SELECT MAX(j.id) FROM journal j),
              follower.id)",
        installation: "a restore moves the whole installation";
    pub(crate) REBASE_JOURNAL = "UPDATE journal SET xid = 0 WHERE xid <> 0",
        installation: "a restore moves the whole installation";
}

/// A place in the journal; on SQLite `xid` is 0 and `id` alone orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position {
    pub xid: i64,
    pub id: i64,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRow {
    pub position: Position,
    pub shop: ShopId,
    pub at: Timestamp,
    pub kind: String,
    /// Version of the shape of `facts`.
    pub version: i64,
    /// JSON, without text or personal data.
    pub facts: String,
}

/// Writes one line in the transaction of what it tells; gives its row id.
pub async fn append(
    tx: &mut Tx,
    shop: ShopId,
    at: Timestamp,
    kind: &str,
    version: i64,
    facts: String,
) -> Result<i64, StoreError> {
    debug_assert!(facts.starts_with('{'), "facts are a JSON object");
    tx.one(APPEND, args![shop, at, kind, version, facts]).await?.get("id")
}

/// The rows after `position` that nothing can be committed between any more, oldest first.
///
/// On PostgreSQL ids are given before commits, so a lower id may appear later than a higher one.
/// Rows are therefore ordered by (transaction, id), and shown only when every transaction up to
/// theirs has ended: what is committed later is always greater. A long write anywhere in the
/// database cluster makes followers wait for it.
pub async fn read_after(
    tx: &mut Tx,
    position: Position,
    limit: i64,
) -> Result<Vec<JournalRow>, StoreError> {
    let limit = limit.clamp(1, PAGE_MAX);
    let rows = tx.all(READ_AFTER, args![position.xid, position.id, limit]).await?;
    rows.iter().map(read_row).collect()
}

/// The end of the journal as [`read_after`] sees it: where a new reactor starts.
pub async fn last_position(tx: &mut Tx) -> Result<Position, StoreError> {
    let row = tx.opt(LAST_POSITION, args![]).await?;
    row.as_ref().map_or(Ok(Position::default()), read_position)
}

/// How far a follower has come; None if it has never saved.
pub async fn follower_position(tx: &mut Tx, name: &str) -> Result<Option<Position>, StoreError> {
    let row = tx.opt(FOLLOWER_POSITION, args![name]).await?;
    row.as_ref().map(read_position).transpose()
}

/// Saves how far a follower has come, in the transaction of what it did up to there.
pub async fn save_position(
    tx: &mut Tx,
    name: &str,
    position: Position,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(SAVE_POSITION, args![name, position.xid, position.id, now]).await?;
    Ok(())
}

/// Run once after a restore or a move to another cluster, before any follower starts: forgets the
/// old cluster's transaction numbers. A follower may see rows again, and misses none.
pub async fn rebase_after_restore(tx: &mut Tx) -> Result<(), StoreError> {
    tx.exec(REBASE_FOLLOWERS, args![]).await?;
    tx.exec(REBASE_JOURNAL, args![]).await?;
    Ok(())
}

fn read_position(row: &Row) -> Result<Position, StoreError> {
    Ok(Position { xid: row.get("xid")?, id: row.get("id")? })
}

fn read_row(row: &Row) -> Result<JournalRow, StoreError> {
    Ok(JournalRow {
        position: read_position(row)?,
        shop: row.get("shop_id")?,
        at: row.get("at")?,
        kind: row.get("kind")?,
        version: row.get("version")?,
        facts: row.get("facts")?,
    })
}
