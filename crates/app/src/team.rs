//! Team: accounts, sign-in, and the states of agents.

mod accounts;
mod preferences;
mod sign_in;
mod state;

pub use accounts::NewAccount;
pub use sign_in::{Caller, SIGN_IN_LASTS, SignedIn};
pub use state::LEASE;
