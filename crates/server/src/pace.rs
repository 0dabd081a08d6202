//! How fast somebody may go: token buckets, for connections and for plain requests.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// Callers remembered at once; when full, those whose bucket is full again are forgotten.
const CALLERS_MAX: usize = 50_000;

/// A bucket: `rate` a second, twice that in a burst.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    rate: f64,
    tokens: f64,
    at: Instant,
}

impl Bucket {
    /// A full bucket.
    pub fn new(rate: u32, now: Instant) -> Self {
        let rate = f64::from(rate);
        Self { rate, tokens: 2.0 * rate, at: now }
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
        self.tokens = (self.tokens + passed * self.rate).min(2.0 * self.rate);
        self.at = now;
    }

    fn is_full(&self, now: Instant) -> bool {
        let mut copy = *self;
        copy.fill(now);
        copy.tokens >= 2.0 * copy.rate
    }
}

/// Buckets of callers that have no connection of their own.
#[derive(Default)]
pub struct Pace(Mutex<HashMap<String, Bucket>>);

impl Pace {
    /// Takes one from the caller's bucket.
    pub fn take(&self, caller: String, rate: u32) -> Result<(), Duration> {
        let now = Instant::now();
        let mut buckets = self.0.lock();
        if buckets.len() >= CALLERS_MAX && !buckets.contains_key(&caller) {
            buckets.retain(|_, bucket| !bucket.is_full(now));
        }
        buckets.entry(caller).or_insert_with(|| Bucket::new(rate, now)).take(now)
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
    fn callers_have_buckets_of_their_own() {
        let pace = Pace::default();
        assert!((0..2).all(|_| pace.take("a".into(), 1).is_ok()));
        assert!(pace.take("a".into(), 1).is_err());
        assert!(pace.take("b".into(), 1).is_ok());
    }
}
