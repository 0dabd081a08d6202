//! The guard: reads what an agent is about to say to a buyer and tells what should not be said, why, and what could be
//! said instead. One engine for the send path, the composer, the phrase library and the rule screen.
//!
//! ```
//! use xiaoer_domain::quality::guard::{Context, Guard, Level, ShopKind};
//! use xiaoer_domain::time::Timestamp;
//!
//! let guard = Guard::built_in(ShopKind::Mall, Timestamp::from_micros(0));
//! let found = guard.check("亲，加个威❤吧", &Context::default());
//! assert_eq!(found[0].level, Level::Block);
//! ```
//!
//! What the rules are and where they come from: docs/definitions/guard.md.

mod built_in;
mod engine;
mod fold;
mod matcher;
mod normal;
mod numbers;
mod pattern;
mod rule;

pub use built_in::{EDITIONS, Edition, built_in, editions_agree};
pub use engine::{Context, Finding, Guard, RuleWords, Word};
pub use numbers::{ADDRESS_END_CHARS, Number, address_ends, numbers};
pub use pattern::{Pattern, WORD_CHARS_MAX, WordError};
pub use rule::{Level, RuleCode, ShopKind};

#[cfg(test)]
mod tests;
