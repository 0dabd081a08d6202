//! Routing: the order of the queue, who leaves the seat, what was decided, and many who place at once.

use futures_util::future::join_all;
use serde_json::{Value, json};
use xiaoer_app::{App, Chance, Clock};
use xiaoer_domain::team::Role;
use xiaoer_domain::time::Span;
use xiaoer_testkit::client::{Buyer, Http, text};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{SHOP, TestApp, id, outline, path_of, set_state, until};

/// Buyers who ask one after the other.
async fn asking(app: &TestApp, count: usize) -> Vec<Buyer> {
    let mut buyers = Vec::new();
    for _ in 0..count {
        app.clock.advance(Span::seconds(1));
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "在吗").await;
        buyers.push(buyer);
    }
    buyers
}

async fn row(agent: &Http, conversation: &str) -> Value {
    agent.get(&path_of(conversation)).await.ok()
}

async fn agent_of(agent: &Http, conversation: &str) -> Option<String> {
    let row = row(agent, conversation).await;
    row["session"]["agent"]["name"].as_str().map(str::to_owned)
}

async fn cap(app: &TestApp, login: &str, cap: i64) {
    let account = app.app().account(login).await.unwrap().id;
    let shop = app.shop().await.id;
    app.app().set_membership(shop, account, cap, &[Role::Agent]).await.unwrap();
}

