//! States of agents. What an agent asks for is kept; what holds is an interval with a lease that open desks renew, so
//! that nobody is given buyers by a desk that crashed.

use xiaoer_bus::{Event, EventKind, Topic};
use xiaoer_domain::id::{AccountId, ShopId};
use xiaoer_domain::team::AgentState;
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_protocol::frames::ToClient;
use xiaoer_protocol::{id, team as wire};
use xiaoer_store::chat::save::{self, Fact};
use xiaoer_store::team as store;

use crate::{App, AppError};

/// How long a state holds without a sign of life from a desk.
pub const LEASE: Span = Span::seconds(90);
/// Agents of a shop that lists show.
const AGENTS_MAX: i64 = 1000;

impl App {
    /// An agent asks for a state; becoming available, queued buyers are offered at once.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn set_state(
        &self,
        shop: ShopId,
        account: AccountId,
        state: AgentState,
    ) -> Result<(), AppError> {
        self.begin(shop, account, Some(state)).await?;
        let frame = crate::frame(&ToClient::State { state: state.word().to_owned() });
        let event = Event { conversation: None, kind: EventKind::State(frame) };
        self.bus.publish(Topic::Agent(shop, account), &event);
        Ok(())
    }

    /// A desk of this agent is there (again): the state last asked for holds, its lease lengthens.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn desk_is_here(
        &self,
        shop: ShopId,
        account: AccountId,
    ) -> Result<AgentState, AppError> {
        let now = self.clock.now();
        let renewed = self
            .db
            .write(move |tx| {
                Box::pin(async move {
                    if !store::renew_state(tx, shop, account, now, now.plus(LEASE)).await? {
                        return Ok(None);
                    }
                    Ok::<_, AppError>(store::open_state(tx, shop, account, now).await?)
                })
            })
            .await?;
        match renewed {
            Some(state) => Ok(state),
            None => self.begin(shop, account, None).await,
        }
    }

    /// The last desk of an agent went away: the state ends, unless a desk without a socket gave a sign of life since.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn desk_is_gone(
        &self,
        shop: ShopId,
        account: AccountId,
        left_at: Timestamp,
    ) -> Result<(), AppError> {
        let now = self.clock.now();
        let state = self
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let renewed = left_at.plus(LEASE);
                    store::end_unrenewed(tx, shop, account, now, renewed).await?;
                    Ok::<_, AppError>(store::open_state(tx, shop, account, now).await?)
                })
            })
            .await?;
        self.tell_duty(shop).await?;
        // When the house closes, desks come back in a moment; who does not is found by the sweeper.
        if state.is_none() && !self.tasks.stopping().is_cancelled() {
            self.give_back_of(shop, account, None).await?;
        }
        Ok(())
    }

    async fn begin(
        &self,
        shop: ShopId,
        account: AccountId,
        asked: Option<AgentState>,
    ) -> Result<AgentState, AppError> {
        let now = self.clock.now();
        let state = self
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let state = match asked {
                        Some(state) => {
                            store::want_state(tx, shop, account, state).await?;
                            state
                        }
                        None => store::wanted_state(tx, shop, account).await?,
                    };
                    store::begin_state(tx, shop, account, state, now, now.plus(LEASE)).await?;
                    let json = format!(r#"{{"a":{account},"s":"{}"}}"#, state.word());
                    let fact = Fact { at: now, kind: "agent_state_began", version: 1, json };
                    save::facts(tx, shop, &[fact]).await?;
                    Ok::<_, AppError>(state)
                })
            })
            .await?;
        self.tell_duty(shop).await?;
        if state.receives() {
            self.place_queued(shop).await?;
        } else {
            self.give_back_of(shop, account, Some(state)).await?;
        }
        Ok(state)
    }

    /// The colleagues who serve, with state and load.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn agents(&self, shop: ShopId) -> Result<wire::Agents, AppError> {
        let now = self.clock.now();
        let agents = self
            .db
            .read(move |tx| Box::pin(async move { store::agents(tx, shop, now, AGENTS_MAX).await }))
            .await?;
        let agents = agents
            .into_iter()
            .map(|agent| wire::Agent {
                id: id::account(agent.id),
                name: agent.name,
                state: agent.state.map_or("offline", AgentState::word).to_owned(),
                open_sessions: agent.load,
                cap: agent.cap,
            })
            .collect();
        Ok(wire::Agents { agents })
    }
}
