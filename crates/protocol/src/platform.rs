//! The shop itself on the wire: its first visit.

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
