//! Who a buyer is: buyers, their visitors (devices with a token) and their one conversation with the shop.

use xiaoer_domain::chat::GENESIS;
use xiaoer_domain::id::{BuyerId, ConversationId, PublicId, ShopId};
use xiaoer_domain::time::Timestamp;

use crate::{Row, StoreError, Tx, args, statements};

statements! {
    /// The living visitor behind a token.
    pub(crate) FIND_VISITOR = "SELECT v.id, v.subject, v.buyer_id, b.public_id, b.name, b.ref, c.id AS conversation_id
        FROM visitor v
        JOIN buyer b ON b.shop_id = v.shop_id AND b.id = v.buyer_id
        JOIN conversation c ON c.shop_id = b.shop_id AND c.buyer_id = b.id
        WHERE v.shop_id = $1 AND v.token_hash = $2 AND v.ended_at IS NULL";
    pub(crate) VISITOR_BY_ID = "SELECT v.id, v.subject, v.buyer_id, b.public_id, b.name, b.ref, c.id AS conversation_id
        FROM visitor v
        JOIN buyer b ON b.shop_id = v.shop_id AND b.id = v.buyer_id
        JOIN conversation c ON c.shop_id = b.shop_id AND c.buyer_id = b.id
        WHERE v.shop_id = $1 AND v.id = $2 AND v.ended_at IS NULL";
    pub(crate) INSERT_VISITOR = "INSERT INTO visitor (shop_id, buyer_id, token_hash, subject, created_at)
        VALUES ($1, $2, $3, $4, $5)
        RETURNING id";
    pub(crate) BIND_VISITOR = "UPDATE visitor
        SET buyer_id = $3, subject = $4
        WHERE shop_id = $1 AND id = $2 AND subject IS NULL";
    pub(crate) INSERT_BUYER = "INSERT INTO buyer (shop_id, public_id, ref, name, created_at)
        VALUES ($1, $2, $3, $4, $5)
        RETURNING id";
    pub(crate) NAME_BUYER = "UPDATE buyer
        SET ref = $3, name = CASE WHEN $4 = '' THEN name ELSE $4 END
        WHERE shop_id = $1 AND id = $2 AND (ref IS NULL OR ref = $3)";
    pub(crate) JOIN_PERSON = "UPDATE buyer
        SET person_id = $3
        WHERE shop_id = $1 AND id = $2";
    pub(crate) FIND_BUYER_BY_REF = "SELECT id, public_id, name, ref
        FROM buyer
        WHERE shop_id = $1 AND ref = $2";
    pub(crate) GET_BUYER = "SELECT id, public_id, name, ref
        FROM buyer
        WHERE shop_id = $1 AND id = $2";
    pub(crate) ENSURE_CONVERSATION = "INSERT INTO conversation (shop_id, public_id, buyer_id, created_at,
            last_seq, last_at, chain, staff_seq, staff_at, staff_chain, buyer_last_seq, buyer_read_seq, staff_read_seq, unread)
        VALUES ($1, $2, $3, $4, 0, $4, $5, 0, $4, $5, 0, 0, 0, 0)
        ON CONFLICT (shop_id, buyer_id) DO NOTHING";
    pub(crate) PUBLIC_CONVERSATION_OF = "SELECT public_id
        FROM conversation
        WHERE shop_id = $1 AND buyer_id = $2";
    pub(crate) CONVERSATION_OF = "SELECT id
        FROM conversation
        WHERE shop_id = $1 AND buyer_id = $2";
}

/// A buyer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buyer {
    /// Row.
    pub id: BuyerId,
    /// Id on the wire.
    pub public_id: PublicId,
    /// Name; empty when unknown.
    pub name: String,
    /// The customer's number in the shop.
    pub reference: Option<String>,
}

/// A device with a token, and whom it stands for.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Row.
    pub id: i64,
    /// The subject that a signed identity bound it to.
    pub subject: Option<String>,
    /// Whom it stands for.
    pub buyer: Buyer,
    /// That buyer's conversation.
    pub conversation: ConversationId,
}

/// The living visitor behind the hash of a token.
pub async fn find_visitor(
    tx: &mut Tx,
    shop: ShopId,
    token_hash: &[u8; 32],
) -> Result<Option<Visitor>, StoreError> {
    tx.opt(FIND_VISITOR, args![shop, token_hash]).await?.as_ref().map(read_visitor).transpose()
}

