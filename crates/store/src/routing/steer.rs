//! What supervisors set: groups and their members, caps and weights, how a buyer is received.

use xiaoer_domain::id::{AccountId, BuyerId, GroupId, ShopId};
use xiaoer_domain::orders::Stage;
use xiaoer_domain::routing::{Priority, Strategy};
use xiaoer_domain::time::Timestamp;

use crate::{StoreError, Tx, args, statements};

statements! {
    pub(crate) INSERT_GROUP = "INSERT INTO skill_group (shop_id, name, stage, strategy, last_agent_first, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        RETURNING id";
    pub(crate) CHANGE_GROUP = "UPDATE skill_group
        SET name = $3, stage = $4, strategy = $5, last_agent_first = $6
        WHERE shop_id = $1 AND id = $2 AND removed_at IS NULL";
    pub(crate) REMOVE_GROUP = "UPDATE skill_group
        SET removed_at = $3
        WHERE shop_id = $1 AND id = $2 AND removed_at IS NULL";
    /// Who waits for a group that is gone waits for everybody.
    pub(crate) LEAVE_GROUP = "UPDATE session
        SET group_id = NULL
        WHERE shop_id = $1 AND group_id = $2 AND closed_at IS NULL";
    pub(crate) CLEAR_MEMBERS = "DELETE FROM skill_member
        WHERE shop_id = $1 AND group_id = $2";
    pub(crate) INSERT_MEMBER = "INSERT INTO skill_member (shop_id, group_id, account_id)
        VALUES ($1, $2, $3)
        ON CONFLICT (shop_id, group_id, account_id) DO NOTHING";
    pub(crate) STEER = "UPDATE membership
        SET cap = $3, weight = $4, paused_at = CASE WHEN CAST($5 AS BIGINT) IS NULL THEN NULL ELSE COALESCE(paused_at, $5) END
        WHERE shop_id = $1 AND account_id = $2";
    pub(crate) SET_ROUTE = "INSERT INTO buyer_route (shop_id, buyer_id, priority, agent_id, updated_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (shop_id, buyer_id) DO UPDATE
        SET priority = excluded.priority, agent_id = excluded.agent_id, updated_at = excluded.updated_at";
}

/// What a supervisor sets of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupChange {
    /// Its name.
    pub name: String,
    /// The stage whose buyers it serves.
    pub stage: Option<Stage>,
    /// How it chooses.
    pub strategy: Strategy,
    /// Whether a buyer who returns soon meets the same agent.
    pub last_agent_first: bool,
    /// Who belongs to it.
    pub members: Vec<AccountId>,
}

/// What a supervisor sets of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steering {
    /// Most seats.
    pub cap: i64,
    /// Share beside colleagues, in hundredths.
    pub weight: i64,
    /// Whether new buyers are kept away.
    pub is_paused: bool,
}

/// Makes a group.
pub async fn insert_group(
    tx: &mut Tx,
    shop: ShopId,
    change: &GroupChange,
    now: Timestamp,
) -> Result<GroupId, StoreError> {
    let stage = change.stage.map(Stage::word);
    let args = args![
        shop,
        change.name.as_str(),
        stage,
        change.strategy.word(),
        i64::from(change.last_agent_first),
        now
    ];
    let id = tx.one(INSERT_GROUP, args).await?.get("id")?;
    set_members(tx, shop, id, &change.members).await?;
    Ok(id)
}

/// Changes a group; false when there is none.
pub async fn change_group(
    tx: &mut Tx,
    shop: ShopId,
    id: GroupId,
    change: &GroupChange,
) -> Result<bool, StoreError> {
    let stage = change.stage.map(Stage::word);
    let args = args![
        shop,
        id,
        change.name.as_str(),
        stage,
        change.strategy.word(),
        i64::from(change.last_agent_first)
    ];
    if tx.exec(CHANGE_GROUP, args).await? == 0 {
        return Ok(false);
    }
    set_members(tx, shop, id, &change.members).await?;
    Ok(true)
}

async fn set_members(
    tx: &mut Tx,
    shop: ShopId,
    id: GroupId,
    members: &[AccountId],
) -> Result<(), StoreError> {
    tx.exec(CLEAR_MEMBERS, args![shop, id]).await?;
    for member in members {
        tx.exec(INSERT_MEMBER, args![shop, id, *member]).await?;
    }
    Ok(())
}

/// Takes a group away; who waits for it waits for everybody. False when there is none.
pub async fn remove_group(
    tx: &mut Tx,
    shop: ShopId,
    id: GroupId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if tx.exec(REMOVE_GROUP, args![shop, id, now]).await? == 0 {
        return Ok(false);
    }
    tx.exec(LEAVE_GROUP, args![shop, id]).await?;
    Ok(true)
}

/// Sets cap, weight and pause of an agent; false when the account does not work in the shop.
pub async fn steer(
    tx: &mut Tx,
    shop: ShopId,
    agent: AccountId,
    steering: Steering,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let paused = steering.is_paused.then_some(now);
    let args = args![shop, agent, steering.cap, steering.weight, paused];
    Ok(tx.exec(STEER, args).await? == 1)
}

/// Sets how a buyer is received.
pub async fn set_route(
    tx: &mut Tx,
    shop: ShopId,
    buyer: BuyerId,
    priority: Priority,
    dedicated: Option<AccountId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(SET_ROUTE, args![shop, buyer, priority.code(), dedicated, now]).await.map(|_| ())
}
