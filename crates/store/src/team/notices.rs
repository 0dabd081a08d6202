//! Notices to staff, and who has read them.

use xiaoer_domain::id::{AccountId, NoticeId, ShopId};
use xiaoer_domain::time::Timestamp;

use crate::{StoreError, Tx, args, statements};

statements! {
    /// Notices that are pinned at a moment, the latest first, with one's own receipt.
    pub(crate) NOTICES = "SELECT n.id, n.title, n.text, n.made_by, a.name AS maker, n.created_at, n.until, r.read_at,
            (SELECT COUNT(*) FROM staff_notice_read x WHERE x.shop_id = n.shop_id AND x.notice_id = n.id) AS readers
        FROM staff_notice n
        JOIN account a ON a.id = n.made_by
        LEFT JOIN staff_notice_read r ON r.shop_id = n.shop_id AND r.notice_id = n.id AND r.account_id = $2
        WHERE n.shop_id = $1 AND n.until > $3 AND n.ended_at IS NULL
        ORDER BY n.id DESC
        LIMIT $4";
    pub(crate) INSERT_NOTICE = "INSERT INTO staff_notice (shop_id, title, text, made_by, created_at, until)
        VALUES ($1, $2, $3, $4, $5, $6)
        RETURNING id";
    pub(crate) END_NOTICE = "UPDATE staff_notice
        SET ended_at = $3
        WHERE shop_id = $1 AND id = $2 AND ended_at IS NULL";
    pub(crate) FIND_NOTICE = "SELECT id
        FROM staff_notice
        WHERE shop_id = $1 AND id = $2";
    pub(crate) READ_NOTICE = "INSERT INTO staff_notice_read (shop_id, notice_id, account_id, read_at)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (shop_id, notice_id, account_id) DO NOTHING";
    /// Everybody who may read at a desk, with the receipt if there is one.
    pub(crate) NOTICE_READERS = "SELECT m.account_id, a.name, r.read_at
        FROM membership m
        JOIN account a ON a.id = m.account_id AND a.disabled_at IS NULL
        LEFT JOIN staff_notice_read r ON r.shop_id = m.shop_id AND r.notice_id = $2 AND r.account_id = m.account_id
        WHERE m.shop_id = $1
        ORDER BY r.read_at, a.name, m.account_id
        LIMIT $3";
}

/// A notice as one of its readers sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredNotice {
    /// Row.
    pub id: NoticeId,
    /// Its head.
    pub title: String,
    /// What it says.
    pub text: String,
    /// Who pinned it.
    pub maker: (AccountId, String),
    /// When.
    pub created_at: Timestamp,
    /// Until when it is pinned.
    pub until: Timestamp,
    /// When the reader read it.
    pub read_at: Option<Timestamp>,
    /// How many have.
    pub readers: i64,
}

/// Notices that are pinned at a moment.
pub async fn list(
    tx: &mut Tx,
    shop: ShopId,
    reader: AccountId,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<StoredNotice>, StoreError> {
    let rows = tx.all(NOTICES, args![shop, reader, now, limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(StoredNotice {
                id: row.get("id")?,
                title: row.get("title")?,
                text: row.get("text")?,
                maker: (row.get("made_by")?, row.get("maker")?),
                created_at: row.get("created_at")?,
                until: row.get("until")?,
                read_at: row.get("read_at")?,
                readers: row.get("readers")?,
            })
        })
        .collect()
}

/// Pins one.
pub async fn insert(
    tx: &mut Tx,
    shop: ShopId,
    (title, text): (&str, &str),
    by: AccountId,
    at: Timestamp,
    until: Timestamp,
) -> Result<NoticeId, StoreError> {
    tx.one(INSERT_NOTICE, args![shop, title, text, by, at, until]).await?.get("id")
}

/// Takes one down; false when there is none.
pub async fn end(
    tx: &mut Tx,
    shop: ShopId,
    id: NoticeId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.exec(END_NOTICE, args![shop, id, at]).await? > 0)
}

/// Whether the shop has it.
pub async fn exists(tx: &mut Tx, shop: ShopId, id: NoticeId) -> Result<bool, StoreError> {
    Ok(tx.opt(FIND_NOTICE, args![shop, id]).await?.is_some())
}

/// Somebody has read it; the first time counts.
pub async fn read(
    tx: &mut Tx,
    shop: ShopId,
    id: NoticeId,
    by: AccountId,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(READ_NOTICE, args![shop, id, by, at]).await.map(drop)
}

/// Who has read it, and who has not.
pub async fn readers(
    tx: &mut Tx,
    shop: ShopId,
    id: NoticeId,
    limit: i64,
) -> Result<Vec<(AccountId, String, Option<Timestamp>)>, StoreError> {
    let rows = tx.all(NOTICE_READERS, args![shop, id, limit]).await?;
    rows.iter()
        .map(|row| Ok((row.get("account_id")?, row.get("name")?, row.get("read_at")?)))
        .collect()
}
