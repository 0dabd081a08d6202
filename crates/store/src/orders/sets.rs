//! Sets of rows as one bound value or many: what both databases read fastest.
//!
//! PostgreSQL takes one array for each column (`unnest($2, $3, …)`), SQLite one JSON array of rows
//! (`json_each($2)`, columns as `value ->> 0`, bytes as upper-case hex behind `unhex`).

use std::fmt::Write as _;

use crate::{Args, Dialect, StoreError, Value};

/// `front`, then the columns of a set in the carrier of this database. All columns have one length.
pub(super) fn with_set(
    dialect: Dialect,
    mut front: Args,
    columns: Vec<Value>,
) -> Result<Args, StoreError> {
    match dialect {
        Dialect::Postgres => front.extend(columns),
        Dialect::Sqlite => front.push(Value::Text(Some(rows_json(&columns)?))),
    }
    Ok(front)
}

fn rows_json(columns: &[Value]) -> Result<String, StoreError> {
    let rows = columns.first().map_or(0, rows_of);
    debug_assert!(columns.iter().all(|column| rows_of(column) == rows), "columns of one length");
    let mut json = String::with_capacity(rows * columns.len() * 12 + 2);
    json.push('[');
    for row in 0..rows {
        json.push_str(if row == 0 { "[" } else { ",[" });
        for (at, column) in columns.iter().enumerate() {
            if at > 0 {
                json.push(',');
            }
            push_cell(&mut json, column, row)?;
        }
        json.push(']');
    }
    json.push(']');
    Ok(json)
}

fn rows_of(column: &Value) -> usize {
    match column {
        Value::Ints(cells) => cells.len(),
        Value::Texts(cells) => cells.len(),
        Value::Blobs(cells) => cells.len(),
        Value::Bools(cells) => cells.len(),
        Value::Int(_) | Value::Text(_) | Value::Blob(_) | Value::Bool(_) => 0,
    }
}

fn push_cell(json: &mut String, column: &Value, row: usize) -> Result<(), StoreError> {
    // Writing to a String cannot fail.
    let _ = match column {
        Value::Ints(cells) => match cells.get(row).copied().flatten() {
            Some(number) => write!(json, "{number}"),
            None => json.write_str("null"),
        },
        Value::Texts(cells) => match cells.get(row).and_then(Option::as_deref) {
            Some(text) => {
                let quoted = serde_json::to_string(text);
                let quoted = quoted.map_err(|e| StoreError::inconsistent("a set of rows", e))?;
                json.write_str(&quoted)
            }
            None => json.write_str("null"),
        },
        Value::Blobs(cells) => match cells.get(row).and_then(Option::as_deref) {
            Some(bytes) => {
                json.push('"');
                bytes
                    .iter()
                    .try_for_each(|byte| write!(json, "{byte:02X}"))
                    .and_then(|()| json.write_str("\""))
            }
            None => json.write_str("null"),
        },
        Value::Bools(cells) => match cells.get(row).copied().flatten() {
            Some(flag) => write!(json, "{flag}"),
            None => json.write_str("null"),
        },
        Value::Int(_) | Value::Text(_) | Value::Blob(_) | Value::Bool(_) => {
            return Err(StoreError::inconsistent("a set of rows", "a single value is no column"));
        }
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_json_with_quotes_hex_and_nulls() {
        let columns = vec![
            Value::Ints(vec![Some(1), None]),
            Value::Texts(vec![Some("a\"小".to_owned()), None]),
            Value::Blobs(vec![Some(vec![0xab, 1]), None]),
        ];
        assert_eq!(rows_json(&columns).unwrap(), r#"[[1,"a\"小","AB01"],[null,null,null]]"#);
        assert_eq!(rows_json(&[]).unwrap(), "[]");
    }
}
