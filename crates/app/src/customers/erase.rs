//! Erasing a buyer on request. The chain of evidence covers digests, so it verifies afterwards as before; figures of
//! orders stay, without the person.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use xiaoer_domain::chat::Lane;
use xiaoer_domain::id::{BuyerId, ConversationId, ShopId};
use xiaoer_store::chat::attachments;
use xiaoer_store::customers::erase as store;

use crate::chat::publish;
use crate::platform::audit::{AuditKind, Note};
use crate::team::Proof;
use crate::{App, AppError};

/// Lines of one transaction.
const LINES_AT_ONCE: i64 = 200;

impl App {
    /// Erases a buyer: name, reference, visitors, remark, personal columns of orders, everything that was said or shown
    /// in the talk, and the bytes of attachments. Whoever has the talk open sees it go. A later file of orders does not
    /// bring the person back. Called again after it was cut off, it goes on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn erase_buyer(
        &self,
        shop: ShopId,
        buyer: BuyerId,
        _: &Proof,
    ) -> Result<(), AppError> {
        let (now, fresh) = (self.clock.now(), self.chance.bytes::<32>());
        let note = self.audit(Note::of(AuditKind::Erased).on(format!("byr_{buyer}")));
        let talks = self.db.write(move |tx| {
            let note = note.clone();
            Box::pin(async move {
                note.write(tx, shop).await?;
                if let Some(number) = store::reference(tx, shop, buyer).await? {
                    let key = attachments::secret(tx, store::KEY_NAME, &fresh).await?;
                    store::remember(tx, shop, &digest(&key, &number), now).await?;
                }
                Ok::<_, AppError>(store::person(tx, shop, buyer, now).await?)
            })
        });
        for talk in talks.await? {
            self.erase_talk(shop, talk).await?;
            self.tell_row(shop, talk).await?;
        }
        self.remove_waste(shop).await?;
        Ok(())
    }

    async fn erase_talk(&self, shop: ShopId, talk: ConversationId) -> Result<(), AppError> {
        let now = self.clock.now();
        let public_id = self.heads(shop, talk).await?.public_id;
        for lane in [Lane::Buyer, Lane::Staff] {
            let mut from = 0;
            loop {
                let step = self.db.write(move |tx| {
                    Box::pin(async move {
                        let part = (from, LINES_AT_ONCE);
                        Ok::<_, AppError>(store::lines(tx, shop, talk, lane, part, now).await?)
                    })
                });
                let gone = step.await?;
                let Some(last) = gone.last() else { break };
                from = *last;
                publish::erased(&self.bus, (shop, talk, public_id), lane, gone);
            }
        }
        Ok(())
    }
}

/// By what a forgotten customer's number is known again, under a key that never leaves the installation.
pub(crate) fn digest(key: &[u8], number: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(number.as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}
