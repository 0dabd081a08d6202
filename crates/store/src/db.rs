//! The door to the data: two stores (the truth, and what is derived from it) on either database.
//!
//! Must never let a statement run outside a transaction, or a transaction outside a closure.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use tokio::sync::watch;

use crate::error::StoreError;
use crate::postgres::PgStore;
use crate::sql::{Dialect, Place};
use crate::sqlite::{SqliteFile, SqliteStore};
use crate::tx::Tx;

/// Writes that may wait for SQLite's writer; a full queue makes callers wait.
pub const QUEUE_MAX: usize = 1024;
/// SQLite connections that read at the same time.
pub const READERS_MAX: u32 = 4;
/// PostgreSQL connections of one node.
pub const CONNECTIONS_MAX: u32 = 16;
/// Of those, how many the derived store has beside the main one.
const DERIVED_CONNECTIONS_MAX: u32 = 4;
/// A read is slow, and logged, from here: a long one keeps the WAL from shrinking.
const READ_TIME_WARN: Duration = Duration::from_secs(1);

/// Where the data is.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// A folder with `main.db` and `derived.db`.
    Sqlite { data_dir: PathBuf },
    /// `postgres://user:password@host/database`.
    Postgres { url: String, max_connections: u32 },
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite { data_dir } => write!(f, "Sqlite({})", data_dir.display()),
            Self::Postgres { .. } => f.write_str("Postgres(***)"),
        }
    }
}

/// What a commit survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A power cut (the default).
    PowerLoss,
    /// A crash of this process; a power cut may take the last moments.
    ProcessCrash,
}

/// How to open a [`Db`].
#[derive(Debug, Clone)]
pub struct DbConfig {
    pub url: DatabaseUrl,
    /// SQLite only; PostgreSQL's own configuration decides there.
    pub durability: Durability,
    /// SQLite only: see [`QUEUE_MAX`].
    pub queue_max: usize,
    /// SQLite only: see [`READERS_MAX`].
    pub readers_max: u32,
}

impl DbConfig {
    /// SQLite in `data_dir`, with the default limits.
    pub fn sqlite(data_dir: impl Into<PathBuf>) -> Self {
        Self::with_url(DatabaseUrl::Sqlite { data_dir: data_dir.into() })
    }

    /// PostgreSQL at `url`, with the default limits.
    pub fn postgres(url: impl Into<String>) -> Self {
        let url = url.into();
        Self::with_url(DatabaseUrl::Postgres { url, max_connections: CONNECTIONS_MAX })
    }

    fn with_url(url: DatabaseUrl) -> Self {
        let durability = Durability::PowerLoss;
        Self { url, durability, queue_max: QUEUE_MAX, readers_max: READERS_MAX }
    }
}

/// The open database; clones share it.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    main: Store,
    derived: Store,
    committed: watch::Sender<u64>,
}

pub(crate) enum Store {
    Sqlite(SqliteStore),
    Postgres(Box<PgStore>),
}

impl Db {
    /// Opens both stores. Does not migrate: see [`Db::migrate`].
    pub async fn open(config: DbConfig) -> Result<Self, StoreError> {
        let committed = watch::Sender::new(0);
        let unheard = watch::Sender::new(0);
        let (main, derived) = match &config.url {
            DatabaseUrl::Sqlite { data_dir } => {
                std::fs::create_dir_all(data_dir).map_err(|e| StoreError::Unavailable {
                    reason: "the data folder cannot be made",
                    source: Some(crate::error::Cause::said(e.to_string())),
                })?;
                let file = |place| SqliteFile::new(data_dir, place, config.durability);
                let open = |place, committed| {
                    SqliteStore::open(file(place), config.readers_max, config.queue_max, committed)
                };
                (
                    Store::Sqlite(open(Place::Main, committed.clone()).await?),
                    Store::Sqlite(open(Place::Derived, unheard).await?),
                )
            }
            DatabaseUrl::Postgres { url, max_connections } => {
                let few = DERIVED_CONNECTIONS_MAX.min(*max_connections);
                let main = PgStore::open(url, Place::Main, *max_connections, committed.clone());
                let derived = PgStore::open(url, Place::Derived, few, unheard);
                (Store::Postgres(Box::new(main.await?)), Store::Postgres(Box::new(derived.await?)))
            }
        };
        Ok(Self { inner: Arc::new(Inner { main, derived, committed }) })
    }

    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        match &self.inner.main {
            Store::Sqlite(_) => Dialect::Sqlite,
            Store::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Reads from one moment of the main store. Short: over a second is logged.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send,
        E: From<StoreError>,
    {
        self.inner.main.read(work).await
    }

    /// Runs `work` in one transaction of the main store; the answer means committed.
    ///
    /// `work` may run again after a deadlock, so it touches nothing but its transaction and
    /// clones what it moves: `move |tx| { let x = x.clone(); Box::pin(async move { … }) }`.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.inner.main.write(work).await
    }

    /// Like [`Db::read`], on the derived store.
    pub async fn derived_read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send,
        E: From<StoreError>,
    {
        self.inner.derived.read(work).await
    }

    /// Like [`Db::write`], on the derived store: never both in one transaction.
    pub async fn derived_write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.inner.derived.write(work).await
    }

    /// Changes after each commit of this process on the main store: a follower waits on it
    /// instead of polling. A hint: other nodes' commits are not seen here.
    pub fn committed(&self) -> watch::Receiver<u64> {
        self.inner.committed.subscribe()
    }

    /// Finishes what is queued, then closes; later calls are told Unavailable.
    pub async fn close(&self) {
        self.inner.main.close().await;
        self.inner.derived.close().await;
    }

    pub(crate) fn store(&self, place: Place) -> &Store {
        match place {
            Place::Main => &self.inner.main,
            Place::Derived => &self.inner.derived,
        }
    }
}

impl Store {
    async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send,
        E: From<StoreError>,
    {
        let started = Instant::now();
        let mut tx = match self {
            Self::Sqlite(store) => store.begin_read().await?,
            Self::Postgres(store) => store.begin_read().await?,
        };
        // Dropping the transaction rolls it back, also when the caller goes away.
        let result = work(&mut tx).await;
        drop(tx);
        if started.elapsed() > READ_TIME_WARN {
            let ms = started.elapsed().as_millis();
            tracing::warn!(job.ms = ms, job.name = std::any::type_name::<F>(), "slow read");
        }
        result
    }

    async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match self {
            Self::Sqlite(store) => store.write(work).await,
            Self::Postgres(store) => store.write(work).await,
        }
    }

    async fn close(&self) {
        match self {
            Self::Sqlite(store) => store.close().await,
            Self::Postgres(store) => store.close().await,
        }
    }
}
