//! Tags, and acts on everything that a filter finds.

use serde_json::{Value, json};
use xiaoer_domain::team::Role;
use xiaoer_testkit::client::Http;
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{SHOP, TestApp, id, path_of, set_state, until};

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

    async fn a_row_shows_tags_and_level_and_who_watches_hears_of_both(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.person("lead", &[Role::Agent, Role::Supervisor]).await;
        let lead = app.http.bearer(&app.sign_in("lead").await);
        let all = many(&app, 2).await;
        let one = path_of(&all[0]);
        let mut desk = app.desk("lead").await;
        desk.watch(&all[0]).await;
        for name in ["退换", "大客户"] {
            lead.post(&format!("{one}/tags"), json!({ "name": name, "on": true })).await.ok();
        }
        let own = lead.get(&path("agents")).await.ok()["agents"][0]["id"].clone();
        let route = format!("{one}/buyer-route");
        lead.put(&route, json!({ "priority": "high", "agent": own })).await.ok();
        let row = desk.row(&all[0], |row| row["priority"] == "high").await;
        let names: Vec<&str> = row["tags"].as_array().unwrap().iter().map(|t| t["name"].as_str().unwrap()).collect();
        assert_eq!((names.len(), names.contains(&"退换"), &row["priority"]), (2, true, &json!("high")));
        // The level alone leaves the own agent; the other buyer is as before.
        lead.put(&route, json!({ "priority": "vip" })).await.ok();
        let rows = lead.get(&path("conversations?list=all")).await.ok();
        let of = |id: &str| rows["rows"].as_array().unwrap().iter().find(|r| r["conversation"] == *id).unwrap().clone();
        assert_eq!((&of(&all[0])["priority"], &of(&all[1])["priority"]), (&json!("vip"), &json!("normal")));
        assert_eq!(of(&all[1]).get("tags"), None);
        set_state(&lead, "available").await;
        assert_eq!(lead.get(&one).await.ok()["session"]["why"]["code"], "dedicated");
        app.stop().await;
    }
}
