//! The figures of one day, added up from turns. Waits are kept as exact sums and seconds, so that means, medians and
//! percentiles of parts agree with those of the whole.

use std::collections::{BTreeMap, BTreeSet};

use super::{Ending, Turn};
use crate::id::{AccountId, ConversationId};
use crate::time::{Span, Timestamp};

/// What a shop wants of its answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goals {
    /// Mean first response.
    pub first: Span,
    /// Mean response.
    pub response: Span,
    /// An answer within this is in time.
    pub in_time: Span,
}

/// Waits, added up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    count: i64,
    micros: i64,
    seconds: BTreeMap<i64, i64>,
}

impl Waits {
    /// One more.
    pub fn add(&mut self, wait: Span) {
        self.count += 1;
        self.micros = self.micros.saturating_add(wait.micros());
        *self.seconds.entry(wait.micros() / 1_000_000).or_default() += 1;
    }

    /// How many.
    #[must_use]
    pub const fn count(&self) -> i64 {
        self.count
    }

    /// Their mean; none of nothing.
    #[must_use]
    pub const fn mean(&self) -> Option<Span> {
        if self.count == 0 { None } else { Some(Span::from_micros(self.micros / self.count)) }
    }

    /// The shortest wait, in whole seconds, that so many hundredths of all do not exceed.
    #[must_use]
    pub fn percentile(&self, hundredths: i64) -> Option<Span> {
        let rank = (self.count * hundredths + 99) / 100;
        let mut seen = 0;
        let mut found = None;
        for (second, count) in &self.seconds {
            found = Some(*second);
            seen += count;
            if seen >= rank {
                break;
            }
        }
        found.map(|second| Span::from_micros(second * 1_000_000))
    }
}

/// Figures of a shop, or of one of its agents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Waits for the first reply of a session.
    pub first: Waits,
    /// Waits for every reply.
    pub response: Waits,
    /// Turns of which it is known whether they were answered in time.
    pub judged: i64,
    /// Of them those that were.
    pub in_time: i64,
    /// Buyers who asked today and have no reply of today.
    pub unanswered: i64,
}

impl Count {
    /// The share answered in time, in thousandths.
    #[must_use]
    pub const fn in_time_thousandths(&self) -> Option<i64> {
        if self.judged == 0 { None } else { Some(self.in_time * 1000 / self.judged) }
    }

    fn answered(&mut self, wait: Span, is_first: bool, goals: &Goals) {
        self.response.add(wait);
        if is_first {
            self.first.add(wait);
        }
        self.judged += 1;
        self.in_time += i64::from(wait <= goals.in_time);
    }
}

/// The figures of one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayFigures {
    /// Of the shop: a buyer's wait from the first line on, queue included.
    pub shop: Count,
    /// Of each agent: the wait since having the buyer.
    pub agents: BTreeMap<AccountId, Count>,
    replied: BTreeSet<ConversationId>,
    open: BTreeMap<ConversationId, Option<AccountId>>,
}

impl DayFigures {
    /// One turn of the day. `holder` is who has the buyer now, for a turn that nobody has answered.
    pub fn add(
        &mut self,
        of: ConversationId,
        turn: &Turn,
        holder: Option<AccountId>,
        now: Timestamp,
        goals: &Goals,
    ) {
        if turn.has_robot {
            return;
        }
        if let (Some((agent, _)), Some(waited), Some(own)) =
            (turn.answer, turn.waited(), turn.agent_waited())
        {
            self.replied.insert(of);
            self.shop.answered(waited, turn.is_first, goals);
            self.agents.entry(agent).or_default().answered(own, turn.is_first, goals);
            return;
        }
        let blamed = match turn.ended {
            Some(Ending::By(agent)) => Some(agent),
            Some(Ending::OfItself) => None,
            None => holder,
        };
        self.open.insert(of, blamed);
        // As long as it can still be answered in time, nobody knows.
        if turn.ended.is_some() || now.since(turn.opened_at) > goals.in_time {
            self.shop.judged += 1;
            if let Some(agent) = blamed {
                self.agents.entry(agent).or_default().judged += 1;
            }
        }
    }

    /// A reply that no turn of this day waited for: whoever got it is not unanswered.
    pub fn replied(&mut self, of: ConversationId) {
        self.replied.insert(of);
    }

