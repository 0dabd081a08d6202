//! The notice to leave a message: once in a session, only when nobody is there, never for the past.

use std::time::Duration;

use xiaoer_app::followers::Following;
use xiaoer_app::team::NewAccount;
use xiaoer_domain::id::AccountId;
use xiaoer_domain::team::{AgentState, Colleague, Role};
use xiaoer_domain::time::Span;
use xiaoer_store::journal::{self, Position};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::house::{House, LEAVE_MESSAGE, SEARCH, exec, notices};

impl House {
    /// An agent who has a place in the shop and is not there.
    async fn agent(&self) -> Colleague {
        let new = NewAccount {
            login: "xiaoman".to_owned(),
            name: "小满".to_owned(),
            lang: "zh-CN".to_owned(),
            password: "correct horse battery".to_owned(),
        };
        let account = self.app.create_account(new).await.unwrap();
        self.app.set_membership(self.shop.id, account, 5, &[Role::Agent]).await.unwrap();
        Colleague { account, name: "小满".to_owned() }
    }

    async fn is_available(&self, account: AccountId) {
        self.app.set_state(self.shop.id, account, AgentState::Available).await.unwrap();
    }

    /// A reactor that stands at the end of the journal.
    async fn reactor(&self) -> Following {
        let mut reactor = Following::new(LEAVE_MESSAGE);
        self.catch_up(&mut reactor).await;
        reactor
    }
}

