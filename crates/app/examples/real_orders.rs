//! Imports a real file and compares everything stored with a second computation of its own, to the cent.
//!
//! `XIAOER_REAL_DATA=FILE cargo run -p xiaoer-app --example real_orders` runs on SQLite, and on PostgreSQL too if
//! `XIAOER_TEST_POSTGRES` names one. It ends with an error at the first difference. The second computation knows
//! nothing of the product's code: another reader, numbers of thousandths, links by sorting candidates.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use xiaoer_app::orders::{ImportOptions, ImportReport};
use xiaoer_app::{App, Chance, Clock, Limits};
use xiaoer_connect::{Format, Zone};
use xiaoer_domain::id::ShopId;
use xiaoer_domain::orders::{Currency, Order};
use xiaoer_store::{Db, StoreError, platform};
use xiaoer_testkit::{POSTGRES_VARIABLE, TestDb};

type Failure = Box<dyn Error>;

/// One line of the file as text says it.
struct Line {
    invoice: String,
    sku: String,
    quantity: i64,
    date: String,
    thousandths: i64,
    customer: String,
}

/// What an order must look like; amounts in pence.
#[derive(Debug, Default, PartialEq, Eq)]
struct Expected {
    total: i64,
    refunded: i64,
    state: String,
    items: usize,
    refunds: usize,
    date: String,
}

/// What the whole file must come to.
#[derive(Default)]
struct Outcome {
    orders: BTreeMap<String, Expected>,
    customers: BTreeSet<String>,
    products: BTreeSet<String>,
    linked: (u64, i64),
    unlinked: (u64, i64),
    refused: BTreeMap<&'static str, u64>,
    lines: u64,
    /// Of the file, taken line by line: every line that is not refused.
    net: i64,
}

fn main() -> Result<(), Failure> {
    let file = std::env::var_os("XIAOER_REAL_DATA").map(PathBuf::from);
    let file = file.ok_or("XIAOER_REAL_DATA names no file")?;
    let expected = compute(&file)?;
    println!(
        "computed: {} lines, {} orders, net {} pence",
        expected.lines,
        expected.orders.len(),
        expected.net
    );
    tokio::runtime::Runtime::new()?.block_on(compare_on_both(&file, &expected))
}

async fn compare_on_both(file: &Path, expected: &Outcome) -> Result<(), Failure> {
    let db = TestDb::sqlite().await;
    let compared = compare_on("SQLite", (*db).clone(), file, expected).await;
    db.remove().await;
    compared?;
    if std::env::var_os(POSTGRES_VARIABLE).is_some() {
        let db = TestDb::postgres().await;
        let compared = compare_on("PostgreSQL", (*db).clone(), file, expected).await;
        db.remove().await;
        compared?;
    }
    Ok(())
}

async fn compare_on(name: &str, db: Db, file: &Path, expected: &Outcome) -> Result<(), Failure> {
    let app = App::new(db, Clock::system(), Chance::system(), Limits::default());
    let now = app.clock.now();
    let made = app.db.write(move |tx| {
        Box::pin(async move { platform::insert_shop(tx, "real", "Real", b"key", now).await })
    });
    let made: Result<ShopId, StoreError> = made.await;
    let shop = made?;
    for attempt in ["first", "again"] {
        let options = ImportOptions {
            format: Format::OnlineRetail,
            file_name: "real".into(),
            zone: Zone::parse("UTC").ok_or("the zone is compiled in")?,
            currency: Currency::parse("GBP")?,
            mapping: None,
        };
        let report = app.import_orders(shop, File::open(file)?, options, |_| {}).await?;
        compare_report(&report, expected, attempt == "first")?;
        for (number, expected) in &expected.orders {
            let found = app.orders_by_number(shop, number).await?;
            let [order] = &found[..] else { return Err(format!("{number}: {found:?}").into()) };
            same(number, &seen(order)?, expected)?;
        }
        println!(
            "{name}, {attempt}: equal to the cent, {} orders one by one",
            expected.orders.len()
        );
    }
    app.tasks.stop().await;
    Ok(())
}

