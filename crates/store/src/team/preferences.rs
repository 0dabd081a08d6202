//! How a person likes the desk: one JSON object an account.

use xiaoer_domain::id::AccountId;
use xiaoer_domain::time::Timestamp;

use crate::{StoreError, Tx, args, statements};

statements! {
    pub(crate) FIND = "SELECT version, document
        FROM preference
        WHERE account_id = $1";
    pub(crate) INSERT = "INSERT INTO preference (account_id, version, document, updated_at)
        VALUES ($1, 1, $2, $3)
        ON CONFLICT (account_id) DO NOTHING
        RETURNING version";
    pub(crate) UPDATE = "UPDATE preference
        SET version = version + 1, document = $3, updated_at = $4
        WHERE account_id = $1 AND version = $2
        RETURNING version";
}

/// A document and how often it was changed; 0: never.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// Changes so far.
    pub version: i64,
    /// JSON object.
    pub document: String,
}

/// What this account has chosen.
pub async fn find(tx: &mut Tx, account: AccountId) -> Result<Option<Preferences>, StoreError> {
    let row = tx.opt(FIND, args![account]).await?;
    row.map(|row| Ok(Preferences { version: row.get("version")?, document: row.get("document")? }))
        .transpose()
}

/// Replaces the document if it still has this version. None: somebody was faster.
pub async fn replace(
    tx: &mut Tx,
    account: AccountId,
    version: i64,
    document: &str,
    at: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let row = if version == 0 {
        tx.opt(INSERT, args![account, document, at]).await?
    } else {
        tx.opt(UPDATE, args![account, version, document, at]).await?
    };
    row.map(|row| row.get("version")).transpose()
}
