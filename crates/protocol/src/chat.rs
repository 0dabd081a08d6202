//! Chat on the wire: entries, marks, rows of the conversation lists, and the bodies of the chat calls.

mod aside;
pub mod bulk;
mod care;

pub use aside::{Helper, InviteBody, LeaveBody, PendingTransfer, TransferBody, WhisperBody};
pub use care::{
    AssignBody, FollowUp, FollowUps, LeaveMessage, Left, MaybeRating, Offer, PrivacyNotice, Rating,
    RatingBody, Ratings, ViewedPage, Viewing, ViewingBody,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::content::{Content, SendContent};
use crate::customers::Buyer;

/// Who wrote an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct By {
    /// `buyer`, `agent`, `robot`, `system`.
    pub side: String,
    /// `acc_…`, for agents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Name, for agents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// One line of a conversation's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    /// `buyer` or `staff`.
    pub lane: String,
    /// Number in its lane, gapless from 1.
    pub seq: i64,
    /// Microseconds UTC.
    pub at: i64,
    /// `message`, `recall`, `open`, `transfer`, `close`, `notice`.
    pub kind: String,
    /// For messages and notices: `human`, `suggested`, `robot`, `auto`, `system`, `card`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Who wrote it.
    pub by: By,
    /// What was said; absent when recalled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What it carries beside the text; absent for a plain text, and when recalled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
    /// True when a later recall took it back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recalled: bool,
    /// For recalls: the number taken back.
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    pub ref_seq: Option<i64>,
    /// What happened, for lines that are worded by the reader's client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Values for the sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub params: Option<serde_json::Value>,
    /// The sender's own id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// `ses_…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

/// Highest numbers of the buyer lane that each side has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Marks {
    /// Read by the buyer.
    pub buyer: i64,
    /// Read by the shop.
    pub staff: i64,
}

/// An agent as others see one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentName {
    /// `acc_…`; absent towards buyers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Name.
    pub name: String,
    /// What the agent says of oneself; towards buyers only, where the shop shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
}

/// What a buyer sees of the reception.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reception {
    /// `none`, `queued`, `active`.
    pub state: String,
    /// Somebody is available now.
    pub on_duty: bool,
    /// Who serves.
    pub agent: Option<AgentName>,
    /// While it queues: place in the line; the first is 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
    /// While it queues: expected wait from now on in seconds, if it can be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_s: Option<i64>,
    /// What the shop says to everybody for a time: it is night, or a big sale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<ShopNotice>,
}

/// A text of the shop for its buyers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShopNotice {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// The last line of a conversation that somebody said or took back, for lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LastLine {
    /// Number in the buyer lane.
    pub seq: i64,
    /// Microseconds UTC.
    pub at: i64,
    /// Who wrote it.
    pub side: String,
    /// Kind of entry.
    pub kind: String,
    /// Beginning of the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview: Option<String>,
    /// Kind of what it carries: `image`, `file`, `product`, `order`, `address`, `answer`, `nudge`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

/// A reason: code and parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Why {
    /// Stable word.
    pub code: String,
    /// Values for the sentence.
    #[schema(value_type = Object)]
    pub params: serde_json::Value,
}

/// The latest session of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// `ses_…`.
    pub id: String,
    /// `queued`, `active`, `closed`.
    pub state: String,
    /// Who has it.
    pub agent: Option<AgentName>,
    /// Microseconds UTC.
    pub opened_at: i64,
    /// Why this agent; while it queues, what it waits for.
    pub why: Option<Why>,
    /// When the buyer left the queue without an answer and has not returned since, microseconds UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_at: Option<i64>,
    /// Until when the agent looks into something, microseconds UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checking_until: Option<i64>,
}

