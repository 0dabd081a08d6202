//! How far each projection has come, kept beside what it made: both are committed together.
//!
//! Must never move a projection that another process has moved meanwhile.

use xiaoer_domain::time::Timestamp;

use crate::error::StoreError;
use crate::journal::Position;
use crate::row::Row;
use crate::tx::Tx;
use crate::{args, statements};

/// [`Progress::rebuilt_from`] when nothing has been read yet.
pub const REBUILD_ALL: i64 = i64::MAX;

statements! {
    pub(crate) FIND = "SELECT version, xid, id, rebuilt_from
        FROM projection
        WHERE name = $1", place: Derived;
    pub(crate) START = "INSERT INTO projection (name, version, xid, id, rebuilt_from, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (name) DO UPDATE
        SET version = excluded.version, xid = excluded.xid, id = excluded.id,
          rebuilt_from = excluded.rebuilt_from, updated_at = excluded.updated_at", place: Derived;
    pub(crate) ADVANCE = "UPDATE projection
        SET xid = $5, id = $6, rebuilt_from = $7, updated_at = $8
        WHERE name = $1 AND xid = $2 AND id = $3 AND rebuilt_from = $4", place: Derived;
    /// The first line that is not yet projected, seen or not: how late a follower is.
    pub(crate) OLDEST_AFTER => {
        sqlite: "SELECT at
                 FROM journal
                 WHERE $1 = 0 AND id > $2
                 ORDER BY id
                 LIMIT 1",
        postgres: "SELECT at
                   FROM journal
                   WHERE (xid, id) > ($1, $2)
                   ORDER BY xid, id
                   LIMIT 1",
    }, installation: "a follower serves every shop of the installation";
}

/// How far a projection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The last line of the journal it has taken in.
    pub position: Position,
    /// Rows below this id are still to be read from the main store; 0 when all were.
    pub rebuilt_from: i64,
}

/// A stored progress and the version of the projection that stored it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    pub version: i64,
    pub progress: Progress,
}

/// How far a projection has come; None if it never started here.
pub async fn find(tx: &mut Tx, name: &str) -> Result<Option<Stored>, StoreError> {
    let row = tx.opt(FIND, args![name]).await?;
    row.as_ref().map(read_stored).transpose()
}

/// Begins anew: from `position` on it follows the journal, everything before it is to be read.
pub async fn start(
    tx: &mut Tx,
    name: &str,
    version: i64,
    position: Position,
    now: Timestamp,
) -> Result<Progress, StoreError> {
    let progress = Progress { position, rebuilt_from: REBUILD_ALL };
    tx.exec(START, args![name, version, position.xid, position.id, REBUILD_ALL, now]).await?;
    Ok(progress)
}

/// Moves a projection from one progress to the next. False if it does not stand at `from` (another
/// process works on it): the transaction must then change nothing.
pub async fn advance(
    tx: &mut Tx,
    name: &str,
    from: Progress,
    to: Progress,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let (at, next) = (from.position, to.position);
    let args =
        args![name, at.xid, at.id, from.rebuilt_from, next.xid, next.id, to.rebuilt_from, now];
    Ok(tx.exec(ADVANCE, args).await? == 1)
}

/// When the first line after `position` was written (main store), also one that no follower may
/// read yet. None: there is none.
pub async fn oldest_after(
    tx: &mut Tx,
    position: Position,
) -> Result<Option<Timestamp>, StoreError> {
    let row = tx.opt(OLDEST_AFTER, args![position.xid, position.id]).await?;
    row.map(|row| row.get("at")).transpose()
}

fn read_stored(row: &Row) -> Result<Stored, StoreError> {
    Ok(Stored {
        version: row.get("version")?,
        progress: Progress {
            position: Position { xid: row.get("xid")?, id: row.get("id")? },
            rebuilt_from: row.get("rebuilt_from")?,
        },
    })
}
