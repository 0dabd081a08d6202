//! The people of a shop as its owner sees them, and what is done about them.

use xiaoer_domain::id::{AccountId, ShopId};
use xiaoer_domain::team::{AgentState, Role};
use xiaoer_domain::time::Timestamp;

use super::read_role;
use crate::{Row, StoreError, Tx, args, statements};

statements! {
    pub(crate) LIST_PEOPLE = "SELECT m.account_id, a.login, a.name, a.lang, a.disabled_at, a.password_given_at, m.cap,
            f.confirmed_at, st.state, st.lease_until,
            (SELECT COUNT(*) FROM session s
             WHERE s.shop_id = m.shop_id AND s.agent_id = m.account_id AND s.closed_at IS NULL) AS open_sessions
        FROM membership m
        JOIN account a ON a.id = m.account_id
        LEFT JOIN second_factor f ON f.account_id = m.account_id
        LEFT JOIN agent_state st ON st.shop_id = m.shop_id AND st.account_id = m.account_id AND st.ended_at IS NULL
        WHERE m.shop_id = $1
        ORDER BY a.name, m.account_id
        LIMIT $2";
    pub(crate) ROLES_OF_SHOP = "SELECT account_id, role
        FROM membership_role
        WHERE shop_id = $1
        ORDER BY account_id, role
        LIMIT $2";
    pub(crate) OTHER_SHOPS = "SELECT 1 AS yes
        FROM membership
        WHERE account_id = $1 AND shop_id <> $2
        LIMIT 1", installation: "one person's shops";
    pub(crate) OTHER_OWNER = "SELECT 1 AS yes
        FROM membership_role r
        JOIN account a ON a.id = r.account_id
        WHERE r.shop_id = $1 AND r.role = 'owner' AND r.account_id <> $2 AND a.disabled_at IS NULL
        LIMIT 1";
    pub(crate) PASSWORD_GIVEN = "UPDATE account
        SET password_given_at = $2
        WHERE id = $1";
    pub(crate) GET_ACCOUNT = "SELECT id, login, name, lang, password_hash, disabled_at
        FROM account
        WHERE id = $1";
}

/// Most people of one shop that are listed.
pub const PEOPLE_MAX: i64 = 2_000;

/// Somebody of a shop.
#[derive(Clone, Debug)]
pub struct Person {
    /// Who.
    pub id: AccountId,
    /// Login name.
    pub login: String,
    /// Name.
    pub name: String,
    /// Language of the interface.
    pub lang: String,
    /// Whether the account is switched off.
    pub disabled: bool,
    /// Whether the password is one that somebody else gave.
    pub password_is_given: bool,
    /// Since when a second factor is in use.
    pub factor_since: Option<Timestamp>,
    /// Most seats.
    pub cap: i64,
    /// State, while somebody sits at a desk.
    pub state: Option<AgentState>,
    /// Sessions that are open.
    pub open_sessions: i64,
    /// Duties; none: no longer of this shop.
    pub roles: Vec<Role>,
}

/// The people of a shop by name.
pub async fn list(tx: &mut Tx, shop: ShopId, now: Timestamp) -> Result<Vec<Person>, StoreError> {
    let mut roles: Vec<(AccountId, Role)> = Vec::new();
    for row in tx.all(ROLES_OF_SHOP, args![shop, PEOPLE_MAX * 8]).await? {
        roles.push((row.get("account_id")?, read_role(&row)?));
    }
    let rows = tx.all(LIST_PEOPLE, args![shop, PEOPLE_MAX]).await?;
    let people = rows.iter().map(|row| {
        let mut person = read(row, now)?;
        let of_them = roles.iter().filter(|(account, _)| *account == person.id);
        person.roles = of_them.map(|(_, role)| *role).collect();
        Ok(person)
    });
    people.collect()
}

/// Whether an account works in another shop too.
pub async fn works_elsewhere(
    tx: &mut Tx,
    account: AccountId,
    shop: ShopId,
) -> Result<bool, StoreError> {
    Ok(tx.opt(OTHER_SHOPS, args![account, shop]).await?.is_some())
}

/// Whether the shop has another owner who can sign in.
pub async fn has_other_owner(
    tx: &mut Tx,
    shop: ShopId,
    account: AccountId,
) -> Result<bool, StoreError> {
    Ok(tx.opt(OTHER_OWNER, args![shop, account]).await?.is_some())
}

/// Notes whether the password is one that somebody else gave.
pub async fn note_password_given(
    tx: &mut Tx,
    account: AccountId,
    at: Option<Timestamp>,
) -> Result<(), StoreError> {
    tx.exec(PASSWORD_GIVEN, args![account, at]).await.map(|_| ())
}

/// The account of a row id.
pub async fn get_account(
    tx: &mut Tx,
    account: AccountId,
) -> Result<Option<super::Account>, StoreError> {
    tx.opt(GET_ACCOUNT, args![account]).await?.as_ref().map(super::read_account).transpose()
}

fn read(row: &Row, now: Timestamp) -> Result<Person, StoreError> {
    let (disabled_at, given_at): (Option<i64>, Option<i64>) =
        (row.get("disabled_at")?, row.get("password_given_at")?);
    let state: Option<String> = row.get("state")?;
    let lease: Option<Timestamp> = row.get("lease_until")?;
    let state = state.filter(|_| lease.is_some_and(|until| until > now));
    Ok(Person {
        id: row.get("account_id")?,
        login: row.get("login")?,
        name: row.get("name")?,
        lang: row.get("lang")?,
        disabled: disabled_at.is_some(),
        password_is_given: given_at.is_some(),
        factor_since: row.get("confirmed_at")?,
        cap: row.get("cap")?,
        state: state.as_deref().and_then(AgentState::parse),
        open_sessions: row.get("open_sessions")?,
        roles: Vec::new(),
    })
}
