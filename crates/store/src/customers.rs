//! What the shop has noted of its buyers.

pub mod block;
pub mod erase;
pub mod export;
pub mod privacy;
pub mod retention;

use xiaoer_domain::id::{AccountId, BuyerId, ShopId};
use xiaoer_domain::time::Timestamp;

use crate::{StoreError, Tx, args, statements};

statements! {
    pub(crate) FIND_REMARK = "SELECT r.text, r.updated_at, a.name AS author
        FROM buyer_remark r
        LEFT JOIN account a ON a.id = r.account_id
        WHERE r.shop_id = $1 AND r.buyer_id = $2";
    pub(crate) PUT_REMARK = "INSERT INTO buyer_remark (shop_id, buyer_id, text, account_id, updated_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (shop_id, buyer_id) DO UPDATE
        SET text = excluded.text, account_id = excluded.account_id, updated_at = excluded.updated_at";
    pub(crate) SINCE = "SELECT created_at
        FROM buyer
        WHERE shop_id = $1 AND id = $2";
}

/// A remark on a buyer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRemark {
    /// What.
    pub text: String,
    /// Who wrote it last.
    pub author: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// The remark on a buyer.
pub async fn find_remark(
    tx: &mut Tx,
    shop: ShopId,
    buyer: BuyerId,
) -> Result<Option<StoredRemark>, StoreError> {
    let row = tx.opt(FIND_REMARK, args![shop, buyer]).await?;
    row.map(|row| {
        Ok(StoredRemark {
            text: row.get("text")?,
            author: row.get("author")?,
            at: row.get("updated_at")?,
        })
    })
    .transpose()
}

/// Writes the remark on a buyer; an empty one stays as what was taken away by whom.
pub async fn put_remark(
    tx: &mut Tx,
    shop: ShopId,
    buyer: BuyerId,
    text: &str,
    by: AccountId,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(PUT_REMARK, args![shop, buyer, text, by, at]).await.map(drop)
}

/// Since when the shop knows a buyer.
pub async fn since(tx: &mut Tx, shop: ShopId, buyer: BuyerId) -> Result<Timestamp, StoreError> {
    tx.one(SINCE, args![shop, buyer]).await?.get("created_at")
}
