//! Telephone calls with buyers, and who must not be called.

use xiaoer_domain::id::{AccountId, CallId, ConversationId, ShopId};
use xiaoer_domain::private::Private;
use xiaoer_domain::team::call::Outcome;
use xiaoer_domain::time::Timestamp;

use crate::{Row, StoreError, Tx, args, statements};

statements! {
    pub(crate) CALLS = "SELECT p.id, p.phone, p.reason, p.outcome, p.note, p.made_by, a.name AS maker, p.at, p.next_at
        FROM phone_call p
        JOIN account a ON a.id = p.made_by
        WHERE p.shop_id = $1 AND p.conversation_id = $2
        ORDER BY p.id DESC
        LIMIT $3";
    pub(crate) INSERT_CALL = "INSERT INTO phone_call (shop_id, conversation_id, phone, reason, outcome, note, made_by, at, next_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    pub(crate) PROTECTION = "SELECT p.reason, p.made_by, a.name AS maker, p.at
        FROM call_protection p
        JOIN account a ON a.id = p.made_by
        WHERE p.shop_id = $1 AND p.conversation_id = $2";
    pub(crate) PROTECT = "INSERT INTO call_protection (shop_id, conversation_id, reason, made_by, at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (shop_id, conversation_id) DO UPDATE
        SET reason = excluded.reason, made_by = excluded.made_by, at = excluded.at";
    pub(crate) UNPROTECT = "DELETE FROM call_protection
        WHERE shop_id = $1 AND conversation_id = $2";
}

/// A call.
#[derive(Clone, Debug)]
pub struct StoredCall {
    /// Row.
    pub id: CallId,
    /// The number that was called.
    pub phone: Private,
    /// Why.
    pub reason: String,
    /// What came of it.
    pub outcome: Outcome,
    /// What was said.
    pub note: String,
    /// Who called.
    pub by: (AccountId, String),
    /// When.
    pub at: Timestamp,
    /// When the next try is due.
    pub next_at: Option<Timestamp>,
}

/// Why and by whom a buyer must not be called, and since when.
pub type Protection = (String, AccountId, String, Timestamp);

/// Calls about a conversation, the latest first.
pub async fn list(
    tx: &mut Tx,
    shop: ShopId,
    of: ConversationId,
    limit: i64,
) -> Result<Vec<StoredCall>, StoreError> {
    let read = |row: &Row| {
        let outcome = |word: String| Outcome::parse(&word).ok_or("no outcome of a call");
        Ok(StoredCall {
            id: row.get("id")?,
            phone: Private::new(row.get("phone")?),
            reason: row.get("reason")?,
            outcome: row.parse("outcome", outcome)?,
            note: row.get("note")?,
            by: (row.get("made_by")?, row.get("maker")?),
            at: row.get("at")?,
            next_at: row.get("next_at")?,
        })
    };
    tx.all(CALLS, args![shop, of, limit]).await?.iter().map(read).collect()
}

/// A call was made; its id does not matter here.
pub async fn insert(
    tx: &mut Tx,
    shop: ShopId,
    of: ConversationId,
    call: &StoredCall,
) -> Result<(), StoreError> {
    let StoredCall { phone, reason, outcome, note, by, at, next_at, .. } = call;
    let args = args![shop, of, phone.reveal(), reason, outcome.word(), note, by.0, *at, *next_at];
    tx.exec(INSERT_CALL, args).await.map(drop)
}

/// Whether the buyer must not be called.
pub async fn protection(
    tx: &mut Tx,
    shop: ShopId,
    of: ConversationId,
) -> Result<Option<Protection>, StoreError> {
    let row = tx.opt(PROTECTION, args![shop, of]).await?;
    let read = |row: &Row| {
        Ok((row.get("reason")?, row.get("made_by")?, row.get("maker")?, row.get("at")?))
    };
    row.as_ref().map(read).transpose()
}

/// The buyer must not be called.
pub async fn protect(
    tx: &mut Tx,
    shop: ShopId,
    of: ConversationId,
    reason: &str,
    by: AccountId,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(PROTECT, args![shop, of, reason, by, at]).await.map(drop)
}

/// The buyer may be called again.
pub async fn unprotect(tx: &mut Tx, shop: ShopId, of: ConversationId) -> Result<(), StoreError> {
    tx.exec(UNPROTECT, args![shop, of]).await.map(drop)
}
