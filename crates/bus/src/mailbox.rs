//! What waits for one connection. Entries queue up to a limit and then mark the mailbox as lagging (the connection is
//! dropped and resumes); rows, marks and duty are slots in which the latest wins.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;
use xiaoer_domain::chat::Lane;
use xiaoer_domain::id::ConversationId;

/// Entries and answers that may wait for one connection.
pub const MAILBOX_MAX: usize = 512;

/// Something that happened, shared by everybody who hears of it.
#[derive(Clone, Debug)]
pub struct Event {
    /// Where.
    pub conversation: Option<ConversationId>,
    /// What.
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum EventKind {
    /// A new entry; the frame is serialised once for all listeners.
    Entry {
        /// Which lane.
        lane: Lane,
        /// Its number.
        seq: i64,
        /// The frame, JSON.
        frame: Bytes,
        /// The frame for desks, where it is another one: a person's address is masked there.
        desk: Option<Bytes>,
    },
    /// Lines were erased, frame.
    Erased(Bytes),
    /// Read marks moved.
    Marks(Bytes),
    /// The session of a conversation changed: state word and agent's name.
    Reception {
        /// Head of the buyer lane then: of two receptions, the one with the lower head is the older one.
        head: i64,
        /// `none`, `queued`, `active`.
        state: &'static str,
        /// Who serves.
        agent: Option<Arc<str>>,
    },
    /// Somebody, or nobody, is available.
    Duty(bool),
    /// The row of a conversation changed: read it.
    Row,
    /// The agent's own state changed.
    State(Bytes),
    /// A buyer of somebody else waits beyond overtime, frame.
    Overtime(Bytes),
    /// What the agent has begun to write in a lane changed.
    Draft(Lane, Bytes),
    /// The live wall, frame.
    Wall(Bytes),
    /// A queued buyer's place in the line and expected wait in seconds.
    Place(i64, Option<i64>),
}

/// One thing to take out.
#[derive(Clone, Debug)]
pub enum Mail {
    /// In order.
    Event(Event),
    /// The answer to the connection's own frame, JSON.
    Reply(Bytes),
    /// The latest of its kind.
    Slot(Slot),
}

/// Kinds of which only the latest matters.
#[derive(Clone, Debug)]
pub enum Slot {
    /// This conversation's row changed.
    Row(ConversationId),
    /// Marks of this conversation, frame.
    Marks(ConversationId, Bytes),
    /// Duty changed.
    Duty(bool),
    /// What was begun in a lane of this conversation, frame.
    Draft(ConversationId, Lane, Bytes),
    /// The live wall, frame.
    Wall(Bytes),
    /// The place in the line and the expected wait in seconds.
    Place(i64, Option<i64>),
}

/// Why a connection has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It could not keep up.
    Lagging,
    /// A newer connection of the same visitor took its place.
    Replaced,
    /// The server goes away.
    GoingAway,
}

#[derive(Default)]
struct Waiting {
    queue: VecDeque<Mail>,
    slots: Vec<Slot>,
    end: Option<End>,
}

/// The mailbox of one connection. Empty it holds no memory beyond itself.
#[derive(Default)]
pub struct Mailbox {
    waiting: Mutex<Waiting>,
    notify: Notify,
}

impl Mailbox {
    /// An empty mailbox.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Puts an event in, into the queue or into its slot, and wakes the connection.
    pub fn deliver(&self, event: &Event) {
        if self.lay(event) {
            self.wake();
        }
    }

    /// Puts an event in without waking. True: nobody else is going to wake the connection.
    pub(crate) fn lay(&self, event: &Event) -> bool {
        let mut waiting = self.waiting.lock();
        let is_first = waiting.is_first();
        match (&event.kind, event.conversation) {
            (EventKind::Row, Some(id)) => put(&mut waiting.slots, Slot::Row(id)),
            (EventKind::Marks(frame), Some(id)) => {
                put(&mut waiting.slots, Slot::Marks(id, frame.clone()))
            }
            (EventKind::Draft(lane, frame), Some(id)) => {
                put(&mut waiting.slots, Slot::Draft(id, *lane, frame.clone()))
            }
            (EventKind::Wall(frame), _) => put(&mut waiting.slots, Slot::Wall(frame.clone())),
            (EventKind::Place(place, wait), _) => {
                put(&mut waiting.slots, Slot::Place(*place, *wait))
            }
            (EventKind::Duty(on), _) => put(&mut waiting.slots, Slot::Duty(*on)),
            _ => waiting.push(Mail::Event(event.clone())),
        }
        is_first
    }

    /// Puts the answer to the connection's own frame in.
    pub fn reply(&self, frame: Bytes) {
        let mut waiting = self.waiting.lock();
        let is_first = waiting.is_first();
        waiting.push(Mail::Reply(frame));
        drop(waiting);
        if is_first {
            self.wake();
        }
    }

    pub(crate) fn wake(&self) {
        self.notify.notify_one();
    }

    /// Waits until something may be inside.
    pub async fn wait(&self) {
        self.notify.notified().await;
    }

    /// Tells the connection to end. What still waits is dropped: the client resumes elsewhere.
    pub fn end(&self, end: End) {
        self.waiting.lock().end.get_or_insert(end);
        self.notify.notify_one();
    }

