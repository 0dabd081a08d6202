//! The moves of a conversation. A [`Talk`] is its state as loaded in a transaction; each move changes it and returns
//! the new entries, numbered and sealed. What is not allowed is a [`Refusal`] and changes nothing.

use thiserror::Error;

use super::entry::SessionRef;
use super::session::Silence;
use super::{
    Author, ClientId, CloseReason, Content, Digest, Entry, EntryKind, Lane, MessageKind,
    MessageText, Rules, Said, Salt, Session, SessionState, chain, digest,
};
use crate::coded::Coded;
use crate::id::{BuyerId, ConversationId, PublicId};
use crate::routing::{Candidate, Wish};
use crate::team::Colleague;
use crate::time::Timestamp;

/// Where a lane ends: its last number, time and chain value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Number of the last entry, 0 before the first.
    pub seq: i64,
    /// Time of the last entry.
    pub at: Timestamp,
    /// Chain value of the last entry, [`super::GENESIS`] before the first.
    pub chain: Digest,
}

/// An entry that a recall speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its number in the lane.
    pub seq: i64,
    /// Who wrote it.
    pub author: Author,
    /// When.
    pub at: Timestamp,
    /// What it is.
    pub kind: EntryKind,
    /// The recall that took it back, if one did.
    pub recalled_by: Option<i64>,
}

/// A wish to take a message back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakingBack {
    /// Who wishes it.
    pub author: Author,
    /// In which lane.
    pub lane: Lane,
    /// The message.
    pub target: Target,
    /// The sender's own id of the recall.
    pub client_id: ClientId,
}

/// A conversation as loaded: heads of both lanes, read marks, latest session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Talk {
    /// Row id.
    pub id: ConversationId,
    /// Id on the wire; part of every seal.
    pub public_id: PublicId,
    /// Whose log this is.
    pub buyer: BuyerId,
    /// Head of the buyer lane.
    pub head: Head,
    /// Head of the staff lane.
    pub staff_head: Head,
    /// Number of the buyer's last own line.
    pub buyer_last_seq: i64,
    /// How far the buyer has read.
    pub buyer_read_seq: i64,
    /// How far the shop has read.
    pub staff_read_seq: i64,
    /// Messages of the buyer that the shop has not read.
    pub unread: i64,
    /// The latest session, open or closed.
    pub session: Option<Session>,
    /// How its session is to be placed; read by the moves that place one, and else the default.
    pub wish: Wish,
}

/// Why a move is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Only the author takes a message back.
    #[error("Only the author can take a message back")]
    NotYours,
    /// It is gone already.
    #[error("The message is taken back already")]
    AlreadyRecalled,
    /// The window for taking back is over.
    #[error("A message can only be taken back for a while")]
    TooLate,
    /// Only messages can be taken back.
    #[error("Only messages can be taken back")]
    NotAMessage,
    /// No session is open.
    #[error("No session is open in this conversation")]
    SessionClosed,
    /// The session belongs to a colleague.
    #[error("A colleague serves this buyer")]
    ServedByColleague,
}

/// What an entry is made of before it is numbered.
pub(super) struct Draft {
    lane: Lane,
    kind: EntryKind,
    message: Option<MessageKind>,
    author: Author,
    client_id: Option<ClientId>,
    text: Option<String>,
    content: Option<Content>,
    pub(super) notice: Option<Coded>,
    ref_seq: Option<i64>,
}

impl Draft {
    pub(super) fn event(
        kind: EntryKind,
        author: Author,
        code: &'static str,
        params: Vec<(&'static str, String)>,
    ) -> Self {
        let notice = Some(Coded { code, params });
        Self {
            lane: Lane::Buyer,
            kind,
            message: None,
            author,
            client_id: None,
            text: None,
            content: None,
            notice,
            ref_seq: None,
        }
    }

    pub(super) fn message(lane: Lane, author: Author, client_id: ClientId, said: Said) -> Self {
        let message = if said.is_card_alone() { MessageKind::Card } else { MessageKind::Human };
        let (text, content) = said.into_parts();
        Self {
            lane,
            kind: EntryKind::Message,
            message: Some(message),
            author,
            client_id: Some(client_id),
            text,
            content,
            notice: None,
            ref_seq: None,
        }
    }
}

/// Source of salts; handed in, because chance is an argument.
pub type Salts<'a> = &'a mut dyn FnMut() -> Salt;

impl Talk {
    /// The session, if one is open.
    #[must_use]
    pub fn open_session(&self) -> Option<&Session> {
        self.session.as_ref().filter(|s| s.closed.is_none())
    }

