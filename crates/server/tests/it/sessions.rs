//! Sessions: opened by the first line, placed, queued, handed on, ended, and found again.

use serde_json::json;
use xiaoer_domain::team::Role;
use xiaoer_domain::time::Span;
use xiaoer_testkit::client::{Buyer, Http};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{SHOP, TestApp, id, outline, path_of, set_state, until};

async fn answer(agent: &Http, buyer: &Buyer, number: u32) {
    let path = format!("{}/entries", path_of(&buyer.conversation));
    agent.post(&path, json!({ "client_id": id(number), "text": "在的" })).await.ok();
}

async fn row(agent: &Http, buyer: &Buyer) -> serde_json::Value {
    agent.get(&path_of(&buyer.conversation)).await.ok()
}

both_dbs! {
    async fn the_first_line_opens_a_session_and_finds_an_agent(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.available("xiaoman").await;
        let mut desk = app.desk("xiaoman").await;
        let mut buyer = app.buyer().await;
        assert_eq!(buyer.welcome["reception"], json!({ "state": "none", "on_duty": true, "agent": null }));
        buyer.say(&id(1), "在吗").await;
        let reception = buyer.socket.wait_for_type("reception").await["reception"].take();
        assert_eq!(
            reception,
            json!({ "state": "active", "on_duty": true, "agent": { "name": "小满" } })
        );
        let shown = desk.row(&buyer.conversation, |r| r["session"]["state"] == "active").await;
        assert_eq!(shown["unread"], 1);
        assert_eq!(shown["waiting_since"], app.clock.now().micros());
        assert_eq!(shown["last"]["preview"], "在吗");
        assert_eq!(shown["session"]["why"]["code"], "least_loaded", "it can be asked why");
        let log = app.log(&agent, &buyer.conversation, "buyer").await;
        assert_eq!(outline(&log), ["open session_opened", "transfer assigned", "message"]);
        assert_eq!(log[1]["params"]["why"], "least_loaded");
        app.stop().await;
    }

    async fn who_waits_is_given_to_the_first_who_becomes_available(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("xiaoman").await;
        let mut buyers = Vec::new();
        for _ in 0..3 {
            let mut buyer = app.buyer().await;
            buyer.say(&id(1), "在吗").await;
            let queued = buyer.socket.wait_for_type("reception").await;
            assert_eq!(queued["reception"]["state"], "queued");
            buyers.push(buyer);
        }
        let queue = agent.get(&format!("/shops/{SHOP}/conversations?list=queue")).await.ok();
        assert_eq!(queue["rows"].as_array().unwrap().len(), 3);
        set_state(&agent, "available").await;
        for buyer in &mut buyers {
            let is_active = |f: &serde_json::Value| f["reception"]["state"] == "active";
            buyer.socket.wait_for("an agent", is_active).await;
        }
        let mine = agent.get(&format!("/shops/{SHOP}/conversations?list=mine")).await.ok();
        assert_eq!(mine["rows"].as_array().unwrap().len(), 3);
        app.stop().await;
    }

    async fn nobody_is_given_more_than_the_cap(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("xiaoman").await;
        let account = app.app().account("xiaoman").await.unwrap().id;
        let shop = app.shop().await.id;
        app.app().set_membership(shop, account, 2, &[Role::Agent]).await.unwrap();
        set_state(&agent, "available").await;
        let mut buyers = Vec::new();
        for _ in 0..3 {
            let mut buyer = app.buyer().await;
            buyer.say(&id(1), "在吗").await;
            buyers.push(buyer);
        }
        assert_eq!(row(&agent, &buyers[2]).await["session"]["state"], "queued");
        // A seat that frees is given on.
        agent.post(&format!("{}/close", path_of(&buyers[0].conversation)), json!({})).await.ok();
        let placed = until(
            "the seat is given on",
            || async {
                app.app().sweep().await.unwrap();
                row(&agent, &buyers[2]).await
            },
            |r| r["session"]["state"] == "active",
        );
        placed.await;
        app.stop().await;
    }

    async fn nobody_is_given_more_than_the_cap_however_many_come_at_once(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.available("xiaoman").await;
        let arrivals = (0..24).map(|_| app.buyer());
        let mut buyers = futures_util::future::join_all(arrivals).await;
        let first_lines = buyers.iter_mut().map(|buyer| buyer.say("line.000001", "在吗"));
        futures_util::future::join_all(first_lines).await;
        let mine = agent.get(&format!("/shops/{SHOP}/conversations?list=mine")).await.ok();
        assert_eq!(mine["rows"].as_array().unwrap().len(), 10);
        let queue = agent.get(&format!("/shops/{SHOP}/conversations?list=queue")).await.ok();
        assert_eq!(queue["rows"].as_array().unwrap().len(), 14);
        app.stop().await;
    }

    async fn of_two_who_close_at_once_one_closes(db: TestDb) {
        let app = TestApp::start_with(&db, |c| c.limits.buyer_sends_per_second = 1000).await;
        let (first, second) = (app.available("xiaoman").await, app.agent("guyu").await);
        let mut buyer = app.buyer().await;
        let path = format!("{}/close", path_of(&buyer.conversation));
        for number in 0..25 {
            buyer.say(&id(number), "在吗").await;
            let closed = tokio::join!(first.post(&path, json!({})), second.post(&path, json!({})));
            let statuses = [closed.0.status, closed.1.status];
            assert!(statuses.contains(&200) && statuses.contains(&409), "{statuses:?}");
        }
        let log = app.log(&first, &buyer.conversation, "buyer").await;
        let count = |kind: &str| log.iter().filter(|e| e["kind"] == kind).count();
        assert_eq!((count("open"), count("close")), (25, 25));
        app.stop().await;
    }

    async fn when_nobody_is_there_the_buyer_is_told_exactly_once(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("xiaoman").await;
        let mut buyer = app.buyer().await;
        assert_eq!(buyer.welcome["reception"]["on_duty"], false);
        // The house's own client id, used by a stranger, silences nothing.
        for session in 1..=5 {
            buyer.say(&format!("house.leave_message.{session}"), "在吗").await;
        }
        let is_notice = |e: &serde_json::Value| e["code"] == "leave_message";
        let notice = buyer.socket.wait_for_entry("the notice", is_notice).await;
        assert_eq!((&notice["kind"], &notice["by"]["side"]), (&json!("notice"), &json!("system")));
        for number in 1..4 {
            buyer.say(&id(number), "还是没人").await;
        }
        // After a restart the same session is not told again, and a new session is told once more.
        let app = app.restart(&db).await;
        let mut buyer = app.buyer_again(&buyer.token, 0).await;
        let agent = agent.at(app.base());
        agent.post(&format!("{}/close", path_of(&buyer.conversation)), json!({})).await.ok();
        buyer.say(&id(9), "又来了").await;
        let told = until(
            "both notices are there",
            || app.log(&agent, &buyer.conversation, "buyer"),
            |log| outline(log).iter().filter(|l| *l == "notice leave_message").count() >= 2,
        );
        let told = told.await;
        assert_eq!(outline(&told).iter().filter(|l| *l == "notice leave_message").count(), 2);
        app.stop().await;
    }

    async fn silence_after_our_answer_frees_the_seat_and_ends_the_session(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.available("xiaoman").await;
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "在吗").await;
        let seats = || async {
            let agents = agent.get(&format!("/shops/{SHOP}/agents")).await.ok();
            agents["agents"][0]["open_sessions"].as_i64().unwrap()
        };
        app.clock.advance(Span::minutes(60));
        app.app().sweep().await.unwrap();
        let waiting = row(&agent, &buyer).await;
        // Its agent is long gone: it waits for whoever comes, and never times out.
        assert_eq!(waiting["session"]["state"], "queued");
        answer(&agent, &buyer, 2).await;
        app.clock.advance(Span::minutes(9));
        app.app().sweep().await.unwrap();
        assert_eq!(seats().await, 1);
        app.clock.advance(Span::minutes(1));
        app.app().sweep().await.unwrap();
        assert_eq!(seats().await, 0);
        assert_eq!(row(&agent, &buyer).await["session"]["state"], "active");
        app.clock.advance(Span::minutes(20));
        app.app().sweep().await.unwrap();
        let is_none = |f: &serde_json::Value| f["reception"]["state"] == "none";
        buyer.socket.wait_for("the end", is_none).await;
        let log = app.log(&agent, &buyer.conversation, "buyer").await;
        let last = log.last().unwrap();
        assert_eq!((&last["code"], &last["params"]), (&json!("closed_by_silence"), &json!({ "minutes": "30" })));
        assert_eq!(row(&agent, &buyer).await["session"]["state"], "closed");
        app.stop().await;
    }

    async fn a_buyer_who_returns_within_a_day_meets_the_same_agent(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (first, second) = (app.agent("xiaoman").await, app.agent("guyu").await);
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "在吗").await;
        let path = path_of(&buyer.conversation);
        first.post(&format!("{path}/take"), json!({})).await.ok();
        first.post(&format!("{path}/close"), json!({})).await.ok();
        // Both are there; the other one is less busy.
        app.clock.advance(Span::minutes(23 * 60));
        for agent in [&second, &first] {
            set_state(agent, "available").await;
        }
        let mut busy = app.buyer().await;
        busy.say(&id(1), "我也在").await;
        first.post(&format!("{}/take", path_of(&busy.conversation)), json!({})).await;
        buyer.say(&id(2), "我又来了").await;
        let found = row(&first, &buyer).await;
        assert_eq!(found["session"]["agent"]["name"], "小满");
        assert_eq!(found["session"]["why"]["code"], "same_agent");
        app.stop().await;
    }

    async fn a_desk_that_opens_brings_back_the_state_that_was_asked_for(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.available("xiaoman").await;
        let desk = app.desk("xiaoman").await;
        assert_eq!(desk.welcome["me"]["state"], "available");
        let mut other_window = app.desk("xiaoman").await;
        set_state(&agent, "away").await;
        assert_eq!(other_window.socket.wait_for_type("state").await["state"], "away");
        assert_eq!(app.desk("xiaoman").await.welcome["me"]["state"], "away");
        app.stop().await;
    }

    async fn an_answer_from_the_queue_takes_the_buyer(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("xiaoman").await;
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "在吗").await;
        answer(&agent, &buyer, 1).await;
        let taken = row(&agent, &buyer).await;
        assert_eq!(taken["session"]["agent"]["name"], "小满");
        assert_eq!((&taken["unread"], &taken["waiting_since"]), (&json!(0), &json!(null)));
        let log = app.log(&agent, &buyer.conversation, "buyer").await;
        let log: Vec<_> = outline(&log).into_iter().filter(|l| l != "notice leave_message").collect();
        assert_eq!(log, ["open session_opened", "message", "transfer taken", "message"]);
        app.stop().await;
    }
}
