//! Orders beside the conversation, orders by number, and search over everything.

use axum::Json;
use axum::extract::{RawPathParams, State};
use serde::Deserialize;
use xiaoer_domain::orders::Order;
use xiaoer_protocol::chat::Found;
use xiaoer_protocol::error_code::ErrorBody;
use xiaoer_protocol::orders::{FoundOrder, FoundOrders, Orders};

use super::{Query, path_conversation, path_param};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Reading, Staff};

/// Orders of a page when none is asked for.
const ORDERS: i64 = 20;
/// Most orders of a page.
const ORDERS_MAX: i64 = 100;
/// Lines found of a page when none is asked for.
const FOUND: i64 = 30;

/// Which page.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// From the last page.
    cursor: Option<String>,
    /// Orders of a page.
    limit: Option<i64>,
}

/// The orders of a conversation's buyer, newest first.
#[utoipa::path(get, operation_id = "listOrders", path = "/api/v1/shops/{shop}/conversations/{cnv}/orders", params(PageParams),
    responses((status = 200, body = Orders), (status = "4XX", body = ErrorBody)))]
pub async fn of_conversation(
    staff: Staff<Reading>,
    State(server): State<Server>,
    path: RawPathParams,
    Query(query): Query<PageParams>,
) -> Result<Json<Orders>, ApiError> {
    let (app, shop) = (&server.app, staff.shop.id);
    let id = path_conversation(&server, &staff.shop, &path).await?;
    let buyer = app.buyer_of(shop, id).await?;
    let limit = query.limit.unwrap_or(ORDERS).clamp(1, ORDERS_MAX);
    let mut orders = app.list_orders(shop, buyer, query.cursor.as_deref(), limit).await?;
    orders.buyer = Some(app.buyer_found(shop, buyer).await?.buyer);
    Ok(Json(orders))
}

/// The orders with a number.
#[utoipa::path(get, operation_id = "ordersByNumber", path = "/api/v1/shops/{shop}/orders/{number}",
    responses((status = 200, body = FoundOrders), (status = "4XX", body = ErrorBody)))]
pub async fn by_number(
    staff: Staff<Reading>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<FoundOrders>, ApiError> {
    let number = path_param(&path, "number")?;
    Ok(Json(FoundOrders { orders: find(&server, &staff, &number).await? }))
}

async fn find(
    server: &Server,
    staff: &Staff<Reading>,
    number: &str,
) -> Result<Vec<FoundOrder>, ApiError> {
    let (app, shop) = (&server.app, staff.shop.id);
    let mut found = Vec::new();
    // No number has one of these, and PostgreSQL does not take every one.
    if number.chars().any(char::is_control) {
        return Ok(found);
    }
    for order in app.orders_by_number(shop, number).await? {
        let buyer = match order.buyer {
            Some(buyer) => Some(app.buyer_found(shop, buyer).await?),
            None => None,
        };
        let conversation = buyer.as_ref().and_then(|b| b.conversation.clone());
        found.push(FoundOrder { order: wire(&order), buyer: buyer.map(|b| b.buyer), conversation });
    }
    Ok(found)
}

fn wire(order: &Order) -> xiaoer_protocol::orders::Order {
    order.into()
}

/// What is searched for.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchParams {
    /// Words, an order number, a buyer's name or number.
    q: String,
    /// From the last page.
    cursor: Option<String>,
    /// Lines of a page.
    limit: Option<i64>,
}

/// Searches lines, orders and buyers.
#[utoipa::path(get, operation_id = "search", path = "/api/v1/shops/{shop}/search", params(SearchParams),
    responses((status = 200, body = Found), (status = "4XX", body = ErrorBody)))]
pub async fn search(
    staff: Staff<Reading>,
    State(server): State<Server>,
    Query(query): Query<SearchParams>,
) -> Result<Json<Found>, ApiError> {
    let limit = query.limit.unwrap_or(FOUND);
    let mut found =
        server.app.search(staff.shop.id, &query.q, query.cursor.as_deref(), limit).await?;
    if query.cursor.is_none() {
        found.orders = find(&server, &staff, query.q.trim()).await?;
    }
    Ok(Json(found))
}
