//! Messages that buyers leave while nobody is on duty. The words are an ordinary line of the log; beside it stands who
//! answers until when, and how the buyer can be reached.

use xiaoer_domain::chat::{ClientId, Lane, MessageText, Personal, Wish};
use xiaoer_domain::coded::Coded;
use xiaoer_domain::id::{AccountId, ConversationId, FollowUpId, SessionId, ShopId};
use xiaoer_domain::private::Private;
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::chat as wire;
use xiaoer_protocol::id;
use xiaoer_store::chat::follow_up::{self as store, FollowUpList, NewFollowUp, StoredFollowUp};
use xiaoer_store::chat::load;
use xiaoer_store::chat::save::{self, Fact, Made};
use xiaoer_store::{Tx, team};

use super::wire as convert;
use super::{Act, BuyerCaller, Command, Speaker, moves, publish};
use crate::platform::Shop;
use crate::quality::Guarding;
use crate::{App, AppError, salts};

/// Code of the line in the log (docs/PROTOCOL.md, section 8).
const CODE: &str = "message_left";
/// How ids of those begin that the house noted by itself.
const HOUSE: &str = "house.";
/// The word in the ids of those that the house noted by itself.
const LEFT: &str = "left";
/// Characters of an order number.
const ORDER_CHARS_MAX: usize = 64;
/// Agents of a shop among whom an owner is looked for.
const AGENTS_MAX: i64 = 1000;

/// Which left messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FollowUpQuery {
    /// Nobody has answered yet.
    Open,
    /// Of one agent, not answered yet.
    Mine(AccountId),
    /// Not answered in time.
    Overdue,
    /// Answered.
    Done,
}

/// What a buyer left, checked.
#[derive(Clone)]
struct Note {
    client_id: ClientId,
    text: MessageText,
    wish: Wish,
    order_number: Option<String>,
    phone: Option<Personal>,
    email: Option<Personal>,
}

impl App {
    /// Keeps a message for later: its words as a line of the log, then the work item beside it. Both carry the sender's
    /// own id, so a repeat after half of it finishes it.
    ///
    /// # Errors
    /// `bad_request`, text errors, `client_id_conflict`.
    pub async fn leave_message(
        &self,
        shop: &Shop,
        buyer: BuyerCaller,
        body: &wire::LeaveMessage,
    ) -> Result<wire::Left, AppError> {
        let now = self.clock.now();
        let note = self.note(body)?;
        let command = Command {
            shop: shop.id,
            rules: shop.rules(now),
            conversation: buyer.conversation,
            by: Speaker::Buyer(buyer.buyer),
            lane: Lane::Buyer,
            client_id: note.client_id.clone(),
            act: Act::Say(note.text.clone()),
            guarding: Guarding::default(),
            phrase: None,
        };
        let line = self.send_and_wait(command).await?;
        let duty = self.duty(shop, now).await?;
        let due_at = duty.calendar.after_service(now, shop.answers_within(now));
        let new = NewFollowUp {
            conversation: buyer.conversation,
            client_id: note.client_id.as_str().to_owned(),
            entry_seq: line.seq,
            wish: note.wish,
            order_number: note.order_number,
            phone: note.phone,
            email: note.email,
            owner: None,
            created_at: now,
            due_at,
        };
        let due_at = self.keep(shop.id, new).await?;
        Ok(wire::Left { seq: line.seq, due_at: due_at.micros() })
    }

