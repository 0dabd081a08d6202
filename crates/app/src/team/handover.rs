//! 交接班 (shift handover): what the giver has open, signing by both, and what then goes to the receiver. Signing may be
//! repeated: what has not gone yet goes then.

use xiaoer_domain::id::{AccountId, HandoverId, HandoverItemId, ShopId};
use xiaoer_domain::team::handover::{Handover, HandoverError, ItemKind};
use xiaoer_domain::team::{Colleague, Role};
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::team::handover as wire;
use xiaoer_protocol::{ErrorCode, id};
use xiaoer_store::StoreError;
use xiaoer_store::team as people;
use xiaoer_store::team::handover::{self as store, NewItem, StoredHandover, StoredItem};

use super::Caller;
use crate::chat::{FollowUpQuery, ListQuery, wire as convert};
use crate::platform::Shop;
use crate::{App, AppError};

/// Things of one handover.
const ITEMS_MAX: usize = 300;
/// The same, when they are read.
const ITEMS_READ_MAX: i64 = 300;
/// Characters of a note, and of what is said of a thing.
const NOTE_CHARS_MAX: usize = 2000;
const ITEM_CHARS_MAX: usize = 500;
/// Handovers that are listed, of those given and of those received.
const LISTED_MAX: i64 = 10;
/// Colleagues among whom the receiver is looked for.
const PEOPLE_MAX: i64 = 1000;
/// Open buyers and messages that a draft proposes.
const OPEN_MAX: i64 = 200;

impl App {
    /// What the caller could hand over now.
    ///
    /// # Errors
    /// The database.
    pub async fn handover_draft(
        &self,
        shop: &Shop,
        caller: &Caller,
    ) -> Result<wire::HandoverDraft, AppError> {
        let me = caller.sender.account;
        let rows = self.rows(shop.id, ListQuery::Mine(me), OPEN_MAX).await?.rows;
        let buyers = rows.into_iter().map(|row| wire::DraftItem {
            conversation: row.conversation,
            follow_up: None,
            buyer: row.buyer,
            text: row.last.and_then(|last| last.preview).unwrap_or_default(),
        });
        let left = self.follow_ups(shop.id, &FollowUpQuery::Mine(me), None, OPEN_MAX).await?;
        let follow_ups = left.follow_ups.into_iter().map(|one| wire::DraftItem {
            conversation: one.conversation,
            follow_up: Some(one.id),
            buyer: one.buyer,
            text: one.text.unwrap_or_default(),
        });
        Ok(wire::HandoverDraft { buyers: buyers.collect(), follow_ups: follow_ups.collect() })
    }

    /// Hands over: the giver signs by writing it. Nothing moves yet.
    ///
    /// # Errors
    /// `bad_request` with the field; `not_found` for a conversation that is not there.
    pub async fn give_handover(
        &self,
        shop: &Shop,
        caller: &Caller,
        body: &wire::HandoverBody,
    ) -> Result<wire::Handover, AppError> {
        let (giver, now) = (caller.sender.account, self.clock.now());
        let receiver = id::parse_account(&body.to).filter(|to| *to != giver);
        let receiver = receiver.ok_or_else(|| AppError::bad_field("to"))?;
        let note = body.note.trim().to_owned();
        if note.chars().count() > NOTE_CHARS_MAX {
            return Err(AppError::bad_field("note"));
        }
        if body.items.len() > ITEMS_MAX || (body.items.is_empty() && note.is_empty()) {
            return Err(AppError::bad_field("items"));
        }
        let mut items = Vec::with_capacity(body.items.len());
        for item in &body.items {
            items.push(self.parse_item(shop.id, item).await?);
        }
        let handover = Handover { giver, receiver, received_at: None, withdrawn_at: None };
        let shop = shop.id;
        let write = self.db.write(move |tx| {
            let (items, note) = (items.clone(), note.clone());
            Box::pin(async move {
                let agents = people::agents(tx, shop, now, PEOPLE_MAX).await?;
                if !agents.iter().any(|agent| agent.id == receiver) {
                    return Err(AppError::bad_field("to"));
                }
                let id = store::insert(tx, shop, &handover, &note, now).await?;
                for item in &items {
                    store::insert_item(tx, shop, id, item).await?;
                }
                read(tx, shop, id).await
            })
        });
        Ok(shown(write.await?))
    }

