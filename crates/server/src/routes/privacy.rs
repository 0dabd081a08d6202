//! What a shop owes a buyer who asks: to be forgotten.

use axum::Json;
use axum::extract::{RawPathParams, State};
use serde_json::{Value, json};
use xiaoer_app::platform::audit::Actor;
use xiaoer_protocol::error_code::ErrorBody;

use super::path_conversation;
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Fresh, Managing, Origins, Staff};

/// Erases the buyer of a conversation, for good.
#[utoipa::path(post, operation_id = "eraseBuyer", path = "/api/v1/shops/{shop}/conversations/{cnv}/erase",
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn erase(
    fresh: Fresh<Staff<Managing>>,
    State(server): State<Server>,
    Origins(origin): Origins,
    path: RawPathParams,
) -> Result<Json<Value>, ApiError> {
    let staff = fresh.gate;
    let id = path_conversation(&server, &staff.shop, &path).await?;
    let app = server.app.by(Actor::desk(staff.caller.sender.account, &origin.address));
    let buyer = app.buyer_of(staff.shop.id, id).await?;
    app.erase_buyer(staff.shop.id, buyer, &fresh.proof).await?;
    Ok(Json(json!({})))
}
