//! Single values of a person, for whoever may look at one; and what is put right at a buyer's wish.

use xiaoer_domain::id::{AccountId, BuyerId, FollowUpId, PublicId, ShopId};
use xiaoer_domain::private::Private;
use xiaoer_domain::time::Timestamp;

use crate::{StoreError, Tx, args, statements};

statements! {
    pub(crate) OF_ORDER = "SELECT nick, recipient, phone, address
        FROM shop_order
        WHERE shop_id = $1 AND public_id = $2";
    pub(crate) OF_FOLLOW_UP = "SELECT phone, email
        FROM follow_up
        WHERE shop_id = $1 AND id = $2";
    pub(crate) REVEALED_SINCE = "SELECT COUNT(*) AS n
        FROM (SELECT 1 FROM audit
          WHERE shop_id = $1 AND account_id = $2 AND kind = 'revealed' AND at >= $3
          LIMIT $4) AS seen";
    pub(crate) RENAME = "UPDATE buyer
        SET name = $3
        WHERE shop_id = $1 AND id = $2 AND erased_at IS NULL";
    /// What the person said holds; what was not said stays.
    pub(crate) CORRECT_ORDER = "UPDATE shop_order
        SET recipient = COALESCE($4, recipient), phone = COALESCE($5, phone), address = COALESCE($6, address),
            corrected_at = $7
        WHERE shop_id = $1 AND public_id = $2 AND buyer_id = $3 AND personal_erased_at IS NULL";
}

/// Values of a person, each perhaps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonValues {
    /// Name at the marketplace.
    pub nick: Option<Private>,
    /// Who receives.
    pub name: Option<Private>,
    /// Telephone.
    pub phone: Option<Private>,
    /// Where it goes.
    pub address: Option<Private>,
    /// E-mail.
    pub email: Option<Private>,
}

/// Those of an order.
pub async fn of_order(
    tx: &mut Tx,
    shop: ShopId,
    order: PublicId,
) -> Result<Option<PersonValues>, StoreError> {
    let row = tx.opt(OF_ORDER, args![shop, order]).await?;
    row.map(|row| {
        let value = |column: &'static str| -> Result<Option<Private>, StoreError> {
            Ok(row.get::<Option<String>>(column)?.map(Private::new))
        };
        Ok(PersonValues {
            nick: value("nick")?,
            name: value("recipient")?,
            phone: value("phone")?,
            address: value("address")?,
            email: None,
        })
    })
    .transpose()
}

/// Those of a message that was left.
pub async fn of_follow_up(
    tx: &mut Tx,
    shop: ShopId,
    id: FollowUpId,
) -> Result<Option<PersonValues>, StoreError> {
    let row = tx.opt(OF_FOLLOW_UP, args![shop, id]).await?;
    row.map(|row| {
        Ok(PersonValues {
            phone: row.get::<Option<String>>("phone")?.map(Private::new),
            email: row.get::<Option<String>>("email")?.map(Private::new),
            ..PersonValues::default()
        })
    })
    .transpose()
}

/// How many values an account has looked at since a moment, counted up to a limit.
pub async fn revealed_since(
    tx: &mut Tx,
    shop: ShopId,
    account: AccountId,
    since: Timestamp,
    limit: i64,
) -> Result<i64, StoreError> {
    tx.one(REVEALED_SINCE, args![shop, account, since, limit]).await?.get("n")
}

/// Gives a buyer another name. False: nobody is there any more.
pub async fn rename(
    tx: &mut Tx,
    shop: ShopId,
    buyer: BuyerId,
    name: &str,
) -> Result<bool, StoreError> {
    Ok(tx.exec(RENAME, args![shop, buyer, name]).await? == 1)
}

/// Puts the recipient of a buyer's order right. False: it is not this buyer's, or nothing of a person is in it any more.
pub async fn correct_order(
    tx: &mut Tx,
    shop: ShopId,
    (buyer, order): (BuyerId, PublicId),
    (name, phone, address): (Option<&str>, Option<&str>, Option<&str>),
    at: Timestamp,
) -> Result<bool, StoreError> {
    let values = args![shop, order, buyer, name, phone, address, at];
    Ok(tx.exec(CORRECT_ORDER, values).await? == 1)
}
