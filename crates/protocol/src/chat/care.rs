//! Around the talk: the page a buyer looks at, messages left for later, ratings, and what a shop offers its buyers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::AgentName;
use crate::customers::Buyer;

/// A page that a buyer looks at, as the buyer's client tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ViewedPage {
    /// The shop's number for the product, if the page shows one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// What it is called.
    pub title: String,
    /// Minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<i64>,
    /// Three letters; the shop's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Address of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Address of the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// What the buyer looked at last; never stored, known for a while only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Viewing {
    /// The page.
    #[serde(flatten)]
    pub page: ViewedPage,
    /// Since when, microseconds UTC.
    pub at: i64,
}

/// A buyer says which page is open; null: none that is to be known.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ViewingBody {
    /// The page.
    pub page: Option<ViewedPage>,
}

/// A buyer's opinion of a session that is over.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RatingBody {
    /// One to five.
    pub stars: i64,
    /// `solved`, `quick`, `kind`, `expert`, `unsolved`, `slow`, `unkind`, `unclear`.
    #[serde(default)]
    pub reasons: Vec<String>,
    /// Own words.
    #[serde(default)]
    pub text: Option<String>,
}

/// A rating.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rating {
    /// `ses_…`.
    pub session: String,
    /// One to five.
    pub stars: u8,
    /// Why.
    pub reasons: Vec<String>,
    /// Own words.
    pub text: Option<String>,
    /// First given, microseconds UTC.
    pub at: i64,
    /// Last changed, microseconds UTC.
    pub changed_at: i64,
    /// Until when the buyer may change it, microseconds UTC.
    pub changeable_until: i64,
}

/// The rating of a session, if there is one.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MaybeRating {
    /// It.
    pub rating: Option<Rating>,
}

/// Ratings of a conversation, newest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Ratings {
    /// They.
    pub ratings: Vec<Rating>,
}

/// A buyer leaves a message.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct LeaveMessage {
    /// The sender's own id.
    pub client_id: String,
    /// `question`, `order`, `complaint`.
    pub wish: String,
    /// What is said.
    pub text: String,
    /// About which order.
    #[serde(default)]
    pub order: Option<String>,
    /// How to be reached.
    #[serde(default)]
    pub phone: Option<String>,
    /// How to be reached.
    #[serde(default)]
    pub email: Option<String>,
}

/// What became of a message that was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Left {
    /// Number of the line with the text.
    pub seq: i64,
    /// Until when it is answered, microseconds UTC.
    pub due_at: i64,
}

/// A message that a buyer left, as the desk sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FollowUp {
    /// `fup_…`.
    pub id: String,
    /// `cnv_…`.
    pub conversation: String,
    /// Whose it is.
    pub buyer: Buyer,
    /// `question`, `order`, `complaint`.
    pub wish: String,
    /// What was written; null when taken back.
    pub text: Option<String>,
    /// About which order.
    pub order: Option<String>,
    /// How to be reached.
    pub phone: Option<String>,
    /// How to be reached.
    pub email: Option<String>,
    /// Who answers.
    pub owner: Option<AgentName>,
    /// When it was left, microseconds UTC.
    pub at: i64,
    /// Until when it is answered, microseconds UTC.
    pub due_at: i64,
    /// When it was, microseconds UTC.
    pub done_at: Option<i64>,
    /// By whom.
    pub done_by: Option<AgentName>,
}

/// A page of left messages.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FollowUps {
    /// They.
    pub follow_ups: Vec<FollowUp>,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// Server's time.
    pub now: i64,
}

/// Who is to answer; null: nobody in particular.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AssignBody {
    /// `acc_…`.
    pub to: Option<String>,
}

/// What a shop offers its buyers beside the talk, and what it tells them first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Offer {
    /// Server's time.
    pub now: i64,
    /// When the shop opens next, microseconds UTC; null while it is open.
    pub opens_at: Option<i64>,
    /// Until when a message left now is answered, microseconds UTC.
    pub due_at: i64,
    /// Minutes in the queue after which leaving a message is offered.
    pub leave_after_minutes: u32,
    /// Sessions may be rated.
    pub rating: bool,
    /// The page being looked at may be told, after the privacy notice.
    pub viewing: bool,
    /// The privacy notice.
    pub privacy: PrivacyNotice,
}

/// What a buyer is told about own data, and agrees to.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PrivacyNotice {
    /// Grows with every change of the text.
    pub version: i64,
    /// The shop's own text in Chinese; null: the client's.
    pub zh: Option<String>,
    /// The shop's own text in English; null: the client's.
    pub en: Option<String>,
}
