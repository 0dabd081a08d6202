//! Followers of the journal. A projection rebuilds state from what is recorded and keeps it current; a reactor does
//! something once when a thing happens.
//!
//! A follower never skips a line: what cannot be read or done is logged, counted and tried again, and what follows
//! waits. Tests move followers by hand with [`Following::step`], so that nothing sleeps.

mod facts;
mod projection;
mod reactor;
mod run;

use thiserror::Error;
use xiaoer_domain::time::Timestamp;
use xiaoer_store::StoreError;

pub(crate) use facts::{Facts, unreadable};
pub use projection::Projection;
pub use reactor::Reactor;

use crate::{App, AppError};

/// Who follows the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follower {
    /// Keeps its position in the derived store, in the transaction of its changes: exactly once. Begins with a
    /// rebuild, so the derived store may be deleted at any time.
    Projection(Projection),
    /// Keeps its position in the main store, saved after the effect: at least once, so effects carry a key. Begins at
    /// the journal's end and is never replayed.
    Reactor(Reactor),
}

impl Follower {
    /// Every follower there is.
    pub const ALL: &[Self] = &[
        Self::Projection(Projection::Search),
        Self::Reactor(Reactor::LeaveMessage),
        Self::Reactor(Reactor::FollowUps),
        Self::Reactor(Reactor::Webhooks),
        Self::Reactor(Reactor::AutoReply),
    ];

    /// The name in database, logs and metrics; it never changes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Projection(projection) => projection.name(),
            Self::Reactor(reactor) => reactor.name(),
        }
    }
}

/// A follower on its way.
pub struct Following {
    follower: Follower,
    way: Way,
}

enum Way {
    Projection(projection::Way),
    Reactor(reactor::Way),
}

/// Why a follower stands still.
#[derive(Debug, Error)]
pub enum FollowError {
    /// A line of the journal is not what it must be.
    #[error("line {line} of the journal ({kind}) cannot be read: {problem}")]
    Unreadable {
        /// Row id.
        line: i64,
        /// What happened.
        kind: String,
        /// What is wrong.
        problem: String,
    },
    /// What a line asks for failed.
    #[error("line {line} of the journal ({kind}) could not be acted on")]
    Failed {
        /// Row id.
        line: i64,
        /// What happened.
        kind: String,
        /// Why.
        #[source]
        source: AppError,
    },
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Following {
    /// Stands where it was saved, once it takes its first step.
    #[must_use]
    pub fn new(follower: Follower) -> Self {
        let way = match follower {
            Follower::Projection(projection) => Way::Projection(projection::Way::new(projection)),
            Follower::Reactor(reactor) => Way::Reactor(reactor::Way::new(reactor)),
        };
        Self { follower, way }
    }

    /// Who it is.
    #[must_use]
    pub const fn follower(&self) -> Follower {
        self.follower
    }

    /// Takes in the next lines of the journal, and for a projection the next page of its rebuild. Tells how many lines
    /// and rows that were; 0: nothing is left to do now.
    ///
    /// # Errors
    /// Everything before the line that failed is done and saved; the next step tries that line again.
    pub async fn step(&mut self, app: &App) -> Result<usize, FollowError> {
        let rows = match &mut self.way {
            Way::Projection(way) => way.step(app).await,
            Way::Reactor(way) => way.step(app).await,
        }?;
        let count = u64::try_from(rows).unwrap_or(u64::MAX);
        metrics::counter!("xiaoer_follower_rows_total", "follower" => self.follower.name())
            .increment(count);
        Ok(rows)
    }

    /// When the first line was written that is not taken in yet; None: there is none. Lines that no follower may read
    /// yet count too, so a transaction that stays open shows here.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn behind_since(&self, app: &App) -> Result<Option<Timestamp>, FollowError> {
        let position = match &self.way {
            Way::Projection(way) => way.position(),
            Way::Reactor(way) => way.position(),
        };
        let Some(position) = position else { return Ok(None) };
        let oldest = xiaoer_store::projection::oldest_after;
        Ok(app.db.read(move |tx| Box::pin(oldest(tx, position))).await?)
    }
}

impl App {
    /// Starts every follower.
    pub fn start_followers(&self) {
        for follower in Follower::ALL {
            run::start(self, *follower);
        }
    }
}
