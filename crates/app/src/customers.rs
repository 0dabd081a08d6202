//! Customers: who a shop says a buyer is.

pub mod identity;
mod remark;
mod save;

pub use save::Customer;
