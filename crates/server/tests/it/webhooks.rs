//! Programs that are told what happens: a real receiver on this machine that checks what comes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use hmac::{Hmac, KeyInit as _, Mac as _};
use parking_lot::Mutex;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use xiaoer_domain::team::Role;
use xiaoer_domain::time::Span;
use xiaoer_testkit::client::Http;
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{SHOP, TestApp, id, path_of, until};

/// A call as it came.
#[derive(Clone, Debug)]
struct Call {
    head: String,
    body: String,
}

impl Call {
    fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim())
        });
        line.unwrap_or_default()
    }

    fn told(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// As docs/samples/check_hook.py checks it.
    fn is_signed(&self, secret: &str) -> bool {
        let given = self.header("x-xiaoer-signature");
        let (time, seal) = given.split_once(",v1=").unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(time.trim_start_matches("t=").as_bytes());
        mac.update(b".");
        mac.update(self.body.as_bytes());
        let hex: String =
            mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        hex == seal
    }
}

/// A program of the shop: keeps what it is told and answers as it is set.
struct Receiver {
    url: String,
    calls: Arc<Mutex<Vec<Call>>>,
    status: Arc<AtomicU16>,
}

impl Receiver {
    async fn start(app: &TestApp) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/told?by=xiaoer", listener.local_addr().unwrap());
        let (calls, status) = (Arc::<Mutex<Vec<Call>>>::default(), Arc::new(AtomicU16::new(200)));
        let (kept, answer) = (Arc::clone(&calls), Arc::clone(&status));
        let stop = app.app().tasks.stopping();
        app.app().tasks.once(async move {
            loop {
                let accepted = tokio::select! {
                    accepted = listener.accept() => accepted,
                    () = stop.cancelled() => return,
                };
                let Ok((mut stream, _)) = accepted else { return };
                let mut bytes = Vec::new();
                let (head, length) = loop {
                    let mut part = [0; 4096];
                    let read = stream.read(&mut part).await.unwrap_or(0);
                    bytes.extend_from_slice(&part[..read]);
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    if let Some((head, _)) = text.split_once("\r\n\r\n") {
                        let call = Call { head: head.to_owned(), body: String::new() };
                        let length: usize = call.header("content-length").parse().unwrap();
                        break (head.to_owned(), length);
                    }
                    if read == 0 {
                        break (String::new(), 0);
                    }
                };
                let begins = head.len() + 4;
                while bytes.len() < begins + length {
                    let mut part = [0; 4096];
                    match stream.read(&mut part).await {
                        Ok(read) if read > 0 => bytes.extend_from_slice(&part[..read]),
                        _ => break,
                    }
                }
                let body = String::from_utf8_lossy(&bytes[begins..]).into_owned();
                kept.lock().push(Call { head, body });
                let status = answer.load(Ordering::SeqCst);
                let said = format!(
                    "HTTP/1.1 {status} Said\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                );
                let _ = stream.write_all(said.as_bytes()).await;
            }
        });
        Self { url, calls, status }
    }

    fn heard(&self, event: &str) -> Vec<Call> {
        let calls = self.calls.lock();
        calls.iter().filter(|call| call.header("x-xiaoer-event") == event).cloned().collect()
    }
}

async fn owner(app: &TestApp) -> Http {
    app.person("owner", &[Role::Owner]).await;
    app.http.bearer(&app.sign_in("owner").await)
}

fn hooks() -> String {
    format!("/shops/{SHOP}/webhooks")
}

fn deliveries() -> String {
    format!("/shops/{SHOP}/webhook-deliveries")
}

