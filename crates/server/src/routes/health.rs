//! For machines that look after this one.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::Server;
use crate::gate::Anybody;

/// The process answers.
pub async fn healthz(_: Anybody) -> Json<serde_json::Value> {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

/// The database answers.
pub async fn readyz(_: Anybody, State(server): State<Server>) -> Response {
    match server.app.shop_keys().await {
        Ok(_) => Json(json!({ "status": "ready" })).into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "unavailable" })))
            .into_response(),
    }
}

/// Figures for a monitoring system, in Prometheus' text format.
pub async fn metrics(_: Anybody, State(server): State<Server>) -> String {
    server.metrics.render()
}
