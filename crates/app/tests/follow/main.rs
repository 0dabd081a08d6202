//! Followers and what they make, tried on both databases and moved by hand.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests start what they let race, and fail where they stand"
)]

mod house;
mod projections;
mod reactors;
mod search;
