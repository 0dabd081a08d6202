//! The audit log: rows are added here and read; the database refuses everything else.

use xiaoer_domain::id::{AccountId, ShopId};
use xiaoer_domain::time::Timestamp;

use crate::{Row, StoreError, Tx, args, statements};

statements! {
    pub(crate) INSERT_AUDIT = "INSERT INTO audit
            (shop_id, at, account_id, via, address, kind, target, before, after)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    pub(crate) LIST_AUDIT = "SELECT u.id, u.at, u.account_id, a.name, a.login, u.via, u.address, u.kind, u.target,
            u.before, u.after
        FROM audit u
        LEFT JOIN account a ON a.id = u.account_id
        WHERE u.shop_id = $1 AND u.id < $2
          AND (CAST($3 AS BIGINT) IS NULL OR u.account_id = $3)
          AND (CAST($4 AS TEXT) IS NULL OR u.kind = $4)
          AND u.at >= $5 AND u.at < $6
        ORDER BY u.id DESC
        LIMIT $7";
    pub(crate) SHOPS_OF = "SELECT shop_id
        FROM membership
        WHERE account_id = $1
        ORDER BY shop_id
        LIMIT 1000", installation: "one person's shops";
}

/// One row to be added.
#[derive(Clone, Debug)]
pub struct NewAudit<'n> {
    /// When.
    pub at: Timestamp,
    /// Who; None: the house, or somebody at the terminal.
    pub account: Option<AccountId>,
    /// By which door.
    pub via: &'n str,
    /// From where.
    pub address: Option<&'n str>,
    /// What.
    pub kind: &'n str,
    /// On what.
    pub target: Option<&'n str>,
    /// As it was, as JSON of codes and ids.
    pub before: Option<&'n str>,
    /// As it is now.
    pub after: Option<&'n str>,
}

/// A row of the log.
#[derive(Clone, Debug)]
pub struct AuditRow {
    /// Row; grows with time.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub account: Option<AccountId>,
    /// Their name today.
    pub name: Option<String>,
    /// Their login.
    pub login: Option<String>,
    /// By which door.
    pub via: String,
    /// From where.
    pub address: Option<String>,
    /// What.
    pub kind: String,
    /// On what.
    pub target: Option<String>,
    /// As it was.
    pub before: Option<String>,
    /// As it is now.
    pub after: Option<String>,
}

/// Which rows are read.
#[derive(Clone, Debug)]
pub struct AuditQuery {
    /// Rows before this one.
    pub before: i64,
    /// Of this person only.
    pub account: Option<AccountId>,
    /// Of this kind only.
    pub kind: Option<String>,
    /// Not earlier.
    pub from: Timestamp,
    /// Earlier than this.
    pub until: Timestamp,
    /// At most so many.
    pub limit: i64,
}

/// Adds a row; without a shop it concerns the installation.
pub async fn insert(
    tx: &mut Tx,
    shop: Option<ShopId>,
    new: &NewAudit<'_>,
) -> Result<(), StoreError> {
    let values = args![
        shop,
        new.at,
        new.account,
        new.via,
        new.address,
        new.kind,
        new.target,
        new.before,
        new.after
    ];
    tx.exec(INSERT_AUDIT, values).await.map(|_| ())
}

/// Adds a row to every shop in which an account works, or to the installation if it works in none.
pub async fn insert_everywhere(
    tx: &mut Tx,
    account: AccountId,
    new: &NewAudit<'_>,
) -> Result<(), StoreError> {
    let shops: Vec<ShopId> = tx
        .all(SHOPS_OF, args![account])
        .await?
        .iter()
        .map(|row| row.get("shop_id"))
        .collect::<Result<_, _>>()?;
    if shops.is_empty() {
        return insert(tx, None, new).await;
    }
    for shop in shops {
        insert(tx, Some(shop), new).await?;
    }
    Ok(())
}

/// A page of a shop's log, newest first.
pub async fn list(
    tx: &mut Tx,
    shop: ShopId,
    query: &AuditQuery,
) -> Result<Vec<AuditRow>, StoreError> {
    let values = args![
        shop,
        query.before,
        query.account,
        query.kind.as_deref(),
        query.from,
        query.until,
        query.limit
    ];
    tx.all(LIST_AUDIT, values).await?.iter().map(read_row).collect()
}

fn read_row(row: &Row) -> Result<AuditRow, StoreError> {
    Ok(AuditRow {
        id: row.get("id")?,
        at: row.get("at")?,
        account: row.get("account_id")?,
        name: row.get("name")?,
        login: row.get("login")?,
        via: row.get("via")?,
        address: row.get("address")?,
        kind: row.get("kind")?,
        target: row.get("target")?,
        before: row.get("before")?,
        after: row.get("after")?,
    })
}
