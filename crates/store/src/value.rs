//! What is bound to a statement's placeholders, typed also when it is NULL (PostgreSQL asks).
//!
//! Must never build SQL text: values only ever travel beside a statement.

use std::fmt::Write as _;

use sqlx::Arguments as _;
use sqlx::error::BoxDynError;
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;

/// The values of one call in the order of `$1`, `$2`, …; made by [`args!`](crate::args).
pub type Args = Vec<Value>;

/// One bound value.
///
/// The plural kinds are for dialect islands: PostgreSQL receives an array (`= ANY($2)`,
/// `unnest($2)`), SQLite a JSON array as text (`IN (SELECT value FROM json_each($2))`; bytes are
/// upper-case hex there, read back with `unhex(value)`).
#[derive(Clone, PartialEq)]
pub enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Blob(Option<Vec<u8>>),
    Bool(Option<bool>),
    Ints(Vec<Option<i64>>),
    Texts(Vec<Option<String>>),
    Blobs(Vec<Option<Vec<u8>>>),
    Bools(Vec<Option<bool>>),
}

/// `args![shop, name, flag]`: anything that is `Into<Value>`, in the order of the placeholders.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => {
        ::std::vec![$($crate::Value::from($value)),*]
    };
}

impl std::fmt::Debug for Value {
    /// Shows the kind only: values are people's words and names.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Int(_) => "Int(***)",
            Self::Text(_) => "Text(***)",
            Self::Blob(_) => "Blob(***)",
            Self::Bool(_) => "Bool(***)",
            Self::Ints(_) => "Ints(***)",
            Self::Texts(_) => "Texts(***)",
            Self::Blobs(_) => "Blobs(***)",
            Self::Bools(_) => "Bools(***)",
        })
    }
}

macro_rules! value_from {
    ($($from:ty => $kind:ident, $value:ident => $made:expr;)+) => {$(
        impl From<$from> for Value {
            fn from($value: $from) -> Self {
                Self::$kind($made)
            }
        }
    )+};
}

value_from! {
    i64 => Int, v => Some(v);
    i32 => Int, v => Some(i64::from(v));
    u32 => Int, v => Some(i64::from(v));
    u16 => Int, v => Some(i64::from(v));
    u8 => Int, v => Some(i64::from(v));
    Option<i64> => Int, v => v;
    Option<i32> => Int, v => v.map(i64::from);
    Option<u32> => Int, v => v.map(i64::from);
    bool => Bool, v => Some(v);
    Option<bool> => Bool, v => v;
    &str => Text, v => Some(v.to_owned());
    &String => Text, v => Some(v.clone());
    String => Text, v => Some(v);
    Option<&str> => Text, v => v.map(str::to_owned);
    Option<String> => Text, v => v;
    &[u8] => Blob, v => Some(v.to_vec());
    &Vec<u8> => Blob, v => Some(v.clone());
    Vec<u8> => Blob, v => Some(v);
    Option<&[u8]> => Blob, v => v.map(<[u8]>::to_vec);
    Option<Vec<u8>> => Blob, v => v;
    Vec<i64> => Ints, v => v.into_iter().map(Some).collect();
    &[i64] => Ints, v => v.iter().copied().map(Some).collect();
    Vec<Option<i64>> => Ints, v => v;
    Vec<String> => Texts, v => v.into_iter().map(Some).collect();
    Vec<Option<String>> => Texts, v => v;
    Vec<Vec<u8>> => Blobs, v => v.into_iter().map(Some).collect();
    Vec<Option<Vec<u8>>> => Blobs, v => v;
    Vec<bool> => Bools, v => v.into_iter().map(Some).collect();
    Vec<Option<bool>> => Bools, v => v;
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(bytes: [u8; N]) -> Self {
        Self::Blob(Some(bytes.to_vec()))
    }
}

impl<const N: usize> From<&[u8; N]> for Value {
    fn from(bytes: &[u8; N]) -> Self {
        Self::Blob(Some(bytes.to_vec()))
    }
}

pub(crate) fn for_sqlite(args: Args) -> Result<SqliteArguments, BoxDynError> {
    let mut bound = SqliteArguments::default();
    bound.reserve(args.len(), 0);
    for value in args {
        match value {
            Value::Int(v) => bound.add(v),
            Value::Text(v) => bound.add(v),
            Value::Blob(v) => bound.add(v),
            Value::Bool(v) => bound.add(v),
            Value::Ints(v) => bound.add(serde_json::to_string(&v)?),
            Value::Texts(v) => bound.add(serde_json::to_string(&v)?),
            Value::Bools(v) => bound.add(serde_json::to_string(&v)?),
            Value::Blobs(v) => bound.add(hex_array(&v)),
        }?;
    }
    Ok(bound)
}

pub(crate) fn for_postgres(args: Args) -> Result<PgArguments, BoxDynError> {
    let mut bound = PgArguments::default();
    bound.reserve(args.len(), 0);
    for value in args {
        match value {
            Value::Int(v) => bound.add(v),
            Value::Text(v) => bound.add(v),
            Value::Blob(v) => bound.add(v),
            Value::Bool(v) => bound.add(v),
            Value::Ints(v) => bound.add(v),
            Value::Texts(v) => bound.add(v),
            Value::Blobs(v) => bound.add(v),
            Value::Bools(v) => bound.add(v),
        }?;
    }
    Ok(bound)
}

fn hex_array(blobs: &[Option<Vec<u8>>]) -> String {
    let mut text = String::from("[");
    for (at, blob) in blobs.iter().enumerate() {
        text.push_str(if at == 0 { "" } else { "," });
        match blob {
            None => text.push_str("null"),
            Some(bytes) => {
                text.push('"');
                for byte in bytes {
                    let _ = write!(text, "{byte:02X}");
                }
                text.push('"');
            }
        }
    }
    text.push(']');
    text
}
