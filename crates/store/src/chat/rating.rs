//! What buyers thought of sessions. One for each session.

use xiaoer_domain::chat::{Rating, RatingReason};
use xiaoer_domain::id::{ConversationId, SessionId, ShopId};
use xiaoer_domain::time::Timestamp;

use crate::{Row, StoreError, Tx, args, statements};

/// Ratings of one conversation that are read.
const RATINGS_MAX: i64 = 200;

statements! {
    pub(crate) RATED_SESSION = "SELECT closed_at
        FROM session
        WHERE shop_id = $1 AND id = $2 AND conversation_id = $3";
    pub(crate) FIND_RATING = "SELECT session_id, stars, reasons, text, created_at, changed_at
        FROM rating
        WHERE shop_id = $1 AND session_id = $2";
    /// The newest of a conversation.
    pub(crate) RATINGS_OF = "SELECT session_id, stars, reasons, text, created_at, changed_at
        FROM rating
        WHERE shop_id = $1 AND conversation_id = $2
        ORDER BY created_at DESC
        LIMIT $3";
    /// A rating changes while its first version is young; later nothing is returned.
    pub(crate) PUT_RATING = "INSERT INTO rating (shop_id, session_id, conversation_id, stars, reasons, text, created_at, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
        ON CONFLICT (shop_id, session_id) DO UPDATE
        SET stars = excluded.stars, reasons = excluded.reasons, text = excluded.text, changed_at = excluded.changed_at
        WHERE rating.created_at > $8
        RETURNING created_at";
}

/// A rating as it is stored.
#[derive(Clone, Debug)]
pub struct StoredRating {
    /// Of which session.
    pub session: SessionId,
    /// What was said.
    pub rating: Rating,
    /// First given.
    pub created_at: Timestamp,
    /// Last changed.
    pub changed_at: Timestamp,
}

/// When the session ended; the outer absence: there is none of this number in the conversation.
pub async fn session_end(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    session: SessionId,
) -> Result<Option<Option<Timestamp>>, StoreError> {
    let row = tx.opt(RATED_SESSION, args![shop, session, conversation]).await?;
    row.map(|row| row.get("closed_at")).transpose()
}

/// The rating of a session.
pub async fn find(
    tx: &mut Tx,
    shop: ShopId,
    session: SessionId,
) -> Result<Option<StoredRating>, StoreError> {
    tx.opt(FIND_RATING, args![shop, session]).await?.as_ref().map(read).transpose()
}

/// The ratings of a conversation, newest first.
pub async fn of_conversation(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
) -> Result<Vec<StoredRating>, StoreError> {
    let rows = tx.all(RATINGS_OF, args![shop, conversation, RATINGS_MAX]).await?;
    rows.iter().map(read).collect()
}

/// Stores a rating, or changes one first given after `first_after`. False: it is too old to change.
pub async fn put(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    session: SessionId,
    rating: &Rating,
    now: Timestamp,
    first_after: Timestamp,
) -> Result<bool, StoreError> {
    let (stars, reasons) = (i64::from(rating.stars), rating.reason_words());
    let values =
        args![shop, session, conversation, stars, reasons, rating.text.clone(), now, first_after];
    Ok(tx.opt(PUT_RATING, values).await?.is_some())
}

fn read(row: &Row) -> Result<StoredRating, StoreError> {
    let reasons: String = row.get("reasons")?;
    Ok(StoredRating {
        session: row.get("session_id")?,
        rating: Rating {
            stars: row.get("stars")?,
            // A word of a newer server is left out.
            reasons: reasons.split_whitespace().filter_map(RatingReason::parse).collect(),
            text: row.get("text")?,
        },
        created_at: row.get("created_at")?,
        changed_at: row.get("changed_at")?,
    })
}
