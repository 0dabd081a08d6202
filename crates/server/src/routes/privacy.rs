//! What a shop owes its buyers: values are shown masked and looked at one at a time, and a buyer who asks is told
//! everything, put right, or forgotten.

use axum::body::Body as Bytes;
use axum::extract::{RawPathParams, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio_util::io::ReaderStream;
use xiaoer_app::AppError;
use xiaoer_app::customers::{Look, Revealed};
use xiaoer_domain::private::{PersonField, RevealReason};
use xiaoer_protocol::error_code::ErrorBody;
use xiaoer_protocol::id;
use xiaoer_protocol::privacy::{Correction, Reveal, RevealedValue};

use super::people::house;
use super::{Body, path_conversation};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Fresh, Managing, Origins, Serving, Staff, post};

/// Routes of privacy under `/api/v1`.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/shops/{shop}/reveal", post(reveal))
        .route("/shops/{shop}/conversations/{cnv}/correct", post(correct))
        .route("/shops/{shop}/conversations/{cnv}/export", post(export))
        .route("/shops/{shop}/conversations/{cnv}/erase", post(erase))
}

/// One value that is shown masked, as it is. Noted in the audit log.
#[utoipa::path(post, operation_id = "reveal", path = "/api/v1/shops/{shop}/reveal", request_body = Reveal,
    responses((status = 200, body = RevealedValue), (status = "4XX", body = ErrorBody)))]
pub async fn reveal(
    staff: Staff<Serving>,
    State(server): State<Server>,
    Origins(origin): Origins,
    Body(body): Body<Reveal>,
) -> Result<Json<RevealedValue>, ApiError> {
    let bad = |field: &str| ApiError(AppError::bad_field(field));
    let at = id::parse_public(id::ORDER, &body.on)
        .map(Revealed::Order)
        .or_else(|| id::parse_follow_up(&body.on).map(Revealed::FollowUp))
        .ok_or_else(|| bad("on"))?;
    let field = PersonField::parse(&body.field).ok_or_else(|| bad("field"))?;
    let reason = RevealReason::parse(&body.reason).ok_or_else(|| bad("reason"))?;
    let app = house(&server, &staff.caller, &origin);
    let value = app.reveal(&staff.shop, Look { at, field, reason }).await?;
    Ok(Json(RevealedValue { value: value.reveal().to_owned() }))
}

/// Puts right what is known of the buyer of a conversation.
#[utoipa::path(post, operation_id = "correctBuyer", path = "/api/v1/shops/{shop}/conversations/{cnv}/correct", request_body = Correction,
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn correct(
    staff: Staff<Serving>,
    State(server): State<Server>,
    Origins(origin): Origins,
    path: RawPathParams,
    Body(body): Body<Correction>,
) -> Result<Json<Value>, ApiError> {
    let talk = path_conversation(&server, &staff.shop, &path).await?;
    let app = house(&server, &staff.caller, &origin);
    app.correct_buyer(&staff.shop, talk, &body).await?;
    Ok(Json(json!({})))
}

/// Everything the shop has of the buyer of a conversation, as a ZIP.
#[utoipa::path(post, operation_id = "exportBuyer", path = "/api/v1/shops/{shop}/conversations/{cnv}/export",
    responses((status = 200, content_type = "application/zip"), (status = "4XX", body = ErrorBody)))]
pub async fn export(
    fresh: Fresh<Staff<Managing>>,
    State(server): State<Server>,
    Origins(origin): Origins,
    path: RawPathParams,
) -> Result<Response, ApiError> {
    let Staff { shop, caller, .. } = &fresh.gate;
    let talk = path_conversation(&server, shop, &path).await?;
    let app = house(&server, caller, &origin);
    let made = app.export_buyer(shop, talk, &fresh.proof).await?;
    let file = tokio::fs::File::from_std(made.file);
    let mut response = Bytes::from_stream(ReaderStream::new(file)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, made.bytes.into());
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let disposition = format!("attachment; filename=\"{}\"", made.name);
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// Erases the buyer of a conversation, for good.
#[utoipa::path(post, operation_id = "eraseBuyer", path = "/api/v1/shops/{shop}/conversations/{cnv}/erase",
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn erase(
    fresh: Fresh<Staff<Managing>>,
    State(server): State<Server>,
    Origins(origin): Origins,
    path: RawPathParams,
) -> Result<Json<Value>, ApiError> {
    let Staff { shop, caller, .. } = &fresh.gate;
    let talk = path_conversation(&server, shop, &path).await?;
    let app = house(&server, caller, &origin);
    let buyer = app.buyer_of(shop.id, talk).await?;
    app.erase_buyer(shop.id, buyer, &fresh.proof).await?;
    Ok(Json(json!({})))
}
