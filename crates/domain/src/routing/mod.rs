//! Routing: who gets a new session, and why.

use crate::coded::Coded;
use crate::id::AccountId;
use crate::time::Timestamp;

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
}

/// Picks an agent among the available ones: the one of the last session if there is a free seat, else the least
/// loaded, and of these the one who has waited longest since the last acceptance. `None` when nobody has a free seat.
#[must_use]
pub fn place(
    available: &[Candidate],
    last_agent: Option<AccountId>,
) -> Option<(&Candidate, Coded)> {
    let free = || available.iter().filter(|c| c.load < c.cap);
    if let Some(known) = free().find(|c| Some(c.agent) == last_agent) {
        return Some((known, Coded::plain("same_agent")));
    }
    let best = free().min_by_key(|c| (c.load, c.last_accepted, c.agent))?;
    let params = vec![
        ("load", best.load.to_string()),
        ("cap", best.cap.to_string()),
        ("candidates", available.len().to_string()),
    ];
    Some((best, Coded { code: "least_loaded", params }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn candidate(id: i64, load: i64, cap: i64, accepted: Option<i64>) -> Candidate {
        Candidate {
            agent: AccountId::new(id),
            name: String::new(),
            load,
            cap,
            last_accepted: accepted.map(Timestamp::from_micros),
        }
    }

    #[test]
    fn the_last_agent_is_preferred_only_with_a_free_seat() {
        let pool = [candidate(1, 5, 5, None), candidate(2, 4, 5, None)];
        assert_eq!(place(&pool, Some(AccountId::new(1))).unwrap().0.agent, AccountId::new(2));
        let pool = [candidate(1, 4, 5, None), candidate(2, 0, 5, None)];
        assert_eq!(place(&pool, Some(AccountId::new(1))).unwrap().0.agent, AccountId::new(1));
    }

    #[test]
    fn of_equally_loaded_agents_the_longest_idle_one_is_chosen() {
        let pool =
            [candidate(1, 1, 5, Some(90)), candidate(2, 1, 5, Some(20)), candidate(3, 2, 5, None)];
        assert_eq!(place(&pool, None).unwrap().0.agent, AccountId::new(2));
    }

    proptest! {
        #[test]
        fn nobody_is_chosen_beyond_the_cap(pool in proptest::collection::vec((0i64..9, 0i64..6), 0..12), last in 0i64..12) {
            let pool: Vec<_> = pool.iter().zip(0..).map(|((load, cap), id)| candidate(id, *load, *cap, None)).collect();
            match place(&pool, Some(AccountId::new(last))) {
                Some((chosen, _)) => prop_assert!(chosen.load < chosen.cap),
                None => prop_assert!(pool.iter().all(|c| c.load >= c.cap)),
            }
        }
    }
}
