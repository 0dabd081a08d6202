//! Everything a change has to pass, with the minutes each part took.

use crate::report::Report;
use crate::shell::{Outcome, cargo, npm, run};
use crate::suites::{self, Choice, timed};
use crate::tidy;

/// Function length is clippy's, with the threshold of clippy.toml.
const CLIPPY: [&str; 8] = [
    "clippy",
    "--workspace",
    "--all-targets",
    "--quiet",
    "--",
    "-Dwarnings",
    "-Dclippy::too_many_lines",
    "-Dclippy::disallowed_methods",
];

pub fn ci() -> Outcome {
    let mut report = Report::default();
    let choice = Choice::everything();
    if suites::prepare(&choice, &mut report) {
        timed(&mut report, "format", || run(&mut cargo(&["fmt", "--all", "--check"])));
        timed(&mut report, "clippy", || run(&mut cargo(&CLIPPY)));
        timed(&mut report, "web types", || run(&mut npm(&["run", "check"])));
        timed(&mut report, "tidy", tidy::tidy);
        suites::into(&choice, &mut report);
    }
    report.close()
}
