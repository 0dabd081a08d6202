//! Hours, roster and modes on the wire. Days are `2026-11-23`; spans of a day are texts such as
//! `08:00-12:00 13:00-24:00`, in the shop's zone, the last perhaps past midnight.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// When the shop serves.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DutyPlan {
    /// IANA time zone.
    pub zone: String,
    /// Server time.
    pub now: i64,
    /// Spans of each weekday, Monday first.
    pub week: Vec<String>,
    /// Whether anybody ever said so; else it is the product's default.
    pub is_set: bool,
    /// Spans of the day shift.
    pub day_shift: String,
    /// Spans of the night shift.
    pub night_shift: String,
    /// Fewest people in a half hour of service.
    pub roster_min: u32,
    /// Whether the shop serves now.
    pub is_open: bool,
    /// When it serves next; absent while it does, or when it never does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<i64>,
    /// When it stops; absent when it does not serve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closes_at: Option<i64>,
    /// Whether who is off duty is kept from new buyers.
    pub binds: bool,
    /// Whether one is on duty oneself.
    pub on_duty: bool,
    /// Why: `rostered`, `not_rostered`, `no_roster`, `no_hours`, `shop_closed`.
    pub why: String,
    /// Days that are different and not over.
    pub special: Vec<SpecialDay>,
    /// Modes that are not over.
    pub modes: Vec<Mode>,
}

/// New hours.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct HoursBody {
    /// Spans of each weekday, Monday first; an empty one is a day without service.
    pub week: Vec<String>,
    /// Spans of the day shift.
    #[serde(default)]
    pub day_shift: Option<String>,
    /// Spans of the night shift.
    #[serde(default)]
    pub night_shift: Option<String>,
    /// Fewest people in a half hour of service.
    #[serde(default)]
    pub roster_min: Option<u32>,
}

/// A holiday or an exception.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SpecialDay {
    /// Its number.
    pub id: i64,
    /// First day.
    pub first: String,
    /// Last day.
    pub last: String,
    /// When the shop serves on each; empty: closed.
    pub spans: String,
    /// What people call it.
    pub name: String,
}

/// A new one.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SpecialDayBody {
    /// First day.
    pub first: String,
    /// Last day.
    pub last: String,
    /// When the shop serves on each; empty: closed.
    #[serde(default)]
    pub spans: String,
    /// What people call it, up to 60 characters.
    #[serde(default)]
    pub name: String,
}

/// A week of the roster.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Roster {
    /// Its Monday.
    pub first: String,
    /// Seven days.
    pub days: Vec<RosterDay>,
    /// Everybody who can be planned, by name.
    pub people: Vec<RosterPerson>,
    /// Who works when.
    pub shifts: Vec<Shift>,
    /// Whether one may write it.
    pub may_plan: bool,
}

/// A day of the roster.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RosterDay {
    /// The day.
    pub day: String,
    /// When the shop serves.
    pub spans: String,
    /// People in each of its 48 half hours.
    pub counts: Vec<u32>,
    /// Half hours of service with too few, counted from midnight.
    pub gaps: Vec<usize>,
    /// Name of the holiday or exception, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub special: Option<String>,
}

/// Somebody who can be planned.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RosterPerson {
    /// `acc_…`.
    pub id: String,
    /// Name.
    pub name: String,
}

/// Somebody's work on a day.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Shift {
    /// `acc_…`.
    pub agent: String,
    /// The day.
    pub day: String,
    /// `day`, `night` or `own`.
    pub kind: String,
    /// When.
    pub spans: String,
}

/// Plans days of people; at most 500 at once.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RosterBody {
    /// Each in place of what was planned.
    pub shifts: Vec<ShiftBody>,
}

/// Somebody's work on a day.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ShiftBody {
    /// `acc_…`.
    pub agent: String,
    /// The day.
    pub day: String,
    /// `day`, `night`, `own` or `off`.
    pub kind: String,
    /// For `own`: when.
    #[serde(default)]
    pub spans: String,
}

/// Fills a week from another one.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RosterCopy {
    /// A day of the week that is read.
    pub from: String,
    /// A day of the week that is written; what was planned for it goes.
    pub to: String,
    /// `same`, or `rotate`: everybody takes the shifts of the one before.
    pub how: String,
}

/// What is different for a time.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Mode {
    /// Its number.
    pub id: i64,
    /// Whether it holds now.
    pub is_on: bool,
    /// When it was switched off before its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<i64>,
    /// What it is.
    #[serde(flatten)]
    pub body: ModeBody,
}

/// Writes a mode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ModeBody {
    /// `night` or `big_sale`.
    pub kind: String,
    /// From when, microseconds UTC.
    pub starts_at: i64,
    /// Until when.
    pub ends_at: i64,
    /// What caps become, in percent.
    #[serde(default = "unchanged")]
    pub cap_percent: u32,
    /// What buyers are told meanwhile, in Chinese; up to 300 characters.
    #[serde(default)]
    pub text_zh: String,
    /// The same in English.
    #[serde(default)]
    pub text_en: String,
    /// What has to be ready; up to 40.
    #[serde(default)]
    pub checks: Vec<ModeCheck>,
}

/// Something that has to be ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ModeCheck {
    /// What; up to 120 characters.
    pub text: String,
    /// Whether it is.
    pub done: bool,
}

const fn unchanged() -> u32 {
    100
}
