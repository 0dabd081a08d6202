//! Import the orders of a file (docs/definitions/orders.md): in small transactions beside everything else, each order
//! whole or not at all, the same file again without effect, and after an interruption from where it stood.

use std::io::{Read, Seek};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};
use xiaoer_connect::{FileError, Format, Mapping, OrderFile, Told, Zone};
use xiaoer_domain::id::ShopId;
use xiaoer_domain::orders::{Currency, ImportCounts};
use xiaoer_store::StoreError;
use xiaoer_store::orders::{self as store, RunFile};

use super::chunk::{Place, write_chunk};
use super::read_ahead::{Chunk, Reader};
use super::report::ImportReport;
use crate::App;

/// What a transaction of an import should take: a buyer's message waits behind it.
const CHUNK_TIME: Duration = Duration::from_millis(100);
/// Lines of the first chunk.
const CHUNK_LINES_FIRST: u64 = 1_000;
/// Fewest lines of a chunk, however slow the disk.
const CHUNK_LINES_MIN: u64 = 100;
/// Most lines of a chunk, however fast the disk.
const CHUNK_LINES_MAX: u64 = 20_000;
/// How often a chunk is tried when others make the same buyers or orders at the same moment.
const TRIES_MAX: u32 = 4;

/// What to import, and how.
#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// The form of the file.
    pub format: Format,
    /// Its name, for the record.
    pub file_name: String,
    /// Where the clock of its times hangs.
    pub zone: Zone,
    /// Of its prices.
    pub currency: Currency,
    /// Which column says what, for [`Format::Csv`].
    pub mapping: Option<Mapping>,
}

/// How far an import has come.
#[derive(Clone, Copy, Debug)]
pub struct ImportProgress<'i> {
    /// Lines dealt with, also by earlier attempts.
    pub lines_done: u64,
    /// Lines of the file.
    pub lines_total: u64,
    /// What came of them.
    pub counts: &'i ImportCounts,
}

