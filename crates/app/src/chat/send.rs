//! Sending: the one batched use case. Everything that waits is decided and stored as sets in one transaction for each
//! shop; an answer leaves after the commit. If a set fails, its sends are redone one by one, so that one bad send
//! hurts nobody else.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::join_all;
use serde_json::json;
use tokio::sync::mpsc;
use xiaoer_bus::{Bus, Round};
use xiaoer_domain::chat::{
    Author, ClientId, Content, Entry, EntryKind, Lane, MessageText, Rules, Said, Salts, TakingBack,
    Talk, Target, Wanted,
};
use xiaoer_domain::id::{AccountId, BuyerId, ConversationId, ShopId};
use xiaoer_domain::routing::Candidate;
use xiaoer_domain::team::Colleague;
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::chat::Stored;
use xiaoer_store::chat::attachments;
use xiaoer_store::chat::load::{self, Known};
use xiaoer_store::chat::save::Made;
use xiaoer_store::customers::block;
use xiaoer_store::phrases::{self, NewSaid};
use xiaoer_store::quality::{self, NewNote};
use xiaoer_store::{Db, Dialect, Tx, routing};

use super::links::Links;
use super::{moves, publish, resolve};
use crate::phrases::{Named, said_of};
use crate::platform::Shops;
use crate::quality::{Guarding, notes_of};
use crate::routing::{Offers, locked_room, wish_of_new};
use crate::team::{Duties, Planned};
use crate::{App, AppError, Chance, Clock, Tasks, salts};

/// Sends of one batch.
const BATCH_MAX: usize = 128;
/// Workers on PostgreSQL; each has its own conversations, so order within one is kept and locks never meet.
const WORKERS_POSTGRES: usize = 2;

/// Who speaks.
#[derive(Clone, Debug)]
pub enum Speaker {
    /// The buyer of the conversation.
    Buyer(BuyerId),
    /// A person of the shop; the right to serve is checked by then.
    Staff(Colleague),
}

impl Speaker {
    fn author(&self) -> Author {
        match self {
            Self::Buyer(id) => Author::Buyer(*id),
            Self::Staff(sender) => Author::Agent(sender.account),
        }
    }
}

/// What is done.
#[derive(Clone, Debug)]
pub enum Act {
    /// Say something.
    Say(MessageText),
    /// Show something, with or without a text under it.
    Show(Wanted, Option<MessageText>),
    /// Take back one's own message of this number.
    Recall(i64),
}

/// One send.
#[derive(Clone, Debug)]
pub struct Command {
    /// In which shop.
    pub shop: ShopId,
    /// Its rules now.
    pub rules: Rules,
    /// In which conversation.
    pub conversation: ConversationId,
    /// Who.
    pub by: Speaker,
    /// In which lane; buyers have only one.
    pub lane: Lane,
    /// The sender's own id.
    pub client_id: ClientId,
    /// What.
    pub act: Act,
    /// What the sender confirms; the rules look at it on the way.
    pub guarding: Guarding,
    /// The phrase it was made from.
    pub phrase: Option<Named>,
}

/// Takes the answer once the send is committed or refused.
pub type Reply = Box<dyn FnOnce(Result<Stored, AppError>) + Send>;

/// The door to sending.
#[derive(Clone)]
pub struct SendQueue {
    workers: Arc<[mpsc::Sender<(Command, Reply)>]>,
}

impl SendQueue {
    /// Starts the workers.
    pub(crate) fn start(hands: Hands, queue_max: usize, tasks: &Tasks) -> Self {
        let count = if hands.db.dialect() == Dialect::Postgres { WORKERS_POSTGRES } else { 1 };
        let workers = (0..count).map(|_| {
            let (sender, receiver) = mpsc::channel(queue_max);
            let (hands, stop) = (hands.clone(), tasks.stopping());
            // Not restarted: a panic inside a batch is caught by the store and answered there.
            tasks.once(work(hands, receiver, stop));
            sender
        });
        Self { workers: workers.collect() }
    }

