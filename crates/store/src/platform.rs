//! Shops and their dated settings.

pub mod audit;
pub mod keys;
pub mod webhooks;

use xiaoer_domain::id::ShopId;
use xiaoer_domain::time::Timestamp;

use crate::{Row, StoreError, Tx, args, statements};

statements! {
    pub(crate) INSERT_SHOP = "INSERT INTO shop (key, name, identity_key, created_at)
        VALUES ($1, $2, $3, $4)
        RETURNING id";
    pub(crate) FIND_SHOP = "SELECT id, key, name, identity_key
        FROM shop
        WHERE key = $1";
    pub(crate) LIST_SHOPS = "SELECT id, key, name, identity_key
        FROM shop
        WHERE id > $1
        ORDER BY id
        LIMIT $2";
    pub(crate) SETTINGS = "SELECT name, valid_from, value
        FROM setting
        WHERE shop_id = $1
        ORDER BY name, valid_from
        LIMIT $2";
    pub(crate) SET_SETTING = "INSERT INTO setting (shop_id, name, valid_from, value)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (shop_id, name, valid_from) DO UPDATE
        SET value = excluded.value";
}

/// Most dated values of one shop that are read.
pub const SETTINGS_MAX: i64 = 10_000;

/// A shop.
#[derive(Clone)]
pub struct Shop {
    /// Row.
    pub id: ShopId,
    /// Key in URLs.
    pub key: String,
    /// Name.
    pub name: String,
    /// Secret with which the shop signs identities.
    pub identity_key: Vec<u8>,
}

impl std::fmt::Debug for Shop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shop").field("id", &self.id).field("key", &self.key).finish_non_exhaustive()
    }
}

/// One value of a setting and the moment from which it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    /// Name of the setting.
    pub name: String,
    /// From when.
    pub valid_from: Timestamp,
    /// The value as text.
    pub value: String,
}

/// A new shop. A key that exists is [`StoreError::Unique`].
pub async fn insert_shop(
    tx: &mut Tx,
    key: &str,
    name: &str,
    identity_key: &[u8],
    at: Timestamp,
) -> Result<ShopId, StoreError> {
    tx.one(INSERT_SHOP, args![key, name, identity_key, at]).await?.get("id")
}

/// The shop with this key.
pub async fn find_shop(tx: &mut Tx, key: &str) -> Result<Option<Shop>, StoreError> {
    tx.opt(FIND_SHOP, args![key]).await?.as_ref().map(read_shop).transpose()
}

/// Shops by key.
pub async fn list_shops(tx: &mut Tx, after: ShopId, limit: i64) -> Result<Vec<Shop>, StoreError> {
    tx.all(LIST_SHOPS, args![after, limit]).await?.iter().map(read_shop).collect()
}

/// Every dated value of a shop, in order of name and date.
pub async fn settings(tx: &mut Tx, shop: ShopId) -> Result<Vec<Dated>, StoreError> {
    let rows = tx.all(SETTINGS, args![shop, SETTINGS_MAX]).await?;
    rows.iter()
        .map(|row| {
            Ok(Dated {
                name: row.get("name")?,
                valid_from: row.get("valid_from")?,
                value: row.get("value")?,
            })
        })
        .collect()
}

/// Sets a value from a moment on.
pub async fn set_setting(
    tx: &mut Tx,
    shop: ShopId,
    name: &str,
    valid_from: Timestamp,
    value: &str,
) -> Result<(), StoreError> {
    tx.exec(SET_SETTING, args![shop, name, valid_from, value]).await.map(|_| ())
}

fn read_shop(row: &Row) -> Result<Shop, StoreError> {
    Ok(Shop {
        id: row.get("id")?,
        key: row.get("key")?,
        name: row.get("name")?,
        identity_key: row.get("identity_key")?,
    })
}
