//! The page a buyer looks at, over the socket and over plain HTTP.

use axum::Json;
use axum::extract::State;
use xiaoer_app::AppError;
use xiaoer_app::chat::BuyerCaller;
use xiaoer_app::platform::Shop;
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::chat::{ViewedPage, ViewingBody};
use xiaoer_protocol::error_code::ErrorBody;

use super::Body;
use crate::Server;
use crate::error::ApiError;
use crate::gate::Buyer;

/// Pages a second of one visitor; a burst may be twice that.
const PAGES_PER_SECOND: u32 = 1;

/// A buyer looks at a page.
#[utoipa::path(post, operation_id = "buyerViews", path = "/api/v1/widget/{shop}/viewing", request_body = ViewingBody,
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn view(
    buyer: Buyer,
    State(server): State<Server>,
    Body(body): Body<ViewingBody>,
) -> Result<Json<serde_json::Value>, ApiError> {
    tell(&server, &buyer.shop, buyer.caller, body.page).await?;
    Ok(Json(serde_json::json!({})))
}

/// Keeps the page. A hint: what comes too fast, or is no page, is left out, and no connection ends for it.
pub async fn tell(
    server: &Server,
    shop: &Shop,
    caller: BuyerCaller,
    page: Option<ViewedPage>,
) -> Result<(), ApiError> {
    let bucket = format!("viewing.{}", caller.visitor);
    let is_told = shop.is_on("viewing", server.app.clock.now());
    if !is_told || server.pace.take(bucket, PAGES_PER_SECOND).is_err() {
        return Ok(());
    }
    match server.app.buyer_views(shop.id, caller.conversation, page).await {
        Err(AppError::Refused { code: ErrorCode::BadRequest, .. }) => Ok(()),
        told => Ok(told?),
    }
}