    /// Queues a send; waits while the queue is full. `reply` is called exactly once.
    pub async fn push(&self, command: Command, reply: Reply) {
        let index = usize::try_from(command.conversation.get()).unwrap_or(0) % self.workers.len();
        if let Err(mpsc::error::SendError((_, reply))) =
            self.workers[index].send((command, reply)).await
        {
            reply(Err(AppError::refused(ErrorCode::Unavailable)));
        }
    }
}

impl App {
    /// Queues a send; `reply` is called exactly once, after the commit or the refusal.
    pub async fn send(&self, mut command: Command, reply: Reply) {
        let judged = match self.judge_phrase(&mut command).await {
            Ok(()) => self.guard_command(&mut command).await,
            refused => refused,
        };
        match judged {
            Ok(()) => self.sends.push(command, reply).await,
            Err(error) => reply(Err(error)),
        }
    }

    /// Sends and waits for the answer.
    ///
    /// # Errors
    /// What the domain refuses, `client_id_conflict`, `not_found`, `unavailable`.
    pub async fn send_and_wait(&self, command: Command) -> Result<Stored, AppError> {
        let (answer, answered) = tokio::sync::oneshot::channel();
        let reply = Box::new(move |result| {
            // The caller may have gone; what is stored stays stored.
            let _ = answer.send(result);
        });
        self.send(command, reply).await;
        answered.await.unwrap_or_else(|_| Err(AppError::refused(ErrorCode::Unavailable)))
    }
}

/// What the sender works with.
#[derive(Clone)]
pub(crate) struct Hands {
    pub(crate) db: Db,
    pub(crate) bus: Bus,
    pub(crate) clock: Clock,
    pub(crate) chance: Chance,
    pub(crate) links: Links,
    pub(crate) offers: Arc<Offers>,
    pub(crate) shops: Arc<Shops>,
    pub(crate) duties: Arc<Duties>,
}

async fn work(
    hands: Hands,
    mut receiver: mpsc::Receiver<(Command, Reply)>,
    stop: tokio_util::sync::CancellationToken,
) {
    let mut waiting = Vec::with_capacity(BATCH_MAX);
    loop {
        tokio::select! {
            count = receiver.recv_many(&mut waiting, BATCH_MAX) => if count == 0 { return },
            () = stop.cancelled() => return,
        }
        let mut by_shop: HashMap<ShopId, (Vec<Command>, Vec<Reply>)> = HashMap::new();
        for (command, reply) in waiting.drain(..) {
            let (commands, replies) = by_shop.entry(command.shop).or_default();
            commands.push(command);
            replies.push(reply);
        }
        let batches = by_shop.into_iter().map(|(shop, (commands, replies))| {
            let hands = &hands;
            async move { hands.run(shop, commands, replies).await }
        });
        join_all(batches).await;
    }
}

impl Hands {
    /// Runs the sends of a shop as a set, or, if that fails, one by one, and answers them.
    async fn run(&self, shop: ShopId, commands: Vec<Command>, replies: Vec<Reply>) {
        let started = Instant::now();
        let count = commands.len();
        metrics::histogram!("xiaoer_send_batch_size")
            .record(u32::try_from(count).unwrap_or(u32::MAX));
        let commands: Arc<[Command]> = commands.into();
        // Held until all are answered: a sender's connection is woken once, for answer and entry.
        let mut told = None;
        let results = match self.batch(shop, Arc::clone(&commands)).await {
            Ok((results, round)) => {
                told = Some(round);
                results
            }
            Err(error) if count == 1 || error.code() == ErrorCode::Unavailable => {
                commands.iter().map(|_| Err(error.clone())).collect()
            }
            Err(error) => {
                tracing::warn!(error = %error, batch.size = count, "a batch of sends failed and is redone one by one");
                let mut results = Vec::with_capacity(count);
                for command in commands.iter() {
                    let one = self.batch(shop, Arc::from([command.clone()])).await;
                    results.push(
                        one.map_or_else(Err, |(mut r, _)| r.pop().unwrap_or(Err(error.clone()))),
                    );
                }
                results
            }
        };
        metrics::histogram!("xiaoer_send_batch_seconds").record(started.elapsed().as_secs_f64());
        for (reply, result) in replies.into_iter().zip(results) {
            reply(result);
        }
        drop(told);
    }

