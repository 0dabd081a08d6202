//! Programs that a shop tells what happens.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A program to be told, or what it shall be from now on.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    /// `https://…`.
    pub url: String,
    /// Which events: `conversation.opened` and so on.
    pub events: Vec<String>,
    /// Whether it is told at all; absent: it is.
    #[serde(default)]
    pub on: Option<bool>,
}

/// A program that is told.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Webhook {
    /// `who_…`.
    pub id: String,
    /// Where.
    pub url: String,
    /// What it hears.
    pub events: Vec<String>,
    /// Whether it is told at all.
    pub on: bool,
    /// Since when.
    pub created_at: i64,
}

/// The programs of a shop.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Webhooks {
    /// In the order in which they came.
    pub webhooks: Vec<Webhook>,
    /// Every event there is.
    pub events: Vec<String>,
    /// How often a telling is tried.
    pub tries_max: u32,
}

/// The secret by which its tellings are signed.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct WebhookSecret {
    /// `whs_…`.
    pub secret: String,
}

/// One telling.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WebhookDelivery {
    /// `whd_…`, the same in each try.
    pub id: String,
    /// `who_…`.
    pub webhook: String,
    /// What.
    pub event: String,
    /// When it happened.
    pub at: i64,
    /// `waiting`, `done` or `dead`.
    pub state: String,
    /// How often it was tried.
    pub tries: i64,
    /// When it is tried next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_at: Option<i64>,
    /// What was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<i64>,
    /// Why there was no answer: `address`, `private`, `name`, `connect`, `tls`, `slow`, `answer` or `removed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub took_ms: Option<i64>,
    /// When it was tried last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tried_at: Option<i64>,
}

/// A page of what was told, newest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WebhookDeliveries {
    /// The tellings.
    pub deliveries: Vec<WebhookDelivery>,
    /// Cursor of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
