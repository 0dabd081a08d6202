//! Orders: importing them from files, and showing them beside the conversation; and the products they are of.

mod chunk;
mod given;
mod import;
mod link;
mod list;
mod products;
mod read_ahead;
mod report;
mod runs;
mod told;
mod uploads;

pub use given::GivenContent;
pub use import::{ImportError, ImportOptions, ImportProgress};
pub use products::PRODUCTS_MAX;
pub use report::ImportReport;
pub use told::TOLD_ORDERS_MAX;
pub(crate) use uploads::Uploads;
pub use uploads::{UPLOAD_BYTES_MAX, UPLOADS_FOLDER};
