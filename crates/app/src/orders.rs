//! Orders: importing them from files, and showing them beside the conversation; and the products they are of.

mod chunk;
mod given;
mod import;
mod link;
mod list;
mod products;
mod read_ahead;
mod report;

pub use given::GivenContent;
pub use import::{ImportError, ImportOptions, ImportProgress};
pub use products::PRODUCTS_MAX;
pub use report::ImportReport;
