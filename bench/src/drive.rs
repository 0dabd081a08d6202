//! Runs one workload over a cast: open loop at a rate, whatever comes back, or closed loop as fast as answers come.

use std::rc::Rc;
use std::time::Duration;

use crate::cast::Speaker;
use crate::clock::Clock;
use crate::tally::{Mode, Summary, Tally};

/// Before the window: caches and routes settle.
const WARM_UP: u64 = 2_000_000;
/// The window in which latencies count.
const WINDOW: u64 = 10_000_000;
/// Everybody gets ready before the first line.
const LEAD: u64 = 100_000;
/// What is under way at the end may still arrive within this time.
const SETTLE: u64 = 15_000_000;
/// Seed of the arrivals: every house gets the same.
const SEED: u64 = 0x9E37_79B9_7F4A_7C15;

/// What is said how often.
#[derive(Clone, Copy)]
pub enum Workload {
    /// This many lines a second, as people come: independent of each other and of the answers.
    Open(u32),
    /// Each pair passes one line back and forth.
    PingPong,
    /// Both sides of each pair speak on as soon as the last line is acknowledged.
    OnAck,
}

impl Workload {
    pub fn name(self) -> String {
        match self {
            Self::Open(rate) => format!("open loop, {rate}/s"),
            Self::PingPong => "closed loop, 64 pairs in turn".into(),
            Self::OnAck => "closed loop, 64 pairs at once".into(),
        }
    }
}

/// Moments of a run, for those who measure beside it.
pub struct Window {
    clock: Clock,
    pub from: u64,
    pub to: u64,
}

impl Window {
    pub async fn opens(&self) {
        sleep_until(self.clock, self.from).await;
    }

    pub async fn closes(&self) {
        sleep_until(self.clock, self.to).await;
    }

    pub fn is_over(&self) -> bool {
        self.clock.now() >= self.to
    }
}

/// Begins a run; it goes on by itself until the window closes.
pub fn begin(workload: Workload, speakers: Vec<Speaker>, tally: &Rc<Tally>) -> Window {
    let clock = tally.clock;
    let start = clock.now() + LEAD;
    let (from, to) = (start + WARM_UP, start + WARM_UP + WINDOW);
    let mode = match workload {
        Workload::Open(_) => Mode::Told,
        Workload::PingPong => Mode::PingPong,
        Workload::OnAck => Mode::OnAck,
    };
    tally.begin(mode, from, to);
    match workload {
        Workload::Open(rate) => {
            // A thread of its own: the timer of the runtime is too coarse.
            std::thread::spawn(move || arrive(clock, &speakers, f64::from(rate), start, to));
        }
        Workload::PingPong => speakers.iter().step_by(2).for_each(|buyer| buyer.say(clock.now())),
        Workload::OnAck => speakers.iter().for_each(|speaker| speaker.say(clock.now())),
    }
    Window { clock, from, to }
}

/// Waits until what was sent has arrived, within reason, and sums up.
pub async fn settle(tally: &Tally) -> Summary {
    let until = tally.clock.now() + SETTLE;
    while !tally.is_settled() && tally.clock.now() < until {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tally.sum_up()
}

/// Lines fall due at random moments (exponential gaps), each from somebody chosen at random.
fn arrive(clock: Clock, speakers: &[Speaker], rate: f64, start: u64, to: u64) {
    let mut chance = SEED;
    let mut due = start as f64;
    loop {
        let part = (next(&mut chance) >> 11) as f64 / (1_u64 << 53) as f64;
        due += -(1.0 - part).ln() * 1e6 / rate;
        let at = due as u64;
        if at >= to {
            return;
        }
        clock.sleep_until(at);
        let index = next(&mut chance) % speakers.len() as u64;
        speakers[usize::try_from(index).unwrap_or(0)].say(at);
    }
}

fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

async fn sleep_until(clock: Clock, at: u64) {
    tokio::time::sleep(Duration::from_micros(at.saturating_sub(clock.now()))).await;
}
