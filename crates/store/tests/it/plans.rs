//! Statements of chat and orders reach their rows by a key: what they cost does not grow with the shop.

use sqlx::{AssertSqlSafe, Row as _};
use xiaoer_store::{ALL, Dialect, Place, Sql};
use xiaoer_testkit::{TestDb, run_on_sqlite};

use crate::statements::sqlite;

/// Read every membership of a shop, or every available agent: a few hundred rows, however old the shop.
const FEW: [&str; 1] = ["CANDIDATES"];

/// SQLite prefers an index on the shop alone to a row id that comes from a set; this notices.
#[tokio::test]
async fn no_statement_walks_through_a_whole_shop() {
    run_on_sqlite(|db: TestDb| async move {
        let mut conn = sqlite(&db, Place::Main).await;
        let judged = ["orders::", "chat::"];
        let modules = ALL.iter().filter(|(name, _)| judged.iter().any(|j| name.starts_with(j)));
        let all = modules.flat_map(|(module, list)| list.iter().map(move |sql| (module, sql)));
        let all = all.filter(|(_, sql)| !FEW.contains(&sql.name()));
        // An insert takes its rows from a set; what else its plan shows is a check of references
        // that SQLite leaves out while none is broken.
        let inserts = |sql: &Sql| sql.text(Dialect::Sqlite).starts_with("INSERT");
        for (module, sql) in all.filter(|(_, sql)| !inserts(sql)) {
            let explain = format!("EXPLAIN QUERY PLAN {}", sql.text(Dialect::Sqlite));
            let plan = sqlx::query(AssertSqlSafe(explain)).fetch_all(&mut conn).await.unwrap();
            for step in plan {
                let step: String = step.get("detail");
                let scans = step.starts_with("SCAN ");
                let sets = ["SCAN json_each", "SCAN k ", "SCAN v"];
                let a_set = sets.iter().any(|set| step.starts_with(set));
                let values = step.contains("CONSTANT ROW");
                let fine = (!scans || a_set || values) && !step.ends_with("(shop_id=?)");
                assert!(fine, "{module} {}: {step}", sql.name());
            }
        }
    })
    .await;
}
