//! What belongs to a buyer: shown to the buyer alone, and gone for good when the buyer asks.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use xiaoer_app::AppError;
use xiaoer_domain::team::Role;
use xiaoer_domain::time::Span;
use xiaoer_store::{Sql, args};
use xiaoer_testkit::client::Http;
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{PASSWORD, SHOP, TestApp, id, path_of};

const PHONE: &str = "13812345620";
const PLACE: &str = "杭州市西湖区山脚路8号2幢301室";

const ADD_ORDER: Sql = Sql::in_test_both(
    "INSERT INTO shop_order (shop_id, public_id, source, number, buyer_id, state, placed_at, currency, total, refunded,
       item_count, content_hash, recipient, phone, address, seller_memo)
     SELECT $1, unhex('0123456789abcdef0123456789abcdef'), 'test', '5001', MAX(buyer_id), 'paid', 77, 'CNY', 5900, 0,
       0, unhex('00'), '林间鹿', '13812345620', '杭州市西湖区山脚路8号2幢301室', '老客'
     FROM conversation WHERE shop_id = $1",
    "INSERT INTO shop_order (shop_id, public_id, source, number, buyer_id, state, placed_at, currency, total, refunded,
       item_count, content_hash, recipient, phone, address, seller_memo)
     SELECT $1, decode('0123456789abcdef0123456789abcdef', 'hex'), 'test', '5001', MAX(buyer_id), 'paid', 77, 'CNY',
       5900, 0, 0, decode('00', 'hex'), '林间鹿', '13812345620', '杭州市西湖区山脚路8号2幢301室', '老客'
     FROM conversation WHERE shop_id = $1",
);
/// Everything a person could be told by, over all tables that hold it.
const TRACES: Sql = Sql::in_test(
    "SELECT (SELECT COUNT(*) FROM entry WHERE shop_id = $1 AND (text IS NOT NULL OR content IS NOT NULL))
       + (SELECT COUNT(*) FROM attachment WHERE shop_id = $1)
       + (SELECT COUNT(*) FROM buyer WHERE shop_id = $1 AND (ref IS NOT NULL OR name <> ''))
       + (SELECT COUNT(*) FROM visitor WHERE shop_id = $1 AND (subject IS NOT NULL OR ended_at IS NULL))
       + (SELECT COUNT(*) FROM buyer_remark WHERE shop_id = $1)
       + (SELECT COUNT(*) FROM shop_order WHERE shop_id = $1
            AND COALESCE(nick, recipient, phone, address, buyer_note, seller_memo) IS NOT NULL) AS n",
);
const LOOKS: Sql =
    Sql::in_test("SELECT COUNT(*) AS n FROM audit WHERE shop_id = $1 AND kind = 'revealed'");
const ALARMS: Sql =
    Sql::in_test("SELECT COUNT(*) AS n FROM audit WHERE shop_id = $1 AND kind = 'reveal_alarm'");
const BUYERS: Sql =
    Sql::in_test("SELECT COUNT(*) AS n FROM buyer WHERE shop_id = $1 AND ref IS NOT NULL");
const PERSONS: Sql = Sql::in_test(
    "SELECT COUNT(*) AS n FROM shop_order WHERE shop_id = $1
       AND COALESCE(nick, recipient, phone, address, buyer_note, seller_memo) IS NOT NULL",
);
const ERASURES: Sql =
    Sql::in_test("SELECT COUNT(*) AS n FROM audit WHERE shop_id = $1 AND kind = 'erased'");
const TOTAL: Sql = Sql::in_test("SELECT MAX(total) AS n FROM shop_order WHERE shop_id = $1");

async fn run(app: &TestApp, sql: Sql) {
    let shop = app.shop().await.id;
    let done = app.app().db.write(move |tx| {
        Box::pin(async move { Ok::<_, AppError>(tx.exec(sql, args![shop]).await?) })
    });
    done.await.unwrap();
}

async fn number(app: &TestApp, sql: Sql) -> i64 {
    let shop = app.shop().await.id;
    let read = app
        .app()
        .db
        .read(move |tx| Box::pin(async move { tx.one(sql, args![shop]).await?.get("n") }));
    read.await.unwrap()
}

/// A buyer whom the shop has named, with an order that says where it goes.
async fn named(app: &TestApp) -> (Http, String) {
    let identity = app.identity("17850").await;
    let hello = json!({ "identity": identity });
    let welcome = app.http.post(&format!("/widget/{SHOP}/hello"), hello).await.ok();
    run(app, ADD_ORDER).await;
    let conversation = welcome["conversation"].as_str().unwrap().to_owned();
    (app.http.visitor(welcome["token"].as_str().unwrap()), conversation)
}

