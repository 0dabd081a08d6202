//! Routing: the room of candidates, the queue in its order, decisions with their reasons, groups and weights.

pub mod leave;
pub mod overtime;
pub mod steer;
pub mod wall;

use std::collections::HashMap;

use xiaoer_domain::chat::{Session, Talk};
use xiaoer_domain::id::{AccountId, ConversationId, GroupId, SessionId, ShopId};
use xiaoer_domain::orders::{OrderState, Stage};
use xiaoer_domain::routing::{Candidate, Decision, Priority, Strategy, Ticket};
use xiaoer_domain::team::AgentState;
use xiaoer_domain::time::{Span, Timestamp};

use crate::chat::load::coded;
use crate::{Dialect, Row, StoreError, Tx, args, statements};

/// Groups of a shop.
pub const GROUPS_MAX: i64 = 100;
/// Members of all groups of a shop.
const MEMBERS_MAX: i64 = 20_000;
/// Agents of a shop that are looked at.
const AGENTS_MAX: i64 = 1000;
/// Receptions that ended lately, from which waits are guessed.
const SERVED_MAX: i64 = 200;
/// Taken seats that are looked at.
const SEATS_MAX: i64 = 20_000;

statements! {
    /// Everybody who serves, with state and load; a state lives as long as its lease.
    pub(crate) CANDIDATES = "SELECT m.account_id, a.name, m.cap, m.weight, m.paused_at, m.accepted_at, st.state,
            (SELECT COUNT(*) FROM session s
             WHERE s.shop_id = m.shop_id AND s.agent_id = m.account_id AND s.closed_at IS NULL
               AND s.seat_freed_at IS NULL) AS load
        FROM membership m
        JOIN account a ON a.id = m.account_id
        LEFT JOIN agent_state st ON st.shop_id = m.shop_id AND st.account_id = m.account_id AND st.ended_at IS NULL
          AND st.lease_until > $2
        WHERE m.shop_id = $1 AND a.disabled_at IS NULL
          AND EXISTS (SELECT 1 FROM membership_role r
            WHERE r.shop_id = m.shop_id AND r.account_id = m.account_id
              AND r.role IN ('agent', 'leader', 'supervisor', 'manager', 'owner'))
        ORDER BY m.account_id
        LIMIT $3";
    /// Locks the seats of a shop until the transaction ends: two who place at once would both see the last one free.
    pub(crate) LOCK_SEATS => {
        sqlite: "SELECT id
                 FROM shop
                 WHERE id = $1",
        postgres: "SELECT id
                 FROM shop
                 WHERE id = $1
                 FOR NO KEY UPDATE",
    };
    pub(crate) GROUPS = "SELECT id, name, stage, strategy, last_agent_first
        FROM skill_group
        WHERE shop_id = $1 AND removed_at IS NULL
        ORDER BY id
        LIMIT $2";
    pub(crate) MEMBERS = "SELECT m.group_id, m.account_id
        FROM skill_member m
        JOIN skill_group g ON g.shop_id = m.shop_id AND g.id = m.group_id AND g.removed_at IS NULL
        WHERE m.shop_id = $1
        ORDER BY m.group_id, m.account_id
        LIMIT $2";
    pub(crate) ANY_QUEUED = "SELECT 1 AS yes
        FROM session
        WHERE shop_id = $1 AND closed_at IS NULL AND agent_id IS NULL
        LIMIT 1";
    /// Queued sessions in the order in which they are served.
    pub(crate) QUEUE = "SELECT id, conversation_id, group_id, priority, queued_since
        FROM session
        WHERE shop_id = $1 AND closed_at IS NULL AND agent_id IS NULL
        ORDER BY priority DESC, queued_since, id
        LIMIT $2";
    /// What the buyer of a conversation brings along: how to be received, and the latest order.
    pub(crate) BUYER_ROUTE = "SELECT r.priority, r.agent_id, o.state, o.placed_at
        FROM conversation c
        LEFT JOIN buyer_route r ON r.shop_id = c.shop_id AND r.buyer_id = c.buyer_id
        LEFT JOIN shop_order o ON o.shop_id = c.shop_id AND o.id = (SELECT y.id FROM shop_order y
            WHERE y.shop_id = c.shop_id AND y.buyer_id = c.buyer_id
            ORDER BY y.placed_at DESC, y.id DESC LIMIT 1)
        WHERE c.shop_id = $1 AND c.id = $2";
    pub(crate) FILE_SESSION = "UPDATE session
        SET group_id = $3, priority = $4, queued_since = $5, checking_until = NULL, told_at = NULL
        WHERE shop_id = $1 AND id = $2";
    pub(crate) INSERT_DECISION = "INSERT INTO routing_decision (shop_id, conversation_id, session_id, at, agent_id,
            group_id, code, params, candidates)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    pub(crate) ACCEPTED = "UPDATE membership
        SET accepted_at = $3
        WHERE shop_id = $1 AND account_id = $2";
    pub(crate) DECISIONS = "SELECT d.at, d.agent_id, a.name AS agent_name, d.group_id, g.name AS group_name, d.code,
            d.params, d.candidates
        FROM routing_decision d
        LEFT JOIN account a ON a.id = d.agent_id
        LEFT JOIN skill_group g ON g.shop_id = d.shop_id AND g.id = d.group_id
        WHERE d.shop_id = $1 AND d.session_id = $2
        ORDER BY d.id DESC
        LIMIT $3";
    /// Sessions of an agent that go back when the seat is left: all that wait, or only those without an answer yet.
    pub(crate) HELD_BY = "SELECT conversation_id
        FROM session
        WHERE shop_id = $1 AND agent_id = $2 AND closed_at IS NULL AND waiting_since IS NOT NULL
          AND ($3 OR waiting_since <= accepted_at)
        ORDER BY conversation_id
        LIMIT $4";
    /// Sessions whose buyer waits for the first answer of the agent who has it.
    pub(crate) UNANSWERED = "SELECT conversation_id, agent_id, accepted_at
        FROM session
        WHERE shop_id = $1 AND closed_at IS NULL AND agent_id IS NOT NULL AND waiting_since <= accepted_at
        ORDER BY conversation_id
        LIMIT $2";
    /// Waiting buyers whose agent is gone, or has left the seat since taking them: the net under the events.
    pub(crate) STRANDED = "SELECT s.conversation_id, s.agent_id, st.state
        FROM session s
        LEFT JOIN agent_state st ON st.shop_id = s.shop_id AND st.account_id = s.agent_id AND st.ended_at IS NULL
          AND st.lease_until > $2
        WHERE s.shop_id = $1 AND s.closed_at IS NULL AND s.agent_id IS NOT NULL AND s.waiting_since IS NOT NULL
          AND s.waiting_since <= $3 AND s.accepted_at <= $3
          AND (st.state IS NULL OR (st.started_at > s.accepted_at AND (st.state = 'away'
            OR (st.state <> 'available' AND s.waiting_since <= s.accepted_at))))
        ORDER BY s.conversation_id
        LIMIT $4";
    /// For how long the taken seats of those who receive have been held.
    pub(crate) SEATS = "SELECT s.agent_id, s.accepted_at
        FROM session s
        WHERE s.shop_id = $1 AND s.closed_at IS NULL AND s.seat_freed_at IS NULL AND s.agent_id IS NOT NULL
        LIMIT $2";
    pub(crate) SERVED = "SELECT accepted_at, seat_freed_at, closed_at
        FROM session
        WHERE shop_id = $1 AND closed_at IS NOT NULL AND accepted_at IS NOT NULL
        ORDER BY closed_at DESC
        LIMIT $2";
}

