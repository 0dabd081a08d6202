//! Hours, roster and modes.

use axum::Json;
use axum::extract::{RawPathParams, State};
use axum::routing::Router;
use serde::Deserialize;
use xiaoer_app::AppError;
use xiaoer_app::platform::audit::Actor;
use xiaoer_domain::id::{ModeId, SpecialDayId};
use xiaoer_protocol::error_code::ErrorBody;
use xiaoer_protocol::team::duty::{
    DutyPlan, HoursBody, Mode, ModeBody, Roster, RosterBody, RosterCopy, SpecialDay, SpecialDayBody,
};

use super::{Body, Query, path_param};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Managing, Needs, Origins, Planning, Reading, Staff, get, post, put};

/// Routes of this page.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/shops/{shop}/duty", get(plan))
        .route("/shops/{shop}/duty/hours", put(set_hours))
        .route("/shops/{shop}/duty/special-days", post(add_special))
        .route("/shops/{shop}/duty/special-days/{id}/remove", post(remove_special))
        .route("/shops/{shop}/roster", get(roster).merge(put(plan_roster)))
        .route("/shops/{shop}/roster/copy", post(copy_roster))
        .route("/shops/{shop}/modes", post(add_mode))
        .route("/shops/{shop}/modes/{id}", put(change_mode))
        .route("/shops/{shop}/modes/{id}/end", post(end_mode))
}

/// When the shop serves, what is different when, and whether one is on duty.
#[utoipa::path(get, operation_id = "getDuty", path = "/api/v1/shops/{shop}/duty",
    responses((status = 200, body = DutyPlan), (status = "4XX", body = ErrorBody)))]
pub async fn plan(
    staff: Staff<Reading>,
    State(server): State<Server>,
) -> Result<Json<DutyPlan>, ApiError> {
    Ok(Json(server.app.duty_plan(&staff.shop, &staff.caller).await?))
}

/// Sets the hours of service from now on.
#[utoipa::path(put, operation_id = "setHours", path = "/api/v1/shops/{shop}/duty/hours", request_body = HoursBody,
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn set_hours(
    staff: Staff<Managing>,
    State(server): State<Server>,
    Origins(origin): Origins,
    Body(body): Body<HoursBody>,
) -> Result<Json<serde_json::Value>, ApiError> {
    by(&server, &staff, &origin.address).set_hours(&staff.shop, &body).await?;
    done()
}

/// A new holiday or exception.
#[utoipa::path(post, operation_id = "addSpecialDay", path = "/api/v1/shops/{shop}/duty/special-days", request_body = SpecialDayBody,
    responses((status = 200, body = SpecialDay), (status = "4XX", body = ErrorBody)))]
pub async fn add_special(
    staff: Staff<Managing>,
    State(server): State<Server>,
    Origins(origin): Origins,
    Body(body): Body<SpecialDayBody>,
) -> Result<Json<SpecialDay>, ApiError> {
    let house = by(&server, &staff, &origin.address);
    Ok(Json(house.add_special_day(staff.shop.id, &staff.caller, &body).await?))
}

/// A day is like the others again.
#[utoipa::path(post, operation_id = "removeSpecialDay", path = "/api/v1/shops/{shop}/duty/special-days/{id}/remove",
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn remove_special(
    staff: Staff<Managing>,
    State(server): State<Server>,
    Origins(origin): Origins,
    path: RawPathParams,
) -> Result<Json<serde_json::Value>, ApiError> {
    let id = SpecialDayId::new(path_id(&path)?);
    by(&server, &staff, &origin.address).remove_special_day(staff.shop.id, id).await?;
    done()
}

/// Which week.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RosterParams {
    /// A day of it; this week if none is named.
    week: Option<String>,
}

/// A week of the roster.
#[utoipa::path(get, operation_id = "getRoster", path = "/api/v1/shops/{shop}/roster", params(RosterParams),
    responses((status = 200, body = Roster), (status = "4XX", body = ErrorBody)))]
pub async fn roster(
    staff: Staff<Reading>,
    State(server): State<Server>,
    Query(query): Query<RosterParams>,
) -> Result<Json<Roster>, ApiError> {
    Ok(Json(server.app.roster(&staff.shop, &staff.caller, query.week.as_deref()).await?))
}

/// Plans days of people.
#[utoipa::path(put, operation_id = "planRoster", path = "/api/v1/shops/{shop}/roster", request_body = RosterBody,
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn plan_roster(
    staff: Staff<Planning>,
    State(server): State<Server>,
    Origins(origin): Origins,
    Body(body): Body<RosterBody>,
) -> Result<Json<serde_json::Value>, ApiError> {
    by(&server, &staff, &origin.address).plan_roster(&staff.shop, &body).await?;
    done()
}

/// Fills a week from another one.
#[utoipa::path(post, operation_id = "copyRoster", path = "/api/v1/shops/{shop}/roster/copy", request_body = RosterCopy,
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn copy_roster(
    staff: Staff<Planning>,
    State(server): State<Server>,
    Origins(origin): Origins,
    Body(body): Body<RosterCopy>,
) -> Result<Json<serde_json::Value>, ApiError> {
    by(&server, &staff, &origin.address).copy_roster(&staff.shop, &body).await?;
    done()
}

/// A new mode.
#[utoipa::path(post, operation_id = "addMode", path = "/api/v1/shops/{shop}/modes", request_body = ModeBody,
    responses((status = 200, body = Mode), (status = "4XX", body = ErrorBody)))]
pub async fn add_mode(
    staff: Staff<Planning>,
    State(server): State<Server>,
    Origins(origin): Origins,
    Body(body): Body<ModeBody>,
) -> Result<Json<Mode>, ApiError> {
    let house = by(&server, &staff, &origin.address);
    Ok(Json(house.add_mode(staff.shop.id, &staff.caller, &body).await?))
}

/// Writes a mode anew.
#[utoipa::path(put, operation_id = "changeMode", path = "/api/v1/shops/{shop}/modes/{id}", request_body = ModeBody,
    responses((status = 200, body = Mode), (status = "4XX", body = ErrorBody)))]
pub async fn change_mode(
    staff: Staff<Planning>,
    State(server): State<Server>,
    Origins(origin): Origins,
    path: RawPathParams,
    Body(body): Body<ModeBody>,
) -> Result<Json<Mode>, ApiError> {
    let id = ModeId::new(path_id(&path)?);
    let house = by(&server, &staff, &origin.address);
    Ok(Json(house.change_mode(staff.shop.id, id, &body).await?))
}

/// Switches a mode off.
#[utoipa::path(post, operation_id = "endMode", path = "/api/v1/shops/{shop}/modes/{id}/end",
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn end_mode(
    staff: Staff<Planning>,
    State(server): State<Server>,
    Origins(origin): Origins,
    path: RawPathParams,
) -> Result<Json<serde_json::Value>, ApiError> {
    let id = ModeId::new(path_id(&path)?);
    by(&server, &staff, &origin.address).end_mode(staff.shop.id, id).await?;
    done()
}

/// The house, acting for this person.
fn by<R: Needs>(server: &Server, staff: &Staff<R>, address: &str) -> xiaoer_app::App {
    server.app.by(Actor::desk(staff.caller.sender.account, address))
}

fn done() -> Result<Json<serde_json::Value>, ApiError> {
    Ok(Json(serde_json::json!({})))
}

fn path_id(path: &RawPathParams) -> Result<i64, ApiError> {
    path_param(path, "id")?.parse().map_err(|_| ApiError(AppError::bad_field("id")))
}
