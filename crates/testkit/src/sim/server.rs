//! A real server process on a free port: started, killed, stopped, and asked by its command line.

use std::path::PathBuf;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::client::PATIENCE;

/// How to start the process, again and again on the same data.
#[derive(Clone, Debug)]
pub struct Program {
    /// The binary.
    pub path: PathBuf,
    /// A folder for data and logs.
    pub folder: PathBuf,
    /// PostgreSQL, or the embedded database in the folder.
    pub database_url: Option<String>,
}

/// A running process.
pub struct Server {
    child: Child,
    /// Kept open: a process that prints to nobody ends.
    _output: Lines<BufReader<ChildStdout>>,
    /// Where it listens, as `http://host:port`.
    pub base: String,
}

impl Program {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        let log = std::fs::File::options().create(true).append(true).open(self.log());
        command
            .current_dir(&self.folder)
            .env_clear()
            .env("XIAOER_LISTEN", "127.0.0.1:0")
            .env("XIAOER_DATA", self.folder.join("data"))
            .env("XIAOER_LOG", "warn")
            // A killed process loses nothing by it; a power cut is not what is tried here.
            .env("XIAOER_DURABILITY", "process-crash")
            // Whoever is put out for haste cannot show what gets lost.
            .env("XIAOER_BUYER_SENDS_PER_SECOND", "10000")
            .env("XIAOER_BUYER_LINES_PER_MINUTE", "1000000")
            .env("XIAOER_DESK_SENDS_PER_SECOND", "10000")
            .env("XIAOER_FRAMES_PER_SECOND", "10000")
            .kill_on_drop(true)
            .stdin(Stdio::null())
            .stderr(log.map_or_else(|_| Stdio::null(), Stdio::from));
        if let Some(url) = &self.database_url {
            command.env("XIAOER_DATABASE_URL", url);
        }
        command
    }

    /// Where the server's log goes.
    pub fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    /// Starts it and waits until it says where it listens.
    ///
    /// # Panics
    /// When it does not.
    pub async fn start(&self) -> Server {
        let mut command = self.command();
        let mut child =
            command.arg("serve").stdout(Stdio::piped()).spawn().expect("the server starts");
        let output = child.stdout.take().expect("its output was asked for");
        let mut lines = BufReader::new(output).lines();
        let address = async {
            let mut base = None;
            while let Ok(Some(line)) = lines.next_line().await {
                let address = line.trim().strip_prefix("desk").map(str::trim);
                base = base.or(address.and_then(|a| a.strip_suffix("/desk/")).map(str::to_owned));
                // The last line that it prints.
                if line.contains("Ctrl+C") {
                    break;
                }
            }
            base
        };
        let base = tokio::time::timeout(PATIENCE, address).await.ok().flatten();
        let base = base.unwrap_or_else(|| panic!("the server did not start:\n{}", self.log_end()));
        Server { child, _output: lines, base }
    }

    /// Runs a verb of the command line, beside a running server or on the data.
    ///
    /// # Panics
    /// When it fails.
    pub async fn verb(&self, words: &[&str]) -> String {
        let output = self.command().args(words).stderr(Stdio::piped()).output().await;
        let output = output.expect("the command line starts");
        let (said, complained) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "xiaoer {} failed: {complained}{said}", words.join(" "));
        said.into_owned()
    }

    /// The end of the server's log, for a failure's message.
    pub fn log_end(&self) -> String {
        let text = std::fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Server {
    /// `kill -9`, wherever it stands.
    pub async fn kill(mut self) {
        self.child.start_kill().expect("the process is ours");
        let _ = self.child.wait().await;
    }

    /// Asks it to stop and waits until it has.
    ///
    /// # Panics
    /// When it does not end well.
    pub async fn stop(mut self) {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        kill_process(id.expect("it runs"), Signal::TERM).expect("the process is ours");
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        let status = ended.expect("the server stops in time").expect("the process is ours");
        assert!(status.success(), "the server ended with {status}");
    }
}
