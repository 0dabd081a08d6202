//! The people of a shop, for whoever manages it.

use axum::extract::{RawPathParams, State};
use axum::{Json, Router};
use serde_json::{Value, json};
use xiaoer_app::chat::Heir;
use xiaoer_app::platform::audit::Actor;
use xiaoer_app::team::{Caller, Origin};
use xiaoer_app::{App, AppError};
use xiaoer_domain::id::AccountId;
use xiaoer_protocol::error_code::ErrorBody;
use xiaoer_protocol::id;
use xiaoer_protocol::team::people::{
    GivenPassword, People, PeopleAdded, PeopleLines, PeopleTable, PersonChange, SwitchOff,
    SwitchedOff,
};

use super::{Body, path_param};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Fresh, Managing, Origins, Staff, get, post, put};

/// Routes of the team.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/shops/{shop}/people", get(list).merge(post(add)))
        .route("/shops/{shop}/people/try", post(try_table))
        .route("/shops/{shop}/people/{acc}", put(change))
        .route("/shops/{shop}/people/{acc}/off", post(switch_off))
        .route("/shops/{shop}/people/{acc}/on", post(switch_on))
        .route("/shops/{shop}/people/{acc}/password", post(give_password))
        .route("/shops/{shop}/people/{acc}/second-factor/off", post(reset_factor))
}

/// The house, acting for this person.
pub fn house(server: &Server, caller: &Caller, origin: &Origin) -> App {
    server.app.by(Actor::desk(caller.sender.account, &origin.address))
}

fn path_account(path: &RawPathParams) -> Result<AccountId, ApiError> {
    let account = id::parse_account(&path_param(path, "acc")?);
    account.ok_or_else(|| ApiError(AppError::bad_field("acc")))
}

/// Everybody of the shop.
#[utoipa::path(get, operation_id = "listPeople", path = "/api/v1/shops/{shop}/people",
    responses((status = 200, body = People), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    staff: Staff<Managing>,
    State(server): State<Server>,
) -> Result<Json<People>, ApiError> {
    Ok(Json(server.app.people(staff.shop.id).await?))
}

/// Looks at a table of people without adding anybody.
#[utoipa::path(post, operation_id = "tryPeople", path = "/api/v1/shops/{shop}/people/try", request_body = PeopleTable,
    responses((status = 200, body = PeopleLines), (status = "4XX", body = ErrorBody)))]
pub async fn try_table(
    staff: Staff<Managing>,
    State(server): State<Server>,
    Body(body): Body<PeopleTable>,
) -> Result<Json<PeopleLines>, ApiError> {
    Ok(Json(server.app.try_people(&staff.caller, &body).await?))
}

/// Adds everybody of a table, or nobody.
#[utoipa::path(post, operation_id = "addPeople", path = "/api/v1/shops/{shop}/people", request_body = PeopleTable,
    responses((status = 200, body = PeopleAdded), (status = "4XX", body = ErrorBody)))]
pub async fn add(
    fresh: Fresh<Staff<Managing>>,
    State(server): State<Server>,
    Origins(origin): Origins,
    Body(body): Body<PeopleTable>,
) -> Result<Json<PeopleAdded>, ApiError> {
    let Staff { shop, caller, .. } = &fresh.gate;
    let app = house(&server, caller, &origin);
    Ok(Json(app.add_people(shop.id, caller, &fresh.proof, &body).await?))
}

/// Changes duties and cap.
#[utoipa::path(put, operation_id = "changePerson", path = "/api/v1/shops/{shop}/people/{acc}", request_body = PersonChange,
    responses((status = 200, body = People), (status = "4XX", body = ErrorBody)))]
pub async fn change(
    fresh: Fresh<Staff<Managing>>,
    State(server): State<Server>,
    Origins(origin): Origins,
    path: RawPathParams,
    Body(body): Body<PersonChange>,
) -> Result<Json<People>, ApiError> {
    let Staff { shop, caller, .. } = &fresh.gate;
    let app = house(&server, caller, &origin);
    app.change_person(shop.id, caller, path_account(&path)?, &body).await?;
    Ok(Json(app.people(shop.id).await?))
}

/// Switches a leaver off at once and hands the open conversations on.
#[utoipa::path(post, operation_id = "switchOffPerson", path = "/api/v1/shops/{shop}/people/{acc}/off", request_body = SwitchOff,
    responses((status = 200, body = SwitchedOff), (status = "4XX", body = ErrorBody)))]
pub async fn switch_off(
    fresh: Fresh<Staff<Managing>>,
    State(server): State<Server>,
    Origins(origin): Origins,
    path: RawPathParams,
    Body(body): Body<SwitchOff>,
) -> Result<Json<SwitchedOff>, ApiError> {
    let Staff { shop, caller, .. } = &fresh.gate;
    let heir = match body.hand_to.as_deref() {
        None | Some("") => Heir::Nobody,
        Some("anybody") => Heir::Anybody,
        Some(text) => {
            let to = id::parse_account(text);
            Heir::Colleague(to.ok_or_else(|| ApiError(AppError::bad_field("hand_to")))?)
        }
    };
    let app = house(&server, caller, &origin);
    let account = path_account(&path)?;
    let told = app.switch_off(shop.id, caller, &fresh.proof, account, heir).await?;
    let left = told.left.into_iter().map(|(conversation, _)| conversation).collect();
    Ok(Json(SwitchedOff { given: told.given, left }))
}

/// Switches somebody on again.
#[utoipa::path(post, operation_id = "switchOnPerson", path = "/api/v1/shops/{shop}/people/{acc}/on",
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn switch_on(
    fresh: Fresh<Staff<Managing>>,
    State(server): State<Server>,
    Origins(origin): Origins,
    path: RawPathParams,
) -> Result<Json<Value>, ApiError> {
    let Staff { shop, caller, .. } = &fresh.gate;
    let app = house(&server, caller, &origin);
    app.switch_on(shop.id, caller, &fresh.proof, path_account(&path)?).await?;
    Ok(Json(json!({})))
}

/// Gives somebody a new password, told once; every sign-in of theirs ends.
#[utoipa::path(post, operation_id = "givePassword", path = "/api/v1/shops/{shop}/people/{acc}/password",
    responses((status = 200, body = GivenPassword), (status = "4XX", body = ErrorBody)))]
pub async fn give_password(
    fresh: Fresh<Staff<Managing>>,
    State(server): State<Server>,
    Origins(origin): Origins,
    path: RawPathParams,
) -> Result<Json<GivenPassword>, ApiError> {
    let Staff { shop, caller, .. } = &fresh.gate;
    let app = house(&server, caller, &origin);
    Ok(Json(app.give_password(shop.id, caller, &fresh.proof, path_account(&path)?).await?))
}

/// Takes somebody's second factor off.
#[utoipa::path(post, operation_id = "resetFactor", path = "/api/v1/shops/{shop}/people/{acc}/second-factor/off",
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn reset_factor(
    fresh: Fresh<Staff<Managing>>,
    State(server): State<Server>,
    Origins(origin): Origins,
    path: RawPathParams,
) -> Result<Json<Value>, ApiError> {
    let Staff { shop, caller, .. } = &fresh.gate;
    let app = house(&server, caller, &origin);
    app.reset_factor_of(shop.id, caller, &fresh.proof, path_account(&path)?).await?;
    Ok(Json(json!({})))
}
