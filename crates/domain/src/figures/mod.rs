//! What is counted of the talks: pure functions of what was recorded (docs/definitions/figures.md).

mod day;
mod turn;

pub use day::{Count, DayFigures, Goals, Waits};
pub use turn::{Beat, Ending, Turn, Turns};
