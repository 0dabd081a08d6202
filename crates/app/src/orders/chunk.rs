//! One transaction of an import: what is new or changed in a chunk, its buyers and products, the links that follow.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::json;
use xiaoer_domain::id::{BuyerId, OrderId, ShopId};
use xiaoer_domain::orders::{ImportCounts, ImportedItem, ImportedRefund, RefusalCode};
use xiaoer_domain::private::is_forgotten;
use xiaoer_domain::time::Timestamp;
use xiaoer_store::customers::erase;
use xiaoer_store::orders::{self as store, NewOrder, NewRefund, Pair};
use xiaoer_store::{StoreError, Tx, journal};

use super::import::ImportError;
use super::link::{Touched, link};
use super::read_ahead::{Chunk, ReadOrder, ReadRefund};
use crate::customers::erase::digest;

/// Refusals that one run keeps with their lines; more are counted only.
const REFUSALS_KEPT_MAX: u64 = 10_000;

/// Where an import stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) shop: ShopId,
    /// Who numbered the orders.
    pub(super) source: &'static str,
    /// The run's row.
    pub(super) run: i64,
    /// The last line of the file that is stored.
    pub(super) lines_done: u64,
    pub(super) counts: ImportCounts,
}

/// What of a chunk is not stored yet.
#[derive(Default)]
struct News<'c> {
    orders: Vec<&'c ReadOrder>,
    changed: Vec<(OrderId, &'c ReadOrder)>,
    /// How many tell what was overtaken.
    older: u64,
    refunds: Vec<&'c ReadRefund>,
    changed_refunds: Vec<&'c ReadRefund>,
}

/// Stores a chunk and gives the place behind it.
pub(super) async fn write_chunk(
    tx: &mut Tx,
    place: &Place,
    chunk: &Chunk,
    now: Timestamp,
) -> Result<Place, ImportError> {
    let mut next = place.clone();
    next.lines_done = chunk.end_line;
    let news = compare(tx, place, chunk).await?;
    count(&mut next.counts, chunk, &news);
    let touched = write_news(tx, place, chunk, &news, &mut next.counts, now).await?;
    let written = link(tx, place.shop, place.source, touched).await?;
    store::mark_changed(tx, place.shop, written.iter().copied().collect(), now).await?;
    keep_refusals(tx, place, chunk, &next).await?;
    if !written.is_empty() || !news.is_empty() {
        append_journal(tx, place, &next, &written, now).await?;
    }
    let (from, to) = (line_number(place.lines_done), line_number(next.lines_done));
    match store::advance_run(tx, place.shop, place.run, from, to, &next.counts).await? {
        true => Ok(next),
        false => Err(ImportError::AlreadyRunning),
    }
}

impl News<'_> {
    fn is_empty(&self) -> bool {
        let Self { orders, changed, older: _, refunds, changed_refunds } = self;
        orders.is_empty() && changed.is_empty() && refunds.is_empty() && changed_refunds.is_empty()
    }
}

/// Lines are far fewer than 63 bits.
fn line_number(line: u64) -> i64 {
    i64::try_from(line).unwrap_or(i64::MAX)
}

/// Finds what is stored already with the same content.
async fn compare<'c>(tx: &mut Tx, place: &Place, chunk: &'c Chunk) -> Result<News<'c>, StoreError> {
    let numbers = chunk.orders.iter().map(|read| read.order.number.clone()).collect();
    let stored = store::find_orders(tx, place.shop, place.source, numbers).await?;
    let numbers = chunk.refunds.iter().map(|read| read.refund.number.clone()).collect();
    let stored_refunds = store::find_refunds(tx, place.shop, place.source, numbers).await?;
    let mut news = News::default();
    for read in &chunk.orders {
        match stored.get(&read.order.number) {
            None => news.orders.push(read),
            Some(known) if known.hash == read.hash => {}
            Some(known) if read.order.standing().replaces(&known.standing) => {
                news.changed.push((known.id, read));
            }
            Some(_) => news.older += 1,
        }
    }
    for read in &chunk.refunds {
        match stored_refunds.get(&read.refund.number) {
            None => news.refunds.push(read),
            Some(known) if *known != read.hash => news.changed_refunds.push(read),
            Some(_) => {}
        }
    }
    Ok(news)
}

