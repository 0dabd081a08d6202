//! The wire: bodies, frames and error codes, as docs/PROTOCOL.md describes them. Shapes only: no rule, no IO.

pub mod chat;
pub mod content;
pub mod customers;
pub mod error_code;
pub mod figures;
pub mod frames;
pub mod id;
pub mod imports;
pub mod keys;
pub mod orders;
pub mod phrases;
pub mod platform;
pub mod privacy;
pub mod quality;
pub mod routing;
pub mod team;
pub mod webhooks;

pub use error_code::ErrorCode;