/// A living visitor by row.
pub async fn visitor_by_id(
    tx: &mut Tx,
    shop: ShopId,
    id: i64,
) -> Result<Option<Visitor>, StoreError> {
    tx.opt(VISITOR_BY_ID, args![shop, id]).await?.as_ref().map(read_visitor).transpose()
}

/// A new device of a buyer.
pub async fn insert_visitor(
    tx: &mut Tx,
    shop: ShopId,
    buyer: BuyerId,
    token_hash: &[u8; 32],
    subject: Option<&str>,
    at: Timestamp,
) -> Result<i64, StoreError> {
    tx.one(INSERT_VISITOR, args![shop, buyer, token_hash, subject, at]).await?.get("id")
}

/// Binds a visitor to a subject, once. False if it was bound before.
pub async fn bind_visitor(
    tx: &mut Tx,
    shop: ShopId,
    visitor: i64,
    buyer: BuyerId,
    subject: &str,
) -> Result<bool, StoreError> {
    Ok(tx.exec(BIND_VISITOR, args![shop, visitor, buyer, subject]).await? == 1)
}

/// A new buyer.
pub async fn insert_buyer(
    tx: &mut Tx,
    shop: ShopId,
    public_id: PublicId,
    reference: Option<&str>,
    name: &str,
    at: Timestamp,
) -> Result<BuyerId, StoreError> {
    tx.one(INSERT_BUYER, args![shop, public_id, reference, name, at]).await?.get("id")
}

/// Gives an anonymous buyer its number, or a known one its name.
pub async fn name_buyer(
    tx: &mut Tx,
    shop: ShopId,
    buyer: BuyerId,
    reference: &str,
    name: &str,
) -> Result<(), StoreError> {
    tx.exec(NAME_BUYER, args![shop, buyer, reference, name]).await.map(|_| ())
}

/// Says that a buyer is the same person as another.
pub async fn join_person(
    tx: &mut Tx,
    shop: ShopId,
    buyer: BuyerId,
    person: BuyerId,
) -> Result<(), StoreError> {
    tx.exec(JOIN_PERSON, args![shop, buyer, person]).await.map(|_| ())
}

/// The buyer with this customer's number.
pub async fn find_buyer_by_ref(
    tx: &mut Tx,
    shop: ShopId,
    reference: &str,
) -> Result<Option<Buyer>, StoreError> {
    let row = tx.opt(FIND_BUYER_BY_REF, args![shop, reference]).await?;
    row.as_ref().map(read_buyer).transpose()
}

/// A buyer by row.
pub async fn get_buyer(tx: &mut Tx, shop: ShopId, id: BuyerId) -> Result<Buyer, StoreError> {
    read_buyer(&tx.one(GET_BUYER, args![shop, id]).await?)
}

/// The buyer's conversation; makes it under `public_id` if there is none.
pub async fn ensure_conversation(
    tx: &mut Tx,
    shop: ShopId,
    buyer: BuyerId,
    public_id: PublicId,
    at: Timestamp,
) -> Result<ConversationId, StoreError> {
    tx.exec(ENSURE_CONVERSATION, args![shop, public_id, buyer, at, GENESIS]).await?;
    tx.one(CONVERSATION_OF, args![shop, buyer]).await?.get("id")
}

/// The buyer's conversation on the wire, if there is one.
pub async fn conversation_of(
    tx: &mut Tx,
    shop: ShopId,
    buyer: BuyerId,
) -> Result<Option<PublicId>, StoreError> {
    let row = tx.opt(PUBLIC_CONVERSATION_OF, args![shop, buyer]).await?;
    row.map(|row| row.get("public_id")).transpose()
}

fn read_visitor(row: &Row) -> Result<Visitor, StoreError> {
    Ok(Visitor {
        id: row.get("id")?,
        subject: row.get("subject")?,
        buyer: Buyer {
            id: row.get("buyer_id")?,
            public_id: row.get("public_id")?,
            name: row.get("name")?,
            reference: row.get("ref")?,
        },
        conversation: row.get("conversation_id")?,
    })
}

fn read_buyer(row: &Row) -> Result<Buyer, StoreError> {
    Ok(Buyer {
        id: row.get("id")?,
        public_id: row.get("public_id")?,
        name: row.get("name")?,
        reference: row.get("ref")?,
    })
}
