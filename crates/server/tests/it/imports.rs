//! Importing through the browser: the file is recognised, started, followed to its end, and refused lines come back.

use serde_json::{Value, json};
use xiaoer_domain::team::Role;
use xiaoer_testkit::client::{Answer, Http};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{OTHER, TestApp};

const TAOBAO: &[u8] = include_bytes!("../../../connect/fixtures/taobao.csv");
const OWN: &str = "Nr,When,What,Code,Pieces,Sum\n\
    A1,2026-11-01 10:00:00,Scarf,S1,2,120.00\n\
    ,2026-11-01 11:00:00,Scarf,S1,1,60.00\n\
    A2,2026-11-02 10:00:00,Hat,H1,1,35.50\n";

async fn importer(app: &TestApp) -> Http {
    app.person("ops", &[Role::Operations]).await;
    app.http.bearer(&app.sign_in("ops").await)
}

async fn bring(http: &Http, name: &str, bytes: &[u8]) -> Answer {
    let path = format!("/api/v1/shops/demo/imports?name={name}");
    http.raw("POST", &path, Some(bytes.to_vec())).await.unwrap()
}

/// The last import of the shop, once it is over.
async fn ended(http: &Http) -> Value {
    for _ in 0..400 {
        let all = http.get("/shops/demo/imports").await.ok();
        let job =
            all["jobs"].as_array().unwrap().iter().find(|job| job["state"] != "ready").cloned();
        if let Some(job) = job.filter(|job| job["state"] != "running") {
            return job;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("the import did not end");
}

fn how(seen: &Value, change: Value) -> Value {
    let mut how =
        json!({ "format": seen["format"], "zone": seen["zone"], "currency": seen["currency"] });
    for (name, value) in change.as_object().unwrap() {
        how[name] = value.clone();
    }
    how
}

both_dbs! {
    async fn an_export_is_recognised_imported_and_listed(db: TestDb) {
        let app = TestApp::start(&db).await;
        let ops = importer(&app).await;
        let seen = bring(&ops, "ExportOrderList.csv", TAOBAO).await.ok();
        assert_eq!((&seen["format"], &seen["name"]), (&json!("taobao"), &json!("ExportOrderList.csv")));
        assert!(!seen["rows"].as_array().unwrap().is_empty());
        let start = format!("/shops/demo/imports/{}/start", seen["upload"].as_str().unwrap());
        ops.post(&start, how(&seen, json!({}))).await.ok();
        let job = ended(&ops).await;
        assert_eq!(job["state"], "ended", "{job}");
        assert!(job["counts"]["orders_new"].as_u64().unwrap() > 0);
        let all = ops.get("/shops/demo/imports").await.ok();
        assert_eq!(all["runs"][0]["name"], "ExportOrderList.csv");
        assert!(all["runs"][0]["finished_at"].is_i64());
        // What was done is done: the same upload does not start twice, the same file changes nothing.
        assert_eq!(ops.post(&start, how(&seen, json!({}))).await.refused(404), "not_found");
        app.clock.advance(xiaoer_domain::time::Span::seconds(1));
        let again = bring(&ops, "ExportOrderList.csv", TAOBAO).await.ok();
        let start = format!("/shops/demo/imports/{}/start", again["upload"].as_str().unwrap());
        ops.post(&start, how(&again, json!({}))).await.ok();
        ended(&ops).await;
        let all = ops.get("/shops/demo/imports").await.ok();
        assert_eq!(all["runs"].as_array().unwrap().len(), 1);
        assert_eq!(all["runs"][0]["counts"]["orders_new"], 0);
        app.stop().await;
    }

    async fn an_unknown_table_is_mapped_and_its_refused_lines_come_back(db: TestDb) {
        let app = TestApp::start(&db).await;
        let ops = importer(&app).await;
        let seen = bring(&ops, "mine.csv", OWN.as_bytes()).await.ok();
        assert_eq!(seen["format"], Value::Null);
        assert_eq!(seen["rows"][0][2], "Scarf");
        let start = format!("/shops/demo/imports/{}/start", seen["upload"].as_str().unwrap());
        let columns = json!({ "placed_at": "When", "title": "What", "sku": "Code", "quantity": "Pieces", "amount": "Sum" });
        let without = how(&seen, json!({ "format": "csv", "columns": columns }));
        let refused = ops.post(&start, without).await;
        assert_eq!((refused.refused(400), &refused.body["params"]["reason"]), ("bad_request", &json!("number")));
        let mut columns = columns;
        columns["number"] = json!("Nr");
        ops.post(&start, how(&seen, json!({ "format": "csv", "columns": columns }))).await.ok();
        let job = ended(&ops).await;
        assert_eq!((&job["state"], &job["counts"]["orders_new"]), (&json!("ended"), &json!(2)), "{job}");
        let path = format!("/shops/demo/imports/runs/{}/refused", job["run"]);
        let table = ops.get(&path).await;
        assert_eq!(table.status, 200);
        assert!(table.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
        let lines: Vec<&str> = table.text.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(lines[0], "line,reason,detail,Nr,When,What,Code,Pieces,Sum");
        assert!(lines[1].starts_with("3,") && lines[1].ends_with(",2026-11-01 11:00:00,Scarf,S1,1,60.00"), "{}", lines[1]);
        app.stop().await;
    }

    async fn what_is_no_table_or_not_ones_own_is_refused(db: TestDb) {
        let app = TestApp::start(&db).await;
        let ops = importer(&app).await;
        let refused = bring(&ops, "nothing.csv", b"").await;
        assert_eq!((refused.refused(400), &refused.body["params"]["field"]), ("bad_request", &json!("file")));
        let agent = app.agent("xiaoman").await;
        assert_eq!(bring(&agent, "a.csv", TAOBAO).await.refused(403), "forbidden");
        let seen = bring(&ops, "..%2F..%2Fpasswd", TAOBAO).await.ok();
        assert_eq!(seen["name"], "passwd");
        app.other_shop().await;
        app.person_of(OTHER, "neighbour", &[Role::Owner]).await;
        let neighbour = app.http.bearer(&app.sign_in("neighbour").await);
        let start = format!("/shops/{OTHER}/imports/{}/start", seen["upload"].as_str().unwrap());
        assert_eq!(neighbour.post(&start, how(&seen, json!({}))).await.refused(404), "not_found");
        assert_eq!(neighbour.get(&format!("/shops/{OTHER}/imports/runs/1/refused")).await.refused(404), "not_found");
        app.stop().await;
    }
}
