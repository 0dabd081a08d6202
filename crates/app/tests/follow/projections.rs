//! A projection takes each line in once, misses none, and can be made again from what is recorded.

use std::time::Duration;

use tokio::sync::oneshot;
use xiaoer_app::followers::{FollowError, Following};
use xiaoer_domain::chat::{ClientId, MessageText, Rules};
use xiaoer_domain::id::ShopId;
use xiaoer_domain::search::Query;
use xiaoer_store::chat::load;
use xiaoer_store::chat::save::{self, Fact, Made};
use xiaoer_store::{Db, Dialect, Sql, StoreError, Tx, args};
use xiaoer_testkit::{TestDb, both_dbs, run_on_postgres};

use crate::house::{House, SEARCH, exec, exec_derived};

/// What the index proposes for words that occur in these tests.
async fn index(db: &Db, shop: ShopId) -> Vec<(&'static str, Vec<i64>)> {
    let mut all = Vec::new();
    for word in ["退", "退款", "换", "号", "refund", "1", "7", "999", "小", "满"] {
        let query = Query::parse(word).unwrap();
        let found = db
            .derived_read(move |tx| {
                Box::pin(async move {
                    xiaoer_store::search::candidates(tx, shop, &query, i64::MAX, 1000).await
                })
            })
            .await;
        all.push((word, found.unwrap()));
    }
    all
}

/// A talk with some of everything: both lanes, recalls, events without text.
async fn talk(house: &House, lines: usize) {
    let buyers = [house.buyer().await, house.buyer().await];
    for number in 0..lines {
        let buyer = buyers[number % 2];
        let seq = match number % 5 {
            0 => house.says(buyer, &format!("要退款 {number}")).await,
            1 => house.says(buyer, &format!("换 号 refund {number}")).await,
            2 => house.notes(buyer, &format!("小满：{number}")).await,
            _ => house.says(buyer, &format!("退 {number}")).await,
        };
        if number % 7 == 3 && number % 5 != 2 {
            house.recalls(buyer, seq).await;
        }
    }
}

/// Makes the derived store vanish, as an operator may, and opens what is left.
async fn delete_derived(db: &TestDb) -> Db {
    match db.dialect() {
        Dialect::Sqlite => {
            db.close().await;
            for file in ["derived.db", "derived.db-wal", "derived.db-shm"] {
                drop(std::fs::remove_file(db.folder().unwrap().join(file)));
            }
        }
        Dialect::Postgres => exec(db, "DROP SCHEMA derived CASCADE").await,
    }
    let reopened = Db::open(db.config()).await.unwrap();
    reopened.migrate(0).await.unwrap();
    reopened
}

