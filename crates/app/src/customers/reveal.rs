//! Looking at one value that is shown masked: with a reason, and noted before it is handed out.

use serde_json::json;
use xiaoer_domain::id::{FollowUpId, PublicId, ShopId};
use xiaoer_domain::private::{PersonField, Private, RevealReason};
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_protocol::ErrorCode;
use xiaoer_store::Tx;
use xiaoer_store::customers::privacy::{self as store, PersonValues};

use crate::platform::Shop;
use crate::platform::audit::{AuditKind, Note, Signed};
use crate::{App, AppError};

/// Over how long looks are counted.
const COUNTED_OVER: Span = Span::minutes(60);

/// Where a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revealed {
    /// In an order.
    Order(PublicId),
    /// In a message that was left.
    FollowUp(FollowUpId),
}

/// What is looked at, and why.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Where.
    pub at: Revealed,
    /// What.
    pub field: PersonField,
    /// Why.
    pub reason: RevealReason,
}

impl App {
    /// One value as it is. The note of it is committed first; who looks at unusually many is noted too.
    ///
    /// # Errors
    /// `not_found` where there is no such value.
    pub async fn reveal(&self, shop: &Shop, look: Look) -> Result<Private, AppError> {
        let now = self.clock.now();
        let target = match look.at {
            Revealed::Order(id) => xiaoer_protocol::id::public(xiaoer_protocol::id::ORDER, id),
            Revealed::FollowUp(id) => xiaoer_protocol::id::follow_up(id),
        };
        let said = json!({ "field": look.field.word(), "reason": look.reason.word() });
        let note = self.audit(Note::of(AuditKind::Revealed).on(target).is(&said));
        let (id, alarm) = (shop.id, shop.number("reveals_per_hour", now));
        let value = self.db.write(move |tx| {
            let note = note.clone();
            Box::pin(async move {
                let values = match look.at {
                    Revealed::Order(order) => store::of_order(tx, id, order).await?,
                    Revealed::FollowUp(left) => store::of_follow_up(tx, id, left).await?,
                };
                let value = values.and_then(|values| pick(values, look.field));
                let value = value.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
                note.write(tx, id).await?;
                sound(tx, (id, i64::from(alarm)), &note, now).await?;
                Ok::<_, AppError>(value)
            })
        });
        value.await
    }
}

fn pick(values: PersonValues, field: PersonField) -> Option<Private> {
    match field {
        PersonField::Nick => values.nick,
        PersonField::Name => values.name,
        PersonField::Phone => values.phone,
        PersonField::Address => values.address,
        PersonField::Email => values.email,
    }
}

/// Notes the look with which somebody reached the number of an hour; 0: no number is too many.
async fn sound(
    tx: &mut Tx,
    (shop, looks): (ShopId, i64),
    note: &Signed,
    now: Timestamp,
) -> Result<(), AppError> {
    let Some(account) = note.account().filter(|_| looks > 0) else { return Ok(()) };
    let since = now.minus(COUNTED_OVER);
    let seen = store::revealed_since(tx, shop, account, since, looks + 1).await?;
    if seen == looks {
        let said = json!({ "looks": looks, "minutes": COUNTED_OVER.micros() / 60_000_000 });
        note.with(Note::of(AuditKind::RevealAlarm).is(&said)).write(tx, shop).await?;
    }
    Ok(())
}
