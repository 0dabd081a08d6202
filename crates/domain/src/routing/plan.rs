//! What a shop has planned, as far as it decides who receives: hours and roster where they bind, and modes that change
//! caps. Must never say whether an agent wants buyers: that is the agent's state.

use std::sync::Arc;

use super::candidate::Candidate;
use crate::id::AccountId;
use crate::team::mode::{Mode, cap_at};
use crate::team::roster::Duty;
use crate::time::Timestamp;

/// The plan of a shop around a moment.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Hours and roster; none: they do not bind, and whoever is available receives.
    pub duty: Option<Arc<Duty>>,
    /// Modes that hold, or may begin to.
    pub modes: Vec<Mode>,
}

impl Plan {
    /// Whether the plan lets somebody receive at a moment.
    #[must_use]
    pub fn lets_receive(&self, agent: AccountId, at: Timestamp) -> bool {
        self.duty.as_ref().is_none_or(|duty| duty.on_duty(agent, at))
    }

    /// Marks who is off duty, and makes caps what they are under the mode that holds.
    pub fn apply(&self, room: &mut [Candidate], at: Timestamp) {
        for candidate in room {
            candidate.on_duty = self.lets_receive(candidate.agent, at);
            candidate.cap = cap_at(&self.modes, candidate.cap, at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::GroupId;
    use crate::routing::{Strategy, Wish, decide};
    use crate::team::duty::{Calendar, Week, Window};
    use crate::team::mode::ModeKind;
    use crate::team::roster::{Shift, ShiftKind};
    use crate::time::Span;
    use crate::zone::{TimeOfDay, Zone};
    use proptest::prelude::*;
    use proptest::strategy::Strategy as _;

    const NIGHT: i64 = 1_764_000_000_000_000;

    fn window(from: u16, to: u16) -> Window {
        let time = |minutes| TimeOfDay::from_minutes(minutes).unwrap();
        Window::new(time(from), time(to)).unwrap()
    }

    fn duty(at: Timestamp, shifts: &[(i64, u16, u16)], is_planned: bool) -> Duty {
        let zone = Zone::utc();
        let day = zone.day(at);
        let shift = |(agent, from, long): &(i64, u16, u16)| Shift {
            account: AccountId::new(*agent),
            day,
            kind: ShiftKind::Own,
            windows: vec![window(*from, (*from + *long).min(24 * 60))],
        };
        let week = Week::plain(9 * 60, 18 * 60);
        let weeks = vec![(Timestamp::from_micros(i64::MIN), week)];
        let calendar = Calendar { zone, weeks, special: Vec::new() };
        Duty { calendar, is_planned, shifts: shifts.iter().map(shift).collect() }
    }

    fn wishes() -> impl proptest::strategy::Strategy<Value = Wish> {
        let agent = || proptest::option::of(0_i64..8);
        (0_usize..3, agent(), agent(), proptest::option::of(0_i64..3), any::<bool>()).prop_map(
            |(strategy, own, last, group, skips_last_agent)| Wish {
                group: group.map(GroupId::new),
                strategy: Strategy::ALL[strategy],
                dedicated: own.map(AccountId::new),
                last_agent: last.map(AccountId::new),
                skips_last_agent,
                ..Wish::default()
            },
        )
    }

    proptest! {
        #[test]
        fn who_is_off_duty_is_never_chosen(
            minute in 0_i64..1440,
            shifts in proptest::collection::vec((0_i64..8, 0_u16..1439, 1_u16..600), 0..8),
            is_planned in any::<bool>(),
            wishes in proptest::collection::vec(wishes(), 1..30),
        ) {
            let start = Timestamp::from_micros(NIGHT / 86_400_000_000 * 86_400_000_000);
            let now = start.plus(Span::minutes(u32::try_from(minute).unwrap()));
            let plan = Plan { duty: Some(Arc::new(duty(now, &shifts, is_planned))), modes: Vec::new() };
            let mut room: Vec<Candidate> = (0..8)
                .map(|n| Candidate {
                    groups: vec![GroupId::new(n % 3)],
                    ..Candidate::available(AccountId::new(n), "n", 4)
                })
                .collect();
            plan.apply(&mut room, now);
            for wish in wishes {
                let decision = decide(&mut room, &wish, now);
                if let Some(chosen) = decision.chosen {
                    prop_assert!(plan.lets_receive(chosen, now));
                }
                let shown = |id| decision.considered.iter().any(|(with, ..)| *with == id);
                for candidate in &room {
                    prop_assert!(candidate.on_duty || !shown(candidate.agent));
                }
            }
        }

        #[test]
        fn nobody_is_over_the_cap_of_the_mode(percent in 10_u32..500, cap in 0_i64..20, asks in 1_usize..300) {
            let now = Timestamp::from_micros(NIGHT);
            let mode = Mode {
                kind: ModeKind::BigSale,
                starts_at: now,
                ends_at: now.plus(Span::minutes(5)),
                ended_at: None,
                cap_percent: percent,
            };
            let plan = Plan { duty: None, modes: vec![mode.clone()] };
            let mut room: Vec<_> =
                (0..3).map(|n| Candidate::available(AccountId::new(n), "n", cap)).collect();
            plan.apply(&mut room, now);
            for _ in 0..asks {
                decide(&mut room, &Wish::default(), now);
            }
            let most = mode.cap(cap);
            prop_assert!(room.iter().all(|c| c.cap == most && c.load <= most));
            let seats = usize::try_from(3 * most).unwrap();
            prop_assert_eq!(room.iter().map(|c| c.load).sum::<i64>(), i64::try_from(asks.min(seats)).unwrap());
        }
    }

    #[test]
    fn without_a_plan_an_available_agent_receives_and_a_shop_may_say_that_none_binds() {
        let night = Timestamp::from_micros(NIGHT / 86_400_000_000 * 86_400_000_000);
        let (one, two) = (AccountId::new(1), AccountId::new(2));
        let bound = |shifts: &[_], hours| Plan {
            duty: Some(Arc::new(duty(night, shifts, hours))),
            modes: Vec::new(),
        };
        assert!(bound(&[], false).lets_receive(one, night), "nobody ever said the hours");
        assert!(!bound(&[], true).lets_receive(one, night), "the shop is closed");
        let planned = bound(&[(1, 0, 60)], true);
        assert!(planned.lets_receive(one, night) && !planned.lets_receive(two, night));
        assert!(Plan::default().lets_receive(two, night));
    }
}
