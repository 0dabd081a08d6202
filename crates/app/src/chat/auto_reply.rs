//! What a shop says by itself while buyers come, wait and go: once for an occasion, a buyer and a time. It is never a
//! person's answer: the wait goes on, no mark moves, no seat is taken.

use std::sync::Arc;

use xiaoer_domain::chat::{ClientId, Entry, MessageText, Talk};
use xiaoer_domain::id::{ConversationId, SessionId, ShopId};
use xiaoer_domain::phrases::{AutoRule, Occasion, Opening, replies_for, reply_for, text_for};
use xiaoer_domain::routing::Candidate;
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_protocol::ErrorCode;
use xiaoer_store::chat::load;
use xiaoer_store::chat::read::{self, ListSession};
use xiaoer_store::chat::save::Made;
use xiaoer_store::journal::JournalRow;
use xiaoer_store::phrases::auto::{self as store, AutoReply};
use xiaoer_store::{StoreError, routing};

use super::{moves, publish};
use crate::followers::{Facts, FollowError};
use crate::platform::Shop;
use crate::{App, AppError, salts};

/// Version of the facts of `session_opened` and `session_closed`.
const VERSION: i64 = 1;
/// Buyers of one sweep who hear that it takes long.
const LONG_WAITS_MAX: i64 = 100;

/// Buyers in the queue that are counted: beyond, it is an overload anyhow.
const QUEUED_MAX: i64 = 1000;
/// The key of the house's own lines.
const ENTRY_CLIENT: [&str; 5] = ["client_id", "conversation_id", "side", "author_id", "shop_id"];

/// For what the conversation is looked at again before something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Still {
    /// The buyer waits in this session.
    Waits(SessionId),
    /// The buyer waits since this moment.
    WaitsSince(Timestamp),
    /// This session is the last one, and over.
    Over(SessionId),
}

impl Still {
    fn holds(self, talk: &Talk) -> bool {
        let open = talk.open_session();
        match self {
            Self::Waits(id) => open.is_some_and(|s| s.id == Some(id) && s.waiting_since.is_some()),
            Self::WaitsSince(at) => open.is_some_and(|s| s.waiting_since == Some(at)),
            Self::Over(id) => {
                open.is_none() && talk.session.as_ref().and_then(|s| s.id) == Some(id)
            }
        }
    }

    /// What tells this occasion from the next one of its kind.
    const fn number(self) -> i64 {
        match self {
            Self::Waits(id) | Self::Over(id) => id.get(),
            Self::WaitsSince(at) => at.micros(),
        }
    }
}

/// A text that is about to be said.
#[derive(Clone)]
struct Line {
    reply: i64,
    again_after: Span,
    client_id: ClientId,
    text: MessageText,
}

/// Looks at a line of the journal. True if a session opened or closed.
pub(crate) async fn react(app: &App, row: &JournalRow) -> Result<bool, FollowError> {
    if row.kind != "session_opened" && row.kind != "session_closed" {
        return Ok(false);
    }
    let facts = Facts::read(row, VERSION)?;
    let conversation = ConversationId::new(facts.number("c")?);
    let session = SessionId::new(facts.number("n")?);
    let said = if row.kind == "session_opened" {
        app.say_on_opening(row.shop, conversation, session).await
    } else {
        app.say_on_end(row.shop, conversation, session).await
    };
    match said {
        Ok(()) => Ok(true),
        // Erased meanwhile: nobody is left to tell.
        Err(error) if error.code() == ErrorCode::NotFound => Ok(true),
        Err(source) => {
            Err(FollowError::Failed { line: row.position.id, kind: row.kind.clone(), source })
        }
    }
}

/// What is known when a session opens.
struct Scene {
    replies: Vec<AutoReply>,
    session: ListSession,
    room: Vec<Candidate>,
    queued: i64,
    is_first: bool,
}

