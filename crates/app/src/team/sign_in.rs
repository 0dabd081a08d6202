//! Signing in and out, and who a token stands for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use xiaoer_domain::id::AccountId;
use xiaoer_domain::team::Colleague;
use xiaoer_domain::team::{Right, Role, may};
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_protocol::{ErrorCode, id, team as wire};
use xiaoer_store::Tx;
use xiaoer_store::team as store;
use xiaoer_store::team::security::{self, NewSignIn};

use super::tries::{Pair, pair, refusal};
use super::{accounts, codes};
use crate::platform::audit::{Actor, AuditKind, Note, Signed};
use crate::secret::hash_token;
use crate::{App, AppError};

/// How long a sign-in lasts.
pub const SIGN_IN_LASTS: Span = Span::minutes(14 * 24 * 60);

/// How long a right password waits for its code.
const CHALLENGE_LASTS: Span = Span::minutes(5);
/// Codes that may be tried after one right password.
const CODE_TRIES: u32 = 5;
/// A sign-in's last use is written at most this often.
const SEEN_EVERY: Span = Span::minutes(5);
/// Characters of what a browser calls itself.
const DEVICE_CHARS_MAX: usize = 200;

/// A person of a shop who calls.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Account and name.
    pub sender: Colleague,
    /// Duties in the shop.
    pub roles: Vec<Role>,
    /// Whether a second factor is in use.
    pub has_factor: bool,
    /// Whether the password is one that somebody else gave.
    pub password_is_given: bool,
}

/// Where a request comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The network address.
    pub address: String,
    /// What the browser calls itself.
    pub device: String,
}

/// What a right password leads to.
#[derive(Clone)]
pub enum Step {
    /// Signed in.
    In(SignedIn),
    /// A code is awaited.
    Code {
        /// Stands for the right password, for a few minutes.
        challenge: String,
        /// Codes that may be tried.
        tries_left: u32,
    },
}

/// A fresh sign-in.
#[derive(Clone)]
pub struct SignedIn {
    /// The token, in the clear for the last time.
    pub token: String,
    /// Whose it is.
    pub account: AccountId,
}

/// What became of a code.
enum Tried {
    In(SignedIn),
    Wrong { left: u32 },
    Over,
}

impl App {
    /// Signs in by password, or as far as the code if the account has a second factor.
    ///
    /// # Errors
    /// `wrong_password`, also for unknown and switched-off accounts, in the same time; `too_fast` during a pause after
    /// failures of this account from this address.
    pub async fn sign_in(
        &self,
        login: &str,
        password: &str,
        origin: &Origin,
    ) -> Result<Step, AppError> {
        // PostgreSQL does not take every character; no login has one of those.
        let name: String = login.chars().filter(|c| !c.is_control()).collect();
        let who = pair(&name, &origin.address);
        self.failures.admit(&who, self.clock.now())?;
        let found = self
            .db
            .read(move |tx| {
                Box::pin(async move {
                    let Some(account) = store::find_account(tx, &name).await? else {
                        return Ok::<_, AppError>(None);
                    };
                    let factor = security::find_factor(tx, account.id).await?;
                    Ok(Some((account, factor.is_some_and(|f| f.confirmed_at.is_some()))))
                })
            })
            .await?;
        let known = found.as_ref().map(|(account, _)| account.id);
        let usable = found.filter(|(account, _)| !account.disabled);
        let hash = usable.as_ref().map(|(account, _)| account.password_hash.clone());
        let fits =
            accounts::fits(password.chars().take(accounts::PASSWORD_CHARS_MAX + 1).collect(), hash)
                .await;
        let Some((account, has_factor)) = usable.filter(|_| fits) else {
            return Err(self.sign_in_failed(ErrorCode::WrongPassword, who, known, origin));
        };
        if has_factor {
            return self.challenge(account.id).await;
        }
        let signed_in = self.store_sign_in(account.id, origin).await?;
        self.failures.forget(&who);
        Ok(Step::In(signed_in))
    }

