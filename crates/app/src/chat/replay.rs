//! Replaying a conversation that was held elsewhere, or never: the same moves as live ones, at the moments they are
//! told to have happened at. So its log is numbered, sealed, told to the journal and found like any other.

use std::sync::Arc;

use xiaoer_domain::chat::{
    Author, ClientId, Entry, EntryKind, Lane, MessageText, Rules, Salt, TakingBack, Talk, Target,
};
use xiaoer_domain::id::{BuyerId, ConversationId, PublicId, ShopId};
use xiaoer_domain::routing::Candidate;
use xiaoer_domain::team::Colleague;
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::ErrorCode;
use xiaoer_store::chat::save::Made;
use xiaoer_store::chat::{load, people};
use xiaoer_store::{StoreError, Tx};

use super::{moves, publish};
use crate::platform::Shop;
use crate::{App, AppError, salts};

/// Most moves of one replay: it is one transaction.
pub const REPLAY_MOVES_MAX: usize = 400;

/// A conversation to be replayed: it happens only if nobody has spoken in it before.
#[derive(Clone, Debug)]
pub struct Replay {
    /// Whose conversation it is.
    pub whose: Whose,
    /// Its name on the wire, if it has none yet.
    pub conversation: PublicId,
    /// What happened, in order of time.
    pub moves: Vec<(Timestamp, Replayed)>,
}

/// Whose conversation it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The customer with this number; made if there is none.
    Customer {
        /// The customer's number in the shop.
        number: String,
        /// Name on the wire of a new buyer.
        buyer: PublicId,
    },
    /// A visitor nobody knows, under this name on the wire.
    Visitor(PublicId),
}

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum Replayed {
    /// From now on these are on duty, with their seats.
    OnDuty(Vec<Candidate>),
    /// The buyer said something.
    BuyerSaid(String),
    /// Somebody of the shop said something.
    StaffSaid(Colleague, String),
    /// Somebody of the shop wrote an internal note.
    Noted(Colleague, String),
    /// Somebody (the buyer, if nobody is named) took back the last own line.
    TookBack(Option<Colleague>),
    /// The session went from the first to the second, with a note.
    HandedOver(Colleague, Colleague, String),
    /// The buyer read what is there.
    BuyerRead,
    /// The buyer was told that nobody is there.
    ToldNobodyIsThere,
    /// Somebody ended the session.
    Closed(Colleague),
    /// What silence brings by now.
    FellSilent,
}

impl App {
    /// Replays a conversation, in one transaction. False if somebody has spoken in it before: then nothing happens.
    ///
    /// # Errors
    /// `bad_request` for too many moves; what a move is refused for; the database.
    pub async fn replay(&self, shop: &Shop, replay: Arc<Replay>) -> Result<bool, AppError> {
        let (id, seed, now) = (shop.id, self.chance.bytes::<32>(), self.clock.now());
        let first = replay.moves.first().map_or(now, |(at, _)| *at);
        if replay.moves.len() > REPLAY_MOVES_MAX {
            return Err(AppError::bad_field("moves"));
        }
        let (rules, chars_max) = (shop.rules(first), self.limits.text_chars_max);
        let held = Arc::clone(&replay);
        let made = self.db.write(move |tx| {
            let replay = Arc::clone(&held);
            Box::pin(async move {
                let Some(conversation) = begin(tx, id, &replay, first).await? else {
                    return Ok(None);
                };
                let mut salts = salts(seed);
                let act = Act { tx, shop: id, rules, chars_max, salts: &mut salts };
                act.run(conversation, &replay).await.map(Some)
            })
        });
        let made: Result<Option<Made>, AppError> = made.await;
        match made {
            Ok(None) => Ok(false),
            // The visitor is here already.
            Err(AppError::Store(StoreError::Unique { .. })) => Ok(false),
            Err(error) => Err(error),
            Ok(Some(made)) => {
                let names = |account| {
                    replay.moves.iter().find_map(|(_, replayed)| match replayed {
                        Replayed::StaffSaid(by, _) | Replayed::Noted(by, _)
                            if by.account == account =>
                        {
                            Some(by.name.clone())
                        }
                        _ => None,
                    })
                };
                publish::made(&mut self.bus.round(), id, &made, &self.links, names);
                Ok(true)
            }
        }
    }
}

/// The conversation, if nobody has spoken in it.
async fn begin(
    tx: &mut Tx,
    shop: ShopId,
    replay: &Replay,
    at: Timestamp,
) -> Result<Option<ConversationId>, AppError> {
    let buyer: BuyerId = match &replay.whose {
        Whose::Visitor(public) => people::insert_buyer(tx, shop, *public, None, "", at).await?,
        Whose::Customer { number, buyer } => {
            match people::find_buyer_by_ref(tx, shop, number).await? {
                Some(known) => known.id,
                None => people::insert_buyer(tx, shop, *buyer, Some(number), number, at).await?,
            }
        }
    };
    let id = people::ensure_conversation(tx, shop, buyer, replay.conversation, at).await?;
    let talk = load::talk(tx, shop, id).await?;
    let talk = talk.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
    Ok((talk.head.seq == 0 && talk.staff_head.seq == 0).then_some(id))
}

