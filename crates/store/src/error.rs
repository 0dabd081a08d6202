//! What can go wrong in the store, in words a use case can act on.
//!
//! Must never carry stored values: a database's own message may, so only its code and its short
//! text are kept (both databases keep values out of the short text).

use std::fmt;

/// Why the store could not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// A row that must exist does not.
    #[error("{statement} found no row")]
    NotFound { statement: &'static str },
    /// A row with the same key exists; compare with [`StoreError::is_unique`].
    #[error("a row with the same {key} exists already")]
    Unique { key: UniqueKey },
    /// A row names another row that does not exist, or the other way about.
    #[error("{statement} would break a reference between rows")]
    ForeignKey { statement: &'static str },
    /// What is stored does not read as what it must be: a bug or a damaged database.
    #[error("stored data is inconsistent at {place}: {detail}")]
    Inconsistent { place: String, detail: String },
    /// The database did not take the work; the same again may succeed.
    #[error("the database is unavailable: {reason}")]
    Unavailable { reason: &'static str, source: Option<Cause> },
    /// The statement or the job is wrong; the same again will fail again.
    #[error("the database refused {statement}")]
    Internal { statement: &'static str, source: Cause },
}

/// The key of a violated uniqueness, in the same words on both databases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UniqueKey {
    /// Table; empty where SQLite names only an index (unique over an expression).
    pub table: String,
    /// Columns in the order of the key; empty where only an index is named.
    pub columns: Vec<String>,
    /// Name of the constraint or index, where the database tells it (SQLite rarely does).
    pub index: Option<String>,
}

/// What the database said: its code and its short message, never a stored value.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message} (code {code})")]
pub struct Cause {
    pub code: String,
    pub message: String,
}

impl Cause {
    pub(crate) fn said(message: impl Into<String>) -> Self {
        Self { code: "xiaoer".to_owned(), message: message.into() }
    }
}

impl fmt::Display for UniqueKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.index, self.columns.is_empty()) {
            (Some(index), true) => write!(f, "{index}"),
            _ => write!(f, "{}({})", self.table, self.columns.join(", ")),
        }
    }
}

impl StoreError {
    /// Stored data that does not parse; `place` is `table.column`.
    pub fn inconsistent(place: impl Into<String>, detail: impl fmt::Display) -> Self {
        Self::Inconsistent { place: place.into(), detail: detail.to_string() }
    }

    /// Reads as: this is the violation of the unique key over `columns` of `table`.
    pub fn is_unique(&self, table: &str, columns: &[&str]) -> bool {
        matches!(self, Self::Unique { key } if key.table == table && key.columns == columns)
    }

    /// Reads as: this is the violation of the unique index of this name (for keys over
    /// expressions; over plain columns SQLite tells no name, use [`StoreError::is_unique`]).
    pub fn is_unique_index(&self, index: &str) -> bool {
        matches!(self, Self::Unique { key } if key.index.as_deref() == Some(index))
    }

    pub(crate) fn unavailable(reason: &'static str) -> Self {
        Self::Unavailable { reason, source: None }
    }

    pub(crate) fn unavailable_by(reason: &'static str, error: &sqlx::Error) -> Self {
        Self::Unavailable { reason, source: Some(cause(error)) }
    }

    pub(crate) fn internal(statement: &'static str, message: impl Into<String>) -> Self {
        Self::Internal { statement, source: Cause::said(message) }
    }
}

/// A statement's failure: what to tell, and whether the transaction is worth a second run.
pub(crate) struct Failure {
    pub(crate) error: StoreError,
    pub(crate) rerun: bool,
}

