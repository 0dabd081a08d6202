//! Team: accounts, sign-in, and the states of agents.

mod accounts;
mod add_people;
mod calls;
mod codes;
mod duty;
mod factor;
mod handover;
mod hours;
mod notices;
mod people;
mod people_table;
mod preferences;
mod roster;
mod sign_in;
mod sign_ins;
mod signature;
mod state;
pub(crate) mod tries;

pub(crate) use accounts::login_taken;
pub(crate) use sign_in::insert as insert_sign_in;

pub use accounts::NewAccount;
pub use add_people::ADDED_MAX;
pub use codes::code_at;
pub use duty::Duties;
pub(crate) use duty::Planned;
pub use sign_in::{Caller, Origin, SIGN_IN_LASTS, SignedIn, Step};
pub use sign_ins::Proof;
pub use state::LEASE;
