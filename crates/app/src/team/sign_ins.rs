//! One's own account: what protects it, where it is signed in, a new password, and proving oneself again.

use xiaoer_domain::id::AccountId;
use xiaoer_domain::time::Span;
use xiaoer_protocol::{ErrorCode, id, team as wire};
use xiaoer_store::team::{self as people, security as store};

use super::tries::pair;
use super::{Origin, accounts};
use crate::platform::audit::{AuditKind, Note};
use crate::{App, AppError};

/// Sign-ins that are listed.
const LISTED_MAX: i64 = 50;
/// How long a proof stands for one who works in no shop.
const PROOF_LASTS: Span = Span::minutes(10);

/// Says that a person gave password or code a short while ago. Only [`App::proof`] makes one, so a use case that asks for
/// it cannot be reached without.
#[derive(Clone, Debug)]
pub struct Proof {
    account: AccountId,
    login: String,
    sign_in: i64,
}

impl Proof {
    /// Whose.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.account
    }

    pub(super) fn login(&self) -> &str {
        &self.login
    }

    pub(super) const fn sign_in(&self) -> i64 {
        self.sign_in
    }
}

impl App {
    /// The proof of a person who gave password or code a short while ago.
    ///
    /// # Errors
    /// `step_up_needed`.
    pub async fn proof(&self, who: &store::SignedIn) -> Result<Proof, AppError> {
        let (lasts, now) = (self.proof_lasts(who.account.id).await?, self.clock.now());
        if who.proven_at.is_none_or(|at| now.since(at) >= lasts) {
            return Err(AppError::refused(ErrorCode::StepUpNeeded));
        }
        let login = who.account.login.clone();
        Ok(Proof { account: who.account.id, login, sign_in: who.id })
    }

    /// The shortest span of any shop where the account works.
    async fn proof_lasts(&self, account: AccountId) -> Result<Span, AppError> {
        let memberships = self
            .db
            .read(move |tx| Box::pin(async move { people::memberships(tx, account).await }))
            .await?;
        let mut shortest = None;
        for membership in memberships {
            let lasts = self.shop(&membership.key).await?.proof_lasts(self.clock.now());
            shortest = Some(shortest.map_or(lasts, |known: Span| known.min(lasts)));
        }
        Ok(shortest.unwrap_or(PROOF_LASTS))
    }

    /// Takes password or code again, so that dangerous acts are open for a while.
    ///
    /// # Errors
    /// `wrong_password`, `wrong_code`; `too_fast` during a pause after failures; `bad_request` without either.
    pub async fn step_up(
        &self,
        who: &store::SignedIn,
        body: wire::StepUp,
        origin: &Origin,
    ) -> Result<(), AppError> {
        let (account, key) = (who.account.id, pair(&who.account.login, &origin.address));
        self.failures.admit(&key, self.clock.now())?;
        let (right, code) = match body {
            wire::StepUp { password: Some(password), code: None } => {
                (self.knows_password(who, &password).await, ErrorCode::WrongPassword)
            }
            wire::StepUp { password: None, code: Some(code) } => {
                (self.takes_code(account, &code).await?, ErrorCode::WrongCode)
            }
            _ => return Err(AppError::bad_field("password")),
        };
        if !right {
            return Err(self.sign_in_failed(code, key, Some(account), origin));
        }
        self.failures.forget(&key);
        let (sign_in, now) = (who.id, self.clock.now());
        self.db
            .write(move |tx| {
                Box::pin(async move { Ok::<_, AppError>(store::proven(tx, sign_in, now).await?) })
            })
            .await
    }

    async fn knows_password(&self, who: &store::SignedIn, password: &str) -> bool {
        let password = password.chars().take(accounts::PASSWORD_CHARS_MAX + 1).collect();
        accounts::fits(password, Some(who.account.password_hash.clone())).await
    }

