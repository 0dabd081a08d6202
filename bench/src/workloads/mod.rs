//! One file a workload.

mod chat;
mod import;
mod routing;
mod search;

use crate::Outcome;

/// Runs the workload of the first word.
pub fn run(words: &[String]) -> Outcome {
    match words {
        [name, rest @ ..] if name == "chat" => chat::run(rest),
        [name, rest @ ..] if name == "import" => import::run(rest),
        [name, rest @ ..] if name == "routing" => routing::run(rest),
        [name, rest @ ..] if name == "search" => search::run(rest),
        _ => Err("name a workload: chat, import FILE, routing, search".into()),
    }
}
