//! Reading the log and the lists. Every list names its limit and pages by key.

use xiaoer_domain::chat::{Content, EntryKind, Lane, MessageKind, Side};
use xiaoer_domain::id::{AccountId, ConversationId, PublicId, SessionId, ShopId, TagId};
use xiaoer_domain::orders::OrderState;
use xiaoer_domain::routing::Priority;
use xiaoer_domain::time::Timestamp;

use super::load::coded;
use crate::{Row, StoreError, Tx, args, statements};

/// Characters of the last text that lists show.
pub const PREVIEW_CHARS: usize = 80;

macro_rules! entry_select {
    ($rest:literal) => {
        concat!(
            "SELECT e.lane, e.seq, e.at, e.kind, e.message, e.side, e.author_id, a.name AS author_name,
               CASE WHEN e.recalled_by IS NULL THEN e.text END AS text,
               CASE WHEN e.recalled_by IS NULL THEN e.content END AS content, e.recalled_by, e.ref_seq, e.code, e.params,
               e.client_id, e.session_id
             FROM entry e
             LEFT JOIN account a ON e.side = 2 AND a.id = e.author_id ",
            $rest
        )
    };
}

macro_rules! heads_select {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.public_id, c.buyer_id, c.last_seq, c.staff_seq, c.buyer_read_seq, c.staff_read_seq
             FROM conversation c ",
            $rest
        )
    };
}

macro_rules! row_select {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.public_id, c.last_seq, c.staff_seq, c.unread, c.buyer_read_seq, c.staff_read_seq,
               c.last_at, b.id AS buyer_id, b.public_id AS buyer_public, b.name AS buyer_name, b.ref AS buyer_ref,
               s.id AS session_id, s.agent_id, s.opened_at, s.waiting_since, s.closed_at, s.why_code, s.why_params,
               s.abandoned_at, s.checking_until,
               CASE WHEN s.agent_id IS NULL AND s.closed_at IS NULL THEN (SELECT d.code FROM routing_decision d
                 WHERE d.shop_id = c.shop_id AND d.session_id = s.id
                 ORDER BY d.id DESC LIMIT 1) END AS queue_code,
               a.name AS agent_name,
               e.seq AS said_seq, e.at AS said_at, e.side AS last_side, e.kind AS last_kind,
               CASE WHEN e.recalled_by IS NULL THEN SUBSTR(e.text, 1, 80) END AS last_text,
               CASE WHEN e.recalled_by IS NULL THEN SUBSTR(e.content, 1, 24) END AS last_content,
               o.state AS order_state, o.placed_at AS order_placed_at, r.priority AS buyer_priority,
               (SELECT MIN(f.id) FROM follow_up f
                 WHERE f.shop_id = c.shop_id AND f.conversation_id = c.id AND f.done_at IS NULL
                   AND s.agent_id IS NULL AND s.closed_at IS NULL) AS left_id
             FROM conversation c
             JOIN buyer b ON b.shop_id = c.shop_id AND b.id = c.buyer_id
             LEFT JOIN buyer_route r ON r.shop_id = c.shop_id AND r.buyer_id = c.buyer_id
             LEFT JOIN session s ON s.shop_id = c.shop_id AND s.id = c.session_id
             LEFT JOIN account a ON a.id = s.agent_id
             LEFT JOIN shop_order o ON o.shop_id = c.shop_id AND o.id = (SELECT y.id FROM shop_order y
                 WHERE y.shop_id = c.shop_id AND y.buyer_id = c.buyer_id
                 ORDER BY y.placed_at DESC, y.id DESC LIMIT 1)
             LEFT JOIN entry e ON e.shop_id = c.shop_id AND e.conversation_id = c.id AND e.lane = 0
               AND e.seq = (SELECT x.seq FROM entry x
                 WHERE x.shop_id = c.shop_id AND x.conversation_id = c.id AND x.lane = 0 AND x.kind IN (1, 2)
                   AND COALESCE(x.message, 0) <> 4
                 ORDER BY x.seq DESC LIMIT 1) ",
            $rest
        )
    };
}

