//! The people of a shop: added all at once or not at all, changed, and switched off with their buyers handed on; settings
//! and the audit log of whoever manages.

use serde_json::{Value, json};
use xiaoer_domain::team::Role;
use xiaoer_domain::time::Span;
use xiaoer_testkit::client::Http;
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{OTHER, PASSWORD, TestApp, id};

async fn with_roles(app: &TestApp, login: &str, roles: &[Role]) -> Http {
    app.person(login, roles).await;
    app.http.bearer(&app.sign_in(login).await)
}

async fn owner(app: &TestApp) -> Http {
    with_roles(app, "boss", &[Role::Owner]).await
}

async fn person(http: &Http, login: &str) -> Value {
    let people = http.get("/shops/demo/people").await.ok();
    let people = people["people"].as_array().unwrap().clone();
    people.into_iter().find(|person| person["login"] == login).unwrap()
}

/// A table of 25 people as a spreadsheet gives it.
fn table(people: usize) -> String {
    let lines = (1..=people).map(|n| format!("客服{n}\tagent{n:02}\t客服\t{}", n % 9 + 1));
    format!("姓名\t登录名\t岗位\t上限\n{}", lines.collect::<Vec<_>>().join("\n"))
}

both_dbs! {
    async fn twenty_five_people_come_in_at_once_and_replace_their_passwords(db: TestDb) {
        let app = TestApp::start(&db).await;
        let boss = owner(&app).await;
        let table = json!({ "table": table(25) });
        let tried = boss.post("/shops/demo/people/try", table.clone()).await.ok();
        assert_eq!(tried["lines"].as_array().unwrap().len(), 25);
        assert!(tried["lines"].as_array().unwrap().iter().all(|line| line["faults"] == json!([])));
        let added = boss.post("/shops/demo/people", table).await.ok();
        let given = &added["passwords"][24];
        assert_eq!(given["login"], "agent25");
        let password = given["password"].as_str().unwrap();
        let token = app.http.sign_in("agent25", password).await.unwrap();
        let agent = app.http.bearer(&token);
        assert_eq!(agent.get("/me").await.ok()["must_change_password"], true);
        // A password that others know opens nothing but its own replacement.
        let refused = agent.get("/shops/demo/conversations?list=mine").await;
        assert_eq!(refused.refused(403), "password_change_demanded");
        assert_eq!(person(&boss, "agent25").await["has_given_password"], true);
        let change = json!({ "current": password, "new": "my-own-words-9" });
        agent.post("/me/password", change).await.ok();
        agent.get("/shops/demo/conversations?list=mine").await.ok();
        assert_eq!(person(&boss, "agent25").await["has_given_password"], false);
        app.stop().await;
    }

    async fn one_wrong_line_and_nobody_comes_in(db: TestDb) {
        let app = TestApp::start(&db).await;
        let boss = owner(&app).await;
        let table = "login,name,roles,cap\nok1,好,agent,5\nboss,B,agent,5\nok1,C,captain,500\n";
        let body = json!({ "table": table });
        let tried = boss.post("/shops/demo/people/try", body.clone()).await.ok();
        let faults = |line: usize| tried["lines"][line]["faults"].clone();
        assert_eq!(faults(0), json!([]));
        assert_eq!(faults(1), json!([{ "field": "login", "code": "taken" }]));
        let third = [("login", "twice"), ("roles", "wrong"), ("cap", "wrong")];
        assert_eq!(faults(2), json!(third.map(|(field, code)| json!({ "field": field, "code": code }))));
        assert_eq!(tried["lines"][2]["line"], 4);
        let refused = boss.post("/shops/demo/people", body).await;
        assert_eq!(refused.refused(400), "bad_request");
        assert_eq!(refused.body["params"]["lines"].as_array().unwrap().len(), 3);
        assert_eq!(boss.get("/shops/demo/people").await.ok()["people"].as_array().unwrap().len(), 1);
        let many = json!({ "table": self::table(201) });
        assert_eq!(boss.post("/shops/demo/people/try", many).await.refused(429), "too_many");
        app.stop().await;
    }

    async fn only_owners_make_and_change_owners_and_one_stays(db: TestDb) {
        let app = TestApp::start(&db).await;
        let boss = owner(&app).await;
        let manager = with_roles(&app, "manager", &[Role::Manager]).await;
        let agent = with_roles(&app, "xiaoman", &[Role::Agent]).await;
        assert_eq!(agent.get("/shops/demo/people").await.refused(403), "forbidden");
        let tried = manager.post("/shops/demo/people/try", json!({ "table": "a1,A,owner" })).await.ok();
        assert_eq!(tried["lines"][0]["faults"][0]["code"], "forbidden");
        let of = |person: &Value| format!("/shops/demo/people/{}", person["id"].as_str().unwrap());
        let (me, it) = (person(&boss, "boss").await, person(&boss, "xiaoman").await);
        let roles = |words: Value| json!({ "roles": words, "cap": 10 });
        assert_eq!(manager.put(&of(&me), roles(json!(["agent"]))).await.refused(403), "forbidden");
        assert_eq!(manager.put(&of(&it), roles(json!(["owner"]))).await.refused(403), "forbidden");
        assert_eq!(manager.post(&format!("{}/off", of(&me)), json!({})).await.refused(403), "forbidden");
        manager.put(&of(&it), roles(json!(["agent", "leader"]))).await.ok();
        assert_eq!(person(&boss, "xiaoman").await["roles"], json!(["agent", "leader"]));
        assert_eq!(boss.put(&of(&me), roles(json!(["manager"]))).await.refused(409), "last_owner");
        assert_eq!(boss.post(&format!("{}/off", of(&me)), json!({})).await.refused(409), "last_owner");
        boss.put(&of(&it), roles(json!(["owner"]))).await.ok();
        boss.put(&of(&me), roles(json!(["manager"]))).await.ok();
        app.stop().await;
    }

    async fn a_leaver_is_out_at_once_and_whoever_is_free_goes_on(db: TestDb) {
        let app = TestApp::start(&db).await;
        let boss = owner(&app).await;
        let leaver = app.available("xiaoman").await;
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "is anybody there?").await;
        let colleague = app.available("guyu").await;
        let it = person(&boss, "xiaoman").await;
        assert_eq!(it["open_sessions"], 1);
        let path = format!("/shops/demo/people/{}/off", it["id"].as_str().unwrap());
        let told = boss.post(&path, json!({ "hand_to": "anybody" })).await.ok();
        assert_eq!((&told["given"], &told["left"]), (&json!(1), &json!([])));
        assert_eq!(leaver.get("/me").await.refused(401), "not_signed_in");
        let mine = colleague.get("/shops/demo/conversations?list=mine").await.ok();
        assert_eq!(mine["rows"][0]["session"]["agent"]["name"], "谷雨");
        assert_eq!(person(&boss, "xiaoman").await["is_off"], true);
        boss.post(&path.replace("/off", "/on"), json!({})).await.ok();
        app.sign_in("xiaoman").await;
        app.stop().await;
    }

    async fn nobody_takes_over_the_account_of_one_who_works_elsewhere_too(db: TestDb) {
        let app = TestApp::start(&db).await;
        let boss = owner(&app).await;
        app.other_shop().await;
        app.person("both", &[Role::Agent]).await;
        let (account, other) = (app.app().account("both").await.unwrap(), app.app().shop(OTHER).await.unwrap());
        app.app().set_membership(other.id, account.id, 5, &[Role::Owner]).await.unwrap();
        let base = format!("/shops/demo/people/acc_{}", account.id);
        for act in ["off", "password", "second-factor/off"] {
            let refused = boss.post(&format!("{base}/{act}"), json!({})).await;
            assert_eq!(refused.refused(409), "works_elsewhere");
        }
        app.http.sign_in("both", PASSWORD).await.unwrap();
        app.stop().await;
    }

    async fn a_password_is_given_only_by_one_who_just_proved_who_they_are(db: TestDb) {
        let app = TestApp::start(&db).await;
        let boss = owner(&app).await;
        let agent = app.agent("xiaoman").await;
        let it = person(&boss, "xiaoman").await;
        let path = format!("/shops/demo/people/{}/password", it["id"].as_str().unwrap());
        app.clock.advance(Span::minutes(11));
        assert_eq!(boss.post(&path, json!({})).await.refused(403), "step_up_needed");
        boss.post("/me/step-up", json!({ "password": PASSWORD })).await.ok();
        let given = boss.post(&path, json!({})).await.ok();
        assert_eq!(agent.get("/me").await.refused(401), "not_signed_in");
        app.http.sign_in("xiaoman", given["password"].as_str().unwrap()).await.unwrap();
        app.stop().await;
    }

    async fn settings_change_in_place_and_remember_what_held_before(db: TestDb) {
        let app = TestApp::start(&db).await;
        let boss = owner(&app).await;
        let set = |name: &'static str, value: &'static str| {
            let boss = boss.clone();
            async move { boss.put(&format!("/shops/demo/settings/{name}"), json!({ "value": value })).await }
        };
        let one = |all: &Value, name: &str| {
            let all = all["settings"].as_array().unwrap().clone();
            all.into_iter().find(|setting| setting["name"] == name).unwrap()
        };
        let before = one(&boss.get("/shops/demo/settings").await.ok(), "recall_seconds");
        assert_eq!((&before["value"], &before["valid_from"]), (&json!("120"), &Value::Null));
        set("recall_seconds", "60").await.ok();
        app.clock.advance(Span::minutes(1));
        let after = one(&set("recall_seconds", "90").await.ok(), "recall_seconds");
        assert_eq!(after["value"], "90");
        assert_eq!(after["history"].as_array().unwrap().len(), 2);
        assert_eq!((&after["takes"], &after["max"]), (&json!("number"), &json!(86_400)));
        let refused = set("recall_seconds", "soon").await;
        assert_eq!(refused.refused(400), "bad_request");
        assert_eq!(refused.body["params"]["field"], "recall_seconds");
        assert_eq!(set("no_such_setting", "1").await.refused(400), "bad_request");
        let agent = app.agent("xiaoman").await;
        assert_eq!(agent.get("/shops/demo/settings").await.refused(403), "forbidden");
        app.stop().await;
    }

    async fn the_audit_log_pages_by_key_and_is_filtered_by_kind_and_person(db: TestDb) {
        let app = TestApp::start(&db).await;
        let boss = owner(&app).await;
        for n in 0..5 {
            let body = json!({ "value": (60 + n).to_string() });
            boss.put("/shops/demo/settings/recall_seconds", body).await.ok();
        }
        let first = boss.get("/shops/demo/audit?kind=setting_changed&limit=3").await.ok();
        assert_eq!(first["rows"].as_array().unwrap().len(), 3);
        assert_eq!(first["rows"][0]["after"], "64");
        assert_eq!(first["rows"][0]["login"], "boss");
        let next = first["next"].as_str().unwrap();
        let second = boss.get(&format!("/shops/demo/audit?kind=setting_changed&limit=3&cursor={next}")).await.ok();
        assert_eq!(second["rows"].as_array().unwrap().len(), 2);
        assert_eq!(second["next"], Value::Null);
        let nobody = boss.get("/shops/demo/audit?account=acc_999").await.ok();
        assert_eq!(nobody["rows"], json!([]));
        assert_eq!(boss.get("/shops/demo/audit?kind=gossip").await.refused(400), "bad_request");
        let agent = app.agent("xiaoman").await;
        assert_eq!(agent.get("/shops/demo/audit").await.refused(403), "forbidden");
        app.stop().await;
    }
}
