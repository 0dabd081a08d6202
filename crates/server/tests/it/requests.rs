//! HTTP calls that are not as they must be: each is refused in the form of section 3, and stores nothing.

use serde_json::{Value, json};
use xiaoer_domain::team::Role;
use xiaoer_testkit::client::{Answer, Buyer, Http, Refused, Socket, word_of};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{OTHER, SHOP, TestApp, id, path_of, undisturbed};

async fn raw(http: &Http, method: &str, path: &str, body: &[u8]) -> Answer {
    http.raw(method, path, Some(body.to_vec())).await.unwrap()
}

both_dbs! {
    async fn a_body_that_is_none_is_refused(db: TestDb) {
        let app = TestApp::start(&db).await;
        let buyer = app.buyer().await;
        let visitor = app.http.visitor(&buyer.token);
        let bodies: [&[u8]; 9] = [
            b"",
            b"{",
            b"[]",
            b"null",
            b"7",
            b"{}",
            b"{\"client_id\":7,\"text\":\"x\"}",
            b"{\"client_id\":\"line.000001\",\"text\":null}",
            b"\xff\xfe{\"client_id\":\"line.000001\",\"text\":\"x\"}",
        ];
        undisturbed(&app, async {
            for body in bodies {
                for path in ["entries", "read"] {
                    let path = format!("/api/v1/widget/{SHOP}/{path}");
                    assert_eq!(raw(&visitor, "POST", &path, body).await.refused(400), "bad_request");
                }
                let answer = raw(&app.http, "POST", "/api/v1/sign-in", body).await;
                assert_eq!(answer.refused(400), "bad_request");
            }
            let form = visitor.with("content-type", "text/plain");
            let answer = form.raw("POST", &format!("/api/v1/widget/{SHOP}/entries"), None).await;
            assert_eq!(answer.unwrap().refused(400), "bad_request");
        })
        .await;
        assert_eq!(app.buyer_again(&buyer.token, 0).await.welcome["last_seq"], 0);
        app.stop().await;
    }

    async fn a_body_beyond_the_limit_is_refused_before_it_is_read(db: TestDb) {
        let app = TestApp::start(&db).await;
        let buyer = app.buyer().await;
        let visitor = app.http.visitor(&buyer.token);
        let body = json!({ "client_id": id(1), "text": "x".repeat(70_000) }).to_string();
        let huge = "x".repeat(8 << 20);
        undisturbed(&app, async {
            for body in [&body, &huge] {
                let path = format!("/api/v1/widget/{SHOP}/entries");
                let answer = visitor.raw("POST", &path, Some(body.clone().into_bytes())).await;
                // Beyond a few megabytes the server may hang up while we still write.
                if let Ok(answer) = answer {
                    assert_eq!(answer.refused(413), "too_big");
                } else {
                    assert!(body.len() > 1 << 20);
                }
            }
        })
        .await;
        assert_eq!(app.buyer_again(&buyer.token, 0).await.welcome["last_seq"], 0);
        app.stop().await;
    }

    async fn parameters_out_of_form_are_named(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("xiaoman").await;
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "在吗").await;
        let cnv = path_of(&buyer.conversation);
        let get = [
            format!("/shops/{SHOP}/conversations"),
            format!("/shops/{SHOP}/conversations?list=theirs"),
            format!("/shops/{SHOP}/conversations?list=all&cursor=nonsense"),
            format!("/shops/{SHOP}/conversations?list=all&limit=many"),
            format!("{cnv}/entries?after=x"),
            format!("{cnv}/entries?lane=secret"),
            format!("/shops/{SHOP}/search"),
            format!("/shops/{SHOP}/search?q=x&cursor=nonsense"),
            format!("/shops/{SHOP}/updates?wait=-1"),
        ];
        for path in get {
            let answer = agent.get(&path).await;
            assert_eq!(answer.refused(400), "bad_request", "{path}");
            assert!(answer.body["params"]["field"].is_string(), "{path}: {}", answer.text);
        }
        let recall = json!({ "client_id": id(2) });
        for seq in ["x", "1.5", "99999999999999999999"] {
            let answer = agent.post(&format!("{cnv}/entries/{seq}/recall"), recall.clone()).await;
            assert_eq!(answer.refused(400), "bad_request", "{seq}");
        }
        let state = json!({ "state": "asleep" });
        let answer = agent.put(&format!("/shops/{SHOP}/me/state"), state).await;
        assert_eq!(answer.refused(400), "bad_request");
        assert_eq!(answer.body["params"]["field"], "state");
        let answer = agent.post(&format!("{cnv}/hand-over"), json!({ "to": "somebody" })).await;
        assert_eq!(answer.refused(400), "bad_request");
        app.stop().await;
    }

    async fn numbers_at_the_edge_break_nothing(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.available("xiaoman").await;
        let mut buyer = app.buyer().await;
        let seq = buyer.say(&id(1), "在吗").await;
        let (visitor, cnv) = (app.http.visitor(&buyer.token), path_of(&buyer.conversation));
        for edge in [i64::MAX, i64::MIN, -1] {
            for path in [
                format!("{cnv}/entries?after={edge}"),
                format!("{cnv}/entries?before={edge}"),
                format!("{cnv}/entries?limit={edge}"),
                format!("/shops/{SHOP}/conversations?list=all&cursor={edge}.{edge}"),
                format!("/shops/{SHOP}/updates?watch={}&after={edge}", buyer.conversation),
                format!("/shops/{SHOP}/search?q=x&cursor={edge}&limit={edge}"),
                format!("{cnv}/orders?limit={edge}"),
            ] {
                agent.get(&path).await.ok();
            }
            visitor.get(&format!("/widget/{SHOP}/updates?after={edge}")).await.ok();
            let marks = visitor.post(&format!("/widget/{SHOP}/read"), json!({ "seq": edge })).await;
            assert_eq!(marks.ok()["marks"]["buyer"], seq, "nobody reads beyond the end");
            let marks = agent.post(&format!("{cnv}/read"), json!({ "seq": edge })).await;
            assert!(marks.ok()["marks"]["staff"].as_i64().unwrap() <= seq);
            let recall = format!("/widget/{SHOP}/entries/{edge}/recall");
            let answer = visitor.post(&recall, json!({ "client_id": id(2) })).await;
            assert_eq!(answer.refused(404), "not_found");
        }
        app.stop().await;
    }

    async fn a_route_that_is_not_there_says_so(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("xiaoman").await;
        for (method, path) in [
            ("GET", "/api/v1/nothing".to_owned()),
            ("POST", format!("/api/v1/shops/{SHOP}/nothing")),
            ("DELETE", format!("/api/v1/shops/{SHOP}/agents")),
            ("GET", "/api/v1/sign-in".to_owned()),
            ("POST", "/api/v1/me".to_owned()),
            ("PATCH", format!("/api/v1/widget/{SHOP}/entries")),
            ("GET", "/api/v1".to_owned()),
        ] {
            let answer = agent.raw(method, &path, None).await.unwrap();
            assert_eq!(answer.refused(404), "not_found", "{method} {path}");
        }
        app.stop().await;
    }

    async fn a_door_for_sockets_refuses_plain_requests_in_our_words(db: TestDb) {
        let app = TestApp::start(&db).await;
        for path in ["/ws/widget/demo", "/ws/desk/demo"] {
            let answer = app.http.raw("GET", path, None).await.unwrap();
            assert_eq!(answer.refused(400), "bad_request", "{path}");
        }
        app.stop().await;
    }

    async fn a_conversation_of_another_shop_is_not_there(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.other_shop().await;
        let mut elsewhere = Buyer::join(app.base(), OTHER, json!({})).await;
        elsewhere.say(&id(1), "别家的秘密").await;
        app.person("owner", &[Role::Owner]).await;
        let owner = app.http.bearer(&app.sign_in("owner").await);
        let other = format!("/shops/{OTHER}/conversations/{}", elsewhere.conversation);
        let send = json!({ "client_id": id(9), "text": "x" });
        for base in [path_of(&elsewhere.conversation), other] {
            for path in ["", "/entries", "/orders"] {
                let answer = owner.get(&format!("{base}{path}")).await;
                assert_eq!(answer.refused(404), "not_found", "{path}");
            }
            for (path, body) in [
                ("entries", send.clone()),
                ("entries/1/recall", json!({ "client_id": id(9) })),
                ("read", json!({ "seq": 1 })),
                ("take", json!({})),
                ("close", json!({})),
            ] {
                let answer = owner.post(&format!("{base}/{path}"), body).await;
                assert_eq!(answer.refused(404), "not_found", "{path}");
            }
        }
        let watch = format!("/shops/{SHOP}/updates?watch={}", elsewhere.conversation);
        assert_eq!(owner.get(&watch).await.refused(404), "not_found");
        let found = owner.get(&format!("/shops/{SHOP}/conversations?list=all")).await.ok();
        assert_eq!(found["rows"], json!([]));
        for path in ["conversations?list=all", "agents", "search?q=x", "updates", "orders/1"] {
            let answer = owner.get(&format!("/shops/{OTHER}/{path}")).await;
            assert_eq!(answer.refused(404), "not_found", "{path}");
        }
        // A visitor's token opens its own shop only.
        let visitor = app.http.visitor(&elsewhere.token);
        let answer = visitor.get(&format!("/widget/{SHOP}/updates")).await;
        assert_eq!(answer.refused(401), "not_signed_in");
        let hello = json!({ "token": elsewhere.token });
        let answer = app.http.post(&format!("/widget/{SHOP}/hello"), hello).await;
        assert_eq!(answer.refused(401), "not_signed_in");
        app.stop().await;
    }

    async fn without_a_proof_there_is_no_answer(db: TestDb) {
        let app = TestApp::start(&db).await;
        let buyer = app.buyer().await;
        let agent = app.agent("xiaoman").await;
        let sign_in = app.sign_in("xiaoman").await;
        let proofs = [
            app.http.clone(),
            app.http.bearer("nonsense"),
            app.http.bearer(""),
            app.http.bearer(&buyer.token),
            app.http.visitor(&sign_in),
            app.http.with("authorization", "Basic eDp5"),
            app.http.with("cookie", "xiaoer_session="),
            app.http.with("cookie", "xiaoer_session=汉字"),
            app.http.with("cookie", format!("xiaoer_session={}", buyer.token)),
        ];
        for proof in &proofs {
            for path in ["/me".to_owned(), format!("/shops/{SHOP}/conversations?list=all")] {
                assert_eq!(proof.get(&path).await.refused(401), "not_signed_in");
            }
            let answer = proof.get(&format!("/widget/{SHOP}/updates")).await;
            assert_eq!(answer.refused(401), "not_signed_in");
        }
        // A token in an address counts nowhere.
        let path = format!("/widget/{SHOP}/updates?token={}", buyer.token);
        assert_eq!(app.http.get(&path).await.refused(401), "not_signed_in");
        agent.get("/me").await.ok();
        app.stop().await;
    }

    async fn a_wrong_password_tells_nothing_and_guessing_is_slowed(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.person("xiaoman", &[Role::Agent]).await;
        app.person("gone", &[Role::Agent]).await;
        let gone = app.app().account("gone").await.unwrap().id;
        app.app().set_disabled(gone, true).await.unwrap();
        let sign_in = |login: &str, password: &str| {
            let body = json!({ "login": login, "password": password });
            async { app.http.post("/sign-in", body).await }
        };
        let known = sign_in("xiaoman", "wrong-password").await;
        let unknown = sign_in("nobody", "wrong-password").await;
        let disabled = sign_in("gone", crate::support::PASSWORD).await;
        for answer in [&known, &unknown, &disabled] {
            assert_eq!(answer.refused(401), "wrong_password");
            assert_eq!(answer.body["message"], known.body["message"]);
            assert!(answer.headers.get("set-cookie").is_none());
        }
        let mut refused = 0;
        for _ in 0..20 {
            let answer = sign_in("xiaoman", "wrong-password").await;
            refused += usize::from(answer.status == 429);
            if answer.status == 429 {
                assert_eq!(answer.refused(429), "too_fast");
                assert!(answer.body["params"]["retry_ms"].as_u64().is_some());
            }
        }
        assert!(refused > 0, "nobody slowed the guessing down");
        app.stop().await;
    }

    async fn a_cookie_counts_only_for_our_own_pages(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.person("xiaoman", &[Role::Agent]).await;
        let token = app.sign_in("xiaoman").await;
        let cookie = format!("theme=dark; xiaoer_session={token}");
        let page = app.http.with("cookie", &cookie);
        let own = format!("http://{}", app.running.address);
        let evil = ["https://evil.example", "null", "http://127.0.0.1", "file://", &own.replace("http", "https")];
        let state = format!("/shops/{SHOP}/me/state");
        let body = json!({ "state": "available" });
        for origin in &evil[..4] {
            let foreign = page.with("origin", *origin);
            let answer = foreign.put(&state, body.clone()).await;
            assert_eq!(answer.refused(403), "origin_refused", "{origin}");
            let answer = foreign.post("/sign-out", json!({})).await;
            assert_eq!(answer.refused(403), "origin_refused", "{origin}");
            for headers in [
                &[("cookie", cookie.as_str()), ("origin", *origin)][..],
            ] {
                let refused = Socket::open(app.base(), "/ws/desk/demo", headers).await.err();
                assert_eq!(refused, Some(Refused::Status(403)), "{origin}");
            }
        }
        page.with("origin", &own).put(&state, body.clone()).await.ok();
        let headers = [("cookie", cookie.as_str()), ("origin", own.as_str())];
        let mut socket = Socket::open(app.base(), "/ws/desk/demo", &headers).await.unwrap();
        socket.say(&json!({ "t": "hello", "v": 1 })).await;
        socket.wait_for_type("welcome").await;
        // What a program proves by itself needs no origin.
        app.http.bearer(&token).with("origin", "https://evil.example").put(&state, body).await.ok();
        app.stop().await;
    }

    async fn only_listed_origins_may_speak_for_buyers(db: TestDb) {
        let app = TestApp::start(&db).await;
        let shop = app.shop().await;
        app.app().set_setting(&shop, "origins", "https://shop.example").await.unwrap();
        let hello = format!("/widget/{SHOP}/hello");
        for origin in ["https://evil.example", "null", "http://shop.example", "https://shop.example.evil"] {
            let answer = app.http.with("origin", origin).post(&hello, json!({})).await;
            assert_eq!(answer.refused(403), "origin_refused", "{origin}");
            let headers = [("origin", origin)];
            let refused = Socket::open(app.base(), "/ws/widget/demo", &headers).await.err();
            assert_eq!(refused, Some(Refused::Status(403)), "{origin}");
        }
        let shop_page = app.http.with("origin", "https://shop.example");
        let answer = shop_page.post(&hello, json!({})).await;
        let allowed = answer.headers.get("access-control-allow-origin").cloned();
        answer.ok();
        assert_eq!(allowed.unwrap(), "https://shop.example");
        let headers = [("origin", "https://shop.example")];
        Socket::open(app.base(), "/ws/widget/demo", &headers).await.unwrap();
        app.stop().await;
    }

    async fn identities_that_do_not_hold_are_refused_alike(db: TestDb) {
        use xiaoer_domain::time::Span;
        let app = TestApp::start(&db).await;
        app.other_shop().await;
        let good = app.identity("17850").await;
        let expired = app.identity_for("17850", Span::minutes(30)).await;
        app.clock.advance(Span::minutes(32));
        let far = app.identity_for("17850", Span::minutes(90)).await;
        let other = app.app().shop(OTHER).await.unwrap();
        let soon = app.clock.now().plus(Span::minutes(5));
        let sign = |shop: &str| {
            xiaoer_app::customers::identity::sign("17850", "", shop, &other.identity_key, soon)
        };
        let (foreign, forged) = (sign(OTHER), sign(SHOP));
        let mut altered = app.identity("17850").await;
        let dot = altered.find('.').unwrap() + 5;
        altered.replace_range(dot..=dot, if &altered[dot..=dot] == "A" { "B" } else { "A" });
        let long = "x".repeat(10_000);
        for bad in [&good, &expired, &far, &foreign, &forged, &altered, "a.b.c", "", &long] {
            let hello = json!({ "identity": bad });
            let answer = app.http.post(&format!("/widget/{SHOP}/hello"), hello).await;
            assert_eq!(answer.refused(401), "bad_identity", "{bad:.40}");
            let mut socket = Socket::open(app.base(), "/ws/widget/demo", &[]).await.unwrap();
            socket.say(&json!({ "t": "hello", "v": 1, "identity": bad })).await;
            let (code, frames) = socket.wait_for_end().await;
            assert_eq!(code, Some(4001));
            assert_eq!(word_of(&frames.last().unwrap()["error"]), "bad_identity");
        }
        app.person("owner", &[Role::Owner]).await;
        let owner = app.http.bearer(&app.sign_in("owner").await);
        let found = owner.get(&format!("/shops/{SHOP}/search?q=17850")).await.ok();
        assert_eq!(found["buyers"], Value::Array(Vec::new()), "nobody was stored");
        app.stop().await;
    }
}
