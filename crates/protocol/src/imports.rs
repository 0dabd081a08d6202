//! Importing a file of orders through the browser.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A file that was brought, seen from its heading.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ImportSeen {
    /// `imp_…`.
    pub upload: String,
    /// Its name.
    pub name: String,
    /// The known form that its columns belong to; absent: none, and the columns have to be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// What it is written in.
    pub encoding: String,
    /// Its columns, and what each is understood to say.
    pub columns: Vec<ImportColumn>,
    /// Its first lines.
    pub rows: Vec<Vec<String>>,
    /// What a column can say.
    pub fields: Vec<String>,
    /// States of orders.
    pub states: Vec<String>,
    /// The shop's zone.
    pub zone: String,
    /// The shop's currency.
    pub currency: String,
}

/// A column.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ImportColumn {
    /// Its heading.
    pub name: String,
    /// What it is understood to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// How a file is to be read.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ImportStart {
    /// A known form, or `csv`.
    pub format: String,
    /// Where the clock of its times hangs.
    pub zone: String,
    /// Of its prices.
    pub currency: String,
    /// The heading for each field; for `csv`.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
    /// States by the file's own words.
    #[serde(default)]
    pub states: BTreeMap<String, String>,
}

/// The imports of a shop.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Imports {
    /// Files brought since the server started, newest first.
    pub jobs: Vec<ImportJob>,
    /// Every import, newest first.
    pub runs: Vec<ImportRun>,
    /// For the page behind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Bytes that a file may have.
    pub bytes_max: u64,
}

/// A file that was brought and what becomes of it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ImportJob {
    /// `imp_…`.
    pub upload: String,
    /// Its name.
    pub name: String,
    /// `ready`, `running`, `ended` or `failed`.
    pub state: String,
    /// Lines dealt with.
    pub lines_done: u64,
    /// Lines of the file; 0 while it is read for the first time.
    pub lines_total: u64,
    /// The run, once it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<i64>,
    /// The line at which it went on, if it had been cut off before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resumed_at_line: Option<u64>,
    /// Why it ended before its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// What came of it so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts: Option<ImportCounts>,
}

/// An import.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ImportRun {
    /// Its number.
    pub run: i64,
    /// Name of the file.
    pub name: String,
    /// Form of the file.
    pub format: String,
    /// When it began.
    pub started_at: i64,
    /// When it ended; absent: it was cut off, and the same file again goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<i64>,
    /// Lines dealt with.
    pub lines_done: u64,
    /// What came of them.
    pub counts: ImportCounts,
}

/// What came of a file.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ImportCounts {
    /// Lines read.
    pub lines: u64,
    /// Orders that were not known.
    pub orders_new: u64,
    /// Orders that changed.
    pub orders_changed: u64,
    /// Orders told as they were.
    pub orders_unchanged: u64,
    /// Orders that had come further already.
    pub orders_older: u64,
    /// New buyers.
    pub buyers_new: u64,
    /// New products.
    pub products_new: u64,
    /// New refunds.
    pub refunds_new: u64,
    /// Refused lines by reason.
    pub refused: BTreeMap<String, u64>,
}