    async fn batch(
        &self,
        shop: ShopId,
        commands: Arc<[Command]>,
    ) -> Result<(Vec<Result<Stored, AppError>>, Round<'_>), AppError> {
        let (now, seed) = (self.clock.now(), self.chance.bytes::<32>());
        let names = Arc::clone(&commands);
        // Whoever sends has asked for the shop a moment ago.
        let house = self.shops.of(shop).ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
        let planned = self.duties.planned(&self.db, &house, now, now).await?;
        let Outcome { results, made } = self
            .db
            .write(move |tx| {
                let (commands, planned) = (Arc::clone(&commands), Arc::clone(&planned));
                Box::pin(
                    async move { decide_and_store(tx, shop, &planned, &commands, now, seed).await },
                )
            })
            .await?;
        // Others wait, and there is a seat for this one: the queue is served in its order.
        if made.talks.iter().any(waits_behind) {
            self.offers.wake(shop);
        }
        let mut round = self.bus.round();
        publish::made(&mut round, shop, &made, &self.links, |account| name_of(&names, account));
        Ok((results, round))
    }
}

fn waits_behind(talk: &Talk) -> bool {
    let decision = talk.session.as_ref().and_then(|session| session.decision.as_ref());
    decision.is_some_and(|decision| decision.why.code == "queue_behind")
}

fn name_of(commands: &[Command], account: AccountId) -> Option<String> {
    commands.iter().find_map(|c| match &c.by {
        Speaker::Staff(sender) if sender.account == account => Some(sender.name.clone()),
        _ => None,
    })
}

struct Outcome {
    results: Vec<Result<Stored, AppError>>,
    made: Made,
}

async fn decide_and_store(
    tx: &mut Tx,
    shop: ShopId,
    planned: &Planned,
    commands: &[Command],
    now: Timestamp,
    seed: [u8; 32],
) -> Result<Outcome, AppError> {
    let mut salts = salts(seed);
    let ids: BTreeSet<ConversationId> = commands.iter().map(|c| c.conversation).collect();
    let talks = load::talks(tx, shop, ids.into_iter().collect()).await?;
    let mut batch = Batch {
        talks: talks.into_iter().map(|talk| (talk.id, talk)).collect(),
        known: HashMap::new(),
        changed: Vec::new(),
        entries: Vec::with_capacity(commands.len()),
        notes: Vec::new(),
        uses: Vec::new(),
        available: Vec::new(),
        kept_out: HashMap::new(),
    };
    let client_ids = commands.iter().map(|c| c.client_id.as_str().to_owned()).collect();
    for known in load::known(tx, shop, client_ids).await? {
        batch.remember(known);
    }
    batch.open_doors(tx, shop, planned, commands, now).await?;
    let mut results = Vec::with_capacity(commands.len());
    for command in commands {
        results.push(match batch.look_up(tx, command, now).await? {
            Ok(found) => batch.decide(command, found, now, &mut salts),
            Err(answered) => answered,
        });
    }
    let talks = batch.changed.iter().filter_map(|id| batch.talks.remove(id)).collect();
    let mut made = Made { talks, entries: batch.entries };
    moves::store(tx, shop, &mut made).await?;
    quality::insert_notes(tx, shop, &batch.notes).await?;
    phrases::said(tx, shop, &batch.uses).await?;
    settle_attachments(tx, shop, &made).await?;
    Ok(Outcome { results, made })
}

/// An attachment belongs to the entry that carries it, and goes with it when it is taken back.
async fn settle_attachments(tx: &mut Tx, shop: ShopId, made: &Made) -> Result<(), AppError> {
    for (conversation, entry) in &made.entries {
        if let Some(Content::Image { id, .. } | Content::File { id, .. }) = &entry.content {
            let place = (entry.lane, entry.seq);
            if !attachments::bind(tx, shop, *id, *conversation, place).await? {
                return Err(AppError::refused(ErrorCode::AlreadySent));
            }
        }
        if let (EntryKind::Recall, Some(seq)) = (entry.kind, entry.ref_seq) {
            attachments::drop_of_entry(tx, shop, *conversation, (entry.lane, seq)).await?;
        }
    }
    Ok(())
}

