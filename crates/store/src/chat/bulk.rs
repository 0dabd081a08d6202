//! Tags of conversations, and jobs that act on many conversations.

use xiaoer_domain::id::{AccountId, BulkJobId, ConversationId, ShopId, TagId};
use xiaoer_domain::time::Timestamp;

use crate::{Row, StoreError, Tx, args, statements};

/// Tags that a page of rows shows in all.
const SHOWN_TAGS_MAX: i64 = 2000;

statements! {
    pub(crate) TAGS = "SELECT id, name
        FROM tag
        WHERE shop_id = $1 AND name > $2
        ORDER BY name
        LIMIT $3";
    pub(crate) ADD_TAG = "INSERT INTO tag (shop_id, name, created_at)
        VALUES ($1, $2, $3)
        ON CONFLICT (shop_id, name) DO UPDATE
        SET name = excluded.name
        RETURNING id";
    /// SQLite would walk every tag of the shop by name; the plus keeps it to those of the conversation.
    pub(crate) TAGS_OF = "SELECT t.id, t.name
        FROM conversation_tag x
        JOIN tag t ON +t.shop_id = x.shop_id AND t.id = x.tag_id
        WHERE x.shop_id = $1 AND x.conversation_id = $2
        ORDER BY t.name
        LIMIT $3";
    /// Tags of some conversations at once.
    pub(crate) TAGS_OF_SOME => {
        sqlite: "SELECT x.conversation_id, t.id, t.name
            FROM conversation_tag x
            JOIN tag t ON +t.shop_id = x.shop_id AND t.id = x.tag_id
            WHERE x.shop_id = $1 AND x.conversation_id IN (SELECT value FROM json_each($2))
            ORDER BY t.name
            LIMIT $3",
        postgres: "SELECT x.conversation_id, t.id, t.name
            FROM conversation_tag x
            JOIN tag t ON t.shop_id = x.shop_id AND t.id = x.tag_id
            WHERE x.shop_id = $1 AND x.conversation_id = ANY($2)
            ORDER BY t.name
            LIMIT $3",
    };
    /// Which of some conversations carry a tag.
    pub(crate) TAGGED => {
        sqlite: "SELECT conversation_id
            FROM conversation_tag
            WHERE shop_id = $1 AND tag_id = $2 AND conversation_id IN (SELECT value FROM json_each($3))",
        postgres: "SELECT conversation_id
            FROM conversation_tag
            WHERE shop_id = $1 AND tag_id = $2 AND conversation_id = ANY($3)",
    };
    pub(crate) PUT_TAG = "INSERT INTO conversation_tag (shop_id, conversation_id, tag_id, tagged_by, tagged_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (shop_id, conversation_id, tag_id) DO NOTHING";
    pub(crate) DROP_TAG = "DELETE FROM conversation_tag
        WHERE shop_id = $1 AND conversation_id = $2 AND tag_id = $3";
    pub(crate) INSERT_BULK_JOB = "INSERT INTO bulk_job (shop_id, account_id, client_id, document, state, seen, done, created_at)
        VALUES ($1, $2, $3, $4, 'running', 0, 0, $5)
        ON CONFLICT (shop_id, account_id, client_id) DO NOTHING
        RETURNING id";
    pub(crate) BULK_JOB_BY_CLIENT = "SELECT id, shop_id, account_id, document, state, place, seen, done, created_at, finished_at
        FROM bulk_job
        WHERE shop_id = $1 AND account_id = $2 AND client_id = $3";
    pub(crate) FIND_BULK_JOB = "SELECT id, shop_id, account_id, document, state, place, seen, done, created_at, finished_at
        FROM bulk_job
        WHERE shop_id = $1 AND id = $2";
    pub(crate) RUNNING_BULK_JOBS = "SELECT id, shop_id, account_id, document, state, place, seen, done, created_at, finished_at
        FROM bulk_job
        WHERE finished_at IS NULL AND id > $1
        ORDER BY id
        LIMIT $2", installation: "a server that starts goes on with the jobs of every shop";
    pub(crate) BULK_JOB_STEP = "UPDATE bulk_job
        SET place = $3, seen = seen + $4, done = done + $5
        WHERE shop_id = $1 AND id = $2 AND finished_at IS NULL";
    pub(crate) END_BULK_JOB = "UPDATE bulk_job
        SET state = $3, finished_at = $4
        WHERE shop_id = $1 AND id = $2 AND finished_at IS NULL";
}

/// A job as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredJob {
    /// Row.
    pub id: BulkJobId,
    /// Whose.
    pub shop: ShopId,
    /// Who asked for it.
    pub account: AccountId,
    /// What is done to which, as JSON.
    pub document: String,
    /// `running`, `done`, `cancelled` or `failed`.
    pub state: String,
    /// Where the walk stands.
    pub place: Option<String>,
    /// Conversations that were looked at.
    pub seen: i64,
    /// Conversations that were changed.
    pub done: i64,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was over.
    pub finished_at: Option<Timestamp>,
}

