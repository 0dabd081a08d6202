//! How words are written in a rule: plain text, `{a|b}` for one of several, `?` after a brace or character for what may
//! be missing, `a..b` for b soon after a, `^` and `$` for the beginning and end of the message, `##` for a number or
//! name of five characters and more.

use thiserror::Error;

/// Characters of a word as it is written.
pub const WORD_CHARS_MAX: usize = 2_000;
/// Braces inside each other.
const DEPTH_MAX: usize = 4;

/// Why something is no word of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WordError {
    /// Nothing that could be found, or nothing to begin with.
    #[error("the word does not begin with something that could be found")]
    Empty,
    /// Beyond [`WORD_CHARS_MAX`].
    #[error("the word is longer than {WORD_CHARS_MAX} characters")]
    TooLong,
    /// A brace without its partner, or too many inside each other.
    #[error("the braces do not match")]
    Braces,
}

impl WordError {
    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::Braces => "braces",
        }
    }
}

/// A word as it was written, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    written: String,
    tree: Vec<Piece>,
}

/// A piece of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    OneOf(Vec<Vec<Piece>>),
    /// `..`
    Soon,
    /// `##`
    Name,
    /// `^`
    Begin,
    /// `$`
    End,
}

impl Pattern {
    /// Understands a word.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(written: &str) -> Result<Self, WordError> {
        let written = written.trim();
        if written.chars().count() > WORD_CHARS_MAX {
            return Err(WordError::TooLong);
        }
        let mut reader = Reader { rest: written };
        let tree = reader.sequence(0)?;
        if !reader.rest.is_empty() {
            return Err(WordError::Braces);
        }
        if !begins(&tree) {
            return Err(WordError::Empty);
        }
        Ok(Self { written: written.to_owned(), tree })
    }

    /// As it was written.
    #[must_use]
    pub fn written(&self) -> &str {
        &self.written
    }

    pub(super) fn tree(&self) -> &[Piece] {
        &self.tree
    }
}

/// Whether a message must hold something at the beginning of the word.
fn begins(tree: &[Piece]) -> bool {
    match tree.first() {
        Some(Piece::Text(text)) => text.chars().any(char::is_alphanumeric),
        Some(Piece::OneOf(all)) => {
            all.iter().all(|one| begins(one) || (one.is_empty() && begins(&tree[1..])))
        }
        Some(Piece::Begin) => begins(&tree[1..]),
        Some(Piece::Soon | Piece::Name | Piece::End) | None => false,
    }
}

struct Reader<'w> {
    rest: &'w str,
}

impl Reader<'_> {
    fn sequence(&mut self, depth: usize) -> Result<Vec<Piece>, WordError> {
        let mut pieces = Vec::new();
        while let Some(c) = self.rest.chars().next() {
            if depth > 0 && matches!(c, '|' | '}') {
                break;
            }
            if let Some(sign) = self.sign() {
                pieces.push(sign);
                continue;
            }
            self.rest = &self.rest[c.len_utf8()..];
            match c {
                '{' if depth < DEPTH_MAX => pieces.push(self.one_of(depth + 1)?),
                '{' | '}' => return Err(WordError::Braces),
                '?' => maybe(&mut pieces),
                c => match pieces.last_mut() {
                    Some(Piece::Text(text)) => text.push(c),
                    _ => pieces.push(Piece::Text(c.to_string())),
                },
            }
        }
        Ok(pieces)
    }

    fn sign(&mut self) -> Option<Piece> {
        let signs =
            [("..", Piece::Soon), ("##", Piece::Name), ("^", Piece::Begin), ("$", Piece::End)];
        for (sign, piece) in signs {
            if let Some(rest) = self.rest.strip_prefix(sign) {
                self.rest = rest;
                return Some(piece);
            }
        }
        None
    }

    fn one_of(&mut self, depth: usize) -> Result<Piece, WordError> {
        let mut all = Vec::new();
        loop {
            all.push(self.sequence(depth)?);
            if let Some(rest) = self.rest.strip_prefix('|') {
                self.rest = rest;
            } else if let Some(rest) = self.rest.strip_prefix('}') {
                self.rest = rest;
                return Ok(Piece::OneOf(all));
            } else {
                return Err(WordError::Braces);
            }
        }
    }
}

/// The last piece, of a text its last character, may be missing.
fn maybe(pieces: &mut Vec<Piece>) {
    match pieces.pop() {
        Some(Piece::Text(mut text)) => {
            let last = text.pop().map(|c| vec![Piece::Text(c.to_string())]);
            if !text.is_empty() {
                pieces.push(Piece::Text(text));
            }
            pieces.extend(last.map(|last| Piece::OneOf(vec![last, Vec::new()])));
        }
        Some(Piece::OneOf(mut all)) => {
            all.push(Vec::new());
            pieces.push(Piece::OneOf(all));
        }
        Some(other) => pieces.push(other),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_found_is_no_word() {
        for (written, error) in [
            ("", WordError::Empty),
            ("  。！", WordError::Empty),
            ("{a|}?", WordError::Empty),
            ("..好", WordError::Empty),
            ("##", WordError::Empty),
            ("{a|b", WordError::Braces),
            ("a}b", WordError::Braces),
            ("{{{{{a}}}}}", WordError::Braces),
        ] {
            assert_eq!(Pattern::parse(written), Err(error), "{written}");
        }
        assert_eq!(Pattern::parse(&"长".repeat(WORD_CHARS_MAX + 1)), Err(WordError::TooLong));
    }

    #[test]
    fn braces_may_stand_in_braces() {
        let pattern = Pattern::parse("^{a{b|c}|d}e?..f$").unwrap();
        assert_eq!(pattern.written(), "^{a{b|c}|d}e?..f$");
        assert_eq!(pattern.tree().len(), 6);
    }
}
