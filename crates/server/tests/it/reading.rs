//! What each side reads: history in pages, marks, notes that stay inside, search, orders.

use std::io::Cursor;

use serde_json::{Value, json};
use xiaoer_app::orders::ImportOptions;
use xiaoer_connect::{Format, Zone};
use xiaoer_domain::orders::Currency;
use xiaoer_testkit::client::{Buyer, Heard, Http, escaped, text};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{SHOP, TestApp, id, path_of, until};

const ORDERS: &str = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n\
    700001,QH-1,羊毛开衫,2,2026-03-08 11:37:00,49.00,3001.0,China\n\
    700002,QH-2,阔腿裤,1,2026-03-09 11:37:00,259.00,3001.0,China\n\
    C700003,QH-1,羊毛开衫,-1,2026-03-10 11:37:00,49.00,3001.0,China\n\
    700009,QH-2,阔腿裤,1,2026-03-11 11:37:00,259.00,3002.0,China\n";

async fn import(app: &TestApp) {
    let options = ImportOptions {
        format: Format::OnlineRetail,
        file_name: "orders.csv".to_owned(),
        zone: Zone::parse("Asia/Shanghai").unwrap(),
        currency: Currency::parse("CNY").unwrap(),
        mapping: None,
    };
    let shop = app.shop().await.id;
    app.app().import_orders(shop, Cursor::new(ORDERS.as_bytes()), options, |_| {}).await.unwrap();
}

async fn seqs(http: &Http, conversation: &str, query: &str) -> Vec<i64> {
    let page = http.get(&format!("{}/entries?{query}", path_of(conversation))).await.ok();
    page["entries"].as_array().unwrap().iter().map(|e| e["seq"].as_i64().unwrap()).collect()
}

/// The texts that a search finds, once it finds as many as expected.
async fn found(agent: &Http, words: &str, expected: usize) -> Vec<String> {
    let path = format!("/shops/{SHOP}/search?q={}", escaped(words));
    let enough = |found: &Value| found["entries"].as_array().unwrap().len() >= expected;
    let found = until(words, || async { agent.get(&path).await.ok() }, enough).await;
    let texts = found["entries"].as_array().unwrap().iter();
    texts.map(|e| text(&e["entry"]["text"])).collect()
}

