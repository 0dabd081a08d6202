//! Signing in with a code, recovery codes, sessions, proving oneself again, and limits on tries.

use serde_json::{Value, json};
use xiaoer_app::team::code_at;
use xiaoer_domain::team::Role;
use xiaoer_domain::time::Span;
use xiaoer_testkit::client::{Answer, Desk, Http};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{PASSWORD, SHOP, TestApp, short_waits};

/// An owner with a second factor: a signed-in client, the secret, the recovery codes.
async fn with_factor(app: &TestApp, login: &str) -> (Http, String, Vec<String>) {
    app.person(login, &[Role::Owner]).await;
    let http = app.http.bearer(&app.sign_in(login).await);
    let begun = http.post("/me/second-factor", json!({})).await.ok();
    let secret = begun["secret"].as_str().unwrap().to_owned();
    let codes = http.post("/me/second-factor/confirm", json!({ "code": code(app, &secret) })).await;
    let codes = codes.ok()["codes"].as_array().unwrap().iter().map(text).collect();
    app.clock.advance(Span::seconds(30));
    (http, secret, codes)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn code(app: &TestApp, secret: &str) -> String {
    code_at(secret, app.clock.now()).unwrap()
}

async fn password(app: &TestApp, login: &str, password: &str) -> Answer {
    app.http.post("/sign-in", json!({ "login": login, "password": password })).await
}

/// Gives the right password; what the answer hands out for the second step.
async fn challenge(app: &TestApp, login: &str) -> String {
    let answer = password(app, login, PASSWORD).await;
    assert_eq!(answer.refused(401), "second_factor_needed");
    assert!(answer.headers.get("set-cookie").is_none());
    text(&answer.body["params"]["challenge"])
}

async fn second_step(http: &Http, challenge: &str, code: &str) -> Answer {
    http.post("/sign-in/code", json!({ "challenge": challenge, "code": code })).await
}

both_dbs! {
    async fn with_a_second_factor_the_password_alone_opens_nothing(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (_, secret, _) = with_factor(&app, "lin").await;
        let waiting = challenge(&app, "lin").await;
        let bearer = app.http.bearer(&waiting);
        assert_eq!(bearer.get("/me").await.refused(401), "not_signed_in");
        let answer = second_step(&app.http, &waiting, &code(&app, &secret)).await;
        assert!(answer.headers.get("set-cookie").is_some());
        assert_eq!(answer.ok()["account"]["login"], "lin");
    }

    async fn a_code_counts_once(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (_, secret, _) = with_factor(&app, "lin").await;
        let (first, second) = (challenge(&app, "lin").await, challenge(&app, "lin").await);
        let code = code(&app, &secret);
        second_step(&app.http, &first, &code).await.ok();
        assert_eq!(second_step(&app.http, &second, &code).await.refused(401), "wrong_code");
        // A challenge that led in leads in no second time.
        assert_eq!(second_step(&app.http, &first, &code).await.refused(409), "too_late");
    }

    async fn of_two_who_use_one_code_at_once_one_gets_in(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (_, secret, _) = with_factor(&app, "lin").await;
        let (first, second) = (challenge(&app, "lin").await, challenge(&app, "lin").await);
        let code = code(&app, &secret);
        let answers = tokio::join!(
            second_step(&app.http, &first, &code),
            second_step(&app.http, &second, &code),
        );
        let mut statuses = [answers.0.status, answers.1.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401]);
    }

    async fn a_recovery_code_opens_the_door_once(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (_, _, codes) = with_factor(&app, "lin").await;
        assert_eq!(codes.len(), 10);
        let typed = codes[3].to_uppercase().replace('-', " ");
        let waiting = challenge(&app, "lin").await;
        let answer = second_step(&app.http, &waiting, &typed).await;
        let cookie = answer.headers.get("set-cookie").unwrap().to_str().unwrap().to_owned();
        let token = cookie.split(['=', ';']).nth(1).unwrap();
        answer.ok();
        let again = challenge(&app, "lin").await;
        assert_eq!(second_step(&app.http, &again, &codes[3]).await.refused(401), "wrong_code");
        let security = app.http.bearer(token).get("/me/security").await.ok();
        assert_eq!(security["recovery_codes_left"], 9);
        assert!(!security.to_string().contains(&codes[0]));
    }

    async fn a_challenge_ends_with_its_tries_and_with_its_time(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (_, secret, _) = with_factor(&app, "lin").await;
        let waiting = challenge(&app, "lin").await;
        app.clock.advance(Span::minutes(5));
        assert_eq!(second_step(&app.http, &waiting, &code(&app, &secret)).await.refused(409), "too_late");
        let waiting = challenge(&app, "lin").await;
        for left in (0..5).rev() {
            let answer = second_step(&app.http, &waiting, "000000").await;
            assert_eq!(answer.refused(401), "wrong_code");
            assert_eq!(answer.body["params"]["tries_left"], left);
        }
        // The pause comes first, and after it the challenge is over all the same.
        let answer = second_step(&app.http, &waiting, &code(&app, &secret)).await;
        assert_eq!(answer.refused(409), "too_late");
        app.clock.advance(Span::seconds(30));
        let fresh = challenge(&app, "lin").await;
        second_step(&app.http, &fresh, &code(&app, &secret)).await.ok();
    }

    async fn tries_bring_pauses_that_meet_nobody_elsewhere(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.person("lin", &[Role::Agent]).await;
        let from = |address: &str| app.http.with("x-forwarded-for", address);
        let body = |password: &str| json!({ "login": "lin", "password": password });
        let bad = from("203.0.113.9");
        for left in (0..5).rev() {
            let answer = bad.post("/sign-in", body("wrong-wrong-1")).await;
            assert_eq!(answer.refused(401), "wrong_password");
            assert_eq!(answer.body["params"]["tries_left"], left);
        }
        // Even the right password waits there, and elsewhere nobody notices.
        let answer = bad.post("/sign-in", body(PASSWORD)).await;
        assert_eq!(answer.refused(429), "too_fast");
        assert!(answer.body["params"]["retry_ms"].as_i64().unwrap() <= 10_001);
        from("198.51.100.7").post("/sign-in", body(PASSWORD)).await.ok();
        app.clock.advance(Span::seconds(10));
        bad.post("/sign-in", body(PASSWORD)).await.ok();
    }

    async fn an_account_that_is_not_there_looks_like_one_that_is(db: TestDb) {
        let app = TestApp::start(&db).await;
        with_factor(&app, "lin").await;
        for _ in 0..2 {
            let known = password(&app, "lin", "wrong-wrong-1").await;
            let unknown = password(&app, "nobody", "wrong-wrong-1").await;
            assert_eq!(known.refused(401), unknown.refused(401));
            assert_eq!(known.body["params"], unknown.body["params"]);
        }
    }

    async fn a_shop_that_demands_a_second_factor_is_closed_without_one(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.person("lin", &[Role::Owner]).await;
        app.person("mei", &[Role::Agent]).await;
        let shop = app.shop().await;
        app.app().set_setting(&shop, "second_factor_roles", "owner manager").await.unwrap();
        app.clock.advance(Span::seconds(6));
        let (lin, mei) = (app.sign_in("lin").await, app.sign_in("mei").await);
        let (lin, mei) = (app.http.bearer(&lin), app.http.bearer(&mei));
        let path = format!("/shops/{SHOP}/agents");
        mei.get(&path).await.ok();
        assert_eq!(lin.get(&path).await.refused(403), "second_factor_demanded");
        assert_eq!(lin.get("/me").await.ok()["shops"][0]["needs_second_factor"], true);
        let begun = lin.post("/me/second-factor", json!({})).await.ok();
        let code = code(&app, begun["secret"].as_str().unwrap());
        lin.post("/me/second-factor/confirm", json!({ "code": code })).await.ok();
        lin.get(&path).await.ok();
        assert!(app.app().set_setting(&shop, "second_factor_roles", "owner boss").await.is_err());
    }

    async fn a_revoked_sign_in_is_put_out_within_a_tick(db: TestDb) {
        let app = TestApp::start_with(&db, short_waits).await;
        app.person("lin", &[Role::Agent]).await;
        let kept = app.http.with("user-agent", "Kept/1").bearer(&app.sign_in("lin").await);
        let lost = app.sign_in("lin").await;
        let mut desk = Desk::join(app.base(), SHOP, &lost).await;
        let listed = kept.get("/me/security").await.ok();
        let places = listed["sign_ins"].as_array().unwrap();
        assert_eq!(places.len(), 2);
        assert_eq!(places[0]["address"], "127.0.0.1");
        assert_eq!((&places[0]["is_current"], &places[1]["is_current"]), (&json!(false), &json!(true)));
        let id = text(&places[0]["id"]);
        kept.post(&format!("/me/sign-ins/{id}/revoke"), json!({})).await.ok();
        let (code, _) = desk.socket.wait_for_end().await;
        assert_eq!(code, Some(4001));
        assert_eq!(app.http.bearer(&lost).get("/me").await.refused(401), "not_signed_in");
        kept.get("/me").await.ok();
        assert_eq!(kept.post(&format!("/me/sign-ins/{id}/revoke"), json!({})).await.refused(404), "not_found");
    }

    async fn one_ends_all_other_sign_ins_and_nobody_elses(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.person("lin", &[Role::Agent]).await;
        app.person("mei", &[Role::Agent]).await;
        let mei = app.http.bearer(&app.sign_in("mei").await);
        let (first, second) = (app.sign_in("lin").await, app.sign_in("lin").await);
        let (first, second) = (app.http.bearer(&first), app.http.bearer(&second));
        let mei_place = text(&mei.get("/me/security").await.ok()["sign_ins"][0]["id"]);
        let stolen = format!("/me/sign-ins/{mei_place}/revoke");
        assert_eq!(first.post(&stolen, json!({})).await.refused(404), "not_found");
        let ended = first.post("/me/sign-ins/revoke-others", json!({})).await.ok();
        assert_eq!(ended["ended"], 1);
        assert_eq!(second.get("/me").await.refused(401), "not_signed_in");
        first.get("/me").await.ok();
        mei.get("/me").await.ok();
    }

    async fn a_dangerous_act_asks_for_the_password_again_after_a_while(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (lin, secret, _) = with_factor(&app, "lin").await;
        let off = "/me/second-factor/off";
        app.clock.advance(Span::minutes(10));
        assert_eq!(lin.post(off, json!({})).await.refused(403), "step_up_needed");
        assert_eq!(lin.post("/me/step-up", json!({})).await.refused(400), "bad_request");
        let wrong = json!({ "password": "wrong-wrong-1" });
        assert_eq!(lin.post("/me/step-up", wrong).await.refused(401), "wrong_password");
        lin.post("/me/step-up", json!({ "code": code(&app, &secret) })).await.ok();
        app.clock.advance(Span::minutes(9));
        lin.post(off, json!({})).await.ok();
        password(&app, "lin", PASSWORD).await.ok();
        app.clock.advance(Span::minutes(2));
        assert_eq!(lin.post("/me/second-factor", json!({})).await.refused(403), "step_up_needed");
        lin.post("/me/step-up", json!({ "password": PASSWORD })).await.ok();
        lin.post("/me/second-factor", json!({})).await.ok();
        let shop = app.shop().await;
        app.app().set_setting(&shop, "step_up_minutes", "2").await.unwrap();
        app.clock.advance(Span::minutes(3));
        assert_eq!(lin.post("/me/second-factor", json!({})).await.refused(403), "step_up_needed");
    }

    async fn a_second_factor_in_use_is_not_replaced_by_another(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (lin, secret, codes) = with_factor(&app, "lin").await;
        assert_eq!(lin.post("/me/second-factor", json!({})).await.refused(409), "second_factor_on");
        let fresh = lin.post("/me/recovery-codes", json!({})).await.ok();
        let waiting = challenge(&app, "lin").await;
        assert_eq!(second_step(&app.http, &waiting, &codes[0]).await.refused(401), "wrong_code");
        second_step(&app.http, &waiting, fresh["codes"][0].as_str().unwrap()).await.ok();
        assert_eq!(lin.post("/me/second-factor/confirm", json!({ "code": code(&app, &secret) })).await.refused(409), "second_factor_on");
    }

    async fn a_new_password_has_to_be_a_good_one_and_ends_the_other_sign_ins(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.person("xiaoman", &[Role::Agent]).await;
        let (here, there) = (app.sign_in("xiaoman").await, app.sign_in("xiaoman").await);
        let (here, there) = (app.http.bearer(&here), app.http.bearer(&there));
        for (new, reason) in [("short-1", "length"), ("1234567890", "obvious"), ("xiaoman-2026", "own_name")] {
            let answer = here.post("/me/password", json!({ "current": PASSWORD, "new": new })).await;
            assert_eq!(answer.refused(400), "bad_request");
            assert_eq!(answer.body["params"]["reason"], reason);
        }
        let new = "harbour-tulip-77";
        let stolen = json!({ "current": "wrong-wrong-1", "new": new });
        assert_eq!(here.post("/me/password", stolen).await.refused(401), "wrong_password");
        here.post("/me/password", json!({ "current": PASSWORD, "new": new })).await.ok();
        here.get("/me").await.ok();
        assert_eq!(there.get("/me").await.refused(401), "not_signed_in");
        assert_eq!(password(&app, "xiaoman", PASSWORD).await.refused(401), "wrong_password");
        password(&app, "xiaoman", new).await.ok();
    }
}
