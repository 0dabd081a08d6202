//! Conversations: loading their state for a move, saving what a move made, reading the log and the lists.
//!
//! [`save`] is the declared dialect island: sending is the one use case that writes sets.

pub mod attachments;
pub mod bulk;
pub mod content;
pub mod drafts;
pub mod follow_up;
pub mod load;
pub mod people;
pub mod rating;
pub mod read;
pub mod receptions;
pub mod save;
pub mod transfer;
