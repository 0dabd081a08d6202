//! Phrases: what an agent says often, kept in folders, found by code, title, text or pinyin.

mod library;
mod spelling;
mod validity;
mod variables;

pub use library::{
    CODE_CHARS_MAX, FOLDER_DEPTH_MAX, NAME_CHARS_MAX, Phrase, PhraseError, Place, SKU_CHARS_MAX,
    TITLE_CHARS_MAX, parse_name,
};
pub use spelling::spelled;
pub use validity::{Standing, Validity};
pub use variables::{Filled, Variable, fill, unknown_variable};
