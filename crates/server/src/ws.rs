//! WebSocket sessions: what buyers' and desks' connections share.

pub mod buyer;
pub mod desk;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::http::request::Parts;
use bytes::Bytes;
use futures_util::SinkExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use xiaoer_app::chat::{Act, Command};
use xiaoer_app::{AppError, frame};
use xiaoer_bus::{End, Mailbox};
use xiaoer_domain::chat::{Choice, ClientId, MessageText, Wanted};
use xiaoer_protocol::content::SendContent;
use xiaoer_protocol::error_code::ErrorBody;
use xiaoer_protocol::frames::{ToClient, close};
use xiaoer_protocol::{ErrorCode, id};

use crate::Server;
use crate::config::Waits;
use crate::error::ApiError;
use crate::pace::Bucket;

/// Small buffers: an idle connection should cost a few kilobytes. The library's floor for reading is one frame header.
const READ_BUFFER: usize = 1024;
/// Frames gather up to this size before they are written without being told to: an answer, the entry and a row leave
/// together.
const WRITE_BUFFER: usize = 4096;

/// A request for a socket. A plain one is refused in our own words.
pub struct Upgrade(WebSocketUpgrade);

impl FromRequestParts<Server> for Upgrade {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, ApiError> {
        let upgrade = WebSocketUpgrade::from_request_parts(parts, server).await;
        upgrade.map(Self).map_err(|_| ApiError(AppError::bad_field("upgrade")))
    }
}

/// Bounds an upgrade by the limits.
pub fn bounded(Upgrade(upgrade): Upgrade, server: &Server) -> WebSocketUpgrade {
    let max = server.app.limits.frame_bytes_max;
    upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_message_size(max)
        .max_frame_size(max)
}

/// How long until a connection's next tick: between half of the usual time and half as much again, so that those who
/// came together after a restart do not ask together for ever.
fn until_tick(server: &Server) -> Duration {
    let share = u16::from_le_bytes(server.app.chance.bytes::<2>());
    let usual = server.config.waits.tick;
    usual / 2 + usual.mul_f64(f64::from(share) / f64::from(u16::MAX))
}

/// Why a connection ends.
#[derive(Debug)]
pub enum Stop {
    /// The other side went away, or the network did.
    Gone,
    /// We close: code and, if the client can act on it, the reason.
    Close(u16, Option<ErrorBody>),
}

impl Stop {
    fn refused(close: u16, code: ErrorCode) -> Self {
        Self::Close(close, Some(ErrorBody::of(code)))
    }

    fn app(error: &AppError) -> Self {
        let close = match error.code() {
            ErrorCode::NotSignedIn | ErrorCode::BadIdentity => close::NOT_SIGNED_IN,
            ErrorCode::Internal | ErrorCode::Unavailable => {
                tracing::error!(
                    error = crate::error::chain(error),
                    "a connection ended by an error of ours"
                );
                1011
            }
            _ => close::REFUSED,
        };
        Self::Close(close, Some(crate::error::body(error)))
    }
}

impl From<AppError> for Stop {
    fn from(error: AppError) -> Self {
        Self::app(&error)
    }
}

impl From<End> for Stop {
    fn from(end: End) -> Self {
        match end {
            End::Lagging => Self::Close(close::LAGGING, None),
            End::Replaced => Self::refused(close::TOO_FAST, ErrorCode::TooMany),
            End::GoingAway => Self::Close(close::GOING_AWAY, None),
        }
    }
}

/// A socket with its paces: what every session reads from and writes to.
pub struct Line {
    socket: WebSocket,
    frames: Bucket,
    sends: Bucket,
    heard: Instant,
    in_flight: Arc<AtomicUsize>,
    in_flight_max: usize,
    waits: Waits,
    /// Something was taken that has not been sent.
    unsent: bool,
}

impl Line {
    /// Over a fresh socket.
    pub fn new(socket: WebSocket, server: &Server, sends_per_second: u32) -> Self {
        let now = Instant::now();
        Self {
            socket,
            frames: Bucket::new(server.app.limits.frames_per_second, now),
            sends: Bucket::new(sends_per_second, now),
            heard: now,
            in_flight: Arc::default(),
            in_flight_max: server.app.limits.sends_in_flight_max,
            waits: server.config.waits,
            unsent: false,
        }
    }

