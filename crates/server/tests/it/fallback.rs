//! The buyer and the desk without a WebSocket: the same guarantees over plain HTTP.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use xiaoer_testkit::client::{Http, text};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{SHOP, TestApp, id, path_of, set_state};

/// A long poll that waits longer than any test; what wakes it must be the change.
const LONG: &str = "wait=25";
/// At once, on a machine that runs other tests beside.
const AT_ONCE: Duration = Duration::from_secs(5);

async fn arrive(app: &TestApp) -> (Http, String) {
    let welcome = app.http.post(&format!("/widget/{SHOP}/hello"), json!({})).await.ok();
    (app.http.visitor(&text(&welcome["token"])), text(&welcome["conversation"]))
}

async fn say(http: &Http, number: u32, words: &str) -> i64 {
    let body = json!({ "client_id": id(number), "text": words });
    let stored = http.post(&format!("/widget/{SHOP}/entries"), body).await.ok();
    stored["seq"].as_i64().unwrap()
}

async fn updates(http: &Http, query: &str) -> Value {
    http.get(&format!("/widget/{SHOP}/updates?{query}")).await.ok()
}

fn seqs(answer: &Value) -> Vec<i64> {
    answer["entries"].as_array().unwrap().iter().map(|e| e["seq"].as_i64().unwrap()).collect()
}

