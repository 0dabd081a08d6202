//! The telephone log on the wire. Numbers go in whole and come out masked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::chat::AgentName;

/// Calls about a conversation.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Calls {
    /// They, the latest first.
    pub calls: Vec<Call>,
    /// Why the buyer must not be called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protected: Option<CallProtection>,
}

/// A call.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Call {
    /// Its number.
    pub id: i64,
    /// The number that was called, masked.
    pub phone: String,
    /// Why.
    pub reason: String,
    /// `reached`, `no_answer`, `busy`, `wrong_number`, `refused`.
    pub outcome: String,
    /// What was said.
    pub note: String,
    /// Who called.
    pub by: AgentName,
    /// When.
    pub at: i64,
    /// When the next try is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_at: Option<i64>,
}

/// Why a buyer must not be called.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CallProtection {
    /// Why.
    pub reason: String,
    /// Who said so.
    pub by: AgentName,
    /// When.
    pub at: i64,
}

/// A call was made.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct CallBody {
    /// The number.
    pub phone: String,
    /// Why; up to 200 characters.
    pub reason: String,
    /// `reached`, `no_answer`, `busy`, `wrong_number`, `refused`.
    pub outcome: String,
    /// What was said; up to 500 characters.
    #[serde(default)]
    pub note: String,
}

/// Whether a buyer may be called.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CallProtectionBody {
    /// Not, while true.
    pub on: bool,
    /// Why; up to 200 characters.
    #[serde(default)]
    pub reason: String,
}
