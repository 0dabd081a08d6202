//! Who may receive by plan and clock: roster, modes, the end of a shift, waits beyond overtime, and buyers who leave the
//! queue. The clock begins on Monday 2025-11-24 at 09:00 in Shanghai.

use serde_json::{Value, json};
use xiaoer_domain::team::Role;
use xiaoer_domain::time::Span;
use xiaoer_testkit::client::{Buyer, Http};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{SHOP, TestApp, id, outline, path_of, set_state, until};

fn path(tail: &str) -> String {
    format!("/shops/{SHOP}/{tail}")
}

async fn owner(app: &TestApp) -> Http {
    app.person("owner", &[Role::Owner]).await;
    app.http.bearer(&app.sign_in("owner").await)
}

async fn own(http: &Http) -> Value {
    http.get("/me").await.ok()["account"]["id"].clone()
}

async fn asking(app: &TestApp) -> Buyer {
    let mut buyer = app.buyer().await;
    buyer.say(&id(1), "在吗").await;
    buyer
}

async fn agent_of(agent: &Http, buyer: &Buyer) -> String {
    let row = agent.get(&path_of(&buyer.conversation)).await.ok();
    row["session"]["agent"]["name"].as_str().unwrap_or_default().to_owned()
}

/// Time passes while desks stay open.
async fn pass(app: &TestApp, minutes: u32, logins: &[&str]) {
    let shop = app.shop().await.id;
    for _ in 0..minutes {
        app.clock.advance(Span::minutes(1));
        for login in logins {
            let account = app.app().account(login).await.unwrap().id;
            app.app().desk_is_here(shop, account).await.unwrap();
        }
    }
}

fn shift(agent: &Value, spans: &str) -> Value {
    json!({ "agent": agent, "day": "2025-11-24", "kind": "own", "spans": spans })
}

