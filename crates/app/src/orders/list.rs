//! A buyer's orders beside the conversation, newest first, and the orders of a number.

use xiaoer_domain::id::{BuyerId, OrderId, ShopId};
use xiaoer_domain::orders::Order;
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_protocol::orders as wire;
use xiaoer_store::StoreError;
use xiaoer_store::orders::{self as store, OrderPlace};

use crate::{App, AppError};

/// No transaction is open longer.
const SETTLED_AFTER: Span = Span::seconds(5);

impl App {
    /// A page of a buyer's orders, newest first. It ends early where orders are long; `next` goes on. Whose they are
    /// is for the caller to say.
    ///
    /// # Errors
    /// A cursor that is none of ours; the database.
    pub async fn list_orders(
        &self,
        shop: ShopId,
        buyer: BuyerId,
        cursor: Option<&str>,
        limit: i64,
    ) -> Result<wire::Orders, AppError> {
        let bad = || AppError::bad_field("cursor");
        let after = cursor.map(|text| read_cursor(text).ok_or_else(bad)).transpose()?;
        let read = self.db.read(move |tx| {
            Box::pin(async move { store::list_orders(tx, shop, buyer, after, limit).await })
        });
        let (orders, has_more): (Vec<Order>, bool) = read.await?;
        let last = orders.last().filter(|_| has_more);
        let next = last.map(|order| write_cursor(OrderPlace { at: order.placed_at, id: order.id }));
        Ok(wire::Orders {
            orders: orders.iter().map(wire::Order::from).collect(),
            next,
            buyer: None,
        })
    }

    /// A page of the orders that became others since a moment, the earliest change first. What changed in the last seconds
    /// comes with a later question: by then no transaction below it is still open, so none is missed.
    ///
    /// # Errors
    /// A cursor that is none of ours; the database.
    pub async fn orders_changed(
        &self,
        shop: ShopId,
        since: Timestamp,
        cursor: Option<&str>,
        limit: i64,
    ) -> Result<wire::ChangedOrders, AppError> {
        let bad = || AppError::bad_field("cursor");
        let after = cursor.map(|text| read_cursor(text).ok_or_else(bad)).transpose()?;
        // The place before everything of that moment.
        let after = after.unwrap_or(OrderPlace { at: since, id: OrderId::new(0) });
        let until = self.clock.now().minus(SETTLED_AFTER);
        let read = self.db.read(move |tx| {
            Box::pin(async move { store::changed_orders(tx, shop, after, until, limit).await })
        });
        let (orders, last, has_more) = read.await?;
        Ok(wire::ChangedOrders {
            orders: orders.iter().map(wire::Order::from).collect(),
            cursor: write_cursor(last.unwrap_or(after)),
            has_more,
        })
    }

    /// The orders with this number, one from each source; for the number of a cancellation, the orders it gives back.
    ///
    /// # Errors
    /// The database.
    pub async fn orders_by_number(
        &self,
        shop: ShopId,
        number: &str,
    ) -> Result<Vec<Order>, AppError> {
        let number = number.trim().to_owned();
        let read = self.db.read(move |tx| {
            Box::pin(async move { store::orders_by_number(tx, shop, &number).await })
        });
        let orders: Result<Vec<Order>, StoreError> = read.await;
        Ok(orders?)
    }
}

fn write_cursor(place: OrderPlace) -> String {
    format!("{}.{}", place.at.micros(), place.id)
}

fn read_cursor(text: &str) -> Option<OrderPlace> {
    let (at, id) = text.split_once('.')?;
    let (at, id) = (Timestamp::from_micros(at.parse().ok()?), OrderId::new(id.parse().ok()?));
    Some(OrderPlace { at, id })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_nothing_else_is_one() {
        let place = OrderPlace { at: Timestamp::from_micros(-5), id: OrderId::new(7) };
        assert_eq!(read_cursor(&write_cursor(place)), Some(place));
        for bad in ["", ".", "1", "1.", "a.b", "1.2.3"] {
            assert_eq!(read_cursor(bad), None, "{bad}");
        }
    }
}
