//! Beside a talk: a supervisor whispers to its agent, a colleague is asked to join it.

use std::sync::Arc;

use xiaoer_bus::{Event, EventKind, Topic};
use xiaoer_domain::chat::{ClientId, Lane, MessageText, Salts, Talk};
use xiaoer_domain::coded::Coded;
use xiaoer_domain::id::{AccountId, ConversationId, SessionId, ShopId};
use xiaoer_domain::routing::Candidate;
use xiaoer_domain::team::{Colleague, Right, may};
use xiaoer_protocol::ErrorCode;
use xiaoer_store::chat::{read, transfer as store};
use xiaoer_store::team;

use super::moves::Seats;
use crate::team::Caller;
use crate::{App, AppError};

/// Colleagues who join one session.
const HELPERS_MAX: usize = 8;
/// Agents of a shop.
const AGENTS_MAX: i64 = 1000;

impl App {
    /// Tells the agent who serves something that the buyer does not see. It answers no wait.
    ///
    /// # Errors
    /// `session_closed` when nobody serves, text errors.
    pub async fn whisper(
        &self,
        shop: ShopId,
        of: ConversationId,
        by: &Colleague,
        client_id: ClientId,
        text: &str,
    ) -> Result<(), AppError> {
        let text = MessageText::parse(text, self.limits.text_chars_max)?;
        let (_, serving) = self.serving(shop, of).await?;
        let to = serving.ok_or_else(|| AppError::refused(ErrorCode::SessionClosed))?;
        let (author, listener) = (by.clone(), to.account);
        let act = move |talk: &mut Talk, _: &mut [Candidate], now, salts: Salts<'_>| {
            // Handed on meanwhile: the words were meant for somebody else.
            if talk.open_session().and_then(|s| s.agent) != Some(to.account) {
                return Err(AppError::refused(ErrorCode::SessionClosed));
            }
            Ok(vec![talk.whisper(&author, &to, client_id.clone(), text.clone(), now, salts)])
        };
        let written = self.change(shop, of, Seats::Ignored, vec![by.clone()], Arc::new(act)).await;
        match written {
            // Sent before: once is once.
            Err(AppError::Store(e))
                if e.is_unique(
                    "entry",
                    &["client_id", "conversation_id", "side", "author_id", "shop_id"],
                ) => {}
            other => {
                other?;
            }
        }
        self.tell_row_to(shop, of, listener);
        Ok(())
    }

    /// Asks a colleague to join the open session: to read along, to write in the staff lane and, if allowed, to speak.
    ///
    /// # Errors
    /// `session_closed`, `forbidden` when a colleague serves, `not_found`, `too_many`.
    pub async fn invite(
        &self,
        shop: ShopId,
        of: ConversationId,
        caller: &Caller,
        who: AccountId,
        may_speak: bool,
    ) -> Result<(), AppError> {
        let session = self.own_session(shop, of, caller).await?;
        let (now, by) = (self.clock.now(), caller.sender.account);
        let read = self.db.read(move |tx| {
            Box::pin(async move {
                let mut rows = read::rows_of(tx, shop, vec![of]).await?;
                read::beside(tx, shop, &mut rows).await?;
                Ok::<_, AppError>((team::agents(tx, shop, now, AGENTS_MAX).await?, rows))
            })
        });
        let (agents, rows) = read.await?;
        let helpers = rows.into_iter().next().map(|row| row.helpers).unwrap_or_default();
        if helpers.len() >= HELPERS_MAX && helpers.iter().all(|helper| helper.account != who) {
            let params = Some(serde_json::json!({ "max": HELPERS_MAX }));
            return Err(AppError::Refused { code: ErrorCode::TooMany, params });
        }
        let found = agents.into_iter().find(|agent| agent.id == who && agent.id != by);
        let name = found.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?.name;
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    store::invite(tx, shop, (session, of), who, by, may_speak, now).await?;
                    Ok::<_, AppError>(())
                })
            })
            .await?;
        let params = vec![("from", caller.sender.name.clone()), ("agent", name)];
        self.tell_staff(shop, of, Coded { code: "invited", params }).await?;
        self.tell_row_to(shop, of, who);
        self.tell_row(shop, of).await
    }

    /// A colleague leaves the session: by oneself, or sent by who serves.
    ///
    /// # Errors
    /// As [`Self::invite`].
    pub async fn leave_talk(
        &self,
        shop: ShopId,
        of: ConversationId,
        caller: &Caller,
        who: AccountId,
    ) -> Result<(), AppError> {
        let session = match who == caller.sender.account {
            true => self.serving(shop, of).await?.0,
            false => self.own_session(shop, of, caller).await?,
        };
        let now = self.clock.now();
        let read = self
            .db
            .read(move |tx| Box::pin(async move { team::agents(tx, shop, now, AGENTS_MAX).await }));
        let name = read.await?.into_iter().find(|agent| agent.id == who).map(|agent| agent.name);
        let left = self
            .db
            .write(move |tx| {
                Box::pin(async move {
                    Ok::<_, AppError>(store::leave(tx, shop, session, who, now).await?)
                })
            })
            .await?;
        if !left {
            return Err(AppError::refused(ErrorCode::NotFound));
        }
        let params = vec![("agent", name.unwrap_or_default())];
        self.tell_staff(shop, of, Coded { code: "left_talk", params }).await?;
        self.tell_row_to(shop, of, who);
        self.tell_row(shop, of).await
    }

    /// The open session, and who serves it.
    async fn serving(
        &self,
        shop: ShopId,
        of: ConversationId,
    ) -> Result<(SessionId, Option<Colleague>), AppError> {
        let row =
            self.db.read(move |tx| Box::pin(async move { read::row(tx, shop, of).await })).await?;
        let row = row.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
        let open = row.session.filter(|session| !session.closed);
        let open = open.ok_or_else(|| AppError::refused(ErrorCode::SessionClosed))?;
        Ok((open.id, open.agent.map(|(account, name)| Colleague { account, name })))
    }

    /// The open session, if the caller serves it or may take over.
    async fn own_session(
        &self,
        shop: ShopId,
        of: ConversationId,
        caller: &Caller,
    ) -> Result<SessionId, AppError> {
        let (session, serving) = self.serving(shop, of).await?;
        let is_own = serving.is_some_and(|agent| agent.account == caller.sender.account);
        if !is_own && !may(&caller.roles, Right::TakeOver) {
            return Err(AppError::forbidden(Right::TakeOver));
        }
        Ok(session)
    }

    async fn tell_staff(
        &self,
        shop: ShopId,
        of: ConversationId,
        told: Coded,
    ) -> Result<(), AppError> {
        let client_id = self.note_id()?;
        let act = move |talk: &mut Talk, _: &mut [Candidate], now, salts: Salts<'_>| {
            Ok(vec![talk.tell(Lane::Staff, told.clone(), client_id.clone(), now, salts)])
        };
        self.change(shop, of, Seats::Ignored, Vec::new(), Arc::new(act)).await.map(|_| ())
    }

    /// Tells the desks of one person that a row changed.
    fn tell_row_to(&self, shop: ShopId, of: ConversationId, who: AccountId) {
        let event = Event { conversation: Some(of), kind: EventKind::Row };
        self.bus.publish(Topic::Agent(shop, who), &event);
    }
}
