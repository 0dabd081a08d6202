//! A client written from docs/PROTOCOL.md alone. It reads plain JSON and shares no type with the server, so a change of
//! the wire shows here first. Tests, the simulator and benches speak through it.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::{Error as SocketError, Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async};

/// How long a test waits for what must come.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// An answer to an HTTP call.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: reqwest::header::HeaderMap,
    /// The body as it came.
    pub text: String,
    /// The body as JSON; null if it is none.
    pub body: Value,
}

impl Answer {
    /// The body of a call that went well.
    ///
    /// # Panics
    /// When it was refused.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.body
    }

    /// The code of a call that was refused with this status. Every refusal has a request id and our own words.
    ///
    /// # Panics
    /// When it went well, or the body is not what section 3 says.
    #[track_caller]
    pub fn refused(&self, status: u16) -> &str {
        assert_eq!(self.status, status, "{}", self.text);
        let request = self.body["request"].as_str().unwrap_or_default();
        assert!(request.starts_with("req_"), "no request id: {}", self.text);
        let named = self.headers.get("x-request-id").and_then(|id| id.to_str().ok());
        assert_eq!(Some(request), named, "the header names the same request");
        word_of(&self.body)
    }
}

/// The code of an error body, which holds nothing but what section 3 names.
///
/// # Panics
/// When there is more or less in it.
#[track_caller]
pub fn word_of(error: &Value) -> &str {
    let fields = error.as_object().unwrap_or_else(|| panic!("no error body: {error}"));
    for field in fields.keys() {
        let known = ["code", "message", "params", "request"].contains(&field.as_str());
        assert!(known, "{field} is no field of an error: {error}");
    }
    assert!(error["message"].as_str().is_some_and(|m| !m.is_empty()), "no message: {error}");
    error["code"].as_str().unwrap_or_else(|| panic!("no code: {error}"))
}

/// Calls over plain HTTP, with what proves the caller.
#[derive(Clone, Debug)]
pub struct Http {
    client: reqwest::Client,
    base: String,
    headers: Vec<(&'static str, String)>,
}

impl Http {
    /// Nobody in particular at `http://host:port`.
    pub fn new(base: &str) -> Self {
        Self { client: reqwest::Client::new(), base: base.to_owned(), headers: Vec::new() }
    }

    /// The same caller with one more header.
    #[must_use]
    pub fn with(&self, name: &'static str, value: impl Into<String>) -> Self {
        let mut other = self.clone();
        other.headers.push((name, value.into()));
        other
    }

    /// As a visitor.
    #[must_use]
    pub fn visitor(&self, token: &str) -> Self {
        self.with("authorization", format!("Visitor {token}"))
    }

    /// As one who signed in.
    #[must_use]
    pub fn bearer(&self, token: &str) -> Self {
        self.with("authorization", format!("Bearer {token}"))
    }

    /// The address.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The same caller at another address: the server came back elsewhere.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// Signs in and returns the token, which the cookie carries.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn sign_in(&self, login: &str, password: &str) -> Result<String, reqwest::Error> {
        let body = json!({ "login": login, "password": password });
        let answer = self.call("POST", "/sign-in", Some(&body)).await?;
        let cookies = answer.headers.get("set-cookie").and_then(|c| c.to_str().ok());
        let token = cookies
            .and_then(|c| c.strip_prefix("xiaoer_session="))
            .and_then(|c| c.split(';').next());
        Ok(token.unwrap_or_else(|| panic!("{login} cannot sign in: {}", answer.text)).to_owned())
    }

