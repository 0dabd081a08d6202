//! Signing in and out, oneself, colleagues.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use xiaoer_app::AppError;
use xiaoer_domain::team::AgentState;
use xiaoer_protocol::error_code::ErrorBody;
use xiaoer_protocol::team::{Agents, Preferences, PreferencesChange, SignIn, SignedIn, StateBody};

use super::{Body, paced};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Anybody, COOKIE, Person, Reading, Serving, Staff};

/// Sign-ins a second for one login; a burst may be twice that. It slows guessing without locking anybody out.
const SIGN_INS_PER_SECOND: u32 = 3;
/// Sign-ins a second over all logins: hashing a password costs a core tens of milliseconds.
const ALL_SIGN_INS_PER_SECOND: u32 = 30;
/// Choices remembered a second for one person; a slider that is dragged asks for several.
const PREFERENCES_PER_SECOND: u32 = 5;

/// Signs in and sets the cookie.
#[utoipa::path(post, operation_id = "signIn", path = "/api/v1/sign-in", request_body = SignIn,
    responses((status = 200, body = SignedIn), (status = "4XX", body = ErrorBody)))]
pub async fn sign_in(
    _: Anybody,
    State(server): State<Server>,
    Body(body): Body<SignIn>,
) -> Result<Response, ApiError> {
    paced(&server, "sign-in".to_owned(), ALL_SIGN_INS_PER_SECOND)?;
    let login: String = body.login.chars().take(64).collect();
    paced(&server, format!("sign-in.{login}"), SIGN_INS_PER_SECOND)?;
    let signed_in = server.app.sign_in(&login, &body.password).await?;
    let account = server.app.signed_in(&signed_in.token).await?;
    let answer = server.app.me(account).await?;
    let max_age = xiaoer_app::team::SIGN_IN_LASTS.micros() / 1_000_000;
    let cookie = cookie(&server, &signed_in.token, max_age);
    let mut response = Json(answer).into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Signs out and takes the cookie away.
#[utoipa::path(post, operation_id = "signOut", path = "/api/v1/sign-out",
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn sign_out(person: Person, State(server): State<Server>) -> Result<Response, ApiError> {
    server.app.sign_out(&person.token).await?;
    let mut response = Json(serde_json::json!({})).into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie(&server, "", 0));
    Ok(response)
}

fn cookie(server: &Server, token: &str, max_age: i64) -> HeaderValue {
    let https =
        server.config.server.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
    let secure = if https { "; Secure" } else { "" };
    let text =
        format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age}{secure}");
    HeaderValue::from_str(&text).expect("tokens are base64 and the rest is fixed")
}

/// Who is signed in.
#[utoipa::path(get, operation_id = "me", path = "/api/v1/me",
    responses((status = 200, body = SignedIn), (status = "4XX", body = ErrorBody)))]
pub async fn me(person: Person, State(server): State<Server>) -> Result<Json<SignedIn>, ApiError> {
    Ok(Json(server.app.me(person.account).await?))
}

/// How one likes the desk.
#[utoipa::path(get, operation_id = "preferences", path = "/api/v1/me/preferences",
    responses((status = 200, body = Preferences), (status = "4XX", body = ErrorBody)))]
pub async fn preferences(
    person: Person,
    State(server): State<Server>,
) -> Result<Json<Preferences>, ApiError> {
    Ok(Json(server.app.preferences(person.account.id).await?))
}

/// Remembers choices; what is not named stays.
#[utoipa::path(post, operation_id = "setPreferences", path = "/api/v1/me/preferences", request_body = PreferencesChange,
    responses((status = 200, body = Preferences), (status = "4XX", body = ErrorBody)))]
pub async fn set_preferences(
    person: Person,
    State(server): State<Server>,
    Body(body): Body<PreferencesChange>,
) -> Result<Json<Preferences>, ApiError> {
    let account = person.account.id;
    paced(&server, format!("preferences.{account}"), PREFERENCES_PER_SECOND)?;
    Ok(Json(server.app.set_preferences(account, body.set).await?))
}

/// Sets the own state.
#[utoipa::path(put, operation_id = "setState", path = "/api/v1/shops/{shop}/me/state", request_body = StateBody,
    responses((status = 200, body = StateBody), (status = "4XX", body = ErrorBody)))]
pub async fn set_state(
    staff: Staff<Serving>,
    State(server): State<Server>,
    Body(body): Body<StateBody>,
) -> Result<Json<StateBody>, ApiError> {
    let state =
        AgentState::parse(&body.state).ok_or_else(|| ApiError(AppError::bad_field("state")))?;
    server.app.set_state(staff.shop.id, staff.caller.sender.account, state).await?;
    Ok(Json(StateBody { state: state.word().to_owned() }))
}

/// The colleagues who serve.
#[utoipa::path(get, operation_id = "listAgents", path = "/api/v1/shops/{shop}/agents",
    responses((status = 200, body = Agents), (status = "4XX", body = ErrorBody)))]
pub async fn agents(
    staff: Staff<Reading>,
    State(server): State<Server>,
) -> Result<Json<Agents>, ApiError> {
    Ok(Json(server.app.agents(staff.shop.id).await?))
}
