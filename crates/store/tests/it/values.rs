//! What is bound is what is read back.

use xiaoer_store::{Sql, StoreError, Value, args};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::exec;

const CREATE: Sql = Sql::in_test_both(
    "CREATE TABLE kind (number BIGINT, words TEXT, bytes BLOB, flag BOOLEAN)",
    "CREATE TABLE kind (number BIGINT, words TEXT, bytes BYTEA, flag BOOLEAN)",
);
const INSERT: Sql = Sql::in_test(
    "INSERT INTO kind (number, words, bytes, flag) VALUES ($1, $2, $3, $4)
     RETURNING number, words, bytes, flag",
);
const COUNT_FLAGGED: Sql = Sql::in_test("SELECT COUNT(*) AS n FROM kind WHERE flag");

both_dbs! {
    async fn every_kind_comes_back_as_it_went(db: TestDb) {
        exec(&db, CREATE).await.unwrap();
        db.write(|tx| Box::pin(async move {
            let row = tx.one(INSERT, args![i64::MIN, "店小二", vec![0_u8, 255], true]).await?;
            assert_eq!(row.get::<i64>("number")?, i64::MIN);
            assert_eq!(row.get::<String>("words")?, "店小二");
            assert_eq!(row.get::<Vec<u8>>("bytes")?, [0, 255]);
            assert!(row.get::<bool>("flag")?);
            let nothing = args![None::<i64>, None::<String>, None::<Vec<u8>>, None::<bool>];
            let row = tx.one(INSERT, nothing).await?;
            assert_eq!(row.get::<Option<i64>>(0)?, None);
            assert_eq!(row.get::<Option<String>>(1)?, None);
            assert_eq!(row.get::<Option<Vec<u8>>>(2)?, None);
            assert_eq!(row.get::<Option<bool>>(3)?, None);
            tx.one(INSERT, args![1, "", Vec::<u8>::new(), false]).await?;
            assert_eq!(tx.one(COUNT_FLAGGED, args![]).await?.get::<i64>("n")?, 1);
            Ok::<_, StoreError>(())
        })).await.unwrap();
    }

    async fn a_column_that_cannot_be_what_is_asked_is_inconsistent(db: TestDb) {
        exec(&db, CREATE).await.unwrap();
        db.write(|tx| Box::pin(async move {
            let row = tx.one(INSERT, args![1_i64 << 40, None::<String>, b"ab", true]).await?;
            for error in [
                row.get::<String>("words").unwrap_err(),
                row.get::<i32>("number").unwrap_err(),
                row.get::<i64>("missing").unwrap_err(),
                row.get::<[u8; 3]>("bytes").unwrap_err(),
                row.parse("number", |n: i64| Err::<(), _>(format!("no {n}"))).unwrap_err(),
            ] {
                assert!(matches!(error, StoreError::Inconsistent { .. }), "{error:?}");
            }
            Ok::<_, StoreError>(())
        })).await.unwrap();
    }

    async fn plural_values_feed_an_island_on_either_database(db: TestDb) {
        let island = Sql::in_test_both(
            "SELECT a.value AS number, b.value AS words, unhex(c.value) AS bytes
             FROM json_each($1) a
             JOIN json_each($2) b ON b.key = a.key
             JOIN json_each($3) c ON c.key = a.key
             ORDER BY a.key",
            "SELECT number, words, bytes FROM unnest($1, $2, $3) AS t (number, words, bytes)",
        );
        let rows = db.read(move |tx| Box::pin(async move {
            let words = vec![Some("say \"hi\"".to_owned()), None];
            let bytes = Value::Blobs(vec![Some(vec![1, 171]), None]);
            tx.all(island, args![vec![7_i64, -9], words, bytes]).await
        })).await.unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].get::<i64>("number").unwrap(), 7);
        assert_eq!(rows[0].get::<String>("words").unwrap(), "say \"hi\"");
        assert_eq!(rows[0].get::<Vec<u8>>("bytes").unwrap(), [1, 171]);
        assert_eq!(rows[1].get::<Option<String>>("words").unwrap(), None);
        assert_eq!(rows[1].get::<Option<Vec<u8>>>("bytes").unwrap(), None);
    }

    async fn a_bare_number_reads_as_a_number(db: TestDb) {
        let bare = Sql::in_test("SELECT 1 AS one, CAST($1 AS BIGINT) AS two");
        let row = db.read(move |tx| Box::pin(tx.one(bare, args![2]))).await.unwrap();
        assert_eq!(row.get::<i64>("one").unwrap() + row.get::<i64>("two").unwrap(), 3);
    }
}
