//! Facts about placement, on random rooms and queues.

use proptest::prelude::*;
use proptest::strategy::Strategy as _;

use super::Strategy;
use super::*;
use crate::id::{AccountId, GroupId, SessionId};
use crate::team::{AgentState, Suspension};
use crate::time::Timestamp;

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

fn free(id: i64, load: i64, cap: i64, accepted: Option<i64>) -> Candidate {
    let mut candidate = Candidate::available(AccountId::new(id), format!("客服{id}"), cap);
    candidate.load = load;
    candidate.last_accepted = accepted.map(at);
    candidate
}

fn chosen(pool: &[Candidate], wish: &Wish) -> Option<i64> {
    decide(&mut pool.to_vec(), wish, at(1000)).chosen.map(AccountId::get)
}

fn last(agent: i64) -> Wish {
    Wish { last_agent: Some(AccountId::new(agent)), ..Wish::default() }
}

#[test]
fn the_last_agent_is_preferred_only_with_a_free_seat_and_on_duty() {
    let pool = [free(1, 5, 5, None), free(2, 4, 5, None)];
    assert_eq!(chosen(&pool, &last(1)), Some(2));
    let mut pool = [free(1, 4, 5, None), free(2, 0, 5, None)];
    assert_eq!(chosen(&pool, &last(1)), Some(1));
    pool[0].on_duty = false;
    assert_eq!(chosen(&pool, &last(1)), Some(2));
}

#[test]
fn of_equally_loaded_agents_the_longest_idle_one_is_chosen() {
    let pool = [free(1, 1, 5, Some(90)), free(2, 1, 5, Some(20)), free(3, 2, 5, None)];
    assert_eq!(chosen(&pool, &Wish::default()), Some(2));
}

#[test]
fn a_dedicated_agent_comes_before_group_and_last_agent() {
    let (mut own, mut other) = (free(1, 4, 5, None), free(2, 0, 5, None));
    own.groups = vec![GroupId::new(1)];
    other.groups = vec![GroupId::new(2)];
    let dedicated = Some(AccountId::new(1));
    let wish = Wish { group: Some(GroupId::new(2)), dedicated, ..last(2) };
    let mut pool = [own, other];
    assert_eq!(chosen(&pool, &wish), Some(1));
    pool[0].state = Some(AgentState::Away);
    assert_eq!(chosen(&pool, &wish), Some(2));
}

#[test]
fn twice_the_weight_gets_twice_the_buyers() {
    let mut pool = [free(1, 0, 99, None), free(2, 0, 99, None)];
    pool[1].weight = 200;
    let wish = Wish { strategy: Strategy::LevelWeighted, ..Wish::default() };
    for _ in 0..30 {
        decide(&mut pool, &wish, at(5));
    }
    assert_eq!([pool[0].load, pool[1].load], [10, 20]);
}

#[test]
fn a_group_keeps_its_buyers_unless_nobody_of_it_receives() {
    let (mut mine, mut other) = (free(1, 5, 5, None), free(2, 0, 5, None));
    mine.groups = vec![GroupId::new(1)];
    other.groups = vec![GroupId::new(2)];
    let wish = Wish { group: Some(GroupId::new(1)), ..Wish::default() };
    let mut pool = [mine, other];
    let full = decide(&mut pool, &wish, at(5));
    assert_eq!((full.chosen, full.why.code), (None, "queue_full"));
    assert_eq!(
        full.excluded,
        [(AccountId::new(1), Bar::Full), (AccountId::new(2), Bar::OtherGroup)]
    );
    pool[0].is_paused = true;
    let empty = decide(&mut pool, &wish, at(5));
    assert_eq!(empty.chosen, Some(AccountId::new(2)));
    assert!(empty.why.params.contains(&("group", "empty".to_owned())), "and it says so");
}