    async fn parse_item(
        &self,
        shop: ShopId,
        body: &wire::HandoverItemBody,
    ) -> Result<NewItem, AppError> {
        let kind = ItemKind::parse(&body.kind).ok_or_else(|| AppError::bad_field("kind"))?;
        let text = body.text.trim().to_owned();
        let conversation = match body.conversation.as_deref() {
            None => None,
            Some(text) => {
                let public = id::parse_public(id::CONVERSATION, text);
                let public = public.ok_or_else(|| AppError::bad_field("conversation"))?;
                Some(self.find_conversation(shop, public).await?)
            }
        };
        let follow_up = body
            .follow_up
            .as_deref()
            .map(|text| id::parse_follow_up(text).ok_or_else(|| AppError::bad_field("follow_up")));
        let follow_up = follow_up.transpose()?;
        let is_whole = match kind {
            ItemKind::Buyer => conversation.is_some(),
            ItemKind::FollowUp => follow_up.is_some(),
            ItemKind::Promise | ItemKind::Incident => !text.is_empty(),
        };
        if !is_whole || text.chars().count() > ITEM_CHARS_MAX {
            return Err(AppError::bad_field("items"));
        }
        Ok(NewItem { kind, conversation, follow_up, text })
    }

    /// Handovers that the caller gave or receives, the latest first.
    ///
    /// # Errors
    /// The database.
    pub async fn handovers(
        &self,
        shop: ShopId,
        caller: &Caller,
    ) -> Result<wire::Handovers, AppError> {
        let (me, from) = (caller.sender.account, HandoverId::new(i64::MAX));
        let read = self.db.read(move |tx| {
            Box::pin(async move {
                let mut found = store::given(tx, shop, me, from, LISTED_MAX).await?;
                found.extend(store::received(tx, shop, me, from, LISTED_MAX).await?);
                found.sort_by_key(|one| std::cmp::Reverse(one.id));
                let mut all = Vec::with_capacity(found.len());
                for one in found {
                    let items = store::items(tx, shop, one.id, ITEMS_READ_MAX).await?;
                    all.push((one, items));
                }
                Ok::<_, StoreError>(all)
            })
        });
        Ok(wire::Handovers { handovers: read.await?.into_iter().map(shown).collect() })
    }

    /// The receiver signs; buyers and left messages go over. Who is not available yet signs again later: what could not
    /// go stays with the giver until then.
    ///
    /// # Errors
    /// `not_found`; `forbidden` for anybody but the receiver; `too_late` when it was taken back.
    pub async fn sign_handover(
        &self,
        shop: ShopId,
        caller: &Caller,
        handover: HandoverId,
    ) -> Result<wire::Handover, AppError> {
        let (me, now) = (caller.sender.account, self.clock.now());
        let (stored, items) =
            self.change_handover(shop, handover, move |h| h.sign(me, now)).await?;
        let giver = Colleague { account: stored.handover.giver, name: stored.giver_name };
        for one in
            items.iter().filter(|one| one.moved_at.is_none() && one.item.settled_at.is_none())
        {
            if self.go_over(shop, &giver, me, one).await {
                let item = one.id;
                self.db
                    .write(move |tx| {
                        Box::pin(async move { store::moved(tx, shop, item, now).await })
                    })
                    .await?;
            }
        }
        let again = self.db.read(move |tx| Box::pin(async move { read(tx, shop, handover).await }));
        Ok(shown(again.await?))
    }

    /// Whether a thing has gone to the receiver, or needs no going.
    async fn go_over(
        &self,
        shop: ShopId,
        giver: &Colleague,
        to: AccountId,
        one: &StoredItem,
    ) -> bool {
        match (one.item.kind, &one.about, one.follow_up) {
            (ItemKind::Buyer, Some((conversation, ..)), _) => {
                let note = Some(one.text.as_str());
                let roles = [Role::Agent];
                let done = self.hand_over(shop, *conversation, giver, &roles, to, note).await;
                match done {
                    Ok(()) => true,
                    // A session that ended meanwhile, or went elsewhere, needs no going.
                    Err(AppError::Refused { code, .. }) => code != ErrorCode::AgentUnavailable,
                    Err(AppError::Store(_)) => false,
                }
            }
            (ItemKind::FollowUp, _, Some(follow_up)) => {
                self.assign_follow_up(shop, follow_up, Some(to)).await.is_ok()
            }
            (ItemKind::Promise, ..) => true,
            _ => false,
        }
    }

