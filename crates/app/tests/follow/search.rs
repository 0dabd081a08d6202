//! What was said is found, newest first, only in its shop, and not after it was taken back.

use xiaoer_app::customers::identity;
use xiaoer_app::followers::Following;
use xiaoer_domain::time::Span;
use xiaoer_protocol::ErrorCode;
use xiaoer_testkit::{TestDb, both_dbs};

use crate::house::{House, SEARCH};

both_dbs! {
    async fn lines_are_found_by_words_of_any_length_newest_first(db: TestDb) {
        let house = House::open(&db).await;
        let buyer = house.buyer().await;
        for text in ["退款多久到账？", "订单C536379要退", "Refund please", "iPhone15手机壳，电话13812345678"] {
            house.says(buyer, text).await;
        }
        house.catch_up(&mut Following::new(SEARCH)).await;
        for (query, expected) in [
            ("退", vec!["订单C536379要退", "退款多久到账？"]),
            ("退款", vec!["退款多久到账？"]),
            ("多久到", vec!["退款多久到账？"]),
            ("退款到账", vec![]),
            ("退款 到账", vec!["退款多久到账？"]),
            ("refund", vec!["Refund please"]),
            ("c536379", vec!["订单C536379要退"]),
            ("536379", vec!["订单C536379要退"]),
            ("5678", vec!["iPhone15手机壳，电话13812345678"]),
            ("iphone15手机", vec!["iPhone15手机壳，电话13812345678"]),
            ("？", vec![]),
        ] {
            assert_eq!(house.texts(query).await, expected, "{query}");
        }
    }

    async fn both_lanes_are_found_and_told_apart(db: TestDb) {
        let house = House::open(&db).await;
        let buyer = house.buyer().await;
        let said = house.says(buyer, "要退款").await;
        let noted = house.notes(buyer, "退款的老客").await;
        house.catch_up(&mut Following::new(SEARCH)).await;
        let found = house.found("退款").await;
        let short: Vec<(&str, i64)> = found.iter().map(|(lane, seq, _)| (lane.as_str(), *seq)).collect();
        assert_eq!(short, [("staff", noted), ("buyer", said)]);
    }

    async fn a_page_tells_whose_line_it_is(db: TestDb) {
        let house = House::open(&db).await;
        let expires = house.clock.now().plus(Span::minutes(30));
        let jwt = identity::sign("17850", "林间有鹿", "demo", &house.shop.identity_key, expires);
        let arrival = house.app.arrive(&house.shop, None, Some(&jwt)).await.unwrap();
        house.says(arrival.caller, "能赶上明天发吗").await;
        house.catch_up(&mut Following::new(SEARCH)).await;
        let found = house.page("明天", None, 10).await;
        assert_eq!(found.entries.len(), 1);
        assert_eq!(found.entries[0].conversation, arrival.conversation);
        assert_eq!(found.entries[0].buyer.reference.as_deref(), Some("17850"));
        assert_eq!(found.next, None);
    }

    async fn another_shops_lines_are_never_found(db: TestDb) {
        let house = House::open(&db).await;
        let other = House::open_shop(&db, "other").await;
        house.says(house.buyer().await, "退款一").await;
        other.says(other.buyer().await, "退款二").await;
        house.catch_up(&mut Following::new(SEARCH)).await;
        assert_eq!(house.texts("退款").await, ["退款一"]);
        assert_eq!(other.texts("退款").await, ["退款二"]);
        let found = other.page("退款", None, 10).await;
        assert!(found.entries.iter().all(|e| e.entry.text.as_deref() == Some("退款二")));
    }

    async fn a_recalled_line_is_not_found_even_before_the_index_knows(db: TestDb) {
        let house = House::open(&db).await;
        let buyer = house.buyer().await;
        house.says(buyer, "退款一").await;
        let seq = house.says(buyer, "退款二").await;
        let mut search = Following::new(SEARCH);
        house.catch_up(&mut search).await;
        house.recalls(buyer, seq).await;
        assert_eq!(house.texts("退款").await, ["退款一"]);
        house.catch_up(&mut search).await;
        assert_eq!(house.texts("退款").await, ["退款一"]);
        let query = xiaoer_domain::search::Query::parse("退款二").unwrap();
        let shop = house.shop.id;
        let left = db.derived_read(move |tx| Box::pin(async move {
            xiaoer_store::search::candidates(tx, shop, &query, i64::MAX, 10).await
        })).await.unwrap();
        assert!(left.is_empty(), "it is gone from the index too");
    }

    async fn pages_have_no_holes_and_no_doubles_while_new_lines_come(db: TestDb) {
        let house = House::open(&db).await;
        let buyer = house.buyer().await;
        let mut expected = Vec::new();
        for number in 0..60 {
            // Every third line has the words and does not say it: a page looks past them.
            let text = match number % 3 {
                0 => format!("退款款到 {number}"),
                _ => format!("退款到了 {number}"),
            };
            house.says(buyer, &text).await;
            if number % 3 != 0 {
                expected.push(text);
            }
        }
        expected.reverse();
        let mut search = Following::new(SEARCH);
        house.catch_up(&mut search).await;
        let mut texts = Vec::new();
        let mut cursor: Option<String> = None;
        for pages in 1.. {
            assert!(pages < 30, "the pages end");
            let page = house.page("退款到", cursor.as_deref(), 7).await;
            assert!(page.entries.len() <= 7);
            texts.extend(page.entries.into_iter().filter_map(|e| e.entry.text));
            house.says(buyer, &format!("退款到了，新的 {pages}")).await;
            house.catch_up(&mut search).await;
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(texts, expected);
    }

    async fn a_page_that_is_just_full_has_no_next_one(db: TestDb) {
        let house = House::open(&db).await;
        let buyer = house.buyer().await;
        for number in 0..5 {
            house.says(buyer, &format!("退款 {number}")).await;
        }
        house.catch_up(&mut Following::new(SEARCH)).await;
        assert_eq!(house.page("退款", None, 5).await.next, None);
        assert!(house.page("退款", None, 4).await.next.is_some());
    }

    async fn buyers_are_found_by_the_beginning_of_name_or_number(db: TestDb) {
        let house = House::open(&db).await;
        let expires = house.clock.now().plus(Span::minutes(30));
        for (number, name) in [("17850", "林间有鹿"), ("178", "Tom Li"), ("99", "林间")] {
            let jwt = identity::sign(number, name, "demo", &house.shop.identity_key, expires);
            house.app.arrive(&house.shop, None, Some(&jwt)).await.unwrap();
        }
        for (query, expected) in [
            ("178", vec!["178", "17850"]),
            ("林间", vec!["99", "17850"]),
            ("tom", vec!["178"]),
            ("TOM L", vec!["178"]),
            ("间", vec![]),
            ("%", vec![]),
        ] {
            let found = house.page(query, None, 10).await.buyers;
            let numbers = found.iter().filter_map(|b| b.buyer.reference.clone());
            assert_eq!(numbers.collect::<Vec<_>>(), expected, "{query}");
            assert!(found.iter().all(|b| b.conversation.is_some()));
        }
        let other = House::open_shop(&db, "other").await;
        assert!(other.page("178", None, 10).await.buyers.is_empty());
        assert!(house.page("178", Some("5"), 10).await.buyers.is_empty(), "only beside the first page");
    }

    async fn a_query_beyond_the_limit_and_a_broken_cursor_are_refused(db: TestDb) {
        let house = House::open(&db).await;
        let long = "退".repeat(101);
        let refused = house.app.search(house.shop.id, &long, None, 10).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::TooLong);
        let refused = house.app.search(house.shop.id, "退", Some("x"), 10).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::BadRequest);
        let nothing = house.page("\0 '\"\\ OR NEAR( * :", None, 10).await;
        assert!(nothing.entries.is_empty());
    }
}
