//! What the shop says by itself.

use axum::Json;
use axum::extract::{RawPathParams, State};
use axum::routing::Router;
use xiaoer_app::AppError;
use xiaoer_protocol::error_code::ErrorBody;
use xiaoer_protocol::phrases::{AutoReplies, AutoReply, AutoReplyBody};

use super::{Body, path_param};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Reading, Serving, Staff, get, post, put};

/// Routes of this page.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/shops/{shop}/auto-replies", get(list).merge(post(add)))
        .route("/shops/{shop}/auto-replies/{id}", put(change))
        .route("/shops/{shop}/auto-replies/{id}/remove", post(remove))
}

/// What the shop says by itself.
#[utoipa::path(get, operation_id = "listAutoReplies", path = "/api/v1/shops/{shop}/auto-replies",
    responses((status = 200, body = AutoReplies), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    staff: Staff<Reading>,
    State(server): State<Server>,
) -> Result<Json<AutoReplies>, ApiError> {
    Ok(Json(server.app.auto_replies(&staff.shop, &staff.caller).await?))
}

/// A new one.
#[utoipa::path(post, operation_id = "addAutoReply", path = "/api/v1/shops/{shop}/auto-replies", request_body = AutoReplyBody,
    responses((status = 200, body = AutoReply), (status = "4XX", body = ErrorBody)))]
pub async fn add(
    staff: Staff<Serving>,
    State(server): State<Server>,
    Body(body): Body<AutoReplyBody>,
) -> Result<Json<AutoReply>, ApiError> {
    Ok(Json(server.app.write_auto_reply(staff.shop.id, &staff.caller, None, &body).await?))
}

/// Writes one anew; it keeps its occasion.
#[utoipa::path(put, operation_id = "changeAutoReply", path = "/api/v1/shops/{shop}/auto-replies/{id}", request_body = AutoReplyBody,
    responses((status = 200, body = AutoReply), (status = "4XX", body = ErrorBody)))]
pub async fn change(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<AutoReplyBody>,
) -> Result<Json<AutoReply>, ApiError> {
    let id = Some(path_id(&path)?);
    Ok(Json(server.app.write_auto_reply(staff.shop.id, &staff.caller, id, &body).await?))
}

/// Removes one.
#[utoipa::path(post, operation_id = "removeAutoReply", path = "/api/v1/shops/{shop}/auto-replies/{id}/remove",
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn remove(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<serde_json::Value>, ApiError> {
    server.app.remove_auto_reply(staff.shop.id, &staff.caller, path_id(&path)?).await?;
    Ok(Json(serde_json::json!({})))
}

fn path_id(path: &RawPathParams) -> Result<i64, ApiError> {
    path_param(path, "id")?.parse().map_err(|_| ApiError(AppError::bad_field("id")))
}
