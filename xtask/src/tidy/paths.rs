//! The module paths that a Rust source names, found without a parser: `crate::…` and `super::…`,
//! with braces opened out. Comments count too: a map is wrong there as well.

/// The module a file stands for: `crates/app/src/chat/send.rs` → `chat`, `send`.
pub fn module_of(path: &str) -> Vec<String> {
    let inside = path.split_once("/src/").map_or("", |(_, rest)| rest);
    let parts = inside.trim_end_matches(".rs").split('/');
    parts.filter(|p| !["", "lib", "main", "mod"].contains(p)).map(str::to_owned).collect()
}

/// Every path in the text, absolute within its crate, with the line it begins on.
pub fn in_source(text: &str, module: &[String]) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    for (at, start) in starts(text) {
        let line = text[..at].matches('\n').count() + 1;
        let (base, rest) = match start {
            Start::Crate => (Vec::new(), &text[at + "crate::".len()..]),
            Start::Super => above(&text[at..], module),
        };
        let mut paths = Vec::new();
        open_out(rest, base, &mut paths);
        found.extend(paths.into_iter().map(|path| (line, path)));
    }
    found
}

enum Start {
    Crate,
    Super,
}

/// Where paths begin: not in the middle of a longer one, as in `$crate::` or `super::super::`.
fn starts(text: &str) -> impl Iterator<Item = (usize, Start)> {
    let begins = |at: usize| {
        !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':' || c == '$')
    };
    let crates = text.match_indices("crate::").map(|(at, _)| (at, Start::Crate));
    let supers = text.match_indices("super::").map(|(at, _)| (at, Start::Super));
    crates.chain(supers).filter(move |(at, _)| begins(*at))
}

fn above<'a>(mut rest: &'a str, module: &[String]) -> (Vec<String>, &'a str) {
    let mut base = module.to_vec();
    while let Some(after) = rest.strip_prefix("super::") {
        base.pop();
        rest = after;
    }
    (base, rest)
}

/// `a::{b::C, d}` → `base a b C` and `base a d`. Returns how much of the text it read.
fn open_out(text: &str, mut path: Vec<String>, paths: &mut Vec<Vec<String>>) -> usize {
    let mut at = 0;
    loop {
        let rest = &text[at..];
        if rest.starts_with('{') {
            return at + open_braces(rest, &path, paths);
        }
        let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        if word > 0 {
            path.push(rest[..word].into());
        }
        at += word;
        if word == 0 || !text[at..].starts_with("::") {
            paths.push(path);
            return at;
        }
        at += 2;
    }
}

fn open_braces(text: &str, path: &[String], paths: &mut Vec<Vec<String>>) -> usize {
    let mut at = 1;
    while let Some(c) = text[at..].chars().next() {
        if c == '}' {
            return at + 1;
        }
        if c.is_alphabetic() || c == '_' {
            at += open_out(&text[at..], path.to_vec(), paths);
            // Whatever follows up to the comma is `as another_name`.
            at += text[at..].find([',', '}']).unwrap_or(text.len() - at);
        } else {
            at += c.len_utf8();
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        let module = module_of("crates/app/src/chat/send.rs");
        in_source(text, &module).into_iter().map(|(_, path)| path.join("::")).collect()
    }

    #[test]
    fn a_file_is_its_module() {
        assert_eq!(module_of("crates/app/src/chat/send.rs"), ["chat", "send"]);
        assert_eq!(module_of("crates/app/src/chat/mod.rs"), ["chat"]);
        assert!(module_of("crates/app/src/lib.rs").is_empty());
    }

    #[test]
    fn braces_are_opened_out() {
        let found = paths("use crate::{\n    orders::{Order, refund as r},\n    ids::Id,\n};");
        assert_eq!(found, ["orders::Order", "orders::refund", "ids::Id"]);
    }

    #[test]
    fn super_is_followed_from_the_file() {
        assert_eq!(paths("use super::recall;"), ["chat::recall"]);
        assert_eq!(paths("use super::super::orders;"), ["orders"]);
    }

    #[test]
    fn the_line_of_a_path_is_kept() {
        assert_eq!(in_source("a\n\nuse crate::b;", &[])[0].0, 3);
    }

    #[test]
    fn names_that_only_end_alike_are_not_paths() {
        assert!(paths("mycrate::orders $crate::orders").is_empty());
    }
}