fn compare_report(
    report: &ImportReport,
    expected: &Outcome,
    is_first: bool,
) -> Result<(), Failure> {
    let counts = &report.counts;
    same("lines", &counts.lines, &expected.lines)?;
    same("net of the report", &report.net(), &expected.net)?;
    same("net of the counts", &(counts.orders_amount + counts.refunds_amount), &expected.net)?;
    let refunds = report.refunds;
    same("linked", &(refunds.linked, refunds.linked_amount), &expected.linked)?;
    same("unlinked", &(refunds.unlinked, refunds.unlinked_amount), &expected.unlinked)?;
    let refused: BTreeMap<&str, u64> =
        counts.refused.iter().map(|(code, lines)| (code.word(), *lines)).collect();
    same("refused", &refused, &expected.refused)?;
    same("refused lines listed", &(report.refusals.len() as u64), &refused.values().sum())?;
    let (orders, customers, products) = match is_first {
        true => (expected.orders.len(), expected.customers.len(), expected.products.len()),
        false => (0, 0, 0),
    };
    same("new orders", &counts.orders_new, &(orders as u64))?;
    same("new buyers", &counts.buyers_new, &(customers as u64))?;
    same("new products", &counts.products_new, &(products as u64))?;
    let mut states: BTreeMap<&str, (u64, i64, i64)> = BTreeMap::new();
    for order in expected.orders.values() {
        let sum = states.entry(&order.state).or_default();
        *sum = (sum.0 + 1, sum.1 + order.total, sum.2 + order.refunded);
    }
    let sums = report.states.iter();
    let sums = sums.map(|(state, s)| (state.word(), (s.orders, s.total, s.refunded)));
    same("states", &sums.collect(), &states)
}

fn seen(order: &Order) -> Result<Expected, Failure> {
    let items: i64 = order.items.iter().map(|item| item.amount).sum();
    same(&order.number, &items, &order.total)?;
    let refunds: i64 = order.refunds.iter().map(|refund| refund.amount).sum();
    same(&order.number, &-refunds, &order.refunded)?;
    let returned: i64 = order.items.iter().map(|item| item.refunded_quantity).sum();
    same(&order.number, &returned, &order.refunds.iter().map(|refund| refund.quantity).sum())?;
    if let Some(item) = order.items.iter().find(|item| item.refunded_quantity > item.quantity) {
        return Err(format!("{}: more came back than was bought: {item:?}", order.number).into());
    }
    Ok(Expected {
        total: order.total,
        refunded: order.refunded,
        state: order.state.word().to_owned(),
        items: order.items.len(),
        refunds: order.refunds.len(),
        date: date_text(order.placed_at.micros()),
    })
}

fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    found: &T,
    expected: &T,
) -> Result<(), Failure> {
    match found == expected {
        true => Ok(()),
        false => Err(format!("{what}: stored {found:?}, computed {expected:?}").into()),
    }
}

