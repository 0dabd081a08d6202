//! Accounts and memberships: made and changed by the owner, on the command line for now.

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use xiaoer_domain::id::{AccountId, ShopId};
pub(super) use xiaoer_domain::team::PASSWORD_CHARS_MAX;
use xiaoer_domain::team::{PASSWORD_CHARS_MIN, PasswordFault, Role, check_password};
use xiaoer_protocol::{ErrorCode, id};
use xiaoer_store::StoreError;
use xiaoer_store::team::{self as store, Account};

use crate::platform::audit::{AuditKind, Note};
use crate::{App, AppError};

/// Characters of a person's name.
const NAME_CHARS_MAX: usize = 40;

/// What a new account needs.
#[derive(Clone)]
pub struct NewAccount {
    /// Login name: 2–40 characters of `a–z 0–9 . _ - @`.
    pub login: String,
    /// Name as colleagues and buyers see it.
    pub name: String,
    /// `zh-CN` or `en`.
    pub lang: String,
    /// Password in the clear; only its hash is kept.
    pub password: String,
}

impl NewAccount {
    /// Looks at everything but the password.
    ///
    /// # Errors
    /// `bad_request` naming the field.
    pub fn check(&self) -> Result<(), AppError> {
        self.wrong_fields().first().map_or(Ok(()), |field| Err(AppError::bad_field(field)))
    }

    /// Every field but the password that is not taken as it is.
    #[must_use]
    pub fn wrong_fields(&self) -> Vec<&'static str> {
        let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_@".contains(&b);
        let mut wrong = Vec::new();
        if !(2..=40).contains(&self.login.len()) || !self.login.bytes().all(is_plain) {
            wrong.push("login");
        }
        let name = self.name.trim();
        let is_odd = name.chars().any(char::is_control);
        if name.is_empty() || is_odd || name.chars().count() > NAME_CHARS_MAX {
            wrong.push("name");
        }
        if !["zh-CN", "en"].contains(&self.lang.as_str()) {
            wrong.push("lang");
        }
        wrong
    }
}

/// A login that somebody else has is a field to be put right.
pub fn login_taken(error: StoreError) -> AppError {
    match error {
        StoreError::Unique { .. } => AppError::Refused {
            code: ErrorCode::BadRequest,
            params: Some(serde_json::json!({ "field": "login", "reason": "taken" })),
        },
        other => other.into(),
    }
}

impl App {
    /// Makes an account.
    ///
    /// # Errors
    /// `bad_request` naming the field; `bad_request` with field `login` and reason `taken`.
    pub async fn create_account(&self, new: NewAccount) -> Result<AccountId, AppError> {
        new.check()?;
        let (hash, now) = (self.hash_password(&new.login, &new.password).await?, self.clock.now());
        let app = self.clone();
        let made = self
            .db
            .write(move |tx| {
                let (new, hash, app) = (new.clone(), hash.clone(), app.clone());
                Box::pin(async move {
                    let (name, lang) = (new.name.trim(), &new.lang);
                    let made =
                        store::insert_account(tx, &new.login, name, lang, &hash, now).await?;
                    app.audit(Note::of(AuditKind::AccountMade).on(id::account(made)))
                        .write_for(tx, made)
                        .await?;
                    Ok::<_, AppError>(made)
                })
            })
            .await;
        made.map_err(|error| match error {
            AppError::Store(error) => login_taken(error),
            other => other,
        })
    }

    /// Makes or changes a membership.
    ///
    /// # Errors
    /// `bad_request` for a cap out of 1..=200 or no roles.
    pub async fn set_membership(
        &self,
        shop: ShopId,
        account: AccountId,
        cap: i64,
        roles: &[Role],
    ) -> Result<(), AppError> {
        if !(1..=200).contains(&cap) {
            return Err(AppError::bad_field("cap"));
        }
        if roles.is_empty() {
            return Err(AppError::bad_field("roles"));
        }
        let (roles, now, app) = (roles.to_vec(), self.clock.now(), self.clone());
        self.db
            .write(move |tx| {
                let (roles, app) = (roles.clone(), app.clone());
                Box::pin(async move {
                    let words = |roles: &[Role]| roles.iter().map(|r| r.word()).collect::<Vec<_>>();
                    let before = store::roles(tx, shop, account).await?;
                    store::set_membership(tx, shop, account, cap, &roles, now).await?;
                    let note = Note::of(AuditKind::RolesChanged)
                        .on(id::account(account))
                        .was(&serde_json::json!({ "roles": words(&before) }))
                        .is(&serde_json::json!({ "roles": words(&roles), "cap": cap }));
                    app.audit(note).write(tx, shop).await?;
                    Ok::<_, AppError>(())
                })
            })
            .await
    }

