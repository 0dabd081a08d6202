//! The engine: all words of all rules in two automata, each match checked for its gaps and edges, exceptions first.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::built_in;
use super::fold::{Folds, View};
use super::matcher::Matcher;
use super::normal::Normal;
use super::numbers;
use super::pattern::{Pattern, WordError};
use super::rule::{Level, RuleCode, ShopKind};
use crate::time::Timestamp;

/// A word that a rule looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// What is looked for.
    pub pattern: Pattern,
    /// What could be said in its place, in the language of the word; for a word that is the whole message, another
    /// message.
    pub better: Option<String>,
}

impl Word {
    /// A word without a better one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(written: &str) -> Result<Self, WordError> {
        Ok(Self { pattern: Pattern::parse(written)?, better: None })
    }
}

/// A rule with its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleWords {
    /// Which.
    pub code: RuleCode,
    /// How strict.
    pub level: Level,
    /// What it looks for.
    pub words: Vec<Word>,
    /// What it leaves alone: a word inside one of these, or reaching into it, is none.
    pub exceptions: Vec<Pattern>,
}

/// What is known around the message.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// Numbers and addresses that belong to other buyers.
    pub foreign: &'a [String],
    /// Numbers that may be said: the shop's own, and what this buyer wrote.
    pub own: &'a [String],
    /// Hosts that links may lead to.
    pub hosts: &'a [String],
}

/// Something that should not be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which rule says so.
    pub rule: RuleCode,
    /// How strict it is.
    pub level: Level,
    /// First byte in the text as written.
    pub start: usize,
    /// First byte after it.
    pub end: usize,
    /// The rule's word; empty for numbers and links.
    pub word: String,
    /// What could stand in its place.
    pub better: Option<String>,
}

/// A set of rules made ready, for as many messages as one likes.
#[derive(Clone, Debug)]
pub struct Guard {
    kind: ShopKind,
    folds: Folds,
    rules: Vec<RuleWords>,
    plain: Search,
    sly: Search,
}

#[derive(Clone, Debug)]
struct Search {
    automaton: Option<AhoCorasick>,
    words: Vec<Sought>,
    /// For each text that the automaton looks for: which words begin with it.
    begins: Vec<Vec<usize>>,
}

/// A word or exception that is looked for.
#[derive(Clone, Debug)]
struct Sought {
    rule: usize,
    /// None: an exception.
    word: Option<usize>,
    matcher: Matcher,
}

/// A place where a word or exception of a rule stands, in glyphs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) rule: usize,
    pub(super) word: Option<usize>,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Guard {
    /// Makes rules ready. Building costs milliseconds for thousands of words; a check then costs microseconds.
    #[must_use]
    pub fn new(kind: ShopKind, rules: Vec<RuleWords>) -> Self {
        let folds = Folds::new();
        let plain = Search::new(&folds, &rules, View::Plain);
        let sly = Search::new(&folds, &rules, View::Sly);
        Self { kind, folds, rules, plain, sly }
    }

    /// The built-in rules as they hold at a moment, at their default levels.
    #[must_use]
    pub fn built_in(kind: ShopKind, at: Timestamp) -> Self {
        Self::new(kind, built_in(kind, at))
    }

    /// The rules that it was made of.
    #[must_use]
    pub fn rules(&self) -> &[RuleWords] {
        &self.rules
    }

    /// The kind of shop that it was made for.
    #[must_use]
    pub const fn kind(&self) -> ShopKind {
        self.kind
    }

    /// What should not be said, the strictest first.
    #[must_use]
    pub fn check(&self, text: &str, context: &Context<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        let plain = Normal::new(&self.folds, text, View::Plain);
        for hit in settle(self.plain.hits(&plain)) {
            found.extend(self.finding(&plain, hit));
        }
        if self.sly.automaton.is_some() {
            let sly = Normal::new(&self.folds, text, View::Sly);
            for hit in settle(self.sly.hits(&sly)) {
                found.extend(self.finding(&sly, hit));
            }
        }
        for (rule, span) in numbers::stray(&self.folds, text, &plain, context) {
            let level = self.level(rule);
            if level > Level::Off
                && !found.iter().any(|f| f.rule == rule && f.start <= span.0 && span.1 <= f.end)
            {
                let (start, end) = span;
                found.push(Finding { rule, level, start, end, word: String::new(), better: None });
            }
        }
        found.sort_by_key(|f| (std::cmp::Reverse(f.level), f.start, f.end, f.rule));
        found
    }

    /// The strictest level of what was found.
    #[must_use]
    pub fn strictest(findings: &[Finding]) -> Level {
        findings.iter().map(|finding| finding.level).max().unwrap_or(Level::Off)
    }

    fn level(&self, code: RuleCode) -> Level {
        self.rules.iter().find(|rule| rule.code == code).map_or(Level::Off, |rule| rule.level)
    }

    fn finding(&self, normal: &Normal, hit: Hit) -> Option<Finding> {
        let rule = &self.rules[hit.rule];
        let word = rule.words.get(hit.word?)?;
        if asks(normal, hit) {
            return None;
        }
        let (start, end) = normal.span(hit.start, hit.end);
        Some(Finding {
            rule: rule.code,
            level: rule.level,
            start,
            end,
            word: word.pattern.written().to_owned(),
            better: word.better.clone(),
        })
    }
}

