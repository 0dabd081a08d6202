//! The guard through the doors: what is stopped, what is confirmed, whose rules hold, and what a trial tells.

use serde_json::{Value, json};
use xiaoer_domain::team::Role;
use xiaoer_domain::time::Span;
use xiaoer_testkit::client::Http;
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{OTHER, SHOP, TestApp, id, path_of, until};

const GUARD: &str = "/shops/demo/guard";

async fn supervisor(app: &TestApp) -> Http {
    app.person("boss", &[Role::Supervisor]).await;
    app.http.bearer(&app.sign_in("boss").await)
}

/// An agent in a conversation that was taken, and its path.
async fn talk(app: &TestApp) -> (Http, String) {
    let mut buyer = app.buyer().await;
    buyer.say(&id(1), "在吗").await;
    let agent = app.agent("guyu").await;
    let path = path_of(&buyer.conversation);
    agent.post(&format!("{path}/take"), json!({})).await.ok();
    (agent, path)
}

fn line(number: u32, text: &str) -> Value {
    json!({ "client_id": id(number), "text": text })
}

fn rules_of(findings: &Value) -> Vec<&str> {
    findings.as_array().unwrap().iter().map(|f| f["rule"].as_str().unwrap()).collect()
}

async fn texts(agent: &Http, path: &str) -> Vec<String> {
    let page = agent.get(&format!("{path}/entries?limit=200")).await.ok();
    let entries = page["entries"].as_array().unwrap().iter();
    entries.filter_map(|e| e["text"].as_str().map(str::to_owned)).collect()
}

