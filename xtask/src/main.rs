//! The house's own tool: every recipe of the Makefile is one verb here.
//!
//! It starts other programs and reads what they print. It must never hold a rule of the product,
//! and it has no dependencies, so that a fresh machine has it in seconds.

mod bench;
mod ci;
mod deb;
mod dev;
mod dist;
mod generate;
mod install;
mod postgres;
mod product;
mod real;
mod report;
mod shell;
mod suites;
mod tidy;
mod web;

use std::process::ExitCode;

use shell::Outcome;

const HELP: &str = "\
Usage: cargo xtask VERB

  run [ARG…]       build what changed and start the product (ARGs go to `xiaoer serve`)
  dev              the same, rebuilt and reloaded while you edit
  test             every suite; --matrix sqlite|postgres|both, --only rust|web|journeys
  test-real        a real file of orders, named by XIAOER_REAL_DATA, against a second computation
  ci               formatting, lints, tidy, generated files, then every test
  gen [--check]    write the API description and the web app's types; --check only compares
  tidy             the house rules that no compiler knows
  bench NAME [ARG…] one benchmark on the release build: chat, import FILE, routing, search
  dist             a release archive and a Debian package in target/dist
  postgres         a throw-away PostgreSQL; prints its address, ends when its input ends
";

/// A failure whose reason has been printed: nothing may follow the closing line of a report.
pub const ALREADY_SAID: &str = "";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match dispatch(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if failure != ALREADY_SAID {
                eprintln!("xtask: {failure}");
            }
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: &[&str]) -> Outcome {
    match words {
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        ["run", rest @ ..] => product::run(rest),
        ["dev"] => dev::dev(),
        ["test", rest @ ..] => suites::test(&suites::Choice::parse(rest)?),
        ["test-real"] => real::test_real(),
        ["ci"] => ci::ci(),
        ["gen"] => generate::write(),
        ["gen", "--check"] => generate::check(),
        ["tidy"] => tidy::tidy(),
        ["bench", name, rest @ ..] => bench::bench(name, rest),
        ["dist"] => dist::dist(),
        ["postgres"] => postgres::keep_until_input_ends(postgres::Durability::Relaxed),
        ["postgres", "--durable"] => postgres::keep_until_input_ends(postgres::Durability::Full),
        _ => Err(format!("`{}` is not something it can do\n\n{HELP}", words.join(" "))),
    }
}
