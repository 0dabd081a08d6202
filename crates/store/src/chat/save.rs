//! Saving what moves made, as sets: the declared dialect island. SQLite takes rows of values in statements of
//! 32, 8 and 1 rows (bound values are the cheapest carrier); PostgreSQL takes one array a column.

use xiaoer_domain::chat::{Entry, EntryKind, Session, SessionRef, Talk};
use xiaoer_domain::id::{ConversationId, SessionId, ShopId};
use xiaoer_domain::time::Timestamp;

use crate::{Args, Dialect, Sql, StoreError, Tx, Value, args, statements};

/// `row` repeated 8 times, with commas.
macro_rules! rows8 {
    ($row:literal) => {
        concat!($row, ",", $row, ",", $row, ",", $row, ",", $row, ",", $row, ",", $row, ",", $row)
    };
}

/// `row` repeated 32 times, with commas.
macro_rules! rows32 {
    ($row:literal) => {
        concat!(rows8!($row), ",", rows8!($row), ",", rows8!($row), ",", rows8!($row))
    };
}

macro_rules! entry_columns {
    () => {
        "INSERT INTO entry (shop_id, conversation_id, lane, seq, at, kind, message, side, author_id, session_id,
           client_id, text, code, params, ref_seq, salt, digest, chain) "
    };
}

macro_rules! journal_columns {
    () => {
        "INSERT INTO journal (xid, shop_id, at, kind, version, facts) "
    };
}

macro_rules! update_conversation {
    ($rows:expr) => {
        concat!(
            "WITH v (id, last_seq, last_at, chain, staff_seq, staff_at, staff_chain, buyer_last_seq,
               buyer_read_seq, staff_read_seq, unread, session_id) AS (VALUES ",
            $rows,
            ") UPDATE conversation
             SET last_seq = v.last_seq, last_at = v.last_at, chain = v.chain,
               staff_seq = v.staff_seq, staff_at = v.staff_at, staff_chain = v.staff_chain,
               buyer_last_seq = v.buyer_last_seq, buyer_read_seq = v.buyer_read_seq,
               staff_read_seq = v.staff_read_seq, unread = v.unread, session_id = v.session_id
             FROM v
             WHERE conversation.shop_id = ? AND conversation.id = v.id"
        )
    };
}

macro_rules! update_session {
    ($rows:expr) => {
        concat!(
            "WITH v (id, agent_id, accepted_at, waiting_since, step, quiet_since, seat_freed_at, closed_at,
               close_reason, why_code, why_params) AS (VALUES ",
            $rows,
            ") UPDATE session
             SET agent_id = v.agent_id, accepted_at = v.accepted_at, waiting_since = v.waiting_since,
               step = v.step, quiet_since = v.quiet_since, seat_freed_at = v.seat_freed_at,
               closed_at = v.closed_at, close_reason = v.close_reason,
               why_code = COALESCE(v.why_code, session.why_code),
               why_params = COALESCE(v.why_params, session.why_params)
             FROM v
             WHERE session.shop_id = ? AND session.id = v.id"
        )
    };
}