both_dbs! {
    async fn who_is_not_on_the_roster_is_given_nobody_unless_the_shop_says_it_does_not_bind(db: TestDb) {
        let app = TestApp::start(&db).await;
        let owner = owner(&app).await;
        let (first, second) = (app.available("xiaoman").await, app.available("guyu").await);
        let plan = json!({ "shifts": [shift(&own(&second).await, "08:00-12:00")] });
        owner.put(&path("roster"), plan).await.ok();
        let buyers = [asking(&app).await, asking(&app).await];
        for buyer in &buyers {
            assert_eq!(agent_of(&first, buyer).await, "谷雨");
        }
        let why = first.get(&format!("{}/routing", path_of(&buyers[0].conversation))).await.ok();
        let barred = why["decisions"][0]["excluded"].as_array().unwrap().clone();
        let of = |name: &str| barred.iter().find(|e| e["agent"]["name"] == name).unwrap()["reason"].clone();
        assert_eq!(of("小满"), "off_duty");
        // Nobody on the roster is available: buyers hear it, and the queue says why.
        set_state(&second, "away").await;
        let mut late = asking(&app).await;
        assert_eq!(late.welcome["reception"]["on_duty"], false);
        let row = first.get(&path_of(&late.conversation)).await.ok();
        assert_eq!((&row["session"]["state"], &row["session"]["why"]["code"]), (&json!("queued"), &json!("queue_nobody")));
        app.app().set_setting(&*app.shop().await, "roster_binds", "0").await.unwrap();
        app.app().sweep().await.unwrap();
        assert_eq!(agent_of(&first, &late).await, "小满");
        let served = |f: &Value| f["t"] == "reception" && f["reception"]["on_duty"] == true;
        late.socket.wait_for("somebody is on duty", served).await;
        app.stop().await;
    }

    async fn the_end_of_a_shift_passes_on_who_waits_and_leaves_talks_and_what_was_taken_by_hand(db: TestDb) {
        let app = TestApp::start(&db).await;
        let owner = owner(&app).await;
        let (first, second) = (app.available("xiaoman").await, app.agent("guyu").await);
        let shifts = [shift(&own(&first).await, "08:00-09:30"), shift(&own(&second).await, "09:30-12:00")];
        owner.put(&path("roster"), json!({ "shifts": shifts })).await.ok();
        let (talks, waits) = (asking(&app).await, asking(&app).await);
        let entries = format!("{}/entries", path_of(&talks.conversation));
        first.post(&entries, json!({ "client_id": id(7), "text": "在的" })).await.ok();
        set_state(&second, "available").await;
        pass(&app, 29, &["xiaoman", "guyu"]).await;
        app.app().sweep().await.unwrap();
        assert_eq!(agent_of(&first, &waits).await, "小满", "a minute of the shift is left");
        pass(&app, 1, &["xiaoman", "guyu"]).await;
        app.app().sweep().await.unwrap();
        assert_eq!([agent_of(&first, &talks).await, agent_of(&first, &waits).await], ["小满", "谷雨"]);
        let log = app.log(&first, &waits.conversation, "buyer").await;
        let back = log.iter().find(|e| e["code"] == "given_back").unwrap();
        assert_eq!(back["params"]["why"], "agent_off_duty");
        // Who stays longer by choice may.
        set_state(&second, "away").await;
        let late = asking(&app).await;
        first.post(&format!("{}/take", path_of(&late.conversation)), json!({})).await.ok();
        app.app().sweep().await.unwrap();
        assert_eq!(agent_of(&first, &late).await, "小满");
        app.stop().await;
    }

    async fn a_mode_changes_caps_and_speaks_to_buyers_for_its_time(db: TestDb) {
        let app = TestApp::start(&db).await;
        let owner = owner(&app).await;
        let agent = app.available("xiaoman").await;
        let account = app.app().account("xiaoman").await.unwrap().id;
        app.app().set_membership(app.shop().await.id, account, 2, &[Role::Agent]).await.unwrap();
        let buyers = [asking(&app).await, asking(&app).await, asking(&app).await];
        assert_eq!(agent_of(&agent, &buyers[2]).await, "");
        let mut looking = app.buyer().await;
        assert!(looking.welcome["reception"].get("notice").is_none());
        let (now, hour) = (app.clock.now().micros(), 3_600_000_000_i64);
        let sale = json!({
            "kind": "big_sale", "starts_at": now, "ends_at": now + hour, "cap_percent": 150,
            "text_zh": "大促期间回复稍慢", "text_en": "", "checks": [],
        });
        let made = owner.post(&path("modes"), sale).await.ok();
        assert_eq!(agent_of(&agent, &buyers[2]).await, "小满", "the third seat is there at once");
        let told = |f: &Value| f["reception"]["notice"]["zh"] == "大促期间回复稍慢";
        let frame = looking.socket.wait_for("the mode's text", told).await;
        assert_eq!(frame["reception"]["notice"]["en"], "大促期间回复稍慢");
        let wall = owner.get(&path("wall")).await.ok();
        let seen = wall["agents"].as_array().unwrap().iter().find(|a| a["name"] == "小满").unwrap().clone();
        assert_eq!((&seen["cap"], &seen["own_cap"], &seen["load"]), (&json!(3), &json!(2), &json!(3)));
        owner.post(&path(&format!("modes/{}/end", made["id"])), json!({})).await.ok();
        let silent = |f: &Value| f["t"] == "reception" && f["reception"].get("notice").is_none();
        looking.socket.wait_for("no text any more", silent).await;
        let late = asking(&app).await;
        assert_eq!(agent_of(&agent, &late).await, "", "two seats again");
        app.stop().await;
    }

    async fn a_mode_that_begins_by_the_clock_is_told_by_the_sweeper(db: TestDb) {
        let app = TestApp::start(&db).await;
        let owner = owner(&app).await;
        let mut buyer = app.buyer().await;
        let (now, minute) = (app.clock.now().micros(), 60_000_000_i64);
        let night = json!({
            "kind": "night", "starts_at": now + 5 * minute, "ends_at": now + 60 * minute, "cap_percent": 100,
            "text_zh": "", "text_en": "Few of us are awake", "checks": [],
        });
        owner.post(&path("modes"), night).await.ok();
        app.app().sweep().await.unwrap();
        app.clock.advance(Span::minutes(6));
        app.app().sweep().await.unwrap();
        let told = |f: &Value| f["reception"]["notice"]["zh"] == "Few of us are awake";
        buyer.socket.wait_for("the night's text", told).await;
        app.stop().await;
    }

    async fn overtime_is_told_once_and_moves_on_only_who_may_go(db: TestDb) {
        let app = TestApp::start(&db).await;
        let first = app.available("xiaoman").await;
        app.person("lead", &[Role::Leader]).await;
        let mut leader = app.desk("lead").await;
        let buyers = [asking(&app).await, asking(&app).await, asking(&app).await];
        let say = |n: usize| path_of(&buyers[n].conversation);
        let second = app.agent("guyu").await;
        // One has a draft, one is looked into, one is left alone.
        first.put(&format!("{}/draft", say(0)), json!({ "lane": "buyer", "text": "您好" })).await.ok();
        let checking = first.put(&format!("{}/checking", say(1)), json!({ "minutes": 5 })).await.ok();
        assert_eq!(checking["until"], app.clock.now().plus(Span::minutes(5)).micros());
        first.put(&format!("{}/checking", say(1)), json!({ "minutes": 121 })).await.refused(400);
        pass(&app, 3, &["xiaoman", "guyu"]).await;
        set_state(&second, "available").await;
        for _ in 0..2 {
            assert_eq!(app.app().watch_overtime(&*app.shop().await).await.unwrap(), 0, "not without the setting");
        }
        for buyer in &buyers {
            let notes = app.log(&first, &buyer.conversation, "staff").await;
            assert_eq!(outline(&notes), ["notice overtime"], "once");
            assert_eq!((&notes[0]["params"]["agent"], &notes[0]["params"]["seconds"]), (&json!("小满"), &json!("180")));
        }
        let call = leader.socket.wait_for_type("overtime").await;
        assert_eq!((&call["conversation"], &call["agent"], &call["seconds"]), (&json!(buyers[0].conversation), &json!("小满"), &json!(180)));
        app.app().set_setting(&*app.shop().await, "overtime_reassign", "1").await.unwrap();
        assert_eq!(app.app().watch_overtime(&*app.shop().await).await.unwrap(), 1);
        let mut names = Vec::new();
        for buyer in &buyers {
            names.push(agent_of(&first, buyer).await);
        }
        assert_eq!(names, ["小满", "小满", "谷雨"]);
        assert_eq!(app.app().watch_overtime(&*app.shop().await).await.unwrap(), 0, "not back and forth");
        // The checking is over: now it may go, and its wait keeps its beginning.
        pass(&app, 2, &["xiaoman", "guyu"]).await;
        let before = first.get(&say(1)).await.ok()["waiting_since"].clone();
        assert_eq!(app.app().watch_overtime(&*app.shop().await).await.unwrap(), 1);
        let after = first.get(&say(1)).await.ok();
        assert_eq!((&after["session"]["agent"]["name"], &after["waiting_since"]), (&json!("谷雨"), &before));
        app.stop().await;
    }

    async fn nobody_is_moved_to_a_colleague_without_a_free_seat(db: TestDb) {
        let app = TestApp::start(&db).await;
        let first = app.available("xiaoman").await;
        let buyer = asking(&app).await;
        app.available("guyu").await;
        let account = app.app().account("guyu").await.unwrap().id;
        let no_seat = xiaoer_protocol::routing::SteerBody { cap: Some(0), weight: None, paused: None };
        app.app().steer(app.shop().await.id, account, no_seat).await.unwrap();
        app.app().set_setting(&*app.shop().await, "overtime_reassign", "1").await.unwrap();
        pass(&app, 4, &["xiaoman", "guyu"]).await;
        assert_eq!(app.app().watch_overtime(&*app.shop().await).await.unwrap(), 0);
        assert_eq!(agent_of(&first, &buyer).await, "小满");
        app.stop().await;
    }

    async fn who_leaves_the_queue_is_remembered_until_the_return(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("xiaoman").await;
        let buyer = asking(&app).await;
        let (token, conversation) = (buyer.token.clone(), buyer.conversation.clone());
        let left = || async { agent.get(&path_of(&conversation)).await.ok()["session"]["left_at"].clone() };
        assert_eq!(left().await, Value::Null);
        let now = app.clock.now().micros();
        buyer.socket.close().await;
        until("the fact", &left, |at| *at == json!(now)).await;
        let again = app.buyer_again(&token, 0).await;
        assert_eq!(left().await, Value::Null);
        again.socket.close().await;
        until("the fact again", &left, |at| at.is_i64()).await;
        // Still in its place: the answer is for whenever the buyer reads it.
        set_state(&agent, "available").await;
        let row = agent.get(&path_of(&conversation)).await.ok();
        assert_eq!((&row["session"]["agent"]["name"], &row["session"]["left_at"]), (&json!("小满"), &json!(now)));
        app.stop().await;
    }
}
