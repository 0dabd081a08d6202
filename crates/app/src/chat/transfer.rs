//! Transfers that wait for their receiver: asked, accepted, declined, withdrawn, or over after a while. Until somebody
//! accepts, the giver keeps the buyer and the wait goes on there.

use xiaoer_bus::{Event, EventKind, Topic};
use xiaoer_domain::chat::{ClientId, Entry, Lane, MessageText, Outcome, Standing, Talk};
use xiaoer_domain::coded::Coded;
use xiaoer_domain::id::{AccountId, ConversationId, GroupId, ShopId};
use xiaoer_domain::team::{AgentState, Colleague};
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_protocol::ErrorCode;
use xiaoer_store::chat::save::Made;
use xiaoer_store::chat::transfer::{self as store, NewTransfer, Offered};
use xiaoer_store::chat::{load, read};
use xiaoer_store::{Tx, routing};

use super::publish;
use crate::platform::Shop;
use crate::team::Caller;
use crate::{App, AppError, salts};

/// To whom a buyer shall go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// A colleague.
    Agent(AccountId),
    /// Whoever of a group accepts first.
    Group(GroupId),
}

/// What somebody does with an open transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Accept,
    Decline,
    Withdraw,
}

/// What the giver asks, ready to be written.
#[derive(Clone)]
struct Offer {
    by: Colleague,
    to: Receiver,
    note: Option<MessageText>,
    told: Coded,
    ids: (ClientId, ClientId),
    now: Timestamp,
    valid_until: Timestamp,
}

/// Who a transfer is for, as it was found.
struct Wanted {
    name: String,
    receivers: Vec<AccountId>,
}

impl App {
    /// Asks a colleague or a group to take the buyer over. At once, when the shop wants no acceptance or the buyer is not
    /// the caller's to keep.
    ///
    /// # Errors
    /// `session_closed`, `agent_unavailable`, `not_found`, `forbidden`, `transfer_open`, text errors of the note.
    pub async fn offer_transfer(
        &self,
        shop: &Shop,
        of: ConversationId,
        caller: &Caller,
        to: Receiver,
        note: Option<&str>,
    ) -> Result<(), AppError> {
        let lasts = Span::seconds(shop.number("transfer_accept_seconds", self.clock.now()));
        let is_own = self.holder(shop.id, of).await? == Some(caller.sender.account);
        if lasts == Span::seconds(0) || !is_own {
            let (by, roles) = (&caller.sender, &caller.roles);
            return match to {
                Receiver::Agent(to) => self.hand_over(shop.id, of, by, roles, to, note).await,
                Receiver::Group(to) => self.hand_to_group(shop.id, of, by, roles, to, note).await,
            };
        }
        let note = note.filter(|n| !n.trim().is_empty());
        let note = note.map(|n| MessageText::parse(n, self.limits.text_chars_max)).transpose()?;
        let (wanted, now) = (self.wanted(shop.id, to).await?, self.clock.now());
        let by = caller.sender.clone();
        let told = Coded {
            code: "transfer_offered",
            params: vec![("from", by.name.clone()), ("to", wanted.name)],
        };
        let ids = (self.note_id()?, self.note_id()?);
        let known = vec![by.clone()];
        let offer = Offer { by, to, note, told, ids, now, valid_until: now.plus(lasts) };
        let (shop, seed) = (shop.id, self.chance.bytes::<32>());
        let written = self.db.write(move |tx| {
            let offer = offer.clone();
            Box::pin(async move { write_offer(tx, shop, of, offer, seed).await })
        });
        let made = written.await?;
        self.tell_transfer(shop, of, &made, known, &wanted.receivers);
        Ok(())
    }

    /// A receiver accepts: the buyer goes over.
    ///
    /// # Errors
    /// `transfer_over`, `forbidden` for whom it is not for.
    pub async fn accept_transfer(
        &self,
        shop: ShopId,
        of: ConversationId,
        me: &Colleague,
    ) -> Result<(), AppError> {
        self.answer_transfer(shop, of, me, Answer::Accept).await?;
        self.give_seats_on(shop).await;
        Ok(())
    }

    /// A receiver does not want to. Of a group, one who declines leaves it to the others.
    ///
    /// # Errors
    /// As [`Self::accept_transfer`].
    pub async fn decline_transfer(
        &self,
        shop: ShopId,
        of: ConversationId,
        me: &Colleague,
    ) -> Result<(), AppError> {
        self.answer_transfer(shop, of, me, Answer::Decline).await
    }

