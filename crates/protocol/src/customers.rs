//! Buyers on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A buyer as the desk sees one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Buyer {
    /// `byr_…`.
    pub id: String,
    /// Name; empty when unknown.
    pub name: String,
    /// The customer's number in the shop.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// Whether a signed identity or an import vouches for `ref`.
    pub identified: bool,
}

/// What the shop has noted of a buyer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Remark {
    /// The remark; empty when there is none.
    pub text: String,
    /// Who wrote it last.
    pub author: Option<String>,
    /// When, microseconds UTC.
    pub at: Option<i64>,
    /// Since when the shop knows the buyer, microseconds UTC.
    pub since: i64,
}

/// Writes the remark.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RemarkBody {
    /// The remark; empty takes it away.
    pub text: String,
}

/// Wants a buyer kept out for a time.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BlockBody {
    /// `abuse`, `advertising`, `fraud`, `flood` or `other`.
    pub reason: String,
    /// In one's own words; needed for `other`.
    #[serde(default)]
    pub note: String,
    /// For how many days, 1 to 365.
    pub days: u32,
}

/// What a leader decides.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct BlockVerdict {
    /// Kept out for so many days, 1 to 365; null: not at all.
    pub days: Option<u32>,
}

/// A buyer who is, was, or should be kept out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Block {
    /// Number.
    pub id: i64,
    /// `proposed`, `holds`, `refused`, `over` or `lifted`.
    pub state: String,
    /// `cnv_…`: where the evidence stands.
    pub conversation: String,
    /// The buyer's name; empty for a guest.
    pub buyer: String,
    /// What the buyer did.
    pub reason: String,
    /// In the proposer's words.
    pub note: String,
    /// For how many days it was asked.
    pub days: u32,
    /// Who proposed it.
    pub proposed_by: String,
    /// When, microseconds UTC.
    pub proposed_at: i64,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When, microseconds UTC.
    pub decided_at: Option<i64>,
    /// Until when the buyer is kept out, microseconds UTC; null: not at all.
    pub until: Option<i64>,
    /// Who let the buyer in again.
    pub lifted_by: Option<String>,
    /// When, microseconds UTC.
    pub lifted_at: Option<i64>,
}

/// Some of them, the latest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Blocks {
    /// The blocks.
    pub blocks: Vec<Block>,
    /// Where the next page begins; null: nothing follows.
    pub next: Option<String>,
}