/// One conversation in a list of the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Row {
    /// `cnv_…`.
    pub conversation: String,
    /// Whose it is.
    pub buyer: Buyer,
    /// Last line of the buyer lane.
    pub last: Option<LastLine>,
    /// Messages of the buyer that the shop has not read.
    pub unread: i64,
    /// The buyer's first unanswered line, microseconds UTC.
    pub waiting_since: Option<i64>,
    /// Latest session.
    pub session: Option<Session>,
    /// Read marks.
    pub marks: Marks,
    /// Head of the buyer lane.
    pub last_seq: i64,
    /// Head of the staff lane.
    pub staff_seq: i64,
    /// The page the buyer looks at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub viewing: Option<Viewing>,
    /// `pre_sales`, `in_sales` or `after_sales`, from the latest order.
    pub stage: String,
    /// True while this is a message left when nobody was on duty, and nobody has taken it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left: bool,
    /// How the buyer is received: `normal`, `high` or `vip`.
    pub priority: String,
    /// Tags by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<bulk::Tag>,
    /// Somebody is asked to take it over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer: Option<PendingTransfer>,
    /// Colleagues who joined the open session.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub helpers: Vec<Helper>,
}

/// A page of rows.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Rows {
    /// The rows.
    pub rows: Vec<Row>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// A page of one lane.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Entries {
    /// In order of `seq`.
    pub entries: Vec<Entry>,
    /// Head of the lane.
    pub last_seq: i64,
}

/// Where a line was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Stored {
    /// Number in its lane.
    pub seq: i64,
    /// Microseconds UTC.
    pub at: i64,
}

/// A buyer sends a line.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BuyerSend {
    /// The sender's own id.
    pub client_id: String,
    /// What is said; with a content it may be empty or absent.
    #[serde(default)]
    pub text: String,
    /// What is shown beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<SendContent>,
}

/// Staff send a line.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct StaffSend {
    /// The sender's own id.
    pub client_id: String,
    /// `buyer` (default) or `staff`.
    #[serde(default)]
    pub lane: Option<String>,
    /// What is said; with a content it may be empty or absent.
    #[serde(default)]
    pub text: String,
    /// What is shown beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<SendContent>,
    /// Rules whose question is answered: it shall leave all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confirmed: Vec<String>,
    /// Why; needed with `confirmed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The phrase it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phrase: Option<i64>,
}

/// A message is taken back.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RecallBody {
    /// The sender's own id of the recall.
    pub client_id: String,
    /// `buyer` (default) or `staff`.
    #[serde(default)]
    pub lane: Option<String>,
}

/// Read up to here.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct ReadBody {
    /// Number in the buyer lane.
    pub seq: i64,
}

/// Answer to a read.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct MarksBody {
    /// Marks after it.
    pub marks: Marks,
}

/// The session goes to a colleague.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct HandOver {
    /// `acc_…`.
    pub to: String,
    /// Becomes an internal note.
    #[serde(default)]
    pub note: Option<String>,
}

/// The shop, as clients name it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ShopName {
    /// Key in URLs.
    pub key: String,
    /// Name.
    pub name: String,
}

/// The limits that clients must know.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct Limits {
    /// Characters of a text.
    pub text_chars_max: usize,
    /// Bytes of a frame.
    pub frame_bytes_max: usize,
    /// Sends a second; a burst may be twice that.
    pub sends_per_second: u32,
    /// Entries of a page.
    pub page_entries_max: i64,
    /// Seconds within which a message can be taken back.
    pub recall_seconds_max: i64,
    /// Bytes of a picture that is uploaded.
    #[serde(default)]
    pub image_bytes_max: u64,
    /// Bytes of a file that is uploaded.
    #[serde(default)]
    pub file_bytes_max: u64,
    /// Seconds between two nudges of a buyer; 0: the shop takes none.
    #[serde(default)]
    pub nudge_seconds: i64,
}

/// A visitor arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct BuyerHello {
    /// Visitor token, if there is one.
    #[serde(default)]
    pub token: Option<String>,
    /// Signed identity, if the shop knows the customer.
    #[serde(default)]
    pub identity: Option<String>,
    /// Language of the interface.
    #[serde(default)]
    pub lang: Option<String>,
}

