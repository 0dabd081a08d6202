//! Sign-ins one by one, second factors with their recovery codes, and what stands between password and code.

use xiaoer_domain::id::AccountId;
use xiaoer_domain::time::Timestamp;

use super::{Account, read_account};
use crate::{Row, StoreError, Tx, args, statements};

statements! {
    pub(crate) FIND_SIGN_IN = "SELECT a.id, a.login, a.name, a.lang, a.password_hash, a.disabled_at,
            s.id AS sign_in_id, s.seen_at, s.proven_at, f.confirmed_at, a.password_given_at
        FROM sign_in s
        JOIN account a ON a.id = s.account_id
        LEFT JOIN second_factor f ON f.account_id = a.id
        WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND a.disabled_at IS NULL";
    pub(crate) INSERT_SIGN_IN = "INSERT INTO sign_in
            (account_id, token_hash, created_at, expires_at, device, address, seen_at, proven_at)
        VALUES ($1, $2, $3, $4, $5, $6, $3, $3)
        RETURNING id";
    pub(crate) SEEN = "UPDATE sign_in
        SET seen_at = $2
        WHERE id = $1 AND (seen_at IS NULL OR seen_at < $2)";
    pub(crate) PROVEN = "UPDATE sign_in
        SET proven_at = $2
        WHERE id = $1 AND revoked_at IS NULL";
    pub(crate) LIST_SIGN_INS = "SELECT id, created_at, device, address, seen_at
        FROM sign_in
        WHERE account_id = $1 AND revoked_at IS NULL AND expires_at > $2
        ORDER BY id DESC
        LIMIT $3";
    pub(crate) REVOKE_ONE = "UPDATE sign_in
        SET revoked_at = $3
        WHERE account_id = $1 AND id = $2 AND revoked_at IS NULL";
    pub(crate) REVOKE_OTHERS = "UPDATE sign_in
        SET revoked_at = $3
        WHERE account_id = $1 AND id <> $2 AND revoked_at IS NULL AND expires_at > $3";
    pub(crate) FIND_FACTOR = "SELECT secret, confirmed_at, used_step
        FROM second_factor
        WHERE account_id = $1";
    pub(crate) BEGIN_FACTOR = "INSERT INTO second_factor (account_id, secret, made_at, used_step)
        VALUES ($1, $2, $3, 0)
        ON CONFLICT (account_id) DO UPDATE
        SET secret = excluded.secret, made_at = excluded.made_at, used_step = 0
        WHERE second_factor.confirmed_at IS NULL";
    pub(crate) CONFIRM_FACTOR = "UPDATE second_factor
        SET confirmed_at = $2
        WHERE account_id = $1 AND confirmed_at IS NULL";
    pub(crate) USE_STEP = "UPDATE second_factor
        SET used_step = $2
        WHERE account_id = $1 AND used_step < $2";
    pub(crate) DROP_FACTOR = "DELETE FROM second_factor
        WHERE account_id = $1";
    pub(crate) DROP_CODES = "DELETE FROM recovery_code
        WHERE account_id = $1";
    pub(crate) INSERT_CODE = "INSERT INTO recovery_code (account_id, code_hash)
        VALUES ($1, $2)";
    pub(crate) USE_CODE = "UPDATE recovery_code
        SET used_at = $3
        WHERE account_id = $1 AND code_hash = $2 AND used_at IS NULL";
    pub(crate) CODES_LEFT = "SELECT COUNT(*) AS left_over
        FROM recovery_code
        WHERE account_id = $1 AND used_at IS NULL";
    pub(crate) INSERT_CHALLENGE = "INSERT INTO sign_in_challenge (account_id, token_hash, expires_at, tries)
        VALUES ($1, $2, $3, $4)";
    pub(crate) FIND_CHALLENGE = "SELECT a.id, a.login, a.name, a.lang, a.password_hash, a.disabled_at
        FROM sign_in_challenge c
        JOIN account a ON a.id = c.account_id
        WHERE c.token_hash = $1 AND c.expires_at > $2 AND c.tries > 0 AND a.disabled_at IS NULL";
    pub(crate) TRY_CHALLENGE = "UPDATE sign_in_challenge
        SET tries = tries - 1
        WHERE token_hash = $1 AND expires_at > $2 AND tries > 0
        RETURNING tries";
    pub(crate) DROP_CHALLENGE = "DELETE FROM sign_in_challenge
        WHERE token_hash = $1";
    pub(crate) DROP_OLD_CHALLENGES = "DELETE FROM sign_in_challenge
        WHERE expires_at <= $1";
    pub(crate) DROP_CHALLENGES_OF = "DELETE FROM sign_in_challenge
        WHERE account_id = $1";
}

