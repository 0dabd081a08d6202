//! What a shop owes its buyers, and how staff look at one value that is shown masked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One value to be looked at.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reveal {
    /// Where it stands: `ord_…` or `fup_…`.
    pub on: String,
    /// `nick`, `name`, `phone`, `address` or `email`.
    pub field: String,
    /// `contact`, `delivery`, `check`, `after_sales`, `dispute` or `request`.
    pub reason: String,
}

/// The value.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct RevealedValue {
    /// As it is stored.
    pub value: String,
}

/// What is put right of a buyer. What is absent stays.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Correction {
    /// What the buyer is called.
    pub buyer_name: Option<String>,
    /// `ord_…`: the order whose recipient the next three are.
    pub order: Option<String>,
    /// Who receives it.
    pub name: Option<String>,
    /// The recipient's number.
    pub phone: Option<String>,
    /// Where it goes.
    pub address: Option<String>,
}
