//! A write is all or nothing, answered after its commit, and nobody else's trouble.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::future::{join, join_all};
use tokio::sync::{Barrier, Notify};
use xiaoer_store::{Db, Sql, StoreError, args};
use xiaoer_testkit::{TestDb, both_dbs, run_on_postgres, run_on_sqlite};

use crate::{CREATE_PAIR, exec, insert, insert_key, keys};

both_dbs! {
    async fn what_is_acknowledged_is_seen_by_every_reader(db: TestDb) {
        exec(&db, CREATE_PAIR).await.unwrap();
        for key in 0..20 {
            db.write(insert_key(key)).await.unwrap();
            assert!(keys(&db).await.contains(&key));
        }
    }

    async fn a_failing_job_undoes_only_itself(db: TestDb) {
        exec(&db, CREATE_PAIR).await.unwrap();
        let writes = (0..60).map(|key| {
            db.write(move |tx| {
                Box::pin(async move {
                    insert(tx, key).await?;
                    match key % 3 {
                        0 => Err(StoreError::inconsistent("a.place", "on purpose")),
                        _ => Ok(key),
                    }
                })
            })
        });
        let answers = join_all(writes).await;
        let told: Vec<i64> = answers.into_iter().filter_map(Result::ok).collect();
        assert_eq!(told.len(), 40);
        assert_eq!(keys(&db).await, told.into_iter().collect());
    }

    async fn a_panicking_job_is_told_and_the_next_one_runs(db: TestDb) {
        exec(&db, CREATE_PAIR).await.unwrap();
        let writes = (0..9).map(|key| {
            db.write(move |tx| {
                Box::pin(async move {
                    insert(tx, key).await?;
                    assert!(key % 2 == 0, "on purpose");
                    Ok::<_, StoreError>(())
                })
            })
        });
        let answers = join_all(writes).await;
        let panicked = answers.iter().filter(|a| matches!(a, Err(StoreError::Internal { .. })));
        assert_eq!(panicked.count(), 4);
        assert_eq!(keys(&db).await, [0, 2, 4, 6, 8].into());
    }

    async fn a_swallowed_failure_is_never_committed(db: TestDb) {
        exec(&db, CREATE_PAIR).await.unwrap();
        let answer = db.write(|tx| Box::pin(async move {
            insert(tx, 1).await?;
            let _ = insert(tx, 1).await;
            Ok::<_, StoreError>(())
        })).await;
        assert!(matches!(answer, Err(StoreError::Internal { .. })), "{answer:?}");
        assert!(keys(&db).await.is_empty());
    }

    async fn after_a_failed_statement_the_next_one_is_refused(db: TestDb) {
        exec(&db, CREATE_PAIR).await.unwrap();
        let answer = db.write(|tx| Box::pin(async move {
            insert(tx, 1).await?;
            let _ = insert(tx, 1).await;
            insert(tx, 2).await
        })).await;
        assert!(matches!(answer, Err(StoreError::Internal { .. })), "{answer:?}");
        assert!(keys(&db).await.is_empty());
    }

    async fn a_savepoint_undoes_only_its_part(db: TestDb) {
        exec(&db, CREATE_PAIR).await.unwrap();
        db.write(|tx| Box::pin(async move {
            insert(tx, 1).await?;
            let part = tx.savepoint(|tx| Box::pin(async move {
                insert(tx, 2).await?;
                insert(tx, 1).await
            })).await;
            assert!(part.unwrap_err().is_unique("pair", &["shop_id", "key"]));
            tx.savepoint(|tx| Box::pin(insert(tx, 3))).await?;
            insert(tx, 4).await
        })).await.unwrap();
        assert_eq!(keys(&db).await, [1, 3, 4].into());
    }

    async fn a_savepoint_that_swallows_a_failure_is_undone_and_told(db: TestDb) {
        exec(&db, CREATE_PAIR).await.unwrap();
        db.write(|tx| Box::pin(async move {
            insert(tx, 1).await?;
            let part = tx.savepoint(|tx| Box::pin(async move {
                insert(tx, 2).await?;
                let _ = insert(tx, 2).await;
                Ok::<_, StoreError>(())
            })).await;
            assert!(matches!(part, Err(StoreError::Internal { .. })));
            Ok::<_, StoreError>(())
        })).await.unwrap();
        assert_eq!(keys(&db).await, [1].into());
    }

    async fn each_commit_wakes_the_followers(db: TestDb) {
        exec(&db, CREATE_PAIR).await.unwrap();
        let mut committed = db.committed();
        committed.mark_unchanged();
        db.write(insert_key(1)).await.unwrap();
        tokio::time::timeout(std::time::Duration::from_secs(5), committed.changed())
            .await.unwrap().unwrap();
    }

    async fn a_closed_store_says_so(db: TestDb) {
        db.close().await;
        let answer = exec(&db, CREATE_PAIR).await;
        assert!(matches!(answer, Err(StoreError::Unavailable { .. })), "{answer:?}");
        let answer = db.read(|tx| Box::pin(tx.all(crate::LIST_KEYS, args![]))).await;
        assert!(matches!(answer, Err(StoreError::Unavailable { .. })));
    }

    async fn the_derived_store_is_another_one(db: TestDb) {
        db.derived_write(|tx| Box::pin(tx.exec(CREATE_PAIR, args![]))).await.unwrap();
        db.derived_write(insert_key(7)).await.unwrap();
        let rows = db.derived_read(|tx| Box::pin(tx.all(crate::LIST_KEYS, args![]))).await.unwrap();
        assert_eq!(rows.len(), 1);
        let main = db.read(|tx| Box::pin(tx.all(crate::LIST_KEYS, args![]))).await;
        assert!(main.is_err(), "the main store has no such table");
    }
}

