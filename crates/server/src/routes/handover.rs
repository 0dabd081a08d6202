//! Shift handovers and notices to staff.

use axum::Json;
use axum::extract::{RawPathParams, State};
use axum::routing::Router;
use xiaoer_app::AppError;
use xiaoer_app::platform::audit::Actor;
use xiaoer_domain::id::{HandoverId, HandoverItemId, NoticeId};
use xiaoer_protocol::error_code::ErrorBody;
use xiaoer_protocol::team::handover::{
    Handover, HandoverBody, HandoverDraft, Handovers, NoticeBody, NoticeReaders, Notices,
};

use super::{Body, path_param};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Origins, Planning, Reading, Serving, Staff, get, post};

/// Routes of this page.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/shops/{shop}/handovers", get(list).merge(post(give)))
        .route("/shops/{shop}/handovers/draft", get(draft))
        .route("/shops/{shop}/handovers/{id}/sign", post(sign))
        .route("/shops/{shop}/handovers/{id}/withdraw", post(withdraw))
        .route("/shops/{shop}/handovers/{id}/items/{item}/settle", post(settle))
        .route("/shops/{shop}/notices", get(notices).merge(post(pin)))
        .route("/shops/{shop}/notices/{id}/read", post(read_notice))
        .route("/shops/{shop}/notices/{id}/readers", get(readers))
        .route("/shops/{shop}/notices/{id}/end", post(end_notice))
}

/// Handovers that one gave or receives.
#[utoipa::path(get, operation_id = "listHandovers", path = "/api/v1/shops/{shop}/handovers",
    responses((status = 200, body = Handovers), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    staff: Staff<Serving>,
    State(server): State<Server>,
) -> Result<Json<Handovers>, ApiError> {
    Ok(Json(server.app.handovers(staff.shop.id, &staff.caller).await?))
}

/// What one could hand over now.
#[utoipa::path(get, operation_id = "draftHandover", path = "/api/v1/shops/{shop}/handovers/draft",
    responses((status = 200, body = HandoverDraft), (status = "4XX", body = ErrorBody)))]
pub async fn draft(
    staff: Staff<Serving>,
    State(server): State<Server>,
) -> Result<Json<HandoverDraft>, ApiError> {
    Ok(Json(server.app.handover_draft(&staff.shop, &staff.caller).await?))
}

/// Hands over: the giver's signature.
#[utoipa::path(post, operation_id = "giveHandover", path = "/api/v1/shops/{shop}/handovers", request_body = HandoverBody,
    responses((status = 200, body = Handover), (status = "4XX", body = ErrorBody)))]
pub async fn give(
    staff: Staff<Serving>,
    State(server): State<Server>,
    Body(body): Body<HandoverBody>,
) -> Result<Json<Handover>, ApiError> {
    Ok(Json(server.app.give_handover(&staff.shop, &staff.caller, &body).await?))
}

/// The receiver signs; what could not go before goes now.
#[utoipa::path(post, operation_id = "signHandover", path = "/api/v1/shops/{shop}/handovers/{id}/sign",
    responses((status = 200, body = Handover), (status = "4XX", body = ErrorBody)))]
pub async fn sign(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<Handover>, ApiError> {
    let id = HandoverId::new(number(&path, "id")?);
    Ok(Json(server.app.sign_handover(staff.shop.id, &staff.caller, id).await?))
}

/// The giver takes it back.
#[utoipa::path(post, operation_id = "withdrawHandover", path = "/api/v1/shops/{shop}/handovers/{id}/withdraw",
    responses((status = 200, body = Handover), (status = "4XX", body = ErrorBody)))]
pub async fn withdraw(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<Handover>, ApiError> {
    let id = HandoverId::new(number(&path, "id")?);
    Ok(Json(server.app.withdraw_handover(staff.shop.id, &staff.caller, id).await?))
}

/// A promise is kept, an incident settled.
#[utoipa::path(post, operation_id = "settleHandoverItem", path = "/api/v1/shops/{shop}/handovers/{id}/items/{item}/settle",
    responses((status = 200, body = Handover), (status = "4XX", body = ErrorBody)))]
pub async fn settle(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<Handover>, ApiError> {
    let id = HandoverId::new(number(&path, "id")?);
    let item = HandoverItemId::new(number(&path, "item")?);
    Ok(Json(server.app.settle_handover_item(staff.shop.id, &staff.caller, id, item).await?))
}

/// Notices that are pinned.
#[utoipa::path(get, operation_id = "listNotices", path = "/api/v1/shops/{shop}/notices",
    responses((status = 200, body = Notices), (status = "4XX", body = ErrorBody)))]
pub async fn notices(
    staff: Staff<Reading>,
    State(server): State<Server>,
) -> Result<Json<Notices>, ApiError> {
    Ok(Json(server.app.notices(staff.shop.id, &staff.caller).await?))
}

/// Pins a notice.
#[utoipa::path(post, operation_id = "pinNotice", path = "/api/v1/shops/{shop}/notices", request_body = NoticeBody,
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn pin(
    staff: Staff<Planning>,
    State(server): State<Server>,
    Origins(origin): Origins,
    Body(body): Body<NoticeBody>,
) -> Result<Json<serde_json::Value>, ApiError> {
    let house = server.app.by(Actor::desk(staff.caller.sender.account, &origin.address));
    house.pin_notice(staff.shop.id, &staff.caller, &body).await?;
    Ok(Json(serde_json::json!({})))
}

/// One has read a notice.
#[utoipa::path(post, operation_id = "readNotice", path = "/api/v1/shops/{shop}/notices/{id}/read",
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn read_notice(
    staff: Staff<Reading>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<serde_json::Value>, ApiError> {
    let id = NoticeId::new(number(&path, "id")?);
    server.app.read_notice(staff.shop.id, &staff.caller, id).await?;
    Ok(Json(serde_json::json!({})))
}

/// Who has read a notice, and who has not.
#[utoipa::path(get, operation_id = "noticeReaders", path = "/api/v1/shops/{shop}/notices/{id}/readers",
    responses((status = 200, body = NoticeReaders), (status = "4XX", body = ErrorBody)))]
pub async fn readers(
    staff: Staff<Planning>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<NoticeReaders>, ApiError> {
    let id = NoticeId::new(number(&path, "id")?);
    Ok(Json(server.app.notice_readers(staff.shop.id, id).await?))
}

/// Takes a notice down.
#[utoipa::path(post, operation_id = "endNotice", path = "/api/v1/shops/{shop}/notices/{id}/end",
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn end_notice(
    staff: Staff<Planning>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<serde_json::Value>, ApiError> {
    let id = NoticeId::new(number(&path, "id")?);
    server.app.end_notice(staff.shop.id, id).await?;
    Ok(Json(serde_json::json!({})))
}

fn number(path: &RawPathParams, name: &str) -> Result<i64, ApiError> {
    path_param(path, name)?.parse().map_err(|_| ApiError(AppError::bad_field(name)))
}
