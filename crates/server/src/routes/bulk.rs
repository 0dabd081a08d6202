//! Tags, and acts on all conversations that a filter finds.

use axum::Json;
use axum::extract::{RawPathParams, State};
use axum::routing::Router;
use xiaoer_app::AppError;
use xiaoer_app::platform::audit::Actor;
use xiaoer_domain::id::BulkJobId;
use xiaoer_protocol::chat::bulk::{BulkBody, BulkJob, TagBody, Tags};
use xiaoer_protocol::error_code::ErrorBody;

use super::{Body, paced, path_conversation, path_param};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Origins, Reading, Serving, Staff, get, post};

/// Jobs that one person begins a second; a burst may be twice that.
const JOBS_PER_SECOND: u32 = 1;

/// Routes of this page.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/shops/{shop}/tags", get(tags))
        .route("/shops/{shop}/conversations/{cnv}/tags", get(of).merge(post(set)))
        .route("/shops/{shop}/bulk", post(begin))
        .route("/shops/{shop}/bulk/{id}", get(job))
        .route("/shops/{shop}/bulk/{id}/cancel", post(cancel))
}

/// Tags of the shop.
#[utoipa::path(get, operation_id = "listTags", path = "/api/v1/shops/{shop}/tags",
    responses((status = 200, body = Tags), (status = "4XX", body = ErrorBody)))]
pub async fn tags(
    staff: Staff<Reading>,
    State(server): State<Server>,
) -> Result<Json<Tags>, ApiError> {
    Ok(Json(server.app.tags(staff.shop.id).await?))
}

/// Tags of a conversation.
#[utoipa::path(get, operation_id = "tagsOf", path = "/api/v1/shops/{shop}/conversations/{cnv}/tags",
    responses((status = 200, body = Tags), (status = "4XX", body = ErrorBody)))]
pub async fn of(
    staff: Staff<Reading>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<Tags>, ApiError> {
    let of = path_conversation(&server, &staff.shop, &path).await?;
    Ok(Json(server.app.tags_of(staff.shop.id, of).await?))
}

/// Puts a tag on a conversation, or takes it off.
#[utoipa::path(post, operation_id = "setTag", path = "/api/v1/shops/{shop}/conversations/{cnv}/tags", request_body = TagBody,
    responses((status = 200, body = Tags), (status = "4XX", body = ErrorBody)))]
pub async fn set(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<TagBody>,
) -> Result<Json<Tags>, ApiError> {
    let of = path_conversation(&server, &staff.shop, &path).await?;
    Ok(Json(server.app.set_tag(staff.shop.id, &staff.caller, of, &body).await?))
}

/// Begins to act on everything that fits now.
#[utoipa::path(post, operation_id = "beginBulk", path = "/api/v1/shops/{shop}/bulk", request_body = BulkBody,
    responses((status = 200, body = BulkJob), (status = "4XX", body = ErrorBody)))]
pub async fn begin(
    staff: Staff<Serving>,
    State(server): State<Server>,
    Origins(origin): Origins,
    Body(body): Body<BulkBody>,
) -> Result<Json<BulkJob>, ApiError> {
    let account = staff.caller.sender.account;
    paced(&server, format!("bulk.{account}"), JOBS_PER_SECOND)?;
    let house = server.app.by(Actor::desk(account, &origin.address));
    Ok(Json(house.begin_bulk(staff.shop.id, &staff.caller, &body).await?))
}

/// How far a job is.
#[utoipa::path(get, operation_id = "getBulk", path = "/api/v1/shops/{shop}/bulk/{id}",
    responses((status = 200, body = BulkJob), (status = "4XX", body = ErrorBody)))]
pub async fn job(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<BulkJob>, ApiError> {
    Ok(Json(server.app.bulk_job(staff.shop.id, path_job(&path)?).await?))
}

/// Stops a job before its next step.
#[utoipa::path(post, operation_id = "cancelBulk", path = "/api/v1/shops/{shop}/bulk/{id}/cancel",
    responses((status = 200, body = BulkJob), (status = "4XX", body = ErrorBody)))]
pub async fn cancel(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<BulkJob>, ApiError> {
    Ok(Json(server.app.cancel_bulk(staff.shop.id, path_job(&path)?).await?))
}

fn path_job(path: &RawPathParams) -> Result<BulkJobId, ApiError> {
    let number = path_param(path, "id")?.parse();
    number.map(BulkJobId::new).map_err(|_| ApiError(AppError::bad_field("id")))
}
