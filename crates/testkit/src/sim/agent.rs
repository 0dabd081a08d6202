//! An agent's client: rows, both lanes of every conversation, an outbox, and the calls that move sessions.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use super::buyer::usable;
use super::check::Shown;
use super::log::{Act, Line, Log, Outbox};
use super::{Deed, Die, NOTE, Order, PASSWORD, SHOP, Way, World, pause, words};
use crate::client::{Heard, Http, Socket, entries_in, text};

const LANES: [&str; 2] = ["buyer", "staff"];

pub struct Agent {
    login: String,
    world: Arc<World>,
    die: Die,
    token: Option<String>,
    account: String,
    logs: BTreeMap<(String, &'static str), Log>,
    rows: BTreeMap<String, Value>,
    /// Watched over the present socket.
    watched: Vec<String>,
    outbox: Outbox,
    way: Way,
    shuffles: bool,
    settle: Option<oneshot::Sender<()>>,
}

enum Left {
    Lost,
    Ended,
}

impl Agent {
    pub fn new(login: String, world: Arc<World>, die: Die) -> Self {
        Self {
            outbox: Outbox::new(&login),
            login,
            world,
            die,
            token: None,
            account: String::new(),
            logs: BTreeMap::new(),
            rows: BTreeMap::new(),
            watched: Vec::new(),
            way: Way::Socket,
            shuffles: false,
            settle: None,
        }
    }

