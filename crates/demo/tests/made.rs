//! The demonstration, made on both databases.

#![expect(clippy::unwrap_used, reason = "a failing test may panic")]

use xiaoer_app::{App, Chance, Clock, Limits};
use xiaoer_demo::{DemoError, SEED, SHOP, Scale, make};
use xiaoer_testkit::{MockClock, TestDb, both_dbs};

fn app(db: &TestDb) -> App {
    let clock = MockClock::new();
    App::new(
        (**db).clone(),
        Clock::from_fn(move || clock.now()),
        Chance::seeded(7),
        Limits::default(),
    )
}

both_dbs! {
    async fn the_full_shop_is_whole_and_verifiable_and_made_once(db: TestDb) {
        let app = app(&db);
        let made = make(&app, SEED, Scale::Full, false, &mut |_, _| {}).await.unwrap();
        assert_eq!((made.products, made.customers, made.orders), (60, 2_000, 5_000));
        assert!(made.conversations >= 300);
        let shop = app.shop(SHOP).await.unwrap();
        let verified = app.verify(shop.id).await.unwrap();
        assert_eq!(verified.broken.len(), 0, "{:?}", verified.broken);
        assert_eq!(usize::try_from(verified.conversations).unwrap(), made.conversations);
        let again = make(&app, SEED, Scale::Full, false, &mut |_, _| {}).await.unwrap();
        assert!(again.was_there);
        assert_eq!(app.verify(shop.id).await.unwrap().entries, verified.entries);
        app.tasks.stop().await;
    }

    async fn the_small_shop_has_goods_and_orders_and_nobody_has_written(db: TestDb) {
        let app = app(&db);
        make(&app, SEED, Scale::Small, false, &mut |_, _| {}).await.unwrap();
        let shop = app.shop(SHOP).await.unwrap();
        assert_eq!(app.list_products(shop.id, "ymks", None, 20).await.unwrap().products.len(), 2);
        assert_eq!(app.orders_by_number(shop.id, "20261266").await.unwrap().len(), 1);
        assert_eq!(app.verify(shop.id).await.unwrap().entries, 0);
        app.tasks.stop().await;
    }

    async fn a_shop_of_somebody_is_never_touched(db: TestDb) {
        let app = app(&db);
        app.create_shop("own", "自家").await.unwrap();
        let refused = make(&app, SEED, Scale::Small, false, &mut |_, _| {}).await;
        assert!(matches!(refused, Err(DemoError::OtherShops)), "{refused:?}");
        assert_eq!(app.accounts().await.unwrap().len(), 0);
        app.create_shop(SHOP, "恰好同名").await.unwrap();
        for beside in [false, true] {
            let refused = make(&app, SEED, Scale::Small, beside, &mut |_, _| {}).await;
            assert!(matches!(refused, Err(DemoError::NotOurs)), "{refused:?}");
        }
        assert_eq!(app.accounts().await.unwrap().len(), 0);
        app.tasks.stop().await;
    }

    async fn beside_other_shops_it_is_made_when_asked_for(db: TestDb) {
        let app = app(&db);
        app.create_shop("own", "自家").await.unwrap();
        make(&app, SEED, Scale::Small, true, &mut |_, _| {}).await.unwrap();
        assert_eq!(app.shop_keys().await.unwrap().len(), 2);
        app.tasks.stop().await;
    }
}
