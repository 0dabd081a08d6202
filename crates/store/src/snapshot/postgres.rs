//! PostgreSQL: every table as lines of text, copied in one transaction; loaded in one transaction too.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::str::FromStr as _;

use futures_util::TryStreamExt as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use tokio::fs::File;
use tokio::io::{AsyncWriteExt as _, BufWriter};

use super::{Occupied, Snapshot, SnapshotError, SnapshotFile, compare_rows};
use crate::error::StoreError;
use crate::journal::{REBASE_FOLLOWERS, REBASE_JOURNAL};
use crate::migrate;
use crate::postgres::DERIVED_SCHEMA;
use crate::sql::Dialect;

const ONE_MOMENT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
const TABLES: &str = "SELECT CAST(tablename AS TEXT) FROM pg_tables
    WHERE schemaname = current_schema() ORDER BY tablename";
const COLUMNS: &str = "SELECT CAST(column_name AS TEXT) FROM information_schema.columns
    WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position";
const STEP: &str = "SELECT COALESCE(MAX(version), 0) FROM schema_migration";
const COUNTERS: &str = "SELECT CAST(sequencename AS TEXT), last_value FROM pg_sequences
    WHERE schemaname = current_schema() AND last_value IS NOT NULL";
/// Which table points at which.
const REFERENCES: &str = "SELECT CAST(f.relname AS TEXT), CAST(t.relname AS TEXT)
    FROM pg_constraint c
    JOIN pg_class f ON f.oid = c.conrelid
    JOIN pg_class t ON t.oid = c.confrelid
    JOIN pg_namespace n ON n.oid = f.relnamespace
    WHERE c.contype = 'f' AND n.nspname = current_schema() AND c.conrelid <> c.confrelid";

type Counts = BTreeMap<String, i64>;

pub(super) async fn take(mut conn: PgConnection, folder: &Path) -> Result<Snapshot, SnapshotError> {
    let unread = || SnapshotError::database("the database could not be read");
    sqlx::query(ONE_MOMENT).execute(&mut conn).await.map_err(unread())?;
    let tables: Vec<(String,)> =
        sqlx::query_as(TABLES).fetch_all(&mut conn).await.map_err(unread())?;
    let (schema,): (i64,) = sqlx::query_as(STEP).fetch_one(&mut conn).await.map_err(unread())?;
    let (mut files, mut rows) = (BTreeMap::new(), Counts::new());
    for (table,) in tables {
        let columns: Vec<(String,)> =
            sqlx::query_as(COLUMNS).bind(&table).fetch_all(&mut conn).await.map_err(unread())?;
        let columns: Vec<String> = columns.into_iter().map(|(name,)| name).collect();
        let name = format!("{table}.copy");
        let count = copy_out(&mut conn, &table, &columns, &folder.join(&name)).await?;
        files.insert(name, SnapshotFile { columns });
        rows.insert(table, count);
    }
    // Counters stand outside transactions: read last, they are never behind the rows.
    let counters: Vec<(String, i64)> =
        sqlx::query_as(COUNTERS).fetch_all(&mut conn).await.map_err(unread())?;
    let _ = conn.close().await;
    let counters = counters.into_iter().collect();
    Ok(Snapshot { dialect: Dialect::Postgres, schema, files, rows, counters })
}

/// Tells how many rows it wrote: in this form a line is a row.
async fn copy_out(
    conn: &mut PgConnection,
    table: &str,
    columns: &[String],
    path: &Path,
) -> Result<i64, SnapshotError> {
    let unread = || SnapshotError::database(format!("{table} could not be read"));
    let file = File::create(path).await.map_err(SnapshotError::file(path))?;
    let mut file = BufWriter::with_capacity(1 << 20, file);
    let text = format!("COPY {} TO STDOUT", named(table, columns));
    let mut chunks = conn.copy_out_raw(&text).await.map_err(unread())?;
    let mut count = 0;
    while let Some(chunk) = chunks.try_next().await.map_err(unread())? {
        count += chunk.iter().filter(|byte| **byte == b'\n').count();
        file.write_all(&chunk).await.map_err(SnapshotError::file(path))?;
    }
    file.flush().await.map_err(SnapshotError::file(path))?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

pub(super) async fn load(
    url: &str,
    snapshot: &Snapshot,
    folder: &Path,
    occupied: Occupied,
) -> Result<(), SnapshotError> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|e| StoreError::unavailable_by("the database URL is not valid", &e))?
        .application_name("xiaoer restore")
        .disable_statement_logging();
    let conn = options.connect().await;
    let mut conn =
        conn.map_err(|e| StoreError::unavailable_by("the database cannot be reached", &e))?;
    let refused = || SnapshotError::database("the database did not take the snapshot");
    let mut tx = conn.begin().await.map_err(refused())?;
    make_room(&mut tx, occupied).await?;
    migrate::make_schema(&mut tx, snapshot.schema).await?;
    let found = copy_in(&mut tx, snapshot, folder).await?;
    compare_rows(&snapshot.rows, &found)?;
    migrate::compare_record(&mut tx).await?;
    for (counter, value) in &snapshot.counters {
        sqlx::query("SELECT setval(CAST(quote_ident($1) AS regclass), $2)")
            .bind(counter)
            .bind(value)
            .execute(&mut *tx)
            .await
            .map_err(refused())?;
    }
    for step in [REBASE_FOLLOWERS, REBASE_JOURNAL] {
        sqlx::query(step.text(Dialect::Postgres)).execute(&mut *tx).await.map_err(refused())?;
    }
    tx.commit().await.map_err(refused())
}

