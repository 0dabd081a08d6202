//! Shops and their dated settings, kept in memory for a moment: every request asks for them.

mod archive;
pub mod audit;
mod audit_list;
mod backup;
pub(crate) mod blobs;
mod first_visit;
mod keys;
mod nightly;
mod restore;
mod settings;
mod waits;

use std::collections::HashMap;
use std::sync::Arc;

pub use archive::{ArchiveError, Manifest, check as check_backup};
pub use audit_list::AuditFilter;
pub use backup::{BACKUPS_FOLDER, BackedUp, BackupError, back_up};
pub(crate) use first_visit::FirstVisit;
pub use keys::Scope;
pub use nightly::{BackupState, Nightly, NightlyError};
pub use restore::{RestoreError, restore};

use parking_lot::Mutex;
use xiaoer_domain::chat::Rules;
use xiaoer_domain::id::ShopId;
use xiaoer_domain::routing::Strategy;
use xiaoer_domain::team::Role;
use xiaoer_domain::team::duty::{Week, parse_windows};
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_domain::zone::{TimeOfDay, Zone};
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

/// A setting: its name, its default, and what values it takes.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Name in database and command line.
    pub name: &'static str,
    /// What holds until somebody sets it.
    pub default: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// What it means, for people.
    pub doc: &'static str,
}

/// What a setting takes.
#[derive(Clone, Copy, Debug)]
pub enum Takes {
    /// A whole number within bounds.
    Number(u32, u32),
    /// An IANA zone.
    Zone,
    /// Three capital letters.
    Currency,
    /// Origins, separated by blanks.
    Origins,
    /// A text for people, up to so many characters; empty: the product's own.
    Text(usize),
    /// A time of day, or `off`.
    TimeOfDay,
    /// Roles, separated by blanks.
    Roles,
    /// Spans of a day, separated by blanks.
    Spans,
    /// Spans of seven days from Monday on, `;` between the days; empty: never said.
    Week,
    /// One of these words.
    OneOf(&'static [&'static str]),
    Word(&'static [&'static str]),
}

