//! Erasing a buyer on request. The chain of evidence covers digests, so it verifies afterwards as before; figures of
//! orders stay, without the person.

use xiaoer_domain::chat::Lane;
use xiaoer_domain::id::{BuyerId, ShopId};
use xiaoer_store::customers::erase as store;

use crate::platform::audit::{AuditKind, Note};
use crate::team::Proof;
use crate::{App, AppError};

/// Lines of one transaction.
const LINES_AT_ONCE: i64 = 200;

impl App {
    /// Erases a buyer: name, reference, visitors, remark, personal columns of orders, everything that was said or shown
    /// in the talk, and the bytes of attachments. Called again after it was cut off, it goes on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn erase_buyer(
        &self,
        shop: ShopId,
        buyer: BuyerId,
        _: &Proof,
    ) -> Result<(), AppError> {
        let now = self.clock.now();
        let note = self.audit(Note::of(AuditKind::Erased).on(format!("byr_{buyer}")));
        let talks = self.db.write(move |tx| {
            let note = note.clone();
            Box::pin(async move {
                note.write(tx, shop).await?;
                Ok::<_, AppError>(store::person(tx, shop, buyer, now).await?)
            })
        });
        for talk in talks.await? {
            for lane in [Lane::Buyer, Lane::Staff] {
                let mut after = Some(0);
                while let Some(from) = after {
                    let step = self.db.write(move |tx| {
                        Box::pin(async move {
                            let part = (from, LINES_AT_ONCE);
                            Ok::<_, AppError>(store::lines(tx, shop, talk, lane, part, now).await?)
                        })
                    });
                    after = step.await?;
                }
            }
        }
        self.remove_waste(shop).await?;
        Ok(())
    }
}