/// What a send speaks of: the entry it takes back, or what it shows.
#[derive(Default)]
struct Found {
    target: Option<Target>,
    content: Option<Content>,
}

/// What the moves of a batch have made so far.
pub(super) struct Batch {
    pub(super) talks: HashMap<ConversationId, Talk>,
    known: HashMap<(ConversationId, Author, String), Known>,
    changed: Vec<ConversationId>,
    pub(super) entries: Vec<(ConversationId, Entry)>,
    notes: Vec<NewNote>,
    uses: Vec<NewSaid>,
    available: Vec<Candidate>,
    /// Buyers for whom no session opens, and until when.
    kept_out: HashMap<ConversationId, serde_json::Value>,
}

impl Batch {
    fn remember(&mut self, known: Known) {
        self.known.insert((known.conversation, known.author, known.client_id.clone()), known);
    }

    /// For those who open a session: how each is to be placed, and everybody who serves. Other sends pay nothing.
    async fn open_doors(
        &mut self,
        tx: &mut Tx,
        shop: ShopId,
        planned: &Planned,
        commands: &[Command],
        now: Timestamp,
    ) -> Result<(), AppError> {
        let opening: Vec<&Command> = commands.iter().filter(|c| self.opens_session(c)).collect();
        if opening.is_empty() {
            return Ok(());
        }
        let groups = routing::group_rules(tx, shop).await?;
        for command in opening {
            let (id, rules) = (command.conversation, &command.rules);
            if let Some(until) = block::kept_out(tx, shop, id, now).await? {
                let params = json!({ "until": until.micros(), "day": planned.day(until) });
                self.kept_out.insert(id, params);
            }
            let wish = wish_of_new(tx, shop, id, &groups, rules, now).await?;
            if let Some(talk) = self.talks.get_mut(&id) {
                talk.wish = wish;
            }
        }
        self.available = locked_room(tx, shop, &planned.plan, now).await?;
        Ok(())
    }

    fn opens_session(&self, command: &Command) -> bool {
        matches!(command.by, Speaker::Buyer(_))
            && self
                .talks
                .get(&command.conversation)
                .is_some_and(|talk| talk.open_session().is_none())
    }

    /// The entry a recall speaks of: of this batch, else from the log.
    async fn target(
        &self,
        tx: &mut Tx,
        command: &Command,
        seq: i64,
    ) -> Result<Option<Target>, AppError> {
        let here = |(id, e): &&(ConversationId, Entry)| {
            *id == command.conversation && e.lane == command.lane && e.seq == seq
        };
        if let Some((_, e)) = self.entries.iter().find(here) {
            let recalled = self.entries.iter().find(|(id, r)| {
                *id == command.conversation && r.lane == command.lane && r.ref_seq == Some(seq)
            });
            let recalled_by = recalled.map(|(_, r)| r.seq);
            return Ok(Some(Target { seq, author: e.author, at: e.at, kind: e.kind, recalled_by }));
        }
        let target =
            load::target(tx, command.shop, command.conversation, command.lane, seq).await?;
        Ok(target.map(|target| {
            let recalled = self.entries.iter().find(|(id, r)| {
                *id == command.conversation && r.lane == command.lane && r.ref_seq == Some(seq)
            });
            Target { recalled_by: target.recalled_by.or(recalled.map(|(_, r)| r.seq)), ..target }
        }))
    }

