//! Runs: how far the import of a file has come, what it counted, and what it refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use xiaoer_domain::id::ShopId;
use xiaoer_domain::orders::{ImportCounts, Refusal, RefusalCode};
use xiaoer_domain::private::Private;
use xiaoer_domain::time::Timestamp;

use super::sets::with_set;
use crate::{Row, StoreError, Tx, Value, args, statements};

/// Refusals of one page.
pub const REFUSALS_PAGE_MAX: i64 = 500;

statements! {
    pub(crate) FIND_RUN = "SELECT id, lines_done, finished_at, counts
        FROM import_run
        WHERE shop_id = $1 AND format = $2 AND file_digest = $3";
    pub(crate) INSERT_RUN = "INSERT INTO import_run (shop_id, format, file_name, file_digest, started_at, lines_done,
          counts, heading)
        VALUES ($1, $2, $3, $4, $5, 0, $6, $7)
        ON CONFLICT (shop_id, format, file_digest) DO NOTHING
        RETURNING id";
    pub(crate) RESTART_RUN = "UPDATE import_run
        SET file_name = $3, started_at = $4, lines_done = 0, finished_at = NULL, counts = $5
        WHERE shop_id = $1 AND id = $2 AND finished_at IS NOT NULL";
    pub(crate) FORGET_REFUSALS = "DELETE FROM import_refusal
        WHERE shop_id = $1 AND run_id = $2";
    /// Only from where this import thinks it stands: two imports of one file cannot both go on.
    pub(crate) ADVANCE_RUN = "UPDATE import_run
        SET lines_done = $4, counts = $5
        WHERE shop_id = $1 AND id = $2 AND lines_done = $3 AND finished_at IS NULL";
    pub(crate) FINISH_RUN = "UPDATE import_run
        SET finished_at = $4
        WHERE shop_id = $1 AND id = $2 AND lines_done = $3 AND finished_at IS NULL";
    pub(crate) INSERT_REFUSALS => {
        sqlite: "INSERT INTO import_refusal (shop_id, run_id, line, code, detail, original)
                 SELECT $1, $2, value ->> 0, value ->> 1, value ->> 2, value ->> 3
                 FROM json_each($3)",
        postgres: "INSERT INTO import_refusal (shop_id, run_id, line, code, detail, original)
                   SELECT $1::bigint, $2::bigint, v.line, v.code, v.detail, v.original
                   FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[])
                     AS v (line, code, detail, original)",
    };
    pub(crate) LIST_RUNS = "SELECT id, format, file_name, started_at, lines_done, finished_at, counts
        FROM import_run
        WHERE shop_id = $1 AND heading <> '' AND id < $2
        ORDER BY id DESC
        LIMIT $3";
    pub(crate) RUN_HEADING = "SELECT heading
        FROM import_run
        WHERE shop_id = $1 AND id = $2";
    pub(crate) LIST_REFUSALS = "SELECT line, code, detail, original
        FROM import_refusal
        WHERE shop_id = $1 AND run_id = $2 AND line > $3
        ORDER BY line
        LIMIT $4";
}

/// The import of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its row.
    pub id: i64,
    /// The last line of the file that is dealt with.
    pub lines_done: i64,
    /// When it came to its end.
    pub finished_at: Option<Timestamp>,
    /// What it has done so far.
    pub counts: ImportCounts,
}

/// A run in the list of a shop's imports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedRun {
    /// How far it has come.
    pub run: Run,
    /// The form of its file.
    pub format: String,
    /// Name of its file.
    pub file_name: String,
    /// When it began.
    pub started_at: Timestamp,
}

/// The imports of files into a shop, newest first, behind row `before`.
pub async fn list_runs(
    tx: &mut Tx,
    shop: ShopId,
    before: i64,
    limit: i64,
) -> Result<Vec<ListedRun>, StoreError> {
    let rows = tx.all(LIST_RUNS, args![shop, before, limit]).await?;
    let listed = rows.iter().map(|row| {
        Ok(ListedRun {
            run: read_run(row)?,
            format: row.get("format")?,
            file_name: row.get("file_name")?,
            started_at: row.get("started_at")?,
        })
    });
    listed.collect()
}

/// The first line of a run's file; None: there is no such run in this shop.
pub async fn run_heading(
    tx: &mut Tx,
    shop: ShopId,
    run: i64,
) -> Result<Option<String>, StoreError> {
    tx.opt(RUN_HEADING, args![shop, run]).await?.map(|row| row.get("heading")).transpose()
}

/// What a run keeps of its file.
#[derive(Clone, Copy, Debug)]
pub struct RunFile<'f> {
    /// Its name.
    pub name: &'f str,
    /// What is in it, and how it is read.
    pub digest: &'f [u8; 32],
    /// Its first line.
    pub heading: &'f str,
}

/// The run of this file, if it was begun.
pub async fn find_run(
    tx: &mut Tx,
    shop: ShopId,
    format: &str,
    file_digest: &[u8; 32],
) -> Result<Option<Run>, StoreError> {
    let row = tx.opt(FIND_RUN, args![shop, format, file_digest]).await?;
    row.as_ref().map(read_run).transpose()
}

/// Begins the run of a file; None if somebody else just did.
pub async fn insert_run(
    tx: &mut Tx,
    shop: ShopId,
    format: &str,
    file: RunFile<'_>,
    at: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let counts = write_counts(&ImportCounts::default())?;
    let RunFile { name, digest, heading } = file;
    let values = args![shop, format, name, digest, at, counts, heading];
    let row = tx.opt(INSERT_RUN, values).await?;
    row.map(|row| row.get("id")).transpose()
}

