//! The life of connections and sign-ins: what ends them, and what comes back after a restart.

use serde_json::json;
use xiaoer_domain::team::Role;
use xiaoer_domain::time::Span;
use xiaoer_testkit::client::{Http, Refused, Socket, text, word_of};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{SHOP, TestApp, id, outline, path_of, short_waits, until};

both_dbs! {
    async fn signing_out_ends_the_desk_within_a_tick(db: TestDb) {
        let app = TestApp::start_with(&db, short_waits).await;
        app.person("xiaoman", &[Role::Agent]).await;
        let token = app.sign_in("xiaoman").await;
        let mut desk = xiaoer_testkit::client::Desk::join(app.base(), SHOP, &token).await;
        let mut other = app.desk("xiaoman").await;
        let answer = app.http.bearer(&token).post("/sign-out", json!({})).await;
        let cookie = answer.headers.get("set-cookie").unwrap().to_str().unwrap().to_owned();
        answer.ok();
        assert!(cookie.contains("Max-Age=0"), "{cookie}");
        let (code, frames) = desk.socket.wait_for_end().await;
        assert_eq!(code, Some(4001));
        assert_eq!(word_of(&frames.last().unwrap()["error"]), "not_signed_in");
        assert_eq!(app.http.bearer(&token).get("/me").await.refused(401), "not_signed_in");
        // Another sign-in of the same person goes on.
        other.socket.say(&json!({ "t": "ping" })).await;
        other.socket.wait_for_type("pong").await;
        app.stop().await;
    }

    async fn an_account_switched_off_is_out_at_every_door(db: TestDb) {
        let app = TestApp::start_with(&db, short_waits).await;
        let agent = app.available("xiaoman").await;
        let mut desk = app.desk("xiaoman").await;
        let account = app.app().account("xiaoman").await.unwrap().id;
        app.app().set_disabled(account, true).await.unwrap();
        assert_eq!(desk.socket.wait_for_end().await.0, Some(4001));
        assert_eq!(agent.get("/me").await.refused(401), "not_signed_in");
        app.app().set_disabled(account, false).await.unwrap();
        assert_eq!(agent.get("/me").await.refused(401), "not_signed_in", "old sign-ins stay ended");
        app.sign_in("xiaoman").await;
        app.stop().await;
    }

    async fn duties_that_were_taken_away_end_what_they_allowed(db: TestDb) {
        let app = TestApp::start_with(&db, short_waits).await;
        app.person("xiaoman", &[Role::Agent]).await;
        let mut desk = app.desk("xiaoman").await;
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "在吗").await;
        let (shop, account) =
            (app.shop().await.id, app.app().account("xiaoman").await.unwrap().id);
        app.app().set_membership(shop, account, 10, &[Role::ReadOnly]).await.unwrap();
        let mut number = 10;
        loop {
            number += 1;
            let frame = json!({
                "t": "send", "conversation": buyer.conversation, "lane": "staff", "id": id(number),
                "text": "x",
            });
            desk.socket.say(&frame).await;
            let answer = desk.socket.wait_for("an answer", |f| f["id"] == id(number)).await;
            if answer["t"] == "nack" {
                assert_eq!(word_of(&answer["error"]), "forbidden");
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        app.stop().await;
    }

    async fn a_sign_in_lasts_two_weeks(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("xiaoman").await;
        app.clock.advance(Span::minutes(14 * 24 * 60 - 1));
        agent.get("/me").await.ok();
        app.clock.advance(Span::minutes(1));
        assert_eq!(agent.get("/me").await.refused(401), "not_signed_in");
        app.stop().await;
    }

    async fn an_agent_whose_lease_ran_out_is_offline_and_gets_nobody(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.available("xiaoman").await;
        let mut buyer = app.buyer().await;
        assert_eq!(buyer.welcome["reception"]["on_duty"], true);
        let state = || async {
            agent.get(&format!("/shops/{SHOP}/agents")).await.ok()["agents"][0]["state"].take()
        };
        app.clock.advance(Span::seconds(89));
        app.app().sweep().await.unwrap();
        assert_eq!(state().await, "available");
        app.clock.advance(Span::seconds(2));
        app.app().sweep().await.unwrap();
        assert_eq!(state().await, "offline");
        buyer.socket.wait_for("the news", |f| f["reception"]["on_duty"] == false).await;
        buyer.say(&id(1), "在吗").await;
        let row = agent.get(&path_of(&buyer.conversation)).await.ok();
        assert_eq!(row["session"]["state"], "queued");
        // A desk that opens again is what was asked for last.
        let desk = app.desk("xiaoman").await;
        assert_eq!(desk.welcome["me"]["state"], "available");
        let is_active = |f: &serde_json::Value| f["reception"]["state"] == "active";
        buyer.socket.wait_for("an agent", is_active).await;
        app.stop().await;
    }

    async fn a_restart_loses_nothing_and_tells_connections_to_come_back(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.available("xiaoman").await;
        let mut desk = app.desk("xiaoman").await;
        let mut buyer = app.buyer().await;
        let seq = buyer.say(&id(1), "在吗").await;
        desk.watch(&buyer.conversation).await;
        let app = app.restart(&db).await;
        assert_eq!(buyer.socket.wait_for_end().await.0, Some(1001));
        assert_eq!(desk.socket.wait_for_end().await.0, Some(1001));
        let mut again = app.buyer_again(&buyer.token, seq).await;
        assert_eq!(again.welcome["last_seq"], seq);
        assert_eq!(again.say(&id(1), "在吗").await, seq, "the same line again");
        assert_eq!(again.say(&id(2), "还在吗").await, seq + 1);
        let agent = agent.at(app.base());
        let log = app.log(&agent, &buyer.conversation, "buyer").await;
        assert_eq!(outline(&log), ["open session_opened", "transfer assigned", "message", "message"]);
        let shop = app.shop().await.id;
        let verified = app.app().verify(shop).await.unwrap();
        assert_eq!((verified.entries, verified.broken), (4, Vec::new()));
        app.stop().await;
    }

    async fn no_door_opens_while_the_house_is_closed(db: TestDb) {
        let app = TestApp::start(&db).await;
        let base = app.base().to_owned();
        app.http.raw("GET", "/readyz", None).await.unwrap().ok();
        app.stop().await;
        let refused = Socket::open(&base, "/ws/widget/demo", &[]).await.err();
        assert_eq!(refused, Some(Refused::Gone));
    }

    async fn a_page_that_reloads_is_never_seen_as_gone(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.available("xiaoman").await;
        let desk = app.desk("xiaoman").await;
        desk.socket.close().await;
        let again = app.desk("xiaoman").await;
        assert_eq!(again.welcome["me"]["state"], "available");
        assert_eq!(state_of(&agent, "小满").await, "available");
        app.stop().await;
    }

    async fn an_agent_without_a_desk_is_offline_after_a_while(db: TestDb) {
        let app = TestApp::start_with(&db, short_waits).await;
        let (stays, leaves) = (app.available("xiaoman").await, app.available("guyu").await);
        let (first, second) = (app.desk("xiaoman").await, app.desk("guyu").await);
        first.socket.close().await;
        second.socket.close().await;
        // One of them goes on without a socket.
        app.clock.advance(Span::seconds(1));
        stays.get(&format!("/shops/{SHOP}/updates")).await.ok();
        let gone = until(
            "the other one is offline",
            || state_of(&leaves, "谷雨"),
            |state| state == "offline",
        );
        gone.await;
        assert_eq!(state_of(&leaves, "小满").await, "available");
        app.stop().await;
    }
}

async fn state_of(http: &Http, name: &str) -> String {
    let agents = http.get(&format!("/shops/{SHOP}/agents")).await.ok();
    let agent = agents["agents"].as_array().unwrap().iter().find(|a| a["name"] == name);
    text(&agent.unwrap()["state"])
}
