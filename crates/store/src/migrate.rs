//! Schema steps: numbered files rendered for either database, applied in order, recorded.
//!
//! Must never edit or skip a step that was applied, nor run on a schema this server cannot know.

use sqlx::{Connection as _, PgConnection, SqliteConnection};

use crate::db::{Db, Store};
use crate::error::StoreError;
use crate::postgres::DERIVED_SCHEMA;
use crate::sql::{Dialect, Place};

include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// One schema step as written.
pub(crate) struct Migration {
    pub(crate) version: i64,
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

/// Held while steps are applied on PostgreSQL, so that two nodes do not apply the same one.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_lock(7061726873)";

/// Where the schema of one store stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaStatus {
    pub place: Place,
    /// The last step applied; 0 on an empty database.
    pub applied: i64,
    /// The last step this server knows.
    pub known: i64,
}

/// Why the schema was left alone.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// An applied step is not the step of this name that this server carries.
    #[error("migration {version} ({name}) was edited after it was applied")]
    Edited { version: i64, name: String },
    /// A step was applied that this server skips, or the other way about.
    #[error("migration {version} is not known here, though later ones are")]
    Gap { version: i64 },
    /// The schema is more than one step ahead: a newer server has been here.
    #[error("the schema is at {applied}, this server knows {known} and can run on {}", known + 1)]
    TooNew { applied: i64, known: i64 },
    /// A file that cannot be rendered.
    #[error("migration {version} ({name}): {problem}")]
    Unreadable { version: i64, name: String, problem: String },
    /// A step failed and was rolled back; the steps before it stand.
    #[error("migration {version} ({name}) failed")]
    Failed { version: i64, name: String, source: sqlx::Error },
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The record of steps cannot be read or made.
    #[error("the record of migrations cannot be used")]
    Record(#[source] sqlx::Error),
}

struct Applied {
    version: i64,
    checksum: String,
}

impl Db {
    /// Applies the steps that are missing on both stores; `now_us` is recorded beside each.
    pub async fn migrate(&self, now_us: i64) -> Result<(), MigrateError> {
        self.migrate_with(Place::Main, MAIN, now_us).await?;
        self.migrate_with(Place::Derived, DERIVED, now_us).await
    }

    /// Where the schemas stand, main first. Reads only.
    pub async fn schema_status(&self) -> Result<Vec<SchemaStatus>, MigrateError> {
        let mut all = Vec::new();
        for (place, steps) in [(Place::Main, MAIN), (Place::Derived, DERIVED)] {
            let mut conn = Conn::open(self.store(place)).await?;
            // No record yet is an empty database.
            let applied = conn.applied().await.unwrap_or_default();
            conn.close().await;
            let applied = applied.last().map_or(0, |a| a.version);
            all.push(SchemaStatus { place, applied, known: last_version(steps) });
        }
        Ok(all)
    }

    /// [`Db::migrate`] for one store and a list of steps; tests bring their own list.
    pub(crate) async fn migrate_with(
        &self,
        place: Place,
        steps: &[Migration],
        now_us: i64,
    ) -> Result<(), MigrateError> {
        let mut conn = Conn::open(self.store(place)).await?;
        let done = apply_missing(&mut conn, place, steps, now_us).await;
        conn.close().await;
        done
    }
}

/// For tests: [`Db::migrate`] of the main store with steps of their own: `(version, name, text)`.
#[doc(hidden)]
pub async fn migrate_main_in_test(
    db: &Db,
    steps: &[(i64, &'static str, &'static str)],
) -> Result<(), MigrateError> {
    let steps = steps.iter().map(|&(version, name, text)| Migration { version, name, text });
    let steps: Vec<Migration> = steps.collect();
    db.migrate_with(Place::Main, &steps, 0).await
}

/// Makes the schema of the main store up to a step inside an open transaction, without a record: a snapshot brings its
/// own.
pub(crate) async fn make_schema(conn: &mut PgConnection, until: i64) -> Result<(), MigrateError> {
    sqlx::query(CREATE_RECORD).execute(&mut *conn).await.map_err(MigrateError::Record)?;
    for step in MAIN.iter().filter(|step| step.version <= until) {
        let text = render(step, Dialect::Postgres)?;
        let made = sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(&mut *conn).await;
        made.map_err(|source| MigrateError::Failed {
            version: step.version,
            name: step.name.to_owned(),
            source,
        })?;
    }
    Ok(())
}

