//! A PostgreSQL of our own for tests and benches: own folder, free port, never run as root.
//!
//! It is kept by a second process that waits for its input to end. However the first one dies,
//! the pipe closes and the database is stopped and removed.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::shell::{Outcome, cannot_start, command, is_root, read};

/// The most connections all tests of one run open together.
const CONNECTIONS_MAX: u32 = 300;

/// Whether a commit has to survive a power cut.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Tests: a crash of the machine loses nothing anyone wants.
    Relaxed,
    /// Benches: what it costs is the point.
    Full,
}

/// A running database; stops when dropped.
pub struct Postgres {
    pub url: String,
    keeper: Child,
}

impl Postgres {
    pub fn start(durability: Durability) -> Outcome<Self> {
        let own = std::env::current_exe().map_err(|e| format!("xtask cannot find itself: {e}"))?;
        let mut call = Command::new(own);
        call.arg("postgres").args((durability == Durability::Full).then_some("--durable"));
        // Its own group: Ctrl-C at the terminal reaches us, and the closing pipe reaches it.
        call.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut keeper = call.spawn().map_err(|e| cannot_start(&call, &e))?;
        let mut url = String::new();
        let output = keeper.stdout.take().expect("stdout was piped above");
        let _ = BufReader::new(output).read_line(&mut url);
        if url.trim().is_empty() {
            let _ = keeper.wait();
            return Err("PostgreSQL did not start; what it said stands above".into());
        }
        Ok(Self { url: url.trim().into(), keeper })
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// Starts a database, prints its address, and stops it when standard input ends.
pub fn keep_until_input_ends(durability: Durability) -> Outcome {
    let cluster = Cluster::create()?;
    let port = cluster.start(durability)?;
    // Nobody may be listening any more; then the input has ended too.
    let _ = writeln!(std::io::stdout(), "postgres://xiaoer@127.0.0.1:{port}/postgres");
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    Ok(())
}

/// The newest installed server programs.
pub fn binaries() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let found = versions.flatten().filter_map(|v| {
        let number: u32 = v.file_name().to_str()?.parse().ok()?;
        let bin = v.path().join("bin");
        bin.join("initdb").exists().then_some((number, bin))
    });
    found.max().map(|(_, bin)| bin)
}

/// A folder with a database in it; stopped and removed when dropped.
struct Cluster {
    bin: PathBuf,
    dir: PathBuf,
}

impl Cluster {
    fn create() -> Outcome<Self> {
        let bin = binaries().ok_or(
            "PostgreSQL is not installed, so nothing ran on it; install it: \
             apt-get install postgresql",
        )?;
        let dir = std::env::temp_dir().join(format!("xiaoer-postgres-{}", std::process::id()));
        std::fs::create_dir_all(&dir)
            .map_err(|e| format!("{} could not be made: {e}", dir.display()))?;
        if is_root() {
            read(command("chown", &["postgres"]).arg(&dir))?;
        }
        let cluster = Self { bin, dir };
        let data = cluster.data();
        let args = ["-U", "xiaoer", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-D"];
        read(cluster.tool("initdb").args(args).arg(data))?;
        Ok(cluster)
    }

    fn start(&self, durability: Durability) -> Outcome<u16> {
        let port = free_port()?;
        let fsync = if durability == Durability::Full { "on" } else { "off" };
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={} \
             -c max_connections={CONNECTIONS_MAX} -c fsync={fsync} -c full_page_writes={fsync}",
            self.dir.display()
        );
        let log = self.dir.join("log");
        // Its output goes to the log: a pipe would be held open by the server itself.
        let mut call = self.tool("pg_ctl");
        call.args(["start", "-w", "-s", "-o", &options, "-l"]).arg(&log);
        call.arg("-D").arg(self.data()).stdin(Stdio::null()).stdout(Stdio::null());
        let status = call.status().map_err(|e| cannot_start(&call, &e))?;
        if status.success() {
            return Ok(port);
        }
        let said = std::fs::read_to_string(&log).unwrap_or_default();
        Err(format!("PostgreSQL did not start on port {port}; its log:\n{said}"))
    }

    fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// One of the server's programs, as a user PostgreSQL agrees to run under.
    fn tool(&self, name: &str) -> Command {
        let program: &Path = &self.bin.join(name);
        let mut call = if is_root() {
            let mut call = Command::new("runuser");
            call.args(["-u", "postgres", "--"]).arg(program);
            call
        } else {
            Command::new(program)
        };
        call.current_dir(&self.dir);
        call
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut stop = self.tool("pg_ctl");
        stop.args(["stop", "-s", "-m", "immediate", "-D"]).arg(self.data());
        let _ = stop.stdout(Stdio::null()).stderr(Stdio::null()).status();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

fn free_port() -> Outcome<u16> {
    let listener = TcpListener::bind("127.0.0.1:0");
    let address = listener.and_then(|l| l.local_addr());
    address.map(|a| a.port()).map_err(|e| format!("no free port on 127.0.0.1: {e}"))
}
