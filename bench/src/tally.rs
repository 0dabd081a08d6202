//! What is counted while a workload runs, and how it is summed up.

use std::cell::RefCell;

use crate::clock::Clock;

/// How seats behave when something reaches them.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// They send only what they are told to.
    #[default]
    Told,
    /// What the other side said is answered at once.
    PingPong,
    /// What was acknowledged is followed by the next line.
    OnAck,
}

/// The run that is on. Only what was due inside its window counts for latencies.
#[derive(Default)]
struct Run {
    number: u8,
    mode: Mode,
    from: u64,
    to: u64,
    sent: u64,
    acked: u64,
    delivered: u64,
    refused: u64,
    acked_inside: u64,
    one_way: Vec<u32>,
    round_trip: Vec<u32>,
}

/// Shared by every seat; one thread.
pub struct Tally {
    pub clock: Clock,
    run: RefCell<Run>,
}

/// One run, summed up.
pub struct Summary {
    pub sent: u64,
    pub acked: u64,
    pub delivered: u64,
    pub refused: u64,
    /// Acknowledged inside the window.
    pub acked_inside: u64,
    pub seconds: f64,
    pub one_way: Spread,
    pub round_trip: Spread,
}

/// Percentiles in milliseconds.
#[derive(Clone, Copy, Default)]
pub struct Spread {
    pub p50: f64,
    pub p99: f64,
    pub p999: f64,
}

impl Tally {
    pub fn new(clock: Clock) -> Self {
        Self { clock, run: RefCell::default() }
    }

    /// Begins a run; its window lies ahead.
    pub fn begin(&self, mode: Mode, from: u64, to: u64) {
        let number = self.run.borrow().number % 63 + 1;
        self.run.replace(Run { number, mode, from, to, ..Run::default() });
    }

    pub fn number(&self) -> u8 {
        self.run.borrow().number
    }

    /// The mode while lines may still be sent.
    pub fn mode(&self) -> Mode {
        let run = self.run.borrow();
        if self.clock.now() < run.to { run.mode } else { Mode::Told }
    }

    pub fn sent(&self) {
        self.run.borrow_mut().sent += 1;
    }

    pub fn refused(&self) {
        self.run.borrow_mut().refused += 1;
    }

    pub fn acked(&self, due: u64, number: u8) {
        let (now, run) = (self.clock.now(), &mut *self.run.borrow_mut());
        if number == run.number {
            run.acked += 1;
            run.acked_inside += u64::from((run.from..run.to).contains(&now));
            if (run.from..run.to).contains(&due) {
                run.round_trip.push(span(due, now));
            }
        }
    }

    pub fn delivered(&self, due: u64, number: u8) {
        let (now, run) = (self.clock.now(), &mut *self.run.borrow_mut());
        if number == run.number {
            run.delivered += 1;
            if (run.from..run.to).contains(&due) {
                run.one_way.push(span(due, now));
            }
        }
    }

    /// Whether everything sent was answered and delivered.
    pub fn is_settled(&self) -> bool {
        let run = self.run.borrow();
        run.acked + run.refused >= run.sent && run.delivered + run.refused >= run.sent
    }

    pub fn sum_up(&self) -> Summary {
        let run = &mut *self.run.borrow_mut();
        Summary {
            sent: run.sent,
            acked: run.acked,
            delivered: run.delivered,
            refused: run.refused,
            acked_inside: run.acked_inside,
            seconds: (run.to - run.from) as f64 / 1e6,
            one_way: Spread::of(&mut run.one_way),
            round_trip: Spread::of(&mut run.round_trip),
        }
    }
}

impl Spread {
    fn of(micros: &mut [u32]) -> Self {
        micros.sort_unstable();
        let at = |part: f64| {
            let index = (micros.len() as f64 * part).ceil() as usize;
            let micros = micros.get(index.saturating_sub(1)).copied().unwrap_or(0);
            f64::from(micros) / 1000.0
        };
        Self { p50: at(0.5), p99: at(0.99), p999: at(0.999) }
    }
}

fn span(from: u64, to: u64) -> u32 {
    u32::try_from(to.saturating_sub(from)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_the_smallest_value_that_covers_the_part() {
        let mut micros: Vec<u32> = (1..=1000).rev().map(|n| n * 1000).collect();
        let spread = Spread::of(&mut micros);
        assert_eq!((spread.p50, spread.p99, spread.p999), (500.0, 990.0, 999.0));
        assert_eq!(Spread::of(&mut []).p50, 0.0);
    }

    #[test]
    fn lines_of_an_earlier_run_do_not_count() {
        let tally = Tally::new(Clock::start());
        let now = tally.clock.now();
        tally.begin(Mode::Told, now, now + 1_000_000);
        let old = tally.number();
        tally.begin(Mode::Told, now, now + 1_000_000);
        tally.acked(now, old);
        assert_eq!(tally.sum_up().acked, 0);
    }
}
