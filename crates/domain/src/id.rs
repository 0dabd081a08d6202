//! Identities. A row id is a `BIGINT` that is never reused; a [`PublicId`] is the UUIDv7 that the wire shows instead.

use std::fmt;

macro_rules! row_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(i64);

        impl $name {
            /// Wraps a row id that came from the database.
            #[must_use]
            pub const fn new(id: i64) -> Self {
                Self(id)
            }

            /// The row id.
            #[must_use]
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

row_ids! {
    /// A shop of this installation.
    ShopId;
    /// A person who works here; belongs to the installation, see membership for the shop.
    AccountId;
    /// A buyer of one shop.
    BuyerId;
    /// The permanent log of one buyer with one shop.
    ConversationId;
    /// One reception inside a conversation.
    SessionId;
    /// An order of a shop.
    OrderId;
    /// A message that a buyer left, to be answered.
    FollowUpId;
    /// A phrase of a library.
    PhraseId;
    /// A folder of phrases.
    FolderId;
    /// A holiday or exception.
    SpecialDayId;
    /// A night mode or big sale.
    ModeId;
    /// A skill group of agents.
    GroupId;
    /// What goes from one shift to the next.
    HandoverId;
    /// One thing of it.
    HandoverItemId;
    /// A telephone call.
    CallId;
    /// A notice to staff.
    NoticeId;
    /// A tag of conversations.
    TagId;
    /// An act on many conversations.
    BulkJobId;
    /// A session that waits for a new agent.
    TransferId;
    /// A buyer who is kept out for a time.
    BlockId;
}

/// 128 bits that name a conversation, buyer or order on the wire. Made by [`PublicId::v7`], so it grows with time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicId([u8; 16]);

impl PublicId {
    /// A UUIDv7 (RFC 9562, section 5.7) from a moment and ten random bytes.
    #[must_use]
    pub const fn v7(at: crate::time::Timestamp, chance: [u8; 10]) -> Self {
        let ms = (at.micros() / 1000).to_be_bytes();
        Self([
            ms[2],
            ms[3],
            ms[4],
            ms[5],
            ms[6],
            ms[7],
            0x70 | (chance[0] & 0x0f),
            chance[1],
            0x80 | (chance[2] & 0x3f),
            chance[3],
            chance[4],
            chance[5],
            chance[6],
            chance[7],
            chance[8],
            chance[9],
        ])
    }

    /// Wraps bytes that came from the database.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The sixteen bytes, most significant first.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Reads 32 hexadecimal digits; anything else is `None`.
    #[must_use]
    pub fn parse_hex(text: &str) -> Option<Self> {
        if text.len() != 32 || !text.is_ascii() {
            return None;
        }
        let mut bytes = [0; 16];
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for PublicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    #[test]
    fn a_public_id_reads_back_from_its_text_and_carries_version_seven() {
        let id = PublicId::v7(Timestamp::from_micros(1_763_870_400_000_000), [0xff; 10]);
        assert_eq!(PublicId::parse_hex(&id.to_string()), Some(id));
        assert_eq!(id.as_bytes()[6] >> 4, 7);
        assert_eq!(id.as_bytes()[8] >> 6, 2);
    }

    #[test]
    fn later_ids_sort_later() {
        let early = PublicId::v7(Timestamp::from_micros(1_000_000), [0xff; 10]);
        let late = PublicId::v7(Timestamp::from_micros(2_000_000), [0; 10]);
        assert!(early < late);
    }

    #[test]
    fn text_that_is_not_32_hex_digits_is_no_id() {
        for bad in
            ["", "12", "zz345678901234567890123456789012", "+1345678901234567890123456789012ü"]
        {
            assert_eq!(PublicId::parse_hex(bad), None, "{bad}");
        }
    }
}
