//! A sale's peak: 458 new enquiries a minute for ten minutes against 20 and against 200 agents, served for 60 to 180 s,
//! ten seats each, after a calm hour from which waits are guessed. Time is the bench's own, so ten minutes pass as fast as
//! the house decides; what it takes to decide is measured by the real clock, commit included.
//!
//! `bench_routing FOLDER|POSTGRES_URL AGENTS` on an empty database prints one row of a table. It ends with an error when a
//! buyer is lost, a cap is passed, a decision takes too long or waits are told wrongly.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use xiaoer_app::chat::{Act, BuyerCaller, Command, Speaker};
use xiaoer_app::platform::Shop;
use xiaoer_app::quality::Guarding;
use xiaoer_app::{App, Chance, Clock, Limits};
use xiaoer_domain::chat::{ClientId, Lane, MessageText};
use xiaoer_domain::id::{AccountId, ConversationId, ShopId};
use xiaoer_domain::team::{AgentState, Colleague, Role};
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_protocol::chat::LeaveMessage;
use xiaoer_store::chat::read;
use xiaoer_store::{Db, DbConfig, StoreError, team};
use xiaoer_testkit::MockClock;

const PER_MINUTE: i64 = 458;
const MINUTES: i64 = 10;
/// The calm before: so many enquiries at so many a minute.
const CALM: i64 = 300;
const CALM_PER_MINUTE: i64 = 60;
const CAP: i64 = 10;
const SERVICE_S: (i64, i64) = (60, 180);
/// Queued buyers hear of their place this often: a place is told when it changed, and here it changes all the time.
const TELL_EVERY: Span = Span::seconds(5);
/// Of those who are offered to leave a message, one in so many does.
const LEAVES_ONE_IN: i64 = 3;
/// How far a told wait may be off, in hundredths; what is told is rounded to this many seconds, and so nothing finer counts.
const OFF_HUNDREDTHS: i64 = 30;
const ROUNDED_S: i64 = 10;
/// For how many of a hundred buyers the told wait must hold.
const TOLD_RIGHT_MIN: usize = 80;
/// What a decision may take, 99 times of 100.
const DECISION_MS_MAX: f64 = 20.0;
const SECOND: i64 = 1_000_000;
/// Buyers at the head of the queue who are looked at after a seat freed.
const HEAD: usize = 8;

type Failed = Box<dyn Error>;

fn main() -> Result<(), Failed> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [place, agents] = words.as_slice() else {
        return Err("bench_routing FOLDER|POSTGRES_URL AGENTS".into());
    };
    let (name, config) = match place.starts_with("postgres://") {
        true => ("PostgreSQL", DbConfig::postgres(place.as_str())),
        false => ("SQLite", DbConfig::sqlite(place.as_str())),
    };
    let agents = agents.parse()?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let db = Db::open(config).await?;
        let run = Peak::run(name, db.clone(), agents).await;
        db.close().await;
        run
    })
}

/// A buyer of the peak.
struct Buyer {
    caller: BuyerCaller,
    came: Timestamp,
    /// The first wait that was told, and when.
    told: Option<(Timestamp, i64)>,
    /// Whether leaving a message was offered.
    is_offered: bool,
    served: Option<Timestamp>,
}

struct Peak {
    app: App,
    clock: MockClock,
    shop: Arc<Shop>,
    people: HashMap<AccountId, Colleague>,
    buyers: HashMap<ConversationId, Buyer>,
    /// Who waits, the first come first.
    line: Vec<ConversationId>,
    /// When sessions end.
    ends: BinaryHeap<Reverse<(Timestamp, ConversationId, AccountId)>>,
    load: HashMap<AccountId, i64>,
    received: HashMap<AccountId, usize>,
    /// Real time of decisions, in microseconds.
    decisions: Vec<u128>,
    chance: Chance,
    number: i64,
    over_cap: usize,
    longest_queue: usize,
    at_once: usize,
    messages_left: usize,
}

impl Peak {
    async fn run(name: &str, db: Db, agents: usize) -> Result<(), Failed> {
        db.migrate(0).await?;
        let clock = MockClock::new();
        let shown = clock.clone();
        let app =
            App::new(db, Clock::from_fn(move || shown.now()), Chance::seeded(7), Limits::default());
        let shop = app.create_shop("bench", "Bench").await?;
        let people = staff(&app, shop, agents).await?;
        let shop = app.shop("bench").await?;
        let mut peak = Self {
            app,
            clock,
            shop,
            people,
            buyers: HashMap::new(),
            line: Vec::new(),
            ends: BinaryHeap::new(),
            load: HashMap::new(),
            received: HashMap::new(),
            decisions: Vec::new(),
            chance: Chance::seeded(458),
            number: 0,
            over_cap: 0,
            longest_queue: 0,
            at_once: 0,
            messages_left: 0,
        };
        peak.pass(CALM, CALM_PER_MINUTE).await?;
        peak.forget();
        peak.pass(PER_MINUTE * MINUTES, PER_MINUTE).await?;
        let report = peak.report(name, agents);
        peak.app.tasks.stop().await;
        report
    }