/// The civil date and time of a moment, by counting days.
fn date_text(micros: i64) -> String {
    let seconds = micros / 1_000_000;
    let (mut days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (mut year, mut month) = (1970, 1);
    let length = |year: i64, month: i64| match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    while days >= length(year, month) {
        days -= length(year, month);
        (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    }
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year}-{month:02}-{:02} {hour:02}:{minute:02}:{second:02}", days + 1)
}

/// Pence of a line, half to even.
fn pence(line: &Line) -> i64 {
    let thousandths = line.thousandths * line.quantity;
    let (whole, rest) = (thousandths.abs() / 10, thousandths.abs() % 10);
    let rounded = whole + i64::from(rest > 5 || (rest == 5 && whole % 2 == 1));
    rounded * thousandths.signum()
}

fn read(file: &Path) -> Result<Vec<Line>, Failure> {
    let bytes = BufReader::new(File::open(file)?);
    let plain: Box<dyn Read> = match file.extension().is_some_and(|e| e == "gz") {
        true => Box::new(GzDecoder::new(bytes)),
        false => Box::new(bytes),
    };
    let mut lines = Vec::new();
    for row in csv::Reader::from_reader(plain).into_records() {
        let row = row?;
        let (whole, part) = row[5].split_once('.').unwrap_or((&row[5], ""));
        let thousandths: i64 = format!("{whole}{part:0<3}").parse()?;
        lines.push(Line {
            invoice: row[0].to_owned(),
            sku: row[1].to_owned(),
            quantity: row[3].parse()?,
            date: row[4].to_owned(),
            thousandths,
            customer: row[6].trim_end_matches(".0").to_owned(),
        });
    }
    Ok(lines)
}

fn compute(file: &Path) -> Result<Outcome, Failure> {
    let lines = read(file)?;
    let mut invoices: BTreeMap<&str, Vec<&Line>> = BTreeMap::new();
    for line in &lines {
        invoices.entry(&line.invoice).or_default().push(line);
    }
    let mut outcome = Outcome { lines: lines.len() as u64, ..Outcome::default() };
    let (mut bought, mut cancelled): (Vec<&Line>, Vec<(usize, &Line)>) = Default::default();
    for (invoice, lines) in &invoices {
        match invoice.as_bytes()[0] {
            b'A' => *outcome.refused.entry("ledger_adjustment").or_default() += lines.len() as u64,
            b'C' => cancelled.extend(lines.iter().copied().enumerate()),
            _ => {
                let sold: Vec<&Line> = lines.iter().copied().filter(|l| l.quantity > 0).collect();
                let is_order = sold.iter().any(|l| l.thousandths != 0 || !l.customer.is_empty());
                let sold = if is_order { sold } else { Vec::new() };
                let left_out = (lines.len() - sold.len()) as u64;
                if left_out > 0 {
                    *outcome.refused.entry("stock_adjustment").or_default() += left_out;
                }
                take_order(invoice, &sold, &mut outcome);
                bought.extend(sold);
            }
        }
    }
    for (_, line) in &cancelled {
        outcome.net += pence(line);
        if !line.customer.is_empty() {
            outcome.customers.insert(line.customer.clone());
        }
    }
    link(&bought, cancelled, &mut outcome);
    Ok(outcome)
}

fn take_order(invoice: &str, sold: &[&Line], outcome: &mut Outcome) {
    let Some(first) = sold.first() else { return };
    if !first.customer.is_empty() {
        outcome.customers.insert(first.customer.clone());
    }
    outcome.products.extend(sold.iter().map(|line| line.sku.clone()));
    let total = sold.iter().map(|line| pence(line)).sum();
    outcome.net += total;
    let order = Expected {
        total,
        state: "completed".to_owned(),
        items: sold.len(),
        date: sold.iter().map(|line| line.date.clone()).min().unwrap_or_default(),
        ..Expected::default()
    };
    outcome.orders.insert(invoice.to_owned(), order);
}

/// Gives each cancelled line, oldest first, the best of its candidates.
fn link(bought: &[&Line], mut cancelled: Vec<(usize, &Line)>, outcome: &mut Outcome) {
    let mut by_buyer: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (at, line) in bought.iter().enumerate().filter(|(_, line)| !line.customer.is_empty()) {
        by_buyer.entry((&line.customer, &line.sku)).or_default().push(at);
    }
    let mut left: Vec<i64> = bought.iter().map(|line| line.quantity).collect();
    cancelled.sort_by_key(|(nth, line)| (&line.date, &line.invoice, *nth));
    for (_, line) in cancelled {
        let (wanted, amount) = (-line.quantity, pence(line));
        let date = |at: usize| outcome.orders[&bought[at].invoice].date.as_str();
        let candidates = by_buyer.get(&(line.customer.as_str(), line.sku.as_str()));
        let candidates = candidates.into_iter().flatten().copied();
        let candidates = candidates.filter(|&at| *date(at) <= *line.date && left[at] >= wanted);
        let untouched = |at: usize| bought[at].quantity == wanted && left[at] == wanted;
        let best = candidates.max_by_key(|&at| (untouched(at), date(at), &bought[at].invoice, at));
        let Some(best) = best else {
            outcome.unlinked = (outcome.unlinked.0 + 1, outcome.unlinked.1 + amount);
            continue;
        };
        left[best] -= wanted;
        outcome.linked = (outcome.linked.0 + 1, outcome.linked.1 + amount);
        if let Some(order) = outcome.orders.get_mut(&bought[best].invoice) {
            order.refunds += 1;
            order.refunded -= amount;
        }
    }
    let mut kept: BTreeMap<&str, i64> = BTreeMap::new();
    for (line, left) in bought.iter().zip(&left).filter(|(line, _)| pence(line) > 0) {
        *kept.entry(&line.invoice).or_default() += left;
    }
    for (number, order) in outcome.orders.iter_mut().filter(|(_, order)| order.refunds > 0) {
        let is_all = kept.get(number.as_str()).is_none_or(|&pieces| pieces == 0);
        order.state = if is_all { "refunded" } else { "partly_refunded" }.to_owned();
    }
}