    /// A call to a path under `/api/v1`.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn call(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, reqwest::Error> {
        let raw = body.map(|body| body.to_string().into_bytes());
        self.raw(method, &format!("/api/v1{path}"), raw).await
    }

    /// A call with any path and any bytes, said to be JSON.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn raw(
        &self,
        method: &str,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Answer, reqwest::Error> {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a test's own method");
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Answer { status, headers, text, body })
    }

    /// Uploads a file under a name.
    ///
    /// # Panics
    /// When the server is not there.
    pub async fn upload(&self, path: &str, name: &str, bytes: Vec<u8>) -> Answer {
        let mut request = self.client.post(format!("{}/api/v1{path}", self.base)).body(bytes);
        for (header, value) in &self.headers {
            request = request.header(*header, value);
        }
        let response = request.header("x-file-name", escaped(name)).send().await;
        let response = response.expect("the server answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("the answer is whole");
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status, headers, text, body }
    }

    /// Fetches a file by an address relative to the server: status, headers, bytes.
    ///
    /// # Panics
    /// When the server is not there.
    pub async fn fetch(&self, path: &str) -> (u16, reqwest::header::HeaderMap, Vec<u8>) {
        let response = self.client.get(format!("{}{path}", self.base)).send().await;
        let response = response.expect("the server answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        (status, headers, response.bytes().await.expect("the answer is whole").to_vec())
    }

    /// GET of a server that is there.
    ///
    /// # Panics
    /// When it is not.
    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None).await.expect("the server answers")
    }

    /// POST to a server that is there.
    ///
    /// # Panics
    /// When it is not.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, Some(&body)).await.expect("the server answers")
    }

    /// PUT to a server that is there.
    ///
    /// # Panics
    /// When it is not.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call("PUT", path, Some(&body)).await.expect("the server answers")
    }
}

/// A text for a query string.
pub fn escaped(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    let one = |b: u8| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
    text.bytes().map(one).collect()
}

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The server answered the upgrade with this status.
    Status(u16),
    /// Nobody answered.
    Gone,
}

/// What came over a connection.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// A frame.
    Frame(Value),
    /// The end, with its code if one was said.
    Closed(Option<u16>),
}

/// A WebSocket. Pings are answered while somebody listens.
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
    passed: VecDeque<Value>,
}

impl Socket {
    /// Opens `/ws/…` at `http://host:port`.
    ///
    /// # Errors
    /// When the server refuses or is not there.
    pub async fn open(base: &str, path: &str, headers: &[(&str, &str)]) -> Result<Self, Refused> {
        let stream = TcpStream::connect(host(base)).await.map_err(|_| Refused::Gone)?;
        Self::over(stream, base, path, headers).await
    }

    /// Opens one that takes in few bytes before the server notices that nobody reads.
    ///
    /// # Errors
    /// When the server refuses or is not there.
    pub async fn open_narrow(base: &str, path: &str, bytes: u32) -> Result<Self, Refused> {
        let socket = TcpSocket::new_v4().map_err(|_| Refused::Gone)?;
        socket.set_recv_buffer_size(bytes).map_err(|_| Refused::Gone)?;
        let address = host(base).parse().expect("the address was printed by the server");
        let stream = socket.connect(address).await.map_err(|_| Refused::Gone)?;
        Self::over(stream, base, path, &[]).await
    }

    async fn over(
        stream: TcpStream,
        base: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<Self, Refused> {
        stream.set_nodelay(true).map_err(|_| Refused::Gone)?;
        let mut request =
            format!("ws://{}{path}", host(base)).into_client_request().expect("a plain address");
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a header's name");
            let value = HeaderValue::from_str(value).expect("a header's value");
            request.headers_mut().insert(name, value);
        }
        match client_async(request, stream).await {
            Ok((stream, _)) => Ok(Self { stream, passed: VecDeque::new() }),
            Err(SocketError::Http(answer)) => Err(Refused::Status(answer.status().as_u16())),
            Err(_) => Err(Refused::Gone),
        }
    }

    /// Sends a frame. Whether it arrived, only an answer tells.
    pub async fn say(&mut self, frame: &Value) {
        self.say_text(&frame.to_string()).await;
    }

    /// Sends any text.
    pub async fn say_text(&mut self, text: &str) {
        self.say_raw(Message::Text(Utf8Bytes::from(text))).await;
    }

    /// Sends anything.
    pub async fn say_raw(&mut self, message: Message) {
        // The other side may be gone: listening says so.
        let _ = self.stream.send(message).await;
    }

    /// Puts a frame into the buffer; the next `say` sends both.
    pub async fn say_later(&mut self, frame: &Value) {
        let _ = self.stream.feed(Message::Text(Utf8Bytes::from(frame.to_string()))).await;
    }

    /// The next frame, also one that was passed over before, or the end.
    pub async fn hear(&mut self) -> Heard {
        if let Some(frame) = self.passed.pop_front() {
            return Heard::Frame(frame);
        }
        self.hear_new().await
    }

