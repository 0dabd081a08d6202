//! The people of a shop, for whoever manages it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Somebody of the shop.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Person {
    /// `acc_…`.
    pub id: String,
    /// Login name.
    pub login: String,
    /// Name.
    pub name: String,
    /// Language of the interface.
    pub lang: String,
    /// Duties.
    pub roles: Vec<String>,
    /// Most buyers at once.
    pub cap: i64,
    /// `available`, `away` or `offline`.
    pub state: String,
    /// Sessions that are open.
    pub open_sessions: i64,
    /// Whether the account is switched off.
    pub is_off: bool,
    /// Whether the password is one that somebody else gave and is still to be replaced.
    pub has_given_password: bool,
    /// Since when a second factor is in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_factor_since: Option<i64>,
}

/// Everybody of the shop.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct People {
    /// In order of name.
    pub people: Vec<Person>,
}

/// Duties and cap of somebody.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PersonChange {
    /// Duties, at least one.
    pub roles: Vec<String>,
    /// Most buyers at once.
    pub cap: i64,
}

/// Somebody leaves.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SwitchOff {
    /// `acc_…` of the colleague who goes on with the open conversations; `anybody`: whoever is available; absent: nobody.
    #[serde(default)]
    pub hand_to: Option<String>,
}

/// What became of the open conversations.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SwitchedOff {
    /// With a colleague now.
    pub given: u32,
    /// To be taken over at the desk.
    pub left: Vec<String>,
}

/// People as a table: from a spreadsheet or a file, with or without a heading.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PeopleTable {
    /// Login name, name, duties, cap, language; tabs, commas or semicolons between.
    pub table: String,
}

/// The lines of a table, judged.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PeopleLines {
    /// In their order.
    pub lines: Vec<PeopleLine>,
}

/// One line of a table.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PeopleLine {
    /// Number in the table.
    pub line: u64,
    /// Login name.
    pub login: String,
    /// Name.
    pub name: String,
    /// Duties, as words where they are known.
    pub roles: Vec<String>,
    /// Most buyers at once, as it was written.
    pub cap: String,
    /// Language.
    pub lang: String,
    /// What is wrong; empty: nothing.
    pub faults: Vec<LineFault>,
}

/// What is wrong with a line.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct LineFault {
    /// `login`, `name`, `roles`, `cap` or `lang`.
    pub field: String,
    /// `wrong`, `taken` (somebody has it), `twice` (in this table), `forbidden` (only owners make owners).
    pub code: String,
}

/// A password that is told for the only time; its owner replaces it at the next sign-in.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct GivenPassword {
    /// Login name.
    pub login: String,
    /// Name.
    pub name: String,
    /// The password.
    pub password: String,
}

/// Everybody who was added.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct PeopleAdded {
    /// In the order of the table.
    pub passwords: Vec<GivenPassword>,
}
