//! The live wall: one picture of a shop's floor, made at most once a second for everybody who looks.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use xiaoer_bus::{Event, EventKind, Topic};
use xiaoer_domain::id::{AccountId, ConversationId, ShopId};
use xiaoer_domain::routing::{Candidate, Outlook};
use xiaoer_domain::team::AgentState;
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_protocol::frames::ToClient;
use xiaoer_protocol::{id, routing as wire};
use xiaoer_store::routing::wall::{self as store, QueueRow, Taken};
use xiaoer_store::routing::{self as rooms, Group, Queued, Seats};

use crate::{App, AppError};

/// Pause between two pictures.
const EVERY: Duration = Duration::from_secs(1);
/// Queued buyers that the wall names.
const SHOWN_MAX: i64 = 200;
/// Minutes of arrivals that it draws.
const MINUTES: usize = 50;
/// Queued buyers who are told their place.
const TOLD_MAX: i64 = 5000;
/// Moves that it lists.
const MOVES_MAX: i64 = 20;

/// What a queued buyer is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Position in the own line; the first is 1.
    pub position: i64,
    /// Expected wait from now on, in whole seconds.
    pub wait_s: Option<i64>,
}

/// The places of queued buyers as they were last told, by shop.
pub(crate) type Places = parking_lot::Mutex<HashMap<ShopId, HashMap<ConversationId, Place>>>;

/// One moment of a floor.
struct Floor {
    room: Vec<Candidate>,
    /// Caps as supervisors set them; a mode may have changed those of the room.
    own_caps: HashMap<AccountId, i64>,
    groups: Vec<Group>,
    seats: Seats,
    taken: Vec<Taken>,
    rows: Vec<QueueRow>,
    queue: Vec<Queued>,
    arrivals: Vec<Timestamp>,
}

impl App {
    /// Starts the task that paints walls and tells queued buyers their place.
    pub fn start_wall(&self) {
        let app = self.clone();
        self.tasks.supervise("wall", move |stop| {
            let app = app.clone();
            async move {
                loop {
                    if let Err(error) = app.paint().await {
                        tracing::warn!(error = %error, "the wall was not painted and will be in a second");
                    }
                    tokio::select! {
                        () = tokio::time::sleep(EVERY) => {}
                        () = stop.cancelled() => return,
                    }
                }
            }
        });
    }

    async fn paint(&self) -> Result<(), AppError> {
        for key in self.shop_keys().await? {
            let shop = self.shop(&key).await?.id;
            self.tell_places(shop).await?;
            let topic = Topic::Wall(shop);
            if self.bus.is_heard(topic) {
                let frame =
                    crate::frame(&ToClient::Wall { wall: Box::new(self.wall(shop).await?) });
                self.bus
                    .publish(topic, &Event { conversation: None, kind: EventKind::Wall(frame) });
            }
        }
        Ok(())
    }

