//! When a phrase may be used: a campaign's greeting must not outlive the campaign.

use crate::time::Timestamp;

/// From when, and until when (that moment not included); open on either side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Validity {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

/// How a phrase stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its time has not come.
    Early,
    /// It may be used.
    Valid,
    /// Its time is over.
    Expired,
}

impl Standing {
    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Early => "early",
            Self::Valid => "valid",
            Self::Expired => "expired",
        }
    }
}

impl Validity {
    /// A stretch of time; None when it ends before it begins.
    #[must_use]
    pub fn parse(from: Option<Timestamp>, to: Option<Timestamp>) -> Option<Self> {
        let backwards = from.zip(to).is_some_and(|(from, to)| to <= from);
        (!backwards).then_some(Self { from, to })
    }

    /// The first moment.
    #[must_use]
    pub const fn from(self) -> Option<Timestamp> {
        self.from
    }

    /// The first moment after it.
    #[must_use]
    pub const fn to(self) -> Option<Timestamp> {
        self.to
    }

    /// How it stands.
    #[must_use]
    pub fn standing(self, now: Timestamp) -> Standing {
        if self.to.is_some_and(|to| now >= to) {
            Standing::Expired
        } else if self.from.is_some_and(|from| now < from) {
            Standing::Early
        } else {
            Standing::Valid
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_phrase_is_early_then_valid_then_expired(
            a in -1000_i64..1000, len in 1_i64..1000, now in -3000_i64..3000,
        ) {
            let at = Timestamp::from_micros;
            let validity = Validity::parse(Some(at(a)), Some(at(a + len))).unwrap();
            let expected = if now < a { Standing::Early }
                else if now < a + len { Standing::Valid }
                else { Standing::Expired };
            prop_assert_eq!(validity.standing(at(now)), expected);
            prop_assert_eq!(Validity::parse(Some(at(a)), Some(at(a - len + 1))), None);
            prop_assert_eq!(Validity::default().standing(at(now)), Standing::Valid);
        }
    }
}