/// A skill group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Which.
    pub id: GroupId,
    /// Its name.
    pub name: String,
    /// The stage whose buyers it serves.
    pub stage: Option<Stage>,
    /// How it chooses.
    pub strategy: Strategy,
    /// Whether a buyer who returns soon meets the same agent.
    pub last_agent_first: bool,
    /// Who belongs to it.
    pub members: Vec<AccountId>,
}

/// What a buyer brings along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BuyerRoute {
    /// Before others.
    pub priority: Priority,
    /// The own agent.
    pub dedicated: Option<AccountId>,
    /// State and time of the latest order.
    pub latest_order: Option<(OrderState, Timestamp)>,
}

/// A queued session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queued {
    /// Whose.
    pub conversation: ConversationId,
    /// For which group.
    pub group: Option<GroupId>,
    /// Its place.
    pub ticket: Ticket,
}

/// A decision as it was stored.
#[derive(Clone, Debug)]
pub struct StoredDecision {
    /// When.
    pub at: Timestamp,
    /// Who got it.
    pub agent: Option<(AccountId, String)>,
    /// For which group.
    pub group: Option<(GroupId, String)>,
    /// Why: code and JSON parameters.
    pub why: (String, String),
    /// Candidates, JSON.
    pub candidates: String,
}

/// A waiting buyer whose agent cannot serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stranded {
    /// Whose.
    pub conversation: ConversationId,
    /// The agent.
    pub agent: AccountId,
    /// The agent's state; none: no desk is there.
    pub state: Option<AgentState>,
}

