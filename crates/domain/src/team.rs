//! The team: roles, what each may do, and the states an agent can be in.

mod appoint;
pub mod call;
pub mod duty;
pub mod handover;
pub mod mode;
mod password;
pub mod roster;
mod tries;

pub use appoint::may_appoint;
pub use password::{
    CHARS_MAX as PASSWORD_CHARS_MAX, CHARS_MIN as PASSWORD_CHARS_MIN, PasswordFault, check_password,
};
pub use tries::{FREE as FREE_TRIES, Tries};

use crate::id::AccountId;

/// A person of the shop who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colleague {
    /// Who.
    pub account: AccountId,
    /// Name as buyers and colleagues see it.
    pub name: String,
}

/// A duty that a membership holds. One person may hold several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Serves buyers.
    Agent,
    /// Leads a group.
    Leader,
    /// Steers load and quality live.
    Supervisor,
    /// Answers for the figures.
    Manager,
    /// Owns the shop.
    Owner,
    /// Ships and receives.
    Warehouse,
    /// Keeps listings, prices and orders up to date.
    Operations,
    /// May look, not act.
    ReadOnly,
}

/// Something a membership may or may not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Right {
    /// See conversations, buyers and orders of the shop.
    ReadConversations,
    /// Speak to buyers, take, hand over and close.
    ServeBuyers,
    /// Take a conversation from a colleague.
    TakeOver,
    /// Change settings.
    ManageShop,
    /// Write the shop's library of phrases.
    ManagePhrases,
    /// Bring in orders.
    ImportOrders,
    /// Write the roster, and pin notices for everybody.
    PlanRoster,
    /// Set caps, weights, pauses and groups, and see the live wall.
    SteerRouting,
    /// Keep buyers out for a time, and let them in again.
    BlockBuyers,
    /// Change what the guard looks for, and see what was sent all the same.
    ManageGuard,
}

impl Right {
    /// All rights, in order of the enum.
    pub const ALL: &[Self] = &[
        Self::ReadConversations,
        Self::ServeBuyers,
        Self::TakeOver,
        Self::ManageShop,
        Self::ManagePhrases,
        Self::ImportOrders,
        Self::PlanRoster,
        Self::SteerRouting,
        Self::BlockBuyers,
        Self::ManageGuard,
    ];

    /// The word in errors and on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ReadConversations => "read_conversations",
            Self::ServeBuyers => "serve_buyers",
            Self::TakeOver => "take_over",
            Self::ManageShop => "manage_shop",
            Self::ManagePhrases => "manage_phrases",
            Self::ImportOrders => "import_orders",
            Self::PlanRoster => "plan_roster",
            Self::SteerRouting => "steer_routing",
            Self::BlockBuyers => "block_buyers",
            Self::ManageGuard => "manage_guard",
        }
    }
}

impl Role {
    /// All roles, in order of the enum.
    pub const ALL: [Self; 8] = [
        Self::Agent,
        Self::Leader,
        Self::Supervisor,
        Self::Manager,
        Self::Owner,
        Self::Warehouse,
        Self::Operations,
        Self::ReadOnly,
    ];

    /// The word in database, wire and command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Leader => "leader",
            Self::Supervisor => "supervisor",
            Self::Manager => "manager",
            Self::Owner => "owner",
            Self::Warehouse => "warehouse",
            Self::Operations => "operations",
            Self::ReadOnly => "read_only",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// Whether this role carries a right.
    #[must_use]
    pub const fn may(self, right: Right) -> bool {
        match right {
            Right::ReadConversations => true,
            Right::ServeBuyers => {
                matches!(
                    self,
                    Self::Agent | Self::Leader | Self::Supervisor | Self::Manager | Self::Owner
                )
            }
            Right::TakeOver
            | Right::ManagePhrases
            | Right::PlanRoster
            | Right::SteerRouting
            | Right::BlockBuyers => {
                matches!(self, Self::Leader | Self::Supervisor | Self::Manager | Self::Owner)
            }
            Right::ManageGuard => {
                matches!(self, Self::Supervisor | Self::Manager | Self::Owner)
            }
            Right::ManageShop => matches!(self, Self::Manager | Self::Owner),
            Right::ImportOrders => matches!(self, Self::Manager | Self::Owner | Self::Operations),
        }
    }
}

/// Whether any of the roles carries the right.
#[must_use]
pub fn may(roles: &[Role], right: Right) -> bool {
    roles.iter().any(|role| role.may(right))
}

/// Why an agent is suspended 挂起.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Suspension {
    /// 用餐.
    Meal,
    /// 小休.
    Break,
    /// 培训.
    Training,
    /// 会议.
    Meeting,
}

/// What an agent says of the own availability. Only [`AgentState::Available`] is given new buyers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AgentState {
    /// 我有空: may be given new sessions.
    Available,
    /// 挂起: gets none and keeps those in conversation.
    Suspended(Suspension),
    /// 离开: gets none; whoever waits goes to a colleague.
    Away,
    /// 隐身: gets none, keeps those in conversation, and shows as away to buyers.
    Invisible,
}

impl AgentState {
    /// All of them, as a menu shows them.
    pub const ALL: [Self; 7] = [
        Self::Available,
        Self::Suspended(Suspension::Meal),
        Self::Suspended(Suspension::Break),
        Self::Suspended(Suspension::Training),
        Self::Suspended(Suspension::Meeting),
        Self::Invisible,
        Self::Away,
    ];

    /// The word in database and wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Suspended(Suspension::Meal) => "suspended_meal",
            Self::Suspended(Suspension::Break) => "suspended_break",
            Self::Suspended(Suspension::Training) => "suspended_training",
            Self::Suspended(Suspension::Meeting) => "suspended_meeting",
            Self::Away => "away",
            Self::Invisible => "invisible",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether one in this state is given new buyers.
    #[must_use]
    pub const fn receives(self) -> bool {
        matches!(self, Self::Available)
    }

    /// Whether one in this state keeps the buyers who are in conversation, answered at least once.
    #[must_use]
    pub const fn keeps_talks(self) -> bool {
        !matches!(self, Self::Away)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_read_back_from_their_words() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.word()), Some(role));
        }
        assert_eq!(Role::parse("boss"), None);
    }

    #[test]
    fn states_read_back_and_only_the_available_receive() {
        for state in AgentState::ALL {
            assert_eq!(AgentState::parse(state.word()), Some(state));
            assert_eq!(state.receives(), state == AgentState::Available);
        }
        assert_eq!(AgentState::parse("offline"), None);
        assert!(AgentState::Suspended(Suspension::Meal).keeps_talks());
        assert!(!AgentState::Away.keeps_talks());
    }

    #[test]
    fn only_those_who_serve_may_speak_and_only_leaders_take_over() {
        assert!(may(&[Role::ReadOnly, Role::Agent], Right::ServeBuyers));
        assert!(!may(&[Role::ReadOnly], Right::ServeBuyers));
        assert!(!may(&[Role::Warehouse], Right::ServeBuyers));
        assert!(!may(&[Role::Agent], Right::TakeOver));
        assert!(may(&[Role::Leader], Right::TakeOver));
        assert!(!may(&[], Right::ReadConversations));
        assert!(may(&[Role::Operations], Right::ImportOrders));
        assert!(!may(&[Role::Operations], Right::ServeBuyers));
        assert!(!may(&[Role::Agent, Role::Leader], Right::ImportOrders));
    }
}
