//! Phrases on the wire: libraries, their folders, what is written into them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::content::Attachment;

/// A folder of phrases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PhraseFolder {
    /// Its number.
    pub id: i64,
    /// `shop`, `group:…` or `personal`.
    pub scope: String,
    /// The folder it is in; null at the top.
    pub parent: Option<i64>,
    /// Name.
    pub name: String,
}

/// A phrase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Phrase {
    /// Its number.
    pub id: i64,
    /// `shop`, `group:…` or `personal`.
    pub scope: String,
    /// The folder it is in; null at the top.
    pub folder: Option<i64>,
    /// Short code; empty for none.
    pub code: String,
    /// Title.
    pub title: String,
    /// What is said, with places in braces that are filled in when it is used (docs/PHRASES.md).
    pub text: String,
    /// How each character of the title is typed, separated by blanks; several readings joined by `|`.
    pub pinyin: String,
    /// From when it may be said, microseconds UTC; null: always.
    #[serde(default)]
    pub valid_from: Option<i64>,
    /// The first moment after that, microseconds UTC; null: for ever.
    #[serde(default)]
    pub valid_to: Option<i64>,
    /// `early`, `valid` or `expired` when it was listed. Only a valid one may be said.
    #[serde(default)]
    pub standing: String,
    /// The product whose card goes with it; empty for none.
    #[serde(default)]
    pub sku: String,
    /// I wrote it last, and mend it when its time is over.
    #[serde(default)]
    pub mine: bool,
    /// Last written, microseconds UTC.
    pub updated_at: i64,
    /// Times I used it.
    pub uses: i64,
    /// When I used it last, microseconds UTC; 0 for never.
    pub used_at: i64,
    /// Pictures and files that go with it.
    #[serde(default)]
    pub files: i64,
}

/// A skill group that has a library of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PhraseGroup {
    /// `group:…`, the scope of its library.
    pub scope: String,
    /// Its name.
    pub name: String,
    /// Whether I am in it; the others I see because I may write them.
    pub member: bool,
}

/// How often phrases were said to buyers.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PhraseUsage {
    /// From this moment on, microseconds UTC.
    pub since: i64,
    /// Those that were said.
    pub phrases: Vec<PhraseUse>,
}

/// How often a phrase was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PhraseUse {
    /// Its number.
    pub id: i64,
    /// How often.
    pub said: i64,
    /// How often of these the agent had changed it beyond its places.
    pub edited: i64,
}

/// Pictures and files of a phrase, in their order.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PhraseFiles {
    /// Each with links that hold for a while.
    pub files: Vec<Attachment>,
}

/// Everything that I may say quickly.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Phrases {
    /// Folders of the shop and mine.
    pub folders: Vec<PhraseFolder>,
    /// Phrases of the shop and mine.
    pub phrases: Vec<Phrase>,
    /// Skill groups with a library.
    #[serde(default)]
    pub groups: Vec<PhraseGroup>,
    /// Whether I may write the libraries of the shop and of groups.
    pub may_edit_shop: bool,
    /// Phrases that I wrote last and whose time is over.
    #[serde(default)]
    pub expired_mine: i64,
}

/// A text to be tried with the values of a conversation.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PhrasePreview {
    /// The text with its places.
    pub text: String,
    /// `cnv_…`; without one nothing of a buyer is known.
    #[serde(default)]
    pub conversation: Option<String>,
    /// The order that is meant; else the buyer's latest.
    #[serde(default)]
    pub order: Option<String>,
}

/// A text as the buyer would read it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PhraseFilled {
    /// The text; what has no value stands as it was written.
    pub text: String,
    /// Names of places without a value.
    pub missing: Vec<String>,
}