/// Tags of a shop by name.
pub async fn tags(
    tx: &mut Tx,
    shop: ShopId,
    after: &str,
    limit: i64,
) -> Result<Vec<(TagId, String)>, StoreError> {
    let rows = tx.all(TAGS, args![shop, after, limit]).await?;
    rows.iter().map(read_tag).collect()
}

/// The tag of this name, made if there is none.
pub async fn add_tag(
    tx: &mut Tx,
    shop: ShopId,
    name: &str,
    at: Timestamp,
) -> Result<TagId, StoreError> {
    tx.one(ADD_TAG, args![shop, name, at]).await?.get("id")
}

/// Tags of a conversation.
pub async fn tags_of(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    limit: i64,
) -> Result<Vec<(TagId, String)>, StoreError> {
    let rows = tx.all(TAGS_OF, args![shop, conversation, limit]).await?;
    rows.iter().map(read_tag).collect()
}

/// Puts their tags beside rows of a list.
pub async fn add_tags(
    tx: &mut Tx,
    shop: ShopId,
    rows: &mut [super::read::ListRow],
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let among: Vec<ConversationId> = rows.iter().map(|row| row.id).collect();
    for found in tx.all(TAGS_OF_SOME, args![shop, among, SHOWN_TAGS_MAX]).await? {
        let of: ConversationId = found.get("conversation_id")?;
        let tag = read_tag(&found)?;
        rows.iter_mut().filter(|row| row.id == of).for_each(|row| row.tags.push(tag.clone()));
    }
    Ok(())
}

/// Which of some conversations carry a tag.
pub async fn tagged(
    tx: &mut Tx,
    shop: ShopId,
    tag: TagId,
    among: Vec<ConversationId>,
) -> Result<Vec<ConversationId>, StoreError> {
    let rows = tx.all(TAGGED, args![shop, tag, among]).await?;
    rows.iter().map(|row| row.get("conversation_id")).collect()
}

/// Tags a conversation; false when it was already.
pub async fn put_tag(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    tag: TagId,
    by: AccountId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.exec(PUT_TAG, args![shop, conversation, tag, by, at]).await? > 0)
}

/// Takes a tag off; false when it was not there.
pub async fn drop_tag(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    tag: TagId,
) -> Result<bool, StoreError> {
    Ok(tx.exec(DROP_TAG, args![shop, conversation, tag]).await? > 0)
}

/// A new job; None when this client id is known.
pub async fn insert_job(
    tx: &mut Tx,
    shop: ShopId,
    account: AccountId,
    client_id: &str,
    document: &str,
    at: Timestamp,
) -> Result<Option<BulkJobId>, StoreError> {
    let made = tx.opt(INSERT_BULK_JOB, args![shop, account, client_id, document, at]).await?;
    made.map(|row| row.get("id")).transpose()
}

/// The job of a client id.
pub async fn job_by_client(
    tx: &mut Tx,
    shop: ShopId,
    account: AccountId,
    client_id: &str,
) -> Result<Option<StoredJob>, StoreError> {
    let row = tx.opt(BULK_JOB_BY_CLIENT, args![shop, account, client_id]).await?;
    row.as_ref().map(read_job).transpose()
}

/// One job.
pub async fn find_job(
    tx: &mut Tx,
    shop: ShopId,
    id: BulkJobId,
) -> Result<Option<StoredJob>, StoreError> {
    tx.opt(FIND_BULK_JOB, args![shop, id]).await?.as_ref().map(read_job).transpose()
}

/// Jobs of every shop that are not over.
pub async fn running(
    tx: &mut Tx,
    after: BulkJobId,
    limit: i64,
) -> Result<Vec<StoredJob>, StoreError> {
    tx.all(RUNNING_BULK_JOBS, args![after, limit]).await?.iter().map(read_job).collect()
}

/// A job has gone on; false when it is over.
pub async fn step(
    tx: &mut Tx,
    shop: ShopId,
    id: BulkJobId,
    place: Option<&str>,
    seen: i64,
    done: i64,
) -> Result<bool, StoreError> {
    Ok(tx.exec(BULK_JOB_STEP, args![shop, id, place, seen, done]).await? > 0)
}

/// A job is over; false when it was.
pub async fn end(
    tx: &mut Tx,
    shop: ShopId,
    id: BulkJobId,
    state: &str,
    at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.exec(END_BULK_JOB, args![shop, id, state, at]).await? > 0)
}

fn read_tag(row: &Row) -> Result<(TagId, String), StoreError> {
    Ok((row.get("id")?, row.get("name")?))
}

fn read_job(row: &Row) -> Result<StoredJob, StoreError> {
    Ok(StoredJob {
        id: row.get("id")?,
        shop: row.get("shop_id")?,
        account: row.get("account_id")?,
        document: row.get("document")?,
        state: row.get("state")?,
        place: row.get("place")?,
        seen: row.get("seen")?,
        done: row.get("done")?,
        created_at: row.get("created_at")?,
        finished_at: row.get("finished_at")?,
    })
}