    /// The second step: the code of the authenticator app, or a recovery code.
    ///
    /// # Errors
    /// `wrong_code` with `tries_left`; `too_late` when the password has to be given again; `too_fast` during a pause.
    pub async fn sign_in_code(
        &self,
        challenge: &str,
        code: &str,
        origin: &Origin,
    ) -> Result<SignedIn, AppError> {
        let (hash, now) = (hash_token(challenge), self.clock.now());
        let account = self
            .db
            .read(move |tx| Box::pin(async move { security::find_challenge(tx, &hash, now).await }))
            .await?;
        let Some(account) = account else { return Err(AppError::refused(ErrorCode::TooLate)) };
        let who = pair(&account.login, &origin.address);
        self.failures.admit(&who, now)?;
        match self.try_code(account.id, hash, code, origin).await? {
            Tried::In(signed_in) => {
                self.failures.forget(&who);
                Ok(signed_in)
            }
            Tried::Wrong { left } => {
                let by_pair =
                    self.sign_in_failed(ErrorCode::WrongCode, who, Some(account.id), origin);
                Err(fewest(by_pair, left))
            }
            Tried::Over => Err(AppError::refused(ErrorCode::TooLate)),
        }
    }

    /// A wrong code costs a try, which stands whatever follows: so nothing here is undone by a refusal.
    async fn try_code(
        &self,
        account: AccountId,
        challenge: [u8; 32],
        code: &str,
        origin: &Origin,
    ) -> Result<Tried, AppError> {
        let (code, now) = (code.trim().to_owned(), self.clock.now());
        let token = URL_SAFE_NO_PAD.encode(self.chance.bytes::<32>());
        let (origin, as_them) = (origin.clone(), self.by(Actor::desk(account, &origin.address)));
        self.db
            .write(move |tx| {
                let (code, token, origin, as_them) =
                    (code.clone(), token.clone(), origin.clone(), as_them.clone());
                Box::pin(async move {
                    let Some(left) = security::try_challenge(tx, &challenge, now).await? else {
                        return Ok(Tried::Over);
                    };
                    let Some(means) = take_code(tx, account, &code, now).await? else {
                        return Ok(Tried::Wrong { left: u32::try_from(left).unwrap_or(0) });
                    };
                    security::drop_challenge(tx, &challenge).await?;
                    insert(tx, account, &token, &origin, now).await?;
                    means.note(tx, account, &as_them).await?;
                    let with = serde_json::json!({ "factor": means.word() });
                    as_them
                        .audit(Note::of(AuditKind::SignedIn).on(id::account(account)).is(&with))
                        .write_for(tx, account)
                        .await?;
                    Ok::<_, AppError>(Tried::In(SignedIn { token, account }))
                })
            })
            .await
    }

