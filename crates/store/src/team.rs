//! People of the installation and their work in shops: accounts, memberships, sign-ins, states of agents.

pub mod calls;
pub mod duty;
pub mod handover;
pub mod notices;
pub mod people;
pub mod preferences;
pub mod security;
pub mod signature;

use xiaoer_domain::id::{AccountId, ShopId};
use xiaoer_domain::team::{AgentState, Role};
use xiaoer_domain::time::Timestamp;

use crate::{Row, StoreError, Tx, args, statements};

/// Agents of a shop who are looked at.
const RECEIVING_MAX: i64 = 1000;

statements! {
    pub(crate) INSERT_ACCOUNT = "INSERT INTO account (login, name, lang, password_hash, created_at)
        VALUES ($1, $2, $3, $4, $5)
        RETURNING id";
    pub(crate) FIND_ACCOUNT = "SELECT id, login, name, lang, password_hash, disabled_at
        FROM account
        WHERE login = $1";
    pub(crate) LIST_ACCOUNTS = "SELECT id, login, name, lang, password_hash, disabled_at
        FROM account
        WHERE id > $1
        ORDER BY id
        LIMIT $2";
    pub(crate) SET_PASSWORD = "UPDATE account
        SET password_hash = $2, password_given_at = NULL
        WHERE id = $1";
    pub(crate) SET_DISABLED = "UPDATE account
        SET disabled_at = $2
        WHERE id = $1";
    pub(crate) REVOKE_SIGN_INS = "UPDATE sign_in
        SET revoked_at = $2
        WHERE account_id = $1 AND revoked_at IS NULL";
    pub(crate) REVOKE_SIGN_IN = "UPDATE sign_in
        SET revoked_at = $2
        WHERE token_hash = $1 AND revoked_at IS NULL";
    pub(crate) UPSERT_MEMBERSHIP = "INSERT INTO membership (shop_id, account_id, cap, wanted_state, created_at)
        VALUES ($1, $2, $3, 'away', $4)
        ON CONFLICT (shop_id, account_id) DO UPDATE
        SET cap = excluded.cap";
    pub(crate) CLEAR_ROLES = "DELETE FROM membership_role
        WHERE shop_id = $1 AND account_id = $2";
    pub(crate) INSERT_ROLE = "INSERT INTO membership_role (shop_id, account_id, role)
        VALUES ($1, $2, $3)";
    pub(crate) ROLES = "SELECT role
        FROM membership_role
        WHERE shop_id = $1 AND account_id = $2
        ORDER BY role";
    pub(crate) ROLES_OF_ALL = "SELECT account_id, role
        FROM membership_role
        WHERE shop_id = $1
        ORDER BY account_id, role
        LIMIT $2";
    pub(crate) MEMBERSHIPS_OF = "SELECT s.id, s.key, s.name, r.role
        FROM membership m
        JOIN shop s ON s.id = m.shop_id
        JOIN membership_role r ON r.shop_id = m.shop_id AND r.account_id = m.account_id
        WHERE m.account_id = $1
        ORDER BY s.id, r.role", installation: "one person's shops";
    pub(crate) AGENTS = "SELECT m.account_id, a.name, m.cap, st.state, st.lease_until,
            (SELECT COUNT(*) FROM session s
             WHERE s.shop_id = m.shop_id AND s.agent_id = m.account_id AND s.closed_at IS NULL
               AND s.seat_freed_at IS NULL) AS load
        FROM membership m
        JOIN account a ON a.id = m.account_id
        LEFT JOIN agent_state st ON st.shop_id = m.shop_id AND st.account_id = m.account_id AND st.ended_at IS NULL
        WHERE m.shop_id = $1 AND a.disabled_at IS NULL
          AND EXISTS (SELECT 1 FROM membership_role r
            WHERE r.shop_id = m.shop_id AND r.account_id = m.account_id
              AND r.role IN ('agent', 'leader', 'supervisor', 'manager', 'owner'))
        ORDER BY a.name, m.account_id
        LIMIT $2";
    pub(crate) WANTED_STATE = "SELECT wanted_state
        FROM membership
        WHERE shop_id = $1 AND account_id = $2";
    pub(crate) WANT_STATE = "UPDATE membership
        SET wanted_state = $3
        WHERE shop_id = $1 AND account_id = $2";
    pub(crate) OPEN_STATE = "SELECT state, lease_until
        FROM agent_state
        WHERE shop_id = $1 AND account_id = $2 AND ended_at IS NULL";
    pub(crate) END_STATE = "UPDATE agent_state
        SET ended_at = CASE WHEN lease_until < $3 THEN lease_until ELSE $3 END
        WHERE shop_id = $1 AND account_id = $2 AND ended_at IS NULL";
    pub(crate) END_UNRENEWED = "UPDATE agent_state
        SET ended_at = CASE WHEN lease_until < $3 THEN lease_until ELSE $3 END
        WHERE shop_id = $1 AND account_id = $2 AND ended_at IS NULL AND lease_until <= $4";
    pub(crate) INSERT_STATE = "INSERT INTO agent_state (shop_id, account_id, state, started_at, lease_until)
        VALUES ($1, $2, $3, $4, $5)";
    pub(crate) RENEW_STATE = "UPDATE agent_state
        SET lease_until = $4
        WHERE shop_id = $1 AND account_id = $2 AND ended_at IS NULL AND lease_until > $3";
    pub(crate) END_EXPIRED = "UPDATE agent_state
        SET ended_at = lease_until
        WHERE ended_at IS NULL AND lease_until <= $1
        RETURNING shop_id, account_id", installation: "one sweeper serves every shop";
    pub(crate) RECEIVING = "SELECT st.account_id
        FROM agent_state st
        JOIN membership m ON m.shop_id = st.shop_id AND m.account_id = st.account_id AND m.paused_at IS NULL
        WHERE st.shop_id = $1 AND st.ended_at IS NULL AND st.state = 'available' AND st.lease_until > $2
        LIMIT $3";
}

