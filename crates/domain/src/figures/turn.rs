//! A turn: from the first buyer line after the last effective reply to the first effective reply.

use crate::chat::{Author, EntryKind, MessageKind};
use crate::id::AccountId;
use crate::time::{Span, Timestamp};

/// What an entry of the buyer lane means to turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    /// A session opened, by the buyer or by an agent.
    Opened,
    /// The buyer said something.
    Asked,
    /// A person of the shop replied.
    Answered(AccountId),
    /// Somebody got the session.
    Given,
    /// The robot spoke by itself.
    RobotSpoke,
    /// The session ended; by whom, if by a person.
    Ended(Option<AccountId>),
}

impl Beat {
    /// Reads an entry; nothing for what turns do not look at.
    #[must_use]
    pub const fn of(kind: EntryKind, author: Author, message: Option<MessageKind>) -> Option<Self> {
        match (kind, author, message) {
            (EntryKind::Open, ..) => Some(Self::Opened),
            (EntryKind::Transfer, ..) => Some(Self::Given),
            (EntryKind::Close, Author::Agent(agent), _) => Some(Self::Ended(Some(agent))),
            (EntryKind::Close, ..) => Some(Self::Ended(None)),
            (EntryKind::Message, Author::Buyer(_), _) => Some(Self::Asked),
            (EntryKind::Message, _, Some(MessageKind::Robot))
            | (EntryKind::Message, Author::Robot, _) => Some(Self::RobotSpoke),
            // What the house writes in an agent's name answers nobody.
            (EntryKind::Message, _, Some(MessageKind::Auto | MessageKind::System)) => None,
            (EntryKind::Message, Author::Agent(agent), _) => Some(Self::Answered(agent)),
            (EntryKind::Message | EntryKind::Recall | EntryKind::Notice, ..) => None,
        }
    }
}

/// How a session ended before anybody replied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// An agent ended it.
    By(AccountId),
    /// It ended of itself.
    OfItself,
}

/// A turn, over or still open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The buyer's first line.
    pub opened_at: Timestamp,
    /// It is the first of a session that the buyer opened.
    pub is_first: bool,
    /// When the session was last given to somebody within the turn.
    pub given_at: Option<Timestamp>,
    /// Who replied, and when.
    pub answer: Option<(AccountId, Timestamp)>,
    /// How the session ended without a reply, if it was ended so.
    pub ended: Option<Ending>,
    /// The robot spoke in it: it is left out of the people's figures.
    pub has_robot: bool,
}

impl Turn {
    /// The buyer's wait, queue included.
    #[must_use]
    pub fn waited(&self) -> Option<Span> {
        self.answer.map(|(_, at)| at.since(self.opened_at))
    }

    /// The agent's own wait: since having the buyer, when that began within the turn.
    #[must_use]
    pub fn agent_waited(&self) -> Option<Span> {
        self.answer.map(|(_, at)| at.since(self.given_at.unwrap_or(self.opened_at)))
    }
}

/// The turns of one conversation, entry by entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turns {
    open: Option<Turn>,
    is_fresh: bool,
}

impl Turns {
    /// The turn that waits for a reply.
    #[must_use]
    pub const fn open(&self) -> Option<&Turn> {
        self.open.as_ref()
    }

