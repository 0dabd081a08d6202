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
