//! When the shop serves and who works: special days, shifts, and modes that hold for a time.

use xiaoer_domain::id::{AccountId, ModeId, ShopId, SpecialDayId};
use xiaoer_domain::team::duty::{SpecialDays, Window, parse_windows, show_windows};
use xiaoer_domain::team::roster::{Shift, ShiftKind};
use xiaoer_domain::time::Timestamp;
use xiaoer_domain::zone::Day;

use crate::{Row, StoreError, Tx, args, statements};

statements! {
    pub(crate) SPECIAL_DAYS = "SELECT id, first_day, last_day, spans, name
        FROM special_day
        WHERE shop_id = $1 AND last_day >= $2
        ORDER BY last_day, id
        LIMIT $3";
    pub(crate) INSERT_SPECIAL_DAY = "INSERT INTO special_day (shop_id, first_day, last_day, spans, name, made_by, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        RETURNING id";
    pub(crate) DELETE_SPECIAL_DAY = "DELETE FROM special_day
        WHERE shop_id = $1 AND id = $2";
    pub(crate) SHIFTS = "SELECT day, account_id, kind, spans
        FROM roster_shift
        WHERE shop_id = $1 AND day >= $2 AND day <= $3
        ORDER BY day, account_id
        LIMIT $4";
    pub(crate) PUT_SHIFT = "INSERT INTO roster_shift (shop_id, day, account_id, kind, spans, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (shop_id, day, account_id) DO UPDATE
        SET kind = excluded.kind, spans = excluded.spans, updated_at = excluded.updated_at";
    pub(crate) DELETE_SHIFT = "DELETE FROM roster_shift
        WHERE shop_id = $1 AND day = $2 AND account_id = $3";
    pub(crate) DELETE_SHIFTS = "DELETE FROM roster_shift
        WHERE shop_id = $1 AND day >= $2 AND day <= $3";
    pub(crate) MODES = "SELECT id, kind, starts_at, ends_at, ended_at, document
        FROM shop_mode
        WHERE shop_id = $1 AND ends_at > $2
        ORDER BY ends_at, id
        LIMIT $3";
    pub(crate) FIND_MODE = "SELECT id, kind, starts_at, ends_at, ended_at, document
        FROM shop_mode
        WHERE shop_id = $1 AND id = $2";
    pub(crate) INSERT_MODE = "INSERT INTO shop_mode (shop_id, kind, starts_at, ends_at, document, made_by, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        RETURNING id";
    pub(crate) UPDATE_MODE = "UPDATE shop_mode
        SET starts_at = $3, ends_at = $4, document = $5
        WHERE shop_id = $1 AND id = $2 AND ended_at IS NULL";
    pub(crate) END_MODE = "UPDATE shop_mode
        SET ended_at = $3
        WHERE shop_id = $1 AND id = $2 AND ended_at IS NULL AND ends_at > $3";
}

/// A holiday or exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSpecial {
    /// Row.
    pub id: SpecialDayId,
    /// Which days, and when the shop serves on them.
    pub days: SpecialDays,
    /// What people call it.
    pub name: String,
}

/// What is different for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMode {
    /// Row.
    pub id: ModeId,
    /// Night or sale.
    pub kind: String,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
    /// When it was switched off before.
    pub ended_at: Option<Timestamp>,
    /// Texts, caps and the list to check, as JSON.
    pub document: String,
}

/// Special days that are not over on a day, the soonest over first.
pub async fn special_days(
    tx: &mut Tx,
    shop: ShopId,
    from: Day,
    limit: i64,
) -> Result<Vec<StoredSpecial>, StoreError> {
    let rows = tx.all(SPECIAL_DAYS, args![shop, from, limit]).await?;
    let read = |row: &Row| {
        let (first, last) = (row.get("first_day")?, row.get("last_day")?);
        let days = SpecialDays { first, last, windows: windows(row)? };
        Ok(StoredSpecial { id: row.get("id")?, days, name: row.get("name")? })
    };
    rows.iter().map(read).collect()
}

/// A new one.
pub async fn insert_special(
    tx: &mut Tx,
    shop: ShopId,
    days: &SpecialDays,
    name: &str,
    by: AccountId,
    at: Timestamp,
) -> Result<SpecialDayId, StoreError> {
    let spans = show_windows(&days.windows);
    let args = args![shop, days.first, days.last, spans, name, by, at];
    tx.one(INSERT_SPECIAL_DAY, args).await?.get("id")
}

