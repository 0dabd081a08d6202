//! Both databases have the same tables, columns, types, nullability and unique keys.

use std::collections::BTreeSet;

use xiaoer_store::Place;
use xiaoer_testkit::{TestDb, run_on_postgres, run_on_sqlite};

use crate::statements::{postgres, sqlite};

/// Tables (by the start of their name) that exist on one database only, and why.
const ONE_SIDED: &[(&str, &str)] = &[];

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
    let (here, there) = (tokio::sync::mpsc::unbounded_channel(), SQLITE_COLUMNS.len());
    let (send, mut receive) = here;
    let other = send.clone();
    run_on_sqlite(|db: TestDb| async move {
        for place in [Place::Main, Place::Derived] {
            let mut conn = sqlite(&db, place).await;
            let mut facts = BTreeSet::new();
            for text in [SQLITE_COLUMNS, SQLITE_KEYS] {
                let rows: Vec<(String,)> = sqlx::query_as(text).fetch_all(&mut conn).await.unwrap();
                facts.extend(rows.into_iter().map(|(fact,)| fact));
            }
            send.send(facts).unwrap();
        }
    })
    .await;
    run_on_postgres(|db: TestDb| async move {
        for place in [Place::Main, Place::Derived] {
            let mut conn = postgres(&db, place).await;
            let mut facts = BTreeSet::new();
            for text in [POSTGRES_COLUMNS, POSTGRES_KEYS] {
                let rows: Vec<(String,)> = sqlx::query_as(text).fetch_all(&mut conn).await.unwrap();
                facts.extend(rows.into_iter().map(|(fact,)| fact));
            }
            other.send(facts).unwrap();
        }
    })
    .await;
    assert!(there > 0);
    let mut all = Vec::new();
    while let Ok(facts) = receive.try_recv() {
        all.push(facts);
    }
    assert!(all[0].len() > 50, "the main schema is read");
    for (of_sqlite, of_postgres) in [(&all[0], &all[2]), (&all[1], &all[3])] {
        let differences: Vec<_> = of_sqlite
            .symmetric_difference(of_postgres)
            .filter(|fact| !ONE_SIDED.iter().any(|(table, _)| fact.starts_with(table)))
            .map(|fact| (if of_sqlite.contains(fact) { "SQLite" } else { "PostgreSQL" }, fact))
            .collect();
        assert!(differences.is_empty(), "only on one of them: {differences:#?}");
    }
}