/// Compares the record in the database with the steps of this program.
pub(crate) async fn compare_record(conn: &mut PgConnection) -> Result<(), MigrateError> {
    let rows: Vec<(i64, String)> =
        sqlx::query_as(LIST_APPLIED).fetch_all(conn).await.map_err(MigrateError::Record)?;
    let applied: Vec<Applied> =
        rows.into_iter().map(|(version, checksum)| Applied { version, checksum }).collect();
    compare(&applied, MAIN).map(drop)
}

/// Changes whenever any step of any store does: names a template database.
pub fn schema_checksum() -> String {
    let all: String = MAIN.iter().chain(DERIVED).map(|m| m.text).collect();
    checksum(&all)
}

async fn apply_missing(
    conn: &mut Conn,
    place: Place,
    steps: &[Migration],
    now_us: i64,
) -> Result<(), MigrateError> {
    conn.prepare_record(place).await.map_err(MigrateError::Record)?;
    let applied = conn.applied().await.map_err(MigrateError::Record)?;
    let missing = compare(&applied, steps)?;
    for step in missing {
        let text = render(step, conn.dialect())?;
        conn.apply(step, &text, now_us).await.map_err(|source| MigrateError::Failed {
            version: step.version,
            name: step.name.to_owned(),
            source,
        })?;
        tracing::info!(migration.version = step.version, migration.name = step.name, "migrated");
    }
    Ok(())
}

/// The steps still to apply, or why none may be.
fn compare<'s>(
    applied: &[Applied],
    steps: &'s [Migration],
) -> Result<&'s [Migration], MigrateError> {
    let known = last_version(steps);
    for (at, row) in applied.iter().enumerate() {
        match steps.get(at) {
            Some(step) if step.version != row.version => {
                return Err(MigrateError::Gap { version: row.version.min(step.version) });
            }
            Some(step) if checksum(step.text) != row.checksum => {
                let name = step.name.to_owned();
                return Err(MigrateError::Edited { version: row.version, name });
            }
            Some(_) => {}
            None if row.version > known + 1 => {
                return Err(MigrateError::TooNew { applied: row.version, known });
            }
            None => {}
        }
    }
    Ok(steps.get(applied.len()..).unwrap_or_default())
}

fn last_version(steps: &[Migration]) -> i64 {
    steps.last().map_or(0, |m| m.version)
}

/// FNV-1a over the text as written: notices an edit, guards against nothing else.
fn checksum(text: &str) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{hash:016x}")
}

