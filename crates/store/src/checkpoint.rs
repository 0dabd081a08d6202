//! Moves the WAL into the database file, on a connection of its own, so that no write waits for it.
//!
//! Must never hold the file's write lock for long. Under a steady flow of writes SQLite finds no moment to begin the
//! WAL anew: from a limit on it is asked to, right after most pages were moved, so that the writer waits only for the
//! few that came since. Cutting the file costs far more than writing over it, so only a monstrous one is cut.

use std::time::Duration;

use sqlx::{Connection as _, Row as _, SqliteConnection};
use tokio::sync::watch;

use crate::error::StoreError;
use crate::sqlite::SqliteFile;

/// How often the WAL is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// From this file size on pages are moved while writes go on.
const WAL_MOVE_BYTES: u64 = 4 << 20;
/// With so much in it since it last began, the WAL begins anew.
const WAL_RESTART_BYTES: u64 = 16 << 20;
/// From this file size on it is cut: readers have kept it from beginning anew for long.
const WAL_CUT_BYTES: u64 = 256 << 20;
/// One page in the WAL, with its header.
const FRAME_BYTES: u64 = 4096 + 24;

/// How long readers are waited for: the writer waits too, so better try again later.
const READERS_WAIT: &str = "PRAGMA busy_timeout = 20";

/// Keeps the WAL of `file` small until told to stop; then empties it once more.
pub(crate) async fn keep_small(file: SqliteFile, mut is_closed: watch::Receiver<bool>) {
    let gauge = metrics::gauge!("store_wal_bytes", "store" => file.name());
    let mut wal = Wal { file: &file, conn: None, restart_at: WAL_RESTART_BYTES };
    loop {
        let is_last = tokio::select! {
            changed = is_closed.changed() => changed.is_err() || *is_closed.borrow(),
            () = tokio::time::sleep(LOOK_EVERY) => false,
        };
        let bytes = std::fs::metadata(file.wal_path()).map(|m| m.len()).unwrap_or(0);
        gauge.set(bytes as f64);
        if (is_last || bytes >= WAL_MOVE_BYTES)
            && let Err(error) = wal.keep_small(is_last || bytes >= WAL_CUT_BYTES).await
        {
            tracing::warn!(error = %error, store = file.name(), "checkpoint failed");
            wal.conn = None;
        }
        if is_last {
            break;
        }
    }
    if let Some(conn) = wal.conn {
        let _ = conn.close().await;
    }
}

struct Wal<'f> {
    file: &'f SqliteFile,
    conn: Option<SqliteConnection>,
    /// It begins anew with so much in it: more each time that readers are in the way.
    restart_at: u64,
}

impl Wal<'_> {
    async fn keep_small(&mut self, cut: bool) -> Result<(), StoreError> {
        if cut {
            return self.checkpoint("PRAGMA wal_checkpoint(TRUNCATE)").await.map(drop);
        }
        let moved = self.checkpoint("PRAGMA wal_checkpoint(PASSIVE)").await?;
        if moved.bytes < self.restart_at {
            return Ok(());
        }
        let restarted = self.checkpoint("PRAGMA wal_checkpoint(RESTART)").await?;
        let in_the_way = if restarted.was_busy { moved.bytes } else { 0 };
        self.restart_at = in_the_way + WAL_RESTART_BYTES;
        Ok(())
    }

    async fn checkpoint(&mut self, text: &'static str) -> Result<Checkpoint, StoreError> {
        let failed = |e: sqlx::Error| StoreError::unavailable_by("the checkpoint failed", &e);
        let conn = match &mut self.conn {
            Some(conn) => conn,
            none => {
                let mut conn = self.file.connect().await?;
                sqlx::query(READERS_WAIT).fetch_all(&mut conn).await.map_err(failed)?;
                none.insert(conn)
            }
        };
        let row = sqlx::query(text).fetch_one(conn).await.map_err(failed)?;
        let frames: i64 = row.try_get(1).map_err(failed)?;
        let busy: i64 = row.try_get(0).map_err(failed)?;
        // -1 when there is no WAL yet.
        Ok(Checkpoint {
            was_busy: busy != 0,
            bytes: u64::try_from(frames).unwrap_or(0) * FRAME_BYTES,
        })
    }
}

/// What a checkpoint found.
struct Checkpoint {
    was_busy: bool,
    /// In the WAL since it last began.
    bytes: u64,
}
