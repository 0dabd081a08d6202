//! Tags, and acts on all conversations that a filter finds.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tag {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
}

/// Tags by name.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Tags {
    /// They.
    pub tags: Vec<Tag>,
}

/// Puts a tag on a conversation, or takes it off.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TagBody {
    /// Its name, up to 24 characters; a new one is made.
    pub name: String,
    /// Whether it is put on.
    pub on: bool,
}

/// Acts on every conversation that fits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BulkBody {
    /// The caller's own id: the same again is the same job.
    pub client_id: String,
    /// `transfer`, `close`, `tag` or `untag`.
    pub act: String,
    /// For `transfer`: to whom, `acc_…`.
    #[serde(default)]
    pub to: Option<String>,
    /// For `tag` and `untag`: the tag's name.
    #[serde(default)]
    pub tag: Option<String>,
    /// Which conversations.
    pub which: BulkFilter,
}

/// Which conversations: everything named must hold, as in the list `all`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BulkFilter {
    /// Only with a session that is open.
    #[serde(default)]
    pub open: bool,
    /// Only with lines that the shop has not read.
    #[serde(default)]
    pub unread: bool,
    /// Only `pre_sales`, `in_sales` or `after_sales`.
    #[serde(default)]
    pub stage: Option<String>,
    /// Only whose buyer has waited so many seconds.
    #[serde(default)]
    pub waited_s: Option<u32>,
    /// Only of this agent, `acc_…`.
    #[serde(default)]
    pub agent: Option<String>,
    /// Only with this tag's number.
    #[serde(default)]
    pub tag: Option<i64>,
    /// Only with a last line from this moment on, microseconds UTC.
    #[serde(default)]
    pub from: Option<i64>,
    /// Only with a last line before this moment, microseconds UTC; never after the job began.
    #[serde(default)]
    pub until: Option<i64>,
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BulkJob {
    /// Its number.
    pub id: i64,
    /// What it does.
    pub act: String,
    /// `running`, `done`, `cancelled` or `failed`.
    pub state: String,
    /// Conversations that fitted so far.
    pub seen: i64,
    /// Of them changed; the others needed no change or could not be.
    pub done: i64,
    /// When it began.
    pub at: i64,
    /// When it was over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<i64>,
}