statements! {
    pub(crate) INSERT_SESSION = "INSERT INTO session (shop_id, conversation_id, agent_id, opened_at, accepted_at,
            waiting_since, step, quiet_since, seat_freed_at, closed_at, close_reason, why_code, why_params)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        RETURNING id";
    pub(crate) MARK_RECALLED = "UPDATE entry
        SET recalled_by = $5
        WHERE shop_id = $1 AND conversation_id = $2 AND lane = $3 AND seq = $4 AND recalled_by IS NULL";
    pub(crate) ENTRIES_1 => {
        sqlite: concat!(entry_columns!(), "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"),
        postgres: concat!(entry_columns!(), "SELECT $1::bigint, v.* FROM unnest($2::bigint[], $3::bigint[], $4::bigint[],
            $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::text[],
            $12::text[], $13::text[], $14::text[], $15::bigint[], $16::bytea[], $17::bytea[], $18::bytea[]) AS v"),
    };
    pub(crate) ENTRIES_8 => {
        sqlite: concat!(entry_columns!(), "VALUES ", rows8!("(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")),
        postgres: "SELECT 1 FROM shop WHERE id = 0",
    }, installation: "binds the shop in each row";
    pub(crate) ENTRIES_32 => {
        sqlite: concat!(entry_columns!(), "VALUES ", rows32!("(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")),
        postgres: "SELECT 1 FROM shop WHERE id = 0",
    }, installation: "binds the shop in each row";
    pub(crate) CONVERSATIONS_1 => {
        sqlite: update_conversation!("(?,?,?,?,?,?,?,?,?,?,?,?)"),
        postgres: "UPDATE conversation AS c
             SET last_seq = v.last_seq, last_at = v.last_at, chain = v.chain,
               staff_seq = v.staff_seq, staff_at = v.staff_at, staff_chain = v.staff_chain,
               buyer_last_seq = v.buyer_last_seq, buyer_read_seq = v.buyer_read_seq,
               staff_read_seq = v.staff_read_seq, unread = v.unread, session_id = v.session_id
             FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[], $5::bigint[], $6::bigint[],
               $7::bytea[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[])
               AS v (id, last_seq, last_at, chain, staff_seq, staff_at, staff_chain, buyer_last_seq,
                 buyer_read_seq, staff_read_seq, unread, session_id)
             WHERE c.shop_id = $13 AND c.id = v.id",
    };
    pub(crate) CONVERSATIONS_8 => {
        sqlite: update_conversation!(rows8!("(?,?,?,?,?,?,?,?,?,?,?,?)")),
        postgres: "SELECT 1 FROM shop WHERE id = 0",
    };
    pub(crate) CONVERSATIONS_32 => {
        sqlite: update_conversation!(rows32!("(?,?,?,?,?,?,?,?,?,?,?,?)")),
        postgres: "SELECT 1 FROM shop WHERE id = 0",
    };
    pub(crate) SESSIONS_1 => {
        sqlite: update_session!("(?,?,?,?,?,?,?,?,?,?,?)"),
        postgres: "UPDATE session AS s
             SET agent_id = v.agent_id, accepted_at = v.accepted_at, waiting_since = v.waiting_since,
               step = v.step, quiet_since = v.quiet_since, seat_freed_at = v.seat_freed_at,
               closed_at = v.closed_at, close_reason = v.close_reason,
               why_code = COALESCE(v.why_code, s.why_code),
               why_params = COALESCE(v.why_params, s.why_params)
             FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
               $7::bigint[], $8::bigint[], $9::text[], $10::text[], $11::text[])
               AS v (id, agent_id, accepted_at, waiting_since, step, quiet_since, seat_freed_at, closed_at,
                 close_reason, why_code, why_params)
             WHERE s.shop_id = $12 AND s.id = v.id",
    };
    pub(crate) SESSIONS_8 => {
        sqlite: update_session!(rows8!("(?,?,?,?,?,?,?,?,?,?,?)")),
        postgres: "SELECT 1 FROM shop WHERE id = 0",
    };
    pub(crate) SESSIONS_32 => {
        sqlite: update_session!(rows32!("(?,?,?,?,?,?,?,?,?,?,?)")),
        postgres: "SELECT 1 FROM shop WHERE id = 0",
    };
    pub(crate) JOURNAL_1 => {
        sqlite: concat!(journal_columns!(), "VALUES (0,?,?,?,?,?)"),
        postgres: concat!(journal_columns!(), "SELECT CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT), $1::bigint, v.*
            FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::text[]) AS v"),
    };
    pub(crate) JOURNAL_8 => {
        sqlite: concat!(journal_columns!(), "VALUES ", rows8!("(0,?,?,?,?,?)")),
        postgres: "SELECT 1 FROM shop WHERE id = 0",
    }, installation: "binds the shop in each row";
    pub(crate) JOURNAL_32 => {
        sqlite: concat!(journal_columns!(), "VALUES ", rows32!("(0,?,?,?,?,?)")),
        postgres: "SELECT 1 FROM shop WHERE id = 0",
    }, installation: "binds the shop in each row";
}

