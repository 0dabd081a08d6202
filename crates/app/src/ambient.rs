//! Time and chance, handed in at the start: a test brings its own.

use std::sync::Arc;

use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use xiaoer_domain::time::Timestamp;

/// Tells the time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(|| {
            #[expect(
                clippy::disallowed_methods,
                reason = "the one place where the machine's clock is read"
            )]
            let now = std::time::SystemTime::now();
            let micros = now.duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_micros());
            Timestamp::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
        }))
    }

    /// Any other clock.
    #[must_use]
    pub fn from_fn(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

/// Makes random bytes fit for secrets.
#[derive(Clone)]
pub struct Chance(Arc<Mutex<StdRng>>);

impl Chance {
    /// Seeded by the machine.
    ///
    /// # Panics
    /// When the machine has no source of randomness: nothing here would be safe without.
    #[must_use]
    pub fn system() -> Self {
        let rng =
            StdRng::try_from_rng(&mut rand::rngs::SysRng).expect("the machine gives randomness");
        Self(Arc::new(Mutex::new(rng)))
    }

    /// Seeded by a test.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// `N` random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.lock().fill_bytes(&mut bytes);
        bytes
    }
}

/// A stream of salts from a seed: a write that runs again draws the same ones.
pub fn salts(seed: [u8; 32]) -> impl FnMut() -> [u8; 16] + Send {
    let mut rng = StdRng::from_seed(seed);
    move || {
        let mut salt = [0; 16];
        rng.fill_bytes(&mut salt);
        salt
    }
}
