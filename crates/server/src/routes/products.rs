//! Products: looked up by agents, shown to buyers as a card.

use axum::Json;
use axum::extract::{RawPathParams, State};
use serde::Deserialize;
use xiaoer_app::orders::PRODUCTS_MAX;
use xiaoer_protocol::error_code::ErrorBody;
use xiaoer_protocol::orders::{ProductCard, Products};

use super::{Query, path_param};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Guest, Reading, Staff};

/// What is looked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProductParams {
    /// Beginnings of words of the title, of the stock code, of pinyin or its initials; without, all products.
    #[serde(default)]
    q: String,
    /// From the last page.
    cursor: Option<String>,
    /// Products of a page.
    limit: Option<usize>,
}

/// The shop's products, newest first.
#[utoipa::path(get, operation_id = "listProducts", path = "/api/v1/shops/{shop}/products", params(ProductParams),
    responses((status = 200, body = Products), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    staff: Staff<Reading>,
    State(server): State<Server>,
    Query(query): Query<ProductParams>,
) -> Result<Json<Products>, ApiError> {
    let limit = query.limit.unwrap_or(PRODUCTS_MAX);
    let cursor = query.cursor.as_deref();
    Ok(Json(server.app.list_products(staff.shop.id, &query.q, cursor, limit).await?))
}

/// A product as anybody may see it.
#[utoipa::path(get, operation_id = "productCard", path = "/api/v1/widget/{shop}/products/{sku}",
    responses((status = 200, body = ProductCard), (status = "4XX", body = ErrorBody)))]
pub async fn card(
    guest: Guest,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<ProductCard>, ApiError> {
    let product = server.app.product(guest.shop.id, &path_param(&path, "sku")?).await?;
    Ok(Json((&product).into()))
}
