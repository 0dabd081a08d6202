//! Modes: what is different in a shop from a moment until another. Night mode speaks with other texts while few are awake;
//! a big sale changes caps and texts for its days. Either can be switched off before its end.

use crate::time::{Span, Timestamp};

/// Longest mode: nobody means a sale of two months.
pub const LONGEST: Span = Span::minutes(60 * 24 * 60);
/// Least and most percent that caps may become.
pub const CAP_PERCENT: std::ops::RangeInclusive<u32> = 10..=500;

/// What kind of mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ModeKind {
    /// 夜间模式.
    Night,
    /// 大促.
    BigSale,
}

/// A mode and its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mode {
    /// Which.
    pub kind: ModeKind,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when, without it.
    pub ends_at: Timestamp,
    /// When it was switched off before.
    pub ended_at: Option<Timestamp>,
    /// What caps become meanwhile, in percent.
    pub cap_percent: u32,
}

impl ModeKind {
    /// The word in database and wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Night => "night",
            Self::BigSale => "big_sale",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Night, Self::BigSale].into_iter().find(|kind| kind.word() == word)
    }
}

impl Mode {
    /// Whether its times can be: it ends after it begins, and not too late.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.starts_at < self.ends_at
            && self.ends_at <= self.starts_at.plus(LONGEST)
            && CAP_PERCENT.contains(&self.cap_percent)
    }

    /// Whether it holds at a moment.
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        self.starts_at <= at && at < self.ends_at && self.ended_at.is_none_or(|ended| at < ended)
    }

    /// What a cap becomes: rounded up, and at least one seat where there was one.
    #[must_use]
    pub const fn cap(&self, cap: i64) -> i64 {
        (cap * self.cap_percent as i64 + 99) / 100
    }
}

/// The cap of an agent at a moment under the modes of the shop: the latest begun of those that hold decides.
#[must_use]
pub fn cap_at(modes: &[Mode], cap: i64, at: Timestamp) -> i64 {
    let holding = modes.iter().filter(|mode| mode.holds(at));
    holding.max_by_key(|mode| mode.starts_at).map_or(cap, |mode| mode.cap(cap))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mode(from: i64, to: i64, percent: u32) -> Mode {
        Mode {
            kind: ModeKind::BigSale,
            starts_at: Timestamp::from_micros(from),
            ends_at: Timestamp::from_micros(to),
            ended_at: None,
            cap_percent: percent,
        }
    }

    #[test]
    fn a_mode_holds_until_its_end_or_until_it_is_switched_off() {
        let at = Timestamp::from_micros;
        let sale = mode(10, 20, 150);
        assert_eq!([9, 10, 19, 20].map(|t| sale.holds(at(t))), [false, true, true, false]);
        let off = Mode { ended_at: Some(at(15)), ..sale.clone() };
        assert_eq!([14, 15].map(|t| off.holds(at(t))), [true, false]);
        assert_eq!((sale.cap(10), sale.cap(1), sale.cap(0)), (15, 2, 0));
        assert!(!mode(10, 10, 100).is_sound() && !mode(10, 20, 5).is_sound() && sale.is_sound());
        for kind in [ModeKind::Night, ModeKind::BigSale] {
            assert_eq!(ModeKind::parse(kind.word()), Some(kind));
        }
    }

    proptest! {
        #[test]
        fn outside_of_every_mode_a_cap_is_what_it_was(
            modes in proptest::collection::vec((0_i64..50, 1_i64..20, 10_u32..500), 0..5), cap in 0_i64..30, at in 0_i64..80,
        ) {
            let modes: Vec<Mode> = modes.iter().map(|(from, long, p)| mode(*from, from + long, *p)).collect();
            let at = Timestamp::from_micros(at);
            let now = cap_at(&modes, cap, at);
            match modes.iter().filter(|m| m.holds(at)).max_by_key(|m| m.starts_at) {
                None => prop_assert_eq!(now, cap),
                Some(_) => prop_assert!(now >= cap / 10 && now <= cap * 5),
            }
        }
    }
}