    /// Waits for the first frame.
    pub async fn hello<F: DeserializeOwned>(&mut self) -> Result<F, Stop> {
        let deadline = tokio::time::Instant::now() + self.waits.hello;
        loop {
            let text = tokio::time::timeout_at(deadline, self.text()).await;
            let text = text.map_err(|_| Stop::Close(close::NO_HELLO, None))??;
            if let Some(text) = text {
                return parse(&text);
            }
        }
    }

    /// Whether another frame may be read: not while too many sends wait for their commit.
    pub fn may_read(&self) -> bool {
        self.in_flight.load(Ordering::Relaxed) < self.in_flight_max
    }

    /// The next text frame; `None` for a sign of life.
    pub async fn text(&mut self) -> Result<Option<Utf8Bytes>, Stop> {
        let message = match self.socket.recv().await {
            None => return Err(Stop::Gone),
            Some(Ok(message)) => message,
            Some(Err(error)) => {
                let text = error.to_string();
                // The library tells an oversized frame only in words.
                if text.contains("too long")
                    || text.contains("too large")
                    || text.contains("capacity")
                {
                    return Err(Stop::refused(close::TOO_BIG, ErrorCode::TooBig));
                }
                if text.contains("UTF-8") || text.contains("utf-8") {
                    return Err(Stop::refused(close::BAD_FRAME, ErrorCode::BadRequest));
                }
                return Err(Stop::Gone);
            }
        };
        self.heard = Instant::now();
        if self.frames.take(self.heard).is_err() {
            return Err(Stop::refused(close::TOO_FAST, ErrorCode::TooFast));
        }
        match message {
            Message::Text(text) => Ok(Some(text)),
            Message::Ping(_) | Message::Pong(_) => Ok(None),
            Message::Binary(_) => Err(Stop::refused(close::BAD_FRAME, ErrorCode::BadRequest)),
            Message::Close(_) => Err(Stop::Gone),
        }
    }

    /// Takes a frame that is known to be JSON text; it leaves with the next [`Line::flush`], or before.
    pub async fn write(&mut self, frame: Bytes) -> Result<(), Stop> {
        let text =
            Utf8Bytes::try_from(frame).map_err(|_| Stop::refused(1011, ErrorCode::Internal))?;
        self.put(Message::Text(text)).await
    }

    /// Serialises a frame and takes it like [`Line::write`].
    pub async fn tell(&mut self, what: &impl Serialize) -> Result<(), Stop> {
        self.write(frame(what)).await
    }

    /// Sends what was taken. Sessions call it before they wait.
    pub async fn flush(&mut self) -> Result<(), Stop> {
        if !self.unsent {
            return Ok(());
        }
        self.unsent = false;
        within(self.waits.send, self.socket.flush()).await
    }

    async fn put(&mut self, message: Message) -> Result<(), Stop> {
        self.unsent = true;
        within(self.waits.send, self.socket.feed(message)).await
    }

    /// A sign of life; the other side is gone if it gave none.
    pub async fn tick(&mut self) -> Result<(), Stop> {
        if self.heard.elapsed() > self.waits.silence {
            return Err(Stop::Gone);
        }
        self.put(Message::Ping(Bytes::new())).await
    }

    /// Says why and closes.
    pub async fn close(mut self, stop: Stop) {
        let Stop::Close(code, error) = stop else { return };
        if let Some(error) = error
            && self.tell(&ToClient::Error { error }).await.is_err()
        {
            return;
        }
        let frame = CloseFrame { code, reason: Utf8Bytes::from_static("") };
        let _ = self.put(Message::Close(Some(frame))).await;
        let _ = self.flush().await;
        // Lets the other side answer, so that the reason is not lost in a reset.
        let _ = tokio::time::timeout(Duration::from_secs(2), self.drain()).await;
    }

