//! Phrases: what an agent says often, kept in folders, found by code, title, text or pinyin.

mod auto_reply;
mod edited;
mod library;
mod spelling;
mod validity;
mod variables;

pub use auto_reply::{
    AUTO_AGAIN_MINUTES_MAX, AUTO_TEXTS_MAX, AutoRule, Occasion, Opening, parse_texts, replies_for,
    reply_for, text_for,
};
pub use edited::is_said_as_written;
pub use library::{
    CODE_CHARS_MAX, FOLDER_DEPTH_MAX, NAME_CHARS_MAX, Phrase, PhraseError, Place, SKU_CHARS_MAX,
    TITLE_CHARS_MAX, parse_name,
};
pub use spelling::spelled;
pub use validity::{Standing, Validity};
pub use variables::{Filled, Variable, fill, unknown_variable};