/// Begins a finished run anew; false if it is not finished.
pub async fn restart_run(
    tx: &mut Tx,
    shop: ShopId,
    run: i64,
    file_name: &str,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let counts = write_counts(&ImportCounts::default())?;
    let restarted = tx.exec(RESTART_RUN, args![shop, run, file_name, at, counts]).await? == 1;
    if restarted {
        tx.exec(FORGET_REFUSALS, args![shop, run]).await?;
    }
    Ok(restarted)
}

/// Moves a run on; false if it does not stand where `from` says.
pub async fn advance_run(
    tx: &mut Tx,
    shop: ShopId,
    run: i64,
    from: i64,
    to: i64,
    counts: &ImportCounts,
) -> Result<bool, StoreError> {
    let counts = write_counts(counts)?;
    Ok(tx.exec(ADVANCE_RUN, args![shop, run, from, to, counts]).await? == 1)
}

/// Ends a run; false if it does not stand where `lines_done` says.
pub async fn finish_run(
    tx: &mut Tx,
    shop: ShopId,
    run: i64,
    lines_done: i64,
    at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.exec(FINISH_RUN, args![shop, run, lines_done, at]).await? == 1)
}

/// Keeps the lines that a run refused.
pub async fn insert_refusals(
    tx: &mut Tx,
    shop: ShopId,
    run: i64,
    refusals: &[Refusal],
) -> Result<(), StoreError> {
    if refusals.is_empty() {
        return Ok(());
    }
    let columns = vec![
        Value::Ints(refusals.iter().map(|r| i64::try_from(r.line).ok()).collect()),
        Value::Texts(refusals.iter().map(|r| Some(r.code.word().to_owned())).collect()),
        Value::Texts(refusals.iter().map(|r| Some(r.detail.clone())).collect()),
        Value::Texts(
            refusals.iter().map(|r| Some(r.original.as_ref()?.reveal().to_owned())).collect(),
        ),
    ];
    let set = with_set(tx.dialect(), args![shop, run], columns)?;
    tx.exec(INSERT_REFUSALS, set).await.map(drop)
}

/// A page of the lines that a run refused, behind line `after`.
pub async fn list_refusals(
    tx: &mut Tx,
    shop: ShopId,
    run: i64,
    after: u64,
    limit: i64,
) -> Result<Vec<Refusal>, StoreError> {
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let limit = limit.clamp(1, REFUSALS_PAGE_MAX);
    let rows = tx.all(LIST_REFUSALS, args![shop, run, after, limit]).await?;
    let known = |word: String| RefusalCode::from_word(&word).ok_or("no code of a refusal");
    let read = |row: &Row| {
        let code = row.parse("code", known)?;
        let original = row.get::<Option<String>>("original")?.map(Private::new);
        Ok(Refusal { line: row.get("line")?, code, detail: row.get("detail")?, original })
    };
    rows.iter().map(read).collect()
}

/// The counts as they lie in their column; a field that is missing counts nothing.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
struct Counts {
    lines: u64,
    orders_new: u64,
    orders_changed: u64,
    orders_unchanged: u64,
    orders_older: u64,
    items: u64,
    orders_amount: i64,
    buyers_new: u64,
    products_new: u64,
    refunds_new: u64,
    refunds_changed: u64,
    refunds_unchanged: u64,
    refunds_amount: i64,
    refused: BTreeMap<String, u64>,
}

fn write_counts(counts: &ImportCounts) -> Result<String, StoreError> {
    let refused = counts.refused.iter().map(|(code, lines)| (code.word().to_owned(), *lines));
    let payload = Counts {
        lines: counts.lines,
        orders_new: counts.orders_new,
        orders_changed: counts.orders_changed,
        orders_unchanged: counts.orders_unchanged,
        orders_older: counts.orders_older,
        items: counts.items,
        orders_amount: counts.orders_amount,
        buyers_new: counts.buyers_new,
        products_new: counts.products_new,
        refunds_new: counts.refunds_new,
        refunds_changed: counts.refunds_changed,
        refunds_unchanged: counts.refunds_unchanged,
        refunds_amount: counts.refunds_amount,
        refused: refused.collect(),
    };
    serde_json::to_string(&payload).map_err(|e| StoreError::inconsistent("import_run.counts", e))
}

fn read_run(row: &Row) -> Result<Run, StoreError> {
    let (id, lines_done, finished_at) =
        (row.get("id")?, row.get("lines_done")?, row.get("finished_at")?);
    let payload: Counts = row.parse("counts", |text: String| serde_json::from_str(&text))?;
    let mut refused = BTreeMap::new();
    for (word, lines) in payload.refused {
        let code = RefusalCode::from_word(&word);
        let code = code.ok_or_else(|| row.inconsistent("counts", "no code of a refusal"))?;
        refused.insert(code, lines);
    }
    let counts = ImportCounts {
        lines: payload.lines,
        orders_new: payload.orders_new,
        orders_changed: payload.orders_changed,
        orders_unchanged: payload.orders_unchanged,
        orders_older: payload.orders_older,
        items: payload.items,
        orders_amount: payload.orders_amount,
        buyers_new: payload.buyers_new,
        products_new: payload.products_new,
        refunds_new: payload.refunds_new,
        refunds_changed: payload.refunds_changed,
        refunds_unchanged: payload.refunds_unchanged,
        refunds_amount: payload.refunds_amount,
        refused,
    };
    Ok(Run { id, lines_done, finished_at, counts })
}