/// Writes a line and its fact in a transaction, as the sender does, and tells nobody.
async fn commit_unpublished(tx: &mut Tx, house: &Said) -> Result<(), StoreError> {
    let talk = load::talk(tx, house.shop, house.conversation).await?;
    let mut talk = talk.unwrap();
    let text = MessageText::parse(house.text, 100).unwrap();
    let client_id = ClientId::parse(&format!("unpublished-{}", talk.head.seq)).unwrap();
    let now = talk.head.at;
    let entries =
        talk.buyer_says(client_id, text, now, &Rules::default(), &mut [], &mut || [7; 16]);
    let facts: Vec<Fact> = entries
        .iter()
        .filter(|entry| entry.text.is_some())
        .map(|entry| Fact {
            at: now,
            kind: "entry_added",
            version: 1,
            json: format!(r#"{{"c":{},"l":0,"s":{}}}"#, house.conversation, entry.seq),
        })
        .collect();
    let entries = entries.into_iter().map(|entry| (house.conversation, entry)).collect();
    let mut made = Made { talks: vec![talk], entries };
    save::new_sessions(tx, house.shop, &mut made).await?;
    save::made(tx, house.shop, &made, &facts).await
}

#[derive(Clone, Copy)]
struct Said {
    shop: ShopId,
    conversation: xiaoer_domain::id::ConversationId,
    text: &'static str,
}

both_dbs! {
    async fn a_new_projection_reads_what_was_there_before_it(db: TestDb) {
        let house = House::open(&db).await;
        talk(&house, 20).await;
        house.catch_up(&mut Following::new(SEARCH)).await;
        assert_eq!(house.texts("退款 15").await, ["要退款 15"]);
        house.says(house.buyer().await, "后来的退款").await;
        house.catch_up(&mut Following::new(SEARCH)).await;
        assert_eq!(house.texts("后来").await, ["后来的退款"]);
    }

    async fn after_a_restart_it_goes_on_where_it_stood(db: TestDb) {
        let house = House::open(&db).await;
        talk(&house, 20).await;
        house.catch_up(&mut Following::new(SEARCH)).await;
        assert_eq!(house.catch_up(&mut Following::new(SEARCH)).await, 0);
        house.says(house.buyer().await, "退款").await;
        let rows = house.catch_up(&mut Following::new(SEARCH)).await;
        assert!((1..=3).contains(&rows), "only the new lines: {rows}");
    }

    async fn what_a_crash_left_unpublished_is_found_once(db: TestDb) {
        let house = House::open(&db).await;
        let buyer = house.buyer().await;
        house.says(buyer, "退款一").await;
        house.catch_up(&mut Following::new(SEARCH)).await;
        let said = Said { shop: house.shop.id, conversation: buyer.conversation, text: "退款二" };
        db.write(move |tx| Box::pin(async move { commit_unpublished(tx, &said).await })).await.unwrap();
        // The process is gone here: committed, nobody told, no follower moved. Another one starts.
        let next = House::open(&db).await;
        next.catch_up(&mut Following::new(SEARCH)).await;
        assert_eq!(next.texts("退款").await, ["退款二", "退款一"]);
        assert_eq!(next.catch_up(&mut Following::new(SEARCH)).await, 0);
        assert_eq!(next.texts("退款").await, ["退款二", "退款一"]);
    }

    async fn a_rebuilt_index_equals_the_followed_one(db: TestDb) {
        let house = House::open(&db).await;
        let mut search = Following::new(SEARCH);
        house.catch_up(&mut search).await;
        talk(&house, 120).await;
        house.catch_up(&mut search).await;
        let followed = index(&db, house.shop.id).await;
        assert!(followed.iter().filter(|(_, found)| !found.is_empty()).count() > 6);
        let reopened = delete_derived(&db).await;
        let after = House::open(&reopened).await;
        assert!(after.texts("退款").await.is_empty(), "it is gone");
        after.catch_up(&mut Following::new(SEARCH)).await;
        assert_eq!(index(&reopened, after.shop.id).await, followed);
        reopened.close().await;
    }

    async fn lines_and_recalls_during_a_rebuild_are_not_lost(db: TestDb) {
        let house = House::open(&db).await;
        let buyer = house.buyer().await;
        let mut seqs = Vec::new();
        for number in 0..1100 {
            seqs.push(house.says(buyer, &format!("退 {number}")).await);
        }
        let mut search = Following::new(SEARCH);
        // The newest page is read, the oldest not yet.
        assert!(search.step(&house.app).await.unwrap() > 0);
        assert_eq!(house.texts("退 1099").await, ["退 1099"]);
        assert!(house.texts("退 7").await.is_empty());
        house.recalls(buyer, seqs[7]).await;
        house.recalls(buyer, seqs[1099]).await;
        house.says(buyer, "退 新").await;
        house.catch_up(&mut search).await;
        assert!(house.texts("退 7").await.is_empty());
        assert!(house.texts("退 1099").await.is_empty());
        assert_eq!(house.texts("退 新").await, ["退 新"]);
        assert_eq!(house.texts("退 8").await, ["退 8"]);
        let grown = index(&db, house.shop.id).await;
        exec_derived(&db, "DELETE FROM projection").await;
        house.catch_up(&mut Following::new(SEARCH)).await;
        assert_eq!(index(&db, house.shop.id).await, grown);
    }

    async fn a_line_that_cannot_be_read_is_waited_for_and_never_skipped(db: TestDb) {
        let house = House::open(&db).await;
        let buyer = house.buyer().await;
        let mut search = Following::new(SEARCH);
        house.catch_up(&mut search).await;
        house.says(buyer, "退款前").await;
        exec(&db, "INSERT INTO journal (xid, shop_id, at, kind, version, facts)
            SELECT xid, shop_id, at, 'entry_added', 1, '{\"c\":\"broken\"}' FROM journal ORDER BY id DESC LIMIT 1").await;
        house.says(buyer, "退款后").await;
        let mut failures = 0;
        for _ in 0..500 {
            match search.step(&house.app).await {
                Err(FollowError::Unreadable { .. }) => failures += 1,
                Err(error) => panic!("{error}"),
                Ok(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            }
            if failures == 3 {
                break;
            }
        }
        assert_eq!(failures, 3, "it is tried again and again");
        assert_eq!(house.texts("退款").await, ["退款前"], "what stands before it is taken in");
        assert!(search.behind_since(&house.app).await.unwrap().is_some());
        // An operator mends the line.
        exec(&db, "UPDATE journal SET kind = 'mended' WHERE facts LIKE '%broken%'").await;
        house.catch_up(&mut search).await;
        assert_eq!(house.texts("退款").await, ["退款后", "退款前"]);
    }

    async fn a_newer_servers_line_stops_it(db: TestDb) {
        let house = House::open(&db).await;
        let mut search = Following::new(SEARCH);
        house.says(house.buyer().await, "退款").await;
        house.catch_up(&mut search).await;
        exec(&db, "UPDATE journal SET version = 2 WHERE kind = 'entry_added'").await;
        exec_derived(&db, "UPDATE projection SET xid = 0, id = 0").await;
        let mut search = Following::new(SEARCH);
        let mut error = None;
        for _ in 0..500 {
            error = search.step(&house.app).await.err();
            if error.is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(error.unwrap().to_string().contains("version 2"));
    }

    async fn a_running_house_follows_by_itself_and_ends_when_asked(db: TestDb) {
        let house = House::open(&db).await;
        house.app.start_followers();
        house.says(house.buyer().await, "退款").await;
        for tries in 0.. {
            assert!(tries < 1000, "it is found soon");
            if house.texts("退款").await == ["退款"] {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        house.app.tasks.stop().await;
    }

    async fn two_processes_share_the_work_and_do_nothing_twice(db: TestDb) {
        let house = House::open(&db).await;
        let (mut one, mut two) = (Following::new(SEARCH), Following::new(SEARCH));
        talk(&house, 30).await;
        for _ in 0..5 {
            one.step(&house.app).await.unwrap();
            two.step(&house.app).await.unwrap();
            house.says(house.buyer().await, "退款").await;
        }
        let (a, b) = tokio::join!(house.catch_up(&mut one), house.catch_up(&mut two));
        let followed = index(&db, house.shop.id).await;
        exec_derived(&db, "DELETE FROM projection").await;
        house.catch_up(&mut Following::new(SEARCH)).await;
        assert_eq!(index(&db, house.shop.id).await, followed, "{a} and {b} lines");
    }

    async fn a_main_store_that_went_back_in_time_makes_it_begin_anew(db: TestDb) {
        let house = House::open(&db).await;
        house.says(house.buyer().await, "退款").await;
        house.catch_up(&mut Following::new(SEARCH)).await;
        exec_derived(&db, "UPDATE projection SET xid = xid + 1000000, id = id + 1000000").await;
        exec_derived(&db, match db.dialect() {
            Dialect::Sqlite => "INSERT INTO entry_words (entry_words) VALUES ('delete-all')",
            Dialect::Postgres => "TRUNCATE entry_words",
        }).await;
        house.catch_up(&mut Following::new(SEARCH)).await;
        assert_eq!(house.texts("退款").await, ["退款"]);
    }
}

/// An older transaction is open, its id taken, while a younger one commits: the index waits, then has both.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_commits_late_is_not_passed_over() {
    const TAKE_XID: Sql = Sql::in_test("SELECT CAST(pg_current_xact_id() AS TEXT) AS xid");
    run_on_postgres(|db: TestDb| async move {
        let house = House::open(&db).await;
        let (early, late) = (house.buyer().await, house.buyer().await);
        let mut search = Following::new(SEARCH);
        house.catch_up(&mut search).await;
        let said = Said { shop: house.shop.id, conversation: late.conversation, text: "退款迟" };
        let (wrote, has_written) = oneshot::channel();
        let (commit, told_commit) = oneshot::channel::<()>();
        let parts = std::sync::Mutex::new(Some((wrote, told_commit)));
        let held = (*db).clone();
        let open = tokio::spawn(async move {
            held.write(move |tx| {
                let parts = parts.lock().unwrap().take().expect("runs once");
                Box::pin(async move {
                    tx.one(TAKE_XID, args![]).await?;
                    commit_unpublished(tx, &said).await?;
                    parts.0.send(()).unwrap();
                    parts.1.await.unwrap();
                    Ok::<_, StoreError>(())
                })
            })
            .await
        });
        has_written.await.unwrap();
        house.says(early, "退款早").await;
        for _ in 0..3 {
            search.step(&house.app).await.unwrap();
        }
        assert!(house.texts("退款").await.is_empty(), "nothing is passed while it is open");
        assert!(search.behind_since(&house.app).await.unwrap().is_some(), "and it shows as lag");
        commit.send(()).unwrap();
        open.await.unwrap().unwrap();
        house.catch_up(&mut search).await;
        let mut found = house.texts("退款").await;
        found.sort();
        assert_eq!(found, ["退款早", "退款迟"]);
    })
    .await;
}
