//! Keeping a pest out: an agent proposes, a leader decides, and a session that is open ends with it. What was said stays
//! as it is: it is the evidence.

use serde_json::json;
use xiaoer_domain::customers::block::{Block, BlockFault, BlockReason, DAYS, Verdict};
use xiaoer_domain::id::{AccountId, BlockId, ConversationId, ShopId};
use xiaoer_domain::team::{Right, may};
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::{ErrorCode, customers as wire, id};
use xiaoer_store::customers::block::{self as store, NewBlock, StoredBlock};
use xiaoer_store::{StoreError, Tx};

use crate::platform::audit::{AuditKind, Note};
use crate::team::Caller;
use crate::{App, AppError};

/// Rows of a page.
const ROWS_MAX: i64 = 50;
/// Characters of the proposer's words.
const NOTE_CHARS_MAX: usize = 300;
/// Blocks of one buyer that are shown at a conversation.
const OF_BUYER_MAX: i64 = 5;

impl App {
    /// Proposes to keep the buyer of a conversation out; who may decide has decided with it.
    ///
    /// # Errors
    /// `bad_request` with the field; the database.
    pub async fn block_buyer(
        &self,
        shop: ShopId,
        caller: &Caller,
        conversation: ConversationId,
        body: &wire::BlockBody,
    ) -> Result<wire::Blocks, AppError> {
        let reason =
            BlockReason::parse(&body.reason).ok_or_else(|| AppError::bad_field("reason"))?;
        let note = body.note.trim().to_owned();
        let is_said = reason != BlockReason::Other || !note.is_empty();
        if note.chars().count() > NOTE_CHARS_MAX || note.chars().any(char::is_control) || !is_said {
            return Err(AppError::bad_field("note"));
        }
        let proposed = Block::propose(body.days).map_err(fault)?;
        let buyer = self.buyer_of(shop, conversation).await?;
        let (now, by) = (self.clock.now(), caller.sender.account);
        let new = NewBlock { buyer, conversation, reason, note, days: proposed.days, by };
        let decides = may(&caller.roles, Right::BlockBuyers);
        let house = self.clone();
        self.db
            .write(move |tx| {
                let (new, house) = (new.clone(), house.clone());
                Box::pin(async move {
                    let id = store::propose(tx, shop, &new, now).await?;
                    let is = json!({ "reason": new.reason.word(), "days": new.days });
                    let note = Note::of(AuditKind::BlockProposed).on(target(&new)).is(&is);
                    house.audit(note).write(tx, shop).await?;
                    if decides {
                        let accepted = proposed.accept(new.days, now).map_err(fault)?;
                        decide(tx, shop, (id, target(&new)), by, accepted, &house).await?;
                    }
                    Ok::<_, AppError>(())
                })
            })
            .await?;
        if decides {
            self.close_blocked(shop, conversation, caller).await?;
        }
        self.blocks_of(shop, conversation).await
    }

    /// A leader decides on a proposal.
    ///
    /// # Errors
    /// `not_found`, `too_late` when it was decided before, `bad_request` for the days.
    pub async fn decide_block(
        &self,
        shop: ShopId,
        caller: &Caller,
        which: BlockId,
        body: &wire::BlockVerdict,
    ) -> Result<wire::Block, AppError> {
        let (now, by, days) = (self.clock.now(), caller.sender.account, body.days);
        let house = self.clone();
        let stored = self
            .db
            .write(move |tx| {
                let house = house.clone();
                Box::pin(async move {
                    let stored = get(tx, shop, which).await?;
                    let block = stored.block;
                    let decided = match days {
                        Some(days) => block.accept(days, now),
                        None => block.refuse(now),
                    };
                    let on = id::public(id::CONVERSATION, stored.public_id);
                    decide(tx, shop, (which, on), by, decided.map_err(fault)?, &house).await?;
                    get(tx, shop, which).await
                })
            })
            .await?;
        if days.is_some() {
            self.close_blocked(shop, stored.conversation, caller).await?;
        }
        Ok(shown(stored, now))
    }

    /// The buyer may speak again.
    ///
    /// # Errors
    /// `not_found`, `too_late` when nothing keeps the buyer out.
    pub async fn lift_block(
        &self,
        shop: ShopId,
        caller: &Caller,
        which: BlockId,
    ) -> Result<wire::Block, AppError> {
        let (now, by, house) = (self.clock.now(), caller.sender.account, self.clone());
        let stored = self
            .db
            .write(move |tx| {
                let house = house.clone();
                Box::pin(async move {
                    let stored = get(tx, shop, which).await?;
                    stored.block.lift(now).map_err(fault)?;
                    if !store::lift(tx, shop, stored.buyer, by, now).await? {
                        return Err(AppError::refused(ErrorCode::TooLate));
                    }
                    let on = id::public(id::CONVERSATION, stored.public_id);
                    house.audit(Note::of(AuditKind::BlockLifted).on(on)).write(tx, shop).await?;
                    get(tx, shop, which).await
                })
            })
            .await?;
        Ok(shown(stored, now))
    }

