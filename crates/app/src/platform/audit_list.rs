//! The audit log as whoever manages the shop reads it, newest first, in pages by key.

use xiaoer_domain::id::{AccountId, ShopId};
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::{id, platform as wire};
use xiaoer_store::platform::audit::{self as store, AuditQuery, AuditRow};

use super::audit::AuditKind;
use crate::{App, AppError};

/// Rows of a page when none are asked for.
const ROWS: i64 = 100;
/// Most rows of a page.
const ROWS_MAX: i64 = 200;

/// Which part of the log.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Of this person only.
    pub account: Option<AccountId>,
    /// Of this kind only.
    pub kind: Option<String>,
    /// Not earlier.
    pub from: Option<Timestamp>,
    /// Earlier than this.
    pub until: Option<Timestamp>,
    /// From the last page.
    pub cursor: Option<String>,
    /// Rows of a page.
    pub limit: Option<i64>,
}

impl App {
    /// A page of the log.
    ///
    /// # Errors
    /// `bad_request` for a kind or cursor that there is not.
    pub async fn audit_log(
        &self,
        shop: ShopId,
        filter: AuditFilter,
    ) -> Result<wire::AuditLog, AppError> {
        let known = |kind: &str| AuditKind::ALL.iter().any(|known| known.word() == kind);
        if filter.kind.as_deref().is_some_and(|kind| !known(kind)) {
            return Err(AppError::bad_field("kind"));
        }
        let before = match &filter.cursor {
            None => i64::MAX,
            Some(cursor) => cursor.parse().map_err(|_| AppError::bad_field("cursor"))?,
        };
        let limit = filter.limit.unwrap_or(ROWS).clamp(1, ROWS_MAX);
        let query = AuditQuery {
            before,
            account: filter.account,
            kind: filter.kind,
            from: filter.from.unwrap_or(Timestamp::from_micros(0)),
            until: filter.until.unwrap_or(Timestamp::from_micros(i64::MAX)),
            limit,
        };
        let rows = self
            .db
            .read(move |tx| {
                let query = query.clone();
                Box::pin(async move { store::list(tx, shop, &query).await })
            })
            .await?;
        let is_full = i64::try_from(rows.len()).is_ok_and(|rows| rows == limit);
        let next = rows.last().filter(|_| is_full).map(|row| row.id.to_string());
        let kinds = AuditKind::ALL.iter().map(|kind| kind.word().to_owned()).collect();
        Ok(wire::AuditLog { rows: rows.into_iter().map(shown).collect(), next, kinds })
    }
}

fn shown(row: AuditRow) -> wire::AuditShown {
    let json = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
    wire::AuditShown {
        id: row.id,
        at: row.at.micros(),
        account: row.account.map(id::account),
        name: row.name,
        login: row.login,
        via: row.via,
        address: row.address,
        kind: row.kind,
        target: row.target,
        before: json(row.before),
        after: json(row.after),
    }
}
