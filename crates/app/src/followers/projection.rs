//! The way of a projection: lines of the journal and pages of its rebuild become changes of the derived store, in one
//! transaction with the progress.
//!
//! New lines come before the rebuild's next page, newest pages first: what was just said is found at once, also while
//! years are still being read.

use std::sync::Arc;

use xiaoer_store::journal::{self, JournalRow, PAGE_MAX, Position};
use xiaoer_store::projection::{self as store, Progress};
use xiaoer_store::{StoreError, Tx};

use super::FollowError;
use crate::App;
use crate::chat::search_index;

/// Which projection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Projection {
    /// The index of words.
    Search,
}

impl Projection {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Search => "search",
        }
    }

    /// Raised when what is made of the same records changes: the next start rebuilds.
    const fn version(self) -> i64 {
        match self {
            Self::Search => 2,
        }
    }

    /// Reads what the lines and the next page of the rebuild ask for (main store). Gives the change, how many rows
    /// were read for the rebuild, and where it goes on.
    async fn gather(
        self,
        tx: &mut Tx,
        rows: &[JournalRow],
        rebuilt_from: i64,
    ) -> Result<Gathered, FollowError> {
        match self {
            Self::Search => {
                let (documents, rebuilt, next) =
                    search_index::gather(tx, rows, rebuilt_from).await?;
                Ok(Gathered { change: Change::Search(documents), rebuilt, rebuilt_from: next })
            }
        }
    }

    async fn clear(self, tx: &mut Tx) -> Result<(), StoreError> {
        match self {
            Self::Search => xiaoer_store::search::clear(tx).await,
        }
    }

    /// Upkeep when nothing else is to be done.
    async fn tidy(self, tx: &mut Tx) -> Result<(), StoreError> {
        match self {
            Self::Search => xiaoer_store::search::tidy(tx).await,
        }
    }
}

struct Gathered {
    change: Change,
    rebuilt: usize,
    rebuilt_from: i64,
}

/// What a step changes in the derived store.
enum Change {
    Search(Vec<xiaoer_store::search::Document>),
}

impl Change {
    async fn apply(&self, tx: &mut Tx) -> Result<(), StoreError> {
        match self {
            Self::Search(documents) => xiaoer_store::search::index(tx, documents).await,
        }
    }
}

pub(super) struct Way {
    projection: Projection,
    /// As last seen; None before the first step.
    progress: Option<Progress>,
    /// Whether nothing has gone wrong since it was seen: else it is read again.
    is_certain: bool,
    is_untidy: bool,
}

impl Way {
    pub(super) const fn new(projection: Projection) -> Self {
        Self { projection, progress: None, is_certain: false, is_untidy: true }
    }

    pub(super) fn position(&self) -> Option<Position> {
        self.progress.map(|progress| progress.position)
    }

    pub(super) async fn step(&mut self, app: &App) -> Result<usize, FollowError> {
        let from = match self.progress.filter(|_| self.is_certain) {
            Some(progress) => progress,
            None => self.begin(app).await?,
        };
        self.progress = Some(from);
        // Whatever fails below, the stored progress is what holds.
        self.is_certain = false;
        let (rows, gathered) = self.gather(app, from).await?;
        let count = rows.len() + gathered.rebuilt;
        let position = rows.last().map_or(from.position, |last| last.position);
        let to = Progress { position, rebuilt_from: gathered.rebuilt_from };
        if to == from {
            self.tidy(app).await?;
            self.is_certain = true;
            return Ok(0);
        }
        if self.apply(app, from, to, gathered.change).await? {
            self.progress = Some(to);
            (self.is_certain, self.is_untidy) = (true, true);
            return Ok(count);
        }
        tracing::debug!(
            follower.name = self.projection.name(),
            "another process moved this projection on"
        );
        Ok(0)
    }

    /// Where it stands; begins with a rebuild if it never ran here, was made by another version, or stands beyond the
    /// journal's end (the main store went back to an older state).
    async fn begin(&self, app: &App) -> Result<Progress, FollowError> {
        let (projection, name) = (self.projection, self.projection.name());
        let stored =
            app.db.derived_read(move |tx| Box::pin(async move { store::find(tx, name).await }));
        let stored = stored.await?;
        let end = app.db.read(|tx| Box::pin(journal::last_position(tx))).await?;
        if let Some(stored) = stored
            && stored.version == projection.version()
            && stored.progress.position <= end
        {
            return Ok(stored.progress);
        }
        tracing::info!(follower.name = name, "projection {name} is rebuilt from the records");
        let now = app.clock.now();
        let begun = app.db.derived_write(move |tx| {
            Box::pin(async move {
                projection.clear(tx).await?;
                store::start(tx, name, projection.version(), end, now).await
            })
        });
        Ok(begun.await?)
    }

    /// Lines and records as of one moment: what changes after it is a later line. Lines before one that cannot be
    /// read are taken in without it.
    async fn gather(
        &self,
        app: &App,
        from: Progress,
    ) -> Result<(Vec<JournalRow>, Gathered), FollowError> {
        let projection = self.projection;
        app.db
            .read(move |tx| {
                Box::pin(async move {
                    let mut rows = journal::read_after(tx, from.position, PAGE_MAX).await?;
                    let gathered = match projection.gather(tx, &rows, from.rebuilt_from).await {
                        Err(FollowError::Unreadable { line, .. })
                            if rows.first().is_some_and(|row| row.position.id != line) =>
                        {
                            let good = rows.iter().take_while(|row| row.position.id != line);
                            let good = good.count();
                            rows.truncate(good);
                            projection.gather(tx, &rows, from.rebuilt_from).await?
                        }
                        other => other?,
                    };
                    Ok((rows, gathered))
                })
            })
            .await
    }

    /// False if another process moved it meanwhile: then nothing was changed.
    async fn apply(
        &self,
        app: &App,
        from: Progress,
        to: Progress,
        change: Change,
    ) -> Result<bool, StoreError> {
        let (name, now, change) = (self.projection.name(), app.clock.now(), Arc::new(change));
        app.db
            .derived_write(move |tx| {
                let change = Arc::clone(&change);
                Box::pin(async move {
                    // First: on PostgreSQL this holds off the other process until we are done.
                    if !store::advance(tx, name, from, to, now).await? {
                        return Ok(false);
                    }
                    change.apply(tx).await?;
                    Ok(true)
                })
            })
            .await
    }

    async fn tidy(&mut self, app: &App) -> Result<(), StoreError> {
        if self.is_untidy {
            let projection = self.projection;
            let tidied =
                app.db.derived_write(move |tx| Box::pin(async move { projection.tidy(tx).await }));
            tidied.await?;
            self.is_untidy = false;
        }
        Ok(())
    }
}
