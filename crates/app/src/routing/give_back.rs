//! An agent who leaves gives back the buyers who wait: they queue at the place of their wait.

use std::collections::BTreeMap;
use std::sync::Arc;

use xiaoer_domain::chat::{Author, Session};
use xiaoer_domain::coded::Coded;
use xiaoer_domain::id::{AccountId, ConversationId, ShopId};
use xiaoer_domain::team::AgentState;
use xiaoer_domain::time::Span;
use xiaoer_store::chat::load;
use xiaoer_store::chat::save::Made;
use xiaoer_store::routing as store;

use crate::chat::{publish, store_moves};
use crate::platform::Shop;
use crate::{App, AppError, salts};

/// Sessions given back in one transaction.
const GIVEN_MAX: i64 = 200;
/// How long an event may need until the sweeper acts in its place.
const NET_AFTER: Span = Span::seconds(15);

/// The code for why a session goes back, from the agent's state.
pub(crate) const fn reason(state: Option<AgentState>) -> &'static str {
    match state {
        None => "agent_offline",
        Some(AgentState::Away) => "agent_away",
        Some(AgentState::Suspended(_)) => "agent_suspended",
        Some(AgentState::Invisible) => "agent_invisible",
        Some(AgentState::Available) => "agent_available",
    }
}

impl App {
    /// An agent is now in a state in which nobody new is received: waiting buyers go back into the queue, and on to
    /// colleagues. One who is suspended or invisible keeps those who were answered already.
    ///
    /// # Errors
    /// When the database does not take it.
    pub(crate) async fn give_back_of(
        &self,
        shop: ShopId,
        agent: AccountId,
        state: Option<AgentState>,
    ) -> Result<usize, AppError> {
        let talks_stay = state.is_some_and(AgentState::keeps_talks);
        let ids = self
            .db
            .read(move |tx| {
                Box::pin(
                    async move { store::held_by(tx, shop, agent, talks_stay, GIVEN_MAX).await },
                )
            })
            .await?;
        let given = self.give_back_these(shop, ids, agent, talks_stay, reason(state)).await?;
        if given > 0 {
            self.give_seats_on(shop).await;
        }
        Ok(given)
    }

    /// Gives back who waits for an agent that is gone, should the event that had to do so have been lost.
    ///
    /// # Errors
    /// When the database does not take it.
    pub(crate) async fn rescue_stranded(&self, shop: ShopId) -> Result<usize, AppError> {
        let now = self.clock.now();
        let before = now.minus(NET_AFTER);
        let stranded = self
            .db
            .read(move |tx| {
                Box::pin(async move { store::stranded(tx, shop, now, before, GIVEN_MAX).await })
            })
            .await?;
        let mut given = 0;
        for one in stranded {
            let talks_stay = one.state.is_some_and(AgentState::keeps_talks);
            let ids = vec![one.conversation];
            given +=
                self.give_back_these(shop, ids, one.agent, talks_stay, reason(one.state)).await?;
        }
        Ok(given)
    }

    /// Whose shift is over gives back who was accepted during it and has no answer yet; the talks under way stay, and so
    /// does who was taken by hand after the shift.
    ///
    /// # Errors
    /// When the database does not take it.
    pub(crate) async fn end_shifts(&self, shop: &Shop) -> Result<usize, AppError> {
        let (id, now) = (shop.id, self.clock.now());
        let plan = self.planned(shop).await?.plan.clone();
        let held = self
            .db
            .read(move |tx| Box::pin(async move { store::unanswered(tx, id, GIVEN_MAX).await }));
        let mut of: BTreeMap<AccountId, Vec<ConversationId>> = BTreeMap::new();
        for one in held.await? {
            if !plan.lets_receive(one.agent, now) && plan.lets_receive(one.agent, one.accepted_at) {
                of.entry(one.agent).or_default().push(one.conversation);
            }
        }
        let mut given = 0;
        for (agent, ids) in of {
            given += self.give_back_these(id, ids, agent, true, "agent_off_duty").await?;
        }
        Ok(given)
    }

    async fn give_back_these(
        &self,
        shop: ShopId,
        ids: Vec<ConversationId>,
        agent: AccountId,
        talks_stay: bool,
        why: &'static str,
    ) -> Result<usize, AppError> {
        if ids.is_empty() {
            return Ok(0);
        }
        let (now, seed) = (self.clock.now(), self.chance.bytes::<32>());
        let ids: Arc<[ConversationId]> = ids.into();
        // Looked at again under the lock: the agent may have answered meanwhile.
        let goes = move |session: &Session| {
            session.agent == Some(agent)
                && session.waiting_since.is_some()
                && !(talks_stay && session.is_answered())
        };
        let made = self
            .db
            .write(move |tx| {
                let ids = ids.to_vec();
                Box::pin(async move {
                    let mut salts = salts(seed);
                    let mut made = Made::default();
                    for mut talk in load::talks(tx, shop, ids).await? {
                        if !talk.open_session().is_some_and(goes) {
                            continue;
                        }
                        let entries =
                            talk.give_back(Coded::plain(why), Author::System, now, &mut salts);
                        made.entries.extend(entries.into_iter().map(|e| (talk.id, e)));
                        made.talks.push(talk);
                    }
                    store_moves(tx, shop, &mut made).await?;
                    Ok::<_, AppError>(made)
                })
            })
            .await?;
        publish::made(&mut self.bus.round(), shop, &made, &self.links, |_| None);
        Ok(made.talks.len())
    }
}