/// Takes what is there away, if that was asked for.
async fn make_room(tx: &mut PgConnection, occupied: Occupied) -> Result<(), SnapshotError> {
    let stays = || SnapshotError::database("what is in the database could not be taken away");
    let tables: Vec<(String,)> =
        sqlx::query_as(TABLES).fetch_all(&mut *tx).await.map_err(stays())?;
    if !tables.is_empty() && occupied == Occupied::Refuse {
        return Err(SnapshotError::Occupied);
    }
    let mut text = format!("DROP SCHEMA IF EXISTS {DERIVED_SCHEMA} CASCADE;");
    for (table,) in tables {
        text.push_str(&format!("DROP TABLE {} CASCADE;", quoted(&table)));
    }
    sqlx::raw_sql(AssertSqlSafe(text)).execute(tx).await.map_err(stays())?;
    Ok(())
}

async fn copy_in(
    tx: &mut PgConnection,
    snapshot: &Snapshot,
    folder: &Path,
) -> Result<Counts, SnapshotError> {
    let references: Vec<(String, String)> = sqlx::query_as(REFERENCES)
        .fetch_all(&mut *tx)
        .await
        .map_err(SnapshotError::database("the tables could not be put in order"))?;
    let mut found = Counts::new();
    for table in in_order(snapshot.rows.keys(), &references) {
        let name = format!("{table}.copy");
        let Some(file) = snapshot.files.get(&name) else { continue };
        let path = folder.join(&name);
        let refused = || SnapshotError::database(format!("{table} could not be filled"));
        let lines = File::open(&path).await.map_err(SnapshotError::file(&path))?;
        let text = format!("COPY {} FROM STDIN", named(&table, &file.columns));
        let mut copy = tx.copy_in_raw(&text).await.map_err(refused())?;
        copy.read_from(lines).await.map_err(refused())?;
        let count = copy.finish().await.map_err(refused())?;
        found.insert(table, i64::try_from(count).unwrap_or(i64::MAX));
    }
    Ok(found)
}

/// Tables so that each comes after those it points at.
fn in_order<'t>(
    tables: impl Iterator<Item = &'t String>,
    references: &[(String, String)],
) -> Vec<String> {
    let mut waiting: BTreeSet<&String> = tables.collect();
    let mut order: Vec<String> = Vec::new();
    while !waiting.is_empty() {
        let free = |table: &&String| {
            !references.iter().any(|(from, to)| from == *table && waiting.contains(to))
        };
        let mut next: Vec<&String> = waiting.iter().copied().filter(|t| free(t)).collect();
        if next.is_empty() {
            // A circle: the database itself will say which reference does not hold.
            next = waiting.iter().copied().collect();
        }
        for table in next {
            waiting.remove(table);
            order.push(table.clone());
        }
    }
    order
}

fn named(table: &str, columns: &[String]) -> String {
    let columns: Vec<String> = columns.iter().map(|name| quoted(name)).collect();
    format!("{} ({})", quoted(table), columns.join(", "))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_come_after_those_they_point_at() {
        let tables = ["entry", "shop", "talk"].map(str::to_owned);
        let points = [("entry", "talk"), ("talk", "shop"), ("entry", "shop")];
        let points = points.map(|(from, to)| (from.to_owned(), to.to_owned()));
        assert_eq!(in_order(tables.iter(), &points), ["shop", "talk", "entry"]);
    }
}
