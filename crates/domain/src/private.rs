//! What belongs to a person: types that print `***`, and how much of it is shown where it need not be read.

use std::fmt;

use crate::time::{Span, Timestamp};

/// A text about a person, such as a name or an address. It prints as `***`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Private(String);

impl Private {
    /// Takes the text.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself, for storing it and for whoever may read it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// A person's name with all but its first character hidden: `王**`.
    #[must_use]
    pub fn masked_name(&self) -> String {
        let mut letters = self.0.chars();
        let first = letters.next().map(String::from).unwrap_or_default();
        let rest = letters.count().min(NAME_STARS_MAX);
        first + &"*".repeat(rest)
    }

    /// A telephone number with its middle hidden: `138****5620`; of a short one only the end stays.
    #[must_use]
    pub fn masked_phone(&self) -> String {
        let letters: Vec<char> = self.0.chars().collect();
        let (front, back) = match letters.len() {
            0..=4 => (0, letters.len() / 2),
            5..=9 => (0, 3),
            _ => (3, 4),
        };
        let hidden = letters.len() - front - back;
        let shown = |part: &[char]| part.iter().collect::<String>();
        let (front, back) = (shown(&letters[..front]), shown(&letters[letters.len() - back..]));
        format!("{front}{}{back}", "*".repeat(hidden))
    }

    /// An e-mail address of which the name keeps its first character: `l***@example.com`.
    #[must_use]
    pub fn masked_email(&self) -> String {
        match self.0.split_once('@') {
            Some((name, host)) => {
                let first = name.chars().next().map(String::from).unwrap_or_default();
                format!("{first}***@{host}")
            }
            None => "***".to_owned(),
        }
    }

    /// An address that ends where the region ends: `浙江省 杭州市 ***`.
    #[must_use]
    pub fn masked_address(&self) -> String {
        let mut parts = self.0.split_whitespace();
        let region: Vec<&str> = parts.by_ref().take(REGION_PARTS).collect();
        if parts.next().is_some() {
            return format!("{} ***", region.join(" "));
        }
        let shown: String = self.0.chars().take(REGION_CHARS).collect();
        if shown.len() == self.0.len() { "***".to_owned() } else { shown + "***" }
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$of])* $variant,)* }

        impl $name {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word on the wire and in the log.
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

words! {
    /// Which value of a person somebody wants to look at. One at a time.
    PersonField {
        /// The name at the marketplace.
        Nick = "nick";
        /// Who receives.
        Name = "name";
        /// The telephone number.
        Phone = "phone";
        /// Where it goes.
        Address = "address";
        /// The e-mail address.
        Email = "email";
    }
}

words! {
    /// Why somebody looks at what is shown masked. No free text: the log that keeps it is never erased.
    RevealReason {
        /// To reach the buyer.
        Contact = "contact";
        /// The parcel or its courier needs it.
        Delivery = "delivery";
        /// To check with the buyer whether it is right.
        Check = "check";
        /// For a refund, return or exchange.
        AfterSales = "after_sales";
        /// For a complaint or dispute.
        Dispute = "dispute";
        /// The buyer's own wish, or that of an authority.
        Request = "request";
    }
}

/// The moment before which things are too old to be kept, for a limit in days; None: 0 days, they are kept.
#[must_use]
pub fn too_old_before(days: u32, now: Timestamp) -> Option<Timestamp> {
    (days > 0).then(|| now.minus(Span::minutes(24 * 60).times(days)))
}

/// Whether an order belongs to somebody who was forgotten: what was placed until then does, what was placed later is
/// that of a person who came back.
#[must_use]
pub fn is_forgotten(placed_at: Timestamp, erased_at: Option<Timestamp>) -> bool {
    erased_at.is_some_and(|erased_at| placed_at <= erased_at)
}

/// Most stars behind the first letter of a name: its length is nobody's business.
const NAME_STARS_MAX: usize = 2;
/// Parts of an address, blank between, that only say the region.
const REGION_PARTS: usize = 2;
/// Characters of an address without blanks that mostly say no more than the region.
const REGION_CHARS: usize = 6;

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn private(text: &str) -> Private {
        Private::new(text.to_owned())
    }

    #[test]
    fn what_is_private_prints_as_stars() {
        assert_eq!(format!("{:?}", Some(private("林夏"))), "Some(***)");
    }

    #[test]
    fn masks_leave_what_tells_people_apart_at_work_and_no_more() {
        assert_eq!(private("林夏").masked_name(), "林*");
        assert_eq!(private("Alexander").masked_name(), "A**");
        assert_eq!(private("13800005620").masked_phone(), "138****5620");
        assert_eq!(private("8881234").masked_phone(), "****234");
        assert_eq!(private("12").masked_phone(), "*2");
        assert_eq!(
            private("浙江省 杭州市 西湖区 山脚路 8 号").masked_address(),
            "浙江省 杭州市 ***"
        );
        assert_eq!(private("浙江省杭州市西湖区山脚路8号").masked_address(), "浙江省杭州市***");
        assert_eq!(private("山脚路").masked_address(), "***");
        for empty in [private("").masked_name(), private("").masked_phone()] {
            assert_eq!(empty, "");
        }
        assert_eq!(private("lin@example.com").masked_email(), "l***@example.com");
        assert_eq!(private("lin").masked_email(), "***");
    }

    #[test]
    fn what_is_as_old_as_the_limit_is_kept_and_nothing_is_too_old_without_one() {
        let now = Timestamp::from_micros(86_400_000_000 * 1000);
        assert_eq!(too_old_before(0, now), None);
        let limit = too_old_before(30, now).unwrap();
        assert_eq!(now.since(limit), Span::minutes(30 * 24 * 60));
    }

    #[test]
    fn only_what_was_placed_until_the_erasure_is_forgotten() {
        let at = Timestamp::from_micros;
        assert!(is_forgotten(at(5), Some(at(5))) && is_forgotten(at(4), Some(at(5))));
        assert!(!is_forgotten(at(6), Some(at(5))) && !is_forgotten(at(1), None));
    }

    proptest::proptest! {
        #[test]
        fn no_mask_shows_the_whole_of_more_than_it_hides(text in "[0-9]{5,20}|\\PC{8,60}") {
            let one = private(&text);
            proptest::prop_assert_ne!(one.masked_name(), text.clone());
            proptest::prop_assert_ne!(one.masked_address(), text.clone());
            let hidden = one.masked_phone().chars().filter(|c| *c == '*').count();
            proptest::prop_assert!(hidden >= 2);
        }

        #[test]
        fn words_read_back(at in 0..RevealReason::ALL.len(), field in 0..PersonField::ALL.len()) {
            let (reason, field) = (RevealReason::ALL[at], PersonField::ALL[field]);
            proptest::prop_assert_eq!(RevealReason::parse(reason.word()), Some(reason));
            proptest::prop_assert_eq!(PersonField::parse(field.word()), Some(field));
        }
    }
}