    async fn challenge(&self, account: AccountId) -> Result<Step, AppError> {
        let challenge = URL_SAFE_NO_PAD.encode(self.chance.bytes::<32>());
        let (hash, now) = (hash_token(&challenge), self.clock.now());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let span = (now, now.plus(CHALLENGE_LASTS));
                    let tries = i64::from(CODE_TRIES);
                    security::insert_challenge(tx, account, &hash, span, tries).await?;
                    Ok::<_, AppError>(())
                })
            })
            .await?;
        Ok(Step::Code { challenge, tries_left: CODE_TRIES })
    }

    async fn store_sign_in(
        &self,
        account: AccountId,
        origin: &Origin,
    ) -> Result<SignedIn, AppError> {
        let token = URL_SAFE_NO_PAD.encode(self.chance.bytes::<32>());
        let now = self.clock.now();
        let note = Note::of(AuditKind::SignedIn).on(id::account(account));
        let note = self.by(Actor::desk(account, &origin.address)).audit(note);
        let stored = SignedIn { token: token.clone(), account };
        let origin = origin.clone();
        self.db
            .write(move |tx| {
                let (token, origin, note) = (token.clone(), origin.clone(), note.clone());
                Box::pin(async move {
                    insert(tx, account, &token, &origin, now).await?;
                    note.write_for(tx, account).await?;
                    Ok::<_, AppError>(())
                })
            })
            .await?;
        Ok(stored)
    }

    /// Counts a failure and notes it. Noted in the background: an answer must not take longer because an account exists.
    pub(super) fn sign_in_failed(
        &self,
        code: ErrorCode,
        who: Pair,
        account: Option<AccountId>,
        origin: &Origin,
    ) -> AppError {
        let counted = self.failures.failed(who, self.clock.now());
        if let Some(account) = account {
            let actor = Actor { account: None, ..Actor::desk(account, &origin.address) };
            let why = serde_json::json!({ "reason": code.word() });
            let note = Note::of(AuditKind::SignInFailed).on(id::account(account)).is(&why);
            let (app, note) = (self.clone(), self.by(actor).audit(note));
            self.tasks.once(async move {
                if let Err(error) = app.write_for(account, note).await {
                    tracing::warn!(error = %error, "a failed sign-in was not noted");
                }
            });
        }
        refusal(code, counted)
    }

    async fn write_for(&self, account: AccountId, note: Signed) -> Result<(), AppError> {
        self.db
            .write(move |tx| {
                let note = note.clone();
                Box::pin(async move { Ok::<_, AppError>(note.write_for(tx, account).await?) })
            })
            .await
    }

    /// Ends a sign-in; an unknown token is no error.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sign_out(&self, token: &str) -> Result<(), AppError> {
        let (hash, now) = (hash_token(token), self.clock.now());
        let note = self.audit(Note::of(AuditKind::SignedOut));
        self.db
            .write(move |tx| {
                let note = note.clone();
                Box::pin(async move {
                    if let Some(who) = security::find_signed_in(tx, &hash, now).await? {
                        store::revoke_sign_in(tx, &hash, now).await?;
                        note.write_for(tx, who.account.id).await?;
                    }
                    Ok::<_, AppError>(())
                })
            })
            .await
    }

    /// Who a token stands for.
    ///
    /// # Errors
    /// `not_signed_in`.
    pub async fn signed_in(&self, token: &str) -> Result<security::SignedIn, AppError> {
        let (hash, now) = (hash_token(token), self.clock.now());
        let found = self
            .db
            .read(move |tx| Box::pin(async move { security::find_signed_in(tx, &hash, now).await }))
            .await?;
        let found = found.ok_or_else(|| AppError::refused(ErrorCode::NotSignedIn))?;
        self.seen(&found).await?;
        Ok(found)
    }

    /// The caller behind a token, in a shop.
    ///
    /// # Errors
    /// `not_signed_in`; `not_found` for a shop in which the account does not work.
    pub async fn caller(
        &self,
        shop: xiaoer_domain::id::ShopId,
        token: &str,
    ) -> Result<Caller, AppError> {
        let (hash, now) = (hash_token(token), self.clock.now());
        let (found, roles) = self
            .db
            .read(move |tx| {
                Box::pin(async move {
                    let found = security::find_signed_in(tx, &hash, now).await?;
                    let found = found.ok_or_else(|| AppError::refused(ErrorCode::NotSignedIn))?;
                    let roles = store::roles(tx, shop, found.account.id).await?;
                    if roles.is_empty() {
                        return Err(AppError::refused(ErrorCode::NotFound));
                    }
                    Ok((found, roles))
                })
            })
            .await?;
        self.seen(&found).await?;
        let sender = Colleague { account: found.account.id, name: found.account.name };
        Ok(Caller {
            sender,
            roles,
            has_factor: found.has_factor,
            password_is_given: found.password_is_given,
        })
    }

    /// Writes now and then that a sign-in is in use.
    async fn seen(&self, who: &security::SignedIn) -> Result<(), AppError> {
        let (id, now) = (who.id, self.clock.now());
        if who.seen_at.is_some_and(|seen| now.since(seen) < SEEN_EVERY) {
            return Ok(());
        }
        self.db
            .write(move |tx| {
                Box::pin(async move { Ok::<_, AppError>(security::seen(tx, id, now).await?) })
            })
            .await
    }

    /// The account with its shops, as sign-in and `me` answer.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn me(&self, who: security::SignedIn) -> Result<wire::SignedIn, AppError> {
        let (account, has_factor) = (who.account, who.has_factor);
        let id = account.id;
        let memberships = self
            .db
            .read(move |tx| Box::pin(async move { store::memberships(tx, id).await }))
            .await?;
        let mut shops = Vec::with_capacity(memberships.len());
        for membership in memberships {
            let shop = self.shop(&membership.key).await?;
            let now = self.clock.now();
            shops.push(wire::Shop {
                key: membership.key,
                name: membership.name,
                currency: shop.setting("currency", now).to_owned(),
                zone: shop.setting("zone", now).to_owned(),
                wait_seconds: shop.wait_seconds(now),
                rights: rights(&membership.roles),
                needs_second_factor: !has_factor && shop.demands_factor(&membership.roles, now),
                roles: membership.roles.iter().map(|r| r.word().to_owned()).collect(),
            });
        }
        let account = wire::Account {
            id: id::account(account.id),
            name: account.name,
            login: account.login,
            lang: account.lang,
        };
        Ok(wire::SignedIn { account, shops, must_change_password: who.password_is_given })
    }
}

