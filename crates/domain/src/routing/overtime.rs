//! A buyer whom an agent leaves without an answer: the thresholds, and what keeps the buyer with that agent.

use crate::time::{Span, Timestamp};

/// When a wait is noticed, alarms, and runs over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    notice: Span,
    alarm: Span,
    overtime: Span,
}

/// The thresholds do not grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThresholdsFault;

impl Thresholds {
    /// Checks the order: notice < alarm < overtime.
    ///
    /// # Errors
    /// [`ThresholdsFault`] when they do not grow.
    pub fn new(notice: Span, alarm: Span, overtime: Span) -> Result<Self, ThresholdsFault> {
        if notice < alarm && alarm < overtime {
            Ok(Self { notice, alarm, overtime })
        } else {
            Err(ThresholdsFault)
        }
    }

    /// How many thresholds a wait has passed: 0 calm, 1 notice, 2 alarm, 3 overtime.
    #[must_use]
    pub fn step(&self, waited: Span) -> i64 {
        [self.notice, self.alarm, self.overtime].iter().map(|of| i64::from(waited >= *of)).sum()
    }

    /// How long until overtime.
    #[must_use]
    pub const fn overtime(&self) -> Span {
        self.overtime
    }

    /// How long until notice.
    #[must_use]
    pub const fn notice(&self) -> Span {
        self.notice
    }
}

/// What is known of the agent who has an overdue buyer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// A key was pressed in this conversation a moment ago.
    pub is_typing: bool,
    /// Something is written and not sent.
    pub has_draft: bool,
    /// 查证中: the agent has said to be looking into it until then.
    pub checking_until: Option<Timestamp>,
    /// The session is a complaint.
    pub is_complaint: bool,
}

/// Why an overdue buyer stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The agent types.
    Typing,
    /// The agent has a draft.
    Draft,
    /// The agent is looking into it.
    Checking,
    /// A complaint stays in one hand.
    Complaint,
}

impl Hold {
    /// The word in facts and on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Typing => "typing",
            Self::Draft => "draft",
            Self::Checking => "checking",
            Self::Complaint => "complaint",
        }
    }
}

impl Held {
    /// What keeps the buyer with the agent now, if anything.
    #[must_use]
    pub fn hold(&self, now: Timestamp) -> Option<Hold> {
        match () {
            () if self.is_complaint => Some(Hold::Complaint),
            () if self.checking_until.is_some_and(|until| until > now) => Some(Hold::Checking),
            () if self.is_typing => Some(Hold::Typing),
            () if self.has_draft => Some(Hold::Draft),
            () => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_have_to_grow_and_count_as_they_pass() {
        let of = |n, a, o| Thresholds::new(Span::seconds(n), Span::seconds(a), Span::seconds(o));
        for (n, a, o) in [(30, 30, 180), (30, 180, 180), (100, 30, 180)] {
            assert_eq!(of(n, a, o), Err(ThresholdsFault));
        }
        let fine = of(30, 100, 180).unwrap();
        let steps = [29, 30, 99, 100, 179, 180].map(|s| fine.step(Span::seconds(s)));
        assert_eq!(steps, [0, 1, 1, 2, 2, 3]);
    }

    #[test]
    fn each_exception_holds_the_buyer_and_checking_only_until_its_time() {
        let now = Timestamp::from_micros(1000);
        assert_eq!(Held::default().hold(now), None);
        let held = |change: fn(&mut Held)| {
            let mut held = Held::default();
            change(&mut held);
            held.hold(now)
        };
        assert_eq!(held(|h| h.is_typing = true), Some(Hold::Typing));
        assert_eq!(held(|h| h.has_draft = true), Some(Hold::Draft));
        assert_eq!(held(|h| h.is_complaint = true), Some(Hold::Complaint));
        assert_eq!(
            held(|h| h.checking_until = Some(Timestamp::from_micros(1001))),
            Some(Hold::Checking)
        );
        assert_eq!(held(|h| h.checking_until = Some(Timestamp::from_micros(1000))), None);
    }
}
