//! Signing in and out, oneself, colleagues.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::Router;
use serde_json::json;
use xiaoer_app::AppError;
use xiaoer_app::team::{Origin, Step};
use xiaoer_domain::team::AgentState;
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::error_code::ErrorBody;
use xiaoer_protocol::team::{
    Agents, Preferences, PreferencesChange, SignIn, SignInCode, Signature, SignatureBody, SignedIn,
    StateBody,
};

use super::{Body, paced};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Anybody, COOKIE, Origins, Person, Reading, Serving, Staff, get, put};

/// Sign-ins a second from one address, behind which a whole office may sit; a burst may be twice that. Failures bring pauses
/// of their own.
const SIGN_INS_PER_SECOND: u32 = 20;
/// Sign-ins a second over all addresses: hashing a password costs a core tens of milliseconds.
const ALL_SIGN_INS_PER_SECOND: u32 = 30;
/// Choices remembered a second for one person; a slider that is dragged asks for several.
const PREFERENCES_PER_SECOND: u32 = 5;
/// Characters of a login or code that are looked at.
const TYPED_CHARS_MAX: usize = 64;

/// Routes of oneself in a shop, and of colleagues.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/shops/{shop}/me/state", put(set_state))
        .route("/shops/{shop}/me/signature", get(signature).merge(put(set_signature)))
        .route("/shops/{shop}/agents", get(agents))
}

/// Signs in and sets the cookie. `second_factor_needed` carries what `/sign-in/code` asks for.
#[utoipa::path(post, operation_id = "signIn", path = "/api/v1/sign-in", request_body = SignIn,
    responses((status = 200, body = SignedIn), (status = "4XX", body = ErrorBody)))]
pub async fn sign_in(
    _: Anybody,
    State(server): State<Server>,
    Origins(origin): Origins,
    Body(body): Body<SignIn>,
) -> Result<Response, ApiError> {
    sign_in_paced(&server, &origin)?;
    let login: String = body.login.chars().take(TYPED_CHARS_MAX).collect();
    match server.app.sign_in(&login, &body.password, &origin).await? {
        Step::In(signed_in) => welcome(&server, &signed_in.token).await,
        Step::Code { challenge, tries_left } => {
            let params = json!({ "challenge": challenge, "tries_left": tries_left });
            let code = ErrorCode::SecondFactorNeeded;
            Err(ApiError(AppError::Refused { code, params: Some(params) }))
        }
    }
}

/// The second step of a sign-in: sets the cookie.
#[utoipa::path(post, operation_id = "signInCode", path = "/api/v1/sign-in/code", request_body = SignInCode,
    responses((status = 200, body = SignedIn), (status = "4XX", body = ErrorBody)))]
pub async fn sign_in_code(
    _: Anybody,
    State(server): State<Server>,
    Origins(origin): Origins,
    Body(body): Body<SignInCode>,
) -> Result<Response, ApiError> {
    sign_in_paced(&server, &origin)?;
    let code: String = body.code.chars().take(TYPED_CHARS_MAX).collect();
    let signed_in = server.app.sign_in_code(&body.challenge, &code, &origin).await?;
    welcome(&server, &signed_in.token).await
}

fn sign_in_paced(server: &Server, origin: &Origin) -> Result<(), ApiError> {
    paced(server, format!("sign-in.{}", origin.address), SIGN_INS_PER_SECOND)?;
    paced(server, "sign-in".to_owned(), ALL_SIGN_INS_PER_SECOND)
}

/// Answers a fresh sign-in with who is in, and with the cookie.
pub async fn welcome(server: &Server, token: &str) -> Result<Response, ApiError> {
    let who = server.app.signed_in(token).await?;
    let answer = server.app.me(who).await?;
    let max_age = xiaoer_app::team::SIGN_IN_LASTS.micros() / 1_000_000;
    let mut response = Json(answer).into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie(server, token, max_age));
    Ok(response)
}

/// Signs out and takes the cookie away.
#[utoipa::path(post, operation_id = "signOut", path = "/api/v1/sign-out",
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn sign_out(person: Person, State(server): State<Server>) -> Result<Response, ApiError> {
    person.house(&server).sign_out(&person.token).await?;
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
    Ok(Json(server.app.me(person.who).await?))
}

/// How one likes the desk.
#[utoipa::path(get, operation_id = "preferences", path = "/api/v1/me/preferences",
    responses((status = 200, body = Preferences), (status = "4XX", body = ErrorBody)))]
pub async fn preferences(
    person: Person,
    State(server): State<Server>,
) -> Result<Json<Preferences>, ApiError> {
    Ok(Json(server.app.preferences(person.who.account.id).await?))
}

/// Remembers choices; what is not named stays.
#[utoipa::path(post, operation_id = "setPreferences", path = "/api/v1/me/preferences", request_body = PreferencesChange,
    responses((status = 200, body = Preferences), (status = "4XX", body = ErrorBody)))]
pub async fn set_preferences(
    person: Person,
    State(server): State<Server>,
    Body(body): Body<PreferencesChange>,
) -> Result<Json<Preferences>, ApiError> {
    let account = person.who.account.id;
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

/// The own signature, and how the shop shows it.
#[utoipa::path(get, operation_id = "getSignature", path = "/api/v1/shops/{shop}/me/signature",
    responses((status = 200, body = Signature), (status = "4XX", body = ErrorBody)))]
pub async fn signature(
    staff: Staff<Serving>,
    State(server): State<Server>,
) -> Result<Json<Signature>, ApiError> {
    Ok(Json(server.app.signature(&staff.shop, staff.caller.sender.account).await?))
}

/// Writes the own signature.
#[utoipa::path(put, operation_id = "putSignature", path = "/api/v1/shops/{shop}/me/signature", request_body = SignatureBody,
    responses((status = 200, body = Signature), (status = "4XX", body = ErrorBody)))]
pub async fn set_signature(
    staff: Staff<Serving>,
    State(server): State<Server>,
    Body(body): Body<SignatureBody>,
) -> Result<Json<Signature>, ApiError> {
    let me = staff.caller.sender.account;
    Ok(Json(server.app.set_signature(&staff.shop, me, &body.text).await?))
}
