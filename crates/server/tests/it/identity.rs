//! Who a buyer is: a token, an identity that binds it once, and a shared computer that shows nothing.

use serde_json::{Value, json};
use xiaoer_domain::time::Span;
use xiaoer_testkit::client::{Buyer, text};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{SHOP, TestApp, id, outline, path_of};

async fn join(app: &TestApp, hello: Value) -> Buyer {
    Buyer::join(app.base(), SHOP, hello).await
}

both_dbs! {
    async fn a_token_brings_back_the_same_conversation(db: TestDb) {
        let app = TestApp::start(&db).await;
        let mut buyer = app.buyer().await;
        assert_eq!(buyer.token.len(), 43, "256 bits");
        buyer.say(&id(1), "在吗").await;
        app.clock.advance(Span::minutes(60 * 24 * 300));
        let again = app.buyer_again(&buyer.token, 0).await;
        assert_eq!(again.conversation, buyer.conversation);
        assert_eq!(again.welcome["token"], Value::Null, "a token is told once");
        let other = app.buyer().await;
        assert_ne!(other.conversation, buyer.conversation);
        assert_ne!(other.token, buyer.token);
        app.stop().await;
    }

    async fn the_first_identity_binds_the_visitor(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("xiaoman").await;
        let mut buyer = app.buyer().await;
        assert_eq!(buyer.welcome["buyer"]["identified"], false);
        buyer.say(&id(1), "在吗").await;
        let identity = app.identity("17850").await;
        let known = join(&app, json!({ "token": buyer.token, "identity": identity })).await;
        assert_eq!(known.welcome["buyer"]["identified"], true);
        assert_eq!(known.welcome["token"], Value::Null, "the same visitor");
        assert_eq!(known.conversation, buyer.conversation, "nobody of that number was here before");
        let again = join(&app, json!({ "token": buyer.token })).await;
        assert_eq!(again.conversation, known.conversation, "bound for good");
        let row = agent.get(&path_of(&known.conversation)).await.ok();
        assert_eq!((&row["buyer"]["ref"], &row["buyer"]["identified"]), (&json!("17850"), &json!(true)));
        app.stop().await;
    }

    async fn one_customer_on_two_devices_is_one_conversation(db: TestDb) {
        let app = TestApp::start(&db).await;
        let hello = json!({ "identity": app.identity("17850").await });
        let (mut phone, mut computer) = (join(&app, hello.clone()).await, join(&app, hello).await);
        assert_eq!(phone.conversation, computer.conversation);
        assert_ne!(phone.token, computer.token);
        phone.say(&id(1), "手机上说的").await;
        computer.hears("手机上说的").await;
        app.stop().await;
    }

    async fn another_subject_starts_a_new_visitor_that_shows_nothing_of_the_old(db: TestDb) {
        let app = TestApp::start(&db).await;
        let first = json!({ "identity": app.identity("17850").await });
        let mut first = join(&app, first).await;
        let held = first.say(&id(1), "我的隐私").await;
        let hello = json!({
            "token": first.token, "identity": app.identity("13047").await, "after": held,
        });
        let mut second = join(&app, hello).await;
        assert_ne!(second.token, first.token);
        assert_ne!(second.conversation, first.conversation);
        assert_eq!(second.welcome["last_seq"], 0);
        second.say(&id(1), "我是别人").await;
        let again = join(&app, json!({ "token": first.token })).await;
        assert_eq!(again.conversation, first.conversation, "the old token is still the first one's");
        app.stop().await;
    }

    async fn without_a_token_there_is_a_new_visitor(db: TestDb) {
        let app = TestApp::start(&db).await;
        let mut known = join(&app, json!({ "identity": app.identity("17850").await })).await;
        known.say(&id(1), "我的隐私").await;
        let logged_out = app.buyer().await;
        assert_eq!(logged_out.welcome["last_seq"], 0);
        assert_eq!(logged_out.welcome["buyer"]["identified"], false);
        assert_ne!(logged_out.conversation, known.conversation);
        app.stop().await;
    }

    async fn what_was_said_without_a_name_stays_where_it_was_said(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("xiaoman").await;
        let hello = json!({ "identity": app.identity("17850").await });
        let mut known = join(&app, hello.clone()).await;
        known.say(&id(1), "昨天说的").await;
        let mut stranger = app.buyer().await;
        stranger.say(&id(1), "还没登录").await;
        let hello = json!({ "token": stranger.token, "identity": hello["identity"] });
        let bound = join(&app, hello).await;
        assert_eq!(bound.conversation, known.conversation);
        let old = app.log(&agent, &stranger.conversation, "buyer").await;
        assert_eq!(outline(&old)[1], "message");
        assert_eq!(old[1]["text"], "还没登录");
        app.stop().await;
    }

    async fn one_who_is_bound_to_a_longer_conversation_gets_it_from_its_beginning(db: TestDb) {
        let app = TestApp::start_with(&db, |c| c.limits.buyer_sends_per_second = 100).await;
        app.available("xiaoman").await;
        let mut known = join(&app, json!({ "identity": app.identity("17850").await })).await;
        for number in 0..8 {
            known.say(&id(number), "以前的话").await;
        }
        let mut stranger = app.buyer().await;
        let held = stranger.say(&id(1), "还没登录").await;
        // What it holds belongs to the conversation before.
        let hello = json!({
            "token": stranger.token, "identity": app.identity("17850").await, "after": held,
        });
        let mut bound = join(&app, hello).await;
        let page = bound.socket.wait_for_type("entries").await;
        let seqs: Vec<_> = page["entries"].as_array().unwrap().iter().map(|e| e["seq"].clone()).collect();
        assert_eq!(seqs.first(), Some(&json!(1)));
        assert_eq!(page["conversation"], known.conversation);
        assert_eq!(text(&bound.welcome["conversation"]), known.conversation);
        app.stop().await;
    }

    async fn one_customer_who_arrives_many_times_at_once_is_one_person(db: TestDb) {
        let app = TestApp::start(&db).await;
        let identity = app.identity("17850").await;
        let path = format!("/widget/{SHOP}/hello");
        let arrive = |_| app.http.post(&path, json!({ "identity": identity }));
        let welcomes = futures_util::future::join_all((0..12).map(arrive)).await;
        let mut conversations: Vec<_> =
            welcomes.into_iter().map(|w| text(&w.ok()["conversation"])).collect();
        conversations.dedup();
        assert_eq!(conversations.len(), 1);
        app.stop().await;
    }

    async fn a_window_that_was_open_before_the_customer_signed_in_follows(db: TestDb) {
        let app = TestApp::start_with(&db, crate::support::short_waits).await;
        let mut known = join(&app, json!({ "identity": app.identity("17850").await })).await;
        known.say(&id(1), "昨天说的").await;
        let mut window = app.buyer().await;
        let hello = json!({ "token": window.token, "identity": app.identity("17850").await });
        join(&app, hello).await;
        assert_eq!(window.socket.wait_for_end().await.0, Some(1001));
        let again = app.buyer_again(&window.token, 0).await;
        assert_eq!(again.conversation, known.conversation);
        app.stop().await;
    }
}