/// Every setting of a shop. Sources: docs/definitions/session.md and waiting.md.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "shop_kind",
        default: "own_site",
        takes: Takes::Word(&["own_site", "marketplace", "mall"]),
        doc: "where the shop sells: its own site, a marketplace, or a mall of brands",
    },
    Setting {
        name: "zone",
        default: "Asia/Shanghai",
        takes: Takes::Zone,
        doc: "time zone of the shop",
    },
    Setting {
        name: "currency",
        default: "CNY",
        takes: Takes::Currency,
        doc: "accounting currency",
    },
    Setting {
        name: "shop_kind",
        default: "own",
        takes: Takes::OneOf(&["own", "mall"]),
        doc: "where the shop stands: on its own site, or on a marketplace under its rules",
    },
    Setting {
        name: "origins",
        default: "",
        takes: Takes::Origins,
        doc: "origins that may embed the widget; empty: every origin",
    },
    Setting {
        name: "seat_frees_minutes",
        default: "10",
        takes: Takes::Number(1, 24 * 60),
        doc: "buyer's silence after our reply until the seat frees",
    },
    Setting {
        name: "session_ends_minutes",
        default: "30",
        takes: Takes::Number(1, 7 * 24 * 60),
        doc: "buyer's silence after our reply until the session ends",
    },
    Setting {
        name: "same_agent_hours",
        default: "24",
        takes: Takes::Number(0, 30 * 24),
        doc: "a return within this time goes to the same agent",
    },
    Setting {
        name: "recall_seconds",
        default: "120",
        takes: Takes::Number(0, 24 * 60 * 60),
        doc: "how long a message can be taken back",
    },
    Setting {
        name: "attachment_space_mb",
        default: "20480",
        takes: Takes::Number(0, 100_000_000),
        doc: "megabytes that the shop's pictures and files may take up; more are refused",
    },
    Setting {
        name: "nudge_seconds",
        default: "0",
        takes: Takes::Number(0, 86_400),
        doc: "pause between two nudges of a buyer; 0: the shop takes no nudges",
    },
    Setting {
        name: "wait_notice_seconds",
        default: "30",
        takes: Takes::Number(1, 86_400),
        doc: "waiting: notice",
    },
    Setting {
        name: "wait_alarm_seconds",
        default: "100",
        takes: Takes::Number(1, 86_400),
        doc: "waiting: alarm",
    },
    Setting {
        name: "after_sales_days",
        default: "30",
        takes: Takes::Number(0, 3650),
        doc: "days from an order in which its buyer counts as after-sales once it was received",
    },
    Setting {
        name: "in_sales_from",
        default: "order",
        takes: Takes::OneOf(&["order", "payment"]),
        doc: "what makes a buyer in-sales",
    },
    Setting {
        name: "after_sales_from",
        default: "receipt",
        takes: Takes::OneOf(&["receipt", "dispatch"]),
        doc: "what makes a buyer after-sales",
    },
    Setting {
        name: "routing_strategy",
        default: "least_loaded",
        takes: Takes::OneOf(&["least_loaded", "round_robin", "level_weighted"]),
        doc: "how a shop without skill groups chooses an agent",
    },
    Setting {
        name: "overtime_reassign",
        default: "0",
        takes: Takes::Number(0, 1),
        doc: "a buyer left waiting beyond overtime goes to a free colleague",
    },
    Setting {
        name: "leave_message_minutes",
        default: "3",
        takes: Takes::Number(1, 24 * 60),
        doc: "minutes in the queue after which a buyer is offered to leave a message",
    },
    Setting {
        name: "wait_overtime_seconds",
        default: "180",
        takes: Takes::Number(1, 86_400),
        doc: "waiting: overtime",
    },
    Setting {
        name: "opens_minute",
        default: "480",
        takes: Takes::Number(0, 1439),
        doc: "first minute of service in the shop's day, unless duty_hours says more",
    },
    Setting {
        name: "closes_minute",
        default: "1440",
        takes: Takes::Number(0, 1440),
        doc: "first minute after service; not above opens_minute: past midnight",
    },
    Setting {
        name: "duty_hours",
        default: "",
        takes: Takes::Week,
        doc: "spans of service from Monday to Sunday, such as 08:00-12:00 13:00-24:00;…; empty: opens_minute to closes_minute",
    },
    Setting {
        name: "day_shift",
        default: "08:00-12:00 12:30-16:30",
        takes: Takes::Spans,
        doc: "spans of the day shift",
    },
    Setting {
        name: "night_shift",
        default: "15:30-17:30 18:00-24:00",
        takes: Takes::Spans,
        doc: "spans of the night shift",
    },
    Setting {
        name: "roster_min",
        default: "1",
        takes: Takes::Number(0, 1000),
        doc: "fewest people of the roster in a half hour of service",
    },
    Setting {
        name: "call_again_minutes",
        default: "120",
        takes: Takes::Number(1, 7 * 24 * 60),
        doc: "service until a buyer who did not answer the telephone is called again",
    },
    Setting {
        name: "call_tries",
        default: "3",
        takes: Takes::Number(1, 20),
        doc: "how often a buyer is called in a row without an answer",
    },
    Setting {
        name: "follow_up_minutes",
        default: "120",
        takes: Takes::Number(1, 7 * 24 * 60),
        doc: "a message left behind is answered within this time of service",
    },
    Setting {
        name: "rating",
        default: "1",
        takes: Takes::Number(0, 1),
        doc: "buyers may rate a session that is over",
    },
    Setting {
        name: "rating_change_hours",
        default: "24",
        takes: Takes::Number(0, 30 * 24),
        doc: "how long a rating can be changed",
    },
    Setting {
        name: "viewing",
        default: "1",
        takes: Takes::Number(0, 1),
        doc: "the page a buyer looks at is told to the desk, after the privacy notice",
    },
    Setting {
        name: "privacy_version",
        default: "1",
        takes: Takes::Number(1, 1_000_000),
        doc: "raised when the privacy notice changes: buyers are asked again",
    },
    Setting {
        name: "privacy_zh",
        default: "",
        takes: Takes::Text(2000),
        doc: "privacy notice in Chinese; empty: the product's own",
    },
    Setting {
        name: "privacy_en",
        default: "",
        takes: Takes::Text(2000),
        doc: "privacy notice in English; empty: the product's own",
    },
    Setting {
        name: "backup_at",
        default: "03:30",
        takes: Takes::TimeOfDay,
        doc: "time of the nightly backup; off: none; the installation's first shop decides",
    },
    Setting {
        name: "backups_kept",
        default: "14",
        takes: Takes::Number(1, 400),
        doc: "nightly backups that are kept; the installation's first shop decides",
    },
    Setting {
        name: "second_factor_roles",
        default: "",
        takes: Takes::Roles,
        doc: "roles that must sign in with a code too, blank between",
    },
    Setting {
        name: "step_up_minutes",
        default: "10",
        takes: Takes::Number(1, 240),
        doc: "how long a password or code stands for dangerous acts",
    },
];