both_dbs! {
    async fn a_program_is_told_signed_and_again_until_it_takes_it(db: TestDb) {
        let app = TestApp::start_with(&db, |config| config.webhooks_private = true).await;
        let owner = owner(&app).await;
        let receiver = Receiver::start(&app).await;
        receiver.status.store(503, Ordering::SeqCst);
        let new = json!({ "url": receiver.url, "events": ["message.added", "conversation.closed"] });
        let known = owner.post(&hooks(), new).await.ok();
        let hook = known["webhooks"][0]["id"].as_str().unwrap().to_owned();
        let secret = owner.post(&format!("{}/{hook}/secret", hooks()), json!({})).await.ok();
        let secret = secret["secret"].as_str().unwrap();
        let agent = app.agent("xiaoman").await;
        let mut buyer = app.buyer().await;
        buyer.say(&id(1), "有红色的吗").await;
        let path = path_of(&buyer.conversation);
        let note = json!({ "client_id": id(2), "lane": "staff", "text": "内部的话" });
        agent.post(&format!("{path}/entries"), note).await.ok();
        let heard = || async { receiver.heard("message.added") };
        let first = until("the first try", heard, |calls| !calls.is_empty()).await;
        assert!(first[0].head.starts_with("POST /told?by=xiaoer HTTP/1.1"));
        assert!(first[0].is_signed(secret) && !first[0].is_signed("whs_other"));
        let log = || async { owner.get(&format!("{}?state=waiting", deliveries())).await.ok() };
        let waiting = until("the failure", log, |log| log["deliveries"].to_string().contains("503")).await;
        let one = waiting["deliveries"].as_array().unwrap().iter().find(|one| one["status"] == 503).unwrap();
        assert_eq!((&one["tries"], &one["webhook"]), (&json!(1), &json!(hook)));
        // It takes it now: after the pause it is told again, under the same id, and then no more.
        receiver.status.store(204, Ordering::SeqCst);
        let before = receiver.calls.lock().len();
        app.clock.advance(Span::seconds(11));
        until("the second try", || async { receiver.calls.lock().len() }, |calls| *calls > before).await;
        let done = || async { owner.get(&format!("{}?state=waiting", deliveries())).await.ok() };
        until("nothing waits", done, |log| log["deliveries"] == json!([])).await;
        let calls = receiver.heard("message.added");
        let of_line = |call: &&Call| call.told()["data"]["entry"]["text"] == "有红色的吗";
        let told: Vec<&Call> = calls.iter().filter(of_line).collect();
        assert_eq!(told.len(), 2);
        assert_eq!(told[0].header("x-xiaoer-delivery"), told[1].header("x-xiaoer-delivery"));
        assert_eq!(told[0].told()["data"]["conversation"], buyer.conversation.as_str());
        assert_eq!(told[0].told()["shop"], SHOP);
        assert!(!calls.iter().any(|call| call.body.contains("内部的话")), "notes stay in the house");
        // Events that nobody asked for are not told; those that were are.
        assert!(receiver.heard("conversation.opened").is_empty());
        agent.post(&format!("{path}/close"), json!({})).await.ok();
        until("the end", || async { receiver.heard("conversation.closed") }, |calls| calls.len() == 1).await;
        app.stop().await;
    }

    async fn what_is_never_taken_is_dead_and_a_person_sends_it_again(db: TestDb) {
        let app = TestApp::start_with(&db, |config| config.webhooks_private = true).await;
        let owner = owner(&app).await;
        let receiver = Receiver::start(&app).await;
        receiver.status.store(500, Ordering::SeqCst);
        let new = json!({ "url": receiver.url, "events": ["conversation.opened"] });
        let tries_max = owner.post(&hooks(), new).await.ok()["tries_max"].as_u64().unwrap();
        app.buyer().await.say(&id(1), "在吗").await;
        for tries in 1..=tries_max {
            let heard = || async { receiver.heard("conversation.opened").len() as u64 };
            until("a try", heard, |calls| *calls >= tries).await;
            let noted = || async { owner.get(&deliveries()).await.ok()["deliveries"][0]["tries"].as_u64() };
            until("its note", noted, |noted| *noted == Some(tries)).await;
            app.clock.advance(Span::minutes(25 * 60));
        }
        let log = owner.get(&format!("{}?state=dead", deliveries())).await.ok();
        let one = &log["deliveries"][0];
        assert_eq!((&one["status"], &one["next_at"]), (&json!(500), &json!(null)));
        receiver.status.store(200, Ordering::SeqCst);
        let again = format!("{}/{}/again", deliveries(), one["id"].as_str().unwrap());
        owner.post(&again, json!({})).await.ok();
        let state = || async { owner.get(&deliveries()).await.ok()["deliveries"][0]["state"].clone() };
        until("it is taken", state, |state| state == "done").await;
        app.stop().await;
    }

    async fn private_addresses_and_strangers_are_refused(db: TestDb) {
        let app = TestApp::start(&db).await;
        let owner = owner(&app).await;
        let receiver = Receiver::start(&app).await;
        let add = |url: &str| {
            let (owner, new) = (&owner, json!({ "url": url, "events": ["message.added"] }));
            async move { owner.post(&hooks(), new).await }
        };
        for bad in [receiver.url.as_str(), "https://127.0.0.1/x", "https://[::1]/x", "https://169.254.169.254/", "x"] {
            assert_eq!(add(bad).await.refused(400), "bad_request", "{bad}");
        }
        let none = json!({ "url": "https://shop.example/x", "events": ["message.lost"] });
        assert_eq!(owner.post(&hooks(), none).await.refused(400), "bad_request");
        // A name that leads to this machine is noticed when it is looked up, and never called.
        let port = receiver.url.split(':').nth(2).unwrap().split('/').next().unwrap().to_owned();
        add(&format!("https://localhost:{port}/x")).await.ok();
        app.buyer().await.say(&id(1), "在吗").await;
        let log = || async { owner.get(&deliveries()).await.ok()["deliveries"][0].clone() };
        let one = until("the refusal", log, |one| !one["fault"].is_null()).await;
        assert_eq!((&one["fault"], receiver.calls.lock().len()), (&json!("private"), 0));
        let agent = app.agent("xiaoman").await;
        assert_eq!(agent.get(&hooks()).await.refused(403), "forbidden");
        assert_eq!(agent.get(&deliveries()).await.refused(403), "forbidden");
        app.clock.advance(Span::minutes(30));
        let new = json!({ "url": "https://shop.example/x", "events": ["message.added"] });
        assert_eq!(owner.post(&hooks(), new).await.refused(403), "step_up_needed");
        app.stop().await;
    }
}
