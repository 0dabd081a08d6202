//! Why a session went where it went, for people: names beside the ids that were stored.

use std::collections::HashMap;

use serde_json::Value;
use xiaoer_domain::id::{AccountId, ConversationId, ShopId};
use xiaoer_protocol::{id, routing as wire};
use xiaoer_store::chat::read;
use xiaoer_store::routing::{self as store, StoredDecision};

use crate::{App, AppError};

/// Decisions of a session that are shown.
const DECISIONS_MAX: i64 = 50;

impl App {
    /// The decisions of the latest session of a conversation, the latest first.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn routing_decisions(
        &self,
        shop: ShopId,
        conversation: ConversationId,
    ) -> Result<wire::RoutingDecisions, AppError> {
        let now = self.clock.now();
        let (decisions, room) = self
            .db
            .read(move |tx| {
                Box::pin(async move {
                    let row = read::row(tx, shop, conversation).await?;
                    let session = row.and_then(|row| row.session);
                    let decisions = match session {
                        None => Vec::new(),
                        Some(session) => {
                            store::decisions(tx, shop, session.id, DECISIONS_MAX).await?
                        }
                    };
                    Ok::<_, AppError>((decisions, store::room(tx, shop, now).await?))
                })
            })
            .await?;
        let names = room.into_iter().map(|c| (c.agent, c.name)).collect();
        let decisions = decisions.into_iter().map(|decision| shown(decision, &names)).collect();
        Ok(wire::RoutingDecisions { decisions })
    }
}

fn shown(decision: StoredDecision, names: &HashMap<AccountId, String>) -> wire::RoutingDecision {
    let candidates: Value = serde_json::from_str(&decision.candidates).unwrap_or_default();
    let named = |number: &Value| {
        let agent = AccountId::new(number.as_i64().unwrap_or(0));
        let name = names.get(&agent).cloned().unwrap_or_default();
        wire::Named { id: id::account(agent), name }
    };
    let considered = candidates["considered"].as_array().into_iter().flatten();
    let considered = considered.map(|one| wire::Considered {
        agent: named(&one[0]),
        load: one[1].as_i64().unwrap_or(0),
        cap: one[2].as_i64().unwrap_or(0),
    });
    let excluded = candidates["excluded"].as_object().into_iter().flatten();
    let excluded = excluded.flat_map(|(reason, agents)| {
        let agents = agents.as_array().into_iter().flatten();
        agents.map(|agent| wire::Excluded { agent: named(agent), reason: reason.clone() })
    });
    wire::RoutingDecision {
        at: decision.at.micros(),
        agent: decision.agent.map(|(agent, name)| wire::Named { id: id::account(agent), name }),
        group: decision.group.map(|(group, name)| wire::Named { id: id::group(group), name }),
        code: decision.why.0,
        params: serde_json::from_str(&decision.why.1).unwrap_or_default(),
        considered: considered.collect(),
        excluded: excluded.collect(),
    }
}
