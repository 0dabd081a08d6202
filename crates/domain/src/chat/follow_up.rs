//! A message that a buyer left while nobody was on duty: what it is about, how to be reached, and until when it is
//! answered.

use super::rating::words;
use crate::time::{Span, Timestamp};

/// Minutes of a day.
const DAY: u32 = 24 * 60;

words! {
    /// What the buyer wants.
    Wish {
        /// Asks before buying.
        Question = "question";
        /// About an order: change it, cancel it, where is it.
        Order = "order";
        /// Something is wrong.
        Complaint = "complaint";
    }
}

/// A personal value: prints as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Personal(String);

impl std::fmt::Debug for Personal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl Personal {
    /// A telephone number: 6 to 20 digits, blanks and hyphens between them, perhaps a plus before them.
    #[must_use]
    pub fn phone(text: &str) -> Option<Self> {
        let text = text.trim();
        let rest = text.strip_prefix('+').unwrap_or(text);
        let plain = rest.chars().all(|c| c.is_ascii_digit() || c == ' ' || c == '-');
        let digits = rest.chars().filter(char::is_ascii_digit).count();
        (plain && (6..=20).contains(&digits) && text.len() <= 32).then(|| Self(text.to_owned()))
    }

    /// An e-mail address: one `@` between a name and a host with a dot.
    #[must_use]
    pub fn email(text: &str) -> Option<Self> {
        let text = text.trim();
        let (name, host) = text.split_once('@')?;
        let fine = !name.is_empty()
            && host.split('.').count() > 1
            && host.split('.').all(|part| !part.is_empty())
            && !host.contains('@')
            && text.len() <= 254
            && !text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '<' || c == '>');
        fine.then(|| Self(text.to_owned()))
    }

    /// Wraps what came from the database.
    #[must_use]
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The value itself, for the one place that shows or stores it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// When the shop serves, in minutes of its day, and how long an answer to a left message may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// First minute of service.
    pub opens: u32,
    /// First minute after it; not above `opens`: it serves past midnight.
    pub closes: u32,
    /// From the opening on.
    pub answer_within: Span,
}

impl Hours {
    /// Minutes until the shop opens; 0 while it is open. `minute` is that of the shop's day.
    #[must_use]
    pub const fn minutes_until_open(&self, minute: u32) -> u32 {
        let open = if self.opens < self.closes {
            self.opens <= minute && minute < self.closes
        } else {
            self.opens <= minute || minute < self.closes
        };
        if open {
            return 0;
        }
        (self.opens + DAY - minute % DAY) % DAY
    }

    /// When the shop opens next: now, if it is open.
    #[must_use]
    pub fn opens_at(&self, now: Timestamp, minute: u32) -> Timestamp {
        let wait = self.minutes_until_open(minute);
        if wait == 0 {
            return now;
        }
        // The minute of day says nothing of seconds: an opening is on the minute.
        let into_minute = now.micros().rem_euclid(Span::minutes(1).micros());
        let opens = now.plus(Span::minutes(wait)).micros() - into_minute;
        Timestamp::from_micros(opens)
    }

    /// Until when a message left now is answered.
    #[must_use]
    pub fn due_at(&self, now: Timestamp, minute: u32) -> Timestamp {
        self.opens_at(now, minute).plus(self.answer_within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAYTIME: Hours = Hours { opens: 480, closes: 1440, answer_within: Span::minutes(120) };

    #[test]
    fn a_message_left_at_night_is_due_after_the_opening() {
        let at = |hours: u32, seconds: u32| {
            Timestamp::from_micros(0).plus(Span::minutes(hours * 60)).plus(Span::seconds(seconds))
        };
        assert_eq!(DAYTIME.due_at(at(2, 30), 120), at(10, 0));
        assert_eq!(DAYTIME.due_at(at(9, 30), 540), at(11, 30));
        assert_eq!(DAYTIME.opens_at(at(9, 30), 540), at(9, 30));
    }

    #[test]
    fn service_may_reach_past_midnight() {
        let night = Hours { opens: 1200, closes: 120, ..DAYTIME };
        let waits = [1199, 1200, 60, 120, 0].map(|minute| night.minutes_until_open(minute));
        assert_eq!(waits, [1, 0, 0, 1080, 0]);
        let always = Hours { opens: 0, closes: 0, ..DAYTIME };
        assert_eq!(always.minutes_until_open(700), 0);
    }

    #[test]
    fn numbers_and_addresses_are_read_and_print_as_stars() {
        for good in ["13812345620", "+44 20 7946 0958", "0571-8765 4321"] {
            assert!(Personal::phone(good).is_some(), "{good}");
        }
        for bad in ["", "13856", "138x2345620", "1+38123456", &"1".repeat(21)] {
            assert!(Personal::phone(bad).is_none(), "{bad}");
        }
        for good in ["lin@example.com", "a.b+c@mail.example.cn"] {
            assert!(Personal::email(good).is_some(), "{good}");
        }
        for bad in
            ["lin", "@example.com", "lin@host", "a b@example.com", "a@b@example.com", "a@.cn"]
        {
            assert!(Personal::email(bad).is_none(), "{bad}");
        }
        assert_eq!(format!("{:?}", Personal::phone("13812345620")), "Some(***)");
    }
}
