//! Backup and restore at the terminal.

use std::path::{Path, PathBuf};

use clap::Args;
use xiaoer_app::platform::{self, ArchiveError, Manifest, RestoreError};
use xiaoer_app::{App, Chance, Clock};
use xiaoer_domain::time::Timestamp;
use xiaoer_domain::zone::Zone;
use xiaoer_store::snapshot::Occupied;
use xiaoer_store::{DataLock, LockError};

use super::say::Say;
use super::verbs::words;
use crate::config::Config;
use crate::error::chain;
use crate::serve;

/// Tables whose rows tell a person how much there is.
const TOLD: [&str; 4] = ["shop", "conversation", "entry", "shop_order"];

/// How a backup is restored.
#[derive(Args)]
pub struct Restore {
    /// The backup.
    file: PathBuf,
    /// Folder to restore into; else the configured one.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Take the place of what is there: files are put aside, tables of a PostgreSQL are dropped.
    #[arg(long)]
    force: bool,
}

/// Makes a backup.
pub async fn make(
    app: &App,
    config: &Config,
    target: Option<&Path>,
    say: &mut Say<'_>,
) -> Result<(), String> {
    let target = target.map_or_else(|| config.backups().join(""), Path::to_path_buf);
    let now = app.clock.now();
    let made = platform::back_up(&app.db, &config.data.dir, &target, now, &app.chance).await;
    let made = made.map_err(|e| format!("There is no backup: {}.", chain(&e)))?;
    for line in describe(&made.manifest) {
        say.text(line);
    }
    say.text(format!("backup    {} ({} KiB)", made.path.display(), made.bytes.div_ceil(1024)));
    Ok(())
}

/// Compares every hash of a backup.
pub async fn check(file: &Path) -> Result<(), String> {
    let path = file.to_path_buf();
    let checked = tokio::task::spawn_blocking(move || platform::check_backup(&path)).await;
    let manifest = checked.map_err(|e| e.to_string())?.map_err(|e| chain(&e))?;
    for line in describe(&manifest) {
        println!("{line}");
    }
    println!("The backup is whole: every part has the hash that it had when it was made.");
    Ok(())
}

/// Restores a backup.
pub async fn restore(mut config: Config, asked: &Restore) -> Result<(), String> {
    if let Some(dir) = &asked.data {
        config.data.dir.clone_from(dir);
    }
    let _lock = DataLock::acquire(&config.data.dir).map_err(|e| match e {
        LockError::Held { .. } => "A server works on this data; stop it first.".to_owned(),
        other => other.to_string(),
    })?;
    let occupied = if asked.force { Occupied::Replace } else { Occupied::Refuse };
    let (dir, now) = (&config.data.dir, Clock::system().now());
    let database = config.database();
    let restored =
        platform::restore(&database, dir, &asked.file, occupied, now, &Chance::system()).await;
    let manifest = restored.map_err(|e| {
        let remedy = match &e {
            RestoreError::Occupied(_)
            | RestoreError::Snapshot(xiaoer_store::snapshot::SnapshotError::Occupied) => {
                " Restore into an empty place, or take the place of what is there with --force."
            }
            RestoreError::Archive(ArchiveError::NotWhole(_) | ArchiveError::Altered(_)) => {
                " Take another backup."
            }
            _ => "",
        };
        format!("Nothing was restored: {}.{remedy}", chain(&e))
    })?;
    for line in describe(&manifest) {
        println!("{line}");
    }
    println!("Restored into {}. The search index is built anew at the first start.", dir.display());
    println!("Compare with: xiaoer verify");
    Ok(())
}

/// How the backups stand.
pub async fn tell_state(app: &App, config: &Config, say: &mut Say<'_>) -> Result<(), String> {
    let nightly = serve::nightly(config, app);
    let state = app.backup_state(&nightly).await.map_err(|e| words(&e))?;
    let now = app.clock.now();
    let newest = state.newest.map_or_else(
        || "none yet".to_owned(),
        |at| format!("newest {} hours ago", now.since(at).micros() / 3_600_000_000),
    );
    let plan = if state.is_on && config.backup.nightly { "nightly" } else { "not by itself" };
    let late = if state.is_late { "; TOO OLD, look into the log" } else { "" };
    say.text(format!("backup    {newest}, {plan}, in {}{late}", nightly.folder.display()));
    Ok(())
}

fn describe(manifest: &Manifest) -> Vec<String> {
    let zone = Zone::utc();
    let at = Timestamp::from_micros(manifest.made_at);
    let rows = |table: &str| manifest.rows.get(table).copied().unwrap_or(0);
    let counts = TOLD.map(|table| format!("{} {}", rows(table), table.replace('_', " ")));
    let (version, schema) = (&manifest.version, manifest.schema);
    vec![
        format!("made      {} {} UTC, version {version}", zone.day(at), zone.time(at)),
        format!("database  {}, schema step {schema}", manifest.database),
        format!("rows      {}", counts.join(", ")),
        format!("parts     {}", manifest.parts.len()),
    ]
}