/// Removes one; false when there is none.
pub async fn delete_special(
    tx: &mut Tx,
    shop: ShopId,
    id: SpecialDayId,
) -> Result<bool, StoreError> {
    Ok(tx.exec(DELETE_SPECIAL_DAY, args![shop, id]).await? > 0)
}

/// Shifts of some days, by day.
pub async fn shifts(
    tx: &mut Tx,
    shop: ShopId,
    first: Day,
    last: Day,
    limit: i64,
) -> Result<Vec<Shift>, StoreError> {
    let rows = tx.all(SHIFTS, args![shop, first, last, limit]).await?;
    let read = |row: &Row| {
        let kind = |word: String| ShiftKind::parse(&word).ok_or("no kind of shift");
        Ok(Shift {
            account: row.get("account_id")?,
            day: row.get("day")?,
            kind: row.parse("kind", kind)?,
            windows: windows(row)?,
        })
    };
    rows.iter().map(read).collect()
}

/// Plans a person's day, in place of what was planned for it.
pub async fn put_shift(
    tx: &mut Tx,
    shop: ShopId,
    shift: &Shift,
    at: Timestamp,
) -> Result<(), StoreError> {
    let spans = show_windows(&shift.windows);
    let args = args![shop, shift.day, shift.account, shift.kind.word(), spans, at];
    tx.exec(PUT_SHIFT, args).await.map(drop)
}

/// A person's day is free.
pub async fn delete_shift(
    tx: &mut Tx,
    shop: ShopId,
    day: Day,
    account: AccountId,
) -> Result<(), StoreError> {
    tx.exec(DELETE_SHIFT, args![shop, day, account]).await.map(drop)
}

/// Some days are not planned at all.
pub async fn delete_shifts(
    tx: &mut Tx,
    shop: ShopId,
    first: Day,
    last: Day,
) -> Result<(), StoreError> {
    tx.exec(DELETE_SHIFTS, args![shop, first, last]).await.map(drop)
}

/// Modes whose time is not over at a moment, the soonest over first.
pub async fn modes(
    tx: &mut Tx,
    shop: ShopId,
    after: Timestamp,
    limit: i64,
) -> Result<Vec<StoredMode>, StoreError> {
    tx.all(MODES, args![shop, after, limit]).await?.iter().map(read_mode).collect()
}

/// One of them.
pub async fn find_mode(
    tx: &mut Tx,
    shop: ShopId,
    id: ModeId,
) -> Result<Option<StoredMode>, StoreError> {
    tx.opt(FIND_MODE, args![shop, id]).await?.as_ref().map(read_mode).transpose()
}

/// A new one.
pub async fn insert_mode(
    tx: &mut Tx,
    shop: ShopId,
    mode: &StoredMode,
    by: AccountId,
    at: Timestamp,
) -> Result<ModeId, StoreError> {
    let StoredMode { kind, starts_at, ends_at, document, .. } = mode;
    let args = args![shop, kind, *starts_at, *ends_at, document, by, at];
    tx.one(INSERT_MODE, args).await?.get("id")
}

/// Writes one anew; false when there is none or it was switched off.
pub async fn update_mode(tx: &mut Tx, shop: ShopId, mode: &StoredMode) -> Result<bool, StoreError> {
    let args = args![shop, mode.id, mode.starts_at, mode.ends_at, &mode.document];
    Ok(tx.exec(UPDATE_MODE, args).await? > 0)
}

/// Switches one off; false when it is over anyway.
pub async fn end_mode(
    tx: &mut Tx,
    shop: ShopId,
    id: ModeId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.exec(END_MODE, args![shop, id, at]).await? > 0)
}

fn windows(row: &Row) -> Result<Vec<Window>, StoreError> {
    row.parse("spans", |text: String| parse_windows(&text).map_err(|_| "no spans of a day"))
}

fn read_mode(row: &Row) -> Result<StoredMode, StoreError> {
    Ok(StoredMode {
        id: row.get("id")?,
        kind: row.get("kind")?,
        starts_at: row.get("starts_at")?,
        ends_at: row.get("ends_at")?,
        ended_at: row.get("ended_at")?,
        document: row.get("document")?,
    })
}
