//! Both databases have the same tables, columns, types, nullability and unique keys.

use std::sync::{Arc, Mutex};

use xiaoer_store::Place;
use xiaoer_testkit::{TestDb, run_on_postgres, run_on_sqlite};

use crate::statements::{postgres, sqlite};

/// Tables (by the start of their name) that exist on one database only, and why.
const ONE_SIDED: &[(&str, &str)] =
    &[("entry_words", "the index of words: each database has its own kind, behind store::search")];

const SQLITE_COLUMNS: &str = "SELECT t.name || '.' || c.name || ' ' || c.type ||
      CASE WHEN c.\"notnull\" OR (c.pk AND c.type = 'INTEGER'
        AND (SELECT COUNT(*) FROM pragma_table_info(t.name) p WHERE p.pk) = 1)
      THEN ' NOT NULL' ELSE '' END
    FROM sqlite_master t JOIN pragma_table_info(t.name) c
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> 'schema_migration'";
const SQLITE_KEYS: &str = "SELECT t.name || ' UNIQUE (' ||
      (SELECT group_concat(i.name, ', ') FROM pragma_index_info(l.name) i) || ')' ||
      CASE WHEN l.partial THEN ' partial' ELSE '' END
    FROM sqlite_master t JOIN pragma_index_list(t.name) l
    WHERE t.type = 'table' AND l.\"unique\" AND t.name <> 'schema_migration'
    UNION
    SELECT t.name || ' UNIQUE (' || c.name || ')'
    FROM sqlite_master t JOIN pragma_table_info(t.name) c
    WHERE t.type = 'table' AND c.pk AND c.type = 'INTEGER' AND t.name NOT LIKE 'sqlite_%'
      AND (SELECT COUNT(*) FROM pragma_table_info(t.name) p WHERE p.pk) = 1";
const POSTGRES_COLUMNS: &str = "SELECT CAST(table_name AS TEXT) || '.' || column_name || ' ' ||
      CASE data_type WHEN 'bigint' THEN 'INTEGER' WHEN 'text' THEN 'TEXT'
        WHEN 'bytea' THEN 'BLOB' WHEN 'boolean' THEN 'BOOLEAN' ELSE data_type END ||
      CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END
    FROM information_schema.columns
    WHERE table_schema = current_schema() AND table_name <> 'schema_migration'";
const POSTGRES_KEYS: &str = "SELECT CAST(t.relname AS TEXT) || ' UNIQUE (' ||
      (SELECT string_agg(a.attname, ', ' ORDER BY k.place)
       FROM unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
       JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum) || ')' ||
      CASE WHEN i.indpred IS NULL THEN '' ELSE ' partial' END
    FROM pg_index i
    JOIN pg_class t ON t.oid = i.indrelid
    JOIN pg_namespace n ON n.oid = t.relnamespace
    WHERE i.indisunique AND n.nspname = current_schema() AND t.relname <> 'schema_migration'";

#[tokio::test]
async fn both_databases_have_the_same_schema() {
    let of_sqlite = Arc::new(Mutex::new(Vec::new()));
    let of_postgres = Arc::new(Mutex::new(Vec::new()));
    let found = Arc::clone(&of_sqlite);
    run_on_sqlite(|db: TestDb| async move {
        for place in [Place::Main, Place::Derived] {
            let mut conn = sqlite(&db, place).await;
            for text in [SQLITE_COLUMNS, SQLITE_KEYS] {
                let rows: Vec<(String,)> = sqlx::query_as(text).fetch_all(&mut conn).await.unwrap();
                found.lock().unwrap().extend(rows.into_iter().map(|(fact,)| (place, fact)));
            }
        }
    })
    .await;
    let found = Arc::clone(&of_postgres);
    run_on_postgres(|db: TestDb| async move {
        for place in [Place::Main, Place::Derived] {
            let mut conn = postgres(&db, place).await;
            for text in [POSTGRES_COLUMNS, POSTGRES_KEYS] {
                let rows: Vec<(String,)> = sqlx::query_as(text).fetch_all(&mut conn).await.unwrap();
                found.lock().unwrap().extend(rows.into_iter().map(|(fact,)| (place, fact)));
            }
        }
    })
    .await;
    let (of_sqlite, of_postgres) = (of_sqlite.lock().unwrap(), of_postgres.lock().unwrap());
    assert!(of_sqlite.len() > 50, "the schema is read");
    let only_on = |name: &str, here: &[(Place, String)], there: &[(Place, String)]| {
        let missing = here.iter().filter(|fact| !there.contains(fact));
        let known = |fact: &str| ONE_SIDED.iter().any(|(table, _)| fact.starts_with(table));
        let missing = missing.filter(|(_, fact)| !known(fact));
        missing.map(|(place, fact)| format!("{name} {place:?}: {fact}")).collect::<Vec<_>>()
    };
    let mut differences = only_on("SQLite", &of_sqlite, &of_postgres);
    differences.extend(only_on("PostgreSQL", &of_postgres, &of_sqlite));
    assert!(differences.is_empty(), "only on one of them: {differences:#?}");
}
