//! The telephone log: what came of a call, and when the next try is due. A buyer in a dispute is not called.

use super::duty::Calendar;
use crate::time::{Span, Timestamp};

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Spoken with.
    Reached,
    /// Nobody answered.
    NoAnswer,
    /// The line was busy.
    Busy,
    /// Not this buyer's number.
    WrongNumber,
    /// The buyer does not wish to be called.
    Refused,
}

/// How often it is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Hours of service until the next try.
    pub after: Span,
    /// Tries in all.
    pub tries_max: u32,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Reached, Self::NoAnswer, Self::Busy, Self::WrongNumber, Self::Refused];

    /// The word in database and wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reached => "reached",
            Self::NoAnswer => "no_answer",
            Self::Busy => "busy",
            Self::WrongNumber => "wrong_number",
            Self::Refused => "refused",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }

    /// When the next try is due after `tries` of them: in time of service, and not when it is settled or tried enough.
    #[must_use]
    pub fn next_try(
        self,
        at: Timestamp,
        tries: u32,
        retry: Retry,
        calendar: &Calendar,
    ) -> Option<Timestamp> {
        let again = matches!(self, Self::NoAnswer | Self::Busy);
        (again && tries < retry.tries_max).then(|| calendar.after_service(at, retry.after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::team::duty::Week;
    use crate::zone::{Day, TimeOfDay, Zone};
    use proptest::prelude::*;

    fn shop() -> Calendar {
        let week = Week::parse("09:00-18:00").unwrap();
        let zone = Zone::parse("Asia/Shanghai").unwrap();
        Calendar { zone, weeks: vec![(Timestamp::from_micros(0), week)], special: Vec::new() }
    }

    proptest! {
        #[test]
        fn a_next_try_is_in_service_and_only_while_it_makes_sense(minute in 0_u32..20_000, outcome in 0_usize..5, tries in 0_u32..6) {
            let shop = shop();
            let start = shop.zone.moment(Day::parse("2026-11-23").unwrap(), TimeOfDay::parse("00:00").unwrap());
            let at = start.plus(Span::minutes(minute));
            let retry = Retry { after: Span::minutes(120), tries_max: 3 };
            let outcome = Outcome::ALL[outcome];
            prop_assert_eq!(Outcome::parse(outcome.word()), Some(outcome));
            let next = outcome.next_try(at, tries, retry, &shop);
            let again = matches!(outcome, Outcome::NoAnswer | Outcome::Busy) && tries < 3;
            prop_assert_eq!(next.is_some(), again);
            if let Some(next) = next {
                prop_assert_eq!(shop.duty_seconds(at, next), 7200);
            }
        }
    }
}
