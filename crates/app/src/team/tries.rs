//! Failures to sign in, in memory: for each account and address together. Forgotten with the process, which costs an
//! attacker's count but never a colleague's way in.

use std::collections::HashMap;

use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use xiaoer_domain::team::{FREE_TRIES, Tries};
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_protocol::ErrorCode;

use crate::AppError;

/// Pairs remembered at once; when full, those whose failures no longer count are forgotten, then all but the newest.
const PAIRS_MAX: usize = 50_000;

/// Which account, from where. What was typed as a login may be a password typed into the wrong field: only its hash stays.
pub(crate) type Pair = [u8; 32];

/// Failures by pair.
#[derive(Default)]
pub(crate) struct Failures(Mutex<HashMap<Pair, Tries>>);

/// The pair of a login and an address.
pub(crate) fn pair(login: &str, address: &str) -> Pair {
    let mut hash = Sha256::new();
    hash.update((login.len() as u64).to_be_bytes());
    hash.update(login.as_bytes());
    hash.update(address.as_bytes());
    hash.finalize().into()
}

impl Failures {
    /// Lets a try pass, or says how long it has to wait.
    pub(crate) fn admit(&self, pair: &Pair, now: Timestamp) -> Result<(), AppError> {
        let pause = self.0.lock().get(pair).map_or(Span::seconds(0), |tries| tries.pause(now));
        if pause == Span::seconds(0) {
            return Ok(());
        }
        let params = serde_json::json!({ "retry_ms": pause.micros() / 1000 + 1 });
        Err(AppError::Refused { code: ErrorCode::TooFast, params: Some(params) })
    }

    /// Counts a failure. Returns how many tries are left before pauses begin, and the pause that begins now.
    pub(crate) fn failed(&self, pair: Pair, now: Timestamp) -> (u32, Span) {
        let mut all = self.0.lock();
        if all.len() >= PAIRS_MAX && !all.contains_key(&pair) {
            all.retain(|_, tries| !tries.is_forgotten(now));
            if all.len() >= PAIRS_MAX {
                all.retain(|_, tries| tries.left(now) == 0);
            }
        }
        let tries = all
            .entry(pair)
            .and_modify(|tries| *tries = tries.and_another(now))
            .or_insert_with(|| Tries::first(now));
        (tries.left(now), tries.pause(now))
    }

    /// Forgets the failures of a pair that got in.
    pub(crate) fn forget(&self, pair: &Pair) {
        self.0.lock().remove(pair);
    }
}

/// The refusal of a wrong password or code: how many tries are left, or how long the next one has to wait.
pub(crate) fn refusal(code: ErrorCode, (left, pause): (u32, Span)) -> AppError {
    debug_assert!(left <= FREE_TRIES, "what is left was free");
    let params = serde_json::json!({ "tries_left": left, "retry_ms": pause.micros() / 1000 });
    AppError::Refused { code, params: Some(params) }
}
