//! A server in this process on a free port, with a shop, people and a clock that stands still.

mod bystander;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use xiaoer_app::platform::Shop;
use xiaoer_app::team::NewAccount;
use xiaoer_app::{App, Chance, Clock};
use xiaoer_domain::team::Role;
use xiaoer_domain::time::Span;
use xiaoer_server::config::{Config, Waits};
use xiaoer_server::{Running, start};
use xiaoer_store::DatabaseUrl;
use xiaoer_testkit::client::{Buyer, Desk, Http, PATIENCE};
use xiaoer_testkit::{MockClock, TestDb};

pub use bystander::undisturbed;

/// Key of the shop that every test has.
pub const SHOP: &str = "demo";
/// Key of another shop beside it.
pub const OTHER: &str = "other";
/// Everybody's password.
pub const PASSWORD: &str = "correct-horse-1";

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A running server of one test.
pub struct TestApp {
    pub running: Running,
    pub clock: MockClock,
    pub http: Http,
    folder: PathBuf,
}

impl TestApp {
    /// With the product's defaults.
    pub async fn start(db: &TestDb) -> Self {
        Self::start_with(db, |_| {}).await
    }

    /// With a configuration of its own.
    pub async fn start_with(db: &TestDb, change: impl FnOnce(&mut Config)) -> Self {
        let app = Self::without_shop_with(db, change).await;
        app.app().create_shop(SHOP, "青禾针织").await.unwrap();
        app
    }

    /// As on the day it was installed.
    pub async fn without_shop(db: &TestDb) -> Self {
        Self::without_shop_with(db, |_| {}).await
    }

    async fn without_shop_with(db: &TestDb, change: impl FnOnce(&mut Config)) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("xiaoer-it-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let mut config = Config::load(None, &BTreeMap::new()).unwrap();
        config.server.listen = "127.0.0.1:0".parse().unwrap();
        match db.config().url {
            DatabaseUrl::Sqlite { data_dir } => config.data.dir = data_dir,
            DatabaseUrl::Postgres { url, .. } => {
                config.data.dir.clone_from(&folder);
                config.data.database_url = Some(url);
            }
        }
        config.data.durability = xiaoer_store::Durability::ProcessCrash;
        // Tests type faster than people; the fact about floods sets its own.
        config.limits.buyer_lines_per_minute = 1_000_000;
        change(&mut config);
        let clock = MockClock::new();
        let shown = clock.clone();
        let running = start(config, Clock::from_fn(move || shown.now()), Chance::seeded(7)).await;
        let running = running.unwrap();
        let http = Http::new(&format!("http://{}", running.address));
        Self { running, clock, http, folder }
    }

    pub fn app(&self) -> &App {
        &self.running.app
    }

    /// The folder of what does not lie in a PostgreSQL.
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    /// The address, as `http://host:port`.
    pub fn base(&self) -> &str {
        self.http.base()
    }

    pub async fn shop(&self) -> std::sync::Arc<Shop> {
        self.app().shop(SHOP).await.unwrap()
    }

    /// Makes a second shop.
    pub async fn other_shop(&self) {
        self.app().create_shop(OTHER, "别家").await.unwrap();
    }

    /// An account of the shop with these duties; returns its `acc_…`.
    pub async fn person(&self, login: &str, roles: &[Role]) -> String {
        self.person_of(SHOP, login, roles).await
    }

    /// An account of any shop.
    pub async fn person_of(&self, shop: &str, login: &str, roles: &[Role]) -> String {
        let new = NewAccount {
            login: login.to_owned(),
            name: name_of(login),
            lang: "zh-CN".to_owned(),
            password: PASSWORD.to_owned(),
        };
        let id = self.app().create_account(new).await.unwrap();
        let shop = self.app().shop(shop).await.unwrap();
        self.app().set_membership(shop.id, id, 10, roles).await.unwrap();
        format!("acc_{id}")
    }

    /// Signs in; the token is bearer and cookie alike.
    pub async fn sign_in(&self, login: &str) -> String {
        self.http.sign_in(login, PASSWORD).await.unwrap()
    }

    /// An agent over HTTP, signed in. The account is made here.
    pub async fn agent(&self, login: &str) -> Http {
        self.person(login, &[Role::Agent]).await;
        self.http.bearer(&self.sign_in(login).await)
    }

    /// An agent who is available, over HTTP.
    pub async fn available(&self, login: &str) -> Http {
        let http = self.agent(login).await;
        set_state(&http, "available").await;
        http
    }

    /// A new visitor on a WebSocket.
    pub async fn buyer(&self) -> Buyer {
        Buyer::join(self.base(), SHOP, json!({})).await
    }

