//! For contributors: the web app reloads in the browser, the server restarts when Rust changed.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, SystemTime};

use crate::shell::{Outcome, cannot_start, end_with_children, npm, root, say, signal};
use crate::{install, product, web};

/// How often the sources are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);

pub fn dev() -> Outcome {
    install::node()?;
    web::build()?;
    let mut call = npm(&["run", "dev"]);
    let mut pages = call.spawn().map_err(|e| cannot_start(&call, &e))?;
    let outcome = serve_while_editing(&mut pages);
    end_with_children(pages.id());
    let _ = pages.wait();
    outcome
}

/// Ends when the page server ends; Ctrl-C ends both, they share our terminal.
fn serve_while_editing(pages: &mut Child) -> Outcome {
    let mut server = start();
    let mut seen = newest_source();
    loop {
        std::thread::sleep(LOOK_EVERY);
        if let Ok(Some(status)) = pages.try_wait() {
            stop(server);
            return Err(format!("`npm run dev` ended ({status})"));
        }
        let newest = newest_source();
        if newest > seen {
            seen = newest;
            say("Rust sources changed");
            stop(server.take());
            server = start();
        }
    }
}

/// A build that fails prints why and waits for the next edit.
fn start() -> Option<Child> {
    if let Err(failure) = product::build() {
        eprintln!("{failure}; waiting for an edit");
        return None;
    }
    let mut serve = Command::new(product::binary());
    let started = serve.args(["serve", "--demo"]).current_dir(root()).spawn();
    started.map_err(|e| eprintln!("{}", cannot_start(&serve, &e))).ok()
}

fn stop(server: Option<Child>) {
    let Some(mut server) = server else { return };
    signal("TERM", &[server.id()]);
    let _ = server.wait();
}

fn newest_source() -> Option<SystemTime> {
    let mut folders: Vec<PathBuf> = vec![root().join("crates")];
    let mut newest = None;
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.flatten().map(|e| e.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if is_source(&path) {
                let changed = std::fs::metadata(&path).and_then(|m| m.modified()).ok();
                newest = newest.max(changed);
            }
        }
    }
    newest
}

fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "rs" || e == "sql" || e == "toml")
}
