//! What happens in a run: drawn from a seed, so that the same number plays the same plan again.

use std::fmt;

use super::Die;

/// A run before it is played.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where it was drawn from.
    pub seed: u64,
    /// How many steps were asked for.
    pub asked: usize,
    /// Buyers who chat.
    pub buyers: usize,
    /// Agents who serve.
    pub agents: usize,
    /// What they do, in this order of beginning; what overlaps is up to the machine.
    pub steps: Vec<Step>,
}

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A buyer does something.
    Buyer(usize, Deed, u64),
    /// An agent does something.
    Agent(usize, Deed, u64),
    /// The server is killed where it stands, and started again.
    Kill,
    /// The server is asked to stop, and started again.
    Restart,
    /// Everybody comes to rest; what they hold is compared.
    Rest,
}

/// What one who chats can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Says a line.
    Say,
    /// Sends a line twice, over the socket or over both ways.
    SayTwice,
    /// Uses the id of a stored line for another text.
    Conflict,
    /// Takes an own line back.
    Recall,
    /// Reads to the end.
    Read,
    /// Loses the connection, says some lines without one, comes back.
    Bounce,
    /// Like a bounce, but the lines arrive in another order than they were said.
    Shuffle,
    /// Goes on without a socket, or with one again.
    Switch,
    /// Agent: writes a note.
    Note,
    /// Agent: takes a buyer.
    Take,
    /// Agent: hands a buyer over.
    HandOver,
    /// Agent: closes a session.
    Close,
    /// Agent: becomes available or goes away.
    State,
    /// Agent: looks away from a conversation and back at it.
    LookAgain,
}

/// Deeds of a buyer, by weight.
const OF_BUYERS: &[(Deed, u64)] = &[
    (Deed::Say, 40),
    (Deed::SayTwice, 10),
    (Deed::Conflict, 6),
    (Deed::Recall, 6),
    (Deed::Read, 8),
    (Deed::Bounce, 8),
    (Deed::Shuffle, 5),
    (Deed::Switch, 5),
];

/// Deeds of an agent, by weight.
const OF_AGENTS: &[(Deed, u64)] = &[
    (Deed::Say, 36),
    (Deed::SayTwice, 8),
    (Deed::Conflict, 5),
    (Deed::Recall, 6),
    (Deed::Read, 8),
    (Deed::Bounce, 6),
    (Deed::Shuffle, 4),
    (Deed::Switch, 4),
    (Deed::Note, 14),
    (Deed::Take, 6),
    (Deed::HandOver, 5),
    (Deed::Close, 5),
    (Deed::State, 4),
    (Deed::LookAgain, 5),
];

/// Of a thousand steps, so many kill the server.
const KILLS_PER_MILLE: u64 = 8;
/// Of a thousand steps, so many restart it.
const RESTARTS_PER_MILLE: u64 = 3;
/// Of a thousand steps, after so many everybody rests.
const RESTS_PER_MILLE: u64 = 4;

impl Plan {
    /// Draws a plan of this many steps. At least one of them kills the server.
    pub fn draw(seed: u64, steps: usize) -> Self {
        let mut die = Die::new(seed);
        let (buyers, agents) = (3 + die.below(4), 2 + die.below(2));
        let mut plan =
            Self { seed, asked: steps, buyers, agents, steps: Vec::with_capacity(steps + 1) };
        for _ in 0..steps {
            let step = plan.draw_step(&mut die);
            plan.steps.push(step);
        }
        if !plan.steps.contains(&Step::Kill) {
            let at = steps / 2;
            plan.steps.insert(at, Step::Kill);
        }
        plan
    }

    fn draw_step(&self, die: &mut Die) -> Step {
        let fate = die.draw() % 1000;
        if fate < KILLS_PER_MILLE {
            return Step::Kill;
        }
        if fate < KILLS_PER_MILLE + RESTARTS_PER_MILLE {
            return Step::Restart;
        }
        if fate < KILLS_PER_MILLE + RESTARTS_PER_MILLE + RESTS_PER_MILLE {
            return Step::Rest;
        }
        let who = die.below(self.buyers + self.agents);
        if who < self.buyers {
            Step::Buyer(who, weighed(OF_BUYERS, die), die.draw())
        } else {
            Step::Agent(who - self.buyers, weighed(OF_AGENTS, die), die.draw())
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |wanted: Step| self.steps.iter().filter(|step| **step == wanted).count();
        write!(
            f,
            "seed {}: {} buyers, {} agents, {} steps, {} kills, {} restarts",
            self.seed,
            self.buyers,
            self.agents,
            self.steps.len(),
            count(Step::Kill),
            count(Step::Restart),
        )
    }
}

fn weighed(deeds: &[(Deed, u64)], die: &mut Die) -> Deed {
    let all: u64 = deeds.iter().map(|(_, weight)| weight).sum();
    let mut left = die.draw() % all;
    for (deed, weight) in deeds {
        if left < *weight {
            return *deed;
        }
        left -= weight;
    }
    deeds[0].0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_the_same_plan_again_and_another_seed_another_one() {
        let plan = Plan::draw(7, 200);
        assert_eq!(plan.steps, Plan::draw(7, 200).steps);
        assert_ne!(plan.steps, Plan::draw(8, 200).steps);
        assert!(plan.steps.contains(&Step::Kill));
    }
}