    fn note(&self, body: &wire::LeaveMessage) -> Result<Note, AppError> {
        let given = |text: &Option<String>| {
            text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned)
        };
        let personal = |text: &Option<String>, read: fn(&str) -> Option<Personal>, field: &str| {
            let read =
                given(text).map(|text| read(&text).ok_or_else(|| AppError::bad_field(field)));
            read.transpose()
        };
        let order_number = given(&body.order);
        if order_number
            .as_ref()
            .is_some_and(|n| n.chars().count() > ORDER_CHARS_MAX || n.chars().any(char::is_control))
        {
            return Err(AppError::bad_field("order"));
        }
        Ok(Note {
            client_id: ClientId::parse(&body.client_id)?,
            text: MessageText::parse(&body.text, self.limits.text_chars_max)?,
            wish: Wish::parse(&body.wish).ok_or_else(|| AppError::bad_field("wish"))?,
            order_number,
            phone: personal(&body.phone, Personal::phone, "phone")?,
            email: personal(&body.email, Personal::email, "email")?,
        })
    }

    /// Stores the work item and the line that says so. Returns until when it is answered.
    async fn keep(&self, shop: ShopId, new: NewFollowUp) -> Result<Timestamp, AppError> {
        let (now, seed) = (self.clock.now(), self.chance.bytes::<32>());
        let (due_at, made) = self
            .db
            .write(move |tx| {
                let new = new.clone();
                Box::pin(async move {
                    let mut salts = salts(seed);
                    let conversation = new.conversation;
                    // Locked first: the house may note the same buyer at this moment.
                    let talk = load::talk(tx, shop, conversation).await?;
                    let mut talk = talk.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
                    let known = store::by_client(tx, shop, conversation, &new.client_id).await?;
                    if let Some(known) = known {
                        return Ok((known.due_at, Made::default()));
                    }
                    let mut new = new;
                    match store::open_of(tx, shop, conversation).await? {
                        Some(open) if open.client_id.starts_with(HOUSE) => {
                            new.due_at = open.due_at;
                            store::upgrade(tx, shop, open.id, &new).await?;
                        }
                        _ => {
                            store::insert(tx, shop, &new).await?;
                            tell_left(tx, shop, &new).await?;
                        }
                    }
                    let line = ClientId::of_house(CODE, new.entry_seq);
                    let params = vec![
                        ("wish", new.wish.word().to_owned()),
                        ("due_at", new.due_at.micros().to_string()),
                    ];
                    let notice = Coded { code: CODE, params };
                    let entry = talk.tell(Lane::Buyer, notice, line, now, &mut salts);
                    let mut made = Made { talks: vec![talk], entries: vec![(conversation, entry)] };
                    moves::store(tx, shop, &mut made).await?;
                    Ok::<_, AppError>((new.due_at, made))
                })
            })
            .await?;
        publish::made(&mut self.bus.round(), shop, &made, &self.links, |_| None);
        Ok(due_at)
    }

    /// A buyer wrote while nobody was on duty: somebody has to answer, by when the hours of service say. Once for a
    /// session, and not beside what the buyer left by the form.
    pub(crate) async fn note_left(
        &self,
        shop: ShopId,
        conversation: ConversationId,
        session: SessionId,
    ) -> Result<(), AppError> {
        let now = self.clock.now();
        let known = self.shop_of(shop).await?;
        let duty = self.duty(&known, now).await?;
        let due_at = duty.calendar.after_service(now, known.answers_within(now));
        let noted = self.db.write(move |tx| {
            Box::pin(async move {
                let talk = load::talk(tx, shop, conversation).await?;
                let talk = talk.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
                let waits = talk
                    .open_session()
                    .is_some_and(|open| open.id == Some(session) && open.agent.is_none());
                if !waits || store::open_of(tx, shop, conversation).await?.is_some() {
                    return Ok(false);
                }
                let Some(entry_seq) = store::last_said(tx, shop, conversation).await? else {
                    return Ok(false);
                };
                let new = NewFollowUp {
                    conversation,
                    client_id: ClientId::of_house(LEFT, session.get()).as_str().to_owned(),
                    entry_seq,
                    wish: Wish::Question,
                    order_number: None,
                    phone: None,
                    email: None,
                    owner: None,
                    created_at: now,
                    due_at,
                };
                store::insert(tx, shop, &new).await?;
                tell_left(tx, shop, &new).await?;
                Ok::<_, AppError>(true)
            })
        });
        if noted.await? {
            self.tell_row(shop, conversation).await?;
        }
        Ok(())
    }

    /// Somebody took the buyer, or answered: what is open becomes theirs, or is done. True if anything was.
    pub(crate) async fn attend_left(
        &self,
        shop: ShopId,
        conversation: ConversationId,
        how: Attended,
    ) -> Result<bool, AppError> {
        let now = self.clock.now();
        let is_open = self
            .db
            .read(move |tx| Box::pin(async move { store::open_of(tx, shop, conversation).await }));
        // Nearly every line is none that answers something left behind.
        if is_open.await?.is_none() {
            return Ok(false);
        }
        let changed = self.db.write(move |tx| {
            Box::pin(async move {
                let (ids, step) = match how {
                    Attended::Given(agent) => (
                        store::owned(tx, shop, conversation, agent).await?,
                        Step::Assign(Some(agent)),
                    ),
                    Attended::Said(seq) => {
                        match store::answer(tx, shop, conversation, seq).await? {
                            Some((by, at)) => {
                                let ids = store::answered(tx, shop, conversation, (by, at)).await?;
                                (ids, Step::Finish(by))
                            }
                            None => return Ok(false),
                        }
                    }
                };
                let fact = |id: &FollowUpId| Fact {
                    at: now,
                    kind: step.kind(),
                    version: 1,
                    json: step.json(*id),
                };
                save::facts(tx, shop, &ids.iter().map(fact).collect::<Vec<_>>()).await?;
                Ok::<_, AppError>(!ids.is_empty())
            })
        });
        let changed = changed.await?;
        if changed {
            self.tell_row(shop, conversation).await?;
        }
        Ok(changed)
    }

    /// A page of left messages.
    ///
    /// # Errors
    /// `bad_request` for a broken cursor.
    pub async fn follow_ups(
        &self,
        shop: ShopId,
        query: &FollowUpQuery,
        cursor: Option<&str>,
        limit: i64,
    ) -> Result<wire::FollowUps, AppError> {
        let (now, limit) = (self.clock.now(), limit.clamp(1, self.limits.page_rows_max));
        let (list, start) = match query {
            FollowUpQuery::Open => (FollowUpList::Open(Timestamp::from_micros(i64::MAX)), i64::MIN),
            FollowUpQuery::Overdue => (FollowUpList::Open(now), i64::MIN),
            FollowUpQuery::Mine(owner) => (FollowUpList::Mine(*owner), i64::MIN),
            FollowUpQuery::Done => (FollowUpList::Done, i64::MAX),
        };
        let from = match cursor {
            None => (start, start),
            Some(cursor) => {
                let parts = cursor.split_once('.').ok_or_else(|| AppError::bad_field("cursor"))?;
                let number = |text: &str| text.parse().map_err(|_| AppError::bad_field("cursor"));
                (number(parts.0)?, number(parts.1)?)
            }
        };
        let from = (Timestamp::from_micros(from.0), FollowUpId::new(from.1));
        let found = self
            .db
            .read(move |tx| Box::pin(async move { store::list(tx, shop, list, from, limit).await }))
            .await?;
        let full = i64::try_from(found.len()).is_ok_and(|n| n == limit);
        let next = found.last().filter(|_| full).map(|last| {
            let at = match list {
                FollowUpList::Done => last.done.as_ref().map_or(last.due_at, |(at, ..)| *at),
                FollowUpList::Open(_) | FollowUpList::Mine(_) => last.due_at,
            };
            format!("{}.{}", at.micros(), last.id)
        });
        let follow_ups = found.into_iter().map(shown).collect();
        Ok(wire::FollowUps { follow_ups, next, now: now.micros() })
    }

    /// Gives a left message to a colleague, or to nobody in particular.
    ///
    /// # Errors
    /// `not_found`, `bad_request` when there is no such colleague.
    pub async fn assign_follow_up(
        &self,
        shop: ShopId,
        id: FollowUpId,
        owner: Option<AccountId>,
    ) -> Result<wire::FollowUp, AppError> {
        let now = self.clock.now();
        if let Some(owner) = owner {
            let read = self.db.read(move |tx| {
                Box::pin(async move { team::agents(tx, shop, now, AGENTS_MAX).await })
            });
            if !read.await?.iter().any(|agent| agent.id == owner) {
                return Err(AppError::bad_field("to"));
            }
        }
        self.change_follow_up(shop, id, Step::Assign(owner)).await
    }

    /// A left message is answered; one that was stays as it was.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn finish_follow_up(
        &self,
        shop: ShopId,
        id: FollowUpId,
        by: AccountId,
    ) -> Result<wire::FollowUp, AppError> {
        self.change_follow_up(shop, id, Step::Finish(by)).await
    }

    /// A left message is open again.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn reopen_follow_up(
        &self,
        shop: ShopId,
        id: FollowUpId,
    ) -> Result<wire::FollowUp, AppError> {
        self.change_follow_up(shop, id, Step::Reopen).await
    }

    async fn change_follow_up(
        &self,
        shop: ShopId,
        id: FollowUpId,
        step: Step,
    ) -> Result<wire::FollowUp, AppError> {
        let now = self.clock.now();
        let changed = self
            .db
            .write(move |tx| {
                Box::pin(async move {
                    match step {
                        Step::Assign(owner) => store::assign(tx, shop, id, owner).await?,
                        Step::Finish(by) => store::finish(tx, shop, id, now, by).await?,
                        Step::Reopen => store::reopen(tx, shop, id).await?,
                    }
                    let found = store::find(tx, shop, id).await?;
                    if found.is_some() {
                        let fact =
                            Fact { at: now, kind: step.kind(), version: 1, json: step.json(id) };
                        save::facts(tx, shop, &[fact]).await?;
                    }
                    Ok::<_, AppError>(found)
                })
            })
            .await?;
        changed.map(shown).ok_or_else(|| AppError::refused(ErrorCode::NotFound))
    }

    /// What a shop offers its buyers beside the talk.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn offer(&self, shop: &Shop) -> Result<wire::Offer, AppError> {
        let now = self.clock.now();
        let duty = self.duty(shop, now).await?;
        let opens_at = duty.next_opening(now);
        let own = |name| Some(shop.setting(name, now).to_owned()).filter(|text| !text.is_empty());
        Ok(wire::Offer {
            now: now.micros(),
            opens_at: opens_at.filter(|opens| *opens != now).map(Timestamp::micros),
            due_at: duty.calendar.after_service(now, shop.answers_within(now)).micros(),
            leave_after_minutes: shop.number("leave_message_minutes", now),
            rating: shop.offers_rating(now),
            viewing: shop.is_on("viewing", now),
            privacy: wire::PrivacyNotice {
                version: shop.privacy_version(now),
                zh: own("privacy_zh"),
                en: own("privacy_en"),
            },
        })
    }
}

