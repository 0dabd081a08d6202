//! The backup of every night: made by itself, a number of them kept, and said aloud when the last one is too old.

use std::path::PathBuf;
use std::time::Duration;

use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_domain::zone::{Day, TimeOfDay, Zone};

use super::backup::{self, BackedUp, BackupError, back_up};
use crate::{App, AppError};

/// How often it is looked whether a backup is due.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// Older than this the last backup is too old: a night was missed.
const BACKUP_AGE_MAX: Span = Span::minutes(36 * 60);

/// Where nightly backups go.
#[derive(Clone, Debug)]
pub struct Nightly {
    /// The data folder, whose files belong to a backup.
    pub data_dir: PathBuf,
    /// The folder of backups.
    pub folder: PathBuf,
    /// When the server started: without any backup, nights before that are nobody's.
    pub since: Timestamp,
}

/// How the backups stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupState {
    /// When the newest one was made; None: there is none.
    pub newest: Option<Timestamp>,
    /// Whether nightly ones are switched on.
    pub is_on: bool,
    /// Whether the newest one is older than it should be.
    pub is_late: bool,
}

/// Why a nightly backup was not made.
#[derive(Debug, thiserror::Error)]
pub enum NightlyError {
    /// Its settings could not be read.
    #[error(transparent)]
    App(#[from] AppError),
    /// It could not be written.
    #[error(transparent)]
    Backup(#[from] BackupError),
}

impl Nightly {
    /// When the newest backup in the folder was made, by its name.
    fn newest(&self) -> Option<Timestamp> {
        self.list().last().and_then(|name| made_at(name))
    }

    /// Backups in the folder, oldest first.
    fn list(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.filter(|name| made_at(name).is_some()).collect();
        names.sort();
        names
    }

    /// Removes the oldest beyond the number that is kept.
    fn thin_out(&self, kept: usize) {
        let names = self.list();
        let surplus = names.len().saturating_sub(kept);
        for name in &names[..surplus] {
            if let Err(error) = std::fs::remove_file(self.folder.join(name)) {
                tracing::warn!(error = %error, backup.name = name, "an old backup stays");
            }
        }
    }
}

impl App {
    /// Starts the nightly backups.
    pub fn start_backups(&self, nightly: Nightly) {
        let app = self.clone();
        self.tasks.supervise("backups", move |stop| {
            let (app, nightly) = (app.clone(), nightly.clone());
            async move {
                loop {
                    tokio::select! {
                        () = tokio::time::sleep(LOOK_EVERY) => {}
                        () = stop.cancelled() => return,
                    }
                    app.look_after_backups(&nightly).await;
                }
            }
        });
    }

    /// Makes the backup that is due, and tells how old the newest one is.
    async fn look_after_backups(&self, nightly: &Nightly) {
        let counted = |result| metrics::counter!("xiaoer_backups_total", "result" => result);
        match self.back_up_if_due(nightly).await {
            Ok(None) => {}
            Ok(Some(made)) => {
                counted("made").increment(1);
                let path = made.path.display();
                tracing::info!(backup.path = %path, backup.bytes = made.bytes, "backed up");
            }
            Err(error) => {
                counted("failed").increment(1);
                let error: &dyn std::error::Error = &error;
                tracing::error!(error, "the nightly backup failed; it is tried again");
            }
        }
        let Ok(state) = self.backup_state(nightly).await else { return };
        let age = self.clock.now().since(state.newest.unwrap_or(nightly.since));
        let seconds = age.micros() / 1_000_000;
        metrics::gauge!("xiaoer_backup_age_seconds").set(seconds as f64);
        if state.is_late {
            tracing::error!(backup.age_seconds = seconds, "the newest backup is too old");
        }
    }

    /// Makes the nightly backup if its time has come since the newest one was made.
    ///
    /// # Errors
    /// There is no new backup.
    pub async fn back_up_if_due(
        &self,
        nightly: &Nightly,
    ) -> Result<Option<BackedUp>, NightlyError> {
        let now = self.clock.now();
        let Some((time, zone, kept)) = self.backup_plan().await? else { return Ok(None) };
        if nightly.newest().unwrap_or(nightly.since) >= zone.last(time, now) {
            return Ok(None);
        }
        let target = nightly.folder.join("");
        let made = back_up(&self.db, &nightly.data_dir, &target, now, &self.chance).await?;
        nightly.thin_out(kept);
        Ok(Some(made))
    }

    /// How the backups stand.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn backup_state(&self, nightly: &Nightly) -> Result<BackupState, AppError> {
        let newest = nightly.newest();
        let is_on = self.backup_plan().await?.is_some();
        let age = self.clock.now().since(newest.unwrap_or(nightly.since));
        Ok(BackupState { newest, is_on, is_late: is_on && age > BACKUP_AGE_MAX })
    }

    /// When, where the clock hangs, and how many are kept, as the installation's first shop has it; None: switched off,
    /// or there is no shop yet.
    async fn backup_plan(&self) -> Result<Option<(TimeOfDay, Zone, usize)>, AppError> {
        let Some(key) = self.shop_keys().await?.into_iter().next() else { return Ok(None) };
        let (shop, now) = (self.shop(&key).await?, self.clock.now());
        let Some(time) = TimeOfDay::parse(shop.setting("backup_at", now)) else { return Ok(None) };
        let kept = usize::try_from(shop.number("backups_kept", now)).unwrap_or(1);
        Ok(Some((time, shop.zone(now), kept)))
    }
}

/// The moment in the name of a backup.
fn made_at(name: &str) -> Option<Timestamp> {
    if !backup::is_backup(name) || !name.is_ascii() {
        return None;
    }
    let stamp = name.strip_prefix("xiaoer-")?.strip_suffix("Z.tar.gz")?;
    let (day, time) = stamp.split_once('T').filter(|(d, t)| d.len() == 8 && t.len() == 6)?;
    let day = Day::parse(&format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..]))?;
    let minute = TimeOfDay::parse(&format!("{}:{}", &time[..2], &time[2..4]))?;
    let seconds: u32 = time[4..].parse().ok()?;
    Some(Zone::utc().moment(day, minute).plus(Span::seconds(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_backup_tells_its_second() {
        let at = Timestamp::from_micros(1_763_946_007_000_000);
        assert_eq!(made_at(&backup::file_name(at)), Some(at));
        assert_eq!(made_at("xiaoer-before-step-4.tar.gz"), None);
    }
}
