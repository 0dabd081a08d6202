//! Telling: what is due is made into a body at that moment, signed, and called until it is taken or dead.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use xiaoer_domain::chat::Lane;
use xiaoer_domain::hooks::{is_taken, next_try};
use xiaoer_domain::id::{ConversationId, FollowUpId, OrderId, ShopId};
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_protocol::id;
use xiaoer_store::chat::follow_up;
use xiaoer_store::platform::webhooks::{self as store, Delivery, Hook, Tried};

use super::webhooks::{delivery_id, hook_id};
use crate::{App, AppError};

/// Calls at once.
const CALLS_AT_ONCE: i64 = 8;
/// How long one that was taken belongs to its process: longer than any call.
const TAKEN_FOR: Span = Span::seconds(60);
/// Without a commit it is looked this often whether a pause is over.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A commit may have brought something; a busy shop is looked at this often at most.
const GATHER_FOR: Duration = Duration::from_millis(100);
/// How long it is kept what was told.
const KEPT_FOR: Span = Span::minutes(30 * 24 * 60);
/// Tellings that are forgotten in one step.
const FORGOTTEN_AT_ONCE: i64 = 500;
/// Orders of one telling; a bigger import is told by its numbers alone.
const ORDERS_MAX: usize = 100;

impl App {
    /// Starts telling.
    pub fn start_webhooks(&self) {
        let app = self.clone();
        self.tasks.supervise("webhooks", move |stop| {
            let app = app.clone();
            async move {
                let mut committed = app.db.committed();
                while !stop.is_cancelled() {
                    committed.mark_unchanged();
                    match app.tell_due().await {
                        Ok(told) if told > 0 => continue,
                        Ok(_) => {}
                        Err(error) => {
                            let error: &dyn std::error::Error = &error;
                            tracing::error!(error, "programs could not be told and are told later");
                        }
                    }
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = tokio::time::sleep(LOOK_EVERY) => {}
                        heard = committed.changed() => {
                            let pause = if heard.is_ok() { GATHER_FOR } else { LOOK_EVERY };
                            tokio::time::sleep(pause).await;
                        }
                    }
                }
            }
        });
    }

    /// Tells what is due now. Gives how many calls were made.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tell_due(&self) -> Result<usize, AppError> {
        let now = self.clock.now();
        let read = self
            .db
            .read(move |tx| Box::pin(async move { store::due(tx, now, CALLS_AT_ONCE).await }));
        let due = read.await?;
        if due.is_empty() {
            return Ok(0);
        }
        let claimed = self.db.write(move |tx| {
            let due = due.clone();
            Box::pin(async move {
                let mut ours = Vec::new();
                for one in due {
                    if store::claim(tx, &one, now.plus(TAKEN_FOR)).await? {
                        ours.push(one);
                    }
                }
                Ok::<_, AppError>(ours)
            })
        });
        let claimed = claimed.await?;
        let told = join_all(claimed.iter().map(|one| self.tell(one))).await;
        told.into_iter().collect::<Result<Vec<()>, _>>()?;
        Ok(claimed.len())
    }

    /// Forgets what was told long ago, a step at a time.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_told(&self, shop: ShopId) -> Result<(), AppError> {
        let before = self.clock.now().minus(KEPT_FOR);
        loop {
            let step = self.db.write(move |tx| {
                Box::pin(async move {
                    Ok::<_, AppError>(store::forget(tx, shop, before, FORGOTTEN_AT_ONCE).await?)
                })
            });
            if step.await? == 0 {
                return Ok(());
            }
        }
    }

    async fn tell(&self, one: &Delivery) -> Result<(), AppError> {
        let (shop, hook) = (one.shop, one.hook);
        let found =
            self.db.read(move |tx| Box::pin(async move { store::find(tx, shop, hook).await }));
        let started = Instant::now();
        let outcome = match found.await? {
            Some(hook) if hook.is_on => self.call(&hook, one).await?,
            _ => Err("removed"),
        };
        let took_ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        let at = self.clock.now();
        let failures = u32::try_from(one.tries + 1).unwrap_or(u32::MAX);
        let (status, fault) = match outcome {
            Ok(status) => (Some(i64::from(status)), None),
            Err(fault) => (None, Some(fault)),
        };
        let next_at = next_try(failures, at).filter(|_| fault != Some("removed"));
        let taken = outcome.is_ok_and(is_taken);
        let (state, next_at) = match (taken, next_at) {
            (true, _) => ("done", None),
            (false, Some(next)) => ("waiting", Some(next)),
            (false, None) => ("dead", None),
        };
        metrics::counter!("xiaoer_webhook_calls_total", "state" => state).increment(1);
        let (row, tried) = (one.id, Tried { state, next_at, status, fault, took_ms, at });
        let noted = self.db.write(move |tx| {
            let tried = tried.clone();
            Box::pin(async move { Ok::<_, AppError>(store::tried(tx, shop, row, &tried).await?) })
        });
        noted.await
    }

    async fn call(
        &self,
        hook: &Hook,
        one: &Delivery,
    ) -> Result<Result<u16, &'static str>, AppError> {
        let facts: Value = serde_json::from_str(&one.facts).unwrap_or_default();
        let shop = self.shop_of(one.shop).await?;
        let body = json!({
            "id": delivery_id(one.id), "webhook": hook_id(one.hook), "event": one.event,
            "shop": shop.key, "at": one.at.micros(), "data": self.data_of(one, &facts).await?,
        });
        let body = body.to_string().into_bytes();
        let headers = [
            ("x-xiaoer-signature", signature(&hook.secret, self.clock.now(), &body)),
            ("x-xiaoer-delivery", delivery_id(one.id)),
            ("x-xiaoer-event", one.event.clone()),
        ];
        let called = self.webhooks.caller.post(&hook.url, &headers, body).await;
        Ok(called.map_err(|fault| fault.word()))
    }

    /// What there is to tell now: a line that was taken back or erased meanwhile says nothing any more.
    async fn data_of(&self, one: &Delivery, facts: &Value) -> Result<Value, AppError> {
        let number = |name: &str| facts.get(name).and_then(Value::as_i64);
        if let Some(orders) = facts.get("orders").and_then(Value::as_array) {
            let rows = orders.iter().filter_map(Value::as_i64).take(ORDERS_MAX).map(OrderId::new);
            return self.orders_told(one.shop, rows.collect(), orders.len()).await;
        }
        if let Some(left) = number("f") {
            return self.left_told(one.shop, FollowUpId::new(left)).await;
        }
        let Some(talk) = number("c").map(ConversationId::new) else { return Ok(Value::Null) };
        let row = match self.row(one.shop, talk).await {
            Err(error) if error.code() == xiaoer_protocol::ErrorCode::NotFound => {
                return Ok(Value::Null);
            }
            row => row?,
        };
        let mut data = json!({
            "conversation": row.conversation, "buyer": row.buyer, "session": row.session,
        });
        if let Some(seq) = number("s") {
            data["entry"] = self.entry_told(one.shop, talk, seq).await?;
        }
        Ok(data)
    }

    async fn entry_told(
        &self,
        shop: ShopId,
        talk: ConversationId,
        seq: i64,
    ) -> Result<Value, AppError> {
        let page = crate::chat::Page::After(seq - 1);
        let page = self.entries_at_desk(shop, talk, Lane::Buyer, page, 1).await?;
        let entry = page.entries.into_iter().find(|entry| entry.seq == seq);
        Ok(serde_json::to_value(entry).unwrap_or_default())
    }

    async fn orders_told(
        &self,
        shop: ShopId,
        orders: Vec<OrderId>,
        count: usize,
    ) -> Result<Value, AppError> {
        let read = self.db.read(move |tx| {
            let orders = orders.clone();
            Box::pin(async move { store::order_states(tx, shop, orders).await })
        });
        let orders = read.await?.into_iter().map(|order| {
            json!({
                "number": order.number, "source": order.source, "state": order.state,
                "placed_at": order.placed_at.micros(), "total": order.total,
                "refunded": order.refunded, "currency": order.currency,
            })
        });
        Ok(json!({ "orders": orders.collect::<Vec<_>>(), "count": count }))
    }

    async fn left_told(&self, shop: ShopId, left: FollowUpId) -> Result<Value, AppError> {
        let read =
            self.db.read(move |tx| Box::pin(async move { follow_up::find(tx, shop, left).await }));
        let Some(one) = read.await? else { return Ok(Value::Null) };
        Ok(json!({
            "follow_up": id::follow_up(one.id),
            "conversation": id::public(id::CONVERSATION, one.conversation),
            "wish": one.wish.word(), "order": one.order_number,
            "owner": one.owner.map(|(account, name)| json!({ "id": id::account(account), "name": name })),
            "due_at": one.due_at.micros(), "done_at": one.done.map(|(at, ..)| at.micros()),
        }))
    }
}

/// `t=SECONDS,v1=HEX` over `SECONDS.BODY`, as the house itself asks of programs.
fn signature(secret: &str, now: Timestamp, body: &[u8]) -> String {
    let seconds = now.micros() / 1_000_000;
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(body);
    let hex: String =
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={seconds},v1={hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_covers_time_and_body() {
        let at = Timestamp::from_micros(1_700_000_000_000_000);
        let one = signature("whs_a", at, b"{}");
        assert!(one.starts_with("t=1700000000,v1=") && one.len() == 16 + 64);
        assert_ne!(one, signature("whs_b", at, b"{}"));
        assert_ne!(one, signature("whs_a", at.plus(Span::seconds(1)), b"{}"));
        assert_ne!(one, signature("whs_a", at, b"{ }"));
    }
}
