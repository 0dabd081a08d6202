//! What an import did, in numbers that can be checked against the file.

use std::collections::{BTreeMap, HashMap};

use xiaoer_domain::id::ShopId;
use xiaoer_domain::orders::{Currency, ImportCounts, OrderState, Refusal};
use xiaoer_store::StoreError;
use xiaoer_store::orders::{self as store, REFUSALS_PAGE_MAX, RefundSum, StateSum};

use super::chunk::Place;
use super::import::ImportError;
use crate::App;

/// What an import did, and how the shop's orders from this source stand after it. Amounts are minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportReport {
    /// The run's row.
    pub run: i64,
    /// The line at which it went on, if an earlier attempt had been cut off.
    pub resumed_at_line: Option<u64>,
    /// Of every amount here.
    pub currency: Currency,
    /// What was in the file, and what came of it; over all attempts.
    pub counts: ImportCounts,
    /// All orders of this source, by state.
    pub states: BTreeMap<OrderState, StateSum>,
    /// All refunds of this source.
    pub refunds: RefundSum,
    /// The refused lines, in the order of the file; the first 10,000.
    pub refusals: Vec<Refusal>,
}

impl ImportReport {
    /// Every order of this source less every refund, linked or not.
    #[must_use]
    pub fn net(&self) -> i64 {
        let orders: i64 = self.states.values().map(|sum| sum.total).sum();
        orders + self.refunds.linked_amount + self.refunds.unlinked_amount
    }
}

impl App {
    pub(super) async fn report_import(
        &self,
        place: Place,
        resumed_at_line: Option<u64>,
        currency: Currency,
    ) -> Result<ImportReport, ImportError> {
        let Place { shop, source, run, counts, .. } = place;
        let states = self.sum_order_states(shop, source).await?;
        let refunds = self.sum_refunds(shop, source).await?;
        let refusals = self.import_refusals(shop, run).await?;
        Ok(ImportReport { run, resumed_at_line, currency, counts, states, refunds, refusals })
    }

    /// Page by page: no read lasts long, however many orders there are.
    async fn sum_order_states(
        &self,
        shop: ShopId,
        source: &'static str,
    ) -> Result<BTreeMap<OrderState, StateSum>, StoreError> {
        let (mut sums, mut after) = (HashMap::new(), Some(0));
        while let Some(from) = after {
            (after, sums) = self
                .db
                .read(move |tx| {
                    Box::pin(async move {
                        let after = store::sum_orders(tx, shop, source, from, &mut sums).await?;
                        Ok::<_, StoreError>((after, sums))
                    })
                })
                .await?;
        }
        Ok(sums.into_iter().collect())
    }

    async fn sum_refunds(
        &self,
        shop: ShopId,
        source: &'static str,
    ) -> Result<RefundSum, StoreError> {
        let (mut sum, mut after) = (RefundSum::default(), Some(0));
        while let Some(from) = after {
            (after, sum) = self
                .db
                .read(move |tx| {
                    Box::pin(async move {
                        let after = store::sum_refunds(tx, shop, source, from, &mut sum).await?;
                        Ok::<_, StoreError>((after, sum))
                    })
                })
                .await?;
        }
        Ok(sum)
    }

    async fn import_refusals(&self, shop: ShopId, run: i64) -> Result<Vec<Refusal>, StoreError> {
        let mut refusals: Vec<Refusal> = Vec::new();
        loop {
            let after = refusals.last().map_or(0, |refusal| refusal.line);
            let page = self
                .db
                .read(move |tx| {
                    Box::pin(async move {
                        store::list_refusals(tx, shop, run, after, REFUSALS_PAGE_MAX).await
                    })
                })
                .await?;
            if page.is_empty() {
                return Ok(refusals);
            }
            refusals.extend(page);
        }
    }
}
