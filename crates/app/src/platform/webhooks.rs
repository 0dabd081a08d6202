//! Programs that a shop tells what happens: kept by whoever manages the shop, fed by the journal, called by one worker.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use xiaoer_connect::webhook::{HookCaller, HookUrl};
use xiaoer_domain::chat::Lane;
use xiaoer_domain::hooks::{HookEvent, TRIES_MAX};
use xiaoer_domain::id::ShopId;
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_protocol::{ErrorCode, webhooks as wire};
use xiaoer_store::journal::JournalRow;
use xiaoer_store::platform::webhooks::{self as store, Delivery, Hook};

use super::audit::{AuditKind, Note};
use crate::followers::{Facts, FollowError};
use crate::team::Proof;
use crate::{App, AppError};

/// Programs of one shop.
const HOOKS_MAX: i64 = 20;
/// Tellings of a page.
const ROWS: i64 = 50;
/// How long it is remembered who wants to hear what.
const FRESH_FOR: Span = Span::seconds(2);
/// Version of the facts that are told on.
const VERSION: i64 = 1;

type Known = HashMap<ShopId, (Timestamp, Arc<Vec<Hook>>)>;

/// Who is told, and how.
#[derive(Clone)]
pub struct Webhooks {
    known: Arc<Mutex<Known>>,
    pub(super) caller: HookCaller,
    pub(super) allows_private: bool,
}

impl Webhooks {
    /// Tells programs on the internet, and on private addresses only where that is allowed.
    #[must_use]
    pub fn new(allows_private: bool) -> Self {
        Self { known: Arc::default(), caller: HookCaller::new(allows_private), allows_private }
    }
}

impl App {
    /// Lets programs on private addresses be told, or no longer.
    #[must_use]
    pub fn with_webhooks(self, webhooks: Webhooks) -> Self {
        Self { webhooks, ..self }
    }

