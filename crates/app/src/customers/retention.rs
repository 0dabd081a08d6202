//! What is too old goes by itself, by the same way as on request: the chain of evidence verifies afterwards as before.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use serde_json::json;
use xiaoer_domain::chat::Lane;
use xiaoer_domain::id::{ConversationId, ShopId};
use xiaoer_domain::private::too_old_before;
use xiaoer_domain::time::Timestamp;
use xiaoer_domain::zone::TimeOfDay;
use xiaoer_store::customers::{erase, retention as store};

use crate::chat::publish;
use crate::platform::Shop;
use crate::platform::audit::{Actor, AuditKind, Note};
use crate::{App, AppError};

/// How often it is looked whether a night has come.
const LOOK_EVERY: Duration = Duration::from_secs(300);
/// When the night's sweep begins, by the shop's clock.
const AT: &str = "04:10";
/// Rows of one transaction.
const ROWS_AT_ONCE: i64 = 200;

/// What a sweep took away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Lines whose text was too old.
    pub lines: u64,
    /// Lines whose attachment was too old.
    pub attachments: u64,
    /// Orders that no longer name a person.
    pub orders: u64,
}

/// Lines that went, by talk and lane.
type Gone = BTreeMap<(ConversationId, i64), Vec<i64>>;

impl App {
    /// Starts the nightly sweep of what is too old.
    pub fn start_retention(&self) {
        let app = self.clone();
        self.tasks.supervise("retention", move |stop| {
            let app = app.by(Actor::HOUSE);
            async move {
                let mut done: HashMap<ShopId, Timestamp> = HashMap::new();
                loop {
                    if let Err(error) = app.sweep_due(&mut done).await {
                        let error: &dyn std::error::Error = &error;
                        tracing::error!(error, "the sweep of old data failed and is tried again");
                    }
                    tokio::select! {
                        () = tokio::time::sleep(LOOK_EVERY) => {}
                        () = stop.cancelled() => return,
                    }
                }
            }
        });
    }

    async fn sweep_due(&self, done: &mut HashMap<ShopId, Timestamp>) -> Result<(), AppError> {
        let time = TimeOfDay::parse(AT).expect("a time of day");
        for key in self.shop_keys().await? {
            let (shop, now) = (self.shop(&key).await?, self.clock.now());
            let night = shop.zone(now).last(time, now);
            if done.get(&shop.id).is_none_or(|last| *last < night) {
                self.sweep_old(&shop).await?;
                self.forget_told(shop.id).await?;
                done.insert(shop.id, now);
            }
        }
        Ok(())
    }

    /// Takes away what a shop no longer wants to keep. Cut off, the next call goes on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sweep_old(&self, shop: &Shop) -> Result<Swept, AppError> {
        let now = self.clock.now();
        let limit = |name| too_old_before(shop.number(name, now), now);
        let mut swept = Swept::default();
        if let Some(before) = limit("keep_text_days") {
            swept.lines = self.sweep_lines(shop.id, before).await?;
        }
        if let Some(before) = limit("keep_attachment_days") {
            swept.attachments = self.sweep_old_files(shop.id, before).await?;
        }
        if let Some(before) = limit("keep_order_person_days") {
            swept.orders = self.sweep_orders(shop.id, before).await?;
        }
        if swept != Swept::default() {
            let Swept { lines, attachments, orders } = swept;
            let said = json!({ "lines": lines, "attachments": attachments, "orders": orders });
            let (note, id) = (self.audit(Note::of(AuditKind::TextExpired).is(&said)), shop.id);
            let noted = self.db.write(move |tx| {
                let note = note.clone();
                Box::pin(async move { Ok::<_, AppError>(note.write(tx, id).await?) })
            });
            noted.await?;
            self.remove_waste(shop.id).await?;
        }
        Ok(swept)
    }

    async fn sweep_lines(&self, shop: ShopId, before: Timestamp) -> Result<u64, AppError> {
        let (now, mut count) = (self.clock.now(), 0);
        loop {
            let step = self.db.write(move |tx| {
                Box::pin(async move {
                    let from = store::place(tx, shop).await?;
                    let lines = store::next_lines(tx, shop, from, ROWS_AT_ONCE).await?;
                    let old: Vec<_> = lines.iter().take_while(|line| line.at < before).collect();
                    let mut gone = Gone::new();
                    for line in old.iter().filter(|line| line.holds) {
                        let place = (line.lane, line.seq);
                        erase::line(tx, shop, line.conversation, place, now).await?;
                        let key = (line.conversation, line.lane.code());
                        gone.entry(key).or_default().push(line.seq);
                    }
                    if let Some(last) = old.last() {
                        store::save_place(tx, shop, last.id, now).await?;
                    }
                    Ok::<_, AppError>((gone, old.len()))
                })
            });
            let (gone, looked_at) = step.await?;
            count += gone.values().map(|seqs| seqs.len() as u64).sum::<u64>();
            self.tell_gone(shop, gone).await?;
            if i64::try_from(looked_at).is_ok_and(|n| n < ROWS_AT_ONCE) {
                return Ok(count);
            }
        }
    }

    async fn sweep_old_files(&self, shop: ShopId, before: Timestamp) -> Result<u64, AppError> {
        let (now, mut count) = (self.clock.now(), 0);
        loop {
            let step = self.db.write(move |tx| {
                Box::pin(async move {
                    let mut gone = Gone::new();
                    for (talk, lane, seq) in
                        store::old_attachments(tx, shop, before, ROWS_AT_ONCE).await?
                    {
                        erase::line(tx, shop, talk, (lane, seq), now).await?;
                        gone.entry((talk, lane.code())).or_default().push(seq);
                    }
                    Ok::<_, AppError>(gone)
                })
            });
            let gone = step.await?;
            if gone.is_empty() {
                return Ok(count);
            }
            count += gone.values().map(|seqs| seqs.len() as u64).sum::<u64>();
            self.tell_gone(shop, gone).await?;
        }
    }

    async fn sweep_orders(&self, shop: ShopId, before: Timestamp) -> Result<u64, AppError> {
        let (now, mut count) = (self.clock.now(), 0);
        loop {
            let step = self.db.write(move |tx| {
                Box::pin(async move {
                    let old = store::old_orders(tx, shop, before, ROWS_AT_ONCE).await?;
                    let gone = old.len() as u64;
                    erase::orders(tx, shop, old, now).await?;
                    Ok::<_, AppError>(gone)
                })
            });
            match step.await? {
                0 => return Ok(count),
                gone => count += gone,
            }
        }
    }

    async fn tell_gone(&self, shop: ShopId, gone: Gone) -> Result<(), AppError> {
        for ((talk, lane), seqs) in gone {
            let public_id = self.heads(shop, talk).await?.public_id;
            let lane = Lane::from_code(lane).unwrap_or(Lane::Buyer);
            publish::erased(&self.bus, (shop, talk, public_id), lane, seqs);
        }
        Ok(())
    }
}
