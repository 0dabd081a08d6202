//! The PostgreSQL that `cargo xtask bench` started: a database for each of those measured.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use crate::{Outcome, process, variable};

/// The cluster.
pub struct Cluster {
    options: PgConnectOptions,
    processes: Vec<u32>,
}

impl Cluster {
    pub fn find() -> Outcome<Self> {
        let url = variable("XIAOER_TEST_POSTGRES")?;
        let options = PgConnectOptions::from_str(&url).map_err(|e| e.to_string())?;
        let processes = process::family(&format!("-p {} ", options.get_port()));
        Ok(Self { options, processes })
    }

    /// An empty database of this name; gives its address.
    pub async fn create(&self, name: &str) -> Outcome<String> {
        self.run(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        self.run(&format!("CREATE DATABASE {name}")).await?;
        let (host, port) = (self.options.get_host(), self.options.get_port());
        Ok(format!("postgres://{}@{host}:{port}/{name}", self.options.get_username()))
    }

    pub async fn drop(&self, name: &str) -> Outcome {
        self.run(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await
    }

    /// A setting, or the version as `server_version`.
    pub async fn show(&self, name: &str) -> Outcome<String> {
        let mut conn = self.options.connect().await.map_err(|e| e.to_string())?;
        let sql = AssertSqlSafe(format!("SHOW {name}"));
        let shown = sqlx::query_scalar(sql).fetch_one(&mut conn).await.map_err(|e| e.to_string());
        let _ = conn.close().await;
        shown
    }

    /// Time all of its processes spent on the processors.
    pub fn cpu(&self) -> Duration {
        let Some(head) = self.processes.first() else { return Duration::ZERO };
        let port = self.options.get_port();
        // Connections come and go: look for them again. Those that ended are missed.
        let all = process::family(&format!("-p {port} "));
        debug_assert!(all.contains(head));
        all.into_iter().map(process::cpu).sum()
    }

    async fn run(&self, sql: &str) -> Outcome {
        let mut conn = self.options.connect().await.map_err(|e| e.to_string())?;
        let done = sqlx::query(AssertSqlSafe(sql.to_owned())).execute(&mut conn).await;
        let _ = conn.close().await;
        done.map(drop).map_err(|e| format!("{sql}: {e}"))
    }
}
