//! SQLite: the whole file, copied from one moment by the database itself.

use std::collections::BTreeMap;
use std::path::Path;

use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};

use super::{SQLITE_FILE, Snapshot, SnapshotError, SnapshotFile, compare_rows};
use crate::db::Durability;
use crate::journal::{REBASE_FOLLOWERS, REBASE_JOURNAL};
use crate::sql::{Dialect, Place};
use crate::sqlite::SqliteFile;

const TABLES: &str = "SELECT name FROM sqlite_master
    WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
const STEP: &str = "SELECT COALESCE(MAX(version), 0) FROM schema_migration";

pub(super) async fn take(file: &SqliteFile, folder: &Path) -> Result<Snapshot, SnapshotError> {
    let target = folder.join(SQLITE_FILE);
    let mut conn = file.connect().await?;
    // Reads one moment and keeps no writer waiting.
    sqlx::query("VACUUM INTO $1")
        .bind(target.to_string_lossy().into_owned())
        .execute(&mut conn)
        .await
        .map_err(SnapshotError::database("the database file could not be copied"))?;
    let _ = conn.close().await;
    let mut conn = SqliteFile::new(folder, Place::Main, Durability::ProcessCrash).connect().await?;
    let looked = look(&mut conn).await;
    // The last connection takes the WAL away: the copy is one file again.
    let closed = conn.close().await;
    let (schema, rows) = looked?;
    closed.map_err(SnapshotError::database("the copy could not be closed"))?;
    let files = BTreeMap::from([(SQLITE_FILE.to_owned(), SnapshotFile::default())]);
    Ok(Snapshot { dialect: Dialect::Sqlite, schema, files, rows, counters: BTreeMap::new() })
}

pub(super) async fn load(
    data_dir: &Path,
    snapshot: &Snapshot,
    folder: &Path,
) -> Result<(), SnapshotError> {
    let (from, to) = (folder.join(SQLITE_FILE), data_dir.join(SQLITE_FILE));
    if to.exists() {
        return Err(SnapshotError::Occupied);
    }
    std::fs::rename(&from, &to).map_err(SnapshotError::file(&to))?;
    let prepared = prepare(data_dir, snapshot).await;
    if prepared.is_err() {
        let _ = std::fs::rename(&to, &from);
    }
    prepared
}

async fn prepare(data_dir: &Path, snapshot: &Snapshot) -> Result<(), SnapshotError> {
    let file = SqliteFile::new(data_dir, Place::Main, Durability::PowerLoss);
    let mut conn = file.connect().await?;
    let (_, rows) = look(&mut conn).await?;
    compare_rows(&snapshot.rows, &rows)?;
    for step in [REBASE_FOLLOWERS, REBASE_JOURNAL] {
        sqlx::query(step.text(Dialect::Sqlite))
            .execute(&mut conn)
            .await
            .map_err(SnapshotError::database("the followers' positions could not be set"))?;
    }
    conn.close().await.map_err(SnapshotError::database("the database file could not be closed"))
}

/// Checks the file, and tells its schema step and the rows of every table.
async fn look(conn: &mut SqliteConnection) -> Result<(i64, BTreeMap<String, i64>), SnapshotError> {
    let unread = || SnapshotError::database("the copy could not be read");
    let (verdict,): (String,) =
        sqlx::query_as("PRAGMA quick_check(1)").fetch_one(&mut *conn).await.map_err(unread())?;
    if verdict != "ok" {
        return Err(SnapshotError::Damaged { detail: verdict });
    }
    let tables: Vec<(String,)> =
        sqlx::query_as(TABLES).fetch_all(&mut *conn).await.map_err(unread())?;
    let mut rows = BTreeMap::new();
    for (table,) in tables {
        let count = AssertSqlSafe(format!("SELECT COUNT(*) FROM \"{table}\""));
        let (count,): (i64,) =
            sqlx::query_as(count).fetch_one(&mut *conn).await.map_err(unread())?;
        rows.insert(table, count);
    }
    let (schema,): (i64,) = sqlx::query_as(STEP).fetch_one(conn).await.map_err(unread())?;
    Ok((schema, rows))
}
