//! An agent who could get a session, and what stands against it.

use crate::id::{AccountId, GroupId};
use crate::team::AgentState;
use crate::time::Timestamp;

/// Weight of an agent of whom nothing is said, in hundredths.
pub const WEIGHT_NORMAL: i64 = 100;
/// Least weight: a newcomer who gets one buyer where others get ten.
pub const WEIGHT_MIN: i64 = 10;
/// Greatest weight.
pub const WEIGHT_MAX: i64 = 300;

/// An agent who could get a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub agent: AccountId,
    /// Name as colleagues and buyers see it.
    pub name: String,
    /// Seats taken now.
    pub load: i64,
    /// Most seats this agent may hold.
    pub cap: i64,
    /// When a session was last accepted, if ever.
    pub last_accepted: Option<Timestamp>,
    /// Share beside colleagues, in hundredths.
    pub weight: i64,
    /// State, while a desk holds it; none: nobody sits there.
    pub state: Option<AgentState>,
    /// Whether the roster has the agent on duty now.
    pub on_duty: bool,
    /// Whether a supervisor has paused new buyers for this agent.
    pub is_paused: bool,
    /// The skill groups of the agent.
    pub groups: Vec<GroupId>,
}

/// Why a candidate was not considered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bar {
    /// No desk of the agent is connected.
    Offline,
    /// The roster has somebody else on duty.
    OffDuty,
    /// 离开.
    Away,
    /// 挂起.
    Suspended,
    /// 隐身.
    Invisible,
    /// A supervisor has paused new buyers.
    Paused,
    /// Serves other groups.
    OtherGroup,
    /// All seats taken.
    Full,
}

impl Bar {
    /// All of them, the hardest first.
    pub const ALL: [Self; 8] = [
        Self::Offline,
        Self::OffDuty,
        Self::Away,
        Self::Suspended,
        Self::Invisible,
        Self::Paused,
        Self::OtherGroup,
        Self::Full,
    ];

    /// The word in database and wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::OffDuty => "off_duty",
            Self::Away => "away",
            Self::Suspended => "suspended",
            Self::Invisible => "invisible",
            Self::Paused => "paused",
            Self::OtherGroup => "other_group",
            Self::Full => "full",
        }
    }
}

impl Candidate {
    /// An available agent without groups, as tests and replays need them.
    #[must_use]
    pub fn available(agent: AccountId, name: impl Into<String>, cap: i64) -> Self {
        Self {
            agent,
            name: name.into(),
            load: 0,
            cap,
            last_accepted: None,
            weight: WEIGHT_NORMAL,
            state: Some(AgentState::Available),
            on_duty: true,
            is_paused: false,
            groups: Vec::new(),
        }
    }

    /// What keeps the agent from new buyers of any group, seats aside.
    #[must_use]
    pub const fn barred(&self) -> Option<Bar> {
        match self.state {
            None => Some(Bar::Offline),
            Some(_) if !self.on_duty => Some(Bar::OffDuty),
            Some(AgentState::Away) => Some(Bar::Away),
            Some(AgentState::Suspended(_)) => Some(Bar::Suspended),
            Some(AgentState::Invisible) => Some(Bar::Invisible),
            Some(AgentState::Available) if self.is_paused => Some(Bar::Paused),
            Some(AgentState::Available) => None,
        }
    }

    /// Whether the agent is given new buyers at all, now or when a seat frees.
    #[must_use]
    pub const fn receives(&self) -> bool {
        self.barred().is_none()
    }

    /// Whether the agent could take one more right now.
    #[must_use]
    pub const fn has_seat(&self) -> bool {
        self.receives() && self.load < self.cap
    }

    /// Whether the agent serves this group; without a group everybody does.
    #[must_use]
    pub fn serves(&self, group: Option<GroupId>) -> bool {
        group.is_none_or(|group| self.groups.contains(&group))
    }
}
