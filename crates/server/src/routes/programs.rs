//! What a shop's own program calls, and the keys by which it may.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, RawPathParams, State};
use axum::http::HeaderMap;
use axum::{Json, Router};
use serde_json::{Value, json};
use xiaoer_app::AppError;
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::error_code::ErrorBody;
use xiaoer_protocol::keys::{FreshKey, HookSecret, Keys, NewKey, Taken, ToldOrder, ToldOrders};
use xiaoer_protocol::orders::ChangedOrders;

use super::people::house;
use super::{Body, Query, paced, path_param};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{
    Anybody, Fresh, Managing, Origins, Program, ReadingProgram, Staff, get, post, put,
};

/// Requests a second of one key or hook; a burst may be twice that.
const REQUESTS_PER_SECOND: u32 = 20;
/// Bytes of a request with orders: a hundred of them with long addresses.
const ORDERS_BYTES_MAX: usize = 1024 * 1024;
/// Orders of a page when none is asked for.
const CHANGED: i64 = 50;
/// The header with the signature of a hook.
const SIGNATURE: &str = "x-xiaoer-signature";

/// Routes of programs under `/api/v1`.
pub fn routes() -> Router<Server> {
    let orders = DefaultBodyLimit::max(ORDERS_BYTES_MAX);
    Router::new()
        .route("/shops/{shop}/orders", post(tell_orders).layer(orders).merge(get(changed)))
        .route("/shops/{shop}/keys", get(keys).merge(post(make_key)))
        .route("/shops/{shop}/keys/{key}/revoke", post(revoke_key))
        .route("/shops/{shop}/hook-secret", post(hook_secret))
}

/// Hooks outside `/api/v1`.
pub fn hooks() -> Router<Server> {
    let orders = DefaultBodyLimit::max(ORDERS_BYTES_MAX);
    Router::new().route("/hooks/{shop}/orders", post(hook).layer(orders))
}

/// The route of one order, beside the one that shows it.
pub fn one_order() -> axum::routing::MethodRouter<Server> {
    put(tell_order)
}

/// Tells one order; the same again changes nothing, and the later `updated_at` holds.
#[utoipa::path(put, operation_id = "tellOrder", path = "/api/v1/shops/{shop}/orders/{number}", request_body = ToldOrder,
    responses((status = 200, body = Taken), (status = "4XX", body = ErrorBody)))]
pub async fn tell_order(
    program: Program,
    State(server): State<Server>,
    path: RawPathParams,
    Body(mut body): Body<ToldOrder>,
) -> Result<Json<Taken>, ApiError> {
    paced(&server, format!("program.{}", program.key), REQUESTS_PER_SECOND)?;
    let number = path_param(&path, "number")?;
    if !body.number.is_empty() && body.number != number {
        return Err(ApiError(AppError::bad_field("number")));
    }
    body.number = number;
    Ok(Json(server.app.take_orders(&program.shop, ToldOrders { orders: vec![body] }).await?))
}

/// Tells up to a hundred orders; all are taken or none.
#[utoipa::path(post, operation_id = "tellOrders", path = "/api/v1/shops/{shop}/orders", request_body = ToldOrders,
    responses((status = 200, body = Taken), (status = "4XX", body = ErrorBody)))]
pub async fn tell_orders(
    program: Program,
    State(server): State<Server>,
    Body(body): Body<ToldOrders>,
) -> Result<Json<Taken>, ApiError> {
    paced(&server, format!("program.{}", program.key), REQUESTS_PER_SECOND)?;
    Ok(Json(server.app.take_orders(&program.shop, body).await?))
}

/// Since when, and from where on.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ChangedParams {
    /// Microseconds since 1970; only for the first question.
    updated_since: Option<i64>,
    /// From the last answer.
    cursor: Option<String>,
    /// Orders of a page, at most 50.
    limit: Option<i64>,
}

/// Orders that became others here, the earliest change first.
#[utoipa::path(get, operation_id = "changedOrders", path = "/api/v1/shops/{shop}/orders", params(ChangedParams),
    responses((status = 200, body = ChangedOrders), (status = "4XX", body = ErrorBody)))]
