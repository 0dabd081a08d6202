//! The first visit: a house without a shop gets one from whoever holds the key, and from nobody else.

use serde_json::{Value, json};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::TestApp;

fn asked(app: &TestApp, change: Value) -> Value {
    let mut asked = json!({
        "setup_key": app.running.setup_key, "shop": "mysilk", "name": "我的丝绸", "kind": "mall",
        "zone": "Asia/Shanghai", "currency": "CNY", "opens_minute": 540, "closes_minute": 1320,
        "origins": "https://shop.example", "owner": "掌柜", "login": "boss", "lang": "zh-CN",
        "password": "long-enough-1",
    });
    for (name, value) in change.as_object().unwrap() {
        asked[name] = value.clone();
    }
    asked
}

both_dbs! {
    async fn who_holds_the_key_makes_the_shop_and_is_signed_in(db: TestDb) {
        let app = TestApp::without_shop(&db).await;
        app.http.get("/first-visit").await.ok();
        let answer = app.http.post("/first-visit", asked(&app, json!({}))).await;
        let cookie = answer.headers["set-cookie"].to_str().unwrap().to_owned();
        assert!(cookie.contains("HttpOnly"));
        let me = answer.ok();
        assert_eq!(me["shops"][0]["key"], "mysilk");
        assert_eq!(me["shops"][0]["roles"], json!(["owner"]));
        let shop = app.app().shop("mysilk").await.unwrap();
        let now = app.clock.now();
        assert!(!shop.admits_origin("https://evil.example", now));
        assert_eq!(shop.setting("shop_kind", now), "mall");
        assert_eq!(shop.setting("opens_minute", now), "540");
        app.http.sign_in("boss", "long-enough-1").await.unwrap();
        // Once there is a shop there is no such page any more, whatever key is shown.
        assert_eq!(app.http.get("/first-visit").await.refused(404), "not_found");
        let again = asked(&app, json!({ "shop": "second", "login": "thief" }));
        assert_eq!(app.http.post("/first-visit", again).await.refused(404), "not_found");
        assert_eq!(app.app().shop_keys().await.unwrap(), ["mysilk"]);
        app.stop().await;
    }

    async fn a_stranger_without_the_key_makes_nothing(db: TestDb) {
        let app = TestApp::without_shop(&db).await;
        for key in ["", "guessed", "00000000000000000000000000000000"] {
            let answer = app.http.post("/first-visit", asked(&app, json!({ "setup_key": key }))).await;
            assert_eq!(answer.refused(403), "wrong_setup_key");
        }
        assert!(app.app().shop_keys().await.unwrap().is_empty());
        app.stop().await;
    }

    async fn a_wrong_answer_names_its_field_and_makes_nothing(db: TestDb) {
        let app = TestApp::without_shop(&db).await;
        for (wrong, field) in [
            (json!({ "shop": "My Silk" }), "shop"),
            (json!({ "name": " " }), "name"),
            (json!({ "kind": "bazaar" }), "shop_kind"),
            (json!({ "zone": "Asia/Nowhere" }), "zone"),
            (json!({ "currency": "yuan" }), "currency"),
            (json!({ "opens_minute": 2000 }), "opens_minute"),
            (json!({ "origins": "shop.example" }), "origins"),
            (json!({ "owner": "" }), "name"),
            (json!({ "login": "The Boss" }), "login"),
            (json!({ "password": "short" }), "password"),
        ] {
            // The pace of tries is a limit of its own, tested elsewhere.
            tokio::time::sleep(std::time::Duration::from_millis(340)).await;
            let answer = app.http.post("/first-visit", asked(&app, wrong)).await;
            assert_eq!(answer.refused(400), "bad_request");
            assert_eq!(answer.body["params"]["field"], field);
        }
        assert!(app.app().shop_keys().await.unwrap().is_empty());
        assert!(app.app().accounts().await.unwrap().is_empty());
        app.stop().await;
    }

    async fn of_two_who_hold_the_key_one_makes_the_shop(db: TestDb) {
        let app = TestApp::without_shop(&db).await;
        let (one, two) = tokio::join!(
            app.http.post("/first-visit", asked(&app, json!({ "shop": "one", "login": "one" }))),
            app.http.post("/first-visit", asked(&app, json!({ "shop": "two", "login": "two" }))),
        );
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 404]);
        assert_eq!(app.app().shop_keys().await.unwrap().len(), 1);
        app.stop().await;
    }

    async fn the_front_door_leads_to_the_first_visit_only_while_there_is_no_shop(db: TestDb) {
        let app = TestApp::without_shop(&db).await;
        let door = |path: &'static str| {
            let (client, base) = (no_redirects(), app.base().to_owned());
            async move {
                let answer = client.get(format!("{base}{path}")).send().await.unwrap();
                answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned())
            }
        };
        assert_eq!(door("/").await.as_deref(), Some("/first-visit"));
        assert_eq!(door("/desk/").await.as_deref(), Some("/first-visit"));
        app.app().create_shop("mysilk", "我的丝绸").await.unwrap();
        assert_eq!(door("/").await.as_deref(), Some("/desk/"));
        assert_eq!(door("/desk/").await, None);
        assert_eq!(door("/first-visit").await.as_deref(), Some("/desk/"));
        app.stop().await;
    }
}

fn no_redirects() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}
