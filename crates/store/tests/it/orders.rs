//! Order statements reach their rows by a key: the cost of an import does not grow with the shop.

use sqlx::{AssertSqlSafe, Row as _};
use xiaoer_store::{ALL, Dialect, Place, Sql};
use xiaoer_testkit::{TestDb, run_on_sqlite};

use crate::statements::sqlite;

/// SQLite prefers an index on the shop alone to a row id that comes from a set; this notices.
#[tokio::test]
async fn no_order_statement_walks_through_a_whole_shop() {
    run_on_sqlite(|db: TestDb| async move {
        let mut conn = sqlite(&db, Place::Main).await;
        let orders = ALL.iter().filter(|(module, _)| module.starts_with("orders::"));
        let orders = orders.flat_map(|(module, list)| list.iter().map(move |sql| (module, sql)));
        // An insert takes its rows from a set; what else its plan shows is a check of references
        // that SQLite leaves out while none is broken.
        let inserts = |sql: &Sql| sql.text(Dialect::Sqlite).starts_with("INSERT");
        for (module, sql) in orders.filter(|(_, sql)| !inserts(sql)) {
            let explain = format!("EXPLAIN QUERY PLAN {}", sql.text(Dialect::Sqlite));
            let plan = sqlx::query(AssertSqlSafe(explain)).fetch_all(&mut conn).await.unwrap();
            for step in plan {
                let step: String = step.get("detail");
                let scans = step.starts_with("SCAN ");
                let a_set = ["SCAN json_each", "SCAN v"].iter().any(|set| step.starts_with(set));
                let fine = (!scans || a_set) && !step.ends_with("(shop_id=?)");
                assert!(fine, "{module} {}: {step}", sql.name());
            }
        }
    })
    .await;
}