    /// Takes everything out: the queue in order, then the slots.
    ///
    /// # Errors
    /// Why the connection has to end.
    pub fn take(&self) -> Result<Vec<Mail>, End> {
        let mut waiting = self.waiting.lock();
        if let Some(end) = waiting.end {
            return Err(end);
        }
        let mut mail = Vec::with_capacity(waiting.queue.len() + waiting.slots.len());
        mail.extend(std::mem::take(&mut waiting.queue));
        mail.extend(std::mem::take(&mut waiting.slots).into_iter().map(Mail::Slot));
        Ok(mail)
    }
}

impl Waiting {
    /// Whether what comes now has to wake the connection: who put something in before woke it, or is about to.
    fn is_first(&self) -> bool {
        self.queue.is_empty() && self.slots.is_empty()
    }

    fn push(&mut self, mail: Mail) {
        if self.queue.len() >= MAILBOX_MAX {
            self.end.get_or_insert(End::Lagging);
            self.queue = VecDeque::new();
        } else if self.end.is_none() {
            self.queue.push_back(mail);
        }
    }
}

fn put(slots: &mut Vec<Slot>, new: Slot) {
    let same = |old: &Slot| match (old, &new) {
        (Slot::Row(a), Slot::Row(b)) | (Slot::Marks(a, _), Slot::Marks(b, _)) => a == b,
        (Slot::Draft(a, lane, _), Slot::Draft(b, other, _)) => a == b && lane == other,
        (Slot::Duty(_), Slot::Duty(_))
        | (Slot::Wall(_), Slot::Wall(_))
        | (Slot::Place(..), Slot::Place(..)) => true,
        _ => false,
    };
    match slots.iter_mut().find(|old| same(old)) {
        Some(old) => *old = new,
        None => slots.push(new),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bus, Topic};
    use xiaoer_domain::id::ShopId;

    fn entry(seq: i64) -> Event {
        let kind = EventKind::Entry {
            lane: Lane::Buyer,
            seq,
            frame: Bytes::from_static(b"{}"),
            desk: None,
        };
        Event { conversation: Some(ConversationId::new(1)), kind }
    }

    #[test]
    fn entries_keep_their_order_and_rows_keep_only_the_latest() {
        let mailbox = Mailbox::new();
        let row = Event { conversation: Some(ConversationId::new(1)), kind: EventKind::Row };
        for event in [&row, &entry(1), &row, &entry(2), &row] {
            mailbox.deliver(event);
        }
        let mail = mailbox.take().unwrap();
        let seqs: Vec<i64> = mail
            .iter()
            .filter_map(|m| match m {
                Mail::Event(Event { kind: EventKind::Entry { seq, .. }, .. }) => Some(*seq),
                _ => None,
            })
            .collect();
        assert_eq!((seqs, mail.len()), (vec![1, 2], 3));
    }

    #[test]
    fn a_full_mailbox_says_so_and_holds_nothing() {
        let mailbox = Mailbox::new();
        for seq in 0..=i64::try_from(MAILBOX_MAX).unwrap() {
            mailbox.deliver(&entry(seq));
        }
        assert_eq!(mailbox.take().unwrap_err(), End::Lagging);
    }

    #[tokio::test]
    async fn only_listeners_of_the_topic_hear_and_those_who_left_do_not() {
        let (bus, here, gone, other) =
            (Bus::local(), Mailbox::new(), Mailbox::new(), Mailbox::new());
        let topic = Topic::Conversation(ShopId::new(1), ConversationId::new(1));
        bus.listen(topic, &here);
        bus.listen(topic, &gone);
        bus.listen(Topic::Conversation(ShopId::new(2), ConversationId::new(1)), &other);
        bus.leave(topic, &gone);
        bus.publish(topic, &entry(1));
        here.wait().await;
        assert_eq!(here.take().unwrap().len(), 1);
        assert!(gone.take().unwrap().is_empty());
        assert!(other.take().unwrap().is_empty());
        bus.leave(topic, &here);
        assert!(!bus.is_heard(topic));
    }

    #[tokio::test]
    async fn a_round_wakes_once_when_it_ends_and_the_answer_travels_with_it() {
        let (bus, mailbox) = (Bus::local(), Mailbox::new());
        let topic = Topic::Conversation(ShopId::new(1), ConversationId::new(1));
        bus.listen(topic, &mailbox);
        let mut round = bus.round();
        round.publish(topic, &entry(1));
        round.publish(topic, &entry(2));
        mailbox.reply(Bytes::from_static(b"{}"));
        assert!(!is_woken(&mailbox).await);
        drop(round);
        assert!(is_woken(&mailbox).await);
        assert_eq!(mailbox.take().unwrap().len(), 3);
        assert!(!is_woken(&mailbox).await);
        mailbox.deliver(&entry(3));
        assert!(is_woken(&mailbox).await);
    }

    async fn is_woken(mailbox: &Mailbox) -> bool {
        tokio::time::timeout(std::time::Duration::ZERO, mailbox.wait()).await.is_ok()
    }

    #[tokio::test]
    async fn a_full_mailbox_is_woken_for_its_end() {
        let mailbox = Mailbox::new();
        for seq in 0..=i64::try_from(MAILBOX_MAX).unwrap() {
            mailbox.deliver(&entry(seq));
        }
        mailbox.wait().await;
        assert_eq!(mailbox.take().unwrap_err(), End::Lagging);
    }
}