/// A session whose buyer waits for the first answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// Whose.
    pub conversation: ConversationId,
    /// Who has it.
    pub agent: AccountId,
    /// Since when.
    pub accepted_at: Timestamp,
}

/// The seats of a shop now, and how long recent ones were held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seats {
    /// Who holds one, since when.
    pub taken: Vec<(AccountId, Timestamp)>,
    /// How long seats were held until they freed.
    pub served: Vec<Span>,
}

/// Everybody who serves, with what stands against each; locks nothing.
pub async fn room(tx: &mut Tx, shop: ShopId, now: Timestamp) -> Result<Vec<Candidate>, StoreError> {
    let mut of: HashMap<AccountId, Vec<GroupId>> = HashMap::new();
    for row in tx.all(MEMBERS, args![shop, MEMBERS_MAX]).await? {
        of.entry(row.get("account_id")?).or_default().push(row.get("group_id")?);
    }
    let rows = tx.all(CANDIDATES, args![shop, now, AGENTS_MAX]).await?;
    rows.iter()
        .map(|row| {
            let agent: AccountId = row.get("account_id")?;
            let paused_at: Option<Timestamp> = row.get("paused_at")?;
            let state: Option<String> = row.get("state")?;
            Ok(Candidate {
                agent,
                name: row.get("name")?,
                load: row.get("load")?,
                cap: row.get("cap")?,
                last_accepted: row.get("accepted_at")?,
                weight: row.get("weight")?,
                state: state.as_deref().and_then(AgentState::parse),
                on_duty: true,
                is_paused: paused_at.is_some(),
                groups: of.remove(&agent).unwrap_or_default(),
            })
        })
        .collect()
}

/// Like [`room`], with the seats locked. Conversations are locked before, never after.
pub async fn locked_room(
    tx: &mut Tx,
    shop: ShopId,
    now: Timestamp,
) -> Result<Vec<Candidate>, StoreError> {
    if tx.dialect() == Dialect::Postgres {
        tx.all(LOCK_SEATS, args![shop]).await?;
    }
    room(tx, shop, now).await
}

/// The groups of a shop, without their members.
pub async fn group_rules(tx: &mut Tx, shop: ShopId) -> Result<Vec<Group>, StoreError> {
    let rows = tx.all(GROUPS, args![shop, GROUPS_MAX]).await?;
    rows.iter()
        .map(|row| {
            let stage: Option<String> = row.get("stage")?;
            Ok(Group {
                id: row.get("id")?,
                name: row.get("name")?,
                stage: stage.as_deref().and_then(Stage::parse),
                strategy: row.parse("strategy", |word: String| {
                    Strategy::parse(&word).ok_or("no known strategy")
                })?,
                last_agent_first: row.get::<i64>("last_agent_first")? != 0,
                members: Vec::new(),
            })
        })
        .collect()
}

