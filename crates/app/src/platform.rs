//! Shops and their dated settings, kept in memory for a moment: every request asks for them.

mod archive;
pub mod audit;
mod audit_list;
mod backup;
pub(crate) mod blobs;
mod first_visit;
mod keys;
mod known_settings;
mod nightly;
mod restore;
mod settings;
mod waits;
pub(crate) mod webhook_calls;
pub(crate) mod webhooks;

use std::collections::HashMap;
use std::sync::Arc;

pub use archive::{ArchiveError, Manifest, check as check_backup};
pub use audit_list::AuditFilter;
pub use backup::{BACKUPS_FOLDER, BackedUp, BackupError, back_up};
pub(crate) use first_visit::FirstVisit;
pub use keys::Scope;
pub use known_settings::{SETTINGS, Setting, Takes};
pub use nightly::{BackupState, Nightly, NightlyError};
pub use restore::{RestoreError, restore};
pub use webhooks::Webhooks;

use parking_lot::Mutex;
use xiaoer_domain::chat::Rules;
use xiaoer_domain::id::ShopId;
use xiaoer_domain::routing::Strategy;
use xiaoer_domain::team::Role;
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_domain::zone::Zone;
use xiaoer_protocol::ErrorCode;
use xiaoer_store::platform::{self as store, Dated, SETTINGS_MAX};

use crate::secret::Secret;
use crate::{App, AppError};

/// How long a shop is served from memory before it is read again.
const FRESH_FOR: Span = Span::seconds(5);

/// A shop with its settings.
#[derive(Clone, Debug)]
pub struct Shop {
    /// Row.
    pub id: ShopId,
    /// Key in URLs.
    pub key: String,
    /// Name.
    pub name: String,
    /// Secret for signed identities.
    pub identity_key: Secret,
    settings: Vec<Dated>,
}

impl Shop {
    /// The value of a setting at a moment.
    #[must_use]
    pub fn setting(&self, name: &str, at: Timestamp) -> &str {
        let dated = self.settings.iter().rev().find(|d| d.name == name && d.valid_from <= at);
        match dated {
            Some(dated) => &dated.value,
            None => Setting::find(name).map_or("", |s| s.default),
        }
    }

    pub(crate) fn number(&self, name: &str, at: Timestamp) -> u32 {
        let default = Setting::find(name).and_then(|s| s.default.parse().ok()).unwrap_or(0);
        self.setting(name, at).parse().unwrap_or(default)
    }

    /// The rules that sessions follow at a moment.
    #[must_use]
    pub fn rules(&self, at: Timestamp) -> Rules {
        Rules {
            seat_frees_after: Span::minutes(self.number("seat_frees_minutes", at)),
            session_ends_after: Span::minutes(self.number("session_ends_minutes", at)),
            same_agent_within: Span::minutes(self.number("same_agent_hours", at) * 60),
            recall_within: Span::seconds(self.number("recall_seconds", at)),
            nudge_every: Some(self.number("nudge_seconds", at))
                .filter(|seconds| *seconds > 0)
                .map(Span::seconds),
            stages: self.stages(at),
            strategy: Strategy::parse(self.setting("routing_strategy", at)).unwrap_or_default(),
        }
    }

    /// Bytes that attachments may take up.
    #[must_use]
    pub fn attachment_space(&self, at: Timestamp) -> i64 {
        i64::from(self.number("attachment_space_mb", at)) * 1024 * 1024
    }

    /// Whether a setting of 0 or 1 is 1.
    #[must_use]
    pub fn is_on(&self, name: &str, at: Timestamp) -> bool {
        self.number(name, at) == 1
    }

    /// The moments at which one of these settings was set, earliest first.
    pub(crate) fn changes(&self, names: &[&str]) -> Vec<Timestamp> {
        let of_them = self.settings.iter().filter(|dated| names.contains(&dated.name.as_str()));
        let mut moments: Vec<Timestamp> = of_them.map(|dated| dated.valid_from).collect();
        moments.sort_unstable();
        moments.dedup();
        moments
    }

    /// Whether buyers are asked what they thought of a session.
    #[must_use]
    pub fn offers_rating(&self, at: Timestamp) -> bool {
        self.is_on("rating", at)
    }

    /// How long a rating can be changed.
    #[must_use]
    pub fn rating_changes_within(&self, at: Timestamp) -> Span {
        Span::minutes(self.number("rating_change_hours", at) * 60)
    }

    /// Version of the privacy notice.
    #[must_use]
    pub fn privacy_version(&self, at: Timestamp) -> i64 {
        i64::from(self.number("privacy_version", at))
    }

    /// Whether one with these roles has to sign in with a code too.
    #[must_use]
    pub fn demands_factor(&self, roles: &[Role], at: Timestamp) -> bool {
        let demanded = self.setting("second_factor_roles", at);
        demanded.split_whitespace().any(|word| roles.iter().any(|role| role.word() == word))
    }

    /// How long a password or code stands for dangerous acts.
    #[must_use]
    pub fn proof_lasts(&self, at: Timestamp) -> Span {
        Span::minutes(self.number("step_up_minutes", at))
    }

    /// The time zone of the shop at a moment.
    #[must_use]
    pub fn zone(&self, at: Timestamp) -> Zone {
        Zone::parse(self.setting("zone", at)).unwrap_or_else(Zone::utc)
    }

    /// Whether a page of this origin may speak for buyers. An empty list admits every origin.
    #[must_use]
    pub fn admits_origin(&self, origin: &str, at: Timestamp) -> bool {
        let origins = self.setting("origins", at);
        origins.is_empty() || origins.split_whitespace().any(|o| o == origin)
    }
}