/// A person who works here.
#[derive(Clone)]
pub struct Account {
    /// Row.
    pub id: AccountId,
    /// Login name.
    pub login: String,
    /// Name as colleagues and buyers see it.
    pub name: String,
    /// Language of the interface.
    pub lang: String,
    /// Argon2id, as PHC text.
    pub password_hash: String,
    /// Whether it is switched off.
    pub disabled: bool,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account")
            .field("id", &self.id)
            .field("login", &self.login)
            .finish_non_exhaustive()
    }
}

/// A shop in which an account works.
#[derive(Clone, Debug)]
pub struct Membership {
    /// The shop.
    pub shop: ShopId,
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Duties there.
    pub roles: Vec<Role>,
}

/// An agent of a shop.
#[derive(Clone, Debug)]
pub struct Agent {
    /// Who.
    pub id: AccountId,
    /// Name.
    pub name: String,
    /// State, while somebody sits at a desk.
    pub state: Option<AgentState>,
    /// Seats taken.
    pub load: i64,
    /// Most seats.
    pub cap: i64,
}

/// A new account. A login that exists is [`StoreError::Unique`].
pub async fn insert_account(
    tx: &mut Tx,
    login: &str,
    name: &str,
    lang: &str,
    password_hash: &str,
    at: Timestamp,
) -> Result<AccountId, StoreError> {
    tx.one(INSERT_ACCOUNT, args![login, name, lang, password_hash, at]).await?.get("id")
}

/// The account with this login.
pub async fn find_account(tx: &mut Tx, login: &str) -> Result<Option<Account>, StoreError> {
    tx.opt(FIND_ACCOUNT, args![login]).await?.as_ref().map(read_account).transpose()
}

