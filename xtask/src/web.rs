//! The web app: its packages and its build, each only when something changed.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::shell::{Outcome, npm, root, run, say, target};

/// Folders below web/ that are results, not sources.
const RESULTS: [&str; 6] = ["node_modules", "dist", "out", "e2e", "coverage", ".vite"];

/// `npm ci` when the lock file is newer than what was installed.
pub fn install() -> Outcome {
    let web = root().join("web");
    let installed = modified(&web.join("node_modules/.package-lock.json"));
    let wanted = modified(&web.join("package-lock.json"));
    if wanted.is_none() {
        return Err("web/package-lock.json is missing; restore it and run this again".into());
    }
    if installed >= wanted {
        return Ok(());
    }
    say("installing npm packages");
    run(&mut npm(&["ci", "--no-progress"]))
}

/// `npm run build` when the sources differ from the last build's.
pub fn build() -> Outcome {
    install()?;
    let stamp = target().join("xtask/web-build");
    let inputs = digest_of(&root().join("web"));
    let built = std::fs::read_to_string(&stamp).unwrap_or_default();
    if built == inputs && outputs_exist() {
        return Ok(());
    }
    say("building the web app");
    run(&mut npm(&["run", "build"]))?;
    let folder = stamp.parent().expect("the stamp lies in target/xtask");
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&stamp, inputs))
        .map_err(|e| format!("{} could not be written: {e}", stamp.display()))
}

fn outputs_exist() -> bool {
    let apps = std::fs::read_dir(root().join("web/apps")).map(Iterator::collect::<Vec<_>>);
    apps.is_ok_and(|apps| {
        apps.iter().flatten().filter(|a| a.path().join("package.json").exists()).all(|a| {
            std::fs::read_dir(a.path().join("dist")).is_ok_and(|mut files| files.next().is_some())
        })
    })
}

/// A hash over name and content of every source below `folder`.
fn digest_of(folder: &Path) -> String {
    let mut files = Vec::new();
    collect(folder, &mut files);
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.strip_prefix(folder).unwrap_or(&file).hash(&mut hasher);
        std::fs::read(&file).unwrap_or_default().hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|e| e.path()) {
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if RESULTS.contains(&name) {
            continue;
        }
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|m| m.modified()).ok()
}
