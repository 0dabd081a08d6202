//! What a file becomes.

use std::io::Cursor;

use xiaoer_domain::orders::{OrderState, RefusalCode};
use xiaoer_store::StoreError;
use xiaoer_store::chat::people;
use xiaoer_testkit::{TestDb, both_dbs};

use super::shop::{
    SMALL, app, buyer, count, file, import, options, orders, refunds, shop, try_import,
};

const JOURNAL: &str =
    "SELECT COUNT(*) FROM journal WHERE shop_id = $1 AND kind = 'orders_imported'";

both_dbs! {
    async fn a_file_becomes_orders_refunds_buyers_and_products(db: TestDb) {
        let app = app(&db);
        let shop = shop(&app, "demo").await;
        let report = import(&app, shop, SMALL).await;
        assert_eq!(orders(&app, shop).await, [
            "1001 completed 2886-0 501: T-10×6=1530 L-20×4=1356 G-01×1=0",
            "1002 partly_refunded 2208-1530 501: T-10×6(-6)=1530 L-20×2=678",
            "1003 partly_refunded 1850-555 502: P-30×5=0 H-40×10(-3)=1850",
            "1005 completed 370-0 -: H-40×2=370",
        ]);
        assert_eq!(refunds(&app, shop).await, [
            "C1004/1 T-10×6=-1530 → 1002/1",
            "C1006/1 H-40×3=-555 → 1003/2",
            "C1006/2 H-40×20=-3700 → -",
            "C1007/1 D×1=-2750 → -",
            "C1008/1 H-40×1=-185 → -",
        ]);
        let counts = &report.counts;
        assert_eq!((counts.lines, counts.items, counts.orders_new), (18, 8, 4));
        assert_eq!((counts.buyers_new, counts.products_new, counts.refunds_new), (2, 5, 5));
        assert_eq!((report.refunds.linked, report.refunds.unlinked), (2, 3));
        assert_eq!(count(&app, shop, JOURNAL).await, 1);
    }

    async fn the_sums_of_the_report_are_those_of_the_file_to_the_cent(db: TestDb) {
        let app = app(&db);
        let shop = shop(&app, "demo").await;
        let report = import(&app, shop, SMALL).await;
        assert_eq!(report.counts.orders_amount, 2886 + 2208 + 1850 + 370);
        assert_eq!(report.counts.refunds_amount, -1530 - 555 - 3700 - 2750 - 185);
        assert_eq!(report.net(), report.counts.orders_amount + report.counts.refunds_amount);
        let partly = report.states[&OrderState::PartlyRefunded];
        assert_eq!((partly.orders, partly.total, partly.refunded), (2, 4058, 2085));
        assert_eq!(report.refunds.linked_amount, -2085);
    }

    async fn refused_lines_are_kept_with_number_and_reason(db: TestDb) {
        let app = app(&db);
        let shop = shop(&app, "demo").await;
        let report = import(&app, shop, SMALL).await;
        let refused: Vec<_> =
            report.refusals.iter().map(|r| (r.line, r.code, r.detail.as_str())).collect();
        assert_eq!(refused, [
            (14, RefusalCode::LedgerAdjustment, ""),
            (15, RefusalCode::StockAdjustment, "-40"),
            (16, RefusalCode::Date, "17/01/2011 10:00"),
            (17, RefusalCode::OrderIncomplete, ""),
            (18, RefusalCode::Columns, "3"),
        ]);
        assert_eq!(report.counts.refused.values().sum::<u64>(), 5);
    }

    async fn the_same_file_again_changes_nothing(db: TestDb) {
        let app = app(&db);
        let shop = shop(&app, "demo").await;
        let first = import(&app, shop, SMALL).await;
        let before = (orders(&app, shop).await, refunds(&app, shop).await);
        let again = import(&app, shop, SMALL).await;
        assert_eq!((orders(&app, shop).await, refunds(&app, shop).await), before);
        assert_eq!((again.counts.orders_unchanged, again.counts.refunds_unchanged), (4, 5));
        assert_eq!((again.counts.orders_new, again.counts.orders_changed), (0, 0));
        assert_eq!((again.counts.buyers_new, again.counts.products_new), (0, 0));
        assert_eq!((again.run, again.resumed_at_line), (first.run, None));
        assert_eq!((again.states, again.refunds, again.refusals),
            (first.states, first.refunds, first.refusals));
        assert_eq!(count(&app, shop, JOURNAL).await, 1, "nothing happened the second time");
    }

    async fn a_longer_file_adds_only_what_it_adds(db: TestDb) {
        let app = app(&db);
        let shop = shop(&app, "demo").await;
        import(&app, shop, SMALL).await;
        let longer =
            format!("{SMALL}1013,T-10,TIN TEAPOT,1,2011-02-01 10:00:00,2.55,504.0,France\n");
        let report = import(&app, shop, &longer).await;
        assert_eq!((report.counts.orders_new, report.counts.orders_unchanged), (1, 4));
        assert_eq!((report.counts.orders_changed, report.counts.buyers_new), (0, 1));
    }

    async fn a_changed_order_is_replaced_and_its_refunds_find_their_place_anew(db: TestDb) {
        let app = app(&db);
        let shop = shop(&app, "demo").await;
        import(&app, shop, SMALL).await;
        // 1002 turns out to be another article: the refund of 6 teapots now gives back 1001's.
        let corrected = SMALL.replace("1002,T-10,TIN TEAPOT", "1002,K-50,KETTLE");
        let report = import(&app, shop, &corrected).await;
        assert_eq!((report.counts.orders_changed, report.counts.orders_unchanged), (1, 3));
        let stored = orders(&app, shop).await;
        assert_eq!(stored[0], "1001 partly_refunded 2886-1530 501: T-10×6(-6)=1530 L-20×4=1356 G-01×1=0");
        assert_eq!(stored[1], "1002 completed 2208-0 501: K-50×6=1530 L-20×2=678");
        assert_eq!(refunds(&app, shop).await[0], "C1004/1 T-10×6=-1530 → 1001/1");
    }

    async fn a_changed_cancellation_is_replaced_and_gives_back_what_it_now_says(db: TestDb) {
        let app = app(&db);
        let shop = shop(&app, "demo").await;
        import(&app, shop, SMALL).await;
        let corrected = SMALL.replace("C1004,T-10,TIN TEAPOT,-6", "C1004,T-10,TIN TEAPOT,-2");
        let report = import(&app, shop, &corrected).await;
        assert_eq!((report.counts.refunds_changed, report.counts.refunds_unchanged), (1, 4));
        assert_eq!(orders(&app, shop).await[1],
            "1002 partly_refunded 2208-510 501: T-10×6(-2)=1530 L-20×2=678");
    }

    async fn a_cancellation_waits_unlinked_until_its_order_comes_in(db: TestDb) {
        let app = app(&db);
        let shop = shop(&app, "demo").await;
        let cancelled = ["C9,T-10,TIN TEAPOT,-6,2011-03-02 12:00:00,2.55,501.0,X"];
        let report = import(&app, shop, &file(&cancelled)).await;
        assert_eq!((report.refunds.linked, report.refunds.unlinked), (0, 1));
        let bought = ["8,T-10,TIN TEAPOT,6,2011-03-01 12:00:00,2.55,501.0,X"];
        let report = import(&app, shop, &file(&bought)).await;
        assert_eq!((report.refunds.linked, report.refunds.unlinked), (1, 0));
        assert_eq!(orders(&app, shop).await, ["8 refunded 1530-1530 501: T-10×6(-6)=1530"]);
        assert_eq!(refunds(&app, shop).await, ["C9/1 T-10×6=-1530 → 8/1"]);
    }

    async fn links_do_not_depend_on_which_file_came_first(db: TestDb) {
        let app = app(&db);
        let (one, two) = (shop(&app, "one").await, shop(&app, "two").await);
        let (old, new): (Vec<&str>, Vec<&str>) = (
            vec![
                "1,A,a,5,2011-03-01 08:00:00,1.00,7,X",
                "C2,A,a,-3,2011-03-02 08:00:00,1.00,7,X",
                "3,A,a,3,2011-03-03 08:00:00,1.00,7,X",
            ],
            vec![
                "4,A,a,4,2011-03-04 08:00:00,1.00,7,X",
                "C5,A,a,-3,2011-03-05 08:00:00,1.00,7,X",
                "C6,A,a,-4,2011-03-05 09:00:00,1.00,7,X",
                "C7,A,a,-4,2011-03-05 10:00:00,1.00,7,X",
            ],
        );
        import(&app, one, &file(&[old.clone(), new.clone()].concat())).await;
        import(&app, two, &file(&new)).await;
        import(&app, two, &file(&old)).await;
        assert_eq!(orders(&app, two).await, orders(&app, one).await);
        assert_eq!(refunds(&app, two).await, refunds(&app, one).await);
        assert_eq!(refunds(&app, one).await, [
            "C2/1 A×3=-300 → 1/1",
            "C5/1 A×3=-300 → 3/1",
            "C6/1 A×4=-400 → 4/1",
            "C7/1 A×4=-400 → -",
        ]);
    }

    async fn shops_do_not_see_each_other(db: TestDb) {
        let app = app(&db);
        let (one, two) = (shop(&app, "one").await, shop(&app, "two").await);
        import(&app, one, SMALL).await;
        let report = import(&app, two, SMALL).await;
        assert_eq!((report.counts.orders_new, report.counts.orders_unchanged), (4, 0));
        assert_ne!(buyer(&app, one, "501").await, buyer(&app, two, "501").await);
        assert_eq!(orders(&app, one).await, orders(&app, two).await);
    }

    async fn who_has_chatted_before_is_the_same_buyer(db: TestDb) {
        let app = app(&db);
        let shop = shop(&app, "demo").await;
        let at = app.clock.now();
        let id = xiaoer_domain::id::PublicId::v7(at, [1; 10]);
        let known = app.db.write(move |tx| Box::pin(async move {
            people::insert_buyer(tx, shop, id, Some("501"), "林间有鹿", at).await
        }));
        let known: Result<_, StoreError> = known.await;
        let report = import(&app, shop, SMALL).await;
        assert_eq!(report.counts.buyers_new, 1);
        assert_eq!(buyer(&app, shop, "501").await, known.unwrap());
        let named = "SELECT COUNT(*) FROM buyer WHERE shop_id = $1 AND name = '林间有鹿'";
        assert_eq!(count(&app, shop, named).await, 1, "an import renames nobody");
    }

    async fn two_imports_of_one_file_at_once_store_every_order_once(db: TestDb) {
        let app = app(&db);
        let shop = shop(&app, "demo").await;
        let text = || Cursor::new(SMALL.to_owned().into_bytes());
        let (one, two) =
            tokio::join!(try_import(&app, shop, text()), try_import(&app, shop, text()));
        assert!(one.is_ok() || two.is_ok(), "{one:?} {two:?}");
        assert_eq!(orders(&app, shop).await.len(), 4);
        assert_eq!(refunds(&app, shop).await.len(), 5);
    }

    async fn the_zone_that_is_told_moves_the_orders(db: TestDb) {
        let app = app(&db);
        let shop = shop(&app, "demo").await;
        import(&app, shop, SMALL).await;
        let mut there = options();
        there.zone = xiaoer_connect::Zone::parse("Asia/Shanghai").unwrap();
        let text = Cursor::new(SMALL.to_owned().into_bytes());
        let report = app.import_orders(shop, text, there, |_| {}).await.unwrap();
        assert_eq!((report.counts.orders_changed, report.counts.orders_unchanged), (4, 0));
        assert_eq!(report.refunds.linked, 2);
    }
}
