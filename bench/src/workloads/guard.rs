//! What the guard costs for a message with many words: the bench that lives beside the rules.

use std::path::Path;
use std::process::Command;

use crate::{Outcome, variable};

pub fn run(words: &[String]) -> Outcome {
    let binary = Path::new(&variable("XIAOER_BIN")?).with_file_name("examples");
    let binary = binary.join("bench_guard");
    match Command::new(&binary).args(words).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("the guard's bench ended with {status}")),
        Err(e) => Err(format!("{}: {e}", binary.display())),
    }
}
