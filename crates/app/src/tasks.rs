//! The one door to background work: every task has a name, ends when asked, and is started again if it panics.

use std::future::Future;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Pause before a task that panicked is started again.
const RESTART_AFTER: Duration = Duration::from_secs(1);

/// The tasks of one running house.
#[derive(Clone, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Tasks {
    /// No tasks yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends when the house is asked to stop.
    #[must_use]
    pub fn stopping(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Runs `work` until it returns or the house stops; starts it again after a panic.
    #[expect(clippy::disallowed_methods, reason = "this is the one door")]
    pub fn supervise<F, Fut>(&self, name: &'static str, work: F)
    where
        F: Fn(CancellationToken) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let stop = self.stop.clone();
        self.tracker.spawn(async move {
            loop {
                match tokio::spawn(work(stop.clone())).await {
                    Ok(()) => return,
                    Err(error) if error.is_cancelled() => return,
                    Err(_) => {
                        tracing::error!(
                            task.name = name,
                            "task {name} panicked and is started again"
                        );
                        metrics::counter!("xiaoer_task_panics_total", "task" => name).increment(1);
                        tokio::time::sleep(RESTART_AFTER).await;
                    }
                }
                if stop.is_cancelled() {
                    return;
                }
            }
        });
    }

    /// Runs a short piece of work once; the house waits for it when it stops.
    pub fn once(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.tracker.spawn(work);
    }

    /// Asks every task to end and waits for it.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}
