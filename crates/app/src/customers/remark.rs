//! What the shop notes of a buyer: one remark, written over.

use xiaoer_domain::id::{BuyerId, ShopId};
use xiaoer_domain::team::Colleague;
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::customers as wire;
use xiaoer_store::{StoreError, customers as store};

use crate::{App, AppError};

/// Characters of a remark: it is read at a glance.
const REMARK_CHARS_MAX: usize = 500;

impl App {
    /// The remark on a buyer.
    ///
    /// # Errors
    /// The database.
    pub async fn remark(&self, shop: ShopId, buyer: BuyerId) -> Result<wire::Remark, AppError> {
        let read = self.db.read(move |tx| {
            Box::pin(async move {
                let since = store::since(tx, shop, buyer).await?;
                Ok::<_, StoreError>((store::find_remark(tx, shop, buyer).await?, since))
            })
        });
        let (found, since) = read.await?;
        let since = since.micros();
        Ok(match found {
            Some(found) => wire::Remark {
                text: found.text,
                author: found.author,
                at: Some(found.at.micros()),
                since,
            },
            None => wire::Remark { text: String::new(), author: None, at: None, since },
        })
    }

    /// Writes the remark on a buyer.
    ///
    /// # Errors
    /// `too_long`; the database.
    pub async fn put_remark(
        &self,
        shop: ShopId,
        buyer: BuyerId,
        by: &Colleague,
        text: &str,
    ) -> Result<wire::Remark, AppError> {
        let text: String = text.replace("\r\n", "\n").chars().filter(|c| *c != '\0').collect();
        let text = text.trim().to_owned();
        if text.chars().count() > REMARK_CHARS_MAX {
            let params = Some(serde_json::json!({ "max": REMARK_CHARS_MAX }));
            return Err(AppError::Refused { code: ErrorCode::TooLong, params });
        }
        let (now, author) = (self.clock.now(), by.account);
        self.db
            .write(move |tx| {
                let text = text.clone();
                Box::pin(async move {
                    store::put_remark(tx, shop, buyer, &text, author, now).await?;
                    Ok::<_, AppError>(())
                })
            })
            .await?;
        self.remark(shop, buyer).await
    }
}
