//! Saving what moves made, as sets: the declared dialect island. Everything goes in one call, because each one is a
//! change of threads (SQLite) or a round trip (PostgreSQL). SQLite takes rows of values, filled up with rows of NULL to
//! one of three sizes (bound values are the cheapest carrier); PostgreSQL takes one array a column.

use xiaoer_domain::chat::{Entry, EntryKind, Session, SessionRef, Talk};
use xiaoer_domain::id::{ConversationId, SessionId, ShopId};
use xiaoer_domain::time::Timestamp;

use crate::{Args, Dialect, Sql, StoreError, Tx, Value, args, journal, statements};

/// `row` twice, with a comma.
macro_rules! rows2 {
    ($row:literal) => {
        concat!($row, ",", $row)
    };
}

/// `row` repeated 8 times, with commas.
macro_rules! rows8 {
    ($row:literal) => {
        concat!(rows2!($row), ",", rows2!($row), ",", rows2!($row), ",", rows2!($row))
    };
}

/// `row` repeated 32 times, with commas.
macro_rules! rows32 {
    ($row:literal) => {
        concat!(rows8!($row), ",", rows8!($row), ",", rows8!($row), ",", rows8!($row))
    };
}

/// SQLite: four statements in one text, each over so many rows. A row without its first value is a filler.
macro_rules! changes {
    ($rows:ident) => {
        concat!(
            "WITH v (id, last_seq, last_at, chain, staff_seq, staff_at, staff_chain, buyer_last_seq,
               buyer_read_seq, staff_read_seq, unread, session_id) AS (VALUES ",
            $rows!("(?,?,?,?,?,?,?,?,?,?,?,?)"),
            ") UPDATE conversation
             SET last_seq = v.last_seq, last_at = v.last_at, chain = v.chain,
               staff_seq = v.staff_seq, staff_at = v.staff_at, staff_chain = v.staff_chain,
               buyer_last_seq = v.buyer_last_seq, buyer_read_seq = v.buyer_read_seq,
               staff_read_seq = v.staff_read_seq, unread = v.unread, session_id = v.session_id
             FROM v
             WHERE conversation.shop_id = ? AND conversation.id = v.id;
             WITH v (id, agent_id, accepted_at, waiting_since, step, quiet_since, seat_freed_at, closed_at,
               close_reason, why_code, why_params) AS (VALUES ",
            $rows!("(?,?,?,?,?,?,?,?,?,?,?)"),
            ") UPDATE session
             SET agent_id = v.agent_id, accepted_at = v.accepted_at, waiting_since = v.waiting_since,
               step = v.step, quiet_since = v.quiet_since, seat_freed_at = v.seat_freed_at,
               closed_at = v.closed_at, close_reason = v.close_reason,
               why_code = COALESCE(v.why_code, session.why_code),
               why_params = COALESCE(v.why_params, session.why_params)
             FROM v
             WHERE session.shop_id = ? AND session.id = v.id;
             INSERT INTO entry (conversation_id, lane, seq, at, kind, message, side, author_id, session_id,
               client_id, text, code, params, ref_seq, salt, digest, chain, content, shop_id)
             SELECT *, ?
             FROM (VALUES ",
            $rows!("(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"),
            ")
             WHERE column1 IS NOT NULL;
             INSERT INTO journal (at, kind, version, facts, xid, shop_id)
             SELECT *, 0, ?
             FROM (VALUES ",
            $rows!("(?,?,?,?)"),
            ")
             WHERE column1 IS NOT NULL"
        )
    };
}

/// What stands in for the SQLite sizes on PostgreSQL, where one statement takes any number of rows.
macro_rules! unused {
    () => {
        "SELECT 1 FROM shop WHERE id = 0"
    };
}

statements! {
    pub(crate) INSERT_SESSION = "INSERT INTO session (shop_id, conversation_id, agent_id, opened_at, accepted_at,
            waiting_since, step, quiet_since, seat_freed_at, closed_at, close_reason, why_code, why_params, group_id,
            priority, queued_since)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        RETURNING id";
    pub(crate) MARK_RECALLED = "UPDATE entry
        SET recalled_by = $5
        WHERE shop_id = $1 AND conversation_id = $2 AND lane = $3 AND seq = $4 AND recalled_by IS NULL";
    /// On PostgreSQL all four parts see the same moment and run once each.
    pub(crate) CHANGES_2 => {
        sqlite: changes!(rows2),
        postgres: "WITH talks AS (
               UPDATE conversation AS c
               SET last_seq = v.last_seq, last_at = v.last_at, chain = v.chain,
                 staff_seq = v.staff_seq, staff_at = v.staff_at, staff_chain = v.staff_chain,
                 buyer_last_seq = v.buyer_last_seq, buyer_read_seq = v.buyer_read_seq,
                 staff_read_seq = v.staff_read_seq, unread = v.unread, session_id = v.session_id
               FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[], $5::bigint[], $6::bigint[],
                 $7::bytea[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[])
                 AS v (id, last_seq, last_at, chain, staff_seq, staff_at, staff_chain, buyer_last_seq,
                   buyer_read_seq, staff_read_seq, unread, session_id)
               WHERE c.shop_id = $13 AND c.id = v.id
             ), sessions AS (
               UPDATE session AS s
               SET agent_id = v.agent_id, accepted_at = v.accepted_at, waiting_since = v.waiting_since,
                 step = v.step, quiet_since = v.quiet_since, seat_freed_at = v.seat_freed_at,
                 closed_at = v.closed_at, close_reason = v.close_reason,
                 why_code = COALESCE(v.why_code, s.why_code),
                 why_params = COALESCE(v.why_params, s.why_params)
               FROM unnest($14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[],
                 $20::bigint[], $21::bigint[], $22::text[], $23::text[], $24::text[])
                 AS v (id, agent_id, accepted_at, waiting_since, step, quiet_since, seat_freed_at, closed_at,
                   close_reason, why_code, why_params)
               WHERE s.shop_id = $25 AND s.id = v.id
             ), entries AS (
               INSERT INTO entry (conversation_id, lane, seq, at, kind, message, side, author_id, session_id,
                 client_id, text, code, params, ref_seq, salt, digest, chain, content, shop_id)
               SELECT v.*, $26::bigint
               FROM unnest($27::bigint[], $28::bigint[], $29::bigint[], $30::bigint[], $31::bigint[],
                 $32::bigint[], $33::bigint[], $34::bigint[], $35::bigint[], $36::text[], $37::text[], $38::text[],
                 $39::text[], $40::bigint[], $41::bytea[], $42::bytea[], $43::bytea[], $44::text[])
                 AS v (conversation_id)
               WHERE v.conversation_id IS NOT NULL
             )
             INSERT INTO journal (at, kind, version, facts, xid, shop_id)
             SELECT v.*, CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT), $45::bigint
             FROM unnest($46::bigint[], $47::text[], $48::bigint[], $49::text[]) AS v (at)
             WHERE v.at IS NOT NULL",
    };
    pub(crate) CHANGES_8 => { sqlite: changes!(rows8), postgres: unused!() };
    pub(crate) CHANGES_32 => { sqlite: changes!(rows32), postgres: unused!() };
}

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
                session.group,
                session.priority.code(),
                session.queued_since,
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

