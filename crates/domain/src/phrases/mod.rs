//! Phrases: what an agent says often, kept in folders, found by code, title, text or pinyin.

mod library;
mod spelling;

pub use library::{
    CODE_CHARS_MAX, FOLDER_DEPTH_MAX, NAME_CHARS_MAX, Phrase, PhraseError, Place, TITLE_CHARS_MAX,
    parse_name,
};
pub use spelling::spelled;
