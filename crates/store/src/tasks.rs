//! The store's own tasks (writer, checkpoint, and the begin of a transaction) are started here and nowhere else.

use std::future::Future;

use tokio::task::JoinHandle;

/// Starts a task that ends by itself, or when its `Db` is closed or dropped.
#[expect(
    clippy::disallowed_methods,
    reason = "the writer and the checkpoint task end with their Db, a begin at once"
)]
pub(crate) fn start<F>(work: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(work)
}