both_dbs! {
    async fn whoever_comes_when_nobody_is_there_is_told_once(db: TestDb) {
        let house = House::open(&db).await;
        let mut reactor = house.reactor().await;
        let buyer = house.buyer().await;
        house.says(buyer, "在吗").await;
        house.says(buyer, "有人吗").await;
        house.catch_up(&mut reactor).await;
        assert_eq!(notices(&db, house.shop.id).await, 1);
        house.says(buyer, "那我留言").await;
        house.catch_up(&mut reactor).await;
        assert_eq!(notices(&db, house.shop.id).await, 1);
        house.says(house.buyer().await, "在吗").await;
        house.catch_up(&mut reactor).await;
        assert_eq!(notices(&db, house.shop.id).await, 2, "another buyer is told too");
    }

    async fn the_next_session_is_told_again(db: TestDb) {
        let house = House::open(&db).await;
        let (agent, buyer) = (house.agent().await, house.buyer().await);
        let mut reactor = house.reactor().await;
        house.says(buyer, "在吗").await;
        house.catch_up(&mut reactor).await;
        house.app.close(house.shop.id, buyer.conversation, &agent).await.unwrap();
        house.says(buyer, "还在吗").await;
        house.catch_up(&mut reactor).await;
        assert_eq!(notices(&db, house.shop.id).await, 2);
    }

    async fn nobody_is_told_when_an_agent_is_there(db: TestDb) {
        let house = House::open(&db).await;
        let agent = house.agent().await;
        let mut reactor = house.reactor().await;
        house.is_available(agent.account).await;
        house.says(house.buyer().await, "在吗").await;
        house.catch_up(&mut reactor).await;
        assert_eq!(notices(&db, house.shop.id).await, 0);
    }

    async fn an_agent_who_comes_first_makes_the_notice_needless(db: TestDb) {
        let house = House::open(&db).await;
        let agent = house.agent().await;
        let mut reactor = house.reactor().await;
        house.says(house.buyer().await, "在吗").await;
        house.is_available(agent.account).await;
        house.catch_up(&mut reactor).await;
        assert_eq!(notices(&db, house.shop.id).await, 0);
    }

    async fn a_lease_that_ran_out_is_nobody(db: TestDb) {
        let house = House::open(&db).await;
        let agent = house.agent().await;
        let mut reactor = house.reactor().await;
        house.is_available(agent.account).await;
        // No desk renewed it.
        house.clock.advance(Span::minutes(10));
        house.says(house.buyer().await, "在吗").await;
        house.catch_up(&mut reactor).await;
        assert_eq!(notices(&db, house.shop.id).await, 1);
    }

    async fn a_session_that_closed_meanwhile_is_left_alone(db: TestDb) {
        let house = House::open(&db).await;
        let (agent, buyer) = (house.agent().await, house.buyer().await);
        let mut reactor = house.reactor().await;
        house.says(buyer, "在吗").await;
        house.app.close(house.shop.id, buyer.conversation, &agent).await.unwrap();
        house.catch_up(&mut reactor).await;
        assert_eq!(notices(&db, house.shop.id).await, 0);
    }

    async fn what_happened_before_its_first_start_is_past(db: TestDb) {
        let house = House::open(&db).await;
        house.says(house.buyer().await, "在吗").await;
        // What other tests of the cluster hold back for a moment would not be past yet.
        house.catch_up(&mut Following::new(SEARCH)).await;
        let mut reactor = house.reactor().await;
        assert_eq!(notices(&db, house.shop.id).await, 0);
        house.says(house.buyer().await, "在吗").await;
        house.catch_up(&mut reactor).await;
        assert_eq!(notices(&db, house.shop.id).await, 1);
    }

    async fn after_a_crash_before_the_effect_it_happens_once(db: TestDb) {
        let house = House::open(&db).await;
        house.reactor().await;
        house.says(house.buyer().await, "在吗").await;
        // The process dies after the commit: nobody was told, no follower moved.
        let next = House::open(&db).await;
        next.catch_up(&mut Following::new(LEAVE_MESSAGE)).await;
        next.catch_up(&mut Following::new(LEAVE_MESSAGE)).await;
        assert_eq!(notices(&db, next.shop.id).await, 1);
    }

    async fn after_a_crash_between_effect_and_position_it_happened_once(db: TestDb) {
        let house = House::open(&db).await;
        let mut reactor = house.reactor().await;
        let saved = db.read(|tx| Box::pin(journal::follower_position(tx, "leave_message")));
        let before = saved.await.unwrap().unwrap_or(Position::default());
        house.says(house.buyer().await, "在吗").await;
        house.catch_up(&mut reactor).await;
        assert_eq!(notices(&db, house.shop.id).await, 1);
        // The effect is committed; the position is lost with the process.
        let now = house.clock.now();
        db.write(move |tx| Box::pin(journal::save_position(tx, "leave_message", before, now))).await.unwrap();
        let next = House::open(&db).await;
        next.catch_up(&mut Following::new(LEAVE_MESSAGE)).await;
        assert_eq!(notices(&db, next.shop.id).await, 1);
    }

    async fn two_processes_tell_once(db: TestDb) {
        let house = House::open(&db).await;
        let (mut one, mut two) = (house.reactor().await, house.reactor().await);
        for _ in 0..5 {
            house.says(house.buyer().await, "在吗").await;
        }
        let (first, second) = tokio::join!(house.catch_up(&mut one), house.catch_up(&mut two));
        assert_eq!(notices(&db, house.shop.id).await, 5, "{first} and {second} lines");
    }

    async fn a_line_that_cannot_be_read_is_waited_for(db: TestDb) {
        let house = House::open(&db).await;
        let mut reactor = house.reactor().await;
        house.says(house.buyer().await, "在吗").await;
        exec(&db, "UPDATE journal SET version = 9 WHERE kind = 'session_opened'").await;
        let mut error = None;
        for _ in 0..500 {
            error = reactor.step(&house.app).await.err();
            if error.is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(error.unwrap().to_string().contains("version 9"));
        assert!(reactor.step(&house.app).await.is_err(), "it stays there");
        exec(&db, "UPDATE journal SET version = 1 WHERE kind = 'session_opened'").await;
        house.catch_up(&mut reactor).await;
        assert_eq!(notices(&db, house.shop.id).await, 1);
    }
}