/// A statement in its three sizes, and whether the shop is bound once after the rows.
struct Sized {
    one: Sql,
    eight: Sql,
    thirty_two: Sql,
    shop_last: bool,
}

const ENTRIES: Sized =
    Sized { one: ENTRIES_1, eight: ENTRIES_8, thirty_two: ENTRIES_32, shop_last: false };
const CONVERSATIONS: Sized = Sized {
    one: CONVERSATIONS_1,
    eight: CONVERSATIONS_8,
    thirty_two: CONVERSATIONS_32,
    shop_last: true,
};
const SESSIONS: Sized =
    Sized { one: SESSIONS_1, eight: SESSIONS_8, thirty_two: SESSIONS_32, shop_last: true };
const JOURNAL: Sized =
    Sized { one: JOURNAL_1, eight: JOURNAL_8, thirty_two: JOURNAL_32, shop_last: false };

/// A line of the journal before it has a number.
#[derive(Clone, Debug)]
pub struct Fact {
    /// When.
    pub at: Timestamp,
    /// Which kind.
    pub kind: &'static str,
    /// Version of the shape of `json`.
    pub version: i64,
    /// Ids only, as a JSON object.
    pub json: String,
}

/// What moves made in some conversations of a shop.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// Changed conversations.
    pub talks: Vec<Talk>,
    /// New entries, in order.
    pub entries: Vec<(ConversationId, Entry)>,
}

/// Stores a session that opened in this transaction.
pub async fn insert_session(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    session: &Session,
) -> Result<SessionId, StoreError> {
    let why = session.why.as_ref();
    let row = tx
        .one(
            INSERT_SESSION,
            args![
                shop,
                conversation,
                session.agent,
                session.opened_at,
                session.accepted_at,
                session.waiting_since,
                session.step,
                session.quiet_since,
                session.seat_freed_at,
                session.closed.map(|(at, _)| at),
                session.closed.map(|(_, reason)| reason.word()),
                why.map(|w| w.code),
                why.map(xiaoer_domain::coded::Coded::params_json),
            ],
        )
        .await?;
    row.get("id")
}

/// Stores the sessions that opened, and writes their ids into the conversations and entries.
pub async fn new_sessions(tx: &mut Tx, shop: ShopId, made: &mut Made) -> Result<(), StoreError> {
    for talk in &mut made.talks {
        let Some(session) = talk.session.as_mut().filter(|s| s.id.is_none()) else { continue };
        let id = insert_session(tx, shop, talk.id, session).await?;
        session.id = Some(id);
        // Stored as a whole just now: the set of changed sessions need not hold it again.
        session.why = None;
        let news = made.entries.iter_mut().filter(|(conversation, _)| *conversation == talk.id);
        for (_, entry) in news.filter(|(_, entry)| entry.session == SessionRef::New) {
            entry.session = SessionRef::Stored(id);
        }
    }
    Ok(())
}

/// Stores everything that moves made; [`new_sessions`] ran before.
pub async fn made(tx: &mut Tx, shop: ShopId, made: &Made) -> Result<(), StoreError> {
    let rows =
        made.entries.iter().map(|(conversation, entry)| entry_values(shop, *conversation, entry));
    sized(tx, shop, &ENTRIES, rows.collect()).await?;
    for (conversation, entry) in made.entries.iter().filter(|(_, e)| e.kind == EntryKind::Recall) {
        tx.exec(
            MARK_RECALLED,
            args![shop, *conversation, entry.lane.code(), entry.ref_seq, entry.seq],
        )
        .await?;
    }
    let sessions = made.talks.iter().filter_map(|talk| talk.session.as_ref()).map(session_values);
    sized(tx, shop, &SESSIONS, sessions.collect()).await?;
    sized(tx, shop, &CONVERSATIONS, made.talks.iter().map(talk_values).collect()).await
}

/// Appends lines to the journal.
pub async fn facts(tx: &mut Tx, shop: ShopId, facts: &[Fact]) -> Result<(), StoreError> {
    let rows =
        facts.iter().map(|f| args![shop, f.at, f.kind, f.version, f.json.as_str()]).collect();
    sized(tx, shop, &JOURNAL, rows).await
}