fn count(counts: &mut ImportCounts, chunk: &Chunk, news: &News<'_>) {
    let lines = |refunds: &[&ReadRefund]| -> u64 {
        refunds.iter().map(|read| read.refund.lines.len() as u64).sum()
    };
    let all_refunds: Vec<&ReadRefund> = chunk.refunds.iter().collect();
    let known = chunk.orders.len() - news.orders.len() - news.changed.len();
    counts.lines += chunk.lines;
    counts.orders_new += news.orders.len() as u64;
    counts.orders_changed += news.changed.len() as u64;
    counts.orders_unchanged += (known as u64).saturating_sub(news.older);
    counts.orders_older += news.older;
    counts.items += chunk.orders.iter().map(|read| read.order.items.len() as u64).sum::<u64>();
    counts.orders_amount += chunk.orders.iter().map(|read| read.total).sum::<i64>();
    counts.refunds_new += lines(&news.refunds);
    counts.refunds_changed += lines(&news.changed_refunds);
    counts.refunds_unchanged +=
        lines(&all_refunds) - lines(&news.refunds) - lines(&news.changed_refunds);
    counts.refunds_amount += chunk
        .refunds
        .iter()
        .flat_map(|read| &read.refund.lines)
        .map(|line| line.amount)
        .sum::<i64>();
    for refusal in &chunk.refusals {
        *counts.refused.entry(refusal.code).or_default() += 1;
    }
}

/// Stores what is new or changed; says which links have to be looked at again.
async fn write_news(
    tx: &mut Tx,
    place: &Place,
    chunk: &Chunk,
    news: &News<'_>,
    counts: &mut ImportCounts,
    now: Timestamp,
) -> Result<Touched, StoreError> {
    let mut touched = Touched::default();
    if news.is_empty() {
        return Ok(touched);
    }
    let mut buyers =
        Buyers { forgotten: forgotten(tx, place.shop, chunk).await?, ..Buyers::default() };
    let found = ensure_buyers(tx, place, chunk, news, &buyers, now).await?;
    (counts.buyers_new, buyers.rows) = (counts.buyers_new + found.created, found.rows);
    counts.products_new += store::ensure_products(tx, place.shop, now, &titles(news)).await?;
    write_orders(tx, place, news, &buyers, &mut touched, now).await?;
    write_refunds(tx, place, news, &buyers, &mut touched).await?;
    Ok(touched)
}

/// The buyers behind customer numbers.
#[derive(Default)]
struct Buyers {
    rows: HashMap<String, BuyerId>,
    /// When the customer behind a number was forgotten: what was placed until then is nobody's.
    forgotten: HashMap<String, Timestamp>,
}

impl Buyers {
    fn is_forgotten(&self, number: &Option<String>, placed_at: Timestamp) -> bool {
        let erased_at = number.as_ref().and_then(|number| self.forgotten.get(number));
        is_forgotten(placed_at, erased_at.copied())
    }

    fn of(&self, number: &Option<String>, placed_at: Timestamp) -> Option<BuyerId> {
        let number = number.as_ref().filter(|_| !self.is_forgotten(number, placed_at))?;
        self.rows.get(number).copied()
    }
}

/// Which customers of a chunk were forgotten. Where nobody ever was it costs one look.
async fn forgotten(
    tx: &mut Tx,
    shop: ShopId,
    chunk: &Chunk,
) -> Result<HashMap<String, Timestamp>, StoreError> {
    let Some(key) = erase::find_key(tx).await? else { return Ok(HashMap::new()) };
    let digests: HashMap<String, &String> =
        chunk.buyers.keys().map(|number| (digest(&key, number), number)).collect();
    let remembered = erase::remembered(tx, shop, digests.keys().cloned().collect()).await?;
    let named = remembered.into_iter().filter_map(|(digest, at)| Some((digests.get(&digest)?, at)));
    Ok(named.map(|(number, at)| ((*number).clone(), at)).collect())
}

