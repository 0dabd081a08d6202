//! Only in the demonstration: signs identities for the demonstration page, as a shop's own server would.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use xiaoer_app::customers::identity;
use xiaoer_domain::time::Span;
use xiaoer_protocol::ErrorCode;

use super::Query;
use crate::Server;
use crate::error::ApiError;
use crate::gate::Anybody;

/// Key of the demonstration shop.
pub const SHOP: &str = "demo";

/// Which customer.
#[derive(Deserialize)]
pub struct Wanted {
    customer: String,
}

/// A signed identity of a customer of the demonstration shop.
pub async fn identity(
    _: Anybody,
    State(server): State<Server>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, ApiError> {
    if !server.config.demo {
        return Err(ApiError::of(ErrorCode::NotFound));
    }
    let shop = server.app.shop(SHOP).await?;
    let expires = server.app.clock.now().plus(Span::minutes(30));
    let token = identity::sign(&wanted.customer, "", &shop.key, &shop.identity_key, expires);
    Ok(Json(json!({ "identity": token })))
}
