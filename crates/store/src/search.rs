//! The index of words: entries by the words of their texts, newest first.
//!
//! The index only proposes entries; their texts are read from the main store and compared there.
//! Must never find an entry of another shop: the shop is a word of every row and of every query.
//! Must never 'optimize' the index (minutes of writing): only [`tidy`], a bounded piece at a time.

use serde_json::json;
use xiaoer_domain::chat::{Content, Lane};
use xiaoer_domain::id::{ConversationId, PublicId, ShopId};
use xiaoer_domain::search::{Query, shop_token};

use crate::chat::people::Buyer;
use crate::chat::read::{StoredEntry, read_entry};
use crate::error::StoreError;
use crate::row::Row;
use crate::sql::Dialect;
use crate::tx::Tx;
use crate::{args, statements};

/// Entries that one search looks at, at most, in one call of [`candidates`].
pub const CANDIDATES_MAX: i64 = 1000;
/// PostgreSQL: rows walked from the newest before the inverted index is asked. A word that is in
/// more than one of a hundred rows fills a page here; a rarer one has few rows to sort there.
const WALKED_ROWS_MAX: i64 = 4000;
/// PostgreSQL: a word of each row names its era, this many ids, so that the index can be asked for
/// recent rows only: what it gives is sorted, and must not grow with the years.
const ERA_IDS: i64 = 1 << 16;
/// The index is asked for this many eras at once, then for all that are left.
const ERAS_ASKED: [i64; 4] = [1, 4, 16, 64];
/// Begins the word of an era; like the shop's, no text can contain it.
const ERA_MARK: char = '\u{E001}';
/// Rows of one page of a rebuild.
const REBUILD_PAGE: i64 = 500;

macro_rules! hits {
    ($from:literal, $is_named:literal) => {
        concat!(
            "SELECT e.id AS entry_id, e.lane, e.seq, e.at, e.kind, e.message, e.side, e.author_id,
               a.name AS author_name, e.text, e.content, e.recalled_by, e.ref_seq, e.code, e.params, e.client_id,
               e.session_id, c.public_id AS conversation_public,
               b.id AS buyer_id, b.public_id AS buyer_public, b.name AS buyer_name, b.ref AS buyer_ref
             FROM ",
            $from,
            "
             JOIN conversation AS c ON c.shop_id = e.shop_id AND c.id = e.conversation_id
             JOIN buyer AS b ON b.shop_id = c.shop_id AND b.id = c.buyer_id
             LEFT JOIN account AS a ON e.side = 2 AND a.id = e.author_id
             WHERE e.shop_id = $1 AND ",
            $is_named,
            " AND e.recalled_by IS NULL AND (e.text IS NOT NULL OR e.content IS NOT NULL)
             ORDER BY e.id DESC"
        )
    };
}

macro_rules! buyers {
    ($key:literal) => {
        concat!(
            "SELECT b.id AS buyer_id, b.public_id AS buyer_public, b.name AS buyer_name,
               b.ref AS buyer_ref, c.public_id AS conversation_public
             FROM buyer AS b
             LEFT JOIN conversation AS c ON c.shop_id = b.shop_id AND c.buyer_id = b.id
             WHERE b.shop_id = $1 AND ",
            $key,
            " >= $2 AND ",
            $key,
            " < $3
             ORDER BY ",
            $key,
            "
             LIMIT $4"
        )
    };
}