    /// The account with this login.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn account(&self, login: &str) -> Result<Account, AppError> {
        let login = login.to_owned();
        let found = self
            .db
            .read(move |tx| Box::pin(async move { store::find_account(tx, &login).await }))
            .await?;
        found.ok_or_else(|| AppError::refused(ErrorCode::NotFound))
    }

    /// Accounts of the installation, a thousand at most.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn accounts(&self) -> Result<Vec<Account>, AppError> {
        Ok(self
            .db
            .read(|tx| {
                Box::pin(async move { store::list_accounts(tx, AccountId::new(0), 1000).await })
            })
            .await?)
    }

    /// Sets a password and ends every sign-in of the account.
    ///
    /// # Errors
    /// `bad_request` for a password of the wrong length.
    pub async fn set_password(&self, account: AccountId, password: &str) -> Result<(), AppError> {
        let (hash, now) = (self.hash_password("", password).await?, self.clock.now());
        let note = self.audit(Note::of(AuditKind::PasswordChanged).on(id::account(account)));
        self.db
            .write(move |tx| {
                let (hash, note) = (hash.clone(), note.clone());
                Box::pin(async move {
                    store::set_password(tx, account, &hash, now).await?;
                    note.write_for(tx, account).await?;
                    Ok::<_, AppError>(())
                })
            })
            .await
    }

    /// Switches an account off, which ends every sign-in, or on again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_disabled(&self, account: AccountId, disabled: bool) -> Result<(), AppError> {
        let now = self.clock.now();
        let kind = if disabled { AuditKind::AccountOff } else { AuditKind::AccountOn };
        let note = self.audit(Note::of(kind).on(id::account(account)));
        self.db
            .write(move |tx| {
                let note = note.clone();
                Box::pin(async move {
                    store::set_disabled(tx, account, disabled, now).await?;
                    note.write_for(tx, account).await?;
                    Ok::<_, AppError>(())
                })
            })
            .await
    }

    pub(crate) async fn hash_password(
        &self,
        login: &str,
        password: &str,
    ) -> Result<String, AppError> {
        check_password(password, login).map_err(|fault: PasswordFault| AppError::Refused {
            code: ErrorCode::BadRequest,
            params: Some(serde_json::json!({
                "field": "password", "reason": fault.word(),
                "min": PASSWORD_CHARS_MIN, "max": PASSWORD_CHARS_MAX,
            })),
        })?;
        let (salt, password) = (self.chance.bytes::<16>(), password.to_owned());
        off_thread(move || {
            hasher()
                .hash_password_with_salt(password.as_bytes(), &salt)
                .map(|hash| hash.to_string())
                .ok()
        })
        .await
        .ok_or_else(|| AppError::refused(ErrorCode::Internal))
    }
}

/// Whether a password fits a stored hash. Costs the same when there is no account.
pub(super) async fn fits(password: String, hash: Option<String>) -> bool {
    off_thread(move || {
        let known = hash.as_deref().unwrap_or(NOBODY);
        let Ok(parsed) = PasswordHash::new(known) else { return false };
        hasher().verify_password(password.as_bytes(), &parsed).is_ok() && hash.is_some()
    })
    .await
}

/// A hash of nothing in particular, so that an unknown login takes as long as a wrong password.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Argon2id with 19 MiB, two passes, one lane: the OWASP password storage cheat sheet's first choice (read 2026-11).
fn hasher() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("these parameters are within bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

async fn off_thread<T: Send + Default + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap_or_default()
}
