//! A shop's own program: keys with scopes, orders told by key and by signed hook.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use xiaoer_domain::team::Role;
use xiaoer_domain::time::Span;
use xiaoer_testkit::client::{Answer, Http};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{OTHER, TestApp};

const NOON: i64 = 1_795_000_000_000_000;

async fn owner(app: &TestApp) -> Http {
    app.person("boss", &[Role::Owner]).await;
    app.http.bearer(&app.sign_in("boss").await)
}

async fn program(app: &TestApp, boss: &Http) -> Http {
    let new = json!({ "name": "my shop", "scopes": ["orders:write"] });
    let key = boss.post("/shops/demo/keys", new).await.ok()["key"].as_str().unwrap().to_owned();
    app.http.bearer(&key)
}

fn order(change: Value) -> Value {
    let mut order = json!({
        "updated_at": NOON, "placed_at": NOON - 60_000_000, "state": "paid", "buyer_ref": "C-7",
        "items": [
            { "sku": "S1", "title": "丝巾", "quantity": 2, "amount": 19_800 },
            { "sku": "H1", "title": "帽子", "quantity": 1, "amount": 3_550 },
        ],
        "postage": 800,
        "address": { "name": "王小明", "phone": "13800138000", "text": "杭州市西湖区" },
    });
    for (name, value) in change.as_object().unwrap() {
        order[name] = value.clone();
    }
    order
}

async fn tell(http: &Http, change: Value) -> Answer {
    http.put("/shops/demo/orders/A-1", order(change)).await
}

fn signature(secret: &str, seconds: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{seconds}.{body}").as_bytes());
    let hex: String = mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect();
    format!("t={seconds},v1={hex}")
}

async fn hook(app: &TestApp, signature: &str, body: &str) -> Answer {
    let http = app.http.with("x-xiaoer-signature", signature);
    http.raw("POST", "/hooks/demo/orders", Some(body.as_bytes().to_vec())).await.unwrap()
}

