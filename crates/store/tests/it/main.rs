//! What the store promises, tried on both databases.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests start what they let race, and fail where they stand"
)]

mod cancelled;
mod errors;
mod journal;
mod migrations;
mod plans;
mod reads;
mod schema;
mod search;
mod statements;
mod values;
mod writes;

use std::collections::BTreeSet;

use futures_util::future::BoxFuture;
use xiaoer_store::{Db, Sql, StoreError, Tx, args};

/// A table of our own, so that these tests do not lean on a feature's.
pub const CREATE_PAIR: Sql = Sql::in_test(
    "CREATE TABLE pair (
       shop_id BIGINT NOT NULL,
       key BIGINT NOT NULL,
       name TEXT,
       UNIQUE (shop_id, key)
     )",
);
pub const INSERT_PAIR: Sql =
    Sql::in_test("INSERT INTO pair (shop_id, key, name) VALUES (1, $1, $2)");
pub const LIST_KEYS: Sql =
    Sql::in_test("SELECT key FROM pair WHERE shop_id = 1 ORDER BY key LIMIT 1000");

/// Runs one statement in a write of its own.
pub async fn exec(db: &Db, sql: Sql) -> Result<u64, StoreError> {
    db.write(move |tx| Box::pin(async move { tx.exec(sql, args![]).await })).await
}

/// Inserts a pair inside a transaction.
pub async fn insert(tx: &mut Tx, key: i64) -> Result<(), StoreError> {
    tx.exec(INSERT_PAIR, args![key, "a name"]).await.map(drop)
}

/// A write that inserts a pair.
pub fn insert_key(
    key: i64,
) -> impl for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<(), StoreError>> {
    move |tx| Box::pin(insert(tx, key))
}

/// The keys of the pairs that are stored.
pub async fn keys(db: &Db) -> BTreeSet<i64> {
    let rows = db.read(|tx| Box::pin(tx.all(LIST_KEYS, args![]))).await.unwrap();
    rows.iter().map(|row| row.get::<i64>("key").unwrap()).collect()
}