async fn write_orders(
    tx: &mut Tx,
    place: &Place,
    news: &News<'_>,
    buyers: &Buyers,
    touched: &mut Touched,
    now: Timestamp,
) -> Result<(), StoreError> {
    let ids: Vec<OrderId> = news.changed.iter().map(|(id, _)| *id).collect();
    touched.pairs.extend(store::clear_orders(tx, place.shop, &ids).await?);
    touched.orders.extend(&ids);
    let changed: Vec<NewOrder<'_>> =
        news.changed.iter().map(|(_, read)| new_order(read, buyers)).collect();
    store::update_orders(tx, place.shop, &ids, &changed).await?;
    let new: Vec<NewOrder<'_>> = news.orders.iter().map(|read| new_order(read, buyers)).collect();
    let new_ids = store::insert_orders(tx, place.shop, place.source, &new).await?;
    touched.new_orders.extend(new_ids.values());

    let mut items: Vec<(OrderId, &[ImportedItem])> = Vec::with_capacity(new.len() + ids.len());
    for new in &new {
        let id = new_ids.get(&new.order.number).copied();
        let missing = || StoreError::inconsistent("shop_order.number", "no row for a new order");
        items.push((id.ok_or_else(missing)?, &new.order.items));
    }
    items.extend(ids.iter().copied().zip(changed.iter().map(|new| &*new.order.items)));
    store::insert_items(tx, place.shop, &items).await?;
    let nobodys =
        |new: &&NewOrder<'_>| buyers.is_forgotten(&new.order.buyer_ref, new.order.placed_at);
    let nobodys = new.iter().filter(nobodys).filter_map(|new| new_ids.get(&new.order.number));
    erase::orders(tx, place.shop, nobodys.copied().collect(), now).await?;
    for new in new.iter().chain(&changed) {
        touched.buy(new.buyer, new.order);
    }
    Ok(())
}

async fn write_refunds(
    tx: &mut Tx,
    place: &Place,
    news: &News<'_>,
    buyers: &Buyers,
    touched: &mut Touched,
) -> Result<(), StoreError> {
    let numbers = news.changed_refunds.iter().map(|read| read.refund.number.clone()).collect();
    let stood = store::delete_refunds(tx, place.shop, place.source, numbers).await?;
    touched.pairs.extend(stood.pairs);
    touched.orders.extend(stood.orders);
    let refunds = news.refunds.iter().chain(&news.changed_refunds);
    let refunds = refunds.map(|read| {
        let ReadRefund { refund, hash } = *read;
        NewRefund { buyer: buyers.of(&refund.buyer_ref, refund_at(refund)), refund, hash: *hash }
    });
    let refunds: Vec<NewRefund<'_>> = refunds.collect();
    store::insert_refunds(tx, place.shop, place.source, &refunds).await?;
    for new in &refunds {
        let Some(buyer) = new.buyer else { continue };
        let pairs = new.refund.lines.iter().map(|line| Pair { buyer, sku: line.sku.clone() });
        touched.pairs.extend(pairs);
    }
    Ok(())
}

fn new_order<'c>(read: &'c ReadOrder, buyers: &Buyers) -> NewOrder<'c> {
    let ReadOrder { order, total, hash, public_id } = read;
    let buyer = buyers.of(&order.buyer_ref, order.placed_at);
    NewOrder { public_id: *public_id, buyer, order, total: *total, hash: *hash }
}

async fn ensure_buyers(
    tx: &mut Tx,
    place: &Place,
    chunk: &Chunk,
    news: &News<'_>,
    known: &Buyers,
    now: Timestamp,
) -> Result<store::BuyersFound, StoreError> {
    let changed = news.changed.iter().map(|(_, read)| read);
    let orders = news.orders.iter().chain(changed);
    let orders = orders.map(|read| (&read.order.buyer_ref, read.order.placed_at));
    let refunds = news.refunds.iter().chain(&news.changed_refunds);
    let refunds = refunds.map(|read| (&read.refund.buyer_ref, refund_at(&read.refund)));
    let named = orders.chain(refunds).filter(|(number, at)| !known.is_forgotten(number, *at));
    let wanted: BTreeSet<&String> = named.filter_map(|(number, _)| number.as_ref()).collect();
    let wanted = wanted.into_iter().filter_map(|number| chunk.buyers.get_key_value(number));
    let wanted: Vec<_> = wanted.map(|(number, id)| (number.clone(), *id)).collect();
    if wanted.is_empty() {
        return Ok(store::BuyersFound::default());
    }
    store::ensure_buyers(tx, place.shop, now, &wanted).await
}

