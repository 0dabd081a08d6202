//! Chat: buyers arrive and speak, staff speak, take, hand over and close; everybody reads.

mod arrive;
pub(crate) mod leave_message;
mod moves;
mod publish;
mod read;
mod search;
pub(crate) mod search_index;
mod send;
mod sweep;
mod verify;
pub mod wire;

pub use arrive::{Arrival, BuyerCaller, Pulse};
pub use read::{ListQuery, Page};
pub(crate) use send::Hands;
pub use send::{Act, Command, Reply, SendQueue, Speaker};
pub use verify::{Broken, Verified};
