//! One open transaction, on either database: the only way to run a statement.
//!
//! Must never outlive its closure, and never be committed after a statement in it failed:
//! PostgreSQL would answer such a COMMIT with a silent rollback, so both databases refuse it here.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection, Transaction};
use std::panic::AssertUnwindSafe;

use crate::error::{StoreError, translate};
use crate::row::{RawRow, Row};
use crate::sql::{Dialect, Sql};
use crate::value::{Args, for_postgres, for_sqlite};

/// An open transaction; read ones refuse to write.
pub struct Tx {
    conn: Conn,
    /// A statement failed and was not undone by a savepoint: only a rollback may follow.
    failed: bool,
    /// PostgreSQL ended this transaction for another's sake (deadlock): worth a second run.
    rerun: bool,
}

pub(crate) enum Conn {
    SqliteWriter(Box<SqliteConnection>),
    SqliteReader(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

enum Raw<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

impl Tx {
    /// Every row of the answer; the statement names its own LIMIT.
    pub async fn all(&mut self, sql: Sql, args: Args) -> Result<Vec<Row>, StoreError> {
        self.check(&sql, &args)?;
        let statement = sql.name();
        let rows = match self.raw() {
            Raw::Sqlite(conn) => match for_sqlite(args) {
                Ok(args) => sqlx::query_with(sql.text(Dialect::Sqlite), args)
                    .fetch_all(conn)
                    .await
                    .map(|rows| rows.into_iter().map(RawRow::Sqlite).collect::<Vec<_>>()),
                Err(e) => Err(sqlx::Error::Encode(e)),
            },
            Raw::Postgres(conn) => match for_postgres(args) {
                Ok(args) => sqlx::query_with(sql.text(Dialect::Postgres), args)
                    .fetch_all(conn)
                    .await
                    .map(|rows| rows.into_iter().map(RawRow::Postgres).collect()),
                Err(e) => Err(sqlx::Error::Encode(e)),
            },
        };
        let rows = rows.map_err(|e| self.note(statement, &e))?;
        Ok(rows.into_iter().map(|raw| Row { raw, statement }).collect())
    }

    /// The first row of the answer, if there is one.
    pub async fn opt(&mut self, sql: Sql, args: Args) -> Result<Option<Row>, StoreError> {
        self.check(&sql, &args)?;
        let statement = sql.name();
        let row = match self.raw() {
            Raw::Sqlite(conn) => match for_sqlite(args) {
                Ok(args) => sqlx::query_with(sql.text(Dialect::Sqlite), args)
                    .fetch_optional(conn)
                    .await
                    .map(|row| row.map(RawRow::Sqlite)),
                Err(e) => Err(sqlx::Error::Encode(e)),
            },
            Raw::Postgres(conn) => match for_postgres(args) {
                Ok(args) => sqlx::query_with(sql.text(Dialect::Postgres), args)
                    .fetch_optional(conn)
                    .await
                    .map(|row| row.map(RawRow::Postgres)),
                Err(e) => Err(sqlx::Error::Encode(e)),
            },
        };
        let row = row.map_err(|e| self.note(statement, &e))?;
        Ok(row.map(|raw| Row { raw, statement }))
    }

    /// The first row of the answer; [`StoreError::NotFound`] if there is none.
    pub async fn one(&mut self, sql: Sql, args: Args) -> Result<Row, StoreError> {
        let row = self.opt(sql, args).await?;
        row.ok_or(StoreError::NotFound { statement: sql.name() })
    }

    /// Runs a statement that answers no rows; gives the number of rows it touched.
    pub async fn exec(&mut self, sql: Sql, args: Args) -> Result<u64, StoreError> {
        self.check(&sql, &args)?;
        let done = match self.raw() {
            Raw::Sqlite(conn) => match for_sqlite(args) {
                Ok(args) => sqlx::query_with(sql.text(Dialect::Sqlite), args)
                    .execute(conn)
                    .await
                    .map(|done| done.rows_affected()),
                Err(e) => Err(sqlx::Error::Encode(e)),
            },
            Raw::Postgres(conn) => match for_postgres(args) {
                Ok(args) => sqlx::query_with(sql.text(Dialect::Postgres), args)
                    .execute(conn)
                    .await
                    .map(|done| done.rows_affected()),
                Err(e) => Err(sqlx::Error::Encode(e)),
            },
        };
        done.map_err(|e| self.note(sql.name(), &e))
    }

    /// Runs `work` so that its failure undoes only what it did; the transaction goes on.
    ///
    /// A statement's error outside a savepoint ends the transaction, also when it is swallowed.
    pub async fn savepoint<T, E, F>(&mut self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send,
        E: From<StoreError>,
    {
        self.usable("SAVEPOINT")?;
        self.control("SAVEPOINT part").await?;
        let result = work(self).await;
        if result.is_ok() && !self.failed {
            self.control("RELEASE SAVEPOINT part").await?;
            return result;
        }
        let swallowed = result.is_ok();
        self.control("ROLLBACK TO SAVEPOINT part").await?;
        self.control("RELEASE SAVEPOINT part").await?;
        self.failed = false;
        if swallowed {
            return Err(swallowed_failure().into());
        }
        result
    }

    /// Which database this is, for the few places that must know.
    pub fn dialect(&self) -> Dialect {
        match &self.conn {
            Conn::SqliteWriter(_) | Conn::SqliteReader(_) => Dialect::Sqlite,
            Conn::Postgres(_) => Dialect::Postgres,
        }
    }

    pub(crate) fn new(conn: Conn) -> Self {
        Self { conn, failed: false, rerun: false }
    }

    pub(crate) fn into_conn(self) -> Conn {
        self.conn
    }

    /// True once if PostgreSQL asked for a second run.
    pub(crate) fn wants_rerun(&self) -> bool {
        self.rerun
    }

    /// Runs the statements of transaction control; their text is fixed and binds nothing.
    pub(crate) async fn control(&mut self, text: &'static str) -> Result<(), StoreError> {
        let done = match self.raw() {
            Raw::Sqlite(conn) => sqlx::query(text).execute(conn).await.map(|_| ()),
            Raw::Postgres(conn) => sqlx::query(text).execute(conn).await.map(|_| ()),
        };
        done.map_err(|e| self.note(text, &e))
    }

    /// Runs a job's closure, catching its panic; an `Ok` after a failed statement is an error.
    pub(crate) async fn run<T, E, F>(&mut self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>>,
        E: From<StoreError>,
    {
        self.failed = false;
        self.rerun = false;
        let caught = AssertUnwindSafe(async { work(self).await }).catch_unwind().await;
        match caught {
            Ok(Ok(_)) if self.failed => Err(swallowed_failure().into()),
            Ok(result) => result,
            Err(panic) => {
                let message = panic_text(panic.as_ref());
                tracing::error!(panic = message, "a job panicked and was rolled back");
                Err(StoreError::internal("a job", "the job panicked").into())
            }
        }
    }

    fn raw(&mut self) -> Raw<'_> {
        match &mut self.conn {
            Conn::SqliteWriter(conn) => Raw::Sqlite(conn),
            Conn::SqliteReader(conn) => Raw::Sqlite(conn),
            Conn::Postgres(conn) => Raw::Postgres(conn),
        }
    }

    fn check(&self, sql: &Sql, args: &Args) -> Result<(), StoreError> {
        // SQLite reads a missing value as NULL and ignores one too many; PostgreSQL refuses.
        debug_assert_eq!(sql.placeholders(self.dialect()), args.len(), "{}", sql.name());
        self.usable(sql.name())
    }

    fn usable(&self, statement: &'static str) -> Result<(), StoreError> {
        if self.failed {
            return Err(StoreError::internal(statement, "an earlier statement failed"));
        }
        Ok(())
    }

    fn note(&mut self, statement: &'static str, error: &sqlx::Error) -> StoreError {
        let failure = translate(statement, error);
        self.failed = true;
        self.rerun |= failure.rerun;
        failure.error
    }
}

fn swallowed_failure() -> StoreError {
    StoreError::internal("a job", "a statement failed and the job went on; use a savepoint")
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no text")
}