/// When something was given back: the earliest of its lines.
fn refund_at(refund: &ImportedRefund) -> Timestamp {
    let times = refund.lines.iter().map(|line| line.at);
    times.min().unwrap_or(Timestamp::from_micros(0))
}

/// The first title that each stock code has in what is new.
fn titles<'c>(news: &News<'c>) -> HashMap<&'c str, &'c str> {
    let mut titles: HashMap<&str, &str> = HashMap::new();
    let changed = news.changed.iter().map(|(_, read)| *read);
    for item in news.orders.iter().copied().chain(changed).flat_map(|read| &read.order.items) {
        if item.sku.is_empty() {
            continue;
        }
        let title = titles.entry(&item.sku).or_default();
        if title.is_empty() {
            *title = &item.title;
        }
    }
    titles
}

async fn keep_refusals(
    tx: &mut Tx,
    place: &Place,
    chunk: &Chunk,
    next: &Place,
) -> Result<(), StoreError> {
    let total = |refused: &BTreeMap<RefusalCode, u64>| refused.values().sum::<u64>();
    let kept = total(&place.counts.refused);
    debug_assert_eq!(kept + chunk.refusals.len() as u64, total(&next.counts.refused));
    let room = usize::try_from(REFUSALS_KEPT_MAX.saturating_sub(kept)).unwrap_or(usize::MAX);
    let kept = &chunk.refusals[..chunk.refusals.len().min(room)];
    store::insert_refusals(tx, place.shop, place.run, kept).await
}

/// Rows and counts only: nothing of what was bought, or by whom.
async fn append_journal(
    tx: &mut Tx,
    place: &Place,
    next: &Place,
    orders: &BTreeSet<OrderId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let facts = json!({
        "run": place.run,
        "from_line": place.lines_done + 1,
        "to_line": next.lines_done,
        "orders_new": next.counts.orders_new - place.counts.orders_new,
        "orders_changed": next.counts.orders_changed - place.counts.orders_changed,
        "refunds_new": next.counts.refunds_new - place.counts.refunds_new,
        "refunds_changed": next.counts.refunds_changed - place.counts.refunds_changed,
        "orders": orders.iter().map(|id| id.get()).collect::<Vec<i64>>(),
    });
    let kind = "orders_imported";
    journal::append(tx, place.shop, now, kind, 1, facts.to_string()).await.map(drop)
}

/// Stores orders that a program told, beside any file: what came of each, in their order.
pub(super) async fn write_told(
    tx: &mut Tx,
    shop: ShopId,
    source: &'static str,
    chunk: &Chunk,
    now: Timestamp,
) -> Result<Vec<(String, &'static str)>, ImportError> {
    let place = Place { shop, source, run: 0, lines_done: 0, counts: ImportCounts::default() };
    let numbers = chunk.orders.iter().map(|read| read.order.number.clone()).collect();
    let stored = store::find_orders(tx, shop, source, numbers).await?;
    let outcomes = chunk.orders.iter().map(|read| {
        let outcome = match stored.get(&read.order.number) {
            None => "new",
            Some(known) if known.hash == read.hash => "unchanged",
            Some(known) if read.order.standing().replaces(&known.standing) => "changed",
            Some(_) => "older",
        };
        (read.order.number.clone(), outcome)
    });
    let mut outcomes: Vec<(String, &'static str)> = outcomes.collect();
    let news = compare(tx, &place, chunk).await?;
    // An order of which something new was given back is another one.
    let given = news.refunds.iter().chain(&news.changed_refunds);
    let given: BTreeSet<&String> = given.filter_map(|read| read.refund.order.as_ref()).collect();
    for (number, outcome) in &mut outcomes {
        if *outcome == "unchanged" && given.contains(number) {
            *outcome = "changed";
        }
    }
    if news.is_empty() {
        return Ok(outcomes);
    }
    let mut next = place.clone();
    count(&mut next.counts, chunk, &news);
    let touched = write_news(tx, &place, chunk, &news, &mut next.counts, now).await?;
    let written = link(tx, shop, source, touched).await?;
    store::mark_changed(tx, shop, written.iter().copied().collect(), now).await?;
    append_journal(tx, &place, &next, &written, now).await?;
    Ok(outcomes)
}
