//! Starting other programs: where the tree is, how a command runs, how its output is read.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

/// What every step answers. The text says what happened and what to do about it.
pub type Outcome<T = ()> = Result<T, String>;

/// The top of the source tree.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies one below the root").into()
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

pub fn say(line: &str) {
    println!("==> {line}");
}

pub fn command(program: impl AsRef<OsStr>, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(root());
    command
}

/// cargo, without the variables an outer `cargo run` sets. Some build scripts watch those and
/// would compile their crate anew each time the caller changes.
pub fn cargo(args: &[&str]) -> Command {
    let mut command = command("cargo", args);
    forget_outer_cargo(&mut command);
    command
}

/// npm in the web folder, quiet about funding and audits.
pub fn npm(args: &[&str]) -> Command {
    let mut command = command("npm", args);
    forget_outer_cargo(&mut command);
    command.current_dir(root().join("web"));
    command.env("npm_config_fund", "false").env("npm_config_audit", "false");
    command.env("npm_config_update_notifier", "false").env("NO_COLOR", "1");
    command
}

/// Takes away what `cargo run` put into the environment.
pub fn forget_outer_cargo(command: &mut Command) {
    let kept = ["CARGO_HOME", "CARGO_TARGET_DIR"];
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let ours = text.starts_with("CARGO_PKG_")
            || text.starts_with("CARGO_MANIFEST_")
            || ["CARGO", "CARGO_BIN_NAME", "CARGO_CRATE_NAME"].contains(&&*text);
        if ours && !kept.contains(&&*text) {
            command.env_remove(&name);
        }
    }
}

/// Runs to the end with its output on the screen; anything but success is an error.
pub fn run(command: &mut Command) -> Outcome {
    let status = command.status().map_err(|e| cannot_start(command, &e))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed ({status})", line(command))) }
}

/// Runs to the end and gives back what it printed.
pub fn read(command: &mut Command) -> Outcome<String> {
    let output = command.output().map_err(|e| cannot_start(command, &e))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("`{}` failed ({})\n{}", line(command), output.status, said.trim_end()))
    }
}

/// What a watched command left behind.
pub struct Watched {
    pub printed: String,
    pub succeeded: bool,
}

/// Runs with its output both shown and kept, and ends it when it takes longer than `limit`.
pub fn watch(command: &mut Command, limit: Duration) -> Outcome<Watched> {
    let began = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| cannot_start(command, &e))?;
    let lines = lines_of(&mut child);
    let mut printed = String::new();
    loop {
        match lines.recv_timeout(limit.saturating_sub(began.elapsed())) {
            Ok(line) => {
                println!("{line}");
                printed.push_str(&line);
                printed.push('\n');
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                end_with_children(child.id());
                let _ = child.wait();
                let minutes = limit.as_secs() / 60;
                eprintln!("`{}` was ended: its limit is {minutes} minutes", line(command));
                return Ok(Watched { printed, succeeded: false });
            }
        }
    }
    let status = child.wait().map_err(|e| cannot_start(command, &e))?;
    let _ = std::io::stdout().flush();
    Ok(Watched { printed, succeeded: status.success() })
}

/// The command as a person would type it.
pub fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|w| w.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

pub fn cannot_start(command: &Command, error: &std::io::Error) -> String {
    format!("`{}` could not be started: {error}", line(command))
}

/// True when this process may install packages without asking.
pub fn is_root() -> bool {
    read(&mut command("id", &["-u"])).is_ok_and(|uid| uid.trim() == "0")
}

/// Ends a process and everything it started.
pub fn end_with_children(pid: u32) {
    let mut family = vec![pid];
    let mut next = 0;
    while next < family.len() {
        let parent = family[next];
        family.extend(children_of(parent).into_iter().filter(|c| *c != pid));
        next += 1;
    }
    signal("KILL", &family);
}

/// Sends a signal. The shell's own `kill`, because a small Debian has no other.
pub fn signal(name: &str, processes: &[u32]) {
    let ids: Vec<String> = processes.iter().map(u32::to_string).collect();
    let line = format!("kill -{name} {}", ids.join(" "));
    let _ = Command::new("sh").args(["-c", &line]).stderr(Stdio::null()).status();
}

fn children_of(parent: u32) -> Vec<u32> {
    let Ok(processes) = std::fs::read_dir("/proc") else { return Vec::new() };
    let children = processes.flatten().filter_map(|process| {
        let pid = process.file_name().to_str()?.parse().ok()?;
        let stat = std::fs::read_to_string(process.path().join("stat")).ok()?;
        (parent_in(&stat)? == parent).then_some(pid)
    });
    children.collect()
}

/// `4711 (a name) S 42 …`: the parent is the second word after the name, which may hold anything.
fn parent_in(stat: &str) -> Option<u32> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn lines_of(child: &mut Child) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    let output = child.stdout.take().expect("stdout was piped above");
    std::thread::spawn(move || {
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                break;
            }
        }
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_beyond_its_limit_is_ended_with_its_children() {
        let began = Instant::now();
        let mut call = command("sh", &["-c", "echo begun; sleep 60 & wait"]);
        let watched = watch(&mut call, Duration::from_millis(300)).unwrap();
        assert_eq!((watched.printed.as_str(), watched.succeeded), ("begun\n", false));
        assert!(began.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn a_process_name_with_brackets_does_not_hide_its_parent() {
        assert_eq!(parent_in("7 (a) b) S 42 7 7"), Some(42));
    }
}
