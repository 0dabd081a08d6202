//! What a verb tells: to the screen with a progress bar, or as lines over the local socket.

use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

/// A line for the person at the terminal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Line {
    /// Text.
    Text(String),
    /// How far it has come.
    Progress {
        /// Done.
        done: u64,
        /// Of.
        total: u64,
    },
    /// The end: a message if it failed.
    End(Option<String>),
}

/// Where lines go.
pub enum Say<'s> {
    /// To the screen.
    Screen(&'s mut Screen),
    /// Over the local socket.
    Socket(mpsc::UnboundedSender<Line>),
}

impl Say<'_> {
    pub(super) fn line(&mut self, line: Line) {
        match self {
            Self::Screen(screen) => screen.show(line),
            Self::Socket(socket) => {
                // The person may have gone; the verb goes on to its end.
                let _ = socket.send(line);
            }
        }
    }

    pub(super) fn text(&mut self, text: impl Into<String>) {
        self.line(Line::Text(text.into()));
    }
}

/// The terminal, with a progress bar while there is progress.
#[derive(Default)]
pub struct Screen {
    bar: Option<ProgressBar>,
}

impl Screen {
    /// Shows a line.
    pub fn show(&mut self, line: Line) {
        match line {
            Line::Text(text) => {
                if let Some(bar) = self.bar.take() {
                    bar.finish();
                }
                println!("{text}");
            }
            Line::Progress { done, total } => {
                let bar = self.bar.get_or_insert_with(|| {
                    let style = ProgressStyle::with_template(
                        "{bar:40} {pos}/{len} lines, {per_sec}, {eta} left",
                    );
                    let bar = ProgressBar::new(total);
                    style.map_or_else(|_| bar.clone(), |style| bar.clone().with_style(style))
                });
                bar.set_length(total);
                bar.set_position(done);
            }
            Line::End(_) => {}
        }
    }
}