    pub(super) fn open_session_mut(&mut self) -> Option<&mut Session> {
        self.session.as_mut().filter(|s| s.closed.is_none())
    }

    /// The buyer says something. Opens a session if none is open and places it with one of `available`, whose load
    /// it raises; the line starts or continues the wait.
    pub fn buyer_says(
        &mut self,
        client_id: ClientId,
        said: impl Into<Said>,
        now: Timestamp,
        rules: &Rules,
        available: &mut [Candidate],
        salts: Salts<'_>,
    ) -> Vec<Entry> {
        let mut entries = Vec::with_capacity(1);
        if self.open_session().is_none() {
            self.open_by_buyer(now, rules, available, salts, &mut entries);
        }
        let draft = Draft::message(Lane::Buyer, Author::Buyer(self.buyer), client_id, said.into());
        let entry = self.append(draft, now, salts);
        self.buyer_last_seq = entry.seq;
        self.buyer_read_seq = entry.seq;
        self.unread += 1;
        if let Some(session) = self.open_session_mut() {
            session.buyer_spoke(entry.at);
        }
        entries.push(entry);
        entries
    }

    fn open_by_buyer(
        &mut self,
        now: Timestamp,
        rules: &Rules,
        available: &mut [Candidate],
        salts: Salts<'_>,
        entries: &mut Vec<Entry>,
    ) {
        let last_agent = self.session.as_ref().and_then(|s| {
            let (closed_at, _) = s.closed?;
            (now.since(closed_at) <= rules.same_agent_within).then_some(s.agent).flatten()
        });
        entries.push(self.open(Author::Buyer(self.buyer), now, salts));
        let wish = Wish { last_agent, ..self.wish.clone() };
        let (group, priority) = (wish.group, wish.priority);
        if let Some(session) = self.open_session_mut() {
            session.group = group;
            session.priority = priority;
            session.queued_since = Some(session.opened_at);
        }
        self.place_with(available, &wish, now, salts, entries);
    }

    /// A person of the shop says something. In the buyer lane it answers the wait; a queued session becomes the
    /// sender's, and without an open one a new session opens with the sender. A note changes nothing else.
    pub fn staff_says(
        &mut self,
        sender: &Colleague,
        lane: Lane,
        client_id: ClientId,
        said: impl Into<Said>,
        now: Timestamp,
        salts: Salts<'_>,
    ) -> Vec<Entry> {
        let mut entries = Vec::with_capacity(1);
        let author = Author::Agent(sender.account);
        if lane == Lane::Buyer {
            let queued_or_none =
                self.open_session().is_none_or(|s| s.state() == SessionState::Queued);
            if queued_or_none {
                self.take_now(sender, now, salts, &mut entries);
            }
        }
        let entry = self.append(Draft::message(lane, author, client_id, said.into()), now, salts);
        if lane == Lane::Buyer {
            self.staff_read_seq = entry.seq;
            self.unread = 0;
            if let Some(session) = self.open_session_mut() {
                session.staff_replied(entry.at);
            }
        }
        entries.push(entry);
        entries
    }

    /// Takes back one's own message within the shop's window. It stays sealed in the log; its text is not shown again.
    ///
    /// # Errors
    /// [`Refusal::NotYours`], [`Refusal::AlreadyRecalled`], [`Refusal::NotAMessage`], [`Refusal::TooLate`].
    pub fn recall(
        &mut self,
        taking_back: TakingBack,
        now: Timestamp,
        rules: &Rules,
        salts: Salts<'_>,
    ) -> Result<Entry, Refusal> {
        let TakingBack { author, lane, target, client_id } = taking_back;
        if target.kind != EntryKind::Message {
            return Err(Refusal::NotAMessage);
        }
        if target.author != author {
            return Err(Refusal::NotYours);
        }
        if target.recalled_by.is_some() {
            return Err(Refusal::AlreadyRecalled);
        }
        if now.since(target.at) > rules.recall_within {
            return Err(Refusal::TooLate);
        }
        let draft = Draft {
            lane,
            kind: EntryKind::Recall,
            message: None,
            author,
            client_id: Some(client_id),
            text: None,
            content: None,
            notice: None,
            ref_seq: Some(target.seq),
        };
        Ok(self.append(draft, now, salts))
    }

