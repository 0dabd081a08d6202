//! Products: found as they are typed, paged, shown to buyers without what is not theirs to see.

use serde_json::{Value, json};
use xiaoer_app::App;
use xiaoer_domain::orders::{Currency, Product};
use xiaoer_domain::team::Role;
use xiaoer_testkit::client::{Http, escaped, text};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{SHOP, TestApp};

fn product(sku: &str, title: &str) -> Product {
    Product {
        sku: sku.to_owned(),
        title: title.to_owned(),
        price: Some(32_900),
        currency: Currency::parse("CNY").ok(),
        image: Some(format!("/shop/pictures/{sku}.svg")),
        link: Some(format!("/shop?sku={sku}")),
        stock: Some(7),
        category: Some("开衫".to_owned()),
    }
}

async fn save(app: &App, products: Vec<Product>) {
    let shop = app.shop(SHOP).await.unwrap();
    app.save_products(shop.id, products).await.unwrap();
}

async fn page(agent: &Http, query: &str) -> (Vec<String>, Value) {
    let found = agent.get(&format!("/shops/{SHOP}/products?{query}")).await.ok();
    let skus = found["products"].as_array().unwrap().iter().map(|p| text(&p["sku"])).collect();
    (skus, found["next"].clone())
}

async fn found(agent: &Http, words: &str) -> Vec<String> {
    page(agent, &format!("q={}", escaped(words))).await.0
}

both_dbs! {
    async fn a_product_is_found_by_title_code_pinyin_and_initials(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("xiaoman").await;
        assert_eq!(found(&agent, "").await, [""; 0]);
        save(app.app(), vec![
            product("QH-101", "圆领羊毛开衫 雾蓝"),
            product("QH-201", "羊绒围巾 格纹"),
            product("QH-301", "Merino 毛线帽"),
        ]).await;
        for (words, expected) in [
            ("", vec!["QH-301", "QH-201", "QH-101"]),
            ("羊", vec!["QH-201", "QH-101"]),
            ("羊毛", vec!["QH-101"]),
            ("ymkshan", vec![]),
            ("ymks", vec!["QH-101"]),
            ("YANGrong", vec!["QH-201"]),
            ("wj", vec!["QH-201"]),
            ("201", vec!["QH-201"]),
            ("qh-3", vec!["QH-301"]),
            ("merino 帽", vec!["QH-301"]),
            ("羊 gw", vec!["QH-201"]),
            ("羊 帽", vec![]),
            ("%", vec![]),
            ("\u{10FFFF}", vec![]),
        ] {
            assert_eq!(found(&agent, words).await, expected, "{words}");
        }
        app.stop().await;
    }

    async fn a_product_that_comes_again_is_found_by_what_it_is_called_now(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("xiaoman").await;
        save(app.app(), vec![product("QH-101", "圆领羊毛开衫")]).await;
        assert_eq!(found(&agent, "ymks").await, ["QH-101"]);
        save(app.app(), vec![Product { price: Some(100), ..product("QH-101", "翻领棉衬衫") }]).await;
        assert_eq!(found(&agent, "ymks").await, [""; 0]);
        assert_eq!(found(&agent, "mcs").await, ["QH-101"]);
        let shown = agent.get(&format!("/shops/{SHOP}/products")).await.ok();
        assert_eq!(shown["products"][0]["price"], 100);
        assert_eq!(shown["products"][0]["stock"], 7);
        app.stop().await;
    }

    async fn products_come_in_pages_each_once(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("xiaoman").await;
        let all = (100..145).map(|n| product(&format!("QH-{n}"), "圆领羊毛开衫"));
        save(app.app(), all.collect()).await;
        for query in ["q=ymks", "q="] {
            let (first, next) = page(&agent, query).await;
            assert_eq!((first.len(), first[0].as_str()), (20, "QH-144"));
            let (second, next) = page(&agent, &format!("{query}&cursor={}", text(&next))).await;
            assert_eq!((second.len(), second[0].as_str()), (20, "QH-124"));
            let (third, next) = page(&agent, &format!("{query}&cursor={}", text(&next))).await;
            assert_eq!((third.len(), third[4].as_str()), (5, "QH-100"));
            assert_eq!(next, Value::Null);
        }
        assert_eq!(page(&agent, "limit=1000").await.0.len(), 20);
        agent.get(&format!("/shops/{SHOP}/products?cursor=x")).await.refused(400);
        app.stop().await;
    }

    async fn a_buyer_sees_the_card_and_only_staff_the_stock(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.other_shop().await;
        save(app.app(), vec![product("QH-101", "圆领羊毛开衫")]).await;
        let card = app.http.get(&format!("/widget/{SHOP}/products/QH-101")).await.ok();
        assert_eq!(card, json!({
            "sku": "QH-101", "title": "圆领羊毛开衫", "price": 32_900, "currency": "CNY",
            "image": "/shop/pictures/QH-101.svg", "link": "/shop?sku=QH-101",
        }));
        for sku in ["QH-999", "%20", "%00"] {
            app.http.get(&format!("/widget/{SHOP}/products/{sku}")).await.refused(404);
        }
        app.http.get("/widget/other/products/QH-101").await.refused(404);
        app.http.get(&format!("/shops/{SHOP}/products")).await.refused(401);
        app.person("auditor", &[Role::ReadOnly]).await;
        let auditor = app.http.bearer(&app.sign_in("auditor").await);
        assert_eq!(found(&auditor, "").await, ["QH-101"]);
        app.person_of("other", "stranger", &[Role::Owner]).await;
        let stranger = app.http.bearer(&app.sign_in("stranger").await);
        let answer = stranger.get(&format!("/shops/{SHOP}/products")).await;
        assert!(answer.status == 403 || answer.status == 404, "{}", answer.status);
        app.stop().await;
    }

    async fn what_cannot_be_a_product_is_refused_and_nothing_is_saved(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("xiaoman").await;
        let shop = app.shop().await.id;
        let good = || product("QH-101", "圆领羊毛开衫");
        for bad in [
            product("", "没有货号"),
            product("QH-\u{7}", "响铃"),
            product("QH-101", "又一件"),
            Product { price: Some(-1), ..product("QH-102", "负价") },
            Product { currency: None, ..product("QH-102", "没有币种") },
            Product { image: Some("javascript:x".to_owned()), ..product("QH-102", "图") },
            Product { stock: Some(-1), ..product("QH-102", "负库存") },
        ] {
            assert!(app.app().save_products(shop, vec![good(), bad.clone()]).await.is_err(), "{bad:?}");
        }
        assert_eq!(found(&agent, "").await, [""; 0]);
        app.stop().await;
    }
}