    /// The giver takes the question back.
    ///
    /// # Errors
    /// As [`Self::accept_transfer`].
    pub async fn withdraw_transfer(
        &self,
        shop: ShopId,
        of: ConversationId,
        me: &Colleague,
    ) -> Result<(), AppError> {
        self.answer_transfer(shop, of, me, Answer::Withdraw).await
    }

    async fn answer_transfer(
        &self,
        shop: ShopId,
        of: ConversationId,
        me: &Colleague,
        answer: Answer,
    ) -> Result<(), AppError> {
        let (now, seed, by) = (self.clock.now(), self.chance.bytes::<32>(), me.clone());
        let told_id = self.note_id()?;
        let written = self.db.write(move |tx| {
            let (by, told_id) = (by.clone(), told_id.clone());
            Box::pin(async move {
                let who = (by, told_id, now);
                write_answer(tx, shop, of, answer, who, seed).await
            })
        });
        let (made, receivers, giver) = written.await?;
        self.tell_transfer(shop, of, &made, vec![me.clone(), giver], &receivers);
        Ok(())
    }

    /// Ends what nobody answered in time; the giver keeps the buyer and reads so.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn expire_transfers(&self) -> Result<(), AppError> {
        let now = self.clock.now();
        let due =
            self.db.read(move |tx| Box::pin(async move { store::due(tx, now).await })).await?;
        for (shop, of) in due {
            let (seed, told_id) = (self.chance.bytes::<32>(), self.note_id()?);
            let written = self.db.write(move |tx| {
                let told_id = told_id.clone();
                Box::pin(async move {
                    let mut salts = salts(seed);
                    let (Some(mut talk), Some(open)) =
                        (load::talk(tx, shop, of).await?, store::find(tx, shop, of).await?)
                    else {
                        return Ok(None);
                    };
                    let Some(outcome) = over(&open, &talk, now) else { return Ok(None) };
                    store::settle(tx, shop, open.id, outcome, None, now).await?;
                    let mut entries = Vec::new();
                    if outcome == Outcome::Expired {
                        let name =
                            open.to.map(|(_, name)| name).or(open.group.map(|(_, name)| name));
                        let params = vec![("to", name.unwrap_or_default())];
                        let told = Coded { code: "transfer_expired", params };
                        entries.push(talk.tell(Lane::Staff, told, told_id, now, &mut salts));
                    }
                    let made = stored(tx, shop, talk, entries).await?;
                    Ok::<_, AppError>(Some((made, open.transfer.receivers)))
                })
            });
            if let Some((made, receivers)) = written.await? {
                self.tell_transfer(shop, of, &made, Vec::new(), &receivers);
            }
        }
        Ok(())
    }

    /// Who has the buyer.
    async fn holder(
        &self,
        shop: ShopId,
        of: ConversationId,
    ) -> Result<Option<AccountId>, AppError> {
        let row =
            self.db.read(move |tx| Box::pin(async move { read::row(tx, shop, of).await })).await?;
        let row = row.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
        Ok(row.session.filter(|s| !s.closed).and_then(|s| s.agent).map(|(agent, _)| agent))
    }

    /// Somebody who can receive: the colleague, or at least one of the group.
    async fn wanted(&self, shop: ShopId, to: Receiver) -> Result<Wanted, AppError> {
        let now = self.clock.now();
        let read = self.db.read(move |tx| {
            Box::pin(async move {
                let room = routing::room(tx, shop, now).await?;
                Ok::<_, AppError>((room, routing::groups(tx, shop).await?))
            })
        });
        let (room, groups) = read.await?;
        let is_here = |who: &AccountId| {
            room.iter().any(|c| c.agent == *who && c.state == Some(AgentState::Available))
        };
        let unavailable = || AppError::refused(ErrorCode::AgentUnavailable);
        match to {
            Receiver::Agent(to) => {
                let found = room.iter().find(|c| c.agent == to).filter(|c| is_here(&c.agent));
                let name = found.ok_or_else(unavailable)?.name.clone();
                Ok(Wanted { name, receivers: vec![to] })
            }
            Receiver::Group(to) => {
                let group = groups.into_iter().find(|group| group.id == to);
                let group = group.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
                if !group.members.iter().any(is_here) {
                    return Err(unavailable());
                }
                Ok(Wanted { name: group.name, receivers: group.members })
            }
        }
    }

    fn tell_transfer(
        &self,
        shop: ShopId,
        of: ConversationId,
        made: &Made,
        known: Vec<Colleague>,
        receivers: &[AccountId],
    ) {
        let name = |account| known.iter().find(|s| s.account == account).map(|s| s.name.clone());
        let mut round = self.bus.round();
        publish::made(&mut round, shop, made, &self.links, name);
        for receiver in receivers {
            let event = Event { conversation: Some(of), kind: EventKind::Row };
            round.publish(Topic::Agent(shop, *receiver), &event);
        }
    }
}