pub async fn changed(
    program: ReadingProgram,
    State(server): State<Server>,
    Query(query): Query<ChangedParams>,
) -> Result<Json<ChangedOrders>, ApiError> {
    let Program { shop, key } = program.0;
    paced(&server, format!("program.{key}"), REQUESTS_PER_SECOND)?;
    let since = Timestamp::from_micros(query.updated_since.unwrap_or(0));
    let (cursor, limit) = (query.cursor.as_deref(), query.limit.unwrap_or(CHANGED));
    Ok(Json(server.app.orders_changed(shop.id, since, cursor, limit).await?))
}

/// Orders that a shop's program sends by itself, signed.
#[utoipa::path(post, operation_id = "ordersHook", path = "/hooks/{shop}/orders", request_body = ToldOrders,
    responses((status = 200, body = Taken), (status = "4XX", body = ErrorBody)))]
pub async fn hook(
    _: Anybody,
    State(server): State<Server>,
    path: RawPathParams,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Taken>, ApiError> {
    let shop = server.app.shop(&path_param(&path, "shop")?).await?;
    let signature = headers.get(SIGNATURE).and_then(|value| value.to_str().ok());
    let signature = signature.ok_or_else(|| ApiError::of(ErrorCode::BadSignature))?;
    server.app.check_hook(&shop, signature, &body)?;
    // Only who holds the secret counts here: nobody else can use the shop's pace up.
    paced(&server, format!("hook.{}", shop.id), REQUESTS_PER_SECOND)?;
    let told = serde_json::from_slice(&body);
    let told: ToldOrders = told.map_err(|_| ApiError(AppError::bad_field("body")))?;
    Ok(Json(server.app.take_orders(&shop, told).await?))
}

/// The keys of the shop.
#[utoipa::path(get, operation_id = "listKeys", path = "/api/v1/shops/{shop}/keys",
    responses((status = 200, body = Keys), (status = "4XX", body = ErrorBody)))]
pub async fn keys(
    staff: Staff<Managing>,
    State(server): State<Server>,
) -> Result<Json<Keys>, ApiError> {
    Ok(Json(server.app.keys(staff.shop.id).await?))
}

/// Makes a key, told once.
#[utoipa::path(post, operation_id = "makeKey", path = "/api/v1/shops/{shop}/keys", request_body = NewKey,
    responses((status = 200, body = FreshKey), (status = "4XX", body = ErrorBody)))]
pub async fn make_key(
    fresh: Fresh<Staff<Managing>>,
    State(server): State<Server>,
    Origins(origin): Origins,
    Body(body): Body<NewKey>,
) -> Result<Json<FreshKey>, ApiError> {
    let Staff { shop, caller, .. } = &fresh.gate;
    let app = house(&server, caller, &origin);
    Ok(Json(app.make_key(shop.id, &fresh.proof, &body).await?))
}

/// Ends a key at once.
#[utoipa::path(post, operation_id = "revokeKey", path = "/api/v1/shops/{shop}/keys/{key}/revoke",
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn revoke_key(
    fresh: Fresh<Staff<Managing>>,
    State(server): State<Server>,
    Origins(origin): Origins,
    path: RawPathParams,
) -> Result<Json<Value>, ApiError> {
    let Staff { shop, caller, .. } = &fresh.gate;
    let app = house(&server, caller, &origin);
    app.revoke_key(shop.id, &fresh.proof, &path_param(&path, "key")?).await?;
    Ok(Json(json!({})))
}

/// The secret by which the shop's program signs its hook.
#[utoipa::path(post, operation_id = "hookSecret", path = "/api/v1/shops/{shop}/hook-secret",
    responses((status = 200, body = HookSecret), (status = "4XX", body = ErrorBody)))]
pub async fn hook_secret(
    fresh: Fresh<Staff<Managing>>,
    State(server): State<Server>,
) -> Result<Json<HookSecret>, ApiError> {
    Ok(Json(server.app.hook_secret(&fresh.gate.shop, &fresh.proof)?))
}
