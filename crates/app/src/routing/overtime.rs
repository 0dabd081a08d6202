//! A buyer left waiting beyond overtime: leaders are told once for each wait, and, where the shop wants it, the buyer
//! goes to a free colleague unless something keeps it with its agent.

use std::sync::Arc;

use xiaoer_bus::{Event, EventKind, Topic};
use xiaoer_domain::chat::{ClientId, Lane, Salts, Talk};
use xiaoer_domain::coded::Coded;
use xiaoer_domain::id::{ConversationId, ShopId};
use xiaoer_domain::routing::{Candidate, could_place};
use xiaoer_domain::team::{Right, may};
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_protocol::frames::ToClient;
use xiaoer_protocol::{ErrorCode, id};
use xiaoer_store::chat::read;
use xiaoer_store::routing as rooms;
use xiaoer_store::routing::overtime::{self as store, Overdue};
use xiaoer_store::team;

use crate::chat::Seats;
use crate::platform::Shop;
use crate::{App, AppError};

/// Waits that one sweep looks at.
const OVERDUE_MAX: i64 = 200;
/// What tells two lines of the house apart.
const HOUSE_LINE: [&str; 5] = ["client_id", "conversation_id", "side", "author_id", "shop_id"];
/// A draft that changed so lately is being written.
const TYPING_FOR: Span = Span::seconds(10);
/// The longest time that an agent may look into something (查证中).
pub const CHECKING_MINUTES_MAX: u32 = 120;

impl App {
    /// Tells leaders of waits beyond overtime, and moves those buyers on who may go. Returns how many moved.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn watch_overtime(&self, shop: &Shop) -> Result<usize, AppError> {
        let now = self.clock.now();
        let Some(thresholds) = shop.thresholds(now) else { return Ok(0) };
        let (id, before) = (shop.id, now.minus(thresholds.overtime()));
        let typing_since = now.minus(TYPING_FOR);
        let overdue = self
            .db
            .read(move |tx| {
                Box::pin(
                    async move { store::overdue(tx, id, before, typing_since, OVERDUE_MAX).await },
                )
            })
            .await?;
        let mut moved = 0;
        for one in overdue {
            if one.told_at.is_none_or(|told| told < one.waiting_since) {
                self.tell_overtime(id, &one, now).await?;
            }
            // Who was given the buyer a moment ago has a time of their own, or the buyer would go round in circles.
            let had_time = one.accepted_at.is_none_or(|at| at <= before);
            let may_go = shop.is_on("overtime_reassign", now) && one.held.hold(now).is_none();
            if had_time && may_go && self.reassign(shop, &one, now).await? {
                moved += 1;
            }
        }
        Ok(moved)
    }

    /// A line in the staff lane, once for each wait, and a call at the desk of everybody who leads.
    async fn tell_overtime(
        &self,
        shop: ShopId,
        one: &Overdue,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let seconds = now.since(one.waiting_since).micros() / 1_000_000;
        let waited = one.waiting_since;
        let params = vec![("agent", one.agent_name.clone()), ("seconds", seconds.to_string())];
        let notice = Coded { code: "overtime", params };
        let client_id = ClientId::of_house("overtime", waited.micros());
        let act = move |talk: &mut Talk, _: &mut [Candidate], now, salts: Salts<'_>| {
            let still = talk.open_session().is_some_and(|s| s.waiting_since == Some(waited));
            if !still {
                return Ok(Vec::new());
            }
            Ok(vec![talk.tell(Lane::Staff, notice.clone(), client_id.clone(), now, salts)])
        };
        let wrote =
            self.change(shop, one.conversation, Seats::Ignored, Vec::new(), Arc::new(act)).await;
        match wrote {
            Ok(true) => self.call_leaders(shop, one, seconds).await?,
            Ok(false) => {}
            // The line stands already; only the mark was lost.
            Err(AppError::Store(e)) if e.is_unique("entry", &HOUSE_LINE) => {}
            Err(error) => return Err(error),
        }
        let session = one.session;
        self.db
            .write(move |tx| {
                Box::pin(
                    async move { Ok::<_, AppError>(store::told(tx, shop, session, now).await?) },
                )
            })
            .await
    }

    async fn call_leaders(
        &self,
        shop: ShopId,
        one: &Overdue,
        seconds: i64,
    ) -> Result<(), AppError> {
        let here = self
            .db
            .read(move |tx| Box::pin(async move { team::roles_of_all(tx, shop).await }))
            .await?;
        let frame = crate::frame(&ToClient::Overtime {
            conversation: id::public(id::CONVERSATION, one.public_id),
            buyer: one.buyer.clone(),
            agent: one.agent_name.clone(),
            seconds,
        });
        for (account, roles) in here {
            if may(&roles, Right::TakeOver) && account != one.agent {
                let event = Event {
                    conversation: Some(one.conversation),
                    kind: EventKind::Overtime(frame.clone()),
                };
                self.bus.publish(Topic::Agent(shop, account), &event);
            }
        }
        Ok(())
    }

    /// Only to a free seat of somebody else; the wait goes on at its place.
    async fn reassign(&self, shop: &Shop, one: &Overdue, now: Timestamp) -> Result<bool, AppError> {
        let (id, conversation, rules) = (shop.id, one.conversation, shop.rules(now));
        let (groups, route) = self
            .db
            .read(move |tx| {
                Box::pin(async move {
                    let groups = rooms::group_rules(tx, id).await?;
                    let route = rooms::buyer_route(tx, id, conversation).await?;
                    Ok::<_, AppError>((groups, route))
                })
            })
            .await?;
        let wish = super::wish(one.group, route, &groups, &rules);
        let (agent, waited) = (one.agent, one.waiting_since);
        let act = move |talk: &mut Talk, room: &mut [Candidate], now, salts: Salts<'_>| {
            let still = talk.open_session().is_some_and(|session| {
                session.agent == Some(agent) && session.waiting_since == Some(waited)
            });
            let mut others: Vec<Candidate> =
                room.iter().filter(|c| c.agent != agent).cloned().collect();
            if !still || !could_place(&others, wish.group) {
                return Ok(Vec::new());
            }
            talk.wish = wish.clone();
            Ok(talk.pass_on(&mut others, Coded::plain("overtime"), now, salts))
        };
        self.change(id, conversation, Seats::Offered, Vec::new(), Arc::new(act)).await
    }

    /// The agent looks into something (查证中): for so many minutes the buyer stays; 0: no longer.
    ///
    /// # Errors
    /// `bad_request` for more than [`CHECKING_MINUTES_MAX`], `session_closed`.
    pub async fn set_checking(
        &self,
        shop: ShopId,
        conversation: ConversationId,
        minutes: u32,
    ) -> Result<Option<Timestamp>, AppError> {
        if minutes > CHECKING_MINUTES_MAX {
            return Err(AppError::bad_field("minutes"));
        }
        let until = self.clock.now().plus(Span::minutes(minutes));
        let until = (minutes > 0).then_some(until);
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let row = read::row(tx, shop, conversation).await?;
                    let session = row.and_then(|row| row.session).filter(|s| !s.closed);
                    let session =
                        session.ok_or_else(|| AppError::refused(ErrorCode::SessionClosed))?;
                    Ok::<_, AppError>(store::check_until(tx, shop, session.id, until).await?)
                })
            })
            .await?;
        let event = Event { conversation: Some(conversation), kind: EventKind::Row };
        self.bus.publish(Topic::Desk(shop), &event);
        self.bus.publish(Topic::Staff(shop, conversation), &event);
        Ok(until)
    }
}