    /// The programs of a shop.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn webhooks(&self, shop: ShopId) -> Result<wire::Webhooks, AppError> {
        let read =
            self.db.read(move |tx| Box::pin(async move { store::list(tx, shop, HOOKS_MAX).await }));
        let webhooks = read.await?.into_iter().map(shown).collect();
        let events = HookEvent::ALL.iter().map(|event| event.word().to_owned()).collect();
        Ok(wire::Webhooks { webhooks, events, tries_max: TRIES_MAX })
    }

    /// A new program; its secret is told by [`Self::webhook_secret`].
    ///
    /// # Errors
    /// `bad_request` naming the field, `too_many`.
    pub async fn add_webhook(
        &self,
        shop: ShopId,
        proof: &Proof,
        new: &wire::NewWebhook,
    ) -> Result<wire::Webhooks, AppError> {
        let (url, events) = self.checked(new)?;
        let secret = format!("whs_{}", URL_SAFE_NO_PAD.encode(self.chance.bytes::<32>()));
        let (by, now, app) = (proof.account(), self.clock.now(), self.clone());
        let added = self.db.write(move |tx| {
            let (url, events, secret, app) =
                (url.clone(), events.clone(), secret.clone(), app.clone());
            Box::pin(async move {
                if store::list(tx, shop, HOOKS_MAX).await?.len() >= HOOKS_MAX as usize {
                    let params = Some(serde_json::json!({ "limit": "webhooks", "max": HOOKS_MAX }));
                    return Err(AppError::Refused { code: ErrorCode::TooMany, params });
                }
                let id = store::insert(tx, shop, (&url, &secret, &events), by, now).await?;
                let note = Note::of(AuditKind::WebhookChanged).on(hook_id(id));
                let said = serde_json::json!({ "events": events, "on": true });
                app.audit(note.is(&said)).write(tx, shop).await?;
                Ok(())
            })
        });
        added.await?;
        self.forget_webhooks(shop);
        self.webhooks(shop).await
    }

    /// Changes where a program is, what it hears, or whether it hears anything.
    ///
    /// # Errors
    /// `bad_request` naming the field, `not_found`.
    pub async fn change_webhook(
        &self,
        shop: ShopId,
        _: &Proof,
        id: &str,
        new: &wire::NewWebhook,
    ) -> Result<wire::Webhooks, AppError> {
        let ((url, events), row) = (self.checked(new)?, parse(id, HOOK)?);
        let is_on = new.on.unwrap_or(true);
        let said = serde_json::json!({ "events": events, "on": is_on });
        let note = self.audit(Note::of(AuditKind::WebhookChanged).on(id).is(&said));
        let changed = self.db.write(move |tx| {
            let (url, events, note) = (url.clone(), events.clone(), note.clone());
            Box::pin(async move {
                note.write(tx, shop).await?;
                match store::change(tx, shop, row, (&url, &events), is_on).await? {
                    true => Ok(()),
                    false => Err(AppError::refused(ErrorCode::NotFound)),
                }
            })
        });
        changed.await?;
        self.forget_webhooks(shop);
        self.webhooks(shop).await
    }

    /// A program is told nothing any more.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn remove_webhook(
        &self,
        shop: ShopId,
        _: &Proof,
        id: &str,
    ) -> Result<wire::Webhooks, AppError> {
        let (row, now) = (parse(id, HOOK)?, self.clock.now());
        let note = self.audit(Note::of(AuditKind::WebhookChanged).on(id));
        let removed = self.db.write(move |tx| {
            let note = note.clone();
            Box::pin(async move {
                note.write(tx, shop).await?;
                match store::remove(tx, shop, row, now).await? {
                    true => Ok(()),
                    false => Err(AppError::refused(ErrorCode::NotFound)),
                }
            })
        });
        removed.await?;
        self.forget_webhooks(shop);
        self.webhooks(shop).await
    }

    /// The secret by which what a program is told is signed.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn webhook_secret(
        &self,
        shop: ShopId,
        _: &Proof,
        id: &str,
    ) -> Result<wire::WebhookSecret, AppError> {
        let row = parse(id, HOOK)?;
        let found =
            self.db.read(move |tx| Box::pin(async move { store::find(tx, shop, row).await }));
        let found = found.await?.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
        Ok(wire::WebhookSecret { secret: found.secret })
    }

    /// A page of what was told, newest first.
    ///
    /// # Errors
    /// `bad_request` for a broken cursor or an unknown state.
    pub async fn webhook_deliveries(
        &self,
        shop: ShopId,
        cursor: Option<&str>,
        state: Option<&str>,
    ) -> Result<wire::WebhookDeliveries, AppError> {
        let before = match cursor {
            None => i64::MAX,
            Some(cursor) => cursor.parse().map_err(|_| AppError::bad_field("cursor"))?,
        };
        if state.is_some_and(|state| !["waiting", "done", "dead"].contains(&state)) {
            return Err(AppError::bad_field("state"));
        }
        let state = state.map(str::to_owned);
        let read = self.db.read(move |tx| {
            let state = state.clone();
            Box::pin(
                async move { store::deliveries(tx, shop, before, state.as_deref(), ROWS).await },
            )
        });
        let found = read.await?;
        let full = i64::try_from(found.len()).is_ok_and(|n| n == ROWS);
        let next = found.last().filter(|_| full).map(|last| last.id.to_string());
        Ok(wire::WebhookDeliveries { deliveries: found.into_iter().map(told).collect(), next })
    }

    /// Tells something once more, with all its tries.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn redeliver(&self, shop: ShopId, id: &str) -> Result<(), AppError> {
        let (row, now) = (parse(id, DELIVERY)?, self.clock.now());
        let again = self.db.write(move |tx| {
            Box::pin(async move { Ok::<_, AppError>(store::again(tx, shop, row, now).await?) })
        });
        if again.await? { Ok(()) } else { Err(AppError::refused(ErrorCode::NotFound)) }
    }

    fn checked(&self, new: &wire::NewWebhook) -> Result<(String, String), AppError> {
        let url = new.url.trim();
        HookUrl::parse(url, self.webhooks.allows_private).map_err(|fault| {
            let params = serde_json::json!({ "field": "url", "reason": fault.word() });
            AppError::Refused { code: ErrorCode::BadRequest, params: Some(params) }
        })?;
        let mut events: Vec<HookEvent> = Vec::new();
        for word in &new.events {
            events.push(HookEvent::parse(word).ok_or_else(|| AppError::bad_field("events"))?);
        }
        events.sort_unstable();
        events.dedup();
        if events.is_empty() {
            return Err(AppError::bad_field("events"));
        }
        let events: Vec<&str> = events.into_iter().map(HookEvent::word).collect();
        Ok((url.to_owned(), events.join(" ")))
    }

    fn forget_webhooks(&self, shop: ShopId) {
        self.webhooks.known.lock().remove(&shop);
    }

    async fn listening(&self, shop: ShopId) -> Result<Arc<Vec<Hook>>, AppError> {
        let now = self.clock.now();
        if let Some((at, hooks)) = self.webhooks.known.lock().get(&shop)
            && now.since(*at) < FRESH_FOR
        {
            return Ok(Arc::clone(hooks));
        }
        let read =
            self.db.read(move |tx| Box::pin(async move { store::list(tx, shop, HOOKS_MAX).await }));
        let hooks: Vec<Hook> = read.await?.into_iter().filter(|hook| hook.is_on).collect();
        let hooks = Arc::new(hooks);
        self.webhooks.known.lock().insert(shop, (now, Arc::clone(&hooks)));
        Ok(hooks)
    }
}

