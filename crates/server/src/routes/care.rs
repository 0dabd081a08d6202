//! Around the talk: what a shop offers its buyers, messages left for later, ratings.

use axum::Json;
use axum::extract::{RawPathParams, State};
use serde::Deserialize;
use xiaoer_app::AppError;
use xiaoer_app::chat::FollowUpQuery;
use xiaoer_domain::id::{FollowUpId, SessionId};
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::chat::{
    AssignBody, FollowUp, FollowUps, LeaveMessage, Left, MaybeRating, Offer, Rating, RatingBody,
    Ratings,
};
use xiaoer_protocol::error_code::ErrorBody;
use xiaoer_protocol::id;

use super::{Body, Query, paced, path_conversation, path_param};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Buyer, Guest, Reading, Serving, Staff};

/// Rows of a page when none is asked for.
const ROWS: i64 = 50;
/// Messages that one visitor leaves, and ratings that one gives, a second; a burst may be twice that.
const NOTES_PER_SECOND: u32 = 1;

/// What the shop offers.
#[utoipa::path(get, operation_id = "getOffer", path = "/api/v1/widget/{shop}/offer",
    responses((status = 200, body = Offer), (status = "4XX", body = ErrorBody)))]
pub async fn offer(guest: Guest, State(server): State<Server>) -> Result<Json<Offer>, ApiError> {
    Ok(Json(server.app.offer(&guest.shop).await?))
}

/// A buyer leaves a message.
#[utoipa::path(post, operation_id = "leaveMessage", path = "/api/v1/widget/{shop}/follow-ups", request_body = LeaveMessage,
    responses((status = 200, body = Left), (status = "4XX", body = ErrorBody)))]
pub async fn leave(
    buyer: Buyer,
    State(server): State<Server>,
    Body(body): Body<LeaveMessage>,
) -> Result<Json<Left>, ApiError> {
    paced(&server, format!("leave.{}", buyer.caller.visitor), NOTES_PER_SECOND)?;
    Ok(Json(server.app.leave_message(&buyer.shop, buyer.caller, &body).await?))
}

/// The own rating of a session.
#[utoipa::path(get, operation_id = "getOwnRating", path = "/api/v1/widget/{shop}/sessions/{ses}/rating",
    responses((status = 200, body = MaybeRating), (status = "4XX", body = ErrorBody)))]
pub async fn own_rating(
    buyer: Buyer,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<MaybeRating>, ApiError> {
    let session = path_session(&path)?;
    Ok(Json(server.app.rating_of(&buyer.shop, buyer.caller, session).await?))
}

/// A buyer rates a session that is over.
#[utoipa::path(post, operation_id = "rate", path = "/api/v1/widget/{shop}/sessions/{ses}/rating", request_body = RatingBody,
    responses((status = 200, body = Rating), (status = "4XX", body = ErrorBody)))]
pub async fn rate(
    buyer: Buyer,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<RatingBody>,
) -> Result<Json<Rating>, ApiError> {
    paced(&server, format!("rate.{}", buyer.caller.visitor), NOTES_PER_SECOND)?;
    let session = path_session(&path)?;
    Ok(Json(server.app.rate(&buyer.shop, buyer.caller, session, &body).await?))
}

/// What a buyer thought of the sessions of a conversation.
#[utoipa::path(get, operation_id = "listRatings", path = "/api/v1/shops/{shop}/conversations/{cnv}/ratings",
    responses((status = 200, body = Ratings), (status = "4XX", body = ErrorBody)))]
pub async fn ratings(
    staff: Staff<Reading>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<Ratings>, ApiError> {
    let conversation = path_conversation(&server, &staff.shop, &path).await?;
    Ok(Json(server.app.ratings(&staff.shop, conversation).await?))
}

/// Which left messages.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FollowUpParams {
    /// `open`, `mine`, `overdue` or `done`.
    list: String,
    /// From the last page.
    cursor: Option<String>,
    /// Rows of a page.
    limit: Option<i64>,
}

/// A page of left messages.
#[utoipa::path(get, operation_id = "listFollowUps", path = "/api/v1/shops/{shop}/follow-ups", params(FollowUpParams),
    responses((status = 200, body = FollowUps), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    staff: Staff<Serving>,
    State(server): State<Server>,
    Query(query): Query<FollowUpParams>,
) -> Result<Json<FollowUps>, ApiError> {
    let list = match query.list.as_str() {
        "open" => FollowUpQuery::Open,
        "mine" => FollowUpQuery::Mine(staff.caller.sender.account),
        "overdue" => FollowUpQuery::Overdue,
        "done" => FollowUpQuery::Done,
        _ => return Err(ApiError(AppError::bad_field("list"))),
    };
    let (cursor, limit) = (query.cursor.as_deref(), query.limit.unwrap_or(ROWS));
    Ok(Json(server.app.follow_ups(staff.shop.id, &list, cursor, limit).await?))
}

/// Gives a left message to somebody.
#[utoipa::path(post, operation_id = "assignFollowUp", path = "/api/v1/shops/{shop}/follow-ups/{fup}/assign", request_body = AssignBody,
    responses((status = 200, body = FollowUp), (status = "4XX", body = ErrorBody)))]
pub async fn assign(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<AssignBody>,
) -> Result<Json<FollowUp>, ApiError> {
    let to = body
        .to
        .as_deref()
        .map(|to| id::parse_account(to).ok_or_else(|| ApiError(AppError::bad_field("to"))));
    let to = to.transpose()?;
    Ok(Json(server.app.assign_follow_up(staff.shop.id, path_follow_up(&path)?, to).await?))
}

/// A left message is answered.
#[utoipa::path(post, operation_id = "finishFollowUp", path = "/api/v1/shops/{shop}/follow-ups/{fup}/done",
    responses((status = 200, body = FollowUp), (status = "4XX", body = ErrorBody)))]
pub async fn finish(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<FollowUp>, ApiError> {
    let (id, by) = (path_follow_up(&path)?, staff.caller.sender.account);
    Ok(Json(server.app.finish_follow_up(staff.shop.id, id, by).await?))
}

/// A left message is open again.
#[utoipa::path(post, operation_id = "reopenFollowUp", path = "/api/v1/shops/{shop}/follow-ups/{fup}/reopen",
    responses((status = 200, body = FollowUp), (status = "4XX", body = ErrorBody)))]
pub async fn reopen(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<FollowUp>, ApiError> {
    Ok(Json(server.app.reopen_follow_up(staff.shop.id, path_follow_up(&path)?).await?))
}

fn path_session(path: &RawPathParams) -> Result<SessionId, ApiError> {
    let text = path_param(path, "ses")?;
    id::parse_session(&text).ok_or_else(|| ApiError::of(ErrorCode::NotFound))
}

fn path_follow_up(path: &RawPathParams) -> Result<FollowUpId, ApiError> {
    let text = path_param(path, "fup")?;
    id::parse_follow_up(&text).ok_or_else(|| ApiError::of(ErrorCode::NotFound))
}
