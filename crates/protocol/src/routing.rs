//! Routing on the wire: groups, what supervisors steer, why a session went where it went, and the live wall.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::figures::Today;

/// A skill group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Group {
    /// `grp_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `pre_sales`, `in_sales` or `after_sales`: whose buyers it serves. Without one it is reached by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// `least_loaded`, `round_robin` or `level_weighted`.
    pub strategy: String,
    /// A buyer who returns soon meets the same agent.
    pub last_agent_first: bool,
    /// `acc_…` of everybody who belongs to it.
    pub members: Vec<String>,
}

/// The groups of a shop.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Groups {
    /// In the order in which they were made.
    pub groups: Vec<Group>,
}

/// What a group is to be.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct GroupBody {
    /// Its name, up to 40 characters.
    pub name: String,
    /// The stage whose buyers it serves.
    #[serde(default)]
    pub stage: Option<String>,
    /// How it chooses.
    pub strategy: String,
    /// Whether a buyer who returns soon meets the same agent.
    pub last_agent_first: bool,
    /// Everybody who belongs to it.
    pub members: Vec<String>,
}

/// What is to change for an agent; what is not named stays.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct SteerBody {
    /// Most seats, 0 to 200.
    #[serde(default)]
    pub cap: Option<i64>,
    /// Share beside colleagues in hundredths, 10 to 300.
    #[serde(default)]
    pub weight: Option<i64>,
    /// Whether new buyers are kept away.
    #[serde(default)]
    pub paused: Option<bool>,
}

/// How an agent is steered now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Steering {
    /// Most seats.
    pub cap: i64,
    /// Share beside colleagues, in hundredths.
    pub weight: i64,
    /// Whether new buyers are kept away.
    pub paused: bool,
}

/// A session is to go to a group.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct HandToGroup {
    /// `grp_…`.
    pub group: String,
    /// Shown in the staff lane.
    #[serde(default)]
    pub note: Option<String>,
}

/// The agent looks into something (查证中).
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct CheckingBody {
    /// For so many minutes, at most 120; 0: no longer.
    pub minutes: u32,
}

/// Until when the agent looks into it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct Checking {
    /// Microseconds UTC; null: not now.
    pub until: Option<i64>,
}

/// How a buyer is received from now on.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BuyerRouteBody {
    /// `normal`, `high` or `vip`.
    pub priority: String,
    /// `acc_…` of the buyer's own agent; empty for none. Without it the own agent stays.
    #[serde(default)]
    pub agent: Option<String>,
}

/// Why a session went where it went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RoutingDecision {
    /// Microseconds UTC.
    pub at: i64,
    /// Who got it; absent: it began to queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<Named>,
    /// For which group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<Named>,
    /// The rule that chose, or what it waits for.
    pub code: String,
    /// Values for the sentence.
    #[schema(value_type = Object)]
    pub params: serde_json::Value,
    /// Who had a seat.
    pub considered: Vec<Considered>,
    /// Who was not considered, and why.
    pub excluded: Vec<Excluded>,
}

/// The decisions of a session, the latest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RoutingDecisions {
    /// The decisions.
    pub decisions: Vec<RoutingDecision>,
}

/// An id with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Named {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
}

/// A candidate with a seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Considered {
    /// Who.
    pub agent: Named,
    /// Seats taken then.
    pub load: i64,
    /// Most seats then.
    pub cap: i64,
}

/// A candidate that was passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Excluded {
    /// Who.
    pub agent: Named,
    /// `offline`, `off_duty`, `away`, `suspended`, `invisible`, `paused`, `other_group` or `full`.
    pub reason: String,
}

/// What a supervisor sees of this moment.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Wall {
    /// Server's time.
    pub now: i64,
    /// Everybody who serves.
    pub agents: Vec<WallAgent>,
    /// The groups.
    pub groups: Vec<WallGroup>,
    /// The head of the queue, in the order in which it is served.
    pub queue: Vec<WallQueued>,
    /// How many queue in all.
    pub queued: usize,
    /// The longest wait of all, queued or served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest: Option<WallWait>,
    /// What was steered or went back lately, the latest first.
    pub moves: Vec<WallMove>,
    /// Sessions that opened in each of the last minutes, the present one last.
    pub arrivals: Vec<i64>,
    /// How many sessions could be served in a minute, from recent receptions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub served_per_minute: Option<i64>,
    /// What was counted of the day so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub today: Option<Today>,
}

/// An agent on the wall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WallAgent {
    /// `acc_…`.
    pub id: String,
    /// Name.
    pub name: String,
    /// State, or `offline`.
    pub state: String,
    /// Whether new buyers come: state, duty and pause together.
    pub receives: bool,
    /// Seats taken.
    pub load: i64,
    /// Most seats now.
    pub cap: i64,
    /// Most seats as they were set; a mode may change them for a time.
    pub own_cap: i64,
    /// Whether hours and roster let new buyers come.
    pub on_duty: bool,
    /// Share beside colleagues, in hundredths.
    pub weight: i64,
    /// Whether a supervisor keeps new buyers away.
    pub paused: bool,
    /// `grp_…` of the own groups.
    pub groups: Vec<String>,
    /// One for each seat taken: since when its buyer waits, 0 when nobody does; the longest wait first.
    pub seats: Vec<i64>,
    /// The conversation of the longest wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest: Option<String>,
}

/// A group on the wall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WallGroup {
    /// `grp_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How many queue for it.
    pub queued: usize,
    /// Since when the first of them waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
}

/// A queued buyer on the wall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WallQueued {
    /// `cnv_…`.
    pub conversation: String,
    /// The buyer's name; empty for a visitor.
    pub buyer: String,
    /// `normal`, `high` or `vip`.
    pub priority: String,
    /// Since when.
    pub since: i64,
    /// `grp_…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// What it waits for.
    pub code: String,
    /// Expected wait from now on in seconds, if it can be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_s: Option<i64>,
}

/// A wait on the wall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WallWait {
    /// `cnv_…`.
    pub conversation: String,
    /// The buyer's name; empty for a visitor.
    pub buyer: String,
    /// Who serves; absent: nobody yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<Named>,
    /// Since when.
    pub since: i64,
}

/// Something that was moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WallMove {
    /// Microseconds UTC.
    pub at: i64,
    /// Who did it; absent: the house.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What: `steered`, `group_changed`, `agent_away` …
    pub code: String,
    /// Values for the sentence.
    #[schema(value_type = Object)]
    pub params: serde_json::Value,
}