    /// Blocks of the shop, the latest first.
    ///
    /// # Errors
    /// `bad_request` for a cursor of somebody else's making.
    pub async fn blocks(
        &self,
        shop: ShopId,
        cursor: Option<&str>,
    ) -> Result<wire::Blocks, AppError> {
        let before = match cursor {
            None => i64::MAX,
            Some(text) => text.parse().map_err(|_| AppError::bad_field("cursor"))?,
        };
        let (now, before) = (self.clock.now(), BlockId::new(before));
        let rows = self
            .db
            .read(move |tx| Box::pin(async move { store::list(tx, shop, before, ROWS_MAX).await }))
            .await?;
        let is_full = i64::try_from(rows.len()) == Ok(ROWS_MAX);
        let next = rows.last().filter(|_| is_full).map(|last| last.id.to_string());
        let blocks = rows.into_iter().map(|row| shown(row, now)).collect();
        Ok(wire::Blocks { blocks, next })
    }

    /// Blocks of the buyer of a conversation, the latest first.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn blocks_of(
        &self,
        shop: ShopId,
        conversation: ConversationId,
    ) -> Result<wire::Blocks, AppError> {
        let (now, buyer) = (self.clock.now(), self.buyer_of(shop, conversation).await?);
        let rows = self
            .db
            .read(move |tx| {
                Box::pin(async move { store::of_buyer(tx, shop, buyer, OF_BUYER_MAX).await })
            })
            .await?;
        let blocks = rows.into_iter().map(|row| shown(row, now)).collect();
        Ok(wire::Blocks { blocks, next: None })
    }

    /// Nobody serves somebody who is kept out.
    async fn close_blocked(
        &self,
        shop: ShopId,
        conversation: ConversationId,
        caller: &Caller,
    ) -> Result<(), AppError> {
        match self.close(shop, conversation, &caller.sender).await {
            Err(error) if error.code() == ErrorCode::SessionClosed => Ok(()),
            done => done,
        }
    }
}

async fn decide(
    tx: &mut Tx,
    shop: ShopId,
    (which, on): (BlockId, String),
    by: AccountId,
    block: Block,
    house: &App,
) -> Result<(), AppError> {
    let decided = block.decided.ok_or_else(|| AppError::refused(ErrorCode::Internal))?;
    if !store::decide(tx, shop, which, by, decided).await? {
        return Err(AppError::refused(ErrorCode::TooLate));
    }
    let until = match decided.1 {
        Verdict::Until(until) => Some(until.micros()),
        Verdict::Refused => None,
    };
    let note = Note::of(AuditKind::BlockDecided).on(on).is(&json!({ "until": until }));
    Ok(house.audit(note).write(tx, shop).await?)
}

async fn get(tx: &mut Tx, shop: ShopId, id: BlockId) -> Result<StoredBlock, AppError> {
    let found: Result<_, StoreError> = store::find(tx, shop, id).await;
    found?.ok_or_else(|| AppError::refused(ErrorCode::NotFound))
}

fn target(new: &NewBlock) -> String {
    format!("conversation {}", new.conversation)
}

fn fault(fault: BlockFault) -> AppError {
    match fault {
        BlockFault::Late => AppError::refused(ErrorCode::TooLate),
        BlockFault::Days => AppError::Refused {
            code: ErrorCode::BadRequest,
            params: Some(json!({ "field": "days", "min": DAYS.start(), "max": DAYS.end() })),
        },
    }
}

fn shown(stored: StoredBlock, now: Timestamp) -> wire::Block {
    let until = match stored.block.decided {
        Some((_, Verdict::Until(until))) => Some(until.micros()),
        _ => None,
    };
    let (_, proposed_by, proposed_at) = stored.proposed;
    wire::Block {
        id: stored.id.get(),
        state: stored.block.state(now).word().to_owned(),
        conversation: id::public(id::CONVERSATION, stored.public_id),
        buyer: stored.buyer_name,
        reason: stored.reason.word().to_owned(),
        note: stored.note,
        days: stored.block.days,
        proposed_by,
        proposed_at: proposed_at.micros(),
        decided_by: stored.decider,
        decided_at: stored.block.decided.map(|(at, _)| at.micros()),
        until,
        lifted_by: stored.lifter,
        lifted_at: stored.block.lifted_at.map(Timestamp::micros),
    }
}
