//! A backup: the database as of one moment and every file of the data folder, in one archive that either is whole or is
//! not there.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use xiaoer_domain::time::Timestamp;
use xiaoer_domain::zone::Zone;
use xiaoer_store::snapshot::{Snapshot, SnapshotError};
use xiaoer_store::{Db, Dialect, LOCK_FILE};

use super::archive::{self, ArchiveError, Manifest};
use crate::Chance;

/// Where backups lie in the data folder, if no other place is named.
pub const BACKUPS_FOLDER: &str = "backups";
/// How deep folders in the data folder may lie in each other.
const DEPTH_MAX: usize = 16;
/// Parts of the archive that are the database.
pub(super) const DATABASE: &str = "database";
/// Parts of the archive that are files of the data folder.
pub(super) const DATA: &str = "data";
/// Beginning and end of every backup's name.
const NAME: (&str, &str) = ("xiaoer-", ".tar.gz");

/// A backup that was made.
#[derive(Clone, Debug)]
pub struct BackedUp {
    /// Where it lies.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// What it says of itself.
    pub manifest: Manifest,
}

/// Why there is no backup. Nothing was left behind.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database could not be copied.
    #[error("the database could not be copied")]
    Snapshot(#[from] SnapshotError),
    /// The archive could not be written.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A file stands where the backup should go.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// The work was cut off.
    #[error("the work was cut off")]
    CutOff,
}

/// Backs up to `target`: a file, or a folder in which the backup gets a name with its time. It runs beside everything
/// else, and the archive appears under its name only when it is whole and on the disk.
///
/// # Errors
/// Nothing is left behind.
pub async fn back_up(
    db: &Db,
    data_dir: &Path,
    target: &Path,
    now: Timestamp,
    chance: &Chance,
) -> Result<BackedUp, BackupError> {
    let path = place(target, now)?;
    if path.exists() {
        return Err(BackupError::Exists(path));
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    let folder = folder.map_or_else(|| PathBuf::from("."), Path::to_path_buf);
    let staging = Staging::new(&folder, "backup", chance)?;
    let database = staging.0.join(DATABASE);
    std::fs::create_dir(&database).map_err(ArchiveError::file(&database))?;
    let snapshot = db.snapshot(&database).await?;
    let data_dir = data_dir.to_path_buf();
    let work = move || {
        // Moved in, so that it goes when this work ends and not while it still writes.
        let staging = staging;
        let names = snapshot.files.keys();
        let mut parts: Vec<(String, PathBuf)> =
            names.map(|name| (format!("{DATABASE}/{name}"), database.join(name))).collect();
        list_files(&data_dir, &data_dir, 0, &mut parts).map_err(ArchiveError::file(&data_dir))?;
        let half = staging.0.join("archive");
        let manifest = archive::write(&half, describe(snapshot, now), &parts)?;
        std::fs::rename(&half, &path).map_err(ArchiveError::file(&path))?;
        let synced = std::fs::File::open(&folder).and_then(|folder| folder.sync_all());
        synced.map_err(ArchiveError::file(&folder))?;
        let bytes = std::fs::metadata(&path).map_err(ArchiveError::file(&path))?.len();
        Ok(BackedUp { path, bytes, manifest })
    };
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(BackupError::CutOff))
}

/// The name of a backup that is made at this moment.
pub(super) fn file_name(now: Timestamp) -> String {
    format!("{}{}{}", NAME.0, stamp(now), NAME.1)
}

/// A moment as names carry it: `20261123T083000Z`.
pub(super) fn stamp(now: Timestamp) -> String {
    let zone = Zone::utc();
    let (day, time) = (zone.day(now).to_string(), zone.time(now).to_string());
    let seconds = now.micros().div_euclid(1_000_000).rem_euclid(60);
    format!("{}T{}{seconds:02}Z", day.replace('-', ""), time.replace(':', ""))
}

/// Whether a file is named as backups are.
pub(super) fn is_backup(name: &str) -> bool {
    name.starts_with(NAME.0) && name.ends_with(NAME.1)
}

/// The file to write: the target itself, or one in it if it is a folder or is written like one.
fn place(target: &Path, now: Timestamp) -> Result<PathBuf, BackupError> {
    let is_folder = target.is_dir() || target.as_os_str().as_encoded_bytes().ends_with(b"/");
    if !is_folder {
        return Ok(target.to_path_buf());
    }
    make_folder(target).map_err(ArchiveError::file(target))?;
    Ok(target.join(file_name(now)))
}

fn make_folder(path: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// A folder for what is not finished; it goes when this value does.
pub(super) struct Staging(pub(super) PathBuf);

impl Staging {
    pub(super) fn new(beside: &Path, what: &str, chance: &Chance) -> Result<Self, ArchiveError> {
        let name: String = chance.bytes::<8>().iter().map(|b| format!("{b:02x}")).collect();
        let path = beside.join(format!("{what}-{name}.part"));
        make_folder(&path).map_err(ArchiveError::file(&path))?;
        Ok(Self(path))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Whether a name directly in the data folder belongs to the house and not to the shop: databases (copied in their own
/// way) and what a restore leaves where it is.
fn is_of_the_house(name: &str) -> bool {
    name.starts_with("main.db") || name.starts_with("derived.db") || stays(name)
}

/// What a restore leaves where it is: lock and socket, backups, what was put aside, what is not finished.
pub(super) fn stays(name: &str) -> bool {
    [LOCK_FILE, "xiaoer.sock", BACKUPS_FOLDER].contains(&name)
        || name.starts_with("replaced-")
        || name.ends_with(".part")
}

fn list_files(
    root: &Path,
    folder: &Path,
    depth: usize,
    parts: &mut Vec<(String, PathBuf)>,
) -> io::Result<()> {
    if depth > DEPTH_MAX {
        return Err(io::Error::other("folders lie too deep in each other"));
    }
    let mut entries = std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        if (depth == 0 && is_of_the_house(&name)) || is_backup(&name) || name.ends_with(".part") {
            continue;
        }
        let path = entry.path();
        // Follows links: a folder of attachments may lie on another disk.
        let Ok(kind) = std::fs::metadata(&path) else { continue };
        if kind.is_dir() {
            list_files(root, &path, depth + 1, parts)?;
        } else if kind.is_file() {
            let below = path.strip_prefix(root).map_err(io::Error::other)?;
            parts.push((format!("{DATA}/{}", below.to_string_lossy()), path));
        }
    }
    Ok(())
}

fn describe(snapshot: Snapshot, now: Timestamp) -> Manifest {
    let columns = snapshot.files.into_iter().filter(|(_, file)| !file.columns.is_empty());
    Manifest {
        form: 0,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: now.micros(),
        database: word(snapshot.dialect).to_owned(),
        schema: snapshot.schema,
        rows: snapshot.rows,
        counters: snapshot.counters,
        columns: columns.map(|(name, file)| (name, file.columns)).collect(),
        parts: BTreeMap::new(),
    }
}

/// The word of a database in a manifest.
pub(super) fn word(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "sqlite",
        Dialect::Postgres => "postgres",
    }
}
