//! Messages that carry something: cards made of the shop's own data, answers, nudges.

use serde_json::{Value, json};
use xiaoer_app::AppError;
use xiaoer_store::{Sql, args};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{SHOP, TestApp, id};

const ADD_PRODUCT: Sql = Sql::in_test(
    "INSERT INTO product (shop_id, sku, title, created_at) VALUES ($1, 'A-1', '羊毛围巾', 1)",
);
const ADD_ORDER: Sql = Sql::in_test_both(
    "INSERT INTO shop_order (shop_id, public_id, source, number, buyer_id, state, placed_at, currency, total, refunded,
       item_count, content_hash)
     VALUES ($1, unhex('0123456789abcdef0123456789abcdef'), 'test', '5001',
       (SELECT buyer_id FROM conversation WHERE shop_id = $1 ORDER BY id LIMIT 1), 'paid', 77, 'CNY', 5900, 0, 0,
       unhex('00'))",
    "INSERT INTO shop_order (shop_id, public_id, source, number, buyer_id, state, placed_at, currency, total, refunded,
       item_count, content_hash)
     VALUES ($1, decode('0123456789abcdef0123456789abcdef', 'hex'), 'test', '5001',
       (SELECT buyer_id FROM conversation WHERE shop_id = $1 ORDER BY id LIMIT 1), 'paid', 77, 'CNY', 5900, 0, 0,
       decode('00', 'hex'))",
);

async fn run(app: &TestApp, sql: Sql) {
    let shop = app.shop().await.id;
    let done = app.app().db.write(move |tx| {
        Box::pin(async move { Ok::<_, AppError>(tx.exec(sql, args![shop]).await?) })
    });
    done.await.unwrap();
}

/// The message of a page; notices of the house may stand around it.
fn message(page: &Value) -> &Value {
    page["entries"].as_array().unwrap().iter().rfind(|entry| entry["kind"] == "message").unwrap()
}

fn send(client_id: u32, text: Option<&str>, content: Value) -> Value {
    let mut body = json!({ "client_id": id(client_id), "content": content });
    if let Some(text) = text {
        body["text"] = text.into();
    }
    body
}

both_dbs! {
    async fn a_product_is_shown_as_it_was_when_it_was_sent(db: TestDb) {
        let app = TestApp::start(&db).await;
        run(&app, ADD_PRODUCT).await;
        let (buyer, _) = app.visitor().await;
        let path = format!("/widget/{SHOP}/entries");
        let body = send(1, Some("这款还有吗"), json!({ "t": "product", "sku": "A-1" }));
        let stored = buyer.post(&path, body.clone()).await.ok();
        assert_eq!(buyer.post(&path, body).await.ok(), stored, "the same again is the same entry");
        let other = send(1, Some("这款还有吗"), json!({ "t": "product", "sku": "A-2" }));
        assert_eq!(buyer.post(&path, other).await.refused(409), "client_id_conflict");
        let plain = json!({ "client_id": id(1), "text": "这款还有吗" });
        assert_eq!(buyer.post(&path, plain).await.refused(409), "client_id_conflict");
        let unknown = buyer.post(&path, send(2, None, json!({ "t": "product", "sku": "A-2" }))).await;
        assert_eq!(unknown.refused(404), "not_found");
        assert_eq!(unknown.body["params"]["what"], "product");
        let page = buyer.get(&format!("/widget/{SHOP}/updates?after=0")).await.ok();
        let entry = message(&page);
        assert_eq!(entry["text"], "这款还有吗");
        assert_eq!(entry["content"]["title"], "羊毛围巾");
        assert_eq!(entry["content"]["price"], Value::Null);
        let seq = stored["seq"].as_i64().unwrap();
        let recall = json!({ "client_id": id(3) });
        buyer.post(&format!("/widget/{SHOP}/entries/{seq}/recall"), recall).await.ok();
        let page = buyer.get(&format!("/widget/{SHOP}/updates?after={}", seq - 1)).await.ok();
        let entry = &page["entries"][0];
        assert_eq!((&entry["content"], &entry["recalled"]), (&Value::Null, &json!(true)));
        assert!(app.app().verify(app.shop().await.id).await.unwrap().broken.is_empty());
    }

    async fn an_order_is_shown_to_its_own_buyer_by_the_shop_alone(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (buyer, conversation) = app.visitor().await;
        let (_, other) = app.visitor().await;
        run(&app, ADD_ORDER).await;
        let agent = app.agent("xiaoman").await;
        let show = |conversation: &str| format!("/shops/{SHOP}/conversations/{conversation}/entries");
        let order = || json!({ "t": "order", "number": "5001" });
        agent.post(&show(&conversation), send(1, None, order())).await.ok();
        assert_eq!(agent.post(&show(&other), send(2, None, order())).await.refused(404), "not_found");
        let refused = buyer.post(&format!("/widget/{SHOP}/entries"), send(3, None, order())).await;
        assert_eq!(refused.refused(400), "bad_request");
        let page = agent.get(&show(&conversation)).await.ok();
        let entry = message(&page);
        assert_eq!(entry["message"], "card");
        assert_eq!(entry["content"], json!({
            "t": "order", "number": "5001", "state": "paid", "placed_at": 77, "total": 5900, "currency": "CNY",
            "items": [], "more": 0,
        }));
        let row = agent.get(&format!("/shops/{SHOP}/conversations/{conversation}")).await.ok();
        assert_eq!(row["last"]["content"], "order");
        let unknown = agent.post(&show(&conversation), send(4, None, json!({ "t": "poem" }))).await;
        assert_eq!(unknown.refused(400), "bad_request");
    }

    async fn a_nudge_is_off_until_the_shop_wants_it_and_then_comes_once_in_a_while(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (buyer, _) = app.visitor().await;
        let path = format!("/widget/{SHOP}/entries");
        let nudge = |number| send(number, None, json!({ "t": "nudge" }));
        assert_eq!(buyer.post(&path, nudge(1)).await.refused(409), "not_enabled");
        app.app().set_setting(&*app.shop().await, "nudge_seconds", "60").await.unwrap();
        buyer.post(&path, nudge(2)).await.ok();
        app.clock.advance(xiaoer_domain::time::Span::seconds(20));
        let early = buyer.post(&path, nudge(3)).await;
        assert_eq!(early.refused(429), "too_fast");
        assert_eq!(early.body["params"]["retry_ms"], 40_000);
        app.clock.advance(xiaoer_domain::time::Span::seconds(41));
        buyer.post(&path, nudge(4)).await.ok();
    }
}