/// Holds the writer in a first job until `rest` is queued behind it; gives every answer.
async fn behind_a_held_job<F>(db: &Db, rest: Vec<F>) -> Vec<Result<(), StoreError>>
where
    F: Future<Output = Result<(), StoreError>>,
{
    let gate = Arc::new(Notify::new());
    let held = {
        let gate = Arc::clone(&gate);
        db.write(move |tx| {
            let gate = Arc::clone(&gate);
            Box::pin(async move {
                gate.notified().await;
                insert(tx, 1000).await
            })
        })
    };
    let release = async { gate.notify_one() };
    let (first, (mut answers, ())) = join(held, join(join_all(rest), release)).await;
    answers.insert(0, first);
    answers
}

#[tokio::test]
async fn waiting_writes_commit_together() {
    run_on_sqlite(|db: TestDb| async move {
        exec(&db, CREATE_PAIR).await.unwrap();
        let before = *db.committed().borrow();
        let rest = (0..50).map(|key| db.write(insert_key(key))).collect();
        let answers = behind_a_held_job(&db, rest).await;
        assert!(answers.iter().all(Result::is_ok));
        let commits = *db.committed().borrow() - before;
        assert!(commits < 10, "51 writes took {commits} commits");
        assert_eq!(keys(&db).await.len(), 51);
    })
    .await;
}

#[tokio::test]
async fn a_failed_commit_is_told_to_every_job_and_the_writer_goes_on() {
    run_on_sqlite(|db: TestDb| async move {
        exec(&db, CREATE_PAIR).await.unwrap();
        // The violation shows only at COMMIT.
        let create = "CREATE TABLE late (
            shop_id BIGINT NOT NULL,
            key BIGINT NOT NULL,
            FOREIGN KEY (shop_id, key) REFERENCES pair (shop_id, key)
              DEFERRABLE INITIALLY DEFERRED
        )";
        exec(&db, Sql::in_test(create)).await.unwrap();
        let violate = Sql::in_test("INSERT INTO late (shop_id, key) VALUES (1, 77)");
        let rest = (0..3_i64).map(|key| {
            db.write(move |tx| {
                Box::pin(async move {
                    match key {
                        1 => tx.exec(violate, args![]).await.map(drop),
                        _ => insert(tx, key).await,
                    }
                })
            })
        });
        let answers = behind_a_held_job(&db, rest.collect()).await;
        for answer in answers {
            assert!(matches!(answer, Err(StoreError::Unavailable { .. })), "{answer:?}");
        }
        assert!(keys(&db).await.is_empty());
        db.write(insert_key(5)).await.unwrap();
        assert_eq!(keys(&db).await, [5].into());
    })
    .await;
}