statements! {
    /// Rows as JSON arrays `[shop, entry, "words"]`.
    pub(crate) PUT => {
        sqlite: "INSERT OR REPLACE INTO entry_words (rowid, words)
                 SELECT json_extract(value, '$[1]'), json_extract(value, '$[2]')
                 FROM json_each($1)",
        postgres: "INSERT INTO entry_words (shop_id, entry_id, words)
                   SELECT CAST(v->>0 AS BIGINT), CAST(v->>1 AS BIGINT),
                     array_to_tsvector(string_to_array(v->>2, ' '))
                   FROM (SELECT CAST(u AS JSON) AS v FROM unnest(CAST($1 AS TEXT[])) AS u) AS rows
                   ON CONFLICT (shop_id, entry_id) DO UPDATE
                   SET words = excluded.words",
    }, place: Derived;
    /// Rows as JSON arrays `[shop, entry]`.
    pub(crate) REMOVE => {
        sqlite: "DELETE FROM entry_words
                 WHERE rowid IN (SELECT json_extract(value, '$[1]') FROM json_each($1))",
        postgres: "DELETE FROM entry_words AS w
                   USING (SELECT CAST(u AS JSON) AS v FROM unnest(CAST($1 AS TEXT[])) AS u) AS rows
                   WHERE w.shop_id = CAST(v->>0 AS BIGINT) AND w.entry_id = CAST(v->>1 AS BIGINT)",
    }, place: Derived;
    pub(crate) CLEAR => {
        sqlite: "INSERT INTO entry_words (entry_words) VALUES ('delete-all')",
        postgres: "TRUNCATE entry_words",
    }, installation: "a rebuild begins with an empty index of every shop", place: Derived;
    /// 64 pages of merging, or the pending changes of the inverted index.
    pub(crate) TIDY => {
        sqlite: "INSERT INTO entry_words (entry_words, rank) VALUES ('merge', 64)",
        postgres: "SELECT gin_clean_pending_list(CAST('entry_words_inverted' AS REGCLASS))",
    }, installation: "keeps the index of every shop in shape", place: Derived;
    /// The newest entries that have all words.
    pub(crate) FIND => {
        sqlite: "SELECT rowid AS entry_id
                 FROM entry_words
                 WHERE entry_words MATCH $1 AND rowid < $2
                 ORDER BY rowid DESC
                 LIMIT $3",
        postgres: "WITH hit AS MATERIALIZED (
                     SELECT entry_id
                     FROM entry_words
                     WHERE shop_id = $4 AND words @@ CAST($1 AS TSQUERY) AND entry_id < $2
                   )
                   SELECT entry_id
                   FROM hit
                   ORDER BY entry_id DESC
                   LIMIT $3",
    }, place: Derived;
    /// The same for frequent words on PostgreSQL; its inverted index would give every row of them
    /// and sort. SQLite's comes sorted and has no use for this.
    pub(crate) FIND_AMONG_NEWEST => {
        sqlite: "SELECT 0 AS entry_id WHERE 1 = 0",
        postgres: "SELECT entry_id
                   FROM (
                     SELECT entry_id, words
                     FROM entry_words
                     WHERE shop_id = $4 AND entry_id < $2
                     ORDER BY entry_id DESC
                     LIMIT $5
                   ) AS newest
                   WHERE words @@ CAST($1 AS TSQUERY)
                   ORDER BY entry_id DESC
                   LIMIT $3",
    }, place: Derived;
    pub(crate) NEWEST => {
        sqlite: "SELECT MAX(rowid) AS entry_id FROM entry_words WHERE $1 <> 0",
        postgres: "SELECT MAX(entry_id) AS entry_id FROM entry_words WHERE shop_id = $1",
    }, place: Derived;
    /// Entries by `[shop, conversation, lane, seq]`.
    pub(crate) LOAD_NAMED => {
        sqlite: "SELECT e.id, e.shop_id, CASE WHEN e.recalled_by IS NULL THEN e.text END AS text,
                   CASE WHEN e.recalled_by IS NULL THEN e.content END AS content
                 FROM json_each($1) AS k
                 CROSS JOIN entry AS e
                 WHERE e.shop_id = json_extract(k.value, '$[0]')
                   AND e.conversation_id = json_extract(k.value, '$[1]')
                   AND e.lane = json_extract(k.value, '$[2]')
                   AND e.seq = json_extract(k.value, '$[3]')",
        postgres: "SELECT e.id, e.shop_id, CASE WHEN e.recalled_by IS NULL THEN e.text END AS text,
                     CASE WHEN e.recalled_by IS NULL THEN e.content END AS content
                   FROM (SELECT CAST(u AS JSON) AS v FROM unnest(CAST($1 AS TEXT[])) AS u) AS k
                   JOIN entry AS e
                     ON e.shop_id = CAST(v->>0 AS BIGINT)
                    AND e.conversation_id = CAST(v->>1 AS BIGINT)
                    AND e.lane = CAST(v->>2 AS BIGINT)
                    AND e.seq = CAST(v->>3 AS BIGINT)",
    };
    pub(crate) LOAD_BELOW = "SELECT id, shop_id, CASE WHEN recalled_by IS NULL THEN text END AS text,
          CASE WHEN recalled_by IS NULL THEN content END AS content
        FROM entry
        WHERE id < $1
        ORDER BY id DESC
        LIMIT $2", installation: "a rebuild reads the log of every shop";
    /// What the candidates say, without those taken back since.
    pub(crate) LOAD_HITS => {
        // The ids lead: left to choose, SQLite walks every line of the shop.
        sqlite: hits!("json_each($2) AS k CROSS JOIN entry AS e", "e.id = k.value"),
        postgres: hits!("entry AS e", "e.id = ANY($2)"),
    };
    /// Buyers whose number begins so.
    pub(crate) BUYERS_BY_REF => {
        sqlite: buyers!("b.ref"),
        postgres: buyers!("(b.ref COLLATE \"C\")"),
    };
    /// Buyers whose name begins so; capitals do not matter.
    pub(crate) BUYERS_BY_NAME => {
        sqlite: buyers!("lower(b.name)"),
        postgres: buyers!("lower(b.name COLLATE \"C\")"),
    };
}

