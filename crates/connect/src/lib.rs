//! The outside: what shops' own programs write and say. Each kind of outside is one enum.
//!
//! Must never know the store or the bus, nor hold a rule.

mod formats;
mod online_retail;
pub mod phrase_book;
pub mod phrase_sheet;
pub mod phrase_xml;
mod sheet;
mod source;
mod table;
mod text;
pub mod webhook;
pub mod word_sheet;

pub use formats::{Content, FileError, Format, OrderFile, Survey, Told, Unit, Zone};
pub use online_retail::OnlineRetail;
pub use table::{Field, Look, Mapping, TableFile, first_rows, look};
