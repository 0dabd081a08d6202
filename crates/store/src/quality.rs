//! The guard's rows: levels and words of a shop, what was noted of messages, whose a number or address is, and old messages by pages.

use xiaoer_domain::chat::Side;
use xiaoer_domain::id::{AccountId, BuyerId, ConversationId, ShopId};
use xiaoer_domain::time::Timestamp;

use crate::{Row, StoreError, Tx, args, statements};

/// Most dated levels of a shop that are read.
const LEVELS_MAX: i64 = 5_000;
/// Most words of a shop, with those that hold no longer.
pub const WORDS_MAX: i64 = 40_000;
/// Lines of a buyer in which a number is looked for.
const SAID_MAX: i64 = 100;

statements! {
    pub(crate) VERSION = "SELECT version
        FROM guard_version
        WHERE shop_id = $1";
    pub(crate) RAISE_VERSION = "INSERT INTO guard_version (shop_id, version)
        VALUES ($1, 1)
        ON CONFLICT (shop_id) DO UPDATE
        SET version = guard_version.version + 1";
    pub(crate) LEVELS = "SELECT rule, valid_from, level
        FROM guard_level
        WHERE shop_id = $1
        ORDER BY rule, valid_from
        LIMIT $2";
    pub(crate) SET_LEVEL = "INSERT INTO guard_level (shop_id, rule, valid_from, level, account_id)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (shop_id, rule, valid_from) DO UPDATE
        SET level = excluded.level, account_id = excluded.account_id";
    pub(crate) WORDS = "SELECT id, rule, exempt, word, better, valid_from, valid_until
        FROM guard_word
        WHERE shop_id = $1
        ORDER BY id
        LIMIT $2";
    pub(crate) COUNT_WORDS = "SELECT COUNT(*) AS words
        FROM guard_word
        WHERE shop_id = $1";
    pub(crate) INSERT_WORD = "INSERT INTO guard_word (shop_id, rule, exempt, word, better, valid_from, valid_until, account_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        RETURNING id";
    pub(crate) FIND_WORD = "SELECT id, rule, exempt, word, better, valid_from, valid_until
        FROM guard_word
        WHERE shop_id = $1 AND id = $2";
    pub(crate) END_WORD = "UPDATE guard_word
        SET valid_until = $3
        WHERE shop_id = $1 AND id = $2 AND (valid_until IS NULL OR valid_until > $3)";
    pub(crate) INSERT_NOTE = "INSERT INTO guard_note (shop_id, conversation_id, entry_seq, rule, level, word, account_id, reason, at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (shop_id, conversation_id, entry_seq, rule) DO NOTHING";
    pub(crate) NOTES = "SELECT n.id, n.entry_seq, n.rule, n.level, n.word, n.reason, n.at, a.name AS agent, c.public_id
        FROM guard_note n
        JOIN account a ON a.id = n.account_id
        JOIN conversation c ON c.shop_id = n.shop_id AND c.id = n.conversation_id
        WHERE n.shop_id = $1 AND n.id < $2
        ORDER BY n.id DESC
        LIMIT $3";
    pub(crate) BUYER_OF = "SELECT buyer_id
        FROM conversation
        WHERE shop_id = $1 AND id = $2";
    pub(crate) ORDERS_OF_NUMBER = "SELECT buyer_id
        FROM shop_order
        WHERE shop_id = $1 AND number = $2
        LIMIT 10";
    pub(crate) ORDERS_OF_PHONE = "SELECT buyer_id
        FROM shop_order
        WHERE shop_id = $1 AND phone = $2
        LIMIT 100";
    /// Whose addresses end so; the index is over the same expression.
    pub(crate) ORDERS_OF_ADDRESS => {
        sqlite: "SELECT substr(replace(o.address, ' ', ''), -12) AS address_end, o.buyer_id
            FROM json_each($2) AS k
            CROSS JOIN shop_order AS o
              ON o.shop_id = $1 AND o.address IS NOT NULL AND substr(replace(o.address, ' ', ''), -12) = k.value
            LIMIT 100",
        postgres: "SELECT right(replace(address, ' ', ''), 12) AS address_end, buyer_id
            FROM shop_order
            WHERE shop_id = $1 AND address IS NOT NULL AND right(replace(address, ' ', ''), 12) = ANY($2)
            LIMIT 100",
    };
    pub(crate) SAID_BY_BUYER = "SELECT text
        FROM entry
        WHERE shop_id = $1 AND conversation_id = $2 AND lane = 0 AND side = $3 AND text IS NOT NULL
        ORDER BY seq DESC
        LIMIT $4";
    pub(crate) LAST_ENTRY = "SELECT id
        FROM entry
        ORDER BY id DESC
        LIMIT 1", installation: "an upper end of row ids, no row of a shop";
    /// A stretch of row ids; the sign keeps SQLite from an index that begins with the shop.
    pub(crate) AGENT_LINES = "SELECT id, conversation_id, lane, seq, at, message, side,
          CASE WHEN recalled_by IS NULL THEN text END AS text
        FROM entry
        WHERE +shop_id = $1 AND id <= $2 AND id > $3
        ORDER BY id DESC";
}

