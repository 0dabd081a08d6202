//! Customers: who a shop says a buyer is.

mod erase;
pub mod identity;
mod remark;
mod save;

pub use save::Customer;
