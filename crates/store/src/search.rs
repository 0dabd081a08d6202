//! The index of words: entries by the words of their texts, newest first.
//!
//! The index only proposes entries; their texts are read from the main store and compared there.
//! Must never find an entry of another shop: the shop is a word of every row and of every query.
//! Must never 'optimize' the index (minutes of writing): only [`tidy`], a bounded piece at a time.

use serde_json::json;
use xiaoer_domain::chat::Lane;
use xiaoer_domain::id::{ConversationId, ShopId};
use xiaoer_domain::search::{Query, shop_token};

use crate::chat::load::coded;
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
/// Rows of one page of a rebuild.
const REBUILD_PAGE: i64 = 500;

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
    /// Entries by `[shop, conversation, lane, seq]`.
    pub(crate) LOAD_NAMED => {
        sqlite: "SELECT e.id, e.shop_id, CASE WHEN e.recalled_by IS NULL THEN e.text END AS text
                 FROM json_each($1) AS k
                 CROSS JOIN entry AS e
                 WHERE e.shop_id = json_extract(k.value, '$[0]')
                   AND e.conversation_id = json_extract(k.value, '$[1]')
                   AND e.lane = json_extract(k.value, '$[2]')
                   AND e.seq = json_extract(k.value, '$[3]')",
        postgres: "SELECT e.id, e.shop_id, CASE WHEN e.recalled_by IS NULL THEN e.text END AS text
                   FROM (SELECT CAST(u AS JSON) AS v FROM unnest(CAST($1 AS TEXT[])) AS u) AS k
                   JOIN entry AS e
                     ON e.shop_id = CAST(v->>0 AS BIGINT)
                    AND e.conversation_id = CAST(v->>1 AS BIGINT)
                    AND e.lane = CAST(v->>2 AS BIGINT)
                    AND e.seq = CAST(v->>3 AS BIGINT)",
    };
    pub(crate) LOAD_BELOW = "SELECT id, shop_id, CASE WHEN recalled_by IS NULL THEN text END AS text
        FROM entry
        WHERE id < $1
        ORDER BY id DESC
        LIMIT $2", installation: "a rebuild reads the log of every shop";
    /// What the candidates say, without those taken back since.
    pub(crate) LOAD_HITS => {
        sqlite: "SELECT id, conversation_id, lane, seq, text
                 FROM entry
                 WHERE shop_id = $1 AND id IN (SELECT value FROM json_each($2))
                   AND recalled_by IS NULL AND text IS NOT NULL
                 ORDER BY id DESC",
        postgres: "SELECT id, conversation_id, lane, seq, text
                   FROM entry
                   WHERE shop_id = $1 AND id = ANY($2)
                     AND recalled_by IS NULL AND text IS NOT NULL
                   ORDER BY id DESC",
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

/// A candidate with its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Row; the key of pages.
    pub entry: i64,
    pub name: EntryName,
    pub text: String,
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
    let words = [shop_token(shop)];
    let words = words.iter().chain(query.tokens());
    let rows = match tx.dialect() {
        Dialect::Sqlite => tx.all(FIND, args![all_of(words, '"', " AND "), before, limit]).await?,
        Dialect::Postgres => {
            let words = all_of(words, '\'', " & ");
            let walked = args![words.as_str(), before, limit, shop, WALKED_ROWS_MAX];
            let newest = tx.all(FIND_AMONG_NEWEST, walked).await?;
            if i64::try_from(newest.len()).is_ok_and(|found| found >= limit) {
                newest
            } else {
                tx.all(FIND, args![words, before, limit, shop]).await?
            }
        }
    };
    rows.iter().map(|row| row.get("entry_id")).collect()
}

/// The candidates that still stand, with their texts, newest first (main store).
pub async fn hits(tx: &mut Tx, shop: ShopId, entries: Vec<i64>) -> Result<Vec<Hit>, StoreError> {
    debug_assert!(entries.len() as i64 <= CANDIDATES_MAX, "candidates come in pages");
    let rows = tx.all(LOAD_HITS, args![shop, entries]).await?;
    rows.iter()
        .map(|row| {
            Ok(Hit {
                entry: row.get("id")?,
                name: EntryName {
                    shop,
                    conversation: row.get("conversation_id")?,
                    lane: coded(row, "lane", Lane::from_code)?,
                    seq: row.get("seq")?,
                },
                text: row.get("text")?,
            })
        })
        .collect()
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

fn read_document(row: &Row) -> Result<Document, StoreError> {
    Ok(Document { shop: row.get("shop_id")?, entry: row.get("id")?, text: row.get("text")? })
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
