//! Shift handovers and notices through the doors.

use serde_json::{Value, json};
use xiaoer_domain::team::Role;
use xiaoer_domain::time::Span;
use xiaoer_testkit::client::Http;
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{SHOP, TestApp, id, path_of};

fn path(tail: &str) -> String {
    format!("/shops/{SHOP}/{tail}")
}

async fn own(http: &Http) -> Value {
    http.get("/me").await.ok()["account"]["id"].clone()
}

async fn serving(app: &TestApp, agent: &Http, conversation: &str) -> Value {
    let _ = app;
    agent.get(&path_of(conversation)).await.ok()["session"]["agent"]["name"].clone()
}

both_dbs! {
    async fn what_is_open_goes_over_when_both_have_signed(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (giver, receiver) = (app.agent("xiaoman").await, app.available("guyu").await);
        let third = app.agent("third").await;
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "在吗").await;
        let first = serving(&app, &giver, &buyer.conversation).await;
        let (from, to) = if first == "小满" { (&giver, &receiver) } else { (&receiver, &giver) };
        crate::support::set_state(to, "available").await;
        let draft = from.get(&path("handovers/draft")).await.ok();
        assert_eq!(draft["buyers"][0]["conversation"], json!(buyer.conversation));
        let body = json!({ "to": own(to).await, "note": "晚班辛苦", "items": [
            { "kind": "buyer", "conversation": buyer.conversation, "text": "等尺码答复" },
            { "kind": "promise", "conversation": buyer.conversation, "text": "今晚补发运费险说明" },
            { "kind": "incident", "text": "仓库漏发三单，还在查" },
        ] });
        for (field, wrong) in [("to", own(from).await), ("to", json!("acc_999")), ("items", json!([{ "kind": "incident" }]))] {
            let mut bad = body.clone();
            bad[field] = wrong;
            assert_eq!(from.post(&path("handovers"), bad).await.refused(400), "bad_request");
        }
        let made = from.post(&path("handovers"), body).await.ok();
        let one = path(&format!("handovers/{}", made["id"]));
        assert!(made["items"].as_array().unwrap().iter().all(|i| i["owner"] == made["giver"]["id"]));
        assert_eq!(third.post(&format!("{one}/sign"), json!({})).await.refused(403), "forbidden");
        assert_eq!(from.post(&format!("{one}/sign"), json!({})).await.refused(403), "forbidden");
        let signed = to.post(&format!("{one}/sign"), json!({})).await.ok();
        let receiver_id = &signed["receiver"]["id"];
        let owners: Vec<&Value> = signed["items"].as_array().unwrap().iter().map(|i| &i["owner"]).collect();
        assert_eq!(owners, [receiver_id, receiver_id, &signed["giver"]["id"]]);
        assert_eq!(json!(serving(&app, &giver, &buyer.conversation).await), signed["receiver"]["name"]);
        assert_eq!(from.post(&format!("{one}/withdraw"), json!({})).await.refused(409), "too_late");
        let incident = format!("{one}/items/{}/settle", signed["items"][2]["id"]);
        assert_eq!(to.post(&incident, json!({})).await.refused(403), "forbidden");
        let settled = from.post(&incident, json!({})).await.ok();
        assert!(settled["items"][2]["settled_at"].is_i64());
        assert_eq!(to.get(&path("handovers")).await.ok()["handovers"][0]["id"], made["id"]);
        assert_eq!(third.get(&path("handovers")).await.ok()["handovers"], json!([]));
        app.stop().await;
    }

    async fn who_is_away_signs_and_the_buyers_follow_later(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (giver, receiver) = (app.available("xiaoman").await, app.agent("guyu").await);
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "在吗").await;
        let body = json!({ "to": own(&receiver).await, "items": [{ "kind": "buyer", "conversation": buyer.conversation }] });
        let made = giver.post(&path("handovers"), body).await.ok();
        let sign = path(&format!("handovers/{}/sign", made["id"]));
        let signed = receiver.post(&sign, json!({})).await.ok();
        assert_eq!((&signed["items"][0]["moved_at"], signed["received_at"].is_i64()), (&json!(null), true));
        assert_eq!(serving(&app, &giver, &buyer.conversation).await, "小满");
        crate::support::set_state(&receiver, "available").await;
        let again = receiver.post(&sign, json!({})).await.ok();
        assert!(again["items"][0]["moved_at"].is_i64());
        assert_eq!(again["received_at"], signed["received_at"]);
        assert_eq!(serving(&app, &giver, &buyer.conversation).await, "谷雨");
        app.stop().await;
    }

    async fn a_notice_is_read_once_and_who_has_not_is_known(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.person("leader", &[Role::Agent, Role::Leader]).await;
        let leader = app.http.bearer(&app.sign_in("leader").await);
        let agent = app.agent("guyu").await;
        let until = app.clock.now().plus(Span::minutes(60)).micros();
        let body = json!({ "title": "改价", "text": "今晚八点起羊毛衫改价", "until": until });
        assert_eq!(agent.post(&path("notices"), body.clone()).await.refused(403), "forbidden");
        for (field, wrong) in [("title", json!(" ")), ("text", json!("长".repeat(2001))), ("until", json!(1))] {
            let mut bad = body.clone();
            bad[field] = wrong;
            assert_eq!(leader.post(&path("notices"), bad).await.refused(400), "bad_request");
        }
        leader.post(&path("notices"), body).await.ok();
        let seen = agent.get(&path("notices")).await.ok();
        let one = &seen["notices"][0];
        assert_eq!((&one["read_at"], &one["readers"], &seen["may_pin"]), (&json!(null), &json!(1), &json!(false)));
        let base = path(&format!("notices/{}", one["id"]));
        let readers = leader.get(&format!("{base}/readers")).await.ok();
        assert_eq!((&readers["missing"][0]["name"], readers["read"].as_array().unwrap().len()), (&json!("谷雨"), 1));
        agent.post(&format!("{base}/read"), json!({})).await.ok();
        let first = agent.get(&path("notices")).await.ok()["notices"][0]["read_at"].clone();
        app.clock.advance(Span::minutes(1));
        agent.post(&format!("{base}/read"), json!({})).await.ok();
        assert_eq!(agent.get(&path("notices")).await.ok()["notices"][0]["read_at"], first);
        assert_eq!(leader.get(&format!("{base}/readers")).await.ok()["missing"], json!([]));
        assert_eq!(agent.post(&path("notices/999/read"), json!({})).await.refused(404), "not_found");
        app.clock.advance(Span::minutes(60));
        assert_eq!(agent.get(&path("notices")).await.ok()["notices"], json!([]));
        app.stop().await;
    }
}
