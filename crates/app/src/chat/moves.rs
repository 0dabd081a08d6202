//! Moves of one conversation: take, hand over, close, and the house's own lines. Each loads the conversation locked,
//! lets the domain decide, stores, commits and publishes.

use std::sync::Arc;

use xiaoer_domain::chat::{
    Author, ClientId, Entry, EntryKind, Lane, MessageText, Salts, SessionRef, Talk,
};
use xiaoer_domain::id::{AccountId, ConversationId, GroupId, ShopId};
use xiaoer_domain::routing::Candidate;
use xiaoer_domain::team::Colleague;
use xiaoer_domain::team::{AgentState, Right, Role, may};
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::ErrorCode;
use xiaoer_store::chat::save::{self, Fact, Made};
use xiaoer_store::chat::{load, read};
use xiaoer_store::routing::{self, Routed};
use xiaoer_store::{Tx, team};

use super::publish;
use crate::routing::locked_room;
use crate::{App, AppError, salts};

/// Stores what moves made and tells the journal, in the transaction of the moves.
pub(crate) async fn store(tx: &mut Tx, shop: ShopId, made: &mut Made) -> Result<(), AppError> {
    if made.talks.is_empty() {
        return Ok(());
    }
    let routed = Routed::of(&made.talks);
    save::new_sessions(tx, shop, made).await?;
    let facts: Vec<Fact> = made.entries.iter().map(|(id, entry)| fact(*id, entry, made)).collect();
    save::made(tx, shop, made, &facts).await?;
    routed.store(tx, shop, &made.talks).await?;
    Ok(())
}

