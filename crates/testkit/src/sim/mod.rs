//! A simulator: buyers and agents with real sockets, and a server process that is killed under them. What happens is
//! drawn from a seed; what overlaps is up to the machine. At rest everybody must hold what the server holds.
//!
//! The clients follow docs/PROTOCOL.md and nothing else, so they hold what a stranger's client would.

mod agent;
mod buyer;
mod check;
mod log;
mod plan;
mod server;

use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::task::{JoinError, JoinSet};

use crate::client::{Http, PATIENCE};
pub use plan::{Deed, Plan, Step};
pub use server::{Program, Server};

use agent::Agent;
use buyer::Buyer;
use check::{Shown, Truth};

/// The shop that is simulated.
const SHOP: &str = "sim";
/// Everybody's password.
const PASSWORD: &str = "correct-horse-1";
/// Deeds that may wait for one client; more hold the plan up.
const WAITING_MAX: usize = 6;
/// What every note begins with; no buyer may ever see it.
const NOTE: &str = "内部";

/// Chance from a seed.
#[derive(Debug)]
struct Die(StdRng);

impl Die {
    fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    fn draw(&mut self) -> u64 {
        self.0.next_u64()
    }

    fn below(&mut self, count: usize) -> usize {
        let count = u64::try_from(count.max(1)).expect("small numbers");
        usize::try_from(self.draw() % count).expect("small numbers")
    }
}

/// What everybody knows.
struct World {
    /// Where the server is, while there is one.
    base: watch::Receiver<Option<String>>,
    /// Conversations that there are.
    conversations: Mutex<Vec<String>>,
}

impl World {
    /// Waits for a server.
    async fn base(&self) -> String {
        let mut base = self.base.clone();
        let up = base.wait_for(Option::is_some).await.expect("the run goes on");
        up.clone().expect("it was waited for")
    }

    async fn conversations(&self) -> Vec<String> {
        self.conversations.lock().await.clone()
    }

    async fn meet(&self, conversation: &str) {
        let mut known = self.conversations.lock().await;
        if !known.iter().any(|k| k == conversation) {
            known.push(conversation.to_owned());
        }
    }
}

/// What a client is told to do.
enum Order {
    Do(Deed, u64),
    /// Answer once nothing own is waiting.
    Settle(oneshot::Sender<()>),
    /// Show what is held.
    Show(oneshot::Sender<Shown>),
}

/// How a client speaks with the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Socket,
    Http,
}

impl Way {
    fn other(self) -> Self {
        match self {
            Self::Socket => Self::Http,
            Self::Http => Self::Socket,
        }
    }
}

/// A short pause before trying again, drawn, so that not all come back at once.
async fn pause(die: &mut Die) {
    tokio::time::sleep(Duration::from_millis(5 + die.draw() % 40)).await;
}

/// Words of all kinds that are said, never twice the same.
fn words(number: u64, id: usize) -> String {
    match number % 8 {
        0 => format!("在吗 {id}"),
        1 => format!("<script>alert({id})</script>"),
        2 => format!("{}{id}", "长".repeat(1900)),
        3 => format!("line one\nline two\t{id}"),
        4 => format!("🧶👨‍👩‍👧 {id}"),
        5 => format!("'; DROP TABLE entry; -- {id}"),
        6 => format!("\\u0000 \"{id}\" \u{2028}"),
        _ => format!("订单 SF{id:09} 到哪了"),
    }
}

/// What a run was.
#[derive(Clone, Debug)]
pub struct Report {
    /// Lines that were stored.
    pub stored: usize,
    /// Entries on the server at the end.
    pub entries: usize,
    /// How often everybody rested and was compared.
    pub rests: usize,
}

/// Plays a plan against a server of this program.
///
/// # Panics
/// When anybody holds something else than the server, and whenever the protocol is broken.
pub async fn play(program: &Program, plan: &Plan) -> Report {
    let mut run = Run::begin(program, plan).await;
    for step in &plan.steps {
        match *step {
            Step::Buyer(who, deed, number) => run.order(who, deed, number).await,
            Step::Agent(who, deed, number) => run.order(plan.buyers + who, deed, number).await,
            Step::Kill => run.kill().await,
            Step::Restart => run.restart().await,
            Step::Rest => run.rest().await,
        }
    }
    run.rest().await;
    // What was held at rest survives one more sudden end, and a good one.
    run.kill().await;
    run.rest().await;
    run.finish().await
}

struct Run<'p> {
    program: &'p Program,
    server: Option<Server>,
    base: watch::Sender<Option<String>>,
    world: Arc<World>,
    clients: Vec<mpsc::Sender<Order>>,
    tasks: JoinSet<()>,
    inspector: String,
    report: Report,
}

