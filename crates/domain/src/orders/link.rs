//! Which order line a cancelled line gives back (docs/definitions/orders.md).
//!
//! A file of cancellations names a customer and a stock code but no order. The answer depends on what was bought and
//! cancelled, not on the order in which files came in.

use crate::id::OrderId;
use crate::time::Timestamp;

/// A line that was bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bought {
    /// Of which order.
    pub order: OrderId,
    /// Number of that order; decides between orders of the same moment.
    pub number: String,
    /// Number in its order.
    pub line: i64,
    /// When the order was placed.
    pub at: Timestamp,
    /// Pieces.
    pub quantity: i64,
}

/// A line that was cancelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancelled {
    /// Number of the cancellation.
    pub number: String,
    /// Number in the cancellation.
    pub line: i64,
    /// When.
    pub at: Timestamp,
    /// Pieces, positive.
    pub quantity: i64,
    /// Number of the order it says it gives back, where its source names one.
    pub order: Option<String>,
}

/// For each cancelled line the index of the bought line it gives back, or None.
///
/// Both lists are of one customer, one stock code and one currency. Cancellations choose in the order of their time.
/// Each chooses among the lines bought not later than itself: the latest of exactly its quantity from which nothing
/// was returned yet, else the latest with enough pieces left. No line ever gives back more than was bought.
/// Those that name their order choose first, and only among its lines.
#[must_use]
pub fn link_cancellations(bought: &[Bought], cancelled: &[Cancelled]) -> Vec<Option<usize>> {
    let mut lines: Vec<usize> = (0..bought.len()).collect();
    lines.sort_by_key(|&i| (bought[i].at, &bought[i].number, bought[i].line));
    let mut turns: Vec<usize> = (0..cancelled.len()).collect();
    turns.sort_by_key(|&i| {
        let one = &cancelled[i];
        (one.order.is_none(), one.at, &one.number, one.line)
    });

    let mut left: Vec<i64> = bought.iter().map(|b| b.quantity).collect();
    let mut links = vec![None; cancelled.len()];
    for turn in turns {
        let wanted = &cancelled[turn];
        let earlier = lines.partition_point(|&i| bought[i].at <= wanted.at);
        let fits =
            |&i: &usize| wanted.order.as_ref().is_none_or(|order| *order == bought[i].number);
        let newest_first = || lines[..earlier].iter().rev().copied().filter(fits);
        let exact =
            |&i: &usize| bought[i].quantity == wanted.quantity && left[i] == wanted.quantity;
        let enough = |&i: &usize| left[i] >= wanted.quantity;
        let chosen = newest_first().find(exact).or_else(|| newest_first().find(enough));
        if let Some(line) = chosen.filter(|_| wanted.quantity > 0) {
            left[line] -= wanted.quantity;
            links[turn] = Some(line);
        }
    }
    debug_assert!(left.iter().all(|&pieces| pieces >= 0), "more came back than was bought");
    links
}
