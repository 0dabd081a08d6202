//! From a backup to a data folder that a server can start on. Every hash is compared before anything is touched.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use xiaoer_domain::time::Timestamp;
use xiaoer_store::snapshot::{self, Occupied, Snapshot, SnapshotError, SnapshotFile};
use xiaoer_store::{DatabaseUrl, DbConfig, Dialect};

use super::archive::{self, ArchiveError, Manifest};
use super::backup::{DATA, DATABASE, Staging, stamp, stays, word};
use crate::Chance;

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The file is no whole backup.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The database did not take it.
    #[error("the database did not take the backup")]
    Snapshot(#[from] SnapshotError),
    /// Something is there already.
    #[error("{} is not empty", .0.display())]
    Occupied(PathBuf),
    /// The backup comes from the other kind of database.
    #[error("the backup is of a {of} database, the configuration names {here}")]
    OtherDatabase {
        /// The backup's.
        of: String,
        /// The configured one.
        here: &'static str,
    },
    /// The work was cut off.
    #[error("the work was cut off")]
    CutOff,
}

/// Restores a backup into a data folder, and into the configured database. With [`Occupied::Replace`] what lies in the
/// folder is put aside in it, under `replaced-…`, and the tables in a PostgreSQL are taken away.
///
/// # Errors
/// Folder and database are as they were.
pub async fn restore(
    config: &DbConfig,
    data_dir: &Path,
    backup: &Path,
    occupied: Occupied,
    now: Timestamp,
    chance: &Chance,
) -> Result<Manifest, RestoreError> {
    std::fs::create_dir_all(data_dir).map_err(ArchiveError::file(data_dir))?;
    let is_empty = names(data_dir)?.iter().all(|name| stays(name));
    if occupied == Occupied::Refuse && !is_empty {
        return Err(RestoreError::Occupied(data_dir.to_path_buf()));
    }
    let checked = backup.to_path_buf();
    let manifest = off_thread(move || archive::check(&checked)).await?;
    let here = word(config.dialect());
    if manifest.database != here {
        return Err(RestoreError::OtherDatabase { of: manifest.database, here });
    }
    let staging = Staging::new(data_dir, "restore", chance)?;
    let (from, to) = (backup.to_path_buf(), staging.0.clone());
    off_thread(move || archive::extract(&from, &to)).await?;
    let aside = data_dir.join(format!("replaced-{}", stamp(now)));
    move_all(data_dir, &aside, |name| !stays(name))?;
    let database = staging.0.join(DATABASE);
    let snapshot = read_snapshot(&manifest, config.dialect());
    if let Err(error) = snapshot::load(&at(config, data_dir), &snapshot, &database, occupied).await
    {
        move_all(&aside, data_dir, |_| true)?;
        let _ = std::fs::remove_dir(&aside);
        return Err(error.into());
    }
    move_all(&staging.0.join(DATA), data_dir, |_| true)?;
    let synced = std::fs::File::open(data_dir).and_then(|folder| folder.sync_all());
    synced.map_err(ArchiveError::file(data_dir))?;
    Ok(manifest)
}

fn at(config: &DbConfig, data_dir: &Path) -> DbConfig {
    let url = match &config.url {
        DatabaseUrl::Sqlite { .. } => DatabaseUrl::Sqlite { data_dir: data_dir.to_path_buf() },
        postgres @ DatabaseUrl::Postgres { .. } => postgres.clone(),
    };
    DbConfig { url, ..config.clone() }
}

fn read_snapshot(manifest: &Manifest, dialect: Dialect) -> Snapshot {
    let prefix = format!("{DATABASE}/");
    let names = manifest.parts.keys().filter_map(|name| name.strip_prefix(&prefix));
    let file = |name: &str| SnapshotFile {
        columns: manifest.columns.get(name).cloned().unwrap_or_default(),
    };
    let files: BTreeMap<_, _> = names.map(|name| (name.to_owned(), file(name))).collect();
    Snapshot {
        dialect,
        schema: manifest.schema,
        files,
        rows: manifest.rows.clone(),
        counters: manifest.counters.clone(),
    }
}

/// Moves what lies in one folder into another on the same disk; a folder that is not there holds nothing.
fn move_all(from: &Path, to: &Path, takes: impl Fn(&str) -> bool) -> Result<(), ArchiveError> {
    if !from.is_dir() {
        return Ok(());
    }
    for name in names(from)?.into_iter().filter(|name| takes(name)) {
        std::fs::create_dir_all(to).map_err(ArchiveError::file(to))?;
        let target = to.join(&name);
        std::fs::rename(from.join(&name), &target).map_err(ArchiveError::file(&target))?;
    }
    Ok(())
}

fn names(folder: &Path) -> Result<Vec<String>, ArchiveError> {
    let entries = std::fs::read_dir(folder).map_err(ArchiveError::file(folder))?;
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    names.collect::<Result<Vec<_>, _>>().map_err(ArchiveError::file(folder))
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ArchiveError> + Send + 'static,
) -> Result<T, RestoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(RestoreError::CutOff),
    }
}