/// Looks at a line of the journal. True if somebody is going to be told of it.
pub(crate) async fn react(app: &App, row: &JournalRow) -> Result<bool, FollowError> {
    let Some(event) = HookEvent::of_journal(&row.kind) else { return Ok(false) };
    let failed =
        |source| FollowError::Failed { line: row.position.id, kind: row.kind.clone(), source };
    let hooks = app.listening(row.shop).await.map_err(failed)?;
    let wants = |hook: &&Hook| hook.events.split(' ').any(|word| word == event.word());
    let wanted: Vec<i64> = hooks.iter().filter(wants).map(|hook| hook.id).collect();
    if wanted.is_empty() {
        return Ok(false);
    }
    let facts = Facts::read(row, VERSION)?;
    // What staff write among themselves leaves the house to nobody.
    if facts.number("l").is_ok_and(|lane| lane == Lane::Staff.code()) {
        return Ok(false);
    }
    let (shop, journal, at, facts) = (row.shop, row.position.id, row.at, row.facts.clone());
    let queued = app.db.write(move |tx| {
        let (wanted, facts) = (wanted.clone(), facts.clone());
        Box::pin(async move {
            for hook in wanted {
                store::queue(tx, shop, hook, journal, (event.word(), &facts), at).await?;
            }
            Ok::<_, AppError>(())
        })
    });
    queued.await.map_err(failed)?;
    Ok(true)
}

const HOOK: &str = "who_";
const DELIVERY: &str = "whd_";

pub(super) fn hook_id(row: i64) -> String {
    format!("{HOOK}{row}")
}

pub(super) fn delivery_id(row: i64) -> String {
    format!("{DELIVERY}{row}")
}

fn parse(text: &str, prefix: &str) -> Result<i64, AppError> {
    let row = text.strip_prefix(prefix).and_then(|row| row.parse().ok());
    row.ok_or_else(|| AppError::refused(ErrorCode::NotFound))
}

fn shown(hook: Hook) -> wire::Webhook {
    wire::Webhook {
        id: hook_id(hook.id),
        url: hook.url,
        events: hook.events.split(' ').map(str::to_owned).collect(),
        on: hook.is_on,
        created_at: hook.created_at.micros(),
    }
}

fn told(one: Delivery) -> wire::WebhookDelivery {
    wire::WebhookDelivery {
        id: delivery_id(one.id),
        webhook: hook_id(one.hook),
        event: one.event,
        at: one.at.micros(),
        state: one.state,
        tries: one.tries,
        next_at: one.next_at.map(Timestamp::micros),
        status: one.status,
        fault: one.fault,
        took_ms: one.took_ms,
        tried_at: one.tried_at.map(Timestamp::micros),
    }
}
