//! How a person likes the desk: kept with the account, so that every device shows the same.

use serde_json::{Map, Value};
use xiaoer_domain::id::AccountId;
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::team as wire;
use xiaoer_store::team::preferences as store;

use crate::{App, AppError};

/// Bytes of a document: some dozens of choices and keys, no store for anything else.
const DOCUMENT_BYTES_MAX: usize = 8 * 1024;
/// Characters of a choice's name.
const NAME_CHARS_MAX: usize = 40;
/// Two desks of one person at once: whoever comes second merges again.
const TRIES_MAX: usize = 5;

impl App {
    /// What this account has chosen.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn preferences(&self, account: AccountId) -> Result<wire::Preferences, AppError> {
        let found =
            self.db.read(move |tx| Box::pin(async move { store::find(tx, account).await })).await?;
        let (version, document) = found.map_or((0, Map::new()), |p| (p.version, read(&p.document)));
        Ok(wire::Preferences { version, document: Value::Object(document) })
    }

    /// Remembers these choices beside the others; null forgets one. Gives everything there is now.
    ///
    /// # Errors
    /// `bad_request` for what is no object or has a name nobody would choose, `too_big` beyond the limit.
    pub async fn set_preferences(
        &self,
        account: AccountId,
        set: Value,
    ) -> Result<wire::Preferences, AppError> {
        let Value::Object(set) = set else { return Err(AppError::bad_field("set")) };
        let fits = |name: &String| !name.is_empty() && name.chars().count() <= NAME_CHARS_MAX;
        if !set.keys().all(fits) {
            return Err(AppError::bad_field("set"));
        }
        for _ in 0..TRIES_MAX {
            let known = self.preferences(account).await?;
            let Value::Object(mut document) = known.document else { break };
            for (name, value) in &set {
                if value.is_null() {
                    document.remove(name);
                } else {
                    document.insert(name.clone(), value.clone());
                }
            }
            let document = Value::Object(document);
            let text = document.to_string();
            // What PostgreSQL cannot take in a text is no choice.
            if text.len() > DOCUMENT_BYTES_MAX || text.contains("\\u0000") {
                return Err(AppError::refused(ErrorCode::TooBig));
            }
            let (version, now) = (known.version, self.clock.now());
            let stored = self.db.write(move |tx| {
                let text = text.clone();
                Box::pin(async move {
                    Ok::<_, AppError>(store::replace(tx, account, version, &text, now).await?)
                })
            });
            if let Some(version) = stored.await? {
                return Ok(wire::Preferences { version, document });
            }
        }
        Err(AppError::refused(ErrorCode::TooMany))
    }
}

fn read(document: &str) -> Map<String, Value> {
    serde_json::from_str(document).unwrap_or_default()
}
