//! Only in the demonstration: what the server of the shop itself would do. It lists its goods, has their pictures, and
//! signs identities for its customers.

use axum::Json;
use axum::extract::{RawPathParams, State};
use axum::http::header;
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Value, json};
use xiaoer_app::customers::identity;
use xiaoer_domain::time::Span;
use xiaoer_protocol::ErrorCode;

use super::{Query, path_param};
use crate::Server;
use crate::error::ApiError;
use crate::gate::Anybody;

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
    let shop = server.app.shop(xiaoer_demo::SHOP).await?;
    let expires = server.app.clock.now().plus(Span::minutes(30));
    let token = identity::sign(&wanted.customer, "", &shop.key, &shop.identity_key, expires);
    Ok(Json(json!({ "identity": token })))
}

/// In which language.
#[derive(Deserialize)]
pub struct Shown {
    #[serde(default)]
    lang: String,
}

/// The goods on the demonstration's shelves.
pub async fn goods(
    _: Anybody,
    State(server): State<Server>,
    Query(shown): Query<Shown>,
) -> Result<Json<Value>, ApiError> {
    server.app.shop(xiaoer_demo::SHOP).await?;
    Ok(Json(json!({ "goods": xiaoer_demo::shown(shown.lang == "en") })))
}

/// The picture of a good.
pub async fn picture(
    _: Anybody,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<impl IntoResponse, ApiError> {
    let name = path_param(&path, "name")?;
    server.app.shop(xiaoer_demo::SHOP).await?;
    let svg = name.strip_suffix(".svg").and_then(xiaoer_demo::picture_of);
    let svg = svg.ok_or_else(|| ApiError::of(ErrorCode::NotFound))?;
    let headers =
        [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "public, max-age=3600")];
    Ok((headers, svg))
}