/// Accounts by key.
pub async fn list_accounts(
    tx: &mut Tx,
    after: AccountId,
    limit: i64,
) -> Result<Vec<Account>, StoreError> {
    tx.all(LIST_ACCOUNTS, args![after, limit]).await?.iter().map(read_account).collect()
}

/// A new password; ends every sign-in.
pub async fn set_password(
    tx: &mut Tx,
    id: AccountId,
    hash: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(SET_PASSWORD, args![id, hash]).await?;
    tx.exec(REVOKE_SIGN_INS, args![id, at]).await.map(|_| ())
}

/// A new password; sign-ins stay.
pub async fn change_password(tx: &mut Tx, id: AccountId, hash: &str) -> Result<(), StoreError> {
    tx.exec(SET_PASSWORD, args![id, hash]).await.map(|_| ())
}

/// Switches an account off (ends every sign-in) or on again.
pub async fn set_disabled(
    tx: &mut Tx,
    id: AccountId,
    disabled: bool,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(SET_DISABLED, args![id, disabled.then_some(at)]).await?;
    if disabled {
        tx.exec(REVOKE_SIGN_INS, args![id, at]).await?;
    }
    Ok(())
}

/// Ends a sign-in.
pub async fn revoke_sign_in(
    tx: &mut Tx,
    token_hash: &[u8; 32],
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(REVOKE_SIGN_IN, args![token_hash, at]).await.map(|_| ())
}

/// Makes or changes a membership.
pub async fn set_membership(
    tx: &mut Tx,
    shop: ShopId,
    account: AccountId,
    cap: i64,
    roles: &[Role],
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(UPSERT_MEMBERSHIP, args![shop, account, cap, at]).await?;
    tx.exec(CLEAR_ROLES, args![shop, account]).await?;
    for role in roles {
        tx.exec(INSERT_ROLE, args![shop, account, role.word()]).await?;
    }
    Ok(())
}

/// Duties of an account in a shop; empty without a membership.
pub async fn roles(tx: &mut Tx, shop: ShopId, account: AccountId) -> Result<Vec<Role>, StoreError> {
    tx.all(ROLES, args![shop, account]).await?.iter().map(read_role).collect()
}

/// The duties of everybody in the shop.
pub async fn roles_of_all(
    tx: &mut Tx,
    shop: ShopId,
) -> Result<Vec<(AccountId, Vec<Role>)>, StoreError> {
    let mut people: Vec<(AccountId, Vec<Role>)> = Vec::new();
    for row in tx.all(ROLES_OF_ALL, args![shop, 2 * RECEIVING_MAX]).await? {
        let (account, role) = (row.get("account_id")?, read_role(&row)?);
        match people.last_mut().filter(|(last, _)| *last == account) {
            Some((_, roles)) => roles.push(role),
            None => people.push((account, vec![role])),
        }
    }
    Ok(people)
}

/// The shops of an account.
pub async fn memberships(tx: &mut Tx, account: AccountId) -> Result<Vec<Membership>, StoreError> {
    let mut shops: Vec<Membership> = Vec::new();
    for row in tx.all(MEMBERSHIPS_OF, args![account]).await? {
        let (shop, role) = (row.get("id")?, read_role(&row)?);
        match shops.last_mut().filter(|last| last.shop == shop) {
            Some(last) => last.roles.push(role),
            None => shops.push(Membership {
                shop,
                key: row.get("key")?,
                name: row.get("name")?,
                roles: vec![role],
            }),
        }
    }
    Ok(shops)
}

