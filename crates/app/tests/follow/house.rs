//! A house with one shop, in which buyers and staff speak.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use xiaoer_app::chat::{Act, BuyerCaller, Command, Speaker};
use xiaoer_app::followers::{Follower, Following, Projection, Reactor};
use xiaoer_app::platform::Shop;
use xiaoer_app::quality::Guarding;
use xiaoer_app::{App, AppError, Chance, Clock, Limits};
use xiaoer_domain::chat::{ClientId, Lane, MessageText};
use xiaoer_domain::id::{AccountId, ShopId};
use xiaoer_domain::team::Colleague;
use xiaoer_protocol::chat::{Found, Stored};
use xiaoer_store::{Db, Sql, StoreError, args};
use xiaoer_testkit::MockClock;

pub const SEARCH: Follower = Follower::Projection(Projection::Search);
pub const LEAVE_MESSAGE: Follower = Follower::Reactor(Reactor::LeaveMessage);

/// What `search` gives, in short.
pub type Line = (String, i64, String);

pub struct House {
    pub app: App,
    pub clock: MockClock,
    pub shop: Arc<Shop>,
    next: AtomicU32,
}

impl House {
    /// Opens a house and its shop.
    pub async fn open(db: &Db) -> Self {
        Self::open_shop(db, "demo").await
    }

    /// Opens a house beside others on the same database; the shop is made if it is not there.
    pub async fn open_shop(db: &Db, key: &str) -> Self {
        let clock = MockClock::new();
        let time = clock.clone();
        let time = Clock::from_fn(move || time.now());
        let app = App::new(db.clone(), time, Chance::system(), Limits::default());
        if app.shop(key).await.is_err() {
            app.create_shop(key, key).await.unwrap();
        }
        let shop = app.shop(key).await.unwrap();
        Self { app, clock, shop, next: AtomicU32::new(0) }
    }

    pub async fn buyer(&self) -> BuyerCaller {
        self.app.arrive(&self.shop, None, None).await.unwrap().caller
    }

    pub async fn says(&self, buyer: BuyerCaller, text: &str) -> i64 {
        let speaker = Speaker::Buyer(buyer.buyer);
        self.act(buyer, speaker, Lane::Buyer, Self::text(text)).await.unwrap().seq
    }

    pub async fn notes(&self, about: BuyerCaller, text: &str) -> i64 {
        let sender = Colleague { account: AccountId::new(1), name: "小满".to_owned() };
        self.act(about, Speaker::Staff(sender), Lane::Staff, Self::text(text)).await.unwrap().seq
    }

    pub async fn recalls(&self, buyer: BuyerCaller, seq: i64) {
        let speaker = Speaker::Buyer(buyer.buyer);
        self.act(buyer, speaker, Lane::Buyer, Act::Recall(seq)).await.unwrap();
    }

    fn text(text: &str) -> Act {
        Act::Say(MessageText::parse(text, 2000).unwrap())
    }

    async fn act(
        &self,
        to: BuyerCaller,
        by: Speaker,
        lane: Lane,
        act: Act,
    ) -> Result<Stored, AppError> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let client_id = format!("test-{}-{number}", std::ptr::from_ref(self) as usize);
        let command = Command {
            shop: self.shop.id,
            rules: self.shop.rules(self.clock.now()),
            conversation: to.conversation,
            by,
            lane,
            client_id: ClientId::parse(&client_id).unwrap(),
            act,
            guarding: Guarding::default(),
            phrase: None,
        };
        self.app.send_and_wait(command).await
    }

    /// Steps until nothing is left, also what other tests of the cluster hold back for a moment.
    pub async fn catch_up(&self, following: &mut Following) -> usize {
        let mut rows = 0;
        for _ in 0..2000 {
            let stepped = following.step(&self.app).await.unwrap();
            rows += stepped;
            if stepped == 0 {
                if following.behind_since(&self.app).await.unwrap().is_none() {
                    return rows;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        panic!("{} does not catch up", following.follower().name());
    }

    pub async fn page(&self, query: &str, cursor: Option<&str>, limit: i64) -> Found {
        self.app.search(self.shop.id, query, cursor, limit).await.unwrap()
    }

    /// (lane, seq, text) of the lines that are found.
    pub async fn found(&self, query: &str) -> Vec<Line> {
        let found = self.page(query, None, 100).await;
        let lines = found.entries.into_iter().map(|found| found.entry);
        lines.map(|line| (line.lane, line.seq, line.text.unwrap_or_default())).collect()
    }

    /// The texts that are found.
    pub async fn texts(&self, query: &str) -> Vec<String> {
        self.found(query).await.into_iter().map(|(_, _, text)| text).collect()
    }
}

/// How often a notice was written in a shop.
pub async fn notices(db: &Db, shop: ShopId) -> i64 {
    const COUNT: Sql = Sql::in_test(
        "SELECT COUNT(*) AS n FROM entry WHERE shop_id = $1 AND kind = 6 AND code = 'leave_message'",
    );
    let counted = db.read(move |tx| Box::pin(async move { tx.one(COUNT, args![shop]).await }));
    let counted: Result<_, StoreError> = counted.await;
    counted.unwrap().get("n").unwrap()
}

/// Runs a statement on the main store.
pub async fn exec(db: &Db, text: &'static str) {
    let sql = Sql::in_test(text);
    db.write(move |tx| Box::pin(async move { tx.exec(sql, args![]).await })).await.unwrap();
}

/// Runs a statement on the derived store.
pub async fn exec_derived(db: &Db, text: &'static str) {
    let sql = Sql::in_test(text);
    db.derived_write(move |tx| Box::pin(async move { tx.exec(sql, args![]).await })).await.unwrap();
}
