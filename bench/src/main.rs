//! Benchmarks against the running product, one file a workload in `workloads/`. Started by `cargo xtask bench NAME`,
//! which builds the release binary and starts a PostgreSQL that really syncs.
//!
//! Must never know the product's insides: it speaks the protocol of `docs/PROTOCOL.md` to a process of its own.

mod baseline;
mod cast;
mod clock;
mod drive;
mod machine;
mod postgres;
mod process;
mod product;
mod report;
mod seat;
mod tally;
mod workloads;

use std::process::ExitCode;

/// What every step answers: the text says what happened.
type Outcome<T = ()> = Result<T, String>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    raise_file_limit();
    match workloads::run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xiaoer-bench: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Thousands of connections need as many files, here and in what is started: the most that the system gives.
fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // Where it is refused, connecting fails and says so.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}

/// A variable that `cargo xtask bench` sets.
#[expect(clippy::disallowed_methods, reason = "the bench is a program of its own, not the product")]
fn variable(name: &str) -> Outcome<String> {
    std::env::var(name).map_err(|_| format!("{name} is not set: start it by `cargo xtask bench`"))
}