/// Who a living token stands for.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Row of the sign-in.
    pub id: i64,
    /// Whose it is.
    pub account: Account,
    /// When it was last used, to a few minutes.
    pub seen_at: Option<Timestamp>,
    /// When the person last gave password or code.
    pub proven_at: Option<Timestamp>,
    /// Whether a second factor is in use.
    pub has_factor: bool,
    /// Whether the password is one that somebody else gave.
    pub password_is_given: bool,
}

/// A sign-in as its owner sees it.
#[derive(Clone, Debug)]
pub struct SignInRow {
    /// Row.
    pub id: i64,
    /// Since when.
    pub created_at: Timestamp,
    /// What the browser calls itself.
    pub device: Option<String>,
    /// Where from.
    pub address: Option<String>,
    /// When it was last used.
    pub seen_at: Option<Timestamp>,
}

/// A second factor.
#[derive(Clone)]
pub struct Factor {
    /// The shared secret.
    pub secret: Vec<u8>,
    /// When the first code proved it; None: not in use yet.
    pub confirmed_at: Option<Timestamp>,
    /// The latest step whose code was taken.
    pub used_step: i64,
}

/// A new sign-in.
#[derive(Clone, Copy, Debug)]
pub struct NewSignIn<'n> {
    /// Whose.
    pub account: AccountId,
    /// Hash of its token.
    pub token_hash: &'n [u8; 32],
    /// Now.
    pub at: Timestamp,
    /// When it ends by itself.
    pub expires: Timestamp,
    /// What the browser calls itself.
    pub device: &'n str,
    /// Where from.
    pub address: &'n str,
}

/// Who a living token stands for.
pub async fn find_signed_in(
    tx: &mut Tx,
    token_hash: &[u8; 32],
    now: Timestamp,
) -> Result<Option<SignedIn>, StoreError> {
    let row = tx.opt(FIND_SIGN_IN, args![token_hash, now]).await?;
    row.as_ref().map(read_signed_in).transpose()
}

/// Stores a sign-in, which is proven now.
pub async fn insert_sign_in(tx: &mut Tx, new: NewSignIn<'_>) -> Result<i64, StoreError> {
    let values = args![new.account, new.token_hash, new.at, new.expires, new.device, new.address];
    tx.one(INSERT_SIGN_IN, values).await?.get("id")
}

/// Notes that a sign-in was used.
pub async fn seen(tx: &mut Tx, sign_in: i64, at: Timestamp) -> Result<(), StoreError> {
    tx.exec(SEEN, args![sign_in, at]).await.map(|_| ())
}

/// Notes that the person of a sign-in gave password or code.
pub async fn proven(tx: &mut Tx, sign_in: i64, at: Timestamp) -> Result<(), StoreError> {
    tx.exec(PROVEN, args![sign_in, at]).await.map(|_| ())
}

/// The living sign-ins of an account, newest first.
pub async fn list_sign_ins(
    tx: &mut Tx,
    account: AccountId,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<SignInRow>, StoreError> {
    let rows = tx.all(LIST_SIGN_INS, args![account, now, limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(SignInRow {
                id: row.get("id")?,
                created_at: row.get("created_at")?,
                device: row.get("device")?,
                address: row.get("address")?,
                seen_at: row.get("seen_at")?,
            })
        })
        .collect()
}

/// Ends one sign-in of an account; false if there is none.
pub async fn revoke_one(
    tx: &mut Tx,
    account: AccountId,
    sign_in: i64,
    at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.exec(REVOKE_ONE, args![account, sign_in, at]).await? == 1)
}

/// Ends every sign-in of an account but one; how many.
pub async fn revoke_others(
    tx: &mut Tx,
    account: AccountId,
    kept: i64,
    at: Timestamp,
) -> Result<u64, StoreError> {
    tx.exec(REVOKE_OTHERS, args![account, kept, at]).await
}

