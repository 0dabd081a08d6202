//! Attachments: what was uploaded, which entry carries it, what the bytes of a shop take up, and which of them nobody
//! needs any more.

use xiaoer_domain::chat::Lane;
use xiaoer_domain::id::{AccountId, ConversationId, PhraseId, PublicId, ShopId};
use xiaoer_domain::time::Timestamp;

use crate::{Row, StoreError, Tx, args, statements};

/// Columns of an attachment.
macro_rules! columns {
    () => {
        "id, public_id, conversation_id, visitor_id, account_id, kind, name, mime, bytes, hash, width, height,
           thumb_mime, thumb_bytes, thumb_hash, seq"
    };
}

statements! {
    pub(crate) INSERT = "INSERT INTO attachment (shop_id, public_id, conversation_id, visitor_id, account_id, kind,
            name, mime, bytes, hash, width, height, thumb_mime, thumb_bytes, thumb_hash, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    pub(crate) FIND = concat!("SELECT ", columns!(), "
        FROM attachment
        WHERE shop_id = $1 AND public_id = $2");
    /// The same bytes, uploaded to the same place by the same hand and not sent yet.
    pub(crate) FIND_TWIN = concat!("SELECT ", columns!(), "
        FROM attachment
        WHERE shop_id = $1 AND hash = $2 AND conversation_id = $3 AND name = $4 AND seq IS NULL
          AND COALESCE(visitor_id, 0) = $5 AND COALESCE(account_id, 0) = $6
        ORDER BY id
        LIMIT 1");
    pub(crate) OF_ENTRY = concat!("SELECT ", columns!(), "
        FROM attachment
        WHERE shop_id = $1 AND conversation_id = $2 AND lane = $3 AND seq = $4");
    pub(crate) UNSENT = concat!("SELECT ", columns!(), "
        FROM attachment
        WHERE shop_id = $1 AND seq IS NULL AND created_at < $2
        ORDER BY created_at
        LIMIT $3");
    /// A page of all, to look at each.
    pub(crate) PAGE = concat!("SELECT ", columns!(), "
        FROM attachment
        WHERE shop_id = $1 AND public_id > $2
        ORDER BY public_id
        LIMIT $3");
    pub(crate) BIND = "UPDATE attachment
        SET lane = $4, seq = $5
        WHERE shop_id = $1 AND public_id = $2 AND conversation_id = $3 AND seq IS NULL";
    pub(crate) DELETE = "DELETE FROM attachment
        WHERE shop_id = $1 AND public_id = $2";
    pub(crate) USED = "SELECT 1 AS used
        FROM attachment
        WHERE shop_id = $1 AND hash = $2
        UNION ALL
        SELECT 1
        FROM attachment
        WHERE shop_id = $1 AND thumb_hash = $2
        UNION ALL
        SELECT 1
        FROM phrase_file
        WHERE shop_id = $1 AND hash = $2
        UNION ALL
        SELECT 1
        FROM phrase_file
        WHERE shop_id = $1 AND thumb_hash = $2
        LIMIT 1";
    /// Files of phrases, as attachments of nobody's conversation.
    pub(crate) INSERT_PHRASE_FILE = "INSERT INTO phrase_file (shop_id, phrase_id, public_id, name, mime, bytes, hash, width,
            height, thumb_mime, thumb_bytes, thumb_hash, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    pub(crate) PHRASE_FILES = "SELECT public_id, name, mime, bytes, hash, width, height, thumb_mime, thumb_bytes, thumb_hash
        FROM phrase_file
        WHERE shop_id = $1 AND phrase_id = $2
        ORDER BY id
        LIMIT $3";
    pub(crate) PHRASE_FILE = "SELECT public_id, name, mime, bytes, hash, width, height, thumb_mime, thumb_bytes, thumb_hash
        FROM phrase_file
        WHERE shop_id = $1 AND public_id = $2";
    pub(crate) DELETE_PHRASE_FILE = "DELETE FROM phrase_file
        WHERE shop_id = $1 AND public_id = $2";
    pub(crate) ADD_SPACE = "INSERT INTO attachment_space (shop_id, bytes)
        VALUES ($1, $2)
        ON CONFLICT (shop_id) DO UPDATE
        SET bytes = attachment_space.bytes + excluded.bytes
        RETURNING bytes";
    pub(crate) ADD_WASTE = "INSERT INTO attachment_waste (shop_id, hash, bytes)
        VALUES ($1, $2, $3)
        ON CONFLICT (shop_id, hash) DO NOTHING";
    pub(crate) WASTE = "SELECT hash, bytes
        FROM attachment_waste
        WHERE shop_id = $1 AND hash > $2
        ORDER BY hash
        LIMIT $3";
    pub(crate) DELETE_WASTE = "DELETE FROM attachment_waste
        WHERE shop_id = $1 AND hash = $2";
    pub(crate) KEEP_SECRET = "INSERT INTO installation_secret (name, value)
        VALUES ($1, $2)
        ON CONFLICT (name) DO NOTHING", installation: "a key of the installation itself";
    pub(crate) SECRET = "SELECT value
        FROM installation_secret
        WHERE name = $1", installation: "a key of the installation itself";
}

/// SHA-256 of bytes as they are kept.
pub type Hash = [u8; 32];

/// Whose hand uploaded something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uploader {
    /// A visitor's device.
    Visitor(i64),
    /// A person of the shop.
    Staff(AccountId),
}

/// Bytes in the data folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Type.
    pub mime: String,
    /// How many.
    pub bytes: i64,
    /// Which.
    pub hash: Hash,
}

/// An attachment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// On the wire.
    pub id: PublicId,
    /// Where it may be sent.
    pub conversation: ConversationId,
    /// By whom.
    pub by: Uploader,
    /// Name for people.
    pub name: String,
    /// Itself.
    pub whole: Kept,
    /// Width and height of a picture; a file has none.
    pub size: Option<(i64, i64)>,
    /// The small picture.
    pub thumb: Option<Kept>,
    /// An entry carries it.
    pub is_sent: bool,
}

impl Attachment {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let (visitor, account): (Option<i64>, Option<AccountId>) =
            (row.get("visitor_id")?, row.get("account_id")?);
        let by = match (visitor, account) {
            (Some(visitor), None) => Uploader::Visitor(visitor),
            (None, Some(account)) => Uploader::Staff(account),
            _ => return Err(row.inconsistent("visitor_id", "one uploader")),
        };
        let seq: Option<i64> = row.get("seq")?;
        Self::seen(row, row.get("conversation_id")?, by, seq.is_some())
    }

    /// What is the same wherever it belongs.
    fn seen(
        row: &Row,
        conversation: ConversationId,
        by: Uploader,
        is_sent: bool,
    ) -> Result<Self, StoreError> {
        let (width, height): (Option<i64>, Option<i64>) = (row.get("width")?, row.get("height")?);
        let (thumb_mime, thumb_bytes): (Option<String>, Option<i64>) =
            (row.get("thumb_mime")?, row.get("thumb_bytes")?);
        let thumb = match (thumb_mime, thumb_bytes) {
            (Some(mime), Some(bytes)) => Some(Kept { mime, bytes, hash: hash(row, "thumb_hash")? }),
            _ => None,
        };
        Ok(Self {
            id: row.get("public_id")?,
            conversation,
            by,
            name: row.get("name")?,
            whole: Kept {
                mime: row.get("mime")?,
                bytes: row.get("bytes")?,
                hash: hash(row, "hash")?,
            },
            size: width.zip(height),
            thumb,
            is_sent,
        })
    }

    /// Everything of it that lies in the data folder.
    pub fn parts(&self) -> impl Iterator<Item = &Kept> {
        std::iter::once(&self.whole).chain(&self.thumb)
    }
}

fn hash(row: &Row, column: &'static str) -> Result<Hash, StoreError> {
    let bytes: Vec<u8> = row.get(column)?;
    bytes.try_into().map_err(|_| row.inconsistent(column, "32 bytes"))
}

/// Stores an attachment and counts its bytes, if they are new to the shop. Gives what all of them take up now.
pub async fn insert(
    tx: &mut Tx,
    shop: ShopId,
    one: &Attachment,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let space = add_space(tx, shop, one).await?;
    let (visitor, account) = match one.by {
        Uploader::Visitor(id) => (Some(id), None),
        Uploader::Staff(id) => (None, Some(id)),
    };
    let thumb = one.thumb.as_ref();
    let values = args![
        shop,
        one.id,
        one.conversation,
        visitor,
        account,
        i64::from(one.size.is_none()),
        &one.name,
        &one.whole.mime,
        one.whole.bytes,
        one.whole.hash,
        one.size.map(|(width, _)| width),
        one.size.map(|(_, height)| height),
        thumb.map(|thumb| thumb.mime.clone()),
        thumb.map(|thumb| thumb.bytes),
        thumb.map(|thumb| thumb.hash.to_vec()),
        now,
    ];
    tx.exec(INSERT, values).await?;
    Ok(space)
}

/// Counts the bytes that are new to the shop. Gives what all of them take up now.
async fn add_space(tx: &mut Tx, shop: ShopId, one: &Attachment) -> Result<i64, StoreError> {
    let mut new = 0;
    for kept in one.parts() {
        // Bytes that wait for their removal are still there, and still counted.
        let waits = tx.exec(DELETE_WASTE, args![shop, kept.hash]).await? > 0;
        if !waits && !is_used(tx, shop, &kept.hash).await? {
            new += kept.bytes;
        }
    }
    tx.one(ADD_SPACE, args![shop, new]).await?.get("bytes")
}

/// Whether an attachment of the shop needs these bytes.
pub async fn is_used(tx: &mut Tx, shop: ShopId, hash: &Hash) -> Result<bool, StoreError> {
    Ok(tx.opt(USED, args![shop, hash]).await?.is_some())
}

/// The attachment of this id.
pub async fn find(
    tx: &mut Tx,
    shop: ShopId,
    id: PublicId,
) -> Result<Option<Attachment>, StoreError> {
    tx.opt(FIND, args![shop, id]).await?.as_ref().map(Attachment::read).transpose()
}

/// One that was uploaded before and is the same in everything.
pub async fn find_twin(
    tx: &mut Tx,
    shop: ShopId,
    one: &Attachment,
) -> Result<Option<Attachment>, StoreError> {
    let (visitor, account) = match one.by {
        Uploader::Visitor(id) => (id, 0),
        Uploader::Staff(id) => (0, id.get()),
    };
    let values = args![shop, one.whole.hash, one.conversation, &one.name, visitor, account];
    tx.opt(FIND_TWIN, values).await?.as_ref().map(Attachment::read).transpose()
}

/// A page of a shop's attachments, after this id.
pub async fn page(
    tx: &mut Tx,
    shop: ShopId,
    after: PublicId,
    limit: i64,
) -> Result<Vec<Attachment>, StoreError> {
    tx.all(PAGE, args![shop, after, limit]).await?.iter().map(Attachment::read).collect()
}

/// Those that were uploaded before this moment and never sent.
pub async fn unsent(
    tx: &mut Tx,
    shop: ShopId,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<Attachment>, StoreError> {
    tx.all(UNSENT, args![shop, before, limit]).await?.iter().map(Attachment::read).collect()
}

/// Binds an attachment to the entry that carries it. False: it is bound already, or gone.
pub async fn bind(
    tx: &mut Tx,
    shop: ShopId,
    id: PublicId,
    conversation: ConversationId,
    (lane, seq): (Lane, i64),
) -> Result<bool, StoreError> {
    let values = args![shop, id, conversation, lane.code(), seq];
    Ok(tx.exec(BIND, values).await? == 1)
}

/// Takes away what an entry carries, if it carries something.
pub async fn drop_of_entry(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    (lane, seq): (Lane, i64),
) -> Result<(), StoreError> {
    let row = tx.opt(OF_ENTRY, args![shop, conversation, lane.code(), seq]).await?;
    match row.as_ref().map(Attachment::read).transpose()? {
        Some(attachment) => drop_one(tx, shop, &attachment).await,
        None => Ok(()),
    }
}

/// Takes an attachment away; its bytes wait for their removal.
pub async fn drop_one(tx: &mut Tx, shop: ShopId, one: &Attachment) -> Result<(), StoreError> {
    for kept in one.parts() {
        tx.exec(ADD_WASTE, args![shop, kept.hash, kept.bytes]).await?;
    }
    tx.exec(DELETE, args![shop, one.id]).await?;
    Ok(())
}

/// Stores a file of a phrase and counts its bytes. Gives what all bytes of the shop take up now.
pub async fn insert_for_phrase(
    tx: &mut Tx,
    shop: ShopId,
    phrase: PhraseId,
    one: &Attachment,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let space = add_space(tx, shop, one).await?;
    let thumb = one.thumb.as_ref();
    let values = args![
        shop,
        phrase,
        one.id,
        &one.name,
        &one.whole.mime,
        one.whole.bytes,
        one.whole.hash,
        one.size.map(|(width, _)| width),
        one.size.map(|(_, height)| height),
        thumb.map(|thumb| thumb.mime.clone()),
        thumb.map(|thumb| thumb.bytes),
        thumb.map(|thumb| thumb.hash.to_vec()),
        now,
    ];
    tx.exec(INSERT_PHRASE_FILE, values).await?;
    Ok(space)
}

/// The files of a phrase in their order, as attachments that `account` may send.
pub async fn of_phrase(
    tx: &mut Tx,
    shop: ShopId,
    phrase: PhraseId,
    limit: i64,
) -> Result<Vec<Attachment>, StoreError> {
    tx.all(PHRASE_FILES, args![shop, phrase, limit]).await?.iter().map(read_phrase_file).collect()
}

/// The file of a phrase of this id.
pub async fn find_of_phrase(
    tx: &mut Tx,
    shop: ShopId,
    id: PublicId,
) -> Result<Option<Attachment>, StoreError> {
    tx.opt(PHRASE_FILE, args![shop, id]).await?.as_ref().map(read_phrase_file).transpose()
}

/// Takes a file away from its phrase; its bytes wait for their removal.
pub async fn drop_of_phrase(tx: &mut Tx, shop: ShopId, one: &Attachment) -> Result<(), StoreError> {
    for kept in one.parts() {
        tx.exec(ADD_WASTE, args![shop, kept.hash, kept.bytes]).await?;
    }
    tx.exec(DELETE_PHRASE_FILE, args![shop, one.id]).await.map(drop)
}

/// A file of a phrase belongs to no conversation and to nobody's hand.
fn read_phrase_file(row: &Row) -> Result<Attachment, StoreError> {
    let nobody = Uploader::Staff(AccountId::new(0));
    Attachment::seen(row, ConversationId::new(0), nobody, false)
}

/// Bytes that wait for their removal.
pub async fn waste(tx: &mut Tx, shop: ShopId, limit: i64) -> Result<Vec<(Hash, i64)>, StoreError> {
    let rows = tx.all(WASTE, args![shop, Vec::<u8>::new(), limit]).await?;
    rows.iter().map(|row| Ok((hash(row, "hash")?, row.get("bytes")?))).collect()
}

/// Forgets bytes that were removed, or that are needed again.
pub async fn forget_waste(
    tx: &mut Tx,
    shop: ShopId,
    hash: &Hash,
    freed: i64,
) -> Result<(), StoreError> {
    tx.exec(DELETE_WASTE, args![shop, hash]).await?;
    if freed != 0 {
        tx.one(ADD_SPACE, args![shop, -freed]).await?;
    }
    Ok(())
}

/// The installation's key of this name: the one that is kept, else this one from now on.
pub async fn secret(tx: &mut Tx, name: &str, fresh: &[u8; 32]) -> Result<Vec<u8>, StoreError> {
    tx.exec(KEEP_SECRET, args![name, fresh]).await?;
    tx.one(SECRET, args![name]).await?.get("value")
}