/// Shops in memory.
#[derive(Default)]
pub struct Shops(Mutex<HashMap<String, (Timestamp, Arc<Shop>)>>);

impl Shops {
    /// A shop that was asked for before, as it was then.
    pub(crate) fn of(&self, id: ShopId) -> Option<Arc<Shop>> {
        self.0.lock().values().map(|(_, shop)| shop).find(|shop| shop.id == id).map(Arc::clone)
    }

    /// The next who asks for this shop reads it anew.
    fn forget(&self, key: &str) {
        if let Some((read_at, _)) = self.0.lock().get_mut(key) {
            *read_at = read_at.minus(FRESH_FOR);
        }
    }

    /// The key of a shop that was asked for before; a key never changes.
    pub(crate) fn key_of(&self, id: ShopId) -> Option<String> {
        self.0.lock().values().find(|(_, shop)| shop.id == id).map(|(_, shop)| shop.key.clone())
    }
}

impl App {
    /// The shop of this key, at most five seconds old.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn shop(&self, key: &str) -> Result<Arc<Shop>, AppError> {
        // What cannot be a key is not looked for: PostgreSQL does not even take every character.
        if !is_key(key) {
            return Err(AppError::refused(ErrorCode::NotFound));
        }
        let now = self.clock.now();
        if let Some((read_at, shop)) = self.shops.0.lock().get(key)
            && now.since(*read_at) < FRESH_FOR
        {
            return Ok(Arc::clone(shop));
        }
        let wanted = key.to_owned();
        let found = self
            .db
            .read(move |tx| {
                Box::pin(async move {
                    let Some(shop) = store::find_shop(tx, &wanted).await? else {
                        return Err(AppError::refused(ErrorCode::NotFound));
                    };
                    let settings = store::settings(tx, shop.id).await?;
                    Ok((shop, settings))
                })
            })
            .await;
        let (shop, settings) = found?;
        debug_assert!(
            i64::try_from(settings.len()).is_ok_and(|n| n < SETTINGS_MAX),
            "settings are few"
        );
        let shop = Arc::new(Shop {
            id: shop.id,
            key: shop.key,
            name: shop.name,
            identity_key: Secret(shop.identity_key),
            settings,
        });
        self.shops.0.lock().insert(key.to_owned(), (now, Arc::clone(&shop)));
        Ok(shop)
    }

    /// A shop that requests have asked for by key lately; None when none has.
    pub(crate) fn shop_in_memory(&self, id: ShopId) -> Option<Arc<Shop>> {
        self.shops.of(id)
    }

    /// The shop of a row, at most five seconds old.
    ///
    /// # Errors
    /// `not_found`.
    pub(crate) async fn shop_of(&self, id: ShopId) -> Result<Arc<Shop>, AppError> {
        if let Some(key) = self.shops.key_of(id) {
            return self.shop(&key).await;
        }
        for key in self.shop_keys().await? {
            let found = self.shop(&key).await?;
            if found.id == id {
                return Ok(found);
            }
        }
        Err(AppError::refused(ErrorCode::NotFound))
    }

    /// Every shop of the installation.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn shop_keys(&self) -> Result<Vec<String>, AppError> {
        let shops = self
            .db
            .read(|tx| Box::pin(async move { store::list_shops(tx, ShopId::new(0), 1000).await }))
            .await?;
        Ok(shops.into_iter().map(|s| s.key).collect())
    }

    /// Makes a shop with a fresh identity key.
    ///
    /// # Errors
    /// `bad_request` for a key that cannot stand in a URL, and the store's `Unique` for one that exists.
    pub async fn create_shop(&self, key: &str, name: &str) -> Result<ShopId, AppError> {
        if !is_key(key) {
            return Err(AppError::bad_field("key"));
        }
        let (key, name, secret, now) =
            (key.to_owned(), name.to_owned(), self.chance.bytes::<32>(), self.clock.now());
        self.db
            .write(move |tx| {
                let (key, name) = (key.clone(), name.clone());
                Box::pin(async move {
                    Ok::<_, AppError>(store::insert_shop(tx, &key, &name, &secret, now).await?)
                })
            })
            .await
    }

    /// Sets a setting of a shop from now on.
    ///
    /// # Errors
    /// `bad_request` with the sentence in `params.reason`.
    pub async fn set_setting(&self, shop: &Shop, name: &str, value: &str) -> Result<(), AppError> {
        let setting = Setting::find(name).ok_or_else(|| AppError::bad_field("name"))?;
        setting.check(value).map_err(|reason| AppError::Refused {
            code: ErrorCode::BadRequest,
            params: Some(serde_json::json!({ "field": name, "reason": reason })),
        })?;
        let (id, value, now) = (shop.id, value.to_owned(), self.clock.now());
        let name = setting.name;
        shop.check_thresholds(name, &value, now)?;
        let note = audit::Note::of(audit::AuditKind::SettingChanged)
            .on(name)
            .was(&shop.setting(name, now).into())
            .is(&value.as_str().into());
        let note = self.audit(note);
        self.db
            .write(move |tx| {
                let (value, note) = (value.clone(), note.clone());
                Box::pin(async move {
                    store::set_setting(tx, id, name, now, &value).await?;
                    note.write(tx, id).await?;
                    Ok::<_, AppError>(())
                })
            })
            .await?;
        self.shops.forget(&shop.key);
        self.duties.forget(shop.id);
        Ok(())
    }
}

/// Whether a shop's key can stand in an address.
#[must_use]
pub fn is_key(key: &str) -> bool {
    (1..=40).contains(&key.len())
        && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}
