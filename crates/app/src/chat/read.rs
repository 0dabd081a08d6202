//! Reading: the log in pages, the lists, marks.

use std::sync::Arc;

use xiaoer_bus::{Event, EventKind, Topic};
use xiaoer_domain::chat::Lane;
use xiaoer_domain::id::{AccountId, BuyerId, ConversationId, PublicId, ShopId};
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::chat as wire;
use xiaoer_store::chat::read::{self, Heads, List};
use xiaoer_store::chat::{people, transfer};
use xiaoer_store::team::{self, signature};
use xiaoer_store::{StoreError, Tx};

use super::{publish, wire as convert};
use crate::team::Planned;
use crate::{App, AppError};

/// Which part of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// After this number.
    After(i64),
    /// The page that ends before this number.
    Before(i64),
}

/// Which list of conversations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListQuery {
    /// Open sessions of one agent.
    Mine(AccountId),
    /// Open sessions of nobody.
    Queue,
    /// Everything, newest activity first, from a cursor on.
    All(Option<String>),
}

impl App {
    /// The row of a conversation named on the wire.
    ///
    /// # Errors
    /// `not_found`, also for another shop's conversation.
    pub async fn find_conversation(
        &self,
        shop: ShopId,
        id: PublicId,
    ) -> Result<ConversationId, AppError> {
        let found =
            self.db.read(move |tx| Box::pin(async move { read::find(tx, shop, id).await })).await?;
        found.ok_or_else(|| AppError::refused(ErrorCode::NotFound))
    }

