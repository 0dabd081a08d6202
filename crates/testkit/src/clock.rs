//! Time and chance as arguments that a test decides.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use xiaoer_domain::time::{Span, Timestamp};

/// A Monday, 2025-11-24 09:00 in Shanghai: where clocks of tests begin.
const START: Timestamp = Timestamp::from_micros(1_763_946_000_000_000);

/// A clock that stands still until it is told otherwise; clones share it.
#[derive(Debug, Clone)]
pub struct MockClock {
    micros: Arc<AtomicI64>,
}

impl MockClock {
    /// Stands at the same Monday morning in every test.
    pub fn new() -> Self {
        Self::at(START)
    }

    /// Stands at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self { micros: Arc::new(AtomicI64::new(now.micros())) }
    }

    /// What it shows.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.micros.load(Ordering::SeqCst))
    }

    /// Moves it on.
    pub fn advance(&self, span: Span) {
        self.micros.fetch_add(span.micros(), Ordering::SeqCst);
    }

    /// Sets it, also back.
    pub fn set(&self, now: Timestamp) {
        self.micros.store(now.micros(), Ordering::SeqCst);
    }
}

impl Default for MockClock {
    fn default() -> Self {
        Self::new()
    }
}

/// Chance that is the same for the same seed.
pub fn seeded(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}
