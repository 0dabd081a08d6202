//! Writing what a shop says by itself. Saying it is the chat's.

use xiaoer_domain::id::{AccountId, ShopId};
use xiaoer_domain::phrases::{
    AUTO_AGAIN_MINUTES_MAX, AutoRule, NAME_CHARS_MAX, Occasion, PhraseError, Validity, parse_texts,
};
use xiaoer_domain::team::{Right, may};
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::phrases as wire;
use xiaoer_store::phrases::auto::{self as store, AUTO_REPLIES_MAX, AutoReply};

use super::edit::{full, note, taken};
use super::not_found;
use crate::platform::Shop;
use crate::team::Caller;
use crate::{App, AppError};

/// Minutes until a buyer hears the same again, in a shop that has not said otherwise.
const FIRST_AGAIN_MINUTES: i64 = 12 * 60;

impl App {
    /// What the shop says by itself.
    ///
    /// # Errors
    /// The database.
    pub async fn auto_replies(
        &self,
        shop: &Shop,
        caller: &Caller,
    ) -> Result<wire::AutoReplies, AppError> {
        let (id, now) = (shop.id, self.clock.now());
        let read = self.db.read(move |tx| Box::pin(async move { store::list(tx, id).await }));
        Ok(wire::AutoReplies {
            replies: read.await?.into_iter().map(|reply| shown(reply, now)).collect(),
            overload_from: shop.number("auto_overload_from", now),
            long_wait_seconds: shop.number("auto_long_wait_seconds", now),
            may_edit: may(&caller.roles, Right::ManagePhrases),
        })
    }

    /// Writes a reply: a new one, or the one of this number, which keeps its occasion.
    ///
    /// # Errors
    /// What is wrong with it; `name_taken` for a second one of an occasion; `not_found`; `too_many`; a missing right.
    pub async fn write_auto_reply(
        &self,
        shop: ShopId,
        caller: &Caller,
        id: Option<i64>,
        body: &wire::AutoReplyBody,
    ) -> Result<wire::AutoReply, AppError> {
        if !may(&caller.roles, Right::ManagePhrases) {
            return Err(AppError::forbidden(Right::ManagePhrases));
        }
        let (me, now) = (caller.sender.account, self.clock.now());
        let reply = self.parse_auto_reply(id.unwrap_or(0), body, now)?;
        self.db
            .write(move |tx| {
                let mut reply = reply.clone();
                Box::pin(async move {
                    let held = store::list(tx, shop).await?;
                    if id.is_none() && held.len() >= usize::try_from(AUTO_REPLIES_MAX).unwrap_or(0)
                    {
                        return Err(full(AUTO_REPLIES_MAX));
                    }
                    if let Some(old) = held.iter().find(|old| Some(old.rule.id) == id) {
                        reply.rule.occasion = old.rule.occasion;
                    }
                    let written = store::write(tx, shop, &reply, me).await.map_err(taken)?;
                    reply.rule.id = written.ok_or_else(not_found)?;
                    note(tx, shop, now, "auto_reply_written", me.get(), reply.rule.id).await?;
                    Ok::<_, AppError>(shown(reply, now))
                })
            })
            .await
    }

    /// Removes a reply.
    ///
    /// # Errors
    /// `not_found`; a missing right; the database.
    pub async fn remove_auto_reply(
        &self,
        shop: ShopId,
        caller: &Caller,
        id: i64,
    ) -> Result<(), AppError> {
        if !may(&caller.roles, Right::ManagePhrases) {
            return Err(AppError::forbidden(Right::ManagePhrases));
        }
        let (me, now) = (caller.sender.account, self.clock.now());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    if !store::remove(tx, shop, id).await? {
                        return Err(not_found());
                    }
                    note(tx, shop, now, "auto_reply_removed", me.get(), id).await
                })
            })
            .await
    }

    /// What a new shop says by itself: the texts of each occasion take turns. What is written already stays.
    ///
    /// # Errors
    /// A text that cannot be said; the database.
    pub async fn begin_with_auto_replies(
        &self,
        shop: ShopId,
        owner: AccountId,
        texts: &[(Occasion, &str)],
    ) -> Result<(), AppError> {
        let now = self.clock.now();
        let mut replies: Vec<AutoReply> = Vec::new();
        for (occasion, text) in texts {
            let body = wire::AutoReplyBody {
                occasion: occasion.word().to_owned(),
                name: String::new(),
                on: true,
                valid_from: None,
                valid_to: None,
                again_minutes: FIRST_AGAIN_MINUTES,
                texts: vec![(*text).to_owned()],
            };
            let reply = self.parse_auto_reply(0, &body, now)?;
            match replies.iter_mut().find(|known| known.rule.occasion == *occasion) {
                Some(known) => known.texts.extend(reply.texts),
                None => replies.push(reply),
            }
        }
        self.db
            .write(move |tx| {
                let replies = replies.clone();
                Box::pin(async move {
                    if store::list(tx, shop).await?.is_empty() {
                        for reply in &replies {
                            store::write(tx, shop, reply, owner).await?;
                        }
                    }
                    Ok::<_, AppError>(())
                })
            })
            .await
    }

    fn parse_auto_reply(
        &self,
        id: i64,
        body: &wire::AutoReplyBody,
        now: Timestamp,
    ) -> Result<AutoReply, AppError> {
        let occasion = Occasion::parse(&body.occasion);
        let occasion = occasion.ok_or_else(|| AppError::bad_field("occasion"))?;
        let name = body.name.trim().to_owned();
        let named = (1..=NAME_CHARS_MAX).contains(&name.chars().count());
        if name.chars().any(char::is_control) || (occasion.is_many() && !named) {
            return Err(AppError::bad_field("name"));
        }
        if !(0..=AUTO_AGAIN_MINUTES_MAX).contains(&body.again_minutes) {
            return Err(AppError::bad_field("again_minutes"));
        }
        let at = |micros: Option<i64>| micros.map(Timestamp::from_micros);
        let validity = match occasion.is_many() {
            true => Validity::parse(at(body.valid_from), at(body.valid_to)),
            false => Some(Validity::default()),
        };
        let validity = validity.ok_or(PhraseError::BadValidity)?;
        let again_after = store::minutes(body.again_minutes);
        let rule = AutoRule { id, occasion, is_on: body.on, validity, again_after };
        let texts = parse_texts(&body.texts, self.limits.text_chars_max)?;
        Ok(AutoReply { rule, name, texts, updated_at: now })
    }
}

fn shown(reply: AutoReply, now: Timestamp) -> wire::AutoReply {
    let AutoRule { id, occasion, is_on, validity, again_after } = reply.rule;
    wire::AutoReply {
        id,
        occasion: occasion.word().to_owned(),
        name: reply.name,
        on: is_on,
        valid_from: validity.from().map(Timestamp::micros),
        valid_to: validity.to().map(Timestamp::micros),
        standing: validity.standing(now).word().to_owned(),
        again_minutes: again_after.micros() / store::minutes(1).micros(),
        texts: reply.texts,
        updated_at: reply.updated_at.micros(),
    }
}
