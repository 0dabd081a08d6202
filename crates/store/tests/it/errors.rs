//! A violation reads the same on both databases.

use xiaoer_store::{Sql, StoreError, args};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::{CREATE_PAIR, LIST_KEYS, exec, insert_key};

both_dbs! {
    async fn a_unique_violation_names_table_and_columns(db: TestDb) {
        exec(&db, CREATE_PAIR).await.unwrap();
        db.write(insert_key(1)).await.unwrap();
        let error = db.write(insert_key(1)).await.unwrap_err();
        assert!(error.is_unique("pair", &["shop_id", "key"]), "{error:?}");
        assert_eq!(error.to_string(), "a row with the same pair(shop_id, key) exists already");
    }

    async fn a_partial_unique_index_reads_like_any_other(db: TestDb) {
        exec(&db, CREATE_PAIR).await.unwrap();
        let create = "CREATE UNIQUE INDEX pair_named ON pair (name, shop_id) WHERE name IS NOT NULL";
        exec(&db, Sql::in_test(create)).await.unwrap();
        db.write(insert_key(1)).await.unwrap();
        let error = db.write(insert_key(2)).await.unwrap_err();
        assert!(error.is_unique("pair", &["name", "shop_id"]), "{error:?}");
    }

    async fn a_missing_reference_has_its_own_kind(db: TestDb) {
        let insert = "INSERT INTO setting (shop_id, name, valid_from, value)
            VALUES (424242, 'a', 1, 'b')";
        let error = exec(&db, Sql::in_test(insert)).await.unwrap_err();
        assert!(matches!(error, StoreError::ForeignKey { .. }), "{error:?}");
    }

    async fn a_wrong_statement_is_internal_and_tells_no_values(db: TestDb) {
        let wrong = Sql::in_test("SELECT nothing FROM nowhere");
        let error = exec(&db, wrong).await.unwrap_err();
        assert!(matches!(error, StoreError::Internal { .. }), "{error:?}");
    }

    async fn one_without_a_row_is_not_found(db: TestDb) {
        exec(&db, CREATE_PAIR).await.unwrap();
        let answer = db.read(|tx| Box::pin(tx.one(LIST_KEYS, args![]))).await;
        assert!(matches!(answer, Err(StoreError::NotFound { .. })));
    }

    async fn a_failed_check_is_internal(db: TestDb) {
        let create = "CREATE TABLE checked (part BIGINT NOT NULL CHECK (part > 0))";
        exec(&db, Sql::in_test(create)).await.unwrap();
        let error = exec(&db, Sql::in_test("INSERT INTO checked (part) VALUES (0)")).await;
        assert!(matches!(error, Err(StoreError::Internal { .. })), "{error:?}");
    }
}
