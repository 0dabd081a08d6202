//! Libraries of phrases: folders, phrases, and how often each agent uses them. Owner 0 is the shop, below 0 a skill group.

pub mod auto;

use xiaoer_domain::id::{AccountId, ConversationId, FolderId, GroupId, PhraseId, ShopId};
use xiaoer_domain::phrases::{Phrase, Place, Validity};
use xiaoer_domain::time::Timestamp;

use crate::{Row, StoreError, Tx, args, statements};

statements! {
    pub(crate) FOLDERS = "SELECT id, owner_id, parent_id, name
        FROM phrase_folder
        WHERE shop_id = $1
          AND (owner_id IN (0, $2)
            OR owner_id IN (SELECT -g.id FROM skill_group g WHERE g.shop_id = $1 AND g.removed_at IS NULL
              AND ($4 = 1 OR g.id IN (SELECT m.group_id FROM skill_member m WHERE m.shop_id = $1 AND m.account_id = $2))))
        ORDER BY id
        LIMIT $3";
    pub(crate) PHRASES = "SELECT p.id, p.owner_id, p.folder_id, p.code, p.title, p.text, p.pinyin, p.valid_from,
          p.valid_to, p.sku, p.writer_id, p.updated_at, u.uses, u.last_at,
          (SELECT COUNT(*) FROM phrase_file f WHERE f.shop_id = p.shop_id AND f.phrase_id = p.id) AS files
        FROM phrase p
        LEFT JOIN phrase_use u ON u.shop_id = p.shop_id AND u.account_id = $2 AND u.phrase_id = p.id
        WHERE p.shop_id = $1
          AND (p.owner_id IN (0, $2)
            OR p.owner_id IN (SELECT -g.id FROM skill_group g WHERE g.shop_id = $1 AND g.removed_at IS NULL
              AND ($4 = 1 OR g.id IN (SELECT m.group_id FROM skill_member m WHERE m.shop_id = $1 AND m.account_id = $2))))
        ORDER BY p.id
        LIMIT $3";
    /// Skill groups, and whether an agent is in them.
    pub(crate) GROUPS = "SELECT g.id, g.name, m.account_id
        FROM skill_group g
        LEFT JOIN skill_member m ON m.shop_id = g.shop_id AND m.group_id = g.id AND m.account_id = $2
        WHERE g.shop_id = $1 AND g.removed_at IS NULL
        ORDER BY g.id
        LIMIT $3";
    /// A phrase that an agent reads, with the uses of the agent.
    pub(crate) FIND_READABLE = "SELECT p.id, p.owner_id, p.folder_id, p.code, p.title, p.text, p.pinyin, p.valid_from,
          p.valid_to, p.sku, p.writer_id, p.updated_at, u.uses, u.last_at,
          (SELECT COUNT(*) FROM phrase_file f WHERE f.shop_id = p.shop_id AND f.phrase_id = p.id) AS files
        FROM phrase p
        LEFT JOIN phrase_use u ON u.shop_id = p.shop_id AND u.account_id = $3 AND u.phrase_id = p.id
        WHERE p.shop_id = $1 AND p.id = $2
          AND (p.owner_id IN (0, $3)
            OR p.owner_id IN (SELECT -m.group_id FROM skill_member m WHERE m.shop_id = $1 AND m.account_id = $3))";
    pub(crate) INSERT_SAID = "INSERT INTO phrase_said (shop_id, phrase_id, account_id, conversation_id, entry_seq, is_edited, at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    pub(crate) USAGE = "SELECT phrase_id, COUNT(*) AS said, CAST(SUM(is_edited) AS BIGINT) AS edited
        FROM phrase_said
        WHERE shop_id = $1 AND at >= $2
        GROUP BY phrase_id
        ORDER BY phrase_id
        LIMIT $3";
    pub(crate) COUNT = "SELECT
            (SELECT COUNT(*) FROM phrase WHERE shop_id = $1 AND owner_id = $2) AS phrases,
            (SELECT COUNT(*) FROM phrase_folder WHERE shop_id = $1 AND owner_id = $2) AS folders";
    pub(crate) FIND_FOLDER = "SELECT id, owner_id, parent_id, name
        FROM phrase_folder
        WHERE shop_id = $1 AND id = $2";
    pub(crate) INSERT_FOLDER = "INSERT INTO phrase_folder (shop_id, owner_id, parent_id, name, created_at)
        VALUES ($1, $2, $3, $4, $5)
        RETURNING id";
    pub(crate) UPDATE_FOLDER = "UPDATE phrase_folder
        SET name = $3
        WHERE shop_id = $1 AND id = $2";
    pub(crate) DELETE_FOLDER = "DELETE FROM phrase_folder
        WHERE shop_id = $1 AND id = $2
          AND NOT EXISTS (SELECT 1 FROM phrase_folder f
            WHERE f.shop_id = $1 AND f.owner_id = $3 AND f.parent_id = $2)
          AND NOT EXISTS (SELECT 1 FROM phrase p
            WHERE p.shop_id = $1 AND p.owner_id = $3 AND p.folder_id = $2)";
    pub(crate) FIND_PHRASE = "SELECT p.id, p.owner_id, p.folder_id, p.code, p.title, p.text, p.pinyin, p.valid_from,
          p.valid_to, p.sku, p.writer_id, p.updated_at, u.uses, u.last_at,
          (SELECT COUNT(*) FROM phrase_file f WHERE f.shop_id = p.shop_id AND f.phrase_id = p.id) AS files
        FROM phrase p
        LEFT JOIN phrase_use u ON u.shop_id = p.shop_id AND u.account_id = $3 AND u.phrase_id = p.id
        WHERE p.shop_id = $1 AND p.id = $2";
    pub(crate) INSERT_PHRASE = "INSERT INTO phrase (shop_id, owner_id, folder_id, code, title, text, pinyin, updated_at,
          valid_from, valid_to, sku, writer_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        RETURNING id";
    pub(crate) UPDATE_PHRASE = "UPDATE phrase
        SET folder_id = $3, code = $4, title = $5, text = $6, pinyin = $7, updated_at = $8,
          valid_from = $9, valid_to = $10, sku = $11, writer_id = $12
        WHERE shop_id = $1 AND id = $2";
    pub(crate) DELETE_PHRASE = "DELETE FROM phrase
        WHERE shop_id = $1 AND id = $2";
    pub(crate) DELETE_USES = "DELETE FROM phrase_use
        WHERE shop_id = $1 AND phrase_id = $2";
    pub(crate) USED = "INSERT INTO phrase_use (shop_id, account_id, phrase_id, uses, last_at)
        VALUES ($1, $2, $3, 1, $4)
        ON CONFLICT (shop_id, account_id, phrase_id) DO UPDATE
        SET uses = phrase_use.uses + 1, last_at = excluded.last_at";
}

