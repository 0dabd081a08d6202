//! Telling a shop's own programs what happened: which events there are, when a call that failed is tried again, and to
//! which addresses nobody may be sent.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::time::{Span, Timestamp};

/// Something a program can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HookEvent {
    /// A session opened.
    ConversationOpened,
    /// A session was given to somebody.
    ConversationGiven,
    /// A session ended.
    ConversationClosed,
    /// A line was written to or by a buyer.
    MessageAdded,
    /// A line was taken back.
    MessageRecalled,
    /// Orders came in, or became others.
    OrdersChanged,
    /// A buyer left a message.
    FollowUpLeft,
    /// A left message found an owner.
    FollowUpAssigned,
    /// A left message was answered.
    FollowUpDone,
    /// A left message is open again.
    FollowUpReopened,
}

impl HookEvent {
    /// Every event.
    pub const ALL: [Self; 10] = [
        Self::ConversationOpened,
        Self::ConversationGiven,
        Self::ConversationClosed,
        Self::MessageAdded,
        Self::MessageRecalled,
        Self::OrdersChanged,
        Self::FollowUpLeft,
        Self::FollowUpAssigned,
        Self::FollowUpDone,
        Self::FollowUpReopened,
    ];

    /// The word on the wire and in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ConversationOpened => "conversation.opened",
            Self::ConversationGiven => "conversation.given",
            Self::ConversationClosed => "conversation.closed",
            Self::MessageAdded => "message.added",
            Self::MessageRecalled => "message.recalled",
            Self::OrdersChanged => "orders.changed",
            Self::FollowUpLeft => "follow_up.left",
            Self::FollowUpAssigned => "follow_up.assigned",
            Self::FollowUpDone => "follow_up.done",
            Self::FollowUpReopened => "follow_up.reopened",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.word() == word)
    }

    /// The event that a kind of line of the journal is.
    #[must_use]
    pub fn of_journal(kind: &str) -> Option<Self> {
        Some(match kind {
            "session_opened" => Self::ConversationOpened,
            "session_given" => Self::ConversationGiven,
            "session_closed" => Self::ConversationClosed,
            "entry_added" => Self::MessageAdded,
            "entry_recalled" => Self::MessageRecalled,
            "orders_imported" => Self::OrdersChanged,
            "follow_up_left" => Self::FollowUpLeft,
            "follow_up_assigned" => Self::FollowUpAssigned,
            "follow_up_done" => Self::FollowUpDone,
            "follow_up_reopened" => Self::FollowUpReopened,
            _ => return None,
        })
    }
}

/// How long after each failure a call is tried again. After the last one it is dead, and only a person sends it again.
const PAUSES: [Span; 8] = [
    Span::seconds(10),
    Span::minutes(1),
    Span::minutes(5),
    Span::minutes(30),
    Span::minutes(2 * 60),
    Span::minutes(6 * 60),
    Span::minutes(12 * 60),
    Span::minutes(24 * 60),
];
/// Tries of one delivery.
pub const TRIES_MAX: u32 = PAUSES.len() as u32 + 1;

/// When a delivery is tried again that has failed so often by now; None: it is dead.
#[must_use]
pub fn next_try(failures: u32, now: Timestamp) -> Option<Timestamp> {
    let pause = PAUSES.get(usize::try_from(failures).ok()?.checked_sub(1)?)?;
    Some(now.plus(*pause))
}

/// Whether an answer says that the event was taken.
#[must_use]
pub const fn is_taken(status: u16) -> bool {
    matches!(status, 200..=299)
}

/// Whether an address is one of the whole internet. Others stand for this machine, its neighbours or nobody: whoever may
/// name an address must not reach them through us.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(a == 0
        || ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b)))
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let s = ip.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    if let Some(v4) = ip.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    // Addresses that carry an IPv4 address inside reach what that one reaches.
    if s[0] == 0x0064 && s[1] == 0xff9b {
        return s[2..6] == [0, 0, 0, 0] && is_public_v4(embedded(s[6], s[7]));
    }
    if s[0] == 0x2002 {
        return is_public_v4(embedded(s[1], s[2]));
    }
    // What is given out to the world begins with 001; of that, documentation and Teredo are not for us.
    (s[0] & 0xe000) == 0x2000 && !(s[0] == 0x2001 && (s[1] == 0x0db8 || s[1] < 0x0200))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_of_this_machine_and_its_neighbours_are_not_public() {
        for inner in [
            "127.0.0.1",
            "127.9.9.9",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "0.1.2.3",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.0.8",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12:3456::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
        ] {
            assert!(!is_public(inner.parse().unwrap()), "{inner}");
        }
        for outer in [
            "1.1.1.1",
            "172.15.0.1",
            "172.32.0.1",
            "100.128.0.1",
            "8.8.8.8",
            "2606:4700::1",
            "2400:3200::1",
        ] {
            assert!(is_public(outer.parse().unwrap()), "{outer}");
        }
    }

    #[test]
    fn a_call_is_tried_again_later_each_time_and_then_no_more() {
        let now = Timestamp::from_micros(1_000);
        let tries: Vec<Timestamp> = (1..20).map_while(|failures| next_try(failures, now)).collect();
        assert_eq!(tries.len() + 1, TRIES_MAX as usize);
        assert!(tries.windows(2).all(|pair| pair[0] < pair[1]) && tries[0] > now);
        assert_eq!(next_try(0, now), None);
    }

    proptest! {
        #[test]
        fn a_mapped_address_is_as_public_as_the_one_inside(bits: u32) {
            let v4 = Ipv4Addr::from_bits(bits);
            prop_assert_eq!(is_public(IpAddr::V6(v4.to_ipv6_mapped())), is_public(IpAddr::V4(v4)));
        }

        #[test]
        fn words_read_back(at in 0..HookEvent::ALL.len()) {
            prop_assert_eq!(HookEvent::parse(HookEvent::ALL[at].word()), Some(HookEvent::ALL[at]));
        }
    }
}