statements! {
    pub(crate) ENTRIES_AFTER = entry_select!("WHERE e.shop_id = $1 AND e.conversation_id = $2 AND e.lane = $3 AND e.seq > $4
        ORDER BY e.seq
        LIMIT $5");
    pub(crate) ENTRIES_BEFORE = entry_select!("WHERE e.shop_id = $1 AND e.conversation_id = $2 AND e.lane = $3 AND e.seq < $4
        ORDER BY e.seq DESC
        LIMIT $5");
    pub(crate) HEADS = heads_select!("WHERE c.shop_id = $1 AND c.id = $2");
    /// Of some conversations at once.
    pub(crate) HEADS_SOME => {
        sqlite: heads_select!("WHERE +c.shop_id = $1 AND c.id IN (SELECT value FROM json_each($2))"),
        postgres: heads_select!("WHERE c.shop_id = $1 AND c.id = ANY($2)"),
    };
    pub(crate) FIND_BY_PUBLIC = "SELECT id
        FROM conversation
        WHERE shop_id = $1 AND public_id = $2";
    pub(crate) ROW_ONE = row_select!("WHERE c.shop_id = $1 AND c.id = $2");
    /// Some rows at once.
    pub(crate) ROWS_SOME => {
        sqlite: row_select!("WHERE +c.shop_id = $1 AND c.id IN (SELECT value FROM json_each($2))"),
        postgres: row_select!("WHERE c.shop_id = $1 AND c.id = ANY($2)"),
    };
    // Both lists name the conversation by its session too: from the few open sessions to their rows.
    pub(crate) ROWS_MINE = row_select!("WHERE c.shop_id = $1 AND c.id = s.conversation_id
          AND s.shop_id = $1 AND s.agent_id = $2 AND s.closed_at IS NULL
        ORDER BY +s.opened_at, s.id
        LIMIT $3");
    pub(crate) ROWS_QUEUE = row_select!("WHERE c.shop_id = $1 AND c.id = s.conversation_id
          AND s.shop_id = $1 AND s.agent_id IS NULL AND s.closed_at IS NULL
        ORDER BY +s.opened_at, s.id
        LIMIT $2");
    pub(crate) ROWS_ALL = row_select!("WHERE c.shop_id = $1 AND c.last_seq > 0 AND (c.last_at, c.id) < ($2, $3)
        ORDER BY c.last_at DESC, c.id DESC
        LIMIT $4");
    pub(crate) MARK_READ_STAFF = "UPDATE conversation
        SET staff_read_seq = CASE WHEN $3 > last_seq THEN last_seq WHEN $3 > staff_read_seq THEN $3 ELSE staff_read_seq END,
            unread = CASE WHEN $3 >= buyer_last_seq THEN 0 ELSE unread END
        WHERE shop_id = $1 AND id = $2
        RETURNING buyer_read_seq, staff_read_seq";
    pub(crate) MARK_READ_BUYER = "UPDATE conversation
        SET buyer_read_seq = CASE WHEN $3 > last_seq THEN last_seq WHEN $3 > buyer_read_seq THEN $3 ELSE buyer_read_seq END
        WHERE shop_id = $1 AND id = $2
        RETURNING buyer_read_seq, staff_read_seq";
    /// The sealed parts of a lane, to verify its chain.
    pub(crate) SEALS = "SELECT seq, at, kind, side, author_id, ref_seq, text, code, params, content, salt, digest, chain
        FROM entry
        WHERE shop_id = $1 AND conversation_id = $2 AND lane = $3 AND seq > $4
        ORDER BY seq
        LIMIT $5";
    /// SQLite would sort a whole shop for each page; the plus keeps it to the row ids.
    pub(crate) CONVERSATIONS_AFTER => {
        sqlite: "SELECT id, public_id, last_seq, chain, staff_seq, staff_chain
                 FROM conversation
                 WHERE +shop_id = $1 AND id > $2
                 ORDER BY id
                 LIMIT $3",
        postgres: "SELECT id, public_id, last_seq, chain, staff_seq, staff_chain
                   FROM conversation
                   WHERE shop_id = $1 AND id > $2
                   ORDER BY id
                   LIMIT $3",
    };
}

/// A line of the log as it is stored, its author's name beside it. The text is absent when recalled.
#[derive(Clone, Debug)]
pub struct StoredEntry {
    /// Which log.
    pub lane: Lane,
    /// Number in its lane.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What it is.
    pub kind: EntryKind,
    /// Who is behind a message.
    pub message: Option<MessageKind>,
    /// Which side wrote it.
    pub side: Side,
    /// The author's row.
    pub author_id: i64,
    /// The author's name, for agents.
    pub author_name: Option<String>,
    /// What was said.
    pub text: Option<String>,
    /// What it carries; absent when recalled.
    pub content: Option<Content>,
    /// Whether it was taken back.
    pub recalled: bool,
    /// What it takes back.
    pub ref_seq: Option<i64>,
    /// What happened.
    pub code: Option<String>,
    /// JSON object.
    pub params: Option<String>,
    /// The sender's own id.
    pub client_id: Option<String>,
    /// The session.
    pub session: Option<SessionId>,
}

/// Heads and marks of a conversation.
#[derive(Clone, Copy, Debug)]
pub struct Heads {
    /// Row.
    pub id: ConversationId,
    /// Id on the wire.
    pub public_id: PublicId,
    /// Whose it is.
    pub buyer: xiaoer_domain::id::BuyerId,
    /// Head of the buyer lane.
    pub last_seq: i64,
    /// Head of the staff lane.
    pub staff_seq: i64,
    /// How far the buyer has read.
    pub buyer_read_seq: i64,
    /// How far the shop has read.
    pub staff_read_seq: i64,
}

/// One conversation in a list.
#[derive(Clone, Debug)]
pub struct ListRow {
    /// Row.
    pub id: ConversationId,
    /// Id on the wire.
    pub public_id: PublicId,
    /// Its buyer.
    pub buyer: super::people::Buyer,
    /// Heads and marks.
    pub last_seq: i64,
    /// Head of the staff lane.
    pub staff_seq: i64,
    /// Messages of the buyer that the shop has not read.
    pub unread: i64,
    /// How far the buyer has read.
    pub buyer_read_seq: i64,
    /// How far the shop has read.
    pub staff_read_seq: i64,
    /// Time of the last line.
    pub last_at: Timestamp,
    /// Its last line.
    pub last: Option<LastLine>,
    /// Its latest session.
    pub session: Option<ListSession>,
    /// State and time of the buyer's latest order.
    pub latest_order: Option<(OrderState, Timestamp)>,
    /// Nobody was on duty, and nobody has taken it since.
    pub is_left_message: bool,
    /// How the buyer is received.
    pub priority: Priority,
    /// Tags by name; like what follows, absent until [`beside`] has read it.
    pub tags: Vec<(TagId, String)>,
    /// Who is asked to take it over.
    pub transfer: Option<super::transfer::Offered>,
    /// Who joined the session.
    pub helpers: Vec<super::transfer::Helper>,
}

/// The last line that somebody said or took back; what the shop says by itself is none.
#[derive(Clone, Debug)]
pub struct LastLine {
    /// Its number.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Which side.
    pub side: Side,
    /// What it is.
    pub kind: EntryKind,
    /// Beginning of the text.
    pub text: Option<String>,
    /// The word for the kind of what it carries.
    pub content: Option<&'static str>,
}

/// The latest session of a conversation in a list.
#[derive(Clone, Debug)]
pub struct ListSession {
    /// Row.
    pub id: SessionId,
    /// Who has it.
    pub agent: Option<(AccountId, String)>,
    /// When it opened.
    pub opened_at: Timestamp,
    /// The buyer's first unanswered line.
    pub waiting_since: Option<Timestamp>,
    /// Whether it is over.
    pub closed: bool,
    /// Why this agent, or what it queues for: code and JSON parameters.
    pub why: Option<(String, String)>,
    /// When the buyer left the queue, who has not returned since.
    pub left_at: Option<Timestamp>,
    /// Until when the agent looks into something.
    pub checking_until: Option<Timestamp>,
}

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// Open sessions of one agent.
    Mine(AccountId),
    /// Open sessions of nobody.
    Queue,
    /// Everything before this moment and row, newest first.
    All(Timestamp, ConversationId),
}

/// The page of a lane after a number, in order.
pub async fn entries_after(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    lane: Lane,
    after: i64,
    limit: i64,
) -> Result<Vec<StoredEntry>, StoreError> {
    let rows = tx.all(ENTRIES_AFTER, args![shop, conversation, lane.code(), after, limit]).await?;
    rows.iter().map(read_entry).collect()
}

/// The page of a lane that ends before a number, in order.
pub async fn entries_before(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    lane: Lane,
    before: i64,
    limit: i64,
) -> Result<Vec<StoredEntry>, StoreError> {
    let rows =
        tx.all(ENTRIES_BEFORE, args![shop, conversation, lane.code(), before, limit]).await?;
    rows.iter().rev().map(read_entry).collect()
}

/// Heads and marks, if the shop has this conversation.
pub async fn heads(
    tx: &mut Tx,
    shop: ShopId,
    id: ConversationId,
) -> Result<Option<Heads>, StoreError> {
    tx.opt(HEADS, args![shop, id]).await?.as_ref().map(read_heads).transpose()
}

/// Heads and marks of those of these conversations that the shop has, in no order.
pub async fn heads_of(
    tx: &mut Tx,
    shop: ShopId,
    ids: Vec<ConversationId>,
) -> Result<Vec<Heads>, StoreError> {
    tx.all(HEADS_SOME, args![shop, ids]).await?.iter().map(read_heads).collect()
}

fn read_heads(row: &Row) -> Result<Heads, StoreError> {
    Ok(Heads {
        id: row.get("id")?,
        public_id: row.get("public_id")?,
        buyer: row.get("buyer_id")?,
        last_seq: row.get("last_seq")?,
        staff_seq: row.get("staff_seq")?,
        buyer_read_seq: row.get("buyer_read_seq")?,
        staff_read_seq: row.get("staff_read_seq")?,
    })
}

/// The row of a conversation named on the wire.
pub async fn find(
    tx: &mut Tx,
    shop: ShopId,
    public_id: PublicId,
) -> Result<Option<ConversationId>, StoreError> {
    let row = tx.opt(FIND_BY_PUBLIC, args![shop, public_id]).await?;
    row.map(|row| row.get("id")).transpose()
}

/// One conversation as lists show it.
pub async fn row(
    tx: &mut Tx,
    shop: ShopId,
    id: ConversationId,
) -> Result<Option<ListRow>, StoreError> {
    let row = tx.opt(ROW_ONE, args![shop, id]).await?;
    row.as_ref().map(read_row).transpose()
}

/// These conversations as lists show them, in no order. One that does not exist in this shop is missing in the answer.
pub async fn rows_of(
    tx: &mut Tx,
    shop: ShopId,
    ids: Vec<ConversationId>,
) -> Result<Vec<ListRow>, StoreError> {
    tx.all(ROWS_SOME, args![shop, ids]).await?.iter().map(read_row).collect()
}

/// A page of a list.
pub async fn rows(
    tx: &mut Tx,
    shop: ShopId,
    list: List,
    limit: i64,
) -> Result<Vec<ListRow>, StoreError> {
    let rows = match list {
        List::Mine(agent) => tx.all(ROWS_MINE, args![shop, agent, limit]).await?,
        List::Queue => tx.all(ROWS_QUEUE, args![shop, limit]).await?,
        List::All(before, id) => tx.all(ROWS_ALL, args![shop, before, id, limit]).await?,
    };
    rows.iter().map(read_row).collect()
}

/// Reads what stands beside rows of a list: tags, transfers, helpers.
pub async fn beside(tx: &mut Tx, shop: ShopId, rows: &mut [ListRow]) -> Result<(), StoreError> {
    super::bulk::add_tags(tx, shop, rows).await?;
    super::transfer::add_to(tx, shop, rows).await
}

/// Moves a side's read mark forward, never back and never past the head. Gives (buyer, staff).
pub async fn mark_read(
    tx: &mut Tx,
    shop: ShopId,
    id: ConversationId,
    by_staff: bool,
    seq: i64,
) -> Result<(i64, i64), StoreError> {
    let sql = if by_staff { MARK_READ_STAFF } else { MARK_READ_BUYER };
    let row = tx.one(sql, args![shop, id, seq]).await?;
    Ok((row.get("buyer_read_seq")?, row.get("staff_read_seq")?))
}

/// The sealed parts of an entry.
#[derive(Clone, Debug)]
pub struct Seal {
    /// Number in its lane.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What it is.
    pub kind: EntryKind,
    /// Who wrote it.
    pub author: xiaoer_domain::chat::Author,
    /// What it speaks of.
    pub ref_seq: Option<i64>,
    /// What was said.
    pub text: Option<String>,
    /// What happened.
    pub code: Option<String>,
    /// Values, as sealed.
    pub params: Option<String>,
    /// What it carries, as sealed.
    pub content: Option<String>,
    /// Salt.
    pub salt: [u8; 16],
    /// Digest.
    pub digest: [u8; 32],
    /// Chain.
    pub chain: [u8; 32],
}

/// A page of a lane's sealed parts.
pub async fn seals(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    lane: Lane,
    after: i64,
    limit: i64,
) -> Result<Vec<Seal>, StoreError> {
    let rows = tx.all(SEALS, args![shop, conversation, lane.code(), after, limit]).await?;
    rows.iter()
        .map(|row| {
            let side = coded(row, "side", Side::from_code)?;
            Ok(Seal {
                seq: row.get("seq")?,
                at: row.get("at")?,
                kind: coded(row, "kind", EntryKind::from_code)?,
                author: xiaoer_domain::chat::Author::from_parts(side, row.get("author_id")?),
                ref_seq: row.get("ref_seq")?,
                text: row.get("text")?,
                code: row.get("code")?,
                params: row.get("params")?,
                content: row.get("content")?,
                salt: super::load::bytes(row, "salt")?,
                digest: super::load::bytes(row, "digest")?,
                chain: super::load::bytes(row, "chain")?,
            })
        })
        .collect()
}

/// A conversation's heads as sealed: (row, public id, [(last number, chain); lanes]).
pub type SealedHeads = (ConversationId, PublicId, [(i64, [u8; 32]); 2]);

/// Conversations of a shop by key, with the heads that their chains must end in.
pub async fn sealed_heads(
    tx: &mut Tx,
    shop: ShopId,
    after: ConversationId,
    limit: i64,
) -> Result<Vec<SealedHeads>, StoreError> {
    let rows = tx.all(CONVERSATIONS_AFTER, args![shop, after, limit]).await?;
    rows.iter()
        .map(|row| {
            let buyer = (row.get("last_seq")?, super::load::bytes(row, "chain")?);
            let staff = (row.get("staff_seq")?, super::load::bytes(row, "staff_chain")?);
            Ok((row.get("id")?, row.get("public_id")?, [buyer, staff]))
        })
        .collect()
}

pub(crate) fn read_entry(row: &Row) -> Result<StoredEntry, StoreError> {
    let message: Option<i64> = row.get("message")?;
    let recalled_by: Option<i64> = row.get("recalled_by")?;
    Ok(StoredEntry {
        lane: coded(row, "lane", Lane::from_code)?,
        seq: row.get("seq")?,
        at: row.get("at")?,
        kind: coded(row, "kind", EntryKind::from_code)?,
        message: message.and_then(MessageKind::from_code),
        side: coded(row, "side", Side::from_code)?,
        author_id: row.get("author_id")?,
        author_name: row.get("author_name")?,
        text: row.get("text")?,
        content: super::content::read(row, "content")?,
        recalled: recalled_by.is_some(),
        ref_seq: row.get("ref_seq")?,
        code: row.get("code")?,
        params: row.get("params")?,
        client_id: row.get("client_id")?,
        session: row.get("session_id")?,
    })
}

fn read_row(row: &Row) -> Result<ListRow, StoreError> {
    let last_side: Option<i64> = row.get("last_side")?;
    let shown: Option<String> = row.get("last_content")?;
    let last = match last_side {
        None => None,
        Some(_) => Some(LastLine {
            side: coded(row, "last_side", Side::from_code)?,
            seq: row.get("said_seq")?,
            at: row.get("said_at")?,
            kind: coded(row, "last_kind", EntryKind::from_code)?,
            text: row.get("last_text")?,
            content: shown.as_deref().and_then(super::content::word_of),
        }),
    };
    Ok(ListRow {
        id: row.get("id")?,
        public_id: row.get("public_id")?,
        buyer: super::people::Buyer {
            id: row.get("buyer_id")?,
            public_id: row.get("buyer_public")?,
            name: row.get("buyer_name")?,
            reference: row.get("buyer_ref")?,
        },
        last_seq: row.get("last_seq")?,
        staff_seq: row.get("staff_seq")?,
        unread: row.get("unread")?,
        buyer_read_seq: row.get("buyer_read_seq")?,
        staff_read_seq: row.get("staff_read_seq")?,
        last_at: row.get("last_at")?,
        last,
        session: read_session(row)?,
        latest_order: read_order(row)?,
        is_left_message: row.get::<Option<i64>>("left_id")?.is_some(),
        priority: row
            .get::<Option<i64>>("buyer_priority")?
            .and_then(Priority::from_code)
            .unwrap_or(Priority::Normal),
        tags: Vec::new(),
        transfer: None,
        helpers: Vec::new(),
    })
}

fn read_order(row: &Row) -> Result<Option<(OrderState, Timestamp)>, StoreError> {
    let state: Option<String> = row.get("order_state")?;
    let placed_at: Option<Timestamp> = row.get("order_placed_at")?;
    Ok(state.as_deref().and_then(OrderState::from_word).zip(placed_at))
}

fn read_session(row: &Row) -> Result<Option<ListSession>, StoreError> {
    let Some(id) = row.get("session_id")? else { return Ok(None) };
    let closed_at: Option<Timestamp> = row.get("closed_at")?;
    let agent: Option<AccountId> = row.get("agent_id")?;
    let name: Option<String> = row.get("agent_name")?;
    let why_code: Option<String> = row.get("why_code")?;
    let why_params: Option<String> = row.get("why_params")?;
    let queue_code: Option<String> = row.get("queue_code")?;
    Ok(Some(ListSession {
        id,
        agent: agent.zip(name),
        opened_at: row.get("opened_at")?,
        waiting_since: row.get("waiting_since")?,
        closed: closed_at.is_some(),
        why: queue_code.map(|code| (code, "{}".to_owned())).or_else(|| why_code.zip(why_params)),
        left_at: row.get("abandoned_at")?,
        checking_until: row.get("checking_until")?,
    }))
}
