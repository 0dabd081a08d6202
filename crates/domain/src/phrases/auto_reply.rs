//! What a shop says by itself, and when. Nothing here answers a wait: an automatic text is never a person's reply.

use super::{PhraseError, Standing, Validity, Variable, fill, unknown_variable};
use crate::id::BuyerId;
use crate::time::{Span, Timestamp};

/// Texts of one automatic reply.
pub const AUTO_TEXTS_MAX: usize = 5;
/// Minutes until a buyer may hear the same again, at most a year.
pub const AUTO_AGAIN_MINUTES_MAX: i64 = 366 * 24 * 60;

/// When something is said by itself. The numbers are stored: they never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Occasion {
    /// The buyer writes for the first time ever.
    FirstContact,
    /// People are there, and all of them have their hands full.
    Busy,
    /// It is time of service, and nobody is at a desk.
    Away,
    /// It is not time of service, and nobody is at a desk.
    OffDuty,
    /// More buyers queue than the shop counts as usual.
    Overload,
    /// A campaign with its own dates.
    Campaign,
    /// The buyer has waited long, and somebody is there.
    LongWait,
    /// A session that a person served is over.
    SessionEnded,
}

impl Occasion {
    /// Every occasion, in the order in which a buyer meets them.
    pub const ALL: &'static [Self] = &[
        Self::FirstContact,
        Self::Campaign,
        Self::Busy,
        Self::Overload,
        Self::Away,
        Self::OffDuty,
        Self::LongWait,
        Self::SessionEnded,
    ];

    /// The number under which the database keeps it.
    #[must_use]
    pub const fn code(self) -> i64 {
        match self {
            Self::FirstContact => 1,
            Self::Busy => 2,
            Self::Away => 3,
            Self::OffDuty => 4,
            Self::Overload => 5,
            Self::Campaign => 6,
            Self::LongWait => 7,
            Self::SessionEnded => 8,
        }
    }

    /// Reads the stored number.
    #[must_use]
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.iter().copied().find(|occasion| occasion.code() == code)
    }

    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::FirstContact => "first_contact",
            Self::Busy => "busy",
            Self::Away => "away",
            Self::OffDuty => "off_duty",
            Self::Overload => "overload",
            Self::Campaign => "campaign",
            Self::LongWait => "long_wait",
            Self::SessionEnded => "session_ended",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|occasion| occasion.word() == word)
    }

    /// Whether a shop has any number of replies for it; for the others there is one.
    #[must_use]
    pub const fn is_many(self) -> bool {
        matches!(self, Self::Campaign)
    }
}

/// A reply as far as deciding needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AutoRule {
    /// Its number.
    pub id: i64,
    /// When it is said.
    pub occasion: Occasion,
    /// Switched on.
    pub is_on: bool,
    /// The campaign's dates; open for the others.
    pub validity: Validity,
    /// The same buyer hears it again after this long at the earliest.
    pub again_after: Span,
}

impl AutoRule {
    fn is_said(&self, occasion: Occasion, now: Timestamp) -> bool {
        self.is_on && self.occasion == occasion && self.validity.standing(now) == Standing::Valid
    }
}

/// How things stand when a session opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The buyer never wrote before.
    pub is_first: bool,
    /// Somebody serves the buyer already.
    pub is_placed: bool,
    /// Somebody is at a desk and takes buyers.
    pub is_staffed: bool,
    /// It is time of service.
    pub is_open: bool,
    /// Buyers who queue, this one among them.
    pub queued: i64,
    /// From so many on it is an overload; 0: never.
    pub overload_from: i64,
}

impl Opening {
    /// Which occasions of waiting it is, the nearest first; none when the buyer does not wait. What is said of an
    /// overload falls back on what is said when everybody is busy.
    #[must_use]
    pub const fn waits(self) -> &'static [Occasion] {
        if self.is_placed {
            &[]
        } else if !self.is_open && !self.is_staffed {
            &[Occasion::OffDuty]
        } else if !self.is_staffed {
            &[Occasion::Away]
        } else if self.overload_from > 0 && self.queued >= self.overload_from {
            &[Occasion::Overload, Occasion::Busy]
        } else {
            &[Occasion::Busy]
        }
    }
}

