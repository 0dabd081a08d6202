//! What a shop says by itself, and when each buyer heard it last.

use xiaoer_domain::id::{AccountId, ConversationId, SessionId, ShopId};
use xiaoer_domain::phrases::{AutoRule, Occasion, Validity};
use xiaoer_domain::time::{Span, Timestamp};

use crate::{Row, StoreError, Tx, args, statements};

/// Replies of a shop: a page shows them all.
pub const AUTO_REPLIES_MAX: i64 = 50;
/// Texts of all of them.
const TEXTS_MAX: i64 = 500;

statements! {
    pub(crate) REPLIES = "SELECT id, occasion, name, is_on, valid_from, valid_to, again_minutes, updated_at
        FROM auto_reply
        WHERE shop_id = $1
        ORDER BY id
        LIMIT $2";
    pub(crate) TEXTS = "SELECT reply_id, text
        FROM auto_reply_text
        WHERE shop_id = $1
        ORDER BY reply_id, place
        LIMIT $2";
    pub(crate) INSERT_REPLY = "INSERT INTO auto_reply (shop_id, occasion, name, is_on, valid_from, valid_to, again_minutes,
          writer_id, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        RETURNING id";
    pub(crate) UPDATE_REPLY = "UPDATE auto_reply
        SET name = $3, is_on = $4, valid_from = $5, valid_to = $6, again_minutes = $7, writer_id = $8, updated_at = $9
        WHERE shop_id = $1 AND id = $2";
    pub(crate) DELETE_REPLY = "DELETE FROM auto_reply
        WHERE shop_id = $1 AND id = $2";
    pub(crate) DELETE_TEXTS = "DELETE FROM auto_reply_text
        WHERE shop_id = $1 AND reply_id = $2";
    pub(crate) DELETE_SAID = "DELETE FROM auto_said
        WHERE shop_id = $1 AND reply_id = $2";
    pub(crate) INSERT_TEXT = "INSERT INTO auto_reply_text (shop_id, reply_id, place, text)
        VALUES ($1, $2, $3, $4)";
    /// Takes the turn to say it to a buyer; no row when it was said after $5.
    pub(crate) CLAIM = "INSERT INTO auto_said (shop_id, reply_id, conversation_id, said_at)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (shop_id, reply_id, conversation_id) DO UPDATE
        SET said_at = excluded.said_at
        WHERE auto_said.said_at <= $5";
    pub(crate) OLDER_SESSION = "SELECT id
        FROM session
        WHERE shop_id = $1 AND conversation_id = $2 AND id < $3
        ORDER BY id
        LIMIT 1";
    /// Buyers who have waited since before $2 and have heard the reply $3 neither in this wait nor after $4.
    pub(crate) LONG_WAITS => {
        sqlite: "SELECT s.conversation_id
            FROM session s INDEXED BY session_agent
            WHERE s.shop_id = $1 AND s.closed_at IS NULL AND s.waiting_since <= $2
              AND NOT EXISTS (SELECT 1 FROM auto_said a
                WHERE a.shop_id = $1 AND a.reply_id = $3 AND a.conversation_id = s.conversation_id
                  AND (a.said_at > $4 OR a.said_at >= s.waiting_since))
            ORDER BY s.waiting_since
            LIMIT $5",
        postgres: "SELECT s.conversation_id
            FROM session s
            WHERE s.shop_id = $1 AND s.closed_at IS NULL AND s.waiting_since <= $2
              AND NOT EXISTS (SELECT 1 FROM auto_said a
                WHERE a.shop_id = $1 AND a.reply_id = $3 AND a.conversation_id = s.conversation_id
                  AND (a.said_at > $4 OR a.said_at >= s.waiting_since))
            ORDER BY s.waiting_since
            LIMIT $5",
    };
}

/// A reply with its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AutoReply {
    /// When it is said.
    pub rule: AutoRule,
    /// What people call it.
    pub name: String,
    /// What is said, one of these.
    pub texts: Vec<String>,
    /// Last written.
    pub updated_at: Timestamp,
}

