//! The first visit: a house without a shop gets its shop and its owner from whoever holds the key that the server wrote
//! into its own log and data folder. All of it or nothing, and only once.

use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use xiaoer_domain::id::ShopId;
use xiaoer_domain::team::Role;
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::platform::FirstShop;
use xiaoer_store::platform as store;
use xiaoer_store::team as people;

use super::audit::{Actor, AuditKind, Note};
use super::{Setting, is_key};
use crate::secret::hash_token;
use crate::team::{NewAccount, Origin, SignedIn};
use crate::{App, AppError};

/// Most buyers at once that an owner serves until somebody changes it.
const OWNER_CAP: i64 = 10;
/// Characters of a shop's name.
const NAME_CHARS_MAX: usize = 60;

/// Whether this house is open to its first visitor, and by which key.
#[derive(Default)]
pub struct FirstVisit {
    /// Digest of the key; the key itself is only with whoever started the server.
    key: parking_lot::Mutex<Option<[u8; 32]>>,
    /// Once there is a shop there is always one.
    has_shop: AtomicBool,
    /// Of two who hold the key one makes the shop.
    making: tokio::sync::Mutex<()>,
}

impl App {
    /// Whether the installation has a shop.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_shop(&self) -> Result<bool, AppError> {
        if self.first_visit.has_shop.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let shops = self
            .db
            .read(|tx| Box::pin(async move { store::list_shops(tx, ShopId::new(0), 1).await }))
            .await?;
        self.first_visit.has_shop.store(!shops.is_empty(), Ordering::Relaxed);
        Ok(!shops.is_empty())
    }

    /// Opens the house to its first visitor and hands out the key, for the only time.
    #[must_use]
    pub fn open_first_visit(&self) -> String {
        let key = URL_SAFE_NO_PAD.encode(self.chance.bytes::<24>());
        *self.first_visit.key.lock() = Some(hash_token(&key));
        key
    }

    /// Makes the first shop with its owner, who is signed in by it.
    ///
    /// # Errors
    /// `not_found` once there is a shop; `wrong_setup_key`; `bad_request` naming the field.
    pub async fn make_first_shop(
        &self,
        first: FirstShop,
        origin: &Origin,
    ) -> Result<SignedIn, AppError> {
        let _one_at_a_time = self.first_visit.making.lock().await;
        if self.has_shop().await? {
            return Err(AppError::refused(ErrorCode::NotFound));
        }
        let held = *self.first_visit.key.lock();
        if held.is_none_or(|held| held != hash_token(first.setup_key.trim())) {
            return Err(AppError::refused(ErrorCode::WrongSetupKey));
        }
        let settings = settings(&first)?;
        let owner = NewAccount {
            login: first.login.trim().to_owned(),
            name: first.owner.trim().to_owned(),
            lang: first.lang.clone(),
            password: first.password.clone(),
        };
        owner.check()?;
        let hash = self.hash_password(&owner.login, &owner.password).await?;
        let made = self.store_first_shop(&first, owner, hash, settings, origin).await?;
        *self.first_visit.key.lock() = None;
        self.first_visit.has_shop.store(true, Ordering::Relaxed);
        Ok(made)
    }

    async fn store_first_shop(
        &self,
        first: &FirstShop,
        owner: NewAccount,
        hash: String,
        settings: Vec<(&'static str, String)>,
        origin: &Origin,
    ) -> Result<SignedIn, AppError> {
        let (key, name) = (first.shop.clone(), first.name.trim().to_owned());
        let (secret, now) = (self.chance.bytes::<32>(), self.clock.now());
        let token = URL_SAFE_NO_PAD.encode(self.chance.bytes::<32>());
        let (app, origin) = (self.clone(), origin.clone());
        self.db
            .write(move |tx| {
                let (key, name, owner, hash) =
                    (key.clone(), name.clone(), owner.clone(), hash.clone());
                let (settings, token) = (settings.clone(), token.clone());
                let (app, origin) = (app.clone(), origin.clone());
                Box::pin(async move {
                    let shop = store::insert_shop(tx, &key, &name, &secret, now).await?;
                    let (login, called, lang) = (&owner.login, &owner.name, &owner.lang);
                    let account = people::insert_account(tx, login, called, lang, &hash, now).await;
                    let account = account.map_err(crate::team::login_taken)?;
                    let roles = [Role::Owner];
                    people::set_membership(tx, shop, account, OWNER_CAP, &roles, now).await?;
                    for (name, value) in &settings {
                        store::set_setting(tx, shop, name, Timestamp::from_micros(0), value)
                            .await?;
                    }
                    crate::team::insert_sign_in(tx, account, &token, &origin, now).await?;
                    let actor = Actor::desk(account, &origin.address);
                    let target = xiaoer_protocol::id::account(account);
                    let note = Note::of(AuditKind::ShopMade).on(target);
                    let note = note.is(&serde_json::json!({ "shop": key }));
                    app.by(actor).audit(note).write(tx, shop).await?;
                    Ok::<_, AppError>(SignedIn { token, account })
                })
            })
            .await
    }
}

/// What the first shop is told of itself, checked before anything is made.
fn settings(first: &FirstShop) -> Result<Vec<(&'static str, String)>, AppError> {
    if !is_key(&first.shop) {
        return Err(AppError::bad_field("shop"));
    }
    let name = first.name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
        return Err(AppError::bad_field("name"));
    }
    let told = [
        ("shop_kind", first.kind.clone()),
        ("zone", first.zone.trim().to_owned()),
        ("currency", first.currency.trim().to_owned()),
        ("opens_minute", first.opens_minute.to_string()),
        ("closes_minute", first.closes_minute.to_string()),
        ("origins", first.origins.split_whitespace().collect::<Vec<_>>().join(" ")),
    ];
    for (name, value) in &told {
        let setting = Setting::find(name).ok_or_else(|| AppError::bad_field(name))?;
        setting.check(value).map_err(|reason| AppError::Refused {
            code: ErrorCode::BadRequest,
            params: Some(serde_json::json!({ "field": name, "reason": reason })),
        })?;
    }
    Ok(told.into())
}