/// Why an import ended before its end. What was stored stays; the same file again goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read on.
    #[error(transparent)]
    File(#[from] FileError),
    /// The database did not take it.
    #[error("the database did not take the orders")]
    Store(#[from] StoreError),
    /// Another import of the same file is at work.
    #[error("this file is being imported already")]
    AlreadyRunning,
    /// The house is closing.
    #[error("the import was stopped; import the same file again to go on")]
    Stopped,
    /// The reading thread ended.
    #[error("reading the file failed on our side")]
    Reader,
}

impl App {
    /// Imports the orders of a file into a shop; `progress` hears after each transaction.
    ///
    /// # Errors
    /// See [`ImportError`].
    pub async fn import_orders<R: Read + Seek + Send + 'static>(
        &self,
        shop: ShopId,
        file: R,
        options: ImportOptions,
        mut progress: impl FnMut(ImportProgress<'_>) + Send,
    ) -> Result<ImportReport, ImportError> {
        let (zone, mapping) = (options.zone.clone(), options.mapping.clone());
        let told = Told { zone, currency: options.currency, mapping };
        let format = options.format;
        let file = blocking(move || format.open(file, told)).await??;
        let lines_total = file.survey().lines;
        let (mut place, resumed_at) = self.begin_import(shop, &file, &options).await?;
        let mut tell = |counts: &ImportCounts| {
            progress(ImportProgress { lines_done: counts.lines, lines_total, counts });
        };
        tell(&place.counts);

        let reader = Reader { file, chance: self.chance.clone(), lines_done: place.lines_done };
        let mut lines_wanted = CHUNK_LINES_FIRST;
        let mut ahead = self.read_import_ahead(reader, lines_wanted);
        loop {
            let (reader, chunk) = ahead.await.map_err(|_| ImportError::Reader)?;
            let Some(chunk) = chunk? else { break };
            if self.tasks.stopping().is_cancelled() {
                return Err(ImportError::Stopped);
            }
            ahead = self.read_import_ahead(reader, lines_wanted);
            let lines = chunk.lines;
            let started = Instant::now();
            place = self.store_import_chunk(Arc::new(chunk), Arc::new(place)).await?;
            lines_wanted = next_size(lines_wanted, lines, started.elapsed());
            tell(&place.counts);
        }
        self.finish_import(&place).await?;
        self.report_import(place, resumed_at, options.currency).await
    }

    /// Finds where the import of this file stands, and from which line it goes on if it was cut off.
    async fn begin_import<R: Read + Seek>(
        &self,
        shop: ShopId,
        file: &OrderFile<R>,
        options: &ImportOptions,
    ) -> Result<(Place, Option<u64>), ImportError> {
        let digest = digest(file, options);
        let (now, source) = (self.clock.now(), options.format.word());
        let file_name = options.file_name.clone();
        let heading = serde_json::json!(file.survey().heading).to_string();
        let run = self.db.write(move |tx| {
            let (file_name, heading) = (file_name.clone(), heading.clone());
            Box::pin(async move {
                let file = RunFile { name: &file_name, digest: &digest, heading: &heading };
                store::insert_run(tx, shop, source, file, now).await?;
                let run = store::find_run(tx, shop, source, &digest).await?;
                let run = run.ok_or(ImportError::AlreadyRunning)?;
                if run.finished_at.is_none() {
                    return Ok(run);
                }
                // Orders may have come from elsewhere since; those that did not cost little.
                store::restart_run(tx, shop, run.id, &file_name, now).await?;
                let anew = store::find_run(tx, shop, source, &digest).await?;
                anew.ok_or(ImportError::AlreadyRunning)
            })
        });
        let run = run.await?;
        let lines_done = u64::try_from(run.lines_done).unwrap_or_default();
        let resumed_at = (lines_done > 0).then_some(lines_done + 1);
        Ok((Place { shop, source, run: run.id, lines_done, counts: run.counts }, resumed_at))
    }

    #[expect(clippy::type_complexity, reason = "one use, and a name would say less")]
    fn read_import_ahead<R: Read + Seek + Send + 'static>(
        &self,
        mut reader: Reader<R>,
        lines: u64,
    ) -> tokio::task::JoinHandle<(Reader<R>, Result<Option<Chunk>, FileError>)> {
        let now = self.clock.now();
        tokio::task::spawn_blocking(move || {
            let chunk = reader.next_chunk(lines, now);
            (reader, chunk)
        })
    }

    /// Stores a chunk in one transaction and says where the import stands then.
    async fn store_import_chunk(
        &self,
        chunk: Arc<Chunk>,
        place: Arc<Place>,
    ) -> Result<Place, ImportError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let (chunk, place) = (Arc::clone(&chunk), Arc::clone(&place));
            let now = self.clock.now();
            let stored = self.db.write(move |tx| {
                let (chunk, place) = (Arc::clone(&chunk), Arc::clone(&place));
                Box::pin(async move { write_chunk(tx, &place, &chunk, now).await })
            });
            match stored.await {
                // Somebody else stored one of these orders a moment ago: now it is seen, and compared.
                Err(ImportError::Store(StoreError::Unique { .. })) if tries < TRIES_MAX => {}
                other => return other,
            }
        }
    }

    async fn finish_import(&self, place: &Place) -> Result<(), ImportError> {
        let (shop, run, now) = (place.shop, place.run, self.clock.now());
        let lines_done = i64::try_from(place.lines_done).unwrap_or(i64::MAX);
        let finished = self.db.write(move |tx| {
            Box::pin(async move { store::finish_run(tx, shop, run, lines_done, now).await })
        });
        let is_ours: Result<bool, StoreError> = finished.await;
        if is_ours? { Ok(()) } else { Err(ImportError::AlreadyRunning) }
    }
}

/// The same lines told to be of another zone or currency are another import.
fn digest<R: Read + Seek>(file: &OrderFile<R>, options: &ImportOptions) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(file.survey().digest);
    digest.update(options.currency.code());
    digest.update(options.zone.name());
    for (field, column) in options.mapping.iter().flat_map(|mapping| &mapping.columns) {
        digest.update(format!("{}={column}\n", field.word()));
    }
    for (word, state) in options.mapping.iter().flat_map(|mapping| &mapping.states) {
        digest.update(format!("{word}={}\n", state.word()));
    }
    digest.finalize().into()
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ImportError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| ImportError::Reader)
}

/// How many lines the chunk after next should have, from how long this one took.
fn next_size(wanted: u64, lines: u64, took: Duration) -> u64 {
    let next = if took > CHUNK_TIME {
        lines.min(wanted) / 2
    } else if took < CHUNK_TIME / 2 {
        wanted.saturating_mul(2)
    } else {
        wanted
    };
    next.clamp(CHUNK_LINES_MIN, CHUNK_LINES_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_grow_while_they_are_quick_and_shrink_when_they_are_slow() {
        let ms = Duration::from_millis;
        assert_eq!(next_size(1_000, 1_000, ms(20)), 2_000);
        assert_eq!(next_size(1_000, 1_000, ms(80)), 1_000);
        assert_eq!(next_size(4_000, 3_000, ms(300)), 1_500);
        assert_eq!(next_size(CHUNK_LINES_MIN, 50, ms(900)), CHUNK_LINES_MIN);
        assert_eq!(next_size(CHUNK_LINES_MAX, 50, ms(1)), CHUNK_LINES_MAX);
    }
}
