//! The buyer's side over plain HTTP: the same guarantees where a WebSocket cannot be had.

use std::time::Duration;

use axum::Json;
use axum::extract::{RawPathParams, State};
use serde::Deserialize;
use xiaoer_app::chat::{Act, Command, Page, Speaker};
use xiaoer_app::quality::Guarding;
use xiaoer_bus::{Mailbox, Topic};
use xiaoer_domain::chat::{ClientId, Lane};
use xiaoer_protocol::chat::{
    BuyerHello, BuyerSend, BuyerUpdates, BuyerWelcome, MarksBody, ReadBody, RecallBody, ShopName,
    Stored,
};
use xiaoer_protocol::error_code::ErrorBody;
use xiaoer_protocol::frames::VERSION;

use super::{Body, Query, WAIT_SECONDS_MAX, etag, limits, no_flood, paced, path_seq};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Buyer, Guest};
use crate::ws::parse_send;

/// New visitors a second of one shop; a burst may be twice that.
const ARRIVALS_PER_SECOND: u32 = 200;

/// A buyer arrives.
#[utoipa::path(post, operation_id = "buyerHello", path = "/api/v1/widget/{shop}/hello", request_body = BuyerHello,
    responses((status = 200, body = BuyerWelcome), (status = "4XX", body = ErrorBody)))]
pub async fn hello(
    guest: Guest,
    State(server): State<Server>,
    Body(body): Body<BuyerHello>,
) -> Result<Json<BuyerWelcome>, ApiError> {
    let shop = guest.shop;
    if body.token.is_none() {
        paced(&server, format!("arrivals.{}", shop.id), ARRIVALS_PER_SECOND)?;
    }
    let arrival = server.app.arrive(&shop, body.token.as_deref(), body.identity.as_deref()).await?;
    Ok(Json(BuyerWelcome {
        v: VERSION,
        now: server.app.clock.now().micros(),
        token: arrival.token,
        shop: ShopName { key: shop.key.clone(), name: shop.name.clone() },
        conversation: arrival.conversation,
        buyer: arrival.buyer,
        last_seq: arrival.last_seq,
        marks: arrival.marks,
        reception: arrival.reception,
        limits: limits(&server, &shop, server.app.limits.buyer_sends_per_second),
    }))
}

/// What a long poll asks for.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UpdatesQuery {
    /// Highest number held without a gap.
    #[serde(default)]
    after: i64,
    /// Fingerprint of the last answer.
    #[serde(default)]
    etag: Option<String>,
    /// Seconds to wait, at most 25.
    #[serde(default)]
    wait: u64,
}

/// Entries after a number, marks and reception; waits for a change.
#[utoipa::path(get, operation_id = "buyerUpdates", path = "/api/v1/widget/{shop}/updates", params(UpdatesQuery),
    responses((status = 200, body = BuyerUpdates), (status = "4XX", body = ErrorBody)))]
pub async fn updates(
    buyer: Buyer,
    State(server): State<Server>,
    Query(query): Query<UpdatesQuery>,
) -> Result<Json<BuyerUpdates>, ApiError> {
    let rate = server.app.limits.frames_per_second;
    paced(&server, format!("poll.{}", buyer.caller.visitor), rate)?;
    let wait = Duration::from_secs(query.wait.min(WAIT_SECONDS_MAX));
    let deadline = tokio::time::Instant::now() + wait;
    let (shop, id) = (buyer.shop.id, buyer.caller.conversation);
    let mailbox = Mailbox::new();
    let ear = Ear {
        server: &server,
        mailbox: &mailbox,
        topics: vec![Topic::Conversation(shop, id), Topic::Duty(shop)],
    };
    ear.listen();
    let stop = server.app.tasks.stopping();
    loop {
        let updates = look(&server, &buyer, query.after).await?;
        let news = !updates.entries.is_empty() || query.etag.as_deref() != Some(&updates.etag);
        if news || stop.is_cancelled() {
            return Ok(Json(updates));
        }
        tokio::select! {
            () = mailbox.wait() => { let _ = mailbox.take(); }
            () = stop.cancelled() => {}
            () = tokio::time::sleep_until(deadline) => return Ok(Json(updates)),
        }
    }
}