    /// Takes the buyer: from the queue, from a colleague if `may_take_over`, or by opening a session.
    /// Taking what one has already changes nothing.
    ///
    /// # Errors
    /// [`Refusal::ServedByColleague`] without the right to take over.
    pub fn take(
        &mut self,
        sender: &Colleague,
        may_take_over: bool,
        from: Option<String>,
        now: Timestamp,
        salts: Salts<'_>,
    ) -> Result<Vec<Entry>, Refusal> {
        let mut entries = Vec::new();
        match self.open_session().and_then(|s| s.agent) {
            Some(agent) if agent == sender.account => {}
            Some(_) if !may_take_over => return Err(Refusal::ServedByColleague),
            Some(_) => entries.push(self.pass_to(
                sender,
                "taken",
                from,
                Author::Agent(sender.account),
                now,
                salts,
            )),
            None => self.take_now(sender, now, salts, &mut entries),
        }
        Ok(entries)
    }

    fn take_now(
        &mut self,
        sender: &Colleague,
        now: Timestamp,
        salts: Salts<'_>,
        entries: &mut Vec<Entry>,
    ) {
        if self.open_session().is_none() {
            entries.push(self.open(Author::Agent(sender.account), now, salts));
        }
        entries.push(self.pass_to(
            sender,
            "taken",
            None,
            Author::Agent(sender.account),
            now,
            salts,
        ));
    }

    /// Hands the open session over to a colleague. The wait goes on: handing over is no answer.
    ///
    /// # Errors
    /// [`Refusal::SessionClosed`] without an open session; [`Refusal::ServedByColleague`] when somebody else serves the
    /// buyer and the actor may not take over.
    pub fn hand_over(
        &mut self,
        actor: &Colleague,
        may_take_over: bool,
        to: &Colleague,
        now: Timestamp,
        salts: Salts<'_>,
    ) -> Result<Vec<Entry>, Refusal> {
        let session = self.open_session().ok_or(Refusal::SessionClosed)?;
        if session.agent.is_some_and(|agent| agent != actor.account) && !may_take_over {
            return Err(Refusal::ServedByColleague);
        }
        if session.agent == Some(to.account) {
            return Ok(Vec::new());
        }
        let by = Author::Agent(actor.account);
        Ok(vec![self.pass_to(to, "handed_over", Some(actor.name.clone()), by, now, salts)])
    }

    fn pass_to(
        &mut self,
        to: &Colleague,
        code: &'static str,
        from: Option<String>,
        by: Author,
        now: Timestamp,
        salts: Salts<'_>,
    ) -> Entry {
        let mut params = vec![("agent", to.name.clone())];
        params.extend(from.map(|name| ("from", name)));
        let entry = self.append(Draft::event(EntryKind::Transfer, by, code, params), now, salts);
        if let Some(session) = self.open_session_mut() {
            session.give(to.account, Coded::plain(code), entry.at);
        }
        entry
    }

    /// Ends the open session by hand.
    ///
    /// # Errors
    /// [`Refusal::SessionClosed`] without an open session.
    pub fn close(
        &mut self,
        actor: &Colleague,
        now: Timestamp,
        salts: Salts<'_>,
    ) -> Result<Entry, Refusal> {
        self.open_session().ok_or(Refusal::SessionClosed)?;
        let params = vec![("agent", actor.name.clone())];
        let reason = CloseReason::ByAgent;
        let draft =
            Draft::event(EntryKind::Close, Author::Agent(actor.account), reason.word(), params);
        Ok(self.end(draft, reason, now, salts))
    }

