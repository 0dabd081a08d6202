//! The imports of a shop as a list, and the lines that one of them refused, to be mended and brought again.

use xiaoer_domain::id::ShopId;
use xiaoer_domain::orders::{ImportCounts, Refusal};
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::imports as wire;
use xiaoer_store::orders::{self as store, REFUSALS_PAGE_MAX};

use crate::{App, AppError};

/// Runs of a page.
const RUNS: i64 = 50;

impl App {
    /// The imports of a shop, newest first, behind a cursor.
    ///
    /// # Errors
    /// `bad_request` for a cursor that there is not.
    pub async fn import_runs(
        &self,
        shop: ShopId,
        cursor: Option<&str>,
    ) -> Result<(Vec<wire::ImportRun>, Option<String>), AppError> {
        let before = cursor.map_or(Ok(i64::MAX), str::parse);
        let before = before.map_err(|_| AppError::bad_field("cursor"))?;
        let rows = self
            .db
            .read(move |tx| Box::pin(async move { store::list_runs(tx, shop, before, RUNS).await }))
            .await?;
        let is_full = i64::try_from(rows.len()).is_ok_and(|rows| rows == RUNS);
        let next = rows.last().filter(|_| is_full).map(|row| row.run.id.to_string());
        let runs = rows.into_iter().map(|row| wire::ImportRun {
            run: row.run.id,
            name: row.file_name,
            format: row.format,
            started_at: row.started_at.micros(),
            finished_at: row.run.finished_at.map(|at| at.micros()),
            lines_done: u64::try_from(row.run.lines_done).unwrap_or_default(),
            counts: counts_shown(&row.run.counts),
        });
        Ok((runs.collect(), next))
    }

    /// The refused lines of a run as a table: line, reason, detail, and the line as it stood under its heading.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn refused_csv(&self, shop: ShopId, run: i64) -> Result<String, AppError> {
        let heading = self
            .db
            .read(move |tx| Box::pin(async move { store::run_heading(tx, shop, run).await }))
            .await?;
        let heading = heading.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
        let names: Vec<String> = serde_json::from_str(&heading).unwrap_or_default();
        let mut table = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        let told = ["line", "reason", "detail"].map(str::to_owned);
        let written = table.write_record(told.iter().chain(&names).map(|cell| plain(cell)));
        written.map_err(|_| AppError::refused(ErrorCode::Internal))?;
        let mut after = 0;
        loop {
            let page = self.refusals_behind(shop, run, after).await?;
            let Some(last) = page.last() else { break };
            after = last.line;
            for refusal in &page {
                let written = table.write_record(cells(refusal));
                written.map_err(|_| AppError::refused(ErrorCode::Internal))?;
            }
        }
        let bytes = table.into_inner().map_err(|_| AppError::refused(ErrorCode::Internal))?;
        // The mark lets spreadsheets read it as UTF-8.
        Ok(format!("\u{feff}{}", String::from_utf8_lossy(&bytes)))
    }

    async fn refusals_behind(
        &self,
        shop: ShopId,
        run: i64,
        after: u64,
    ) -> Result<Vec<Refusal>, AppError> {
        let page = self.db.read(move |tx| {
            Box::pin(
                async move { store::list_refusals(tx, shop, run, after, REFUSALS_PAGE_MAX).await },
            )
        });
        Ok(page.await?)
    }
}

fn cells(refusal: &Refusal) -> Vec<String> {
    let (line, reason) = (refusal.line.to_string(), refusal.code.word().to_owned());
    let original = refusal.original.as_ref().map(|line| line.reveal().to_owned());
    let original = original.unwrap_or_default();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(original.as_bytes());
    let mut cells = vec![line, reason, plain(&refusal.detail)];
    if let Some(Ok(record)) = reader.records().next() {
        cells.extend(record.iter().map(plain));
    }
    cells
}

/// A cell that no spreadsheet runs.
fn plain(cell: &str) -> String {
    let runs = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    if runs { format!("'{cell}") } else { cell.to_owned() }
}

/// Counts on the wire.
pub(super) fn counts_shown(counts: &ImportCounts) -> wire::ImportCounts {
    wire::ImportCounts {
        lines: counts.lines,
        orders_new: counts.orders_new,
        orders_changed: counts.orders_changed,
        orders_unchanged: counts.orders_unchanged,
        orders_older: counts.orders_older,
        buyers_new: counts.buyers_new,
        products_new: counts.products_new,
        refunds_new: counts.refunds_new,
        refused: counts.refused.iter().map(|(code, n)| (code.word().to_owned(), *n)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn no_cell_of_the_refused_lines_is_run_by_a_spreadsheet() {
        assert_eq!(plain("=1+2"), "'=1+2");
        assert_eq!(plain("@cmd"), "'@cmd");
        assert_eq!(plain("-12.50"), "-12.50");
        assert_eq!(plain("小满"), "小满");
    }
}
