//! What a sender asks to be shown becomes a snapshot of the shop's own data, inside the transaction of the send. A plain
//! text never comes here.

use xiaoer_domain::chat::{AddressCard, Content, Lane, OrderCard, ProductCard, Side, Wanted};
use xiaoer_domain::orders::Order;
use xiaoer_domain::private::{PersonField, RevealReason};
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::ErrorCode;
use xiaoer_store::chat::attachments::{self, Attachment, Uploader};
use xiaoer_store::chat::content as store;
use xiaoer_store::{Tx, orders};

use super::send::{Batch, Command, Speaker};
use crate::AppError;
use crate::platform::audit::{Actor, AuditKind, Note, Signed, Via};

/// The content of what is wanted. The inner error is this send's alone, the outer one the database's.
pub(super) async fn resolve(
    tx: &mut Tx,
    batch: &Batch,
    command: &Command,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<Result<Content, AppError>, AppError> {
    let side = match command.by {
        Speaker::Buyer(_) => Side::Buyer,
        Speaker::Staff(_) => Side::Agent,
    };
    let Some(talk) = batch.talks.get(&command.conversation) else {
        return Ok(Err(missing("conversation")));
    };
    if !wanted.is_for(side, command.lane) {
        return Ok(Err(AppError::bad_field("content")));
    }
    let (shop, conversation) = (command.shop, command.conversation);
    let found = match wanted {
        Wanted::Image(id) | Wanted::File(id) => {
            let found = attachments::find(tx, shop, *id).await?;
            let found = found.filter(|one| one.conversation == conversation);
            attachment(batch, command, wanted, found)
        }
        Wanted::Product(sku) => {
            let product = orders::find_product(tx, shop, sku).await?;
            product
                .map(|product| Content::Product(ProductCard::of(&product)))
                .ok_or_else(|| missing("product"))
        }
        Wanted::Order(number) => {
            let orders = orders::orders_by_number(tx, shop, number).await?;
            let mut own =
                orders.iter().filter(|o| o.buyer == Some(talk.buyer) && o.number == *number);
            own.next()
                .map(|order| Content::Order(OrderCard::of(order)))
                .ok_or_else(|| missing("order"))
        }
        Wanted::Address(_) if !store::is_identified(tx, shop, talk.buyer).await? => {
            Err(AppError::refused(ErrorCode::NotIdentified))
        }
        Wanted::Address(number) => {
            let orders = orders::orders_by_number(tx, shop, number).await?;
            let own = |o: &&Order| o.buyer == Some(talk.buyer) && o.number == *number;
            let found = orders.iter().filter(own).find_map(|o| Some((o, AddressCard::of(o)?)));
            if let Some((order, _)) = &found {
                note_shown(tx, command, order, now).await?;
            }
            found.map(|(_, card)| Content::Address(card)).ok_or_else(|| missing("address"))
        }
        Wanted::Answer(to, choice) => match store::shown(tx, shop, conversation, *to).await? {
            Some(Content::Address(_)) => Ok(Content::Answer { to: *to, choice: *choice }),
            _ => Err(missing("address")),
        },
        Wanted::Nudge => {
            let here = |(id, entry): &(_, xiaoer_domain::chat::Entry)| {
                *id == conversation
                    && entry.lane == Lane::Buyer
                    && entry.content == Some(Content::Nudge)
            };
            let in_batch =
                batch.entries.iter().rev().find(|made| here(made)).map(|(_, entry)| entry.at);
            let last = match in_batch {
                Some(at) => Some(at),
                None => store::last_nudge(tx, shop, conversation).await?,
            };
            nudge(command, last, now)
        }
    };
    Ok(found)
}

/// Showing an address to its buyer counts as looking at it, and is noted like that.
async fn note_shown(
    tx: &mut Tx,
    command: &Command,
    order: &Order,
    now: Timestamp,
) -> Result<(), AppError> {
    let Speaker::Staff(by) = &command.by else { return Ok(()) };
    let said = serde_json::json!({
        "field": PersonField::Address.word(), "reason": RevealReason::Check.word(), "card": true,
    });
    let target = xiaoer_protocol::id::public(xiaoer_protocol::id::ORDER, order.public_id);
    let actor = Actor { account: Some(by.account), via: Via::Desk, address: None };
    let note = Note::of(AuditKind::Revealed).on(target).is(&said);
    Ok(Signed::by(actor, now, note).write(tx, command.shop).await?)
}

/// What was uploaded is sent once, by the side that uploaded it.
fn attachment(
    batch: &Batch,
    command: &Command,
    wanted: &Wanted,
    found: Option<Attachment>,
) -> Result<Content, AppError> {
    let owns = |one: &Attachment| {
        matches!(
            (&command.by, one.by),
            (Speaker::Buyer(_), Uploader::Visitor(_)) | (Speaker::Staff(_), Uploader::Staff(_))
        )
    };
    let one = found.filter(owns).ok_or_else(|| missing("attachment"))?;
    let goes = |content: &Content| matches!(content.wanted(), Wanted::Image(id) | Wanted::File(id) if id == one.id);
    let in_batch = batch.entries.iter().any(|(_, entry)| entry.content.as_ref().is_some_and(goes));
    if one.is_sent || in_batch {
        return Err(AppError::refused(ErrorCode::AlreadySent));
    }
    let (id, name, bytes) = (one.id, one.name, one.whole.bytes);
    match (wanted, one.size) {
        (Wanted::Image(_), Some((width, height))) => {
            Ok(Content::Image { id, name, bytes, width, height })
        }
        (Wanted::File(_), None) => Ok(Content::File { id, name, bytes, mime: one.whole.mime }),
        _ => Err(AppError::bad_field("content")),
    }
}

/// A nudge is taken where the shop has switched it on, once in a while.
fn nudge(command: &Command, last: Option<Timestamp>, now: Timestamp) -> Result<Content, AppError> {
    let Some(pause) = command.rules.nudge_every else {
        return Err(AppError::refused(ErrorCode::NotEnabled));
    };
    let passed = last.map(|at| now.since(at));
    match passed.filter(|passed| *passed < pause) {
        None => Ok(Content::Nudge),
        Some(passed) => {
            let rest = (pause.micros() - passed.micros()) / 1000;
            let params = Some(serde_json::json!({ "retry_ms": rest.max(1) }));
            Err(AppError::Refused { code: ErrorCode::TooFast, params })
        }
    }
}

/// Nothing of that kind with that name, or none that this sender may show.
fn missing(what: &str) -> AppError {
    let params = Some(serde_json::json!({ "what": what }));
    AppError::Refused { code: ErrorCode::NotFound, params }
}