#[tokio::test]
async fn a_job_whose_transaction_the_database_ended_spoils_no_answer() {
    run_on_sqlite(|db: TestDb| async move {
        exec(&db, CREATE_PAIR).await.unwrap();
        // As SQLite does by itself on a full disk: the whole transaction is gone.
        let rollback = Sql::in_test("ROLLBACK");
        let rest = (0..3_i64).map(|key| {
            db.write(move |tx| {
                Box::pin(async move {
                    match key {
                        1 => tx.exec(rollback, args![]).await.map(drop),
                        _ => insert(tx, key).await,
                    }
                })
            })
        });
        let answers = behind_a_held_job(&db, rest.collect()).await;
        let stored = keys(&db).await;
        for (answer, key) in answers.iter().zip([1000, 0, 1, 2]) {
            assert!(answer.is_err() || key == 1 || stored.contains(&key), "{key}: {answer:?}");
        }
        assert!(!stored.contains(&1000));
        assert!(answers[0].is_err() && answers[1].is_err());
        db.write(insert_key(5)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn closing_runs_what_is_queued_and_empties_the_wal() {
    run_on_sqlite(|db: TestDb| async move {
        exec(&db, CREATE_PAIR).await.unwrap();
        let writes = join_all((0..100).map(|key| db.write(insert_key(key))));
        let (answers, ()) = join(writes, db.close()).await;
        assert!(answers.iter().all(Result::is_ok));
        let wal = db.folder().unwrap().join("main.db-wal");
        assert_eq!(std::fs::metadata(wal).map_or(0, |m| m.len()), 0);
        let again = Db::open(db.config()).await.unwrap();
        assert_eq!(keys(&again).await.len(), 100);
        again.close().await;
    })
    .await;
}

#[tokio::test]
async fn an_abandoned_read_leaves_no_transaction_behind() {
    run_on_sqlite(|db: TestDb| async move {
        exec(&db, CREATE_PAIR).await.unwrap();
        for key in 0..20 {
            let endless = db.read(|tx| {
                Box::pin(async move {
                    tx.all(crate::LIST_KEYS, args![]).await?;
                    std::future::pending::<Result<(), StoreError>>().await
                })
            });
            let short = std::time::Duration::from_millis(5);
            assert!(tokio::time::timeout(short, endless).await.is_err());
            db.write(insert_key(key)).await.unwrap();
            assert!(keys(&db).await.contains(&key), "a reader is stuck in an old moment");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadlock_is_run_again_until_both_are_stored() {
    run_on_postgres(|db: TestDb| async move {
        exec(&db, CREATE_PAIR).await.unwrap();
        db.write(insert_key(1)).await.unwrap();
        db.write(insert_key(2)).await.unwrap();
        let runs = Arc::new(AtomicU32::new(0));
        let both_hold_one = Arc::new(Barrier::new(2));
        let update =
            Sql::in_test("UPDATE pair SET name = name || 'x' WHERE shop_id = 1 AND key = $1");
        let in_order = |first: i64, second: i64| {
            let (runs, barrier) = (Arc::clone(&runs), Arc::clone(&both_hold_one));
            db.write(move |tx| {
                let (runs, barrier) = (Arc::clone(&runs), Arc::clone(&barrier));
                Box::pin(async move {
                    tx.exec(update, args![first]).await?;
                    if runs.fetch_add(1, Ordering::SeqCst) < 2 {
                        barrier.wait().await;
                    }
                    tx.exec(update, args![second]).await.map(drop)
                })
            })
        };
        let (one, other) = join(in_order(1, 2), in_order(2, 1)).await;
        one.unwrap();
        other.unwrap();
        assert!(runs.load(Ordering::SeqCst) >= 3, "one of them ran again");
        let names = Sql::in_test("SELECT name FROM pair WHERE shop_id = 1 LIMIT 10");
        for row in db.read(|tx| Box::pin(tx.all(names, args![]))).await.unwrap() {
            assert_eq!(row.get::<String>("name").unwrap(), "a namexx");
        }
    })
    .await;
}
