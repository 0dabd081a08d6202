//! A buyer's client: a socket or plain HTTP, a log, an outbox, and the rules of the protocol.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use super::check::Shown;
use super::log::{Act, Line, Log, Outbox};
use super::{Deed, Die, NOTE, Order, SHOP, Way, World, pause, words};
use crate::client::{Answer, Heard, Http, Socket, entries_in, text};

/// How long a poll waits; short, so that a switch of ways is not held up.
const POLL_SECONDS: u32 = 5;

pub struct Buyer {
    name: String,
    world: Arc<World>,
    die: Die,
    token: Option<String>,
    conversation: Option<String>,
    log: Log,
    outbox: Outbox,
    /// Read by the buyer, by the shop.
    marks: (i64, i64),
    reception: Value,
    way: Way,
    /// Lines that wait are sent in another order when the connection is back.
    shuffles: bool,
    settle: Option<oneshot::Sender<()>>,
}

/// Why a connection was left.
enum Left {
    Lost,
    Ended,
}

impl Buyer {
    pub fn new(number: usize, world: Arc<World>, die: Die) -> Self {
        let name = format!("buyer{number}");
        Self {
            outbox: Outbox::new(&name),
            name,
            world,
            die,
            token: None,
            conversation: None,
            log: Log::default(),
            marks: (0, 0),
            reception: Value::Null,
            way: Way::Socket,
            shuffles: false,
            settle: None,
        }
    }

