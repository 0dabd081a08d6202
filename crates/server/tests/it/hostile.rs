//! Clients that mean harm, or are broken: too much, too fast, too slow, too many. They are told why and put out; a
//! buyer beside them notices nothing.

use std::time::Duration;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use xiaoer_domain::team::Role;
use xiaoer_testkit::client::{Buyer, Desk, Heard, Socket, entries_in, word_of};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{SHOP, TestApp, id, path_of, short_waits, undisturbed};

const WIDGET: &str = "/ws/widget/demo";

/// A flood, as a broken client would send it.
const FLOOD: u32 = 10_000;
/// Lines that do not fit into what lies between the server and one who does not read: 6 kB each.
const LINES_UNREAD: u32 = 1700;

both_dbs! {
    async fn ten_thousand_frames_at_once_are_put_out_and_disturb_nobody(db: TestDb) {
        let app = TestApp::start(&db).await;
        let buyer = undisturbed(&app, async {
            let mut buyer = app.buyer().await;
            for _ in 0..FLOOD {
                buyer.socket.say_later(&json!({ "t": "ping" })).await;
            }
            buyer.socket.say(&json!({ "t": "ping" })).await;
            let (code, frames) = buyer.socket.wait_for_end().await;
            assert_eq!(code, Some(4008));
            let (last, before) = frames.split_last().unwrap();
            assert_eq!(word_of(&last["error"]), "too_fast");
            assert!(before.len() <= 200, "{} frames were answered", before.len());
            buyer
        })
        .await;
        let again = app.buyer_again(&buyer.token, 0).await;
        assert_eq!(again.welcome["last_seq"], 0);
        app.stop().await;
    }

    async fn sends_beyond_the_pace_are_refused_and_not_stored(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.available("xiaoman").await;
        let stored = undisturbed(&app, async {
            let mut buyer = app.buyer().await;
            for number in 0..40 {
                let frame = json!({ "t": "send", "id": id(number), "text": "快点" });
                buyer.socket.say(&frame).await;
            }
            let (mut acks, mut refused) = (0, 0);
            while acks + refused < 40 {
                let is_answer = |f: &Value| f["t"] == "ack" || f["t"] == "nack";
                let answer = buyer.socket.wait_for("an answer", is_answer).await;
                if answer["t"] == "ack" {
                    acks += 1;
                    continue;
                }
                assert_eq!(word_of(&answer["error"]), "too_fast");
                assert!(answer["error"]["params"]["retry_ms"].as_u64().is_some());
                refused += 1;
            }
            // A burst of twice the rate, and what the time between gave.
            assert!((20..35).contains(&acks), "{acks} were stored");
            let again = app.buyer_again(&buyer.token, 0).await;
            let entries = again.welcome["last_seq"].as_i64().unwrap();
            (acks, entries)
        })
        .await;
        // Beside what was said: that the session opened, and who got it.
        assert_eq!(stored.1, stored.0 + 2);
        app.stop().await;
    }

    async fn one_who_does_not_read_is_put_out_and_resumes_without_a_gap(db: TestDb) {
        let app = TestApp::start_with(&db, |config| {
            short_waits(config);
            config.limits.desk_sends_per_second = 100_000;
            config.limits.frames_per_second = 100_000;
        })
        .await;
        app.person("xiaoman", &[Role::Agent]).await;
        let mut desk = app.desk("xiaoman").await;
        undisturbed(&app, async {
            let mut slow = Socket::open_narrow(app.base(), WIDGET, 4096).await.unwrap();
            slow.say(&json!({ "t": "hello", "v": 1 })).await;
            let welcome = slow.wait_for_type("welcome").await;
            let conversation = welcome["conversation"].as_str().unwrap();
            talk_at(&mut desk, conversation, LINES_UNREAD).await;
            let (code, frames) = slow.wait_for_end().await;
            assert!(matches!(code, Some(4010) | None), "{code:?}");
            let entries = frames.iter().flat_map(entries_in);
            let seqs: Vec<i64> = entries.filter_map(|e| e["seq"].as_i64()).collect();
            let held = i64::try_from(seqs.len()).unwrap();
            assert_eq!(seqs, (1..=held).collect::<Vec<_>>(), "what came, came in order");
            assert!(held < i64::from(LINES_UNREAD), "all of it came: nothing was tried");
            let token = welcome["token"].as_str().unwrap();
            let mut again = app.buyer_again(token, held).await;
            let head = again.welcome["last_seq"].as_i64().unwrap();
            assert_eq!(read_up_to(&mut again, held, head).await, head);
        })
        .await;
        app.stop().await;
    }

    async fn of_twenty_connections_of_one_visitor_the_newest_eight_stay(db: TestDb) {
        let app = TestApp::start(&db).await;
        undisturbed(&app, async {
            let first = app.buyer().await;
            let token = first.token.clone();
            let mut all = vec![first];
            for _ in 1..20 {
                all.push(app.buyer_again(&token, 0).await);
            }
            let mut newest = all.split_off(12);
            for mut old in all {
                let (code, frames) = old.socket.wait_for_end().await;
                assert_eq!(code, Some(4008));
                assert_eq!(word_of(&frames.last().unwrap()["error"]), "too_many");
            }
            newest[0].say(&id(1), "都还在吗").await;
            for buyer in &mut newest[1..] {
                buyer.hears("都还在吗").await;
            }
        })
        .await;
        app.stop().await;
    }

    async fn a_connection_that_says_nothing_is_closed(db: TestDb) {
        let app = TestApp::start_with(&db, short_waits).await;
        for path in [WIDGET, "/ws/desk/demo"] {
            let mut socket = Socket::open(app.base(), path, &[]).await.unwrap();
            assert_eq!(socket.wait_for_end().await.0, Some(4012), "{path}");
        }
        app.stop().await;
    }

    async fn a_dead_client_is_noticed(db: TestDb) {
        let app = TestApp::start_with(&db, |config| {
            short_waits(config);
            config.waits.silence = Duration::from_millis(500);
        })
        .await;
        // It listens, so that the end is seen; but no sign of life leaves it.
        let mut deaf = tokio::net::TcpStream::connect(app.running.address).await.unwrap();
        let upgrade = format!(
            "GET {WIDGET} HTTP/1.1\r\nhost: {}\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            app.running.address
        );
        let hello = masked(&json!({ "t": "hello", "v": 1 }).to_string());
        let mut bytes = upgrade.into_bytes();
        bytes.extend(hello);
        tokio::io::AsyncWriteExt::write_all(&mut deaf, &bytes).await.unwrap();
        let mut heard = Vec::new();
        let read = tokio::io::AsyncReadExt::read_to_end(&mut deaf, &mut heard);
        tokio::time::timeout(Duration::from_secs(10), read).await.unwrap().unwrap();
        assert!(String::from_utf8_lossy(&heard).contains("welcome"));
        app.stop().await;
    }

    async fn a_broken_hello_in_a_crowd_hurts_only_its_sender(db: TestDb) {
        let app = TestApp::start(&db).await;
        undisturbed(&app, async {
            let crowd = (0..60).map(|number| {
                let base = app.base().to_owned();
                async move {
                    let mut socket = Socket::open(&base, WIDGET, &[]).await.unwrap();
                    if number % 3 == 0 {
                        socket.say_raw(Message::Binary(vec![0xff; 1000].into())).await;
                    } else if number % 3 == 1 {
                        socket.say_text("{\"t\":").await;
                    } else {
                        drop(socket);
                        return;
                    }
                    assert_eq!(socket.wait_for_end().await.0, Some(4000));
                }
            });
            futures_util::future::join_all(crowd).await;
        })
        .await;
        app.stop().await;
    }
}

