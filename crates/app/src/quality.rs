//! The guard in the house: each shop's rules made ready and kept in memory, renewed soon after they change, whoever
//! changed them. Must never judge by itself: the domain does.

mod rules;
mod send;
mod sheet;
mod trial;

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use xiaoer_domain::id::{ConversationId, ShopId};
use xiaoer_domain::quality::guard::{
    Context, Finding, Guard, Level, Pattern, RuleCode, RuleWords, ShopKind, Word, address_ends,
    built_in, numbers,
};
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_protocol::quality as wire;
use xiaoer_store::StoreError;
use xiaoer_store::platform as settings;
use xiaoer_store::quality::{self as store, StoredLevel, StoredWord, Whose};

pub use send::Guarding;
pub(crate) use send::notes_of;
pub use trial::Trials;

use crate::{App, AppError};

/// How long rules are used before somebody looks whether they changed.
const FRESH_FOR: Span = Span::seconds(2);
/// Numbers of one message that are looked up.
const LOOK_UPS_MAX: usize = 8;

/// Rules that are ready, by shop.
#[derive(Default)]
pub struct Guards(Mutex<HashMap<ShopId, Held>>);

#[derive(Clone)]
struct Held {
    looked_at: Timestamp,
    version: i64,
    kind: ShopKind,
    /// When a dated row begins or ends to hold.
    until: Timestamp,
    guard: Arc<Guard>,
}

/// The rows of a shop.
pub(crate) struct Rows {
    version: i64,
    pub(crate) levels: Vec<StoredLevel>,
    pub(crate) words: Vec<StoredWord>,
}

impl App {
    /// The rules of a shop, ready for messages; at most two seconds old.
    ///
    /// # Errors
    /// The database.
    pub async fn guard(&self, shop: ShopId) -> Result<Arc<Guard>, AppError> {
        let (now, kind) = (self.clock.now(), self.shop_kind(shop).await?);
        let held = self.guards.0.lock().get(&shop).cloned();
        let held = held.filter(|held| held.kind == kind && now < held.until);
        if let Some(held) = held {
            if now.since(held.looked_at) < FRESH_FOR {
                return Ok(held.guard);
            }
            let version = self.db.read(move |tx| Box::pin(store::version(tx, shop))).await?;
            if version == held.version {
                let guard = Arc::clone(&held.guard);
                self.guards.0.lock().insert(shop, Held { looked_at: now, ..held });
                return Ok(guard);
            }
        }
        let rows = self.guard_rows(shop).await?;
        let until = next_change(&rows, now);
        let version = rows.version;
        // Thousands of words take a moment: not on a thread that serves others.
        let made =
            tokio::task::spawn_blocking(move || Guard::new(kind, rules_at(kind, &rows, now)));
        let guard =
            made.await.map_err(|_| AppError::refused(xiaoer_protocol::ErrorCode::Internal))?;
        let guard = Arc::new(guard);
        let held = Held { looked_at: now, version, kind, until, guard: Arc::clone(&guard) };
        self.guards.0.lock().insert(shop, held);
        Ok(guard)
    }

    /// What the rules find in a text that is about to be said in a conversation.
    ///
    /// # Errors
    /// The database.
    pub async fn guard_text(
        &self,
        shop: ShopId,
        conversation: Option<ConversationId>,
        text: &str,
    ) -> Result<Vec<Finding>, AppError> {
        let guard = self.guard(shop).await?;
        let (own, foreign) = match conversation {
            Some(conversation) => self.owners(shop, conversation, text).await?,
            None => (Vec::new(), Vec::new()),
        };
        let hosts = self.own_hosts(shop);
        Ok(guard.check(text, &Context { foreign: &foreign, own: &own, hosts: &hosts }))
    }

    /// The same for people: places as browsers count them.
    ///
    /// # Errors
    /// `too_long`; the database.
    pub async fn guard_findings(
        &self,
        shop: ShopId,
        conversation: Option<ConversationId>,
        text: &str,
    ) -> Result<wire::GuardFindings, AppError> {
        let max = self.limits.text_chars_max;
        if text.chars().count() > max {
            let params = Some(serde_json::json!({ "max": max }));
            return Err(AppError::Refused { code: xiaoer_protocol::ErrorCode::TooLong, params });
        }
        let found = self.guard_text(shop, conversation, text).await?;
        Ok(wire::GuardFindings { findings: found.iter().map(|f| shown(text, f)).collect() })
    }

