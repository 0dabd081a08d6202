//! The order of a queue: priority, then first come, first served.

use crate::id::SessionId;
use crate::time::Timestamp;

/// How urgent a buyer's session is. Greater goes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Priority {
    /// Everybody.
    #[default]
    Normal,
    /// 优先: goes before everybody.
    High,
    /// VIP: goes before all others.
    Vip,
}

impl Priority {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Normal, Self::High, Self::Vip];

    /// The number in the database.
    #[must_use]
    pub const fn code(self) -> i64 {
        match self {
            Self::Normal => 0,
            Self::High => 1,
            Self::Vip => 2,
        }
    }

    /// Reads the number.
    #[must_use]
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.code() == code)
    }

    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::High => "high",
            Self::Vip => "vip",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.word() == word)
    }
}

/// A place in the queue. Tickets sort as they are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// How urgent.
    pub priority: Priority,
    /// Since when it waits: its first unanswered line, also after it was given back.
    pub since: Timestamp,
    /// Which session; settles ties.
    pub session: SessionId,
}

impl Ord for Ticket {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let urgent = other.priority.cmp(&self.priority);
        urgent.then(self.since.cmp(&other.since)).then(self.session.cmp(&other.session))
    }
}

impl PartialOrd for Ticket {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