    async fn hear_new(&mut self) -> Heard {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => {
                    let frame = serde_json::from_str(text.as_str());
                    return Heard::Frame(frame.expect("every frame of the server is JSON"));
                }
                Some(Ok(Message::Close(frame))) => {
                    return Heard::Closed(frame.map(|f| f.code.into()));
                }
                Some(Ok(Message::Binary(_))) => panic!("the server sent bytes"),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Heard::Closed(None),
            }
        }
    }

    /// Waits for a frame; others stay to be heard later.
    ///
    /// # Panics
    /// When it does not come in time, or the connection ends.
    pub async fn wait_for(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.passed.iter().position(&wanted) {
            return self.passed.remove(at).expect("it was just found");
        }
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            match tokio::time::timeout_at(deadline, self.hear_new()).await {
                Ok(Heard::Frame(frame)) if wanted(&frame) => return frame,
                Ok(Heard::Frame(frame)) => self.passed.push_back(frame),
                Ok(Heard::Closed(code)) => {
                    panic!("closed with {code:?} before {what}; heard {:?}", self.passed)
                }
                Err(_) => panic!("{what} did not come; heard {:?}", self.passed),
            }
        }
    }

    /// Waits for a frame of this type.
    ///
    /// # Panics
    /// When it does not come in time, or the connection ends.
    pub async fn wait_for_type(&mut self, t: &str) -> Value {
        self.wait_for(t, |frame| frame["t"] == t).await
    }

    /// Waits for an entry, alone or in a page.
    ///
    /// # Panics
    /// When it does not come in time, or the connection ends.
    pub async fn wait_for_entry(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let frame = self.wait_for(what, |frame| entries_in(frame).any(&wanted)).await;
        let found = entries_in(&frame).find(|entry| wanted(entry)).cloned();
        found.expect("the frame was chosen for it")
    }

    /// Listens until the end: its code, and every frame before it.
    ///
    /// # Panics
    /// When it does not end in time.
    pub async fn wait_for_end(&mut self) -> (Option<u16>, Vec<Value>) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        let mut frames: Vec<Value> = self.passed.drain(..).collect();
        loop {
            match tokio::time::timeout_at(deadline, self.hear_new()).await {
                Ok(Heard::Frame(frame)) => frames.push(frame),
                Ok(Heard::Closed(code)) => return (code, frames),
                Err(_) => panic!("the connection did not end; heard {frames:?}"),
            }
        }
    }

    /// Ends in good order.
    pub async fn close(mut self) {
        let _ = self.stream.close(None).await;
        while let Some(Ok(_)) = self.stream.next().await {}
    }
}

fn host(base: &str) -> &str {
    base.strip_prefix("http://").expect("an address of http://")
}

/// A buyer on a WebSocket.
pub struct Buyer {
    /// The connection.
    pub socket: Socket,
    /// The visitor's token.
    pub token: String,
    /// The conversation.
    pub conversation: String,
    /// What the server said on arrival.
    pub welcome: Value,
}

impl Buyer {
    /// Says `hello` with these fields beside `t` and `v`.
    ///
    /// # Panics
    /// When there is no welcome.
    pub async fn join(base: &str, shop: &str, hello: Value) -> Self {
        let path = format!("/ws/widget/{shop}");
        let mut socket = Socket::open(base, &path, &[]).await.expect("the door is open");
        let known = hello["token"].as_str().map(str::to_owned);
        socket.say(&merged(json!({ "t": "hello", "v": 1 }), hello)).await;
        let welcome = socket.wait_for_type("welcome").await;
        let token = welcome["token"].as_str().map(str::to_owned).or(known);
        Self {
            socket,
            token: token.expect("a new visitor gets a token"),
            conversation: text(&welcome["conversation"]),
            welcome,
        }
    }

    /// Says something and waits until it is stored.
    ///
    /// # Panics
    /// When it is not.
    pub async fn say(&mut self, id: &str, words: &str) -> i64 {
        self.socket.say(&json!({ "t": "send", "id": id, "text": words })).await;
        self.stored(id).await
    }

