//! What goes from one shift to the next.

use xiaoer_domain::id::{
    AccountId, ConversationId, FollowUpId, HandoverId, HandoverItemId, PublicId, ShopId,
};
use xiaoer_domain::team::handover::{Handover, Item, ItemKind};
use xiaoer_domain::time::Timestamp;

use crate::{Row, StoreError, Tx, args, statements};

macro_rules! handover_select {
    ($rest:literal) => {
        concat!(
            "SELECT h.id, h.giver_id, g.name AS giver_name, h.receiver_id, r.name AS receiver_name, h.note, h.created_at,
               h.received_at, h.withdrawn_at
             FROM shift_handover h
             JOIN account g ON g.id = h.giver_id
             JOIN account r ON r.id = h.receiver_id ",
            $rest
        )
    };
}

statements! {
    pub(crate) GIVEN_HANDOVERS = handover_select!("WHERE h.shop_id = $1 AND h.giver_id = $2 AND h.id < $3
        ORDER BY h.id DESC
        LIMIT $4");
    pub(crate) RECEIVED_HANDOVERS = handover_select!("WHERE h.shop_id = $1 AND h.receiver_id = $2 AND h.id < $3
        ORDER BY h.id DESC
        LIMIT $4");
    pub(crate) FIND_HANDOVER = handover_select!("WHERE h.shop_id = $1 AND h.id = $2");
    pub(crate) INSERT_HANDOVER = "INSERT INTO shift_handover (shop_id, giver_id, receiver_id, note, created_at)
        VALUES ($1, $2, $3, $4, $5)
        RETURNING id";
    pub(crate) MOVE_HANDOVER = "UPDATE shift_handover
        SET received_at = $3, withdrawn_at = $4
        WHERE shop_id = $1 AND id = $2";
    pub(crate) HANDOVER_ITEMS = "SELECT i.id, i.kind, i.conversation_id, c.public_id, b.public_id AS buyer_public, b.name AS buyer_name,
            b.ref AS buyer_ref, b.id AS buyer_id, i.follow_up_id, i.text, i.moved_at, i.settled_at
        FROM shift_handover_item i
        LEFT JOIN conversation c ON c.shop_id = i.shop_id AND c.id = i.conversation_id
        LEFT JOIN buyer b ON b.shop_id = c.shop_id AND b.id = c.buyer_id
        WHERE i.shop_id = $1 AND i.handover_id = $2
        ORDER BY i.id
        LIMIT $3";
    pub(crate) INSERT_HANDOVER_ITEM = "INSERT INTO shift_handover_item (shop_id, handover_id, kind, conversation_id, follow_up_id, text)
        VALUES ($1, $2, $3, $4, $5, $6)";
    pub(crate) HANDOVER_ITEM_MOVED = "UPDATE shift_handover_item
        SET moved_at = $3
        WHERE shop_id = $1 AND id = $2 AND moved_at IS NULL";
    pub(crate) SETTLE_HANDOVER_ITEM = "UPDATE shift_handover_item
        SET settled_at = $3, settled_by = $4
        WHERE shop_id = $1 AND id = $2 AND settled_at IS NULL";
}

/// A handover with the names of both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredHandover {
    /// Row.
    pub id: HandoverId,
    /// Who, to whom, and who signed.
    pub handover: Handover,
    /// Name of the giver.
    pub giver_name: String,
    /// Name of the receiver.
    pub receiver_name: String,
    /// What the giver says of it.
    pub note: String,
    /// When the giver signed.
    pub created_at: Timestamp,
}

/// One thing of a handover.
#[derive(Clone, Debug)]
pub struct StoredItem {
    /// Row.
    pub id: HandoverItemId,
    /// What, and whether it is done with.
    pub item: Item,
    /// The conversation it is about: row, id on the wire and buyer.
    pub about: Option<(ConversationId, PublicId, crate::chat::people::Buyer)>,
    /// The message that was left.
    pub follow_up: Option<FollowUpId>,
    /// What is said of it.
    pub text: String,
    /// When it went to the receiver.
    pub moved_at: Option<Timestamp>,
}

/// A thing to be handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewItem {
    /// What.
    pub kind: ItemKind,
    /// About which conversation.
    pub conversation: Option<ConversationId>,
    /// Which message that was left.
    pub follow_up: Option<FollowUpId>,
    /// What is said of it.
    pub text: String,
}

