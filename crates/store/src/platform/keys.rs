//! Keys of programs that act for a shop. Only a hash of each is kept.

use xiaoer_domain::id::{AccountId, ShopId};
use xiaoer_domain::time::Timestamp;

use crate::{Row, StoreError, Tx, args, statements};

statements! {
    pub(crate) INSERT_KEY = "INSERT INTO api_key (shop_id, name, hash, scopes, created_by, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        RETURNING id";
    pub(crate) LIST_KEYS = "SELECT id, name, scopes, created_at, used_at, revoked_at
        FROM api_key
        WHERE shop_id = $1
        ORDER BY id DESC
        LIMIT $2";
    pub(crate) FIND_KEY = "SELECT id, name, scopes, created_at, used_at, revoked_at
        FROM api_key
        WHERE shop_id = $1 AND hash = $2 AND revoked_at IS NULL";
    pub(crate) KEY_USED = "UPDATE api_key
        SET used_at = $3
        WHERE shop_id = $1 AND id = $2 AND (used_at IS NULL OR used_at < $3)";
    pub(crate) REVOKE_KEY = "UPDATE api_key
        SET revoked_at = $3
        WHERE shop_id = $1 AND id = $2 AND revoked_at IS NULL";
}

/// A key as its shop sees it.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// Row.
    pub id: i64,
    /// What it is for.
    pub name: String,
    /// What it may do, blank between.
    pub scopes: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to a few minutes.
    pub used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// A new key.
pub async fn insert(
    tx: &mut Tx,
    shop: ShopId,
    name: &str,
    hash: &[u8; 32],
    scopes: &str,
    by: Option<AccountId>,
    at: Timestamp,
) -> Result<i64, StoreError> {
    tx.one(INSERT_KEY, args![shop, name, hash, scopes, by, at]).await?.get("id")
}

/// The keys of a shop, newest first.
pub async fn list(tx: &mut Tx, shop: ShopId, limit: i64) -> Result<Vec<ApiKey>, StoreError> {
    tx.all(LIST_KEYS, args![shop, limit]).await?.iter().map(read).collect()
}

/// The living key with this hash.
pub async fn find(
    tx: &mut Tx,
    shop: ShopId,
    hash: &[u8; 32],
) -> Result<Option<ApiKey>, StoreError> {
    tx.opt(FIND_KEY, args![shop, hash]).await?.as_ref().map(read).transpose()
}

/// Notes that a key was used.
pub async fn used(tx: &mut Tx, shop: ShopId, key: i64, at: Timestamp) -> Result<(), StoreError> {
    tx.exec(KEY_USED, args![shop, key, at]).await.map(|_| ())
}

/// Ends a key; false when there is none that lives.
pub async fn revoke(
    tx: &mut Tx,
    shop: ShopId,
    key: i64,
    at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.exec(REVOKE_KEY, args![shop, key, at]).await? == 1)
}

fn read(row: &Row) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        id: row.get("id")?,
        name: row.get("name")?,
        scopes: row.get("scopes")?,
        created_at: row.get("created_at")?,
        used_at: row.get("used_at")?,
        revoked_at: row.get("revoked_at")?,
    })
}