/// A folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFolder {
    /// Its row.
    pub id: FolderId,
    /// Whose.
    pub place: Place,
    /// The folder it is in; 0 at the top.
    pub parent: FolderId,
    /// Name.
    pub name: String,
}

/// A phrase, and what the agent who asks has done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPhrase {
    /// Its row.
    pub id: PhraseId,
    /// Whose.
    pub place: Place,
    /// The folder it is in; 0 at the top.
    pub folder: FolderId,
    /// What it says.
    pub phrase: Phrase,
    /// Readings of the title.
    pub pinyin: String,
    /// Who wrote it last; 0 when nobody knows.
    pub writer: AccountId,
    /// Last written.
    pub updated_at: Timestamp,
    /// Times the agent used it.
    pub uses: i64,
    /// When last; 0 for never.
    pub used_at: i64,
    /// Pictures and files that go with it.
    pub files: i64,
}

/// A phrase as it is written down.
#[derive(Clone, Copy, Debug)]
pub struct Writing<'w> {
    /// The folder it goes into; 0 at the top.
    pub folder: FolderId,
    /// What it says.
    pub phrase: &'w Phrase,
    /// Readings of the title.
    pub pinyin: &'w str,
    /// Who writes it.
    pub writer: AccountId,
    /// When.
    pub at: Timestamp,
}

/// How much a library holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Phrases.
    pub phrases: i64,
    /// Folders.
    pub folders: i64,
}

/// Whose libraries of skill groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Groups {
    /// Those that the agent is in.
    Own,
    /// Every one: for those who write them.
    All,
}