    /// What was measured of the calm does not count.
    fn forget(&mut self) {
        self.buyers.clear();
        self.received.clear();
        self.decisions.clear();
        (self.longest_queue, self.at_once, self.messages_left) = (0, 0, 0);
    }

    /// So many arrivals at such a pace, and then until the last buyer was served.
    async fn pass(&mut self, count: i64, per_minute: i64) -> Result<(), Failed> {
        let (start, lasts) = (self.clock.now().micros(), count * 60 * SECOND / per_minute);
        let mut arrivals: Vec<Timestamp> =
            (0..count).map(|_| Timestamp::from_micros(start + self.draw(0, lasts))).collect();
        arrivals.sort_unstable();
        let mut arrivals = arrivals.into_iter().peekable();
        let mut tell_at = self.clock.now().plus(TELL_EVERY);
        loop {
            let end = self.ends.peek().map(|Reverse((at, ..))| *at);
            let next = [arrivals.peek().copied(), end].into_iter().flatten().min();
            let Some(next) = next else {
                // Nobody is served and nobody comes: whoever still waits is offered once more, as the sweeper does.
                self.app.place_queued(self.shop.id).await?;
                if self.learn_queued().await? == 0 {
                    return Ok(());
                }
                continue;
            };
            if tell_at <= next {
                self.clock.set(tell_at);
                self.tell().await?;
                tell_at = tell_at.plus(TELL_EVERY);
                continue;
            }
            self.clock.set(next);
            if end == Some(next) {
                let Some(Reverse((_, conversation, agent))) = self.ends.pop() else { continue };
                self.close(conversation, agent).await?;
            } else {
                arrivals.next();
                self.arrive().await?;
            }
        }
    }

    async fn arrive(&mut self) -> Result<(), Failed> {
        self.number += 1;
        let caller = self.app.arrive(&self.shop, None, None).await?.caller;
        let (now, id) = (self.clock.now(), caller.conversation);
        let buyer = Buyer { caller, came: now, told: None, is_offered: false, served: None };
        self.buyers.insert(id, buyer);
        self.line.push(id);
        let command = Command {
            shop: self.shop.id,
            rules: self.shop.rules(now),
            conversation: id,
            by: Speaker::Buyer(caller.buyer),
            lane: Lane::Buyer,
            client_id: ClientId::parse(&format!("line.{:08}", self.number))?,
            act: Act::Say(MessageText::parse("在吗", 100)?),
            guarding: Guarding::default(),
            phrase: None,
        };
        let began = Instant::now();
        self.app.send_and_wait(command).await?;
        self.decisions.push(began.elapsed().as_micros());
        self.at_once += self.learn(&[id]).await?;
        Ok(())
    }

    /// The agent ends one; the seat goes to the first in line before the answer comes back.
    async fn close(&mut self, id: ConversationId, agent: AccountId) -> Result<(), Failed> {
        *self.load.entry(agent).or_default() -= 1;
        let by = self.people[&agent].clone();
        let began = Instant::now();
        self.app.close(self.shop.id, id, &by).await?;
        self.decisions.push(began.elapsed().as_micros());
        self.learn_queued().await?;
        Ok(())
    }

    /// Who of those that waited has an agent now: only the head of the queue can have one.
    async fn learn_queued(&mut self) -> Result<usize, Failed> {
        let head: Vec<_> = self.line.iter().copied().take(HEAD).collect();
        self.learn(&head).await
    }

    /// Looks who got an agent; each is served for a while from now on.
    async fn learn(&mut self, ids: &[ConversationId]) -> Result<usize, Failed> {
        if ids.is_empty() {
            return Ok(0);
        }
        let (shop, now, ids) = (self.shop.id, self.clock.now(), ids.to_vec());
        let rows = self
            .app
            .db
            .read(move |tx| {
                let ids = ids.clone();
                Box::pin(async move { read::rows_of(tx, shop, ids).await })
            })
            .await?;
        let mut placed = 0;
        for row in rows {
            let agent = row.session.filter(|s| !s.closed).and_then(|s| s.agent);
            let Some((agent, _)) = agent else { continue };
            let unserved = |b: &&mut Buyer| b.served.is_none();
            let Some(buyer) = self.buyers.get_mut(&row.id).filter(unserved) else { continue };
            buyer.served = Some(now);
            placed += 1;
            self.line.retain(|id| *id != row.id);
            *self.received.entry(agent).or_default() += 1;
            let load = self.load.entry(agent).or_default();
            *load += 1;
            self.over_cap += usize::from(*load > CAP);
            let service = self.draw(SERVICE_S.0 * SECOND, SERVICE_S.1 * SECOND);
            self.ends.push(Reverse((now.plus(Span::from_micros(service)), row.id, agent)));
        }
        Ok(placed)
    }