    /// Tells queued buyers their place, where it changed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tell_places(&self, shop: ShopId) -> Result<(), AppError> {
        let (now, planned) = (self.clock.now(), self.planned_of(shop).await?);
        let (queue, room, seats) = self
            .db
            .read(move |tx| {
                let planned = Arc::clone(&planned);
                Box::pin(async move {
                    let queue = rooms::queue(tx, shop, TOLD_MAX).await?;
                    if queue.is_empty() {
                        return Ok::<_, AppError>((queue, Vec::new(), Seats::default()));
                    }
                    let room = super::room(tx, shop, &planned.plan, now).await?;
                    Ok((queue, room, rooms::seats(tx, shop).await?))
                })
            })
            .await?;
        let mut places = HashMap::with_capacity(queue.len());
        for (queued, place) in queue.iter().zip(places_of(&queue, &room, &seats, now)) {
            places.insert(queued.conversation, place);
        }
        let before = self.places.lock().insert(shop, places.clone()).unwrap_or_default();
        for (conversation, place) in places {
            if before.get(&conversation) != Some(&place) {
                let kind = EventKind::Place(place.position, place.wait_s);
                let event = Event { conversation: Some(conversation), kind };
                self.bus.publish(Topic::Conversation(shop, conversation), &event);
            }
        }
        Ok(())
    }

    /// The place of a queued buyer as it was last told.
    #[must_use]
    pub fn place_in_queue(&self, shop: ShopId, conversation: ConversationId) -> Option<Place> {
        self.places.lock().get(&shop)?.get(&conversation).copied()
    }

    /// What a supervisor sees of this moment.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn wall(&self, shop: ShopId) -> Result<wire::Wall, AppError> {
        let (now, planned) = (self.clock.now(), self.planned_of(shop).await?);
        let minutes = u32::try_from(MINUTES).unwrap_or(0);
        let since = now.minus(Span::minutes(minutes));
        let (floor, moves) = self
            .db
            .read(move |tx| {
                let planned = Arc::clone(&planned);
                Box::pin(async move {
                    let mut room = rooms::room(tx, shop, now).await?;
                    let own_caps = room.iter().map(|c| (c.agent, c.cap)).collect();
                    planned.plan.apply(&mut room, now);
                    let floor = Floor {
                        room,
                        own_caps,
                        groups: rooms::groups(tx, shop).await?,
                        seats: rooms::seats(tx, shop).await?,
                        taken: store::taken(tx, shop).await?,
                        rows: store::queue_rows(tx, shop, SHOWN_MAX).await?,
                        queue: rooms::queue(tx, shop, TOLD_MAX).await?,
                        arrivals: store::arrivals(tx, shop, since).await?,
                    };
                    let moves = store::moves(tx, shop, MOVES_MAX).await?;
                    Ok::<_, AppError>((floor, moves))
                })
            })
            .await?;
        let moves = moves.into_iter().map(|made| {
            let after = made.after.as_deref();
            let after = after.and_then(|text| serde_json::from_str::<Value>(text).ok());
            let target = floor.name_of(made.target.as_deref());
            wire::WallMove {
                at: made.at.micros(),
                by: made.by,
                code: made.kind,
                params: serde_json::json!({ "target": target, "after": after }),
            }
        });
        let today = match self.shop_in_memory(shop) {
            Some(shop) => Some(self.today(&shop).await?),
            None => None,
        };
        Ok(wire::Wall { today, ..floor.paint(now, moves.collect()) })
    }
}

/// The place of everybody in the queue, in its order. A line is a group's; its seats are those of who receives for it.
fn places_of(queue: &[Queued], room: &[Candidate], seats: &Seats, now: Timestamp) -> Vec<Place> {
    let mut lines: HashMap<_, (usize, Option<Outlook>)> = HashMap::new();
    queue
        .iter()
        .map(|queued| {
            let line = lines.entry(queued.group).or_insert_with(|| {
                let is_manned = room.iter().any(|c| c.serves(queued.group) && c.receives());
                let group = queued.group.filter(|_| is_manned);
                let serve: BTreeSet<AccountId> = room
                    .iter()
                    .filter(|c| c.receives() && c.serves(group))
                    .map(|c| c.agent)
                    .collect();
                let taken = seats.taken.iter().filter(|(agent, _)| serve.contains(agent));
                let held: Vec<Span> = taken.map(|(_, since)| now.since(*since)).collect();
                (0, Outlook::of(&held, &seats.served))
            });
            line.0 += 1;
            let wait = line.1.as_ref().and_then(|outlook| outlook.wait(line.0));
            Place {
                position: i64::try_from(line.0).unwrap_or(i64::MAX),
                wait_s: wait.map(|span| told_seconds(span.micros() / 1_000_000)),
            }
        })
        .collect()
}

/// Seconds as they are told: by tens up to two minutes, then by half minutes. A finer number would claim to be known.
const fn told_seconds(seconds: i64) -> i64 {
    let step = if seconds < 120 { 10 } else { 30 };
    let told = (seconds + step / 2) / step * step;
    if told < 10 { 10 } else { told }
}

impl Floor {
    fn name_of(&self, target: Option<&str>) -> Option<String> {
        let target = target?;
        let agent = id::parse_account(target);
        let agent = agent.and_then(|id| self.room.iter().find(|c| c.agent == id));
        let group = id::parse_group(target);
        let group = group.and_then(|id| self.groups.iter().find(|g| g.id == id));
        agent.map(|c| c.name.clone()).or_else(|| group.map(|g| g.name.clone()))
    }

