//! What a shop says by itself, through the doors. The clock begins on Monday 2025-11-24 at 09:00 in Shanghai.

use serde_json::{Value, json};
use xiaoer_domain::team::Role;
use xiaoer_domain::time::Span;
use xiaoer_testkit::client::{Buyer, Http};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{SHOP, TestApp, id, path_of, until};

async fn leader(app: &TestApp) -> Http {
    app.person("leader", &[Role::Agent, Role::Leader]).await;
    app.http.bearer(&app.sign_in("leader").await)
}

fn path() -> String {
    format!("/shops/{SHOP}/auto-replies")
}

fn reply(occasion: &str, again_minutes: i64, texts: &[&str]) -> Value {
    json!({ "occasion": occasion, "on": true, "again_minutes": again_minutes, "texts": texts })
}

/// What was said by itself, when it has come to so many.
async fn said(app: &TestApp, staff: &Http, buyer: &Buyer, count: usize) -> Vec<String> {
    let texts = |log: &Vec<Value>| {
        let auto = log.iter().filter(|e| e["message"] == "auto" && e["kind"] == "message");
        auto.map(|e| e["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let log = until(
        "it is said",
        || app.log(staff, &buyer.conversation, "buyer"),
        |log| texts(log).len() >= count,
    );
    texts(&log.await)
}

async fn row(staff: &Http, buyer: &Buyer) -> Value {
    staff.get(&path_of(&buyer.conversation)).await.ok()
}

both_dbs! {
    async fn what_the_shop_says_by_itself_is_said_once_in_its_time_and_answers_nothing(db: TestDb) {
        let app = TestApp::start(&db).await;
        let leader = leader(&app).await;
        leader.post(&path(), reply("first_contact", 0, &["{折扣}"])).await.refused(400);
        leader.post(&path(), reply("first_contact", 0, &["{买家}您好", "欢迎来到{店铺}"])).await.ok();
        leader.post(&path(), reply("away", 60, &["稍后回您"])).await.ok();
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "在吗").await;
        // The buyer has no name yet: the text that needs one is passed over.
        let shop = app.shop().await.name.clone();
        assert_eq!(said(&app, &leader, &buyer, 2).await, [format!("欢迎来到{shop}"), "稍后回您".into()]);
        let before = row(&leader, &buyer).await;
        assert!(before["waiting_since"].is_i64(), "it is no answer: {before}");
        assert_eq!((&before["unread"], &before["session"]["agent"]), (&json!(1), &Value::Null));
        assert_eq!(before["last"]["preview"], "在吗", "the list shows what the buyer asks");
        let close = format!("{}/close", path_of(&buyer.conversation));
        leader.post(&close, json!({})).await.ok();
        app.clock.advance(Span::minutes(59));
        buyer.say(&id(2), "还在吗").await;
        leader.post(&close, json!({})).await.ok();
        app.clock.advance(Span::minutes(2));
        buyer.say(&id(3), "有人吗").await;
        // One session in between was inside the hour, and only the first one ever was a first contact.
        let all = said(&app, &leader, &buyer, 3).await;
        assert_eq!(all, [format!("欢迎来到{shop}"), "稍后回您".into(), "稍后回您".into()]);
        app.stop().await;
    }

    async fn a_long_wait_and_an_end_have_words_of_their_own(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (leader, agent) = (leader(&app).await, app.available("guyu").await);
        app.app().set_setting(&*app.shop().await, "auto_long_wait_seconds", "30").await.unwrap();
        leader.post(&path(), reply("long_wait", 0, &["{客服}正在看，马上回您"])).await.ok();
        leader.post(&path(), reply("session_ended", 0, &["感谢光临"])).await.ok();
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "在吗").await;
        let since = row(&agent, &buyer).await["waiting_since"].clone();
        app.clock.advance(Span::seconds(29));
        app.app().sweep().await.unwrap();
        app.clock.advance(Span::seconds(2));
        for _ in 0..3 {
            app.app().sweep().await.unwrap();
        }
        assert_eq!(said(&app, &agent, &buyer, 1).await, ["谷雨正在看，马上回您"]);
        assert_eq!(row(&agent, &buyer).await["waiting_since"], since, "the wait goes on");
        let cnv = path_of(&buyer.conversation);
        let answer = json!({ "client_id": id(2), "text": "在的，您说" });
        agent.post(&format!("{cnv}/entries"), answer).await.ok();
        agent.post(&format!("{cnv}/close"), json!({})).await.ok();
        assert_eq!(said(&app, &agent, &buyer, 2).await, ["谷雨正在看，马上回您", "感谢光临"]);
        app.stop().await;
    }

    async fn automatic_replies_are_written_by_those_with_the_right(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (leader, agent) = (leader(&app).await, app.agent("guyu").await);
        let busy = reply("busy", 30, &["前面还有几位，请稍等"]);
        assert_eq!(agent.post(&path(), busy.clone()).await.refused(403), "forbidden");
        let made = leader.post(&path(), busy.clone()).await.ok();
        assert_eq!(leader.post(&path(), busy.clone()).await.refused(409), "name_taken");
        assert_eq!(leader.post(&path(), reply("campaign", 0, &["好"])).await.refused(400), "bad_request");
        for (field, value) in [
            ("occasion", json!("lunch")), ("texts", json!([])), ("texts", json!(vec!["好"; 6])),
            ("again_minutes", json!(-1)), ("texts", json!([" "])),
        ] {
            let mut wrong = busy.clone();
            wrong[field] = value;
            leader.post(&path(), wrong).await.refused(400);
        }
        for name in ["双十一", "年货节"] {
            let mut campaign = reply("campaign", 0, &["满减进行中"]);
            campaign["name"] = json!(name);
            leader.post(&path(), campaign).await.ok();
        }
        let one = format!("{}/{}", path(), made["id"]);
        let mut off = busy;
        off["on"] = json!(false);
        off["occasion"] = json!("away");
        let changed = leader.put(&one, off).await.ok();
        assert_eq!((&changed["on"], &changed["occasion"]), (&json!(false), &json!("busy")));
        let all = agent.get(&path()).await.ok();
        assert_eq!((all["replies"].as_array().unwrap().len(), &all["may_edit"]), (3, &json!(false)));
        let remove = format!("{one}/remove");
        assert_eq!(agent.post(&remove, json!({})).await.refused(403), "forbidden");
        leader.post(&remove, json!({})).await.ok();
        assert_eq!(leader.post(&remove, json!({})).await.refused(404), "not_found");
        app.stop().await;
    }
}
