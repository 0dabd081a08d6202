//! Colleagues beside a talk: transfers that wait for their receiver, whispers, invitations.

use serde_json::{Value, json};
use xiaoer_domain::team::Role;
use xiaoer_domain::time::Span;
use xiaoer_testkit::client::{Buyer, Http};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{SHOP, TestApp, id, outline, path_of, set_state};

/// A giver with a buyer, and a colleague who is available.
async fn scene(app: &TestApp) -> (Http, Http, Buyer, Value) {
    let giver = app.available("xiaoman").await;
    let mut buyer = app.buyer().await;
    buyer.say(&id(1), "在吗").await;
    let receiver = app.available("guyu").await;
    let agents = giver.get(&format!("/shops/{SHOP}/agents")).await.ok();
    let all = agents["agents"].as_array().unwrap().clone();
    let found = all.into_iter().find(|agent| agent["name"] == "谷雨").unwrap();
    (giver, receiver, buyer, found["id"].clone())
}

async fn holder(staff: &Http, buyer: &Buyer) -> Value {
    staff.get(&path_of(&buyer.conversation)).await.ok()["session"]["agent"]["name"].clone()
}

fn transfer(buyer: &Buyer, answer: &str) -> String {
    format!("{}/transfer{answer}", path_of(&buyer.conversation))
}

both_dbs! {
    async fn the_giver_keeps_the_buyer_until_the_receiver_accepts(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (giver, receiver, buyer, to) = scene(&app).await;
        let mut desk = app.desk("guyu").await;
        let body = json!({ "to": to, "note": "要开发票" });
        giver.post(&transfer(&buyer, ""), body.clone()).await.ok();
        let asked = desk.row(&buyer.conversation, |row| row.get("transfer").is_some()).await;
        let pending = &asked["transfer"];
        assert_eq!((&pending["from"]["name"], &pending["to"]["name"], &pending["note"]), (&json!("小满"), &json!("谷雨"), &json!("要开发票")));
        assert_eq!(pending["receivers"], json!([to]));
        assert_eq!(holder(&giver, &buyer).await, "小满");
        assert_eq!(giver.post(&transfer(&buyer, ""), body).await.refused(409), "transfer_open");
        assert_eq!(giver.post(&transfer(&buyer, "/accept"), json!({})).await.refused(403), "forbidden");

        // A desk that opens now finds the question in its rows.
        let again = app.desk("guyu").await;
        assert!(again.welcome["rows"].as_array().unwrap().iter().any(|row| row.get("transfer").is_some()));

        let row = receiver.post(&transfer(&buyer, "/accept"), json!({})).await.ok();
        assert_eq!((&row["session"]["agent"]["name"], row.get("transfer")), (&json!("谷雨"), None));
        assert_eq!(row["waiting_since"], app.clock.now().micros(), "handing over is no answer");
        let log = app.log(&giver, &buyer.conversation, "buyer").await;
        assert_eq!(outline(&log).last().unwrap(), "transfer handed_over");
        assert_eq!((&log.last().unwrap()["params"]["from"], &log.last().unwrap()["params"]["agent"]), (&json!("小满"), &json!("谷雨")));
        let notes = app.log(&giver, &buyer.conversation, "staff").await;
        assert_eq!(outline(&notes), ["notice transfer_offered", "message"]);
        assert_eq!(receiver.post(&transfer(&buyer, "/accept"), json!({})).await.refused(409), "transfer_over");
        app.stop().await;
    }

    async fn declined_withdrawn_or_unanswered_it_stays_with_the_giver(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (giver, receiver, buyer, to) = scene(&app).await;
        let ask = json!({ "to": to });
        giver.post(&transfer(&buyer, ""), ask.clone()).await.ok();
        receiver.post(&transfer(&buyer, "/decline"), json!({})).await.ok();
        giver.post(&transfer(&buyer, ""), ask.clone()).await.ok();
        giver.post(&transfer(&buyer, "/withdraw"), json!({})).await.ok();
        giver.post(&transfer(&buyer, ""), ask.clone()).await.ok();
        app.clock.advance(Span::seconds(60));
        assert_eq!(receiver.post(&transfer(&buyer, "/accept"), json!({})).await.refused(409), "transfer_over");
        app.app().sweep().await.unwrap();
        assert_eq!(holder(&giver, &buyer).await, "小满");
        let notes = outline(&app.log(&giver, &buyer.conversation, "staff").await);
        let told = notes.iter().map(|line| line.trim_start_matches("notice transfer_"));
        assert_eq!(told.collect::<Vec<_>>(), ["offered", "declined", "offered", "withdrawn", "offered", "expired"]);
        // Without acceptance it goes over at once.
        let shop = app.shop().await;
        app.app().set_setting(&shop, "transfer_accept_seconds", "0").await.unwrap();
        app.clock.advance(Span::seconds(6));
        set_state(&receiver, "available").await;
        giver.post(&transfer(&buyer, ""), ask).await.ok();
        assert_eq!(holder(&giver, &buyer).await, "谷雨");
        app.stop().await;
    }

    async fn of_a_group_whoever_accepts_first_gets_the_buyer(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (giver, receiver, buyer, to) = scene(&app).await;
        app.person("lead", &[Role::Supervisor]).await;
        let lead = app.http.bearer(&app.sign_in("lead").await);
        let third = app.available("third").await;
        let agents = giver.get(&format!("/shops/{SHOP}/agents")).await.ok();
        let all: Vec<Value> = agents["agents"].as_array().unwrap().iter().map(|a| a["id"].clone()).collect();
        assert!(all.contains(&to));
        let group = json!({ "name": "售后", "strategy": "least_loaded", "last_agent_first": false, "members": all });
        let groups = lead.post(&format!("/shops/{SHOP}/groups"), group).await.ok();
        giver.post(&transfer(&buyer, ""), json!({ "group": groups["groups"][0]["id"] })).await.ok();
        // One who does not want to leaves it to the others.
        third.post(&transfer(&buyer, "/decline"), json!({})).await.ok();
        let accept = transfer(&buyer, "/accept");
        let (one, two) =
            tokio::join!(receiver.post(&accept, json!({})), third.post(&accept, json!({})));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
        let name = if one.status == 200 { "谷雨" } else { "third" };
        assert_eq!(holder(&giver, &buyer).await, name);
        app.stop().await;
    }

    async fn a_whisper_is_for_the_agent_and_never_for_the_buyer(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (giver, _, mut buyer, _) = scene(&app).await;
        app.person("lead", &[Role::Supervisor]).await;
        let lead = app.http.bearer(&app.sign_in("lead").await);
        let whisper = format!("{}/whisper", path_of(&buyer.conversation));
        let body = json!({ "client_id": "whisper.0001", "text": "先道歉，再说补发" });
        assert_eq!(giver.post(&whisper, body.clone()).await.refused(403), "forbidden");
        lead.post(&whisper, body.clone()).await.ok();
        lead.post(&whisper, body).await.ok();
        let notes = app.log(&giver, &buyer.conversation, "staff").await;
        assert_eq!((outline(&notes), &notes[0]["text"]), (vec!["message whisper".to_owned()], &json!("先道歉，再说补发")));
        assert_eq!(notes[0]["params"]["agent"], "小满");
        let row = giver.get(&path_of(&buyer.conversation)).await.ok();
        assert_eq!(row["waiting_since"], app.clock.now().micros(), "a whisper answers nobody");
        assert!(app.app().verify(app.shop().await.id).await.unwrap().broken.is_empty());
        buyer.say(&id(2), "人呢").await;
        let seen = app.log(&giver, &buyer.conversation, "buyer").await;
        assert!(seen.iter().all(|entry| entry["code"] != "whisper"));
        app.stop().await;
    }

    async fn who_is_invited_finds_the_talk_and_may_leave_it(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (giver, receiver, buyer, to) = scene(&app).await;
        let mut desk = app.desk("guyu").await;
        let of = path_of(&buyer.conversation);
        giver.post(&format!("{of}/invite"), json!({ "to": to, "may_speak": true })).await.ok();
        let row = desk.row(&buyer.conversation, |row| row.get("helpers").is_some()).await;
        assert_eq!(row["helpers"], json!([{ "id": to, "name": "谷雨", "may_speak": true }]));
        assert_eq!(row["session"]["agent"]["name"], "小满");
        let again = app.desk("guyu").await;
        assert_eq!(again.welcome["rows"].as_array().unwrap().len(), 1);
        // Somebody else may not invite into it, and leaving ends it.
        let third = app.available("third").await;
        assert_eq!(third.post(&format!("{of}/invite"), json!({ "to": to })).await.refused(403), "forbidden");
        receiver.post(&format!("{of}/leave"), json!({})).await.ok();
        assert_eq!(giver.get(&of).await.ok().get("helpers"), None);
        let notes = outline(&app.log(&giver, &buyer.conversation, "staff").await);
        assert_eq!(notes, ["notice invited", "notice left_talk"]);
        assert_eq!(receiver.post(&format!("{of}/leave"), json!({})).await.status, 404);
        app.stop().await;
    }
}

