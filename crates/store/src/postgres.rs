//! PostgreSQL: a pool, and writes that run again when the database ended them for another's sake.
//!
//! Must never run a write again for any other reason: only a rolled-back one is safe to repeat.

use std::str::FromStr as _;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use tokio::sync::watch;

use crate::error::{StoreError, translate};
use crate::sql::Place;
use crate::tx::{Conn, Tx};
use crate::writer::{JOB_TIME_MAX, warn_if_slow};

/// Prepared statements kept per connection: more than the product declares.
const STATEMENTS_KEPT: usize = 1024;
/// Runs of one write before a deadlock is reported: clients that lock in id order need one.
const RUNS_MAX: u32 = 6;
/// The pause before the second run; it doubles, with chance, up to the last.
const RERUN_PAUSE: Duration = Duration::from_millis(4);
/// A connection the server has closed is noticed at BEGIN; another is tried.
const BEGIN_TRIES_MAX: u32 = 3;
/// How long a use case waits for a free connection.
const CONNECTION_WAIT_MAX: Duration = Duration::from_secs(5);
/// Limits the server itself keeps, in milliseconds.
const STATEMENT_MS_MAX: &str = "10000";
const LOCK_WAIT_MS_MAX: &str = "5000";
const IDLE_IN_TRANSACTION_MS_MAX: &str = "15000";
/// Where the derived store lives, beside the schema of the truth.
pub(crate) const DERIVED_SCHEMA: &str = "derived";

/// One schema of one database.
pub(crate) struct PgStore {
    pool: PgPool,
    options: PgConnectOptions,
    committed: watch::Sender<u64>,
    chance: parking_lot::Mutex<Xorshift>,
}

impl PgStore {
    pub(crate) async fn open(
        url: &str,
        place: Place,
        max_connections: u32,
        committed: watch::Sender<u64>,
    ) -> Result<Self, StoreError> {
        let plain = PgConnectOptions::from_str(url)
            .map_err(|e| StoreError::unavailable_by("the database URL is not valid", &e))?
            .statement_cache_capacity(STATEMENTS_KEPT)
            .application_name("xiaoer")
            .disable_statement_logging();
        let plain = match place {
            Place::Main => plain,
            Place::Derived => plain.options([("search_path", DERIVED_SCHEMA)]),
        };
        let limited = plain.clone().options([
            ("statement_timeout", STATEMENT_MS_MAX),
            ("lock_timeout", LOCK_WAIT_MS_MAX),
            ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION_MS_MAX),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(CONNECTION_WAIT_MAX)
            .test_before_acquire(false)
            .connect_lazy_with(limited);
        let seed = u64::from(std::process::id()) ^ (&raw const pool as u64);
        let chance = parking_lot::Mutex::new(Xorshift::seeded(seed));
        let store = Self { pool, options: plain, committed, chance };
        store.begin_read().await?;
        Ok(store)
    }

    /// A connection of its own without the limits of use cases: for migrations.
    pub(crate) async fn connect(&self) -> Result<PgConnection, StoreError> {
        let opened = self.options.connect().await;
        opened.map_err(|e| StoreError::unavailable_by("the database cannot be reached", &e))
    }

    pub(crate) async fn write<F, T, E>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        for run in 1.. {
            let started = Instant::now();
            let mut tx = self.begin("BEGIN").await?;
            let timed = tokio::time::timeout(JOB_TIME_MAX, tx.run(&work)).await;
            let result = timed.unwrap_or_else(|_| {
                Err(StoreError::unavailable("a write took too long and was given up").into())
            });
            let (result, rerun) = self.finish(tx, result).await;
            warn_if_slow::<F>(started);
            if !rerun || run >= RUNS_MAX {
                return result;
            }
            metrics::counter!("store_reruns").increment(1);
            tokio::time::sleep(self.pause(run)).await;
        }
        unreachable!("the last run returns")
    }

    /// A transaction that sees one moment and cannot write.
    pub(crate) async fn begin_read(&self) -> Result<Tx, StoreError> {
        self.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    /// Commits or rolls back; says whether PostgreSQL asked for a second run.
    async fn finish<T, E: From<StoreError>>(
        &self,
        tx: Tx,
        result: Result<T, E>,
    ) -> (Result<T, E>, bool) {
        let wants_rerun = tx.wants_rerun();
        let Conn::Postgres(raw) = tx.into_conn() else {
            unreachable!("this store only opens PostgreSQL transactions")
        };
        if result.is_err() || wants_rerun {
            // A rollback that fails leaves nothing behind: the server ends the transaction.
            let _ = raw.rollback().await;
            return (result, wants_rerun);
        }
        match raw.commit().await {
            Ok(()) => {
                self.committed.send_modify(|count| *count += 1);
                (result, false)
            }
            Err(error) => {
                let failure = translate("COMMIT", &error);
                (Err(failure.error.into()), failure.rerun)
            }
        }
    }

    async fn begin(&self, text: &'static str) -> Result<Tx, StoreError> {
        let mut tried = 1;
        loop {
            // A task of its own, which ends also when the caller goes away: a BEGIN that is given up half way would
            // leave its connection inside a transaction, for the next caller to read old rows in.
            let pool = self.pool.clone();
            let begun = crate::tasks::start(async move { pool.begin_with(text).await }).await;
            match begun {
                Ok(Ok(tx)) => return Ok(Tx::new(Conn::Postgres(tx))),
                Ok(Err(sqlx::Error::Io(_))) if tried < BEGIN_TRIES_MAX => tried += 1,
                Ok(Err(e)) => {
                    return Err(StoreError::unavailable_by("no connection is free", &e));
                }
                Err(_) => return Err(StoreError::unavailable("the process is ending")),
            }
        }
    }

    fn pause(&self, run: u32) -> Duration {
        let most = RERUN_PAUSE * 2_u32.pow(run);
        let part = self.chance.lock().next() % 1000;
        most / 2 + most * u32::try_from(part).unwrap_or(0) / 2000
    }
}

/// Enough chance to keep two clients from meeting again; nothing secret hangs on it.
struct Xorshift(u64);

impl Xorshift {
    fn seeded(seed: u64) -> Self {
        Self(seed | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}
