//! The truth of one moment as files, and the way back from files to a database.
//!
//! SQLite copies its file while writers go on; PostgreSQL copies every table in one transaction that sees one moment.
//! The derived store is never copied: it is rebuilt. Must never overwrite a database that holds something, unless it is
//! told to.

mod postgres;
mod sqlite;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::db::{DatabaseUrl, Db, DbConfig, Store};
use crate::error::StoreError;
use crate::migrate::{MAIN, MigrateError};
use crate::sql::{Dialect, Place};

/// Name of the one file of a SQLite snapshot.
const SQLITE_FILE: &str = "main.db";

/// A snapshot, or what a backup tells of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The database it was taken from; it goes back into one of the same kind.
    pub dialect: Dialect,
    /// The last schema step in it.
    pub schema: i64,
    /// Its files by name.
    pub files: BTreeMap<String, SnapshotFile>,
    /// Rows of every table.
    pub rows: BTreeMap<String, i64>,
    /// Where each counter of row numbers stood (PostgreSQL): a number is never given twice.
    pub counters: BTreeMap<String, i64>,
}

/// One file of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SnapshotFile {
    /// The columns of its lines in order; empty for a whole database file.
    pub columns: Vec<String>,
}

/// What to do when the database already holds something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occupied {
    /// Change nothing and say so.
    Refuse,
    /// Take its place. Only on PostgreSQL, where it happens in one transaction.
    Replace,
}

/// Why there is no snapshot, or why none was loaded.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Schema(#[from] MigrateError),
    /// The database did not take a step.
    #[error("{what}")]
    Database { what: String, source: sqlx::Error },
    /// A file cannot be read or written.
    #[error("{path} cannot be used")]
    File { path: PathBuf, source: std::io::Error },
    /// The database file does not pass its own check.
    #[error("the database file is damaged: {detail}")]
    Damaged { detail: String },
    /// The snapshot comes from the other kind of database.
    #[error("the snapshot is of {of:?}, the database is {here:?}")]
    OtherDatabase { of: Dialect, here: Dialect },
    /// The schema of the snapshot is younger than this program.
    #[error("the snapshot's schema is at step {schema}, this version knows {known}")]
    TooNew { schema: i64, known: i64 },
    /// Something is there already.
    #[error("the database is not empty")]
    Occupied,
    /// Fewer or more rows arrived than the snapshot tells.
    #[error("{table} has {found} rows instead of {told}")]
    Miscounted { table: String, told: i64, found: i64 },
}

impl SnapshotError {
    fn database(what: impl Into<String>) -> impl FnOnce(sqlx::Error) -> Self {
        let what = what.into();
        move |source| Self::Database { what, source }
    }

    fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { path, source }
    }
}

impl Db {
    /// Writes the main store as of one moment into files in `folder`, while work goes on.
    ///
    /// # Errors
    /// What stands in `folder` then is incomplete; the database is as it was.
    pub async fn snapshot(&self, folder: &Path) -> Result<Snapshot, SnapshotError> {
        match self.store(Place::Main) {
            Store::Sqlite(store) => sqlite::take(&store.file, folder).await,
            Store::Postgres(store) => postgres::take(store.connect().await?, folder).await,
        }
    }
}

/// Makes a database from the files of a snapshot in `folder`: the same rows, positions of followers kept, the derived
/// store empty. The schema stays at the snapshot's step; the next start brings it up to date.
///
/// # Errors
/// The database is as it was.
pub async fn load(
    config: &DbConfig,
    snapshot: &Snapshot,
    folder: &Path,
    occupied: Occupied,
) -> Result<(), SnapshotError> {
    let known = MAIN.last().map_or(0, |step| step.version);
    if snapshot.schema > known {
        return Err(SnapshotError::TooNew { schema: snapshot.schema, known });
    }
    let here = config.dialect();
    if here != snapshot.dialect {
        return Err(SnapshotError::OtherDatabase { of: snapshot.dialect, here });
    }
    match &config.url {
        DatabaseUrl::Sqlite { data_dir } => sqlite::load(data_dir, snapshot, folder).await,
        DatabaseUrl::Postgres { url, .. } => postgres::load(url, snapshot, folder, occupied).await,
    }
}

impl DbConfig {
    /// Which database it names.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self.url {
            DatabaseUrl::Sqlite { .. } => Dialect::Sqlite,
            DatabaseUrl::Postgres { .. } => Dialect::Postgres,
        }
    }
}

fn compare_rows(
    told: &BTreeMap<String, i64>,
    found: &BTreeMap<String, i64>,
) -> Result<(), SnapshotError> {
    for table in told.keys().chain(found.keys()) {
        let count = |rows: &BTreeMap<String, i64>| rows.get(table).copied().unwrap_or(0);
        let (told, found) = (count(told), count(found));
        if told != found {
            return Err(SnapshotError::Miscounted { table: table.clone(), told, found });
        }
    }
    Ok(())
}
