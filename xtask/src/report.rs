//! Counting what the suites did, and the closing line.

use std::time::Duration;

use crate::shell::Outcome;

/// What one suite or check came to.
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    pub name: &'static str,
    pub passed: u32,
    pub failed: u32,
    pub took: Duration,
}

/// The whole run, printed as a table and one last line.
#[derive(Default)]
pub struct Report {
    steps: Vec<Step>,
}

impl Report {
    pub fn add(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// A step without tests of its own: one failure if it failed, nothing to count otherwise.
    pub fn add_check(&mut self, name: &'static str, took: Duration, outcome: &Outcome) {
        if let Err(failure) = outcome {
            eprintln!("{name}: {failure}");
        }
        self.add(Step { name, passed: 0, failed: u32::from(outcome.is_err()), took });
    }

    /// The table and the closing line `N passed, N failed`, always the last thing printed.
    pub fn close(&self) -> Outcome {
        let (passed, failed) = self.totals();
        println!("\n{:<16} {:>7} {:>7} {:>8}", "", "passed", "failed", "minutes");
        for step in &self.steps {
            let minutes = step.took.as_secs_f64() / 60.0;
            println!("{:<16} {:>7} {:>7} {minutes:>8.1}", step.name, step.passed, step.failed);
        }
        println!("\n{passed} passed, {failed} failed");
        if failed == 0 { Ok(()) } else { Err(crate::ALREADY_SAID.into()) }
    }

    pub fn totals(&self) -> (u32, u32) {
        let sum = |pick: fn(&Step) -> u32| self.steps.iter().map(pick).sum();
        (sum(|s| s.passed), sum(|s| s.failed))
    }
}

/// Passed and failed of a suite. A suite that broke off, or that ran nothing, has one failure,
/// so the closing line never says "0 failed" over a run that did not happen.
pub fn settle((passed, failed): (u32, u32), succeeded: bool) -> (u32, u32) {
    let broke_off = !succeeded && failed == 0;
    let ran_nothing = passed + failed == 0;
    (passed, failed + u32::from(broke_off || ran_nothing))
}

/// Sums every `test result: …` line of cargo test.
pub fn count_cargo(printed: &str) -> (u32, u32) {
    let results = printed.lines().filter_map(|l| l.trim().strip_prefix("test result: "));
    add_up(results.map(|l| (number_before(l, " passed"), number_before(l, " failed"))))
}

/// Sums every `Tests  1 failed | 11 passed (12)` line of vitest.
pub fn count_vitest(printed: &str) -> (u32, u32) {
    let plain = without_colour(printed);
    let results = plain.lines().filter_map(|l| l.trim().strip_prefix("Tests "));
    add_up(results.map(|l| (number_before(l, " passed"), number_before(l, " failed"))))
}

/// The last `N passed, N failed` line of the journeys.
pub fn count_journeys(printed: &str) -> (u32, u32) {
    let plain = without_colour(printed);
    let closing = plain.lines().rev().find(|l| l.contains(" passed, ") && l.contains(" failed"));
    closing.map_or((0, 0), |l| (number_before(l, " passed"), number_before(l, " failed")))
}

fn add_up(pairs: impl Iterator<Item = (u32, u32)>) -> (u32, u32) {
    pairs.fold((0, 0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1))
}

fn number_before(line: &str, word: &str) -> u32 {
    let Some(end) = line.find(word) else { return 0 };
    let digits = line[..end].rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or("");
    digits.parse().unwrap_or(0)
}

fn without_colour(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c == '\u{1b}' {
            let _ = rest.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(c);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_results_of_all_binaries_are_summed() {
        let printed = "test a ... ok\n\
            test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured\n\
            test result: FAILED. 3 passed; 2 failed; 0 ignored\n";
        assert_eq!(count_cargo(printed), (15, 2));
    }

    #[test]
    fn vitest_results_are_read_through_colour() {
        let printed = " Test Files  2 passed (2)\n\
            \u{1b}[2m      Tests \u{1b}[22m \u{1b}[31m1 failed\u{1b}[39m | \u{1b}[32m11 passed\u{1b}[39m (12)\n\
            \x20     Tests  4 passed (4)\n";
        assert_eq!(count_vitest(printed), (15, 1));
    }

    #[test]
    fn the_journeys_last_line_counts() {
        assert_eq!(count_journeys("desk: 3 passed, 0 failed\n9 passed, 1 failed\nbye\n"), (9, 1));
    }

    #[test]
    fn a_suite_that_broke_off_or_ran_nothing_has_a_failure() {
        assert_eq!(settle((5, 0), true), (5, 0));
        assert_eq!(settle((5, 0), false), (5, 1));
        assert_eq!(settle((5, 2), false), (5, 2));
        assert_eq!(settle((0, 0), true), (0, 1));
    }
}
