//! The open connections: how many, whose, and how to end them all.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use xiaoer_bus::{End, Mailbox};
use xiaoer_domain::id::{AccountId, ShopId};

/// Whose connection it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// A visitor's.
    Visitor(ShopId, i64),
    /// An agent's desk.
    Desk(ShopId, AccountId),
}

/// Every open connection by owner, oldest first.
#[derive(Default)]
pub struct Connections(Mutex<HashMap<Owner, Vec<Arc<Mailbox>>>>);

impl Connections {
    /// Enters a connection; beyond `max` of one owner the oldest is told to end.
    pub fn enter(&self, owner: Owner, mailbox: &Arc<Mailbox>, max: usize) {
        let mut owners = self.0.lock();
        let list = owners.entry(owner).or_default();
        list.push(Arc::clone(mailbox));
        if list.len() > max {
            list.remove(0).end(End::Replaced);
        }
        Self::count(&owner, 1.0);
    }

    /// Takes a connection out; true when it was the owner's last.
    pub fn leave(&self, owner: Owner, mailbox: &Arc<Mailbox>) -> bool {
        let mut owners = self.0.lock();
        Self::count(&owner, -1.0);
        let Some(list) = owners.get_mut(&owner) else { return true };
        list.retain(|m| !Arc::ptr_eq(m, mailbox));
        if list.is_empty() {
            owners.remove(&owner);
            return true;
        }
        false
    }

    /// Whether the owner has a connection.
    pub fn is_here(&self, owner: Owner) -> bool {
        self.0.lock().contains_key(&owner)
    }

    /// Tells every connection to end.
    pub fn end_all(&self) {
        for mailbox in self.0.lock().values().flatten() {
            mailbox.end(End::GoingAway);
        }
    }

    fn count(owner: &Owner, by: f64) {
        let side = match owner {
            Owner::Visitor(..) => "buyer",
            Owner::Desk(..) => "desk",
        };
        metrics::gauge!("xiaoer_connections", "side" => side).increment(by);
    }
}
