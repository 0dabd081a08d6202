//! Frames that are not as they must be: what is told, what is stored (nothing), and what goes on.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use xiaoer_domain::team::Role;
use xiaoer_testkit::client::{Heard, Refused, Socket, word_of};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{OTHER, TestApp, id, path_of, undisturbed};

const WIDGET: &str = "/ws/widget/demo";
const DESK: &str = "/ws/desk/demo";

/// Opens a connection, sends one frame and listens to the end: the close code and the word of the reason.
async fn end_of(app: &TestApp, path: &str, first: Message) -> (Option<u16>, String) {
    let mut socket = Socket::open(app.base(), path, &[]).await.unwrap();
    socket.say_raw(first).await;
    let (code, frames) = socket.wait_for_end().await;
    let reason = frames.last().map(|frame| word_of(&frame["error"]).to_owned());
    (code, reason.unwrap_or_default())
}

fn hello(more: &Value) -> Message {
    let hello = json!({ "t": "hello", "v": 1 });
    Message::text(xiaoer_testkit::client::merged(hello, more.clone()).to_string())
}

both_dbs! {
    async fn what_is_no_frame_ends_the_connection_and_stores_nothing(db: TestDb) {
        let app = TestApp::start(&db).await;
        let deep = "[".repeat(10_000);
        let cases = [
            ("{\"t\":\"send\",\"id\":\"line.000001\",\"te", "bad_request"),
            ("", "bad_request"),
            ("[]", "bad_request"),
            ("null", "bad_request"),
            ("\"send\"", "bad_request"),
            ("{\"t\":\"send\"}", "bad_request"),
            ("{\"t\":\"send\",\"id\":7,\"text\":\"x\"}", "bad_request"),
            ("{\"id\":\"line.000001\",\"text\":\"x\"}", "bad_request"),
            ("{\"t\":\"read\",\"seq\":\"7\"}", "bad_request"),
            ("{\"t\":\"read\",\"seq\":99999999999999999999}", "bad_request"),
            ("{\"t\":\"hello\",\"v\":1}", "bad_request"),
            ("{\"t\":\"shout\",\"text\":\"x\"}", "unknown_frame"),
            ("{\"t\":\"take\"}", "unknown_frame"),
            (deep.as_str(), "bad_request"),
        ];
        undisturbed(&app, async {
            for (text, word) in cases {
                let mut buyer = app.buyer().await;
                buyer.socket.say_text(text).await;
                let (code, frames) = buyer.socket.wait_for_end().await;
                assert_eq!(code, Some(4000), "{text:.40}");
                assert_eq!(word_of(&frames.last().unwrap()["error"]), word, "{text:.40}");
                let again = app.buyer_again(&buyer.token, 0).await;
                assert_eq!(again.welcome["last_seq"], 0, "{text:.40}");
            }
        })
        .await;
        app.stop().await;
    }

    async fn bytes_and_broken_text_end_the_connection(db: TestDb) {
        let app = TestApp::start(&db).await;
        for path in [WIDGET, DESK] {
            let bytes = Message::Binary(b"{\"t\":\"hello\",\"v\":1}".to_vec().into());
            assert_eq!(end_of(&app, path, bytes).await, (Some(4000), "bad_request".into()));
        }
        app.stop().await;
    }

    async fn nothing_is_said_before_hello(db: TestDb) {
        let app = TestApp::start(&db).await;
        let send = json!({ "t": "send", "id": "line.000001", "text": "在吗" }).to_string();
        for path in [WIDGET, DESK] {
            let refused = end_of(&app, path, Message::text(r#"{"t":"ping"}"#)).await;
            assert_eq!(refused, (Some(4000), "bad_request".into()), "{path}");
        }
        let refused = end_of(&app, WIDGET, Message::text(send)).await;
        assert_eq!(refused, (Some(4000), "bad_request".into()));
        app.stop().await;
    }

    async fn another_version_is_refused_by_name(db: TestDb) {
        let app = TestApp::start(&db).await;
        for path in [WIDGET, DESK] {
            for version in [0, 2, 4_000_000_000_u32] {
                let refused = end_of(&app, path, hello(&json!({ "v": version }))).await;
                assert_eq!(refused, (Some(4000), "unsupported_version".into()), "{path}");
            }
        }
        app.stop().await;
    }

    async fn there_is_no_door_to_a_shop_that_is_not(db: TestDb) {
        let app = TestApp::start(&db).await;
        for path in ["/ws/widget/nowhere", "/ws/desk/nowhere", "/ws/widget/%00", "/ws/desk/..%2f"] {
            let refused = Socket::open(app.base(), path, &[]).await.err();
            assert_eq!(refused, Some(Refused::Status(404)), "{path}");
        }
        app.stop().await;
    }

    async fn a_frame_beyond_the_limit_ends_the_connection_and_stores_nothing(db: TestDb) {
        let app = TestApp::start(&db).await;
        undisturbed(&app, async {
            let mut buyer = app.buyer().await;
            let frame = json!({ "t": "send", "id": id(1), "text": "x".repeat(17_000) });
            buyer.socket.say(&frame).await;
            let (code, frames) = buyer.socket.wait_for_end().await;
            assert_eq!(code, Some(4009));
            assert_eq!(word_of(&frames.last().unwrap()["error"]), "too_big");
            let again = app.buyer_again(&buyer.token, 0).await;
            assert_eq!(again.welcome["last_seq"], 0);
        })
        .await;
        app.stop().await;
    }

    async fn tokens_that_are_nobodys_are_refused(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.other_shop().await;
        let elsewhere = xiaoer_testkit::client::Buyer::join(app.base(), OTHER, json!({})).await;
        app.person_of(OTHER, "stranger", &[Role::Owner]).await;
        let stranger = app.sign_in("stranger").await;
        let refused = (Some(4001), "not_signed_in".to_owned());
        let huge = "t".repeat(15_000);
        for token in ["nonsense", "", "汉字", "'; DROP TABLE visitor; --", &elsewhere.token, &huge] {
            let hello = || hello(&json!({ "token": token }));
            assert_eq!(end_of(&app, WIDGET, hello()).await, refused, "{token:.20}");
            assert_eq!(end_of(&app, DESK, hello()).await, refused, "{token:.20}");
        }
        assert_eq!(end_of(&app, DESK, hello(&json!({}))).await, refused);
        let foreign = end_of(&app, DESK, hello(&json!({ "token": stranger }))).await;
        assert_eq!(foreign, (Some(4003), "not_found".into()), "no membership in this shop");
        app.stop().await;
    }

    async fn a_refused_line_is_told_and_the_connection_goes_on(db: TestDb) {
        let app = TestApp::start_with(&db, |c| c.limits.buyer_sends_per_second = 100).await;
        undisturbed(&app, async {
            let mut buyer = app.buyer().await;
            let long = "长".repeat(2001);
            let cases = [
                ("short", "在吗", "bad_client_id"),
                ("has space in it", "在吗", "bad_client_id"),
                ("汉字汉字汉字汉字", "在吗", "bad_client_id"),
                ("line.000001", "", "empty_text"),
                ("line.000001", " \n\t\u{3000}", "empty_text"),
                ("line.000001", "\u{0}\u{7}\u{1b}", "empty_text"),
                ("line.000001", &long, "too_long"),
            ];
            for (id, words, word) in cases {
                buyer.socket.say(&json!({ "t": "send", "id": id, "text": words })).await;
                assert_eq!(word_of(&buyer.refused(id).await), word, "{id} {words:.10}");
            }
            buyer.socket.say(&json!({ "t": "recall", "id": "line.000002", "seq": 1 })).await;
            assert_eq!(word_of(&buyer.refused("line.000002").await), "not_found");
            let again = app.buyer_again(&buyer.token, 0).await;
            assert_eq!(again.welcome["last_seq"], 0, "nothing was stored");
            // The ids that were refused are still free.
            buyer.say("line.000001", "长".repeat(2000).as_str()).await;
        })
        .await;
        app.stop().await;
    }

    async fn the_same_client_id_is_the_same_line_or_a_conflict(db: TestDb) {
        let app = TestApp::start_with(&db, |c| c.limits.buyer_sends_per_second = 100).await;
        app.person("xiaoman", &[Role::Agent]).await;
        let (mut buyer, mut desk) = (app.buyer().await, app.desk("xiaoman").await);
        let seq = buyer.say(&id(1), "有货吗").await;
        assert_eq!(buyer.say(&id(1), "有货吗").await, seq);
        buyer.socket.say(&json!({ "t": "send", "id": id(1), "text": "没货吗" })).await;
        assert_eq!(word_of(&buyer.refused(&id(1)).await), "client_id_conflict");
        buyer.socket.say(&json!({ "t": "recall", "id": id(1), "seq": seq })).await;
        assert_eq!(word_of(&buyer.refused(&id(1)).await), "client_id_conflict");
        // Another sender's ids are another sender's.
        let answer = desk.say(&buyer.conversation, "buyer", &id(1), "有的").await;
        assert!(answer > seq);
        let note = json!({
            "t": "send", "conversation": buyer.conversation, "lane": "staff", "id": id(1),
            "text": "有的",
        });
        desk.socket.say(&note).await;
        assert_eq!(word_of(&desk.refused(&id(1)).await), "client_id_conflict");
        let agent = app.http.bearer(&app.sign_in("xiaoman").await);
        let log = app.log(&agent, &buyer.conversation, "buyer").await;
        let texts: Vec<_> = log.iter().filter_map(|e| e["text"].as_str()).collect();
        assert_eq!(texts, ["有货吗", "有的"]);
        assert!(app.log(&agent, &buyer.conversation, "staff").await.is_empty());
        app.stop().await;
    }

    async fn two_answers_in_one_moment_for_a_doubled_send_are_the_same(db: TestDb) {
        let app = TestApp::start_with(&db, |c| c.limits.buyer_sends_per_second = 1000).await;
        app.available("xiaoman").await;
        let mut buyer = app.buyer().await;
        for number in 0..20 {
            let frame = json!({ "t": "send", "id": id(number), "text": format!("第{number}句") });
            for _ in 0..3 {
                buyer.socket.say(&frame).await;
            }
        }
        let mut seqs = Vec::new();
        for number in 0..20 {
            let first = buyer.stored(&id(number)).await;
            assert_eq!(buyer.stored(&id(number)).await, first);
            assert_eq!(buyer.stored(&id(number)).await, first);
            seqs.push(first);
        }
        let first = seqs[0];
        assert_eq!(seqs, (first..first + 20).collect::<Vec<_>>(), "in the order they were sent");
        let again = app.buyer_again(&buyer.token, 0).await;
        assert_eq!(again.welcome["last_seq"], first + 19);
        app.stop().await;
    }

    async fn script_in_a_text_is_text(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("xiaoman").await;
        let mut desk = app.desk("xiaoman").await;
        let mut buyer = app.buyer().await;
        desk.watch(&buyer.conversation).await;
        let evil = "<script>alert(\"在吗\")</script>\u{2028}'; DROP TABLE entry; -- \\u0000 ${x} {{y}}";
        buyer.say(&id(1), evil).await;
        assert_eq!(desk.hears(evil).await["text"], evil);
        let path = format!("{}/entries", path_of(&buyer.conversation));
        let answer = agent.get(&path).await;
        let header = |name: &str| answer.headers.get(name).and_then(|h| h.to_str().ok());
        assert_eq!(header("content-type"), Some("application/json"));
        assert_eq!(header("x-content-type-options"), Some("nosniff"));
        let entries = answer.ok();
        let texts = entries["entries"].as_array().unwrap().iter().filter_map(|e| e["text"].as_str());
        assert_eq!(texts.collect::<Vec<_>>(), [evil]);
        app.stop().await;
    }

    async fn control_characters_vanish_and_lines_stay(db: TestDb) {
        let app = TestApp::start(&db).await;
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "一\u{0}二\r\n\t三\u{7}\u{1b}[31m🧶👨‍👩‍👧").await;
        buyer.hears("一二\n\t三[31m🧶👨‍👩‍👧").await;
        // What was stored is the same content when it comes again as it was sent.
        buyer.say(&id(1), "一\u{0}二\r\n\t三\u{7}\u{1b}[31m🧶👨‍👩‍👧").await;
        app.stop().await;
    }

    async fn unknown_fields_are_ignored(db: TestDb) {
        let app = TestApp::start(&db).await;
        let mut buyer = app.buyer().await;
        let frame = json!({
            "t": "send", "id": id(1), "text": "在吗", "lane": "staff", "by": { "side": "agent" },
            "seq": 99, "at": 1, "conversation": "cnv_0",
        });
        buyer.socket.say(&frame).await;
        buyer.stored(&id(1)).await;
        let entry = buyer.hears("在吗").await;
        assert_eq!((&entry["by"]["side"], &entry["lane"]), (&json!("buyer"), &json!("buyer")));
        app.stop().await;
    }

    async fn a_desk_learns_nothing_of_another_shops_conversation(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.other_shop().await;
        let mut elsewhere = xiaoer_testkit::client::Buyer::join(app.base(), OTHER, json!({})).await;
        elsewhere.say(&id(1), "别家的秘密").await;
        app.person("xiaoman", &[Role::Owner]).await;
        let mut desk = app.desk("xiaoman").await;
        let foreign = &elsewhere.conversation;
        for unknown in [foreign.as_str(), "cnv_0199aa00000070008000000000000000", "nonsense", ""] {
            let what = if unknown.len() > 30 { "not_found" } else { "bad_request" };
            for frame in [
                json!({ "t": "watch", "conversation": unknown }),
                json!({ "t": "read", "conversation": unknown, "seq": 1 }),
            ] {
                desk.socket.say(&frame).await;
                let error = desk.socket.wait_for_type("error").await;
                assert_eq!(word_of(&error["error"]), what, "{frame}");
            }
            for frame in [
                json!({ "t": "send", "conversation": unknown, "id": id(2), "text": "x" }),
                json!({ "t": "recall", "conversation": unknown, "id": id(2), "seq": 1 }),
            ] {
                desk.socket.say(&frame).await;
                assert_eq!(word_of(&desk.refused(&id(2)).await), what, "{frame}");
            }
            desk.socket.say(&json!({ "t": "unwatch", "conversation": unknown })).await;
        }
        elsewhere.say(&id(3), "还是别家的秘密").await;
        desk.socket.say(&json!({ "t": "ping" })).await;
        loop {
            let Heard::Frame(frame) = desk.socket.hear().await else { panic!("closed") };
            assert!(!frame.to_string().contains("秘密"), "{frame}");
            if frame["t"] == "pong" {
                break;
            }
        }
        let visitor = app.http.visitor(&elsewhere.token);
        let log = visitor.get(&format!("/widget/{OTHER}/updates")).await.ok();
        let texts = log["entries"].as_array().unwrap().iter().filter_map(|e| e["text"].as_str());
        assert_eq!(texts.collect::<Vec<_>>(), ["别家的秘密", "还是别家的秘密"]);
        app.stop().await;
    }
}
