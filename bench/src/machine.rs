//! The machine and the versions: figures mean nothing without them.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use sqlx::Connection as _;

use crate::Outcome;
use crate::baseline;
use crate::postgres::Cluster;

/// Flushes that are timed.
const FLUSHES: usize = 200;
/// Bytes appended before each flush: a page of SQLite.
const FLUSHED_BYTES: usize = 4096;

/// Lines of a list that name the machine.
pub async fn describe(cluster: &Cluster) -> Outcome<Vec<String>> {
    let flush = flush_time(&std::env::temp_dir())?;
    let node = said("node", &["--version"]);
    let packages = std::fs::read_to_string(baseline::folder().join("package.json"));
    let packages: serde_json::Value =
        serde_json::from_str(&packages.unwrap_or_default()).map_err(|e| e.to_string())?;
    let package = |name: &str| packages["dependencies"][name].as_str().unwrap_or("?").to_owned();
    let (commit, changed) =
        (said("git", &["rev-parse", "--short=12", "HEAD"]), said("git", &["status", "--short"]));
    let changed = if changed.is_empty() { "" } else { " with changes" };
    Ok(vec![
        format!("date {}, commit {commit}{changed}", said("date", &["+%F"])),
        format!(
            "processor {}, {} cores, {:.0} GB memory, kernel {}",
            line_of("/proc/cpuinfo", "model name"),
            std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
            line_of("/proc/meminfo", "MemTotal")
                .split(' ')
                .next()
                .and_then(|kb| kb.parse::<f64>().ok())
                .unwrap_or(0.0)
                / 1024.0
                / 1024.0,
            said("uname", &["-r"]),
        ),
        format!(
            "SQLite {}, PostgreSQL {} (fsync {}, synchronous_commit {}), Node {node} with ws {} and pg {}, {}",
            sqlite_version().await?,
            cluster.show("server_version").await?,
            cluster.show("fsync").await?,
            cluster.show("synchronous_commit").await?,
            package("ws"),
            package("pg"),
            said("rustc", &["--version"]),
        ),
        format!(
            "load before the run {}; a flush of {FLUSHED_BYTES} bytes to the disk: median {:.2} ms",
            said("cut", &["-d ", "-f1", "/proc/loadavg"]),
            flush.as_secs_f64() * 1000.0,
        ),
    ])
}

fn line_of(file: &str, name: &str) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name));
    line.and_then(|l| l.split_once(':')).map_or_else(String::new, |(_, v)| v.trim().to_owned())
}

fn said(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    output.map_or_else(
        |_| "unknown".into(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

async fn sqlite_version() -> Outcome<String> {
    let mut conn =
        sqlx::SqliteConnection::connect("sqlite::memory:").await.map_err(|e| e.to_string())?;
    let version = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut conn).await;
    version.map_err(|e| e.to_string())
}

/// How long the disk takes to keep a page: no commit is faster.
fn flush_time(folder: &Path) -> Outcome<Duration> {
    let path = folder.join(format!("xiaoer-bench-flush-{}", std::process::id()));
    let timed = || -> std::io::Result<Duration> {
        let mut file = std::fs::File::create(&path)?;
        let mut times = Vec::with_capacity(FLUSHES);
        for _ in 0..FLUSHES {
            let began = Instant::now();
            file.write_all(&[7; FLUSHED_BYTES])?;
            file.sync_data()?;
            times.push(began.elapsed());
        }
        times.sort_unstable();
        Ok(times[FLUSHES / 2])
    };
    let result = timed().map_err(|e| format!("{} could not be flushed: {e}", path.display()));
    let _ = std::fs::remove_file(&path);
    result
}
