//! Routing: who gets a buyer, why, and who waits how long. See docs/definitions/routing.md.
//!
//! Pure: the store brings the candidates and the queue, time is an argument, and nothing here looks anything up.

mod candidate;
mod overtime;
mod place;
#[cfg(test)]
mod place_tests;
mod plan;
mod queue;
mod wait;

pub use candidate::{Bar, Candidate, WEIGHT_MAX, WEIGHT_MIN, WEIGHT_NORMAL};
pub use overtime::{Held, Hold, Thresholds, ThresholdsFault};
pub use place::{Decision, Strategy, Wish, could_place, decide};
pub use plan::Plan;
pub use queue::{Priority, Ticket};
pub use wait::{Outlook, SAMPLES_MIN};
