//! Keys of programs, and orders as programs tell them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A key to be made.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NewKey {
    /// What it is for.
    pub name: String,
    /// What it may do: `orders:write`, `orders:read`.
    pub scopes: Vec<String>,
}

/// A key, told for the only time.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct FreshKey {
    /// `xk_…`.
    pub key: String,
}

/// The keys of a shop.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Keys {
    /// Newest first.
    pub keys: Vec<Key>,
}

/// A key as its shop sees it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Key {
    /// `key_…`.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: i64,
    /// When it was last used, to a few minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_at: Option<i64>,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<i64>,
}

/// The secret by which a shop's program signs what it sends.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct HookSecret {
    /// `whk_…`.
    pub secret: String,
}

/// Orders as a program tells them, at most 100; all are taken or none.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ToldOrders {
    /// The orders.
    pub orders: Vec<ToldOrder>,
}

/// An order as a program tells it. Amounts are whole minor units of its currency; times are microseconds since 1970.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ToldOrder {
    /// Number in the shop; may be left out where the address names it.
    #[serde(default)]
    pub number: String,
    /// When the shop last changed it: the later telling holds.
    pub updated_at: i64,
    /// When it was placed.
    pub placed_at: i64,
    /// `unpaid`, `paid`, `shipped`, `completed`, `closed`, `partly_refunded` or `refunded`.
    pub state: String,
    /// Three capital letters; absent: the shop's.
    #[serde(default)]
    pub currency: Option<String>,
    /// The customer's number in the shop, the same as the subject of a signed identity.
    #[serde(default)]
    pub buyer_ref: Option<String>,
    /// What is to pay or was paid; absent: the sum of the items and the postage.
    #[serde(default)]
    pub total: Option<i64>,
    /// Postage within the total.
    #[serde(default)]
    pub postage: Option<i64>,
    /// At least one.
    pub items: Vec<ToldItem>,
    /// Who receives it, and where.
    #[serde(default)]
    pub address: Option<ToldAddress>,
    /// How it travels.
    #[serde(default)]
    pub shipment: Option<ToldShipment>,
    /// When it was paid.
    #[serde(default)]
    pub paid_at: Option<i64>,
    /// When it was received.
    #[serde(default)]
    pub finished_at: Option<i64>,
    /// What was given back of it by now; each refund keeps its number. Needs `buyer_ref`.
    #[serde(default)]
    pub refunds: Vec<ToldRefund>,
    /// What the buyer asked for.
    #[serde(default)]
    pub buyer_note: Option<String>,
    /// What the seller noted.
    #[serde(default)]
    pub seller_memo: Option<String>,
}

/// A line of an order.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ToldItem {
    /// Stock code.
    pub sku: String,
    /// Title.
    pub title: String,
    /// Pieces, positive.
    pub quantity: i64,
    /// Of the whole line.
    pub amount: i64,
}

/// A refund of an order.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ToldRefund {
    /// Number in the shop, of its own.
    pub number: String,
    /// When.
    pub at: i64,
    /// What came back, at least one line.
    pub lines: Vec<ToldRefundLine>,
}

/// A line of a refund.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ToldRefundLine {
    /// Stock code, one of the order's.
    pub sku: String,
    /// Pieces, positive.
    pub quantity: i64,
    /// What was paid back for them, not negative.
    pub amount: i64,
}

/// Who receives an order.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ToldAddress {
    /// Name.
    #[serde(default)]
    pub name: Option<String>,
    /// Phone.
    #[serde(default)]
    pub phone: Option<String>,
    /// Everything from the country down to the door.
    #[serde(default)]
    pub text: Option<String>,
}

/// How an order travels.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ToldShipment {
    /// Who carries it.
    #[serde(default)]
    pub courier: Option<String>,
    /// The courier's number.
    #[serde(default)]
    pub waybill: Option<String>,
    /// When it was sent.
    #[serde(default)]
    pub shipped_at: Option<i64>,
}

/// What came of each order.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Taken {
    /// In the order of the request.
    pub orders: Vec<TakenOrder>,
}

/// What came of an order.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TakenOrder {
    /// Its number.
    pub number: String,
    /// `new`, `changed`, `unchanged`, or `older`: something later was told before.
    pub outcome: String,
}
