//! Phrases, drafts, remarks and earlier sessions, through the doors.

use serde_json::{Value, json};
use xiaoer_domain::team::Role;
use xiaoer_domain::time::Span;
use xiaoer_testkit::client::Http;
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{OTHER, SHOP, TestApp, id, path_of};

const PHRASES: &str = "/shops/demo/phrases";

async fn leader(app: &TestApp) -> Http {
    app.person("leader", &[Role::Agent, Role::Leader]).await;
    app.http.bearer(&app.sign_in("leader").await)
}

fn phrase(scope: &str, code: &str, text: &str) -> Value {
    json!({ "scope": scope, "folder": null, "code": code, "title": "", "text": text })
}

async fn titles(http: &Http) -> Vec<String> {
    let all = http.get(PHRASES).await.ok();
    let titles = all["phrases"].as_array().unwrap().iter();
    titles.map(|p| p["title"].as_str().unwrap().to_owned()).collect()
}

both_dbs! {
    async fn the_shops_library_is_read_by_all_and_written_by_those_with_the_right(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (leader, agent) = (leader(&app).await, app.agent("guyu").await);
        let refused = agent.post(PHRASES, phrase("shop", "zd", "在的，您说")).await;
        assert_eq!(refused.refused(403), "forbidden");
        assert_eq!(refused.body["params"]["right"], "manage_phrases");
        let made = leader.post(PHRASES, phrase("shop", "ZD", "在的，您说")).await.ok();
        assert_eq!((&made["code"], &made["title"]), (&json!("zd"), &json!("在的，您说")));
        assert!(made["pinyin"].as_str().unwrap().starts_with("zai "));
        let again = leader.post(PHRASES, phrase("shop", "zd", "另一句")).await;
        assert_eq!(again.refused(409), "name_taken");
        agent.post(PHRASES, phrase("personal", "zd", "我自己的")).await.ok();
        assert_eq!(titles(&agent).await, ["在的，您说", "我自己的"]);
        assert_eq!(titles(&leader).await, ["在的，您说"]);
        let one = format!("{PHRASES}/{}", made["id"]);
        assert_eq!(agent.post(&format!("{one}/remove"), json!({})).await.refused(403), "forbidden");
        agent.post(&format!("{one}/used"), json!({})).await.ok();
        assert_eq!(agent.get(PHRASES).await.ok()["phrases"][0]["uses"], 1);
        assert_eq!(leader.get(PHRASES).await.ok()["phrases"][0]["uses"], 0);
        let mut changed = phrase("shop", "zd", "在的");
        changed["title"] = json!("问候");
        leader.put(&one, changed).await.ok();
        leader.post(&format!("{one}/remove"), json!({})).await.ok();
        assert_eq!(leader.post(&format!("{one}/remove"), json!({})).await.refused(404), "not_found");
        assert_eq!(titles(&agent).await, ["我自己的"]);
        app.stop().await;
    }

    async fn what_is_no_phrase_changes_nothing(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("guyu").await;
        let long = "长".repeat(2001);
        for (code, text, word) in [
            ("", " ", "empty_text"),
            ("", long.as_str(), "too_long"),
            ("a b", "好", "bad_request"),
        ] {
            let answer = agent.post(PHRASES, phrase("personal", code, text)).await;
            assert_eq!(answer.refused(400), word);
        }
        let mut lost = phrase("personal", "", "好");
        lost["folder"] = json!(999_999);
        assert_eq!(agent.post(PHRASES, lost).await.refused(400), "bad_request");
        assert_eq!(agent.post(PHRASES, phrase("mine", "", "好")).await.refused(400), "bad_request");
        assert!(titles(&agent).await.is_empty());
        app.stop().await;
    }

    async fn a_phrase_outside_its_time_is_not_used(db: TestDb) {
        let app = TestApp::start(&db).await;
        let leader = leader(&app).await;
        let now = app.clock.now().micros();
        let hour = 3_600_000_000_i64;
        let mut body = phrase("shop", "sale", "今晚八点满减，{买家}可以先收藏");
        body["valid_from"] = json!(now + hour);
        body["valid_to"] = json!(now + 2 * hour);
        let made = leader.post(PHRASES, body.clone()).await.ok();
        assert_eq!((&made["standing"], &made["mine"]), (&json!("early"), &json!(true)));
        let used = format!("{PHRASES}/{}/used", made["id"]);
        let early = leader.post(&used, json!({})).await;
        assert_eq!(early.refused(409), "phrase_expired");
        assert_eq!(early.body["params"]["standing"], "early");
        app.clock.advance(Span::minutes(60));
        leader.post(&used, json!({})).await.ok();
        app.clock.advance(Span::minutes(60));
        assert_eq!(leader.post(&used, json!({})).await.refused(409), "phrase_expired");
        let all = leader.get(PHRASES).await.ok();
        assert_eq!((&all["phrases"][0]["standing"], &all["expired_mine"]), (&json!("expired"), &json!(1)));
        let agent = app.agent("guyu").await;
        assert_eq!(agent.get(PHRASES).await.ok()["expired_mine"], 0, "only who wrote it mends it");
        body["valid_to"] = json!(now);
        assert_eq!(leader.post(PHRASES, body).await.refused(400), "bad_request");
        app.stop().await;
    }

    async fn a_send_that_names_its_phrase_is_counted_and_leaves_only_in_its_time(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (leader, agent) = (leader(&app).await, app.available("guyu").await);
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "在吗").await;
        let folders = "/shops/demo/phrase-folders";
        let folder = leader.post(folders, json!({ "scope": "shop", "parent": null, "name": "活动" })).await.ok();
        let mut body = phrase("shop", "sale", "{店铺}今晚满减，可以先收藏");
        body["folder"] = folder["id"].clone();
        body["valid_to"] = json!(app.clock.now().micros() + 3_600_000_000_i64);
        let made = leader.post(PHRASES, body).await.ok();
        let entries = format!("{}/entries", path_of(&buyer.conversation));
        let send = |number: u32, text: &str| json!({ "client_id": id(number), "text": text, "phrase": made["id"] });
        let shop = app.shop().await.name.clone();
        let as_written = send(2, &format!("{shop}今晚满减，可以先收藏"));
        let first = agent.post(&entries, as_written.clone()).await.ok();
        agent.post(&entries, send(3, "今晚有活动，可以先收藏哦")).await.ok();
        let mut note = send(4, "用过话术");
        note["lane"] = json!("staff");
        agent.post(&entries, note).await.ok();
        let usage = agent.get(&format!("{PHRASES}/usage")).await.ok();
        assert_eq!(usage["phrases"], json!([{ "id": made["id"], "said": 2, "edited": 1 }]));
        assert_eq!(agent.get(PHRASES).await.ok()["phrases"][0]["uses"], 2);
        app.clock.advance(Span::minutes(60));
        let late = agent.post(&entries, send(5, "今晚满减")).await;
        assert_eq!(late.refused(409), "phrase_expired");
        let params = &late.body["params"];
        assert_eq!((&params["phrase"], &params["folder"], &params["scope"]), (&json!("sale"), &json!("活动"), &json!("shop")));
        assert_eq!(agent.post(&entries, as_written).await.ok()["seq"], first["seq"], "a repeated send is the same line");
        let foreign = leader.post(PHRASES, phrase("personal", "", "我自己的")).await.ok();
        let mut theirs = send(6, "我自己的");
        theirs["phrase"] = foreign["id"].clone();
        assert_eq!(agent.post(&entries, theirs).await.refused(404), "not_found");
        assert_eq!(agent.get(&format!("{PHRASES}/usage?days=91")).await.refused(400), "bad_request");
        app.stop().await;
    }

    async fn a_groups_library_is_read_by_its_members_and_by_those_who_write_it(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.person("boss", &[Role::Supervisor, Role::Leader]).await;
        let boss = app.http.bearer(&app.sign_in("boss").await);
        let (member, other) = (app.agent("guyu").await, app.agent("xiaoman").await);
        let own = member.get("/me").await.ok()["account"]["id"].clone();
        let group = json!({ "name": "售后组", "stage": null, "strategy": "least_loaded", "last_agent_first": true, "members": [own] });
        let groups = boss.post("/shops/demo/groups", group).await.ok();
        let id = groups["groups"][0]["id"].as_str().unwrap_or_default().trim_start_matches("grp_").to_owned();
        let scope = format!("group:{id}");
        assert_eq!(member.post(PHRASES, phrase(&scope, "th", "退货请贴好单号")).await.refused(403), "forbidden");
        let made = boss.post(PHRASES, phrase(&scope, "th", "退货请贴好单号")).await.ok();
        assert_eq!(made["scope"], scope);
        assert_eq!(boss.post(PHRASES, phrase("group:999999", "", "好")).await.refused(400), "bad_request");
        assert_eq!((titles(&member).await.len(), titles(&other).await.len(), titles(&boss).await.len()), (1, 0, 1));
        let seen = |all: &Value| all["groups"].as_array().unwrap().iter().map(|g| g["member"].clone()).collect::<Vec<_>>();
        assert_eq!(seen(&member.get(PHRASES).await.ok()), [json!(true)]);
        assert_eq!(seen(&boss.get(PHRASES).await.ok()), [json!(false)]);
        let used = format!("{PHRASES}/{}/used", made["id"]);
        member.post(&used, json!({})).await.ok();
        assert_eq!(other.post(&used, json!({})).await.refused(404), "not_found");
        let out = member.get(&format!("{PHRASES}/export?scope={scope}")).await.text;
        assert!(out.contains("退货请贴好单号"), "{out}");
        app.stop().await;
    }

    async fn a_preview_fills_in_what_is_known_and_names_what_is_not(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("guyu").await;
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "在吗").await;
        let body = json!({ "text": "{客服}：{订单号} {courier}", "conversation": buyer.conversation });
        let filled = agent.post(&format!("{PHRASES}/preview"), body).await.ok();
        assert_eq!(filled["text"], "谷雨：{订单号} {courier}");
        assert_eq!(filled["missing"], json!(["order.number", "courier"]));
        let unknown = phrase("personal", "", "{折扣}");
        assert_eq!(agent.post(PHRASES, unknown).await.refused(400), "bad_request");
        app.stop().await;
    }

    async fn the_starter_library_adds_and_leaves_what_stands_there(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (leader, agent) = (leader(&app).await, app.agent("guyu").await);
        leader.post(PHRASES, phrase("shop", "hy1", "我们自己的欢迎")).await.ok();
        let starter = format!("{PHRASES}/starter");
        let body = json!({ "scope": "shop", "lang": "zh-CN" });
        assert_eq!(agent.post(&starter, body.clone()).await.refused(403), "forbidden");
        let told = leader.post(&starter, body.clone()).await.ok();
        assert_eq!((&told["changed"], &told["same"], &told["refused"]), (&json!(0), &json!(1), &json!([])));
        assert!(told["added"].as_i64().unwrap() >= 200, "{told}");
        let again = leader.post(&starter, body).await.ok();
        assert_eq!((&again["added"], &again["changed"]), (&json!(0), &json!(0)));
        let all = leader.get(PHRASES).await.ok();
        let ours = all["phrases"].as_array().unwrap().iter().find(|p| p["code"] == "hy1").unwrap();
        assert_eq!(ours["text"], "我们自己的欢迎");
        let other = json!({ "scope": "shop", "lang": "fr" });
        assert_eq!(leader.post(&starter, other).await.refused(400), "bad_request");
        app.stop().await;
    }

    async fn a_library_goes_out_and_comes_back_as_a_document(db: TestDb) {
        let app = TestApp::start(&db).await;
        let leader = leader(&app).await;
        let sheet = "文件夹,快捷码,内容,失效时间,商品\n售前,zd,在的 <您> & 说,2030-11-11,K-1\n售前,b,{折扣},,\n售前,c,好,2030-13-01,\n";
        let import = format!("{PHRASES}/import");
        let told = leader.post(&import, json!({ "scope": "shop", "csv": sheet })).await.ok();
        assert_eq!(told["refused"], json!([
            { "line": 3, "reason": "bad_variable" }, { "line": 4, "reason": "bad_validity" },
        ]));
        let out = leader.get(&format!("{PHRASES}/export?scope=shop&form=xml")).await.text;
        assert!(out.contains("to=\"2030-11-12 00:00\""), "{out}");
        let told = leader.post(&import, json!({ "scope": "shop", "csv": out })).await.ok();
        assert_eq!((&told["same"], &told["added"]), (&json!(1), &json!(0)), "{told}");
        let plain = "code,text\nzd,在的\n";
        leader.post(&import, json!({ "scope": "shop", "csv": plain })).await.ok();
        let kept = leader.get(PHRASES).await.ok();
        assert_eq!(kept["phrases"][0]["sku"], "K-1", "a sheet that does not speak of it leaves it");
        assert!(kept["phrases"][0]["valid_to"].is_i64());
        app.stop().await;
    }

    async fn a_folder_is_removed_only_when_it_is_empty(db: TestDb) {
        let app = TestApp::start(&db).await;
        let leader = leader(&app).await;
        let folders = format!("/shops/{SHOP}/phrase-folders");
        let top = json!({ "scope": "shop", "parent": null, "name": "售前" });
        let top_id = leader.post(&folders, top.clone()).await.ok()["id"].clone();
        assert_eq!(leader.post(&folders, top).await.refused(409), "name_taken");
        let inner = json!({ "scope": "shop", "parent": top_id, "name": "问候" });
        let inner = leader.post(&folders, inner).await.ok()["id"].clone();
        let foreign = json!({ "scope": "personal", "parent": top_id, "name": "我的" });
        assert_eq!(leader.post(&folders, foreign).await.refused(400), "bad_request");
        let remove = |id: &Value| format!("{folders}/{id}/remove");
        assert_eq!(leader.post(&remove(&top_id), json!({})).await.refused(409), "not_empty");
        let name = json!({ "scope": "shop", "parent": null, "name": "打招呼" });
        leader.put(&format!("{folders}/{inner}"), name).await.ok();
        leader.post(&remove(&inner), json!({})).await.ok();
        leader.post(&remove(&top_id), json!({})).await.ok();
        assert_eq!(leader.get(PHRASES).await.ok()["folders"], json!([]));
        app.stop().await;
    }

    async fn a_sheet_adds_and_changes_and_tells_what_it_left_out(db: TestDb) {
        let app = TestApp::start(&db).await;
        let leader = leader(&app).await;
        let import = format!("{PHRASES}/import");
        let sheet = "文件夹,快捷码,标题,内容\n售前/问候,zd,在的,在的，您说\n售前,,尺码,这款建议选大一码\n,x,空的,\n物流,zd,重复,又一次\n";
        let body = json!({ "scope": "shop", "csv": sheet });
        let told = leader.post(&import, body.clone()).await.ok();
        assert_eq!((&told["added"], &told["changed"], &told["same"]), (&json!(2), &json!(0), &json!(0)));
        assert_eq!(told["refused"], json!([
            { "line": 4, "reason": "empty_text" }, { "line": 5, "reason": "code_twice" },
        ]));
        let told = leader.post(&import, body).await.ok();
        assert_eq!((&told["added"], &told["same"]), (&json!(0), &json!(2)));
        let changed = json!({ "scope": "shop", "csv": "售前/问候,zd,在的,在呢" });
        assert_eq!(leader.post(&import, changed).await.ok()["changed"], 1);
        let exported = leader.get(&format!("{PHRASES}/export?scope=shop")).await;
        assert_eq!(exported.status, 200);
        assert!(exported.text.contains("售前/问候,zd,在的,在呢"), "{}", exported.text);
        let agent = app.agent("guyu").await;
        let body = json!({ "scope": "shop", "csv": "a,b,c" });
        assert_eq!(agent.post(&import, body).await.refused(403), "forbidden");
        app.stop().await;
    }

    async fn a_library_that_is_the_same_is_not_sent_again(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("guyu").await;
        agent.post(PHRASES, phrase("personal", "", "好的")).await.ok();
        let first = agent.get(PHRASES).await;
        let tag = first.headers.get("etag").unwrap().to_str().unwrap().to_owned();
        let knows = agent.with("if-none-match", tag.clone());
        assert_eq!(knows.get(PHRASES).await.status, 304);
        agent.post(PHRASES, phrase("personal", "", "再一句")).await.ok();
        assert_eq!(knows.get(PHRASES).await.status, 200);
        app.stop().await;
    }

    async fn phrases_of_another_shop_are_not_there(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.other_shop().await;
        let leader = leader(&app).await;
        let made = leader.post(PHRASES, phrase("shop", "", "好的")).await.ok();
        app.person_of(OTHER, "stranger", &[Role::Owner]).await;
        let stranger = app.http.bearer(&app.sign_in("stranger").await);
        let theirs = format!("/shops/{OTHER}/phrases");
        assert_eq!(stranger.get(&theirs).await.ok()["phrases"], json!([]));
        let remove = format!("{theirs}/{}/remove", made["id"]);
        assert_eq!(stranger.post(&remove, json!({})).await.refused(404), "not_found");
        app.stop().await;
    }

    async fn a_draft_follows_its_agent_to_another_desk_and_nobody_else(db: TestDb) {
        let app = TestApp::start(&db).await;
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "在吗").await;
        let path = format!("{}/draft", path_of(&buyer.conversation));
        let (me, other) = (app.agent("guyu").await, app.agent("xiaoman").await);
        let mut desk = app.desk("guyu").await;
        me.put(&path, json!({ "lane": "buyer", "text": "亲，这" })).await.ok();
        let told = desk.socket.wait_for("the draft", |f| f["t"] == "draft").await;
        assert_eq!(told["draft"]["text"], "亲，这");
        me.put(&path, json!({ "lane": "staff", "text": "老客" })).await.ok();
        let drafts = format!("/shops/{SHOP}/drafts");
        let kept = me.get(&drafts).await.ok();
        let texts: Vec<&Value> = kept["drafts"].as_array().unwrap().iter().map(|d| &d["text"]).collect();
        assert_eq!(texts, ["亲，这", "老客"]);
        assert_eq!(other.get(&drafts).await.ok()["drafts"], json!([]));
        me.put(&path, json!({ "lane": "buyer", "text": "" })).await.ok();
        assert_eq!(me.get(&drafts).await.ok()["drafts"].as_array().unwrap().len(), 1);
        let long = json!({ "lane": "buyer", "text": "长".repeat(8001) });
        assert_eq!(me.put(&path, long).await.refused(400), "too_long");
        app.stop().await;
    }

    async fn a_remark_on_a_buyer_is_kept_with_its_author(db: TestDb) {
        let app = TestApp::start(&db).await;
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "在吗").await;
        let path = format!("{}/remark", path_of(&buyer.conversation));
        let agent = app.agent("guyu").await;
        assert_eq!(agent.get(&path).await.ok()["text"], "");
        agent.put(&path, json!({ "text": " 爱问面料 " })).await.ok();
        let kept = agent.get(&path).await.ok();
        assert_eq!((&kept["text"], &kept["author"]), (&json!("爱问面料"), &json!("谷雨")));
        let long = json!({ "text": "长".repeat(501) });
        assert_eq!(agent.put(&path, long).await.refused(400), "too_long");
        app.stop().await;
    }

    async fn earlier_sessions_tell_where_they_begin(db: TestDb) {
        let app = TestApp::start(&db).await;
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "在吗").await;
        let agent = app.agent("guyu").await;
        let path = path_of(&buyer.conversation);
        agent.post(&format!("{path}/take"), json!({})).await.ok();
        agent.post(&format!("{path}/close"), json!({})).await.ok();
        app.clock.advance(Span::minutes(5));
        let seq = buyer.say(&id(2), "又来了").await;
        let past = agent.get(&format!("{path}/sessions")).await.ok();
        let sessions = past["sessions"].as_array().unwrap();
        assert_eq!(sessions.len(), 2);
        assert!(sessions[0]["seq"].as_i64().unwrap() <= seq);
        assert!(sessions[0]["seq"].as_i64().unwrap() > 3, "{past}");
        assert_eq!((&sessions[1]["seq"], &sessions[1]["agent"]), (&json!(1), &json!("谷雨")));
        assert_eq!(agent.get(&format!("{path}/sessions?cursor=x")).await.refused(400), "bad_request");
        app.stop().await;
    }
}