fn entry_values(shop: ShopId, conversation: ConversationId, e: &Entry) -> Args {
    let session = match e.session {
        SessionRef::Stored(id) => Some(id),
        SessionRef::None | SessionRef::New => None,
    };
    debug_assert!(e.session != SessionRef::New, "a new session is stored before its entries");
    let notice = e.notice.as_ref();
    args![
        shop,
        conversation,
        e.lane.code(),
        e.seq,
        e.at,
        e.kind.code(),
        e.message.map(xiaoer_domain::chat::MessageKind::code),
        e.author.side().code(),
        e.author.row_id(),
        session,
        e.client_id.as_ref().map(xiaoer_domain::chat::ClientId::as_str),
        e.text.as_deref(),
        notice.map(|n| n.code),
        notice.map(xiaoer_domain::coded::Coded::params_json),
        e.ref_seq,
        e.salt,
        e.digest,
        e.chain,
    ]
}

fn talk_values(talk: &Talk) -> Args {
    args![
        talk.id,
        talk.head.seq,
        talk.head.at,
        talk.head.chain,
        talk.staff_head.seq,
        talk.staff_head.at,
        talk.staff_head.chain,
        talk.buyer_last_seq,
        talk.buyer_read_seq,
        talk.staff_read_seq,
        talk.unread,
        talk.session.as_ref().and_then(|s| s.id),
    ]
}

fn session_values(session: &Session) -> Args {
    let why = session.why.as_ref();
    args![
        session.id,
        session.agent,
        session.accepted_at,
        session.waiting_since,
        session.step,
        session.quiet_since,
        session.seat_freed_at,
        session.closed.map(|(at, _)| at),
        session.closed.map(|(_, reason)| reason.word()),
        why.map(|w| w.code),
        why.map(xiaoer_domain::coded::Coded::params_json),
    ]
}

/// Runs a sized statement over rows of values.
async fn sized(tx: &mut Tx, shop: ShopId, sql: &Sized, rows: Vec<Args>) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    if tx.dialect() == Dialect::Postgres {
        return tx.exec(sql.one, columns(shop, sql, rows)).await.map(|_| ());
    }
    let mut rows = rows.into_iter();
    while rows.len() > 0 {
        let (statement, take) = match rows.len() {
            32.. => (sql.thirty_two, 32),
            8..32 => (sql.eight, 8),
            _ => (sql.one, 1),
        };
        let mut values: Args = rows.by_ref().take(take).flatten().collect();
        if sql.shop_last {
            values.push(shop.into());
        }
        tx.exec(statement, values).await?;
    }
    Ok(())
}

/// Turns rows into one array a column. The shop is one value: first, instead of the rows' own, or last.
fn columns(shop: ShopId, sql: &Sized, rows: Vec<Args>) -> Args {
    let mut columns: Args = Vec::new();
    for row in rows {
        let cells = row.into_iter().skip(usize::from(!sql.shop_last));
        if columns.is_empty() {
            columns = cells.map(array_of).collect();
        } else {
            columns.iter_mut().zip(cells).for_each(|(column, cell)| push(column, cell));
        }
    }
    if sql.shop_last {
        columns.push(shop.into());
    } else {
        columns.insert(0, shop.into());
    }
    columns
}

fn array_of(cell: Value) -> Value {
    match cell {
        Value::Int(v) => Value::Ints(vec![v]),
        Value::Text(v) => Value::Texts(vec![v]),
        Value::Blob(v) => Value::Blobs(vec![v]),
        Value::Bool(v) => Value::Bools(vec![v]),
        array => array,
    }
}

fn push(column: &mut Value, cell: Value) {
    match (column, cell) {
        (Value::Ints(column), Value::Int(v)) => column.push(v),
        (Value::Texts(column), Value::Text(v)) => column.push(v),
        (Value::Blobs(column), Value::Blob(v)) => column.push(v),
        (Value::Bools(column), Value::Bool(v)) => column.push(v),
        (column, cell) => debug_assert!(false, "rows differ in kind: {column:?} {cell:?}"),
    }
}
