//! A follower sees every line once, also when commits overtake each other.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use xiaoer_domain::id::ShopId;
use xiaoer_domain::time::Timestamp;
use xiaoer_store::journal::{self, JournalRow, Position};
use xiaoer_store::{Db, Sql, StoreError, Tx, args};
use xiaoer_testkit::{TestDb, both_dbs, run_on_postgres};

const SHOP: ShopId = ShopId::new(1);
/// Gives a transaction its number without writing anything.
const TAKE_XID: Sql = Sql::in_test("SELECT CAST(pg_current_xact_id() AS TEXT) AS xid");

async fn append(tx: &mut Tx, kind: &str) -> Result<i64, StoreError> {
    journal::append(tx, SHOP, Timestamp::from_micros(1), kind, 1, "{}".to_owned()).await
}

async fn append_one(db: &Db, kind: &'static str) -> i64 {
    db.write(move |tx| Box::pin(append(tx, kind))).await.unwrap()
}

async fn read(db: &Db, after: Position) -> Vec<JournalRow> {
    db.read(move |tx| Box::pin(journal::read_after(tx, after, 500))).await.unwrap()
}

/// Reads until `count` lines have come: writes of other tests in the cluster may delay them.
async fn read_until(db: &Db, after: Position, count: usize) -> Vec<JournalRow> {
    for _ in 0..600 {
        let rows = read(db, after).await;
        if rows.len() >= count {
            return rows;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the lines did not appear");
}

/// A transaction that is led by hand.
struct Held {
    append: oneshot::Sender<()>,
    appended: oneshot::Receiver<i64>,
    commit: oneshot::Sender<()>,
    done: JoinHandle<Result<(), StoreError>>,
}

/// Starts a transaction that has its number already; append and commit follow on command.
async fn hold(db: &Db, kind: &'static str) -> Held {
    let (started, is_started) = oneshot::channel();
    let (append_now, told_append) = oneshot::channel();
    let (appended, is_appended) = oneshot::channel();
    let (commit, told_commit) = oneshot::channel();
    let parts = (started, told_append, appended, told_commit);
    let parts = std::sync::Mutex::new(Some(parts));
    let db = db.clone();
    let done = tokio::spawn(async move {
        db.write(move |tx| {
            let parts = parts.lock().unwrap().take().expect("runs once");
            Box::pin(async move {
                let (started, told_append, appended, told_commit) = parts;
                tx.one(TAKE_XID, args![]).await?;
                started.send(()).unwrap();
                told_append.await.unwrap();
                appended.send(append(tx, kind).await?).unwrap();
                told_commit.await.unwrap();
                Ok(())
            })
        })
        .await
    });
    is_started.await.unwrap();
    Held { append: append_now, appended: is_appended, commit, done }
}

both_dbs! {
    async fn lines_come_in_order_and_positions_are_kept(db: TestDb) {
        let ids = [append_one(&db, "a").await, append_one(&db, "b").await, append_one(&db, "c").await];
        let rows = read_until(&db, Position::default(), 3).await;
        assert_eq!(rows.iter().map(|r| r.position.id).collect::<Vec<_>>(), ids);
        assert_eq!(rows[1].kind, "b");
        assert_eq!((rows[0].shop, rows[0].version, rows[0].facts.as_str()), (SHOP, 1, "{}"));
        let middle = rows[1].position;
        db.write(move |tx| Box::pin(journal::save_position(tx, "f", middle, Timestamp::from_micros(5))))
            .await.unwrap();
        let kept = db.read(|tx| Box::pin(journal::follower_position(tx, "f"))).await.unwrap();
        assert_eq!(kept, Some(middle));
        let none = db.read(|tx| Box::pin(journal::follower_position(tx, "g"))).await.unwrap();
        assert_eq!(none, None);
        assert_eq!(read(&db, middle).await.len(), 1);
        let last = db.read(|tx| Box::pin(journal::last_position(tx))).await.unwrap();
        assert_eq!(last, rows[2].position);
    }

    async fn a_follower_beside_many_writers_sees_each_line_once(db: TestDb) {
        const WRITERS: i64 = 6;
        const LINES: i64 = 40;
        let writers: Vec<_> = (0..WRITERS).map(|writer| {
            let db = (*db).clone();
            tokio::spawn(async move {
                let mut ids = Vec::new();
                for line in 0..LINES {
                    ids.push(db.write(move |tx| Box::pin(async move {
                        let first = append(tx, "x").await?;
                        if (writer + line) % 3 == 0 {
                            // Lets others take ids, and commit, in the middle of this one.
                            tokio::time::sleep(Duration::from_millis(2)).await;
                        }
                        Ok::<_, StoreError>([first, append(tx, "y").await?])
                    })).await.unwrap());
                }
                ids
            })
        }).collect();
        let expected = usize::try_from(WRITERS * LINES * 2).unwrap();
        let mut seen = Vec::new();
        let mut position = Position::default();
        while seen.len() < expected {
            let rows = read(&db, position).await;
            match rows.last() {
                Some(last) => position = last.position,
                None => tokio::time::sleep(Duration::from_millis(3)).await,
            }
            seen.extend(rows.iter().map(|row| row.position.id));
        }
        let mut written = BTreeSet::new();
        for writer in writers {
            written.extend(writer.await.unwrap().into_iter().flatten());
        }
        assert!(read(&db, position).await.is_empty());
        assert_eq!(seen.len(), expected);
        assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), written);
    }

    async fn after_a_restore_nothing_is_missed(db: TestDb) {
        for kind in ["a", "b", "c"] {
            append_one(&db, kind).await;
        }
        let rows = read_until(&db, Position::default(), 3).await;
        let first = rows[0].position;
        db.write(move |tx| Box::pin(async move {
            journal::save_position(tx, "behind", first, Timestamp::from_micros(1)).await?;
            journal::rebase_after_restore(tx).await
        })).await.unwrap();
        let kept = db.read(|tx| Box::pin(journal::follower_position(tx, "behind"))).await.unwrap();
        let kept = kept.unwrap();
        assert_eq!(kept, Position { xid: 0, id: first.id });
        assert_eq!(read(&db, kept).await.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_later_commit_of_a_lower_id_is_waited_for() {
    run_on_postgres(|db: TestDb| async move {
        let a = hold(&db, "a").await;
        a.append.send(()).unwrap();
        let id_a = a.appended.await.unwrap();
        let id_b = append_one(&db, "b").await;
        assert!(id_a < id_b);
        assert!(read(&db, Position::default()).await.is_empty(), "b is committed, a is not");
        a.commit.send(()).unwrap();
        a.done.await.unwrap().unwrap();
        let rows = read_until(&db, Position::default(), 2).await;
        assert_eq!(rows.iter().map(|r| r.position.id).collect::<Vec<_>>(), [id_a, id_b]);
        assert!(read(&db, rows[1].position).await.is_empty(), "nothing comes twice");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lower_id_of_the_younger_transaction_is_not_lost() {
    run_on_postgres(|db: TestDb| async move {
        // `old` has the lower transaction number but takes its id last.
        let old = hold(&db, "old").await;
        let young = hold(&db, "young").await;
        young.append.send(()).unwrap();
        let id_young = young.appended.await.unwrap();
        old.append.send(()).unwrap();
        let id_old = old.appended.await.unwrap();
        assert!(id_young < id_old);
        old.commit.send(()).unwrap();
        old.done.await.unwrap().unwrap();
        // A follower may now stand behind the higher id …
        let rows = read_until(&db, Position::default(), 1).await;
        assert_eq!(rows.iter().map(|r| r.position.id).collect::<Vec<_>>(), [id_old]);
        let position = rows[0].position;
        young.commit.send(()).unwrap();
        young.done.await.unwrap().unwrap();
        // … and still finds the lower one, once.
        let rows = read_until(&db, position, 1).await;
        assert_eq!(rows.iter().map(|r| r.position.id).collect::<Vec<_>>(), [id_young]);
        assert!(read(&db, rows[0].position).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_younger_transaction_committing_first_is_held_back() {
    run_on_postgres(|db: TestDb| async move {
        let old = hold(&db, "old").await;
        let id_young = append_one(&db, "young").await;
        assert!(read(&db, Position::default()).await.is_empty());
        old.append.send(()).unwrap();
        let id_old = old.appended.await.unwrap();
        assert!(id_young < id_old);
        old.commit.send(()).unwrap();
        old.done.await.unwrap().unwrap();
        let rows = read_until(&db, Position::default(), 2).await;
        assert_eq!(rows.iter().map(|r| r.position.id).collect::<Vec<_>>(), [id_old, id_young]);
    })
    .await;
}
