//! Messages that buyers left: who answers them, and until when. Every list pages by key.

use xiaoer_domain::chat::{MessageKind, Personal, Wish};
use xiaoer_domain::id::{AccountId, ConversationId, FollowUpId, PublicId, ShopId};
use xiaoer_domain::time::Timestamp;

use super::people::Buyer;
use crate::{Row, StoreError, Tx, args, statements};

macro_rules! follow_up_select {
    ($rest:literal) => {
        concat!(
            "SELECT f.id, f.conversation_id, c.public_id, b.id AS buyer_id, b.public_id AS buyer_public, b.name AS buyer_name,
               b.ref AS buyer_ref, f.wish, f.order_number, f.phone, f.email, f.owner_id, o.name AS owner_name,
               f.created_at, f.due_at, f.done_at, f.done_by, d.name AS done_name,
               CASE WHEN e.recalled_by IS NULL THEN e.text END AS text
             FROM follow_up f
             JOIN conversation c ON c.shop_id = f.shop_id AND c.id = f.conversation_id
             JOIN buyer b ON b.shop_id = c.shop_id AND b.id = c.buyer_id
             LEFT JOIN entry e ON e.shop_id = f.shop_id AND e.conversation_id = f.conversation_id AND e.lane = 0
               AND e.seq = f.entry_seq
             LEFT JOIN account o ON o.id = f.owner_id
             LEFT JOIN account d ON d.id = f.done_by ",
            $rest
        )
    };
}