/// The agents of a shop by name.
pub async fn agents(
    tx: &mut Tx,
    shop: ShopId,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Agent>, StoreError> {
    let rows = tx.all(AGENTS, args![shop, limit]).await?;
    rows.iter()
        .map(|row| {
            let state: Option<String> = row.get("state")?;
            let lease: Option<Timestamp> = row.get("lease_until")?;
            let state = state.filter(|_| lease.is_some_and(|until| until > now));
            Ok(Agent {
                id: row.get("account_id")?,
                name: row.get("name")?,
                state: state.as_deref().and_then(AgentState::parse),
                load: row.get("load")?,
                cap: row.get("cap")?,
            })
        })
        .collect()
}

/// The state an agent last asked for.
pub async fn wanted_state(
    tx: &mut Tx,
    shop: ShopId,
    account: AccountId,
) -> Result<AgentState, StoreError> {
    let row = tx.one(WANTED_STATE, args![shop, account]).await?;
    row.parse("wanted_state", |word: String| AgentState::parse(&word).ok_or("no known state"))
}

/// The state an agent is in now: None when no desk holds it.
pub async fn open_state(
    tx: &mut Tx,
    shop: ShopId,
    account: AccountId,
    now: Timestamp,
) -> Result<Option<AgentState>, StoreError> {
    let Some(row) = tx.opt(OPEN_STATE, args![shop, account]).await? else { return Ok(None) };
    let lease: Timestamp = row.get("lease_until")?;
    let state =
        row.parse("state", |word: String| AgentState::parse(&word).ok_or("no known state"))?;
    Ok((lease > now).then_some(state))
}

/// Remembers the state an agent asks for.
pub async fn want_state(
    tx: &mut Tx,
    shop: ShopId,
    account: AccountId,
    state: AgentState,
) -> Result<(), StoreError> {
    tx.exec(WANT_STATE, args![shop, account, state.word()]).await.map(|_| ())
}

/// Ends the open interval and begins another.
pub async fn begin_state(
    tx: &mut Tx,
    shop: ShopId,
    account: AccountId,
    state: AgentState,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<(), StoreError> {
    end_state(tx, shop, account, now).await?;
    tx.exec(INSERT_STATE, args![shop, account, state.word(), now, lease_until]).await.map(|_| ())
}

/// Ends the open interval, not later than its lease.
pub async fn end_state(
    tx: &mut Tx,
    shop: ShopId,
    account: AccountId,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(END_STATE, args![shop, account, now]).await.map(|_| ())
}

/// Ends the open interval unless its lease was lengthened beyond `lease_max`.
pub async fn end_unrenewed(
    tx: &mut Tx,
    shop: ShopId,
    account: AccountId,
    now: Timestamp,
    lease_max: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(END_UNRENEWED, args![shop, account, now, lease_max]).await.map(|_| ())
}

/// Lengthens the lease of the open interval; false when there is none that still lives.
pub async fn renew_state(
    tx: &mut Tx,
    shop: ShopId,
    account: AccountId,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.exec(RENEW_STATE, args![shop, account, now, lease_until]).await? == 1)
}

/// Ends intervals whose lease ran out; whose they were.
pub async fn end_expired(
    tx: &mut Tx,
    now: Timestamp,
) -> Result<Vec<(ShopId, AccountId)>, StoreError> {
    let rows = tx.all(END_EXPIRED, args![now]).await?;
    rows.iter().map(|row| Ok((row.get("shop_id")?, row.get("account_id")?))).collect()
}

/// Who of the shop is available and not paused.
pub async fn receiving(
    tx: &mut Tx,
    shop: ShopId,
    now: Timestamp,
) -> Result<Vec<AccountId>, StoreError> {
    let rows = tx.all(RECEIVING, args![shop, now, RECEIVING_MAX]).await?;
    rows.iter().map(|row| row.get("account_id")).collect()
}

fn read_account(row: &Row) -> Result<Account, StoreError> {
    let disabled_at: Option<i64> = row.get("disabled_at")?;
    Ok(Account {
        id: row.get("id")?,
        login: row.get("login")?,
        name: row.get("name")?,
        lang: row.get("lang")?,
        password_hash: row.get("password_hash")?,
        disabled: disabled_at.is_some(),
    })
}

fn read_role(row: &Row) -> Result<Role, StoreError> {
    row.parse("role", |word: String| Role::parse(&word).ok_or("no known role"))
}
