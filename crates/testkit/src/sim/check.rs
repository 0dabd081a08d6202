//! What everybody holds at rest, against what the server holds.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::SHOP;
use super::log::{Act, Line, State};
use crate::client::{Http, text};

/// What a client shows.
#[derive(Clone, Debug)]
pub struct Shown {
    pub name: String,
    /// `acc_…`, for agents.
    pub account: Option<String>,
    pub logs: Vec<(String, &'static str, Vec<Value>)>,
    pub lines: Vec<Line>,
    pub marks: Vec<(String, Value)>,
    /// For buyers.
    pub reception: Option<Value>,
    /// For agents.
    pub rows: Vec<Value>,
}

impl Shown {
    /// How many own lines are stored.
    pub fn stored(&self) -> usize {
        self.lines.iter().filter(|line| matches!(line.state, State::Stored { .. })).count()
    }
}

/// What the server holds.
pub struct Truth {
    logs: BTreeMap<(String, &'static str), Vec<Value>>,
    rows: BTreeMap<String, Value>,
    on_duty: bool,
}

impl Truth {
    /// Reads everything, page by page.
    pub async fn read(http: &Http, conversations: &[String]) -> Self {
        let (mut logs, mut rows) = (BTreeMap::new(), BTreeMap::new());
        for conversation in conversations {
            let path = format!("/shops/{SHOP}/conversations/{conversation}");
            rows.insert(conversation.clone(), http.get(&path).await.ok());
            for lane in ["buyer", "staff"] {
                let mut log: Vec<Value> = Vec::new();
                loop {
                    let query = format!("lane={lane}&after={}&limit=100", log.len());
                    let mut page = http.get(&format!("{path}/entries?{query}")).await.ok();
                    let Value::Array(entries) = page["entries"].take() else { panic!("no page") };
                    log.extend(entries);
                    if log.len() as i64 >= page["last_seq"].as_i64().expect("a number") {
                        break;
                    }
                }
                logs.insert((conversation.clone(), lane), log);
            }
        }
        let agents = http.get(&format!("/shops/{SHOP}/agents")).await.ok();
        let agents = agents["agents"].as_array().expect("a list");
        let on_duty = agents.iter().any(|agent| agent["state"] == "available");
        Self { logs, rows, on_duty }
    }

    /// Entries of all lanes.
    pub fn entries(&self) -> usize {
        self.logs.values().map(Vec::len).sum()
    }

    fn reception(&self, conversation: &str) -> Value {
        let session = &self.rows[conversation]["session"];
        let state = session["state"].as_str().filter(|state| *state != "closed");
        let agent = session["agent"]["name"].as_str().filter(|_| state == Some("active"));
        json!({
            "state": state.unwrap_or("none"),
            "on_duty": self.on_duty,
            "agent": agent.map(|name| json!({ "name": name })),
        })
    }

