//! A buyer's orders, newest first, and orders by number.

use std::fmt::Write as _;

use xiaoer_app::App;
use xiaoer_domain::id::{BuyerId, ShopId};
use xiaoer_protocol::ErrorCode;
use xiaoer_testkit::{TestDb, both_dbs};

use super::shop::{HEADER, SMALL, app, buyer, import, shop};

/// Every page, as order numbers.
async fn pages(app: &App, shop: ShopId, buyer: BuyerId, limit: i64) -> Vec<Vec<String>> {
    let (mut pages, mut cursor) = (Vec::new(), None);
    loop {
        let page = app.list_orders(shop, buyer, cursor.as_deref(), limit).await.unwrap();
        pages.push(page.orders.iter().map(|order| order.number.clone()).collect());
        cursor = page.next;
        if cursor.is_none() {
            return pages;
        }
    }
}

both_dbs! {
    async fn a_buyers_orders_come_newest_first_with_items_and_refunds(db: TestDb) {
        let app = app(&db);
        let shop = shop(&app, "demo").await;
        import(&app, shop, SMALL).await;
        let buyer = buyer(&app, shop, "501").await;
        let page = app.list_orders(shop, buyer, None, 20).await.unwrap();
        let json = serde_json::to_value(&page).unwrap();
        let order = &json["orders"][0];
        assert_eq!((order["number"].as_str(), order["state"].as_str()), (Some("1002"), Some("partly_refunded")));
        assert_eq!((order["total"].as_i64(), order["refunded"].as_i64()), (Some(2208), Some(1530)));
        assert_eq!(order["placed_at"], 1_294_741_800_000_000_i64);
        assert_eq!(order["items"][0]["title"], "TIN TEAPOT");
        assert_eq!(order["items"][0]["unit_price"], 255);
        assert_eq!(order["items"][0]["refunded_quantity"], 6);
        assert_eq!(order["refunds"][0]["number"], "C1004");
        assert_eq!(order["refunds"][0]["amount"], -1530);
        assert_eq!(json["orders"][1]["number"], "1001");
        assert!(json["next"].is_null());
    }

    async fn pages_have_no_holes_and_no_doubles_also_within_one_moment(db: TestDb) {
        let app = app(&db);
        let shop = shop(&app, "demo").await;
        let mut text = HEADER.to_owned();
        for order in 0..23 {
            let _ = writeln!(text, "{order:02},A,a,1,2011-01-01 08:{:02}:00,1.00,7,X", order / 5);
        }
        import(&app, shop, &text).await;
        let buyer = buyer(&app, shop, "7").await;
        for limit in [1, 4, 5, 23, 50] {
            let pages = pages(&app, shop, buyer, limit).await;
            let all: Vec<String> = pages.concat();
            let expected: Vec<String> = (0..23).rev().map(|order| format!("{order:02}")).collect();
            assert_eq!(all, expected, "pages of {limit}");
            assert!(pages.iter().all(|page| page.len() <= usize::try_from(limit).unwrap()));
        }
    }

    async fn long_orders_end_a_page_early_and_none_is_lost(db: TestDb) {
        let app = app(&db);
        let shop = shop(&app, "demo").await;
        let mut text = HEADER.to_owned();
        for (order, items) in [(1, 300), (2, 150), (3, 900), (4, 2)] {
            for item in 0..items {
                let _ = writeln!(text, "{order},S{item},a,1,2011-01-0{order} 08:00:00,1.00,7,X");
            }
        }
        import(&app, shop, &text).await;
        let buyer = buyer(&app, shop, "7").await;
        let pages = pages(&app, shop, buyer, 20).await;
        assert_eq!(pages, [vec!["4"], vec!["3"], vec!["2", "1"]]);
    }

    async fn another_shops_buyer_has_no_orders_here(db: TestDb) {
        let app = app(&db);
        let (one, two) = (shop(&app, "one").await, shop(&app, "two").await);
        import(&app, one, SMALL).await;
        let buyer = buyer(&app, one, "501").await;
        assert!(app.list_orders(two, buyer, None, 20).await.unwrap().orders.is_empty());
        assert!(app.orders_by_number(two, "1001").await.unwrap().is_empty());
    }

    async fn a_cursor_that_is_none_is_refused(db: TestDb) {
        let app = app(&db);
        let shop = shop(&app, "demo").await;
        let refused = app.list_orders(shop, BuyerId::new(1), Some("x"), 20).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::BadRequest);
    }

    async fn an_order_is_found_by_its_number_and_by_that_of_its_cancellation(db: TestDb) {
        let app = app(&db);
        let shop = shop(&app, "demo").await;
        import(&app, shop, SMALL).await;
        for number in ["1002", " 1002 ", "C1004"] {
            let found = app.orders_by_number(shop, number).await.unwrap();
            let numbers: Vec<&str> = found.iter().map(|order| order.number.as_str()).collect();
            assert_eq!(numbers, ["1002"], "{number:?}");
            assert_eq!(found[0].buyer, Some(buyer(&app, shop, "501").await));
        }
        for number in ["", "100", "C1007", "9999"] {
            assert!(app.orders_by_number(shop, number).await.unwrap().is_empty(), "{number:?}");
        }
    }
}