    /// Counts who is left without a reply; the last step.
    #[must_use]
    pub fn done(mut self) -> Self {
        for (of, blamed) in &self.open {
            if self.replied.contains(of) {
                continue;
            }
            self.shop.unanswered += 1;
            if let Some(agent) = blamed {
                self.agents.entry(*agent).or_default().unanswered += 1;
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Whose, when, and who answered how much later.
    type Asked = (i64, i64, Option<(i64, i64)>);

    const GOALS: Goals = Goals {
        first: Span::seconds(10),
        response: Span::seconds(16),
        in_time: Span::seconds(180),
    };
    const NOW: Timestamp = Timestamp::from_micros(10_000_000_000);

    fn turn(opened: i64, answered: Option<(i64, i64)>) -> Turn {
        let second = |at: i64| Timestamp::from_micros(at * 1_000_000);
        Turn {
            opened_at: second(opened),
            is_first: true,
            given_at: None,
            answer: answered.map(|(agent, at)| (AccountId::new(agent), second(at))),
            ended: None,
            has_robot: false,
        }
    }

    fn talk(id: i64) -> ConversationId {
        ConversationId::new(id)
    }

    #[test]
    fn the_worked_example_has_half_of_its_turns_in_time() {
        let mut day = DayFigures::default();
        for (from, to) in [(0, 475), (495, 525)] {
            day.add(talk(1), &turn(from, Some((1, to))), None, NOW, &GOALS);
        }
        let day = day.done();
        assert_eq!(day.shop.in_time_thousandths(), Some(500));
        assert_eq!(day.shop.response.mean(), Some(Span::from_micros(252_500_000)));
        assert_eq!((day.shop.unanswered, day.agents[&AccountId::new(1)].response.count()), (0, 2));
    }

    #[test]
    fn who_is_not_answered_counts_once_and_against_who_has_the_buyer() {
        let (mut day, mine) = (DayFigures::default(), Some(AccountId::new(3)));
        day.add(talk(1), &turn(9_990, None), mine, NOW, &GOALS);
        day.add(talk(2), &turn(9_000, None), mine, NOW, &GOALS);
        day.add(talk(3), &turn(9_000, None), None, NOW, &GOALS);
        day.add(talk(4), &turn(10, Some((1, 20))), None, NOW, &GOALS);
        day.add(talk(4), &turn(9_000, None), mine, NOW, &GOALS);
        let day = day.done();
        // Ten seconds are no miss yet; the fourth had a reply today.
        assert_eq!((day.shop.unanswered, day.shop.judged, day.shop.in_time), (3, 4, 1));
        let own = &day.agents[&AccountId::new(3)];
        assert_eq!((own.unanswered, own.judged), (2, 2));
    }

    #[test]
    fn a_turn_with_the_robot_is_left_out() {
        let mut day = DayFigures::default();
        let robot = Turn { has_robot: true, ..turn(0, Some((1, 500))) };
        day.add(talk(1), &robot, None, NOW, &GOALS);
        assert_eq!(day.done(), DayFigures::default());
    }

    #[test]
    fn percentiles_are_waits_that_happened() {
        let mut waits = Waits::default();
        for seconds in [1, 2, 3, 4, 100] {
            waits.add(Span::seconds(seconds));
        }
        assert_eq!(waits.percentile(50), Some(Span::seconds(3)));
        assert_eq!(waits.percentile(90), Some(Span::seconds(100)));
        assert_eq!(Waits::default().percentile(50), None);
    }

    proptest! {
        #[test]
        fn the_order_of_turns_changes_nothing(
            turns in proptest::collection::vec((1i64..6, 0i64..9_000, proptest::option::of((1i64..4, 0i64..900))), 0..40)
        ) {
            let sum = |turns: &[Asked]| {
                let mut day = DayFigures::default();
                for (of, from, answer) in turns {
                    let turn = turn(*from, answer.map(|(agent, after)| (agent, from + after)));
                    day.add(talk(*of), &turn, None, NOW, &GOALS);
                }
                day.done()
            };
            let mut other = turns.clone();
            other.reverse();
            let (one, two) = (sum(&turns), sum(&other));
            let counts: i64 = one.agents.values().map(|count| count.response.count()).sum();
            prop_assert_eq!(counts, one.shop.response.count());
            prop_assert!(one.shop.in_time <= one.shop.judged);
            prop_assert_eq!((one.shop, one.agents), (two.shop, two.agents));
        }
    }
}
