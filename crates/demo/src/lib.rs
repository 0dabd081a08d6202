//! The demonstration: a knitwear shop that does not exist, with its goods, people, orders and talks. Everything in it
//! is invented and comes from a seed. It is made through the same use cases as a real shop, and only once; a shop that
//! is none of its own is never touched.

mod dice;
mod goods;
mod history;
mod live;
mod orders;
mod people;
mod picture;
mod talk;

#[cfg(test)]
mod tests;

use std::io::Cursor;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use xiaoer_app::customers::Customer;
use xiaoer_app::orders::{GivenContent, ImportError, ImportOptions};
use xiaoer_app::platform::Shop;
use xiaoer_app::team::NewAccount;
use xiaoer_app::{App, AppError, Chance};
use xiaoer_connect::{Format, Zone};
use xiaoer_domain::id::ShopId;
use xiaoer_domain::orders::{Currency, Product};
use xiaoer_domain::phrases::Occasion;
use xiaoer_domain::team::Colleague;

use crate::dice::Dice;
use crate::goods::{CATEGORIES, GOODS, Good};
use crate::history::Setting;
use crate::people::{Person, WORKERS};

/// Key of the demonstration shop.
pub const SHOP: &str = "demo";
/// The seed of the shop that is made when none is named.
pub const SEED: u64 = 1;
/// The shop's name.
const NAME: &str = "青禾针织";
/// Under this name the content is known to be there.
const CONTENT: &str = "demonstration";

/// What the shop says by itself.
const AUTO_REPLIES: &[(Occasion, &str)] = &[
    (Occasion::FirstContact, "{买家}您好，欢迎来到{店铺}。看中哪一件，把链接发给我就好。"),
    (Occasion::FirstContact, "您好，欢迎来到{店铺}。看中哪一件，把链接发给我就好。"),
    (Occasion::Busy, "现在问的人多，已经给您排上队，轮到您马上回复。"),
    (Occasion::Away, "客服都在忙手上的事，您的话已经收到，稍后回您。"),
    (Occasion::OffDuty, "我们下班了，{开门时间} 开始回复，您可以先留言。"),
    (Occasion::LongWait, "让您久等了，我们还在，正在处理前面的咨询。"),
    (Occasion::SessionEnded, "谢谢您来，之后有问题随时在这里找我们。"),
];

/// How much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scale {
    /// The goods, the people, and a few orders of eight customers. Nobody has written yet.
    Small,
    /// Two years of orders and talks, and people who are waiting now.
    Full,
}

/// Why there is no demonstration.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A shop of this key is somebody's.
    #[error("the shop {SHOP} is no demonstration; nothing was changed")]
    NotOurs,
    /// Somebody's shops are here.
    #[error("there are other shops here; nothing was changed")]
    OtherShops,
    /// A use case refused.
    #[error(transparent)]
    App(#[from] AppError),
    /// The orders did not come in.
    #[error(transparent)]
    Orders(#[from] ImportError),
}

/// What was made, or was there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// Reads as: it was whole before.
    pub was_there: bool,
    /// Products on the shelves.
    pub products: usize,
    /// Customers.
    pub customers: usize,
    /// Orders.
    pub orders: usize,
    /// Conversations that are over, or wait.
    pub conversations: usize,
}

/// How far it has come: which step of how many.
pub type Tell<'t> = &'t mut (dyn FnMut(u64, u64) + Send);

/// The accounts of the demonstration, as lines for people.
#[must_use]
pub fn accounts() -> Vec<String> {
    let line = |w: &people::Worker| {
        let roles: Vec<&str> = w.roles.iter().map(|role| role.word()).collect();
        format!("{} / {}  ({}, {})", w.login, w.password, w.name, roles.join(", "))
    };
    WORKERS.iter().map(line).collect()
}

/// The picture of a good, as SVG.
#[must_use]
pub fn picture_of(sku: &str) -> Option<String> {
    goods::good(sku).map(picture::picture)
}

/// A good as the demonstration's own shop page shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// Stock code.
    pub sku: &'static str,
    /// Title.
    pub title: &'static str,
    /// Fen.
    pub price: i64,
    /// Its picture.
    pub image: String,
    /// Its page.
    pub link: String,
    /// Which shelf, from 0.
    pub category: usize,
    /// Name of the shelf.
    pub shelf: &'static str,
    /// What it is made of.
    pub made_of: &'static str,
    /// Its colour; empty where it has none.
    pub colour: &'static str,
    /// Sizes; none where it has none.
    pub sizes: &'static [&'static str],
    /// Whether it is knitted.
    pub knitted: bool,
}

/// Everything on the shelves, newest first.
#[must_use]
pub fn shown(is_english: bool) -> Vec<Shown> {
    let pick = |pair: (&'static str, &'static str)| if is_english { pair.1 } else { pair.0 };
    let sizes = |good: &Good| -> &'static [&'static str] {
        match (good.sized, good.is_for_kids()) {
            (false, _) => &[],
            (true, true) => &["100", "110", "120", "130"],
            (true, false) => &["S", "M", "L", "XL"],
        }
    };
    let show = |good: &Good| Shown {
        sku: good.sku,
        title: pick((good.zh, good.en)),
        price: good.price,
        image: image(good),
        link: link(good),
        category: good.category,
        shelf: pick(CATEGORIES[good.category]),
        made_of: pick(good.made_of),
        colour: pick((good.colour.zh, good.colour.en)),
        sizes: sizes(good),
        knitted: good.is_knitted(),
    };
    GOODS.iter().rev().map(show).collect()
}

fn image(good: &Good) -> String {
    format!("/demo/pictures/{}.svg", good.sku)
}