/// The groups of a shop with their members.
pub async fn groups(tx: &mut Tx, shop: ShopId) -> Result<Vec<Group>, StoreError> {
    let mut groups = group_rules(tx, shop).await?;
    for row in tx.all(MEMBERS, args![shop, MEMBERS_MAX]).await? {
        let id: GroupId = row.get("group_id")?;
        if let Some(group) = groups.iter_mut().find(|group| group.id == id) {
            group.members.push(row.get("account_id")?);
        }
    }
    Ok(groups)
}

/// Whether anybody queues.
pub async fn any_queued(tx: &mut Tx, shop: ShopId) -> Result<bool, StoreError> {
    Ok(tx.opt(ANY_QUEUED, args![shop]).await?.is_some())
}

/// The queue in the order in which it is served.
pub async fn queue(tx: &mut Tx, shop: ShopId, limit: i64) -> Result<Vec<Queued>, StoreError> {
    let rows = tx.all(QUEUE, args![shop, limit]).await?;
    rows.iter()
        .map(|row| {
            let ticket = Ticket {
                priority: coded(row, "priority", Priority::from_code)?,
                since: row.get("queued_since")?,
                session: row.get("id")?,
            };
            Ok(Queued {
                conversation: row.get("conversation_id")?,
                group: row.get("group_id")?,
                ticket,
            })
        })
        .collect()
}

/// What the buyer of a conversation brings along.
pub async fn buyer_route(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
) -> Result<BuyerRoute, StoreError> {
    let Some(row) = tx.opt(BUYER_ROUTE, args![shop, conversation]).await? else {
        return Ok(BuyerRoute::default());
    };
    let priority: Option<i64> = row.get("priority")?;
    let state: Option<String> = row.get("state")?;
    let placed_at: Option<Timestamp> = row.get("placed_at")?;
    Ok(BuyerRoute {
        priority: priority.and_then(Priority::from_code).unwrap_or_default(),
        dedicated: row.get("agent_id")?,
        latest_order: state.as_deref().and_then(OrderState::from_word).zip(placed_at),
    })
}

/// Who got a session in this transaction: taken from the talks before they are stored.
#[derive(Debug, Default)]
pub struct Routed {
    decisions: Vec<(ConversationId, Session, Decision)>,
    accepted: Vec<(AccountId, Timestamp)>,
}

impl Routed {
    /// What routing did to these talks.
    #[must_use]
    pub fn of(talks: &[Talk]) -> Self {
        let mut routed = Self::default();
        for talk in talks {
            let Some(session) = &talk.session else { continue };
            if let Some(decision) = &session.decision {
                routed.decisions.push((talk.id, session.clone(), decision.clone()));
            }
            let given = session.why.as_ref().and(session.agent.zip(session.accepted_at));
            if let Some((agent, at)) = given {
                let turn = session.decision.as_ref().and_then(|d| d.turn);
                routed.accepted.push((agent, turn.unwrap_or(at)));
            }
        }
        // In one order for everybody, so that two who accept for the same agents cannot wait for each other.
        routed.accepted.sort_unstable();
        routed
    }

