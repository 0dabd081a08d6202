//! One line of a conversation's log, and the words for its parts. The numbers of the enums are stored: they never change.

use super::{ClientId, Content, Digest, Salt};
use crate::coded::Coded;
use crate::id::{AccountId, BuyerId, SessionId};
use crate::time::Timestamp;

macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal, $word:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// The number under which the database keeps it.
            #[must_use]
            pub const fn code(self) -> i64 {
                match self { $(Self::$variant => $code,)* }
            }

            /// Reads the stored number.
            #[must_use]
            pub const fn from_code(code: i64) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }

            /// The word on the wire.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Reads the word on the wire.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

coded! {
    /// Which of the two logs of a conversation: the one the buyer sees, or the one only staff see.
    Lane {
        /// Seen by both sides.
        Buyer = 0, "buyer";
        /// Internal notes and whispers.
        Staff = 1, "staff";
    }
}

coded! {
    /// What an entry is.
    EntryKind {
        /// Something said.
        Message = 1, "message";
        /// An earlier message taken back; `ref_seq` names it.
        Recall = 2, "recall";
        /// A session opened.
        Open = 3, "open";
        /// The session was given to an agent or handed over.
        Transfer = 4, "transfer";
        /// The session closed.
        Close = 5, "close";
        /// A line of the system, or an automatic text, as code and parameters.
        Notice = 6, "notice";
    }
}

coded! {
    /// Who is behind a message. Figures count only human and suggested ones as a reply (docs/definitions/figures.md).
    MessageKind {
        /// A person wrote it.
        Human = 1, "human";
        /// The robot proposed it, a person sent it.
        Suggested = 2, "suggested";
        /// The robot sent it by itself.
        Robot = 3, "robot";
        /// An automatic reply.
        Auto = 4, "auto";
        /// A line of the system.
        System = 5, "system";
        /// A card (product, order, address).
        Card = 6, "card";
    }
}

coded! {
    /// Which side wrote an entry.
    Side {
        /// The buyer.
        Buyer = 1, "buyer";
        /// A person of the shop.
        Agent = 2, "agent";
        /// The shop's robot.
        Robot = 3, "robot";
        /// The house itself.
        System = 4, "system";
    }
}

/// Who wrote an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Author {
    /// The buyer of the conversation.
    Buyer(BuyerId),
    /// A person of the shop.
    Agent(AccountId),
    /// The shop's robot.
    Robot,
    /// The house itself.
    System,
}

impl Author {
    /// The side it stands on.
    #[must_use]
    pub const fn side(self) -> Side {
        match self {
            Self::Buyer(_) => Side::Buyer,
            Self::Agent(_) => Side::Agent,
            Self::Robot => Side::Robot,
            Self::System => Side::System,
        }
    }

    /// The row id beside the side; 0 where the side says it all.
    #[must_use]
    pub const fn row_id(self) -> i64 {
        match self {
            Self::Buyer(id) => id.get(),
            Self::Agent(id) => id.get(),
            Self::Robot | Self::System => 0,
        }
    }

    /// Reads a stored side and row id.
    #[must_use]
    pub const fn from_parts(side: Side, row_id: i64) -> Self {
        match side {
            Side::Buyer => Self::Buyer(BuyerId::new(row_id)),
            Side::Agent => Self::Agent(AccountId::new(row_id)),
            Side::Robot => Self::Robot,
            Side::System => Self::System,
        }
    }
}

/// The session of a new entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionRef {
    /// None is open.
    None,
    /// One that has a row.
    Stored(SessionId),
    /// The one that opened in the same move and has no row yet.
    New,
}

/// A new line of the log, numbered and sealed, ready to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which log.
    pub lane: Lane,
    /// Number in its lane, gapless from 1.
    pub seq: i64,
    /// max(clock, last time in its lane).
    pub at: Timestamp,
    /// What it is.
    pub kind: EntryKind,
    /// For messages and notices: who is behind it.
    pub message: Option<MessageKind>,
    /// Who wrote it.
    pub author: Author,
    /// The session it belongs to.
    pub session: SessionRef,
    /// The sender's own id, if a client sent it.
    pub client_id: Option<ClientId>,
    /// What was said.
    pub text: Option<String>,
    /// What it carries beside the text.
    pub content: Option<Content>,
    /// What happened.
    pub notice: Option<Coded>,
    /// The entry it speaks of (same lane).
    pub ref_seq: Option<i64>,
    /// Random bytes that keep short texts from being guessed by their digest.
    pub salt: Salt,
    /// Digest of salt and content.
    pub digest: Digest,
    /// Seal over the previous chain value, the digest and the header.
    pub chain: Digest,
}
