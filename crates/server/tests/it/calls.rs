//! The telephone log through the doors.

use serde_json::json;
use xiaoer_domain::time::Span;
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{TestApp, id, path_of};

both_dbs! {
    async fn calls_are_logged_masked_with_the_next_try_and_a_dispute_stops_them(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("guyu").await;
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "电话联系我").await;
        let calls = format!("{}/calls", path_of(&buyer.conversation));
        let body = json!({ "phone": "13812345620", "reason": "核对地址", "outcome": "no_answer" });
        for (field, wrong) in [("phone", "138"), ("reason", " "), ("outcome", "maybe")] {
            let mut bad = body.clone();
            bad[field] = json!(wrong);
            assert_eq!(agent.post(&calls, bad).await.refused(400), "bad_request", "{field}");
        }
        let first = agent.post(&calls, body.clone()).await.ok();
        let due = app.clock.now().plus(Span::minutes(120)).micros();
        let one = &first["calls"][0];
        assert_eq!((&one["phone"], &one["next_at"], &one["by"]["name"]), (&json!("138****5620"), &json!(due), &json!("谷雨")));
        agent.post(&calls, body.clone()).await.ok();
        let third = agent.post(&calls, body.clone()).await.ok();
        assert_eq!(third["calls"][0].get("next_at"), None, "tried enough");
        assert!(!third.to_string().contains("13812345620"));
        let protection = format!("{calls}/protection");
        assert_eq!(agent.put(&protection, json!({ "on": true })).await.refused(400), "bad_request");
        let kept = agent.put(&protection, json!({ "on": true, "reason": "平台介入中" })).await.ok();
        assert_eq!(kept["protected"]["reason"], "平台介入中");
        assert_eq!(agent.post(&calls, body.clone()).await.refused(409), "calls_off");
        agent.put(&protection, json!({ "on": false })).await.ok();
        assert_eq!(agent.post(&calls, body).await.ok()["calls"].as_array().unwrap().len(), 4);
        app.stop().await;
    }
}