    /// Stores it; the sessions have ids by now.
    pub async fn store(self, tx: &mut Tx, shop: ShopId, talks: &[Talk]) -> Result<(), StoreError> {
        for (agent, at) in self.accepted {
            tx.exec(ACCEPTED, args![shop, agent, at]).await?;
        }
        for (conversation, session, decision) in self.decisions {
            let talk = talks.iter().find(|talk| talk.id == conversation);
            let Some(id) = talk.and_then(|t| t.session.as_ref()).and_then(|s| s.id) else {
                continue;
            };
            if session.id.is_some() {
                let queued = session.queued_since.filter(|_| session.agent.is_none());
                let filed = args![shop, id, session.group, session.priority.code(), queued];
                tx.exec(FILE_SESSION, filed).await?;
            }
            tx.exec(
                INSERT_DECISION,
                args![
                    shop,
                    conversation,
                    id,
                    decision.at,
                    decision.chosen,
                    session.group,
                    decision.why.code,
                    decision.why.params_json(),
                    decision.candidates_json(),
                ],
            )
            .await?;
        }
        Ok(())
    }
}

/// The decisions of a session, the latest first.
pub async fn decisions(
    tx: &mut Tx,
    shop: ShopId,
    session: SessionId,
    limit: i64,
) -> Result<Vec<StoredDecision>, StoreError> {
    let rows = tx.all(DECISIONS, args![shop, session, limit]).await?;
    rows.iter().map(read_decision).collect()
}

fn read_decision(row: &Row) -> Result<StoredDecision, StoreError> {
    let agent: Option<AccountId> = row.get("agent_id")?;
    let agent_name: Option<String> = row.get("agent_name")?;
    let group: Option<GroupId> = row.get("group_id")?;
    let group_name: Option<String> = row.get("group_name")?;
    Ok(StoredDecision {
        at: row.get("at")?,
        agent: agent.zip(agent_name),
        group: group.zip(group_name),
        why: (row.get("code")?, row.get("params")?),
        candidates: row.get("candidates")?,
    })
}

/// Conversations that an agent has and that go back when the seat is left: all that wait, or, if `talks_stay`, only those
/// without an answer yet.
pub async fn held_by(
    tx: &mut Tx,
    shop: ShopId,
    agent: AccountId,
    talks_stay: bool,
    limit: i64,
) -> Result<Vec<ConversationId>, StoreError> {
    let rows = tx.all(HELD_BY, args![shop, agent, !talks_stay, limit]).await?;
    rows.iter().map(|row| row.get("conversation_id")).collect()
}

/// Sessions whose buyer waits for the first answer of the agent who has it.
pub async fn unanswered(
    tx: &mut Tx,
    shop: ShopId,
    limit: i64,
) -> Result<Vec<Unanswered>, StoreError> {
    let rows = tx.all(UNANSWERED, args![shop, limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(Unanswered {
                conversation: row.get("conversation_id")?,
                agent: row.get("agent_id")?,
                accepted_at: row.get("accepted_at")?,
            })
        })
        .collect()
}

/// Waiting buyers whose agent is gone or has left the seat, and who have waited since before `before`.
pub async fn stranded(
    tx: &mut Tx,
    shop: ShopId,
    now: Timestamp,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<Stranded>, StoreError> {
    let rows = tx.all(STRANDED, args![shop, now, before, limit]).await?;
    rows.iter()
        .map(|row| {
            let state: Option<String> = row.get("state")?;
            Ok(Stranded {
                conversation: row.get("conversation_id")?,
                agent: row.get("agent_id")?,
                state: state.as_deref().and_then(AgentState::parse),
            })
        })
        .collect()
}

/// The taken seats of a shop, and how long recent ones were held.
pub async fn seats(tx: &mut Tx, shop: ShopId) -> Result<Seats, StoreError> {
    let mut seats = Seats::default();
    for row in tx.all(SEATS, args![shop, SEATS_MAX]).await? {
        let since: Option<Timestamp> = row.get("accepted_at")?;
        if let Some(since) = since {
            seats.taken.push((row.get("agent_id")?, since));
        }
    }
    for row in tx.all(SERVED, args![shop, SERVED_MAX]).await? {
        let since: Timestamp = row.get("accepted_at")?;
        let freed: Option<Timestamp> = row.get("seat_freed_at")?;
        let closed: Timestamp = row.get("closed_at")?;
        seats.served.push(freed.unwrap_or(closed).since(since));
    }
    Ok(seats)
}
