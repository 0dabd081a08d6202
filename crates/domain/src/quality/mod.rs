//! Quality: what leaves the shop is looked at before it leaves.

pub mod guard;
