//! A session: one reception inside a conversation, from the buyer's first line to its close.

use crate::coded::Coded;
use crate::id::{AccountId, GroupId, SessionId};
use crate::orders::StageRules;
use crate::routing::{Decision, Priority, Strategy, Ticket};
use crate::time::{Span, Timestamp};

/// The shop's dated settings that sessions follow (docs/definitions/session.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// A seat frees after this much silence of the buyer following our reply.
    pub seat_frees_after: Span,
    /// The session ends after this much silence.
    pub session_ends_after: Span,
    /// A buyer who returns within this span goes to the same agent, if on duty.
    pub same_agent_within: Span,
    /// A message can be taken back for this long.
    pub recall_within: Span,
    /// A buyer may nudge again after this long; without it the shop takes no nudges.
    pub nudge_every: Option<Span>,
    /// Where the stages of a purchase begin.
    pub stages: StageRules,
    /// How a shop without groups chooses among its agents.
    pub strategy: Strategy,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            seat_frees_after: Span::minutes(10),
            session_ends_after: Span::minutes(30),
            same_agent_within: Span::minutes(24 * 60),
            recall_within: Span::minutes(2),
            nudge_every: None,
            stages: StageRules::default(),
            strategy: Strategy::default(),
        }
    }
}

/// Why a session closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// An agent ended it.
    ByAgent,
    /// The buyer fell silent after our reply.
    BySilence,
}

impl CloseReason {
    /// The word in database and log.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ByAgent => "closed_by_agent",
            Self::BySilence => "closed_by_silence",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::ByAgent, Self::BySilence].into_iter().find(|reason| reason.word() == word)
    }
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// Open, nobody has it.
    Queued,
    /// Open, with an agent.
    Active,
    /// Over.
    Closed,
}

impl SessionState {
    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Active => "active",
            Self::Closed => "closed",
        }
    }
}

/// One reception. `id` is `None` until its row is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Row id, once stored.
    pub id: Option<SessionId>,
    /// Who has it.
    pub agent: Option<AccountId>,
    /// When the buyer's first line came.
    pub opened_at: Timestamp,
    /// When the agent who has it got it.
    pub accepted_at: Option<Timestamp>,
    /// The buyer's first unanswered line.
    pub waiting_since: Option<Timestamp>,
    /// How many thresholds the present wait has passed.
    pub step: i64,
    /// Our last reply, while nothing waits.
    pub quiet_since: Option<Timestamp>,
    /// When the seat freed.
    pub seat_freed_at: Option<Timestamp>,
    /// When and why it closed.
    pub closed: Option<(Timestamp, CloseReason)>,
    /// Why this agent; set by the move that gives it, absent in a loaded session.
    pub why: Option<Coded>,
    /// The skill group that should serve it.
    pub group: Option<GroupId>,
    /// Its place in the queue beside others.
    pub priority: Priority,
    /// Since when it queues, while nobody has it.
    pub queued_since: Option<Timestamp>,
    /// What routing decided in this move, absent in a loaded session.
    pub decision: Option<Decision>,
}

impl Session {
    /// A session that opens now with the buyer's line.
    #[must_use]
    pub const fn open(at: Timestamp) -> Self {
        Self {
            id: None,
            agent: None,
            opened_at: at,
            accepted_at: None,
            waiting_since: None,
            step: 0,
            quiet_since: None,
            seat_freed_at: None,
            closed: None,
            why: None,
            group: None,
            priority: Priority::Normal,
            queued_since: None,
            decision: None,
        }
    }

    /// Its place in the queue, while it is stored and nobody has it.
    #[must_use]
    pub fn ticket(&self) -> Option<Ticket> {
        let since = self.queued_since?;
        Some(Ticket { priority: self.priority, since, session: self.id? })
    }

