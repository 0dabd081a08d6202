//! The index proposes what has the words, of one shop, newest first, page by page.

use xiaoer_domain::id::ShopId;
use xiaoer_domain::search::Query;
use xiaoer_store::search::{self, Document};
use xiaoer_store::{Db, StoreError};
use xiaoer_testkit::{TestDb, both_dbs};

const SHOP: ShopId = ShopId::new(1);
const OTHER: ShopId = ShopId::new(11);

fn document(shop: ShopId, entry: i64, text: &str) -> Document {
    Document { shop, entry, text: Some(text.to_owned()) }
}

async fn index(db: &Db, documents: Vec<Document>) {
    db.derived_write(move |tx| {
        let documents = documents.clone();
        Box::pin(async move { search::index(tx, &documents).await })
    })
    .await
    .unwrap();
}

async fn find(db: &Db, shop: ShopId, query: &str, before: i64, limit: i64) -> Vec<i64> {
    let query = Query::parse(query).unwrap();
    db.derived_read(move |tx| {
        Box::pin(async move { search::candidates(tx, shop, &query, before, limit).await })
    })
    .await
    .unwrap()
}

async fn all(db: &Db, query: &str) -> Vec<i64> {
    find(db, SHOP, query, i64::MAX, 100).await
}

both_dbs! {
    async fn words_of_every_length_and_writing_are_found(db: TestDb) {
        index(&db, vec![
            document(SHOP, 1, "我要退款，订单C536379"),
            document(SHOP, 2, "Where is my Refund? 退一下"),
            document(SHOP, 3, "手机13812345678 iPhone15 壳 𠮷 ＡＢ"),
            document(OTHER, 4, "我要退款，订单C536379"),
        ]).await;
        for (query, expected) in [
            ("退", vec![2, 1]),
            ("退款", vec![1]),
            ("要退款", vec![1]),
            ("款退", vec![]),
            ("refund", vec![2]),
            ("C536379", vec![1]),
            ("536379", vec![1]),
            ("5678", vec![3]),
            ("iphone", vec![3]),
            ("退 REFUND", vec![2]),
            ("𠮷", vec![3]),
            ("ab", vec![3]),
            ("换", vec![]),
        ] {
            assert_eq!(all(&db, query).await, expected, "{query}");
        }
    }

    async fn another_shop_is_never_searched(db: TestDb) {
        index(&db, vec![document(SHOP, 1, "退款"), document(OTHER, 2, "退款 1 11")]).await;
        assert_eq!(all(&db, "退款").await, [1]);
        assert_eq!(find(&db, OTHER, "退款", i64::MAX, 100).await, [2]);
        assert!(all(&db, "11").await.is_empty());
        assert!(find(&db, ShopId::new(111), "退款", i64::MAX, 100).await.is_empty());
    }

    async fn pages_of_a_frequent_and_a_rare_word_have_no_holes_and_no_doubles(db: TestDb) {
        let rows = (1..=9000_i64).map(|entry| {
            document(SHOP, entry, if entry % 700 == 0 { "好的 稀" } else { "好的" })
        });
        for part in rows.collect::<Vec<_>>().chunks(1000) {
            index(&db, part.to_vec()).await;
        }
        for (query, expected) in [
            ("好", (1..=9000).rev().collect::<Vec<i64>>()),
            ("稀", (1..=12).rev().map(|n| n * 700).collect()),
        ] {
            let mut found = Vec::new();
            let mut before = i64::MAX;
            loop {
                let page = find(&db, SHOP, query, before, 999).await;
                let Some(last) = page.last() else { break };
                before = *last;
                found.extend(page);
            }
            assert_eq!(found, expected, "{query}");
        }
    }

    async fn old_lines_are_found_however_long_ago_and_far_apart(db: TestDb) {
        let ids: Vec<i64> = (0..300).map(|n| 1 + n * 40_000).collect();
        let rows = ids.iter().map(|entry| {
            document(SHOP, *entry, if *entry % 3 == 1 { "纱窗" } else { "别的" })
        });
        index(&db, rows.collect()).await;
        // So many newer lines of others and of its own that no walk reaches the old ones.
        let newer = (12_000_000..12_005_000_i64).map(|entry| document(SHOP, entry, "新的"));
        index(&db, newer.collect()).await;
        let expected: Vec<i64> = ids.iter().rev().copied().filter(|id| id % 3 == 1).collect();
        for limit in [1, 3, 30, 1000] {
            let mut found = Vec::new();
            let mut before = i64::MAX;
            loop {
                let page = find(&db, SHOP, "纱窗", before, limit).await;
                let Some(last) = page.last() else { break };
                assert!(page.len() <= usize::try_from(limit).unwrap());
                before = *last;
                found.extend(page);
            }
            assert_eq!(found, expected, "{limit} at once");
        }
        assert!(all(&db, "没有").await.is_empty());
    }

    async fn indexing_again_replaces_and_without_a_text_removes(db: TestDb) {
        index(&db, vec![document(SHOP, 1, "退款"), document(SHOP, 2, "退款")]).await;
        index(&db, vec![document(SHOP, 1, "换货")]).await;
        assert_eq!(all(&db, "退款").await, [2]);
        assert_eq!(all(&db, "换货").await, [1]);
        index(&db, vec![Document { shop: SHOP, entry: 2, text: None }]).await;
        assert!(all(&db, "退款").await.is_empty());
        index(&db, vec![Document { shop: SHOP, entry: 77, text: None }]).await;
    }

    async fn upkeep_changes_no_answer_and_clearing_leaves_nothing(db: TestDb) {
        for entry in 1..=40 {
            index(&db, vec![document(SHOP, entry, "退款")]).await;
        }
        index(&db, (1..=20).map(|entry| Document { shop: SHOP, entry, text: None }).collect()).await;
        db.derived_write(|tx| Box::pin(search::tidy(tx))).await.unwrap();
        assert_eq!(all(&db, "退款").await, (21..=40).rev().collect::<Vec<i64>>());
        db.derived_write(|tx| Box::pin(search::clear(tx))).await.unwrap();
        assert!(all(&db, "退款").await.is_empty());
        index(&db, vec![document(SHOP, 5, "退款")]).await;
        assert_eq!(all(&db, "退款").await, [5]);
    }

    async fn a_failed_write_leaves_the_index_as_it_was(db: TestDb) {
        index(&db, vec![document(SHOP, 1, "退款")]).await;
        let failed = db.derived_write(|tx| Box::pin(async move {
            search::index(tx, &[document(SHOP, 2, "退款")]).await?;
            Err::<(), _>(StoreError::inconsistent("a test", "it fails on purpose"))
        })).await;
        assert!(failed.is_err());
        assert_eq!(all(&db, "退款").await, [1]);
    }
}
