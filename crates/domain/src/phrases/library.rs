//! What a phrase and a folder may be. `parse` is the only door.

use thiserror::Error;

use super::{Validity, unknown_variable};
use crate::id::{AccountId, GroupId};

/// Characters of a short code: it is typed.
pub const CODE_CHARS_MAX: usize = 16;
/// Characters of a title: one line of a list.
pub const TITLE_CHARS_MAX: usize = 60;
/// Characters of a product's number.
pub const SKU_CHARS_MAX: usize = 64;
/// Characters of a folder's name.
pub const NAME_CHARS_MAX: usize = 30;
/// Folders inside each other: more is a maze.
pub const FOLDER_DEPTH_MAX: usize = 4;
/// Characters of the title that is taken from the text when none is given.
const OWN_TITLE_CHARS: usize = 20;

/// Whose library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// The shop's: everybody reads it, those with the right write it.
    Shop,
    /// A skill group's: its members read it, those with the right write it.
    Group(GroupId),
    /// An agent's own.
    Personal(AccountId),
}

impl Place {
    /// The word on the wire.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::Shop => "shop".to_owned(),
            Self::Group(id) => format!("group:{id}"),
            Self::Personal(_) => "personal".to_owned(),
        }
    }

    /// Reads the word; `me` is who asks.
    #[must_use]
    pub fn parse(word: &str, me: AccountId) -> Option<Self> {
        match word {
            "shop" => Some(Self::Shop),
            "personal" => Some(Self::Personal(me)),
            _ => {
                let id = word.strip_prefix("group:")?.parse().ok().filter(|id| *id > 0)?;
                Some(Self::Group(GroupId::new(id)))
            }
        }
    }
}

/// Why something is no phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PhraseError {
    /// Nothing to say.
    #[error("the text is empty")]
    EmptyText,
    /// More than may be said at once.
    #[error("the text is longer than {0} characters")]
    TextTooLong(usize),
    /// A code that cannot be typed.
    #[error("the code is longer than {CODE_CHARS_MAX} characters or has a blank in it")]
    BadCode,
    /// A title that does not fit a line.
    #[error("the title is longer than {TITLE_CHARS_MAX} characters")]
    LongTitle,
    /// A name without characters, or with too many.
    #[error("a folder's name has 1 to {NAME_CHARS_MAX} characters and no slash")]
    BadName,
    /// A place in braces that nothing fills.
    #[error("the text names a variable that is not on the list")]
    BadVariable,
    /// It would end before it begins.
    #[error("the phrase would end before it begins")]
    BadValidity,
    /// More texts than one reply takes turns with.
    #[error("a reply has at most {} texts", super::AUTO_TEXTS_MAX)]
    TooManyTexts,
    /// No number of a product.
    #[error("a product's number has at most {SKU_CHARS_MAX} characters")]
    BadSku,
}

/// A phrase as somebody wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// Typed after `/`; may be empty.
    pub code: String,
    /// One line that says what it is.
    pub title: String,
    /// What is said.
    pub text: String,
    /// When it may be said.
    pub validity: Validity,
    /// The product whose card goes with it; empty for none.
    pub sku: String,
}

impl Phrase {
    /// Checks what somebody wrote. Without a title the beginning of the text serves.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(
        code: &str,
        title: &str,
        text: &str,
        text_chars_max: usize,
    ) -> Result<Self, PhraseError> {
        let text = clean(text).trim().to_owned();
        if text.is_empty() {
            return Err(PhraseError::EmptyText);
        }
        if text.chars().count() > text_chars_max {
            return Err(PhraseError::TextTooLong(text_chars_max));
        }
        if unknown_variable(&text).is_some() {
            return Err(PhraseError::BadVariable);
        }
        let code = clean(code).trim().to_lowercase();
        if code.chars().count() > CODE_CHARS_MAX || code.contains(char::is_whitespace) {
            return Err(PhraseError::BadCode);
        }
        let mut title = one_line(title);
        if title.is_empty() {
            title = one_line(&text).chars().take(OWN_TITLE_CHARS).collect();
        }
        if title.chars().count() > TITLE_CHARS_MAX {
            return Err(PhraseError::LongTitle);
        }
        Ok(Self { code, title, text, validity: Validity::default(), sku: String::new() })
    }

    /// The phrase with a stretch of time.
    #[must_use]
    pub fn valid(self, validity: Validity) -> Self {
        Self { validity, ..self }
    }

    /// The phrase with the card of a product; an empty number is none.
    ///
    /// # Errors
    /// [`PhraseError::BadSku`].
    pub fn showing(self, sku: &str) -> Result<Self, PhraseError> {
        let sku = one_line(sku);
        if sku.chars().count() > SKU_CHARS_MAX {
            return Err(PhraseError::BadSku);
        }
        Ok(Self { sku, ..self })
    }
}

/// Checks a folder's name.
///
/// # Errors
/// [`PhraseError::BadName`].
pub fn parse_name(name: &str) -> Result<String, PhraseError> {
    let name = one_line(name);
    let fits = (1..=NAME_CHARS_MAX).contains(&name.chars().count());
    if fits && !name.contains('/') { Ok(name) } else { Err(PhraseError::BadName) }
}

fn one_line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn clean(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_without_a_title_is_called_by_its_beginning() {
        let phrase = Phrase::parse(" FH ", "", "今天\n发货\u{0}", 100).unwrap();
        assert_eq!(
            (phrase.code.as_str(), phrase.title.as_str(), phrase.text.as_str()),
            ("fh", "今天 发货", "今天\n发货")
        );
    }

    #[test]
    fn what_is_no_phrase_is_refused_with_its_reason() {
        let long = "长".repeat(61);
        for (code, title, text, why) in [
            ("", "", " \n", PhraseError::EmptyText),
            ("", "", "12345678901", PhraseError::TextTooLong(10)),
            ("a b", "", "好", PhraseError::BadCode),
            ("12345678901234567", "", "好", PhraseError::BadCode),
            ("", long.as_str(), "好", PhraseError::LongTitle),
            ("", "", "{折扣}", PhraseError::BadVariable),
        ] {
            assert_eq!(Phrase::parse(code, title, text, 10), Err(why));
        }
        for bad in ["", "  ", "a/b"] {
            assert_eq!(parse_name(bad), Err(PhraseError::BadName));
        }
    }
}
