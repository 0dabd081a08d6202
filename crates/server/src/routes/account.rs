//! One's own account: second factor, recovery codes, password, sign-ins.

use axum::Json;
use axum::extract::{RawPathParams, State};
use serde_json::{Value, json};
use xiaoer_protocol::error_code::ErrorBody;
use xiaoer_protocol::team::{
    ChangePassword, FirstCode, NewSecondFactor, RecoveryCodes, Revoked, Security, StepUp,
};

use super::{Body, path_param};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Fresh, Person};

/// What protects the own account, and where it is signed in.
#[utoipa::path(get, operation_id = "security", path = "/api/v1/me/security",
    responses((status = 200, body = Security), (status = "4XX", body = ErrorBody)))]
pub async fn security(
    person: Person,
    State(server): State<Server>,
) -> Result<Json<Security>, ApiError> {
    Ok(Json(server.app.security(&person.who).await?))
}

/// Password or code again, which opens dangerous acts for a while.
#[utoipa::path(post, operation_id = "stepUp", path = "/api/v1/me/step-up", request_body = StepUp,
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn step_up(
    person: Person,
    State(server): State<Server>,
    Body(body): Body<StepUp>,
) -> Result<Json<Value>, ApiError> {
    person.house(&server).step_up(&person.who, body, &person.origin).await?;
    Ok(Json(json!({})))
}

/// Changes the own password; every other sign-in ends.
#[utoipa::path(post, operation_id = "changePassword", path = "/api/v1/me/password", request_body = ChangePassword,
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn change_password(
    person: Person,
    State(server): State<Server>,
    Body(body): Body<ChangePassword>,
) -> Result<Json<Value>, ApiError> {
    person.house(&server).change_password(&person.who, &body, &person.origin).await?;
    Ok(Json(json!({})))
}

/// Begins a second factor.
#[utoipa::path(post, operation_id = "beginSecondFactor", path = "/api/v1/me/second-factor",
    responses((status = 200, body = NewSecondFactor), (status = "4XX", body = ErrorBody)))]
pub async fn begin_factor(
    fresh: Fresh<Person>,
    State(server): State<Server>,
) -> Result<Json<NewSecondFactor>, ApiError> {
    Ok(Json(fresh.gate.house(&server).begin_factor(&fresh.proof).await?))
}

/// Confirms a second factor by its first code; every other sign-in ends.
#[utoipa::path(post, operation_id = "confirmSecondFactor", path = "/api/v1/me/second-factor/confirm",
    request_body = FirstCode,
    responses((status = 200, body = RecoveryCodes), (status = "4XX", body = ErrorBody)))]
pub async fn confirm_factor(
    fresh: Fresh<Person>,
    State(server): State<Server>,
    Body(body): Body<FirstCode>,
) -> Result<Json<RecoveryCodes>, ApiError> {
    let codes = fresh.gate.house(&server).confirm_factor(&fresh.proof, &body.code).await?;
    Ok(Json(RecoveryCodes { codes }))
}

/// Takes the second factor off.
#[utoipa::path(post, operation_id = "dropSecondFactor", path = "/api/v1/me/second-factor/off",
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn drop_factor(
    fresh: Fresh<Person>,
    State(server): State<Server>,
) -> Result<Json<Value>, ApiError> {
    fresh.gate.house(&server).drop_factor(&fresh.proof).await?;
    Ok(Json(json!({})))
}

/// Makes new recovery codes; the old ones hold no longer.
#[utoipa::path(post, operation_id = "renewRecoveryCodes", path = "/api/v1/me/recovery-codes",
    responses((status = 200, body = RecoveryCodes), (status = "4XX", body = ErrorBody)))]
pub async fn renew_recovery_codes(
    fresh: Fresh<Person>,
    State(server): State<Server>,
) -> Result<Json<RecoveryCodes>, ApiError> {
    let codes = fresh.gate.house(&server).renew_recovery_codes(&fresh.proof).await?;
    Ok(Json(RecoveryCodes { codes }))
}

/// Ends one sign-in of the own account.
#[utoipa::path(post, operation_id = "revokeSignIn", path = "/api/v1/me/sign-ins/{sin}/revoke",
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn revoke_sign_in(
    person: Person,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<Value>, ApiError> {
    person.house(&server).revoke_sign_in(&person.who, &path_param(&path, "sin")?).await?;
    Ok(Json(json!({})))
}

/// Ends every other sign-in of the own account.
#[utoipa::path(post, operation_id = "revokeOtherSignIns", path = "/api/v1/me/sign-ins/revoke-others",
    responses((status = 200, body = Revoked), (status = "4XX", body = ErrorBody)))]
pub async fn revoke_other_sign_ins(
    person: Person,
    State(server): State<Server>,
) -> Result<Json<Revoked>, ApiError> {
    let ended = person.house(&server).revoke_other_sign_ins(&person.who).await?;
    Ok(Json(Revoked { ended }))
}
