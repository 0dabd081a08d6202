//! Tags, and acts on everything that a filter finds.

use serde_json::{Value, json};
use xiaoer_domain::team::Role;
use xiaoer_testkit::client::Http;
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{SHOP, TestApp, id, path_of, until};

fn path(tail: &str) -> String {
    format!("/shops/{SHOP}/{tail}")
}

async fn finished(http: &Http, job: &Value) -> Value {
    let one = path(&format!("bulk/{}", job["id"]));
    until("the job ends", || async { http.get(&one).await.ok() }, |job| job["state"] != "running")
        .await
}

async fn leader(app: &TestApp) -> Http {
    app.person("leader", &[Role::Agent, Role::Leader]).await;
    app.http.bearer(&app.sign_in("leader").await)
}

/// More conversations than one step and one page hold.
async fn many(app: &TestApp, count: u32) -> Vec<String> {
    let mut made = Vec::new();
    for n in 0..count {
        let (visitor, conversation) = app.visitor().await;
        let line = json!({ "client_id": id(n + 1), "text": "在吗" });
        visitor.post(&format!("/widget/{SHOP}/entries"), line).await.ok();
        made.push(conversation);
    }
    made
}

both_dbs! {
    async fn every_match_is_tagged_and_found_again_by_the_tag(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = leader(&app).await;
        let all = many(&app, 47).await;
        let body = json!({ "client_id": "bulk.tag.1", "act": "tag", "tag": " 大促 ", "which": { "open": true } });
        let job = agent.post(&path("bulk"), body.clone()).await.ok();
        let ended = finished(&agent, &job).await;
        assert_eq!((&ended["state"], &ended["seen"], &ended["done"]), (&json!("done"), &json!(47), &json!(47)));
        // The same again is the same job, and nothing is done twice.
        let bulk = path("bulk");
        let again = until("the pace allows it", || agent.post(&bulk, body.clone()), |a| a.status != 429).await.ok();
        assert_eq!(again["id"], job["id"]);
        let tags = agent.get(&path("tags")).await.ok();
        let tag = tags["tags"][0]["id"].clone();
        assert_eq!(tags["tags"][0]["name"], "大促");
        let off = json!({ "name": "大促", "on": false });
        assert_eq!(agent.post(&format!("{}/tags", path_of(&all[0])), off).await.ok()["tags"], json!([]));
        assert_eq!(agent.get(&format!("{}/tags", path_of(&all[1]))).await.ok()["tags"][0]["id"], tag);
        let found = agent.get(&path(&format!("conversations?list=all&tag={tag}&limit=200"))).await.ok();
        assert_eq!(found["rows"].as_array().unwrap().len(), 46);
        app.stop().await;
    }

    async fn open_sessions_are_closed_all_and_the_closed_are_left(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = leader(&app).await;
        let all = many(&app, 25).await;
        agent.post(&format!("{}/close", path_of(&all[3])), json!({})).await.ok();
        let body = json!({ "client_id": "bulk.close.1", "act": "close", "which": {} });
        let job = agent.post(&path("bulk"), body).await.ok();
        let ended = finished(&agent, &job).await;
        assert_eq!((&ended["seen"], &ended["done"]), (&json!(25), &json!(24)));
        for conversation in [&all[0], &all[3], &all[24]] {
            assert_eq!(agent.get(&path_of(conversation)).await.ok()["session"]["state"], "closed");
        }
        app.stop().await;
    }

    async fn a_job_that_cannot_be_is_refused_and_one_that_is_over_is_not_cancelled(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = leader(&app).await;
        let good = json!({ "client_id": "bulk.none.1", "act": "tag", "tag": "x", "which": {} });
        for (field, wrong) in [("act", json!("erase")), ("tag", json!("长".repeat(25))), ("which", json!({ "stage": "late" }))] {
            let mut bad = good.clone();
            bad[field] = wrong;
            let path = path("bulk");
            let refused = until("the pace allows it", || agent.post(&path, bad.clone()), |a| a.status != 429).await;
            assert_eq!(refused.refused(400), "bad_request", "{field}");
        }
        let bulk = path("bulk");
        let job = until("the pace allows it", || agent.post(&bulk, good.clone()), |a| a.status != 429).await.ok();
        finished(&agent, &job).await;
        let cancelled = agent.post(&path(&format!("bulk/{}/cancel", job["id"])), json!({})).await.ok();
        assert_eq!((&cancelled["state"], &cancelled["seen"]), (&json!("done"), &json!(0)));
        assert_eq!(agent.get(&path("bulk/999999")).await.refused(404), "not_found");
        app.stop().await;
    }
}
