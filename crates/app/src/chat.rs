//! Chat: buyers arrive and speak, staff speak, take, hand over and close; everybody reads.

mod arrive;
mod attach;
mod bulk;
mod drafts;
mod filter;
mod follow_up;
pub(crate) mod leave_message;
pub mod links;
mod moves;
mod picture;
pub(crate) mod publish;
mod rating;
mod read;
mod receptions;
mod replay;
mod resolve;
mod search;
pub(crate) mod search_index;
mod send;
mod sweep;
mod verify;
mod viewing;
pub mod wire;

pub(crate) use attach::Files;
pub use attach::{Incoming, Served};
pub use arrive::{Arrival, BuyerCaller, Pulse};
pub use filter::Filter;
pub use follow_up::FollowUpQuery;
pub(crate) use moves::store as store_moves;
pub use read::{ListQuery, Page};
pub use replay::{REPLAY_MOVES_MAX, Replay, Replayed, Whose};
pub(crate) use send::Hands;
pub use send::{Act, Command, Reply, SendQueue, Speaker};
pub use verify::{Broken, Verified};
pub use viewing::Viewings;
