//! How long a search takes among a million lines: `bench_search FOLDER|POSTGRES_URL [LINES]`.
//!
//! The database must be empty and stays behind. Texts are made from a fixed seed: common and rare words, order
//! numbers, Latin. A search is what the desk asks for: thirty lines, newest first, compared with their texts.

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _};
use serde_json::json;
use xiaoer_domain::id::{PublicId, ShopId};
use xiaoer_domain::search::Query;
use xiaoer_domain::time::Timestamp;
use xiaoer_store::chat::people;
use xiaoer_store::search::{self, Document};
use xiaoer_store::{Db, DbConfig, Dialect, Sql, StoreError, args, platform};
use xiaoer_testkit::seeded;

const SHOP: ShopId = ShopId::new(1);
const LINES: i64 = 1_000_000;
const CONVERSATIONS: i64 = 10_000;
const BATCH: i64 = 2_000;
/// What the desk shows, and how many candidates it looks at for that.
const PAGE: usize = 30;
const CANDIDATES: i64 = 60;
/// Searches of each kind, after some that warm the caches.
const RUNS: usize = 300;
const WARM_UPS: usize = 10;

const INSERT_SQLITE: Sql = Sql::in_test(
    "INSERT INTO entry (id, shop_id, conversation_id, lane, seq, at, kind, message, side, author_id, text,
       salt, digest, chain)
     SELECT json_extract(value, '$[0]'), 1, json_extract(value, '$[1]'), 0, json_extract(value, '$[2]'),
       0, 1, 1, 1, 1, json_extract(value, '$[3]'), zeroblob(16), zeroblob(32), zeroblob(32)
     FROM json_each($1)",
);
const INSERT_POSTGRES: Sql = Sql::in_test(
    "INSERT INTO entry (id, shop_id, conversation_id, lane, seq, at, kind, message, side, author_id, text,
       salt, digest, chain)
     SELECT CAST(v->>0 AS BIGINT), 1, CAST(v->>1 AS BIGINT), 0, CAST(v->>2 AS BIGINT),
       0, 1, 1, 1, 1, v->>3, '', '', ''
     FROM (SELECT CAST(u AS JSON) AS v FROM unnest(CAST($1 AS TEXT[])) AS u) AS rows",
);

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some(place) = words.first() else {
        eprintln!("bench_search FOLDER|POSTGRES_URL [LINES]");
        std::process::exit(2);
    };
    let lines = words.get(1).and_then(|n| n.parse().ok()).unwrap_or(LINES);
    let config = match place.starts_with("postgres://") {
        true => DbConfig::postgres(place.as_str()),
        false => DbConfig::sqlite(place.as_str()),
    };
    let db = Db::open(config).await.expect("the database opens");
    db.migrate(0).await.expect("the database is empty");
    let texts = fill(&db, lines).await;
    println!("kind                      lines found   p50 ms   p99 ms   max ms");
    for (kind, queries) in kinds(&texts) {
        measure(&db, kind, &queries, i64::MAX).await;
    }
    println!("the same from the middle on:");
    for (kind, queries) in kinds(&texts) {
        measure(&db, kind, &queries, lines / 2).await;
    }
    db.close().await;
}

/// Makes the lines, and tells how fast they are indexed. Gives some of them.
async fn fill(db: &Db, lines: i64) -> Vec<String> {
    people(db).await;
    let mut chance = seeded(7);
    let vocabulary = Vocabulary::new(&mut chance);
    let mut kept = Vec::new();
    let mut indexing = Duration::ZERO;
    let mut entry = 1;
    while entry <= lines {
        let batch: Vec<(i64, String)> = (entry..(entry + BATCH).min(lines + 1))
            .map(|id| (id, vocabulary.line(id, &mut chance)))
            .collect();
        entry += BATCH;
        kept.extend(batch.last().map(|(_, text)| text.clone()));
        store(db, &batch).await;
        let started = Instant::now();
        index(db, &batch).await;
        indexing += started.elapsed();
    }
    let rate = lines as f64 / indexing.as_secs_f64();
    println!(
        "{lines} lines indexed in {:.0} s, {rate:.0} a second, {BATCH} at once",
        indexing.as_secs_f64()
    );
    db.derived_write(|tx| Box::pin(search::tidy(tx))).await.expect("upkeep");
    if db.dialect() == Dialect::Postgres {
        let analyze = Sql::in_test("ANALYZE");
        db.write(move |tx| Box::pin(tx.exec(analyze, args![]))).await.expect("it is analyzed");
    }
    kept
}