/// What the journal is told of an entry: ids only.
fn fact(conversation: ConversationId, entry: &Entry, made: &Made) -> Fact {
    let session = match entry.session {
        SessionRef::Stored(id) => id.get(),
        SessionRef::None | SessionRef::New => 0,
    };
    let agent = || {
        let talk = made.talks.iter().find(|talk| talk.id == conversation);
        let agent = talk.and_then(|t| t.session.as_ref()).and_then(|s| s.agent).map(AccountId::get);
        agent.map_or_else(|| "null".to_owned(), |id| id.to_string())
    };
    let lane = entry.lane.code();
    let (kind, json) = match entry.kind {
        EntryKind::Message | EntryKind::Notice => {
            let (seq, by) = (entry.seq, entry.author.side().code());
            let json = format!(r#"{{"c":{conversation},"l":{lane},"s":{seq},"by":{by}}}"#);
            ("entry_added", json)
        }
        EntryKind::Recall => {
            let gone = entry.ref_seq.unwrap_or(0);
            ("entry_recalled", format!(r#"{{"c":{conversation},"l":{lane},"s":{gone}}}"#))
        }
        EntryKind::Open => {
            ("session_opened", format!(r#"{{"c":{conversation},"n":{session},"a":{}}}"#, agent()))
        }
        EntryKind::Transfer => {
            ("session_given", format!(r#"{{"c":{conversation},"n":{session},"a":{}}}"#, agent()))
        }
        EntryKind::Close => ("session_closed", format!(r#"{{"c":{conversation},"n":{session}}}"#)),
    };
    Fact { at: entry.at, kind, version: 1, json }
}

/// A move: changes a conversation and returns its new entries.
type Move = dyn Fn(&mut Talk, &mut [Candidate], Timestamp, Salts<'_>) -> Result<Vec<Entry>, AppError>
    + Send
    + Sync;

/// Whether a move looks at the seats of the agents who are available, which locks them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seats {
    /// It does.
    Offered,
    /// It gets an empty list.
    Ignored,
}

impl App {
    /// Takes the buyer: from the queue, from a colleague (with the right), or by opening a session.
    ///
    /// # Errors
    /// `forbidden`, `not_found`.
    pub async fn take(
        &self,
        shop: ShopId,
        id: ConversationId,
        actor: &Colleague,
        roles: &[Role],
    ) -> Result<(), AppError> {
        let may_take_over = may(roles, Right::TakeOver);
        let from = self.serving_name(shop, id).await?;
        let by = actor.clone();
        let act = move |talk: &mut Talk, _: &mut [Candidate], now, salts: Salts<'_>| {
            Ok(talk.take(&by, may_take_over, from.clone(), now, salts)?)
        };
        self.change(shop, id, Seats::Ignored, vec![actor.clone()], Arc::new(act)).await.map(|_| ())
    }

    /// Hands the open session over to a colleague who is available; a note goes into the staff lane.
    ///
    /// # Errors
    /// `session_closed`, `agent_unavailable`, `forbidden` (serving somebody else's buyer), text errors of the note.
    pub async fn hand_over(
        &self,
        shop: ShopId,
        id: ConversationId,
        actor: &Colleague,
        roles: &[Role],
        to: AccountId,
        note: Option<&str>,
    ) -> Result<(), AppError> {
        let note = note.filter(|n| !n.trim().is_empty());
        let note = note.map(|n| MessageText::parse(n, self.limits.text_chars_max)).transpose()?;
        let now = self.clock.now();
        let agents = self
            .db
            .read(move |tx| Box::pin(async move { team::agents(tx, shop, now, 1000).await }))
            .await?;
        let receiver =
            agents.into_iter().find(|a| a.id == to && a.state == Some(AgentState::Available));
        let Some(receiver) = receiver else {
            return Err(AppError::refused(ErrorCode::AgentUnavailable));
        };
        let (by, receiver) =
            (actor.clone(), Colleague { account: receiver.id, name: receiver.name });
        let note_id = self.note_id()?;
        let known = vec![actor.clone(), receiver.clone()];
        let may_take_over = may(roles, Right::TakeOver);
        let act = move |talk: &mut Talk, _: &mut [Candidate], now, salts: Salts<'_>| {
            let mut entries = talk.hand_over(&by, may_take_over, &receiver, now, &mut *salts)?;
            if let Some(note) = &note {
                entries.extend(talk.staff_says(
                    &by,
                    Lane::Staff,
                    note_id.clone(),
                    note.clone(),
                    now,
                    salts,
                ));
            }
            Ok(entries)
        };
        self.change(shop, id, Seats::Ignored, known, Arc::new(act)).await?;
        self.give_seats_on(shop).await;
        Ok(())
    }

    /// Hands the open session over to a group: it queues there at the place of its wait, and the group chooses.
    ///
    /// # Errors
    /// `session_closed`, `not_found`, `forbidden` (serving somebody else's buyer), text errors of the note.
    pub async fn hand_to_group(
        &self,
        shop: ShopId,
        id: ConversationId,
        actor: &Colleague,
        roles: &[Role],
        group: GroupId,
        note: Option<&str>,
    ) -> Result<(), AppError> {
        let note = note.filter(|n| !n.trim().is_empty());
        let note = note.map(|n| MessageText::parse(n, self.limits.text_chars_max)).transpose()?;
        let groups = self
            .db
            .read(move |tx| Box::pin(async move { routing::group_rules(tx, shop).await }))
            .await?;
        let found = groups.into_iter().find(|known| known.id == group);
        let name = found.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?.name;
        let note_id = self.note_id()?;
        let (by, may_take_over) = (actor.clone(), may(roles, Right::TakeOver));
        let act = move |talk: &mut Talk, _: &mut [Candidate], now, salts: Salts<'_>| {
            let to = (group, name.as_str());
            let mut entries = talk.hand_to_group(&by, may_take_over, to, now, &mut *salts)?;
            let note = note
                .clone()
                .map(|note| talk.staff_says(&by, Lane::Staff, note_id.clone(), note, now, salts));
            entries.extend(note.into_iter().flatten());
            Ok(entries)
        };
        self.change(shop, id, Seats::Ignored, vec![actor.clone()], Arc::new(act)).await?;
        self.give_seats_on(shop).await;
        Ok(())
    }

    pub(super) fn note_id(&self) -> Result<ClientId, AppError> {
        let id = self.chance.bytes::<8>().map(|b| format!("{b:02x}")).concat();
        Ok(ClientId::parse(&format!("note.{id}"))?)
    }

    /// Ends the open session.
    ///
    /// # Errors
    /// `session_closed`, `not_found`.
    pub async fn close(
        &self,
        shop: ShopId,
        id: ConversationId,
        actor: &Colleague,
    ) -> Result<(), AppError> {
        let by = actor.clone();
        let act = move |talk: &mut Talk, _: &mut [Candidate], now, salts: Salts<'_>| {
            Ok(vec![talk.close(&by, now, salts)?])
        };
        self.change(shop, id, Seats::Ignored, vec![actor.clone()], Arc::new(act)).await?;
        self.give_seats_on(shop).await;
        Ok(())
    }

    /// Writes one of the house's own lines once for a number, while `still` holds for the conversation.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn notify_once(
        &self,
        shop: ShopId,
        id: ConversationId,
        code: &'static str,
        number: i64,
        still: impl Fn(&Talk, &[Candidate]) -> bool + Send + Sync + 'static,
    ) -> Result<bool, AppError> {
        let client_id = ClientId::of_house(code, number);
        let wanted = client_id.as_str().to_owned();
        let known = self
            .db
            .read(move |tx| Box::pin(async move { load::known(tx, shop, vec![wanted]).await }))
            .await?;
        // Buyers choose their ids freely: only the house's own line counts.
        if known.iter().any(|k| k.conversation == id && k.author == Author::System) {
            return Ok(false);
        }
        let act = move |talk: &mut Talk, available: &mut [Candidate], now, salts: Salts<'_>| {
            if !still(talk, available) {
                return Ok(Vec::new());
            }
            Ok(vec![talk.notify(code, client_id.clone(), now, salts)])
        };
        match self.change(shop, id, Seats::Offered, Vec::new(), Arc::new(act)).await {
            Ok(wrote) => Ok(wrote),
            // Somebody wrote it between the look and the write: once is once.
            Err(AppError::Store(e))
                if e.is_unique(
                    "entry",
                    &["client_id", "conversation_id", "side", "author_id", "shop_id"],
                ) =>
            {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    async fn serving_name(
        &self,
        shop: ShopId,
        id: ConversationId,
    ) -> Result<Option<String>, AppError> {
        let row =
            self.db.read(move |tx| Box::pin(async move { read::row(tx, shop, id).await })).await?;
        Ok(row
            .and_then(|r| r.session)
            .filter(|s| !s.closed)
            .and_then(|s| s.agent)
            .map(|(_, name)| name))
    }

    /// Loads, moves, stores, commits, publishes. True when the move made entries.
    pub(crate) async fn change(
        &self,
        shop: ShopId,
        id: ConversationId,
        seats: Seats,
        known: Vec<Colleague>,
        act: Arc<Move>,
    ) -> Result<bool, AppError> {
        let (now, seed) = (self.clock.now(), self.chance.bytes::<32>());
        let planned = match seats {
            Seats::Ignored => None,
            Seats::Offered => Some(self.planned_of(shop).await?),
        };
        let made = self
            .db
            .write(move |tx| {
                let (act, planned) = (Arc::clone(&act), planned.clone());
                Box::pin(async move {
                    let mut salts = salts(seed);
                    let talk = load::talk(tx, shop, id).await?;
                    let mut talk = talk.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
                    let mut available = match &planned {
                        None => Vec::new(),
                        Some(planned) => locked_room(tx, shop, &planned.plan, now).await?,
                    };
                    let before = talk.clone();
                    let entries = act(&mut talk, &mut available, now, &mut salts)?;
                    if talk == before {
                        return Ok(Made::default());
                    }
                    let entries = entries.into_iter().map(|entry| (id, entry)).collect();
                    let mut made = Made { talks: vec![talk], entries };
                    store(tx, shop, &mut made).await?;
                    Ok::<_, AppError>(made)
                })
            })
            .await?;
        let name = |account| known.iter().find(|s| s.account == account).map(|s| s.name.clone());
        publish::made(&mut self.bus.round(), shop, &made, &self.links, name);
        Ok(!made.entries.is_empty())
    }
}
