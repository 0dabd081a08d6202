//! Around the talk: the page a buyer looks at, messages left for later, ratings.

use serde_json::{Value, json};
use xiaoer_domain::time::Span;
use xiaoer_testkit::client::Buyer;
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{SHOP, TestApp, id, outline, path_of, until};

fn page(title: &str) -> Value {
    json!({ "sku": "QH-0812", "title": title, "price": 32_900, "link": "https://shop.example/p/812" })
}

/// Opens a session, has it taken and closed; its `ses_…`.
async fn closed_session(
    app: &TestApp,
    agent: &xiaoer_testkit::client::Http,
    buyer: &mut Buyer,
    n: u32,
) -> String {
    buyer.say(&id(n), "在吗").await;
    let path = path_of(&buyer.conversation);
    agent.post(&format!("{path}/take"), json!({})).await.ok();
    agent.post(&format!("{path}/close"), json!({})).await.ok();
    let log = app.log(agent, &buyer.conversation, "buyer").await;
    let last = log.iter().rev().find(|e| e["kind"] == "close").unwrap();
    last["session"].as_str().unwrap().to_owned()
}

fn widget(path: &str) -> String {
    format!("/widget/{SHOP}/{path}")
}

both_dbs! {
    async fn the_desk_sees_the_latest_page_a_buyer_looks_at_and_no_other(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.available("xiaoman").await;
        let mut desk = app.desk("xiaoman").await;
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "在吗").await;
        desk.row(&buyer.conversation, |_| true).await;
        buyer.socket.say(&json!({ "t": "viewing", "page": page("翻领羊毛开衫") })).await;
        let row = desk.row(&buyer.conversation, |row| row["viewing"]["title"] == "翻领羊毛开衫").await;
        assert_eq!((&row["viewing"]["sku"], &row["viewing"]["price"]), (&json!("QH-0812"), &json!(32_900)));
        buyer.socket.say(&json!({ "t": "viewing", "page": page("麻花毛衣") })).await;
        let latest = desk.row(&buyer.conversation, |row| row["viewing"]["title"] == "麻花毛衣").await;
        assert!(latest["viewing"]["at"].is_i64());
        // What is no page is left out, and nobody is put out for it.
        app.clock.advance(Span::seconds(5));
        let bad = json!({ "title": "x", "link": "javascript:alert(1)" });
        buyer.socket.say(&json!({ "t": "viewing", "page": bad })).await;
        buyer.say(&id(2), "还在").await;
        let path = path_of(&buyer.conversation);
        assert_eq!(agent.get(&path).await.ok()["viewing"]["title"], "麻花毛衣");
        // Nothing of it is kept: it is forgotten with time, and the log holds no trace.
        app.clock.advance(Span::minutes(31));
        assert_eq!(agent.get(&path).await.ok().get("viewing"), None);
        assert!(!json!(app.log(&agent, &buyer.conversation, "buyer").await).to_string().contains("麻花"));
        app.stop().await;
    }

    async fn a_page_is_told_over_http_too_and_only_where_the_shop_wants_it(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.available("xiaoman").await;
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "在吗").await;
        let visitor = app.http.visitor(&buyer.token);
        visitor.post(&widget("viewing"), json!({ "page": page("开衫") })).await.ok();
        let path = path_of(&buyer.conversation);
        assert_eq!(agent.get(&path).await.ok()["viewing"]["title"], "开衫");
        visitor.post(&widget("viewing"), json!({ "page": null })).await.ok();
        assert_eq!(agent.get(&path).await.ok().get("viewing"), None);
        app.app().set_setting(&*app.shop().await, "viewing", "0").await.unwrap();
        visitor.post(&widget("viewing"), json!({ "page": page("开衫") })).await.ok();
        assert_eq!(agent.get(&path).await.ok().get("viewing"), None);
        app.stop().await;
    }

    async fn what_is_written_when_nobody_is_there_is_one_piece_of_work_until_somebody_answers(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("xiaoman").await;
        let mut buyer = app.buyer().await;
        let list = |which: &'static str| {
            let agent = &agent;
            async move { agent.get(&format!("/shops/{SHOP}/follow-ups?list={which}")).await.ok()["follow_ups"].clone() }
        };
        let count = |n: usize| move |rows: &Value| rows.as_array().is_some_and(|rows| rows.len() == n);
        let said = buyer.say(&id(1), "地址写错了").await;
        let open = until("it is work", || list("open"), count(1)).await;
        let offer = app.http.get(&widget("offer")).await.ok();
        let one = &open[0];
        assert_eq!((&one["text"], &one["wish"], &one["owner"]), (&json!("地址写错了"), &json!("question"), &json!(null)));
        assert_eq!(one["due_at"], offer["due_at"]);
        let path = path_of(&buyer.conversation);
        let row = || async { agent.get(&path).await.ok() };
        until("the mark", row, |row| row["left"] == true).await;
        // More lines are the same piece of work, and the form says more of it.
        buyer.say(&id(2), "在的话回我").await;
        let visitor = app.http.visitor(&buyer.token);
        let note = json!({ "client_id": id(3), "wish": "order", "text": "订单 1118 改地址", "phone": "13812345620" });
        let left = visitor.post(&widget("follow-ups"), note).await.ok();
        assert_eq!(left["due_at"], one["due_at"]);
        let open = list("open").await;
        assert_eq!(open.as_array().unwrap().len(), 1);
        assert_eq!((&open[0]["id"], &open[0]["wish"], &open[0]["phone"]), (&one["id"], &json!("order"), &json!("138****5620")));
        // Whoever takes the buyer owns it; an internal note is no answer, a line to the buyer is.
        agent.post(&format!("{path}/take"), json!({})).await.ok();
        until("its owner", || list("mine"), count(1)).await;
        until("no mark", row, |row| row["left"] != true).await;
        let note = json!({ "client_id": id(4), "lane": "staff", "text": "等仓库" });
        agent.post(&format!("{path}/entries"), note).await.ok();
        buyer.say(&id(5), "好的").await;
        app.clock.advance(Span::seconds(5));
        assert_eq!(list("open").await.as_array().unwrap().len(), 1);
        agent.post(&format!("{path}/entries"), json!({ "client_id": id(6), "text": "已经改好了" })).await.ok();
        let done = until("it is done", || list("done"), count(1)).await;
        assert_eq!((&done[0]["done_by"]["name"], list("open").await), (&json!("小满"), json!([])));
        assert!(said > 0);
        app.stop().await;
    }

    async fn a_message_left_at_night_is_due_after_the_opening_and_finds_its_owner(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("xiaoman").await;
        let colleague = app.person("guyu", &[xiaoer_domain::team::Role::Agent]).await;
        let buyer = app.buyer().await;
        let visitor = app.http.visitor(&buyer.token);
        let offer = app.http.get(&widget("offer")).await.ok();
        let note = json!({
            "client_id": id(1), "wish": "order", "text": "地址写错了，是 12 号", "order": "1118-0937",
            "phone": "138 1234 5620", "email": "",
        });
        let left = visitor.post(&widget("follow-ups"), note.clone()).await.ok();
        assert_eq!(left["due_at"], offer["due_at"]);
        // The same again is the same one.
        assert_eq!(visitor.post(&widget("follow-ups"), note).await.ok(), left);
        let log = app.log(&agent, &buyer.conversation, "buyer").await;
        let said = outline(&log).into_iter().filter(|l| l != "notice leave_message").collect::<Vec<_>>();
        assert_eq!(said, ["open session_opened", "message", "notice message_left"]);
        let told = log.iter().find(|e| e["code"] == "message_left").unwrap();
        assert_eq!(told["params"], json!({ "wish": "order", "due_at": left["due_at"].to_string() }));

        let list = |which: &'static str| {
            let agent = &agent;
            async move { agent.get(&format!("/shops/{SHOP}/follow-ups?list={which}")).await.ok()["follow_ups"].clone() }
        };
        let open = list("open").await;
        let one = &open[0];
        assert_eq!((&one["text"], &one["phone"], &one["email"]), (&json!("地址写错了，是 12 号"), &json!("138******5620"), &json!(null)));
        assert_eq!((&one["order"], &one["owner"], &one["done_at"]), (&json!("1118-0937"), &json!(null), &json!(null)));
        assert_eq!((list("mine").await, list("overdue").await), (json!([]), json!([])));
        let act = |verb: &str, body: Value| {
            let (agent, path) = (&agent, format!("/shops/{SHOP}/follow-ups/{}/{verb}", one["id"].as_str().unwrap()));
            async move { agent.post(&path, body).await }
        };
        assert_eq!(act("assign", json!({ "to": "acc_999999" })).await.status, 400);
        let me = agent.get("/me").await.ok()["account"]["id"].clone();
        assert_eq!(act("assign", json!({ "to": me })).await.ok()["owner"]["name"], "小满");
        assert_eq!(list("mine").await.as_array().unwrap().len(), 1);
        app.clock.advance(Span::minutes(26 * 60));
        assert_eq!(list("overdue").await.as_array().unwrap().len(), 1);
        let done = act("done", json!({})).await.ok();
        assert_eq!(done["done_by"]["name"], "小满");
        assert_eq!((list("open").await, list("done").await[0]["id"].clone()), (json!([]), one["id"].clone()));
        act("reopen", json!({})).await.ok();
        assert_eq!(act("assign", json!({ "to": colleague })).await.ok()["owner"]["name"], "谷雨");
        assert_eq!(list("open").await[0]["done_at"], json!(null));
        app.stop().await;
    }

    async fn a_message_with_a_broken_contact_is_refused_and_changes_nothing(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("xiaoman").await;
        let buyer = app.buyer().await;
        let visitor = app.http.visitor(&buyer.token);
        let good = json!({ "client_id": id(1), "wish": "question", "text": "有货吗" });
        let broken = [("phone", "1385620"), ("phone", "138"), ("email", "lin@"), ("wish", "gift"), ("order", &"9".repeat(65))];
        for (field, value) in broken.iter().skip(1) {
            let mut note = good.clone();
            note[*field] = json!(value);
            app.clock.advance(Span::seconds(2));
            let path = widget("follow-ups");
            let refused = until("the pace allows it", || visitor.post(&path, note.clone()), |a| a.status != 429).await;
            assert_eq!((refused.status, &refused.body["params"]["field"]), (400, &json!(field)));
        }
        assert!(app.log(&agent, &buyer.conversation, "buyer").await.is_empty());
        let list = agent.get(&format!("/shops/{SHOP}/follow-ups?list=open")).await.ok();
        assert_eq!(list["follow_ups"], json!([]));
        app.stop().await;
    }

    async fn a_session_is_rated_once_it_is_over_and_changed_within_a_day(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("xiaoman").await;
        let mut buyer = app.buyer().await;
        let session = closed_session(&app, &agent, &mut buyer, 1).await;
        let visitor = app.http.visitor(&buyer.token);
        let path = widget(&format!("sessions/{session}/rating"));
        assert_eq!(visitor.get(&path).await.ok()["rating"], json!(null));
        let give = |stars: i64| {
            let body = json!({ "stars": stars, "reasons": ["slow", "unsolved"], "text": "等了很久" });
            let (visitor, path) = (&visitor, &path);
            async move { until("the pace allows it", || visitor.post(path, body.clone()), |a| a.status != 429).await }
        };
        assert_eq!(give(6).await.body["params"]["field"], "stars");
        let given = give(2).await.ok();
        assert_eq!((&given["stars"], &given["reasons"]), (&json!(2), &json!(["unsolved", "slow"])));
        app.clock.advance(Span::minutes(60));
        assert_eq!(give(4).await.ok()["stars"], 4);
        // The same again says nothing new.
        give(4).await.ok();
        let staff = app.log(&agent, &buyer.conversation, "staff").await;
        assert_eq!(outline(&staff), ["notice rated", "notice rated"]);
        assert_eq!(staff[1]["params"], json!({ "stars": "4", "reasons": "unsolved slow" }));
        let shown = agent.get(&format!("{}/ratings", path_of(&buyer.conversation))).await.ok();
        assert_eq!((&shown["ratings"][0]["text"], &shown["ratings"][0]["stars"]), (&json!("等了很久"), &json!(4)));
        app.clock.advance(Span::minutes(23 * 60));
        assert_eq!(give(1).await.body["code"], "too_late");
        // Nobody else rates it, nobody rates what goes on, and a shop may not ask.
        let other = app.buyer().await;
        let answer = app.http.visitor(&other.token).post(&path, json!({ "stars": 5 })).await;
        assert_eq!(answer.status, 404);
        app.app().set_setting(&*app.shop().await, "rating", "0").await.unwrap();
        assert_eq!(give(5).await.status, 404);
        app.stop().await;
    }

    async fn a_session_that_goes_on_cannot_be_rated(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("xiaoman").await;
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "在吗").await;
        let row = agent.get(&path_of(&buyer.conversation)).await.ok();
        let path = widget(&format!("sessions/{}/rating", row["session"]["id"].as_str().unwrap()));
        let refused = app.http.visitor(&buyer.token).post(&path, json!({ "stars": 5 })).await;
        assert_eq!((refused.status, &refused.body["params"]["field"]), (400, &json!("session")));
        app.stop().await;
    }
}
