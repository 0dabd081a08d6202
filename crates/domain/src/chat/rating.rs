//! What a buyer thinks of a session that is over: stars, and why, as codes. It is never tied to a reward.

/// Most stars.
pub const STARS_MAX: u8 = 5;
/// Most characters of the buyer's own words.
pub const RATING_CHARS_MAX: usize = 500;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every one, in the order in which they are offered.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word in database and wire.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Reads the word.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.word() == word)
            }
        }
    };
}
pub(super) use words;

words! {
    /// Why so many stars, or so few.
    RatingReason {
        /// The question was settled.
        Solved = "solved";
        /// The answer came quickly.
        Quick = "quick";
        /// The agent was kind.
        Kind = "kind";
        /// The agent knew the goods.
        Expert = "expert";
        /// The question is still open.
        Unsolved = "unsolved";
        /// The answer took long.
        Slow = "slow";
        /// The agent was not kind.
        Unkind = "unkind";
        /// The answer was hard to understand.
        Unclear = "unclear";
    }
}

impl RatingReason {
    /// Whether it speaks for the service: offered from four stars on, the others below.
    #[must_use]
    pub const fn is_praise(self) -> bool {
        matches!(self, Self::Solved | Self::Quick | Self::Kind | Self::Expert)
    }
}

/// A rating that may be stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Rating {
    /// One to five.
    pub stars: u8,
    /// Without repetition, in the order of the enum.
    pub reasons: Vec<RatingReason>,
    /// The buyer's own words.
    pub text: Option<String>,
}

impl std::fmt::Debug for Rating {
    /// Without the buyer's words.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rating")
            .field("stars", &self.stars)
            .field("reasons", &self.reasons)
            .finish_non_exhaustive()
    }
}

impl Rating {
    /// Reads a rating; the name of the field that is wrong otherwise.
    ///
    /// # Errors
    /// `stars`, `reasons` or `text`.
    pub fn parse(stars: i64, reasons: &[String], text: Option<&str>) -> Result<Self, &'static str> {
        let stars = u8::try_from(stars).ok().filter(|n| (1..=STARS_MAX).contains(n));
        let stars = stars.ok_or("stars")?;
        let read: Option<Vec<_>> = reasons.iter().map(|word| RatingReason::parse(word)).collect();
        let mut reasons = read.ok_or("reasons")?;
        reasons.sort_unstable();
        reasons.dedup();
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        if text.is_some_and(|text| {
            text.chars().count() > RATING_CHARS_MAX || text.chars().any(is_forbidden)
        }) {
            return Err("text");
        }
        Ok(Self { stars, reasons, text: text.map(str::to_owned) })
    }

    /// The reasons as they are stored: words with blanks between.
    #[must_use]
    pub fn reason_words(&self) -> String {
        self.reasons.iter().map(|reason| reason.word()).collect::<Vec<_>>().join(" ")
    }
}

/// A control character other than line break and tab: no text of people holds one.
pub(super) fn is_forbidden(c: char) -> bool {
    c.is_control() && c != '\n' && c != '\t'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rating_has_one_to_five_stars_and_reasons_that_are_known() {
        let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        for stars in [0, 6, -1] {
            assert_eq!(Rating::parse(stars, &[], None), Err("stars"));
        }
        assert_eq!(Rating::parse(3, &words(&["gift"]), None), Err("reasons"));
        assert_eq!(Rating::parse(3, &[], Some("a\u{0}b")), Err("text"));
        assert_eq!(Rating::parse(3, &[], Some(&"长".repeat(501))), Err("text"));
        let rating = Rating::parse(5, &words(&["kind", "solved", "kind"]), Some("  ")).unwrap();
        assert_eq!((rating.reason_words().as_str(), rating.text), ("solved kind", None));
    }

    #[test]
    fn reasons_read_back_from_their_words() {
        for reason in RatingReason::ALL {
            assert_eq!(RatingReason::parse(reason.word()), Some(*reason));
        }
    }
}