    /// Changes the own password and ends every other sign-in.
    ///
    /// # Errors
    /// `wrong_password` for the present one; `bad_request` with `reason` for a new one that is not taken.
    pub async fn change_password(
        &self,
        who: &store::SignedIn,
        body: &wire::ChangePassword,
        origin: &Origin,
    ) -> Result<(), AppError> {
        let (account, key) = (who.account.id, pair(&who.account.login, &origin.address));
        self.failures.admit(&key, self.clock.now())?;
        if !self.knows_password(who, &body.current).await {
            return Err(self.sign_in_failed(ErrorCode::WrongPassword, key, Some(account), origin));
        }
        let hash = self.hash_password(&who.account.login, &body.new).await?;
        let (kept, now) = (who.id, self.clock.now());
        let note = self.audit(Note::of(AuditKind::PasswordChanged).on(id::account(account)));
        self.db
            .write(move |tx| {
                let (hash, note) = (hash.clone(), note.clone());
                Box::pin(async move {
                    people::change_password(tx, account, &hash).await?;
                    store::revoke_others(tx, account, kept, now).await?;
                    store::proven(tx, kept, now).await?;
                    note.write_for(tx, account).await?;
                    Ok::<_, AppError>(())
                })
            })
            .await
    }

    /// What protects the own account, and where it is signed in.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn security(&self, who: &store::SignedIn) -> Result<wire::Security, AppError> {
        let (account, current, now) = (who.account.id, who.id, self.clock.now());
        let (factor, left, rows) = self
            .db
            .read(move |tx| {
                Box::pin(async move {
                    let factor = store::find_factor(tx, account).await?;
                    let left = store::codes_left(tx, account).await?;
                    let rows = store::list_sign_ins(tx, account, now, LISTED_MAX).await?;
                    Ok::<_, AppError>((factor, left, rows))
                })
            })
            .await?;
        let sign_ins = rows.into_iter().map(|row| wire::SignInPlace {
            id: id::sign_in(row.id),
            device: row.device.unwrap_or_default(),
            address: row.address.unwrap_or_default(),
            since: row.created_at.micros(),
            seen_at: row.seen_at.unwrap_or(row.created_at).micros(),
            is_current: row.id == current,
        });
        let lasts = self.proof_lasts(account).await?;
        Ok(wire::Security {
            second_factor_since: factor.and_then(|f| f.confirmed_at).map(|at| at.micros()),
            recovery_codes_left: left,
            proven_until: who.proven_at.map(|at| at.plus(lasts).micros()),
            sign_ins: sign_ins.collect(),
        })
    }

    /// Ends one sign-in of the own account.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn revoke_sign_in(&self, who: &store::SignedIn, text: &str) -> Result<(), AppError> {
        let sign_in = id::parse_sign_in(text);
        let sign_in = sign_in.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
        let (account, now) = (who.account.id, self.clock.now());
        let note = Note::of(AuditKind::SignInsRevoked).on(id::account(account));
        let note = self.audit(note.is(&serde_json::json!({ "ended": 1 })));
        self.db
            .write(move |tx| {
                let note = note.clone();
                Box::pin(async move {
                    if !store::revoke_one(tx, account, sign_in, now).await? {
                        return Err(AppError::refused(ErrorCode::NotFound));
                    }
                    note.write_for(tx, account).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Ends every other sign-in of the own account; how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_other_sign_ins(&self, who: &store::SignedIn) -> Result<u64, AppError> {
        let (account, kept, now, app) = (who.account.id, who.id, self.clock.now(), self.clone());
        self.db
            .write(move |tx| {
                let app = app.clone();
                Box::pin(async move {
                    let ended = store::revoke_others(tx, account, kept, now).await?;
                    if ended > 0 {
                        let note = Note::of(AuditKind::SignInsRevoked).on(id::account(account));
                        let note = note.is(&serde_json::json!({ "ended": ended }));
                        app.audit(note).write_for(tx, account).await?;
                    }
                    Ok::<_, AppError>(ended)
                })
            })
            .await
    }
}
