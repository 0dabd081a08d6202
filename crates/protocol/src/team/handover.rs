//! Shift handovers and notices to staff on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::chat::AgentName;
use crate::customers::Buyer;

/// What could be handed over now.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct HandoverDraft {
    /// Buyers one serves.
    pub buyers: Vec<DraftItem>,
    /// Messages one answers for.
    pub follow_ups: Vec<DraftItem>,
}

/// A thing that could be handed over.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DraftItem {
    /// Its conversation.
    pub conversation: String,
    /// The left message, `fup_…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follow_up: Option<String>,
    /// Whose it is.
    pub buyer: Buyer,
    /// The last that was said, or what was left.
    pub text: String,
}

/// Hands over: the giver's signature.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct HandoverBody {
    /// To whom, `acc_…`.
    pub to: String,
    /// What there is to say; up to 2000 characters.
    #[serde(default)]
    pub note: String,
    /// What is handed over; up to 300.
    pub items: Vec<HandoverItemBody>,
}

/// A thing that is handed over.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct HandoverItemBody {
    /// `buyer`, `follow_up`, `promise` or `incident`.
    pub kind: String,
    /// Its conversation.
    #[serde(default)]
    pub conversation: Option<String>,
    /// The left message.
    #[serde(default)]
    pub follow_up: Option<String>,
    /// What is said of it; up to 500 characters.
    #[serde(default)]
    pub text: String,
}

/// A handover.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Handover {
    /// Its number.
    pub id: i64,
    /// Who gives.
    pub giver: AgentName,
    /// Who receives.
    pub receiver: AgentName,
    /// What the giver says.
    pub note: String,
    /// When the giver signed.
    pub at: i64,
    /// When the receiver did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_at: Option<i64>,
    /// When the giver took it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<i64>,
    /// What is handed over.
    pub items: Vec<HandoverItem>,
}

/// A thing of a handover.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct HandoverItem {
    /// Its number.
    pub id: i64,
    /// `buyer`, `follow_up`, `promise` or `incident`.
    pub kind: String,
    /// Its conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation: Option<String>,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buyer: Option<Buyer>,
    /// What is said of it.
    pub text: String,
    /// Who answers for it now, `acc_…`.
    pub owner: String,
    /// When it went to the receiver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_at: Option<i64>,
    /// When it was done with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<i64>,
}

/// Handovers, the latest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Handovers {
    /// Those one gave or receives.
    pub handovers: Vec<Handover>,
}

/// A notice.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Notice {
    /// Its number.
    pub id: i64,
    /// Its head.
    pub title: String,
    /// What it says.
    pub text: String,
    /// Who pinned it.
    pub by: AgentName,
    /// When.
    pub at: i64,
    /// Until when it is pinned.
    pub until: i64,
    /// When one read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_at: Option<i64>,
    /// How many have.
    pub readers: i64,
}

/// Notices that are pinned, the latest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Notices {
    /// They.
    pub notices: Vec<Notice>,
    /// Whether one may pin.
    pub may_pin: bool,
}

/// Pins a notice.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NoticeBody {
    /// Its head; up to 80 characters.
    pub title: String,
    /// What it says; up to 2000 characters.
    pub text: String,
    /// Until when, microseconds UTC.
    pub until: i64,
}

/// Who has read a notice.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NoticeReaders {
    /// Those who have not.
    pub missing: Vec<AgentName>,
    /// Those who have, and when.
    pub read: Vec<NoticeReader>,
}

/// A receipt.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NoticeReader {
    /// Who.
    pub by: AgentName,
    /// When.
    pub at: i64,
}