both_dbs! {
    async fn a_signature_is_shown_as_the_shop_wants_it(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.available("xiaoman").await;
        let path = format!("/shops/{SHOP}/me/signature");
        let kept = agent.put(&path, json!({ "text": " 懂面料 " })).await.ok();
        assert_eq!(kept, json!({ "text": "懂面料", "shown": "line", "default": "" }));
        assert_eq!(agent.put(&path, json!({ "text": "长".repeat(41) })).await.refused(400), "too_long");
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "在吗").await;
        let told = buyer.socket.wait_for_type("reception").await;
        assert_eq!(told["reception"]["agent"], json!({ "name": "小满", "signature": "懂面料" }));
        let shop = app.shop().await;
        let seen = || async {
            app.clock.advance(Span::seconds(6));
            app.shop().await;
            app.buyer_again(&buyer.token, 0).await.welcome["reception"]["agent"].take()
        };
        app.app().set_setting(&shop, "signature_shown", "name").await.unwrap();
        assert_eq!(seen().await, json!({ "name": "懂面料" }));
        app.app().set_setting(&shop, "signature_shown", "off").await.unwrap();
        assert_eq!(seen().await, json!({ "name": "小满" }));
        agent.put(&path, json!({ "text": "" })).await.ok();
        app.app().set_setting(&shop, "signature_shown", "line").await.unwrap();
        app.app().set_setting(&shop, "signature_default", "随时找我们").await.unwrap();
        assert_eq!(seen().await, json!({ "name": "小满", "signature": "随时找我们" }));
        app.stop().await;
    }
}
