//! Programs that are told what happens, and what came of each telling.

use xiaoer_domain::id::{AccountId, OrderId, ShopId};
use xiaoer_domain::time::Timestamp;

use crate::{Row, StoreError, Tx, args, statements};

macro_rules! hook_columns {
    () => {
        "id, shop_id, url, secret, events, is_on, created_at"
    };
}

macro_rules! delivery_columns {
    () => {
        "id, shop_id, webhook_id, event, facts, at, state, tries, next_at, status, fault, took_ms, tried_at"
    };
}

statements! {
    pub(crate) INSERT_HOOK = "INSERT INTO webhook (shop_id, url, secret, events, is_on, created_by, created_at)
        VALUES ($1, $2, $3, $4, 1, $5, $6)
        RETURNING id";
    pub(crate) LIST_HOOKS = concat!("SELECT ", hook_columns!(), "
        FROM webhook
        WHERE shop_id = $1 AND removed_at IS NULL
        ORDER BY id
        LIMIT $2");
    pub(crate) FIND_HOOK = concat!("SELECT ", hook_columns!(), "
        FROM webhook
        WHERE shop_id = $1 AND id = $2 AND removed_at IS NULL");
    pub(crate) CHANGE_HOOK = "UPDATE webhook
        SET url = $3, events = $4, is_on = $5
        WHERE shop_id = $1 AND id = $2 AND removed_at IS NULL";
    pub(crate) REMOVE_HOOK = "UPDATE webhook
        SET removed_at = $3, is_on = 0
        WHERE shop_id = $1 AND id = $2 AND removed_at IS NULL";
    pub(crate) STOP_OF_HOOK = "UPDATE webhook_delivery
        SET state = 'dead', next_at = NULL, fault = 'removed'
        WHERE shop_id = $1 AND webhook_id = $2 AND next_at IS NOT NULL";
    pub(crate) INSERT_DELIVERY = "INSERT INTO webhook_delivery
            (shop_id, webhook_id, journal_id, event, facts, at, state, tries, next_at)
        VALUES ($1, $2, $3, $4, $5, $6, 'waiting', 0, $6)
        ON CONFLICT (shop_id, webhook_id, journal_id) DO NOTHING";
    pub(crate) DUE = concat!("SELECT ", delivery_columns!(), "
        FROM webhook_delivery
        WHERE next_at <= $1
        ORDER BY next_at
        LIMIT $2"), installation: "one worker serves every shop of the installation";
    /// Taken by one process only: whoever moves it first.
    pub(crate) CLAIM = "UPDATE webhook_delivery
        SET next_at = $4
        WHERE shop_id = $1 AND id = $2 AND next_at = $3";
    pub(crate) TRIED = "UPDATE webhook_delivery
        SET state = $3, tries = tries + 1, next_at = $4, status = $5, fault = $6, took_ms = $7, tried_at = $8
        WHERE shop_id = $1 AND id = $2";
    pub(crate) AGAIN = "UPDATE webhook_delivery
        SET state = 'waiting', tries = 0, next_at = $3
        WHERE shop_id = $1 AND id = $2";
    pub(crate) LIST_DELIVERIES = concat!("SELECT ", delivery_columns!(), "
        FROM webhook_delivery
        WHERE shop_id = $1 AND id < $2
          AND (CAST($3 AS TEXT) IS NULL OR state = $3)
        ORDER BY id DESC
        LIMIT $4");
    pub(crate) FORGET = "DELETE FROM webhook_delivery
        WHERE shop_id = $1 AND next_at IS NULL AND at < $2
          AND id IN (SELECT id FROM webhook_delivery WHERE shop_id = $1 ORDER BY id LIMIT $3)";
    pub(crate) ORDER_STATES => {
        sqlite: "SELECT number, source, state, placed_at, total, refunded, currency
                 FROM shop_order
                 WHERE +shop_id = $1 AND id IN (SELECT value FROM json_each($2))
                 ORDER BY id",
        postgres: "SELECT number, source, state, placed_at, total, refunded, currency
                   FROM shop_order
                   WHERE shop_id = $1 AND id = ANY($2)
                   ORDER BY id",
    };
}

/// A program that is told.
#[derive(Clone)]
pub struct Hook {
    /// Row.
    pub id: i64,
    /// Whose.
    pub shop: ShopId,
    /// Where.
    pub url: String,
    /// Signs.
    pub secret: String,
    /// What it wants to hear, blank between.
    pub events: String,
    /// Whether it is told at all.
    pub is_on: bool,
    /// Since when.
    pub created_at: Timestamp,
}

/// One telling.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Row.
    pub id: i64,
    /// Whose.
    pub shop: ShopId,
    /// To whom.
    pub hook: i64,
    /// What.
    pub event: String,
    /// Ids of what happened.
    pub facts: String,
    /// When it happened.
    pub at: Timestamp,
    /// `waiting`, `done` or `dead`.
    pub state: String,
    /// How often it was tried.
    pub tries: i64,
    /// When it is tried next.
    pub next_at: Option<Timestamp>,
    /// What was answered.
    pub status: Option<i64>,
    /// Why there was no answer.
    pub fault: Option<String>,
    /// How long it took.
    pub took_ms: Option<i64>,
    /// When it was tried last.
    pub tried_at: Option<Timestamp>,
}

/// What came of a try.
#[derive(Clone, Debug)]
pub struct Tried {
    /// `waiting`, `done` or `dead`.
    pub state: &'static str,
    /// When it is tried again.
    pub next_at: Option<Timestamp>,
    /// What was answered.
    pub status: Option<i64>,
    /// Why there was no answer.
    pub fault: Option<&'static str>,
    /// How long it took.
    pub took_ms: i64,
    /// When.
    pub at: Timestamp,
}

/// An order as a program is told of it.
#[derive(Clone, Debug)]
pub struct OrderState {
    /// Number in the shop.
    pub number: String,
    /// Who numbered it.
    pub source: String,
    /// Where it stands.
    pub state: String,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// Minor units.
    pub total: i64,
    /// Minor units.
    pub refunded: i64,
    /// ISO 4217.
    pub currency: String,
}

/// A new program.
pub async fn insert(
    tx: &mut Tx,
    shop: ShopId,
    (url, secret, events): (&str, &str, &str),
    by: AccountId,
    at: Timestamp,
) -> Result<i64, StoreError> {
    tx.one(INSERT_HOOK, args![shop, url, secret, events, by, at]).await?.get("id")
}

/// The programs of a shop.
pub async fn list(tx: &mut Tx, shop: ShopId, limit: i64) -> Result<Vec<Hook>, StoreError> {
    tx.all(LIST_HOOKS, args![shop, limit]).await?.iter().map(read_hook).collect()
}

/// One of them.
pub async fn find(tx: &mut Tx, shop: ShopId, id: i64) -> Result<Option<Hook>, StoreError> {
    tx.opt(FIND_HOOK, args![shop, id]).await?.as_ref().map(read_hook).transpose()
}

/// Changes one. False: there is none.
pub async fn change(
    tx: &mut Tx,
    shop: ShopId,
    id: i64,
    (url, events): (&str, &str),
    is_on: bool,
) -> Result<bool, StoreError> {
    Ok(tx.exec(CHANGE_HOOK, args![shop, id, url, events, i64::from(is_on)]).await? == 1)
}

/// Takes one away, and with it what waits for it. False: there is none.
pub async fn remove(tx: &mut Tx, shop: ShopId, id: i64, at: Timestamp) -> Result<bool, StoreError> {
    tx.exec(STOP_OF_HOOK, args![shop, id]).await?;
    Ok(tx.exec(REMOVE_HOOK, args![shop, id, at]).await? == 1)
}

/// Something is to be told. The same line of the journal again is the same telling.
pub async fn queue(
    tx: &mut Tx,
    shop: ShopId,
    hook: i64,
    journal: i64,
    (event, facts): (&str, &str),
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(INSERT_DELIVERY, args![shop, hook, journal, event, facts, at]).await.map(drop)
}

/// What is due, the earliest first.
pub async fn due(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<Delivery>, StoreError> {
    tx.all(DUE, args![now, limit]).await?.iter().map(read_delivery).collect()
}

/// Takes one for a while. False: somebody else has it.
pub async fn claim(tx: &mut Tx, one: &Delivery, until: Timestamp) -> Result<bool, StoreError> {
    Ok(tx.exec(CLAIM, args![one.shop, one.id, one.next_at, until]).await? == 1)
}

/// Notes what came of a try.
pub async fn tried(tx: &mut Tx, shop: ShopId, id: i64, tried: &Tried) -> Result<(), StoreError> {
    let Tried { state, next_at, status, fault, took_ms, at } = tried;
    let values = args![shop, id, *state, *next_at, *status, *fault, *took_ms, *at];
    tx.exec(TRIED, values).await.map(drop)
}

/// Tells it once more, from the beginning. False: there is none.
pub async fn again(tx: &mut Tx, shop: ShopId, id: i64, now: Timestamp) -> Result<bool, StoreError> {
    Ok(tx.exec(AGAIN, args![shop, id, now]).await? == 1)
}

/// A page of what was told, newest first.
pub async fn deliveries(
    tx: &mut Tx,
    shop: ShopId,
    before: i64,
    state: Option<&str>,
    limit: i64,
) -> Result<Vec<Delivery>, StoreError> {
    let rows = tx.all(LIST_DELIVERIES, args![shop, before, state, limit]).await?;
    rows.iter().map(read_delivery).collect()
}

/// Forgets what was told before a moment. Says how many.
pub async fn forget(
    tx: &mut Tx,
    shop: ShopId,
    before: Timestamp,
    limit: i64,
) -> Result<u64, StoreError> {
    tx.exec(FORGET, args![shop, before, limit]).await
}

/// Where orders stand.
pub async fn order_states(
    tx: &mut Tx,
    shop: ShopId,
    orders: Vec<OrderId>,
) -> Result<Vec<OrderState>, StoreError> {
    let rows = tx.all(ORDER_STATES, args![shop, orders]).await?;
    rows.iter()
        .map(|row| {
            Ok(OrderState {
                number: row.get("number")?,
                source: row.get("source")?,
                state: row.get("state")?,
                placed_at: row.get("placed_at")?,
                total: row.get("total")?,
                refunded: row.get("refunded")?,
                currency: row.get("currency")?,
            })
        })
        .collect()
}

fn read_hook(row: &Row) -> Result<Hook, StoreError> {
    Ok(Hook {
        id: row.get("id")?,
        shop: row.get("shop_id")?,
        url: row.get("url")?,
        secret: row.get("secret")?,
        events: row.get("events")?,
        is_on: row.get::<i64>("is_on")? == 1,
        created_at: row.get("created_at")?,
    })
}

fn read_delivery(row: &Row) -> Result<Delivery, StoreError> {
    Ok(Delivery {
        id: row.get("id")?,
        shop: row.get("shop_id")?,
        hook: row.get("webhook_id")?,
        event: row.get("event")?,
        facts: row.get("facts")?,
        at: row.get("at")?,
        state: row.get("state")?,
        tries: row.get("tries")?,
        next_at: row.get("next_at")?,
        status: row.get("status")?,
        fault: row.get("fault")?,
        took_ms: row.get("took_ms")?,
        tried_at: row.get("tried_at")?,
    })
}
