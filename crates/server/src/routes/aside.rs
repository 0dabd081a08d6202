//! Colleagues beside a talk: transfers with acceptance, whispers, invitations.

use axum::Json;
use axum::extract::{RawPathParams, State};
use axum::routing::Router;
use xiaoer_app::AppError;
use xiaoer_app::chat::Receiver;
use xiaoer_domain::chat::ClientId;
use xiaoer_domain::id::ConversationId;
use xiaoer_protocol::chat::{InviteBody, LeaveBody, Row, TransferBody, WhisperBody};
use xiaoer_protocol::error_code::ErrorBody;
use xiaoer_protocol::id;

use super::{Body, paced, path_conversation};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Serving, Staff, Steer, post};

/// Routes of this page.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/shops/{shop}/conversations/{cnv}/transfer", post(offer))
        .route("/shops/{shop}/conversations/{cnv}/transfer/accept", post(accept))
        .route("/shops/{shop}/conversations/{cnv}/transfer/decline", post(decline))
        .route("/shops/{shop}/conversations/{cnv}/transfer/withdraw", post(withdraw))
        .route("/shops/{shop}/conversations/{cnv}/whisper", post(whisper))
        .route("/shops/{shop}/conversations/{cnv}/invite", post(invite))
        .route("/shops/{shop}/conversations/{cnv}/leave", post(leave))
}

/// Asks a colleague or a group to take the buyer over; the caller keeps the buyer until somebody accepts.
#[utoipa::path(post, operation_id = "offerTransfer", path = "/api/v1/shops/{shop}/conversations/{cnv}/transfer", request_body = TransferBody,
    responses((status = 200, body = Row), (status = "4XX", body = ErrorBody)))]
pub async fn offer(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<TransferBody>,
) -> Result<Json<Row>, ApiError> {
    let of = path_conversation(&server, &staff.shop, &path).await?;
    let bad = |field| ApiError(AppError::bad_field(field));
    let to = match (body.to.as_deref(), body.group.as_deref()) {
        (Some(to), None) => Receiver::Agent(id::parse_account(to).ok_or_else(|| bad("to"))?),
        (None, Some(to)) => Receiver::Group(id::parse_group(to).ok_or_else(|| bad("group"))?),
        _ => return Err(bad("to")),
    };
    server.app.offer_transfer(&staff.shop, of, &staff.caller, to, body.note.as_deref()).await?;
    row(&server, &staff, of).await
}

/// A receiver accepts.
#[utoipa::path(post, operation_id = "acceptTransfer", path = "/api/v1/shops/{shop}/conversations/{cnv}/transfer/accept",
    responses((status = 200, body = Row), (status = "4XX", body = ErrorBody)))]
pub async fn accept(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<Row>, ApiError> {
    let of = path_conversation(&server, &staff.shop, &path).await?;
    server.app.accept_transfer(staff.shop.id, of, &staff.caller.sender).await?;
    row(&server, &staff, of).await
}

/// A receiver declines: the giver keeps the buyer.
#[utoipa::path(post, operation_id = "declineTransfer", path = "/api/v1/shops/{shop}/conversations/{cnv}/transfer/decline",
    responses((status = 200, body = Row), (status = "4XX", body = ErrorBody)))]
pub async fn decline(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<Row>, ApiError> {
    let of = path_conversation(&server, &staff.shop, &path).await?;
    server.app.decline_transfer(staff.shop.id, of, &staff.caller.sender).await?;
    row(&server, &staff, of).await
}

/// The giver takes the question back.
#[utoipa::path(post, operation_id = "withdrawTransfer", path = "/api/v1/shops/{shop}/conversations/{cnv}/transfer/withdraw",
    responses((status = 200, body = Row), (status = "4XX", body = ErrorBody)))]
pub async fn withdraw(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<Row>, ApiError> {
    let of = path_conversation(&server, &staff.shop, &path).await?;
    server.app.withdraw_transfer(staff.shop.id, of, &staff.caller.sender).await?;
    row(&server, &staff, of).await
}

/// Tells the agent who serves something that the buyer does not see.
#[utoipa::path(post, operation_id = "whisper", path = "/api/v1/shops/{shop}/conversations/{cnv}/whisper", request_body = WhisperBody,
    responses((status = 200, body = Row), (status = "4XX", body = ErrorBody)))]
pub async fn whisper(
    staff: Staff<Steer>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<WhisperBody>,
) -> Result<Json<Row>, ApiError> {
    let me = &staff.caller.sender;
    let rate = server.app.limits.desk_sends_per_second;
    paced(&server, format!("desk.{}", me.account), rate)?;
    let of = path_conversation(&server, &staff.shop, &path).await?;
    let client_id = ClientId::parse(&body.client_id).map_err(AppError::from)?;
    server.app.whisper(staff.shop.id, of, me, client_id, &body.text).await?;
    row(&server, &staff, of).await
}

/// Asks a colleague to join the open session.
#[utoipa::path(post, operation_id = "invite", path = "/api/v1/shops/{shop}/conversations/{cnv}/invite", request_body = InviteBody,
    responses((status = 200, body = Row), (status = "4XX", body = ErrorBody)))]
pub async fn invite(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<InviteBody>,
) -> Result<Json<Row>, ApiError> {
    let of = path_conversation(&server, &staff.shop, &path).await?;
    let who = id::parse_account(&body.to).ok_or_else(|| ApiError(AppError::bad_field("to")))?;
    server.app.invite(staff.shop.id, of, &staff.caller, who, body.may_speak).await?;
    row(&server, &staff, of).await
}

/// Ends that a colleague has joined.
#[utoipa::path(post, operation_id = "leaveTalk", path = "/api/v1/shops/{shop}/conversations/{cnv}/leave", request_body = LeaveBody,
    responses((status = 200, body = Row), (status = "4XX", body = ErrorBody)))]
pub async fn leave(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<LeaveBody>,
) -> Result<Json<Row>, ApiError> {
    let of = path_conversation(&server, &staff.shop, &path).await?;
    let who = match body.who.as_deref() {
        None => staff.caller.sender.account,
        Some(who) => id::parse_account(who).ok_or_else(|| ApiError(AppError::bad_field("who")))?,
    };
    server.app.leave_talk(staff.shop.id, of, &staff.caller, who).await?;
    row(&server, &staff, of).await
}

async fn row<R>(
    server: &Server,
    staff: &Staff<R>,
    of: ConversationId,
) -> Result<Json<Row>, ApiError> {
    Ok(Json(server.app.row(staff.shop.id, of).await?))
}
