//! WebSocket frames. What comes in is parsed strictly by `t`; what goes out is serialised once per fan-out.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::chat::{
    BuyerWelcome, Draft, Entry, Limits, Marks, Reception, Row, ShopName, ViewedPage,
};
use crate::content::SendContent;
use crate::error_code::ErrorBody;
use crate::routing::Wall;
use crate::team::Me;

/// Protocol version spoken here.
pub const VERSION: u32 = 1;

/// What a buyer's client sends.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum FromBuyer {
    /// First frame.
    Hello {
        /// Protocol version.
        v: u32,
        /// Visitor token.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
        /// Signed identity.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        identity: Option<String>,
        /// Language of the interface.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lang: Option<String>,
        /// Highest number held without a gap.
        #[serde(default)]
        after: i64,
    },
    /// Say something.
    Send {
        /// The sender's own id.
        id: String,
        /// What is said; with a content it may be empty or absent.
        #[serde(default)]
        text: String,
        /// What is shown beside it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content: Option<SendContent>,
    },
    /// Take a message back.
    Recall {
        /// The sender's own id of the recall.
        id: String,
        /// Number of the message.
        seq: i64,
    },
    /// Read up to here.
    Read {
        /// Number in the buyer lane.
        seq: i64,
    },
    /// The page that is open; null: none that is to be known. Only the latest is kept, for a while.
    Viewing {
        /// The page.
        page: Option<ViewedPage>,
    },
    /// Still here.
    Ping,
}

/// What a desk sends.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum FromDesk {
    /// First frame.
    Hello {
        /// Protocol version.
        v: u32,
        /// Session token, without the cookie.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
        /// Language of the interface.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lang: Option<String>,
    },
    /// Deliver a conversation's lanes from here on.
    Watch {
        /// `cnv_…`.
        conversation: String,
        /// Highest number of the buyer lane held.
        #[serde(default)]
        after: i64,
        /// Highest number of the staff lane held.
        #[serde(default)]
        staff_after: i64,
    },
    /// No longer.
    Unwatch {
        /// `cnv_…`.
        conversation: String,
    },
    /// Say something, or note it.
    Send {
        /// `cnv_…`.
        conversation: String,
        /// `buyer` (default) or `staff`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lane: Option<String>,
        /// The sender's own id.
        id: String,
        /// What is said; with a content it may be empty or absent.
        #[serde(default)]
        text: String,
        /// What is shown beside it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content: Option<SendContent>,
        /// Rules whose question is answered: it shall leave all the same.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        confirmed: Vec<String>,
        /// Why; needed with `confirmed`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// The phrase it was made from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phrase: Option<i64>,
    },
    /// Take a message back.
    Recall {
        /// `cnv_…`.
        conversation: String,
        /// `buyer` (default) or `staff`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lane: Option<String>,
        /// The sender's own id of the recall.
        id: String,
        /// Number of the message.
        seq: i64,
    },
    /// Read up to here.
    Read {
        /// `cnv_…`.
        conversation: String,
        /// Number in the buyer lane.
        seq: i64,
    },
    /// Show the live wall from here on, or no longer. Needs the right to steer.
    Wall {
        /// Whether.
        on: bool,
    },
    /// Still here.
    Ping,
}

/// What the server sends, to either side.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum ToClient {
    /// Answer to a buyer's hello. Boxed: it is far bigger than the frames that fly.
    #[serde(rename = "welcome")]
    BuyerWelcome(Box<BuyerWelcome>),
    /// A stretch of a lane.
    Entries {
        /// `cnv_…`.
        conversation: String,
        /// `buyer` or `staff`.
        lane: String,
        /// In order.
        entries: Vec<Entry>,
        /// Head of the lane.
        last_seq: i64,
    },
    /// A new entry.
    Entry {
        /// `cnv_…`.
        conversation: String,
        /// The entry.
        entry: Box<Entry>,
    },
    /// Stored.
    Ack {
        /// The sender's own id.
        id: String,
        /// Number it got.
        seq: i64,
        /// Microseconds UTC.
        at: i64,
    },
    /// Not stored.
    Nack {
        /// The sender's own id.
        id: String,
        /// Why.
        error: ErrorBody,
    },
    /// Lines were erased: show nothing of them any more. Their numbers stay.
    Erased {
        /// `cnv_…`.
        conversation: String,
        /// `buyer` or `staff`.
        lane: String,
        /// Which.
        seqs: Vec<i64>,
    },
    /// Read marks moved.
    Marks {
        /// `cnv_…`.
        conversation: String,
        /// The marks.
        marks: Marks,
    },
    /// The reception changed.
    Reception {
        /// The reception.
        reception: Reception,
    },
    /// A row of my lists changed.
    Row {
        /// The row.
        row: Box<Row>,
    },
    /// What I have begun to write, at this desk or another one.
    Draft {
        /// The draft.
        draft: Draft,
    },
    /// My state changed.
    State {
        /// `available` or `away`.
        state: String,
    },
    /// The live wall, at most once a second, to desks that asked for it.
    Wall {
        /// The picture.
        wall: Box<Wall>,
    },
    /// To whoever leads: a buyer waits beyond overtime for an answer; once for each wait.
    Overtime {
        /// `cnv_…`.
        conversation: String,
        /// The buyer's name; empty for a guest.
        buyer: String,
        /// Who has the buyer.
        agent: String,
        /// Seconds of the wait by then.
        seconds: i64,
    },
    /// Answer to a ping.
    Pong {
        /// Server's time.
        now: i64,
    },
    /// The reason for the close that follows, or for a frame that was not carried out.
    Error {
        /// Why.
        error: ErrorBody,
    },
}

/// Answer to a desk's hello.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DeskWelcome {
    /// Always `welcome`.
    pub t: String,
    /// Protocol version.
    pub v: u32,
    /// Server's time.
    pub now: i64,
    /// Who signed in.
    pub me: Me,
    /// The shop.
    pub shop: ShopName,
    /// Mine and the queue.
    pub rows: Vec<Row>,
    /// The limits.
    pub limits: Limits,
}

/// Why a connection was closed, as WebSocket close codes.
pub mod close {
    /// Malformed or unknown frame.
    pub const BAD_FRAME: u16 = 4000;
    /// No, expired or foreign token.
    pub const NOT_SIGNED_IN: u16 = 4001;
    /// Origin, shop or right refused.
    pub const REFUSED: u16 = 4003;
    /// Too many frames.
    pub const TOO_FAST: u16 = 4008;
    /// Frame too big.
    pub const TOO_BIG: u16 = 4009;
    /// The connection could not keep up.
    pub const LAGGING: u16 = 4010;
    /// No hello in time.
    pub const NO_HELLO: u16 = 4012;
    /// The server goes away.
    pub const GOING_AWAY: u16 = 1001;
}