/// A level and the moment from which it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredLevel {
    /// Word of the rule.
    pub rule: String,
    /// From when.
    pub valid_from: Timestamp,
    /// Word of the level.
    pub level: String,
}

/// A word or exception of a shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredWord {
    /// Its row; 0 for a new one.
    pub id: i64,
    /// Word of the rule.
    pub rule: String,
    /// Whether it is an exception.
    pub exempt: bool,
    /// As it is written.
    pub word: String,
    /// What could be said in its place.
    pub better: Option<String>,
    /// From when.
    pub valid_from: Timestamp,
    /// Until when.
    pub valid_until: Option<Timestamp>,
}

/// What is noted of a message that left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNote {
    /// Where.
    pub conversation: ConversationId,
    /// Which entry of the buyer lane.
    pub entry_seq: i64,
    /// Word of the rule.
    pub rule: &'static str,
    /// Word of the level.
    pub level: &'static str,
    /// The rule's word.
    pub word: String,
    /// Who sent it.
    pub account: AccountId,
    /// Why all the same; None: it was a warning.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// A note as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredNote {
    /// Its row.
    pub id: i64,
    /// Where, as the wire names it.
    pub conversation: xiaoer_domain::id::PublicId,
    /// Which entry of the buyer lane.
    pub entry_seq: i64,
    /// Word of the rule.
    pub rule: String,
    /// Word of the level.
    pub level: String,
    /// The rule's word.
    pub word: String,
    /// Who sent it.
    pub agent: String,
    /// Why all the same.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// A message of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastLine {
    /// Where.
    pub conversation: ConversationId,
    /// Which entry.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: String,
}

/// How often the rules of a shop changed.
pub async fn version(tx: &mut Tx, shop: ShopId) -> Result<i64, StoreError> {
    let row = tx.opt(VERSION, args![shop]).await?;
    Ok(row.map(|row| row.get("version")).transpose()?.unwrap_or(0))
}

/// The rules of a shop changed.
pub async fn raise_version(tx: &mut Tx, shop: ShopId) -> Result<(), StoreError> {
    tx.exec(RAISE_VERSION, args![shop]).await.map(drop)
}

/// Every dated level of a shop, by rule and date.
pub async fn levels(tx: &mut Tx, shop: ShopId) -> Result<Vec<StoredLevel>, StoreError> {
    let rows = tx.all(LEVELS, args![shop, LEVELS_MAX]).await?;
    rows.iter()
        .map(|row| {
            Ok(StoredLevel {
                rule: row.get("rule")?,
                valid_from: row.get("valid_from")?,
                level: row.get("level")?,
            })
        })
        .collect()
}

/// Sets the level of a rule from a moment on.
pub async fn set_level(
    tx: &mut Tx,
    shop: ShopId,
    level: &StoredLevel,
    by: AccountId,
) -> Result<(), StoreError> {
    let StoredLevel { rule, valid_from, level } = level;
    tx.exec(SET_LEVEL, args![shop, rule, *valid_from, level, by]).await.map(drop)
}

/// Every word of a shop, with those that hold no longer.
pub async fn words(tx: &mut Tx, shop: ShopId) -> Result<Vec<StoredWord>, StoreError> {
    tx.all(WORDS, args![shop, WORDS_MAX]).await?.iter().map(read_word).collect()
}

/// How many words a shop has.
pub async fn count_words(tx: &mut Tx, shop: ShopId) -> Result<i64, StoreError> {
    tx.one(COUNT_WORDS, args![shop]).await?.get("words")
}

/// A new word. One that the rule has already is [`StoreError::Unique`].
pub async fn insert_word(
    tx: &mut Tx,
    shop: ShopId,
    word: &StoredWord,
    by: AccountId,
) -> Result<i64, StoreError> {
    let exempt = i64::from(word.exempt);
    let (from, until) = (word.valid_from, word.valid_until);
    let args = args![shop, &word.rule, exempt, &word.word, word.better.clone(), from, until, by];
    tx.one(INSERT_WORD, args).await?.get("id")
}

/// A word.
pub async fn find_word(
    tx: &mut Tx,
    shop: ShopId,
    id: i64,
) -> Result<Option<StoredWord>, StoreError> {
    tx.opt(FIND_WORD, args![shop, id]).await?.as_ref().map(read_word).transpose()
}

/// A word holds no longer. False: it did not any more.
pub async fn end_word(
    tx: &mut Tx,
    shop: ShopId,
    id: i64,
    at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.exec(END_WORD, args![shop, id, at]).await? > 0)
}

/// Notes what rules found in messages that left.
pub async fn insert_notes(tx: &mut Tx, shop: ShopId, notes: &[NewNote]) -> Result<(), StoreError> {
    for note in notes {
        let NewNote { conversation, entry_seq, rule, level, word, account, reason, at } = note;
        let args = args![
            shop,
            *conversation,
            *entry_seq,
            *rule,
            *level,
            word,
            *account,
            reason.clone(),
            *at
        ];
        tx.exec(INSERT_NOTE, args).await?;
    }
    Ok(())
}