/// Listens for as long as it lives.
pub struct Ear<'s> {
    pub server: &'s Server,
    pub mailbox: &'s std::sync::Arc<Mailbox>,
    pub topics: Vec<Topic>,
}

impl Ear<'_> {
    /// Begins to listen.
    pub fn listen(&self) {
        for topic in &self.topics {
            self.server.app.bus.listen(*topic, self.mailbox);
        }
    }
}

impl Drop for Ear<'_> {
    fn drop(&mut self) {
        for topic in &self.topics {
            self.server.app.bus.leave(*topic, self.mailbox);
        }
    }
}

async fn look(server: &Server, buyer: &Buyer, after: i64) -> Result<BuyerUpdates, ApiError> {
    let (shop, id) = (buyer.shop.id, buyer.caller.conversation);
    let max = server.app.limits.page_entries_max;
    let heads = server.app.heads(shop, id).await?;
    // A client that claims more than there is starts anew.
    let after = if after > heads.last_seq { 0 } else { after.max(0) };
    let page = server.app.entries(shop, id, Lane::Buyer, Page::After(after), max).await?;
    let marks =
        xiaoer_protocol::chat::Marks { buyer: heads.buyer_read_seq, staff: heads.staff_read_seq };
    let reception = server.app.reception(shop, id).await?;
    let etag = etag(&(marks, &reception));
    let now = server.app.clock.now().micros();
    Ok(BuyerUpdates { now, entries: page.entries, last_seq: page.last_seq, marks, reception, etag })
}

/// A buyer says something.
#[utoipa::path(post, operation_id = "buyerSend", path = "/api/v1/widget/{shop}/entries", request_body = BuyerSend,
    responses((status = 200, body = Stored), (status = "4XX", body = ErrorBody)))]
pub async fn send(
    buyer: Buyer,
    State(server): State<Server>,
    Body(body): Body<BuyerSend>,
) -> Result<Json<Stored>, ApiError> {
    let (client_id, what) =
        parse_send(&server, &body.client_id, &body.text, body.content.as_ref())?;
    Ok(Json(act(&server, &buyer, client_id, what).await?))
}

/// A buyer takes a message back.
#[utoipa::path(post, operation_id = "buyerRecall", path = "/api/v1/widget/{shop}/entries/{seq}/recall", request_body = RecallBody,
    responses((status = 200, body = Stored), (status = "4XX", body = ErrorBody)))]
pub async fn recall(
    buyer: Buyer,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<RecallBody>,
) -> Result<Json<Stored>, ApiError> {
    let client_id = ClientId::parse(&body.client_id).map_err(xiaoer_app::AppError::from)?;
    Ok(Json(act(&server, &buyer, client_id, Act::Recall(path_seq(&path)?)).await?))
}

async fn act(
    server: &Server,
    buyer: &Buyer,
    client_id: ClientId,
    act: Act,
) -> Result<Stored, ApiError> {
    paced(
        server,
        format!("send.{}", buyer.caller.visitor),
        server.app.limits.buyer_sends_per_second,
    )?;
    no_flood(server, buyer.caller.visitor)?;
    let command = Command {
        shop: buyer.shop.id,
        rules: buyer.shop.rules(server.app.clock.now()),
        conversation: buyer.caller.conversation,
        by: Speaker::Buyer(buyer.caller.buyer),
        lane: Lane::Buyer,
        client_id,
        act,
        guarding: Guarding::default(),
        phrase: None,
    };
    Ok(server.app.send_and_wait(command).await?)
}

/// A buyer has read up to here.
#[utoipa::path(post, operation_id = "buyerRead", path = "/api/v1/widget/{shop}/read", request_body = ReadBody,
    responses((status = 200, body = MarksBody), (status = "4XX", body = ErrorBody)))]
pub async fn read(
    buyer: Buyer,
    State(server): State<Server>,
    Body(body): Body<ReadBody>,
) -> Result<Json<MarksBody>, ApiError> {
    let marks = server.app.buyer_read(buyer.shop.id, buyer.caller.conversation, body.seq).await?;
    Ok(Json(MarksBody { marks }))
}
