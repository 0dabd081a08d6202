//! Pictures and files that go with a phrase: kept once, copied into the conversation in which the phrase is said.

use std::sync::Arc;

use xiaoer_domain::id::{ConversationId, PhraseId, PublicId, ShopId};
use xiaoer_protocol::content;
use xiaoer_store::StoreError;
use xiaoer_store::chat::attachments::{self, Uploader};
use xiaoer_store::phrases as store;

use super::{not_found, writes};
use crate::chat::Incoming;
use crate::platform::Shop;
use crate::team::Caller;
use crate::{App, AppError};

/// Pictures and files of one phrase.
pub const FILES_MAX: i64 = 9;

impl App {
    /// The files of a phrase that the caller reads, with links that hold for a while.
    ///
    /// # Errors
    /// `not_found`; the database.
    pub async fn phrase_files(
        &self,
        shop: &Shop,
        caller: &Caller,
        phrase: PhraseId,
    ) -> Result<Vec<content::Attachment>, AppError> {
        let (id, me) = (shop.id, caller.sender.account);
        let all = super::groups_seen(caller);
        let read = self.db.read(move |tx| {
            Box::pin(async move {
                let seen = match all {
                    store::Groups::All => store::find_phrase(tx, id, phrase, me).await?,
                    store::Groups::Own => store::find_readable(tx, id, phrase, me).await?,
                };
                seen.ok_or_else(not_found)?;
                Ok::<_, AppError>(attachments::of_phrase(tx, id, phrase, FILES_MAX).await?)
            })
        });
        Ok(read.await?.iter().map(|one| self.offered(shop, one)).collect())
    }

    /// Begins an upload that goes with a phrase.
    ///
    /// # Errors
    /// `not_found`; a missing right; `too_big`; `unavailable`.
    pub async fn begin_phrase_upload(
        &self,
        shop: Arc<Shop>,
        caller: &Caller,
        phrase: PhraseId,
        name: String,
        announced: Option<u64>,
    ) -> Result<Incoming, AppError> {
        self.may_write_phrase(shop.id, caller, phrase).await?;
        let by = Uploader::Staff(caller.sender.account);
        self.begin_upload(shop, ConversationId::new(0), by, name, announced).await
    }

    /// Ends it.
    ///
    /// # Errors
    /// What is wrong with the file; `too_many`; `no_space`.
    pub async fn end_phrase_upload(
        &self,
        incoming: Incoming,
        phrase: PhraseId,
    ) -> Result<content::Attachment, AppError> {
        self.finish_phrase_upload(incoming, phrase, FILES_MAX).await
    }

    /// Takes a file away from a phrase.
    ///
    /// # Errors
    /// `not_found`; a missing right; the database.
    pub async fn remove_phrase_file(
        &self,
        shop: ShopId,
        caller: &Caller,
        phrase: PhraseId,
        file: PublicId,
    ) -> Result<(), AppError> {
        self.may_write_phrase(shop, caller, phrase).await?;
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let files = attachments::of_phrase(tx, shop, phrase, FILES_MAX).await?;
                    let one = files.iter().find(|one| one.id == file).ok_or_else(not_found)?;
                    attachments::drop_of_phrase(tx, shop, one).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Copies of a phrase's files in a conversation, in their order, ready to be sent there.
    ///
    /// # Errors
    /// `not_found`; the database.
    pub async fn lay_out_phrase(
        &self,
        shop: &Shop,
        caller: &Caller,
        conversation: ConversationId,
        phrase: PhraseId,
    ) -> Result<Vec<content::Attachment>, AppError> {
        let (id, me) = (shop.id, caller.sender.account);
        let read = self.db.read(move |tx| {
            Box::pin(async move {
                store::find_readable(tx, id, phrase, me).await?.ok_or_else(not_found)?;
                Ok::<_, AppError>(attachments::of_phrase(tx, id, phrase, FILES_MAX).await?)
            })
        });
        let mut copies = Vec::new();
        for file in read.await? {
            copies.push(self.copy_of_phrase_file(shop, file.id, conversation, me).await?);
        }
        Ok(copies)
    }

    async fn may_write_phrase(
        &self,
        shop: ShopId,
        caller: &Caller,
        phrase: PhraseId,
    ) -> Result<(), AppError> {
        let me = caller.sender.account;
        let read = self.db.read(move |tx| {
            Box::pin(async move { store::find_phrase(tx, shop, phrase, me).await })
        });
        let found: Result<_, StoreError> = read.await;
        writes(&caller.roles, me, found?.ok_or_else(not_found)?.place)
    }
}
