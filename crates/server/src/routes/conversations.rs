//! Conversations at the desk: lists, the log, speaking, taking, handing over, closing.

use axum::Json;
use axum::extract::{RawPathParams, State};
use serde::Deserialize;
use xiaoer_app::AppError;
use xiaoer_app::chat::{Act, Command, Filter, ListQuery, Page, Speaker};
use xiaoer_app::phrases::Named;
use xiaoer_app::quality::Guarding;
use xiaoer_domain::chat::ClientId;
use xiaoer_domain::id::{ConversationId, TagId};
use xiaoer_domain::orders::Stage;
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_protocol::chat::{
    Entries, HandOver, MarksBody, ReadBody, RecallBody, Row, Rows, StaffSend, Stored,
};
use xiaoer_protocol::error_code::ErrorBody;
use xiaoer_protocol::id;

use super::{Body, Query, paced, path_conversation, path_seq};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Reading, Serving, Staff};
use crate::ws::desk::parse_lane;
use crate::ws::parse_send;

/// Rows of a page when none is asked for.
const ROWS: i64 = 50;
/// Entries of a page when none is asked for.
const ENTRIES: i64 = 100;

/// Which list.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    /// `mine`, `queue` or `all`.
    list: String,
    /// From the last page.
    cursor: Option<String>,
    /// Rows of a page.
    limit: Option<i64>,
    /// For `all`: only with unread lines of the buyer.
    #[serde(default)]
    unread: bool,
    /// For `all`: only `pre_sales`, `in_sales` or `after_sales`.
    stage: Option<String>,
    /// For `all`: only whose buyer has waited so many seconds.
    waited_s: Option<u32>,
    /// For `all`: only of this agent, `acc_…`.
    agent: Option<String>,
    /// For `all`: only with the tag of this number.
    tag: Option<i64>,
    /// For `all`: only with a last line from this moment on, microseconds UTC.
    from: Option<i64>,
    /// For `all`: only with a last line before this moment, microseconds UTC.
    until: Option<i64>,
}

impl ListParams {
    fn filter(&self) -> Result<Filter, ApiError> {
        let bad = |field| ApiError(AppError::bad_field(field));
        let stage =
            self.stage.as_deref().map(|word| Stage::parse(word).ok_or_else(|| bad("stage")));
        let agent = self.agent.as_deref();
        let agent = agent.map(|text| id::parse_account(text).ok_or_else(|| bad("agent")));
        Ok(Filter {
            open: false,
            tag: self.tag.map(TagId::new),
            unread: self.unread,
            stage: stage.transpose()?,
            waited: self.waited_s.map(Span::seconds),
            agent: agent.transpose()?,
            from: self.from.map(Timestamp::from_micros),
            until: self.until.map(Timestamp::from_micros),
        })
    }
}

/// A page of a list. With filters a page may hold less than it could and still have a next one.
#[utoipa::path(get, operation_id = "listConversations", path = "/api/v1/shops/{shop}/conversations", params(ListParams),
    responses((status = 200, body = Rows), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    staff: Staff<Reading>,
    State(server): State<Server>,
    Query(query): Query<ListParams>,
) -> Result<Json<Rows>, ApiError> {
    let filter = query.filter()?;
    if query.list == "all" && filter != Filter::default() {
        let (cursor, limit) = (query.cursor.as_deref(), query.limit.unwrap_or(ROWS));
        return Ok(Json(server.app.filtered_rows(staff.shop.id, &filter, cursor, limit).await?));
    }
    let list = match query.list.as_str() {
        "mine" => ListQuery::Mine(staff.caller.sender.account),
        "queue" => ListQuery::Queue,
        "all" => ListQuery::All(query.cursor),
        _ => return Err(ApiError(AppError::bad_field("list"))),
    };
    Ok(Json(server.app.rows(staff.shop.id, list, query.limit.unwrap_or(ROWS)).await?))
}

/// One conversation.
#[utoipa::path(get, operation_id = "getConversation", path = "/api/v1/shops/{shop}/conversations/{cnv}",
    responses((status = 200, body = Row), (status = "4XX", body = ErrorBody)))]
pub async fn one(
    staff: Staff<Reading>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<Row>, ApiError> {
    let id = path_conversation(&server, &staff.shop, &path).await?;
    Ok(Json(server.app.row(staff.shop.id, id).await?))
}

/// Which part of the log.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EntriesParams {
    /// `buyer` (default) or `staff`.
    lane: Option<String>,
    /// After this number.
    after: Option<i64>,
    /// The page that ends before this number.
    before: Option<i64>,
    /// Entries of a page.
    limit: Option<i64>,
}

/// A page of a lane.
#[utoipa::path(get, operation_id = "listEntries", path = "/api/v1/shops/{shop}/conversations/{cnv}/entries", params(EntriesParams),
    responses((status = 200, body = Entries), (status = "4XX", body = ErrorBody)))]
