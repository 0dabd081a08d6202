//! Benchmarks: the release build, a PostgreSQL that really syncs, one workload of `bench/`.

use crate::install::{Need, node, packages};
use crate::postgres::{Durability, Postgres};
use crate::product::BUILD;
use crate::shell::{Outcome, cargo, command, root, run, target};
use crate::web;

/// Benches of single use cases, which the workloads start.
const BINARIES: [&str; 5] = ["--release", "--bin", "xiaoer-bench", "--bin", "bench_search"];

/// Runs the workload `bench/NAME`; it prints its own figures and names the machine.
pub fn bench(name: &str, rest: &[&str]) -> Outcome {
    let known = names();
    if !known.iter().any(|n| n == name) {
        let known = if known.is_empty() { "none yet".into() } else { known.join(", ") };
        return Err(format!("there is no benchmark `{name}`; there is: {known}"));
    }
    packages(&[Need::Postgres])?;
    node()?;
    web::build()?;
    run(cargo(&BUILD).args(BINARIES))?;
    let database = Postgres::start(Durability::Full)?;
    let mut call = command(target().join("release/xiaoer-bench"), &[&[name], rest].concat());
    call.env("XIAOER_BIN", target().join("release/xiaoer"));
    call.env("XIAOER_TEST_POSTGRES", &database.url);
    run(&mut call)
}

/// One workload is one file of the bench crate.
fn names() -> Vec<String> {
    let Ok(files) = std::fs::read_dir(root().join("bench/src/workloads")) else {
        return Vec::new();
    };
    let stems = files.flatten().filter_map(|f| Some(f.path().file_stem()?.to_str()?.to_owned()));
    let mut names: Vec<String> = stems.filter(|n| n != "mod").collect();
    names.sort();
    names
}
