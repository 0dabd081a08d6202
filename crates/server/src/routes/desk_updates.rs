//! The desk without a WebSocket: one long poll for the lists, the own state and the conversation that is open.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use xiaoer_app::chat::Page;
use xiaoer_bus::{Mailbox, Topic};
use xiaoer_domain::chat::Lane;
use xiaoer_domain::id::ConversationId;
use xiaoer_protocol::chat::{DeskUpdates, Marks, Watched};
use xiaoer_protocol::error_code::ErrorBody;

use super::buyer::Ear;
use super::{Query, WAIT_SECONDS_MAX, etag, find_conversation, me, paced};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Reading, Staff};

/// What a desk's long poll asks for.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UpdatesParams {
    /// Fingerprint of the last answer.
    etag: Option<String>,
    /// The conversation that is open.
    watch: Option<String>,
    /// Highest number of its buyer lane held.
    #[serde(default)]
    after: i64,
    /// Highest number of its staff lane held.
    #[serde(default)]
    staff_after: i64,
    /// Seconds to wait, at most 25.
    #[serde(default)]
    wait: u64,
}

/// Lists, own state and the open conversation; waits for a change.
#[utoipa::path(get, operation_id = "deskUpdates", path = "/api/v1/shops/{shop}/updates", params(UpdatesParams),
    responses((status = 200, body = DeskUpdates), (status = "4XX", body = ErrorBody)))]
pub async fn updates(
    staff: Staff<Reading>,
    State(server): State<Server>,
    Query(query): Query<UpdatesParams>,
) -> Result<Json<DeskUpdates>, ApiError> {
    let account = staff.caller.sender.account;
    paced(&server, format!("desk-poll.{account}"), server.app.limits.frames_per_second)?;
    let shop = staff.shop.id;
    let watched = match &query.watch {
        None => None,
        Some(text) => Some(find_conversation(&server, &staff.shop, text).await?),
    };
    let mut topics = vec![Topic::Desk(shop), Topic::Agent(shop, account)];
    topics.extend(
        watched.into_iter().flat_map(|id| [Topic::Conversation(shop, id), Topic::Staff(shop, id)]),
    );
    let mailbox = Mailbox::new();
    let ear = Ear { server: &server, mailbox: &mailbox, topics };
    ear.listen();
    let deadline =
        tokio::time::Instant::now() + Duration::from_secs(query.wait.min(WAIT_SECONDS_MAX));
    let stop = server.app.tasks.stopping();
    loop {
        let updates = look(&server, &staff, watched, &query).await?;
        let entries = updates.watched.as_ref().is_some_and(|w| !w.entries.is_empty());
        if entries || query.etag.as_deref() != Some(&updates.etag) || stop.is_cancelled() {
            return Ok(Json(updates));
        }
        tokio::select! {
            () = mailbox.wait() => { let _ = mailbox.take(); }
            () = stop.cancelled() => {}
            () = tokio::time::sleep_until(deadline) => return Ok(Json(updates)),
        }
    }
}

async fn look(
    server: &Server,
    staff: &Staff<Reading>,
    watched: Option<ConversationId>,
    query: &UpdatesParams,
) -> Result<DeskUpdates, ApiError> {
    let shop = staff.shop.id;
    let me = me(server, &staff.shop, &staff.caller).await?;
    let rows = server.app.desk_rows(shop, staff.caller.sender.account).await?;
    let watched = match watched {
        None => None,
        Some(id) => Some(watch(server, staff, id, query).await?),
    };
    let marks = watched.as_ref().map(|w| w.marks);
    let etag = etag(&(&me, &rows, marks));
    Ok(DeskUpdates { now: server.app.clock.now().micros(), me, rows, etag, watched })
}

async fn watch(
    server: &Server,
    staff: &Staff<Reading>,
    id: ConversationId,
    query: &UpdatesParams,
) -> Result<Watched, ApiError> {
    let (app, shop) = (&server.app, staff.shop.id);
    let max = app.limits.page_entries_max;
    let heads = app.heads(shop, id).await?;
    let buyer = app.entries_at_desk(shop, id, Lane::Buyer, Page::After(query.after), max).await?;
    let staff_lane =
        app.entries_at_desk(shop, id, Lane::Staff, Page::After(query.staff_after), max).await?;
    let mut entries = buyer.entries;
    entries.extend(staff_lane.entries);
    Ok(Watched {
        entries,
        last_seq: buyer.last_seq,
        staff_seq: staff_lane.last_seq,
        marks: Marks { buyer: heads.buyer_read_seq, staff: heads.staff_read_seq },
    })
}
