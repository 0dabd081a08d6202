//! What belongs to a buyer: shown to the buyer alone, and gone for good when the buyer asks.

use serde_json::{Value, json};
use xiaoer_app::AppError;
use xiaoer_domain::team::Role;
use xiaoer_domain::time::Span;
use xiaoer_store::{Sql, args};
use xiaoer_testkit::client::Http;
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{PASSWORD, SHOP, TestApp, id, path_of};

const PHONE: &str = "13812345620";
const PLACE: &str = "杭州市西湖区山脚路8号";

const ADD_ORDER: Sql = Sql::in_test_both(
    "INSERT INTO shop_order (shop_id, public_id, source, number, buyer_id, state, placed_at, currency, total, refunded,
       item_count, content_hash, recipient, phone, address, seller_memo)
     SELECT $1, unhex('0123456789abcdef0123456789abcdef'), 'test', '5001', MAX(buyer_id), 'paid', 77, 'CNY', 5900, 0,
       0, unhex('00'), '林间鹿', '13812345620', '杭州市西湖区山脚路8号', '老客'
     FROM conversation WHERE shop_id = $1",
    "INSERT INTO shop_order (shop_id, public_id, source, number, buyer_id, state, placed_at, currency, total, refunded,
       item_count, content_hash, recipient, phone, address, seller_memo)
     SELECT $1, decode('0123456789abcdef0123456789abcdef', 'hex'), 'test', '5001', MAX(buyer_id), 'paid', 77, 'CNY',
       5900, 0, 0, decode('00', 'hex'), '林间鹿', '13812345620', '杭州市西湖区山脚路8号', '老客'
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
        let wanted = json!({ "t": "address", "number": "5001", "name": "林**", "phone": "138****5620", "address": PLACE });
        assert_eq!(card, &wanted);
        let answer = json!({ "t": "answer", "ref": stored["seq"], "value": "confirmed" });
        buyer.post(&format!("/widget/{SHOP}/entries"), show(4, &answer)).await.ok();
        let log = app.log(&agent, &conversation, "buyer").await;
        let last = log.iter().rfind(|entry| entry["kind"] == "message").unwrap();
        assert_eq!(last["content"], answer);
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
}