    /// The giver takes it back before the receiver signed.
    ///
    /// # Errors
    /// As [`App::sign_handover`].
    pub async fn withdraw_handover(
        &self,
        shop: ShopId,
        caller: &Caller,
        handover: HandoverId,
    ) -> Result<wire::Handover, AppError> {
        let (me, now) = (caller.sender.account, self.clock.now());
        Ok(shown(self.change_handover(shop, handover, move |h| h.withdraw(me, now)).await?))
    }

    /// A promise is kept or an incident is settled, says who answers for it.
    ///
    /// # Errors
    /// `not_found`; `forbidden` for anybody else.
    pub async fn settle_handover_item(
        &self,
        shop: ShopId,
        caller: &Caller,
        handover: HandoverId,
        item: HandoverItemId,
    ) -> Result<wire::Handover, AppError> {
        let (me, now) = (caller.sender.account, self.clock.now());
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                let (stored, items) = read(tx, shop, handover).await?;
                let one = items.iter().find(|one| one.id == item).ok_or_else(not_found)?;
                if one.item.settled_at.is_none() {
                    if !stored.handover.may_settle(one.item, me) {
                        return Err(AppError::refused(ErrorCode::Forbidden));
                    }
                    store::settle(tx, shop, item, now, me).await?;
                }
                read(tx, shop, handover).await
            })
        });
        Ok(shown(write.await?))
    }

    async fn change_handover(
        &self,
        shop: ShopId,
        id: HandoverId,
        step: impl Fn(Handover) -> Result<Handover, HandoverError> + Clone + Send + Sync + 'static,
    ) -> Result<(StoredHandover, Vec<StoredItem>), AppError> {
        self.db
            .write(move |tx| {
                let step = step.clone();
                Box::pin(async move {
                    let (stored, _) = read(tx, shop, id).await?;
                    let next = step(stored.handover).map_err(|error| {
                        AppError::refused(match error {
                            HandoverError::NotYours => ErrorCode::Forbidden,
                            HandoverError::Over => ErrorCode::TooLate,
                        })
                    })?;
                    store::update(tx, shop, id, &next).await?;
                    read(tx, shop, id).await
                })
            })
            .await
    }
}

async fn read(
    tx: &mut xiaoer_store::Tx,
    shop: ShopId,
    id: HandoverId,
) -> Result<(StoredHandover, Vec<StoredItem>), AppError> {
    let found = store::find(tx, shop, id).await?.ok_or_else(not_found)?;
    Ok((found, store::items(tx, shop, id, ITEMS_READ_MAX).await?))
}

const fn not_found() -> AppError {
    AppError::refused(ErrorCode::NotFound)
}

fn shown((stored, items): (StoredHandover, Vec<StoredItem>)) -> wire::Handover {
    let handover = stored.handover;
    let item = |one: StoredItem| wire::HandoverItem {
        id: one.id.get(),
        kind: one.item.kind.word().to_owned(),
        conversation: one.about.as_ref().map(|(_, public, _)| convert::conversation(*public)),
        buyer: one.about.as_ref().map(|(.., buyer)| convert::buyer(buyer)),
        text: one.text,
        owner: id::account(handover.owner(one.item)),
        moved_at: one.moved_at.map(Timestamp::micros),
        settled_at: one.item.settled_at.map(Timestamp::micros),
    };
    wire::Handover {
        id: stored.id.get(),
        giver: convert::agent(handover.giver, stored.giver_name),
        receiver: convert::agent(handover.receiver, stored.receiver_name),
        note: stored.note,
        at: stored.created_at.micros(),
        received_at: handover.received_at.map(Timestamp::micros),
        withdrawn_at: handover.withdrawn_at.map(Timestamp::micros),
        items: items.into_iter().map(item).collect(),
    }
}