    /// Looks up what a send speaks of. The inner result is for the sends that are answered already: repeated ones, and
    /// those that show what cannot be shown.
    async fn look_up(
        &self,
        tx: &mut Tx,
        command: &Command,
        now: Timestamp,
    ) -> Result<Result<Found, Result<Stored, AppError>>, AppError> {
        let author = command.by.author();
        let key = (command.conversation, author, command.client_id.as_str().to_owned());
        if let Some(known) = self.known.get(&key) {
            return Ok(Err(repeat(known, command)));
        }
        Ok(match &command.act {
            Act::Say(_) => Ok(Found::default()),
            Act::Recall(seq) => {
                Ok(Found { target: self.target(tx, command, *seq).await?, content: None })
            }
            Act::Show(wanted, _) => match resolve::resolve(tx, self, command, wanted, now).await? {
                Ok(content) => Ok(Found { target: None, content: Some(content) }),
                Err(refusal) => Err(Err(refusal)),
            },
        })
    }

    fn decide(
        &mut self,
        command: &Command,
        Found { target, content }: Found,
        now: Timestamp,
        salts: Salts<'_>,
    ) -> Result<Stored, AppError> {
        if let Some(named) = &command.phrase {
            named.permit()?;
        }
        command.guarding.permit(&command.act)?;
        let author = command.by.author();
        let said = match (&command.act, content) {
            (Act::Say(text), _) => Some(Said::from(text.clone())),
            (Act::Show(_, caption), Some(content)) => Some(Said::showing(content, caption.clone())),
            (Act::Show(..), None) | (Act::Recall(_), _) => None,
        };
        let talk = self
            .talks
            .get_mut(&command.conversation)
            .ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
        let id = command.client_id.clone();
        let entries = match (said, &command.by) {
            (Some(said), Speaker::Buyer(_)) => {
                if let (None, Some(params)) =
                    (talk.open_session(), self.kept_out.get(&command.conversation))
                {
                    let params = Some(params.clone());
                    return Err(AppError::Refused { code: ErrorCode::Blocked, params });
                }
                talk.buyer_says(id, said, now, &command.rules, &mut self.available, salts)
            }
            (Some(said), Speaker::Staff(sender)) => {
                talk.staff_says(sender, command.lane, id, said, now, salts)
            }
            (None, _) => {
                let target = target.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
                let wish = TakingBack {
                    author,
                    lane: command.lane,
                    target,
                    client_id: command.client_id.clone(),
                };
                vec![talk.recall(wish, now, &command.rules, salts)?]
            }
        };
        let last = entries.last().ok_or_else(|| AppError::refused(ErrorCode::Internal))?;
        let stored = Stored { seq: last.seq, at: last.at.micros() };
        self.notes.extend(notes_of(command, command.conversation, last.seq, last.at));
        self.uses.extend(said_of(command, last.seq, last.at));
        let known = Known {
            conversation: command.conversation,
            author,
            client_id: command.client_id.as_str().to_owned(),
            lane: command.lane,
            seq: last.seq,
            at: last.at,
            kind: last.kind,
            text: last.text.clone(),
            content: last.content.clone(),
            ref_seq: last.ref_seq,
        };
        self.remember(known);
        if !self.changed.contains(&command.conversation) {
            self.changed.push(command.conversation);
        }
        self.entries.extend(entries.into_iter().map(|entry| (command.conversation, entry)));
        Ok(stored)
    }
}

/// The same client id again: the same entry if the content is the same, else a conflict.
fn repeat(known: &Known, command: &Command) -> Result<Stored, AppError> {
    let same = known.lane == command.lane
        && match &command.act {
            Act::Say(text) => {
                known.kind == EntryKind::Message
                    && known.content.is_none()
                    && known.text.as_deref() == Some(text.as_str())
            }
            // What was asked for counts: the card may look different by now.
            Act::Show(wanted, caption) => {
                known.content.as_ref().is_some_and(|content| content.wanted() == *wanted)
                    && known.text.as_deref() == caption.as_ref().map(MessageText::as_str)
            }
            Act::Recall(seq) => known.kind == EntryKind::Recall && known.ref_seq == Some(*seq),
        };
    if same {
        Ok(Stored { seq: known.seq, at: known.at.micros() })
    } else {
        Err(AppError::refused(ErrorCode::ClientIdConflict))
    }
}