/// Notes before a row, newest first.
pub async fn notes(
    tx: &mut Tx,
    shop: ShopId,
    before: i64,
    limit: i64,
) -> Result<Vec<StoredNote>, StoreError> {
    let rows = tx.all(NOTES, args![shop, before, limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(StoredNote {
                id: row.get("id")?,
                conversation: row.get("public_id")?,
                entry_seq: row.get("entry_seq")?,
                rule: row.get("rule")?,
                level: row.get("level")?,
                word: row.get("word")?,
                agent: row.get("agent")?,
                reason: row.get("reason")?,
                at: row.get("at")?,
            })
        })
        .collect()
}

/// Whose a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// This buyer's, or the buyer wrote it.
    Own,
    /// Another buyer's.
    Foreign,
    /// Nobody knows.
    Nobody,
}

/// Whose a number of a message is: an order's or a phone's.
pub async fn whose(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    number: &str,
) -> Result<Whose, StoreError> {
    let Some(row) = tx.opt(BUYER_OF, args![shop, conversation]).await? else {
        return Ok(Whose::Nobody);
    };
    let buyer: BuyerId = row.get("buyer_id")?;
    let mut owners: Vec<Option<BuyerId>> = Vec::new();
    for sql in [ORDERS_OF_NUMBER, ORDERS_OF_PHONE] {
        for row in tx.all(sql, args![shop, number]).await? {
            owners.push(row.get("buyer_id")?);
        }
    }
    if owners.contains(&Some(buyer)) {
        return Ok(Whose::Own);
    }
    for text in said_by_buyer(tx, shop, conversation).await? {
        let digits: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
        if digits.contains(number) {
            return Ok(Whose::Own);
        }
    }
    Ok(if owners.iter().any(Option::is_some) { Whose::Foreign } else { Whose::Nobody })
}

/// Which of these ends belong to addresses of other buyers, and of others alone.
pub async fn foreign_addresses(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    ends: Vec<String>,
) -> Result<Vec<String>, StoreError> {
    let Some(row) = tx.opt(BUYER_OF, args![shop, conversation]).await? else {
        return Ok(Vec::new());
    };
    let buyer: BuyerId = row.get("buyer_id")?;
    let (mut foreign, mut own) = (Vec::new(), Vec::new());
    for row in tx.all(ORDERS_OF_ADDRESS, args![shop, ends]).await? {
        let (end, owner): (String, Option<BuyerId>) =
            (row.get("address_end")?, row.get("buyer_id")?);
        let list = if owner == Some(buyer) { &mut own } else { &mut foreign };
        if !list.contains(&end) && owner.is_some() {
            list.push(end);
        }
    }
    foreign.retain(|end| !own.contains(end));
    if foreign.is_empty() {
        return Ok(foreign);
    }
    // What the buyer wrote may be repeated: an address for a gift is somebody else's.
    for text in said_by_buyer(tx, shop, conversation).await? {
        let said: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        foreign.retain(|end| !said.contains(end));
    }
    Ok(foreign)
}

/// What the buyer of a conversation wrote last.
async fn said_by_buyer(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
) -> Result<Vec<String>, StoreError> {
    let side = Side::Buyer.code();
    let rows = tx.all(SAID_BY_BUYER, args![shop, conversation, side, SAID_MAX]).await?;
    rows.iter().map(|row| row.get("text")).collect()
}

/// The latest row id of the log; 0 while it is empty.
pub async fn last_entry(tx: &mut Tx) -> Result<i64, StoreError> {
    let row = tx.opt(LAST_ENTRY, args![]).await?;
    Ok(row.map(|row| row.get("id")).transpose()?.unwrap_or(0))
}

/// What people of the shop said to buyers, between two row ids, newest first, and when the oldest row of the stretch
/// was written.
pub async fn agent_lines(
    tx: &mut Tx,
    shop: ShopId,
    upto: i64,
    above: i64,
    (side, human): (i64, i64),
) -> Result<(Vec<PastLine>, Option<Timestamp>), StoreError> {
    let rows = tx.all(AGENT_LINES, args![shop, upto, above]).await?;
    let oldest = rows.last().map(|row| row.get("at")).transpose()?;
    let mut lines = Vec::new();
    for row in &rows {
        let (lane, by): (i64, i64) = (row.get("lane")?, row.get("side")?);
        let (message, text): (Option<i64>, Option<String>) =
            (row.get("message")?, row.get("text")?);
        if let Some(text) = text.filter(|_| lane == 0 && by == side && message == Some(human)) {
            let conversation = row.get("conversation_id")?;
            lines.push(PastLine { conversation, seq: row.get("seq")?, at: row.get("at")?, text });
        }
    }
    Ok((lines, oldest))
}

fn read_word(row: &Row) -> Result<StoredWord, StoreError> {
    let exempt: i64 = row.get("exempt")?;
    Ok(StoredWord {
        id: row.get("id")?,
        rule: row.get("rule")?,
        exempt: exempt != 0,
        word: row.get("word")?,
        better: row.get("better")?,
        valid_from: row.get("valid_from")?,
        valid_until: row.get("valid_until")?,
    })
}