fn rights(roles: &[Role]) -> Vec<String> {
    let held = Right::ALL.iter().filter(|right| may(roles, **right));
    held.map(|right| right.word().to_owned()).collect()
}

/// By which means somebody proved to hold the second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Means {
    Code,
    RecoveryCode,
}

impl Means {
    const fn word(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::RecoveryCode => "recovery_code",
        }
    }

    /// A recovery code that is used up is noted by itself.
    pub(super) async fn note(
        self,
        tx: &mut Tx,
        account: AccountId,
        by: &App,
    ) -> Result<(), AppError> {
        if self == Self::RecoveryCode {
            let left = serde_json::json!({ "left": security::codes_left(tx, account).await? });
            by.audit(Note::of(AuditKind::RecoveryCodeUsed).on(id::account(account)).is(&left))
                .write_for(tx, account)
                .await?;
        }
        Ok(())
    }
}

/// Takes a code of the app or a recovery code, each at most once.
pub(super) async fn take_code(
    tx: &mut Tx,
    account: AccountId,
    code: &str,
    now: Timestamp,
) -> Result<Option<Means>, AppError> {
    if let Some(hash) = codes::recovery_hash(code) {
        let used = security::use_code(tx, account, &hash, now).await?;
        return Ok(used.then_some(Means::RecoveryCode));
    }
    let Some(factor) = security::find_factor(tx, account).await? else { return Ok(None) };
    let Some(step) = codes::step_of(&factor.secret, code, now) else { return Ok(None) };
    Ok(security::use_step(tx, account, step).await?.then_some(Means::Code))
}

/// Stores a sign-in.
pub async fn insert(
    tx: &mut Tx,
    account: AccountId,
    token: &str,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), AppError> {
    let device: String = origin.device.chars().take(DEVICE_CHARS_MAX).collect();
    let new = NewSignIn {
        account,
        token_hash: &hash_token(token),
        at: now,
        expires: now.plus(SIGN_IN_LASTS),
        device: &device,
        address: &origin.address,
    };
    security::insert_sign_in(tx, new).await?;
    Ok(())
}

/// Of two counts of tries the smaller one is told.
fn fewest(error: AppError, left: u32) -> AppError {
    match error {
        AppError::Refused { code, params: Some(mut params) } => {
            let known = params["tries_left"].as_u64().unwrap_or(0);
            params["tries_left"] = known.min(u64::from(left)).into();
            AppError::Refused { code, params: Some(params) }
        }
        other => other,
    }
}