both_dbs! {
    async fn an_order_told_by_key_stands_at_the_desk_and_the_later_telling_holds(db: TestDb) {
        let app = TestApp::start(&db).await;
        let boss = owner(&app).await;
        let shop = program(&app, &boss).await;
        assert_eq!(tell(&shop, json!({})).await.ok()["orders"][0], json!({ "number": "A-1", "outcome": "new" }));
        assert_eq!(tell(&shop, json!({})).await.ok()["orders"][0]["outcome"], "unchanged");
        let found = boss.get("/shops/demo/orders/A-1").await.ok();
        let shown = &found["orders"][0]["order"];
        assert_eq!((&shown["total"], &shown["state"]), (&json!(24_150), &json!("paid")), "{found}");
        let later = json!({ "updated_at": NOON + 5_000_000, "state": "shipped", "shipment": { "courier": "顺丰", "waybill": "SF1" } });
        assert_eq!(tell(&shop, later).await.ok()["orders"][0]["outcome"], "changed");
        // A message that was held up on its way takes nothing back.
        let late = json!({ "updated_at": NOON + 1_000_000, "state": "closed" });
        assert_eq!(tell(&shop, late).await.ok()["orders"][0]["outcome"], "older");
        let found = boss.get("/shops/demo/orders/A-1").await.ok();
        assert_eq!(found["orders"][0]["order"]["state"], "shipped");
        app.stop().await;
    }

    async fn a_program_asks_what_changed_and_goes_on_from_there(db: TestDb) {
        let app = TestApp::start(&db).await;
        let boss = owner(&app).await;
        let writer = program(&app, &boss).await;
        let new = json!({ "name": "reader", "scopes": ["orders:read"] });
        let key = boss.post("/shops/demo/keys", new).await.ok();
        let reader = app.http.bearer(key["key"].as_str().unwrap());
        assert_eq!(writer.get("/shops/demo/orders").await.refused(403), "forbidden");
        assert_eq!(tell(&reader, json!({})).await.refused(403), "forbidden");
        let numbers = |page: &Value| -> Vec<String> {
            let orders = page["orders"].as_array().unwrap().iter();
            orders.map(|order| order["number"].as_str().unwrap().to_owned()).collect()
        };
        let put = |number: &str, change: Value| {
            let (writer, path) = (&writer, format!("/shops/demo/orders/{number}"));
            async move { writer.put(&path, order(change)).await.ok() }
        };
        for number in ["B-1", "B-2", "B-3"] {
            put(number, json!({})).await;
            app.clock.advance(Span::seconds(1));
        }
        let now = reader.get("/shops/demo/orders").await.ok();
        assert!(numbers(&now).len() < 3, "what changed a moment ago is told later: {now}");
        app.clock.advance(Span::seconds(10));
        let first = reader.get("/shops/demo/orders?limit=2").await.ok();
        assert_eq!((numbers(&first), &first["has_more"]), (vec!["B-1".to_owned(), "B-2".to_owned()], &json!(true)));
        assert!(!first.to_string().contains("13800138000"), "what belongs to a person is masked");
        let go_on = |page: &Value| format!("/shops/demo/orders?cursor={}", page["cursor"].as_str().unwrap());
        let second = reader.get(&go_on(&first)).await.ok();
        assert_eq!((numbers(&second), &second["has_more"]), (vec!["B-3".to_owned()], &json!(false)));
        let nothing = reader.get(&go_on(&second)).await.ok();
        assert_eq!((numbers(&nothing), &nothing["cursor"]), (vec![], &second["cursor"]));
        // The same telling again is no change; another one is.
        put("B-1", json!({})).await;
        put("B-2", json!({ "updated_at": NOON + 5_000_000, "state": "shipped" })).await;
        app.clock.advance(Span::seconds(10));
        let news = reader.get(&go_on(&nothing)).await.ok();
        assert_eq!((numbers(&news), &news["orders"][0]["state"]), (vec!["B-2".to_owned()], &json!("shipped")));
        assert_eq!(reader.get("/shops/demo/orders?cursor=x").await.refused(400), "bad_request");
        app.stop().await;
    }

    async fn refunds_that_are_told_stand_with_their_own_order(db: TestDb) {
        let app = TestApp::start(&db).await;
        let boss = owner(&app).await;
        let shop = program(&app, &boss).await;
        let refund = |quantity: i64, amount: i64| json!([
            { "number": "R-1", "at": NOON + 1_000_000, "lines": [{ "sku": "S1", "quantity": quantity, "amount": amount }] },
        ]);
        // A later order of the same buyer and item would be chosen, if the refund did not name its own.
        tell(&shop, json!({ "buyer_ref": "C-7" })).await.ok();
        shop.put("/shops/demo/orders/A-2", order(json!({ "placed_at": NOON - 30_000_000 }))).await.ok();
        for (bad, field) in [
            (json!({ "refunds": refund(3, 100) }), "refunds[0].lines[0].quantity"),
            (json!({ "refunds": refund(1, -1) }), "refunds[0].lines[0].amount"),
            (json!({ "refunds": [{ "number": "R-1", "at": NOON, "lines": [{ "sku": "X", "quantity": 1, "amount": 1 }] }] }), "refunds[0].lines[0].sku"),
            (json!({ "refunds": refund(1, 100), "buyer_ref": null }), "buyer_ref"),
        ] {
            let refused = tell(&shop, bad).await;
            assert!(refused.body.to_string().contains(field), "{field}: {}", refused.body);
            assert_eq!(refused.refused(400), "bad_request");
        }
        tell(&shop, json!({ "updated_at": NOON + 1_000_000, "refunds": refund(2, 19_800) })).await.ok();
        let shown = |number: &'static str| {
            let boss = &boss;
            async move { boss.get(&format!("/shops/demo/orders/{number}")).await.ok()["orders"][0]["order"].clone() }
        };
        let first = shown("A-1").await;
        assert_eq!((&first["state"], &first["refunded"]), (&json!("partly_refunded"), &json!(19_800)), "{first}");
        assert_eq!(first["items"][0]["refunded_quantity"], 2);
        assert_eq!(first["refunds"][0]["number"], "R-1");
        assert_eq!(shown("A-2").await["state"], "paid");
        // The same order told again, in another state: its refund stays.
        tell(&shop, json!({ "updated_at": NOON + 2_000_000, "state": "completed", "refunds": refund(2, 19_800) })).await.ok();
        assert_eq!(shown("A-1").await["state"], "partly_refunded");
        app.stop().await;
    }

    async fn every_wrong_field_is_named_and_nothing_is_taken(db: TestDb) {
        let app = TestApp::start(&db).await;
        let boss = owner(&app).await;
        let shop = program(&app, &boss).await;
        let fine = order(json!({ "number": "B-1" }));
        let wrong = order(json!({
            "number": "B-2", "state": "lost", "updated_at": NOON / 1_000_000, "currency": "yuan",
        }));
        let items = json!([{ "sku": "", "title": "x", "quantity": 0, "amount": 1 }]);
        let third = order(json!({ "number": "B-3", "items": items }));
        let answer = shop.post("/shops/demo/orders", json!({ "orders": [fine, wrong, third] })).await;
        assert_eq!(answer.refused(400), "bad_request");
        let errors = answer.body["params"]["errors"].as_array().unwrap().clone();
        let fields: Vec<(u64, &str)> = errors.iter()
            .map(|e| (e["order"].as_u64().unwrap(), e["field"].as_str().unwrap())).collect();
        assert_eq!(fields, [
            (1, "state"), (1, "currency"), (1, "updated_at"), (2, "items[0].sku"), (2, "items[0].quantity"),
        ]);
        assert_eq!(boss.get("/shops/demo/orders/B-1").await.ok()["orders"], json!([]));
        let many = vec![order(json!({})); 101];
        assert_eq!(shop.post("/shops/demo/orders", json!({ "orders": many })).await.refused(429), "too_many");
        let odd = order(json!({ "colour": "red" }));
        assert_eq!(shop.put("/shops/demo/orders/B-9", odd).await.refused(400), "bad_request");
        app.stop().await;
    }

    async fn a_key_is_shown_once_opens_one_shop_and_ends_when_it_is_revoked(db: TestDb) {
        let app = TestApp::start(&db).await;
        let boss = owner(&app).await;
        let shop = program(&app, &boss).await;
        app.other_shop().await;
        assert_eq!(shop.put(&format!("/shops/{OTHER}/orders/A-1"), order(json!({}))).await.refused(401), "not_signed_in");
        assert_eq!(shop.get("/shops/demo/conversations").await.refused(401), "not_signed_in");
        assert_eq!(boss.put("/shops/demo/orders/A-1", order(json!({}))).await.refused(401), "not_signed_in");
        tell(&shop, json!({})).await.ok();
        let keys = boss.get("/shops/demo/keys").await.ok();
        assert!(keys["keys"][0]["used_at"].is_i64());
        assert!(!keys.to_string().contains("xk_"));
        let id = keys["keys"][0]["id"].as_str().unwrap();
        boss.post(&format!("/shops/demo/keys/{id}/revoke"), json!({})).await.ok();
        assert_eq!(tell(&shop, json!({})).await.refused(401), "not_signed_in");
        let log = boss.get("/shops/demo/audit?kind=api_key_revoked").await.ok();
        assert_eq!(log["rows"][0]["target"], id);
        let agent = app.agent("xiaoman").await;
        assert_eq!(agent.get("/shops/demo/keys").await.refused(403), "forbidden");
        assert_eq!(boss.post("/shops/demo/keys", json!({ "name": "x", "scopes": ["all"] })).await.refused(400), "bad_request");
        app.stop().await;
    }

    async fn a_hook_is_taken_only_with_a_fresh_signature_over_its_very_bytes(db: TestDb) {
        let app = TestApp::start(&db).await;
        let boss = owner(&app).await;
        let secret = boss.post("/shops/demo/hook-secret", json!({})).await.ok();
        let secret = secret["secret"].as_str().unwrap().to_owned();
        let body = json!({ "orders": [order(json!({ "number": "W-1" }))] }).to_string();
        let seconds = app.clock.now().micros() / 1_000_000;
        let signed = signature(&secret, seconds, &body);
        assert_eq!(hook(&app, &signed, &body).await.ok()["orders"][0]["outcome"], "new");
        for (wrong, sent) in [
            (signature("whk_guessed", seconds, &body), body.clone()),
            (signed.clone(), body.replace("19800", "1")),
            (signed.replace(&seconds.to_string(), &(seconds + 1).to_string()), body.clone()),
            (signature(&secret, seconds - 301, &body), body.clone()),
            ("v1=00".to_owned(), body.clone()),
            (format!("t={seconds},v1={}", "é".repeat(32)), body.clone()),
        ] {
            if wrong.is_ascii() {
                assert_eq!(hook(&app, &wrong, &sent).await.refused(401), "bad_signature", "{wrong}");
            }
        }
        app.clock.advance(Span::seconds(301));
        assert_eq!(hook(&app, &signed, &body).await.refused(401), "bad_signature");
        app.stop().await;
    }
}

