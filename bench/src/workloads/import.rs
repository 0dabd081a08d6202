//! A file of orders comes in: the bench that lives beside the use case, on the databases of this run.

use std::path::Path;
use std::process::Command;

use crate::{Outcome, variable};

pub fn run(words: &[String]) -> Outcome {
    let [file] = words else { return Err("name the file to import: bench import FILE".into()) };
    let binary = Path::new(&variable("XIAOER_BIN")?).with_file_name("examples/bench_import");
    let status = Command::new(&binary).arg(file).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("the import's bench ended with {status}")),
        Err(e) => Err(format!("{}: {e}", binary.display())),
    }
}
