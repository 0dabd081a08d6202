//! The table of a bench of messages, the aims beside what was reached, and the file both are kept in.

use std::fmt::Write as _;
use std::path::Path;

use crate::Outcome;
use crate::tally::{Spread, Summary};

/// One line of the table.
pub struct Line {
    pub house: &'static str,
    pub connections: usize,
    pub workload: String,
    pub summary: Summary,
    /// Server's time on the processors for one message, in microseconds.
    pub cpu: f64,
    /// The same of the database server, if there is one.
    pub database_cpu: Option<f64>,
    /// Share of one core that the load itself took.
    pub load_cpu: f64,
    pub memory: u64,
    /// Greatest lag of a follower, in seconds.
    pub lag: Option<f64>,
}

/// What a connection costs that does nothing.
pub struct Idle {
    pub house: &'static str,
    pub connections: usize,
    pub bytes: f64,
    pub anonymous_bytes: f64,
}

impl Line {
    pub fn rate(&self) -> f64 {
        self.summary.acked_inside as f64 / self.summary.seconds
    }

    fn is_open(&self) -> bool {
        self.workload.starts_with("open")
    }
}

fn table(lines: &[Line]) -> String {
    let mut text = String::from(
        "| server | connections | workload | messages/s | one way p50 / p99 / p99.9 ms | answer p50 / p99 / p99.9 ms \
         | CPU µs a message: server + database | memory MB | follower lag max s | missing |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
    );
    for line in lines {
        let missing = line.summary.sent - line.summary.delivered.min(line.summary.acked);
        let refused = match line.summary.refused {
            0 => String::new(),
            refused => format!(" ({refused} refused)"),
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.0} | {} | {} | {:.0}{} | {:.0} | {} | {missing}{refused} |",
            line.house,
            line.connections,
            line.workload,
            line.rate(),
            spread(line.summary.one_way),
            spread(line.summary.round_trip),
            line.cpu,
            line.database_cpu.map_or_else(String::new, |cpu| format!(" + {cpu:.0}")),
            line.memory as f64 / 1e6,
            line.lag.map_or_else(|| "–".into(), |lag| format!("{lag:.2}")),
        );
    }
    text
}

fn spread(spread: Spread) -> String {
    let ms = |value: f64| if value < 100.0 { format!("{value:.1}") } else { format!("{value:.0}") };
    format!("{} / {} / {}", ms(spread.p50), ms(spread.p99), ms(spread.p999))
}

fn idle_table(idle: &[Idle]) -> String {
    let mut text = String::from(
        "| server | idle connections | KB a connection | of it without pages of files |\n|---|---|---|---|\n",
    );
    for idle in idle {
        let _ = writeln!(
            text,
            "| {} | {} | {:.1} | {:.1} |",
            idle.house,
            idle.connections,
            idle.bytes / 1024.0,
            idle.anonymous_bytes / 1024.0
        );
    }
    text
}

/// The aims of the product and what this run reached.
fn aims(lines: &[Line], idle: &[Idle]) -> String {
    let of = |house: &str| lines.iter().filter(|l| l.house == house).collect::<Vec<_>>();
    let best = |house: &str| of(house).iter().map(|l| l.rate()).fold(0.0, f64::max);
    let at = |house: &str, rate: &str| {
        of(house)
            .into_iter()
            .filter(|l| l.is_open() && l.workload.contains(rate))
            .collect::<Vec<_>>()
    };
    let worst = |lines: Vec<&Line>, value: fn(&Line) -> f64| {
        lines.into_iter().map(value).fold(0.0, f64::max)
    };
    let (slow, fast) = (" 1000/s", " 3000/s");
    let p99 = |line: &Line| line.summary.one_way.p99;
    let lag = |line: &Line| line.lag.unwrap_or(0.0);
    let memory = idle.iter().find(|i| i.house == SQLITE).map_or(0.0, |i| i.bytes / 1024.0);
    let rows = [
        ("SQLite, full durability: messages/s, best workload", best(SQLITE), "≥", 10_000.0),
        (
            "SQLite: one way p99 at 1,000/s, ms (worst cast)",
            worst(at(SQLITE, slow), p99),
            "≤",
            10.0,
        ),
        ("SQLite: KB an idle connection", memory, "≤", 8.0),
        ("SQLite: follower lag at 3,000/s, s (worst cast)", worst(at(SQLITE, fast), lag), "≤", 2.0),
        ("PostgreSQL on the same cores: messages/s, best workload", best(POSTGRES), "≥", 5_000.0),
        (
            "SQLite against the plain Node server: messages/s",
            best(SQLITE) / best(BASELINE),
            "≥",
            1.0,
        ),
        (
            "PostgreSQL against the plain Node server: messages/s",
            best(POSTGRES) / best(BASELINE),
            "≥",
            1.0,
        ),
    ];
    let mut text = String::from("| aim | reached | asked | |\n|---|---|---|---|\n");
    for (name, reached, sign, asked) in rows {
        let is_met = if sign == "≥" { reached >= asked } else { reached <= asked };
        let met = if is_met { "met" } else { "**not met**" };
        let _ = writeln!(text, "| {name} | {} | {sign} {asked} | {met} |", short(reached));
    }
    text
}

fn short(value: f64) -> String {
    if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

pub const SQLITE: &str = "xiaoer, SQLite";
pub const POSTGRES: &str = "xiaoer, PostgreSQL";
pub const BASELINE: &str = "plain Node ws, PostgreSQL";

/// Everything as one page.
pub fn page(machine: &[String], lines: &[Line], idle: &[Idle]) -> String {
    let list: String = machine.iter().map(|line| format!("- {line}\n")).collect();
    let loads: Vec<f64> = lines.iter().map(|line| line.load_cpu).collect();
    let most = loads.iter().copied().fold(0.0, f64::max);
    format!(
        "# Messages\n\n\
         Written by `make bench-chat`. Server, database and load share the machine; the load took up to {:.0} % of one \
         core.\n\n{list}\n\
         One way: from the moment a line was due until the other side had it, so a server that falls behind cannot \
         hide it. Answer: until the sender had the acknowledgement, which follows the commit. Buyers and desks \
         speak equally often; a desk watches up to 32 conversations. Every follower is on.\n\n\
         {}\n## A connection that does nothing\n\n{}\n## Aims\n\n{}",
        most * 100.0,
        table(lines),
        idle_table(idle),
        aims(lines, idle)
    )
}

/// Keeps a page in `bench/results` and shows it.
pub fn keep(name: &str, page: &str) -> Outcome {
    println!("{page}");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("results");
    let path = folder.join(format!("{name}.md"));
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&path, page))
        .map_err(|e| format!("{} could not be written: {e}", path.display()))
}