/// The reply of an occasion at a moment. Of campaigns that overlap the one that began last is taken.
#[must_use]
pub fn reply_for(rules: &[AutoRule], occasion: Occasion, now: Timestamp) -> Option<i64> {
    let said = rules.iter().filter(|rule| rule.is_said(occasion, now));
    said.max_by_key(|rule| (rule.validity.from(), rule.id)).map(|rule| rule.id)
}

/// Which replies are said when a session opens, at most two: a greeting (a campaign's before the ordinary one), then
/// what is said of the wait.
#[must_use]
pub fn replies_for(rules: &[AutoRule], opening: Opening, now: Timestamp) -> Vec<i64> {
    let find = |occasion: Occasion| reply_for(rules, occasion, now);
    let greeting = find(Occasion::Campaign)
        .or_else(|| opening.is_first.then(|| find(Occasion::FirstContact)).flatten());
    let wait = opening.waits().iter().find_map(|occasion| find(*occasion));
    greeting.into_iter().chain(wait).collect()
}

/// What of several texts a buyer is told: neighbours get different ones, and the same moment always the same. A text with
/// a place that has no value is passed over; None when that leaves none.
#[must_use]
pub fn text_for(
    texts: &[String],
    buyer: BuyerId,
    number: i64,
    value: impl Fn(Variable) -> Option<String>,
) -> Option<String> {
    let count = u64::try_from(texts.len().max(1)).unwrap_or(1);
    let turn = buyer.get().wrapping_add(number).unsigned_abs() % count;
    let turn = usize::try_from(turn).unwrap_or(0);
    let (before, from) = texts.split_at_checked(turn)?;
    let filled = from.iter().chain(before).map(|text| fill(text, &value));
    filled.filter(|filled| filled.missing.is_empty()).map(|filled| filled.text).next()
}

