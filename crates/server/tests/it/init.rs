//! Verbs of the owner: `xiaoer init` makes a shop that its owner can sign in to, or nothing at all; who leaves is out at
//! once, and their buyers are not left alone.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use xiaoer_server::cli::say::Say;
use xiaoer_server::cli::verbs::{Verb, run};
use xiaoer_server::config::Config;
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{TestApp, id};

async fn init(app: &TestApp, change: Value) -> Result<(), String> {
    let mut asked = json!({
        "shop": "mysilk", "name": "我的丝绸", "zone": "Asia/Shanghai", "currency": "CNY",
        "origins": "https://shop.example", "owner": "掌柜", "login": "boss", "lang": "zh-CN",
        "password": "long-enough-1",
    });
    for (name, value) in change.as_object().unwrap() {
        asked[name] = value.clone();
    }
    verb(app, json!({ "Init": asked })).await
}

async fn verb(app: &TestApp, asked: Value) -> Result<(), String> {
    let verb: Verb = serde_json::from_value(asked).unwrap();
    let config = Config::load(None, &BTreeMap::new()).unwrap();
    let (sender, _lines) = tokio::sync::mpsc::unbounded_channel();
    run(app.app(), &config, &verb, None, &mut Say::Socket(sender)).await
}

both_dbs! {
    async fn init_makes_a_shop_that_its_owner_can_sign_in_to(db: TestDb) {
        let app = TestApp::start(&db).await;
        init(&app, json!({})).await.unwrap();
        let token = app.http.sign_in("boss", "long-enough-1").await.unwrap();
        let me = app.http.bearer(&token).get("/me").await.ok();
        assert_eq!(me["shops"][0]["key"], "mysilk");
        assert_eq!(me["shops"][0]["roles"], json!(["owner"]));
        let shop = app.app().shop("mysilk").await.unwrap();
        assert!(!shop.admits_origin("https://evil.example", app.clock.now()));
        app.stop().await;
    }

    async fn init_with_a_wrong_answer_makes_nothing(db: TestDb) {
        let app = TestApp::start(&db).await;
        for wrong in [
            json!({ "zone": "Asia/Nowhere" }),
            json!({ "currency": "yuan" }),
            json!({ "origins": "shop.example" }),
            json!({ "shop": "My Silk" }),
            json!({ "shop": "demo" }),
            json!({ "login": "The Boss" }),
            json!({ "password": "short" }),
        ] {
            let refused = init(&app, wrong.clone()).await.unwrap_err();
            assert!(refused.starts_with("Nothing was made"), "{wrong}: {refused}");
        }
        assert_eq!(app.app().shop_keys().await.unwrap(), ["demo"]);
        assert!(app.app().accounts().await.unwrap().is_empty());
        app.stop().await;
    }

    async fn who_leaves_is_out_at_once_and_a_colleague_goes_on(db: TestDb) {
        let app = TestApp::start(&db).await;
        let leaver = app.available("xiaoman").await;
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "is anybody there?").await;
        let colleague = app.available("guyu").await;
        let disable = json!({ "login": "xiaoman", "hand_to": "guyu" });
        verb(&app, json!({ "Account": { "Disable": disable } })).await.unwrap();
        assert_eq!(leaver.get("/me").await.refused(401), "not_signed_in");
        let mine = colleague.get("/shops/demo/conversations?list=mine").await.ok();
        let row = &mine["rows"][0];
        assert_eq!(row["session"]["agent"]["name"], "谷雨");
        assert_eq!(row["session"]["why"]["code"], "handed_over");
        app.stop().await;
    }
}