impl App {
    async fn say_on_opening(
        &self,
        shop: ShopId,
        conversation: ConversationId,
        session: SessionId,
    ) -> Result<(), AppError> {
        let now = self.clock.now();
        let Some(scene) = self.scene(shop, conversation, session, now).await? else {
            return Ok(());
        };
        let shop = self.shop_of(shop).await?;
        let duty = self.duty(&shop, now).await?;
        let opening = Opening {
            is_first: scene.is_first,
            is_placed: scene.session.agent.is_some(),
            is_staffed: scene.room.iter().any(Candidate::receives),
            // A shop that never told its hours is never closed.
            is_open: !duty.is_planned || duty.calendar.is_open(now),
            queued: scene.queued,
            overload_from: shop.number("auto_overload_from", now).into(),
        };
        let rules: Vec<AutoRule> = scene.replies.iter().map(|reply| reply.rule).collect();
        let wanted = replies_for(&rules, opening, now);
        let replies: Vec<&AutoReply> = wanted
            .iter()
            .filter_map(|id| scene.replies.iter().find(|reply| reply.rule.id == *id))
            .collect();
        let agent = scene.session.agent.map(|(_, name)| name);
        self.say_by_itself(&shop, conversation, &replies, agent, Still::Waits(session)).await
    }

    /// None when there is nothing to say or nobody to tell.
    async fn scene(
        &self,
        shop: ShopId,
        conversation: ConversationId,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<Scene>, AppError> {
        let read = self.db.read(move |tx| {
            Box::pin(async move {
                let replies = store::list(tx, shop).await?;
                if !replies.iter().any(|reply| reply.rule.is_on) {
                    return Ok(None);
                }
                let row = read::row(tx, shop, conversation).await?;
                let open = row.and_then(|row| row.session);
                let open =
                    open.filter(|s| s.id == session && !s.closed && s.waiting_since.is_some());
                let Some(session) = open else { return Ok(None) };
                let before = store::had_session_before(tx, shop, conversation, session.id).await?;
                let queue = routing::queue(tx, shop, QUEUED_MAX).await?;
                let room = routing::room(tx, shop, now).await?;
                let queued = i64::try_from(queue.len()).unwrap_or(QUEUED_MAX);
                Ok::<_, StoreError>(Some(Scene {
                    replies,
                    session,
                    room,
                    queued,
                    is_first: !before,
                }))
            })
        });
        Ok(read.await?)
    }

    async fn say_on_end(
        &self,
        shop: ShopId,
        conversation: ConversationId,
        session: SessionId,
    ) -> Result<(), AppError> {
        let now = self.clock.now();
        let read = self.db.read(move |tx| {
            Box::pin(async move {
                let reply = taken_of(store::list(tx, shop).await?, Occasion::SessionEnded, now);
                let row = read::row(tx, shop, conversation).await?;
                Ok::<_, StoreError>((reply, row.and_then(|row| row.session)))
            })
        });
        let (reply, last) = read.await?;
        // Whom nobody served has nothing to be thanked for.
        let served = last.filter(|s| s.id == session && s.closed).and_then(|s| s.agent);
        let (Some(reply), Some((_, agent))) = (reply, served) else { return Ok(()) };
        let shop = self.shop_of(shop).await?;
        let still = Still::Over(session);
        self.say_by_itself(&shop, conversation, &[&reply], Some(agent), still).await
    }

    /// Tells those who have waited long that they are not forgotten, while somebody is there to answer them.
    pub(super) async fn say_to_long_waiting(&self, shop: &Shop) -> Result<(), AppError> {
        let (id, now) = (shop.id, self.clock.now());
        let since = now.minus(Span::seconds(shop.number("auto_long_wait_seconds", now)));
        let read = self.db.read(move |tx| {
            Box::pin(async move {
                let reply = taken_of(store::list(tx, id).await?, Occasion::LongWait, now);
                let Some(reply) = reply else { return Ok(None) };
                if !routing::room(tx, id, now).await?.iter().any(Candidate::receives) {
                    return Ok(None);
                }
                let heard = (reply.rule.id, now.minus(reply.rule.again_after));
                let waiting = store::long_waits(tx, id, since, heard, LONG_WAITS_MAX).await?;
                let mut told = Vec::with_capacity(waiting.len());
                for conversation in waiting {
                    let row = read::row(tx, id, conversation).await?;
                    told.extend(row.and_then(|row| row.session).map(|s| (conversation, s)));
                }
                Ok::<_, StoreError>(Some((reply, told)))
            })
        });
        let Some((reply, waiting)) = read.await? else { return Ok(()) };
        for (conversation, session) in waiting {
            let Some(since) = session.waiting_since else { continue };
            let agent = session.agent.map(|(_, name)| name);
            let still = Still::WaitsSince(since);
            self.say_by_itself(shop, conversation, &[&reply], agent, still).await?;
        }
        Ok(())
    }

    async fn say_by_itself(
        &self,
        shop: &Shop,
        conversation: ConversationId,
        replies: &[&AutoReply],
        agent: Option<String>,
        still: Still,
    ) -> Result<(), AppError> {
        if replies.is_empty() {
            return Ok(());
        }
        let mut known = self.known_of(shop, Some(conversation), None).await?;
        known.agent = agent;
        let (buyer, number) = (self.buyer_of(shop.id, conversation).await?, still.number());
        let mut lines = Vec::with_capacity(replies.len());
        for reply in replies {
            let value = |variable| known.value(variable);
            let Some(text) = text_for(&reply.texts, buyer, number, value) else { continue };
            // What was filled in may have made it too long: then it is not said.
            let Ok(text) = MessageText::parse(&text, self.limits.text_chars_max) else { continue };
            let AutoRule { id, again_after, .. } = reply.rule;
            let client_id = ClientId::parse(&format!("house.auto.{id}.{number}"))?;
            lines.push(Line { reply: id, again_after, client_id, text });
        }
        match self.store_by_itself(shop.id, conversation, lines.into(), still).await {
            // Said before a crash, and the position was not saved: once is once.
            Err(AppError::Store(error)) if error.is_unique("entry", &ENTRY_CLIENT) => Ok(()),
            done => done,
        }
    }

    async fn store_by_itself(
        &self,
        shop: ShopId,
        conversation: ConversationId,
        lines: Arc<[Line]>,
        still: Still,
    ) -> Result<(), AppError> {
        let (now, seed) = (self.clock.now(), self.chance.bytes::<32>());
        let made = self
            .db
            .write(move |tx| {
                let lines = Arc::clone(&lines);
                Box::pin(async move {
                    let mut salts = salts(seed);
                    let talk = load::talk(tx, shop, conversation).await?;
                    let mut talk = talk.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
                    if !still.holds(&talk) {
                        return Ok(Made::default());
                    }
                    let mut entries: Vec<(ConversationId, Entry)> = Vec::new();
                    for Line { reply, again_after, client_id, text } in lines.iter().cloned() {
                        let heard_after = now.minus(again_after);
                        if store::claim(tx, shop, reply, conversation, now, heard_after).await? {
                            let entry = talk.says_by_itself(text, client_id, now, &mut salts);
                            entries.push((conversation, entry));
                        }
                    }
                    if entries.is_empty() {
                        return Ok(Made::default());
                    }
                    let mut made = Made { talks: vec![talk], entries };
                    moves::store(tx, shop, &mut made).await?;
                    Ok::<_, AppError>(made)
                })
            })
            .await?;
        publish::made(&mut self.bus.round(), shop, &made, &self.links, |_| None);
        Ok(())
    }
}

fn taken_of(replies: Vec<AutoReply>, occasion: Occasion, now: Timestamp) -> Option<AutoReply> {
    let rules: Vec<AutoRule> = replies.iter().map(|reply| reply.rule).collect();
    let id = reply_for(&rules, occasion, now)?;
    replies.into_iter().find(|reply| reply.rule.id == id)
}
