//! Placing one session: the chosen agent, and everybody who was not chosen with the reason.

use std::cmp::Reverse;

use super::candidate::{Bar, Candidate};
use super::queue::Priority;
use crate::coded::Coded;
use crate::id::{AccountId, GroupId};
use crate::time::{Span, Timestamp};

/// How a group chooses among those who have a seat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// The fewest seats taken; of these, the longest since the last acceptance.
    #[default]
    LeastLoaded,
    /// One after the other: the longest since the last acceptance.
    RoundRobin,
    /// The fewest seats for the agent's weight; of these, the longest since the last acceptance.
    LevelWeighted,
}

impl Strategy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::LeastLoaded, Self::RoundRobin, Self::LevelWeighted];

    /// The word in database and wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::LeastLoaded => "least_loaded",
            Self::RoundRobin => "round_robin",
            Self::LevelWeighted => "level_weighted",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|strategy| strategy.word() == word)
    }
}

/// How a session is to be placed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// The group that should serve it; none: everybody may.
    pub group: Option<GroupId>,
    /// How that group chooses.
    pub strategy: Strategy,
    /// Where it stands in the queue.
    pub priority: Priority,
    /// The buyer's own agent 一对一, before everybody else.
    pub dedicated: Option<AccountId>,
    /// The agent of the last session, if it is to be asked first.
    pub last_agent: Option<AccountId>,
    /// The group does not ask the agent of the last session first.
    pub skips_last_agent: bool,
    /// Others wait already: it queues, and the queue is served in order.
    pub waits_behind: bool,
}

/// What was decided, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// When.
    pub at: Timestamp,
    /// Who got it; none: it queues.
    pub chosen: Option<AccountId>,
    /// Why: the rule that chose, or what it waits for.
    pub why: Coded,
    /// Who had a seat: agent, seats taken, seats.
    pub considered: Vec<(AccountId, i64, i64)>,
    /// Who was not considered, and why.
    pub excluded: Vec<(AccountId, Bar)>,
    /// The chosen agent's turn: grows with every placement, so that no two share one.
    pub turn: Option<Timestamp>,
}

impl Decision {
    /// It queues, by somebody's act.
    #[must_use]
    pub const fn queued(why: Coded, at: Timestamp) -> Self {
        Self { at, chosen: None, why, considered: Vec::new(), excluded: Vec::new(), turn: None }
    }

    /// Candidates as JSON: `{"considered":[[agent,load,cap]…],"excluded":{"full":[agent…]…}}`.
    #[must_use]
    pub fn candidates_json(&self) -> String {
        let considered: Vec<String> =
            self.considered.iter().map(|(a, load, cap)| format!("[{a},{load},{cap}]")).collect();
        let excluded: Vec<String> = Bar::ALL
            .into_iter()
            .filter_map(|bar| {
                let with = self.excluded.iter().filter(|(_, of)| *of == bar);
                let ids: Vec<String> = with.map(|(agent, _)| agent.to_string()).collect();
                (!ids.is_empty()).then(|| format!("\"{}\":[{}]", bar.word(), ids.join(",")))
            })
            .collect();
        format!(
            "{{\"considered\":[{}],\"excluded\":{{{}}}}}",
            considered.join(","),
            excluded.join(",")
        )
    }
}

/// Whether a session of this group would find a seat now.
#[must_use]
pub fn could_place(pool: &[Candidate], group: Option<GroupId>) -> bool {
    let is_manned = pool.iter().any(|c| c.serves(group) && c.receives());
    let group = group.filter(|_| is_manned);
    pool.iter().any(|c| c.has_seat() && c.serves(group))
}

/// Chooses for one session, and takes the seat in `pool`: the dedicated agent, the agent of the last session, or whom
/// the strategy names. Only agents of the group are asked, unless none of them receives: then everybody is, so that
/// nobody waits for an empty room.
pub fn decide(pool: &mut [Candidate], wish: &Wish, now: Timestamp) -> Decision {
    let is_manned = pool.iter().any(|c| c.serves(wish.group) && c.receives());
    let group = wish.group.filter(|_| is_manned);
    let mut decision = Decision::queued(Coded::plain("queue_nobody"), now);
    for candidate in pool.iter() {
        let bar = candidate.barred().or_else(|| match () {
            () if !candidate.serves(group) => Some(Bar::OtherGroup),
            () if candidate.load >= candidate.cap => Some(Bar::Full),
            () => None,
        });
        match bar {
            Some(bar) => decision.excluded.push((candidate.agent, bar)),
            None => {
                decision.considered.push((candidate.agent, candidate.load, candidate.cap));
            }
        }
    }
    let Some((chosen, code)) = choose(pool, &decision.considered, wish) else {
        decision.why = Coded::plain(queue_code(&decision, wish));
        return decision;
    };
    let last_turn = pool.iter().filter_map(|c| c.last_accepted).max();
    let turn = last_turn.map_or(now, |last| now.max(last.plus(Span::from_micros(1))));
    if let Some(seat) = pool.iter_mut().find(|c| c.agent == chosen) {
        let mut params = vec![
            ("load", seat.load.to_string()),
            ("cap", seat.cap.to_string()),
            ("candidates", decision.considered.len().to_string()),
        ];
        if wish.group.is_some() && !is_manned {
            params.push(("group", "empty".to_owned()));
        }
        decision.why = Coded { code, params };
        seat.load += 1;
        seat.last_accepted = Some(turn);
    }
    decision.chosen = Some(chosen);
    decision.turn = Some(turn);
    decision
}

/// What a session waits for that nobody got.
fn queue_code(decision: &Decision, wish: &Wish) -> &'static str {
    let someone_is_full = decision.excluded.iter().any(|(_, bar)| *bar == Bar::Full);
    match () {
        () if wish.waits_behind && !decision.considered.is_empty() => "queue_behind",
        () if someone_is_full => "queue_full",
        () => "queue_nobody",
    }
}

fn choose(
    pool: &[Candidate],
    considered: &[(AccountId, i64, i64)],
    wish: &Wish,
) -> Option<(AccountId, &'static str)> {
    if wish.waits_behind {
        return None;
    }
    let has_seat = |agent: AccountId| considered.iter().any(|(with, ..)| *with == agent);
    // A dedicated agent serves the own buyer whatever the group.
    let own = wish.dedicated.filter(|own| pool.iter().any(|c| c.agent == *own && c.has_seat()));
    if let Some(own) = own {
        return Some((own, "dedicated"));
    }
    if let Some(known) = wish.last_agent.filter(|known| !wish.skips_last_agent && has_seat(*known))
    {
        return Some((known, "same_agent"));
    }
    let free = pool.iter().filter(|c| has_seat(c.agent));
    let best = match wish.strategy {
        Strategy::LeastLoaded => free.min_by_key(|c| (c.load, c.last_accepted, c.agent)),
        Strategy::RoundRobin => free.min_by_key(|c| (c.last_accepted, c.agent)),
        Strategy::LevelWeighted => {
            free.min_by_key(|c| (share(c), Reverse(c.weight), c.last_accepted, c.agent))
        }
    };
    best.map(|c| (c.agent, wish.strategy.word()))
}

/// Seats with one more for the weight, in millionths.
const fn share(candidate: &Candidate) -> i64 {
    let weight = if candidate.weight < 1 { 1 } else { candidate.weight };
    (candidate.load + 1) * 1_000_000 / weight
}
