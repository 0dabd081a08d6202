//! After orders or cancellations came in: lets the domain decide anew which lines belong together, and stores what
//! became different.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use xiaoer_domain::id::{BuyerId, OrderId, ShopId};
use xiaoer_domain::orders::{Bought, Cancelled, ImportedOrder, link_cancellations};
use xiaoer_domain::time::Timestamp;
use xiaoer_store::orders::{self as store, Pair, StoredBought, StoredRefund};
use xiaoer_store::{StoreError, Tx};

/// What has changed.
#[derive(Default)]
pub(super) struct Touched {
    /// What was cancelled, or no longer is.
    pub(super) pairs: BTreeSet<Pair>,
    /// Orders whose sums may have become others.
    pub(super) orders: BTreeSet<OrderId>,
    /// Orders that were not there before; theirs are right as they are.
    pub(super) new_orders: BTreeSet<OrderId>,
    bought: BTreeSet<Pair>,
    bought_since: Option<Timestamp>,
}

impl Touched {
    /// An order has come: cancellations that found nothing before may find it.
    pub(super) fn buy(&mut self, buyer: Option<BuyerId>, order: &ImportedOrder) {
        let Some(buyer) = buyer else { return };
        self.bought.extend(order.items.iter().map(|item| Pair { buyer, sku: item.sku.clone() }));
        let since = self.bought_since.map_or(order.placed_at, |since| since.min(order.placed_at));
        self.bought_since = Some(since);
    }
}

/// What became different.
#[derive(Default)]
struct Changes {
    links: Vec<(i64, Option<(OrderId, i64)>)>,
    pieces: Vec<(OrderId, i64, i64)>,
    orders: BTreeSet<OrderId>,
}

/// Links anew what was touched; gives every order whose rows were written.
pub(super) async fn link(
    tx: &mut Tx,
    shop: ShopId,
    source: &str,
    mut touched: Touched,
) -> Result<BTreeSet<OrderId>, StoreError> {
    if let Some(since) = touched.bought_since {
        let buyers: BTreeSet<BuyerId> = touched.bought.iter().map(|pair| pair.buyer).collect();
        let buyers = buyers.into_iter().collect();
        let refunded = store::refunded_pairs(tx, shop, source, since, buyers).await?;
        touched.pairs.extend(refunded.into_iter().filter(|pair| touched.bought.contains(pair)));
    }
    let mut changes = Changes::default();
    if !touched.pairs.is_empty() {
        let pairs: Vec<Pair> = touched.pairs.iter().cloned().collect();
        let bought = store::stored_bought(tx, shop, source, &pairs).await?;
        let refunds = store::stored_refunds(tx, shop, source, &pairs).await?;
        changes = decide(&touched.pairs, bought, refunds);
        store::apply_links(tx, shop, &changes.links, &changes.pieces).await?;
    }
    changes.orders.extend(touched.orders);
    settle(tx, shop, &changes.orders).await?;
    changes.orders.extend(touched.new_orders);
    Ok(changes.orders)
}

/// Lines of one customer, stock code and currency.
type Dealings = (Vec<StoredBought>, Vec<StoredRefund>);

fn decide(
    pairs: &BTreeSet<Pair>,
    bought: Vec<StoredBought>,
    refunds: Vec<StoredRefund>,
) -> Changes {
    // Ordered, so that the same import writes the same rows in the same order.
    let mut dealings: BTreeMap<(Pair, String), Dealings> = BTreeMap::new();
    for line in bought.into_iter().filter(|line| pairs.contains(&line.pair)) {
        let key = (line.pair.clone(), line.currency.clone());
        dealings.entry(key).or_default().0.push(line);
    }
    for line in refunds.into_iter().filter(|line| pairs.contains(&line.pair)) {
        let key = (line.pair.clone(), line.currency.clone());
        dealings.entry(key).or_default().1.push(line);
    }
    let mut changes = Changes::default();
    for (bought, refunds) in dealings.values() {
        compare(bought, refunds, &mut changes);
    }
    changes
}

fn compare(bought: &[StoredBought], refunds: &[StoredRefund], changes: &mut Changes) {
    let lines: Vec<Bought> = bought.iter().map(|line| line.bought.clone()).collect();
    let cancelled: Vec<Cancelled> = refunds.iter().map(|line| line.cancelled.clone()).collect();
    let links = link_cancellations(&lines, &cancelled);
    let mut returned: HashMap<usize, i64> = HashMap::new();
    for (refund, link) in refunds.iter().zip(links) {
        if let Some(line) = link {
            *returned.entry(line).or_default() += refund.cancelled.quantity;
        }
        let link = link.map(|line| (lines[line].order, lines[line].line));
        if link != refund.link {
            changes.links.push((refund.id, link));
            changes.orders.extend(link.iter().chain(&refund.link).map(|(order, _)| *order));
        }
    }
    for (index, line) in bought.iter().enumerate() {
        let pieces = returned.get(&index).copied().unwrap_or_default();
        if pieces != line.returned {
            changes.pieces.push((line.bought.order, line.bought.line, pieces));
            changes.orders.insert(line.bought.order);
        }
    }
}

/// Brings the state and the sum of refunds of these orders up to their links.
async fn settle(tx: &mut Tx, shop: ShopId, orders: &BTreeSet<OrderId>) -> Result<(), StoreError> {
    let given = store::given(tx, shop, orders.iter().copied().collect()).await?;
    let settled: Vec<_> = given
        .into_iter()
        .map(|order| (order.order, order.state.with_refunds(order.given), order.refunded))
        .collect();
    store::set_given(tx, shop, &settled).await
}
