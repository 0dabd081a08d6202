//! Orders on the wire. Money is minor units of the order's currency.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::chat::Buyer;

/// One line of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderItem {
    /// Stock code.
    pub sku: String,
    /// Title at the time of the order.
    pub title: String,
    /// Pieces.
    pub quantity: i64,
    /// Minor units; the exact price may have more digits, see `unit_price_exact`.
    pub unit_price: i64,
    /// The price as its source wrote it, where minor units cannot hold it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_price_exact: Option<String>,
    /// Minor units; authoritative.
    pub amount: i64,
    /// Pieces given back.
    pub refunded_quantity: i64,
}

/// One refunded line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderRefund {
    /// Its number at the source.
    pub number: String,
    /// Microseconds UTC.
    pub at: i64,
    /// Minor units, negative.
    pub amount: i64,
    /// Pieces.
    pub quantity: i64,
    /// Stock code.
    pub sku: String,
}

/// An order with its items and refunds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Order {
    /// `ord_…`.
    pub id: String,
    /// Number in the shop.
    pub number: String,
    /// `unpaid`, `paid`, `shipped`, `completed`, `closed`, `partly_refunded`, `refunded`.
    pub state: String,
    /// Microseconds UTC.
    pub placed_at: i64,
    /// ISO 4217.
    pub currency: String,
    /// Minor units.
    pub total: i64,
    /// Minor units, positive.
    pub refunded: i64,
    /// Lines.
    pub items: Vec<OrderItem>,
    /// Refunded lines.
    pub refunds: Vec<OrderRefund>,
}

/// A page of a buyer's orders, newest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Orders {
    /// The orders.
    pub orders: Vec<Order>,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// Whose they are.
    pub buyer: Option<Buyer>,
}

/// An order found by its number, with the way to its buyer.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FoundOrder {
    /// The order.
    pub order: Order,
    /// Whose it is.
    pub buyer: Option<Buyer>,
    /// `cnv_…`, if there is a conversation.
    pub conversation: Option<String>,
}
