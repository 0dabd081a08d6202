//! Every test there is, in one run: rust on both databases, web units, browser journeys.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::install::{self, CHROMIUM, Need};
use crate::postgres::{Durability, Postgres};
use crate::report::{self, Report, Step};
use crate::shell::{Outcome, Watched, cargo, npm, say, watch};
use crate::{generate, product, web};

/// A suite that takes longer than this hangs; what it printed until then tells where.
const COMPILE_MAX: Duration = Duration::from_secs(20 * 60);
const RUST_MAX: Duration = Duration::from_secs(15 * 60);
const WEB_MAX: Duration = Duration::from_secs(5 * 60);
const JOURNEYS_MAX: Duration = Duration::from_secs(15 * 60);

/// Which databases the tests run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matrix {
    Sqlite,
    Postgres,
    Both,
}

impl Matrix {
    fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Both => "both",
        }
    }

    /// Tests on both databases end in the database's name; what cargo test is told to leave out.
    fn left_out(self) -> &'static [&'static str] {
        match self {
            Self::Sqlite => &["--", "--skip", "::postgres"],
            Self::Postgres => &["--", "--skip", "::sqlite"],
            Self::Both => &[],
        }
    }
}

/// One suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    Rust,
    Web,
    Journeys,
}

/// What to run.
#[derive(Debug, PartialEq, Eq)]
pub struct Choice {
    pub matrix: Matrix,
    pub suites: Vec<Suite>,
}

impl Choice {
    pub fn everything() -> Self {
        Self { matrix: Matrix::Both, suites: vec![Suite::Rust, Suite::Web, Suite::Journeys] }
    }

    pub fn parse(words: &[&str]) -> Outcome<Self> {
        let mut choice = Self::everything();
        for pair in words.chunks(2) {
            match pair {
                ["--matrix", "sqlite"] => choice.matrix = Matrix::Sqlite,
                ["--matrix", "postgres"] => choice.matrix = Matrix::Postgres,
                ["--matrix", "both"] => choice.matrix = Matrix::Both,
                ["--only", "rust"] => choice.suites = vec![Suite::Rust],
                ["--only", "web"] => choice.suites = vec![Suite::Web],
                ["--only", "journeys"] => choice.suites = vec![Suite::Journeys],
                _ => return Err(not_understood(pair)),
            }
        }
        Ok(choice)
    }

    fn has(&self, suite: Suite) -> bool {
        self.suites.contains(&suite)
    }

    fn needs(&self) -> Vec<Need> {
        let mut needs = Vec::new();
        if self.uses_postgres() {
            needs.push(Need::Postgres);
        }
        if self.has(Suite::Journeys) {
            needs.extend([Need::Chromium, Need::ChineseFonts]);
        }
        needs
    }

    fn uses_postgres(&self) -> bool {
        self.matrix != Matrix::Sqlite && (self.has(Suite::Rust) || self.has(Suite::Journeys))
    }
}

/// Runs the chosen suites and closes with the counts.
pub fn test(choice: &Choice) -> Outcome {
    let mut report = Report::default();
    if prepare(choice, &mut report) {
        into(choice, &mut report);
    }
    report.close()
}

/// Brings what the suites need; the binary embeds the web app, so that is built here too.
pub fn prepare(choice: &Choice, report: &mut Report) -> bool {
    timed(report, "install", || {
        install::node()?;
        install::packages(&choice.needs())
    }) && timed(report, "web build", web::build)
}

/// Runs the chosen suites into a report that others may already have written to.
pub fn into(choice: &Choice, report: &mut Report) {
    if compile(choice, report) {
        let database = choice.uses_postgres().then(|| Postgres::start(Durability::Relaxed));
        match database.transpose() {
            Ok(database) => run_suites(choice, database.as_ref(), report),
            failed => report.add_check("postgres", Duration::ZERO, &failed.map(drop)),
        }
    }
}

fn compile(choice: &Choice, report: &mut Report) -> bool {
    if choice.has(Suite::Rust) {
        let args = ["test", "--workspace", "--no-run"];
        timed(report, "compile", || match watch(&mut cargo(&args), COMPILE_MAX)? {
            Watched { succeeded: true, .. } => generate::compare(),
            _ => Err("the workspace does not compile, so no test ran".into()),
        })
    } else if choice.has(Suite::Journeys) {
        timed(report, "compile", product::build)
    } else {
        true
    }
}

fn run_suites(choice: &Choice, database: Option<&Postgres>, report: &mut Report) {
    let environment = |call: &mut Command| {
        call.env("XIAOER_TEST_MATRIX", choice.matrix.name());
        call.env("XIAOER_BIN", product::binary()).env("CHROMIUM", CHROMIUM);
        match database {
            Some(database) => call.env("XIAOER_TEST_POSTGRES", &database.url),
            None => call.env_remove("XIAOER_TEST_POSTGRES"),
        };
    };
    if choice.has(Suite::Rust) {
        let mut call = cargo(&["test", "--workspace", "--no-fail-fast", "--quiet"]);
        environment(call.args(choice.matrix.left_out()));
        report.add(suite("rust", &mut call, RUST_MAX, report::count_cargo));
    }
    if choice.has(Suite::Web) {
        let mut call = npm(&["test"]);
        call.env("CI", "1");
        report.add(suite("web", &mut call, WEB_MAX, report::count_vitest));
    }
    if choice.has(Suite::Journeys) {
        let mut call = npm(&["run", "e2e"]);
        environment(&mut call);
        report.add(suite("journeys", &mut call, JOURNEYS_MAX, report::count_journeys));
    }
}

fn suite(
    name: &'static str,
    call: &mut Command,
    limit: Duration,
    count: fn(&str) -> (u32, u32),
) -> Step {
    say(name);
    let began = Instant::now();
    let watched = watch(call, limit).unwrap_or_else(|failure| {
        eprintln!("{failure}");
        Watched { printed: String::new(), succeeded: false }
    });
    let (passed, failed) = report::settle(count(&watched.printed), watched.succeeded);
    if passed + failed == 1 && !watched.succeeded {
        eprintln!("{name}: the suite ended before it reported a result");
    }
    Step { name, passed, failed, took: began.elapsed() }
}

/// Runs one step into the report; true when the next one may begin.
pub fn timed(report: &mut Report, name: &'static str, step: impl FnOnce() -> Outcome) -> bool {
    say(name);
    let began = Instant::now();
    let outcome = step();
    report.add_check(name, began.elapsed(), &outcome);
    outcome.is_ok()
}

fn not_understood(words: &[&str]) -> String {
    format!(
        "`{}` is not understood, nothing ran; \
         say --matrix sqlite|postgres|both and --only rust|web|journeys",
        words.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_words_everything_runs_on_both_databases() {
        assert_eq!(Choice::parse(&[]), Ok(Choice::everything()));
    }

    #[test]
    fn words_narrow_the_choice() {
        let choice = Choice::parse(&["--only", "rust", "--matrix", "sqlite"]);
        let expected = Choice { matrix: Matrix::Sqlite, suites: vec![Suite::Rust] };
        assert_eq!(choice, Ok(expected));
    }

    #[test]
    fn a_word_it_does_not_know_is_refused() {
        assert!(Choice::parse(&["--only", "nothing"]).is_err());
        assert!(Choice::parse(&["--matrix"]).is_err());
    }
}