/// Writes a phrase.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PhraseBody {
    /// `shop`, `group:…` or `personal`; a phrase keeps its library.
    pub scope: String,
    /// Folder; null at the top.
    pub folder: Option<i64>,
    /// Short code.
    #[serde(default)]
    pub code: String,
    /// Title; from the text when empty.
    #[serde(default)]
    pub title: String,
    /// What is said.
    pub text: String,
    /// From when it may be said, microseconds UTC.
    #[serde(default)]
    pub valid_from: Option<i64>,
    /// The first moment after that, microseconds UTC.
    #[serde(default)]
    pub valid_to: Option<i64>,
    /// The product whose card goes with it.
    #[serde(default)]
    pub sku: String,
}

/// Writes a folder.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PhraseFolderBody {
    /// `shop`, `group:…` or `personal`; a folder keeps its library.
    pub scope: String,
    /// The folder it is in; null at the top. A folder keeps its place.
    pub parent: Option<i64>,
    /// Name.
    pub name: String,
}

/// A sheet of phrases to bring in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PhraseImport {
    /// `shop`, `group:…` or `personal`.
    pub scope: String,
    /// The sheet as CSV (folder, code, title, text …), or the document as XML.
    #[serde(default)]
    pub csv: String,
    /// The workbook (xlsx) instead, in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub xlsx: Option<String>,
}

/// Asks for the starter library.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PhraseStarter {
    /// `shop`, `group:…` or `personal`.
    pub scope: String,
    /// `zh-CN` or `en`.
    pub lang: String,
}

/// A line that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PhraseRefusal {
    /// Where it stands, from 1.
    pub line: u64,
    /// `empty_text`, `too_long`, `bad_code`, `long_title`, `bad_folder`, `bad_variable`, `bad_validity`,
    /// `bad_product`, `code_twice`, `full`.
    pub reason: String,
}

/// What became of a sheet.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PhraseImported {
    /// New phrases.
    pub added: i64,
    /// Phrases that read differently now.
    pub changed: i64,
    /// Phrases that were the same.
    pub same: i64,
    /// Lines that were not taken.
    pub refused: Vec<PhraseRefusal>,
}

/// What the shop says by itself.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AutoReplies {
    /// Oldest first. Of an occasion other than `campaign` there is at most one.
    pub replies: Vec<AutoReply>,
    /// Buyers in the queue from which `overload` is said; 0: never.
    pub overload_from: u32,
    /// Seconds of waiting after which `long_wait` is said.
    pub long_wait_seconds: u32,
    /// Whether I may write them.
    pub may_edit: bool,
}

/// An automatic reply. It never counts as a person's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AutoReply {
    /// Its number.
    pub id: i64,
    /// `first_contact`, `campaign`, `busy`, `overload`, `away`, `off_duty`, `long_wait`, `session_ended`.
    pub occasion: String,
    /// What a campaign is called; may be empty for the others.
    pub name: String,
    /// Switched on.
    pub on: bool,
    /// From when a campaign is said, microseconds UTC.
    pub valid_from: Option<i64>,
    /// The first moment after that, microseconds UTC.
    pub valid_to: Option<i64>,
    /// `early`, `valid` or `expired` when it was listed.
    pub standing: String,
    /// Minutes until the same buyer may hear it again; 0: each time.
    pub again_minutes: i64,
    /// One of these is said, with places in braces filled in (docs/PHRASES.md).
    pub texts: Vec<String>,
    /// Last written, microseconds UTC.
    pub updated_at: i64,
}

/// Writes an automatic reply.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AutoReplyBody {
    /// When it is said; a written one keeps its occasion.
    pub occasion: String,
    /// What a campaign is called.
    #[serde(default)]
    pub name: String,
    /// Switched on.
    pub on: bool,
    /// From when a campaign is said, microseconds UTC.
    #[serde(default)]
    pub valid_from: Option<i64>,
    /// The first moment after that, microseconds UTC.
    #[serde(default)]
    pub valid_to: Option<i64>,
    /// Minutes until the same buyer may hear it again; 0: each time.
    pub again_minutes: i64,
    /// One to five texts.
    pub texts: Vec<String>,
}
