//! Routing: groups, what supervisors steer, why a session went where it went, and the live wall.

use axum::Json;
use axum::extract::{RawPathParams, State};
use xiaoer_app::AppError;
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::chat::Row;
use xiaoer_protocol::error_code::ErrorBody;
use xiaoer_protocol::id;
use xiaoer_protocol::routing::{
    BuyerRouteBody, Checking, CheckingBody, GroupBody, Groups, HandToGroup, RoutingDecisions,
    SteerBody, Steering, Wall,
};

use super::{Body, paced, path_conversation, path_param};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Reading, Serving, Staff, Steer};

/// Walls a second for one person without a socket.
const WALLS_PER_SECOND: u32 = 2;

/// The live wall as it is now; on a WebSocket it comes by itself.
#[utoipa::path(get, operation_id = "wall", path = "/api/v1/shops/{shop}/wall",
    responses((status = 200, body = Wall), (status = "4XX", body = ErrorBody)))]
pub async fn wall(
    staff: Staff<Steer>,
    State(server): State<Server>,
) -> Result<Json<Wall>, ApiError> {
    let account = staff.caller.sender.account;
    paced(&server, format!("wall.{account}"), WALLS_PER_SECOND)?;
    Ok(Json(server.app.wall(staff.shop.id).await?))
}

/// The skill groups.
#[utoipa::path(get, operation_id = "listGroups", path = "/api/v1/shops/{shop}/groups",
    responses((status = 200, body = Groups), (status = "4XX", body = ErrorBody)))]
pub async fn groups(
    staff: Staff<Reading>,
    State(server): State<Server>,
) -> Result<Json<Groups>, ApiError> {
    Ok(Json(server.app.groups(staff.shop.id).await?))
}

/// Makes a skill group.
#[utoipa::path(post, operation_id = "addGroup", path = "/api/v1/shops/{shop}/groups", request_body = GroupBody,
    responses((status = 200, body = Groups), (status = "4XX", body = ErrorBody)))]
pub async fn add_group(
    staff: Staff<Steer>,
    State(server): State<Server>,
    Body(body): Body<GroupBody>,
) -> Result<Json<Groups>, ApiError> {
    Ok(Json(staff.house(&server).save_group(staff.shop.id, None, &body).await?))
}

/// Changes a skill group.
#[utoipa::path(put, operation_id = "changeGroup", path = "/api/v1/shops/{shop}/groups/{id}", request_body = GroupBody,
    responses((status = 200, body = Groups), (status = "4XX", body = ErrorBody)))]
pub async fn change_group(
    staff: Staff<Steer>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<GroupBody>,
) -> Result<Json<Groups>, ApiError> {
    let group = id::parse_group(&path_param(&path, "id")?).ok_or_else(missing)?;
    Ok(Json(staff.house(&server).save_group(staff.shop.id, Some(group), &body).await?))
}

/// Takes a skill group away.
#[utoipa::path(post, operation_id = "removeGroup", path = "/api/v1/shops/{shop}/groups/{id}/remove",
    responses((status = 200, body = Groups), (status = "4XX", body = ErrorBody)))]
pub async fn remove_group(
    staff: Staff<Steer>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<Groups>, ApiError> {
    let group = id::parse_group(&path_param(&path, "id")?).ok_or_else(missing)?;
    Ok(Json(staff.house(&server).remove_group(staff.shop.id, group).await?))
}

/// Changes cap, weight or pause of an agent.
#[utoipa::path(put, operation_id = "steerAgent", path = "/api/v1/shops/{shop}/agents/{id}/steering",
    request_body = SteerBody,
    responses((status = 200, body = Steering), (status = "4XX", body = ErrorBody)))]
pub async fn steer(
    staff: Staff<Steer>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<SteerBody>,
) -> Result<Json<Steering>, ApiError> {
    let agent = id::parse_account(&path_param(&path, "id")?).ok_or_else(missing)?;
    Ok(Json(staff.house(&server).steer(staff.shop.id, agent, body).await?))
}

/// Hands the buyer over to a group.
#[utoipa::path(post, operation_id = "handToGroup", path = "/api/v1/shops/{shop}/conversations/{cnv}/hand-to-group",
    request_body = HandToGroup,
    responses((status = 200, body = Row), (status = "4XX", body = ErrorBody)))]
pub async fn hand_to_group(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<HandToGroup>,
) -> Result<Json<Row>, ApiError> {
    let conversation = path_conversation(&server, &staff.shop, &path).await?;
    let group = id::parse_group(&body.group);
    let group = group.ok_or_else(|| ApiError(AppError::bad_field("group")))?;
    let (caller, note) = (&staff.caller, body.note.as_deref());
    let shop = staff.shop.id;
    server
        .app
        .hand_to_group(shop, conversation, &caller.sender, &caller.roles, group, note)
        .await?;
    Ok(Json(server.app.row(shop, conversation).await?))
}

/// The agent looks into something: for a while the buyer does not go to somebody else.
#[utoipa::path(put, operation_id = "setChecking", path = "/api/v1/shops/{shop}/conversations/{cnv}/checking",
    request_body = CheckingBody,
    responses((status = 200, body = Checking), (status = "4XX", body = ErrorBody)))]
pub async fn set_checking(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<CheckingBody>,
) -> Result<Json<Checking>, ApiError> {
    let conversation = path_conversation(&server, &staff.shop, &path).await?;
    let until = server.app.set_checking(staff.shop.id, conversation, body.minutes).await?;
    Ok(Json(Checking { until: until.map(xiaoer_domain::time::Timestamp::micros) }))
}

/// How the buyer is received from the next session on.
#[utoipa::path(put, operation_id = "setBuyerRoute", path = "/api/v1/shops/{shop}/conversations/{cnv}/buyer-route",
    request_body = BuyerRouteBody,
    responses((status = 200, body = BuyerRouteBody), (status = "4XX", body = ErrorBody)))]
pub async fn set_buyer_route(
    staff: Staff<Steer>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<BuyerRouteBody>,
) -> Result<Json<BuyerRouteBody>, ApiError> {
    let conversation = path_conversation(&server, &staff.shop, &path).await?;
    server.app.set_buyer_route(staff.shop.id, conversation, &body).await?;
    Ok(Json(body))
}

/// Why the latest session went where it went.
#[utoipa::path(get, operation_id = "routingDecisions", path = "/api/v1/shops/{shop}/conversations/{cnv}/routing",
    responses((status = 200, body = RoutingDecisions), (status = "4XX", body = ErrorBody)))]
pub async fn decisions(
    staff: Staff<Reading>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<RoutingDecisions>, ApiError> {
    let conversation = path_conversation(&server, &staff.shop, &path).await?;
    Ok(Json(server.app.routing_decisions(staff.shop.id, conversation).await?))
}

fn missing() -> ApiError {
    ApiError::of(ErrorCode::NotFound)
}