    /// Rows of a list: `None` is the queue.
    fn list(&self, agent: Option<&str>) -> BTreeMap<&str, &Value> {
        let open = self.rows.iter().filter(|(_, row)| belongs(row, agent));
        open.map(|(conversation, row)| (conversation.as_str(), row)).collect()
    }
}

fn belongs(row: &Value, agent: Option<&str>) -> bool {
    let session = &row["session"];
    let is_open = session["state"] == "queued" || session["state"] == "active";
    is_open && session["agent"]["id"].as_str() == agent
}

/// The first difference between what is shown and what is true; None: there is none.
pub fn differences(truth: &Truth, shown: &[Shown]) -> Option<String> {
    shown.iter().find_map(|one| difference(truth, one))
}

fn difference(truth: &Truth, one: &Shown) -> Option<String> {
    let name = &one.name;
    for ((conversation, lane), log) in &truth.logs {
        let held = one.logs.iter().find(|(c, l, _)| c == conversation && l == lane);
        let held = match held {
            Some((_, _, held)) => held.as_slice(),
            // A buyer holds one conversation and one lane of it.
            None if one.account.is_none() => continue,
            None => &[],
        };
        if held != log {
            let at = held.iter().zip(log).position(|(a, b)| a != b);
            let at = at.unwrap_or(held.len().min(log.len()));
            return Some(format!(
                "{name} holds {} of {} in {conversation} {lane}; first difference at {}:\n  {}\n  {}",
                held.len(),
                log.len(),
                at + 1,
                held.get(at).map_or_else(|| "nothing".to_owned(), Value::to_string),
                log.get(at).map_or_else(|| "nothing".to_owned(), Value::to_string),
            ));
        }
    }
    for (conversation, marks) in &one.marks {
        let true_marks = &truth.rows[conversation]["marks"];
        if marks != true_marks {
            return Some(format!("{name} has marks {marks}, the server {true_marks}"));
        }
        let true_reception = truth.reception(conversation);
        // Place and wait in a queue are told from time to time, not with each change.
        let told = one.reception.clone().map(|mut reception| {
            if let Some(fields) = reception.as_object_mut() {
                fields.retain(|name, _| name != "position" && name != "wait_s");
            }
            reception
        });
        if told.as_ref() != Some(&true_reception) {
            return Some(format!("{name} sees {:?}, the server {true_reception}", one.reception));
        }
    }
    let account = one.account.as_deref()?;
    for list in [Some(account), None] {
        let rows = one.rows.iter().filter(|row| belongs(row, list));
        let rows: BTreeMap<&str, &Value> =
            rows.filter_map(|row| Some((row["conversation"].as_str()?, row))).collect();
        let true_rows = truth.list(list);
        if rows != true_rows {
            return Some(format!(
                "{name} lists for {list:?}\n  {rows:?}\n  and the server\n  {true_rows:?}"
            ));
        }
    }
    None
}

/// Everything that is said about lines is true: acknowledged once and there once, refused and not there, and nothing
/// is there that nobody sent.
///
/// # Panics
/// When it is not.
pub fn every_line(truth: &Truth, shown: &[Shown]) {
    let mut sent = 0;
    for one in shown {
        for line in &one.lines {
            sent += usize::from(is_there(truth, one, line));
        }
    }
    let mut found = 0;
    for ((conversation, lane), log) in &truth.logs {
        let (mut at, mut is_open) = (0, false);
        for (entry, seq) in log.iter().zip(1_i64..) {
            assert_eq!(entry["seq"], seq, "{conversation} {lane} has a gap");
            let now = entry["at"].as_i64().expect("a time");
            assert!(now >= at, "{conversation} {lane} {seq}: time runs backwards");
            at = now;
            found += usize::from(is_of_a_client(entry));
            match entry["kind"].as_str().expect("a kind") {
                "open" => assert!(!std::mem::replace(&mut is_open, true), "opened twice: {entry}"),
                "close" => assert!(std::mem::replace(&mut is_open, false), "closed twice: {entry}"),
                "transfer" => assert!(is_open, "given while closed: {entry}"),
                _ => {}
            }
        }
        notices_once(log);
    }
    assert_eq!(found, sent, "there are lines that nobody sent");
}

fn is_of_a_client(entry: &Value) -> bool {
    let id = entry["client_id"].as_str().unwrap_or("house.");
    !id.starts_with("house.") && !id.starts_with("note.")
}

/// Whether a line is stored; that it is there exactly as it was sent, or not at all.
fn is_there(truth: &Truth, one: &Shown, line: &Line) -> bool {
    let mut found = Vec::new();
    for ((conversation, lane), log) in &truth.logs {
        for entry in log.iter().filter(|e| e["client_id"] == line.id.as_str()) {
            assert_eq!((conversation, *lane), (&line.conversation, line.lane), "{entry}");
            found.push(entry);
        }
    }
    let (seq, at) = match line.state {
        State::Stored { seq, at } => (seq, at),
        State::Refused => {
            assert!(found.is_empty(), "{} was refused and is there: {found:?}", line.id);
            return false;
        }
        State::Waiting => panic!("{} of {} was never answered", line.id, one.name),
    };
    let [entry] = found.as_slice() else {
        panic!("{} was stored once and is there {} times: {found:?}", line.id, found.len());
    };
    assert_eq!((&entry["seq"], &entry["at"]), (&json!(seq), &json!(at)), "{}", line.id);
    let side = if one.account.is_some() { "agent" } else { "buyer" };
    assert_eq!(entry["by"]["side"], side, "{entry}");
    assert_eq!(entry["by"]["id"].as_str(), one.account.as_deref(), "{entry}");
    match &line.act {
        Act::Say(words) if entry["recalled"] == true => {
            assert_eq!(entry["text"], Value::Null, "{words} was taken back");
            let log = &truth.logs[&(line.conversation.clone(), line.lane)];
            assert!(log.iter().any(|e| e["kind"] == "recall" && e["ref"] == seq), "{entry}");
        }
        Act::Say(words) => assert_eq!(entry["text"], words.as_str()),
        Act::Recall(gone) => {
            assert_eq!((&entry["kind"], &entry["ref"]), (&json!("recall"), &json!(gone)), "{entry}")
        }
    }
    true
}

/// Nobody is told twice in one session that nobody is there.
fn notices_once(log: &[Value]) {
    let notices = log.iter().filter(|e| e["code"] == "leave_message");
    let mut sessions: Vec<String> = notices.map(|e| text(&e["session"])).collect();
    let count = sessions.len();
    sessions.sort();
    sessions.dedup();
    assert_eq!(sessions.len(), count, "somebody was told twice that nobody is there");
}
