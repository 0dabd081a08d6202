//! Orders: importing them from files, and showing them beside the conversation.

mod chunk;
mod import;
mod link;
mod list;
mod read_ahead;
mod report;

pub use import::{ImportError, ImportOptions, ImportProgress};
pub use report::ImportReport;