/// A use of a phrase before a buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewSaid {
    /// Which phrase.
    pub phrase: PhraseId,
    /// Who said it.
    pub account: AccountId,
    /// Where.
    pub conversation: ConversationId,
    /// As which entry of the buyer lane.
    pub entry_seq: i64,
    /// Changed before it left.
    pub is_edited: bool,
    /// When.
    pub at: Timestamp,
}

/// Skill groups of a shop that are there: number, name, whether an agent is in it.
pub async fn groups(
    tx: &mut Tx,
    shop: ShopId,
    account: AccountId,
    limit: i64,
) -> Result<Vec<(GroupId, String, bool)>, StoreError> {
    let rows = tx.all(GROUPS, args![shop, account, limit]).await?;
    rows.iter()
        .map(|row| {
            let member: Option<AccountId> = row.get("account_id")?;
            Ok((row.get("id")?, row.get("name")?, member.is_some()))
        })
        .collect()
}

/// A phrase of the shop, of an agent's groups or of the agent, with the agent's uses.
pub async fn find_readable(
    tx: &mut Tx,
    shop: ShopId,
    id: PhraseId,
    account: AccountId,
) -> Result<Option<StoredPhrase>, StoreError> {
    tx.opt(FIND_READABLE, args![shop, id, account]).await?.as_ref().map(read_phrase).transpose()
}

/// Phrases were said to buyers: each is counted for its agent and kept for the shop.
pub async fn said(tx: &mut Tx, shop: ShopId, uses: &[NewSaid]) -> Result<(), StoreError> {
    for NewSaid { phrase, account, conversation, entry_seq, is_edited, at } in uses.iter().copied()
    {
        let edited = i64::from(is_edited);
        tx.exec(INSERT_SAID, args![shop, phrase, account, conversation, entry_seq, edited, at])
            .await?;
        used(tx, shop, account, phrase, at).await?;
    }
    Ok(())
}

