//! What a sender hands in: the id of the line and its text. `parse` is the only door.

use thiserror::Error;

/// The sender's own id of a line. Unique per (conversation, sender); the same again is the same entry.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientId(String);

impl ClientId {
    /// Shortest and longest client id, in characters.
    pub const CHARS: (usize, usize) = (8, 64);

    /// Accepts 8–64 characters of `A–Z a–z 0–9 . _ -`.
    ///
    /// # Errors
    /// [`TextError::BadClientId`] for anything else.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        let (min, max) = Self::CHARS;
        if (min..=max).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(TextError::BadClientId)
        }
    }

    /// For the house's own lines: a client id made of a fixed word and a number, such as `leave_message.17`.
    #[must_use]
    pub fn of_house(word: &'static str, number: i64) -> Self {
        Self(format!("house.{word}.{number}"))
    }

    /// The text of the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that may be said: not blank, not too long, without control characters other than line break and tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageText(String);

impl MessageText {
    /// Checks a text against `chars_max` characters. Line ends become `\n`; outer white space stays as written.
    /// Characters that PostgreSQL cannot store or that hide text (NUL and other controls) are removed.
    ///
    /// # Errors
    /// [`TextError::Empty`] and [`TextError::TooLong`].
    pub fn parse(text: &str, chars_max: usize) -> Result<Self, TextError> {
        let clean: String = text
            .replace("\r\n", "\n")
            .chars()
            .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
            .collect();
        if clean.trim().is_empty() {
            return Err(TextError::Empty);
        }
        if clean.chars().count() > chars_max {
            return Err(TextError::TooLong { chars_max });
        }
        Ok(Self(clean))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, taken out.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

/// Why a line was not accepted as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TextError {
    /// Client id of the wrong form.
    #[error("A client id has 8 to 64 characters of A-Z a-z 0-9 . _ -")]
    BadClientId,
    /// Nothing but white space.
    #[error("The text is empty")]
    Empty,
    /// Beyond the limit.
    #[error("The text has more than {chars_max} characters")]
    TooLong {
        /// The limit, in characters.
        chars_max: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_its_lines_and_loses_control_characters() {
        let text = MessageText::parse("在吗\r\n\u{0}我想问\u{7}下", 10).unwrap();
        assert_eq!(text.as_str(), "在吗\n我想问下");
    }

    #[test]
    fn blank_and_long_texts_are_refused() {
        assert_eq!(MessageText::parse(" \n\u{3000}", 10), Err(TextError::Empty));
        assert!(MessageText::parse("一二三", 3).is_ok());
        assert_eq!(MessageText::parse("一二三四", 3), Err(TextError::TooLong { chars_max: 3 }));
    }

    #[test]
    fn a_client_id_is_plain_and_of_bounded_length() {
        assert!(ClientId::parse("0199aa00-1.2_x").is_ok());
        for bad in ["short", "has space", "汉字汉字汉字汉字", &"x".repeat(65)] {
            assert_eq!(ClientId::parse(bad), Err(TextError::BadClientId), "{bad}");
        }
    }
}
