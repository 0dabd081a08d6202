//! What the desk is told beside the talk: choices of a person, stages, left messages, filters.

use serde_json::{Value, json};
use xiaoer_domain::time::Span;
use xiaoer_testkit::client::{Http, text};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{SHOP, TestApp, id, path_of, set_state, until};

/// Conversations of "all" that a filter leaves, over all pages.
async fn listed(http: &Http, filter: &str) -> Vec<String> {
    let (mut listed, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/shops/{SHOP}/conversations?list=all&limit=2{filter}{cursor}");
        let page = http.get(&path).await.ok();
        listed.extend(page["rows"].as_array().unwrap().iter().map(|r| text(&r["conversation"])));
        let Some(next) = page["next"].as_str() else { return listed };
        cursor = format!("&cursor={next}");
    }
}

both_dbs! {
    async fn a_desk_is_liked_the_same_on_every_device(db: TestDb) {
        let app = TestApp::start(&db).await;
        let here = app.agent("xiaoman").await;
        let there = app.http.bearer(&app.sign_in("xiaoman").await);
        let other = app.agent("guyu").await;
        let path = "/me/preferences";
        assert_eq!(here.get(path).await.ok(), json!({ "version": 0, "document": {} }));
        let set = json!({ "set": { "theme": "dark", "rows": "compact" } });
        here.post(path, set).await.ok();
        let keys = json!({ "set": { "keys": { "next": "Alt+KeyN" }, "rows": null } });
        let both = json!({ "theme": "dark", "keys": { "next": "Alt+KeyN" } });
        let after = there.post(path, keys).await.ok();
        assert_eq!(after, json!({ "version": 2, "document": both }));
        assert_eq!(here.get(path).await.ok(), after);
        assert_eq!(other.get(path).await.ok()["version"], 0);
        app.http.get(path).await.refused(401);
        for bad in [json!({ "set": [] }), json!({ "set": { "": 1 } }), json!({})] {
            assert_eq!(here.post(path, bad).await.refused(400), "bad_request");
        }
        let big = json!({ "set": { "keys": "x".repeat(9000) } });
        assert_eq!(here.post(path, big).await.refused(413), "too_big");
        assert_eq!(here.get(path).await.ok(), after, "what was refused changed nothing");
        app.stop().await;
    }

    async fn a_message_left_with_nobody_on_duty_is_marked_until_somebody_has_it(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("xiaoman").await;
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "明天能发吗").await;
        let path = path_of(&buyer.conversation);
        let row = || async { agent.get(&path).await.ok() };
        let marked = until("the mark", row, |row: &Value| row["left"] == true).await;
        assert_eq!(marked["stage"], "pre_sales");
        set_state(&agent, "available").await;
        let served = until("an agent", row, |row: &Value| row["session"]["agent"].is_object()).await;
        assert!(served.get("left").is_none());
        app.stop().await;
    }

    async fn all_is_filtered_over_its_pages(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.available("xiaoman").await;
        let me = text(&agent.get("/me").await.ok()["account"]["id"]);
        let mut desk = app.desk("xiaoman").await;
        let mut all = Vec::new();
        let mut times = Vec::new();
        for number in 0..5 {
            app.clock.advance(Span::seconds(4));
            let mut buyer = app.buyer().await;
            buyer.say(&id(1), "在吗").await;
            if number == 2 {
                desk.say(&buyer.conversation, "buyer", &id(9), "在的").await;
                let read = json!({ "seq": 2 });
                agent.post(&format!("{}/read", path_of(&buyer.conversation)), read).await.ok();
            }
            times.insert(0, agent.get(&path_of(&buyer.conversation)).await.ok()["last"]["at"].as_i64().unwrap());
            all.insert(0, buyer.conversation);
        }
        let answered = all[2].clone();
        let others: Vec<String> = all.iter().filter(|c| **c != answered).cloned().collect();
        assert_eq!(listed(&agent, "").await, all);
        assert_eq!(listed(&agent, "&unread=true").await, others);
        assert_eq!(listed(&agent, "&stage=pre_sales").await, all);
        assert_eq!(listed(&agent, "&stage=after_sales").await, [""; 0]);
        assert_eq!(listed(&agent, "&waited_s=10").await, all[3..].to_vec());
        let mut mine = Vec::new();
        for conversation in &all {
            let row = agent.get(&path_of(conversation)).await.ok();
            if row["session"]["agent"]["id"] == me {
                mine.push(conversation.clone());
            }
        }
        assert!(mine.contains(&answered));
        assert_eq!(listed(&agent, &format!("&agent={me}")).await, mine);
        assert_eq!(listed(&agent, "&agent=acc_999999").await, [""; 0]);
        let day = format!("&from={}&until={}", times[3], times[1]);
        assert_eq!(listed(&agent, &day).await, all[2..4].to_vec());
        let path = |filter| format!("/shops/{SHOP}/conversations?list=all&{filter}");
        for bad in ["stage=sales", "agent=me", "unread=true&cursor=x"] {
            assert_eq!(agent.get(&path(bad)).await.refused(400), "bad_request", "{bad}");
        }
        app.stop().await;
    }
}
