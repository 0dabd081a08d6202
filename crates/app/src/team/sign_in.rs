//! Signing in and out, and who a token stands for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use xiaoer_domain::id::AccountId;
use xiaoer_domain::team::Colleague;
use xiaoer_domain::team::{Right, Role, may};
use xiaoer_domain::time::Span;
use xiaoer_protocol::{ErrorCode, id, team as wire};
use xiaoer_store::team::{self as store, Account};

use super::accounts;
use crate::secret::hash_token;
use crate::{App, AppError};

/// How long a sign-in lasts.
pub const SIGN_IN_LASTS: Span = Span::minutes(14 * 24 * 60);

/// A person of a shop who calls.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Account and name.
    pub sender: Colleague,
    /// Duties in the shop.
    pub roles: Vec<Role>,
}

/// A fresh sign-in.
#[derive(Clone)]
pub struct SignedIn {
    /// The token, in the clear for the last time.
    pub token: String,
    /// Whose it is.
    pub account: AccountId,
}

impl App {
    /// Signs in.
    ///
    /// # Errors
    /// `wrong_password`, also for unknown and switched-off accounts, in the same time.
    pub async fn sign_in(&self, login: &str, password: &str) -> Result<SignedIn, AppError> {
        // PostgreSQL does not take every character; no login has one of those.
        let name: String = login.chars().filter(|c| !c.is_control()).collect();
        let found = self
            .db
            .read(move |tx| Box::pin(async move { store::find_account(tx, &name).await }))
            .await?;
        let usable = found.filter(|account| !account.disabled);
        let hash = usable.as_ref().map(|account| account.password_hash.clone());
        let fits =
            accounts::fits(password.chars().take(accounts::PASSWORD_CHARS_MAX + 1).collect(), hash)
                .await;
        let Some(account) = usable.filter(|_| fits) else {
            return Err(AppError::refused(ErrorCode::WrongPassword));
        };
        let token = URL_SAFE_NO_PAD.encode(self.chance.bytes::<32>());
        let (hash, now) = (hash_token(&token), self.clock.now());
        let account = account.id;
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    store::insert_sign_in(tx, account, &hash, now, now.plus(SIGN_IN_LASTS)).await?;
                    Ok::<_, AppError>(())
                })
            })
            .await?;
        Ok(SignedIn { token, account })
    }

    /// Ends a sign-in; an unknown token is no error.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sign_out(&self, token: &str) -> Result<(), AppError> {
        let (hash, now) = (hash_token(token), self.clock.now());
        self.db
            .write(move |tx| {
                Box::pin(
                    async move { Ok::<_, AppError>(store::revoke_sign_in(tx, &hash, now).await?) },
                )
            })
            .await
    }

    /// The account behind a token.
    ///
    /// # Errors
    /// `not_signed_in`.
    pub async fn signed_in(&self, token: &str) -> Result<Account, AppError> {
        let (hash, now) = (hash_token(token), self.clock.now());
        let found = self
            .db
            .read(move |tx| Box::pin(async move { store::find_sign_in(tx, &hash, now).await }))
            .await?;
        found.ok_or_else(|| AppError::refused(ErrorCode::NotSignedIn))
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
        self.db
            .read(move |tx| {
                Box::pin(async move {
                    let account = store::find_sign_in(tx, &hash, now).await?;
                    let account =
                        account.ok_or_else(|| AppError::refused(ErrorCode::NotSignedIn))?;
                    let roles = store::roles(tx, shop, account.id).await?;
                    if roles.is_empty() {
                        return Err(AppError::refused(ErrorCode::NotFound));
                    }
                    let sender = Colleague { account: account.id, name: account.name };
                    Ok(Caller { sender, roles })
                })
            })
            .await
    }

    /// The account with its shops, as sign-in and `me` answer.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn me(&self, account: Account) -> Result<wire::SignedIn, AppError> {
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
                roles: membership.roles.iter().map(|r| r.word().to_owned()).collect(),
            });
        }
        let account = wire::Account {
            id: id::account(account.id),
            name: account.name,
            login: account.login,
            lang: account.lang,
        };
        Ok(wire::SignedIn { account, shops })
    }
}

fn rights(roles: &[Role]) -> Vec<String> {
    let held = Right::ALL.iter().filter(|right| may(roles, **right));
    held.map(|right| right.word().to_owned()).collect()
}
