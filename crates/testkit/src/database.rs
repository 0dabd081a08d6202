//! A database of its own for each test, copied from one that was migrated once.
//!
//! Must never skip: without a PostgreSQL the test fails and says what to run.

use std::future::Future;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::FutureExt as _;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};
use tokio::sync::OnceCell;
use xiaoer_store::{DatabaseUrl, Db, DbConfig, Dialect, Durability, schema_checksum};

/// Names the cluster tests may make databases in: `postgres://user@host:port/postgres`.
pub const POSTGRES_VARIABLE: &str = "XIAOER_TEST_POSTGRES";

/// Connections of one test's database; many tests share the cluster.
const CONNECTIONS_MAX: u32 = 6;
/// One process at a time makes the template (the number is arbitrary, and ours).
const TEMPLATE_LOCK: &str = "SELECT pg_advisory_lock(7061726874)";

static POSTGRES_TEMPLATE: OnceCell<String> = OnceCell::const_new();
static SQLITE_TEMPLATE: OnceCell<PathBuf> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(0);

/// A test's own database; use it like a [`Db`].
pub struct TestDb {
    db: Db,
    config: DbConfig,
    home: Home,
}

enum Home {
    Folder(PathBuf),
    Database(String),
}

/// Runs a test on SQLite; the folder is removed however it ends.
pub async fn run_on_sqlite<F: Future<Output = ()>>(test: impl FnOnce(TestDb) -> F) {
    run(TestDb::sqlite().await, test).await;
}

/// Runs a test on PostgreSQL; the database is dropped however it ends.
pub async fn run_on_postgres<F: Future<Output = ()>>(test: impl FnOnce(TestDb) -> F) {
    run(TestDb::postgres().await, test).await;
}

async fn run<F: Future<Output = ()>>(db: TestDb, test: impl FnOnce(TestDb) -> F) {
    let (opened, home) = (db.db.clone(), db.home.copy());
    let result = AssertUnwindSafe(test(db)).catch_unwind().await;
    opened.close().await;
    home.remove().await;
    if let Err(panic) = result {
        resume_unwind(panic);
    }
}

impl TestDb {
    /// A migrated SQLite folder; remove it with [`TestDb::remove`].
    pub async fn sqlite() -> Self {
        let template = SQLITE_TEMPLATE.get_or_init(make_sqlite_template).await;
        let folder = new_folder();
        for file in ["main.db", "derived.db"] {
            std::fs::copy(template.join(file), folder.join(file)).expect("the template is copied");
        }
        Self::open(sqlite_config(&folder), Home::Folder(folder)).await
    }

    /// A migrated PostgreSQL database; remove it with [`TestDb::remove`].
    pub async fn postgres() -> Self {
        let template = POSTGRES_TEMPLATE.get_or_init(make_postgres_template).await;
        Self::create_postgres(&format!("TEMPLATE {template}")).await
    }

    /// Another database of the same kind, not migrated; remove it with [`TestDb::remove`].
    pub async fn empty(&self) -> Self {
        match &self.home {
            Home::Folder(_) => {
                let folder = new_folder();
                Self::open(sqlite_config(&folder), Home::Folder(folder)).await
            }
            Home::Database(_) => Self::create_postgres("TEMPLATE template0").await,
        }
    }

    /// How it was opened, to open it once more.
    pub fn config(&self) -> DbConfig {
        self.config.clone()
    }

    /// The folder of a SQLite database.
    pub fn folder(&self) -> Option<&Path> {
        match &self.home {
            Home::Folder(folder) => Some(folder),
            Home::Database(_) => None,
        }
    }

    /// Reads as: this runs on SQLite.
    pub fn is_sqlite(&self) -> bool {
        self.db.dialect() == Dialect::Sqlite
    }

    /// Closes it and leaves nothing behind.
    pub async fn remove(self) {
        self.db.close().await;
        self.home.remove().await;
    }

