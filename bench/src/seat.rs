//! One connection of a buyer or a desk, as lean as it can be: the machine is shared with what is measured.

use std::net::SocketAddr;
use std::rc::Rc;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::Outcome;
use crate::clock::{client_id, read_client_id};
use crate::tally::{Mode, Tally};

/// What a seat reads at once; frames are a few hundred bytes.
const READ_BUFFER: usize = 4096;
/// Lines that people write: a few words, mostly Chinese.
const TEXTS: [&str; 8] = [
    "在吗，这件毛衣还有 M 码吗？",
    "您好，在的，M 码还有三件，今天下单明天就能发出。",
    "我上周的订单到现在还没有物流更新，麻烦帮我看一下",
    "已经帮您催了仓库，单号稍后会发到您的手机上",
    "可以退款吗？颜色和图片上差得有点多",
    "没问题，您在订单页点申请退款，我这边马上处理。",
    "好的谢谢，再问一下能不能开发票",
    "Yes, we ship to Shenzhen, it takes two or three days.",
];

pub type Socket = WebSocketStream<TcpStream>;

/// What a seat is told from outside.
pub enum Order {
    /// Say something in the conversation of this index, due at a moment.
    Say(u16, u64),
    /// Leave.
    Leave,
}

/// How lines are addressed.
#[derive(Clone)]
pub enum Address {
    /// A buyer of xiaoer has one conversation and does not name it.
    Own,
    /// A desk of xiaoer names the conversation.
    Conversations(Vec<String>),
    /// A client of the baseline names the room.
    Rooms(Vec<String>),
}

/// The way to a seated connection.
#[derive(Clone)]
pub struct Seat {
    pub orders: mpsc::UnboundedSender<Order>,
}

impl Seat {
    /// Leaves the connection to a task of its own.
    pub fn take(socket: Socket, number: u32, address: Address, tally: &Rc<Tally>) -> Self {
        let (orders, told) = mpsc::unbounded_channel();
        let sitting = Sitting { socket, number, address, count: 0, tally: Rc::clone(tally) };
        tokio::task::spawn_local(sitting.sit(told));
        Self { orders }
    }

    pub fn tell(&self, order: Order) {
        // A seat that lost its connection is missed in the counts.
        let _ = self.orders.send(order);
    }
}

/// Opens a WebSocket.
pub async fn connect(server: SocketAddr, path: &str) -> Outcome<Socket> {
    let stream = TcpStream::connect(server).await.map_err(|e| format!("no connection: {e}"))?;
    stream.set_nodelay(true).map_err(|e| format!("no connection: {e}"))?;
    let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER).write_buffer_size(0);
    let url = format!("ws://{server}{path}");
    let opened = client_async_with_config(url, stream, Some(config)).await;
    opened.map(|(socket, _)| socket).map_err(|e| format!("no WebSocket at {path}: {e}"))
}

/// Sends a frame and gives the next text frame.
pub async fn ask(socket: &mut Socket, frame: String) -> Outcome<String> {
    socket.send(Message::text(frame)).await.map_err(|e| format!("not sent: {e}"))?;
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => return Ok(text.as_str().to_owned()),
            Some(Ok(Message::Close(why))) => return Err(format!("closed: {why:?}")),
            Some(Ok(_)) => {}
            Some(Err(e)) => return Err(format!("no answer: {e}")),
            None => return Err("closed without an answer".into()),
        }
    }
}

struct Sitting {
    socket: Socket,
    number: u32,
    address: Address,
    count: u32,
    tally: Rc<Tally>,
}

impl Sitting {
    async fn sit(mut self, mut told: mpsc::UnboundedReceiver<Order>) {
        loop {
            let done = tokio::select! {
                order = told.recv() => match order {
                    Some(Order::Say(index, due)) => self.say(index, due).await,
                    Some(Order::Leave) | None => {
                        let _ = self.socket.close(None).await;
                        return;
                    }
                },
                message = self.socket.next() => match message {
                    Some(Ok(Message::Text(text))) => self.hear(text.as_str()).await,
                    Some(Ok(Message::Close(why))) => {
                        eprintln!("seat {} was closed: {why:?}", self.number);
                        return;
                    }
                    Some(Ok(_)) => Ok(()),
                    Some(Err(e)) => Err(e),
                    None => return,
                },
            };
            if let Err(e) = done {
                eprintln!("seat {} lost its connection: {e}", self.number);
                return;
            }
        }
    }

    async fn say(
        &mut self,
        index: u16,
        due: u64,
    ) -> Result<(), tokio_tungstenite::tungstenite::Error> {
        self.count += 1;
        self.tally.sent();
        let id = client_id(due, self.tally.number(), self.number, self.count);
        let text = TEXTS[self.count as usize % TEXTS.len()];
        let frame = match &self.address {
            Address::Own => format!(r#"{{"t":"send","id":"{id}","text":"{text}"}}"#),
            Address::Conversations(names) => {
                let name = &names[usize::from(index)];
                format!(r#"{{"t":"send","conversation":"{name}","id":"{id}","text":"{text}"}}"#)
            }
            Address::Rooms(names) => {
                let name = &names[usize::from(index)];
                format!(r#"{{"t":"send","room":"{name}","id":"{id}","text":"{text}"}}"#)
            }
        };
        self.socket.send(Message::text(frame)).await
    }

    /// Counts what arrives. Frames are recognised by how they begin; no JSON is parsed.
    async fn hear(&mut self, text: &str) -> Result<(), tokio_tungstenite::tungstenite::Error> {
        if text.starts_with(r#"{"t":"ack""#) {
            let Some((due, run, _)) = ids(text, r#""id":""#).next() else { return Ok(()) };
            self.tally.acked(due, run);
            if self.tally.mode() == Mode::OnAck && run == self.tally.number() {
                return self.say(0, self.tally.clock.now()).await;
            }
        } else if text.starts_with(r#"{"t":"entr"#) {
            for (due, run, seat) in ids(text, r#""client_id":""#) {
                if seat == self.number {
                    continue;
                }
                self.tally.delivered(due, run);
                if self.tally.mode() == Mode::PingPong && run == self.tally.number() {
                    self.say(0, self.tally.clock.now()).await?;
                }
            }
        } else if text.starts_with(r#"{"t":"nack""#) || text.starts_with(r#"{"t":"error""#) {
            self.tally.refused();
            eprintln!("seat {}: {text}", self.number);
        }
        Ok(())
    }
}

fn ids<'t>(text: &'t str, key: &'t str) -> impl Iterator<Item = (u64, u8, u32)> + 't {
    text.match_indices(key).filter_map(move |(at, _)| read_client_id(&text[at + key.len()..]))
}
