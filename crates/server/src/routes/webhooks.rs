//! Programs that a shop tells what happens, and the log of what was told.

use axum::extract::{RawPathParams, State};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use xiaoer_protocol::error_code::ErrorBody;
use xiaoer_protocol::webhooks::{NewWebhook, WebhookDeliveries, WebhookSecret, Webhooks};

use super::people::house;
use super::{Body, Query, path_param};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Fresh, Managing, Origins, Staff, get, post, put};

/// Routes under `/api/v1`.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/shops/{shop}/webhooks", get(list).merge(post(add)))
        .route("/shops/{shop}/webhooks/{who}", put(change))
        .route("/shops/{shop}/webhooks/{who}/remove", post(remove))
        .route("/shops/{shop}/webhooks/{who}/secret", post(secret))
        .route("/shops/{shop}/webhook-deliveries", get(deliveries))
        .route("/shops/{shop}/webhook-deliveries/{whd}/again", post(again))
}

/// The programs of the shop.
#[utoipa::path(get, operation_id = "listWebhooks", path = "/api/v1/shops/{shop}/webhooks",
    responses((status = 200, body = Webhooks), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    staff: Staff<Managing>,
    State(server): State<Server>,
) -> Result<Json<Webhooks>, ApiError> {
    Ok(Json(server.app.webhooks(staff.shop.id).await?))
}

/// Adds a program.
#[utoipa::path(post, operation_id = "addWebhook", path = "/api/v1/shops/{shop}/webhooks", request_body = NewWebhook,
    responses((status = 200, body = Webhooks), (status = "4XX", body = ErrorBody)))]
pub async fn add(
    fresh: Fresh<Staff<Managing>>,
    State(server): State<Server>,
    Origins(origin): Origins,
    Body(body): Body<NewWebhook>,
) -> Result<Json<Webhooks>, ApiError> {
    let Staff { shop, caller, .. } = &fresh.gate;
    let app = house(&server, caller, &origin);
    Ok(Json(app.add_webhook(shop.id, &fresh.proof, &body).await?))
}

/// Changes a program.
#[utoipa::path(put, operation_id = "changeWebhook", path = "/api/v1/shops/{shop}/webhooks/{who}", request_body = NewWebhook,
    responses((status = 200, body = Webhooks), (status = "4XX", body = ErrorBody)))]
pub async fn change(
    fresh: Fresh<Staff<Managing>>,
    State(server): State<Server>,
    Origins(origin): Origins,
    path: RawPathParams,
    Body(body): Body<NewWebhook>,
) -> Result<Json<Webhooks>, ApiError> {
    let Staff { shop, caller, .. } = &fresh.gate;
    let (app, id) = (house(&server, caller, &origin), path_param(&path, "who")?);
    Ok(Json(app.change_webhook(shop.id, &fresh.proof, &id, &body).await?))
}

/// Takes a program away.
#[utoipa::path(post, operation_id = "removeWebhook", path = "/api/v1/shops/{shop}/webhooks/{who}/remove",
    responses((status = 200, body = Webhooks), (status = "4XX", body = ErrorBody)))]
pub async fn remove(
    fresh: Fresh<Staff<Managing>>,
    State(server): State<Server>,
    Origins(origin): Origins,
    path: RawPathParams,
) -> Result<Json<Webhooks>, ApiError> {
    let Staff { shop, caller, .. } = &fresh.gate;
    let (app, id) = (house(&server, caller, &origin), path_param(&path, "who")?);
    Ok(Json(app.remove_webhook(shop.id, &fresh.proof, &id).await?))
}

/// The secret by which what a program is told is signed.
#[utoipa::path(post, operation_id = "webhookSecret", path = "/api/v1/shops/{shop}/webhooks/{who}/secret",
    responses((status = 200, body = WebhookSecret), (status = "4XX", body = ErrorBody)))]
pub async fn secret(
    fresh: Fresh<Staff<Managing>>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<WebhookSecret>, ApiError> {
    let (shop, id) = (fresh.gate.shop.id, path_param(&path, "who")?);
    Ok(Json(server.app.webhook_secret(shop, &fresh.proof, &id).await?))
}

/// Which page.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeliveryParams {
    /// From the last page.
    cursor: Option<String>,
    /// Only `waiting`, `done` or `dead`.
    state: Option<String>,
}

/// A page of what was told, newest first.
#[utoipa::path(get, operation_id = "listWebhookDeliveries", path = "/api/v1/shops/{shop}/webhook-deliveries", params(DeliveryParams),
    responses((status = 200, body = WebhookDeliveries), (status = "4XX", body = ErrorBody)))]
pub async fn deliveries(
    staff: Staff<Managing>,
    State(server): State<Server>,
    Query(query): Query<DeliveryParams>,
) -> Result<Json<WebhookDeliveries>, ApiError> {
    let (cursor, state) = (query.cursor.as_deref(), query.state.as_deref());
    Ok(Json(server.app.webhook_deliveries(staff.shop.id, cursor, state).await?))
}

/// Tells something once more.
#[utoipa::path(post, operation_id = "redeliver", path = "/api/v1/shops/{shop}/webhook-deliveries/{whd}/again",
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn again(
    staff: Staff<Managing>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<Value>, ApiError> {
    server.app.redeliver(staff.shop.id, &path_param(&path, "whd")?).await?;
    Ok(Json(json!({})))
}
