//! 交接班: what is open at the end of a shift goes to somebody else, signed by both. Until the receiver signs, everything
//! stays with the giver; an open incident stays with the giver until it is settled, whoever signs.

use crate::id::AccountId;
use crate::time::Timestamp;

/// What is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ItemKind {
    /// A buyer who is being served.
    Buyer,
    /// A message that was left.
    FollowUp,
    /// Something that was promised.
    Promise,
    /// Something that went wrong and is not settled.
    Incident,
}

/// One thing that is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// What.
    pub kind: ItemKind,
    /// When it was done with.
    pub settled_at: Option<Timestamp>,
}

/// Who hands over to whom, and who signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handover {
    /// Whose shift ends. Writing it is the giver's signature.
    pub giver: AccountId,
    /// Whose shift begins.
    pub receiver: AccountId,
    /// When the receiver signed.
    pub received_at: Option<Timestamp>,
    /// When the giver took it back.
    pub withdrawn_at: Option<Timestamp>,
}

/// Why a handover does not move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandoverError {
    /// Somebody else's to do.
    NotYours,
    /// Signed or taken back already.
    Over,
}

impl ItemKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Buyer, Self::FollowUp, Self::Promise, Self::Incident];

    /// The word in database and wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Buyer => "buyer",
            Self::FollowUp => "follow_up",
            Self::Promise => "promise",
            Self::Incident => "incident",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

impl Handover {
    /// The receiver signs.
    ///
    /// # Errors
    /// [`HandoverError`]; signing twice changes nothing and is fine.
    pub fn sign(self, by: AccountId, at: Timestamp) -> Result<Self, HandoverError> {
        if by != self.receiver {
            return Err(HandoverError::NotYours);
        }
        if self.withdrawn_at.is_some() {
            return Err(HandoverError::Over);
        }
        Ok(Self { received_at: self.received_at.or(Some(at)), ..self })
    }

    /// The giver takes it back.
    ///
    /// # Errors
    /// [`HandoverError`]: what is signed stays signed.
    pub fn withdraw(self, by: AccountId, at: Timestamp) -> Result<Self, HandoverError> {
        if by != self.giver {
            return Err(HandoverError::NotYours);
        }
        if self.received_at.is_some() || self.withdrawn_at.is_some() {
            return Err(HandoverError::Over);
        }
        Ok(Self { withdrawn_at: Some(at), ..self })
    }

    /// Who answers for a thing.
    #[must_use]
    pub fn owner(&self, item: Item) -> AccountId {
        let stays = item.kind == ItemKind::Incident && item.settled_at.is_none();
        if self.received_at.is_none() || stays { self.giver } else { self.receiver }
    }

    /// Whether somebody may say that a thing is done with: whoever answers for it.
    #[must_use]
    pub fn may_settle(&self, item: Item, by: AccountId) -> bool {
        item.settled_at.is_none() && self.withdrawn_at.is_none() && self.owner(item) == by
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn open() -> Handover {
        Handover {
            giver: AccountId::new(1),
            receiver: AccountId::new(2),
            received_at: None,
            withdrawn_at: None,
        }
    }

    proptest! {
        #[test]
        fn nothing_moves_before_the_receiver_signs_and_an_open_incident_never(
            moves in proptest::collection::vec((0_u8..2, 1_i64..4), 0..8), kind in 0_usize..4, settled: bool,
        ) {
            let mut handover = open();
            for (at, (what, who)) in (1_i64..).zip(moves) {
                let (who, at) = (AccountId::new(who), Timestamp::from_micros(at));
                let moved = if what == 0 { handover.sign(who, at) } else { handover.withdraw(who, at) };
                if let Ok(next) = moved {
                    prop_assert!(handover.received_at.is_none() || next.received_at == handover.received_at);
                    handover = next;
                }
                prop_assert!(handover.received_at.is_none() || handover.withdrawn_at.is_none());
            }
            let settled_at = settled.then(|| Timestamp::from_micros(9));
            let item = Item { kind: ItemKind::ALL[kind], settled_at };
            let goes = handover.received_at.is_some() && (item.kind != ItemKind::Incident || settled);
            prop_assert_eq!(handover.owner(item) == handover.receiver, goes);
            prop_assert!(!(settled && handover.may_settle(item, handover.owner(item))));
        }
    }

    #[test]
    fn both_sign_or_it_is_taken_back() {
        let (me, you, at) = (AccountId::new(1), AccountId::new(2), Timestamp::from_micros(5));
        assert_eq!(open().sign(me, at), Err(HandoverError::NotYours));
        let signed = open().sign(you, at).unwrap();
        assert_eq!(signed.sign(you, Timestamp::from_micros(7)), Ok(signed));
        assert_eq!(signed.withdraw(me, at), Err(HandoverError::Over));
        let back = open().withdraw(me, at).unwrap();
        assert_eq!(back.sign(you, at), Err(HandoverError::Over));
        for kind in ItemKind::ALL {
            assert_eq!(ItemKind::parse(kind.word()), Some(kind));
        }
    }
}