/// Tells the journal that something was left.
async fn tell_left(tx: &mut Tx, shop: ShopId, new: &NewFollowUp) -> Result<(), AppError> {
    let Some(made) = store::open_of(tx, shop, new.conversation).await? else { return Ok(()) };
    let json = format!(r#"{{"f":{},"a":null}}"#, made.id);
    let fact = Fact { at: new.created_at, kind: "follow_up_left", version: 1, json };
    Ok(save::facts(tx, shop, &[fact]).await?)
}

/// How somebody turned to a buyer who had left a message.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Attended {
    /// The session was given to somebody.
    Given(AccountId),
    /// A line of this number was written.
    Said(i64),
}

#[derive(Clone, Copy)]
enum Step {
    Assign(Option<AccountId>),
    Finish(AccountId),
    Reopen,
}

impl Step {
    const fn kind(self) -> &'static str {
        match self {
            Self::Assign(_) => "follow_up_assigned",
            Self::Finish(_) => "follow_up_done",
            Self::Reopen => "follow_up_reopened",
        }
    }

    fn json(self, id: FollowUpId) -> String {
        match self {
            Self::Assign(Some(account)) | Self::Finish(account) => {
                format!(r#"{{"f":{id},"a":{account}}}"#)
            }
            Self::Assign(None) | Self::Reopen => format!(r#"{{"f":{id},"a":null}}"#),
        }
    }
}

fn shown(f: StoredFollowUp) -> wire::FollowUp {
    wire::FollowUp {
        id: id::follow_up(f.id),
        conversation: convert::conversation(f.conversation),
        buyer: convert::buyer(&f.buyer),
        wish: f.wish.word().to_owned(),
        text: f.text,
        order: f.order_number,
        phone: f.phone.map(|phone| Private::new(phone.reveal().to_owned()).masked_phone()),
        email: f.email.map(|email| Private::new(email.reveal().to_owned()).masked_email()),
        owner: f.owner.map(|(account, name)| convert::agent(account, name)),
        at: f.created_at.micros(),
        due_at: f.due_at.micros(),
        done_at: f.done.as_ref().map(|(at, ..)| at.micros()),
        done_by: f.done.map(|(_, account, name)| convert::agent(account, name)),
    }
}