    async fn create_postgres(options: &str) -> Self {
        let name = format!("xiaoer_test_{}", own_number());
        admin(&format!("CREATE DATABASE {name} {options}")).await;
        Self::open(postgres_config(&name), Home::Database(name)).await
    }

    async fn open(config: DbConfig, home: Home) -> Self {
        let db = Db::open(config.clone()).await.expect("a test's database opens");
        Self { db, config, home }
    }
}

impl Deref for TestDb {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

impl Home {
    fn copy(&self) -> Self {
        match self {
            Self::Folder(folder) => Self::Folder(folder.clone()),
            Self::Database(name) => Self::Database(name.clone()),
        }
    }

    /// As far as it goes: what stays behind is in a temporary place.
    async fn remove(self) {
        match self {
            Self::Folder(folder) => drop(std::fs::remove_dir_all(folder)),
            Self::Database(name) => {
                let mut conn = connect().await;
                let text = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                let _ = sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut conn).await;
                let _ = conn.close().await;
            }
        }
    }
}

fn own_number() -> String {
    format!("{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

fn new_folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("xiaoer-test-{}", own_number()));
    // A folder of an earlier process with our id is nobody's any more.
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
    folder
}

fn sqlite_config(folder: &Path) -> DbConfig {
    DbConfig { durability: Durability::ProcessCrash, ..DbConfig::sqlite(folder) }
}

fn postgres_config(name: &str) -> DbConfig {
    let url = cluster().database(name).to_url_lossy().to_string();
    let url = DatabaseUrl::Postgres { url, max_connections: CONNECTIONS_MAX };
    DbConfig { url, ..DbConfig::postgres("") }
}

/// Migrated once per schema and kept in the temporary folder; processes may race to make it.
async fn make_sqlite_template() -> PathBuf {
    let kept = std::env::temp_dir().join(format!("xiaoer-template-{}", schema_checksum()));
    if kept.join("derived.db").exists() {
        return kept;
    }
    let folder = new_folder();
    let db = Db::open(sqlite_config(&folder)).await.expect("the template opens");
    db.migrate(0).await.expect("the migrations apply on SQLite");
    db.close().await;
    if std::fs::rename(&folder, &kept).is_err() {
        drop(std::fs::remove_dir_all(&folder));
    }
    kept
}

async fn make_postgres_template() -> String {
    let template = format!("xiaoer_template_{}", schema_checksum());
    let mut conn = connect().await;
    sqlx::query(TEMPLATE_LOCK).execute(&mut conn).await.expect("the lock is given");
    let known: Option<(i32,)> = sqlx::query_as("SELECT 1 FROM pg_database WHERE datname = $1")
        .bind(&template)
        .fetch_optional(&mut conn)
        .await
        .expect("the cluster lists its databases");
    if known.is_none() {
        let making = format!("xiaoer_making_{}", own_number());
        admin(&format!("CREATE DATABASE {making} TEMPLATE template0")).await;
        let db = Db::open(postgres_config(&making)).await.expect("the template opens");
        db.migrate(0).await.expect("the migrations apply on PostgreSQL");
        db.close().await;
        admin(&format!("ALTER DATABASE {making} RENAME TO {template}")).await;
    }
    conn.close().await.expect("the lock is given back");
    template
}

async fn admin(text: &str) {
    let mut conn = connect().await;
    let done = sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut conn).await;
    done.unwrap_or_else(|e| panic!("{text}: {e}"));
    conn.close().await.expect("the connection closes");
}

async fn connect() -> PgConnection {
    let connected = cluster().disable_statement_logging().connect().await;
    connected.expect("the PostgreSQL for tests answers; run `make test`, which starts one")
}

#[expect(clippy::disallowed_methods, reason = "tests are configured by the one who runs them")]
fn cluster() -> PgConnectOptions {
    let url = std::env::var(POSTGRES_VARIABLE).unwrap_or_else(|_| {
        panic!("{POSTGRES_VARIABLE} names no PostgreSQL: run `make test`, which starts one")
    });
    PgConnectOptions::from_str(&url).expect("the address of the PostgreSQL for tests is valid")
}