#[test]
fn everybody_who_was_not_considered_is_named_with_the_reason() {
    let states = [
        None,
        Some(AgentState::Away),
        Some(AgentState::Suspended(Suspension::Meal)),
        Some(AgentState::Invisible),
        Some(AgentState::Available),
        Some(AgentState::Available),
        Some(AgentState::Available),
    ];
    let mut pool: Vec<_> = states
        .into_iter()
        .zip(1..)
        .map(|(state, id)| {
            let mut candidate = free(id, 0, 2, None);
            candidate.state = state;
            candidate
        })
        .collect();
    pool[4].is_paused = true;
    pool[5].on_duty = false;
    pool[6].load = 2;
    let decision = decide(&mut pool, &Wish::default(), at(5));
    assert_eq!((decision.chosen, decision.why.code), (None, "queue_full"));
    assert_eq!(
        decision.candidates_json(),
        r#"{"considered":[],"excluded":{"offline":[1],"off_duty":[6],"away":[2],"suspended":[3],"invisible":[4],"paused":[5],"full":[7]}}"#
    );
    let decision = decide(&mut [free(9, 1, 3, None)], &Wish::default(), at(5));
    assert_eq!(decision.candidates_json(), r#"{"considered":[[9,1,3]],"excluded":{}}"#);
}

#[test]
fn who_comes_while_others_wait_waits_behind_them() {
    let wish = Wish { waits_behind: true, ..Wish::default() };
    let decision = decide(&mut [free(1, 0, 5, None)], &wish, at(5));
    assert_eq!((decision.chosen, decision.why.code), (None, "queue_behind"));
}

fn any_candidate(id: i64) -> impl proptest::strategy::Strategy<Value = Candidate> {
    (0i64..6, 0i64..6, 0usize..8, any::<bool>(), any::<bool>(), 0i64..4, 10i64..300).prop_map(
        move |(load, cap, state, on_duty, is_paused, group, weight)| {
            let mut candidate = free(id, load, cap, None);
            candidate.state = AgentState::ALL.get(state).copied();
            candidate.on_duty = on_duty || load % 2 == 0;
            candidate.is_paused = is_paused && load % 3 == 0;
            candidate.weight = weight;
            candidate.groups = (group > 0).then(|| GroupId::new(group)).into_iter().collect();
            candidate
        },
    )
}

fn any_pool() -> impl proptest::strategy::Strategy<Value = Vec<Candidate>> {
    (0usize..10).prop_flat_map(|count| {
        (0..count).map(|id| any_candidate(i64::try_from(id).unwrap() + 1)).collect::<Vec<_>>()
    })
}

fn any_wish() -> impl proptest::strategy::Strategy<Value = Wish> {
    (0i64..4, 0usize..3, 0usize..3, 0i64..12, 0i64..12).prop_map(
        |(group, strategy, priority, dedicated, last)| Wish {
            group: (group > 0).then(|| GroupId::new(group)),
            strategy: Strategy::ALL[strategy],
            priority: Priority::ALL[priority],
            dedicated: (dedicated > 8).then(|| AccountId::new(dedicated - 8)),
            last_agent: (last > 0).then(|| AccountId::new(last)),
            skips_last_agent: last % 2 == 0,
            waits_behind: false,
        },
    )
}

proptest! {
    #[test]
    fn nobody_is_chosen_beyond_the_cap(pool in any_pool(), wish in any_wish()) {
        let mut after = pool.clone();
        let decision = decide(&mut after, &wish, at(5));
        let named = decision.considered.len() + decision.excluded.len();
        prop_assert_eq!(named, pool.len(), "everybody is accounted for");
        prop_assert_eq!(could_place(&pool, wish.group), !decision.considered.is_empty());
        match decision.chosen {
            Some(agent) => {
                let chosen = after.iter().find(|c| c.agent == agent).unwrap();
                prop_assert!(chosen.load <= chosen.cap);
            }
            None => prop_assert!(decision.considered.is_empty()),
        }
    }

    #[test]
    fn nobody_off_duty_away_or_paused_is_ever_chosen(pool in any_pool(), wish in any_wish()) {
        if let Some(agent) = decide(&mut pool.clone(), &wish, at(5)).chosen {
            let chosen = pool.iter().find(|c| c.agent == agent).unwrap();
            prop_assert!(chosen.on_duty && !chosen.is_paused);
            prop_assert_eq!(chosen.state, Some(AgentState::Available));
        }
    }

    #[test]
    fn no_buyer_is_lost_and_nobody_overtakes_an_equal(
        pool in any_pool(),
        buyers in proptest::collection::vec((any_wish(), 0i64..50), 0..40),
    ) {
        let mut pool = pool;
        let mut queue: Vec<(Ticket, Wish)> = buyers.into_iter().zip(1..).map(|((mut wish, since), id)| {
            wish.dedicated = None;
            wish.last_agent = None;
            (Ticket { priority: wish.priority, since: at(since), session: SessionId::new(id) }, wish)
        }).collect();
        queue.sort_by_key(|(ticket, _)| *ticket);
        let seats: i64 = pool.iter().filter(|c| c.receives()).map(|c| (c.cap - c.load).max(0)).sum();
        let decided: Vec<_> = queue.iter().map(|(_, wish)| decide(&mut pool, wish, at(99)).chosen).collect();
        let placed = decided.iter().flatten().count();
        prop_assert!(i64::try_from(placed).unwrap() <= seats);
        prop_assert_eq!(decided.len(), queue.len(), "placed or still waiting, every one");
        for (early, (ticket, wish)) in queue.iter().enumerate() {
            for (late, (behind, other)) in queue.iter().enumerate().skip(early + 1) {
                prop_assert!(ticket <= behind);
                let overtakes = decided[early].is_none() && decided[late].is_some();
                prop_assert!(!(overtakes && wish.group == other.group), "{early} {late}");
            }
        }
    }

    #[test]
    fn round_robin_is_fair_within_one_over_any_window(agents in 1i64..8, steps in 1usize..60, from in 0usize..60) {
        let mut pool: Vec<_> = (1..=agents).map(|id| free(id, 0, 1000, None)).collect();
        let wish = Wish { strategy: Strategy::RoundRobin, ..Wish::default() };
        // All in one moment: turns must tell them apart where the clock does not.
        let order: Vec<i64> = (0..from + steps)
            .map(|_| decide(&mut pool, &wish, at(5)).chosen.unwrap().get())
            .collect();
        let window = &order[from..];
        let counts: Vec<usize> = (1..=agents).map(|id| window.iter().filter(|a| **a == id).count()).collect();
        prop_assert!(counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1, "{:?}", counts);
    }
}
