//! The store's own two tasks (writer, checkpoint) are started here and nowhere else.

use std::future::Future;

use tokio::task::JoinHandle;

/// Starts a task that lives as long as its `Db`; it ends when the `Db` is closed or dropped.
#[expect(
    clippy::disallowed_methods,
    reason = "the writer and the checkpoint task belong to Db::open and end with it"
)]
pub(crate) fn start<F>(work: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(work)
}
