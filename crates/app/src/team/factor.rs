//! The second factor: begun, confirmed by a first code, taken off; its recovery codes.

use xiaoer_domain::id::AccountId;
use xiaoer_protocol::{ErrorCode, id, team as wire};
use xiaoer_store::team::security as store;

use super::{Proof, codes, sign_in};
use crate::platform::audit::{AuditKind, Note};
use crate::{App, AppError};

impl App {
    /// Begins a second factor: a fresh secret, which counts once [`App::confirm_factor`] saw a code of it.
    ///
    /// # Errors
    /// `second_factor_on`.
    pub async fn begin_factor(&self, proof: &Proof) -> Result<wire::NewSecondFactor, AppError> {
        let (account, now) = (proof.account(), self.clock.now());
        let secret = self.chance.bytes::<20>();
        let begun = self
            .db
            .write(move |tx| {
                Box::pin(async move {
                    Ok::<_, AppError>(store::begin_factor(tx, account, &secret, now).await?)
                })
            })
            .await?;
        if !begun {
            return Err(AppError::refused(ErrorCode::SecondFactorOn));
        }
        let uri = codes::uri(&secret, proof.login());
        let picture = codes::picture(&uri);
        Ok(wire::NewSecondFactor { secret: codes::base32(&secret), uri, picture })
    }

    /// Takes the begun second factor into use and ends every other sign-in. Returns its recovery codes, for the only time.
    ///
    /// # Errors
    /// `wrong_code`; `second_factor_on`.
    pub async fn confirm_factor(&self, proof: &Proof, code: &str) -> Result<Vec<String>, AppError> {
        let (account, kept, now) = (proof.account(), proof.sign_in(), self.clock.now());
        let (fresh, code) = (codes::recovery_codes(&self.chance), code.trim().to_owned());
        let hashes: Vec<_> = fresh.iter().filter_map(|code| codes::recovery_hash(code)).collect();
        let note = self.audit(Note::of(AuditKind::FactorOn).on(id::account(account)));
        self.db
            .write(move |tx| {
                let (hashes, code, note) = (hashes.clone(), code.clone(), note.clone());
                Box::pin(async move {
                    let factor = store::find_factor(tx, account).await?;
                    let Some(factor) = factor else {
                        return Err(AppError::refused(ErrorCode::WrongCode));
                    };
                    if factor.confirmed_at.is_some() {
                        return Err(AppError::refused(ErrorCode::SecondFactorOn));
                    }
                    let step = codes::step_of(&factor.secret, &code, now)
                        .ok_or_else(|| AppError::refused(ErrorCode::WrongCode))?;
                    store::use_step(tx, account, step).await?;
                    store::confirm_factor(tx, account, now).await?;
                    store::set_codes(tx, account, &hashes).await?;
                    store::revoke_others(tx, account, kept, now).await?;
                    note.write_for(tx, account).await?;
                    Ok(())
                })
            })
            .await?;
        Ok(fresh)
    }

    /// Makes new recovery codes; the old ones hold no longer.
    ///
    /// # Errors
    /// `not_found` without a second factor.
    pub async fn renew_recovery_codes(&self, proof: &Proof) -> Result<Vec<String>, AppError> {
        let account = proof.account();
        let fresh = codes::recovery_codes(&self.chance);
        let hashes: Vec<_> = fresh.iter().filter_map(|code| codes::recovery_hash(code)).collect();
        let note = self.audit(Note::of(AuditKind::RecoveryCodesMade).on(id::account(account)));
        self.db
            .write(move |tx| {
                let (hashes, note) = (hashes.clone(), note.clone());
                Box::pin(async move {
                    let factor = store::find_factor(tx, account).await?;
                    if factor.is_none_or(|factor| factor.confirmed_at.is_none()) {
                        return Err(AppError::refused(ErrorCode::NotFound));
                    }
                    store::set_codes(tx, account, &hashes).await?;
                    note.write_for(tx, account).await?;
                    Ok(())
                })
            })
            .await?;
        Ok(fresh)
    }

    /// Takes the own second factor off.
    ///
    /// # Errors
    /// `not_found` when there is none.
    pub async fn drop_factor(&self, proof: &Proof) -> Result<(), AppError> {
        self.reset_factor(proof.account()).await
    }

    /// Takes the second factor of an account off: for one who lost phone and recovery codes.
    ///
    /// # Errors
    /// `not_found` when there is none.
    pub async fn reset_factor(&self, account: AccountId) -> Result<(), AppError> {
        let note = self.audit(Note::of(AuditKind::FactorOff).on(id::account(account)));
        self.db
            .write(move |tx| {
                let note = note.clone();
                Box::pin(async move {
                    if !store::drop_factor(tx, account).await? {
                        return Err(AppError::refused(ErrorCode::NotFound));
                    }
                    note.write_for(tx, account).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Whether a code of the app or a recovery code is right; it is used up.
    pub(super) async fn takes_code(
        &self,
        account: AccountId,
        code: &str,
    ) -> Result<bool, AppError> {
        let (code, now, app) = (code.trim().to_owned(), self.clock.now(), self.clone());
        self.db
            .write(move |tx| {
                let (code, app) = (code.clone(), app.clone());
                Box::pin(async move {
                    let means = sign_in::take_code(tx, account, &code, now).await?;
                    if let Some(means) = means {
                        means.note(tx, account, &app).await?;
                    }
                    Ok::<_, AppError>(means.is_some())
                })
            })
            .await
    }
}
