//! The telephone log.

use axum::Json;
use axum::extract::{RawPathParams, State};
use axum::routing::Router;
use xiaoer_protocol::error_code::ErrorBody;
use xiaoer_protocol::team::call::{CallBody, CallProtectionBody, Calls};

use super::{Body, path_conversation};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Reading, Serving, Staff, get, post, put};

/// Routes of this page.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/shops/{shop}/conversations/{cnv}/calls", get(list).merge(post(log)))
        .route("/shops/{shop}/conversations/{cnv}/calls/protection", put(protect))
}

/// Calls about a conversation.
#[utoipa::path(get, operation_id = "listCalls", path = "/api/v1/shops/{shop}/conversations/{cnv}/calls",
    responses((status = 200, body = Calls), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    staff: Staff<Reading>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<Calls>, ApiError> {
    let of = path_conversation(&server, &staff.shop, &path).await?;
    Ok(Json(server.app.calls(staff.shop.id, of).await?))
}

/// A call was made.
#[utoipa::path(post, operation_id = "logCall", path = "/api/v1/shops/{shop}/conversations/{cnv}/calls", request_body = CallBody,
    responses((status = 200, body = Calls), (status = "4XX", body = ErrorBody)))]
pub async fn log(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<CallBody>,
) -> Result<Json<Calls>, ApiError> {
    let of = path_conversation(&server, &staff.shop, &path).await?;
    Ok(Json(server.app.log_call(&staff.shop, &staff.caller, of, &body).await?))
}

/// The buyer must not be called, or may be again.
#[utoipa::path(put, operation_id = "protectFromCalls", path = "/api/v1/shops/{shop}/conversations/{cnv}/calls/protection",
    request_body = CallProtectionBody, responses((status = 200, body = Calls), (status = "4XX", body = ErrorBody)))]
pub async fn protect(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<CallProtectionBody>,
) -> Result<Json<Calls>, ApiError> {
    let of = path_conversation(&server, &staff.shop, &path).await?;
    Ok(Json(server.app.protect_from_calls(staff.shop.id, &staff.caller, of, &body).await?))
}
