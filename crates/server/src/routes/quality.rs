//! The guard at the desk: looking at a text, the rules and their words, trials, and what was sent all the same.

use axum::Json;
use axum::extract::{RawPathParams, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use xiaoer_app::platform::audit::{Actor, Via};
use xiaoer_app::{App, AppError};
use xiaoer_protocol::error_code::ErrorBody;
use xiaoer_protocol::quality::{
    GuardFindings, GuardImport, GuardImported, GuardLevel, GuardNotes, GuardRules, GuardText,
    GuardTrial, GuardTrialBody, GuardWord, GuardWordBody, GuardWords,
};

use super::{Body, Query, paced, path_conversation, path_param};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Reading, Serving, Staff};

/// Bytes of a sheet that is brought in: all the words that a shop may have.
pub const SHEET_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The house, acting for a colleague: what it notes bears the name.
fn house(server: &Server, staff: &Staff<Reading>) -> App {
    let account = Some(staff.caller.sender.account);
    server.app.by(Actor { account, via: Via::Desk, address: None })
}

/// Looks at what I am about to say in a conversation.
#[utoipa::path(post, operation_id = "guardText", path = "/api/v1/shops/{shop}/conversations/{cnv}/guard", request_body = GuardText,
    responses((status = 200, body = GuardFindings), (status = "4XX", body = ErrorBody)))]
pub async fn check(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<GuardText>,
) -> Result<Json<GuardFindings>, ApiError> {
    let rate = server.app.limits.desk_sends_per_second;
    paced(&server, format!("guard.{}", staff.caller.sender.account), rate)?;
    let id = path_conversation(&server, &staff.shop, &path).await?;
    Ok(Json(server.app.guard_findings(staff.shop.id, Some(id), &body.text).await?))
}

/// Every rule as the shop has it.
#[utoipa::path(get, operation_id = "listGuardRules", path = "/api/v1/shops/{shop}/guard",
    responses((status = 200, body = GuardRules), (status = "4XX", body = ErrorBody)))]
pub async fn rules(
    staff: Staff<Reading>,
    State(server): State<Server>,
) -> Result<Json<GuardRules>, ApiError> {
    Ok(Json(server.app.guard_rules(staff.shop.id, &staff.caller).await?))
}

/// The words of a rule.
#[utoipa::path(get, operation_id = "listGuardWords", path = "/api/v1/shops/{shop}/guard/rules/{rule}",
    responses((status = 200, body = GuardWords), (status = "4XX", body = ErrorBody)))]
pub async fn words(
    staff: Staff<Reading>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<GuardWords>, ApiError> {
    Ok(Json(server.app.guard_words(staff.shop.id, &path_param(&path, "rule")?).await?))
}

/// How strict a rule is from a moment on.
#[utoipa::path(put, operation_id = "setGuardLevel", path = "/api/v1/shops/{shop}/guard/rules/{rule}", request_body = GuardLevel,
    responses((status = 200, body = GuardRules), (status = "4XX", body = ErrorBody)))]
pub async fn set_level(
    staff: Staff<Reading>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<GuardLevel>,
) -> Result<Json<GuardRules>, ApiError> {
    let (rule, app) = (path_param(&path, "rule")?, house(&server, &staff));
    app.set_guard_level(staff.shop.id, &staff.caller, &rule, &body).await?;
    Ok(Json(app.guard_rules(staff.shop.id, &staff.caller).await?))
}

/// A new word or exception.
#[utoipa::path(post, operation_id = "addGuardWord", path = "/api/v1/shops/{shop}/guard/rules/{rule}/words", request_body = GuardWordBody,
    responses((status = 200, body = GuardWord), (status = "4XX", body = ErrorBody)))]
pub async fn add_word(
    staff: Staff<Reading>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<GuardWordBody>,
) -> Result<Json<GuardWord>, ApiError> {
    let (rule, app) = (path_param(&path, "rule")?, house(&server, &staff));
    Ok(Json(app.add_guard_word(staff.shop.id, &staff.caller, &rule, &body).await?))
}

