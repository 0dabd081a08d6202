//! Messages between buyers and agents, on both databases and on a plain Node server, one after the other.

use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::baseline::Baseline;
use crate::cast::{Cast, FULL, House, PAIRS, PART, Size, desk_of_buyers};
use crate::clock::Clock;
use crate::drive::{self, Workload};
use crate::machine;
use crate::postgres::Cluster;
use crate::process;
use crate::product::Product;
use crate::report::{self, BASELINE, Idle, Line, POSTGRES, SQLITE};
use crate::tally::Tally;
use crate::{Outcome, product};

/// Each cast with what it does; casts only shrink.
const PLAN: [(Size, &[Workload]); 3] = [
    (FULL, &[Workload::Open(1000), Workload::Open(3000)]),
    (PART, &[Workload::Open(1000), Workload::Open(3000)]),
    (PAIRS, &[Workload::PingPong, Workload::OnAck]),
];
/// Connections do nothing for so long before their memory is read.
const IDLE_FOR: Duration = Duration::from_secs(3);
/// By then a server has noticed that people left: their leaving is not what is measured.
const NOTICED_AFTER: Duration = Duration::from_secs(20);
/// How often the lag is asked for.
const LAG_EVERY: Duration = Duration::from_secs(1);

/// What is measured: all of it, or the houses and plans that words name.
struct Choice {
    houses: Vec<&'static str>,
    pairs_only: bool,
}

/// `[sqlite] [postgres] [baseline] [pairs]`: without words everything, and the result is kept.
pub fn run(words: &[String]) -> Outcome {
    let named = |word: &str| words.iter().any(|w| w == word);
    let all = [("sqlite", SQLITE), ("postgres", POSTGRES), ("baseline", BASELINE)];
    let known = |word: &String| word == "pairs" || all.iter().any(|(name, _)| name == word);
    if let Some(other) = words.iter().find(|word| !known(word)) {
        return Err(format!("`{other}`: write sqlite, postgres, baseline, pairs, or nothing"));
    }
    let some = all.iter().any(|(name, _)| named(name));
    let houses = all.iter().filter(|(name, _)| !some || named(name)).map(|(_, house)| *house);
    let choice = Choice { houses: houses.collect(), pairs_only: named("pairs") };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| e.to_string())?;
    let local = tokio::task::LocalSet::new();
    let page = local.block_on(&runtime, measure(&choice))?;
    if words.is_empty() {
        return report::keep("chat", &page);
    }
    println!("{page}");
    Ok(())
}

async fn measure(choice: &Choice) -> Outcome<String> {
    let cluster = Cluster::find()?;
    let machine = machine::describe(&cluster).await?;
    machine.iter().for_each(|line| eprintln!("{line}"));
    let (mut lines, mut idle) = (Vec::new(), Vec::new());
    for house in &choice.houses {
        let mut bench = Bench::new(house, &cluster, choice.pairs_only, &mut lines, &mut idle);
        match *house {
            SQLITE => bench.product(None).await?,
            POSTGRES => {
                let url = cluster.create("bench_xiaoer").await?;
                bench.product(Some(url)).await?;
                cluster.drop("bench_xiaoer").await?;
            }
            _ => {
                let url = cluster.create("bench_baseline").await?;
                bench.baseline(&url).await?;
                cluster.drop("bench_baseline").await?;
            }
        }
    }
    Ok(report::page(&machine, &lines, &idle))
}

/// The measuring of one house.
struct Bench<'b> {
    name: &'static str,
    cluster: &'b Cluster,
    pairs_only: bool,
    tally: Rc<Tally>,
    lines: &'b mut Vec<Line>,
    idle: &'b mut Vec<Idle>,
}

impl<'b> Bench<'b> {
    fn new(
        name: &'static str,
        cluster: &'b Cluster,
        pairs_only: bool,
        lines: &'b mut Vec<Line>,
        idle: &'b mut Vec<Idle>,
    ) -> Self {
        let tally = Rc::new(Tally::new(Clock::start()));
        Self { name, cluster, pairs_only, tally, lines, idle }
    }

