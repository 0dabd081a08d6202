//! Content that a program gives a shop as a whole, such as the demonstration: begun once, and known to be whole or not.

use xiaoer_domain::id::ShopId;
use xiaoer_store::StoreError;
use xiaoer_store::orders as store;

use crate::{App, AppError};

/// How far content that a program gives has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenContent {
    /// Nobody began it.
    None,
    /// It was begun and is not whole.
    Begun,
    /// It is whole.
    Whole,
}

impl App {
    /// How far the content of this name has come in a shop.
    ///
    /// # Errors
    /// The database.
    pub async fn given_content(
        &self,
        shop: ShopId,
        name: &'static str,
    ) -> Result<GivenContent, AppError> {
        let read = self.db.read(move |tx| {
            Box::pin(async move { store::find_run(tx, shop, name, &[0; 32]).await })
        });
        let run: Result<Option<store::Run>, StoreError> = read.await;
        Ok(match run? {
            None => GivenContent::None,
            Some(run) if run.finished_at.is_none() => GivenContent::Begun,
            Some(_) => GivenContent::Whole,
        })
    }

    /// Says that content of this name is being given to a shop.
    ///
    /// # Errors
    /// The database.
    pub async fn begin_content(&self, shop: ShopId, name: &'static str) -> Result<(), AppError> {
        let now = self.clock.now();
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                {
                    let file = store::RunFile { name, digest: &[0; 32], heading: "" };
                    store::insert_run(tx, shop, name, file, now).await
                }
            })
        });
        let begun: Result<Option<i64>, StoreError> = write.await;
        begun.map(drop).map_err(AppError::from)
    }

    /// Says that it is whole.
    ///
    /// # Errors
    /// The database.
    pub async fn end_content(&self, shop: ShopId, name: &'static str) -> Result<(), AppError> {
        let now = self.clock.now();
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                let run = store::find_run(tx, shop, name, &[0; 32]).await?;
                match run.filter(|run| run.finished_at.is_none()) {
                    Some(run) => store::finish_run(tx, shop, run.id, run.lines_done, now).await,
                    None => Ok(false),
                }
            })
        });
        let ended: Result<bool, StoreError> = write.await;
        ended.map(drop).map_err(AppError::from)
    }
}