impl Setting {
    /// The setting of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|s| s.name == name)
    }

    /// Checks a value.
    ///
    /// # Errors
    /// A sentence that says what it takes.
    pub fn check(&self, value: &str) -> Result<(), String> {
        let fine = match self.takes {
            Takes::Number(min, max) => value.parse::<u32>().is_ok_and(|n| (min..=max).contains(&n)),
            Takes::Zone => Zone::parse(value).is_some(),
            Takes::TimeOfDay => value == "off" || TimeOfDay::parse(value).is_some(),
            Takes::Currency => value.len() == 3 && value.bytes().all(|b| b.is_ascii_uppercase()),
            Takes::Origins => value.split_whitespace().all(|o| {
                (o.starts_with("https://") || o.starts_with("http://")) && !o.ends_with('/')
            }),
            Takes::Text(max) => {
                value.chars().count() <= max && !value.chars().any(|c| c.is_control() && c != '\n')
            }
            Takes::OneOf(words) => words.contains(&value),
            Takes::Roles => value.split_whitespace().all(|role| Role::parse(role).is_some()),
            Takes::Spans => parse_windows(value).is_ok(),
            Takes::Week => Week::parse(value).is_ok(),
            Takes::Word(words) => words.contains(&value),
        };
        fine.then_some(()).ok_or_else(|| match self.takes {
            Takes::Number(min, max) => {
                format!("{} takes a whole number from {min} to {max}", self.name)
            }
            Takes::Zone => format!("{} takes an IANA zone such as Asia/Shanghai", self.name),
            Takes::Currency => format!("{} takes three capital letters such as CNY", self.name),
            Takes::TimeOfDay => format!("{} takes a time such as 03:30, or off", self.name),
            Takes::Origins => {
                format!("{} takes origins such as https://shop.example, blank between", self.name)
            }
            Takes::OneOf(words) => format!("{} takes one of: {}", self.name, words.join(" ")),
            Takes::Text(max) => format!("{} takes a text of at most {max} characters", self.name),
            Takes::Roles => {
                format!("{} takes roles such as owner manager, blank between", self.name)
            }
            Takes::Spans => {
                format!("{} takes spans in order such as 08:00-12:00 13:00-24:00", self.name)
            }
            Takes::Week => {
                format!("{} takes spans for seven days from Monday on, ; between", self.name)
            }
            Takes::Word(words) => format!("{} takes one of: {}", self.name, words.join(", ")),
        })
    }
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
        let shops = self.shops.0.lock();
        shops.values().map(|(_, shop)| shop).find(|shop| shop.id == id).map(Arc::clone)
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
        self.shops.0.lock().remove(&shop.key);
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
