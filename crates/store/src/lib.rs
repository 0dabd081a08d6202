//! The only room that names a database: transactions, SQL, migrations, the journal.
//!
//! SQLite and PostgreSQL run the same statements. Must never let a statement out that is not
//! declared (and so prepared by a test on both), nor decide a rule: that is `domain`'s.
//!
//! A feature has one module here. It declares its statements and wraps each in a function:
//!
//! ```text
//! use crate::{args, statements};
//!
//! statements! {
//!     pub(crate) FIND_BUYER = "SELECT id, name
//!         FROM buyer
//!         WHERE shop_id = $1 AND ref = $2";
//!     pub(crate) INSERT_BUYER = "INSERT INTO buyer (shop_id, public_id, ref, name, created_at)
//!         VALUES ($1, $2, $3, $4, $5)
//!         RETURNING id";
//! }
//!
//! pub async fn find_buyer(tx: &mut Tx, shop: i64, key: &str) -> Result<Option<i64>, StoreError> {
//!     let row = tx.opt(FIND_BUYER, args![shop, key]).await?;
//!     row.map(|row| row.get("id")).transpose()
//! }
//! ```
//!
//! and adds its list to [`ALL`]. A use case in `app` opens the one transaction:
//!
//! ```text
//! let id = db
//!     .write(move |tx| {
//!         // May run again after a deadlock: clone what is moved, touch nothing but `tx`.
//!         let cmd = cmd.clone();
//!         Box::pin(async move {
//!             let id = buyers::insert(tx, &cmd).await?;
//!             journal::append(tx, cmd.shop, cmd.at, "buyer_created", 1, facts(id)).await?;
//!             Ok::<_, AppError>(id)
//!         })
//!     })
//!     .await?; // Ok means committed
//! let buyer = db.read(move |tx| Box::pin(async move { buyers::get(tx, shop, id).await })).await?;
//! ```
//!
//! A failed statement ends its transaction on both databases. To act on a violation and go on,
//! prefer `ON CONFLICT … DO NOTHING RETURNING`, or put the statement in a [`Tx::savepoint`]:
//!
//! ```text
//! let made = tx.savepoint(|tx| Box::pin(async move { buyers::insert(tx, &cmd).await })).await;
//! match made {
//!     Err(e) if e.is_unique("buyer", &["shop_id", "ref"]) => buyers::find_buyer(tx, …).await?,
//!     other => other?,
//! }
//! ```

pub mod chat;
mod checkpoint;
pub mod customers;
mod db;
mod error;
pub mod figures;
pub mod journal;
mod lock;
mod migrate;
pub mod orders;
pub mod phrases;
pub mod platform;
mod postgres;
pub mod projection;
pub mod quality;
pub mod routing;
mod row;
pub mod search;
pub mod snapshot;
mod sql;
mod sqlite;
mod tasks;
pub mod team;
mod tx;
mod value;
mod words;
mod writer;

pub use db::{CONNECTIONS_MAX, DatabaseUrl, Db, DbConfig, Durability, QUEUE_MAX, READERS_MAX};
pub use error::{Cause, StoreError, UniqueKey};
pub use futures_util::future::BoxFuture;
pub use lock::{DataLock, LOCK_FILE, LockError};
pub use migrate::{MigrateError, SchemaStatus, migrate_main_in_test, schema_checksum};
pub use row::{ColumnKey, FromColumn, Row};
pub use sql::{Dialect, Place, Sql};
pub use tx::Tx;
pub use value::{Args, Value};

/// Every declared statement by module (`a::b` for `src/a/b.rs`); tests prepare and judge them
/// all, and one fails when a module that declares statements is missing here.
pub const ALL: &[(&str, &[Sql])] = &[
    ("chat::attachments", chat::attachments::ALL),
    ("chat::bulk", chat::bulk::ALL),
    ("chat::drafts", chat::drafts::ALL),
    ("chat::follow_up", chat::follow_up::ALL),
    ("chat::content", chat::content::ALL),
    ("chat::load", chat::load::ALL),
    ("chat::people", chat::people::ALL),
    ("chat::rating", chat::rating::ALL),
    ("chat::read", chat::read::ALL),
    ("chat::receptions", chat::receptions::ALL),
    ("chat::save", chat::save::ALL),
    ("chat::transfer", chat::transfer::ALL),
    ("customers", customers::ALL),
    ("customers::block", customers::block::ALL),
    ("customers::erase", customers::erase::ALL),
    ("customers::export", customers::export::ALL),
    ("customers::privacy", customers::privacy::ALL),
    ("customers::retention", customers::retention::ALL),
    ("figures", figures::ALL),
    ("journal", journal::ALL),
    ("orders::links", orders::links::ALL),
    ("orders::products", orders::products::ALL),
    ("orders::read", orders::read::ALL),
    ("orders::refunds", orders::refunds::ALL),
    ("orders::runs", orders::runs::ALL),
    ("orders::write", orders::write::ALL),
    ("phrases", phrases::ALL),
    ("phrases::auto", phrases::auto::ALL),
    ("platform", platform::ALL),
    ("platform::audit", platform::audit::ALL),
    ("projection", projection::ALL),
    ("routing", routing::ALL),
    ("routing::leave", routing::leave::ALL),
    ("routing::overtime", routing::overtime::ALL),
    ("routing::steer", routing::steer::ALL),
    ("routing::wall", routing::wall::ALL),
    ("quality", quality::ALL),
    ("search", search::ALL),
    ("team", team::ALL),
    ("team::calls", team::calls::ALL),
    ("team::duty", team::duty::ALL),
    ("team::handover", team::handover::ALL),
    ("team::notices", team::notices::ALL),
    ("team::people", team::people::ALL),
    ("platform::keys", platform::keys::ALL),
    ("platform::webhooks", platform::webhooks::ALL),
    ("team::preferences", team::preferences::ALL),
    ("team::security", team::security::ALL),
    ("team::signature", team::signature::ALL),
];