/// Translates the failure of `statement`.
pub(crate) fn translate(statement: &'static str, error: &sqlx::Error) -> Failure {
    let rerun = matches!(code(error).as_deref(), Some("40P01" | "40001"));
    let error = match error {
        sqlx::Error::RowNotFound => StoreError::NotFound { statement },
        sqlx::Error::Database(db) => match db.kind() {
            sqlx::error::ErrorKind::UniqueViolation => {
                StoreError::Unique { key: unique_key(db.as_ref()) }
            }
            sqlx::error::ErrorKind::ForeignKeyViolation => StoreError::ForeignKey { statement },
            _ if rerun || is_outage(db.as_ref()) => {
                StoreError::unavailable_by("the database could not carry out a statement", error)
            }
            _ => StoreError::Internal { statement, source: cause(error) },
        },
        sqlx::Error::Encode(_)
        | sqlx::Error::Decode(_)
        | sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::ColumnDecode { .. } => {
            StoreError::Internal { statement, source: cause(error) }
        }
        _ => StoreError::unavailable_by("the connection to the database failed", error),
    };
    Failure { error, rerun }
}

fn code(error: &sqlx::Error) -> Option<String> {
    Some(error.as_database_error()?.code()?.into_owned())
}

fn cause(error: &sqlx::Error) -> Cause {
    match error.as_database_error() {
        Some(db) => Cause {
            code: db.code().map(|c| c.into_owned()).unwrap_or_default(),
            message: db.message().to_owned(),
        },
        None => Cause { code: "driver".to_owned(), message: error.to_string() },
    }
}

/// Full disk, failed IO, a lock not given in time, a server going down: not the statement's fault.
fn is_outage(error: &dyn sqlx::error::DatabaseError) -> bool {
    let code = error.code().unwrap_or_default();
    if error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
        // 08 connection, 53 resources, 57 operator (timeouts, shutdown), 58 system, 55P03 lock.
        return ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class))
            || code == "55P03";
    }
    // The primary result code is the low byte: BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR,
    // CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB.
    let primary = code.parse::<u32>().unwrap_or_default() & 0xff;
    matches!(primary, 5..=11 | 13..=15 | 26)
}

fn unique_key(error: &dyn sqlx::error::DatabaseError) -> UniqueKey {
    match error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
        Some(pg) => UniqueKey {
            table: pg.table().unwrap_or_default().to_owned(),
            columns: key_columns(pg.detail().unwrap_or_default()),
            index: pg.constraint().map(str::to_owned),
        },
        None => sqlite_key(error.message()),
    }
}

/// `Key (shop_id, client_id)=(…) already exists.`: only the first brackets, never the values.
fn key_columns(detail: &str) -> Vec<String> {
    let inside = detail.split_once('(').and_then(|(_, rest)| rest.split_once(")=("));
    let columns = inside.map(|(columns, _)| columns).unwrap_or_default();
    columns.split(", ").filter(|c| !c.is_empty()).map(|c| c.trim_matches('"').to_owned()).collect()
}

/// `UNIQUE constraint failed: entry.shop_id, entry.seq` or `…: index 'name'`.
fn sqlite_key(message: &str) -> UniqueKey {
    let tail = message.rsplit_once("failed: ").map(|(_, tail)| tail).unwrap_or_default();
    if let Some(index) = tail.strip_prefix("index ") {
        let index = Some(index.trim_matches('\'').to_owned());
        return UniqueKey { table: String::new(), columns: Vec::new(), index };
    }
    let pairs: Vec<(&str, &str)> = tail.split(", ").filter_map(|p| p.split_once('.')).collect();
    UniqueKey {
        table: pairs.first().map(|(table, _)| (*table).to_owned()).unwrap_or_default(),
        columns: pairs.iter().map(|(_, column)| (*column).to_owned()).collect(),
        index: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_postgres_detail_gives_columns_and_no_values() {
        let columns = key_columns("Key (shop_id, \"order\")=(7, (secret)) already exists.");
        assert_eq!(columns, ["shop_id", "order"]);
    }

    #[test]
    fn a_sqlite_message_gives_table_and_columns() {
        let key = sqlite_key("UNIQUE constraint failed: entry.shop_id, entry.seq");
        assert_eq!((key.table.as_str(), key.columns.len()), ("entry", 2));
        let key = sqlite_key("UNIQUE constraint failed: index 'buyer_name'");
        assert_eq!(key.index.as_deref(), Some("buyer_name"));
    }
}
