//! Every declared statement is known to both databases, and binds the shop or says why not.

use std::collections::BTreeSet;
use std::path::Path;
use std::str::FromStr as _;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _, SqlSafeStr as _};
use xiaoer_store::{ALL, DatabaseUrl, Dialect, Place, Sql};
use xiaoer_testkit::{TestDb, run_on_postgres, run_on_sqlite};

fn statements(place: Place) -> impl Iterator<Item = (&'static str, &'static Sql)> {
    let of_module = |(module, list): &'static (&str, &[Sql])| list.iter().map(|sql| (*module, sql));
    ALL.iter().flat_map(of_module).filter(move |(_, sql)| sql.place() == place)
}

/// A connection of the test's own, beside the store's.
pub async fn sqlite(db: &TestDb, place: Place) -> sqlx::SqliteConnection {
    let file = if place == Place::Main { "main.db" } else { "derived.db" };
    let options = sqlx::sqlite::SqliteConnectOptions::new();
    options.filename(db.folder().unwrap().join(file)).connect().await.unwrap()
}

/// A connection of the test's own, beside the store's.
pub async fn postgres(db: &TestDb, place: Place) -> sqlx::PgConnection {
    let DatabaseUrl::Postgres { url, .. } = db.config().url else { panic!("not PostgreSQL") };
    let options = PgConnectOptions::from_str(&url).unwrap();
    let schema = if place == Place::Main { "public" } else { "derived" };
    options.options([("search_path", schema)]).connect().await.unwrap()
}

#[tokio::test]
async fn every_statement_prepares_on_sqlite() {
    run_on_sqlite(|db: TestDb| async move {
        for place in [Place::Main, Place::Derived] {
            let mut conn = sqlite(&db, place).await;
            for (module, sql) in statements(place) {
                let text = AssertSqlSafe(sql.text(Dialect::Sqlite)).into_sql_str();
                let prepared = conn.prepare(text).await;
                assert!(prepared.is_ok(), "{module} {}: {:?}", sql.name(), prepared.err());
            }
        }
    })
    .await;
}

#[tokio::test]
async fn every_statement_prepares_on_postgres() {
    run_on_postgres(|db: TestDb| async move {
        for place in [Place::Main, Place::Derived] {
            let mut conn = postgres(&db, place).await;
            for (module, sql) in statements(place) {
                let text = AssertSqlSafe(sql.text(Dialect::Postgres)).into_sql_str();
                let prepared = conn.prepare(text).await;
                assert!(prepared.is_ok(), "{module} {}: {:?}", sql.name(), prepared.err());
            }
        }
    })
    .await;
}

#[tokio::test]
async fn every_statement_on_a_shop_table_binds_the_shop_or_says_why_not() {
    run_on_sqlite(|db: TestDb| async move {
        for place in [Place::Main, Place::Derived] {
            let tables = shop_tables(&db, place).await;
            for (module, sql) in statements(place) {
                for dialect in [Dialect::Sqlite, Dialect::Postgres] {
                    let text = sql.text(dialect);
                    let touched = tables.iter().find(|table| names(text, table));
                    let fine = touched.is_none()
                        || binds_shop(text)
                        || !sql.installation_reason().is_empty();
                    let name = sql.name();
                    assert!(fine, "{module} {name} reaches {touched:?} without `shop_id`");
                }
            }
        }
    })
    .await;
}

#[test]
fn an_exception_to_the_shop_rule_has_a_real_reason() {
    for (module, list) in ALL {
        for sql in *list {
            let reason = sql.installation_reason();
            let name = sql.name();
            assert!(reason.is_empty() || reason.len() > 15, "{module} {name}: {reason:?}");
        }
    }
}

#[test]
fn every_module_with_statements_is_listed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut declaring = BTreeSet::new();
    collect_modules(&root, &root, &mut declaring);
    let listed: BTreeSet<String> = ALL.iter().map(|(module, _)| (*module).to_owned()).collect();
    assert_eq!(declaring, listed, "left: declares statements; right: listed in xiaoer_store::ALL");
    assert_eq!(listed.len(), ALL.len(), "a module is listed twice");
}

#[test]
fn the_shop_rule_knows_a_binding_when_it_sees_one() {
    for good in [
        "SELECT id FROM buyer WHERE shop_id = $1",
        "SELECT b.id FROM buyer b WHERE b.id = $2 AND b.shop_id=$1",
        "INSERT INTO buyer (id, shop_id) VALUES ($1, $2)",
        "SELECT id FROM buyer WHERE shop_id = ANY($1)",
        "UPDATE b SET x = i.x FROM json_each($1) i WHERE b.shop_id = i.shop_id",
    ] {
        assert!(binds_shop(good), "{good}");
    }
    for bad in [
        "SELECT shop_id FROM buyer WHERE id = $1",
        "UPDATE buyer SET name = $1 WHERE id = $2",
        "SELECT a.id FROM buyer a JOIN visitor v ON v.shop_id = a.shop_id WHERE a.id = $1",
    ] {
        assert!(!binds_shop(bad), "{bad}");
    }
}

async fn shop_tables(db: &TestDb, place: Place) -> Vec<String> {
    let text = "SELECT t.name FROM sqlite_master t JOIN pragma_table_info(t.name) c
        WHERE t.type = 'table' AND c.name = 'shop_id'";
    let mut conn = sqlite(db, place).await;
    let rows: Vec<(String,)> = sqlx::query_as(text).fetch_all(&mut conn).await.unwrap();
    rows.into_iter().map(|(name,)| name).collect()
}

/// The text has `word` as a whole word.
fn names(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|w| w == word)
}

/// `shop_id = $n`, a set of shops, an island joined by its shop, or an insert that gives it.
fn binds_shop(text: &str) -> bool {
    let dense: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let dense = dense.replace(" = ", "=");
    let is_island = dense.contains("json_each(") || dense.contains("unnest(");
    let in_insert = dense.split("INSERT INTO").skip(1).any(|insert| {
        let columns = insert.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
        columns.is_some_and(|(columns, _)| names(columns, "shop_id"))
    });
    in_insert
        || dense.contains("shop_id=$")
        || dense.contains("shop_id=?")
        || dense.contains("shop_id=ANY($")
        || dense.contains("shop_id=CAST($")
        || (is_island && (dense.contains("shop_id=") || dense.contains("shop_id IN (")))
}

fn collect_modules(root: &Path, dir: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect_modules(root, &path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        if text.lines().any(|line| line.starts_with("statements!")) {
            let inside = path.strip_prefix(root).unwrap().with_extension("");
            let parts: Vec<_> = inside.iter().map(|p| p.to_string_lossy()).collect();
            let module = parts.join("::");
            found.insert(module.strip_suffix("::mod").unwrap_or(&module).to_owned());
        }
    }
}