    /// Applies what silence has brought by now. `None` in the answer: nothing to log (a seat may have freed).
    pub fn fall_silent(
        &mut self,
        rules: &Rules,
        now: Timestamp,
        salts: Salts<'_>,
    ) -> Option<Entry> {
        match self.open_session()?.silence(rules, now) {
            Silence::None => None,
            Silence::FreesSeat => {
                self.open_session_mut()?.seat_freed_at = Some(now);
                None
            }
            Silence::Ends => {
                let minutes = (rules.session_ends_after.micros() / 60_000_000).to_string();
                let reason = CloseReason::BySilence;
                let params = vec![("minutes", minutes)];
                let draft = Draft::event(EntryKind::Close, Author::System, reason.word(), params);
                Some(self.end(draft, reason, now, salts))
            }
        }
    }

    /// Writes an automatic line, worded where it is read. It answers no wait.
    pub fn notify(
        &mut self,
        code: &'static str,
        client_id: ClientId,
        now: Timestamp,
        salts: Salts<'_>,
    ) -> Entry {
        let mut draft = Draft::event(EntryKind::Notice, Author::System, code, Vec::new());
        draft.message = Some(MessageKind::Auto);
        draft.client_id = Some(client_id);
        self.append(draft, now, salts)
    }

    /// The shop says something by itself. It answers no wait, moves no mark, takes no seat and opens no session.
    pub fn says_by_itself(
        &mut self,
        text: MessageText,
        client_id: ClientId,
        now: Timestamp,
        salts: Salts<'_>,
    ) -> Entry {
        let mut draft = Draft::message(Lane::Buyer, Author::System, client_id, text.into());
        draft.message = Some(MessageKind::Auto);
        self.append(draft, now, salts)
    }

    /// Writes a line of the house with values into either lane. It answers no wait.
    pub fn tell(
        &mut self,
        lane: Lane,
        notice: Coded,
        client_id: ClientId,
        now: Timestamp,
        salts: Salts<'_>,
    ) -> Entry {
        let mut draft = Draft::event(EntryKind::Notice, Author::System, notice.code, notice.params);
        draft.lane = lane;
        draft.message = Some(MessageKind::System);
        draft.client_id = Some(client_id);
        self.append(draft, now, salts)
    }

    fn open(&mut self, by: Author, now: Timestamp, salts: Salts<'_>) -> Entry {
        self.session = Some(Session::open(now.max(self.head.at).max(self.staff_head.at)));
        self.append(Draft::event(EntryKind::Open, by, "session_opened", Vec::new()), now, salts)
    }

    fn end(
        &mut self,
        draft: Draft,
        reason: CloseReason,
        now: Timestamp,
        salts: Salts<'_>,
    ) -> Entry {
        let entry = self.append(draft, now, salts);
        if let Some(session) = self.session.as_mut() {
            session.closed = Some((entry.at, reason));
            session.waiting_since = None;
            session.quiet_since = None;
        }
        entry
    }

    pub(super) fn append(&mut self, draft: Draft, now: Timestamp, salts: Salts<'_>) -> Entry {
        let at = now.max(self.head.at).max(self.staff_head.at);
        let session = match self.open_session() {
            None => SessionRef::None,
            Some(session) => session.id.map_or(SessionRef::New, SessionRef::Stored),
        };
        let head = match draft.lane {
            Lane::Buyer => &mut self.head,
            Lane::Staff => &mut self.staff_head,
        };
        let salt = salts();
        let params = draft.notice.as_ref().map(Coded::params_json);
        let code = draft.notice.as_ref().map(|n| n.code);
        let content = draft.content.as_ref().map(Content::sealed);
        let text = draft.text.as_deref();
        let sum = digest(&salt, text, code, params.as_deref(), content.as_deref());
        let seq = head.seq + 1;
        let seal = chain(
            &head.chain,
            &sum,
            self.public_id.as_bytes(),
            draft.lane,
            seq,
            at,
            draft.kind,
            draft.author,
            draft.ref_seq,
        );
        *head = Head { seq, at, chain: seal };
        Entry {
            lane: draft.lane,
            seq,
            at,
            kind: draft.kind,
            message: draft.message,
            author: draft.author,
            session,
            client_id: draft.client_id,
            text: draft.text,
            content: draft.content,
            notice: draft.notice,
            ref_seq: draft.ref_seq,
            salt,
            digest: sum,
            chain: seal,
        }
    }
}