/// Every reply of a shop, oldest first.
pub async fn list(tx: &mut Tx, shop: ShopId) -> Result<Vec<AutoReply>, StoreError> {
    let rows = tx.all(REPLIES, args![shop, AUTO_REPLIES_MAX]).await?;
    let mut replies: Vec<AutoReply> = rows.iter().map(read).collect::<Result<_, _>>()?;
    if replies.is_empty() {
        return Ok(replies);
    }
    for row in tx.all(TEXTS, args![shop, TEXTS_MAX]).await? {
        let of: i64 = row.get("reply_id")?;
        if let Some(reply) = replies.iter_mut().find(|reply| reply.rule.id == of) {
            reply.texts.push(row.get("text")?);
        }
    }
    Ok(replies)
}

/// Writes a reply, a new one for the number 0; a written one keeps its occasion. Gives its number; None when there is
/// none of this number. A second one for an occasion that takes one is [`StoreError::Unique`].
pub async fn write(
    tx: &mut Tx,
    shop: ShopId,
    reply: &AutoReply,
    writer: AccountId,
) -> Result<Option<i64>, StoreError> {
    let AutoRule { id, occasion, is_on, validity, again_after } = reply.rule;
    let (on, again) = (i64::from(is_on), again_after.micros() / MICROS_PER_MINUTE);
    let (from, to, name, at) = (validity.from(), validity.to(), &reply.name, reply.updated_at);
    let id = if id == 0 {
        let args = args![shop, occasion.code(), name, on, from, to, again, writer, at];
        tx.one(INSERT_REPLY, args).await?.get("id")?
    } else {
        let args = args![shop, id, name, on, from, to, again, writer, at];
        if tx.exec(UPDATE_REPLY, args).await? == 0 {
            return Ok(None);
        }
        id
    };
    tx.exec(DELETE_TEXTS, args![shop, id]).await?;
    for (place, text) in (0_i64..).zip(&reply.texts) {
        tx.exec(INSERT_TEXT, args![shop, id, place, text]).await?;
    }
    Ok(Some(id))
}

/// Removes a reply and what is known of whom it was said to; false when there is none.
pub async fn remove(tx: &mut Tx, shop: ShopId, id: i64) -> Result<bool, StoreError> {
    for statement in [DELETE_TEXTS, DELETE_SAID] {
        tx.exec(statement, args![shop, id]).await?;
    }
    Ok(tx.exec(DELETE_REPLY, args![shop, id]).await? > 0)
}

/// Takes the turn to say a reply to a buyer; false when the buyer heard it after `heard_after`.
pub async fn claim(
    tx: &mut Tx,
    shop: ShopId,
    reply: i64,
    conversation: ConversationId,
    now: Timestamp,
    heard_after: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.exec(CLAIM, args![shop, reply, conversation, now, heard_after]).await? > 0)
}

/// Whether a conversation had a session before this one.
pub async fn had_session_before(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    session: SessionId,
) -> Result<bool, StoreError> {
    Ok(tx.opt(OLDER_SESSION, args![shop, conversation, session]).await?.is_some())
}

/// Conversations whose buyers have waited since before `since` and have not heard a reply after `heard_after`.
pub async fn long_waits(
    tx: &mut Tx,
    shop: ShopId,
    since: Timestamp,
    (reply, heard_after): (i64, Timestamp),
    limit: i64,
) -> Result<Vec<ConversationId>, StoreError> {
    let rows = tx.all(LONG_WAITS, args![shop, since, reply, heard_after, limit]).await?;
    rows.iter().map(|row| row.get("conversation_id")).collect()
}

const MICROS_PER_MINUTE: i64 = 60_000_000;

/// A span of so many minutes.
#[must_use]
pub const fn minutes(count: i64) -> Span {
    Span::from_micros(count.saturating_mul(MICROS_PER_MINUTE))
}

fn read(row: &Row) -> Result<AutoReply, StoreError> {
    Ok(AutoReply {
        rule: AutoRule {
            id: row.get("id")?,
            occasion: row.parse("occasion", |code: i64| {
                Occasion::from_code(code).ok_or("no known occasion")
            })?,
            is_on: row.get::<i64>("is_on")? != 0,
            validity: Validity::parse(row.get("valid_from")?, row.get("valid_to")?)
                .unwrap_or_default(),
            again_after: minutes(row.get("again_minutes")?),
        },
        name: row.get("name")?,
        texts: Vec::new(),
        updated_at: row.get("updated_at")?,
    })
}
