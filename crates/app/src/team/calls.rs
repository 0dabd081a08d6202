//! The telephone log: calls with their outcome and the next try; a buyer in a dispute is not called.

use xiaoer_domain::chat::Personal;
use xiaoer_domain::id::{CallId, ConversationId, ShopId};
use xiaoer_domain::private::Private;
use xiaoer_domain::team::call::{Outcome, Retry};
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::team::call as wire;
use xiaoer_store::team::calls::{self as store, Protection, StoredCall};
use xiaoer_store::{StoreError, Tx};

use super::Caller;
use crate::chat::wire as convert;
use crate::platform::Shop;
use crate::{App, AppError};

/// Calls that are listed of one conversation.
const CALLS_MAX: i64 = 50;
/// Characters of a reason, and of a note.
const REASON_CHARS_MAX: usize = 200;
const NOTE_CHARS_MAX: usize = 500;

impl App {
    /// Calls about a conversation.
    ///
    /// # Errors
    /// The database.
    pub async fn calls(&self, shop: ShopId, of: ConversationId) -> Result<wire::Calls, AppError> {
        let found = self.db.read(move |tx| Box::pin(async move { read(tx, shop, of).await }));
        Ok(shown(found.await?))
    }

    /// A call was made.
    ///
    /// # Errors
    /// `bad_request` with the field; `calls_off` when the buyer must not be called.
    pub async fn log_call(
        &self,
        shop: &Shop,
        caller: &Caller,
        of: ConversationId,
        body: &wire::CallBody,
    ) -> Result<wire::Calls, AppError> {
        let phone = Personal::phone(&body.phone).ok_or_else(|| AppError::bad_field("phone"))?;
        let outcome =
            Outcome::parse(&body.outcome).ok_or_else(|| AppError::bad_field("outcome"))?;
        let reason = fitting(&body.reason, REASON_CHARS_MAX).filter(|text| !text.is_empty());
        let reason = reason.ok_or_else(|| AppError::bad_field("reason"))?;
        let note =
            fitting(&body.note, NOTE_CHARS_MAX).ok_or_else(|| AppError::bad_field("note"))?;
        let now = self.clock.now();
        let duty = self.duty(shop, now).await?;
        let retry = Retry {
            after: Span::minutes(shop.number("call_again_minutes", now)),
            tries_max: shop.number("call_tries", now),
        };
        let call = StoredCall {
            id: CallId::new(0),
            phone: Private::new(phone.reveal().to_owned()),
            reason,
            outcome,
            note,
            by: (caller.sender.account, caller.sender.name.clone()),
            at: now,
            next_at: None,
        };
        let shop = shop.id;
        let write = self.db.write(move |tx| {
            let (mut call, duty) = (call.clone(), duty.clone());
            Box::pin(async move {
                let (before, protected) = read(tx, shop, of).await?;
                if protected.is_some() {
                    return Err(AppError::refused(ErrorCode::CallsOff));
                }
                // Tries in a row: a call that was answered begins anew.
                let failed = before.iter().take_while(|call| call.outcome != Outcome::Reached);
                let tries = u32::try_from(failed.count()).unwrap_or(u32::MAX).saturating_add(1);
                call.next_at = outcome.next_try(now, tries, retry, &duty.calendar);
                store::insert(tx, shop, of, &call).await?;
                Ok(read(tx, shop, of).await?)
            })
        });
        Ok(shown(write.await?))
    }

    /// The buyer must not be called, or may be again.
    ///
    /// # Errors
    /// `bad_request` without a reason; the database.
    pub async fn protect_from_calls(
        &self,
        shop: ShopId,
        caller: &Caller,
        of: ConversationId,
        body: &wire::CallProtectionBody,
    ) -> Result<wire::Calls, AppError> {
        let reason = fitting(&body.reason, REASON_CHARS_MAX);
        let reason = reason.filter(|text| !(body.on && text.is_empty()));
        let reason = reason.ok_or_else(|| AppError::bad_field("reason"))?;
        let (on, by, now) = (body.on, caller.sender.account, self.clock.now());
        let write = self.db.write(move |tx| {
            let reason = reason.clone();
            Box::pin(async move {
                if on {
                    store::protect(tx, shop, of, &reason, by, now).await?;
                } else {
                    store::unprotect(tx, shop, of).await?;
                }
                read(tx, shop, of).await
            })
        });
        Ok(shown(write.await?))
    }
}

type Found = (Vec<StoredCall>, Option<Protection>);

async fn read(tx: &mut Tx, shop: ShopId, of: ConversationId) -> Result<Found, StoreError> {
    let calls = store::list(tx, shop, of, CALLS_MAX).await?;
    Ok((calls, store::protection(tx, shop, of).await?))
}

fn fitting(text: &str, max: usize) -> Option<String> {
    let text = text.trim();
    (text.chars().count() <= max).then(|| text.to_owned())
}

fn shown((calls, protected): Found) -> wire::Calls {
    let call = |one: StoredCall| wire::Call {
        id: one.id.get(),
        phone: one.phone.masked_phone(),
        reason: one.reason,
        outcome: one.outcome.word().to_owned(),
        note: one.note,
        by: convert::agent(one.by.0, one.by.1),
        at: one.at.micros(),
        next_at: one.next_at.map(Timestamp::micros),
    };
    let protected = protected.map(|(reason, account, name, at)| wire::CallProtection {
        reason,
        by: convert::agent(account, name),
        at: at.micros(),
    });
    wire::Calls { calls: calls.into_iter().map(call).collect(), protected }
}
