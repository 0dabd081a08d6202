//! Keeping a pest out (拉黑): an agent proposes it with a reason, a leader decides, it ends by itself on a day, and it can be
//! lifted before. Must never last for ever.

use std::ops::RangeInclusive;

use crate::time::{Span, Timestamp};

/// Days that a block may last.
pub const DAYS: RangeInclusive<u32> = 1..=365;
const DAY_MINUTES: u32 = 24 * 60;

/// What a buyer did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlockReason {
    /// 辱骂骚扰.
    Abuse,
    /// 广告引流.
    Advertising,
    /// 诈骗钓鱼.
    Fraud,
    /// 刷屏.
    Flood,
    /// Something else; the note says what.
    Other,
}

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Kept out until then.
    Until(Timestamp),
    /// Not kept out.
    Refused,
}

/// A proposal, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// For how many days it was asked.
    pub days: u32,
    /// What was decided, and when.
    pub decided: Option<(Timestamp, Verdict)>,
    /// When it was lifted.
    pub lifted_at: Option<Timestamp>,
}

/// Where a block stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlockState {
    /// A leader has to decide.
    Proposed,
    /// The buyer is kept out.
    Holds,
    /// A leader did not want it.
    Refused,
    /// Its time is over.
    Over,
    /// It was lifted before its end.
    Lifted,
}

/// Why a block does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockFault {
    /// It would last for no day, or too many.
    Days,
    /// It was decided already, or holds no longer.
    Late,
}

impl BlockReason {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Abuse, Self::Advertising, Self::Fraud, Self::Flood, Self::Other];

    /// The word in database and wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Abuse => "abuse",
            Self::Advertising => "advertising",
            Self::Fraud => "fraud",
            Self::Flood => "flood",
            Self::Other => "other",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }
}

impl BlockState {
    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Holds => "holds",
            Self::Refused => "refused",
            Self::Over => "over",
            Self::Lifted => "lifted",
        }
    }
}

impl Block {
    /// Somebody proposes it.
    ///
    /// # Errors
    /// [`BlockFault::Days`].
    pub fn propose(days: u32) -> Result<Self, BlockFault> {
        let sound = DAYS.contains(&days);
        sound.then_some(Self { days, decided: None, lifted_at: None }).ok_or(BlockFault::Days)
    }

    /// A leader keeps the buyer out for so many days from now on.
    ///
    /// # Errors
    /// [`BlockFault::Days`], [`BlockFault::Late`].
    pub fn accept(self, days: u32, now: Timestamp) -> Result<Self, BlockFault> {
        if !DAYS.contains(&days) {
            return Err(BlockFault::Days);
        }
        self.decide(Verdict::Until(now.plus(Span::minutes(days * DAY_MINUTES))), now)
    }

    /// A leader does not want it.
    ///
    /// # Errors
    /// [`BlockFault::Late`].
    pub fn refuse(self, now: Timestamp) -> Result<Self, BlockFault> {
        self.decide(Verdict::Refused, now)
    }

    /// The buyer may speak again before the end.
    ///
    /// # Errors
    /// [`BlockFault::Late`] when nobody is kept out by it.
    pub fn lift(self, now: Timestamp) -> Result<Self, BlockFault> {
        match self.state(now) {
            BlockState::Holds => Ok(Self { lifted_at: Some(now), ..self }),
            _ => Err(BlockFault::Late),
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> BlockState {
        match self.decided {
            None => BlockState::Proposed,
            Some((_, Verdict::Refused)) => BlockState::Refused,
            Some(_) if self.lifted_at.is_some() => BlockState::Lifted,
            Some((_, Verdict::Until(until))) if now < until => BlockState::Holds,
            Some(_) => BlockState::Over,
        }
    }

    fn decide(self, verdict: Verdict, now: Timestamp) -> Result<Self, BlockFault> {
        match self.decided {
            None => Ok(Self { decided: Some((now, verdict)), ..self }),
            Some(_) => Err(BlockFault::Late),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(n: u32) -> Timestamp {
        Timestamp::from_micros(0).plus(Span::minutes(n * DAY_MINUTES))
    }

    #[test]
    fn a_block_is_proposed_decided_once_and_ends_by_itself_or_before() {
        let proposed = Block::propose(7).unwrap();
        assert_eq!(proposed.state(day(0)), BlockState::Proposed);
        assert_eq!(proposed.lift(day(0)), Err(BlockFault::Late));
        let holds = proposed.accept(3, day(1)).unwrap();
        let seen: Vec<_> = (1..6).map(|n| holds.state(day(n))).collect();
        let (h, o) = (BlockState::Holds, BlockState::Over);
        assert_eq!(seen, [h, h, h, o, o]);
        assert_eq!(holds.refuse(day(2)), Err(BlockFault::Late));
        assert_eq!(holds.lift(day(2)).unwrap().state(day(2)), BlockState::Lifted);
        assert_eq!(holds.lift(day(4)), Err(BlockFault::Late));
        assert_eq!(proposed.refuse(day(1)).unwrap().state(day(1)), BlockState::Refused);
    }

    #[test]
    fn no_block_lasts_for_no_day_or_for_ever() {
        for days in [0, 366] {
            assert_eq!(Block::propose(days), Err(BlockFault::Days));
            assert_eq!(Block::propose(1).unwrap().accept(days, day(0)), Err(BlockFault::Days));
        }
        for reason in BlockReason::ALL {
            assert_eq!(BlockReason::parse(reason.word()), Some(reason));
        }
    }

    proptest! {
        #[test]
        fn whatever_is_done_nobody_is_kept_out_a_year_after_the_decision(
            asked in 1_u32..=365, days in 1_u32..=365, decided in 0_u32..50, lifted in proptest::option::of(0_u32..500),
        ) {
            let mut block = Block::propose(asked).unwrap().accept(days, day(decided)).unwrap();
            if let Some(on) = lifted {
                block = block.lift(day(on)).unwrap_or(block);
            }
            prop_assert_ne!(block.state(day(decided + 365)), BlockState::Holds);
        }
    }
}