    pub async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        loop {
            let base = self.world.base().await;
            let left = match self.way {
                Way::Socket => self.over_socket(&base, &mut orders).await,
                Way::Http => self.over_http(&base, &mut orders).await,
            };
            match left {
                Left::Ended => return,
                Left::Lost => pause(&mut self.die).await,
            }
        }
    }

    async fn over_socket(&mut self, base: &str, orders: &mut mpsc::Receiver<Order>) -> Left {
        let path = format!("/ws/widget/{SHOP}");
        let Ok(mut socket) = Socket::open(base, &path, &[]).await else { return Left::Lost };
        let mut hello = json!({ "t": "hello", "v": 1, "after": self.log.after() });
        if let Some(token) = &self.token {
            hello["token"] = json!(token);
        }
        socket.say(&hello).await;
        let mut is_welcome = false;
        loop {
            tokio::select! {
                heard = socket.hear() => match heard {
                    Heard::Closed(code) => {
                        let fine = matches!(code, None | Some(1001 | 1006 | 1011 | 1012 | 4010));
                        assert!(fine, "{} was put out with {code:?}", self.name);
                        return Left::Lost;
                    }
                    Heard::Frame(frame) => {
                        if frame["t"] == "welcome" {
                            is_welcome = true;
                            self.welcome(&frame).await;
                            for line in self.unsettled() {
                                socket.say(&frame_of(&line)).await;
                            }
                        } else if self.frame(&frame) {
                            return Left::Lost;
                        }
                    }
                },
                order = orders.recv(), if is_welcome => match order {
                    None => return Left::Ended,
                    Some(Order::Do(deed, number)) => {
                        let http = Http::new(base);
                        if self.deed_over_socket(&mut socket, &http, deed, number).await {
                            return Left::Lost;
                        }
                    }
                    Some(other) => self.answer(other),
                },
            }
            self.tell_if_settled();
        }
    }

    /// True when the connection is to be lost.
    async fn deed_over_socket(
        &mut self,
        socket: &mut Socket,
        http: &Http,
        deed: Deed,
        number: u64,
    ) -> bool {
        match deed {
            Deed::Say => {
                let line = self.new_line(number);
                socket.say(&frame_of(&line)).await;
            }
            Deed::SayTwice => {
                let line = self.new_line(number);
                socket.say(&frame_of(&line)).await;
                if number.is_multiple_of(2) {
                    socket.say(&frame_of(&line)).await;
                } else {
                    self.post(&self.visitor(http), &line).await;
                }
            }
            Deed::Conflict => {
                if let Some((line, _)) = self.outbox.some_stored(number) {
                    self.outbox.expect_conflict(&line.id);
                    let other = format!("别的内容 {number}");
                    socket.say(&json!({ "t": "send", "id": line.id, "text": other })).await;
                }
            }
            Deed::Recall => {
                if let Some(line) = self.new_recall(number) {
                    socket.say(&frame_of(&line)).await;
                }
            }
            Deed::Read => socket.say(&json!({ "t": "read", "seq": self.log.after() })).await,
            Deed::Bounce | Deed::Shuffle => {
                self.lose(deed, number);
                return true;
            }
            Deed::Switch => {
                self.way = self.way.other();
                return true;
            }
            _ => {}
        }
        false
    }

    async fn over_http(&mut self, base: &str, orders: &mut mpsc::Receiver<Order>) -> Left {
        let http = Http::new(base);
        let hello = self.token.as_ref().map_or(json!({}), |token| json!({ "token": token }));
        let welcome = http.call("POST", &format!("/widget/{SHOP}/hello"), Some(&hello)).await;
        let Ok(answer) = welcome else { return Left::Lost };
        let Some(welcome) = usable(answer) else { return Left::Lost };
        self.welcome(&welcome).await;
        let http = self.visitor(&http);
        for line in self.unsettled() {
            if !self.post(&http, &line).await {
                return Left::Lost;
            }
        }
        self.tell_if_settled();
        let mut etag = String::new();
        loop {
            let query = format!("after={}&etag={etag}&wait={POLL_SECONDS}", self.log.after());
            let path = format!("/widget/{SHOP}/updates?{query}");
            let poll = http.call("GET", &path, None);
            tokio::pin!(poll);
            loop {
                tokio::select! {
                    answer = &mut poll => {
                        let Ok(answer) = answer else { return Left::Lost };
                        let Some(news) = usable(answer) else { return Left::Lost };
                        etag = self.news(&news);
                        break;
                    }
                    order = orders.recv() => match order {
                        None => return Left::Ended,
                        Some(Order::Do(deed, number)) => {
                            if !self.deed_over_http(&http, deed, number).await {
                                return Left::Lost;
                            }
                        }
                        Some(other) => self.answer(other),
                    },
                }
                self.tell_if_settled();
            }
        }
    }

    /// False when the connection is lost.
    async fn deed_over_http(&mut self, http: &Http, deed: Deed, number: u64) -> bool {
        match deed {
            Deed::Say => {
                let line = self.new_line(number);
                self.post(http, &line).await
            }
            Deed::SayTwice => {
                let line = self.new_line(number);
                self.post(http, &line).await && self.post(http, &line).await
            }
            Deed::Conflict => {
                let Some((line, _)) = self.outbox.some_stored(number) else { return true };
                self.outbox.expect_conflict(&line.id);
                let text = format!("别的内容 {number}");
                let other = Line { act: Act::Say(text), ..line };
                self.post(http, &other).await
            }
            Deed::Recall => match self.new_recall(number) {
                Some(line) => self.post(http, &line).await,
                None => true,
            },
            Deed::Read => {
                let (path, body) =
                    (format!("/widget/{SHOP}/read"), json!({ "seq": self.log.after() }));
                let Ok(answer) = http.call("POST", &path, Some(&body)).await else { return false };
                let Some(answer) = usable(answer) else { return false };
                self.read_marks(&answer["marks"]);
                true
            }
            Deed::Bounce | Deed::Shuffle => {
                self.lose(deed, number);
                false
            }
            Deed::Switch => {
                self.way = self.way.other();
                false
            }
            _ => true,
        }
    }

    /// Sends a line as a POST; false when it has to be sent again.
    async fn post(&mut self, http: &Http, line: &Line) -> bool {
        let (path, body) = match &line.act {
            Act::Say(words) => {
                let body = json!({ "client_id": line.id, "text": words });
                (format!("/widget/{SHOP}/entries"), body)
            }
            Act::Recall(seq) => {
                let path = format!("/widget/{SHOP}/entries/{seq}/recall");
                (path, json!({ "client_id": line.id }))
            }
        };
        let Ok(answer) = http.call("POST", &path, Some(&body)).await else { return false };
        if answer.status == 200 {
            let (seq, at) = (answer.body["seq"].as_i64(), answer.body["at"].as_i64());
            self.outbox.stored(&line.id, seq.expect("a seq"), at.expect("a time"));
            return true;
        }
        let again = self.outbox.refused(&line.id, answer.body["code"].as_str().unwrap_or("none"));
        !again
    }

    async fn welcome(&mut self, welcome: &Value) {
        if let Some(token) = welcome["token"].as_str() {
            assert!(self.token.is_none(), "{} was here and is new", self.name);
            self.token = Some(token.to_owned());
        }
        let conversation = text(&welcome["conversation"]);
        let known = self.conversation.get_or_insert(conversation.clone());
        assert_eq!(*known, conversation, "the conversation of {} is another one", self.name);
        let last = welcome["last_seq"].as_i64().expect("a number");
        assert!(last >= self.log.after(), "{} holds more than there is", self.name);
        self.read_marks(&welcome["marks"]);
        self.reception = welcome["reception"].clone();
        self.world.meet(&conversation).await;
    }

    /// Takes a frame in; true when the connection ends by it.
    fn frame(&mut self, frame: &Value) -> bool {
        let whole = frame.to_string();
        assert!(!whole.contains(NOTE), "{} sees a note: {whole}", self.name);
        for entry in entries_in(frame) {
            self.take(entry);
        }
        let id = frame["id"].as_str().unwrap_or_default();
        match frame["t"].as_str().unwrap_or_default() {
            "ack" => {
                let (seq, at) = (frame["seq"].as_i64(), frame["at"].as_i64());
                self.outbox.stored(id, seq.expect("a seq"), at.expect("a time"));
            }
            "nack" => {
                // To be sent again: coming back does that.
                let code = frame["error"]["code"].as_str().unwrap_or("none");
                return self.outbox.refused(id, code);
            }
            "marks" => self.read_marks(&frame["marks"]),
            "reception" => self.reception = frame["reception"].clone(),
            "error" => {
                assert_eq!(frame["error"]["code"], "unavailable", "{}", self.name);
            }
            _ => {}
        }
        false
    }

    /// Takes in what a poll brought; returns its etag.
    fn news(&mut self, news: &Value) -> String {
        let whole = news.to_string();
        assert!(!whole.contains(NOTE), "{} sees a note: {whole}", self.name);
        for entry in entries_in(news) {
            self.take(entry);
        }
        self.read_marks(&news["marks"]);
        self.reception = news["reception"].clone();
        text(&news["etag"])
    }

    fn take(&mut self, entry: &Value) {
        assert_eq!(entry["lane"], "buyer", "{} sees {entry}", self.name);
        self.log.take(entry);
        // Who says something has read everything before it.
        let seq = entry["seq"].as_i64().expect("a seq");
        match (entry["kind"].as_str(), entry["by"]["side"].as_str()) {
            (Some("message"), Some("buyer")) => self.marks.0 = self.marks.0.max(seq),
            (Some("message"), Some("agent")) => self.marks.1 = self.marks.1.max(seq),
            _ => {}
        }
    }

    fn read_marks(&mut self, marks: &Value) {
        let new = |side: &str| marks[side].as_i64().expect("marks have both sides");
        self.marks = (self.marks.0.max(new("buyer")), self.marks.1.max(new("staff")));
    }

    fn new_line(&mut self, number: u64) -> Line {
        let words = words(number, self.outbox.lines().len());
        let conversation = self.conversation.clone().expect("it was welcome");
        self.outbox.add(&conversation, "buyer", Act::Say(words))
    }

    fn new_recall(&mut self, number: u64) -> Option<Line> {
        let (line, seq) = self.outbox.some_stored(number)?;
        Some(self.outbox.add(&line.conversation, "buyer", Act::Recall(seq)))
    }

    /// Says some lines while there is no connection.
    fn lose(&mut self, deed: Deed, number: u64) {
        self.shuffles = deed == Deed::Shuffle;
        for more in 0..1 + number % 3 {
            self.new_line(number.wrapping_add(more));
        }
    }

    fn unsettled(&mut self) -> Vec<Line> {
        let mut lines = self.outbox.waiting();
        if std::mem::take(&mut self.shuffles) {
            lines.reverse();
        }
        lines
    }

    fn visitor(&self, http: &Http) -> Http {
        http.visitor(self.token.as_deref().expect("it was welcome"))
    }

    fn answer(&mut self, order: Order) {
        match order {
            Order::Do(..) => {}
            Order::Settle(sender) => self.settle = Some(sender),
            Order::Show(sender) => {
                // Whoever asked may be gone.
                let _ = sender.send(self.show());
            }
        }
    }

    fn tell_if_settled(&mut self) {
        if self.settle.is_some() && self.outbox.waiting().is_empty() {
            let _ = self.settle.take().map(|sender| sender.send(()));
        }
    }

    fn show(&self) -> Shown {
        let conversation = self.conversation.clone().unwrap_or_default();
        Shown {
            name: self.name.clone(),
            account: None,
            logs: vec![(conversation.clone(), "buyer", self.log.lines().to_vec())],
            lines: self.outbox.lines().to_vec(),
            marks: vec![(conversation, json!({ "buyer": self.marks.0, "staff": self.marks.1 }))],
            reception: Some(self.reception.clone()),
            rows: Vec::new(),
        }
    }
}

/// The body of an answer that went well; None when the server could not just now.
pub fn usable(answer: Answer) -> Option<Value> {
    match answer.status {
        200 => Some(answer.body),
        503 => None,
        status => panic!("refused with {status}: {}", answer.text),
    }
}

fn frame_of(line: &Line) -> Value {
    match &line.act {
        Act::Say(words) => json!({ "t": "send", "id": line.id, "text": words }),
        Act::Recall(seq) => json!({ "t": "recall", "id": line.id, "seq": seq }),
    }
}
