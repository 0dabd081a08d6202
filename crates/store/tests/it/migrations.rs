//! Steps go forward, are never edited, and stop before a schema nobody here knows.

use xiaoer_store::{MigrateError, Place, Sql, args, migrate_main_in_test};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::exec;

type Step = (i64, &'static str, &'static str);

const ONE: Step = (1, "one", "CREATE TABLE one (id {{ID}}, is_new {{BOOL}} NOT NULL);");
const TWO: Step = (2, "two", "CREATE TABLE two (id {{ID}}); CREATE INDEX two_id ON two (id);");
const THREE: Step = (3, "three", "CREATE TABLE three (id {{ID}});");
const COUNT: Sql = Sql::in_test("SELECT COUNT(*) AS n FROM schema_migration");

async fn steps_recorded(db: &TestDb) -> i64 {
    let row = db.read(|tx| Box::pin(tx.one(COUNT, args![]))).await.unwrap();
    row.get("n").unwrap()
}

both_dbs! {
    async fn missing_steps_are_applied_once(db: TestDb) {
        let empty = db.empty().await;
        migrate_main_in_test(&empty, &[ONE]).await.unwrap();
        migrate_main_in_test(&empty, &[ONE, TWO]).await.unwrap();
        migrate_main_in_test(&empty, &[ONE, TWO]).await.unwrap();
        assert_eq!(steps_recorded(&empty).await, 2);
        empty.remove().await;
    }

    async fn an_edited_step_is_refused(db: TestDb) {
        let empty = db.empty().await;
        migrate_main_in_test(&empty, &[ONE]).await.unwrap();
        let edited = (1, "one", "CREATE TABLE one (id {{ID}});");
        let refused = migrate_main_in_test(&empty, &[edited, TWO]).await;
        assert!(matches!(refused, Err(MigrateError::Edited { version: 1, .. })), "{refused:?}");
        assert_eq!(steps_recorded(&empty).await, 1);
        empty.remove().await;
    }

    async fn a_server_runs_on_the_next_schema_and_refuses_the_one_after(db: TestDb) {
        let empty = db.empty().await;
        migrate_main_in_test(&empty, &[ONE, TWO, THREE]).await.unwrap();
        migrate_main_in_test(&empty, &[ONE, TWO]).await.unwrap();
        let refused = migrate_main_in_test(&empty, &[ONE]).await;
        assert!(matches!(refused, Err(MigrateError::TooNew { applied: 3, known: 1 })));
        empty.remove().await;
    }

    async fn a_skipped_step_is_refused(db: TestDb) {
        let empty = db.empty().await;
        migrate_main_in_test(&empty, &[ONE, THREE]).await.unwrap();
        let refused = migrate_main_in_test(&empty, &[ONE, TWO, THREE]).await;
        assert!(matches!(refused, Err(MigrateError::Gap { version: 2 })), "{refused:?}");
        empty.remove().await;
    }

    async fn a_failing_step_leaves_nothing_of_itself(db: TestDb) {
        let empty = db.empty().await;
        let broken = (2, "two", "CREATE TABLE half (id {{ID}}); CREATE TABLE one (id {{ID}});");
        let failed = migrate_main_in_test(&empty, &[ONE, broken]).await;
        assert!(matches!(failed, Err(MigrateError::Failed { version: 2, .. })), "{failed:?}");
        assert!(exec(&empty, Sql::in_test("SELECT id FROM half")).await.is_err());
        migrate_main_in_test(&empty, &[ONE, TWO]).await.unwrap();
        empty.remove().await;
    }

    async fn the_status_tells_before_and_after(db: TestDb) {
        let empty = db.empty().await;
        let before = empty.schema_status().await.unwrap();
        assert!(before.iter().all(|s| s.applied == 0));
        let after = db.schema_status().await.unwrap();
        assert!(after.iter().all(|s| s.applied == s.known));
        assert_eq!(after[0].place, Place::Main);
        assert!(after[0].known > 0);
        empty.remove().await;
    }

    async fn two_nodes_may_migrate_at_once(db: TestDb) {
        let empty = db.empty().await;
        let (one, other) = futures_util::future::join(empty.migrate(1), empty.migrate(2)).await;
        one.unwrap();
        other.unwrap();
        empty.remove().await;
    }
}