    async fn drain(&mut self) {
        while let Some(Ok(_)) = self.socket.recv().await {}
        let _ = SinkExt::<Message>::close(&mut self.socket).await;
    }

    /// Checks the pace of sends; too fast is answered, not stored.
    pub async fn may_send(&mut self, id: &str) -> Result<bool, Stop> {
        let Err(wait) = self.sends.take(Instant::now()) else { return Ok(true) };
        let params =
            serde_json::json!({ "retry_ms": u64::try_from(wait.as_millis()).unwrap_or(u64::MAX) });
        let error = ErrorBody::with(ErrorCode::TooFast, params);
        self.tell(&ToClient::Nack { id: id.to_owned(), error }).await?;
        Ok(false)
    }

    /// Queues a send whose answer comes through the mailbox.
    pub async fn queue(
        &mut self,
        server: &Server,
        mailbox: &Arc<Mailbox>,
        id: String,
        command: Command,
    ) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        let (in_flight, mailbox) = (Arc::clone(&self.in_flight), Arc::clone(mailbox));
        let reply = Box::new(move |result: Result<xiaoer_protocol::chat::Stored, AppError>| {
            in_flight.fetch_sub(1, Ordering::Relaxed);
            mailbox.reply(frame(&match result {
                Ok(stored) => ToClient::Ack { id, seq: stored.seq, at: stored.at },
                Err(error) => ToClient::Nack { id, error: logged(&error) },
            }));
        });
        server.app.send(command, reply).await;
    }
}

async fn within<E>(time: Duration, sent: impl Future<Output = Result<(), E>>) -> Result<(), Stop> {
    match tokio::time::timeout(time, sent).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Stop::Gone),
        Err(_) => Err(Stop::Close(close::LAGGING, None)),
    }
}

/// The body of a refusal; what failed on our side is logged.
pub fn logged(error: &AppError) -> ErrorBody {
    if error.code().status() >= 500 {
        tracing::error!(error = crate::error::chain(error), "a frame was not carried out");
    }
    crate::error::body(error)
}

/// Parses a frame; one that is not known or not well formed ends the connection.
pub fn parse<F: DeserializeOwned>(text: &str) -> Result<F, Stop> {
    serde_json::from_str(text).map_err(|error| {
        let unknown = error.to_string().contains("unknown variant");
        let code = if unknown { ErrorCode::UnknownFrame } else { ErrorCode::BadRequest };
        Stop::refused(close::BAD_FRAME, code)
    })
}

/// Checks what a sender hands in: a text, or something to show with or without one.
pub fn parse_send(
    server: &Server,
    id: &str,
    text: &str,
    content: Option<&SendContent>,
) -> Result<(ClientId, Act), AppError> {
    let client_id = ClientId::parse(id)?;
    let parse = |text: &str| MessageText::parse(text, server.app.limits.text_chars_max);
    let act = match content {
        None => Act::Say(parse(text)?),
        Some(content) => {
            let caption = (!text.trim().is_empty()).then(|| parse(text)).transpose()?;
            Act::Show(parse_content(content)?, caption)
        }
    };
    Ok((client_id, act))
}

/// What is to be shown, by name.
fn parse_content(content: &SendContent) -> Result<Wanted, AppError> {
    let bad = || AppError::bad_field("content");
    let attachment = |id: &str| id::parse_public(id::ATTACHMENT, id).ok_or_else(bad);
    let key = |text: &str| Wanted::key(text).map_err(|_| bad());
    Ok(match content {
        SendContent::Image { id } => Wanted::Image(attachment(id)?),
        SendContent::File { id } => Wanted::File(attachment(id)?),
        SendContent::Product { sku } => Wanted::Product(key(sku)?),
        SendContent::Order { number } => Wanted::Order(key(number)?),
        SendContent::Address { number } => Wanted::Address(key(number)?),
        SendContent::Answer { to, value } => {
            Wanted::Answer(*to, Choice::from_word(value).ok_or_else(bad)?)
        }
        SendContent::Nudge => Wanted::Nudge,
        SendContent::Unknown => return Err(bad()),
    })
}
