//! Hours, roster and modes through the doors. The clock begins on Monday 2025-11-24 at 09:00 in Shanghai.

use serde_json::{Value, json};
use xiaoer_domain::team::Role;
use xiaoer_domain::time::Span;
use xiaoer_testkit::client::Http;
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{OTHER, SHOP, TestApp, id};

async fn owner(app: &TestApp) -> Http {
    app.person("owner", &[Role::Owner]).await;
    app.http.bearer(&app.sign_in("owner").await)
}

fn path(tail: &str) -> String {
    format!("/shops/{SHOP}/{tail}")
}

fn week(every: &str) -> Value {
    json!({ "week": vec![every; 7] })
}

async fn own(http: &Http) -> Value {
    http.get("/me").await.ok()["account"]["id"].clone()
}

both_dbs! {
    async fn hours_are_set_by_the_owner_and_told_to_buyers_at_once(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (owner, agent) = (owner(&app).await, app.agent("guyu").await);
        let plan = agent.get(&path("duty")).await.ok();
        assert_eq!((&plan["is_set"], &plan["is_open"], &plan["week"][6]), (&json!(false), &json!(true), &json!("08:00-24:00")));
        assert_eq!((&plan["on_duty"], &plan["why"]), (&json!(true), &json!("no_hours")));
        let hours = path("duty/hours");
        assert_eq!(agent.put(&hours, week("10:00-12:00")).await.refused(403), "forbidden");
        for wrong in [json!({ "week": ["08:00-12:00"] }), week("12:00-13:00 09:00-10:00"), week("9-10")] {
            assert_eq!(owner.put(&hours, wrong).await.refused(400), "bad_request");
        }
        owner.put(&hours, week("10:00-12:00 22:00-02:00")).await.ok();
        let plan = agent.get(&path("duty")).await.ok();
        let opens = app.clock.now().plus(Span::minutes(60)).micros();
        assert_eq!((&plan["is_open"], &plan["opens_at"], &plan["why"]), (&json!(false), &json!(opens), &json!("shop_closed")));
        let offer = app.http.get(&format!("/widget/{SHOP}/offer")).await.ok();
        let due = app.clock.now().plus(Span::minutes(3 * 60)).micros();
        assert_eq!((&offer["opens_at"], &offer["due_at"]), (&json!(opens), &json!(due)));
        // Three hours of service reach from ten to twelve and into the night.
        app.app().set_setting(&*app.shop().await, "follow_up_minutes", "180").await.unwrap();
        let buyer = app.buyer().await;
        let note = json!({ "client_id": id(1), "wish": "question", "text": "有货吗" });
        let left = app.http.visitor(&buyer.token).post(&format!("/widget/{SHOP}/follow-ups"), note).await.ok();
        assert_eq!(left["due_at"], json!(app.clock.now().plus(Span::minutes(14 * 60)).micros()));
        app.stop().await;
    }

    async fn a_special_day_counts_until_it_is_taken_away(db: TestDb) {
        let app = TestApp::start(&db).await;
        let owner = owner(&app).await;
        owner.put(&path("duty/hours"), week("08:00-24:00")).await.ok();
        let days = path("duty/special-days");
        let body = json!({ "first": "2025-11-24", "last": "2025-11-26", "name": "盘点" });
        for (field, value) in [("first", "2025-11-31"), ("last", "2025-11-23"), ("spans", "x"), ("last", "2027-11-26")] {
            let mut wrong = body.clone();
            wrong[field] = json!(value);
            assert_eq!(owner.post(&days, wrong).await.refused(400), "bad_request", "{field}");
        }
        let made = owner.post(&days, body).await.ok();
        let plan = owner.get(&path("duty")).await.ok();
        assert_eq!((&plan["is_open"], &plan["special"][0]["name"]), (&json!(false), &json!("盘点")));
        let roster = owner.get(&path("roster")).await.ok();
        assert_eq!((&roster["days"][0]["spans"], &roster["days"][0]["special"]), (&json!(""), &json!("盘点")));
        assert_eq!(roster["days"][3]["spans"], "08:00-24:00");
        let remove = format!("{days}/{}/remove", made["id"]);
        owner.post(&remove, json!({})).await.ok();
        assert_eq!(owner.post(&remove, json!({})).await.refused(404), "not_found");
        assert_eq!(owner.get(&path("duty")).await.ok()["is_open"], true);
        app.stop().await;
    }

    async fn the_roster_says_who_is_on_duty_and_where_too_few_are(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (owner, guyu, xiaoman) = (owner(&app).await, app.agent("guyu").await, app.agent("xiaoman").await);
        let (a, b) = (own(&guyu).await, own(&xiaoman).await);
        owner.put(&path("duty/hours"), week("08:00-24:00")).await.ok();
        let plan = json!({ "shifts": [
            { "agent": a, "day": "2025-11-24", "kind": "day" },
            { "agent": b, "day": "2025-11-24", "kind": "own", "spans": "20:00-02:00" },
        ] });
        assert_eq!(guyu.put(&path("roster"), plan.clone()).await.refused(403), "forbidden");
        owner.put(&path("roster"), plan).await.ok();
        let why = async |http: &Http| http.get(&path("duty")).await.ok()["why"].clone();
        assert_eq!((why(&guyu).await, why(&xiaoman).await), (json!("rostered"), json!("not_rostered")));
        let shop = app.shop().await;
        let duty = app.app().duty(&shop, app.clock.now().plus(Span::minutes(17 * 60 - 1))).await.unwrap();
        let night = app.clock.now().plus(Span::minutes(16 * 60 + 59));
        let account = xiaoer_protocol::id::parse_account(b.as_str().unwrap()).unwrap();
        assert!(duty.on_duty(account, night) && !duty.on_duty(account, night.plus(Span::minutes(1))));
        let roster = guyu.get(&path("roster?week=2025-11-27")).await.ok();
        assert_eq!((&roster["first"], &roster["may_plan"]), (&json!("2025-11-24"), &json!(false)));
        assert_eq!(roster["shifts"].as_array().unwrap().len(), 2);
        let (counts, gaps) = (&roster["days"][0]["counts"], &roster["days"][0]["gaps"]);
        assert_eq!((&counts[16], &counts[24], &counts[47]), (&json!(1), &json!(0), &json!(1)));
        assert_eq!((&gaps[0], gaps.as_array().unwrap().len()), (&json!(24), 8));
        assert_eq!(roster["days"][1]["counts"][3], 1);
        for (field, value) in [("agent", "acc_999999"), ("day", "2025-13-01"), ("kind", "late"), ("spans", "")] {
            let mut wrong = json!({ "agent": a, "day": "2025-11-25", "kind": "own", "spans": "08:00-09:00" });
            wrong[field] = json!(value);
            assert_eq!(owner.put(&path("roster"), json!({ "shifts": [wrong] })).await.refused(400), "bad_request");
        }
        app.stop().await;
    }

    async fn a_week_is_copied_turned_and_emptied(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (owner, guyu, xiaoman) = (owner(&app).await, app.agent("guyu").await, app.agent("xiaoman").await);
        let (a, b) = (own(&guyu).await, own(&xiaoman).await);
        let plan = json!({ "shifts": [
            { "agent": a, "day": "2025-11-24", "kind": "day" },
            { "agent": b, "day": "2025-11-25", "kind": "night" },
        ] });
        owner.put(&path("roster"), plan).await.ok();
        let copy = json!({ "from": "2025-11-24", "to": "2025-12-01", "how": "same" });
        owner.post(&path("roster/copy"), copy.clone()).await.ok();
        let shifts = async |week: &str| owner.get(&path(&format!("roster?week={week}"))).await.ok()["shifts"].clone();
        let copied = shifts("2025-12-03").await;
        assert_eq!((&copied[0]["agent"], &copied[0]["day"], &copied[0]["kind"]), (&a, &json!("2025-12-01"), &json!("day")));
        let mut turn = copy.clone();
        turn["how"] = json!("rotate");
        owner.post(&path("roster/copy"), turn).await.ok();
        let turned = shifts("2025-12-03").await;
        assert_eq!((&turned[0]["agent"], &turned[1]["agent"], turned.as_array().unwrap().len()), (&b, &a, 2));
        let off = json!({ "shifts": [{ "agent": b, "day": "2025-12-01", "kind": "off" }] });
        owner.put(&path("roster"), off).await.ok();
        assert_eq!(shifts("2025-12-03").await.as_array().unwrap().len(), 1);
        let same = json!({ "from": "2025-11-24", "to": "2025-11-26", "how": "same" });
        assert_eq!(owner.post(&path("roster/copy"), same).await.refused(400), "bad_request");
        app.stop().await;
    }

    async fn a_mode_holds_for_its_time_and_one_switch_ends_it(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (owner, agent) = (owner(&app).await, app.agent("guyu").await);
        let now = app.clock.now().micros();
        let hour = 3_600_000_000_i64;
        let sale = json!({
            "kind": "big_sale", "starts_at": now + hour, "ends_at": now + 48 * hour, "cap_percent": 150,
            "text_zh": "大促期间回复稍慢", "checks": [{ "text": "库存核对", "done": false }],
        });
        assert_eq!(agent.post(&path("modes"), sale.clone()).await.refused(403), "forbidden");
        for (field, value) in [("kind", json!("noon")), ("ends_at", json!(now)), ("cap_percent", json!(1)), ("text_zh", json!("长".repeat(301)))] {
            let mut wrong = sale.clone();
            wrong[field] = value;
            assert_eq!(owner.post(&path("modes"), wrong).await.refused(400), "bad_request", "{field}");
        }
        let made = owner.post(&path("modes"), sale.clone()).await.ok();
        assert_eq!(made["is_on"], false);
        app.clock.advance(Span::minutes(90));
        assert_eq!(agent.get(&path("duty")).await.ok()["modes"][0]["is_on"], true);
        let one = path(&format!("modes/{}", made["id"]));
        let mut checked = sale;
        checked["checks"][0]["done"] = json!(true);
        assert_eq!(owner.put(&one, checked).await.ok()["checks"][0]["done"], true);
        owner.post(&format!("{one}/end"), json!({})).await.ok();
        assert_eq!(owner.post(&format!("{one}/end"), json!({})).await.refused(404), "not_found");
        let ended = agent.get(&path("duty")).await.ok()["modes"][0].clone();
        assert_eq!((&ended["is_on"], ended["ended_at"].is_i64()), (&json!(false), true));
        app.stop().await;
    }

    async fn hours_and_rosters_of_another_shop_are_not_seen(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.other_shop().await;
        let owner = owner(&app).await;
        app.person_of(OTHER, "stranger", &[Role::Owner]).await;
        let stranger = app.http.bearer(&app.sign_in("stranger").await);
        let me = own(&owner).await;
        let plan = json!({ "shifts": [{ "agent": me, "day": "2025-11-24", "kind": "day" }] });
        owner.put(&path("roster"), plan.clone()).await.ok();
        let theirs = format!("/shops/{OTHER}/roster");
        assert_eq!(stranger.get(&theirs).await.ok()["shifts"], json!([]));
        assert_eq!(stranger.put(&theirs, plan).await.refused(400), "bad_request");
        assert_ne!(stranger.get(&path("roster")).await.status, 200);
        app.stop().await;
    }
}
