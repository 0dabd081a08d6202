//! Figures on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The day so far, by the house's own profile (docs/definitions/figures.md).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Today {
    /// When the shop's day began, microseconds UTC.
    pub since: i64,
    /// Of the shop: waits from the buyer's first line, queue included.
    pub shop: Figures,
    /// Of everybody who answered or left a buyer waiting: waits since having the buyer.
    pub agents: Vec<AgentFigures>,
    /// Goal for the mean first response, in seconds.
    pub goal_first_s: i64,
    /// Goal for the mean response, in seconds.
    pub goal_response_s: i64,
    /// An answer within so many seconds is in time.
    pub in_time_s: i64,
}

/// Figures of one agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentFigures {
    /// `acc_…`.
    pub agent: String,
    /// They.
    pub figures: Figures,
}

/// Figures; a mean or a share of nothing is absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Figures {
    /// Turns that a person answered.
    pub turns: i64,
    /// Mean first response, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_ms: Option<i64>,
    /// Its median, to the second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_median_ms: Option<i64>,
    /// Mean response, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_ms: Option<i64>,
    /// Its median, to the second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_median_ms: Option<i64>,
    /// What nine of ten answers do not exceed, to the second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_p90_ms: Option<i64>,
    /// Buyers who asked today and have no reply of today.
    pub unanswered: i64,
    /// Share of turns answered in time, in thousandths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_time: Option<i64>,
}
