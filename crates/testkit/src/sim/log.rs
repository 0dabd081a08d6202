//! What one who chats holds: lanes without a gap, and the own lines until they are settled.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// One lane as a client holds it.
#[derive(Clone, Debug, Default)]
pub struct Log {
    lines: Vec<Value>,
    early: BTreeMap<i64, Value>,
}

impl Log {
    /// The highest number up to which everything is held.
    pub fn after(&self) -> i64 {
        i64::try_from(self.lines.len()).expect("logs of tests are short")
    }

    /// What is held.
    pub fn lines(&self) -> &[Value] {
        &self.lines
    }

    /// Takes an entry in by the rules of the protocol: a repetition is dropped, what comes early waits.
    pub fn take(&mut self, entry: &Value) {
        let seq = entry["seq"].as_i64().expect("an entry has a seq");
        if seq <= self.after() {
            let held = &self.lines[usize::try_from(seq - 1).expect("numbers begin with 1")];
            for field in ["at", "kind", "client_id", "by"] {
                assert_eq!(held[field], entry[field], "the same number, another entry");
            }
            return;
        }
        self.early.insert(seq, entry.clone());
        while let Some(next) = self.early.remove(&(self.after() + 1)) {
            self.append(next);
        }
    }

    fn append(&mut self, entry: Value) {
        if entry["kind"] == "recall" {
            let seq = entry["ref"].as_i64().expect("a recall names its line");
            let gone = &mut self.lines[usize::try_from(seq - 1).expect("numbers begin with 1")];
            gone["recalled"] = json!(true);
            gone.as_object_mut().expect("entries are objects").remove("text");
        }
        self.lines.push(entry);
    }
}

/// An own line.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its client id.
    pub id: String,
    /// Where.
    pub conversation: String,
    /// `buyer` or `staff`.
    pub lane: &'static str,
    /// What.
    pub act: Act,
    /// How it stands.
    pub state: State,
}

/// What a line does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Says a text.
    Say(String),
    /// Takes back the line of this number.
    Recall(i64),
}

/// How a line stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Not answered: sent again until it is.
    Waiting,
    /// Stored for good.
    Stored {
        /// Under this number.
        seq: i64,
        /// At this time.
        at: i64,
    },
    /// Refused for good.
    Refused,
}

/// All own lines.
#[derive(Debug)]
pub struct Outbox {
    sender: String,
    lines: Vec<Line>,
    conflicts: BTreeSet<String>,
}

impl Outbox {
    /// Of a sender, whose name makes the ids.
    pub fn new(sender: &str) -> Self {
        Self { sender: sender.to_owned(), lines: Vec::new(), conflicts: BTreeSet::new() }
    }

    /// A new line, waiting.
    pub fn add(&mut self, conversation: &str, lane: &'static str, act: Act) -> Line {
        let line = Line {
            id: format!("{}.{:06}", self.sender, self.lines.len()),
            conversation: conversation.to_owned(),
            lane,
            act,
            state: State::Waiting,
        };
        self.lines.push(line.clone());
        line
    }

    /// All lines.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Lines that were not answered, in the order they were said.
    pub fn waiting(&self) -> Vec<Line> {
        self.lines.iter().filter(|line| line.state == State::Waiting).cloned().collect()
    }

    /// A stored text to be used again: for a conflict or a recall.
    pub fn some_stored(&self, number: u64) -> Option<(Line, i64)> {
        let stored = |line: &Line| match (&line.act, &line.state) {
            (Act::Say(_), State::Stored { seq, .. }) => Some((line.clone(), *seq)),
            _ => None,
        };
        let all: Vec<_> = self.lines.iter().filter_map(stored).collect();
        let count = u64::try_from(all.len()).ok().filter(|count| *count > 0)?;
        all.into_iter().nth(usize::try_from(number % count).ok()?)
    }

    /// The id of this line will be used for another text.
    pub fn expect_conflict(&mut self, id: &str) {
        self.conflicts.insert(id.to_owned());
    }

    /// The server says that a line is stored.
    pub fn stored(&mut self, id: &str, seq: i64, at: i64) {
        let line = self.find(id);
        let now = State::Stored { seq, at };
        assert!(
            line.state == State::Waiting || line.state == now,
            "{id} was {:?} and is told to be {now:?}",
            line.state
        );
        line.state = now;
    }

    /// The server says that a line is not stored. True when it may be sent again.
    pub fn refused(&mut self, id: &str, code: &str) -> bool {
        let may_conflict = self.conflicts.contains(id);
        let line = self.find(id);
        match (&line.state, &line.act, code) {
            (State::Waiting, _, "unavailable" | "too_fast") => return true,
            (State::Waiting, Act::Recall(_), "already_recalled" | "too_late") => {
                line.state = State::Refused;
            }
            (State::Refused, Act::Recall(_), "already_recalled" | "too_late") => {}
            // A repetition of a stored recall finds it by its id, never as a refusal.
            (State::Stored { .. }, Act::Say(_), "client_id_conflict") if may_conflict => {}
            (State::Stored { .. }, Act::Say(_), "unavailable" | "too_fast") => {}
            (state, act, code) => panic!("{id}, {state:?} {act:?}, was refused as {code}"),
        }
        false
    }

    fn find(&mut self, id: &str) -> &mut Line {
        let found = self.lines.iter_mut().find(|line| line.id == id);
        found.unwrap_or_else(|| panic!("the server answers {id}, which nobody sent"))
    }
}
