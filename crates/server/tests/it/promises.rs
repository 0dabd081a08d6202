//! What ARCHITECTURE.md promises of the whole house and no other test asks for.

use std::collections::BTreeSet;

use serde_json::json;
use xiaoer_app::chat::{Act, Command, Speaker};
use xiaoer_app::quality::Guarding;
use xiaoer_app::{App, Chance, Clock, Limits};
use xiaoer_domain::chat::{ClientId, Lane, MessageText};
use xiaoer_domain::time::Span;
use xiaoer_protocol::id as wire_id;
use xiaoer_store::journal::{JournalRow, Position, read_after};
use xiaoer_testkit::client::Buyer;
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{SHOP, TestApp, id, path_of, short_waits, until};

both_dbs! {
    async fn a_line_whose_hint_was_lost_arrives_with_the_next_tick(db: TestDb) {
        let app = TestApp::start_with(&db, short_waits).await;
        let agent = app.agent("xiaoman").await;
        let mut desk = app.desk("xiaoman").await;
        let mut buyer = app.buyer().await;
        desk.watch(&buyer.conversation).await;
        // Another process on the same data, of which this one hears nothing.
        let clock = app.clock.clone();
        let clock = Clock::from_fn(move || clock.now());
        let elsewhere = App::new((*db).clone(), clock, Chance::seeded(3), Limits::default());
        say_elsewhere(&app, &elsewhere, &buyer).await;
        buyer.hears("说在别处").await;
        desk.hears("说在别处").await;
        assert_eq!(app.log(&agent, &buyer.conversation, "buyer").await[1]["text"], "说在别处");
        elsewhere.tasks.stop().await;
        app.stop().await;
    }

    async fn the_journal_holds_ids_and_no_text_and_no_person(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.available("xiaoman").await;
        let hello = json!({ "identity": app.identity("customer-17850").await });
        let mut buyer = Buyer::join(app.base(), SHOP, hello).await;
        let said = buyer.say(&id(1), "秘密的话").await;
        buyer.socket.say(&json!({ "t": "recall", "id": id(2), "seq": said })).await;
        buyer.stored(&id(2)).await;
        let path = path_of(&buyer.conversation);
        let note = json!({ "client_id": id(3), "lane": "staff", "text": "秘密的备注" });
        agent.post(&format!("{path}/entries"), note).await.ok();
        agent.post(&format!("{path}/close"), json!({})).await.ok();
        // Other tests on the same cluster may hold the youngest lines back for a moment.
        let has_all = |rows: &Vec<JournalRow>| {
            rows.iter().map(|row| &row.kind).collect::<BTreeSet<_>>().len() >= 5
        };
        let rows = until("the journal holds all kinds", || journal(&app), has_all).await;
        for row in &rows {
            let facts: serde_json::Value = serde_json::from_str(&row.facts).unwrap();
            for (name, fact) in facts.as_object().unwrap() {
                let words = ["available", "away"].map(serde_json::Value::from);
                let fine = fact.is_number() || fact.is_null() || words.contains(fact);
                assert!(fine && name.len() <= 2, "{}: {}", row.kind, row.facts);
            }
        }
        app.stop().await;
    }

    async fn a_setting_holds_from_its_date_on(db: TestDb) {
        let app = TestApp::start(&db).await;
        let before = app.clock.now();
        app.clock.advance(Span::minutes(1));
        app.app().set_setting(&*app.shop().await, "recall_seconds", "300").await.unwrap();
        app.clock.advance(Span::minutes(1));
        app.app().set_setting(&*app.shop().await, "recall_seconds", "0").await.unwrap();
        let shop = app.shop().await;
        let at = |minutes| shop.setting("recall_seconds", before.plus(Span::minutes(minutes)));
        assert_eq!([at(0), at(1), at(2), at(3)], ["120", "300", "0", "0"]);
        app.stop().await;
    }

    async fn secrets_print_as_stars(db: TestDb) {
        let app = TestApp::start_with(&db, |config| {
            let shown = format!("{config:?}");
            assert!(!shown.contains("postgres://"), "{shown}");
        })
        .await;
        let shop = app.shop().await;
        assert!(format!("{shop:?}").contains("***"));
        app.stop().await;
    }
}

async fn say_elsewhere(app: &TestApp, elsewhere: &App, buyer: &Buyer) {
    let shop = elsewhere.shop(SHOP).await.unwrap();
    let public = wire_id::parse_public(wire_id::CONVERSATION, &buyer.conversation).unwrap();
    let conversation = elsewhere.find_conversation(shop.id, public).await.unwrap();
    let whose = elsewhere.buyer_of(shop.id, conversation).await.unwrap();
    let command = Command {
        shop: shop.id,
        rules: shop.rules(app.clock.now()),
        conversation,
        by: Speaker::Buyer(whose),
        lane: Lane::Buyer,
        client_id: ClientId::parse(&id(1)).unwrap(),
        act: Act::Say(MessageText::parse("说在别处", 100).unwrap()),
        guarding: Guarding::default(),
        phrase: None,
    };
    elsewhere.send_and_wait(command).await.unwrap();
}

async fn journal(app: &TestApp) -> Vec<JournalRow> {
    let start = Position { xid: 0, id: 0 };
    let read = app.app().db.read(move |tx| Box::pin(read_after(tx, start, 1000)));
    read.await.unwrap()
}
