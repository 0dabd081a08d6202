//! Keeps a follower going: it steps when something was committed or a second has passed, and after a failure waits
//! longer each time, on the same line.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use xiaoer_store::journal::PAGE_MAX;

use super::{Follower, Following};
use crate::App;

/// Commits of other processes are not heard of: look for them this often.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Lines are gathered for so long before they are taken in: a busy shop costs few steps, and nobody notices.
const GATHER_FOR: Duration = Duration::from_millis(50);
/// First and longest pause after a failure.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(30));
/// How often the lag is measured.
const MEASURE_EVERY: Duration = Duration::from_secs(1);

/// Starts the task of a follower.
pub(super) fn start(app: &App, follower: Follower) {
    let (tasks, app) = (app.tasks.clone(), app.clone());
    tasks.supervise(follower.name(), move |stop| {
        let app = app.clone();
        async move { follow(&app, follower, stop).await }
    });
}

async fn follow(app: &App, follower: Follower, stop: CancellationToken) {
    let mut following = Following::new(follower);
    let mut committed = app.db.committed();
    let mut failures = 0;
    let mut measured: Option<Instant> = None;
    while !stop.is_cancelled() {
        // Marked as seen before the step: a commit during it wakes us again.
        committed.mark_unchanged();
        let stepped = following.step(app).await;
        if measured.is_none_or(|at| at.elapsed() >= MEASURE_EVERY) {
            measure(app, &following).await;
            measured = Some(Instant::now());
        }
        let page = usize::try_from(PAGE_MAX).unwrap_or(usize::MAX);
        match stepped {
            Ok(rows) => {
                failures = 0;
                if rows >= page {
                    continue;
                }
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                    () = heard(&mut committed) => {
                        tokio::select! {
                            () = stop.cancelled() => {}
                            () = tokio::time::sleep(GATHER_FOR) => {}
                        }
                    }
                }
            }
            Err(error) => {
                let name = follower.name();
                let pause = pause(failures);
                failures += 1;
                metrics::counter!("xiaoer_follower_errors_total", "follower" => name).increment(1);
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    follower.name = name,
                    follower.failures = failures,
                    "follower {name} stands still and tries again in {} ms",
                    pause.as_millis()
                );
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = tokio::time::sleep(pause) => {}
                }
            }
        }
    }
}

async fn heard(committed: &mut tokio::sync::watch::Receiver<u64>) {
    if committed.changed().await.is_err() {
        // The database was closed; the clock goes on until we are stopped too.
        std::future::pending::<()>().await;
    }
}

/// Tells how long the first line that is not taken in yet has waited.
async fn measure(app: &App, following: &Following) {
    let Ok(behind_since) = following.behind_since(app).await else { return };
    let micros = behind_since.map_or(0, |at| app.clock.now().since(at).micros());
    let lag = Duration::from_micros(u64::try_from(micros).unwrap_or(0));
    let name = following.follower().name();
    metrics::gauge!("xiaoer_follower_lag_seconds", "follower" => name).set(lag.as_secs_f64());
}

fn pause(failures: u32) -> Duration {
    let (first, longest) = PAUSES;
    first.saturating_mul(1 << failures.min(16)).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_longest_and_stay_there() {
        assert_eq!(pause(0), PAUSES.0);
        assert_eq!(pause(1), PAUSES.0 * 2);
        assert_eq!(pause(7), PAUSES.1);
        assert_eq!(pause(u32::MAX), PAUSES.1);
    }
}
