//! Putting right what is known of a buyer. What is put right stays, whatever a later file of orders says.

use serde_json::json;
use xiaoer_domain::id::{ConversationId, PublicId};
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::privacy as wire;
use xiaoer_store::customers::privacy as store;

use crate::platform::Shop;
use crate::platform::audit::{AuditKind, Note};
use crate::{App, AppError};

/// Characters of a name or number.
const SHORT_CHARS_MAX: usize = 100;
/// Characters of an address.
const LONG_CHARS_MAX: usize = 500;

/// What is put right; what is None stays.
#[derive(Clone, Debug)]
struct Right {
    buyer_name: Option<String>,
    order: Option<PublicId>,
    name: Option<String>,
    phone: Option<String>,
    address: Option<String>,
}

impl App {
    /// Puts the name of a conversation's buyer, or the recipient of one of their orders, right. The log notes which fields, not what they say.
    ///
    /// # Errors
    /// `bad_request` naming the field; `not_found` for an order that is not this buyer's or names nobody any more.
    pub async fn correct_buyer(
        &self,
        shop: &Shop,
        talk: ConversationId,
        body: &wire::Correction,
    ) -> Result<(), AppError> {
        let right = read(body)?;
        let buyer = self.buyer_of(shop.id, talk).await?;
        let fields: Vec<&str> = [
            ("buyer_name", &right.buyer_name),
            ("name", &right.name),
            ("phone", &right.phone),
            ("address", &right.address),
        ]
        .into_iter()
        .filter_map(|(name, value)| value.as_ref().map(|_| name))
        .collect();
        if fields.is_empty() {
            return Err(AppError::bad_field("body"));
        }
        let target = body.order.clone().unwrap_or_else(|| format!("byr_{buyer}"));
        let note = Note::of(AuditKind::Corrected).on(target).is(&json!({ "fields": fields }));
        let (note, now, id) = (self.audit(note), self.clock.now(), shop.id);
        let done = self.db.write(move |tx| {
            let (note, right) = (note.clone(), right.clone());
            Box::pin(async move {
                note.write(tx, id).await?;
                let mut found = true;
                if let Some(name) = &right.buyer_name {
                    found &= store::rename(tx, id, buyer, name).await?;
                }
                if let Some(order) = right.order {
                    let Right { name, phone, address, .. } = &right;
                    let said = (name.as_deref(), phone.as_deref(), address.as_deref());
                    found &= store::correct_order(tx, id, (buyer, order), said, now).await?;
                }
                // What found nobody is not noted either.
                if found { Ok(()) } else { Err(AppError::refused(ErrorCode::NotFound)) }
            })
        });
        done.await?;
        self.tell_row(shop.id, talk).await
    }
}

fn read(body: &wire::Correction) -> Result<Right, AppError> {
    let order = body.order.as_deref().map(|text| {
        let id = xiaoer_protocol::id::parse_public(xiaoer_protocol::id::ORDER, text);
        id.ok_or_else(|| AppError::bad_field("order"))
    });
    let right = Right {
        buyer_name: field(&body.buyer_name, "buyer_name", SHORT_CHARS_MAX)?,
        order: order.transpose()?,
        name: field(&body.name, "name", SHORT_CHARS_MAX)?,
        phone: field(&body.phone, "phone", SHORT_CHARS_MAX)?,
        address: field(&body.address, "address", LONG_CHARS_MAX)?,
    };
    let of_order = right.name.is_some() || right.phone.is_some() || right.address.is_some();
    if of_order == right.order.is_some() { Ok(right) } else { Err(AppError::bad_field("order")) }
}

fn field(text: &Option<String>, name: &str, chars_max: usize) -> Result<Option<String>, AppError> {
    let Some(text) = text.as_deref().map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    // A mask that came back is nobody's name.
    let fine = text.chars().count() <= chars_max
        && !text.chars().any(char::is_control)
        && !text.contains("**");
    if fine { Ok(Some(text.to_owned())) } else { Err(AppError::bad_field(name)) }
}
