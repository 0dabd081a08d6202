//! Files that a program writes: the API description and the web app's types made from it.
//!
//! They are committed, so a reader needs no build to see the API, and `gen --check` compares
//! them with what the sources say now.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{Outcome, command, read, root, say, target};
use crate::{product, web};

/// The API description, written by the binary itself.
pub const DESCRIPTION: &str = "docs/openapi.json";
/// The web app's types, written from the description.
pub const TYPES: &str = "web/packages/api/src/generated.ts";

/// Writes both files.
pub fn write() -> Outcome {
    product::build()?;
    for (path, text) in results()? {
        let file = root().join(path);
        if std::fs::read_to_string(&file).unwrap_or_default() == text {
            continue;
        }
        std::fs::write(&file, text).map_err(|e| format!("{path} could not be written: {e}"))?;
        say(&format!("wrote {path}"));
    }
    Ok(())
}

/// Compares both files with what the sources say now.
pub fn check() -> Outcome {
    product::build()?;
    compare()
}

/// The same with the binary the tests just compiled.
pub fn compare() -> Outcome {
    if !root().join(DESCRIPTION).exists() {
        say(&format!("{DESCRIPTION} is not written yet, so there is nothing to compare"));
        return Ok(());
    }
    let stale = |(path, text): &(&str, String)| {
        std::fs::read_to_string(root().join(path)).unwrap_or_default() != *text
    };
    let results = results()?;
    let paths: Vec<&str> = results.iter().filter(|r| stale(r)).map(|r| r.0).collect();
    if paths.is_empty() {
        return Ok(());
    }
    Err(format!("{} is not what the sources say now; run `make gen`", paths.join(" and ")))
}

fn results() -> Outcome<Vec<(&'static str, String)>> {
    web::install()?;
    let description = read(Command::new(product::binary()).arg("openapi").current_dir(root()))?;
    let mut results = vec![(DESCRIPTION, description)];
    if let Some(generator) = generator() {
        let types = types_of(&results[0].1, &generator)?;
        results.push((TYPES, types));
    } else if root().join(TYPES).exists() {
        return Err(format!("{TYPES} could not be made anew: openapi-typescript is not installed"));
    } else {
        say(&format!("openapi-typescript is not installed, so {TYPES} is left out"));
    }
    Ok(results)
}

fn types_of(description: &str, generator: &Path) -> Outcome<String> {
    let folder = target().join("xtask");
    let (input, output) = (folder.join("openapi.json"), folder.join("generated.ts"));
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&input, description))
        .map_err(|e| format!("{} could not be written: {e}", input.display()))?;
    read(command(generator, &[]).arg(&input).arg("-o").arg(&output))?;
    std::fs::read_to_string(&output)
        .map_err(|e| format!("{} could not be read: {e}", output.display()))
}

fn generator() -> Option<PathBuf> {
    let places = ["web/packages/api/node_modules/.bin", "web/node_modules/.bin"];
    places.map(|p| root().join(p).join("openapi-typescript")).into_iter().find(|t| t.exists())
}