    /// Heads and marks of a conversation.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn heads(&self, shop: ShopId, id: ConversationId) -> Result<Heads, AppError> {
        let found = self
            .db
            .read(move |tx| Box::pin(async move { read::heads(tx, shop, id).await }))
            .await?;
        found.ok_or_else(|| AppError::refused(ErrorCode::NotFound))
    }

    /// Heads and marks of those of these conversations that the shop has.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn heads_of(
        &self,
        shop: ShopId,
        ids: Vec<ConversationId>,
    ) -> Result<Vec<Heads>, AppError> {
        Ok(self
            .db
            .read(move |tx| Box::pin(async move { read::heads_of(tx, shop, ids).await }))
            .await?)
    }

    /// A page of a lane with its head, read at one moment.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn entries(
        &self,
        shop: ShopId,
        id: ConversationId,
        lane: Lane,
        page: Page,
        limit: i64,
    ) -> Result<wire::Entries, AppError> {
        let limit = limit.clamp(1, self.limits.page_entries_max);
        let links = self.links.clone();
        self.db
            .read(move |tx| {
                let links = links.clone();
                Box::pin(async move {
                    let heads = read::heads(tx, shop, id).await?;
                    let heads = heads.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
                    let entries = match page {
                        Page::After(after) => {
                            read::entries_after(tx, shop, id, lane, after, limit).await?
                        }
                        Page::Before(before) => {
                            read::entries_before(tx, shop, id, lane, before, limit).await?
                        }
                    };
                    let last_seq = match lane {
                        Lane::Buyer => heads.last_seq,
                        Lane::Staff => heads.staff_seq,
                    };
                    let entries = entries.into_iter();
                    let links = links.of(shop);
                    let entries = entries.map(|e| convert::stored_entry(e, &links)).collect();
                    Ok(wire::Entries { entries, last_seq })
                })
            })
            .await
    }

    /// The same as staff may see it: a person's address is masked.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn entries_at_desk(
        &self,
        shop: ShopId,
        id: ConversationId,
        lane: Lane,
        page: Page,
        limit: i64,
    ) -> Result<wire::Entries, AppError> {
        let mut page = self.entries(shop, id, lane, page, limit).await?;
        page.entries.iter_mut().for_each(convert::veil);
        Ok(page)
    }

    /// One conversation as lists show it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn row(&self, shop: ShopId, id: ConversationId) -> Result<wire::Row, AppError> {
        let rows = self.rows_of(shop, vec![id]).await?;
        rows.into_iter().next().ok_or_else(|| AppError::refused(ErrorCode::NotFound))
    }

    /// These conversations as lists show them, in no order; those that are not in this shop are left out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rows_of(
        &self,
        shop: ShopId,
        ids: Vec<ConversationId>,
    ) -> Result<Vec<wire::Row>, AppError> {
        let rows = self
            .db
            .read(move |tx| {
                Box::pin(async move {
                    let mut rows = read::rows_of(tx, shop, ids).await?;
                    read::beside(tx, shop, &mut rows).await?;
                    Ok::<_, StoreError>(rows)
                })
            })
            .await?;
        Ok(rows.into_iter().map(|row| self.shown(shop, row)).collect())
    }

    /// A page of a list.
    ///
    /// # Errors
    /// `bad_request` for a broken cursor.
    pub async fn rows(
        &self,
        shop: ShopId,
        query: ListQuery,
        limit: i64,
    ) -> Result<wire::Rows, AppError> {
        let limit = limit.clamp(1, self.limits.page_rows_max);
        let list = match query {
            ListQuery::Mine(agent) => List::Mine(agent),
            ListQuery::Queue => List::Queue,
            ListQuery::All(cursor) => {
                let (at, id) = match cursor {
                    None => (i64::MAX, i64::MAX),
                    Some(cursor) => {
                        parse_cursor(&cursor).ok_or_else(|| AppError::bad_field("cursor"))?
                    }
                };
                List::All(Timestamp::from_micros(at), ConversationId::new(id))
            }
        };
        let rows = self
            .db
            .read(move |tx| {
                Box::pin(async move {
                    let mut rows = read::rows(tx, shop, list, limit).await?;
                    read::beside(tx, shop, &mut rows).await?;
                    Ok::<_, StoreError>(rows)
                })
            })
            .await?;
        let full = i64::try_from(rows.len()).is_ok_and(|n| n == limit);
        let next = rows
            .last()
            .filter(|_| full && matches!(list, List::All(..)))
            .map(|r| write_cursor((r.last_at.micros(), r.id.get())));
        let rows = rows.into_iter().map(|row| self.shown(shop, row)).collect();
        Ok(wire::Rows { rows, next })
    }

    /// The rows that a desk keeps current: its own, the queue's, and those that it is asked to take over or joined.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn desk_rows(
        &self,
        shop: ShopId,
        agent: AccountId,
    ) -> Result<Vec<wire::Row>, AppError> {
        let limit = self.limits.page_rows_max;
        let rows = self
            .db
            .read(move |tx| {
                Box::pin(async move {
                    let mut rows = read::rows(tx, shop, List::Mine(agent), limit).await?;
                    rows.extend(read::rows(tx, shop, List::Queue, limit).await?);
                    let mut more = transfer::concerning(tx, shop, agent, limit).await?;
                    more.retain(|id| rows.iter().all(|row| row.id != *id));
                    if !more.is_empty() {
                        rows.extend(read::rows_of(tx, shop, more).await?);
                    }
                    read::beside(tx, shop, &mut rows).await?;
                    Ok::<_, AppError>(rows)
                })
            })
            .await?;
        Ok(rows.into_iter().map(|row| self.shown(shop, row)).collect())
    }

    /// A row with what only memory knows.
    pub(super) fn shown(&self, shop: ShopId, row: read::ListRow) -> wire::Row {
        let viewing = self.viewing(shop, row.id);
        let stage = self.stages(shop).of(&row);
        wire::Row { viewing, ..convert::row(row, stage) }
    }

    /// The shop has read up to `seq`.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn staff_read(
        &self,
        shop: ShopId,
        id: ConversationId,
        seq: i64,
    ) -> Result<wire::Marks, AppError> {
        self.mark(shop, id, true, seq).await
    }

    /// The buyer has read up to `seq`.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn buyer_read(
        &self,
        shop: ShopId,
        id: ConversationId,
        seq: i64,
    ) -> Result<wire::Marks, AppError> {
        self.mark(shop, id, false, seq).await
    }

    async fn mark(
        &self,
        shop: ShopId,
        id: ConversationId,
        by_staff: bool,
        seq: i64,
    ) -> Result<wire::Marks, AppError> {
        let before = self.heads(shop, id).await?;
        let now_read = if by_staff { before.staff_read_seq } else { before.buyer_read_seq };
        let known = wire::Marks { buyer: before.buyer_read_seq, staff: before.staff_read_seq };
        // Repeated marks cost a read, not a write.
        if seq <= now_read {
            return Ok(known);
        }
        let (buyer, staff) = self
            .db
            .write(move |tx| {
                Box::pin(async move {
                    Ok::<_, AppError>(read::mark_read(tx, shop, id, by_staff, seq).await?)
                })
            })
            .await?;
        let marks = wire::Marks { buyer, staff };
        if marks != known {
            publish::marks(&self.bus, shop, id, convert::conversation(before.public_id), marks);
            self.tell_row(shop, id).await?;
        }
        Ok(marks)
    }

    /// Tells the desks that have the row of a conversation in a list, or open, that it changed.
    pub(crate) async fn tell_row(&self, shop: ShopId, id: ConversationId) -> Result<(), AppError> {
        let row =
            self.db.read(move |tx| Box::pin(async move { read::row(tx, shop, id).await })).await?;
        let agent = row.and_then(|r| r.session).filter(|s| !s.closed).map(|s| s.agent);
        let event = Event { conversation: Some(id), kind: EventKind::Row };
        match agent {
            None => {}
            Some(None) => self.bus.publish(Topic::Desk(shop), &event),
            Some(Some((agent, _))) => self.bus.publish(Topic::Agent(shop, agent), &event),
        }
        self.bus.publish(Topic::Staff(shop, id), &event);
        Ok(())
    }

    /// What a buyer sees of the reception now.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn reception(
        &self,
        shop: ShopId,
        id: ConversationId,
    ) -> Result<wire::Reception, AppError> {
        let (now, planned) = (self.clock.now(), self.planned_of(shop).await?);
        let read = self.db.read(move |tx| {
            let planned = Arc::clone(&planned);
            Box::pin(async move { reception(tx, shop, id, &planned, now).await })
        });
        Ok(self.placed(shop, id, read.await?))
    }

    /// A reception as the buyer is shown it: the agent signed as the shop wants it, the place in the queue as it was last
    /// told.
    pub(crate) fn placed(
        &self,
        shop: ShopId,
        id: ConversationId,
        reception: wire::Reception,
    ) -> wire::Reception {
        let place = self.place_in_queue(shop, id).filter(|_| reception.state == "queued");
        let position = place.map(|place| place.position);
        let agent = reception.agent.map(|agent| {
            let own = agent.signature.unwrap_or_default();
            let (name, signature) = self.signed(shop, agent.name, &own);
            wire::AgentName { id: None, name, signature }
        });
        wire::Reception { position, wait_s: place.and_then(|p| p.wait_s), agent, ..reception }
    }

    /// A buyer, with the conversation if there is one.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn buyer_found(
        &self,
        shop: ShopId,
        id: BuyerId,
    ) -> Result<wire::FoundBuyer, AppError> {
        let read = self.db.read(move |tx| {
            Box::pin(async move {
                let buyer = people::get_buyer(tx, shop, id).await?;
                let conversation = people::conversation_of(tx, shop, id).await?;
                Ok::<_, AppError>((buyer, conversation))
            })
        });
        let (buyer, conversation) = read.await?;
        Ok(wire::FoundBuyer {
            buyer: convert::buyer(&buyer),
            conversation: conversation.map(convert::conversation),
        })
    }

    /// Whose conversation it is.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn buyer_of(&self, shop: ShopId, id: ConversationId) -> Result<BuyerId, AppError> {
        Ok(self.heads(shop, id).await?.buyer)
    }
}

