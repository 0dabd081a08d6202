//! The way of a reactor: line after line, the effect first and the position after it.
//!
//! After a crash the lines since the last saved position come again, so every effect carries a key and happens once.

use xiaoer_store::StoreError;
use xiaoer_store::journal::{self, JournalRow, PAGE_MAX, Position, read_after};

use super::FollowError;
use crate::App;
use crate::chat::{attend, auto_reply, leave_message};
use crate::platform::webhooks;

/// Lines that nobody cared about, after which the position is saved all the same.
const UNSAVED_LINES_MAX: usize = 5000;

/// Which reactor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reactor {
    /// Tells a buyer who comes when nobody is on duty that what is written is kept.
    LeaveMessage,
    /// Gives what was left to whoever serves the buyer, and ends it with the answer.
    FollowUps,
    /// Notes what programs of the shop are to be told.
    Webhooks,
    /// Says what the shop says by itself when a session opens or ends.
    AutoReply,
}

impl Reactor {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::LeaveMessage => "leave_message",
            Self::FollowUps => "follow_ups",
            Self::Webhooks => "webhooks",
            Self::AutoReply => "auto_reply",
        }
    }

    /// Does what the line asks for. True if the line was of its kind, whether or not there was anything to do: it must
    /// not be judged again later.
    async fn react(self, app: &App, row: &JournalRow) -> Result<bool, FollowError> {
        match self {
            Self::LeaveMessage => leave_message::react(app, row).await,
            Self::FollowUps => attend::react(app, row).await,
            Self::Webhooks => webhooks::react(app, row).await,
            Self::AutoReply => auto_reply::react(app, row).await,
        }
    }
}

pub(super) struct Way {
    reactor: Reactor,
    position: Option<Position>,
    unsaved_lines: usize,
}

impl Way {
    pub(super) const fn new(reactor: Reactor) -> Self {
        Self { reactor, position: None, unsaved_lines: 0 }
    }

    pub(super) const fn position(&self) -> Option<Position> {
        self.position
    }

    pub(super) async fn step(&mut self, app: &App) -> Result<usize, FollowError> {
        let mut position = match self.position {
            Some(position) => position,
            None => self.begin(app).await?,
        };
        self.position = Some(position);
        let rows = app.db.read(move |tx| Box::pin(read_after(tx, position, PAGE_MAX))).await?;
        for row in &rows {
            let was_for_us = self.reactor.react(app, row).await?;
            position = row.position;
            self.unsaved_lines += 1;
            if was_for_us || self.unsaved_lines >= UNSAVED_LINES_MAX {
                self.save(app, position).await?;
            }
            self.position = Some(position);
        }
        Ok(rows.len())
    }

    /// Where it was saved; a new reactor begins at the end.
    async fn begin(&mut self, app: &App) -> Result<Position, StoreError> {
        let name = self.reactor.name();
        let (saved, end) = app
            .db
            .read(move |tx| {
                Box::pin(async move {
                    let saved = journal::follower_position(tx, name).await?;
                    Ok::<_, StoreError>((saved, journal::last_position(tx).await?))
                })
            })
            .await?;
        if let Some(saved) = saved {
            return Ok(saved);
        }
        self.save(app, end).await?;
        Ok(end)
    }

    async fn save(&mut self, app: &App, position: Position) -> Result<(), StoreError> {
        let (name, now) = (self.reactor.name(), app.clock.now());
        app.db
            .write(move |tx| {
                Box::pin(async move { journal::save_position(tx, name, position, now).await })
            })
            .await?;
        self.unsaved_lines = 0;
        Ok(())
    }
}
