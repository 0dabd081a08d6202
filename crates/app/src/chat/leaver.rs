//! Somebody leaves: the account is switched off at once, and whoever they served goes on with a colleague.

use xiaoer_domain::id::{AccountId, ShopId};
use xiaoer_domain::team::{AgentState, Colleague, Role};
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::id;
use xiaoer_store::team::{self as store, Account, people};

use super::ListQuery;
use crate::team::{Caller, Proof};
use crate::{App, AppError};

/// Conversations handed over in one look; an agent's seats are fewer.
const ROWS_MAX: i64 = 200;

/// Who goes on with a leaver's buyers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heir {
    /// Nobody by itself: they are taken over at the desk.
    Nobody,
    /// This colleague, if available.
    Colleague(AccountId),
    /// Whoever is available, the least loaded first.
    Anybody,
}

/// What became of a leaver's open conversations in a shop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HandedOver {
    /// With a colleague now.
    pub given: u32,
    /// To be taken over at the desk: the conversations and why.
    pub left: Vec<(String, Option<ErrorCode>)>,
}

impl App {
    /// Switches off somebody of the shop, for one who manages it.
    ///
    /// # Errors
    /// `forbidden`, `works_elsewhere`, `last_owner`, `not_found`.
    pub async fn switch_off(
        &self,
        shop: ShopId,
        caller: &Caller,
        _proof: &Proof,
        account: AccountId,
        heir: Heir,
    ) -> Result<HandedOver, AppError> {
        let leaver = self.person_to_manage(shop, caller, account).await?;
        let is_last = self
            .db
            .read(move |tx| {
                Box::pin(async move {
                    let roles = store::roles(tx, shop, account).await?;
                    let other = people::has_other_owner(tx, shop, account).await?;
                    Ok::<_, AppError>(roles.contains(&Role::Owner) && !other)
                })
            })
            .await?;
        if is_last {
            return Err(AppError::refused(ErrorCode::LastOwner));
        }
        // First the door: from here on the leaver can say nothing more to anybody.
        self.set_disabled(account, true).await?;
        self.hand_over_all(shop, &leaver, heir).await
    }

    /// Hands the open conversations of one who is out to others.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn hand_over_all(
        &self,
        shop: ShopId,
        leaver: &Account,
        heir: Heir,
    ) -> Result<HandedOver, AppError> {
        let actor = Colleague { account: leaver.id, name: leaver.name.clone() };
        let rows = self.rows(shop, ListQuery::Mine(leaver.id), ROWS_MAX).await?.rows;
        let mut told = HandedOver::default();
        for row in rows {
            let public = id::parse_public(id::CONVERSATION, &row.conversation);
            let to = match heir {
                Heir::Nobody => None,
                Heir::Colleague(to) => Some(to),
                Heir::Anybody => self.least_loaded(shop, leaver.id).await?,
            };
            let (Some(to), Some(public)) = (to, public) else {
                told.left.push((row.conversation, None));
                continue;
            };
            let conversation = self.find_conversation(shop, public).await?;
            let roles = [Role::Owner];
            match self.hand_over(shop, conversation, &actor, &roles, to, None).await {
                Ok(_) => told.given += 1,
                Err(error) => told.left.push((row.conversation, Some(error.code()))),
            }
        }
        Ok(told)
    }

    /// The available colleague with the smallest share of their seats taken, and a free one.
    async fn least_loaded(
        &self,
        shop: ShopId,
        besides: AccountId,
    ) -> Result<Option<AccountId>, AppError> {
        let (now, planned) = (self.clock.now(), self.planned_of(shop).await?);
        let agents = self
            .db
            .read(move |tx| Box::pin(async move { store::agents(tx, shop, now, 1000).await }))
            .await?;
        let free = agents.into_iter().filter(|agent| {
            let is_here = agent.state == Some(AgentState::Available) && agent.id != besides;
            is_here && agent.load < agent.cap && planned.plan.lets_receive(agent.id, now)
        });
        Ok(free.min_by_key(|agent| agent.load * 1000 / agent.cap.max(1)).map(|agent| agent.id))
    }
}