async fn write_answer(
    tx: &mut Tx,
    shop: ShopId,
    of: ConversationId,
    answer: Answer,
    (by, told_id, now): (Colleague, ClientId, Timestamp),
    seed: [u8; 32],
) -> Result<(Made, Vec<AccountId>, Colleague), AppError> {
    let talk = load::talk(tx, shop, of).await?;
    let mut talk = talk.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
    let gone = || AppError::refused(ErrorCode::TransferOver);
    let open = store::find(tx, shop, of).await?.ok_or_else(gone)?;
    if over(&open, &talk, now).is_some() {
        return Err(gone());
    }
    let mut salts = salts(seed);
    let is_for = |who: &AccountId| open.transfer.is_for(*who);
    let fits = match answer {
        Answer::Withdraw => open.transfer.from == by.account,
        Answer::Accept | Answer::Decline => is_for(&by.account),
    };
    if !fits {
        return Err(AppError::refused(ErrorCode::Forbidden));
    }
    let giver = Colleague { account: open.transfer.from, name: open.from_name.clone() };
    // Of a group the others may still accept.
    let is_last = !open.transfer.receivers.iter().any(|who| *who != by.account && is_for(who));
    let (code, outcome) = match answer {
        Answer::Accept => (None, Some(Outcome::Accepted)),
        Answer::Decline => (Some("transfer_declined"), is_last.then_some(Outcome::Declined)),
        Answer::Withdraw => (Some("transfer_withdrawn"), Some(Outcome::Withdrawn)),
    };
    let entries = match code {
        None => talk.hand_over(&giver, false, &by, now, &mut salts)?,
        Some(code) => {
            let told = Coded { code, params: vec![("agent", by.name.clone())] };
            vec![talk.tell(Lane::Staff, told, told_id, now, &mut salts)]
        }
    };
    if let Some(outcome) = outcome {
        store::settle(tx, shop, open.id, outcome, Some(by.account), now).await?;
    }
    let made = stored(tx, shop, talk, entries).await?;
    Ok((made, open.transfer.receivers, giver))
}

async fn write_offer(
    tx: &mut Tx,
    shop: ShopId,
    of: ConversationId,
    offer: Offer,
    seed: [u8; 32],
) -> Result<Made, AppError> {
    let mut salts = salts(seed);
    let Offer { by, to, note, told, ids, now, valid_until } = offer;
    let talk = load::talk(tx, shop, of).await?;
    let mut talk = talk.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
    let session = talk.open_session().filter(|s| s.agent == Some(by.account)).and_then(|s| s.id);
    let session = session.ok_or_else(|| AppError::refused(ErrorCode::SessionClosed))?;
    if let Some(open) = store::find(tx, shop, of).await? {
        let outcome =
            over(&open, &talk, now).ok_or_else(|| AppError::refused(ErrorCode::TransferOpen))?;
        store::settle(tx, shop, open.id, outcome, None, now).await?;
    }
    let mut entries = vec![talk.tell(Lane::Staff, told, ids.0, now, &mut salts)];
    if let Some(note) = note {
        entries.extend(talk.staff_says(&by, Lane::Staff, ids.1, note, now, &mut salts));
    }
    let (to, group) = match to {
        Receiver::Agent(to) => (Some(to), None),
        Receiver::Group(to) => (None, Some(to)),
    };
    let new = NewTransfer {
        conversation: of,
        session,
        from: by.account,
        to,
        group,
        note_seq: entries.get(1).map(|entry| entry.seq),
        at: now,
        valid_until,
    };
    store::insert(tx, shop, new).await?;
    stored(tx, shop, talk, entries).await
}

/// How a transfer is over already; nothing while it waits.
fn over(open: &Offered, talk: &Talk, now: Timestamp) -> Option<Outcome> {
    match open.transfer.standing(talk.session.as_ref(), now) {
        Standing::Waits => None,
        Standing::Expired => Some(Outcome::Expired),
        Standing::Moot => Some(Outcome::Moot),
    }
}

/// Stores what a transfer said, in its transaction.
async fn stored(
    tx: &mut Tx,
    shop: ShopId,
    talk: Talk,
    entries: Vec<Entry>,
) -> Result<Made, AppError> {
    let entries = entries.into_iter().map(|entry| (talk.id, entry)).collect();
    let mut made = Made { talks: vec![talk], entries };
    super::store_moves(tx, shop, &mut made).await?;
    Ok(made)
}
