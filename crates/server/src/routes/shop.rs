//! The shop itself, for whoever manages it: its settings and its audit log.

use axum::extract::{RawPathParams, State};
use axum::{Json, Router};
use serde::Deserialize;
use xiaoer_app::AppError;
use xiaoer_app::platform::AuditFilter;
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::error_code::ErrorBody;
use xiaoer_protocol::id;
use xiaoer_protocol::platform::{AuditLog, SettingChange, Settings};

use super::people::house;
use super::{Body, Query, path_param};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Fresh, Managing, Origins, Staff, get, put};

/// Routes of the shop itself.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/shops/{shop}/settings", get(settings))
        .route("/shops/{shop}/settings/{name}", put(set))
        .route("/shops/{shop}/audit", get(audit))
}

/// Every setting with its values.
#[utoipa::path(get, operation_id = "listSettings", path = "/api/v1/shops/{shop}/settings",
    responses((status = 200, body = Settings), (status = "4XX", body = ErrorBody)))]
pub async fn settings(
    staff: Staff<Managing>,
    State(server): State<Server>,
) -> Result<Json<Settings>, ApiError> {
    Ok(Json(staff.shop.settings_shown(server.app.clock.now())))
}

/// Changes a setting from now on.
#[utoipa::path(put, operation_id = "setSetting", path = "/api/v1/shops/{shop}/settings/{name}", request_body = SettingChange,
    responses((status = 200, body = Settings), (status = "4XX", body = ErrorBody)))]
pub async fn set(
    fresh: Fresh<Staff<Managing>>,
    State(server): State<Server>,
    Origins(origin): Origins,
    path: RawPathParams,
    Body(body): Body<SettingChange>,
) -> Result<Json<Settings>, ApiError> {
    let Staff { shop, caller, .. } = &fresh.gate;
    let app = house(&server, caller, &origin);
    let name = path_param(&path, "name")?;
    Ok(Json(app.change_setting(shop, &fresh.proof, &name, body.value.trim()).await?))
}

/// Which part of the log.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditParams {
    /// Of this person only, as `acc_…`.
    account: Option<String>,
    /// Of this kind only.
    kind: Option<String>,
    /// Not earlier, microseconds.
    from: Option<i64>,
    /// Earlier than this, microseconds.
    until: Option<i64>,
    /// From the last page.
    cursor: Option<String>,
    /// Rows of a page.
    limit: Option<i64>,
}

/// The audit log, newest first.
#[utoipa::path(get, operation_id = "auditLog", path = "/api/v1/shops/{shop}/audit", params(AuditParams),
    responses((status = 200, body = AuditLog), (status = "4XX", body = ErrorBody)))]
pub async fn audit(
    staff: Staff<Managing>,
    State(server): State<Server>,
    Query(query): Query<AuditParams>,
) -> Result<Json<AuditLog>, ApiError> {
    let account = match query.account.as_deref() {
        None | Some("") => None,
        Some(text) => {
            let found = id::parse_account(text);
            Some(found.ok_or_else(|| ApiError(AppError::bad_field("account")))?)
        }
    };
    let filter = AuditFilter {
        account,
        kind: query.kind.filter(|kind| !kind.is_empty()),
        from: query.from.map(Timestamp::from_micros),
        until: query.until.map(Timestamp::from_micros),
        cursor: query.cursor,
        limit: query.limit,
    };
    Ok(Json(server.app.audit_log(staff.shop.id, filter).await?))
}
