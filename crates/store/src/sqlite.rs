//! SQLite files: how their connections are opened, read through and kept small.
//!
//! Must never open a second writing connection for jobs: there is one writer per file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::future::BoxFuture;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, SqliteConnection};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::db::Durability;
use crate::error::StoreError;
use crate::sql::Place;
use crate::tx::{Conn, Tx};
use crate::writer::Writer;

/// Prepared statements kept per connection: more than the product declares.
const STATEMENTS_KEPT: usize = 1024;
/// Rows that a connection's thread hands over before it waits for them to be taken: more than any page or batch.
const ROWS_HANDED_OVER: usize = 1024;
/// How long a connection waits for the file's lock (the checkpoint may hold it shortly).
const BUSY_TIME_MAX: Duration = Duration::from_secs(5);
/// Page cache of the writer and of each reader, in KiB (negative is SQLite's word for KiB).
const WRITER_CACHE: &str = "-65536";
const READER_CACHE: &str = "-16384";
/// Part of the file that is read through the page tables instead of copied.
const MMAP_BYTES: &str = "268435456";
/// The WAL file is cut to this when it begins anew: cutting stalls the writer, so only what nobody expects.
const WAL_KEPT_BYTES: &str = "67108864";
/// How long a read waits for a free reader.
const READER_WAIT_MAX: Duration = Duration::from_secs(5);

/// One database file and how it is opened.
#[derive(Debug, Clone)]
pub(crate) struct SqliteFile {
    path: PathBuf,
    place: Place,
    durability: Durability,
}

/// One file with its writer, its readers and its checkpoint task.
pub(crate) struct SqliteStore {
    pub(crate) file: SqliteFile,
    writer: Writer,
    readers: SqlitePool,
    checkpoint: parking_lot::Mutex<Option<JoinHandle<()>>>,
    /// Dropping or setting it ends the checkpoint task.
    closed: watch::Sender<bool>,
}

impl SqliteFile {
    pub(crate) fn new(data_dir: &Path, place: Place, durability: Durability) -> Self {
        let (name, durability) = match place {
            Place::Main => ("main.db", durability),
            // What can be rebuilt need not survive a power cut.
            Place::Derived => ("derived.db", Durability::ProcessCrash),
        };
        Self { path: data_dir.join(name), place, durability }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self.place {
            Place::Main => "main",
            Place::Derived => "derived",
        }
    }

    pub(crate) fn wal_path(&self) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push("-wal");
        path.into()
    }

    /// A writing connection outside the writer task: for migrations and checkpoints.
    pub(crate) async fn connect(&self) -> Result<SqliteConnection, StoreError> {
        let opened = self.options().connect().await;
        opened.map_err(|e| StoreError::unavailable_by("the database file cannot be opened", &e))
    }

    pub(crate) async fn open_writer(&self) -> Result<Tx, StoreError> {
        Ok(Tx::new(Conn::SqliteWriter(Box::new(self.connect().await?))))
    }

    fn options(&self) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(&self.path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(match self.durability {
                Durability::PowerLoss => SqliteSynchronous::Full,
                Durability::ProcessCrash => SqliteSynchronous::Normal,
            })
            .foreign_keys(true)
            .busy_timeout(BUSY_TIME_MAX)
            .statement_cache_capacity(STATEMENTS_KEPT)
            .row_buffer_size(ROWS_HANDED_OVER)
            .pragma("cache_size", WRITER_CACHE)
            .pragma("mmap_size", MMAP_BYTES)
            .pragma("temp_store", "MEMORY")
            .pragma("wal_autocheckpoint", "0")
            .pragma("journal_size_limit", WAL_KEPT_BYTES)
            .disable_statement_logging()
    }

    fn reader_options(&self) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(&self.path)
            .read_only(true)
            .busy_timeout(BUSY_TIME_MAX)
            .statement_cache_capacity(STATEMENTS_KEPT)
            .row_buffer_size(ROWS_HANDED_OVER)
            .pragma("cache_size", READER_CACHE)
            .pragma("mmap_size", MMAP_BYTES)
            .pragma("temp_store", "MEMORY")
            .pragma("query_only", "ON")
            .disable_statement_logging()
    }
}

impl SqliteStore {
    pub(crate) async fn open(
        file: SqliteFile,
        readers_max: u32,
        queue_max: usize,
        committed: watch::Sender<u64>,
    ) -> Result<Self, StoreError> {
        // The writer first: it creates the file and the WAL that readers only look at.
        let writer = Writer::start(file.clone(), queue_max, committed).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(readers_max)
            .acquire_timeout(READER_WAIT_MAX)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_lazy_with(file.reader_options());
        let (closed, is_closed) = watch::channel(false);
        let checkpoint = crate::checkpoint::keep_small(file.clone(), is_closed);
        let checkpoint = parking_lot::Mutex::new(Some(crate::tasks::start(checkpoint)));
        Ok(Self { file, writer, readers, checkpoint, closed })
    }

    pub(crate) async fn write<F, T, E>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.writer.write(work).await
    }

    /// A transaction that sees one moment and cannot write.
    pub(crate) async fn begin_read(&self) -> Result<Tx, StoreError> {
        let begun = self.readers.begin().await;
        let tx = begun.map_err(|e| StoreError::unavailable_by("no reader is free", &e))?;
        Ok(Tx::new(Conn::SqliteReader(tx)))
    }

    pub(crate) async fn close(&self) {
        self.writer.stop().await;
        self.readers.close().await;
        self.closed.send_replace(true);
        let task = self.checkpoint.lock().take();
        if let Some(task) = task {
            let _ = task.await;
        }
    }
}