/// Checks the texts of a reply: one to five, each something that may be said, with places of the list.
///
/// # Errors
/// What is wrong with the first wrong one; [`PhraseError::EmptyText`] without any, [`PhraseError::TooManyTexts`].
pub fn parse_texts(texts: &[String], chars_max: usize) -> Result<Vec<String>, PhraseError> {
    if texts.len() > AUTO_TEXTS_MAX {
        return Err(PhraseError::TooManyTexts);
    }
    let parsed: Vec<String> = texts
        .iter()
        .map(|text| {
            let text = text.replace("\r\n", "\n").trim().to_owned();
            if text.is_empty() || text.chars().any(|c| c.is_control() && c != '\n') {
                Err(PhraseError::EmptyText)
            } else if text.chars().count() > chars_max {
                Err(PhraseError::TextTooLong(chars_max))
            } else if unknown_variable(&text).is_some() {
                Err(PhraseError::BadVariable)
            } else {
                Ok(text)
            }
        })
        .collect::<Result<_, _>>()?;
    if parsed.is_empty() { Err(PhraseError::EmptyText) } else { Ok(parsed) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rule(id: i64, occasion: Occasion) -> AutoRule {
        let validity = Validity::default();
        AutoRule { id, occasion, is_on: true, validity, again_after: Span::minutes(0) }
    }

    prop_compose! {
        fn any_opening()(
            is_first in any::<bool>(), is_placed in any::<bool>(), is_staffed in any::<bool>(),
            is_open in any::<bool>(), queued in 0_i64..40, overload_from in 0_i64..30,
        ) -> Opening {
            Opening { is_first, is_placed, is_staffed, is_open, queued, overload_from }
        }
    }

    fn all_rules() -> Vec<AutoRule> {
        Occasion::ALL.iter().map(|occasion| rule(occasion.code(), *occasion)).collect()
    }

    proptest! {
        #[test]
        fn at_most_a_greeting_and_one_word_on_the_wait_are_said(opening in any_opening()) {
            let rules = all_rules();
            let now = Timestamp::from_micros(0);
            let said = replies_for(&rules, opening, now);
            prop_assert!(said.len() <= 2);
            prop_assert_eq!(opening.is_placed, said.len() == 1, "whoever is served hears of no wait");
            let off: Vec<AutoRule> = rules.iter().map(|r| AutoRule { is_on: false, ..*r }).collect();
            prop_assert!(replies_for(&off, opening, now).is_empty());
        }

        #[test]
        fn off_duty_is_said_only_when_nobody_is_there(opening in any_opening()) {
            let said = replies_for(&all_rules(), opening, Timestamp::from_micros(0));
            let off_duty = said.contains(&Occasion::OffDuty.code());
            prop_assert_eq!(off_duty, !opening.is_placed && !opening.is_staffed && !opening.is_open);
            prop_assert!(!said.contains(&Occasion::Busy.code()) || opening.is_staffed);
        }

        #[test]
        fn neighbours_are_told_different_texts(buyer in 1_i64..1_000_000, n in 2_usize..6) {
            let texts: Vec<String> = (0..n).map(|i| format!("text {i}")).collect();
            let told = |b: i64| text_for(&texts, BuyerId::new(b), 0, |_| None);
            prop_assert!(told(buyer).is_some());
            prop_assert_ne!(told(buyer), told(buyer + 1));
            prop_assert_eq!(told(buyer), told(buyer));
        }

        #[test]
        fn no_buyer_ever_reads_an_unfilled_place(buyer in 1_i64..100, n in 0_i64..100, knows in any::<bool>()) {
            let texts = ["{买家}您好".to_owned(), "您好，{order} 已收到".to_owned(), "{opens} 见".to_owned()];
            let told = text_for(&texts, BuyerId::new(buyer), n, |v| {
                (knows && v == Variable::Buyer).then(|| "小满".to_owned())
            });
            prop_assert_eq!(told, knows.then(|| "小满您好".to_owned()));
        }
    }

    #[test]
    fn words_and_numbers_of_occasions_come_back() {
        for occasion in Occasion::ALL {
            assert_eq!(Occasion::parse(occasion.word()), Some(*occasion));
            assert_eq!(Occasion::from_code(occasion.code()), Some(*occasion));
        }
    }

    #[test]
    fn an_overload_without_words_of_its_own_is_a_busy_hour() {
        let opening = Opening {
            is_first: false,
            is_placed: false,
            is_staffed: true,
            is_open: true,
            queued: 20,
            overload_from: 10,
        };
        let now = Timestamp::from_micros(0);
        let busy = rule(1, Occasion::Busy);
        assert_eq!(replies_for(&[busy], opening, now), [1]);
        assert_eq!(replies_for(&[busy, rule(2, Occasion::Overload)], opening, now), [2]);
    }

    #[test]
    fn a_campaign_that_is_over_greets_nobody_and_the_later_one_counts() {
        let at = Timestamp::from_micros;
        let dated = |id, from, to| AutoRule {
            validity: Validity::parse(Some(at(from)), Some(at(to))).unwrap(),
            ..rule(id, Occasion::Campaign)
        };
        let rules = [dated(3, 10, 30), dated(1, 15, 20), rule(2, Occasion::FirstContact)];
        let opening = Opening {
            is_first: true,
            is_placed: true,
            is_staffed: true,
            is_open: true,
            queued: 0,
            overload_from: 0,
        };
        assert_eq!(replies_for(&rules, opening, at(9)), [2]);
        assert_eq!(replies_for(&rules, opening, at(10)), [3]);
        assert_eq!(replies_for(&rules, opening, at(15)), [1]);
        assert_eq!(replies_for(&rules, opening, at(20)), [3]);
        assert_eq!(replies_for(&rules, opening, at(30)), [2]);
    }

    #[test]
    fn texts_are_checked_each() {
        let parse = |texts: &[&str]| {
            parse_texts(&texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>(), 10)
        };
        assert_eq!(parse(&[" 您好\r\n "]), Ok(vec!["您好".to_owned()]));
        assert_eq!(parse(&[]), Err(PhraseError::EmptyText));
        assert_eq!(parse(&["a", " "]), Err(PhraseError::EmptyText));
        assert_eq!(parse(&["a", "{折扣}"]), Err(PhraseError::BadVariable));
        assert_eq!(parse(&["12345678901"]), Err(PhraseError::TextTooLong(10)));
        assert_eq!(parse(&["a"; 6]), Err(PhraseError::TooManyTexts));
    }
}