    pub async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        loop {
            let base = self.world.base().await;
            if !self.sign_in(&base).await {
                pause(&mut self.die).await;
                continue;
            }
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

    async fn sign_in(&mut self, base: &str) -> bool {
        if self.token.is_none() {
            self.token = Http::new(base).sign_in(&self.login, PASSWORD).await.ok();
        }
        self.token.is_some()
    }

    fn http(&self, base: &str) -> Http {
        Http::new(base).bearer(self.token.as_deref().expect("it signed in"))
    }

    async fn over_socket(&mut self, base: &str, orders: &mut mpsc::Receiver<Order>) -> Left {
        let path = format!("/ws/desk/{SHOP}");
        let Ok(mut socket) = Socket::open(base, &path, &[]).await else { return Left::Lost };
        socket.say(&json!({ "t": "hello", "v": 1, "token": self.token })).await;
        let http = self.http(base);
        self.watched.clear();
        let mut is_welcome = false;
        loop {
            tokio::select! {
                heard = socket.hear() => match heard {
                    Heard::Closed(code) => {
                        let fine = matches!(code, None | Some(1001 | 1006 | 1011 | 1012 | 4010));
                        assert!(fine, "{} was put out with {code:?}", self.login);
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
                        if self.deed_over_socket(&mut socket, &http, deed, number).await {
                            return Left::Lost;
                        }
                    }
                    Some(other) => self.answer(other),
                },
            }
            if is_welcome {
                self.watch_new(&mut socket).await;
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
        let Some(conversation) = self.choose(number).await else { return false };
        match deed {
            Deed::Say | Deed::Note => {
                let line = self.new_line(&conversation, deed, number);
                socket.say(&frame_of(&line)).await;
            }
            Deed::SayTwice => {
                let line = self.new_line(&conversation, Deed::Say, number);
                socket.say(&frame_of(&line)).await;
                if number.is_multiple_of(2) {
                    socket.say(&frame_of(&line)).await;
                } else {
                    self.post(http, &line).await;
                }
            }
            Deed::Conflict => {
                if let Some(other) = self.conflict(number) {
                    socket.say(&frame_of(&other)).await;
                }
            }
            Deed::Recall => {
                if let Some(line) = self.new_recall(number) {
                    socket.say(&frame_of(&line)).await;
                }
            }
            Deed::Read => {
                let seq = self.after(&conversation, "buyer");
                let read = json!({ "t": "read", "conversation": conversation, "seq": seq });
                socket.say(&read).await;
            }
            Deed::LookAgain => {
                socket.say(&json!({ "t": "unwatch", "conversation": conversation })).await;
                socket.say(&self.watch(&conversation)).await;
            }
            Deed::Bounce | Deed::Shuffle => {
                self.lose(&conversation, deed, number);
                return true;
            }
            Deed::Switch => {
                self.way = self.way.other();
                return true;
            }
            Deed::Take | Deed::HandOver | Deed::Close | Deed::State => {
                return !self.call(http, deed, &conversation, number).await;
            }
        }
        false
    }

    async fn over_http(&mut self, base: &str, orders: &mut mpsc::Receiver<Order>) -> Left {
        let http = self.http(base);
        for line in self.unsettled() {
            if !self.post(&http, &line).await {
                return Left::Lost;
            }
        }
        let mut turn = 0;
        loop {
            let watch = self.world.conversations().await;
            let looked_at = watch.get(turn % watch.len().max(1)).cloned();
            turn += 1;
            let Ok(answer) = http.call("GET", &self.poll(looked_at.as_deref()), None).await else {
                return Left::Lost;
            };
            let Some(news) = usable(answer) else { return Left::Lost };
            self.news(&news, looked_at.as_deref());
            self.tell_if_settled();
            // A breath between two polls, in which orders are heard.
            let breath = tokio::time::timeout(std::time::Duration::from_millis(15), orders.recv());
            match breath.await {
                Err(_) => {}
                Ok(None) => return Left::Ended,
                Ok(Some(Order::Do(deed, number))) => {
                    if !self.deed_over_http(&http, deed, number).await {
                        return Left::Lost;
                    }
                }
                Ok(Some(other)) => self.answer(other),
            }
        }
    }

    /// False when the connection is lost.
    async fn deed_over_http(&mut self, http: &Http, deed: Deed, number: u64) -> bool {
        let Some(conversation) = self.choose(number).await else { return true };
        match deed {
            Deed::Say | Deed::Note => {
                let line = self.new_line(&conversation, deed, number);
                self.post(http, &line).await
            }
            Deed::SayTwice => {
                let line = self.new_line(&conversation, Deed::Say, number);
                self.post(http, &line).await && self.post(http, &line).await
            }
            Deed::Conflict => match self.conflict(number) {
                Some(other) => self.post(http, &other).await,
                None => true,
            },
            Deed::Recall => match self.new_recall(number) {
                Some(line) => self.post(http, &line).await,
                None => true,
            },
            Deed::Bounce | Deed::Shuffle => {
                self.lose(&conversation, deed, number);
                false
            }
            Deed::Switch => {
                self.way = self.way.other();
                false
            }
            Deed::LookAgain => true,
            Deed::Read | Deed::Take | Deed::HandOver | Deed::Close | Deed::State => {
                self.call(http, deed, &conversation, number).await
            }
        }
    }

    /// Calls that have no frame, or that need none; false when the connection is lost. Whether a move was allowed
    /// depends on what others did meanwhile: every refusal that the protocol names for it will do.
    async fn call(&mut self, http: &Http, deed: Deed, conversation: &str, number: u64) -> bool {
        let path = format!("/shops/{SHOP}/conversations/{conversation}");
        let answer = match deed {
            Deed::Take => http.call("POST", &format!("{path}/take"), Some(&json!({}))).await,
            Deed::Close => http.call("POST", &format!("{path}/close"), Some(&json!({}))).await,
            Deed::Read => {
                let body = json!({ "seq": self.after(conversation, "buyer") });
                http.call("POST", &format!("{path}/read"), Some(&body)).await
            }
            Deed::HandOver => {
                // Accounts are numbered in the order they were made.
                let body = json!({ "to": format!("acc_{}", 1 + number % 3), "note": format!("{NOTE}：转接 {number}") });
                http.call("POST", &format!("{path}/hand-over"), Some(&body)).await
            }
            _ => {
                let state = if number.is_multiple_of(3) { "away" } else { "available" };
                let body = json!({ "state": state });
                http.call("PUT", &format!("/shops/{SHOP}/me/state"), Some(&body)).await
            }
        };
        let Ok(answer) = answer else { return false };
        match (answer.status, answer.body["code"].as_str()) {
            (200, _) => true,
            (403, Some("forbidden")) => true,
            (409, Some("session_closed" | "agent_unavailable")) => true,
            (503, _) => false,
            _ => panic!("{} {deed:?}: {} {}", self.login, answer.status, answer.text),
        }
    }

    async fn post(&mut self, http: &Http, line: &Line) -> bool {
        let path = format!("/shops/{SHOP}/conversations/{}/entries", line.conversation);
        let (path, body) = match &line.act {
            Act::Say(words) => {
                (path, json!({ "client_id": line.id, "lane": line.lane, "text": words }))
            }
            Act::Recall(seq) => {
                let body = json!({ "client_id": line.id, "lane": line.lane });
                (format!("{path}/{seq}/recall"), body)
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
        self.account = text(&welcome["me"]["id"]);
        self.rows = rows_of(&welcome["rows"]);
        for conversation in self.rows.keys() {
            self.world.meet(conversation).await;
        }
    }

    /// Takes a frame in; true when the connection ends by it.
    fn frame(&mut self, frame: &Value) -> bool {
        let conversation = frame["conversation"].as_str().unwrap_or_default().to_owned();
        for entry in entries_in(frame) {
            self.take(&conversation, entry);
        }
        let id = frame["id"].as_str().unwrap_or_default();
        match frame["t"].as_str().unwrap_or_default() {
            "ack" => {
                let (seq, at) = (frame["seq"].as_i64(), frame["at"].as_i64());
                self.outbox.stored(id, seq.expect("a seq"), at.expect("a time"));
            }
            "nack" => {
                let code = frame["error"]["code"].as_str().unwrap_or("none");
                return self.outbox.refused(id, code);
            }
            "row" => {
                let row = frame["row"].clone();
                self.rows.insert(text(&row["conversation"]), row);
            }
            "error" => assert_eq!(frame["error"]["code"], "unavailable", "{}", self.login),
            _ => {}
        }
        false
    }

    fn news(&mut self, news: &Value, looked_at: Option<&str>) {
        self.account = text(&news["me"]["id"]);
        self.rows = rows_of(&news["rows"]);
        if let Some(conversation) = looked_at {
            for entry in entries_in(&news["watched"]) {
                self.take(conversation, entry);
            }
        }
    }

    fn take(&mut self, conversation: &str, entry: &Value) {
        let lane = LANES.into_iter().find(|lane| entry["lane"] == *lane).expect("a known lane");
        self.logs.entry((conversation.to_owned(), lane)).or_default().take(entry);
    }

    async fn watch_new(&mut self, socket: &mut Socket) {
        for conversation in self.world.conversations().await {
            if !self.watched.contains(&conversation) {
                socket.say(&self.watch(&conversation)).await;
                self.watched.push(conversation);
            }
        }
    }

    fn watch(&self, conversation: &str) -> Value {
        json!({
            "t": "watch", "conversation": conversation,
            "after": self.after(conversation, "buyer"),
            "staff_after": self.after(conversation, "staff"),
        })
    }

    fn poll(&self, looked_at: Option<&str>) -> String {
        let path = format!("/shops/{SHOP}/updates");
        let Some(conversation) = looked_at else { return path };
        let (after, staff) = (self.after(conversation, "buyer"), self.after(conversation, "staff"));
        format!("{path}?watch={conversation}&after={after}&staff_after={staff}")
    }

    fn after(&self, conversation: &str, lane: &'static str) -> i64 {
        self.logs.get(&(conversation.to_owned(), lane)).map_or(0, Log::after)
    }

    async fn choose(&self, number: u64) -> Option<String> {
        let known = self.world.conversations().await;
        let count = u64::try_from(known.len()).ok().filter(|count| *count > 0)?;
        known.into_iter().nth(usize::try_from(number % count).ok()?)
    }

    fn new_line(&mut self, conversation: &str, deed: Deed, number: u64) -> Line {
        let words = words(number >> 8, self.outbox.lines().len());
        match deed {
            Deed::Note => {
                let note = format!("{NOTE}：{}", words.chars().take(100).collect::<String>());
                self.outbox.add(conversation, "staff", Act::Say(note))
            }
            _ => self.outbox.add(conversation, "buyer", Act::Say(words)),
        }
    }

    fn new_recall(&mut self, number: u64) -> Option<Line> {
        let (line, seq) = self.outbox.some_stored(number)?;
        Some(self.outbox.add(&line.conversation, line.lane, Act::Recall(seq)))
    }

    fn conflict(&mut self, number: u64) -> Option<Line> {
        let (line, _) = self.outbox.some_stored(number)?;
        self.outbox.expect_conflict(&line.id);
        Some(Line { act: Act::Say(format!("{NOTE}：别的内容 {number}")), ..line })
    }

    fn lose(&mut self, conversation: &str, deed: Deed, number: u64) {
        self.shuffles = deed == Deed::Shuffle;
        for more in 0..1 + number % 3 {
            self.new_line(conversation, Deed::Say, number.wrapping_add(more << 8));
        }
    }

    fn unsettled(&mut self) -> Vec<Line> {
        let mut lines = self.outbox.waiting();
        if std::mem::take(&mut self.shuffles) {
            lines.reverse();
        }
        lines
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
        let logs = self.logs.iter();
        Shown {
            name: self.login.clone(),
            account: Some(self.account.clone()),
            logs: logs.map(|((c, lane), log)| (c.clone(), *lane, log.lines().to_vec())).collect(),
            lines: self.outbox.lines().to_vec(),
            marks: Vec::new(),
            reception: None,
            rows: self.rows.values().cloned().collect(),
        }
    }
}

fn rows_of(rows: &Value) -> BTreeMap<String, Value> {
    let rows = rows.as_array().expect("rows are a list");
    rows.iter().map(|row| (text(&row["conversation"]), row.clone())).collect()
}

fn frame_of(line: &Line) -> Value {
    let (id, conversation, lane) = (&line.id, &line.conversation, line.lane);
    match &line.act {
        Act::Say(words) => json!({
            "t": "send", "conversation": conversation, "lane": lane, "id": id, "text": words,
        }),
        Act::Recall(seq) => json!({
            "t": "recall", "conversation": conversation, "lane": lane, "id": id, "seq": seq,
        }),
    }
}
