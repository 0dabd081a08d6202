//! What an agent says of oneself to buyers: under the name, in its place, or not at all, as the shop wants it.

use xiaoer_domain::id::{AccountId, ShopId};
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::team as wire;
use xiaoer_store::team::signature as store;

use crate::platform::Shop;
use crate::{App, AppError};

/// Characters of a signature: one line under a name.
const SIGNATURE_CHARS_MAX: usize = 40;

impl App {
    /// The own signature, and how the shop shows it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn signature(&self, shop: &Shop, me: AccountId) -> Result<wire::Signature, AppError> {
        let (id, now) = (shop.id, self.clock.now());
        let read = self.db.read(move |tx| Box::pin(async move { store::find(tx, id, me).await }));
        Ok(wire::Signature {
            text: read.await?,
            shown: shop.setting("signature_shown", now).to_owned(),
            default: shop.setting("signature_default", now).to_owned(),
        })
    }

    /// Writes the own signature; empty takes it away.
    ///
    /// # Errors
    /// `too_long`.
    pub async fn set_signature(
        &self,
        shop: &Shop,
        me: AccountId,
        text: &str,
    ) -> Result<wire::Signature, AppError> {
        let text: String = text.trim().chars().filter(|c| !c.is_control()).collect();
        if text.chars().count() > SIGNATURE_CHARS_MAX {
            let params = Some(serde_json::json!({ "max": SIGNATURE_CHARS_MAX }));
            return Err(AppError::Refused { code: ErrorCode::TooLong, params });
        }
        let id = shop.id;
        self.db
            .write(move |tx| {
                let text = text.clone();
                Box::pin(async move {
                    store::set(tx, id, me, &text).await?;
                    Ok::<_, AppError>(())
                })
            })
            .await?;
        self.signature(shop, me).await
    }

    /// What a buyer is shown of an agent: name and signature, by the shop's wish.
    pub(crate) fn signed(&self, shop: ShopId, name: String, own: &str) -> (String, Option<String>) {
        let Some(shop) = self.shop_in_memory(shop) else { return (name, None) };
        let now = self.clock.now();
        let text = if own.is_empty() { shop.setting("signature_default", now) } else { own };
        match shop.setting("signature_shown", now) {
            _ if text.is_empty() => (name, None),
            "name" => (text.to_owned(), None),
            "line" => (name, Some(text.to_owned())),
            _ => (name, None),
        }
    }
}
