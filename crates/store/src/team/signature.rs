//! What an agent says of oneself to buyers.

use xiaoer_domain::id::{AccountId, ShopId};

use crate::{StoreError, Tx, args, statements};

statements! {
    pub(crate) SIGNATURE = "SELECT signature
        FROM membership
        WHERE shop_id = $1 AND account_id = $2";
    pub(crate) SET_SIGNATURE = "UPDATE membership
        SET signature = $3
        WHERE shop_id = $1 AND account_id = $2";
}

/// The signature of somebody; empty when there is none.
pub async fn find(tx: &mut Tx, shop: ShopId, account: AccountId) -> Result<String, StoreError> {
    let row = tx.opt(SIGNATURE, args![shop, account]).await?;
    Ok(row.map(|row| row.get("signature")).transpose()?.unwrap_or_default())
}

/// Writes it; false when the account does not work in the shop.
pub async fn set(
    tx: &mut Tx,
    shop: ShopId,
    account: AccountId,
    text: &str,
) -> Result<bool, StoreError> {
    Ok(tx.exec(SET_SIGNATURE, args![shop, account, text]).await? > 0)
}