struct Act<'a> {
    tx: &'a mut Tx,
    shop: ShopId,
    rules: Rules,
    chars_max: usize,
    salts: &'a mut (dyn FnMut() -> Salt + Send),
}

impl Act<'_> {
    /// Stores after each session: a set of changes knows one session of a conversation.
    async fn run(mut self, id: ConversationId, replay: &Replay) -> Result<Made, AppError> {
        let talk = load::talk(self.tx, self.shop, id).await?;
        let mut talk = talk.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
        let (mut on_duty, mut last) = (Vec::new(), Made::default());
        let mut entries: Vec<Entry> = Vec::new();
        for (number, (at, replayed)) in replay.moves.iter().enumerate() {
            let was_open = talk.open_session().is_some();
            let client_id = ClientId::parse(&format!("replay.{number:06}"))?;
            let new = self.one(&mut talk, &mut on_duty, &entries, client_id, *at, replayed)?;
            entries.extend(new);
            if was_open && talk.open_session().is_none() {
                last = self.store(&mut talk, &mut entries).await?;
            }
        }
        if !entries.is_empty() {
            last = self.store(&mut talk, &mut entries).await?;
        }
        Ok(last)
    }

    async fn store(&mut self, talk: &mut Talk, entries: &mut Vec<Entry>) -> Result<Made, AppError> {
        let entries = std::mem::take(entries).into_iter().map(|entry| (talk.id, entry)).collect();
        let mut made = Made { talks: vec![talk.clone()], entries };
        moves::store(self.tx, self.shop, &mut made).await?;
        if let Some(stored) = made.talks.first() {
            *talk = stored.clone();
        }
        Ok(made)
    }

    fn one(
        &mut self,
        talk: &mut Talk,
        on_duty: &mut Vec<Candidate>,
        before: &[Entry],
        client_id: ClientId,
        at: Timestamp,
        replayed: &Replayed,
    ) -> Result<Vec<Entry>, AppError> {
        let salts = &mut *self.salts;
        let text = |text: &str| MessageText::parse(text, self.chars_max);
        Ok(match replayed {
            Replayed::OnDuty(candidates) => {
                on_duty.clone_from(candidates);
                talk.place_queued(on_duty, at, salts)
            }
            Replayed::BuyerSaid(said) => {
                talk.buyer_says(client_id, text(said)?, at, &self.rules, on_duty, salts)
            }
            Replayed::StaffSaid(by, said) => {
                talk.staff_says(by, Lane::Buyer, client_id, text(said)?, at, salts)
            }
            Replayed::Noted(by, said) => {
                talk.staff_says(by, Lane::Staff, client_id, text(said)?, at, salts)
            }
            Replayed::TookBack(by) => {
                let author =
                    by.as_ref().map_or(Author::Buyer(talk.buyer), |by| Author::Agent(by.account));
                let target = last_line(before, author);
                let target = target.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
                let wish = TakingBack { author, lane: Lane::Buyer, target, client_id };
                vec![talk.recall(wish, at, &self.rules, salts)?]
            }
            Replayed::HandedOver(by, to, note) => {
                let mut entries = talk.hand_over(by, false, to, at, &mut *salts)?;
                let note = text(note)?;
                entries.extend(talk.staff_says(by, Lane::Staff, client_id, note, at, salts));
                entries
            }
            Replayed::BuyerRead => {
                talk.buyer_read_seq = talk.head.seq;
                Vec::new()
            }
            Replayed::ToldNobodyIsThere => {
                vec![talk.notify(super::leave_message::CODE, client_id, at, salts)]
            }
            Replayed::Closed(by) => {
                // Whoever ends it has read it.
                (talk.staff_read_seq, talk.unread) = (talk.head.seq, 0);
                vec![talk.close(by, at, salts)?]
            }
            Replayed::FellSilent => talk.fall_silent(&self.rules, at, salts).into_iter().collect(),
        })
    }
}

/// The author's last line in the buyer lane, of those that are not stored yet.
fn last_line(entries: &[Entry], author: Author) -> Option<Target> {
    let line = entries.iter().rev().find(|entry| {
        entry.kind == EntryKind::Message && entry.author == author && entry.lane == Lane::Buyer
    })?;
    Some(Target { seq: line.seq, author, at: line.at, kind: line.kind, recalled_by: None })
}
