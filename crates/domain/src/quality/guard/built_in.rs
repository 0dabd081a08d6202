//! The rules that come with the product: dated editions of word lists, each line checked against its source in
//! docs/definitions/guard.md. Must never be edited after a release: a new edition is added beside the old one.

use super::engine::{RuleWords, Word};
use super::pattern::Pattern;
use super::rule::{Level, RuleCode, ShopKind};
use crate::time::Timestamp;

/// Word lists that hold from a day on.
#[derive(Clone, Copy, Debug)]
pub struct Edition {
    /// The first day, as people write it.
    pub day: &'static str,
    /// Its beginning in UTC.
    pub from: Timestamp,
    lists: [&'static str; 3],
}

/// Every edition, oldest first. What was said before the first is judged by the first.
pub const EDITIONS: &[Edition] = &[Edition {
    day: "2026-11-01",
    from: Timestamp::from_micros(1_793_491_200_000_000),
    lists: [
        include_str!("words/talk.txt"),
        include_str!("words/trade.txt"),
        include_str!("words/english.txt"),
    ],
}];

/// The built-in rules of the edition that holds at a moment, at their default levels.
#[must_use]
pub fn built_in(kind: ShopKind, at: Timestamp) -> Vec<RuleWords> {
    let held = EDITIONS.iter().rev().find(|edition| edition.from <= at);
    let edition = held.unwrap_or(&EDITIONS[0]);
    let mut rules: Vec<RuleWords> = RuleCode::ALL
        .iter()
        .map(|code| RuleWords {
            code: *code,
            level: code.level(kind),
            words: Vec::new(),
            exceptions: Vec::new(),
        })
        .collect();
    for list in edition.lists {
        let mut under = None;
        for line in lines(list) {
            match line {
                Line::Rule(code) => under = rules.iter_mut().find(|rule| rule.code == code),
                Line::Word(written, better) => {
                    let (Some(rule), Ok(pattern)) = (&mut under, Pattern::parse(written)) else {
                        continue;
                    };
                    rule.words.push(Word { pattern, better: better.map(str::to_owned) });
                }
                Line::Exception(written) => {
                    let (Some(rule), Ok(pattern)) = (&mut under, Pattern::parse(written)) else {
                        continue;
                    };
                    rule.exceptions.push(pattern);
                }
                Line::Unreadable(_) => {}
            }
        }
    }
    debug_assert!(rules.iter().all(|rule| rule.level <= Level::Block), "levels are four");
    rules
}

/// The first line of a list that cannot be read: none in a product that was tested.
#[must_use]
pub fn editions_agree() -> Option<String> {
    let all = EDITIONS.iter().flat_map(|edition| edition.lists.into_iter().flat_map(lines));
    all.filter_map(|line| match line {
        Line::Unreadable(text) => Some(text.to_owned()),
        Line::Word(written, _) | Line::Exception(written) => {
            Pattern::parse(written).err().map(|error| format!("{written}: {error}"))
        }
        Line::Rule(_) => None,
    })
    .next()
}

enum Line {
    Rule(RuleCode),
    Word(&'static str, Option<&'static str>),
    Exception(&'static str),
    Unreadable(&'static str),
}

fn lines(list: &'static str) -> impl Iterator<Item = Line> {
    let told =
        list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    told.map(|line| {
        if let Some(code) = line.strip_prefix("= ") {
            return RuleCode::parse(code).map_or(Line::Unreadable(line), Line::Rule);
        }
        if let Some(written) = line.strip_prefix("- ") {
            return Line::Exception(written);
        }
        match line.split_once(" > ") {
            Some((word, better)) => Line::Word(word.trim(), Some(better.trim())),
            None => Line::Word(line, None),
        }
    })
}
