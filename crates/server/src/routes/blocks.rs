//! Buyers who are kept out.

use axum::Json;
use axum::extract::{RawPathParams, State};
use axum::routing::Router;
use serde::Deserialize;
use xiaoer_domain::id::BlockId;
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::customers::{Block, BlockBody, BlockVerdict, Blocks};
use xiaoer_protocol::error_code::ErrorBody;

use super::{Body, Query, path_conversation, path_param};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Blocking, Serving, Staff, get, post};

/// Routes of this page.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/shops/{shop}/blocks", get(list))
        .route("/shops/{shop}/blocks/{id}/decide", post(decide))
        .route("/shops/{shop}/blocks/{id}/lift", post(lift))
        .route("/shops/{shop}/conversations/{cnv}/blocks", get(of_buyer).merge(post(propose)))
}

/// Where a page begins.
#[derive(Deserialize)]
pub struct Page {
    cursor: Option<String>,
}

/// Blocks of the shop, the latest first.
#[utoipa::path(get, operation_id = "listBlocks", path = "/api/v1/shops/{shop}/blocks",
    params(("cursor" = Option<String>, Query)),
    responses((status = 200, body = Blocks), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    staff: Staff<Serving>,
    State(server): State<Server>,
    Query(page): Query<Page>,
) -> Result<Json<Blocks>, ApiError> {
    Ok(Json(server.app.blocks(staff.shop.id, page.cursor.as_deref()).await?))
}

/// Blocks of the buyer of a conversation.
#[utoipa::path(get, operation_id = "listBuyerBlocks", path = "/api/v1/shops/{shop}/conversations/{cnv}/blocks",
    responses((status = 200, body = Blocks), (status = "4XX", body = ErrorBody)))]
pub async fn of_buyer(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<Blocks>, ApiError> {
    let of = path_conversation(&server, &staff.shop, &path).await?;
    Ok(Json(server.app.blocks_of(staff.shop.id, of).await?))
}

/// Proposes to keep the buyer out; who leads has decided with it.
#[utoipa::path(post, operation_id = "blockBuyer", path = "/api/v1/shops/{shop}/conversations/{cnv}/blocks", request_body = BlockBody,
    responses((status = 200, body = Blocks), (status = "4XX", body = ErrorBody)))]
pub async fn propose(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<BlockBody>,
) -> Result<Json<Blocks>, ApiError> {
    let of = path_conversation(&server, &staff.shop, &path).await?;
    let house = staff.house(&server);
    Ok(Json(house.block_buyer(staff.shop.id, &staff.caller, of, &body).await?))
}

/// Decides on a proposal.
#[utoipa::path(post, operation_id = "decideBlock", path = "/api/v1/shops/{shop}/blocks/{id}/decide", request_body = BlockVerdict,
    responses((status = 200, body = Block), (status = "4XX", body = ErrorBody)))]
pub async fn decide(
    staff: Staff<Blocking>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<BlockVerdict>,
) -> Result<Json<Block>, ApiError> {
    let which = which(&path)?;
    let house = staff.house(&server);
    Ok(Json(house.decide_block(staff.shop.id, &staff.caller, which, &body).await?))
}

/// Lets the buyer speak again.
#[utoipa::path(post, operation_id = "liftBlock", path = "/api/v1/shops/{shop}/blocks/{id}/lift",
    responses((status = 200, body = Block), (status = "4XX", body = ErrorBody)))]
pub async fn lift(
    staff: Staff<Blocking>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<Block>, ApiError> {
    let which = which(&path)?;
    Ok(Json(staff.house(&server).lift_block(staff.shop.id, &staff.caller, which).await?))
}

fn which(path: &RawPathParams) -> Result<BlockId, ApiError> {
    let number = path_param(path, "id")?.parse();
    number.map(BlockId::new).map_err(|_| ApiError::of(ErrorCode::NotFound))
}
