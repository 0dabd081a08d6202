//! Pests: proposed by an agent, kept out by a leader until a day, let in again; and a flood of lines.

use serde_json::{Value, json};
use xiaoer_domain::team::Role;
use xiaoer_domain::time::Span;
use xiaoer_testkit::client::{Http, word_of};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{OTHER, SHOP, TestApp, id, path_of};

async fn lead(app: &TestApp) -> Http {
    app.person("lead", &[Role::Leader]).await;
    app.http.bearer(&app.sign_in("lead").await)
}

fn blocks(tail: &str) -> String {
    format!("/shops/{SHOP}/blocks{tail}")
}

both_dbs! {
    async fn an_agent_proposes_a_leader_blocks_and_no_session_opens_until_the_day(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (agent, lead) = (app.available("xiaoman").await, lead(&app).await);
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "加微信领红包").await;
        let of = format!("{}/blocks", path_of(&buyer.conversation));
        for wrong in [
            json!({ "reason": "rude", "days": 3 }), json!({ "reason": "abuse", "days": 0 }),
            json!({ "reason": "abuse", "days": 366 }), json!({ "reason": "other", "days": 3, "note": " " }),
            json!({ "reason": "abuse", "days": 3, "note": "长".repeat(301) }),
        ] {
            assert_eq!(agent.post(&of, wrong).await.refused(400), "bad_request");
        }
        let body = json!({ "reason": "advertising", "note": "发了三次", "days": 3 });
        let proposed = agent.post(&of, body).await.ok()["blocks"][0].clone();
        assert_eq!((&proposed["state"], &proposed["proposed_by"]), (&json!("proposed"), &json!("小满")));
        buyer.say(&id(2), "proposed is not blocked").await;
        // Proposed again, it is the same proposal in other words.
        let again = json!({ "reason": "flood", "days": 5 });
        let again = agent.post(&of, again).await.ok();
        assert_eq!((&again["blocks"][0]["id"], again["blocks"].as_array().unwrap().len()), (&proposed["id"], 1));
        let one = |verb: &str| blocks(&format!("/{}/{verb}", proposed["id"]));
        assert_eq!(agent.post(&one("decide"), json!({ "days": 3 })).await.refused(403), "forbidden");
        let held = lead.post(&one("decide"), json!({ "days": 2 })).await.ok();
        let until = app.clock.now().plus(Span::minutes(2 * 24 * 60)).micros();
        assert_eq!((&held["state"], &held["until"], &held["decided_by"]), (&json!("holds"), &json!(until), &json!("lead")));
        assert_eq!(lead.post(&one("decide"), json!({ "days": null })).await.refused(409), "too_late");
        let row = agent.get(&path_of(&buyer.conversation)).await.ok();
        assert_eq!(row["session"]["state"], "closed");
        buyer.socket.say(&json!({ "t": "send", "id": id(3), "text": "为什么" })).await;
        let refused = buyer.refused(&id(3)).await;
        assert_eq!((word_of(&refused), &refused["params"]), ("blocked", &json!({ "until": until, "day": "2025-11-26" })));
        let left = json!({ "client_id": id(4), "wish": "question", "text": "留言" });
        let visitor = app.http.visitor(&buyer.token);
        assert_eq!(visitor.post(&format!("/widget/{SHOP}/follow-ups"), left).await.refused(403), "blocked");
        assert_eq!(agent.get(&path_of(&buyer.conversation)).await.ok()["session"]["state"], "closed");
        // What was stored before is answered as before.
        assert_eq!(buyer.say(&id(2), "proposed is not blocked").await, 4);
        app.clock.advance(Span::minutes(2 * 24 * 60));
        buyer.say(&id(5), "两天过去了").await;
        let over = lead.get(&blocks("")).await.ok();
        assert_eq!(over["blocks"][0]["state"], "over");
        app.stop().await;
    }

    async fn a_leader_blocks_at_once_and_lets_in_again_and_it_is_written_down(db: TestDb) {
        let app = TestApp::start(&db).await;
        let lead = lead(&app).await;
        app.person("owner", &[Role::Owner]).await;
        let owner = app.http.bearer(&app.sign_in("owner").await);
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "你们这群骗子").await;
        let of = format!("{}/blocks", path_of(&buyer.conversation));
        let held = lead.post(&of, json!({ "reason": "abuse", "days": 30 })).await.ok()["blocks"][0].clone();
        assert_eq!(held["state"], "holds");
        buyer.socket.say(&json!({ "t": "send", "id": id(2), "text": "喂" })).await;
        assert_eq!(word_of(&buyer.refused(&id(2)).await), "blocked");
        let lift = blocks(&format!("/{}/lift", held["id"]));
        let lifted = lead.post(&lift, json!({})).await.ok();
        assert_eq!((&lifted["state"], &lifted["lifted_by"]), (&json!("lifted"), &json!("lead")));
        assert_eq!(lead.post(&lift, json!({})).await.refused(409), "too_late");
        buyer.say(&id(3), "谢谢").await;
        let kinds: Vec<Value> = owner.get(&format!("/shops/{SHOP}/audit?limit=10")).await.ok()["rows"]
            .as_array().unwrap().iter().map(|note| note["kind"].clone()).collect();
        for kind in ["block_proposed", "block_decided", "block_lifted"] {
            assert!(kinds.contains(&json!(kind)), "{kind} in {kinds:?}");
        }
        app.stop().await;
    }

    async fn blocks_of_another_shop_are_not_there(db: TestDb) {
        let app = TestApp::start(&db).await;
        let lead = lead(&app).await;
        app.other_shop().await;
        app.person_of(OTHER, "stranger", &[Role::Owner]).await;
        let stranger = app.http.bearer(&app.sign_in("stranger").await);
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "在吗").await;
        let of = format!("{}/blocks", path_of(&buyer.conversation));
        let held = lead.post(&of, json!({ "reason": "abuse", "days": 30 })).await.ok();
        let number = held["blocks"][0]["id"].clone();
        let lift = format!("/shops/{OTHER}/blocks/{number}/lift");
        assert_eq!(stranger.post(&lift, json!({})).await.refused(404), "not_found");
        assert_eq!(stranger.get(&format!("/shops/{OTHER}/blocks")).await.ok()["blocks"], json!([]));
        app.stop().await;
    }

    async fn a_flood_of_lines_is_told_its_limit_and_disturbs_nobody_else(db: TestDb) {
        let app = TestApp::start_with(&db, |config| config.limits.buyer_lines_per_minute = 5).await;
        let (mut noisy, mut calm) = (app.buyer().await, app.buyer().await);
        for n in 1..=5 {
            noisy.say(&id(n), "广告").await;
        }
        noisy.socket.say(&json!({ "t": "send", "id": id(6), "text": "广告" })).await;
        let refused = noisy.refused(&id(6)).await;
        assert_eq!((word_of(&refused), &refused["params"]["limit"]), ("too_fast", &json!("buyer_lines_per_minute")));
        assert!(refused["params"]["retry_ms"].as_i64().unwrap() > 1000);
        // Not by another door either.
        let line = json!({ "client_id": id(7), "text": "广告" });
        let door = app.http.visitor(&noisy.token).post(&format!("/widget/{SHOP}/entries"), line).await;
        assert_eq!(door.refused(429), "too_fast");
        calm.say(&id(1), "请问有货吗").await;
        app.stop().await;
    }
}
