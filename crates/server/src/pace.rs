//! How fast somebody may go: token buckets, for connections and for plain requests.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// Callers remembered at once; when full, those whose bucket is full again are forgotten.
const CALLERS_MAX: usize = 50_000;

/// A bucket: `rate` a second, twice that in a burst, or so many a minute, all of them at once if need be.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    rate: f64,
    burst: f64,
    tokens: f64,
    at: Instant,
}

impl Bucket {
    /// A full bucket.
    pub fn new(rate: u32, now: Instant) -> Self {
        let rate = f64::from(rate);
        Self { rate, burst: 2.0 * rate, tokens: 2.0 * rate, at: now }
    }

    /// A full bucket of so many a minute.
    pub fn of_a_minute(count: u32, now: Instant) -> Self {
        let burst = f64::from(count);
        Self { rate: burst / 60.0, burst, tokens: burst, at: now }
    }

    /// Takes one; otherwise says after how long one is there.
    pub fn take(&mut self, now: Instant) -> Result<(), Duration> {
        self.fill(now);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64(((1.0 - self.tokens) / self.rate).max(0.001)))
    }

    fn fill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.tokens = (self.tokens + passed * self.rate).min(self.burst);
        self.at = now;
    }

    fn is_full(&self, now: Instant) -> bool {
        let mut copy = *self;
        copy.fill(now);
        copy.tokens >= copy.burst
    }
}

/// Buckets of callers that have no connection of their own.
#[derive(Default)]
pub struct Pace(Mutex<HashMap<String, Bucket>>);

impl Pace {
    /// Takes one from the caller's bucket.
    pub fn take(&self, caller: String, rate: u32) -> Result<(), Duration> {
        self.take_of(caller, |now| Bucket::new(rate, now))
    }

    /// Takes one of so many a minute.
    pub fn take_of_a_minute(&self, caller: String, count: u32) -> Result<(), Duration> {
        self.take_of(caller, |now| Bucket::of_a_minute(count, now))
    }

    fn take_of(&self, caller: String, full: impl Fn(Instant) -> Bucket) -> Result<(), Duration> {
        let now = Instant::now();
        let mut buckets = self.0.lock();
        if buckets.len() >= CALLERS_MAX && !buckets.contains_key(&caller) {
            buckets.retain(|_, bucket| !bucket.is_full(now));
        }
        buckets.entry(caller).or_insert_with(|| full(now)).take(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_a_burst_and_then_its_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::new(10, start);
        assert!((0..20).all(|_| bucket.take(start).is_ok()));
        let wait = bucket.take(start).unwrap_err();
        assert!(wait <= Duration::from_millis(100));
        assert!(bucket.take(start + Duration::from_millis(101)).is_ok());
        assert!(bucket.take(start + Duration::from_millis(102)).is_err());
    }

    #[test]
    fn so_many_a_minute_may_come_at_once_and_then_wait_for_their_turn() {
        let start = Instant::now();
        let mut bucket = Bucket::of_a_minute(20, start);
        assert!((0..20).all(|_| bucket.take(start).is_ok()));
        assert!(bucket.take(start).unwrap_err() <= Duration::from_secs(3));
        assert!(bucket.take(start + Duration::from_secs(4)).is_ok());
    }

    #[test]
    fn callers_have_buckets_of_their_own() {
        let pace = Pace::default();
        assert!((0..2).all(|_| pace.take("a".into(), 1).is_ok()));
        assert!(pace.take("a".into(), 1).is_err());
        assert!(pace.take("b".into(), 1).is_ok());
    }
}
