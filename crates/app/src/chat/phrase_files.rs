//! Attachments that go with a phrase: kept with it, and copied into a conversation to be sent there. The bytes are the same.

use std::sync::Arc;

use xiaoer_domain::id::{AccountId, ConversationId, PhraseId, PublicId};
use xiaoer_protocol::{ErrorCode, content};
use xiaoer_store::chat::attachments::{self as store, Attachment, Hash, Uploader};

use super::attach::{Bytes, Incoming};
use crate::platform::Shop;
use crate::{App, AppError};

impl App {
    /// Ends an upload that goes with a phrase: judged and kept as one to a conversation.
    ///
    /// # Errors
    /// As [`App::finish_upload`], and `too_many`.
    pub(crate) async fn finish_phrase_upload(
        &self,
        mut incoming: Incoming,
        phrase: PhraseId,
        files_max: i64,
    ) -> Result<content::Attachment, AppError> {
        let kind = incoming.kind()?;
        incoming.flush().await?;
        let shop = Arc::clone(&incoming.shop);
        let (attachment, bytes) = if kind.is_picture() {
            self.picture(incoming, kind).await?
        } else {
            self.file(incoming, kind).await?
        };
        let hashes: Vec<Hash> = attachment.parts().map(|kept| kept.hash).collect();
        let stored = self.store_with_phrase(&shop, attachment, bytes, phrase, files_max).await;
        if stored.is_err() {
            self.remove_unused(shop.id, hashes).await?;
        }
        Ok(self.offered(&shop, &stored?))
    }

    async fn store_with_phrase(
        &self,
        shop: &Shop,
        attachment: Attachment,
        bytes: Bytes,
        phrase: PhraseId,
        files_max: i64,
    ) -> Result<Attachment, AppError> {
        let _turn = self.files.turn.read().await;
        self.put(shop.id, &attachment, bytes).await?;
        let (id, now) = (shop.id, self.clock.now());
        let space = shop.attachment_space(now);
        self.db
            .write(move |tx| {
                let attachment = attachment.clone();
                Box::pin(async move {
                    let held = store::of_phrase(tx, id, phrase, files_max).await?.len();
                    if i64::try_from(held).unwrap_or(i64::MAX) >= files_max {
                        let params = Some(serde_json::json!({ "max": files_max }));
                        return Err(AppError::Refused { code: ErrorCode::TooMany, params });
                    }
                    let taken = store::insert_for_phrase(tx, id, phrase, &attachment, now).await?;
                    if taken > space {
                        return Err(AppError::refused(ErrorCode::NoSpace));
                    }
                    Ok(attachment)
                })
            })
            .await
    }

    /// A copy of a phrase's file in a conversation, ready to be sent there.
    pub(crate) async fn copy_of_phrase_file(
        &self,
        shop: &Shop,
        file: PublicId,
        conversation: ConversationId,
        by: AccountId,
    ) -> Result<content::Attachment, AppError> {
        let _turn = self.files.turn.read().await;
        let (id, now) = (shop.id, self.clock.now());
        let fresh = PublicId::v7(now, self.chance.bytes());
        let copied = self.db.write(move |tx| {
            Box::pin(async move {
                let found = store::find_of_phrase(tx, id, file).await?;
                let found = found.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
                let copy = Attachment { id: fresh, conversation, by: Uploader::Staff(by), ..found };
                store::insert(tx, id, &copy, now).await?;
                Ok::<_, AppError>(copy)
            })
        });
        Ok(self.offered(shop, &copied.await?))
    }
}