both_dbs! {
    async fn history_is_read_in_pages_both_ways(db: TestDb) {
        let app = TestApp::start_with(&db, |c| c.limits.buyer_sends_per_second = 100).await;
        let agent = app.agent("xiaoman").await;
        let mut buyer = app.buyer().await;
        for number in 0..9 {
            buyer.say(&id(number), "一二三").await;
        }
        let conversation = buyer.conversation.as_str();
        let head = until(
            "the notice is there",
            || async { *seqs(&agent, conversation, "").await.last().unwrap() },
            |head| *head == 11,
        );
        assert_eq!(head.await, 11, "opened, nine lines, a notice");
        assert_eq!(seqs(&agent, conversation, "after=0&limit=4").await, [1, 2, 3, 4]);
        assert_eq!(seqs(&agent, conversation, "after=4&limit=4").await, [5, 6, 7, 8]);
        assert_eq!(seqs(&agent, conversation, "after=8&limit=4").await, [9, 10, 11]);
        assert_eq!(seqs(&agent, conversation, "after=11&limit=4").await, [0_i64; 0]);
        assert_eq!(seqs(&agent, conversation, "before=12&limit=4").await, [8, 9, 10, 11]);
        assert_eq!(seqs(&agent, conversation, "before=8&limit=4").await, [4, 5, 6, 7]);
        assert_eq!(seqs(&agent, conversation, "before=4&limit=4").await, [1, 2, 3]);
        assert_eq!(seqs(&agent, conversation, "before=1&limit=4").await, [0_i64; 0]);
        assert_eq!(seqs(&agent, conversation, "lane=staff").await, [0_i64; 0]);
        app.stop().await;
    }

    async fn lists_page_through_everything_newest_first(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.available("xiaoman").await;
        let mut all = Vec::new();
        for _ in 0..7 {
            app.clock.advance(xiaoer_domain::time::Span::seconds(1));
            let mut buyer = app.buyer().await;
            buyer.say(&id(1), "在吗").await;
            all.insert(0, buyer.conversation);
        }
        let (mut listed, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/shops/{SHOP}/conversations?list=all&limit=3{cursor}");
            let page = agent.get(&path).await.ok();
            let rows = page["rows"].as_array().unwrap();
            assert!(rows.len() <= 3);
            listed.extend(rows.iter().map(|r| text(&r["conversation"])));
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(listed, all);
        app.stop().await;
    }

    async fn both_sides_see_how_far_the_other_has_read(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.available("xiaoman").await;
        let mut desk = app.desk("xiaoman").await;
        let mut buyer = app.buyer().await;
        let asked = buyer.say(&id(1), "在吗").await;
        desk.watch(&buyer.conversation).await;
        assert_eq!(desk.row(&buyer.conversation, |r| r["unread"] == 1).await["marks"]["staff"], 0);
        let read = json!({ "t": "read", "conversation": buyer.conversation, "seq": asked });
        desk.socket.say(&read).await;
        buyer.socket.wait_for("the shop's mark", |f| f["marks"]["staff"] == asked).await;
        desk.row(&buyer.conversation, |r| r["unread"] == 0).await;
        let answered = desk.say(&buyer.conversation, "buyer", &id(1), "在的").await;
        buyer.hears("在的").await;
        buyer.socket.say(&json!({ "t": "read", "seq": answered })).await;
        desk.socket.wait_for("the buyer's mark", |f| f["marks"]["buyer"] == answered).await;
        // A mark never goes back.
        buyer.socket.say(&json!({ "t": "read", "seq": 1 })).await;
        let again = app.buyer_again(&buyer.token, 0).await;
        assert_eq!(again.welcome["marks"], json!({ "buyer": answered, "staff": answered }));
        app.stop().await;
    }

    async fn a_window_that_does_not_look_learns_that_another_one_read(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.available("xiaoman").await;
        let (mut reads, mut sees) = (app.desk("xiaoman").await, app.desk("xiaoman").await);
        let mut buyer = app.buyer().await;
        let asked = buyer.say(&id(1), "在吗").await;
        sees.row(&buyer.conversation, |r| r["unread"] == 1).await;
        let read = json!({ "t": "read", "conversation": buyer.conversation, "seq": asked });
        reads.socket.say(&read).await;
        sees.row(&buyer.conversation, |r| r["unread"] == 0).await;
        app.stop().await;
    }

    async fn notes_never_reach_the_buyer_by_any_way(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.available("xiaoman").await;
        let mut desk = app.desk("xiaoman").await;
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "在吗").await;
        let conversation = buyer.conversation.clone();
        let visitor = app.http.visitor(&buyer.token);
        let note = desk.say(&conversation, "staff", &id(1), "内部：难缠").await;
        let second = desk.say(&conversation, "staff", &id(2), "内部：黑名单").await;
        assert_eq!((note, second), (1, 2), "notes have their own numbers");
        let body = json!({ "client_id": id(3), "lane": "staff", "text": "内部：三" });
        agent.post(&format!("{}/entries", path_of(&conversation)), body).await.ok();
        let recall = json!({ "t": "recall", "conversation": conversation, "lane": "staff", "id": id(4), "seq": 2 });
        desk.socket.say(&recall).await;
        desk.socket.wait_for("the recall", |f| f["t"] == "ack" && f["id"] == id(4)).await;
        desk.say(&conversation, "buyer", &id(5), "您好").await;
        // Live, polled, resumed from the start, and asked for as if it were one's own.
        listen_for_notes(&mut buyer, "您好").await;
        let polled = visitor.get(&format!("/widget/{SHOP}/updates?after=0&lane=staff")).await;
        assert!(!polled.text.contains("内部"), "{}", polled.text);
        assert!(!polled.text.contains("staff_seq"), "{}", polled.text);
        let mut again = app.buyer_again(&buyer.token, 0).await;
        again.say(&id(6), "谢谢").await;
        listen_for_notes(&mut again, "谢谢").await;
        let recall = format!("/widget/{SHOP}/entries/1/recall");
        let answer = visitor.post(&recall, json!({ "client_id": id(7), "lane": "staff" })).await;
        assert_eq!(answer.refused(400), "bad_request", "number 1 of the buyer's lane is no message");
        assert_eq!(app.log(&agent, &conversation, "staff").await.len(), 4);
        app.stop().await;
    }

    async fn search_finds_one_two_and_three_characters_and_latin(db: TestDb) {
        let app = TestApp::start_with(&db, |c| c.limits.buyer_sends_per_second = 100).await;
        let agent = app.agent("xiaoman").await;
        let mut buyer = app.buyer().await;
        let lines = ["羊毛开衫还有货吗", "尺码偏大", "SF1234567 到哪了", "<b>货</b>"];
        for (line, number) in lines.iter().zip(0..) {
            buyer.say(&id(number), line).await;
        }
        assert_eq!(found(&agent, "货", 2).await, [lines[3], lines[0]]);
        assert_eq!(found(&agent, "尺码", 1).await, [lines[1]]);
        assert_eq!(found(&agent, "羊毛开", 1).await, [lines[0]]);
        assert_eq!(found(&agent, "sf1234567", 1).await, [lines[2]]);
        for nothing in ["没有的词", "码尺", "%", "_", "'", "\"", "\\", "\u{0}"] {
            assert_eq!(found(&agent, nothing, 0).await, [""; 0], "{nothing}");
        }
        let long = agent.get(&format!("/shops/{SHOP}/search?q={}", "x".repeat(3000))).await;
        assert_eq!(long.refused(400), "too_long");
        app.stop().await;
    }

    async fn a_line_taken_back_is_found_no_more(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("xiaoman").await;
        let mut buyer = app.buyer().await;
        let seq = buyer.say(&id(1), "我的电话是幺三八").await;
        assert_eq!(found(&agent, "幺三八", 1).await.len(), 1);
        buyer.socket.say(&json!({ "t": "recall", "id": id(2), "seq": seq })).await;
        buyer.stored(&id(2)).await;
        assert_eq!(found(&agent, "幺三八", 0).await, [""; 0]);
        app.stop().await;
    }

    async fn orders_stand_beside_the_chat_and_are_found_by_number(db: TestDb) {
        let app = TestApp::start(&db).await;
        import(&app).await;
        let agent = app.agent("xiaoman").await;
        let hello = json!({ "identity": app.identity("3001").await });
        let mut buyer = Buyer::join(app.base(), SHOP, hello).await;
        buyer.say(&id(1), "我的订单呢").await;
        let path = format!("{}/orders", path_of(&buyer.conversation));
        let pane = agent.get(&path).await.ok();
        let numbers: Vec<_> = pane["orders"].as_array().unwrap().iter().map(|o| text(&o["number"])).collect();
        assert_eq!(numbers, ["700002", "700001"], "newest first");
        assert_eq!(pane["buyer"]["ref"], "3001");
        let first = &pane["orders"][1];
        assert_eq!((&first["total"], &first["refunded"]), (&json!(9800), &json!(4900)));
        assert_eq!((&first["state"], &first["refunds"][0]["number"]), (&json!("partly_refunded"), &json!("C700003")));
        let page = agent.get(&format!("{path}?limit=1")).await.ok();
        let next = text(&page["next"]);
        let rest = agent.get(&format!("{path}?limit=1&cursor={next}")).await.ok();
        assert_eq!(rest["orders"][0]["number"], "700001");
        assert_eq!(agent.get(&format!("{path}?cursor=nonsense")).await.refused(400), "bad_request");
        let by_number = agent.get(&format!("/shops/{SHOP}/orders/700001")).await.ok();
        assert_eq!(by_number["orders"][0]["order"]["number"], "700001");
        assert_eq!(by_number["orders"][0]["conversation"], buyer.conversation);
        let searched = agent.get(&format!("/shops/{SHOP}/search?q=700009")).await.ok();
        assert_eq!(searched["orders"][0]["order"]["number"], "700009");
        assert_eq!(agent.get(&format!("/shops/{SHOP}/orders/1")).await.ok()["orders"], json!([]));
        // Who does not say who he is sees nobody's orders.
        let mut stranger = app.buyer().await;
        stranger.say(&id(1), "我是3001").await;
        let none = agent.get(&format!("{}/orders", path_of(&stranger.conversation))).await.ok();
        assert_eq!(none["orders"], json!([]));
        app.stop().await;
    }
}

/// Hears everything up to a text and beyond; no frame may hold a note.
async fn listen_for_notes(buyer: &mut Buyer, last: &str) {
    buyer.socket.say(&json!({ "t": "ping" })).await;
    let (mut heard_last, mut heard_pong) = (false, false);
    while !(heard_last && heard_pong) {
        let Heard::Frame(frame) = buyer.socket.hear().await else { panic!("closed") };
        let frame_text = frame.to_string();
        assert!(!frame_text.contains("内部") && !frame_text.contains("\"staff\":\""), "{frame}");
        assert_ne!(frame["lane"], "staff");
        heard_last |= frame_text.contains(last);
        heard_pong |= frame["t"] == "pong";
    }
}
