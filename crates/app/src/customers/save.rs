//! Customers that come in from the shop's own records: their numbers and what they are called.

use std::sync::Arc;

use xiaoer_domain::id::{PublicId, ShopId};
use xiaoer_store::chat::people;
use xiaoer_store::{StoreError, orders};

use crate::{App, AppError};

/// Customers of one transaction.
const CHUNK: usize = 200;
/// Longest customer number and name.
const CHARS_MAX: usize = 128;

/// A customer as the shop knows one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// The number in the shop.
    pub number: String,
    /// What the customer is called.
    pub name: String,
}

impl App {
    /// Makes the customers that are missing and gives all of them their names.
    ///
    /// # Errors
    /// `bad_request` for an empty or long number or name, before anything is saved; the database.
    pub async fn save_customers(&self, shop: ShopId, all: &[Customer]) -> Result<(), AppError> {
        let fits = |text: &str| {
            !text.trim().is_empty()
                && text.chars().count() <= CHARS_MAX
                && !text.chars().any(char::is_control)
        };
        if !all.iter().all(|customer| fits(&customer.number) && fits(&customer.name)) {
            return Err(AppError::bad_field("customer"));
        }
        for chunk in all.chunks(CHUNK) {
            let now = self.clock.now();
            let wanted = chunk.iter().map(|customer| {
                (customer.number.clone(), PublicId::v7(now, self.chance.bytes::<10>()))
            });
            let wanted: Arc<[(String, PublicId)]> = wanted.collect();
            let chunk: Arc<[Customer]> = chunk.into();
            let saved = self.db.write(move |tx| {
                let (wanted, chunk) = (Arc::clone(&wanted), Arc::clone(&chunk));
                Box::pin(async move {
                    let found = orders::ensure_buyers(tx, shop, now, &wanted).await?;
                    for customer in chunk.iter() {
                        let Some(buyer) = found.rows.get(&customer.number) else { continue };
                        people::name_buyer(tx, shop, *buyer, &customer.number, &customer.name)
                            .await?;
                    }
                    Ok(())
                })
            });
            let saved: Result<(), StoreError> = saved.await;
            saved?;
        }
        Ok(())
    }
}
