//! Keys of programs that act for a shop, and the secret by which the shop signs what it sends by itself.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use xiaoer_domain::id::ShopId;
use xiaoer_domain::time::Span;
use xiaoer_protocol::{ErrorCode, keys as wire};
use xiaoer_store::platform::keys as store;

use super::Shop;
use super::audit::{AuditKind, Note};
use crate::secret::hash_token;
use crate::team::Proof;
use crate::{App, AppError};

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Bring orders.
    OrdersWrite,
    /// Ask what became of orders.
    OrdersRead,
}

impl Scope {
    /// Every scope.
    pub const ALL: &'static [Self] = &[Self::OrdersWrite, Self::OrdersRead];

    /// The word in database and wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::OrdersWrite => "orders:write",
            Self::OrdersRead => "orders:read",
        }
    }
}

/// How every key begins, so that a leaked one is recognised.
const PREFIX: &str = "xk_";
/// Keys of a shop that are listed, the revoked ones too.
const KEYS_MAX: i64 = 200;
/// Characters of a key's name.
const NAME_CHARS_MAX: usize = 60;
/// A key's last use is written at most this often.
const USED_EVERY: Span = Span::minutes(5);
/// Clocks of shop and server may differ by this much; what was signed longer ago is a replay.
const SIGNED_WITHIN: Span = Span::minutes(5);
/// Names the use that the hook's secret has, so that it is no other secret.
const HOOK_USE: &[u8] = b"xiaoer orders hook 1";

impl App {
    /// Makes a key, which is told for the only time.
    ///
    /// # Errors
    /// `bad_request` naming the field.
    pub async fn make_key(
        &self,
        shop: ShopId,
        proof: &Proof,
        new: &wire::NewKey,
    ) -> Result<wire::FreshKey, AppError> {
        let name = new.name.trim().to_owned();
        let is_odd = name.chars().any(char::is_control);
        if name.is_empty() || is_odd || name.chars().count() > NAME_CHARS_MAX {
            return Err(AppError::bad_field("name"));
        }
        let known = |word: &String| Scope::ALL.iter().any(|scope| scope.word() == word);
        if new.scopes.is_empty() || !new.scopes.iter().all(known) {
            return Err(AppError::bad_field("scopes"));
        }
        let key = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(self.chance.bytes::<32>()));
        let (hash, scopes) = (hash_token(&key), new.scopes.join(" "));
        let (account, now, app) = (proof.account(), self.clock.now(), self.clone());
        self.db
            .write(move |tx| {
                let (name, scopes, app) = (name.clone(), scopes.clone(), app.clone());
                Box::pin(async move {
                    let by = Some(account);
                    let id = store::insert(tx, shop, &name, &hash, &scopes, by, now).await?;
                    let is = serde_json::json!({ "scopes": scopes });
                    let note = Note::of(AuditKind::ApiKeyMade).on(format!("key_{id}")).is(&is);
                    app.audit(note).write(tx, shop).await?;
                    Ok::<_, AppError>(())
                })
            })
            .await?;
        Ok(wire::FreshKey { key })
    }

    /// The keys of a shop, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn keys(&self, shop: ShopId) -> Result<wire::Keys, AppError> {
        let keys = self
            .db
            .read(move |tx| Box::pin(async move { store::list(tx, shop, KEYS_MAX).await }))
            .await?;
        let keys = keys.into_iter().map(|key| wire::Key {
            id: format!("key_{}", key.id),
            name: key.name,
            scopes: key.scopes.split(' ').map(str::to_owned).collect(),
            created_at: key.created_at.micros(),
            used_at: key.used_at.map(|at| at.micros()),
            revoked_at: key.revoked_at.map(|at| at.micros()),
        });
        Ok(wire::Keys { keys: keys.collect() })
    }

    /// Ends a key at once.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn revoke_key(
        &self,
        shop: ShopId,
        _proof: &Proof,
        key: &str,
    ) -> Result<(), AppError> {
        let id: Option<i64> = key.strip_prefix("key_").and_then(|id| id.parse().ok());
        let id = id.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
        let note = self.audit(Note::of(AuditKind::ApiKeyRevoked).on(key));
        let now = self.clock.now();
        self.db
            .write(move |tx| {
                let note = note.clone();
                Box::pin(async move {
                    if !store::revoke(tx, shop, id, now).await? {
                        return Err(AppError::refused(ErrorCode::NotFound));
                    }
                    note.write(tx, shop).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Which key a program shows; its row.
    ///
    /// # Errors
    /// `not_signed_in` for none that lives in this shop; `forbidden` without the scope.
    pub async fn program(&self, shop: ShopId, key: &str, scope: Scope) -> Result<i64, AppError> {
        let (hash, now) = (hash_token(key), self.clock.now());
        let found = self
            .db
            .read(move |tx| Box::pin(async move { store::find(tx, shop, &hash).await }))
            .await?;
        let found = found.ok_or_else(|| AppError::refused(ErrorCode::NotSignedIn))?;
        if !found.scopes.split(' ').any(|word| word == scope.word()) {
            return Err(AppError::refused(ErrorCode::Forbidden));
        }
        let id = found.id;
        if found.used_at.is_none_or(|at| now.since(at) >= USED_EVERY) {
            self.db
                .write(move |tx| {
                    Box::pin(
                        async move { Ok::<_, AppError>(store::used(tx, shop, id, now).await?) },
                    )
                })
                .await?;
        }
        Ok(id)
    }

    /// The secret by which the shop's own program signs the orders it sends.
    ///
    /// # Errors
    /// Never, but for a broken key of the shop.
    pub fn hook_secret(&self, shop: &Shop, _proof: &Proof) -> Result<wire::HookSecret, AppError> {
        Ok(wire::HookSecret { secret: hook_secret(shop)? })
    }

    /// Looks at the signature over a body that a shop's program sent by itself: `t=SECONDS,v1=HEX`.
    ///
    /// # Errors
    /// `bad_signature`, whatever is wrong: a forger learns nothing.
    pub fn check_hook(&self, shop: &Shop, signature: &str, body: &[u8]) -> Result<(), AppError> {
        let refused = || AppError::refused(ErrorCode::BadSignature);
        let part = |name: &str| {
            let parts = signature.split(',').filter_map(|part| part.trim().split_once('='));
            parts.filter(|(known, _)| *known == name).map(|(_, value)| value).next()
        };
        let (told, hex) = (part("t").ok_or_else(refused)?, part("v1").ok_or_else(refused)?);
        let seconds: i64 = told.parse().map_err(|_| refused())?;
        let now = self.clock.now().micros() / 1_000_000;
        if (now - seconds).abs() > SIGNED_WITHIN.micros() / 1_000_000 {
            return Err(refused());
        }
        let mac = hook_mac(hook_secret(shop)?.as_bytes(), told, body).ok_or_else(refused)?;
        let given = from_hex(hex).ok_or_else(refused)?;
        mac.verify_slice(&given).map_err(|_| refused())
    }
}

/// Derived from the shop's own secret, so there is nothing more to keep.
fn hook_secret(shop: &Shop) -> Result<String, AppError> {
    let mac = Hmac::<Sha256>::new_from_slice(&shop.identity_key.0);
    let mut mac = mac.map_err(|_| AppError::refused(ErrorCode::Internal))?;
    mac.update(HOOK_USE);
    Ok(format!("whk_{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())))
}

fn hook_mac(secret: &[u8], told: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(told.as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(mac)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}