/// How often each phrase was said since a moment, and how often it was changed before.
pub async fn usage(
    tx: &mut Tx,
    shop: ShopId,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<(PhraseId, i64, i64)>, StoreError> {
    let rows = tx.all(USAGE, args![shop, since, limit]).await?;
    rows.iter()
        .map(|row| Ok((row.get("phrase_id")?, row.get("said")?, row.get("edited")?)))
        .collect()
}

/// Folders of the shop, of an agent, and of the agent's groups or all groups.
pub async fn folders(
    tx: &mut Tx,
    shop: ShopId,
    account: AccountId,
    groups: Groups,
    limit: i64,
) -> Result<Vec<StoredFolder>, StoreError> {
    let all = i64::from(groups == Groups::All);
    let rows = tx.all(FOLDERS, args![shop, account, limit, all]).await?;
    rows.iter().map(read_folder).collect()
}

/// Phrases of the shop, of an agent, and of the agent's groups or all groups.
pub async fn phrases(
    tx: &mut Tx,
    shop: ShopId,
    account: AccountId,
    groups: Groups,
    limit: i64,
) -> Result<Vec<StoredPhrase>, StoreError> {
    let all = i64::from(groups == Groups::All);
    let rows = tx.all(PHRASES, args![shop, account, limit, all]).await?;
    rows.iter().map(read_phrase).collect()
}

/// How much a library holds.
pub async fn count(tx: &mut Tx, shop: ShopId, place: Place) -> Result<Held, StoreError> {
    let row = tx.one(COUNT, args![shop, owner(place)]).await?;
    Ok(Held { phrases: row.get("phrases")?, folders: row.get("folders")? })
}

/// A folder.
pub async fn find_folder(
    tx: &mut Tx,
    shop: ShopId,
    id: FolderId,
) -> Result<Option<StoredFolder>, StoreError> {
    tx.opt(FIND_FOLDER, args![shop, id]).await?.as_ref().map(read_folder).transpose()
}

/// A new folder. A name that exists beside it is [`StoreError::Unique`].
pub async fn insert_folder(
    tx: &mut Tx,
    shop: ShopId,
    place: Place,
    parent: FolderId,
    name: &str,
    at: Timestamp,
) -> Result<FolderId, StoreError> {
    tx.one(INSERT_FOLDER, args![shop, owner(place), parent, name, at]).await?.get("id")
}

/// Renames a folder.
pub async fn rename_folder(
    tx: &mut Tx,
    shop: ShopId,
    id: FolderId,
    name: &str,
) -> Result<(), StoreError> {
    tx.exec(UPDATE_FOLDER, args![shop, id, name]).await.map(drop)
}

/// Removes a folder that holds nothing; false when it holds something.
pub async fn delete_folder(
    tx: &mut Tx,
    shop: ShopId,
    folder: &StoredFolder,
) -> Result<bool, StoreError> {
    let gone = tx.exec(DELETE_FOLDER, args![shop, folder.id, owner(folder.place)]).await?;
    Ok(gone > 0)
}

/// A phrase, with the uses of an agent.
pub async fn find_phrase(
    tx: &mut Tx,
    shop: ShopId,
    id: PhraseId,
    account: AccountId,
) -> Result<Option<StoredPhrase>, StoreError> {
    tx.opt(FIND_PHRASE, args![shop, id, account]).await?.as_ref().map(read_phrase).transpose()
}

/// A new phrase. A code that exists in its library is [`StoreError::Unique`].
pub async fn insert_phrase(
    tx: &mut Tx,
    shop: ShopId,
    place: Place,
    writing: Writing<'_>,
) -> Result<PhraseId, StoreError> {
    let Writing { folder, phrase, pinyin, writer, at } = writing;
    let Phrase { code, title, text, validity, sku } = phrase;
    let (from, to) = (validity.from(), validity.to());
    let args =
        args![shop, owner(place), folder, code, title, text, pinyin, at, from, to, sku, writer];
    tx.one(INSERT_PHRASE, args).await?.get("id")
}

/// Writes a phrase anew.
pub async fn update_phrase(
    tx: &mut Tx,
    shop: ShopId,
    id: PhraseId,
    writing: Writing<'_>,
) -> Result<(), StoreError> {
    let Writing { folder, phrase, pinyin, writer, at } = writing;
    let Phrase { code, title, text, validity, sku } = phrase;
    let (from, to) = (validity.from(), validity.to());
    let args = args![shop, id, folder, code, title, text, pinyin, at, from, to, sku, writer];
    tx.exec(UPDATE_PHRASE, args).await.map(drop)
}

/// Removes a phrase and what is known of its use.
pub async fn delete_phrase(tx: &mut Tx, shop: ShopId, id: PhraseId) -> Result<(), StoreError> {
    tx.exec(DELETE_USES, args![shop, id]).await?;
    tx.exec(DELETE_PHRASE, args![shop, id]).await.map(drop)
}

/// An agent used a phrase.
pub async fn used(
    tx: &mut Tx,
    shop: ShopId,
    account: AccountId,
    id: PhraseId,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(USED, args![shop, account, id, at]).await.map(drop)
}

fn owner(place: Place) -> i64 {
    match place {
        Place::Shop => 0,
        Place::Group(group) => -group.get(),
        Place::Personal(account) => account.get(),
    }
}

fn place_of(row: &Row) -> Result<Place, StoreError> {
    let owner: i64 = row.get("owner_id")?;
    Ok(match owner {
        0 => Place::Shop,
        ..0 => Place::Group(GroupId::new(-owner)),
        _ => Place::Personal(AccountId::new(owner)),
    })
}

fn read_folder(row: &Row) -> Result<StoredFolder, StoreError> {
    Ok(StoredFolder {
        id: row.get("id")?,
        place: place_of(row)?,
        parent: row.get("parent_id")?,
        name: row.get("name")?,
    })
}

fn read_phrase(row: &Row) -> Result<StoredPhrase, StoreError> {
    Ok(StoredPhrase {
        id: row.get("id")?,
        place: place_of(row)?,
        folder: row.get("folder_id")?,
        phrase: Phrase {
            code: row.get("code")?,
            title: row.get("title")?,
            text: row.get("text")?,
            validity: Validity::parse(row.get("valid_from")?, row.get("valid_to")?)
                .unwrap_or_default(),
            sku: row.get("sku")?,
        },
        pinyin: row.get("pinyin")?,
        writer: row.get("writer_id")?,
        updated_at: row.get("updated_at")?,
        uses: row.get::<Option<i64>>("uses")?.unwrap_or(0),
        used_at: row.get::<Option<i64>>("last_at")?.unwrap_or(0),
        files: row.get("files")?,
    })
}
