//! SQLite's one writer: queued jobs run in savepoints of one transaction and commit together.
//!
//! Must never answer a job before its commit, and never await anything but SQL.

use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use crate::error::{Cause, StoreError};
use crate::sqlite::SqliteFile;
use crate::tx::{Conn, Tx};

/// Jobs committed together: enough to share one disk flush, few enough to answer soon.
const BATCH_JOBS_MAX: usize = 64;
/// A batch takes no further job after this, so that the first one does not wait for the last.
const BATCH_TIME_MAX: Duration = Duration::from_millis(50);
/// A job is slow, and logged, from here: one transaction ends within a second.
const JOB_TIME_WARN: Duration = Duration::from_secs(1);
/// A job is given up here: it must be waiting for something that is not SQL.
pub(crate) const JOB_TIME_MAX: Duration = Duration::from_secs(10);

/// The queue in front of the writer.
pub(crate) struct Writer {
    queue: mpsc::Sender<Message>,
    task: parking_lot::Mutex<Option<JoinHandle<()>>>,
}

enum Message {
    Job(Box<dyn Job>),
    Stop,
}

/// One queued write with its types erased.
trait Job: Send {
    fn is_abandoned(&self) -> bool;
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, bool>;
    /// Tells the caller: its own result, or why the commit under it failed.
    fn answer(self: Box<Self>, commit: Result<(), StoreError>);
}

struct Write<F, T, E> {
    work: F,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Job for Write<F, T, E>
where
    F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + Sync,
    T: Send,
    E: From<StoreError> + Send,
{
    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, bool> {
        Box::pin(async move {
            let started = Instant::now();
            let timed = tokio::time::timeout(JOB_TIME_MAX, tx.run(&self.work)).await;
            let result = timed.unwrap_or_else(|_| {
                Err(StoreError::unavailable("a write took too long and was given up").into())
            });
            warn_if_slow::<F>(started);
            let is_ok = result.is_ok();
            self.result = Some(result);
            is_ok
        })
    }

    fn answer(self: Box<Self>, commit: Result<(), StoreError>) {
        let result = match (self.result, commit) {
            (Some(Err(own)), _) => Err(own),
            (_, Err(error)) => Err(error.into()),
            (Some(ok), Ok(())) => ok,
            (None, Ok(())) => Err(StoreError::unavailable("the write was not run").into()),
        };
        // A caller that went away has no one to tell; what is committed stays.
        drop(self.reply.send(result));
    }
}

/// Logs a write that held its transaction for too long, by the closure's name.
pub(crate) fn warn_if_slow<F>(started: Instant) {
    if started.elapsed() > JOB_TIME_WARN {
        let ms = started.elapsed().as_millis();
        tracing::warn!(job.ms = ms, job.name = std::any::type_name::<F>(), "slow write");
    }
}

impl Writer {
    /// Opens the file's writing connection and starts the task.
    pub(crate) async fn start(
        file: SqliteFile,
        queue_max: usize,
        committed: watch::Sender<u64>,
    ) -> Result<Self, StoreError> {
        let tx = file.open_writer().await?;
        let (queue, jobs) = mpsc::channel(queue_max);
        let task = WriterTask { file, jobs, tx: Some(tx), committed };
        let task = crate::tasks::start(task.work());
        Ok(Self { queue, task: parking_lot::Mutex::new(Some(task)) })
    }

    /// Queues a job (waiting while the queue is full) and gives its answer after the commit.
    pub(crate) async fn write<F, T, E>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Write { work, result: None, reply };
        let closed = || StoreError::unavailable("the store is closed");
        self.queue.send(Message::Job(Box::new(job))).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Lets the queued jobs finish, then ends the task.
    pub(crate) async fn stop(&self) {
        let _ = self.queue.send(Message::Stop).await;
        let task = self.task.lock().take();
        if let Some(task) = task {
            let _ = task.await;
        }
    }
}

struct WriterTask {
    file: SqliteFile,
    jobs: mpsc::Receiver<Message>,
    tx: Option<Tx>,
    committed: watch::Sender<u64>,
}

impl WriterTask {
    async fn work(mut self) {
        while let Some(message) = self.jobs.recv().await {
            match message {
                Message::Job(job) if job.is_abandoned() => {}
                Message::Job(job) => self.batch(job).await,
                Message::Stop => self.stop(),
            }
        }
        if let Some(Conn::SqliteWriter(conn)) = self.tx.map(Tx::into_conn) {
            use sqlx::Connection as _;
            let _ = conn.close().await;
        }
    }

    /// No new jobs; those queued already are still received and run.
    fn stop(&mut self) {
        self.jobs.close();
    }

    /// Runs `first` and whatever waits behind it in one transaction, then answers all of them.
    async fn batch(&mut self, first: Box<dyn Job>) {
        let mut tx = match self.connection().await {
            Ok(tx) => tx,
            Err(error) => return first.answer(Err(error)),
        };
        let mut done = Vec::new();
        let ended = self.fill(&mut tx, first, &mut done).await;
        if let Err(error) = ended {
            // Nothing of this batch is certain to be stored, and the connection is not to be
            // trusted: it is opened again for the next batch.
            tracing::error!(error = %error, jobs = done.len(), "a batch of writes was lost");
            drop(tx);
            let source = Some(Cause::said(error.to_string()));
            let told = StoreError::Unavailable { reason: "the commit failed", source };
            return done.into_iter().for_each(|job| job.answer(Err(told.clone())));
        }
        self.tx = Some(tx);
        metrics::histogram!("store_batch_jobs", "store" => self.file.name())
            .record(done.len() as f64);
        self.committed.send_modify(|count| *count += 1);
        done.into_iter().for_each(|job| job.answer(Ok(())));
    }

    async fn connection(&mut self) -> Result<Tx, StoreError> {
        match self.tx.take() {
            Some(tx) => Ok(tx),
            None => self.file.open_writer().await,
        }
    }

    /// BEGIN, jobs, COMMIT. The first job needs no savepoint: if it fails, all is rolled back
    /// and the batch ends. `done` receives every job that is owed an answer.
    async fn fill(
        &mut self,
        tx: &mut Tx,
        mut first: Box<dyn Job>,
        done: &mut Vec<Box<dyn Job>>,
    ) -> Result<(), StoreError> {
        let started = Instant::now();
        if let Err(error) = tx.control("BEGIN IMMEDIATE").await {
            done.push(first);
            return Err(error);
        }
        let is_ok = first.run(tx).await;
        done.push(first);
        if !is_ok {
            return tx.control("ROLLBACK").await;
        }
        // COMMIT releases the savepoint too, and a rolled-back one stays open: a call a job.
        let mut savepoint = "SAVEPOINT job";
        while done.len() < BATCH_JOBS_MAX && started.elapsed() < BATCH_TIME_MAX {
            let Some(mut job) = self.next_waiting() else { break };
            let opened = tx.control(savepoint).await;
            if let Err(error) = opened {
                done.push(job);
                return Err(error);
            }
            let is_ok = job.run(tx).await;
            done.push(job);
            savepoint = "RELEASE job; SAVEPOINT job";
            if !is_ok {
                tx.control("ROLLBACK TO job").await?;
            }
        }
        tx.control("COMMIT").await
    }

    /// A job that waits already and whose caller still does.
    fn next_waiting(&mut self) -> Option<Box<dyn Job>> {
        loop {
            match self.jobs.try_recv().ok()? {
                Message::Job(job) if job.is_abandoned() => continue,
                Message::Job(job) => return Some(job),
                Message::Stop => self.stop(),
            }
        }
    }
}
