//! What an agent has begun to write, and what the shop knows of the buyer beside it: remark and earlier sessions.

use axum::Json;
use axum::extract::{RawPathParams, State};
use serde::Deserialize;
use xiaoer_protocol::chat::{Draft, DraftBody, Drafts, PastSessions};
use xiaoer_protocol::customers::{Remark, RemarkBody};
use xiaoer_protocol::error_code::ErrorBody;

use super::{Body, Query, paced, path_conversation, path_param};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Reading, Serving, Staff};
use crate::ws::desk::parse_lane;

/// Everything that I have begun to write.
#[utoipa::path(get, operation_id = "listDrafts", path = "/api/v1/shops/{shop}/drafts",
    responses((status = 200, body = Drafts), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    staff: Staff<Serving>,
    State(server): State<Server>,
) -> Result<Json<Drafts>, ApiError> {
    Ok(Json(server.app.drafts(staff.shop.id, staff.caller.sender.account).await?))
}

/// Keeps what I have begun to write.
#[utoipa::path(put, operation_id = "putDraft", path = "/api/v1/shops/{shop}/conversations/{cnv}/draft", request_body = DraftBody,
    responses((status = 200, body = Draft), (status = "4XX", body = ErrorBody)))]
pub async fn put(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<DraftBody>,
) -> Result<Json<Draft>, ApiError> {
    let me = staff.caller.sender.account;
    paced(&server, format!("draft.{me}"), server.app.limits.desk_sends_per_second)?;
    let id = path_conversation(&server, &staff.shop, &path).await?;
    let shown = path_param(&path, "cnv")?;
    let lane = parse_lane(Some(&body.lane))?;
    Ok(Json(server.app.put_draft(staff.shop.id, me, (id, &shown), lane, &body.text).await?))
}

/// The remark on a conversation's buyer.
#[utoipa::path(get, operation_id = "getRemark", path = "/api/v1/shops/{shop}/conversations/{cnv}/remark",
    responses((status = 200, body = Remark), (status = "4XX", body = ErrorBody)))]
pub async fn remark(
    staff: Staff<Reading>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<Remark>, ApiError> {
    let (app, shop) = (&server.app, staff.shop.id);
    let id = path_conversation(&server, &staff.shop, &path).await?;
    Ok(Json(app.remark(shop, app.buyer_of(shop, id).await?).await?))
}

/// Writes the remark on a conversation's buyer.
#[utoipa::path(put, operation_id = "putRemark", path = "/api/v1/shops/{shop}/conversations/{cnv}/remark", request_body = RemarkBody,
    responses((status = 200, body = Remark), (status = "4XX", body = ErrorBody)))]
pub async fn put_remark(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<RemarkBody>,
) -> Result<Json<Remark>, ApiError> {
    let (app, shop) = (&server.app, staff.shop.id);
    let id = path_conversation(&server, &staff.shop, &path).await?;
    let buyer = app.buyer_of(shop, id).await?;
    Ok(Json(app.put_remark(shop, buyer, &staff.caller.sender, &body.text).await?))
}

/// Which page.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SessionsParams {
    /// From the last page.
    cursor: Option<String>,
}

/// A conversation's sessions, newest first.
#[utoipa::path(get, operation_id = "listSessions", path = "/api/v1/shops/{shop}/conversations/{cnv}/sessions", params(SessionsParams),
    responses((status = 200, body = PastSessions), (status = "4XX", body = ErrorBody)))]
pub async fn sessions(
    staff: Staff<Reading>,
    State(server): State<Server>,
    path: RawPathParams,
    Query(query): Query<SessionsParams>,
) -> Result<Json<PastSessions>, ApiError> {
    let id = path_conversation(&server, &staff.shop, &path).await?;
    Ok(Json(server.app.past_sessions(staff.shop.id, id, query.cursor.as_deref()).await?))
}
