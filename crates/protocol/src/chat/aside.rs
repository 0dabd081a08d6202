//! Colleagues beside a talk: who is asked to take it over, who joined, who whispers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::routing::Named;

/// Asks a colleague or a group to take the buyer over.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TransferBody {
    /// `acc_…`; this or a group.
    #[serde(default)]
    pub to: Option<String>,
    /// `grp_…`.
    #[serde(default)]
    pub group: Option<String>,
    /// Shown in the staff lane.
    #[serde(default)]
    pub note: Option<String>,
}

/// A transfer that nobody has answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PendingTransfer {
    /// Who gives, and keeps the buyer until somebody accepts.
    pub from: Named,
    /// The colleague it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Named>,
    /// The group it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<Named>,
    /// `acc_…` of everybody who may accept.
    pub receivers: Vec<String>,
    /// Microseconds UTC; after that the giver keeps the buyer.
    pub valid_until: i64,
    /// What the giver wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Tells the agent who serves something that the buyer does not see.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WhisperBody {
    /// The sender's own id.
    pub client_id: String,
    /// What is told.
    pub text: String,
}

/// Asks a colleague to join.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct InviteBody {
    /// `acc_…`.
    pub to: String,
    /// Whether the colleague may speak to the buyer.
    #[serde(default)]
    pub may_speak: bool,
}

/// Ends that a colleague has joined.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct LeaveBody {
    /// `acc_…`; without it oneself.
    #[serde(default)]
    pub who: Option<String>,
}

/// A colleague who joined the open session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Helper {
    /// `acc_…`.
    pub id: String,
    /// Name.
    pub name: String,
    /// Whether the buyer may hear from them.
    pub may_speak: bool,
}