    /// Whose the numbers and addresses of a text are: the buyer's and those of others. Most texts have none.
    async fn owners(
        &self,
        shop: ShopId,
        conversation: ConversationId,
        text: &str,
    ) -> Result<(Vec<String>, Vec<String>), AppError> {
        let mut values: Vec<String> = numbers(text).into_iter().map(|n| n.value).collect();
        values.dedup();
        values.truncate(LOOK_UPS_MAX);
        let ends = address_ends(text);
        if values.is_empty() && ends.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let read = self.db.read(move |tx| {
            Box::pin(async move {
                let (mut own, mut foreign) = (Vec::new(), Vec::new());
                for value in values {
                    match store::whose(tx, shop, conversation, &value).await? {
                        Whose::Own => own.push(value),
                        Whose::Foreign => foreign.push(value),
                        Whose::Nobody => {}
                    }
                }
                if !ends.is_empty() {
                    foreign.extend(store::foreign_addresses(tx, shop, conversation, ends).await?);
                }
                Ok::<_, StoreError>((own, foreign))
            })
        });
        Ok(read.await?)
    }

    /// Hosts of the pages that carry the widget.
    fn own_hosts(&self, shop: ShopId) -> Vec<String> {
        let Some(shop) = self.shop_in_memory(shop) else { return Vec::new() };
        let origins = shop.setting("origins", self.clock.now()).split_whitespace();
        let hosts = origins.filter_map(|origin| origin.split_once("://"));
        hosts.map(|(_, host)| host.split(':').next().unwrap_or(host).to_ascii_lowercase()).collect()
    }

    pub(crate) async fn shop_kind(&self, shop: ShopId) -> Result<ShopKind, AppError> {
        let now = self.clock.now();
        if let Some(known) = self.shop_in_memory(shop) {
            return Ok(ShopKind::parse(known.setting("shop_kind", now)).unwrap_or(ShopKind::Own));
        }
        let dated = self.db.read(move |tx| Box::pin(settings::settings(tx, shop))).await?;
        let held = dated.iter().rev().find(|d| d.name == "shop_kind" && d.valid_from <= now);
        Ok(held.and_then(|d| ShopKind::parse(&d.value)).unwrap_or(ShopKind::Own))
    }

    pub(crate) async fn guard_rows(&self, shop: ShopId) -> Result<Rows, AppError> {
        let read = self.db.read(move |tx| {
            Box::pin(async move {
                let version = store::version(tx, shop).await?;
                let levels = store::levels(tx, shop).await?;
                let words = store::words(tx, shop).await?;
                Ok::<_, StoreError>(Rows { version, levels, words })
            })
        });
        Ok(read.await?)
    }

    /// This process looks again at once; the others within two seconds.
    fn forget_guard(&self, shop: ShopId) {
        self.guards.0.lock().remove(&shop);
    }
}

/// The rules of a shop as they hold at a moment: the product's, and what the shop made of them.
pub(crate) fn rules_at(kind: ShopKind, rows: &Rows, at: Timestamp) -> Vec<RuleWords> {
    let mut rules = built_in(kind, at);
    for rule in &mut rules {
        rule.level = level_at(rule.code, kind, &rows.levels, at);
        let held =
            rows.words.iter().filter(|word| word.rule == rule.code.word() && holds(word, at));
        for stored in held {
            // What was checked when it was written and is none any more is left out.
            let Ok(pattern) = Pattern::parse(&stored.word) else { continue };
            if stored.exempt {
                rule.exceptions.push(pattern);
            } else {
                rule.words.push(Word { pattern, better: stored.better.clone() });
            }
        }
    }
    rules
}

pub(crate) fn level_at(
    code: RuleCode,
    kind: ShopKind,
    levels: &[StoredLevel],
    at: Timestamp,
) -> Level {
    let mut dated = levels.iter().rev().filter(|l| l.rule == code.word() && l.valid_from <= at);
    let level = dated.find_map(|l| Level::parse(&l.level)).unwrap_or_else(|| code.level(kind));
    level.min(code.level_max())
}

pub(crate) fn holds(word: &StoredWord, at: Timestamp) -> bool {
    word.valid_from <= at && word.valid_until.is_none_or(|until| at < until)
}

fn next_change(rows: &Rows, now: Timestamp) -> Timestamp {
    let words = rows.words.iter().flat_map(|w| [Some(w.valid_from), w.valid_until]).flatten();
    let all = rows.levels.iter().map(|level| level.valid_from).chain(words);
    all.filter(|at| *at > now).min().unwrap_or(Timestamp::from_micros(i64::MAX))
}

/// A finding as the wire has it.
pub(crate) fn shown(text: &str, finding: &Finding) -> wire::GuardFinding {
    let units = |byte: usize| text[..byte].encode_utf16().count();
    wire::GuardFinding {
        rule: finding.rule.word().to_owned(),
        level: finding.level.word().to_owned(),
        start: units(finding.start),
        end: units(finding.end),
        said: text[finding.start..finding.end].to_owned(),
        better: finding.better.clone(),
    }
}