fn show(number: u32, content: &Value) -> Value {
    json!({ "client_id": id(number), "content": content })
}

both_dbs! {
    async fn an_address_is_shown_to_its_own_buyer_who_answers_with_one_tap(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (_, stranger) = app.visitor().await;
        let (buyer, conversation) = named(&app).await;
        let agent = app.agent("xiaoman").await;
        let (address, unknown) = (json!({ "t": "address", "number": "5001" }), json!({ "t": "address", "number": "9" }));
        let to = |conversation: &str| format!("{}/entries", path_of(conversation));
        let refused = agent.post(&to(&stranger), show(1, &address)).await;
        assert_eq!(refused.refused(409), "not_identified");
        assert_eq!(agent.post(&to(&conversation), show(2, &unknown)).await.refused(404), "not_found");
        let stored = agent.post(&to(&conversation), show(3, &address)).await.ok();
        let log = app.log(&agent, &conversation, "buyer").await;
        let card = &log.iter().rfind(|entry| entry["kind"] == "message").unwrap()["content"];
        let masked = json!({
            "t": "address", "number": "5001", "name": "林**", "phone": "138****5620", "address": "杭州市西湖区***",
        });
        assert_eq!(card, &masked, "the desk sees no more of it than elsewhere");
        let shown = buyer.get(&format!("/widget/{SHOP}/updates?after=0")).await.ok();
        let shown = shown["entries"].as_array().unwrap().iter().rfind(|entry| entry["kind"] == "message");
        assert_eq!(shown.unwrap()["content"]["address"], PLACE, "its own buyer sees it whole");
        assert_eq!(number(&app, LOOKS).await, 1, "showing it counts as looking at it");
        let answer = json!({ "t": "answer", "ref": stored["seq"], "value": "confirmed" });
        buyer.post(&format!("/widget/{SHOP}/entries"), show(4, &answer)).await.ok();
        let log = app.log(&agent, &conversation, "buyer").await;
        let last = log.iter().rfind(|entry| entry["kind"] == "message").unwrap();
        assert_eq!(last["content"], answer);
        app.stop().await;
    }

    async fn an_address_of_another_buyer_is_not_told_unless_the_buyer_wrote_it(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (stranger, foreign) = app.visitor().await;
        let (_, own) = named(&app).await;
        let agent = app.agent("xiaoman").await;
        let say = |number: u32, text: String| json!({ "client_id": id(number), "text": text });
        let to = |conversation: &str| format!("{}/entries", path_of(conversation));
        let told = "给您发到杭州市西湖区 山脚路8号2幢301室，对吗".to_owned();
        let refused = agent.post(&to(&foreign), say(1, told.clone())).await;
        assert_eq!(refused.refused(409), "guard_blocks");
        assert_eq!(refused.body["params"]["findings"][0]["rule"], "other_buyer");
        agent.post(&to(&own), say(2, told.clone())).await.ok();
        let gift = say(3, format!("寄给朋友：{PLACE}"));
        stranger.post(&format!("/widget/{SHOP}/entries"), gift).await.ok();
        agent.post(&to(&foreign), say(4, told)).await.ok();
        app.stop().await;
    }

    async fn a_buyer_who_asks_is_forgotten_and_the_evidence_and_the_figures_stay(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (buyer, conversation) = named(&app).await;
        let agent = app.agent("xiaoman").await;
        let entries = format!("/widget/{SHOP}/entries");
        let words = json!({ "client_id": id(1), "text": "我的电话是13812345620" });
        buyer.post(&entries, words).await.ok();
        let file = buyer.upload(&format!("/widget/{SHOP}/attachments"), "a.txt", PHONE.into()).await.ok();
        buyer.post(&entries, show(2, &json!({ "t": "file", "id": file["id"] }))).await.ok();
        let to = path_of(&conversation);
        agent.put(&format!("{to}/remark"), json!({ "text": "怕痒" })).await.ok();
        let note = json!({ "client_id": id(3), "lane": "staff", "text": "住山脚路" });
        agent.post(&format!("{to}/entries"), note).await.ok();
        assert!(number(&app, TRACES).await > 5);
        let erase = format!("{to}/erase");
        assert_eq!(agent.post(&erase, json!({})).await.refused(403), "forbidden");
        app.person("owner", &[Role::Owner]).await;
        let owner = app.http.bearer(&app.sign_in("owner").await);
        app.clock.advance(Span::minutes(30));
        assert_eq!(owner.post(&erase, json!({})).await.refused(403), "step_up_needed");
        owner.post("/me/step-up", json!({ "password": PASSWORD })).await.ok();
        owner.post(&erase, json!({})).await.ok();
        assert_eq!(number(&app, TRACES).await, 0);
        assert_eq!((number(&app, ERASURES).await, number(&app, TOTAL).await), (1, 5900));
        let url = file["url"].as_str().unwrap();
        assert_eq!(app.http.fetch(url).await.0, 404);
        assert_eq!(buyer.get(&format!("/widget/{SHOP}/updates?after=0")).await.refused(401), "not_signed_in");
        let log = app.log(&agent, &conversation, "buyer").await;
        assert!(log.iter().all(|entry| entry["text"].is_null() && entry["content"].is_null()));
        let verified = app.app().verify(app.shop().await.id).await.unwrap();
        assert!(verified.broken.is_empty() && verified.entries > 3, "{verified:?}");
        let found = || async { agent.get(&format!("/shops/{SHOP}/search?q=13812345620")).await.ok() };
        crate::support::until("the words are forgotten", found, |found| {
            found["entries"].as_array().is_some_and(Vec::is_empty)
        }).await;
        app.stop().await;
    }

    async fn a_masked_value_is_looked_at_one_at_a_time_with_a_reason(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.app().set_setting(&*app.shop().await, "reveals_per_hour", "2").await.unwrap();
        let (_, conversation) = named(&app).await;
        let agent = app.agent("xiaoman").await;
        let orders = agent.get(&format!("{}/orders", path_of(&conversation))).await.ok();
        let order = &orders["orders"][0];
        assert_eq!(order["details"]["phone"], "138****5620");
        assert!(!orders.to_string().contains(PHONE) && !orders.to_string().contains(PLACE));
        let look = |field: &str, reason: &str| json!({ "on": order["id"], "field": field, "reason": reason });
        let reveal = format!("/shops/{SHOP}/reveal");
        assert_eq!(agent.post(&reveal, look("phone", "because")).await.refused(400), "bad_request");
        assert_eq!(agent.post(&reveal, look("email", "contact")).await.refused(404), "not_found");
        assert_eq!(number(&app, LOOKS).await, 0, "what was not shown is not noted");
        assert_eq!(agent.post(&reveal, look("phone", "contact")).await.ok()["value"], PHONE);
        assert_eq!((number(&app, LOOKS).await, number(&app, ALARMS).await), (1, 0));
        assert_eq!(agent.post(&reveal, look("address", "delivery")).await.ok()["value"], PLACE);
        agent.post(&reveal, look("name", "delivery")).await.ok();
        assert_eq!((number(&app, LOOKS).await, number(&app, ALARMS).await), (3, 1));
        app.person("looker", &[Role::ReadOnly]).await;
        let looker = app.http.bearer(&app.sign_in("looker").await);
        assert_eq!(looker.post(&reveal, look("phone", "contact")).await.refused(403), "forbidden");
        app.person("owner", &[Role::Owner]).await;
        let owner = app.http.bearer(&app.sign_in("owner").await);
        let log = owner.get(&format!("/shops/{SHOP}/audit?kind=revealed")).await.ok();
        let first = log["rows"].as_array().unwrap().last().unwrap();
        assert_eq!((&first["target"], &first["name"]), (&order["id"], &json!("小满")));
        assert_eq!(first["after"], json!({ "field": "phone", "reason": "contact" }));
        assert!(!log.to_string().contains(PHONE), "the log holds no value");
        app.stop().await;
    }

    async fn what_was_put_right_stays_and_what_was_erased_does_not_come_back(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.person("owner", &[Role::Owner]).await;
        let owner = app.http.bearer(&app.sign_in("owner").await);
        let scopes = json!({ "name": "site", "scopes": ["orders:write"] });
        let key = owner.post(&format!("/shops/{SHOP}/keys"), scopes).await.ok();
        let program = app.http.bearer(key["key"].as_str().unwrap());
        let tell = |number: &str, updated: i64, name: &str| {
            let day = 86_400_000_000_i64;
            let at = app.clock.now().micros() - 20 * day;
            json!({ "number": number, "updated_at": at + updated, "placed_at": at, "state": "paid", "buyer_ref": "17850",
                "items": [{ "sku": "A", "title": "丝巾", "quantity": 1, "amount": 900 }],
                "address": { "name": name, "phone": PHONE, "text": PLACE } })
        };
        let put = |order: Value| {
            let (program, path) = (&program, format!("/shops/{SHOP}/orders"));
            async move { program.post(&path, json!({ "orders": [order] })).await.ok() }
        };
        put(tell("7001", 1, "林间鹿")).await;
        let hello = json!({ "identity": app.identity("17850").await });
        let welcome = app.http.post(&format!("/widget/{SHOP}/hello"), hello).await.ok();
        let path = path_of(welcome["conversation"].as_str().unwrap());
        let agent = app.agent("xiaoman").await;
        let shown = agent.get(&format!("{path}/orders")).await.ok();
        let order = shown["orders"][0]["id"].clone();
        let right = json!({ "buyer_name": "林夏", "order": order, "name": "林夏", "phone": "13900001111" });
        agent.post(&format!("{path}/correct"), right).await.ok();
        put(tell("7001", 2, "林间鹿")).await;
        let reveal = format!("/shops/{SHOP}/reveal");
        let look = |field: &str| json!({ "on": order, "field": field, "reason": "check" });
        assert_eq!(agent.post(&reveal, look("phone")).await.ok()["value"], "13900001111");
        assert_eq!(agent.post(&reveal, look("address")).await.ok()["value"], PLACE, "what was not said stays");
        assert_eq!(agent.get(&path).await.ok()["buyer"]["name"], "林夏");
        let foreign = json!({ "order": format!("ord_{}", "07".repeat(16)), "phone": "13900001111" });
        assert_eq!(agent.post(&format!("{path}/correct"), foreign).await.refused(404), "not_found");
        let mask = json!({ "order": order, "phone": "138****5620" });
        assert_eq!(agent.post(&format!("{path}/correct"), mask).await.refused(400), "bad_request");

        owner.post(&format!("{path}/erase"), json!({})).await.ok();
        assert_eq!((number(&app, PERSONS).await, number(&app, BUYERS).await), (0, 0));
        // A newer file of the same order, and an old order that was never here.
        put(tell("7001", 3, "林间鹿")).await;
        put(tell("7002", 3, "林间鹿")).await;
        assert_eq!((number(&app, PERSONS).await, number(&app, BUYERS).await), (0, 0));
        // Who buys again later is a customer again.
        app.clock.advance(Span::minutes(60));
        let mut later = tell("7003", 3, "林夏");
        let now = app.clock.now().micros();
        (later["placed_at"], later["updated_at"]) = (json!(now), json!(now));
        put(later).await;
        assert_eq!((number(&app, PERSONS).await, number(&app, BUYERS).await), (1, 1));
        app.stop().await;
    }

    async fn a_buyer_who_asks_gets_everything_in_one_file(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (buyer, conversation) = named(&app).await;
        let entries = format!("/widget/{SHOP}/entries");
        buyer.post(&entries, json!({ "client_id": id(1), "text": "你们有红色的吗" })).await.ok();
        let bytes: &[u8] = "小票内容".as_bytes();
        let file = buyer.upload(&format!("/widget/{SHOP}/attachments"), "小票.txt", bytes.into()).await.ok();
        buyer.post(&entries, show(2, &json!({ "t": "file", "id": file["id"] }))).await.ok();
        let export = format!("{}/export", path_of(&conversation));
        let agent = app.agent("xiaoman").await;
        assert_eq!(agent.post(&export, json!({})).await.refused(403), "forbidden");
        app.person("owner", &[Role::Owner]).await;
        let owner = app.http.bearer(&app.sign_in("owner").await);
        app.clock.advance(Span::minutes(30));
        assert_eq!(owner.post(&export, json!({})).await.refused(403), "step_up_needed");
        owner.post("/me/step-up", json!({ "password": PASSWORD })).await.ok();
        let token = app.sign_in("owner").await;
        let url = format!("{}/api/v1{export}", app.base());
        let sent = reqwest::Client::new().post(url).bearer_auth(token).send().await.unwrap();
        assert_eq!(sent.status().as_u16(), 200);
        let zip = sent.bytes().await.unwrap().to_vec();
        let (json, rest) = unzipped(&zip);
        let told: Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(told["buyer"]["ref"], "17850");
        assert_eq!((&told["orders"][0]["details"]["phone"], &told["orders"][0]["details"]["address"]), (&json!(PHONE), &json!(PLACE)));
        let lines = told["entries"]["buyer"].as_array().unwrap();
        assert!(lines.iter().any(|line| line["text"] == "你们有红色的吗"));
        let named = lines.iter().find_map(|line| line["file"].as_str()).unwrap();
        assert_eq!(rest.get(named).map(Vec::as_slice), Some(bytes));
        app.stop().await;
    }

    async fn what_is_too_old_goes_by_itself_and_the_chain_verifies(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (_, conversation) = named(&app).await;
        let agent = app.agent("xiaoman").await;
        let mut desk = app.desk("xiaoman").await;
        let mut buyer = app.buyer().await;
        let old = buyer.say(&id(1), "很久以前说的").await;
        let visitor = app.http.visitor(&buyer.token);
        let file = visitor.upload(&format!("/widget/{SHOP}/attachments"), "a.txt", "旧".into()).await.ok();
        let entries = format!("/widget/{SHOP}/entries");
        visitor.post(&entries, show(2, &json!({ "t": "file", "id": file["id"] }))).await.ok();
        let path = path_of(&buyer.conversation);
        desk.watch(&buyer.conversation).await;
        app.clock.advance(Span::minutes(24 * 60 * 5));
        buyer.say(&id(3), "今天说的").await;
        let sweep = || async { app.app().sweep_old(&*app.shop().await).await.unwrap() };
        assert_eq!(sweep().await, xiaoer_app::customers::Swept::default(), "without a limit everything stays");
        for setting in ["keep_text_days", "keep_attachment_days"] {
            app.app().set_setting(&*app.shop().await, setting, "3").await.unwrap();
        }
        let log = app.log(&agent, &buyer.conversation, "buyer").await;
        let url = log.iter().find_map(|entry| entry["content"]["url"].as_str()).unwrap();
        assert_eq!(app.http.fetch(url).await.0, 200);
        let swept = sweep().await;
        assert_eq!((swept.lines, swept.attachments, swept.orders), (2, 0, 0));
        assert_eq!(sweep().await, xiaoer_app::customers::Swept::default(), "and nothing is left to do");
        assert_eq!(app.http.fetch(url).await.0, 404);
        let log = app.log(&agent, &buyer.conversation, "buyer").await;
        let said: Vec<&str> = log.iter().filter_map(|entry| entry["text"].as_str()).collect();
        assert_eq!(said, ["今天说的"]);
        let erased = desk.erased().await;
        assert_eq!((&erased["conversation"], &erased["lane"]), (&json!(buyer.conversation), &json!("buyer")));
        assert!(erased["seqs"].as_array().unwrap().contains(&json!(old)));
        // An order that is over no longer says whose it was; one that is not over does.
        app.app().set_setting(&*app.shop().await, "keep_order_person_days", "3").await.unwrap();
        assert_eq!(sweep().await.orders, 0);
        run(&app, CLOSE_ORDERS).await;
        assert_eq!((sweep().await.orders, number(&app, PERSONS).await, number(&app, TOTAL).await), (1, 0, 5900));
        let verified = app.app().verify(app.shop().await.id).await.unwrap();
        assert!(verified.broken.is_empty() && verified.entries > 3, "{verified:?}");
        assert!(!conversation.is_empty() && !path.is_empty());
        app.stop().await;
    }
}

const CLOSE_ORDERS: Sql =
    Sql::in_test("UPDATE shop_order SET state = 'completed' WHERE shop_id = $1");

/// The first file of a ZIP without compression, and the others by name.
fn unzipped(zip: &[u8]) -> (Vec<u8>, BTreeMap<String, Vec<u8>>) {
    let number = |at: usize, bytes: usize| {
        zip[at..at + bytes].iter().rev().fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte))
    };
    // The directory at the end says how long each file is.
    let end = zip.len() - 22;
    let (mut at, mut files) = (number(end + 16, 4), Vec::new());
    while number(at, 4) == 0x0201_4b50 {
        let (bytes, name, extra, comment) =
            (number(at + 20, 4), number(at + 28, 2), number(at + 30, 2), number(at + 32, 2));
        let begins = number(at + 42, 4);
        let title = String::from_utf8(zip[at + 46..at + 46 + name].to_vec()).unwrap();
        let data = begins + 30 + number(begins + 26, 2) + number(begins + 28, 2);
        files.push((title, zip[data..data + bytes].to_vec()));
        at += 46 + name + extra + comment;
    }
    let first = files.remove(0);
    assert_eq!(first.0, "buyer.json");
    (first.1, files.into_iter().collect())
}
