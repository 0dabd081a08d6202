//! The demonstration shop: made once, when there is no shop yet.

use std::io::Cursor;

use xiaoer_app::App;
use xiaoer_app::orders::ImportOptions;
use xiaoer_app::team::NewAccount;
use xiaoer_connect::{Format, Zone};
use xiaoer_domain::orders::Currency;
use xiaoer_domain::team::Role;

/// Its key.
pub use crate::routes::DEMO_SHOP as SHOP;

const ORDERS: &[u8] = include_bytes!("demo_orders.csv");

/// Login, name, language, password, duties. Known to everybody: the demonstration listens on loopback only.
const PEOPLE: &[(&str, &str, &str, &str, &[Role])] = &[
    ("xiaoman", "小满", "zh-CN", "xiaoman-demo", &[Role::Agent]),
    ("guyu", "谷雨", "zh-CN", "guyu-demo-1", &[Role::Agent, Role::Leader]),
    ("owner", "店主", "zh-CN", "owner-demo", &[Role::Owner]),
];

/// Makes the shop if there is none. Returns the accounts as lines for people.
pub async fn prepare(app: &App) -> Result<Vec<String>, String> {
    let keys = app.shop_keys().await.map_err(|e| e.to_string())?;
    if keys.is_empty() {
        make(app).await?;
    } else if !keys.iter().any(|key| key == SHOP) {
        return Ok(Vec::new());
    }
    Ok(PEOPLE
        .iter()
        .map(|(login, name, _, password, _)| format!("{login} / {password}  ({name})"))
        .collect())
}

async fn make(app: &App) -> Result<(), String> {
    app.create_shop(SHOP, "青禾针织").await.map_err(|e| e.to_string())?;
    let shop = app.shop(SHOP).await.map_err(|e| e.to_string())?;
    for (login, name, lang, password, roles) in PEOPLE {
        let new = NewAccount {
            login: (*login).to_owned(),
            name: (*name).to_owned(),
            lang: (*lang).to_owned(),
            password: (*password).to_owned(),
        };
        let id = app.create_account(new).await.map_err(|e| e.to_string())?;
        app.set_membership(shop.id, id, 10, roles).await.map_err(|e| e.to_string())?;
    }
    let options = ImportOptions {
        format: Format::OnlineRetail,
        file_name: "demo_orders.csv".to_owned(),
        zone: Zone::parse("Asia/Shanghai").ok_or("the zone database lacks Asia/Shanghai")?,
        currency: Currency::parse("CNY").map_err(|_| "CNY is a currency")?,
        mapping: None,
    };
    app.import_orders(shop.id, Cursor::new(ORDERS), options, |_| {})
        .await
        .map_err(|e| e.to_string())?;
    Ok(())
}