/// The shop, and whose conversations they are: row ids from 1 on.
async fn people(db: &Db) {
    let at = Timestamp::from_micros(0);
    db.write(move |tx| Box::pin(platform::insert_shop(tx, "bench", "bench", &[], at)))
        .await
        .expect("the shop is made");
    for from in (0..CONVERSATIONS).step_by(500) {
        db.write(move |tx| {
            Box::pin(async move {
                for number in from..from + 500 {
                    let id = PublicId::from_bytes(i128::from(number).to_be_bytes());
                    let reference = number.to_string();
                    let buyer =
                        people::insert_buyer(tx, SHOP, id, Some(&reference), "buyer", at).await?;
                    people::ensure_conversation(tx, SHOP, buyer, id, at).await?;
                }
                Ok::<_, StoreError>(())
            })
        })
        .await
        .expect("the people are made");
    }
}

async fn store(db: &Db, batch: &[(i64, String)]) {
    let sql = if db.dialect() == Dialect::Sqlite { INSERT_SQLITE } else { INSERT_POSTGRES };
    let rows: Vec<String> = batch
        .iter()
        .map(|(id, text)| {
            json!([id, id % CONVERSATIONS + 1, id / CONVERSATIONS + 1, text]).to_string()
        })
        .collect();
    db.write(move |tx| {
        let rows = rows.clone();
        Box::pin(async move { tx.exec(sql, args![rows]).await })
    })
    .await
    .expect("lines are stored");
}

async fn index(db: &Db, batch: &[(i64, String)]) {
    let documents: Vec<Document> = batch
        .iter()
        .map(|(entry, text)| Document { shop: SHOP, entry: *entry, text: Some(text.clone()) })
        .collect();
    db.derived_write(move |tx| {
        let documents = documents.clone();
        Box::pin(async move { search::index(tx, &documents).await })
    })
    .await
    .expect("lines are indexed");
}

/// What people look for, from frequent to rare.
fn kinds(texts: &[String]) -> Vec<(&'static str, Vec<String>)> {
    let with = |wanted: fn(char) -> bool, least: usize| -> Vec<String> {
        let runs = texts.iter().flat_map(|text| text.split(move |c| !wanted(c)));
        runs.filter(|run| run.chars().count() >= least).map(str::to_owned).take(RUNS).collect()
    };
    let han = |c: char| ('\u{4E00}'..='\u{9FFF}').contains(&c);
    let part = |runs: Vec<String>, chars: usize| -> Vec<String> {
        runs.iter().map(|run| run.chars().take(chars).collect()).collect()
    };
    let one = |word: &str| vec![word.to_owned()];
    vec![
        ("1 Han, in every 2nd line", one("的")),
        ("1 Han, any", part(with(han, 4), 1)),
        ("1 Han, 1 in 10,000", one("纱")),
        ("2 Han, 1 in 25", one("退款")),
        ("2 Han, any", part(with(han, 4), 2)),
        ("2 Han, 1 in 10,000", one("纱窗")),
        ("3 Han, any", part(with(han, 4), 3)),
        ("4 Han, any", part(with(han, 4), 4)),
        ("Latin, 1 in 50", one("refund")),
        ("Latin, 1 in 100,000", one("zigzag")),
        ("order number", with(|c| c.is_ascii_alphanumeric(), 7)),
        ("phone tail", one("0420")),
        ("frequent and rare", one("的 纱窗")),
        ("two frequent, never together", one("refund iphone")),
        ("nothing has it", one("齉齾")),
        ("words apart, 1 in 200", one("退款货")),
    ]
}

