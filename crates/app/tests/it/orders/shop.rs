//! A shop to import into, files to import, and what is stored afterwards, as lines of text to compare.

use std::io::{Cursor, Read, Seek};

use xiaoer_app::orders::{ImportError, ImportOptions, ImportReport};
use xiaoer_app::{App, Chance, Clock, Limits};
use xiaoer_connect::{Format, Zone};
use xiaoer_domain::id::{BuyerId, ShopId};
use xiaoer_domain::orders::Currency;
use xiaoer_domain::time::Timestamp;
use xiaoer_store::{Row, Sql, StoreError, args, platform};
use xiaoer_testkit::TestDb;

/// A small shop's file with one of everything.
pub const SMALL: &str = include_str!("../../fixtures/small_shop.csv");
pub const HEADER: &str =
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

const NOW: Timestamp = Timestamp::from_micros(1_763_946_000_000_000);

pub fn app(db: &TestDb) -> App {
    let clock = Clock::from_fn(|| NOW);
    App::new((**db).clone(), clock, Chance::seeded(7), Limits::default())
}

pub async fn shop(app: &App, key: &'static str) -> ShopId {
    let made = app.db.write(move |tx| {
        Box::pin(async move { platform::insert_shop(tx, key, key, b"k", NOW).await })
    });
    let made: Result<ShopId, StoreError> = made.await;
    made.unwrap()
}

pub fn options() -> ImportOptions {
    ImportOptions {
        format: Format::OnlineRetail,
        file_name: "orders.csv".into(),
        zone: Zone::parse("Europe/London").unwrap(),
        currency: Currency::parse("GBP").unwrap(),
        mapping: None,
    }
}

pub async fn try_import(
    app: &App,
    shop: ShopId,
    file: impl Read + Seek + Send + 'static,
) -> Result<ImportReport, ImportError> {
    app.import_orders(shop, file, options(), |_| {}).await
}

pub async fn import(app: &App, shop: ShopId, text: &str) -> ImportReport {
    try_import(app, shop, Cursor::new(text.to_owned().into_bytes())).await.unwrap()
}

/// The header and these lines.
pub fn file(lines: &[&str]) -> String {
    format!("{HEADER}{}\n", lines.join("\n"))
}

pub async fn buyer(app: &App, shop: ShopId, number: &str) -> BuyerId {
    let find = Sql::in_test("SELECT id FROM buyer WHERE shop_id = $1 AND ref = $2");
    let row = rows(app, find, args![shop, number]).await;
    row[0].get("id").unwrap()
}

/// Orders as `number state total-refunded customer lines: sku×quantity(-returned)=amount …`.
pub async fn orders(app: &App, shop: ShopId) -> Vec<String> {
    let heads = Sql::in_test(
        "SELECT o.number, o.state, o.total, o.refunded, o.item_count, b.ref
         FROM shop_order o LEFT JOIN buyer b ON b.id = o.buyer_id
         WHERE o.shop_id = $1 ORDER BY o.number",
    );
    let items = Sql::in_test(
        "SELECT o.number, i.sku, i.quantity, i.refunded_quantity, i.amount
         FROM order_item i JOIN shop_order o ON o.id = i.order_id
         WHERE i.shop_id = $1 ORDER BY o.number, i.line",
    );
    let items = rows(app, items, args![shop]).await;
    let text = |row: &Row| {
        let number: String = row.get("number").unwrap();
        let own = items.iter().filter(|item| item.get::<String>("number").unwrap() == number);
        let lines: Vec<String> = own.map(item_text).collect();
        assert_eq!(row.get::<i64>("item_count").unwrap(), lines.len() as i64, "{number}");
        let customer = row.get::<Option<String>>("ref").unwrap().unwrap_or("-".into());
        let state: String = row.get("state").unwrap();
        let (total, refunded): (i64, i64) =
            (row.get("total").unwrap(), row.get("refunded").unwrap());
        format!("{number} {state} {total}-{refunded} {customer}: {}", lines.join(" "))
    };
    rows(app, heads, args![shop]).await.iter().map(text).collect()
}

fn item_text(item: &Row) -> String {
    let (sku, quantity): (String, i64) = (item.get("sku").unwrap(), item.get("quantity").unwrap());
    let returned = match item.get::<i64>("refunded_quantity").unwrap() {
        0 => String::new(),
        pieces => format!("(-{pieces})"),
    };
    format!("{sku}×{quantity}{returned}={}", item.get::<i64>("amount").unwrap())
}

/// Refunds as `number/line sku×quantity=amount → order/line`.
pub async fn refunds(app: &App, shop: ShopId) -> Vec<String> {
    let sql = Sql::in_test(
        "SELECT r.number, r.line, r.sku, r.quantity, r.amount, o.number AS linked, r.order_line
         FROM order_refund r LEFT JOIN shop_order o ON o.id = r.order_id
         WHERE r.shop_id = $1 ORDER BY r.number, r.line",
    );
    let text = |row: &Row| {
        let link = match row.get::<Option<String>>("linked").unwrap() {
            Some(order) => format!("{order}/{}", row.get::<i64>("order_line").unwrap()),
            None => "-".to_owned(),
        };
        format!(
            "{}/{} {}×{}={} → {link}",
            row.get::<String>("number").unwrap(),
            row.get::<i64>("line").unwrap(),
            row.get::<String>("sku").unwrap(),
            row.get::<i64>("quantity").unwrap(),
            row.get::<i64>("amount").unwrap(),
        )
    };
    rows(app, sql, args![shop]).await.iter().map(text).collect()
}

/// How many rows a table has for a shop.
pub async fn count(app: &App, shop: ShopId, sql: &'static str) -> i64 {
    rows(app, Sql::in_test(sql), args![shop]).await[0].get(0).unwrap()
}

async fn rows(app: &App, sql: Sql, args: xiaoer_store::Args) -> Vec<Row> {
    let read = app.db.read(move |tx| Box::pin(async move { tx.all(sql, args).await }));
    let rows: Result<Vec<Row>, StoreError> = read.await;
    rows.unwrap()
}