/// Handovers of a giver, the latest first.
pub async fn given(
    tx: &mut Tx,
    shop: ShopId,
    giver: AccountId,
    before: HandoverId,
    limit: i64,
) -> Result<Vec<StoredHandover>, StoreError> {
    tx.all(GIVEN_HANDOVERS, args![shop, giver, before, limit]).await?.iter().map(read).collect()
}

/// Handovers of a receiver, the latest first.
pub async fn received(
    tx: &mut Tx,
    shop: ShopId,
    receiver: AccountId,
    before: HandoverId,
    limit: i64,
) -> Result<Vec<StoredHandover>, StoreError> {
    let rows = tx.all(RECEIVED_HANDOVERS, args![shop, receiver, before, limit]).await?;
    rows.iter().map(read).collect()
}

/// One of them.
pub async fn find(
    tx: &mut Tx,
    shop: ShopId,
    id: HandoverId,
) -> Result<Option<StoredHandover>, StoreError> {
    tx.opt(FIND_HANDOVER, args![shop, id]).await?.as_ref().map(read).transpose()
}

/// A new one.
pub async fn insert(
    tx: &mut Tx,
    shop: ShopId,
    handover: &Handover,
    note: &str,
    at: Timestamp,
) -> Result<HandoverId, StoreError> {
    let args = args![shop, handover.giver, handover.receiver, note, at];
    tx.one(INSERT_HANDOVER, args).await?.get("id")
}

/// Stores who signed or took it back.
pub async fn update(
    tx: &mut Tx,
    shop: ShopId,
    id: HandoverId,
    handover: &Handover,
) -> Result<(), StoreError> {
    let args = args![shop, id, handover.received_at, handover.withdrawn_at];
    tx.exec(MOVE_HANDOVER, args).await.map(drop)
}

/// What a handover consists of.
pub async fn items(
    tx: &mut Tx,
    shop: ShopId,
    id: HandoverId,
    limit: i64,
) -> Result<Vec<StoredItem>, StoreError> {
    tx.all(HANDOVER_ITEMS, args![shop, id, limit]).await?.iter().map(read_item).collect()
}

/// Adds a thing.
pub async fn insert_item(
    tx: &mut Tx,
    shop: ShopId,
    id: HandoverId,
    item: &NewItem,
) -> Result<(), StoreError> {
    let NewItem { kind, conversation, follow_up, text } = item;
    let args = args![shop, id, kind.word(), *conversation, *follow_up, text];
    tx.exec(INSERT_HANDOVER_ITEM, args).await.map(drop)
}

/// A thing has gone to the receiver.
pub async fn moved(
    tx: &mut Tx,
    shop: ShopId,
    id: HandoverItemId,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(HANDOVER_ITEM_MOVED, args![shop, id, at]).await.map(drop)
}

/// A thing is done with.
pub async fn settle(
    tx: &mut Tx,
    shop: ShopId,
    id: HandoverItemId,
    at: Timestamp,
    by: AccountId,
) -> Result<(), StoreError> {
    tx.exec(SETTLE_HANDOVER_ITEM, args![shop, id, at, by]).await.map(drop)
}

fn read(row: &Row) -> Result<StoredHandover, StoreError> {
    let handover = Handover {
        giver: row.get("giver_id")?,
        receiver: row.get("receiver_id")?,
        received_at: row.get("received_at")?,
        withdrawn_at: row.get("withdrawn_at")?,
    };
    Ok(StoredHandover {
        id: row.get("id")?,
        handover,
        giver_name: row.get("giver_name")?,
        receiver_name: row.get("receiver_name")?,
        note: row.get("note")?,
        created_at: row.get("created_at")?,
    })
}

fn read_item(row: &Row) -> Result<StoredItem, StoreError> {
    let kind = |word: String| ItemKind::parse(&word).ok_or("no kind of item");
    let conversation: Option<ConversationId> = row.get("conversation_id")?;
    let about = match conversation {
        None => None,
        Some(id) => {
            let buyer = crate::chat::people::Buyer {
                id: row.get("buyer_id")?,
                public_id: row.get("buyer_public")?,
                name: row.get("buyer_name")?,
                reference: row.get("buyer_ref")?,
            };
            Some((id, row.get("public_id")?, buyer))
        }
    };
    Ok(StoredItem {
        id: row.get("id")?,
        item: Item { kind: row.parse("kind", kind)?, settled_at: row.get("settled_at")? },
        about,
        follow_up: row.get("follow_up_id")?,
        text: row.get("text")?,
        moved_at: row.get("moved_at")?,
    })
}
