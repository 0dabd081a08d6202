//! Use cases on real databases, both of them.

mod orders;
