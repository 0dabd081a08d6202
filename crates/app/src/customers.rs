//! Customers: who a shop says a buyer is.

mod block;
mod correct;
pub(crate) mod erase;
mod export;
pub mod identity;
mod remark;
mod retention;
mod reveal;
mod save;

pub use export::ExportFile;
pub use retention::Swept;
pub use reveal::{Look, Revealed};
pub use save::Customer;
