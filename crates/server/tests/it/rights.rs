//! Who may do what, through both doors.

use serde_json::json;
use xiaoer_domain::team::Role;
use xiaoer_domain::time::Span;
use xiaoer_testkit::client::{Buyer, Http, word_of};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{SHOP, TestApp, id, path_of, set_state};

async fn waiting_buyer(app: &TestApp) -> (Buyer, String) {
    let mut buyer = app.buyer().await;
    buyer.say(&id(1), "在吗").await;
    let path = path_of(&buyer.conversation);
    (buyer, path)
}

async fn served_by(http: &Http, path: &str) -> serde_json::Value {
    http.get(path).await.ok()["session"]["agent"]["name"].take()
}

both_dbs! {
    async fn one_who_may_only_look_looks_and_does_nothing(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (buyer, path) = waiting_buyer(&app).await;
        app.person("auditor", &[Role::ReadOnly]).await;
        let auditor = app.http.bearer(&app.sign_in("auditor").await);
        for look in ["", "/entries", "/entries?lane=staff", "/orders"] {
            auditor.get(&format!("{path}{look}")).await.ok();
        }
        auditor.get(&format!("/shops/{SHOP}/search?q=x")).await.ok();
        let calls = [
            (format!("{path}/entries"), json!({ "client_id": id(2), "text": "x" })),
            (format!("{path}/entries"), json!({ "client_id": id(2), "lane": "staff", "text": "x" })),
            (format!("{path}/entries/2/recall"), json!({ "client_id": id(2) })),
            (format!("{path}/take"), json!({})),
            (format!("{path}/hand-over"), json!({ "to": "acc_1" })),
            (format!("{path}/close"), json!({})),
        ];
        for (path, body) in calls {
            let answer = auditor.post(&path, body).await;
            assert_eq!(answer.refused(403), "forbidden", "{path}");
            assert_eq!(answer.body["params"]["right"], "serve_buyers");
        }
        let state = json!({ "state": "available" });
        let answer = auditor.put(&format!("/shops/{SHOP}/me/state"), state).await;
        assert_eq!(answer.refused(403), "forbidden");
        let mut desk = app.desk("auditor").await;
        desk.watch(&buyer.conversation).await;
        for lane in ["buyer", "staff"] {
            let send = json!({
                "t": "send", "conversation": buyer.conversation, "lane": lane, "id": id(3),
                "text": "x",
            });
            desk.socket.say(&send).await;
            assert_eq!(word_of(&desk.refused(&id(3)).await), "forbidden");
        }
        let recall = json!({ "t": "recall", "conversation": buyer.conversation, "id": id(3), "seq": 2 });
        desk.socket.say(&recall).await;
        assert_eq!(word_of(&desk.refused(&id(3)).await), "forbidden");
        assert_eq!(auditor.get(&path).await.ok()["session"]["agent"], json!(null));
        app.stop().await;
    }

    async fn an_agent_does_not_take_from_a_colleague_and_a_leader_does(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (buyer, path) = waiting_buyer(&app).await;
        let (first, second) = (app.agent("xiaoman").await, app.agent("guyu").await);
        app.person("leader", &[Role::Agent, Role::Leader]).await;
        let leader = app.http.bearer(&app.sign_in("leader").await);
        first.post(&format!("{path}/take"), json!({})).await.ok();
        first.post(&format!("{path}/take"), json!({})).await.ok();
        let answer = second.post(&format!("{path}/take"), json!({})).await;
        assert_eq!(answer.refused(403), "forbidden");
        assert_eq!(answer.body["params"]["right"], "take_over");
        assert_eq!(served_by(&second, &path).await, "小满");
        leader.post(&format!("{path}/take"), json!({})).await.ok();
        assert_eq!(served_by(&second, &path).await, "leader");
        let log = app.log(&leader, &buyer.conversation, "buyer").await;
        assert_eq!(log.last().unwrap()["params"], json!({ "agent": "leader", "from": "小满" }));
        app.stop().await;
    }

    async fn an_agent_does_not_hand_over_what_a_colleague_serves(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (_buyer, path) = waiting_buyer(&app).await;
        let first = app.agent("xiaoman").await;
        let thief_id = app.person("guyu", &[Role::Agent]).await;
        let thief = app.http.bearer(&app.sign_in("guyu").await);
        first.post(&format!("{path}/take"), json!({})).await.ok();
        set_state(&thief, "available").await;
        let answer = thief.post(&format!("{path}/hand-over"), json!({ "to": thief_id })).await;
        assert_eq!(answer.refused(403), "forbidden");
        assert_eq!(answer.body["params"]["right"], "take_over");
        assert_eq!(served_by(&first, &path).await, "小满");
        first.post(&format!("{path}/hand-over"), json!({ "to": thief_id })).await.ok();
        assert_eq!(served_by(&first, &path).await, "谷雨");
        app.stop().await;
    }

    async fn only_those_who_can_receive_are_handed_buyers(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (_buyer, path) = waiting_buyer(&app).await;
        let me = app.agent("xiaoman").await;
        let colleague = app.person("guyu", &[Role::Agent]).await;
        let reader = app.person("auditor", &[Role::ReadOnly]).await;
        let guyu = app.http.bearer(&app.sign_in("guyu").await);
        me.post(&format!("{path}/take"), json!({})).await.ok();
        let give = |to: &str| {
            let (path, body) = (format!("{path}/hand-over"), json!({ "to": to }));
            let me = &me;
            async move { me.post(&path, body).await }
        };
        for nobody in [colleague.as_str(), reader.as_str(), "acc_999999"] {
            assert_eq!(give(nobody).await.refused(409), "agent_unavailable", "{nobody}");
        }
        set_state(&guyu, "away").await;
        assert_eq!(give(&colleague).await.refused(409), "agent_unavailable");
        set_state(&guyu, "available").await;
        give(&colleague).await.ok();
        assert_eq!(served_by(&me, &path).await, "谷雨");
        app.stop().await;
    }

    async fn a_note_with_a_hand_over_is_for_staff_only(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (mut buyer, path) = waiting_buyer(&app).await;
        let me = app.agent("xiaoman").await;
        let colleague = app.person("guyu", &[Role::Agent]).await;
        let guyu = app.http.bearer(&app.sign_in("guyu").await);
        me.post(&format!("{path}/take"), json!({})).await.ok();
        set_state(&guyu, "available").await;
        let long = json!({ "to": colleague, "note": "长".repeat(2001) });
        let answer = me.post(&format!("{path}/hand-over"), long).await;
        assert_eq!(answer.refused(400), "too_long");
        let body = json!({ "to": colleague, "note": "老客户，耐心些" });
        me.post(&format!("{path}/hand-over"), body).await.ok();
        let notes = app.log(&guyu, &buyer.conversation, "staff").await;
        assert_eq!(notes[0]["text"], "老客户，耐心些");
        buyer.socket.wait_for_entry("the hand-over", |e| e["code"] == "handed_over").await;
        app.stop().await;
    }

    async fn only_the_author_takes_back_and_only_for_a_while(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (mut buyer, path) = waiting_buyer(&app).await;
        let agent = app.agent("xiaoman").await;
        let visitor = app.http.visitor(&buyer.token);
        let said = json!({ "client_id": id(5), "text": "在的" });
        let said = agent.post(&format!("{path}/entries"), said).await.ok();
        let theirs = said["seq"].as_i64().unwrap();
        let own = buyer.say(&id(6), "打错了").await;
        let late = buyer.say(&id(7), "太晚了").await;
        let take_back = |http: &Http, seq: i64, number: u32| {
            let body = json!({ "client_id": id(number) });
            let path = format!("/widget/{SHOP}/entries/{seq}/recall");
            let http = http.clone();
            async move { http.post(&path, body).await }
        };
        assert_eq!(take_back(&visitor, theirs, 10).await.refused(409), "not_yours");
        assert_eq!(take_back(&visitor, 1, 10).await.refused(400), "bad_request");
        assert_eq!(take_back(&visitor, 999, 10).await.refused(404), "not_found");
        let recall = format!("{path}/entries/{own}/recall");
        let answer = agent.post(&recall, json!({ "client_id": id(11) })).await;
        assert_eq!(answer.refused(409), "not_yours");
        let first = take_back(&visitor, own, 10).await.ok();
        assert_eq!(take_back(&visitor, own, 10).await.ok()["seq"], first["seq"], "repeated");
        assert_eq!(take_back(&visitor, own, 12).await.refused(409), "already_recalled");
        app.clock.advance(Span::seconds(121));
        assert_eq!(take_back(&visitor, late, 13).await.refused(409), "too_late");
        assert_eq!(take_back(&visitor, own, 10).await.ok()["seq"], first["seq"], "still the same");
        let log = app.log(&agent, &buyer.conversation, "buyer").await;
        let gone = log.iter().find(|e| e["seq"] == own).unwrap();
        assert_eq!((&gone["recalled"], &gone["text"]), (&json!(true), &json!(null)));
        assert_eq!(log.last().unwrap()["ref"], own);
        app.stop().await;
    }

    async fn where_nothing_is_open_nothing_closes(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (buyer, path) = waiting_buyer(&app).await;
        let me = app.agent("xiaoman").await;
        me.post(&format!("{path}/close"), json!({})).await.ok();
        assert_eq!(me.post(&format!("{path}/close"), json!({})).await.refused(409), "session_closed");
        let to = app.person("guyu", &[Role::Agent]).await;
        set_state(&app.http.bearer(&app.sign_in("guyu").await), "available").await;
        let answer = me.post(&format!("{path}/hand-over"), json!({ "to": to })).await;
        assert_eq!(answer.refused(409), "session_closed");
        let log = app.log(&me, &buyer.conversation, "buyer").await;
        let closes = log.iter().filter(|e| e["kind"] == "close").count();
        assert_eq!(closes, 1);
        app.stop().await;
    }
}
