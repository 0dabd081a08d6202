//! Earlier sessions of a conversation, each with the place in the log where it begins.

use xiaoer_domain::id::{ConversationId, SessionId, ShopId};
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::{chat as wire, id};
use xiaoer_store::chat::{read, receptions as store};
use xiaoer_store::{StoreError, Tx};

use crate::{App, AppError};

/// Sessions of a page.
const PAGE: i64 = 20;

impl App {
    /// A page of a conversation's sessions, newest first.
    ///
    /// # Errors
    /// A cursor that is none of ours; the database.
    pub async fn past_sessions(
        &self,
        shop: ShopId,
        conversation: ConversationId,
        cursor: Option<&str>,
    ) -> Result<wire::PastSessions, AppError> {
        let before = cursor.map_or(Some(i64::MAX), |text| text.parse().ok());
        let before = before.map(SessionId::new).ok_or_else(|| AppError::bad_field("cursor"))?;
        let read = self.db.read(move |tx| {
            Box::pin(async move {
                let found = store::list(tx, shop, conversation, before, PAGE + 1).await?;
                let head = read::heads(tx, shop, conversation).await?.map_or(0, |h| h.last_seq);
                let mut sessions = Vec::with_capacity(found.len());
                for session in found {
                    let seq = first_since(tx, shop, conversation, head, session.opened_at).await?;
                    sessions.push((session, seq));
                }
                Ok::<_, StoreError>(sessions)
            })
        });
        let mut found = read.await?;
        let has_more = found.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
        if has_more {
            found.pop();
        }
        let next = found.last().filter(|_| has_more).map(|(session, _)| session.id.to_string());
        let sessions = found.into_iter().map(|(session, seq)| wire::PastSession {
            id: id::session(session.id),
            opened_at: session.opened_at.micros(),
            closed_at: session.closed_at.map(Timestamp::micros),
            close_reason: session.close_reason,
            agent: session.agent,
            seq,
        });
        Ok(wire::PastSessions { sessions: sessions.collect(), next })
    }
}

/// The first line not before a moment. Times of a lane never go back, so a few looks find it, however long the log is.
async fn first_since(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    head: i64,
    at: Timestamp,
) -> Result<i64, StoreError> {
    let (mut low, mut high) = (1, head.max(1));
    while low < high {
        let middle = low.midpoint(high);
        let time = store::time_of(tx, shop, conversation, middle).await?;
        if time.is_some_and(|time| time < at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}
