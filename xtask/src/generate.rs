//! Files that a program writes: the API description and the web app's types made from it.
//!
//! They are committed, so a reader needs no build to see the API, and `gen --check` compares
//! them with what the sources say now.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{Outcome, command, read, root, run, say, target};
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
    let types = types_of(&description, &generator()?)?;
    Ok(vec![(DESCRIPTION, description), (TYPES, types)])
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

/// The generator stands apart from the web app's packages: it wants an older TypeScript.
fn generator() -> Outcome<PathBuf> {
    let folder = root().join("web/tools/types");
    let tool = folder.join("node_modules/.bin/openapi-typescript");
    if !tool.exists() {
        say("installing the generator of the web app's types");
        run(command(Path::new("npm"), &["ci", "--no-progress", "--no-audit", "--no-fund"])
            .current_dir(&folder))?;
    }
    Ok(tool)
}