both_dbs! {
    async fn a_post_may_be_repeated_and_another_content_is_a_conflict(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.available("xiaoman").await;
        let (visitor, conversation) = arrive(&app).await;
        let first = say(&visitor, 1, "有货吗").await;
        assert_eq!(say(&visitor, 1, "有货吗").await, first);
        let body = json!({ "client_id": id(1), "text": "没货吗" });
        let answer = visitor.post(&format!("/widget/{SHOP}/entries"), body).await;
        assert_eq!(answer.refused(409), "client_id_conflict");
        let path = format!("{}/entries", path_of(&conversation));
        for _ in 0..2 {
            let body = json!({ "client_id": id(1), "text": "有的" });
            assert_eq!(agent.post(&path, body).await.ok()["seq"], first + 1);
        }
        let body = json!({ "client_id": id(1), "lane": "staff", "text": "有的" });
        assert_eq!(agent.post(&path, body).await.refused(409), "client_id_conflict");
        let log = app.log(&agent, &conversation, "buyer").await;
        assert_eq!(log.len(), 4, "opened, assigned, said, said");
        app.stop().await;
    }

    async fn a_line_sent_over_both_ways_is_stored_once(db: TestDb) {
        let app = TestApp::start(&db).await;
        let mut buyer = app.buyer().await;
        let visitor = app.http.visitor(&buyer.token);
        let frame = json!({ "t": "send", "id": id(1), "text": "在吗" });
        let (_, over_http) = tokio::join!(buyer.socket.say(&frame), say(&visitor, 1, "在吗"));
        assert_eq!(buyer.stored(&id(1)).await, over_http);
        assert_eq!(updates(&visitor, "after=0").await["last_seq"], over_http);
        app.stop().await;
    }

    async fn lines_are_refused_over_http_as_over_the_socket(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.available("xiaoman").await;
        let (visitor, _) = arrive(&app).await;
        let path = format!("/widget/{SHOP}/entries");
        let long = "长".repeat(2001);
        for (id, words, word) in [
            ("short", "在吗", "bad_client_id"),
            ("line.000001", " \u{0}\n", "empty_text"),
            ("line.000001", &long, "too_long"),
        ] {
            let answer = visitor.post(&path, json!({ "client_id": id, "text": words })).await;
            assert_eq!(answer.refused(400), word);
        }
        let mut refused = 0;
        for number in 0..40 {
            let body = json!({ "client_id": id(number), "text": "快点" });
            let answer = visitor.post(&path, body).await;
            if answer.status != 200 {
                assert_eq!(answer.refused(429), "too_fast");
                assert!(answer.body["params"]["retry_ms"].as_u64().is_some());
                refused += 1;
            }
        }
        assert!(refused > 0);
        assert_eq!(updates(&visitor, "after=0").await["last_seq"], 2 + 40 - refused);
        app.stop().await;
    }

    async fn a_long_poll_wakes_at_once(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.available("xiaoman").await;
        let (visitor, conversation) = arrive(&app).await;
        say(&visitor, 1, "在吗").await;
        let held = updates(&visitor, "after=0").await;
        let (after, etag) = (held["last_seq"].as_i64().unwrap(), text(&held["etag"]));
        let query = format!("after={after}&etag={etag}&{LONG}");
        let started = Instant::now();
        let answer = async {
            let body = json!({ "client_id": id(2), "text": "在的，您说" });
            agent.post(&format!("{}/entries", path_of(&conversation)), body).await.ok();
        };
        let (news, ()) = tokio::join!(updates(&visitor, &query), answer);
        assert!(started.elapsed() < AT_ONCE, "{:?}", started.elapsed());
        assert_eq!(seqs(&news), [after + 1]);
        app.stop().await;
    }

    async fn a_long_poll_wakes_for_marks_and_for_the_reception(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.available("xiaoman").await;
        let (visitor, conversation) = arrive(&app).await;
        let seq = say(&visitor, 1, "在吗").await;
        let held = updates(&visitor, &format!("after={seq}")).await;
        assert!(seqs(&held).is_empty());
        let poll = |held: &Value| {
            let query = format!("after={seq}&etag={}&{LONG}", text(&held["etag"]));
            let visitor = visitor.clone();
            async move { updates(&visitor, &query).await }
        };
        let started = Instant::now();
        let path = format!("{}/read", path_of(&conversation));
        let (news, _) = tokio::join!(poll(&held), agent.post(&path, json!({ "seq": seq })));
        assert_eq!((&news["marks"]["staff"], seqs(&news).len()), (&json!(seq), 0));
        assert_ne!(news["etag"], held["etag"]);
        let (off, ()) = tokio::join!(poll(&news), set_state(&agent, "away"));
        assert_eq!(off["reception"]["on_duty"], false);
        assert!(started.elapsed() < AT_ONCE, "{:?}", started.elapsed());
        app.stop().await;
    }

    async fn a_poll_without_news_answers_when_its_time_is_over(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (visitor, _) = arrive(&app).await;
        let etag = text(&updates(&visitor, "").await["etag"]);
        let started = Instant::now();
        let news = updates(&visitor, &format!("etag={etag}&wait=1")).await;
        assert!(started.elapsed() >= Duration::from_millis(900));
        assert_eq!((seqs(&news).len(), &news["etag"]), (0, &json!(etag)));
        app.stop().await;
    }

    async fn a_resume_gets_the_gap_in_pages_and_a_wrong_claim_starts_anew(db: TestDb) {
        let app = TestApp::start_with(&db, |config| {
            config.limits.page_entries_max = 4;
            config.limits.buyer_sends_per_second = 100;
        })
        .await;
        app.available("xiaoman").await;
        let (visitor, _) = arrive(&app).await;
        for number in 0..10 {
            say(&visitor, number, "一二三").await;
        }
        let mut held = 0;
        while held < 12 {
            let page = updates(&visitor, &format!("after={held}&{LONG}")).await;
            let last = held + 4.min(12 - held);
            assert_eq!(seqs(&page), ((held + 1)..=last).collect::<Vec<_>>());
            assert_eq!(page["last_seq"], 12);
            held = last;
        }
        let anew = updates(&visitor, "after=500").await;
        assert_eq!(seqs(&anew), [1, 2, 3, 4]);
        app.stop().await;
    }

    async fn switching_between_the_ways_loses_nothing_and_doubles_nothing(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.available("xiaoman").await;
        let mut buyer = app.buyer().await;
        let visitor = app.http.visitor(&buyer.token);
        buyer.say(&id(1), "一").await;
        say(&visitor, 2, "二").await;
        assert_eq!(buyer.hears("二").await["client_id"], id(2));
        buyer.socket.close().await;
        let path = format!("{}/entries", path_of(&buyer.conversation));
        agent.post(&path, json!({ "client_id": id(1), "text": "三" })).await.ok();
        let polled = updates(&visitor, "after=0").await;
        let texts: Vec<_> = polled["entries"].as_array().unwrap().iter().filter_map(|e| e["text"].as_str()).collect();
        assert_eq!(texts, ["一", "二", "三"]);
        let head = polled["last_seq"].as_i64().unwrap();
        let mut again = app.buyer_again(&buyer.token, head).await;
        let next = again.say(&id(4), "四").await;
        assert_eq!(next, head + 1);
        assert_eq!(again.hears("四").await["seq"], next, "nothing came before it");
        app.stop().await;
    }

    async fn a_desk_without_a_socket_sees_rows_state_and_both_lanes(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.available("xiaoman").await;
        let updates = |query: String| {
            let agent = agent.clone();
            async move { agent.get(&format!("/shops/{SHOP}/updates?{query}")).await.ok() }
        };
        let empty = updates(String::new()).await;
        assert_eq!((&empty["rows"], &empty["watched"]), (&json!([]), &json!(null)));
        assert_eq!(empty["me"]["state"], "available");
        let mut buyer = app.buyer().await;
        let started = Instant::now();
        let query = format!("etag={}&{LONG}", text(&empty["etag"]));
        let number = id(1);
        let (news, _) = tokio::join!(updates(query), buyer.say(&number, "在吗"));
        assert_eq!(news["rows"][0]["conversation"], buyer.conversation);
        assert_eq!(news["rows"][0]["session"]["agent"]["name"], "小满");
        let path = format!("{}/entries", path_of(&buyer.conversation));
        let note = json!({ "client_id": id(1), "lane": "staff", "text": "像是老客户" });
        agent.post(&path, note).await.ok();
        let watch = format!("watch={}&{LONG}", buyer.conversation);
        let watched = updates(watch.clone()).await;
        let lanes: Vec<_> = watched["watched"]["entries"].as_array().unwrap().iter()
            .map(|e| (text(&e["lane"]), e["seq"].as_i64().unwrap()))
            .collect();
        let buyer_lane = |seq| ("buyer".to_owned(), seq);
        assert_eq!(lanes, [buyer_lane(1), buyer_lane(2), buyer_lane(3), ("staff".to_owned(), 1)]);
        let query = format!("{watch}&after=3&staff_after=1&etag={}", text(&watched["etag"]));
        let number = id(2);
        let (more, _) = tokio::join!(updates(query), buyer.say(&number, "还在吗"));
        let entries = more["watched"]["entries"].as_array().unwrap();
        assert_eq!((entries.len(), &entries[0]["text"]), (1, &json!("还在吗")));
        assert!(started.elapsed() < AT_ONCE, "{:?}", started.elapsed());
        app.stop().await;
    }
}