    /// A new visitor over HTTP, and the conversation.
    pub async fn visitor(&self) -> (Http, String) {
        let welcome = self.http.post(&format!("/widget/{SHOP}/hello"), json!({})).await.ok();
        let conversation = welcome["conversation"].as_str().unwrap().to_owned();
        (self.http.visitor(welcome["token"].as_str().unwrap()), conversation)
    }

    /// A visitor who comes back and holds everything up to `after`.
    pub async fn buyer_again(&self, token: &str, after: i64) -> Buyer {
        Buyer::join(self.base(), SHOP, json!({ "token": token, "after": after })).await
    }

    /// A desk on a WebSocket, for an account that exists.
    pub async fn desk(&self, login: &str) -> Desk {
        let token = self.sign_in(login).await;
        Desk::join(self.base(), SHOP, &token).await
    }

    /// A signed identity of a customer.
    pub async fn identity(&self, subject: &str) -> String {
        self.identity_for(subject, Span::minutes(30)).await
    }

    /// A signed identity that lasts this long from now.
    pub async fn identity_for(&self, subject: &str, lasts: Span) -> String {
        let shop = self.shop().await;
        let expires = self.clock.now().plus(lasts);
        xiaoer_app::customers::identity::sign(subject, "", SHOP, &shop.identity_key, expires)
    }

    /// The log of a conversation as the server tells it to staff.
    pub async fn log(&self, staff: &Http, conversation: &str, lane: &str) -> Vec<Value> {
        let path = format!("{}/entries?lane={lane}&limit=200", path_of(conversation));
        staff.get(&path).await.ok()["entries"].as_array().unwrap().clone()
    }

    /// Stops the server and starts another one on the same data.
    pub async fn restart(self, db: &TestDb) -> Self {
        let Self { running, clock, folder, .. } = self;
        running.stop().await;
        let mut config = Config::load(None, &BTreeMap::new()).unwrap();
        config.server.listen = "127.0.0.1:0".parse().unwrap();
        match db.config().url {
            DatabaseUrl::Sqlite { data_dir } => config.data.dir = data_dir,
            DatabaseUrl::Postgres { url, .. } => {
                config.data.dir.clone_from(&folder);
                config.data.database_url = Some(url);
            }
        }
        let shown = clock.clone();
        let running = start(config, Clock::from_fn(move || shown.now()), Chance::seeded(8)).await;
        let running = running.unwrap();
        let http = Http::new(&format!("http://{}", running.address));
        Self { running, clock, http, folder }
    }

    /// Stops in good order.
    pub async fn stop(self) {
        self.running.stop().await;
        let _ = std::fs::remove_dir_all(self.folder);
    }
}

/// Waits for connections as short as a test wants them.
pub fn short_waits(config: &mut Config) {
    config.waits = Waits {
        hello: Duration::from_millis(300),
        tick: Duration::from_millis(200),
        silence: Duration::from_secs(75),
        send: Duration::from_secs(1),
        back: Duration::from_millis(300),
    };
}

/// The path of a conversation of the shop.
pub fn path_of(conversation: &str) -> String {
    format!("/shops/{SHOP}/conversations/{conversation}")
}

/// An agent asks for a state.
pub async fn set_state(http: &Http, state: &str) {
    http.put(&format!("/shops/{SHOP}/me/state"), json!({ "state": state })).await.ok();
}

/// A fresh client id, told apart by its number.
pub fn id(number: u32) -> String {
    format!("line.{number:06}")
}

/// The name that an account of this login shows.
pub fn name_of(login: &str) -> String {
    match login {
        "xiaoman" => "小满".to_owned(),
        "guyu" => "谷雨".to_owned(),
        other => other.to_owned(),
    }
}

/// Kinds (and codes) of entries, to compare a whole log at once.
pub fn outline(entries: &[Value]) -> Vec<String> {
    let one = |entry: &Value| match entry["code"].as_str() {
        Some(code) => format!("{} {code}", entry["kind"].as_str().unwrap_or("?")),
        None => entry["kind"].as_str().unwrap_or("?").to_owned(),
    };
    entries.iter().map(one).collect()
}

/// Asks again until the answer is as wanted.
pub async fn until<T, F: Future<Output = T>>(
    what: &str,
    ask: impl Fn() -> F,
    wanted: impl Fn(&T) -> bool,
) -> T {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let answer = ask().await;
        if wanted(&answer) {
            return answer;
        }
        assert!(tokio::time::Instant::now() < deadline, "{what} did not become true");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