/// The second factor of an account.
pub async fn find_factor(tx: &mut Tx, account: AccountId) -> Result<Option<Factor>, StoreError> {
    let row = tx.opt(FIND_FACTOR, args![account]).await?;
    row.map(|row| {
        Ok(Factor {
            secret: row.get("secret")?,
            confirmed_at: row.get("confirmed_at")?,
            used_step: row.get("used_step")?,
        })
    })
    .transpose()
}

/// Begins a second factor; false when one is in use.
pub async fn begin_factor(
    tx: &mut Tx,
    account: AccountId,
    secret: &[u8],
    at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.exec(BEGIN_FACTOR, args![account, secret, at]).await? == 1)
}

/// Takes a begun second factor into use; false when there is none that waits.
pub async fn confirm_factor(
    tx: &mut Tx,
    account: AccountId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.exec(CONFIRM_FACTOR, args![account, at]).await? == 1)
}

/// Takes the code of a step; false when that step or a later one was taken before.
pub async fn use_step(tx: &mut Tx, account: AccountId, step: i64) -> Result<bool, StoreError> {
    Ok(tx.exec(USE_STEP, args![account, step]).await? == 1)
}

/// Takes the second factor and its recovery codes away; whether there was one.
pub async fn drop_factor(tx: &mut Tx, account: AccountId) -> Result<bool, StoreError> {
    tx.exec(DROP_CODES, args![account]).await?;
    tx.exec(DROP_CHALLENGES_OF, args![account]).await?;
    Ok(tx.exec(DROP_FACTOR, args![account]).await? == 1)
}

/// New recovery codes in place of all old ones.
pub async fn set_codes(
    tx: &mut Tx,
    account: AccountId,
    hashes: &[[u8; 32]],
) -> Result<(), StoreError> {
    tx.exec(DROP_CODES, args![account]).await?;
    for hash in hashes {
        tx.exec(INSERT_CODE, args![account, hash]).await?;
    }
    Ok(())
}

/// Uses a recovery code up; false when there is none such.
pub async fn use_code(
    tx: &mut Tx,
    account: AccountId,
    hash: &[u8; 32],
    at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.exec(USE_CODE, args![account, hash, at]).await? == 1)
}

/// Recovery codes that are left.
pub async fn codes_left(tx: &mut Tx, account: AccountId) -> Result<i64, StoreError> {
    tx.one(CODES_LEFT, args![account]).await?.get("left_over")
}

/// Remembers that a password was right and a code is awaited; forgets those whose time is over.
pub async fn insert_challenge(
    tx: &mut Tx,
    account: AccountId,
    token_hash: &[u8; 32],
    (now, expires): (Timestamp, Timestamp),
    tries: i64,
) -> Result<(), StoreError> {
    tx.exec(DROP_OLD_CHALLENGES, args![now]).await?;
    tx.exec(INSERT_CHALLENGE, args![account, token_hash, expires, tries]).await.map(|_| ())
}

/// Whose code is awaited.
pub async fn find_challenge(
    tx: &mut Tx,
    token_hash: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Account>, StoreError> {
    tx.opt(FIND_CHALLENGE, args![token_hash, now]).await?.as_ref().map(read_account).transpose()
}

/// Takes one of a challenge's tries; how many are left after it, None: it is over.
pub async fn try_challenge(
    tx: &mut Tx,
    token_hash: &[u8; 32],
    now: Timestamp,
) -> Result<Option<i64>, StoreError> {
    tx.opt(TRY_CHALLENGE, args![token_hash, now]).await?.map(|row| row.get("tries")).transpose()
}

/// Ends a challenge.
pub async fn drop_challenge(tx: &mut Tx, token_hash: &[u8; 32]) -> Result<(), StoreError> {
    tx.exec(DROP_CHALLENGE, args![token_hash]).await.map(|_| ())
}

fn read_signed_in(row: &Row) -> Result<SignedIn, StoreError> {
    let confirmed_at: Option<i64> = row.get("confirmed_at")?;
    let given_at: Option<i64> = row.get("password_given_at")?;
    Ok(SignedIn {
        id: row.get("sign_in_id")?,
        account: read_account(row)?,
        seen_at: row.get("seen_at")?,
        proven_at: row.get("proven_at")?,
        has_factor: confirmed_at.is_some(),
        password_is_given: given_at.is_some(),
    })
}