/// Reads the reception in a transaction.
pub(crate) async fn reception(
    tx: &mut Tx,
    shop: ShopId,
    id: ConversationId,
    planned: &Planned,
    now: Timestamp,
) -> Result<wire::Reception, AppError> {
    let row =
        read::row(tx, shop, id).await?.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
    let on_duty = anybody_receives(tx, shop, planned, now).await?;
    let open = row.session.filter(|s| !s.closed);
    let state = match &open {
        None => "none",
        Some(s) if s.agent.is_none() => "queued",
        Some(_) => "active",
    };
    let agent = match open.and_then(|s| s.agent) {
        None => None,
        Some((account, name)) => {
            let signature = Some(signature::find(tx, shop, account).await?);
            Some(wire::AgentName { id: None, name, signature })
        }
    };
    let state = state.to_owned();
    let notice = planned.notice(now);
    Ok(wire::Reception { state, on_duty, agent, position: None, wait_s: None, notice })
}

/// Whether anybody of a shop is given buyers now.
pub(super) async fn anybody_receives(
    tx: &mut Tx,
    shop: ShopId,
    planned: &Planned,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let receiving = team::receiving(tx, shop, now).await?;
    Ok(receiving.into_iter().any(|agent| planned.plan.lets_receive(agent, now)))
}

pub(super) fn write_cursor((at, id): (i64, i64)) -> String {
    format!("{at}.{id}")
}

pub(super) fn parse_cursor(cursor: &str) -> Option<(i64, i64)> {
    let (at, id) = cursor.split_once('.')?;
    Some((at.parse().ok()?, id.parse().ok()?))
}