async fn measure(db: &Db, kind: &str, queries: &[String], before: i64) {
    let queries: Vec<Query> = queries.iter().filter_map(|q| Query::parse(q).ok()).collect();
    if queries.is_empty() {
        return println!("{kind:<26} no query");
    }
    let mut times = Vec::with_capacity(RUNS);
    let mut found = 0;
    for run in 0..RUNS + WARM_UPS {
        let query = queries[run % queries.len()].clone();
        let started = Instant::now();
        found = find(db, query, before).await.expect("the search is answered");
        if run >= WARM_UPS {
            times.push(started.elapsed());
        }
    }
    times.sort();
    let ms = |part: usize| times[(times.len() - 1) * part / 100].as_secs_f64() * 1000.0;
    println!("{kind:<26} {found:>10} {:>8.2} {:>8.2} {:>8.2}", ms(50), ms(99), ms(100));
}

/// A page as the desk asks for it.
async fn find(db: &Db, query: Query, mut before: i64) -> Result<usize, StoreError> {
    let mut found = 0;
    let mut asked = CANDIDATES;
    for _ in 0..4 {
        let words = query.clone();
        let candidates = db
            .derived_read(move |tx| {
                Box::pin(async move { search::candidates(tx, SHOP, &words, before, asked).await })
            })
            .await?;
        let is_last = candidates.len() < usize::try_from(asked).unwrap_or(0);
        let Some(lowest) = candidates.last().copied() else { break };
        let hits = db
            .read(move |tx| Box::pin(async move { search::hits(tx, SHOP, candidates).await }))
            .await?;
        found += hits
            .iter()
            .filter(|hit| hit.line.text.as_deref().is_some_and(|text| query.matches(text)))
            .count();
        if is_last || found >= PAGE {
            break;
        }
        before = lowest;
        asked = (asked * 4).min(search::CANDIDATES_MAX);
    }
    Ok(found.min(PAGE))
}

/// Words as people use them: few often, many seldom.
struct Vocabulary {
    words: Vec<String>,
}

impl Vocabulary {
    fn new(chance: &mut StdRng) -> Self {
        let han = |chance: &mut StdRng| {
            char::from_u32(0x4E00 + chance.random_range(0..2500)).expect("it is a Han character")
        };
        let words = (0..8000).map(|_| String::from_iter([han(chance), han(chance)]));
        Self { words: words.collect() }
    }

    fn line(&self, number: i64, chance: &mut StdRng) -> String {
        let mut line = String::new();
        for _ in 0..chance.random_range(2..7) {
            // The cube of an even chance: the first words stand in most lines, the last in few.
            let spread = chance.random_range(0.0..1.0_f64).powi(3);
            line.push_str(&self.words[(spread * self.words.len() as f64) as usize]);
            if chance.random_range(0..5) == 0 {
                line.push(['的', '了', '吗', '，'][chance.random_range(0..4)]);
            }
        }
        for (one_in, word) in [
            (2, "的"),
            (25, "退款"),
            (200, "款货退"),
            (10_000, "纱窗"),
            (50, " refund "),
            (100_000, " zigzag "),
        ] {
            if chance.next_u32().is_multiple_of(one_in) {
                line.push_str(word);
            }
        }
        if number % 51 == 0 && !line.contains("refund") {
            line.push_str(" iPhone ");
        }
        if number % 20 == 0 {
            line.push_str(&format!(" C{number:06}"));
        }
        if number % 200 == 0 {
            line.push_str(&format!(" 138{:08}", number / 200 % 100_000_000));
        }
        line
    }
}
