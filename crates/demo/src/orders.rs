//! What was ordered in the two years until today.

use std::fmt::Write as _;

use jiff::civil::DateTime;
use jiff::tz::Offset;
use xiaoer_domain::time::{Span, Timestamp};

use crate::dice::Dice;
use crate::goods::{GOODS, Good};

/// Orders of the full shop.
pub const ORDERS: usize = 5_000;
/// Orders of the small shop: those of eight customers, at fixed dates.
pub const FEW: &str = include_str!("few_orders.csv");
const DAYS: i64 = 730;
const DAY: i64 = 24 * 60 * 60 * 1_000_000;
/// Orders by hour of the day, 0 to 23.
const HOURS: [u64; 24] =
    [3, 2, 1, 1, 1, 1, 2, 4, 6, 8, 10, 10, 12, 11, 9, 9, 8, 8, 10, 13, 16, 17, 13, 7];
/// How much knitwear is bought in which month.
const MONTHS: [u64; 12] = [13, 8, 6, 4, 3, 2, 2, 4, 8, 13, 18, 19];
const SIZES: [&str; 4] = ["S", "M", "L", "XL"];
const KIDS_SIZES: [&str; 4] = ["100", "110", "120", "130"];

/// One thing in an order.
#[derive(Clone, Copy, Debug)]
pub struct Bought {
    pub good: &'static Good,
    /// Empty where it has none.
    pub size: &'static str,
    pub quantity: i64,
}

/// An order.
#[derive(Clone, Debug)]
pub struct Placed {
    pub number: String,
    /// Which of the people.
    pub buyer: usize,
    pub at: Timestamp,
    pub items: Vec<Bought>,
    /// What came back: items and when.
    pub returned: Vec<(usize, Timestamp)>,
}

impl Bought {
    /// As it stands in the order.
    #[must_use]
    pub fn title(&self) -> String {
        if self.size.is_empty() {
            self.good.zh.to_owned()
        } else {
            format!("{} {}", self.good.zh, self.size)
        }
    }
}

/// The orders of the full shop, oldest first.
#[must_use]
pub fn orders(seed: u64, now: Timestamp, buyers: usize) -> Vec<Placed> {
    let mut dice = Dice::of(seed, 2);
    let mut times: Vec<Timestamp> = (0..ORDERS).map(|_| moment(&mut dice, now)).collect();
    times.sort_unstable();
    let mut placed: Vec<Placed> = Vec::with_capacity(ORDERS);
    for (at, time) in times.into_iter().enumerate() {
        let date = local(time);
        let number = format!(
            "{:02}{:02}{:02}{:05}",
            date.year() % 100,
            date.month(),
            date.day(),
            at + 10_001
        );
        let buyer = buyer(&mut dice, buyers);
        let items = items(&mut dice);
        let returned = returned(&mut dice, &items, time, now);
        placed.push(Placed { number, buyer, at: time, items, returned });
    }
    placed
}

/// A moment of the two years: evenings more than nights, winters more than summers.
fn moment(dice: &mut Dice, now: Timestamp) -> Timestamp {
    loop {
        let days = dice.within(0, DAYS - 1);
        let midnight = local_midnight(now).micros() - days * DAY;
        let hour = i64::try_from(dice.weighted(&HOURS)).unwrap_or(0);
        let second = dice.within(0, 3_599);
        let at = Timestamp::from_micros(midnight + (hour * 3_600 + second) * 1_000_000);
        let month = usize::try_from(local(at).month() - 1).unwrap_or(0);
        if at < now && dice.below(19) < MONTHS[month] {
            return at;
        }
    }
}

/// Some buy again and again, most once or twice.
fn buyer(dice: &mut Dice, buyers: usize) -> usize {
    let end = buyers as u64;
    let at = if dice.happens(2) {
        dice.below(8)
    } else if dice.happens(35) {
        dice.below(end / 8)
    } else {
        dice.below(end)
    };
    usize::try_from(at).unwrap_or(0)
}

fn items(dice: &mut Dice) -> Vec<Bought> {
    let count = [1, 1, 1, 2, 2, 3][dice.weighted(&[30, 15, 10, 15, 10, 8])];
    let mut items: Vec<Bought> = Vec::with_capacity(count);
    while items.len() < count {
        let good = dice.one(GOODS);
        if items.iter().any(|item| item.good.sku == good.sku) {
            continue;
        }
        let sizes = if good.is_for_kids() { &KIDS_SIZES } else { &SIZES };
        let size = if good.sized { sizes[dice.weighted(&[20, 40, 28, 12])] } else { "" };
        let quantity = if good.price < 6_000 && dice.happens(35) { dice.within(2, 3) } else { 1 };
        items.push(Bought { good, size, quantity });
    }
    items
}

/// Of a hundred orders about nine come back, a third of them whole.
fn returned(
    dice: &mut Dice,
    items: &[Bought],
    at: Timestamp,
    now: Timestamp,
) -> Vec<(usize, Timestamp)> {
    if !dice.happens(9) {
        return Vec::new();
    }
    let after = dice.within(4 * 24 * 60, 12 * 24 * 60);
    let back = at.plus(Span::minutes(u32::try_from(after).unwrap_or(0)));
    if back >= now {
        return Vec::new();
    }
    let is_whole = dice.happens(34);
    let kept = if is_whole { items.len() } else { 1 };
    (0..kept).map(|item| (item, back)).collect()
}

/// The orders and what came back, in the form in which orders come in from a file.
#[must_use]
pub fn as_file(orders: &[Placed], numbers: &[String]) -> String {
    let mut file = String::from(
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n",
    );
    for order in orders {
        for item in &order.items {
            line(&mut file, &order.number, item, item.quantity, order.at, &numbers[order.buyer]);
        }
    }
    for order in orders {
        let number = format!("C{}", order.number);
        for (item, at) in &order.returned {
            let item = &order.items[*item];
            line(&mut file, &number, item, -item.quantity, *at, &numbers[order.buyer]);
        }
    }
    file
}

fn line(file: &mut String, number: &str, item: &Bought, pieces: i64, at: Timestamp, buyer: &str) {
    let (yuan, fen) = (item.good.price / 100, item.good.price % 100);
    let time = local(at).strftime("%Y-%m-%d %H:%M:%S");
    // Writing to a String cannot fail.
    let _ = writeln!(
        file,
        "{number},{},{},{pieces},{time},{yuan}.{fen:02},{buyer}.0,China",
        item.good.sku,
        item.title()
    );
}

/// The clock on the shop's wall.
#[must_use]
pub fn local(at: Timestamp) -> DateTime {
    let moment =
        jiff::Timestamp::from_microsecond(at.micros()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    Offset::constant(8).to_datetime(moment)
}

/// The last midnight there.
#[must_use]
pub fn local_midnight(at: Timestamp) -> Timestamp {
    let eight = 8 * 3_600 * 1_000_000;
    Timestamp::from_micros((at.micros() + eight).div_euclid(DAY) * DAY - eight)
}
