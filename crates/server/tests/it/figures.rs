//! Figures of today on the live wall: what a person answered, and how long it took.

use serde_json::{Value, json};
use xiaoer_domain::team::Role;
use xiaoer_domain::time::Span;
use xiaoer_testkit::client::{Buyer, Http};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{SHOP, TestApp, id, path_of, set_state, until};

async fn lead(app: &TestApp) -> Http {
    app.http.bearer(&app.sign_in("lead").await)
}

/// The wall's figures; a wall may be asked for twice a second only.
async fn today(lead: &Http) -> Value {
    let wall = format!("/shops/{SHOP}/wall");
    until("the wall answers", || lead.get(&wall), |answer| answer.status != 429).await.ok()["today"]
        .take()
}

async fn reply(agent: &Http, buyer: &Buyer, number: u32) {
    let path = format!("{}/entries", path_of(&buyer.conversation));
    agent.post(&path, json!({ "client_id": id(number), "text": "在的" })).await.ok();
}

fn of(today: &Value, name: &str) -> Value {
    today["shop"][name].clone()
}

both_dbs! {
    async fn the_wall_counts_turns_of_today_and_reading_the_day_anew_gives_the_same(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.person("lead", &[Role::Supervisor]).await;
        let agent = app.available("xiaoman").await;
        let boss = lead(&app).await;
        assert_eq!(of(&today(&boss).await, "turns"), 0);

        let mut first = app.buyer().await;
        first.say(&id(1), "在吗").await;
        app.clock.advance(Span::seconds(305));
        first.say(&id(2), "还在吗").await;
        app.clock.advance(Span::seconds(170));
        reply(&agent, &first, 10).await;
        app.clock.advance(Span::seconds(20));
        first.say(&id(3), "有货吗").await;
        app.clock.advance(Span::seconds(30));
        reply(&agent, &first, 11).await;
        let seen = today(&boss).await;
        assert_eq!((of(&seen, "turns"), of(&seen, "first_ms"), of(&seen, "response_ms")), (json!(2), json!(475_000), json!(252_500)));
        assert_eq!((of(&seen, "in_time"), of(&seen, "unanswered")), (json!(500), json!(0)));

        // Nobody answers the second: unanswered from the first line, a miss once it cannot be in time.
        set_state(&agent, "available").await;
        let mut second = app.buyer().await;
        second.say(&id(4), "能便宜吗").await;
        let seen = today(&boss).await;
        assert_eq!((of(&seen, "in_time"), of(&seen, "unanswered")), (json!(500), json!(1)));
        let own = &seen["agents"][0]["figures"];
        assert_eq!((&own["turns"], &own["unanswered"]), (&json!(2), &json!(1)));
        app.clock.advance(Span::seconds(181));
        let seen = today(&boss).await;
        assert_eq!((of(&seen, "in_time"), of(&seen, "unanswered")), (json!(333), json!(1)));

        let app = app.restart(&db).await;
        app.app().shop(SHOP).await.unwrap();
        let anew = today(&lead(&app).await).await;
        assert_eq!((&anew["shop"], &anew["since"]), (&seen["shop"], &seen["since"]));
        app.stop().await;
    }

    async fn what_no_person_wrote_answers_nobody_and_the_queue_counts_for_the_shop_alone(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.person("lead", &[Role::Supervisor]).await;
        let agent = app.agent("xiaoman").await;
        let boss = lead(&app).await;
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "在吗").await;
        // Nobody is on duty: the house asks for a message.
        let said = || app.log(&agent, &buyer.conversation, "buyer");
        until("the notice", said, |log| log.iter().any(|e| e["code"] == "leave_message")).await;
        assert_eq!(of(&today(&boss).await, "turns"), 0);
        app.clock.advance(Span::seconds(60));
        set_state(&agent, "available").await;
        app.clock.advance(Span::seconds(8));
        reply(&agent, &buyer, 10).await;
        let seen = today(&boss).await;
        assert_eq!((of(&seen, "first_ms"), &seen["agents"][0]["figures"]["first_ms"]), (json!(68_000), &json!(8_000)));
        app.stop().await;
    }

    async fn a_question_of_yesterday_is_yesterdays_turn(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.person("lead", &[Role::Supervisor]).await;
        let agent = app.available("xiaoman").await;
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "在吗").await;
        app.clock.advance(Span::minutes(24 * 60));
        buyer.say(&id(2), "还在吗").await;
        let boss = lead(&app).await;
        let seen = today(&boss).await;
        assert_eq!((of(&seen, "turns"), of(&seen, "unanswered")), (json!(0), json!(0)));
        reply(&agent, &buyer, 10).await;
        buyer.say(&id(3), "好的").await;
        app.clock.advance(Span::seconds(5));
        reply(&agent, &buyer, 11).await;
        let seen = today(&boss).await;
        assert_eq!((of(&seen, "turns"), of(&seen, "response_ms")), (json!(1), json!(5_000)));
        app.stop().await;
    }
}
