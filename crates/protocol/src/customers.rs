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
