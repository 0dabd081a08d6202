//! Fan-out of what was committed to whoever listens. A hint, never the truth: a lost event costs delay, because every
//! listener counts `seq` and reads a gap from the database.
//!
//! Must never be asked what is true, and never wait for a slow listener.

mod mailbox;

pub use mailbox::{End, Event, EventKind, MAILBOX_MAX, Mail, Mailbox, Slot};

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;

use parking_lot::Mutex;
use xiaoer_domain::id::{AccountId, ConversationId, ShopId};

/// What one can listen to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// The buyer lane of a conversation, its marks and its reception.
    Conversation(ShopId, ConversationId),
    /// The staff lane of a conversation.
    Staff(ShopId, ConversationId),
    /// Rows of one agent's conversations, and the agent's own state.
    Agent(ShopId, AccountId),
    /// Rows that concern every desk of a shop: the queue, and sessions changing hands.
    Desk(ShopId),
    /// The live wall of a shop.
    Wall(ShopId),
    /// Whether somebody is on duty, for every buyer of a shop.
    Duty(ShopId),
}

/// Locks of the registry; more than cores, so that they rarely meet.
const SHARDS: usize = 16;

type Listeners = Mutex<HashMap<Topic, Vec<Arc<Mailbox>>>>;

/// The bus. One node is the whole house for now; between nodes, hints travel by a second kind.
#[derive(Clone)]
pub enum Bus {
    /// Within this process.
    Local(Arc<[Listeners; SHARDS]>),
}

impl Default for Bus {
    fn default() -> Self {
        Self::local()
    }
}

impl Bus {
    /// A bus within this process.
    #[must_use]
    pub fn local() -> Self {
        Self::Local(Arc::new(std::array::from_fn(|_| Mutex::default())))
    }

    /// Starts delivering a topic into a mailbox.
    pub fn listen(&self, topic: Topic, mailbox: &Arc<Mailbox>) {
        self.shard(topic).lock().entry(topic).or_default().push(Arc::clone(mailbox));
    }

    /// Stops delivering a topic into a mailbox.
    pub fn leave(&self, topic: Topic, mailbox: &Arc<Mailbox>) {
        let mut listeners = self.shard(topic).lock();
        let Some(list) = listeners.get_mut(&topic) else { return };
        if let Some(at) = list.iter().position(|m| Arc::ptr_eq(m, mailbox)) {
            list.swap_remove(at);
        }
        if list.is_empty() {
            listeners.remove(&topic);
        }
    }

    /// Delivers an event to everybody who listens to the topic.
    pub fn publish(&self, topic: Topic, event: &Event) {
        let listeners = self.shard(topic).lock();
        for mailbox in listeners.get(&topic).into_iter().flatten() {
            mailbox.deliver(event);
        }
    }

    /// Begins a round of events that wake each connection once, when the round ends.
    #[must_use]
    pub const fn round(&self) -> Round<'_> {
        Round { bus: self, woken: Vec::new() }
    }

    /// Whether anybody listens; saves the work of making an event for nobody.
    #[must_use]
    pub fn is_heard(&self, topic: Topic) -> bool {
        self.shard(topic).lock().contains_key(&topic)
    }

    fn shard(&self, topic: Topic) -> &Listeners {
        let Self::Local(shards) = self;
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(topic);
        &shards[usize::try_from(hash % SHARDS as u64).unwrap_or(0)]
    }
}

/// What a batch made, on its way: laid into mailboxes at once, told together when the round is dropped. A connection
/// that hears of several things, its own answer among them, is woken once and writes once.
pub struct Round<'b> {
    bus: &'b Bus,
    woken: Vec<Arc<Mailbox>>,
}

impl Round<'_> {
    /// Lays an event into the mailboxes of everybody who listens to the topic.
    pub fn publish(&mut self, topic: Topic, event: &Event) {
        let listeners = self.bus.shard(topic).lock();
        for mailbox in listeners.get(&topic).into_iter().flatten() {
            if mailbox.lay(event) {
                self.woken.push(Arc::clone(mailbox));
            }
        }
    }

    /// Whether anybody listens; saves the work of making an event for nobody.
    #[must_use]
    pub fn is_heard(&self, topic: Topic) -> bool {
        self.bus.is_heard(topic)
    }
}

impl Drop for Round<'_> {
    fn drop(&mut self) {
        self.woken.iter().for_each(|mailbox| mailbox.wake());
    }
}