/// Runs a sample of the documentation against the server; its output.
async fn sample(app: &TestApp, program: &str, file: &str, secret: (&str, &str)) -> String {
    let path = format!("{}/../../docs/samples/{file}", env!("CARGO_MANIFEST_DIR"));
    let ran = tokio::process::Command::new(program)
        .arg(path)
        .env("XIAOER_URL", app.base())
        .env("XIAOER_SHOP", "demo")
        .env(secret.0, secret.1)
        .output()
        .await
        .unwrap();
    let said = String::from_utf8(ran.stdout).unwrap();
    assert!(ran.status.success(), "{said}{}", String::from_utf8_lossy(&ran.stderr));
    said.trim().to_owned()
}

both_dbs! {
    async fn the_samples_of_the_documentation_run_as_they_are(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.clock.set(xiaoer_app::Clock::system().now());
        let boss = owner(&app).await;
        let new = json!({ "name": "sample", "scopes": ["orders:write"] });
        let key = boss.post("/shops/demo/keys", new).await.ok()["key"].as_str().unwrap().to_owned();
        assert_eq!(sample(&app, "python3", "tell_order.py", ("XIAOER_KEY", &key)).await, "new");
        let secret = boss.post("/shops/demo/hook-secret", json!({})).await.ok();
        let secret = secret["secret"].as_str().unwrap();
        assert_eq!(sample(&app, "node", "sign_hook.mjs", ("XIAOER_HOOK_SECRET", secret)).await, "new");
        let found = boss.get("/shops/demo/orders/S-1002").await.ok();
        assert_eq!(found["orders"][0]["order"]["state"], "shipped");
        app.stop().await;
    }
}
