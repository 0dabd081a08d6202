//! Telling listeners what was committed. Runs after the commit and never fails: whoever misses a hint reads the gap.

use std::sync::Arc;

use xiaoer_bus::{Bus, Event, EventKind, Round, Topic};
use xiaoer_domain::chat::{EntryKind, Lane, Talk};
use xiaoer_domain::id::{AccountId, ConversationId, PublicId, ShopId};
use xiaoer_protocol::chat::{self as protocol, Marks};
use xiaoer_protocol::frames::ToClient;
use xiaoer_store::chat::save::Made;

use super::links::Links;
use super::wire;
use crate::frame;

/// Publishes entries, and what they changed in rows and receptions, in a round that the caller ends. `name` gives the
/// name of an agent who wrote.
pub(crate) fn made(
    round: &mut Round<'_>,
    shop: ShopId,
    made: &Made,
    links: &Links,
    name: impl Fn(AccountId) -> Option<String>,
) {
    for talk in &made.talks {
        let entries = made.entries.iter().filter(|(id, _)| *id == talk.id).map(|(_, entry)| entry);
        let mut changed_hands = false;
        for entry in entries {
            let topic = match entry.lane {
                Lane::Buyer => Topic::Conversation(shop, talk.id),
                Lane::Staff => Topic::Staff(shop, talk.id),
            };
            changed_hands |=
                matches!(entry.kind, EntryKind::Open | EntryKind::Transfer | EntryKind::Close);
            if round.is_heard(topic) {
                let author = match entry.author {
                    xiaoer_domain::chat::Author::Agent(id) => name(id),
                    _ => None,
                };
                let shown = wire::entry(entry, author.as_deref(), &links.of(shop));
                let framed = |entry: protocol::Entry| {
                    let conversation = wire::conversation(talk.public_id);
                    frame(&ToClient::Entry { conversation, entry: Box::new(entry) })
                };
                let desk = wire::veiled(&shown).map(framed);
                let whole = framed(shown);
                let (lane, seq) = (entry.lane, entry.seq);
                let kind = EventKind::Entry { lane, seq, frame: whole, desk };
                round.publish(topic, &Event { conversation: Some(talk.id), kind });
            }
        }
        if changed_hands {
            reception(round, shop, talk, made);
        }
        row(round, shop, talk, changed_hands);
    }
}

fn reception(round: &mut Round<'_>, shop: ShopId, talk: &Talk, made: &Made) {
    let given =
        made.entries.iter().rev().find(|(id, e)| *id == talk.id && e.kind == EntryKind::Transfer);
    let agent = given.and_then(|(_, e)| {
        let (_, name) = e.notice.as_ref()?.params.iter().find(|(name, _)| *name == "agent")?;
        Some(Arc::from(name.as_str()))
    });
    let state = match talk.open_session() {
        None => "none",
        Some(session) => session.state().word(),
    };
    let agent = agent.filter(|_| state == "active");
    let kind = EventKind::Reception { head: talk.head.seq, state, agent };
    let event = Event { conversation: Some(talk.id), kind };
    round.publish(Topic::Conversation(shop, talk.id), &event);
}

/// Tells desks that a row changed: all of them when the session opened, changed hands or closed, else its agent.
fn row(round: &mut Round<'_>, shop: ShopId, talk: &Talk, changed_hands: bool) {
    let agent = talk.open_session().and_then(|s| s.agent);
    let event = Event { conversation: Some(talk.id), kind: EventKind::Row };
    match agent {
        Some(agent) if !changed_hands => round.publish(Topic::Agent(shop, agent), &event),
        _ => round.publish(Topic::Desk(shop), &event),
    }
    // Whoever has it open sees its row too.
    round.publish(Topic::Staff(shop, talk.id), &event);
}

/// Tells whoever has a talk open that lines of it were erased.
pub(crate) fn erased(
    bus: &Bus,
    (shop, id, public_id): (ShopId, ConversationId, PublicId),
    lane: Lane,
    seqs: Vec<i64>,
) {
    let topic = match lane {
        Lane::Buyer => Topic::Conversation(shop, id),
        Lane::Staff => Topic::Staff(shop, id),
    };
    if bus.is_heard(topic) {
        let (conversation, lane_word) = (wire::conversation(public_id), lane.word().to_owned());
        let frame = frame(&ToClient::Erased { conversation, lane: lane_word, seqs });
        bus.publish(topic, &Event { conversation: Some(id), kind: EventKind::Erased(frame) });
    }
}

/// Tells both sides how far each has read.
pub(crate) fn marks(
    bus: &Bus,
    shop: ShopId,
    id: ConversationId,
    conversation: String,
    marks: Marks,
) {
    let topic = Topic::Conversation(shop, id);
    if bus.is_heard(topic) {
        let frame = frame(&ToClient::Marks { conversation, marks });
        bus.publish(topic, &Event { conversation: Some(id), kind: EventKind::Marks(frame) });
    }
}
