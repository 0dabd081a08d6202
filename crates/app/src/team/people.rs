//! The people of a shop, as whoever manages it sees and changes them. A person who works in another shop too is that
//! shop's as well: nobody takes over their account from here.

use xiaoer_domain::id::{AccountId, ShopId};
use xiaoer_domain::team::{Role, may_appoint};
use xiaoer_protocol::team::people as wire;
use xiaoer_protocol::{ErrorCode, id};
use xiaoer_store::Tx;
use xiaoer_store::team::{self as store, Account, people};

use super::{Caller, Proof};
use crate::platform::audit::{AuditKind, Note};
use crate::{App, AppError};

/// Most buyers at once that one person may be given.
pub const CAP_MAX: i64 = 200;

impl App {
    /// Everybody of a shop, in order of name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn people(&self, shop: ShopId) -> Result<wire::People, AppError> {
        let now = self.clock.now();
        let found = self
            .db
            .read(move |tx| Box::pin(async move { people::list(tx, shop, now).await }))
            .await?;
        Ok(wire::People { people: found.into_iter().map(shown).collect() })
    }

    /// Eighteen letters and digits that cannot be mistaken for each other: 90 bits.
    #[must_use]
    pub fn fresh_password(&self) -> String {
        const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789x";
        let bytes = self.chance.bytes::<18>();
        bytes.iter().map(|b| char::from(LETTERS[usize::from(b % 32)])).collect()
    }

    /// Changes duties and cap of somebody.
    ///
    /// # Errors
    /// `bad_request`, `forbidden` (an owner is changed by owners), `last_owner`, `not_found`.
    pub async fn change_person(
        &self,
        shop: ShopId,
        caller: &Caller,
        account: AccountId,
        change: &wire::PersonChange,
    ) -> Result<(), AppError> {
        let roles = parse_roles(&change.roles).ok_or_else(|| AppError::bad_field("roles"))?;
        if roles.is_empty() {
            return Err(AppError::bad_field("roles"));
        }
        if !(1..=CAP_MAX).contains(&change.cap) {
            return Err(AppError::bad_field("cap"));
        }
        let (actor, cap, app, now) =
            (caller.roles.clone(), change.cap, self.clone(), self.clock.now());
        self.db
            .write(move |tx| {
                let (actor, roles, app) = (actor.clone(), roles.clone(), app.clone());
                Box::pin(async move {
                    let before = touch(tx, shop, &actor, account, &roles).await?;
                    let words = |roles: &[Role]| roles.iter().map(|r| r.word()).collect::<Vec<_>>();
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

    /// Gives somebody a new password, which is told for the only time and which they replace at their next sign-in.
    ///
    /// # Errors
    /// `forbidden`, `works_elsewhere`, `not_found`.
    pub async fn give_password(
        &self,
        shop: ShopId,
        caller: &Caller,
        _proof: &Proof,
        account: AccountId,
    ) -> Result<wire::GivenPassword, AppError> {
        let found = self.person_to_manage(shop, caller, account).await?;
        let password = self.fresh_password();
        let (hash, now) = (self.hash_password("", &password).await?, self.clock.now());
        let note = self.audit(Note::of(AuditKind::PasswordChanged).on(id::account(account)));
        self.db
            .write(move |tx| {
                let (hash, note) = (hash.clone(), note.clone());
                Box::pin(async move {
                    store::set_password(tx, account, &hash, now).await?;
                    people::note_password_given(tx, account, Some(now)).await?;
                    note.write_for(tx, account).await?;
                    Ok::<_, AppError>(())
                })
            })
            .await?;
        Ok(wire::GivenPassword { login: found.login, name: found.name, password })
    }

    /// Takes somebody's second factor off, for one who lost phone and recovery codes.
    ///
    /// # Errors
    /// `forbidden`, `works_elsewhere`, `not_found`.
    pub async fn reset_factor_of(
        &self,
        shop: ShopId,
        caller: &Caller,
        _proof: &Proof,
        account: AccountId,
    ) -> Result<(), AppError> {
        self.person_to_manage(shop, caller, account).await?;
        self.reset_factor(account).await
    }

    /// Switches somebody on again.
    ///
    /// # Errors
    /// `forbidden`, `works_elsewhere`, `not_found`.
    pub async fn switch_on(
        &self,
        shop: ShopId,
        caller: &Caller,
        _proof: &Proof,
        account: AccountId,
    ) -> Result<(), AppError> {
        self.person_to_manage(shop, caller, account).await?;
        self.set_disabled(account, false).await
    }

    /// The account of somebody whom the caller may manage, and who works in this shop alone.
    pub(crate) async fn person_to_manage(
        &self,
        shop: ShopId,
        caller: &Caller,
        account: AccountId,
    ) -> Result<Account, AppError> {
        let actor = caller.roles.clone();
        self.db
            .read(move |tx| {
                let actor = actor.clone();
                Box::pin(async move {
                    let roles = store::roles(tx, shop, account).await?;
                    let found = people::get_account(tx, account).await?;
                    let Some(found) = found.filter(|_| !roles.is_empty()) else {
                        return Err(AppError::refused(ErrorCode::NotFound));
                    };
                    if !may_appoint(&actor, &roles, &roles) {
                        return Err(AppError::refused(ErrorCode::Forbidden));
                    }
                    if people::works_elsewhere(tx, account, shop).await? {
                        return Err(AppError::refused(ErrorCode::WorksElsewhere));
                    }
                    Ok(found)
                })
            })
            .await
    }
}

/// Whether the actor may give somebody of the shop these duties; the ones they have.
async fn touch(
    tx: &mut Tx,
    shop: ShopId,
    actor: &[Role],
    account: AccountId,
    after: &[Role],
) -> Result<Vec<Role>, AppError> {
    let before = store::roles(tx, shop, account).await?;
    if before.is_empty() {
        return Err(AppError::refused(ErrorCode::NotFound));
    }
    if !may_appoint(actor, &before, after) {
        return Err(AppError::refused(ErrorCode::Forbidden));
    }
    let stops_owning = before.contains(&Role::Owner) && !after.contains(&Role::Owner);
    if stops_owning && !people::has_other_owner(tx, shop, account).await? {
        return Err(AppError::refused(ErrorCode::LastOwner));
    }
    Ok(before)
}

/// Duties by their words, none twice.
pub(super) fn parse_roles(words: &[String]) -> Option<Vec<Role>> {
    let roles: Option<Vec<Role>> = words.iter().map(|word| Role::parse(word)).collect();
    let mut roles = roles?;
    roles.sort_unstable();
    roles.dedup();
    Some(roles)
}

fn shown(person: people::Person) -> wire::Person {
    wire::Person {
        id: id::account(person.id),
        login: person.login,
        name: person.name,
        lang: person.lang,
        roles: person.roles.iter().map(|role| role.word().to_owned()).collect(),
        cap: person.cap,
        state: person.state.map_or("offline", |state| state.word()).to_owned(),
        open_sessions: person.open_sessions,
        is_off: person.disabled,
        has_given_password: person.password_is_given,
        second_factor_since: person.factor_since.map(|at| at.micros()),
    }
}