/// What a buyer's client sees of itself.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SelfBuyer {
    /// Name; empty when unknown.
    pub name: String,
    /// Whether a signed identity vouches for it.
    pub identified: bool,
}

/// Answer to a buyer's hello.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BuyerWelcome {
    /// Protocol version.
    pub v: u32,
    /// Server's time.
    pub now: i64,
    /// Only when it is new: keep it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The shop.
    pub shop: ShopName,
    /// `cnv_…`.
    pub conversation: String,
    /// The buyer.
    pub buyer: SelfBuyer,
    /// Head of the log.
    pub last_seq: i64,
    /// Read marks.
    pub marks: Marks,
    /// The reception.
    pub reception: Reception,
    /// The limits.
    pub limits: Limits,
}

/// Answer to a buyer's long poll.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BuyerUpdates {
    /// Server's time.
    pub now: i64,
    /// Entries after `after`.
    pub entries: Vec<Entry>,
    /// Head of the log.
    pub last_seq: i64,
    /// Read marks.
    pub marks: Marks,
    /// The reception.
    pub reception: Reception,
    /// Changes when marks or reception change.
    pub etag: String,
}

/// The watched conversation in a desk's long poll.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Watched {
    /// New entries of both lanes.
    pub entries: Vec<Entry>,
    /// Head of the buyer lane.
    pub last_seq: i64,
    /// Head of the staff lane.
    pub staff_seq: i64,
    /// Read marks.
    pub marks: Marks,
}

/// Answer to a desk's long poll.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DeskUpdates {
    /// Server's time.
    pub now: i64,
    /// Who asks.
    pub me: crate::team::Me,
    /// Mine and the queue.
    pub rows: Vec<Row>,
    /// Changes when anything here changes.
    pub etag: String,
    /// The watched conversation.
    pub watched: Option<Watched>,
}

/// A text that was found.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FoundEntry {
    /// `cnv_…`.
    pub conversation: String,
    /// Whose it is.
    pub buyer: Buyer,
    /// The line.
    pub entry: Entry,
}

/// A buyer that was found.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FoundBuyer {
    /// The buyer.
    pub buyer: Buyer,
    /// `cnv_…`, if there is a conversation.
    pub conversation: Option<String>,
}

/// What a search found, newest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Found {
    /// Lines.
    pub entries: Vec<FoundEntry>,
    /// Orders with that number.
    pub orders: Vec<crate::orders::FoundOrder>,
    /// Buyers with that name or number.
    pub buyers: Vec<FoundBuyer>,
    /// Cursor of the next page of lines.
    pub next: Option<String>,
}

/// Something that I have begun to write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Draft {
    /// `cnv_…`.
    pub conversation: String,
    /// `buyer` or `staff`.
    pub lane: String,
    /// What; empty when it is gone.
    pub text: String,
    /// Microseconds UTC.
    pub at: i64,
}

/// Everything that I have begun to write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Drafts {
    /// In no particular order.
    pub drafts: Vec<Draft>,
}

/// Keeps what I have begun to write.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DraftBody {
    /// `buyer` or `staff`.
    pub lane: String,
    /// What; empty when it is gone.
    pub text: String,
}

/// A session as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PastSession {
    /// `ses_…`.
    pub id: String,
    /// Microseconds UTC.
    pub opened_at: i64,
    /// Microseconds UTC; null while it is open.
    pub closed_at: Option<i64>,
    /// `agent` or `silence`; null while it is open.
    pub close_reason: Option<String>,
    /// Who served last.
    pub agent: Option<String>,
    /// The first line of it in the buyer lane.
    pub seq: i64,
}

/// A page of earlier sessions, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PastSessions {
    /// The sessions.
    pub sessions: Vec<PastSession>,
    /// For the next page.
    pub next: Option<String>,
}