statements! {
    pub(crate) INSERT_FOLLOW_UP = "INSERT INTO follow_up (shop_id, conversation_id, client_id, entry_seq, wish, order_number,
            phone, email, owner_id, created_at, due_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (shop_id, conversation_id, client_id) DO NOTHING
        RETURNING id";
    pub(crate) FOLLOW_UP_BY_CLIENT = follow_up_select!("WHERE f.shop_id = $1 AND f.conversation_id = $2 AND f.client_id = $3");
    pub(crate) GET_FOLLOW_UP = follow_up_select!("WHERE f.shop_id = $1 AND f.id = $2");
    pub(crate) OPEN_FOLLOW_UPS = follow_up_select!("WHERE f.shop_id = $1 AND f.done_at IS NULL AND f.due_at < $2
          AND (f.due_at, f.id) > ($3, $4)
        ORDER BY f.due_at, f.id
        LIMIT $5");
    pub(crate) MY_FOLLOW_UPS = follow_up_select!("WHERE f.shop_id = $1 AND f.owner_id = $2 AND f.done_at IS NULL
          AND (f.due_at, f.id) > ($3, $4)
        ORDER BY f.due_at, f.id
        LIMIT $5");
    pub(crate) DONE_FOLLOW_UPS = follow_up_select!("WHERE f.shop_id = $1 AND f.done_at IS NOT NULL
          AND (f.done_at, f.id) < ($2, $3)
        ORDER BY f.done_at DESC, f.id DESC
        LIMIT $4");
    /// The one of a conversation that nobody has answered yet.
    pub(crate) OPEN_OF_TALK = "SELECT id, client_id, due_at
        FROM follow_up
        WHERE shop_id = $1 AND conversation_id = $2 AND done_at IS NULL
        ORDER BY id
        LIMIT 1";
    pub(crate) UPGRADE = "UPDATE follow_up
        SET client_id = $3, entry_seq = $4, wish = $5, order_number = $6, phone = $7, email = $8
        WHERE shop_id = $1 AND id = $2";
    pub(crate) LAST_SAID = "SELECT seq
        FROM entry
        WHERE shop_id = $1 AND conversation_id = $2 AND lane = 0 AND side = 1 AND kind = 1
        ORDER BY seq DESC
        LIMIT 1";
    /// A line if a person of the shop wrote it or sent a suggestion: only that is an answer.
    pub(crate) ANSWER = "SELECT author_id, at
        FROM entry
        WHERE shop_id = $1 AND conversation_id = $2 AND lane = 0 AND seq = $3 AND side = 2 AND kind = 1
          AND message IN ($4, $5)";
    pub(crate) ANSWERED = "UPDATE follow_up
        SET done_at = $3, done_by = $4
        WHERE shop_id = $1 AND conversation_id = $2 AND done_at IS NULL AND created_at <= $3
        RETURNING id";
    pub(crate) OWNED = "UPDATE follow_up
        SET owner_id = $3
        WHERE shop_id = $1 AND conversation_id = $2 AND done_at IS NULL
        RETURNING id";
    pub(crate) ASSIGN_FOLLOW_UP = "UPDATE follow_up
        SET owner_id = $3
        WHERE shop_id = $1 AND id = $2";
    pub(crate) FINISH_FOLLOW_UP = "UPDATE follow_up
        SET done_at = $3, done_by = $4
        WHERE shop_id = $1 AND id = $2 AND done_at IS NULL";
    pub(crate) REOPEN_FOLLOW_UP = "UPDATE follow_up
        SET done_at = NULL, done_by = NULL
        WHERE shop_id = $1 AND id = $2";
}

/// A new one.
#[derive(Clone, Debug)]
pub struct NewFollowUp {
    /// In which conversation.
    pub conversation: ConversationId,
    /// The sender's own id: the same again is the same one.
    pub client_id: String,
    /// Number of the entry that holds the text.
    pub entry_seq: i64,
    /// What the buyer wants.
    pub wish: Wish,
    /// About which order.
    pub order_number: Option<String>,
    /// How to be reached.
    pub phone: Option<Personal>,
    /// How to be reached.
    pub email: Option<Personal>,
    /// Who answers.
    pub owner: Option<AccountId>,
    /// When.
    pub created_at: Timestamp,
    /// Until when.
    pub due_at: Timestamp,
}

/// One as lists show it.
#[derive(Clone, Debug)]
pub struct StoredFollowUp {
    /// Row.
    pub id: FollowUpId,
    /// Row of its conversation.
    pub conversation_id: ConversationId,
    /// Its conversation on the wire.
    pub conversation: PublicId,
    /// Whose it is.
    pub buyer: Buyer,
    /// What the buyer wants.
    pub wish: Wish,
    /// What was written; absent when taken back.
    pub text: Option<String>,
    /// About which order.
    pub order_number: Option<String>,
    /// How to be reached.
    pub phone: Option<Personal>,
    /// How to be reached.
    pub email: Option<Personal>,
    /// Who answers.
    pub owner: Option<(AccountId, String)>,
    /// When it was left.
    pub created_at: Timestamp,
    /// Until when it is answered.
    pub due_at: Timestamp,
    /// When, and by whom, it was.
    pub done: Option<(Timestamp, AccountId, String)>,
}

/// Which list, and where the last page ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FollowUpList {
    /// Not done and due before a moment, the earliest first.
    Open(Timestamp),
    /// Not done, of one agent, the earliest first.
    Mine(AccountId),
    /// Done, the latest first.
    Done,
}

/// Stores one; false if this client id is known.
pub async fn insert(tx: &mut Tx, shop: ShopId, new: &NewFollowUp) -> Result<bool, StoreError> {
    let personal = |value: &Option<Personal>| value.as_ref().map(|v| v.reveal().to_owned());
    let values = args![
        shop,
        new.conversation,
        new.client_id.as_str(),
        new.entry_seq,
        new.wish.word(),
        new.order_number.clone(),
        personal(&new.phone),
        personal(&new.email),
        new.owner,
        new.created_at,
        new.due_at,
    ];
    Ok(tx.opt(INSERT_FOLLOW_UP, values).await?.is_some())
}

/// One that nobody has answered yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenFollowUp {
    /// Row.
    pub id: FollowUpId,
    /// Under which id it was made.
    pub client_id: String,
    /// Until when it is answered.
    pub due_at: Timestamp,
}

/// The one of a conversation that nobody has answered yet.
pub async fn open_of(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
) -> Result<Option<OpenFollowUp>, StoreError> {
    let row = tx.opt(OPEN_OF_TALK, args![shop, conversation]).await?;
    row.map(|row| {
        Ok(OpenFollowUp {
            id: row.get("id")?,
            client_id: row.get("client_id")?,
            due_at: row.get("due_at")?,
        })
    })
    .transpose()
}

/// What the buyer says in the form takes the place of what the house noted; since when and until when stays.
pub async fn upgrade(
    tx: &mut Tx,
    shop: ShopId,
    id: FollowUpId,
    new: &NewFollowUp,
) -> Result<(), StoreError> {
    let personal = |value: &Option<Personal>| value.as_ref().map(|v| v.reveal().to_owned());
    let values = args![
        shop,
        id,
        new.client_id.as_str(),
        new.entry_seq,
        new.wish.word(),
        new.order_number.clone(),
        personal(&new.phone),
        personal(&new.email),
    ];
    tx.exec(UPGRADE, values).await.map(drop)
}

/// The number of the last line that the buyer wrote.
pub async fn last_said(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
) -> Result<Option<i64>, StoreError> {
    tx.opt(LAST_SAID, args![shop, conversation]).await?.map(|row| row.get("seq")).transpose()
}

/// Who answered with this line, and when; None: it is no answer of a person.
pub async fn answer(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    seq: i64,
) -> Result<Option<(AccountId, Timestamp)>, StoreError> {
    let [human, suggested] = [MessageKind::Human.code(), MessageKind::Suggested.code()];
    let row = tx.opt(ANSWER, args![shop, conversation, seq, human, suggested]).await?;
    row.map(|row| Ok((row.get("author_id")?, row.get("at")?))).transpose()
}

/// Whatever is open of a conversation was answered.
pub async fn answered(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    (by, at): (AccountId, Timestamp),
) -> Result<Vec<FollowUpId>, StoreError> {
    let rows = tx.all(ANSWERED, args![shop, conversation, at, by]).await?;
    rows.iter().map(|row| row.get("id")).collect()
}

/// Whatever is open of a conversation is the work of whoever serves it now.
pub async fn owned(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    by: AccountId,
) -> Result<Vec<FollowUpId>, StoreError> {
    let rows = tx.all(OWNED, args![shop, conversation, by]).await?;
    rows.iter().map(|row| row.get("id")).collect()
}

/// The one that a buyer left under a client id.
pub async fn by_client(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    client_id: &str,
) -> Result<Option<StoredFollowUp>, StoreError> {
    let row = tx.opt(FOLLOW_UP_BY_CLIENT, args![shop, conversation, client_id]).await?;
    row.as_ref().map(read).transpose()
}

/// One by its number.
pub async fn find(
    tx: &mut Tx,
    shop: ShopId,
    id: FollowUpId,
) -> Result<Option<StoredFollowUp>, StoreError> {
    tx.opt(GET_FOLLOW_UP, args![shop, id]).await?.as_ref().map(read).transpose()
}

/// A page of a list, from a place on.
pub async fn list(
    tx: &mut Tx,
    shop: ShopId,
    list: FollowUpList,
    from: (Timestamp, FollowUpId),
    limit: i64,
) -> Result<Vec<StoredFollowUp>, StoreError> {
    let (at, id) = from;
    let rows = match list {
        FollowUpList::Open(before) => {
            tx.all(OPEN_FOLLOW_UPS, args![shop, before, at, id, limit]).await?
        }
        FollowUpList::Mine(owner) => {
            tx.all(MY_FOLLOW_UPS, args![shop, owner, at, id, limit]).await?
        }
        FollowUpList::Done => tx.all(DONE_FOLLOW_UPS, args![shop, at, id, limit]).await?,
    };
    rows.iter().map(read).collect()
}

/// Gives it to somebody, or to nobody.
pub async fn assign(
    tx: &mut Tx,
    shop: ShopId,
    id: FollowUpId,
    owner: Option<AccountId>,
) -> Result<(), StoreError> {
    tx.exec(ASSIGN_FOLLOW_UP, args![shop, id, owner]).await.map(|_| ())
}

/// It is answered; one that was stays as it was.
pub async fn finish(
    tx: &mut Tx,
    shop: ShopId,
    id: FollowUpId,
    at: Timestamp,
    by: AccountId,
) -> Result<(), StoreError> {
    tx.exec(FINISH_FOLLOW_UP, args![shop, id, at, by]).await.map(|_| ())
}

/// It is open again.
pub async fn reopen(tx: &mut Tx, shop: ShopId, id: FollowUpId) -> Result<(), StoreError> {
    tx.exec(REOPEN_FOLLOW_UP, args![shop, id]).await.map(|_| ())
}

fn read(row: &Row) -> Result<StoredFollowUp, StoreError> {
    let named = |id: &str, name: &str| -> Result<Option<(AccountId, String)>, StoreError> {
        let id: Option<AccountId> = row.get(id)?;
        let name: Option<String> = row.get(name)?;
        Ok(id.map(|id| (id, name.unwrap_or_default())))
    };
    let done_at: Option<Timestamp> = row.get("done_at")?;
    let done = named("done_by", "done_name")?;
    Ok(StoredFollowUp {
        id: row.get("id")?,
        conversation_id: row.get("conversation_id")?,
        conversation: row.get("public_id")?,
        buyer: Buyer {
            id: row.get("buyer_id")?,
            public_id: row.get("buyer_public")?,
            name: row.get("buyer_name")?,
            reference: row.get("buyer_ref")?,
        },
        wish: row.parse("wish", |word: String| Wish::parse(&word).ok_or("no known word"))?,
        text: row.get("text")?,
        order_number: row.get("order_number")?,
        phone: row.get::<Option<String>>("phone")?.map(Personal::stored),
        email: row.get::<Option<String>>("email")?.map(Personal::stored),
        owner: named("owner_id", "owner_name")?,
        created_at: row.get("created_at")?,
        due_at: row.get("due_at")?,
        done: done_at.zip(done).map(|(at, (id, name))| (at, id, name)),
    })
}
