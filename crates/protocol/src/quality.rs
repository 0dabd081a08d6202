//! The guard on the wire: findings, rules, words, trials.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Something that should not be said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GuardFinding {
    /// The rule, such as `ad_law`.
    pub rule: String,
    /// `warn`, `ask`, `block`.
    pub level: String,
    /// First character in the text, in UTF-16 units as browsers count.
    pub start: usize,
    /// First character after it.
    pub end: usize,
    /// What was written there.
    pub said: String,
    /// What could stand in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub better: Option<String>,
}

/// A text to be looked at.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct GuardText {
    /// What somebody is about to say.
    pub text: String,
}

/// What was found in it, the strictest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GuardFindings {
    /// Empty: nothing.
    pub findings: Vec<GuardFinding>,
}

/// A rule as the shop has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GuardRule {
    /// Which.
    pub rule: String,
    /// `off`, `warn`, `ask`, `block`.
    pub level: String,
    /// How strict it is until the shop says otherwise.
    pub default: String,
    /// How strict it may be made.
    pub strictest: String,
    /// From when the level holds, microseconds UTC; null: the product's own.
    pub since: Option<i64>,
    /// A later level and when it begins.
    pub next: Option<GuardLevel>,
    /// Words that come with the product.
    pub built_in: i64,
    /// The shop's own words that hold now.
    pub own: i64,
}

/// A level from a moment on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GuardLevel {
    /// `off`, `warn`, `ask`, `block`.
    pub level: String,
    /// Microseconds UTC; absent: now.
    #[serde(default)]
    pub valid_from: Option<i64>,
}

/// Every rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GuardRules {
    /// `own` or `mall`.
    pub shop_kind: String,
    /// The day of the built-in words, such as `2026-11-01`.
    pub edition: String,
    /// In the order of screens.
    pub rules: Vec<GuardRule>,
    /// Whether the caller may change them.
    pub may_edit: bool,
}

/// A word or exception of the shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GuardWord {
    /// Its number.
    pub id: i64,
    /// Whether it is an exception.
    pub exempt: bool,
    /// As it is written: docs/definitions/guard.md.
    pub word: String,
    /// What could be said in its place.
    pub better: Option<String>,
    /// Microseconds UTC.
    pub valid_from: i64,
    /// Microseconds UTC; null: without an end.
    pub valid_until: Option<i64>,
}

/// A new word or exception.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct GuardWordBody {
    /// Whether it is an exception.
    #[serde(default)]
    pub exempt: bool,
    /// As it is written.
    pub word: String,
    /// What could be said in its place.
    #[serde(default)]
    pub better: Option<String>,
    /// Microseconds UTC; absent: now.
    #[serde(default)]
    pub valid_from: Option<i64>,
    /// Microseconds UTC; absent: without an end.
    #[serde(default)]
    pub valid_until: Option<i64>,
}

/// The words of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GuardWords {
    /// Words that come with the product.
    pub built_in: Vec<String>,
    /// Exceptions that come with the product.
    pub built_in_exempt: Vec<String>,
    /// The shop's own, with those that hold no longer.
    pub own: Vec<GuardWord>,
}

/// A sheet of words.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct GuardImport {
    /// CSV: rule, kind (`word` or `exception`), word, better.
    pub csv: String,
}

/// A line that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GuardRefusal {
    /// Where it stands, from 1.
    pub line: u64,
    /// `bad_rule`, `bad_kind`, `empty`, `too_long`, `braces`, `full`.
    pub reason: String,
}

/// What became of a sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GuardImported {
    /// New words.
    pub added: i64,
    /// Words that were there.
    pub same: i64,
    /// Lines that were not taken.
    pub refused: Vec<GuardRefusal>,
}

/// What would rules do to past messages?
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct GuardTrialBody {
    /// How many days back.
    pub days: u32,
    /// A rule that is tried otherwise than it stands.
    #[serde(default)]
    pub rule: Option<String>,
    /// Its level.
    #[serde(default)]
    pub level: Option<String>,
    /// Words beside those it has, one a line.
    #[serde(default)]
    pub words: Vec<String>,
    /// Exceptions beside those it has.
    #[serde(default)]
    pub exempt: Vec<String>,
}

/// A message that a rule would have found something in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GuardExample {
    /// When it was sent, microseconds UTC.
    pub at: i64,
    /// What it says.
    pub text: String,
    /// What was found.
    pub finding: GuardFinding,
}

/// What one rule would have done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GuardTrialRule {
    /// Which.
    pub rule: String,
    /// How strict it was tried.
    pub level: String,
    /// Messages it would have found something in.
    pub messages: i64,
    /// Some of them, newest first.
    pub examples: Vec<GuardExample>,
}

/// How far a trial has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GuardTrial {
    /// Its number.
    pub id: i64,
    /// `running`, `done`, `cancelled`, `failed`.
    pub state: String,
    /// Of a hundred, how much of the time is looked through.
    pub percent: u32,
    /// Messages looked at.
    pub messages: i64,
    /// Messages that would have been stopped.
    pub stopped: i64,
    /// By rule, the most frequent first.
    pub rules: Vec<GuardTrialRule>,
}

/// A message that left although a rule had found something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GuardNote {
    /// Its number.
    pub id: i64,
    /// `cnv_…`.
    pub conversation: String,
    /// Its number in the buyer lane.
    pub seq: i64,
    /// Which rule.
    pub rule: String,
    /// How strict it was.
    pub level: String,
    /// The rule's word.
    pub word: String,
    /// Who sent it.
    pub agent: String,
    /// Why all the same; null: it was a warning.
    pub reason: Option<String>,
    /// Microseconds UTC.
    pub at: i64,
}

/// A page of notes, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GuardNotes {
    /// The notes.
    pub notes: Vec<GuardNote>,
    /// `before` of the next page.
    pub next: Option<i64>,
}