/// Says many long lines to a conversation and waits until each is stored.
async fn talk_at(desk: &mut Desk, conversation: &str, lines: u32) {
    let words = "长".repeat(2000);
    for first in (0..lines).step_by(100) {
        let last = (first + 100).min(lines);
        for number in first..last {
            let frame = json!({
                "t": "send", "conversation": conversation, "id": id(number), "text": words,
            });
            desk.socket.say(&frame).await;
        }
        for number in first..last {
            let wanted = id(number);
            desk.socket.wait_for("an ack", |f| f["t"] == "ack" && f["id"] == wanted).await;
        }
    }
}

/// Reads pages up to the head; returns the last number, having seen every one.
async fn read_up_to(buyer: &mut Buyer, after: i64, head: i64) -> i64 {
    let mut held = after;
    while held < head {
        let Heard::Frame(frame) = buyer.socket.hear().await else { panic!("closed at {held}") };
        if frame["t"] != "entries" {
            continue;
        }
        let entries = frame["entries"].as_array().unwrap();
        assert!(entries.len() <= 200, "a page has a limit");
        for entry in entries {
            held += 1;
            assert_eq!(entry["seq"], held);
        }
    }
    held
}

/// A client's text frame with a mask of zeros.
fn masked(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    assert!(length < 126);
    let mut frame = vec![0x81, 0x80 | length, 0, 0, 0, 0];
    frame.extend_from_slice(text.as_bytes());
    frame
}

