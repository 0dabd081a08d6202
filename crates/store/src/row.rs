//! A row read from either database, and the one door from columns to Rust values.
//!
//! Must never guess: a column that is missing, NULL where it may not be, or of another type is a
//! named inconsistency.

use std::fmt::Display;

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{ColumnIndex, Row as _};

use crate::error::StoreError;

/// One row of an answer.
pub struct Row {
    pub(crate) raw: RawRow,
    pub(crate) statement: &'static str,
}

pub(crate) enum RawRow {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// A column by name or by position.
pub trait ColumnKey: ColumnIndex<SqliteRow> + ColumnIndex<PgRow> + Display + Copy {}
impl<K: ColumnIndex<SqliteRow> + ColumnIndex<PgRow> + Display + Copy> ColumnKey for K {}

/// A Rust type a column can be read as: `i64`, `i32`, `u32`, `bool`, `String`, `Vec<u8>` and the
/// `Option` of each.
pub trait FromColumn: Sized {
    /// Reads the column `at` of `row`.
    fn from_column<K: ColumnKey>(row: &Row, at: K) -> Result<Self, StoreError>;
}

impl Row {
    /// The value of a column.
    pub fn get<T: FromColumn>(&self, column: impl ColumnKey) -> Result<T, StoreError> {
        T::from_column(self, column)
    }

    /// The value of a column, parsed by the only door of its type.
    pub fn parse<R, T, X>(
        &self,
        column: impl ColumnKey,
        parse: impl FnOnce(R) -> Result<T, X>,
    ) -> Result<T, StoreError>
    where
        R: FromColumn,
        X: Display,
    {
        parse(self.get(column)?).map_err(|e| self.inconsistent(column, e))
    }

    /// The error for a column of this row that cannot be what it says.
    pub fn inconsistent(&self, column: impl Display, detail: impl Display) -> StoreError {
        StoreError::inconsistent(format!("{} column {column}", self.statement), detail)
    }

    fn is_null(&self, column: impl Display) -> StoreError {
        self.inconsistent(column, "it is NULL")
    }
}

macro_rules! plain_column {
    ($($kind:ty),+) => {$(
        impl FromColumn for Option<$kind> {
            fn from_column<K: ColumnKey>(row: &Row, at: K) -> Result<Self, StoreError> {
                match &row.raw {
                    RawRow::Sqlite(raw) => raw.try_get(at),
                    RawRow::Postgres(raw) => raw.try_get(at),
                }
                .map_err(|e| row.inconsistent(at, e))
            }
        }
        impl FromColumn for $kind {
            fn from_column<K: ColumnKey>(row: &Row, at: K) -> Result<Self, StoreError> {
                // By way of Option: asked directly, the SQLite driver reads NULL as empty.
                Option::<$kind>::from_column(row, at)?.ok_or_else(|| row.is_null(at))
            }
        }
    )+};
}

plain_column!(String, Vec<u8>, bool);

impl FromColumn for Option<i64> {
    fn from_column<K: ColumnKey>(row: &Row, at: K) -> Result<Self, StoreError> {
        match &row.raw {
            RawRow::Sqlite(raw) => raw.try_get(at),
            // PostgreSQL gives a bare `1` as 4 bytes; everything stored is 8.
            RawRow::Postgres(raw) => raw.try_get(at).or_else(|wide| {
                raw.try_get::<Option<i32>, _>(at).map(|v| v.map(i64::from)).map_err(|_| wide)
            }),
        }
        .map_err(|e| row.inconsistent(at, e))
    }
}

impl FromColumn for i64 {
    fn from_column<K: ColumnKey>(row: &Row, at: K) -> Result<Self, StoreError> {
        Option::<i64>::from_column(row, at)?.ok_or_else(|| row.is_null(at))
    }
}

macro_rules! narrow_column {
    ($($kind:ty),+) => {$(
        impl FromColumn for $kind {
            fn from_column<K: ColumnKey>(row: &Row, at: K) -> Result<Self, StoreError> {
                let wide = i64::from_column(row, at)?;
                wide.try_into().map_err(|_| row.inconsistent(at, "the number is out of range"))
            }
        }
        impl FromColumn for Option<$kind> {
            fn from_column<K: ColumnKey>(row: &Row, at: K) -> Result<Self, StoreError> {
                let Some(wide) = Option::<i64>::from_column(row, at)? else {
                    return Ok(None);
                };
                let narrow = wide.try_into();
                narrow.map(Some).map_err(|_| row.inconsistent(at, "the number is out of range"))
            }
        }
    )+};
}

narrow_column!(i32, u32, u16, u8, u64);
