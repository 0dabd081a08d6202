//! What exports of marketplaces leave behind: states that only go forward, details, and buyers only where one is named.

use std::io::Cursor;

use xiaoer_app::App;
use xiaoer_app::orders::{ImportOptions, ImportReport};
use xiaoer_connect::{Format, Zone};
use xiaoer_domain::id::ShopId;
use xiaoer_domain::orders::{Currency, Order, OrderState};
use xiaoer_domain::private::Private;
use xiaoer_testkit::{TestDb, both_dbs};

use super::shop::{app, count, orders, shop};

const TAOBAO: &[u8] = include_bytes!("../../../../connect/fixtures/taobao.csv");
const HEADING: &str = "订单编号,买家会员名,买家实际支付金额,订单状态,收货人姓名,联系手机,订单创建时间,订单付款时间,宝贝标题,物流单号,订单备注";
const PAID: &str = "71,n**,30,买家已付款，等待卖家发货,林夏,13800005620,2026-11-01 10:00:00,2026-11-01 10:01:00,竹筷,,";
const SENT: &str = "71,n**,30,卖家已发货，等待买家确认,林夏,13800005620,2026-11-01 10:00:00,2026-11-01 10:01:00,竹筷,SF7,急";

async fn import(app: &App, shop: ShopId, bytes: &[u8]) -> ImportReport {
    let options = ImportOptions {
        format: Format::Taobao,
        file_name: "ExportOrderList.csv".into(),
        zone: Zone::parse("Asia/Shanghai").unwrap(),
        currency: Currency::parse("CNY").unwrap(),
        mapping: None,
    };
    app.import_orders(shop, Cursor::new(bytes.to_vec()), options, |_| {}).await.unwrap()
}

async fn import_line(app: &App, shop: ShopId, line: &str) -> ImportReport {
    import(app, shop, format!("{HEADING}\n{line}\n").as_bytes()).await
}

async fn one(app: &App, shop: ShopId, number: &str) -> Order {
    app.orders_by_number(shop, number).await.unwrap().remove(0)
}

both_dbs! {
    async fn an_export_becomes_orders_with_their_details(db: TestDb) {
        let app = app(&db);
        let shop = shop(&app, "demo").await;
        let report = import(&app, shop, TAOBAO).await;
        assert_eq!(orders(&app, shop).await, [
            "3801 shipped 109800-0 -: ×2=119800",
            "3802 unpaid 6780-0 taobao:小满的店: ×2=5980",
            "3803 closed 3900-0 -: ×1=3900",
        ]);
        assert_eq!((report.counts.orders_new, report.counts.buyers_new), (3, 1));
        assert_eq!(report.counts.products_new, 0, "no stock code is no product");
        let sent = one(&app, shop, "3801").await;
        assert_eq!(sent.details.phone.as_ref().map(Private::reveal), Some("13800005620"));
        assert_eq!(sent.details.waybill.as_deref(), Some("SF10001"));
        assert!(sent.details.paid_at.is_some() && sent.details.finished_at.is_none());
        let original = report.refusals[0].original.as_ref().unwrap();
        assert!(original.reveal().starts_with("3804,"), "kept with the run");
    }

    async fn a_newer_export_moves_an_order_on_and_an_older_one_does_not_take_it_back(db: TestDb) {
        let app = app(&db);
        let shop = shop(&app, "demo").await;
        import_line(&app, shop, PAID).await;
        assert_eq!(one(&app, shop, "71").await.state, OrderState::Paid);
        let newer = import_line(&app, shop, SENT).await;
        assert_eq!((newer.counts.orders_changed, newer.counts.orders_older), (1, 0));
        let older = import_line(&app, shop, PAID).await;
        assert_eq!((older.counts.orders_changed, older.counts.orders_older), (0, 1));
        let stands = one(&app, shop, "71").await;
        assert_eq!(stands.state, OrderState::Shipped);
        assert_eq!(stands.details.waybill.as_deref(), Some("SF7"));
    }

    async fn masked_names_make_no_buyers_and_merge_none(db: TestDb) {
        let app = app(&db);
        let shop = shop(&app, "demo").await;
        import_line(&app, shop, PAID).await;
        import_line(&app, shop, &PAID.replace("71,", "72,")).await;
        let nobody = "SELECT COUNT(*) FROM buyer WHERE shop_id = $1";
        assert_eq!(count(&app, shop, nobody).await, 0);
    }
}
