//! Benchmarks: the release build, a PostgreSQL that really syncs, one workload of `bench/`; or one module alone.

use std::time::Duration;

use crate::install::{Need, node, packages};
use crate::postgres::{Durability, Postgres};
use crate::product::BUILD;
use crate::shell::{Outcome, cargo, command, read, root, run, target, watch};
use crate::web;

/// Benches of single use cases, which the workloads start.
const BINARIES: [&str; 5] = ["--release", "--bin", "xiaoer-bench", "--bin", "bench_search"];

/// Benches of one module, and the heads of their pages.
const ALONE: [(&str, &str); 2] = [("guard", "The guard"), ("phrases", "Phrases")];
/// How long one of them may take.
const ALONE_MAX: Duration = Duration::from_secs(600);

/// Runs the workload `bench/NAME`; it prints its own figures and names the machine.
pub fn bench(name: &str, rest: &[&str]) -> Outcome {
    if let Some((_, title)) = ALONE.iter().find(|(own, _)| *own == name) {
        return alone(name, title, rest);
    }
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

/// Measures one module, without server and database, and keeps what it prints.
fn alone(name: &str, title: &str, rest: &[&str]) -> Outcome {
    let mut measured = if name == "guard" {
        let example = ["build", "--release", "-p", "xiaoer-domain", "--example", "bench_guard"];
        run(&mut cargo(&example))?;
        command(target().join("release/examples/bench_guard"), rest)
    } else {
        node()?;
        web::install()?;
        let mut node = command("node", &["e2e/run.mjs", "bench_phrases"]);
        node.current_dir(root().join("web"));
        node
    };
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let processors = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let processor =
        processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let told = watch(&mut measured, ALONE_MAX)?;
    let date = read(&mut command("date", &["+%F"]))?;
    let page = format!(
        "# {title}\n\nWritten by `make bench-{name}`.\n\n- date {}\n- processor {}, load before the run {}\n\n{}",
        date.trim(),
        processor.map_or("?", |(_, name)| name.trim()),
        load.split(' ').next().unwrap_or("?"),
        told.printed,
    );
    let path = root().join(format!("bench/results/{name}.md"));
    std::fs::write(&path, page)
        .map_err(|e| format!("{} could not be written: {e}", path.display()))?;
    if told.succeeded {
        Ok(())
    } else {
        Err(format!("{name}: the aim was not met, or it ended early"))
    }
}

/// One workload is one file of the bench crate.
fn names() -> Vec<String> {
    let Ok(files) = std::fs::read_dir(root().join("bench/src/workloads")) else {
        return Vec::new();
    };
    let stems = files.flatten().filter_map(|f| Some(f.path().file_stem()?.to_str()?.to_owned()));
    let mut names: Vec<String> = stems.filter(|n| n != "mod").collect();
    names.extend(ALONE.map(|(name, _)| name.to_owned()));
    names.sort();
    names
}