    /// Places are told; who has waited long is offered to leave a message, and some do.
    async fn tell(&mut self) -> Result<(), Failed> {
        let shop = self.shop.id;
        self.app.tell_places(shop).await?;
        self.longest_queue = self.longest_queue.max(self.line.len());
        let (now, offer) = (self.clock.now(), self.app.offer(&self.shop).await?);
        let patience = Span::minutes(offer.leave_after_minutes);
        let mut leaving = Vec::new();
        for id in self.line.clone() {
            let place = self.app.place_in_queue(shop, id);
            let leaves = self.draw(0, LEAVES_ONE_IN) == 0;
            let Some(buyer) = self.buyers.get_mut(&id) else { continue };
            if let (None, Some(wait)) = (buyer.told, place.and_then(|p| p.wait_s)) {
                buyer.told = Some((now, wait));
            }
            if !buyer.is_offered && now.since(buyer.came) >= patience {
                buyer.is_offered = true;
                leaving.extend(leaves.then_some(buyer.caller));
            }
        }
        for caller in leaving {
            self.number += 1;
            let note = LeaveMessage {
                client_id: format!("note.{:08}", self.number),
                wish: "question".to_owned(),
                text: "请尽快回复".to_owned(),
                order: None,
                phone: None,
                email: None,
            };
            self.app.leave_message(&self.shop, caller, &note).await?;
            self.messages_left += 1;
        }
        Ok(())
    }

    fn draw(&self, from: i64, until: i64) -> i64 {
        from + i64::from_le_bytes(self.chance.bytes::<8>()).rem_euclid(until - from)
    }

    fn report(&mut self, name: &str, agents: usize) -> Result<(), Failed> {
        let lost = self.buyers.values().filter(|b| b.served.is_none()).count();
        let (mut waits, mut told, mut right) = (Vec::new(), 0, 0);
        for buyer in self.buyers.values() {
            let Some(served) = buyer.served else { continue };
            waits.push(served.since(buyer.came).micros() / SECOND);
            let Some((at, wait)) = buyer.told else { continue };
            told += 1;
            let really = served.since(at).micros() / SECOND;
            let slack = (really * OFF_HUNDREDTHS / 100).max(ROUNDED_S);
            right += usize::from((wait - really).abs() <= slack);
        }
        waits.sort_unstable();
        self.decisions.sort_unstable();
        let ms = |part: usize| at_part(&self.decisions, part) as f64 / 1000.0;
        let wait = |part: usize| at_part(&waits, part);
        let received = || self.people.keys().map(|a| self.received.get(a).copied().unwrap_or(0));
        let share = match told {
            0 => "nobody queued".to_owned(),
            told => format!("{} % of {told}", right * 100 / told),
        };
        println!(
            "| {name} | {agents} | {} | {} | {} | {} | {} / {} / {} | {share} | {} – {} | {:.1} / {:.1} / {:.1} | {lost} | {} |",
            self.buyers.len(),
            self.at_once,
            self.longest_queue,
            self.messages_left,
            wait(500),
            wait(990),
            wait(1000),
            received().min().unwrap_or(0),
            received().max().unwrap_or(0),
            ms(500),
            ms(990),
            ms(1000),
            self.over_cap
        );
        match () {
            () if lost > 0 => Err(format!("{lost} buyers were lost").into()),
            () if self.over_cap > 0 => Err("a cap was passed".into()),
            () if ms(990) > DECISION_MS_MAX => Err("a decision took too long".into()),
            () if right * 100 < told * TOLD_RIGHT_MIN => Err("waits were told wrongly".into()),
            () => Ok(()),
        }
    }
}

/// The value at so many thousandths of a sorted list.
fn at_part<T: Copy + Default>(sorted: &[T], part: usize) -> T {
    let last = sorted.len().saturating_sub(1);
    sorted.get((sorted.len() * part / 1000).min(last)).copied().unwrap_or_default()
}

/// Agents who are available, with their seats.
async fn staff(
    app: &App,
    shop: ShopId,
    count: usize,
) -> Result<HashMap<AccountId, Colleague>, Failed> {
    let mut people = HashMap::new();
    for number in 0..count {
        let (name, now) = (format!("agent{number}"), app.clock.now());
        let login = name.clone();
        let account = app
            .db
            .write(move |tx| {
                let login = login.clone();
                Box::pin(
                    async move { team::insert_account(tx, &login, &login, "en", "-", now).await },
                )
            })
            .await?;
        app.set_membership(shop, account, CAP, &[Role::Agent]).await?;
        app.set_state(shop, account, AgentState::Available).await?;
        // Their desks stay open for the whole peak, and nobody renews a lease here.
        app.db
            .write(move |tx| {
                let until = now.plus(Span::minutes(24 * 60));
                Box::pin(async move {
                    team::renew_state(tx, shop, account, now, until).await?;
                    Ok::<_, StoreError>(())
                })
            })
            .await?;
        people.insert(account, Colleague { account, name });
    }
    Ok(people)
}