impl<'p> Run<'p> {
    async fn begin(program: &'p Program, plan: &Plan) -> Self {
        let server = program.start().await;
        program.verb(&["shop", "add", SHOP, "--name", "模拟店"]).await;
        for number in 0..plan.agents {
            // One of them may take buyers from colleagues.
            let roles = if number == 0 { "agent,leader" } else { "agent" };
            add_account(program, &login(number), roles).await;
        }
        add_account(program, "inspector", "read_only").await;
        let http = Http::new(&server.base);
        let inspector = http.sign_in("inspector", PASSWORD).await.expect("the server answers");
        let (base, seen) = watch::channel(Some(server.base.clone()));
        let world = Arc::new(World { base: seen, conversations: Mutex::default() });
        let (mut clients, mut tasks) = (Vec::new(), JoinSet::new());
        for number in 0..plan.buyers {
            let (sender, orders) = mpsc::channel(WAITING_MAX);
            let die = Die::new(plan.seed ^ (1000 + number as u64));
            tasks.spawn(Buyer::new(number, Arc::clone(&world), die).run(orders));
            clients.push(sender);
        }
        for number in 0..plan.agents {
            let (sender, orders) = mpsc::channel(WAITING_MAX);
            let die = Die::new(plan.seed ^ (2000 + number as u64));
            tasks.spawn(Agent::new(login(number), Arc::clone(&world), die).run(orders));
            clients.push(sender);
        }
        let report = Report { stored: 0, entries: 0, rests: 0 };
        let server = Some(server);
        Self { program, server, base, world, clients, tasks, inspector, report }
    }

    async fn order(&mut self, who: usize, deed: Deed, number: u64) {
        self.tell(who, Order::Do(deed, number)).await;
    }

    async fn tell(&mut self, who: usize, order: Order) {
        let told = tokio::time::timeout(PATIENCE, self.clients[who].send(order)).await;
        match told {
            Ok(Ok(())) => {}
            Ok(Err(_)) => self.mourn().await,
            Err(_) => panic!("client {who} does nothing any more:\n{}", self.program.log_end()),
        }
    }

    /// A client is gone: only a broken promise ends one.
    async fn mourn(&mut self) -> ! {
        let end = self.tasks.join_next().await.expect("there are clients");
        match end.map_err(JoinError::try_into_panic) {
            Err(Ok(panic)) => resume_unwind(panic),
            _ => panic!("a client ended by itself"),
        }
    }

    async fn kill(&mut self) {
        let server = self.server.take().expect("it runs");
        self.base.send_replace(None);
        server.kill().await;
        self.start_again().await;
    }

    async fn restart(&mut self) {
        let server = self.server.take().expect("it runs");
        self.base.send_replace(None);
        server.stop().await;
        self.start_again().await;
    }

    async fn start_again(&mut self) {
        let server = self.program.start().await;
        self.base.send_replace(Some(server.base.clone()));
        self.server = Some(server);
    }

    /// Waits until nothing own is waiting anywhere, then until everybody holds what the server holds.
    async fn rest(&mut self) {
        for who in 0..self.clients.len() {
            let (sender, settled) = oneshot::channel();
            self.tell(who, Order::Settle(sender)).await;
            match tokio::time::timeout(PATIENCE, settled).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => self.mourn().await,
                Err(_) => panic!("client {who} does not settle:\n{}", self.program.log_end()),
            }
        }
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let (truth, shown) = (self.truth().await, self.shown().await);
            match check::differences(&truth, &shown) {
                None => {
                    check::every_line(&truth, &shown);
                    self.report.entries = truth.entries();
                    self.report.stored = shown.iter().map(Shown::stored).sum();
                    break;
                }
                Some(difference) if tokio::time::Instant::now() > deadline => {
                    panic!("at rest: {difference}\n{}", self.program.log_end());
                }
                Some(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
        self.doctor().await;
        self.report.rests += 1;
    }

    /// The doctor verifies the evidence of every conversation.
    async fn doctor(&self) {
        let said = self.program.verb(&["doctor"]).await;
        assert!(said.contains("in order"), "{said}");
    }

    async fn truth(&self) -> Truth {
        let base = self.world.base().await;
        let http = Http::new(&base).bearer(&self.inspector);
        Truth::read(&http, &self.world.conversations().await).await
    }

    async fn shown(&mut self) -> Vec<Shown> {
        let mut all = Vec::new();
        for who in 0..self.clients.len() {
            let (sender, shown) = oneshot::channel();
            self.tell(who, Order::Show(sender)).await;
            match shown.await {
                Ok(shown) => all.push(shown),
                Err(_) => self.mourn().await,
            }
        }
        all
    }

    async fn finish(mut self) -> Report {
        self.clients.clear();
        while let Some(end) = self.tasks.join_next().await {
            if let Err(Ok(panic)) = end.map_err(JoinError::try_into_panic) {
                resume_unwind(panic);
            }
        }
        self.server.take().expect("it runs").stop().await;
        // With nobody there any more, the data alone is in order too.
        self.doctor().await;
        self.report
    }
}

fn login(number: usize) -> String {
    format!("agent{number}")
}

async fn add_account(program: &Program, login: &str, roles: &str) {
    let words =
        ["account", "add", login, "--name", login, "--roles", roles, "--password", PASSWORD];
    program.verb(&words).await;
}
