//! The plain Node server that is measured beside xiaoer: see `bench/baseline/server.mjs`.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::json;

use crate::Outcome;
use crate::seat::{Socket, ask, connect};

/// Its process; ended when dropped.
pub struct Baseline {
    child: Child,
    address: SocketAddr,
}

/// Where its sources lie.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("baseline")
}

impl Baseline {
    /// Installs its packages as locked and starts it on an empty database.
    pub fn start(database_url: &str) -> Outcome<Self> {
        let mut install = Command::new("npm");
        install.args(["ci", "--no-audit", "--no-fund", "--silent"]).current_dir(folder());
        if !install.status().is_ok_and(|status| status.success()) {
            return Err("`npm ci` in bench/baseline did not succeed".into());
        }
        let mut child = Command::new("node")
            .arg("server.mjs")
            .current_dir(folder())
            .env("BASELINE_DATABASE_URL", database_url)
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("node did not start: {e}"))?;
        let mut line = String::new();
        let output = child.stdout.take().expect("stdout was piped above");
        let _ = BufReader::new(output).read_line(&mut line);
        let port = line.trim().strip_prefix("listens ").and_then(|port| port.parse().ok());
        let Some(port) = port else {
            let _ = child.kill();
            let _ = child.wait();
            return Err("the baseline ended before it listened".into());
        };
        Ok(Self { child, address: SocketAddr::from(([127, 0, 0, 1], port)) })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A connection that hears the rooms.
    pub async fn client(&self, rooms: &[String]) -> Outcome<Socket> {
        let mut socket = connect(self.address, "/").await?;
        let welcome = ask(&mut socket, json!({ "t": "hello", "rooms": rooms }).to_string()).await?;
        match welcome.as_str() {
            r#"{"t":"welcome"}"# => Ok(socket),
            other => Err(format!("not welcomed: {other}")),
        }
    }
}

impl Drop for Baseline {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