impl Search {
    fn new(folds: &Folds, rules: &[RuleWords], view: View) -> Self {
        let words = sought(folds, rules, view);
        let mut heads: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, word) in words.iter().enumerate() {
            for head in word.matcher.heads() {
                heads.entry(head).or_default().push(index);
            }
        }
        let (needles, begins): (Vec<String>, Vec<Vec<usize>>) = heads.into_iter().unzip();
        let built = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(&needles);
        // It fails only beyond two thousand million states; word lists have a limit far below.
        let automaton = built.ok().filter(|_| !needles.is_empty());
        Self { automaton, words, begins }
    }

    fn hits(&self, normal: &Normal) -> Vec<Hit> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let mut hits = Vec::new();
        for found in automaton.find_overlapping_iter(&normal.text) {
            let start = normal.glyph_at(found.start());
            for index in &self.begins[found.pattern().as_usize()] {
                let Sought { rule, word, matcher } = &self.words[*index];
                if let Some(end) = matcher.end_at(&normal.glyphs, start) {
                    hits.push(Hit { rule: *rule, word: *word, start, end });
                }
            }
        }
        hits
    }
}

/// Whether a word that begins with 不 is the second half of a question: 能不能, 给不给.
fn asks(normal: &Normal, hit: Hit) -> bool {
    let c = |at: usize| normal.glyphs.get(at).map(|glyph| glyph.c);
    hit.start > 0 && c(hit.start) == Some('不') && c(hit.start - 1) == c(hit.start + 1)
}

/// The words and exceptions that are looked for in a view.
fn sought(folds: &Folds, rules: &[RuleWords], view: View) -> Vec<Sought> {
    let mut all = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        let seen = if rule.code.looks_through_disguise() { View::Sly } else { View::Plain };
        if rule.level == Level::Off || seen != view {
            continue;
        }
        let words = rule.words.iter().enumerate().map(|(at, word)| (Some(at), &word.pattern));
        let exceptions = rule.exceptions.iter().map(|pattern| (None, pattern));
        all.extend(words.chain(exceptions).map(|(word, pattern)| Sought {
            rule: index,
            word,
            matcher: Matcher::new(folds, pattern, view),
        }));
    }
    all
}

/// Which words remain: those that no exception of their rule holds or reaches into, of overlapping ones the first and
/// longest.
pub(super) fn settle(mut hits: Vec<Hit>) -> Vec<Hit> {
    let exceptions: Vec<Hit> = hits.iter().copied().filter(|hit| hit.word.is_none()).collect();
    hits.retain(|hit| hit.word.is_some() && !exceptions.iter().any(|e| excuses(e, hit)));
    hits.sort_by_key(|hit| (hit.rule, hit.start, std::cmp::Reverse(hit.end), hit.word));
    let mut kept: Vec<Hit> = Vec::new();
    for hit in hits {
        let free = kept.last().is_none_or(|last| last.rule != hit.rule || last.end <= hit.start);
        if free {
            kept.push(hit);
        }
    }
    kept
}

fn excuses(exception: &Hit, hit: &Hit) -> bool {
    let overlaps = exception.start < hit.end && hit.start < exception.end;
    let inside = hit.start <= exception.start && exception.end <= hit.end;
    let same = exception.start == hit.start && exception.end == hit.end;
    exception.rule == hit.rule && overlaps && (!inside || same)
}

/// Every place of every word without an automaton, for tests to compare with.
#[cfg(test)]
pub(super) fn naive(guard: &Guard, text: &str, view: View) -> (Vec<Hit>, Vec<Hit>) {
    let normal = Normal::new(&guard.folds, text, view);
    let search = if view == View::Plain { &guard.plain } else { &guard.sly };
    let mut slow = Vec::new();
    for word in sought(&guard.folds, &guard.rules, view) {
        for start in 0..normal.glyphs.len() {
            let end = word.matcher.end_at(&normal.glyphs, start);
            slow.extend(end.map(|end| Hit { rule: word.rule, word: word.word, start, end }));
        }
    }
    (search.hits(&normal), slow)
}
