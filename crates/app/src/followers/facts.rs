//! The facts of a line of the journal: small numbers by name, in a shape with a version.

use serde_json::Value;
use xiaoer_store::journal::JournalRow;

use super::FollowError;

/// The facts of one line.
pub(crate) struct Facts<'r> {
    row: &'r JournalRow,
    value: Value,
}

impl<'r> Facts<'r> {
    /// Reads the facts of a line in the shape of `version`.
    ///
    /// # Errors
    /// [`FollowError::Unreadable`] for another version (a newer server wrote it) or what is no JSON.
    pub(crate) fn read(row: &'r JournalRow, version: i64) -> Result<Self, FollowError> {
        if row.version != version {
            return Err(unreadable(row, format!("version {} is not known here", row.version)));
        }
        let value = serde_json::from_str(&row.facts).map_err(|e| unreadable(row, e.to_string()))?;
        Ok(Self { row, value })
    }

    /// A number that must be there.
    pub(crate) fn number(&self, name: &str) -> Result<i64, FollowError> {
        let number = self.value.get(name).and_then(Value::as_i64);
        number.ok_or_else(|| unreadable(self.row, format!("{name} is no number")))
    }

    /// A number or null.
    pub(crate) fn number_or_null(&self, name: &str) -> Result<Option<i64>, FollowError> {
        match self.value.get(name) {
            Some(Value::Null) => Ok(None),
            _ => self.number(name).map(Some),
        }
    }
}

/// The error for a line that is not what it must be.
pub(crate) fn unreadable(row: &JournalRow, problem: impl Into<String>) -> FollowError {
    FollowError::Unreadable {
        line: row.position.id,
        kind: row.kind.clone(),
        problem: problem.into(),
    }
}
