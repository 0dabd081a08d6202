//! Orders: exact money, what an order is, what a file says about one, and which order line a cancellation gives back.
//!
//! The rules are worded in docs/definitions/orders.md.

mod import;
mod link;
mod money;
mod order;
mod product;
mod stage;
mod standing;

pub use import::{
    ContentHash, ImportCounts, ImportedItem, ImportedOrder, ImportedRefund, ImportedRefundLine,
    Refusal, RefusalCode,
};
pub use link::{Bought, Cancelled, link_cancellations};
pub use money::{Currency, Money, MoneyError, UnitPrice};
pub use order::{Given, Order, OrderDetails, OrderItem, OrderRefund, OrderState};
pub use product::{PRODUCT_TERMS_MAX, Product, product_is_meant, product_terms, product_words};
pub use stage::{Stage, StageRules};
pub use standing::Standing;

#[cfg(test)]
#[path = "link_tests.rs"]
mod link_tests;