/// An entry as the index sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub shop: ShopId,
    pub entry: i64,
    /// None: taken back, erased, or a line without text. It is not to be found.
    pub text: Option<String>,
}

/// Names an entry as the journal does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryName {
    pub shop: ShopId,
    pub conversation: ConversationId,
    pub lane: Lane,
    pub seq: i64,
}

/// A candidate as it stands.
#[derive(Debug, Clone)]
pub struct Hit {
    /// Row; the key of pages.
    pub entry: i64,
    /// The line, with its text.
    pub line: StoredEntry,
    /// The conversation on the wire.
    pub conversation: PublicId,
    /// Whose conversation it is.
    pub buyer: Buyer,
}

/// Takes the documents in, or out if they have no text (derived store). Each entry once.
pub async fn index(tx: &mut Tx, documents: &[Document]) -> Result<(), StoreError> {
    let mut put = Vec::new();
    let mut removed = Vec::new();
    for document in documents {
        let (shop, entry) = (document.shop.get(), document.entry);
        match &document.text {
            None => removed.push(json!([shop, entry]).to_string()),
            Some(text) => {
                let mut words = xiaoer_domain::search::tokens(text);
                words.push(shop_token(document.shop));
                if tx.dialect() == Dialect::Postgres {
                    words.push(era_token(entry / ERA_IDS));
                }
                put.push(json!([shop, entry, words.join(" ")]).to_string());
            }
        }
    }
    if !put.is_empty() {
        tx.exec(PUT, args![put]).await?;
    }
    if !removed.is_empty() {
        tx.exec(REMOVE, args![removed]).await?;
    }
    Ok(())
}

/// Empties the index (derived store).
pub async fn clear(tx: &mut Tx) -> Result<(), StoreError> {
    tx.exec(CLEAR, args![]).await.map(drop)
}

/// A bounded piece of upkeep, for a quiet moment (derived store).
pub async fn tidy(tx: &mut Tx) -> Result<(), StoreError> {
    tx.exec(TIDY, args![]).await.map(drop)
}

/// Entries of a shop below the id `before` that have all words of the query, newest first (derived
/// store). They may say something else: compare [`hits`] with the query.
pub async fn candidates(
    tx: &mut Tx,
    shop: ShopId,
    query: &Query,
    before: i64,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let limit = limit.clamp(1, CANDIDATES_MAX);
    let shop_word = [shop_token(shop)];
    let words = shop_word.iter().chain(query.tokens());
    match tx.dialect() {
        Dialect::Sqlite => {
            let rows = tx.all(FIND, args![all_of(words, '"', " AND "), before, limit]).await?;
            rows.iter().map(|row| row.get("entry_id")).collect()
        }
        Dialect::Postgres => {
            let words = all_of(words, '\'', " & ");
            candidates_on_postgres(tx, shop, words, before, limit).await
        }
    }
}

/// The newest rows, then the index, era by era.
async fn candidates_on_postgres(
    tx: &mut Tx,
    shop: ShopId,
    words: String,
    before: i64,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let is_full = |found: &[i64]| i64::try_from(found.len()).is_ok_and(|count| count >= limit);
    let walked = args![words.as_str(), before, limit, shop, WALKED_ROWS_MAX];
    let rows = tx.all(FIND_AMONG_NEWEST, walked).await?;
    let mut found: Vec<i64> =
        rows.iter().map(|row| row.get("entry_id")).collect::<Result<_, _>>()?;
    if is_full(&found) {
        return Ok(found);
    }
    let newest = tx.one(NEWEST, args![shop]).await?.get::<Option<i64>>("entry_id")?.unwrap_or(0);
    let mut before = found.last().copied().unwrap_or(before).min(newest + 1);
    let mut era = before / ERA_IDS;
    for eras in ERAS_ASKED {
        if is_full(&found) || era < 0 {
            break;
        }
        let asked: Vec<String> = ((era - eras + 1).max(0)..=era).map(era_token).collect();
        let recent = format!("{words} & ({})", all_of(asked.iter(), '\'', " | "));
        let more = find_on_postgres(tx, shop, recent, before, limit, &mut found).await?;
        before = more.unwrap_or(before);
        era -= eras;
    }
    if !is_full(&found) && era >= 0 {
        find_on_postgres(tx, shop, words, before.min((era + 1) * ERA_IDS), limit, &mut found)
            .await?;
    }
    found.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(found)
}