fn link(good: &Good) -> String {
    format!("/shop?sku={}", good.sku)
}

/// Makes the demonstration shop, or goes on where making it was cut off. Beside shops of others only if `beside_others`.
///
/// # Errors
/// See [`DemoError`].
pub async fn make(
    app: &App,
    seed: u64,
    scale: Scale,
    beside_others: bool,
    tell: Tell<'_>,
) -> Result<Made, DemoError> {
    let keys = app.shop_keys().await?;
    let is_there = keys.iter().any(|key| key == SHOP);
    if keys.iter().any(|key| key != SHOP) && !is_there && !beside_others {
        return Err(DemoError::OtherShops);
    }
    if !is_there {
        app.create_shop(SHOP, NAME).await?;
        app.begin_content(app.shop(SHOP).await?.id, CONTENT).await?;
    }
    let shop = app.shop(SHOP).await?;
    match app.given_content(shop.id, CONTENT).await? {
        GivenContent::None => return Err(DemoError::NotOurs),
        GivenContent::Whole => return Ok(Made { was_there: true, ..Made::default() }),
        GivenContent::Begun => {}
    }
    // The content repeats for a seed. Secrets do not: accounts and the shop's key are made with the house's own chance.
    let colleagues = team(app, shop.id).await?;
    let mut content = app.clone();
    content.chance = Chance::seeded(seed);
    let mut made = Made { products: GOODS.len(), ..Made::default() };
    content.save_products(shop.id, products(seed)).await?;
    match scale {
        Scale::Small => {
            import(&content, &shop, orders::FEW.to_owned(), tell).await?;
            made.customers = 8;
        }
        Scale::Full => full(&content, &shop, seed, &colleagues, &mut made, tell).await?,
    }
    if let Some(owner) = colleagues.last().map(|owner| owner.account) {
        app.begin_with_starter(SHOP, owner, "zh-CN").await?;
        if scale == Scale::Full {
            app.begin_with_auto_replies(shop.id, owner, AUTO_REPLIES).await?;
        }
    }
    app.end_content(shop.id, CONTENT).await?;
    Ok(made)
}

/// Two years, and now.
async fn full(
    app: &App,
    shop: &Shop,
    seed: u64,
    colleagues: &[Colleague],
    made: &mut Made,
    tell: Tell<'_>,
) -> Result<(), DemoError> {
    let people = people::people(seed);
    let customers: Vec<Customer> = people.iter().map(customer).collect();
    app.save_customers(shop.id, &customers).await?;
    let now = app.clock.now();
    let orders = orders::orders(seed, now, people.len());
    let numbers: Vec<String> = people.iter().map(|person| person.number.clone()).collect();
    import(app, shop, orders::as_file(&orders, &numbers), tell).await?;
    let setting = Setting { seed, now, people: &people, orders: &orders, colleagues };
    let mut replays = history::past(&setting);
    let total = replays.len() as u64;
    // Those who wait come last: their clocks begin when it is done.
    for (done, replay) in replays.drain(..).enumerate() {
        app.replay(shop, Arc::new(replay)).await?;
        tell(done as u64 + 1, total);
    }
    let setting = Setting { now: app.clock.now(), ..setting };
    let waiting = live::waiting(&setting);
    made.conversations = usize::try_from(total).unwrap_or(0) + waiting.len();
    for replay in waiting {
        app.replay(shop, Arc::new(replay)).await?;
    }
    made.customers = people.len();
    made.orders = orders.len();
    Ok(())
}

fn customer(person: &Person) -> Customer {
    Customer { number: person.number.clone(), name: person.name.clone() }
}

fn products(seed: u64) -> Vec<Product> {
    let mut dice = Dice::of(seed, 5);
    let product = |good: &Good| Product {
        sku: good.sku.to_owned(),
        title: good.zh.to_owned(),
        price: Some(good.price),
        currency: Currency::parse("CNY").ok(),
        image: Some(image(good)),
        link: Some(link(good)),
        stock: Some(if dice.happens(8) { 0 } else { dice.within(2, 160) }),
        category: Some(CATEGORIES[good.category].0.to_owned()),
    };
    GOODS.iter().map(product).collect()
}

/// Makes the accounts that are missing.
async fn team(app: &App, shop: ShopId) -> Result<Vec<Colleague>, DemoError> {
    let known = app.accounts().await?;
    let mut colleagues = Vec::with_capacity(WORKERS.len());
    for worker in WORKERS {
        let account = match known.iter().find(|account| account.login == worker.login) {
            Some(account) => account.id,
            None => {
                let new = NewAccount {
                    login: worker.login.to_owned(),
                    name: worker.name.to_owned(),
                    lang: worker.lang.to_owned(),
                    password: worker.password.to_owned(),
                };
                app.create_account(new).await?
            }
        };
        app.set_membership(shop, account, 10, worker.roles).await?;
        colleagues.push(Colleague { account, name: worker.name.to_owned() });
    }
    Ok(colleagues)
}

async fn import(app: &App, shop: &Shop, file: String, tell: Tell<'_>) -> Result<(), DemoError> {
    let now = app.clock.now();
    let zone = Zone::parse(shop.setting("zone", now));
    let options = ImportOptions {
        format: Format::OnlineRetail,
        file_name: CONTENT.to_owned(),
        zone: zone
            .or_else(|| Zone::parse("Asia/Shanghai"))
            .ok_or_else(|| AppError::bad_field("zone"))?,
        currency: Currency::parse("CNY").map_err(|_| AppError::bad_field("currency"))?,
        mapping: None,
    };
    let file = Cursor::new(file.into_bytes());
    app.import_orders(shop.id, file, options, |at| tell(at.lines_done, at.lines_total)).await?;
    Ok(())
}