both_dbs! {
    async fn a_desk_that_floods_loses_only_its_own_connection(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.person("xiaoman", &[Role::Agent]).await;
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "在吗").await;
        undisturbed(&app, async {
            let mut desk = app.desk("xiaoman").await;
            for _ in 0..FLOOD {
                let watch = json!({ "t": "watch", "conversation": buyer.conversation });
                desk.socket.say_later(&watch).await;
            }
            desk.socket.say(&json!({ "t": "ping" })).await;
            assert_eq!(desk.socket.wait_for_end().await.0, Some(4008));
        })
        .await;
        let again = app.desk("xiaoman").await;
        assert_eq!(again.welcome["shop"]["key"], SHOP);
        app.stop().await;
    }

    async fn a_desk_watches_as_many_conversations_as_the_limit_says(db: TestDb) {
        let app = TestApp::start_with(&db, |config| config.limits.watched_max = 2).await;
        app.person("xiaoman", &[Role::Agent]).await;
        let mut desk = app.desk("xiaoman").await;
        let mut known = Vec::new();
        for _ in 0..3 {
            known.push(app.buyer().await.conversation);
        }
        desk.watch(&known[0]).await;
        desk.watch(&known[1]).await;
        desk.socket.say(&json!({ "t": "watch", "conversation": known[2] })).await;
        let error = desk.socket.wait_for_type("error").await;
        assert_eq!(word_of(&error["error"]), "too_many");
        assert_eq!(error["error"]["params"]["limit"], "watched_max");
        // One that is watched can be watched again, and one less makes room.
        desk.watch(&known[1]).await;
        desk.socket.say(&json!({ "t": "unwatch", "conversation": known[0] })).await;
        desk.watch(&known[2]).await;
        app.stop().await;
    }

    async fn pages_are_as_long_as_the_limit_says_whatever_is_asked(db: TestDb) {
        let app = TestApp::start_with(&db, |config| {
            config.limits.page_entries_max = 5;
            config.limits.buyer_sends_per_second = 100;
        })
        .await;
        let agent = app.agent("xiaoman").await;
        let mut buyer = app.buyer().await;
        for number in 0..12 {
            buyer.say(&id(number), "一二三").await;
        }
        let path = format!("{}/entries", path_of(&buyer.conversation));
        for (query, count) in [("limit=1000000", 5), ("limit=-3", 1), ("limit=0", 1), ("", 5)] {
            let page = agent.get(&format!("{path}?{query}")).await.ok();
            assert_eq!(page["entries"].as_array().unwrap().len(), count, "{query}");
        }
        let mut again = app.buyer_again(&buyer.token, 0).await;
        let head = again.welcome["last_seq"].as_i64().unwrap();
        assert_eq!(read_up_to(&mut again, 0, head).await, head);
        app.stop().await;
    }
}
