//! What an agent has begun to write follows the agent from desk to desk. Not part of the log: no journal, no evidence.

use xiaoer_bus::{Event, EventKind, Topic};
use xiaoer_domain::chat::Lane;
use xiaoer_domain::id::{AccountId, ConversationId, ShopId};
use xiaoer_protocol::frames::ToClient;
use xiaoer_protocol::{ErrorCode, chat as wire, id};
use xiaoer_store::chat::drafts as store;

use crate::{App, AppError};

/// Drafts of one agent that are listed: ten times what one serves in a day.
const DRAFTS_MAX: i64 = 500;
/// A draft may be longer than what can be sent, by this factor: it is cut down before it is.
const ROOM: usize = 4;

impl App {
    /// What an agent has begun.
    ///
    /// # Errors
    /// The database.
    pub async fn drafts(&self, shop: ShopId, me: AccountId) -> Result<wire::Drafts, AppError> {
        let read = self
            .db
            .read(move |tx| Box::pin(async move { store::list(tx, shop, me, DRAFTS_MAX).await }));
        let drafts = read.await?.into_iter().map(|draft| wire::Draft {
            conversation: id::public(id::CONVERSATION, draft.conversation),
            lane: draft.lane.word().to_owned(),
            text: draft.text,
            at: draft.at.micros(),
        });
        Ok(wire::Drafts { drafts: drafts.collect() })
    }

    /// Keeps what an agent has begun and tells the other desks of the same agent. `shown` is the conversation's id on
    /// the wire.
    ///
    /// # Errors
    /// `too_long`; the database.
    pub async fn put_draft(
        &self,
        shop: ShopId,
        me: AccountId,
        (conversation, shown): (ConversationId, &str),
        lane: Lane,
        text: &str,
    ) -> Result<wire::Draft, AppError> {
        let max = self.limits.text_chars_max * ROOM;
        if text.chars().count() > max {
            let params = Some(serde_json::json!({ "max": max }));
            return Err(AppError::Refused { code: ErrorCode::TooLong, params });
        }
        let now = self.clock.now();
        let text: String = text.chars().filter(|c| *c != '\0').collect();
        let kept = text.clone();
        self.db
            .write(move |tx| {
                let kept = kept.clone();
                Box::pin(async move {
                    store::put(tx, shop, me, (conversation, lane), &kept, now).await?;
                    Ok::<_, AppError>(())
                })
            })
            .await?;
        let draft = wire::Draft {
            conversation: shown.to_owned(),
            lane: lane.word().to_owned(),
            text,
            at: now.micros(),
        };
        let frame = crate::frame(&ToClient::Draft { draft: draft.clone() });
        let event = Event { conversation: Some(conversation), kind: EventKind::Draft(lane, frame) };
        self.bus.publish(Topic::Agent(shop, me), &event);
        Ok(draft)
    }
}