/// Stores everything that moves made and tells the journal; [`new_sessions`] ran before.
pub async fn made(
    tx: &mut Tx,
    shop: ShopId,
    made: &Made,
    facts: &[Fact],
) -> Result<(), StoreError> {
    let sessions = made.talks.iter().filter_map(|talk| talk.session.as_ref());
    let entries =
        made.entries.iter().map(|(conversation, entry)| entry_values(*conversation, entry));
    let mut parts = [
        Part { rows: made.talks.iter().map(talk_values).collect(), filler: no_talk },
        Part { rows: sessions.map(session_values).collect(), filler: no_session },
        Part { rows: entries.collect(), filler: no_entry },
        Part { rows: facts.iter().map(fact_values).collect(), filler: no_fact },
    ];
    match tx.dialect() {
        Dialect::Postgres => {
            let [talks, sessions, entries, facts] = parts.map(columns);
            let shop = || std::iter::once(Value::from(shop));
            let talks = talks.into_iter().chain(shop()).chain(sessions).chain(shop());
            let all = talks.chain(shop()).chain(entries).chain(shop()).chain(facts);
            tx.exec(CHANGES_2, all.collect()).await?;
        }
        Dialect::Sqlite => {
            while parts.iter().any(|part| !part.rows.is_empty()) {
                let (sql, args) = next_changes(shop, &mut parts);
                tx.exec(sql, args).await?;
            }
        }
    }
    for (conversation, entry) in made.entries.iter().filter(|(_, e)| e.kind == EntryKind::Recall) {
        tx.exec(
            MARK_RECALLED,
            args![shop, *conversation, entry.lane.code(), entry.ref_seq, entry.seq],
        )
        .await?;
    }
    Ok(())
}