/// The text for one database: types filled in, the other database's blocks left out.
///
/// Booleans are BOOLEAN on both (SQLite stores 0 and 1 under that name), so that bound booleans,
/// `DEFAULT FALSE` and `WHERE flag` read the same.
fn render(step: &Migration, dialect: Dialect) -> Result<String, MigrateError> {
    let problem = |problem: String| MigrateError::Unreadable {
        version: step.version,
        name: step.name.to_owned(),
        problem,
    };
    let (own, other) = match dialect {
        Dialect::Sqlite => ("sqlite", "postgres"),
        Dialect::Postgres => ("postgres", "sqlite"),
    };
    let mut text = String::with_capacity(step.text.len());
    let mut block: Option<&str> = None;
    for line in step.text.lines() {
        let mark = line.trim().strip_prefix("-- ").and_then(|m| m.split_once(':'));
        match mark {
            Some((name, "begin")) if (name == own || name == other) && block.is_none() => {
                block = Some(name);
            }
            Some((name, "end")) if block == Some(name) => block = None,
            Some((_, mark @ ("begin" | "end"))) => {
                return Err(problem(format!("a block mark out of place: {mark}")));
            }
            _ if block == Some(other) => {}
            _ => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    if block.is_some() {
        return Err(problem("a block is not ended".to_owned()));
    }
    for (placeholder, sqlite, postgres) in TYPES {
        let kind = if dialect == Dialect::Sqlite { sqlite } else { postgres };
        text = text.replace(placeholder, kind);
    }
    match text.find("{{") {
        Some(at) => Err(problem(format!("unknown placeholder {:.16}", &text[at..]))),
        None => Ok(text),
    }
}

const TYPES: [(&str, &str, &str); 5] = [
    (
        "{{ID}}",
        "INTEGER PRIMARY KEY AUTOINCREMENT",
        "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
    ),
    ("{{INT}}", "INTEGER", "BIGINT"),
    ("{{TEXT}}", "TEXT", "TEXT"),
    ("{{BLOB}}", "BLOB", "BYTEA"),
    ("{{BOOL}}", "BOOLEAN", "BOOLEAN"),
];

const CREATE_RECORD: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
  version BIGINT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at BIGINT NOT NULL
)";
const LIST_APPLIED: &str =
    "SELECT version, checksum FROM schema_migration ORDER BY version LIMIT 10000";
const FIND_STEP: &str = "SELECT version FROM schema_migration WHERE version = $1";
const RECORD: &str =
    "INSERT INTO schema_migration (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)";

/// A connection of its own: steps may take longer than a use case may.
enum Conn {
    Sqlite(Box<SqliteConnection>),
    Postgres(Box<PgConnection>),
}

impl Conn {
    async fn open(store: &Store) -> Result<Self, StoreError> {
        Ok(match store {
            Store::Sqlite(store) => Self::Sqlite(Box::new(store.file.connect().await?)),
            Store::Postgres(store) => Self::Postgres(Box::new(store.connect().await?)),
        })
    }

    fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    async fn prepare_record(&mut self, place: Place) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(conn) => sqlx::query(CREATE_RECORD).execute(&mut **conn).await.map(drop),
            Self::Postgres(conn) => {
                // Released when this connection closes.
                sqlx::query(MIGRATION_LOCK).execute(&mut **conn).await?;
                if place == Place::Derived {
                    let create = format!("CREATE SCHEMA IF NOT EXISTS {DERIVED_SCHEMA}");
                    sqlx::raw_sql(sqlx::AssertSqlSafe(create)).execute(&mut **conn).await?;
                }
                sqlx::query(CREATE_RECORD).execute(&mut **conn).await.map(drop)
            }
        }
    }

    async fn applied(&mut self) -> Result<Vec<Applied>, sqlx::Error> {
        let rows: Vec<(i64, String)> = match self {
            Self::Sqlite(conn) => sqlx::query_as(LIST_APPLIED).fetch_all(&mut **conn).await?,
            Self::Postgres(conn) => sqlx::query_as(LIST_APPLIED).fetch_all(&mut **conn).await?,
        };
        Ok(rows.into_iter().map(|(version, checksum)| Applied { version, checksum }).collect())
    }

    /// One step and its record, in one transaction.
    async fn apply(&mut self, step: &Migration, text: &str, now: i64) -> Result<(), sqlx::Error> {
        macro_rules! apply_on {
            ($conn:expr, $begin:literal) => {{
                let mut tx = $conn.begin_with($begin).await?;
                // On SQLite another process may have been faster; BEGIN IMMEDIATE waited for it.
                let known = sqlx::query(FIND_STEP).bind(step.version).fetch_optional(&mut *tx);
                if known.await?.is_some() {
                    return tx.rollback().await;
                }
                sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(&mut *tx).await?;
                sqlx::query(RECORD)
                    .bind(step.version)
                    .bind(step.name)
                    .bind(checksum(step.text))
                    .bind(now)
                    .execute(&mut *tx)
                    .await?;
                tx.commit().await
            }};
        }
        match self {
            Self::Sqlite(conn) => apply_on!(conn, "BEGIN IMMEDIATE"),
            Self::Postgres(conn) => apply_on!(conn, "BEGIN"),
        }
    }

    async fn close(self) {
        // A connection that does not close cleanly is closed by the other side.
        let _ = match self {
            Self::Sqlite(conn) => conn.close().await,
            Self::Postgres(conn) => conn.close().await,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(text: &'static str) -> Migration {
        Migration { version: 1, name: "first", text }
    }

    #[test]
    fn a_block_is_kept_on_its_own_database_only() {
        let step = step("a {{INT}}\n-- postgres:begin\nonly\n-- postgres:end\nb {{BLOB}}\n");
        assert_eq!(render(&step, Dialect::Sqlite).unwrap(), "a INTEGER\nb BLOB\n");
        assert_eq!(render(&step, Dialect::Postgres).unwrap(), "a BIGINT\nonly\nb BYTEA\n");
    }

    #[test]
    fn an_unknown_placeholder_or_an_open_block_is_refused() {
        assert!(render(&step("{{DATE}}"), Dialect::Sqlite).is_err());
        assert!(render(&step("-- sqlite:begin\n"), Dialect::Postgres).is_err());
        assert!(render(&step("-- sqlite:end\n"), Dialect::Postgres).is_err());
    }

    #[test]
    fn every_file_renders_for_both_databases() {
        for step in MAIN.iter().chain(DERIVED) {
            render(step, Dialect::Sqlite).unwrap();
            render(step, Dialect::Postgres).unwrap();
        }
    }
}
