//! The first visit: an installation without a shop gets one, with its owner.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::error_code::ErrorBody;
use xiaoer_protocol::platform::{FirstShop, FirstVisit};
use xiaoer_protocol::team::SignedIn;

use super::{Body, paced, team};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Anybody, Origins};

/// Tries a second over all addresses: the key cannot be guessed, and a password is hashed for each that is right.
const TRIES_PER_SECOND: u32 = 3;

/// Whether the house waits for its first shop; `not_found` once it has one.
#[utoipa::path(get, operation_id = "firstVisit", path = "/api/v1/first-visit",
    responses((status = 200, body = FirstVisit), (status = "4XX", body = ErrorBody)))]
pub async fn state(_: Anybody, State(server): State<Server>) -> Result<Json<FirstVisit>, ApiError> {
    if server.app.has_shop().await? {
        return Err(ApiError::of(ErrorCode::NotFound));
    }
    Ok(Json(FirstVisit { is_open: true }))
}

/// Makes the first shop and its owner, and signs the owner in.
#[utoipa::path(post, operation_id = "makeFirstShop", path = "/api/v1/first-visit", request_body = FirstShop,
    responses((status = 200, body = SignedIn), (status = "4XX", body = ErrorBody)))]
pub async fn make(
    _: Anybody,
    State(server): State<Server>,
    Origins(origin): Origins,
    Body(body): Body<FirstShop>,
) -> Result<Response, ApiError> {
    paced(&server, "first-visit".to_owned(), TRIES_PER_SECOND)?;
    let (key, lang) = (body.shop.clone(), body.lang.clone());
    let made = server.app.make_first_shop(body, &origin).await?;
    // The shop is there; a library that is missing is added on its page.
    if let Err(error) = server.app.begin_with_starter(&key, made.account, &lang).await {
        tracing::warn!(error = %error, "the starter library was not added");
    }
    drop(std::fs::remove_file(server.config.data.dir.join(crate::serve::SETUP_KEY_FILE)));
    team::welcome(&server, &made.token).await
}
