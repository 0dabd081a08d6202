//! Moves the WAL into the database file, on a connection of its own, so that no write waits for it.
//!
//! Must never hold the file's write lock for long: only a WAL that has grown past its limit is cut.

use std::time::Duration;

use sqlx::{Connection as _, SqliteConnection};
use tokio::sync::watch;

use crate::error::StoreError;
use crate::sqlite::SqliteFile;

/// How often the WAL's size is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// From this size pages are moved while writes go on.
const WAL_MOVE_BYTES: u64 = 4 << 20;
/// From this size the writer is held for the moment it takes to empty and cut the file: readers
/// have kept it from being reused.
const WAL_CUT_BYTES: u64 = 64 << 20;

/// How long a cut waits for readers: the writer waits with it, so better not cut this time.
const CUT_WAIT: &str = "PRAGMA busy_timeout = 100";

/// Keeps the WAL of `file` small until told to stop; then empties it once more.
pub(crate) async fn keep_small(file: SqliteFile, mut is_closed: watch::Receiver<bool>) {
    let gauge = metrics::gauge!("store_wal_bytes", "store" => file.name());
    let mut conn = None;
    loop {
        let is_last = tokio::select! {
            changed = is_closed.changed() => changed.is_err() || *is_closed.borrow(),
            () = tokio::time::sleep(LOOK_EVERY) => false,
        };
        let bytes = std::fs::metadata(file.wal_path()).map(|m| m.len()).unwrap_or(0);
        gauge.set(bytes as f64);
        if is_last || bytes >= WAL_MOVE_BYTES {
            let cut = is_last || bytes >= WAL_CUT_BYTES;
            conn = match checkpoint(&file, conn.take(), cut).await {
                Ok(conn) => Some(conn),
                Err(error) => {
                    tracing::warn!(error = %error, store = file.name(), "checkpoint failed");
                    None
                }
            };
        }
        if is_last {
            break;
        }
    }
    if let Some(conn) = conn {
        let _ = conn.close().await;
    }
}

async fn checkpoint(
    file: &SqliteFile,
    conn: Option<SqliteConnection>,
    cut: bool,
) -> Result<SqliteConnection, StoreError> {
    let mut conn = match conn {
        Some(conn) => conn,
        None => {
            let mut conn = file.connect().await?;
            let set = sqlx::query(CUT_WAIT).fetch_all(&mut conn).await;
            set.map_err(|e| StoreError::unavailable_by("the checkpoint failed", &e))?;
            conn
        }
    };
    let text =
        if cut { "PRAGMA wal_checkpoint(TRUNCATE)" } else { "PRAGMA wal_checkpoint(PASSIVE)" };
    let done = sqlx::query(text).fetch_all(&mut conn).await;
    done.map_err(|e| StoreError::unavailable_by("the checkpoint failed", &e))?;
    Ok(conn)
}