    /// Where it stands.
    #[must_use]
    pub const fn state(&self) -> SessionState {
        match (&self.closed, &self.agent) {
            (Some(_), _) => SessionState::Closed,
            (None, None) => SessionState::Queued,
            (None, Some(_)) => SessionState::Active,
        }
    }

    /// Gives it to an agent.
    pub fn give(&mut self, agent: AccountId, why: Coded, at: Timestamp) {
        self.agent = Some(agent);
        self.accepted_at = Some(at);
        self.why = Some(why);
        self.seat_freed_at = None;
        self.queued_since = None;
    }

    /// Nobody has it any more: it queues since its first unanswered line, so that nobody loses a place by being given
    /// back.
    pub fn give_back(&mut self, at: Timestamp) {
        self.agent = None;
        self.accepted_at = None;
        self.seat_freed_at = None;
        self.queued_since = Some(self.waiting_since.unwrap_or(at));
    }

    /// Whether the agent who has it has answered since having it.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        let waited = self.waiting_since.zip(self.accepted_at);
        waited.is_none_or(|(since, accepted)| since > accepted)
    }

    /// The buyer said something: the wait starts with the first unanswered line, a freed seat is taken again.
    pub fn buyer_spoke(&mut self, at: Timestamp) {
        self.waiting_since.get_or_insert(at);
        self.quiet_since = None;
        self.seat_freed_at = None;
    }

    /// A person of the shop replied: nothing waits, silence starts to count.
    pub fn staff_replied(&mut self, at: Timestamp) {
        self.waiting_since = None;
        self.step = 0;
        self.quiet_since = Some(at);
    }

    /// What silence has brought by now: nothing, a freed seat, or the end. Silence counts only after our reply.
    #[must_use]
    pub fn silence(&self, rules: &Rules, now: Timestamp) -> Silence {
        let Some(quiet_since) = self.quiet_since.filter(|_| self.closed.is_none()) else {
            return Silence::None;
        };
        let quiet = now.since(quiet_since);
        if quiet >= rules.session_ends_after {
            Silence::Ends
        } else if quiet >= rules.seat_frees_after && self.seat_freed_at.is_none() {
            Silence::FreesSeat
        } else {
            Silence::None
        }
    }

    /// Whether it holds one of its agent's seats.
    #[must_use]
    pub const fn holds_seat(&self) -> bool {
        matches!(self.state(), SessionState::Active) && self.seat_freed_at.is_none()
    }
}

/// What silence has brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Nothing yet.
    None,
    /// The seat is free for another buyer; the session goes on.
    FreesSeat,
    /// The session is over.
    Ends,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn the_wait_starts_at_the_first_unanswered_line() {
        let mut session = Session::open(at(0));
        session.buyer_spoke(at(0));
        session.buyer_spoke(at(40));
        assert_eq!(session.waiting_since, Some(at(0)));
        session.staff_replied(at(50));
        assert_eq!(session.waiting_since, None);
    }

    #[test]
    fn a_seat_frees_after_ten_minutes_and_the_session_ends_after_thirty() {
        let rules = Rules::default();
        let mut session = Session::open(at(0));
        session.buyer_spoke(at(0));
        assert_eq!(
            session.silence(&rules, at(86_400)),
            Silence::None,
            "an unanswered buyer never times out"
        );
        session.staff_replied(at(10));
        assert_eq!(session.silence(&rules, at(609)), Silence::None);
        assert_eq!(session.silence(&rules, at(610)), Silence::FreesSeat);
        session.seat_freed_at = Some(at(610));
        assert_eq!(session.silence(&rules, at(611)), Silence::None);
        assert_eq!(session.silence(&rules, at(1810)), Silence::Ends);
    }

    #[test]
    fn a_buyer_who_speaks_again_takes_the_seat_back() {
        let mut session = Session::open(at(0));
        session.seat_freed_at = Some(at(5));
        session.buyer_spoke(at(6));
        assert_eq!(session.seat_freed_at, None);
    }
}