pub async fn entries(
    staff: Staff<Reading>,
    State(server): State<Server>,
    path: RawPathParams,
    Query(query): Query<EntriesParams>,
) -> Result<Json<Entries>, ApiError> {
    let id = path_conversation(&server, &staff.shop, &path).await?;
    let lane = parse_lane(query.lane.as_deref())?;
    let page = match query.before {
        Some(before) => Page::Before(before),
        None => Page::After(query.after.unwrap_or(0)),
    };
    let limit = query.limit.unwrap_or(ENTRIES);
    Ok(Json(server.app.entries_at_desk(staff.shop.id, id, lane, page, limit).await?))
}

/// Staff say something, or note it.
#[utoipa::path(post, operation_id = "staffSend", path = "/api/v1/shops/{shop}/conversations/{cnv}/entries", request_body = StaffSend,
    responses((status = 200, body = Stored), (status = "4XX", body = ErrorBody)))]
pub async fn send(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<StaffSend>,
) -> Result<Json<Stored>, ApiError> {
    let (client_id, what) =
        parse_send(&server, &body.client_id, &body.text, body.content.as_ref())?;
    let guarding = Guarding::confirmed(&body.confirmed, body.reason.as_deref())?;
    let phrase = Named::of(body.phrase);
    act(&server, &staff, &path, body.lane.as_deref(), (client_id, what, guarding, phrase)).await
}

/// Staff take a message back.
#[utoipa::path(post, operation_id = "staffRecall", path = "/api/v1/shops/{shop}/conversations/{cnv}/entries/{seq}/recall", request_body = RecallBody,
    responses((status = 200, body = Stored), (status = "4XX", body = ErrorBody)))]
pub async fn recall(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<RecallBody>,
) -> Result<Json<Stored>, ApiError> {
    let client_id = ClientId::parse(&body.client_id).map_err(AppError::from)?;
    let seq = path_seq(&path)?;
    let what = (client_id, Act::Recall(seq), Guarding::default(), None);
    act(&server, &staff, &path, body.lane.as_deref(), what).await
}

async fn act(
    server: &Server,
    staff: &Staff<Serving>,
    path: &RawPathParams,
    lane: Option<&str>,
    (client_id, act, guarding, phrase): (ClientId, Act, Guarding, Option<Named>),
) -> Result<Json<Stored>, ApiError> {
    let rate = server.app.limits.desk_sends_per_second;
    paced(server, format!("desk.{}", staff.caller.sender.account), rate)?;
    let command = Command {
        shop: staff.shop.id,
        rules: staff.shop.rules(server.app.clock.now()),
        conversation: path_conversation(server, &staff.shop, path).await?,
        by: Speaker::Staff(staff.caller.sender.clone()),
        lane: parse_lane(lane)?,
        client_id,
        act,
        guarding,
        phrase,
    };
    Ok(Json(server.app.send_and_wait(command).await?))
}

/// The shop has read up to here.
#[utoipa::path(post, operation_id = "staffRead", path = "/api/v1/shops/{shop}/conversations/{cnv}/read", request_body = ReadBody,
    responses((status = 200, body = MarksBody), (status = "4XX", body = ErrorBody)))]
pub async fn read(
    staff: Staff<Reading>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<ReadBody>,
) -> Result<Json<MarksBody>, ApiError> {
    let id = path_conversation(&server, &staff.shop, &path).await?;
    let marks = server.app.staff_read(staff.shop.id, id, body.seq).await?;
    Ok(Json(MarksBody { marks }))
}

/// Takes the buyer.
#[utoipa::path(post, operation_id = "take", path = "/api/v1/shops/{shop}/conversations/{cnv}/take",
    responses((status = 200, body = Row), (status = "4XX", body = ErrorBody)))]
pub async fn take(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<Row>, ApiError> {
    let id = path_conversation(&server, &staff.shop, &path).await?;
    server.app.take(staff.shop.id, id, &staff.caller.sender, &staff.caller.roles).await?;
    row(&server, &staff, id).await
}

/// Hands the buyer over to a colleague.
#[utoipa::path(post, operation_id = "handOver", path = "/api/v1/shops/{shop}/conversations/{cnv}/hand-over", request_body = HandOver,
    responses((status = 200, body = Row), (status = "4XX", body = ErrorBody)))]
pub async fn hand_over(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<HandOver>,
) -> Result<Json<Row>, ApiError> {
    let id = path_conversation(&server, &staff.shop, &path).await?;
    let to = id::parse_account(&body.to).ok_or_else(|| ApiError(AppError::bad_field("to")))?;
    let note = body.note.as_deref();
    let caller = &staff.caller;
    server.app.hand_over(staff.shop.id, id, &caller.sender, &caller.roles, to, note).await?;
    row(&server, &staff, id).await
}

/// Ends the session.
#[utoipa::path(post, operation_id = "close", path = "/api/v1/shops/{shop}/conversations/{cnv}/close",
    responses((status = 200, body = Row), (status = "4XX", body = ErrorBody)))]
pub async fn close(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<Row>, ApiError> {
    let id = path_conversation(&server, &staff.shop, &path).await?;
    server.app.close(staff.shop.id, id, &staff.caller.sender).await?;
    row(&server, &staff, id).await
}

async fn row(
    server: &Server,
    staff: &Staff<Serving>,
    id: ConversationId,
) -> Result<Json<Row>, ApiError> {
    Ok(Json(server.app.row(staff.shop.id, id).await?))
}
