//! The rules of the house. No IO, no clock, no chance, no serialisation: time and randomness are arguments,
//! so every rule can be tested in microseconds and asked why.
//!
//! Folders are features; `id`, `time` and `zone` are the words that all of them share.

pub mod chat;
pub mod coded;
pub mod customers;
pub mod figures;
pub mod hooks;
pub mod id;
pub mod orders;
pub mod phrases;
pub mod private;
pub mod quality;
pub mod routing;
pub mod search;
pub mod team;
pub mod time;
pub mod zone;
