//! Use cases on real databases, both of them.

#![expect(clippy::unwrap_used, reason = "a failing test may panic")]

mod orders;