/// A word or exception holds no longer.
#[utoipa::path(post, operation_id = "endGuardWord", path = "/api/v1/shops/{shop}/guard/words/{id}/end",
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn end_word(
    staff: Staff<Reading>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<serde_json::Value>, ApiError> {
    let app = house(&server, &staff);
    app.end_guard_word(staff.shop.id, &staff.caller, path_id(&path)?).await?;
    Ok(Json(serde_json::json!({})))
}

/// Adds the words of a sheet.
#[utoipa::path(post, operation_id = "importGuardWords", path = "/api/v1/shops/{shop}/guard/import", request_body = GuardImport,
    responses((status = 200, body = GuardImported), (status = "4XX", body = ErrorBody)))]
pub async fn import(
    staff: Staff<Reading>,
    State(server): State<Server>,
    Body(body): Body<GuardImport>,
) -> Result<Json<GuardImported>, ApiError> {
    let app = house(&server, &staff);
    Ok(Json(app.import_guard_words(staff.shop.id, &staff.caller, &body.csv).await?))
}

/// The shop's words as a sheet.
#[utoipa::path(get, operation_id = "exportGuardWords", path = "/api/v1/shops/{shop}/guard/export",
    responses((status = 200, content_type = "text/csv"), (status = "4XX", body = ErrorBody)))]
pub async fn export(
    staff: Staff<Reading>,
    State(server): State<Server>,
) -> Result<Response, ApiError> {
    let sheet = server.app.export_guard_words(staff.shop.id, &staff.caller).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"guard-words.csv\""),
    ];
    Ok((headers, sheet).into_response())
}

/// Tries the rules on a text.
#[utoipa::path(post, operation_id = "testGuard", path = "/api/v1/shops/{shop}/guard/test", request_body = GuardText,
    responses((status = 200, body = GuardFindings), (status = "4XX", body = ErrorBody)))]
pub async fn test(
    staff: Staff<Reading>,
    State(server): State<Server>,
    Body(body): Body<GuardText>,
) -> Result<Json<GuardFindings>, ApiError> {
    let rate = server.app.limits.desk_sends_per_second;
    paced(&server, format!("guard.{}", staff.caller.sender.account), rate)?;
    Ok(Json(server.app.guard_findings(staff.shop.id, None, &body.text).await?))
}

/// Begins to try rules on past messages.
#[utoipa::path(post, operation_id = "beginGuardTrial", path = "/api/v1/shops/{shop}/guard/trials", request_body = GuardTrialBody,
    responses((status = 200, body = GuardTrial), (status = "4XX", body = ErrorBody)))]
pub async fn begin_trial(
    staff: Staff<Reading>,
    State(server): State<Server>,
    Body(body): Body<GuardTrialBody>,
) -> Result<Json<GuardTrial>, ApiError> {
    Ok(Json(server.app.begin_guard_trial(staff.shop.id, &staff.caller, &body).await?))
}

/// How far a trial has come.
#[utoipa::path(get, operation_id = "getGuardTrial", path = "/api/v1/shops/{shop}/guard/trials/{id}",
    responses((status = 200, body = GuardTrial), (status = "4XX", body = ErrorBody)))]
pub async fn trial(
    staff: Staff<Reading>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<GuardTrial>, ApiError> {
    Ok(Json(server.app.guard_trial(staff.shop.id, &staff.caller, path_id(&path)?)?))
}

/// Gives a trial up.
#[utoipa::path(post, operation_id = "cancelGuardTrial", path = "/api/v1/shops/{shop}/guard/trials/{id}/cancel",
    responses((status = 200, body = GuardTrial), (status = "4XX", body = ErrorBody)))]
pub async fn cancel_trial(
    staff: Staff<Reading>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<GuardTrial>, ApiError> {
    Ok(Json(server.app.cancel_guard_trial(staff.shop.id, &staff.caller, path_id(&path)?)?))
}

/// Which page.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NotesParams {
    /// Before this note.
    before: Option<i64>,
}

/// Messages that left although a rule had found something, newest first.
#[utoipa::path(get, operation_id = "listGuardNotes", path = "/api/v1/shops/{shop}/guard/notes", params(NotesParams),
    responses((status = 200, body = GuardNotes), (status = "4XX", body = ErrorBody)))]
pub async fn notes(
    staff: Staff<Reading>,
    State(server): State<Server>,
    Query(query): Query<NotesParams>,
) -> Result<Json<GuardNotes>, ApiError> {
    Ok(Json(server.app.guard_notes(staff.shop.id, &staff.caller, query.before).await?))
}

fn path_id(path: &RawPathParams) -> Result<i64, ApiError> {
    path_param(path, "id")?.parse().map_err(|_| ApiError(AppError::bad_field("id")))
}
