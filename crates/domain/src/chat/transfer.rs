//! A transfer that waits for its receiver: until somebody accepts, the giver keeps the buyer.

use super::Session;
use crate::id::AccountId;
use crate::time::Timestamp;

/// A wish that a session goes to somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Who gives.
    pub from: AccountId,
    /// Who may accept: one colleague, or everybody of a group.
    pub receivers: Vec<AccountId>,
    /// Until when.
    pub valid_until: Timestamp,
}

/// Where a transfer stands that nobody has settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can be accepted.
    Waits,
    /// Nobody accepted in time: the giver keeps the buyer.
    Expired,
    /// The giver has the buyer no longer, or the session is over.
    Moot,
}

/// How a transfer was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The buyer went over.
    Accepted,
    /// The receiver did not want to.
    Declined,
    /// Nobody answered in time.
    Expired,
    /// The giver took it back.
    Withdrawn,
    /// There was nothing left to give.
    Moot,
}

impl Outcome {
    /// The word in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Moot => "moot",
        }
    }
}

impl Transfer {
    /// Where it stands now, given the conversation's latest session.
    #[must_use]
    pub fn standing(&self, session: Option<&Session>, now: Timestamp) -> Standing {
        let is_givers = session.is_some_and(|s| s.closed.is_none() && s.agent == Some(self.from));
        match () {
            () if !is_givers => Standing::Moot,
            () if now >= self.valid_until => Standing::Expired,
            () => Standing::Waits,
        }
    }

    /// Whether somebody may accept or decline it. A giver who belongs to the group may not: that is withdrawing.
    #[must_use]
    pub fn is_for(&self, who: AccountId) -> bool {
        who != self.from && self.receivers.contains(&who)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::CloseReason;
    use crate::coded::Coded;
    use proptest::prelude::*;

    const GIVER: AccountId = AccountId::new(1);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_micros(second * 1_000_000)
    }

    fn transfer(until: i64) -> Transfer {
        let receivers = vec![GIVER, AccountId::new(2), AccountId::new(3)];
        Transfer { from: GIVER, receivers, valid_until: at(until) }
    }

    fn session(agent: i64) -> Session {
        let mut session = Session::open(at(0));
        session.give(AccountId::new(agent), Coded::plain("taken"), at(0));
        session
    }

    #[test]
    fn it_waits_as_long_as_the_giver_has_the_buyer_and_the_time_runs() {
        let mine = session(1);
        assert_eq!(transfer(60).standing(Some(&mine), at(59)), Standing::Waits);
        assert_eq!(transfer(60).standing(Some(&mine), at(60)), Standing::Expired);
        assert_eq!(transfer(60).standing(Some(&session(2)), at(1)), Standing::Moot);
        assert_eq!(transfer(60).standing(None, at(1)), Standing::Moot);
        let mut over = mine;
        over.closed = Some((at(5), CloseReason::ByAgent));
        assert_eq!(transfer(60).standing(Some(&over), at(6)), Standing::Moot);
    }

    proptest! {
        #[test]
        fn only_a_receiver_who_is_not_the_giver_answers(who in 1i64..9) {
            prop_assert_eq!(transfer(60).is_for(AccountId::new(who)), who == 2 || who == 3);
        }

        #[test]
        fn what_is_over_never_waits_again(until in 0i64..100, now in 0i64..200, later in 0i64..200, agent in 1i64..3) {
            let (transfer, session) = (transfer(until), session(agent));
            let stood = transfer.standing(Some(&session), at(now));
            if stood != Standing::Waits {
                prop_assert_eq!(transfer.standing(Some(&session), at(now + later)), stood);
            }
        }
    }
}