    /// Waits for the `ack` of a line.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn stored(&mut self, id: &str) -> i64 {
        stored(&mut self.socket, id).await
    }

    /// Waits for the `nack` of a line and returns its error.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn refused(&mut self, id: &str) -> Value {
        refused(&mut self.socket, id).await
    }

    /// Waits for the entry with this text.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn hears(&mut self, words: &str) -> Value {
        hears(&mut self.socket, words).await
    }
}

/// An agent's desk on a WebSocket.
pub struct Desk {
    /// The connection.
    pub socket: Socket,
    /// What the server said on arrival.
    pub welcome: Value,
}

impl Desk {
    /// Says `hello` with a token.
    ///
    /// # Panics
    /// When there is no welcome.
    pub async fn join(base: &str, shop: &str, token: &str) -> Self {
        let path = format!("/ws/desk/{shop}");
        let mut socket = Socket::open(base, &path, &[]).await.expect("the door is open");
        socket.say(&json!({ "t": "hello", "v": 1, "token": token })).await;
        let welcome = socket.wait_for_type("welcome").await;
        Self { socket, welcome }
    }

    /// Watches a conversation from its beginning and waits for both lanes.
    ///
    /// # Panics
    /// When they do not come.
    pub async fn watch(&mut self, conversation: &str) -> (Value, Value) {
        self.socket.say(&json!({ "t": "watch", "conversation": conversation })).await;
        let lane = |lane: &'static str| move |f: &Value| f["t"] == "entries" && f["lane"] == lane;
        let buyer = self.socket.wait_for("the buyer lane", lane("buyer")).await;
        (buyer, self.socket.wait_for("the staff lane", lane("staff")).await)
    }

    /// Says something in a lane and waits until it is stored.
    ///
    /// # Panics
    /// When it is not.
    pub async fn say(&mut self, conversation: &str, lane: &str, id: &str, words: &str) -> i64 {
        let frame = json!({
            "t": "send", "conversation": conversation, "lane": lane, "id": id, "text": words,
        });
        self.socket.say(&frame).await;
        stored(&mut self.socket, id).await
    }

    /// Waits for the `nack` of a line and returns its error.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn refused(&mut self, id: &str) -> Value {
        refused(&mut self.socket, id).await
    }

    /// Waits for the entry with this text.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn hears(&mut self, words: &str) -> Value {
        hears(&mut self.socket, words).await
    }

    /// Waits for lines that were erased.
    ///
    /// # Panics
    /// When none are told.
    pub async fn erased(&mut self) -> Value {
        self.socket.wait_for_type("erased").await
    }

    /// Waits for a row of a conversation that is as wanted.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn row(&mut self, conversation: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let is_it = |f: &Value| {
            f["t"] == "row" && f["row"]["conversation"] == conversation && wanted(&f["row"])
        };
        self.socket.wait_for("the row", is_it).await["row"].take()
    }
}

async fn stored(socket: &mut Socket, id: &str) -> i64 {
    let answers = |f: &Value| f["id"] == id && (f["t"] == "ack" || f["t"] == "nack");
    let answer = socket.wait_for("the answer to a send", answers).await;
    assert_eq!(answer["t"], "ack", "{answer}");
    answer["seq"].as_i64().expect("an ack has a seq")
}

async fn refused(socket: &mut Socket, id: &str) -> Value {
    let answers = |f: &Value| f["id"] == id && (f["t"] == "ack" || f["t"] == "nack");
    let mut answer = socket.wait_for("the refusal of a send", answers).await;
    assert_eq!(answer["t"], "nack", "{answer}");
    answer["error"].take()
}

async fn hears(socket: &mut Socket, words: &str) -> Value {
    socket.wait_for_entry(words, |entry| entry["text"] == words).await
}

/// The entries of a frame: one that came alone, or a page of what was missed.
pub fn entries_in(frame: &Value) -> impl Iterator<Item = &Value> {
    let alone = frame.get("entry").into_iter();
    alone.chain(frame["entries"].as_array().into_iter().flatten())
}

/// Both objects in one; the second wins.
pub fn merged(mut first: Value, second: Value) -> Value {
    if let (Some(fields), Value::Object(more)) = (first.as_object_mut(), second) {
        fields.extend(more);
    }
    first
}

/// A JSON string's text.
///
/// # Panics
/// When it is none.
#[track_caller]
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