    async fn product(&mut self, database_url: Option<String>) -> Outcome {
        let mut product = Product::start(database_url)?;
        let began = Instant::now();
        let size = if self.pairs_only { PAIRS } else { FULL };
        let people = product.populate(&desk_of_buyers()[..size.buyers], size.desks).await?;
        eprintln!("{}: {} people in {:.1?}", self.name, size.connections(), began.elapsed());
        // Passwords and arrivals took memory that idle connections do not.
        product.restart()?;
        let house = House::Product(&product, &people);
        self.plan(&house, product.pid(), Some(&product)).await
    }

    async fn baseline(&mut self, database_url: &str) -> Outcome {
        let baseline = Baseline::start(database_url)?;
        self.plan(&House::Baseline(&baseline), baseline.pid(), None).await
    }

    /// The idle connections first, then each workload of each cast.
    async fn plan(
        &mut self,
        house: &House<'_>,
        pid: u32,
        product: Option<&product::Product>,
    ) -> Outcome {
        let mut cast = Cast::default();
        cast.grow(house, PAIRS, &self.tally).await?;
        if !self.pairs_only {
            self.sit_idle(house, pid, &mut cast).await?;
        }
        for (size, workloads) in PLAN {
            if self.pairs_only && size.connections() > PAIRS.connections() {
                continue;
            }
            if cast.shrink(size) {
                tokio::time::sleep(NOTICED_AFTER).await;
            }
            for workload in workloads {
                let line = self.workload(*workload, &cast, size, pid, product).await?;
                self.lines.push(line);
            }
        }
        cast.leave();
        Ok(())
    }

    async fn sit_idle(&mut self, house: &House<'_>, pid: u32, cast: &mut Cast) -> Outcome {
        tokio::time::sleep(IDLE_FOR).await;
        let (all, anonymous) = process::memory(pid);
        cast.grow(house, FULL, &self.tally).await?;
        tokio::time::sleep(IDLE_FOR).await;
        let (all_after, anonymous_after) = process::memory(pid);
        let connections = FULL.connections() - PAIRS.connections();
        let each = |before: u64, after: u64| (after as f64 - before as f64) / connections as f64;
        self.idle.push(Idle {
            house: self.name,
            connections,
            bytes: each(all, all_after),
            anonymous_bytes: each(anonymous, anonymous_after),
        });
        Ok(())
    }

    async fn workload(
        &self,
        workload: Workload,
        cast: &Cast,
        size: Size,
        pid: u32,
        product: Option<&Product>,
    ) -> Outcome<Line> {
        let uses_cluster = self.name != SQLITE;
        let own = std::process::id();
        let window = drive::begin(workload, cast.speakers(), &self.tally);
        window.opens().await;
        let cpu = [process::cpu(pid), self.cluster.cpu(), process::cpu(own)];
        let mut lag: f64 = 0.0;
        if let Some(product) = product {
            while !window.is_over() {
                lag = lag.max(product.lag().await?);
                tokio::time::sleep(LAG_EVERY).await;
            }
        }
        window.closes().await;
        let after = [process::cpu(pid), self.cluster.cpu(), process::cpu(own)];
        let (memory, _) = process::memory(pid);
        let summary = drive::settle(&self.tally).await;
        let messages = summary.acked_inside.max(1) as f64;
        let spent = |at: usize| after[at].saturating_sub(cpu[at]);
        let micros = |at: usize| spent(at).as_secs_f64() * 1e6 / messages;
        let line = Line {
            house: self.name,
            connections: size.connections(),
            workload: workload.name(),
            cpu: micros(0),
            database_cpu: uses_cluster.then(|| micros(1)),
            load_cpu: spent(2).as_secs_f64() / summary.seconds,
            memory,
            lag: product.map(|_| lag),
            summary,
        };
        eprintln!(
            "{}, {} connections, {}: {:.0}/s",
            line.house,
            line.connections,
            line.workload,
            line.rate()
        );
        Ok(line)
    }
}