both_dbs! {
    async fn what_a_rule_blocks_does_not_leave_and_says_why(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (agent, path) = talk(&app).await;
        let entries = format!("{path}/entries");
        let refused = agent.post(&entries, line(2, "亲，神 经 病吧")).await;
        assert_eq!(refused.refused(409), "guard_blocks");
        let found = &refused.body["params"]["findings"][0];
        assert_eq!((&found["rule"], &found["said"]), (&json!("abuse"), &json!("神 经 病")));
        assert_eq!((&found["start"], &found["end"]), (&json!(2), &json!(7)));
        let mut forced = line(2, "亲，神经病吧");
        forced["confirmed"] = json!(["abuse"]);
        forced["reason"] = json!("想发");
        assert_eq!(agent.post(&entries, forced).await.refused(409), "guard_blocks");
        // A note to colleagues and what buyers write are not looked at.
        let mut note = line(3, "这位神经病吧");
        note["lane"] = json!("staff");
        agent.post(&entries, note).await.ok();
        let mut other = app.buyer().await;
        other.say(&id(4), "你们神经病吧").await;
        assert_eq!(texts(&agent, &path).await, ["在吗"]);
        app.stop().await;
    }

    async fn what_a_rule_asks_leaves_when_confirmed_with_a_reason_and_is_noted(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (agent, path) = talk(&app).await;
        let boss = supervisor(&app).await;
        let entries = format!("{path}/entries");
        let text = "这款绝对不起球";
        let asked = agent.post(&entries, line(2, text)).await;
        assert_eq!(asked.refused(409), "guard_asks");
        let rules: Vec<String> =
            rules_of(&asked.body["params"]["findings"]).into_iter().map(str::to_owned).collect();
        assert!(rules.contains(&"ad_law".to_owned()), "{rules:?}");
        let mut sent = line(2, text);
        sent["confirmed"] = json!(rules);
        assert_eq!(agent.post(&entries, sent.clone()).await.refused(400), "bad_request");
        sent["reason"] = json!("检测报告上这样写");
        let first = agent.post(&entries, sent.clone()).await.ok();
        // The same again, also without the answer, is the same line and not judged again.
        assert_eq!(agent.post(&entries, sent).await.ok()["seq"], first["seq"]);
        assert_eq!(agent.post(&entries, line(2, text)).await.ok()["seq"], first["seq"]);
        // A warning leaves by itself and is noted.
        let warned = agent.post(&entries, line(3, "嗯")).await.ok();
        assert_eq!(agent.get(&format!("{GUARD}/notes")).await.refused(403), "forbidden");
        let notes = boss.get(&format!("{GUARD}/notes")).await.ok()["notes"].clone();
        assert_eq!(notes.as_array().unwrap().len(), rules.len() + 1);
        assert_eq!((&notes[0]["rule"], &notes[0]["reason"]), (&json!("one_word"), &Value::Null));
        assert_eq!(notes[0]["seq"], warned["seq"]);
        assert_eq!((&notes[1]["reason"], &notes[1]["agent"]), (&json!("检测报告上这样写"), &json!("谷雨")));
        assert_eq!(notes[1]["seq"], first["seq"]);
        app.stop().await;
    }

    async fn a_desk_on_a_socket_is_asked_and_answers(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (_, path) = talk(&app).await;
        let mut desk = app.desk("guyu").await;
        let conversation = path.rsplit('/').next().unwrap();
        let mut send = json!({ "t": "send", "conversation": conversation, "id": id(2), "text": "质量最好的" });
        desk.socket.say(&send).await;
        let nack = desk.socket.wait_for("the question", |f| f["t"] == "nack").await;
        assert_eq!(nack["error"]["code"], "guard_asks");
        send["confirmed"] = json!(["ad_law"]);
        send["reason"] = json!("引用评价");
        desk.socket.say(&send).await;
        desk.socket.wait_for("the answer", |f| f["t"] == "ack").await;
        app.stop().await;
    }

    async fn rules_and_words_hold_from_their_moment_on_for_those_with_the_right(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (agent, path) = talk(&app).await;
        let boss = supervisor(&app).await;
        let rule = format!("{GUARD}/rules/ad_law");
        assert_eq!(agent.put(&rule, json!({ "level": "off" })).await.refused(403), "forbidden");
        assert_eq!(boss.put(&rule, json!({ "level": "block" })).await.refused(400), "bad_request");
        let told = boss.put(&rule, json!({ "level": "warn" })).await.ok();
        let ad_law = told["rules"].as_array().unwrap().iter().find(|r| r["rule"] == "ad_law").unwrap();
        assert_eq!((&ad_law["level"], &ad_law["default"], &ad_law["strictest"]), (&json!("warn"), &json!("ask"), &json!("ask")));
        let entries = format!("{path}/entries");
        agent.post(&entries, line(2, "这是质量最好的")).await.ok();
        let house = format!("{GUARD}/rules/house_word/words");
        let word = json!({ "word": "{双十一|618}价", "better": "活动价" });
        let made = boss.post(&house, word.clone()).await.ok();
        assert_eq!(boss.post(&house, word).await.refused(409), "name_taken");
        let bad = boss.post(&house, json!({ "word": "{好" })).await;
        assert_eq!((bad.refused(400), &bad.body["params"]["reason"]), ("bad_request", &json!("braces")));
        let asked = agent.post(&entries, line(3, "等６１８价吧")).await;
        assert_eq!(asked.refused(409), "guard_asks");
        assert_eq!(asked.body["params"]["findings"][0]["better"], "活动价");
        let exception = json!({ "word": "618价保", "exempt": true });
        boss.post(&house, exception).await.ok();
        agent.post(&entries, line(4, "有618价保的")).await.ok();
        boss.post(&format!("{GUARD}/words/{}/end", made["id"]), json!({})).await.ok();
        agent.post(&entries, line(5, "等618价吧")).await.ok();
        let later = app.clock.now().plus(Span::minutes(60)).micros();
        boss.put(&format!("{GUARD}/rules/one_word"), json!({ "level": "ask", "valid_from": later })).await.ok();
        agent.post(&entries, line(6, "嗯")).await.ok();
        app.clock.advance(Span::minutes(61));
        assert_eq!(agent.post(&entries, line(7, "嗯")).await.refused(409), "guard_asks");
        app.stop().await;
    }

    async fn another_server_renews_its_rules_by_itself(db: TestDb) {
        let app = TestApp::start(&db).await;
        let shop = app.shop().await.id;
        let boss = supervisor(&app).await;
        let elsewhere = xiaoer_app::App::new(
            app.app().db.clone(), app.app().clock.clone(), app.app().chance.clone(), app.app().limits,
        );
        assert!(elsewhere.guard_text(shop, None, "价保").await.unwrap().is_empty());
        boss.post(&format!("{GUARD}/rules/house_word/words"), json!({ "word": "价保" })).await.ok();
        app.clock.advance(Span::seconds(3));
        assert_eq!(elsewhere.guard_text(shop, None, "价保").await.unwrap().len(), 1);
        app.stop().await;
    }

    async fn a_marketplace_blocks_what_a_shop_of_its_own_says(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (agent, path) = talk(&app).await;
        let check = format!("{path}/guard");
        let text = json!({ "text": "加我微信 xm8823 发您细节图" });
        assert_eq!(agent.post(&check, text.clone()).await.ok()["findings"], json!([]));
        app.app().set_setting(&*app.shop().await, "shop_kind", "mall").await.unwrap();
        app.clock.advance(Span::seconds(6));
        let found = agent.post(&check, text).await.ok();
        assert_eq!((&found["findings"][0]["rule"], &found["findings"][0]["level"]), (&json!("contact"), &json!("block")));
        app.stop().await;
    }

    async fn words_go_out_and_come_in_as_a_sheet(db: TestDb) {
        let app = TestApp::start(&db).await;
        let boss = supervisor(&app).await;
        let csv = "rule,kind,word,better\nhouse_word,word,价保,\nhouse_word,exception,无价保,\nnone,word,x,\nad_law,word,{x,\n";
        let import = format!("{GUARD}/import");
        let told = boss.post(&import, json!({ "csv": csv })).await.ok();
        assert_eq!((&told["added"], &told["same"]), (&json!(2), &json!(0)));
        assert_eq!(told["refused"], json!([{ "line": 4, "reason": "bad_rule" }, { "line": 5, "reason": "braces" }]));
        let sheet = boss.get(&format!("{GUARD}/export")).await.text;
        let told = boss.post(&import, json!({ "csv": sheet })).await.ok();
        assert_eq!((&told["added"], &told["same"], &told["refused"]), (&json!(0), &json!(2), &json!([])));
        let found = boss.post(&format!("{GUARD}/test"), json!({ "text": "价保，无价保" })).await.ok();
        assert_eq!(rules_of(&found["findings"]), ["house_word"]);
        app.stop().await;
    }

    async fn a_trial_tells_what_rules_would_have_done_and_is_the_shops_own(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.other_shop().await;
        let (agent, path) = talk(&app).await;
        let boss = supervisor(&app).await;
        for (number, text) in [(2, "这款有价保的"), (3, "今天发货"), (4, "也有价保哦")] {
            agent.post(&format!("{path}/entries"), line(number, text)).await.ok();
        }
        let trials = format!("{GUARD}/trials");
        let body = json!({ "days": 30, "rule": "house_word", "words": ["价保"], "level": "block" });
        assert_eq!(agent.post(&trials, body.clone()).await.refused(403), "forbidden");
        let begun = boss.post(&trials, body).await.ok();
        let one = format!("{trials}/{}", begun["id"]);
        let told = until("the trial ends", || async { boss.get(&one).await.ok() }, |t| t["state"] != "running").await;
        assert_eq!((&told["state"], &told["messages"], &told["stopped"]), (&json!("done"), &json!(3), &json!(2)));
        assert_eq!((&told["rules"][0]["messages"], &told["percent"]), (&json!(2), &json!(100)));
        assert_eq!(told["rules"][0]["examples"][0]["text"], "也有价保哦");
        // What is tried does not hold.
        agent.post(&format!("{path}/entries"), line(5, "还有价保")).await.ok();
        app.person_of(OTHER, "stranger", &[Role::Owner]).await;
        let stranger = app.http.bearer(&app.sign_in("stranger").await);
        let theirs = format!("/shops/{OTHER}/guard/trials");
        assert_eq!(stranger.get(&format!("{theirs}/{}", begun["id"])).await.refused(404), "not_found");
        let begun = stranger.post(&theirs, json!({ "days": 30 })).await.ok();
        let one = format!("{theirs}/{}", begun["id"]);
        let told = until("the trial ends", || async { stranger.get(&one).await.ok() }, |t| t["state"] != "running").await;
        assert_eq!(told["messages"], 0, "{SHOP}'s messages are not theirs");
        app.stop().await;
    }
}