/// Adds what the index gives below an id; the lowest id so far, if there was anything.
async fn find_on_postgres(
    tx: &mut Tx,
    shop: ShopId,
    words: String,
    before: i64,
    limit: i64,
    found: &mut Vec<i64>,
) -> Result<Option<i64>, StoreError> {
    for row in tx.all(FIND, args![words, before, limit, shop]).await? {
        found.push(row.get("entry_id")?);
    }
    Ok(found.last().copied())
}

/// The candidates that still stand, with their texts, newest first (main store).
pub async fn hits(tx: &mut Tx, shop: ShopId, entries: Vec<i64>) -> Result<Vec<Hit>, StoreError> {
    let rows = tx.all(LOAD_HITS, args![shop, entries]).await?;
    rows.iter()
        .map(|row| {
            Ok(Hit {
                entry: row.get("entry_id")?,
                line: read_entry(row)?,
                conversation: row.get("conversation_public")?,
                buyer: read_buyer(row)?,
            })
        })
        .collect()
}

/// Buyers whose number or name begins with `prefix`, each with the conversation on the wire: by
/// number first, the shortest first (main store). Every shop's names are its own.
pub async fn buyers(
    tx: &mut Tx,
    shop: ShopId,
    prefix: &str,
    limit: i64,
) -> Result<Vec<(Buyer, Option<PublicId>)>, StoreError> {
    let mut found: Vec<(Buyer, Option<PublicId>)> = Vec::new();
    for (sql, from) in [
        (BUYERS_BY_REF, prefix.to_owned()),
        // Only A-Z: as the databases do, see the migration.
        (BUYERS_BY_NAME, prefix.to_ascii_lowercase()),
    ] {
        let to = format!("{from}\u{10FFFF}");
        for row in tx.all(sql, args![shop, from, to, limit]).await? {
            let buyer = read_buyer(&row)?;
            if found.iter().all(|(known, _)| known.id != buyer.id) {
                let has_one = row.get::<Option<Vec<u8>>>("conversation_public")?.is_some();
                let conversation = has_one.then(|| row.get("conversation_public")).transpose()?;
                found.push((buyer, conversation));
            }
        }
    }
    found.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(found)
}

/// The named entries as they stand now (main store).
pub async fn load_named(tx: &mut Tx, names: &[EntryName]) -> Result<Vec<Document>, StoreError> {
    let keys = names.iter().map(|name| {
        let (shop, conversation) = (name.shop.get(), name.conversation.get());
        json!([shop, conversation, name.lane.code(), name.seq]).to_string()
    });
    let rows = tx.all(LOAD_NAMED, args![keys.collect::<Vec<_>>()]).await?;
    rows.iter().map(read_document).collect()
}

/// The next page of a rebuild, newest first: entries below an id, and the id to go on below (0
/// after the last page) (main store).
pub async fn load_below(tx: &mut Tx, below: i64) -> Result<(Vec<Document>, i64), StoreError> {
    let rows = tx.all(LOAD_BELOW, args![below, REBUILD_PAGE]).await?;
    let is_last = i64::try_from(rows.len()).is_ok_and(|read| read < REBUILD_PAGE);
    let documents: Vec<Document> = rows.iter().map(read_document).collect::<Result<_, _>>()?;
    let next = documents.last().map_or(0, |last| last.entry);
    Ok((documents, if is_last { 0 } else { next }))
}

fn read_buyer(row: &Row) -> Result<Buyer, StoreError> {
    Ok(Buyer {
        id: row.get("buyer_id")?,
        public_id: row.get("buyer_public")?,
        name: row.get("buyer_name")?,
        reference: row.get("buyer_ref")?,
    })
}

fn read_document(row: &Row) -> Result<Document, StoreError> {
    let content = crate::chat::content::read(row, "content")?;
    let text = searchable(row.get("text")?, content.as_ref());
    Ok(Document { shop: row.get("shop_id")?, entry: row.get("id")?, text })
}

/// What an entry is found by: its text, and the name or title of what it carries.
#[must_use]
pub fn searchable(text: Option<String>, content: Option<&Content>) -> Option<String> {
    match (text, content.and_then(Content::searchable)) {
        (text, None) => text,
        (None, Some(name)) => Some(name.to_owned()),
        (Some(text), Some(name)) => Some(format!("{text}\n{name}")),
    }
}

fn era_token(era: i64) -> String {
    format!("{ERA_MARK}{era}")
}

/// Words in the index's query language. Tokens hold letters and digits only, so quotes are enough.
fn all_of<'w>(words: impl Iterator<Item = &'w String>, quote: char, and: &str) -> String {
    let quoted: Vec<String> = words
        .map(|word| {
            debug_assert!(!word.contains(['"', '\'', '\\', ' ']), "a token is one plain word");
            format!("{quote}{word}{quote}")
        })
        .collect();
    quoted.join(and)
}
