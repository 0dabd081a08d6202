//! Notices to staff: pinned until a moment, read with a receipt.

use serde_json::json;
use xiaoer_domain::id::{NoticeId, ShopId};
use xiaoer_domain::team::{Right, may};
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::team::handover as wire;
use xiaoer_store::team::notices::{self as store, StoredNotice};

use super::Caller;
use crate::chat::wire as convert;
use crate::platform::audit::{AuditKind, Note};
use crate::{App, AppError};

/// Notices that are pinned at once and listed.
const PINNED_MAX: i64 = 50;
/// Characters of a notice's head and text.
const TITLE_CHARS_MAX: usize = 80;
const TEXT_CHARS_MAX: usize = 2000;
/// Readers that are listed.
const READERS_MAX: i64 = 1000;

impl App {
    /// Notices that are pinned now.
    ///
    /// # Errors
    /// The database.
    pub async fn notices(&self, shop: ShopId, caller: &Caller) -> Result<wire::Notices, AppError> {
        let (me, now) = (caller.sender.account, self.clock.now());
        let read = self.db.read(move |tx| {
            Box::pin(async move { store::list(tx, shop, me, now, PINNED_MAX).await })
        });
        let notices = read.await?.into_iter().map(shown).collect();
        Ok(wire::Notices { notices, may_pin: may(&caller.roles, Right::PlanRoster) })
    }

    /// Pins a notice; who pins it has read it.
    ///
    /// # Errors
    /// `bad_request` with the field; the database.
    pub async fn pin_notice(
        &self,
        shop: ShopId,
        caller: &Caller,
        body: &wire::NoticeBody,
    ) -> Result<(), AppError> {
        let (title, text) = (body.title.trim().to_owned(), body.text.trim().to_owned());
        let fits = |text: &str, max| (1..=max).contains(&text.chars().count());
        if !fits(&title, TITLE_CHARS_MAX) {
            return Err(AppError::bad_field("title"));
        }
        if !fits(&text, TEXT_CHARS_MAX) {
            return Err(AppError::bad_field("text"));
        }
        let (me, now) = (caller.sender.account, self.clock.now());
        let until = Timestamp::from_micros(body.until);
        if until <= now {
            return Err(AppError::bad_field("until"));
        }
        let note =
            self.audit(Note::of(AuditKind::NoticePinned).is(&json!({ "until": body.until })));
        let write = self.db.write(move |tx| {
            let (title, text, note) = (title.clone(), text.clone(), note.clone());
            Box::pin(async move {
                let id = store::insert(tx, shop, (title.as_str(), text.as_str()), me, now, until)
                    .await?;
                store::read(tx, shop, id, me, now).await?;
                note.write(tx, shop).await?;
                Ok::<_, AppError>(())
            })
        });
        write.await
    }

    /// Takes a notice down.
    ///
    /// # Errors
    /// `not_found`; the database.
    pub async fn end_notice(&self, shop: ShopId, id: NoticeId) -> Result<(), AppError> {
        let now = self.clock.now();
        let write =
            self.db.write(move |tx| Box::pin(async move { store::end(tx, shop, id, now).await }));
        if write.await? { Ok(()) } else { Err(AppError::refused(ErrorCode::NotFound)) }
    }

    /// The caller has read a notice; the first time counts.
    ///
    /// # Errors
    /// `not_found`; the database.
    pub async fn read_notice(
        &self,
        shop: ShopId,
        caller: &Caller,
        id: NoticeId,
    ) -> Result<(), AppError> {
        let (me, now) = (caller.sender.account, self.clock.now());
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                if !store::exists(tx, shop, id).await? {
                    return Err(AppError::refused(ErrorCode::NotFound));
                }
                store::read(tx, shop, id, me, now).await?;
                Ok(())
            })
        });
        write.await
    }

    /// Who has read a notice, and who has not.
    ///
    /// # Errors
    /// `not_found`; the database.
    pub async fn notice_readers(
        &self,
        shop: ShopId,
        id: NoticeId,
    ) -> Result<wire::NoticeReaders, AppError> {
        let read = self.db.read(move |tx| {
            Box::pin(async move {
                if !store::exists(tx, shop, id).await? {
                    return Err(AppError::refused(ErrorCode::NotFound));
                }
                Ok(store::readers(tx, shop, id, READERS_MAX).await?)
            })
        });
        let mut readers = wire::NoticeReaders { missing: Vec::new(), read: Vec::new() };
        for (account, name, at) in read.await? {
            let by = convert::agent(account, name);
            match at {
                None => readers.missing.push(by),
                Some(at) => readers.read.push(wire::NoticeReader { by, at: at.micros() }),
            }
        }
        Ok(readers)
    }
}

fn shown(stored: StoredNotice) -> wire::Notice {
    wire::Notice {
        id: stored.id.get(),
        title: stored.title,
        text: stored.text,
        by: convert::agent(stored.maker.0, stored.maker.1),
        at: stored.created_at.micros(),
        until: stored.until.micros(),
        read_at: stored.read_at.map(Timestamp::micros),
        readers: stored.readers,
    }
}