    fn paint(&self, now: Timestamp, moves: Vec<wire::WallMove>) -> wire::Wall {
        let places = places_of(&self.queue, &self.room, &self.seats, now);
        let rows = self.rows.iter().enumerate().map(|(at, row)| wire::WallQueued {
            conversation: id::public(id::CONVERSATION, row.conversation),
            buyer: row.buyer.clone(),
            priority: row.priority.word().to_owned(),
            since: row.since.micros(),
            group: row.group.map(id::group),
            code: row.code.clone().unwrap_or_else(|| "queue_nobody".to_owned()),
            wait_s: places.get(at).and_then(|place| place.wait_s),
        });
        let mean = (!self.seats.served.is_empty()).then(|| {
            let sum: i64 = self.seats.served.iter().map(|span| span.micros()).sum();
            (sum / i64::try_from(self.seats.served.len()).unwrap_or(1)).max(1_000_000)
        });
        let seats: i64 = self.room.iter().filter(|c| c.receives()).map(|c| c.cap).sum();
        wire::Wall {
            now: now.micros(),
            agents: self.room.iter().map(|c| self.agent(c)).collect(),
            groups: self.groups.iter().map(|group| self.group(group)).collect(),
            queue: rows.collect(),
            queued: self.queue.len(),
            longest: self.longest(),
            moves,
            arrivals: by_minute(&self.arrivals, now),
            served_per_minute: mean.map(|mean| seats * 60_000_000 / mean),
            today: None,
        }
    }

    fn agent(&self, candidate: &Candidate) -> wire::WallAgent {
        let mut own: Vec<&Taken> =
            self.taken.iter().filter(|taken| taken.agent == candidate.agent).collect();
        own.sort_by_key(|taken| taken.waiting_since.map_or(i64::MAX, Timestamp::micros));
        let first = own.first().filter(|taken| taken.waiting_since.is_some());
        wire::WallAgent {
            id: id::account(candidate.agent),
            name: candidate.name.clone(),
            state: candidate.state.map_or("offline", AgentState::word).to_owned(),
            receives: candidate.receives(),
            load: candidate.load,
            cap: candidate.cap,
            own_cap: self.own_caps.get(&candidate.agent).copied().unwrap_or(candidate.cap),
            on_duty: candidate.on_duty,
            weight: candidate.weight,
            paused: candidate.is_paused,
            groups: candidate.groups.iter().copied().map(id::group).collect(),
            seats: own.iter().map(|t| t.waiting_since.map_or(0, Timestamp::micros)).collect(),
            longest: first.map(|taken| id::public(id::CONVERSATION, taken.conversation)),
        }
    }

    fn group(&self, group: &Group) -> wire::WallGroup {
        let own = || self.queue.iter().filter(|queued| queued.group == Some(group.id));
        wire::WallGroup {
            id: id::group(group.id),
            name: group.name.clone(),
            queued: own().count(),
            since: own().map(|queued| queued.ticket.since.micros()).min(),
        }
    }

    fn longest(&self) -> Option<wire::WallWait> {
        let served = self.taken.iter().filter_map(|taken| {
            let since = taken.waiting_since?.micros();
            let agent = self.room.iter().find(|c| c.agent == taken.agent);
            let agent =
                agent.map(|c| wire::Named { id: id::account(c.agent), name: c.name.clone() });
            Some((since, taken.conversation, &taken.buyer, agent))
        });
        let queued = self.rows.iter();
        let queued = queued.map(|row| (row.since.micros(), row.conversation, &row.buyer, None));
        let (since, conversation, buyer, agent) =
            served.chain(queued).min_by_key(|(since, ..)| *since)?;
        let conversation = id::public(id::CONVERSATION, conversation);
        Some(wire::WallWait { conversation, buyer: buyer.clone(), agent, since })
    }
}

fn by_minute(arrivals: &[Timestamp], now: Timestamp) -> Vec<i64> {
    let mut minutes = vec![0; MINUTES];
    for at in arrivals {
        let ago = usize::try_from(now.since(*at).micros() / 60_000_000).unwrap_or(0);
        if ago < MINUTES {
            minutes[MINUTES - 1 - ago] += 1;
        }
    }
    minutes
}
