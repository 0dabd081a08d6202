//! Chat: what an entry is, how it is numbered and sealed, and how sessions open, wait and close.

mod attachment;
mod content;
mod entry;
mod evidence;
mod follow_up;
mod rating;
mod session;
mod talk;
mod talk_asides;
mod talk_routing;
mod text;
mod transfer;

pub use attachment::{FileKind, FileRefusal, HEAD_BYTES, NAME_CHARS_MAX, UNSENT_HOURS, clean_name};
pub use content::{
    AddressCard, Choice, Content, ContentError, KEY_CHARS_MAX, ORDER_ITEMS_SHOWN, OrderCard,
    ProductCard, Said, TITLE_CHARS_MAX, Wanted, mask_phone, title,
};
pub use entry::{Author, Entry, EntryKind, Lane, MessageKind, SessionRef, Side};
pub use evidence::{Digest, GENESIS, Salt, chain, digest};
pub use follow_up::{Personal, Wish};
pub use rating::{RATING_CHARS_MAX, Rating, RatingReason, STARS_MAX};
pub use session::{CloseReason, Rules, Session, SessionState, Silence};
pub use talk::{Head, Refusal, Salts, TakingBack, Talk, Target};
pub use talk_asides::WHISPER;
pub use text::{ClientId, MessageText, TextError};
pub use transfer::{Outcome, Standing, Transfer};

#[cfg(test)]
#[path = "talk_tests.rs"]
mod talk_tests;
