//! Buyers as the shop deals with them.

pub mod block;