    /// Takes the next entry; a turn that is over with it is returned.
    pub fn take(&mut self, beat: Beat, at: Timestamp) -> Option<Turn> {
        match beat {
            Beat::Opened => {
                self.is_fresh = true;
                None
            }
            Beat::Asked => {
                let is_first = std::mem::take(&mut self.is_fresh);
                self.open.get_or_insert(Turn {
                    opened_at: at,
                    is_first,
                    given_at: None,
                    answer: None,
                    ended: None,
                    has_robot: false,
                });
                None
            }
            Beat::Given => {
                if let Some(open) = &mut self.open {
                    open.given_at = Some(at);
                }
                None
            }
            Beat::RobotSpoke => {
                if let Some(open) = &mut self.open {
                    open.has_robot = true;
                }
                None
            }
            Beat::Answered(agent) => {
                self.is_fresh = false;
                let over = self.open.take()?;
                Some(Turn { answer: Some((agent, at)), ..over })
            }
            Beat::Ended(by) => {
                self.is_fresh = false;
                let over = self.open.take()?;
                let ending = by.map_or(Ending::OfItself, Ending::By);
                Some(Turn { ended: Some(ending), ..over })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::BuyerId;
    use proptest::prelude::*;

    const AGENT: AccountId = AccountId::new(7);

    fn at(clock: &str) -> Timestamp {
        let parts: Vec<i64> = clock.split(':').map(|part| part.parse().unwrap()).collect();
        Timestamp::from_micros((parts[0] * 3600 + parts[1] * 60 + parts[2]) * 1_000_000)
    }

    fn told(beats: &[(&str, Beat)]) -> (Vec<Turn>, Turns) {
        let mut turns = Turns::default();
        let over = beats.iter().filter_map(|(clock, beat)| turns.take(*beat, at(clock))).collect();
        (over, turns)
    }

    #[test]
    fn more_lines_of_the_buyer_open_no_other_turn() {
        let (over, turns) = told(&[
            ("10:10:15", Beat::Opened),
            ("10:10:15", Beat::Asked),
            ("10:15:20", Beat::Asked),
            ("10:18:10", Beat::Answered(AGENT)),
            ("10:18:30", Beat::Asked),
            ("10:19:00", Beat::Answered(AGENT)),
        ]);
        let waits: Vec<_> = over.iter().map(|turn| turn.waited().unwrap()).collect();
        assert_eq!(waits, [475, 30].map(Span::seconds));
        assert_eq!(over.iter().map(|turn| turn.is_first).collect::<Vec<_>>(), [true, false]);
        assert_eq!(turns.open(), None);
    }

    #[test]
    fn ten_lines_without_an_answer_are_one_open_turn() {
        let lines: Vec<_> = (0..10).map(|_| ("11:00:00", Beat::Asked)).collect();
        let (over, turns) = told(&lines);
        assert_eq!(
            (over.len(), turns.open().map(|turn| turn.opened_at)),
            (0, Some(at("11:00:00")))
        );
    }

    #[test]
    fn the_agents_wait_begins_with_having_the_buyer() {
        let (over, _) = told(&[
            ("10:00:00", Beat::Opened),
            ("10:00:00", Beat::Asked),
            ("10:02:00", Beat::Given),
            ("10:02:20", Beat::Answered(AGENT)),
            ("10:05:00", Beat::Asked),
            ("10:05:09", Beat::Answered(AGENT)),
        ]);
        let own: Vec<_> = over.iter().map(|turn| turn.agent_waited().unwrap()).collect();
        assert_eq!(own, [20, 9].map(Span::seconds));
        assert_eq!(over[0].waited(), Some(Span::seconds(140)));
    }

    #[test]
    fn an_end_without_a_reply_leaves_the_turn_unanswered() {
        let (over, turns) = told(&[
            ("10:00:00", Beat::Asked),
            ("10:01:00", Beat::Ended(Some(AGENT))),
            ("10:09:00", Beat::Opened),
            ("10:09:00", Beat::Asked),
        ]);
        assert_eq!((over[0].answer, over[0].ended), (None, Some(Ending::By(AGENT))));
        assert!(turns.open().unwrap().is_first);
    }

    #[test]
    fn who_spoke_first_as_an_agent_makes_no_first_response() {
        let (over, _) = told(&[
            ("10:00:00", Beat::Opened),
            ("10:00:00", Beat::Answered(AGENT)),
            ("10:01:00", Beat::Asked),
            ("10:01:30", Beat::Answered(AGENT)),
        ]);
        assert_eq!(over.iter().map(|turn| turn.is_first).collect::<Vec<_>>(), [false]);
    }

    #[test]
    fn what_no_person_wrote_is_no_answer() {
        let (agent, buyer) = (Author::Agent(AGENT), Author::Buyer(BuyerId::new(1)));
        let read = |kind, author, message| Beat::of(kind, author, Some(message));
        use EntryKind::Message;
        assert_eq!(read(Message, agent, MessageKind::Human), Some(Beat::Answered(AGENT)));
        assert_eq!(read(Message, agent, MessageKind::Suggested), Some(Beat::Answered(AGENT)));
        assert_eq!(read(Message, agent, MessageKind::Card), Some(Beat::Answered(AGENT)));
        assert_eq!(read(Message, buyer, MessageKind::Card), Some(Beat::Asked));
        assert_eq!(read(Message, agent, MessageKind::Auto), None);
        assert_eq!(read(Message, Author::System, MessageKind::System), None);
        assert_eq!(read(Message, Author::Robot, MessageKind::Robot), Some(Beat::RobotSpoke));
        assert_eq!(read(EntryKind::Notice, Author::System, MessageKind::Auto), None);
    }

    fn any_beat() -> impl Strategy<Value = Beat> {
        prop_oneof![
            Just(Beat::Opened),
            Just(Beat::Asked),
            Just(Beat::Asked),
            Just(Beat::Answered(AGENT)),
            Just(Beat::Given),
            Just(Beat::RobotSpoke),
            Just(Beat::Ended(None)),
        ]
    }

    proptest! {
        #[test]
        fn turns_follow_each_other_and_every_question_is_in_one(beats in proptest::collection::vec(any_beat(), 0..60)) {
            let mut turns = Turns::default();
            let mut over = Vec::new();
            let mut asked = 0;
            for (second, beat) in beats.iter().enumerate() {
                let now = Timestamp::from_micros(i64::try_from(second).unwrap() * 1_000_000);
                asked += usize::from(*beat == Beat::Asked);
                over.extend(turns.take(*beat, now));
            }
            let all = over.len() + usize::from(turns.open().is_some());
            prop_assert!(all <= asked);
            prop_assert_eq!(all > 0, asked > 0);
            for turn in &over {
                prop_assert!(turn.answer.is_some() != turn.ended.is_some());
                prop_assert!(turn.agent_waited() <= turn.waited());
            }
            for two in over.windows(2) {
                let (_, until) = two[0].answer.unwrap_or((AGENT, two[0].opened_at));
                prop_assert!(two[1].opened_at > two[0].opened_at && two[1].opened_at >= until);
            }
        }
    }
}