both_dbs! {
    async fn the_first_to_come_is_the_first_to_be_served(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("xiaoman").await;
        cap(&app, "xiaoman", 2).await;
        let buyers = asking(&app, 5).await;
        set_state(&agent, "available").await;
        let mut served = Vec::new();
        for buyer in &buyers {
            served.push(agent_of(&agent, &buyer.conversation).await.is_some());
        }
        assert_eq!(served, [true, true, false, false, false]);
        // Seats that free go down the line, and nobody who comes now overtakes.
        agent.post(&format!("{}/close", path_of(&buyers[0].conversation)), Value::Null).await;
        let late = asking(&app, 1).await;
        assert!(agent_of(&agent, &buyers[2].conversation).await.is_some());
        assert!(agent_of(&agent, &late[0].conversation).await.is_none());
        app.stop().await;
    }

    async fn who_leaves_the_seat_gives_back_who_waits_and_keeps_no_one_waiting(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (first, second) = (app.available("xiaoman").await, app.agent("guyu").await);
        let buyers = asking(&app, 3).await;
        let say = |n: usize| format!("{}/entries", path_of(&buyers[n].conversation));
        let line = |n| json!({ "client_id": id(n), "text": "在的" });
        first.post(&say(0), line(9)).await.ok();
        set_state(&second, "available").await;
        // Suspended: the one in conversation stays, those without an answer go on.
        set_state(&first, "suspended_meal").await;
        let mut names = Vec::new();
        for buyer in &buyers {
            names.push(agent_of(&first, &buyer.conversation).await.unwrap_or_default());
        }
        assert_eq!(names, ["小满", "谷雨", "谷雨"]);
        let log = app.log(&first, &buyers[1].conversation, "buyer").await;
        let tail = outline(&log).split_off(3);
        assert_eq!(tail, ["transfer given_back", "transfer assigned"]);
        assert_eq!(log[3]["params"]["why"], "agent_suspended");
        // Nobody receives any more: the wait goes on in the queue, at its place.
        set_state(&second, "away").await;
        let queue = first.get(&format!("/shops/{SHOP}/conversations?list=queue")).await.ok();
        let queued: Vec<String> = queue["rows"].as_array().unwrap().iter().map(|r| text(&r["conversation"])).collect();
        assert_eq!(queued, [buyers[1].conversation.clone(), buyers[2].conversation.clone()]);
        app.stop().await;
    }

    async fn a_lost_connection_gives_back_when_its_lease_is_over(db: TestDb) {
        let app = TestApp::start(&db).await;
        let first = app.available("xiaoman").await;
        let buyers = asking(&app, 1).await;
        let second = app.agent("guyu").await;
        app.clock.advance(Span::seconds(91));
        set_state(&second, "available").await;
        let served = || async {
            app.app().sweep().await.unwrap();
            agent_of(&first, &buyers[0].conversation).await
        };
        until("a colleague", served, |name| name.as_deref() == Some("谷雨")).await;
        app.stop().await;
    }

    async fn many_who_place_at_once_give_no_buyer_twice_and_no_agent_too_many(db: TestDb) {
        let app = TestApp::start(&db).await;
        let mut agents = Vec::new();
        for login in ["a1", "a2", "a3"] {
            agents.push(app.available(login).await);
            cap(&app, login, 1).await;
        }
        let first = asking(&app, 3).await;
        let waiting = asking(&app, 24).await;
        for login in ["a1", "a2", "a3"] {
            cap(&app, login, 5).await;
        }
        // Two houses on one database, each offering the queue many times at once, while more buyers come.
        let clock = app.clock.clone();
        let other = App::new(
            app.app().db.clone(),
            Clock::from_fn(move || clock.now()),
            Chance::seeded(11),
            app.app().limits,
        );
        let shop = app.shop().await.id;
        other.shop(SHOP).await.unwrap();
        let offers = (0..8).map(|n| {
            let house = if n % 2 == 0 { app.app().clone() } else { other.clone() };
            async move { house.place_queued(shop).await.unwrap() }
        });
        let mut late = join_all((0..6).map(|_| app.buyer())).await;
        let lines = late.iter_mut().map(|buyer| buyer.say("line.000001", "在吗"));
        let (placed, _) = tokio::join!(join_all(offers), join_all(lines));
        app.app().place_queued(shop).await.unwrap();
        assert!(placed.iter().sum::<usize>() <= 12);
        for (number, buyer) in waiting.iter().enumerate() {
            let log = app.log(&agents[0], &buyer.conversation, "buyer").await;
            let given = log.iter().filter(|e| e["code"] == "assigned").count();
            assert_eq!(given, usize::from(number < 12), "buyer {number}");
        }
        for agent in &agents {
            let mine = agent.get(&format!("/shops/{SHOP}/conversations?list=mine")).await.ok();
            assert_eq!(mine["rows"].as_array().unwrap().len(), 5);
        }
        assert_eq!(first.len(), 3);
        other.tasks.stop().await;
        app.stop().await;
    }

    async fn a_supervisor_steers_and_sees_the_effect_at_once(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("xiaoman").await;
        cap(&app, "xiaoman", 1).await;
        set_state(&agent, "available").await;
        app.person("lead", &[Role::Supervisor]).await;
        let lead = app.http.bearer(&app.sign_in("lead").await);
        let buyers = asking(&app, 3).await;
        let wall = lead.get(&format!("/shops/{SHOP}/wall")).await.ok();
        assert_eq!((&wall["queued"], wall["queue"][0]["code"].as_str()), (&json!(2), Some("queue_full")));
        assert_eq!(wall["longest"]["conversation"], buyers[0].conversation.as_str());
        let account = app.app().account("xiaoman").await.unwrap().id;
        let steering = format!("/shops/{SHOP}/agents/acc_{account}/steering");
        assert_eq!(agent.put(&steering, json!({ "cap": 9 })).await.refused(403), "forbidden");
        for bad in [json!({ "cap": 201 }), json!({ "weight": 9 }), json!({ "cap": -1 })] {
            assert_eq!(lead.put(&steering, bad).await.refused(400), "bad_request");
        }
        let paused = lead.put(&steering, json!({ "cap": 2, "paused": true })).await.ok();
        assert_eq!(paused, json!({ "cap": 2, "weight": 100, "paused": true }));
        assert!(agent_of(&agent, &buyers[1].conversation).await.is_none(), "paused");
        lead.put(&steering, json!({ "paused": false })).await.ok();
        assert!(agent_of(&agent, &buyers[1].conversation).await.is_some());
        // The wall comes by itself to who asked for it, and to nobody else.
        let mut desk = app.desk("lead").await;
        desk.socket.say(&json!({ "t": "wall", "on": true })).await;
        let painted = desk.socket.wait_for_type("wall").await;
        assert_eq!(painted["wall"]["queued"], 1);
        lead.put(&steering, json!({ "cap": 3 })).await.ok();
        let is_empty = |f: &Value| f["t"] == "wall" && f["wall"]["queued"] == 0;
        let painted = desk.socket.wait_for("an empty queue", is_empty).await;
        assert_eq!(painted["wall"]["moves"][0]["code"], "steered");
        assert_eq!(painted["wall"]["moves"][0]["params"]["target"], "小满");
        let mut other = app.desk("xiaoman").await;
        other.socket.say(&json!({ "t": "wall", "on": true })).await;
        assert_eq!(other.socket.wait_for_type("error").await["error"]["code"], "forbidden");
        app.stop().await;
    }

    async fn groups_choose_by_stage_and_every_decision_says_why(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (first, _second) = (app.available("xiaoman").await, app.available("guyu").await);
        app.person("lead", &[Role::Leader]).await;
        let lead = app.http.bearer(&app.sign_in("lead").await);
        let mine = app.app().account("guyu").await.unwrap().id;
        let groups = format!("/shops/{SHOP}/groups");
        let body = |name: &str, stage: Option<&str>, members: Vec<String>| json!({
            "name": name, "stage": stage, "strategy": "round_robin", "last_agent_first": true, "members": members,
        });
        let made = lead.post(&groups, body("售前", Some("pre_sales"), vec![format!("acc_{mine}")])).await.ok();
        let id = text(&made["groups"][0]["id"]);
        assert_eq!(lead.post(&groups, body("售前", None, vec![])).await.refused(400), "bad_request");
        assert_eq!(first.post(&groups, body("偷", None, vec![])).await.refused(403), "forbidden");
        let buyers = asking(&app, 2).await;
        for buyer in &buyers {
            assert_eq!(agent_of(&first, &buyer.conversation).await.as_deref(), Some("谷雨"));
        }
        let path = format!("{}/routing", path_of(&buyers[0].conversation));
        let why = first.get(&path).await.ok()["decisions"][0].take();
        assert_eq!((&why["code"], &why["agent"]["name"], &why["group"]["name"]), (&json!("round_robin"), &json!("谷雨"), &json!("售前")));
        let excluded = why["excluded"].as_array().unwrap();
        let reason = |name: &str| excluded.iter().find(|e| e["agent"]["name"] == name).unwrap()["reason"].clone();
        assert_eq!((reason("小满"), reason("lead")), (json!("other_group"), json!("offline")));
        // Handed to a group of one's own, it goes there.
        let other = app.app().account("xiaoman").await.unwrap().id;
        let made = lead.post(&groups, body("投诉", None, vec![format!("acc_{other}")])).await.ok();
        let complaints = text(&made["groups"][1]["id"]);
        let hand = format!("{}/hand-to-group", path_of(&buyers[0].conversation));
        let note = json!({ "group": complaints, "note": "已经说了三次" });
        lead.post(&hand, note).await.ok();
        assert_eq!(agent_of(&first, &buyers[0].conversation).await.as_deref(), Some("小满"));
        let notes = app.log(&first, &buyers[0].conversation, "staff").await;
        assert_eq!(notes[0]["text"], "已经说了三次");
        lead.post(&format!("{groups}/{id}/remove"), json!({})).await.ok();
        lead.post(&format!("{groups}/{id}/remove"), json!({})).await.refused(404);
        app.stop().await;
    }

    async fn a_vip_goes_first_and_to_the_own_agent(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("xiaoman").await;
        app.person("lead", &[Role::Supervisor]).await;
        let lead = app.http.bearer(&app.sign_in("lead").await);
        cap(&app, "xiaoman", 1).await;
        let account = app.app().account("xiaoman").await.unwrap().id;
        let mut vip = app.buyer().await;
        let route = format!("{}/buyer-route", path_of(&vip.conversation));
        let body = json!({ "priority": "vip", "agent": format!("acc_{account}") });
        lead.put(&route, body).await.ok();
        let waiting = asking(&app, 2).await;
        vip.say(&id(1), "在吗").await;
        set_state(&agent, "available").await;
        assert_eq!(agent_of(&agent, &vip.conversation).await.as_deref(), Some("小满"));
        assert!(agent_of(&agent, &waiting[0].conversation).await.is_none());
        let why = agent.get(&format!("{}/routing", path_of(&vip.conversation))).await.ok();
        let codes: Vec<String> = why["decisions"].as_array().unwrap().iter().map(|d| text(&d["code"])).collect();
        assert_eq!(codes, ["dedicated", "queue_nobody"]);
        app.stop().await;
    }

    async fn who_queues_is_told_the_place(db: TestDb) {
        let app = TestApp::start(&db).await;
        let mut buyers = asking(&app, 2).await;
        let shop = app.shop().await.id;
        app.app().tell_places(shop).await.unwrap();
        for (number, buyer) in buyers.iter_mut().enumerate() {
            let place = number + 1;
            let told = |f: &Value| f["reception"]["position"] == json!(place);
            let frame = buyer.socket.wait_for("the place", told).await;
            assert!(frame["reception"].get("wait_s").is_none(), "nobody knows yet");
        }
        let again = app.buyer_again(&buyers[1].token, 2).await;
        assert_eq!(again.welcome["reception"]["position"], 2);
        app.stop().await;
    }

    async fn thresholds_out_of_order_are_refused(db: TestDb) {
        let app = TestApp::start(&db).await;
        let shop = app.shop().await;
        for (name, value, fine) in [("wait_alarm_seconds", "180", false), ("wait_alarm_seconds", "20", false), ("wait_alarm_seconds", "179", true)] {
            assert_eq!(app.app().set_setting(&shop, name, value).await.is_ok(), fine, "{name} {value}");
        }
        app.stop().await;
    }
}