/// Appends lines to the journal.
pub async fn facts(tx: &mut Tx, shop: ShopId, facts: &[Fact]) -> Result<(), StoreError> {
    for fact in facts {
        journal::append(tx, shop, fact.at, fact.kind, fact.version, fact.json.clone()).await?;
    }
    Ok(())
}

/// Rows of one of the four parts, and what fills them up: a row of the same kinds that changes nothing.
struct Part {
    rows: Vec<Args>,
    filler: fn() -> Args,
}

/// The statement of the smallest size that holds what is left, or the greatest, with its values.
fn next_changes(shop: ShopId, parts: &mut [Part; 4]) -> (Sql, Args) {
    let most = parts.iter().map(|part| part.rows.len()).max().unwrap_or(0);
    let (sql, size) = match most {
        ..=2 => (CHANGES_2, 2),
        3..=8 => (CHANGES_8, 8),
        _ => (CHANGES_32, 32),
    };
    let mut args = Args::new();
    for (at, part) in parts.iter_mut().enumerate() {
        let is_insert = at >= 2;
        if is_insert {
            args.push(shop.into());
        }
        let taken = size.min(part.rows.len());
        args.extend(part.rows.drain(..taken).flatten());
        (taken..size).for_each(|_| args.extend((part.filler)()));
        if !is_insert {
            args.push(shop.into());
        }
    }
    (sql, args)
}

fn entry_values(conversation: ConversationId, e: &Entry) -> Args {
    let session = match e.session {
        SessionRef::Stored(id) => Some(id),
        SessionRef::None | SessionRef::New => None,
    };
    debug_assert!(e.session != SessionRef::New, "a new session is stored before its entries");
    let notice = e.notice.as_ref();
    args![
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
        e.content.as_ref().map(xiaoer_domain::chat::Content::sealed),
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

fn fact_values(fact: &Fact) -> Args {
    args![fact.at, fact.kind, fact.version, fact.json.as_str()]
}

const INT: Value = Value::Int(None);
const TEXT: Value = Value::Text(None);
const BLOB: Value = Value::Blob(None);

fn no_talk() -> Args {
    vec![INT, INT, INT, BLOB, INT, INT, BLOB, INT, INT, INT, INT, INT]
}

fn no_session() -> Args {
    vec![INT, INT, INT, INT, INT, INT, INT, INT, TEXT, TEXT, TEXT]
}

fn no_entry() -> Args {
    vec![
        INT, INT, INT, INT, INT, INT, INT, INT, INT, TEXT, TEXT, TEXT, TEXT, INT, BLOB, BLOB, BLOB,
        TEXT,
    ]
}

fn no_fact() -> Args {
    vec![INT, TEXT, INT, TEXT]
}

/// Turns rows into one array a column; without rows into arrays of the filler, so that each has its type.
fn columns(part: Part) -> Args {
    let mut rows = part.rows.into_iter();
    let first = rows.next().unwrap_or_else(part.filler);
    let mut columns: Args = first.into_iter().map(array_of).collect();
    for row in rows {
        columns.iter_mut().zip(row).for_each(|(column, cell)| push(column, cell));
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
