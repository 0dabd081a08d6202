//! Who is kept out, by whom and until when.

use xiaoer_domain::customers::block::{Block, BlockReason, Verdict};
use xiaoer_domain::id::{AccountId, BlockId, BuyerId, ConversationId, PublicId, ShopId};
use xiaoer_domain::time::Timestamp;

use crate::{Row, StoreError, Tx, args, statements};

macro_rules! block_select {
    ($rest:literal) => {
        concat!(
            "SELECT k.id, k.buyer_id, k.conversation_id, c.public_id, b.name AS buyer, k.reason, k.note, k.days,
               k.proposed_by, p.name AS proposer, k.proposed_at, d.name AS decider, k.decided_at, k.ends_at,
               l.name AS lifter, k.lifted_at
             FROM buyer_block k
             JOIN conversation c ON c.shop_id = k.shop_id AND c.id = k.conversation_id
             JOIN buyer b ON b.shop_id = k.shop_id AND b.id = k.buyer_id
             JOIN account p ON p.id = k.proposed_by
             LEFT JOIN account d ON d.id = k.decided_by
             LEFT JOIN account l ON l.id = k.lifted_by ",
            $rest
        )
    };
}

statements! {
    pub(crate) PROPOSE = "INSERT INTO buyer_block (shop_id, buyer_id, conversation_id, reason, note, days, proposed_by, proposed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (shop_id, buyer_id) WHERE decided_at IS NULL DO UPDATE
        SET conversation_id = excluded.conversation_id, reason = excluded.reason, note = excluded.note,
            days = excluded.days, proposed_by = excluded.proposed_by, proposed_at = excluded.proposed_at
        RETURNING id";
    pub(crate) GET = block_select!("WHERE k.shop_id = $1 AND k.id = $2");
    /// The latest first, before an id.
    pub(crate) LIST = block_select!("WHERE k.shop_id = $1 AND k.id < $2
        ORDER BY k.id DESC
        LIMIT $3");
    pub(crate) OF_BUYER = block_select!("WHERE k.shop_id = $1 AND k.buyer_id = $2
        ORDER BY k.id DESC
        LIMIT $3");
    pub(crate) DECIDE = "UPDATE buyer_block
        SET decided_by = $3, decided_at = $4, ends_at = $5
        WHERE shop_id = $1 AND id = $2 AND decided_at IS NULL";
    /// Whatever keeps the buyer out.
    pub(crate) LIFT = "UPDATE buyer_block
        SET lifted_by = $3, lifted_at = $4
        WHERE shop_id = $1 AND buyer_id = $2 AND ends_at > $4 AND lifted_at IS NULL";
    pub(crate) KEPT_OUT = "SELECT MAX(k.ends_at) AS until
        FROM conversation c
        JOIN buyer_block k ON k.shop_id = c.shop_id AND k.buyer_id = c.buyer_id AND k.lifted_at IS NULL AND k.ends_at > $3
        WHERE c.shop_id = $1 AND c.id = $2";
}

/// A block with the names of those who had to do with it.
#[derive(Clone, Debug)]
pub struct StoredBlock {
    /// Row.
    pub id: BlockId,
    /// Whom it keeps out.
    pub buyer: BuyerId,
    /// The buyer's name; empty for a guest.
    pub buyer_name: String,
    /// Where the evidence stands.
    pub conversation: ConversationId,
    /// The same on the wire.
    pub public_id: PublicId,
    /// What the buyer did.
    pub reason: BlockReason,
    /// In the proposer's words.
    pub note: String,
    /// What became of it.
    pub block: Block,
    /// Who proposed it, and when.
    pub proposed: (AccountId, String, Timestamp),
    /// Who decided.
    pub decider: Option<String>,
    /// Who lifted it.
    pub lifter: Option<String>,
}

/// What is proposed.
#[derive(Clone, Debug)]
pub struct NewBlock {
    /// Whom to keep out.
    pub buyer: BuyerId,
    /// Where the evidence stands.
    pub conversation: ConversationId,
    /// What the buyer did.
    pub reason: BlockReason,
    /// In the proposer's words.
    pub note: String,
    /// For how many days.
    pub days: u32,
    /// Who proposes it.
    pub by: AccountId,
}

/// Proposes to keep a buyer out, in place of what was proposed before and not decided.
pub async fn propose(
    tx: &mut Tx,
    shop: ShopId,
    new: &NewBlock,
    at: Timestamp,
) -> Result<BlockId, StoreError> {
    let NewBlock { buyer, conversation, reason, note, days, by } = new;
    let args = args![shop, *buyer, *conversation, reason.word(), note, i64::from(*days), *by, at];
    tx.one(PROPOSE, args).await?.get("id")
}

/// One of them.
pub async fn find(
    tx: &mut Tx,
    shop: ShopId,
    id: BlockId,
) -> Result<Option<StoredBlock>, StoreError> {
    tx.opt(GET, args![shop, id]).await?.as_ref().map(read).transpose()
}

/// Those before an id, the latest first.
pub async fn list(
    tx: &mut Tx,
    shop: ShopId,
    before: BlockId,
    limit: i64,
) -> Result<Vec<StoredBlock>, StoreError> {
    tx.all(LIST, args![shop, before, limit]).await?.iter().map(read).collect()
}

/// Those of a buyer, the latest first.
pub async fn of_buyer(
    tx: &mut Tx,
    shop: ShopId,
    buyer: BuyerId,
    limit: i64,
) -> Result<Vec<StoredBlock>, StoreError> {
    tx.all(OF_BUYER, args![shop, buyer, limit]).await?.iter().map(read).collect()
}

/// Writes what was decided; false when it was before.
pub async fn decide(
    tx: &mut Tx,
    shop: ShopId,
    id: BlockId,
    by: AccountId,
    (at, verdict): (Timestamp, Verdict),
) -> Result<bool, StoreError> {
    let until = match verdict {
        Verdict::Until(until) => Some(until),
        Verdict::Refused => None,
    };
    Ok(tx.exec(DECIDE, args![shop, id, by, at, until]).await? > 0)
}

/// Nothing keeps the buyer out any more; false when nothing did.
pub async fn lift(
    tx: &mut Tx,
    shop: ShopId,
    buyer: BuyerId,
    by: AccountId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.exec(LIFT, args![shop, buyer, by, at]).await? > 0)
}

/// Until when the buyer of a conversation is kept out, if at all.
pub async fn kept_out(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    tx.one(KEPT_OUT, args![shop, conversation, now]).await?.get("until")
}

fn read(row: &Row) -> Result<StoredBlock, StoreError> {
    let decided_at: Option<Timestamp> = row.get("decided_at")?;
    let ends_at: Option<Timestamp> = row.get("ends_at")?;
    let verdict = ends_at.map_or(Verdict::Refused, Verdict::Until);
    let reason = |word: String| BlockReason::parse(&word).ok_or("no reason of a block");
    Ok(StoredBlock {
        id: row.get("id")?,
        buyer: row.get("buyer_id")?,
        buyer_name: row.get("buyer")?,
        conversation: row.get("conversation_id")?,
        public_id: row.get("public_id")?,
        reason: row.parse("reason", reason)?,
        note: row.get("note")?,
        block: Block {
            days: u32::try_from(row.get::<i64>("days")?).unwrap_or(1),
            decided: decided_at.map(|at| (at, verdict)),
            lifted_at: row.get("lifted_at")?,
        },
        proposed: (row.get("proposed_by")?, row.get("proposer")?, row.get("proposed_at")?),
        decider: row.get("decider")?,
        lifter: row.get("lifter")?,
    })
}
