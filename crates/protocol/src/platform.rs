//! The shop itself on the wire: its first visit, its settings, its audit log.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The first shop of an installation, with its owner.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct FirstShop {
    /// The key that the server printed when it started.
    pub setup_key: String,
    /// Key in addresses: a–z, 0–9 and -.
    pub shop: String,
    /// Name of the shop.
    pub name: String,
    /// `own_site`, `marketplace` or `mall`.
    pub kind: String,
    /// IANA time zone.
    pub zone: String,
    /// Accounting currency.
    pub currency: String,
    /// First minute of service in the shop's day.
    pub opens_minute: u32,
    /// First minute after service; not above `opens_minute`: past midnight.
    pub closes_minute: u32,
    /// Origins whose pages may show the widget, blank between; empty: every page.
    #[serde(default)]
    pub origins: String,
    /// Name of the owner as colleagues and buyers see it.
    pub owner: String,
    /// Login name of the owner.
    pub login: String,
    /// Language of the owner's interface: `zh-CN` or `en`.
    pub lang: String,
    /// Password of the owner.
    pub password: String,
}

/// That the house waits for its first shop.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FirstVisit {
    /// Always true: with a shop there is no such page.
    pub is_open: bool,
}

/// Every setting of a shop.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Settings {
    /// In the order of the product.
    pub settings: Vec<SettingShown>,
}

/// A setting with its values.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SettingShown {
    /// Its name.
    pub name: String,
    /// What holds now.
    pub value: String,
    /// What holds until somebody sets it.
    pub default: String,
    /// Since when it holds; absent: it was never set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<i64>,
    /// `switch`, `number`, `word`, `origins`, `roles`, `zone`, `long_text` or `text`.
    pub takes: String,
    /// Smallest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<u32>,
    /// Largest number, or characters of a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    /// The words it takes.
    pub words: Vec<String>,
    /// What it means, in English; clients have their own words for those they know.
    pub doc: String,
    /// Its values, newest first; the latest of them.
    pub history: Vec<DatedValue>,
}

/// A value and the moment from which it holds.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DatedValue {
    /// The value.
    pub value: String,
    /// From when.
    pub valid_from: i64,
}

/// A new value.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SettingChange {
    /// The value.
    pub value: String,
}

/// A page of the audit log.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditLog {
    /// Newest first.
    pub rows: Vec<AuditShown>,
    /// For the page behind; absent: this is the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Every kind there is.
    pub kinds: Vec<String>,
}

/// One thing that was done.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditShown {
    /// Grows with time.
    pub id: i64,
    /// When.
    pub at: i64,
    /// Who, as `acc_…`; absent: the house, or somebody at the terminal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Their name today.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Their login name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// `desk`, `terminal` or `house`.
    pub via: String,
    /// From where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What.
    pub kind: String,
    /// On what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// As it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    pub before: Option<serde_json::Value>,
    /// As it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    pub after: Option<serde_json::Value>,
}
