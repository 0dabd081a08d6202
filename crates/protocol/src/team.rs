//! People of the shop on the wire: sign-in, own state, colleagues.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Sign in.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SignIn {
    /// Login name.
    pub login: String,
    /// Password.
    pub password: String,
}

/// An account.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Account {
    /// `acc_…`.
    pub id: String,
    /// Name.
    pub name: String,
    /// Login name.
    pub login: String,
    /// Language of the interface.
    pub lang: String,
}

/// A shop in which the account works.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Shop {
    /// Key in URLs.
    pub key: String,
    /// Name.
    pub name: String,
    /// Accounting currency.
    pub currency: String,
    /// IANA time zone.
    pub zone: String,
    /// Duties.
    pub roles: Vec<String>,
    /// What these duties allow: the desk shows no page that it could not fill.
    pub rights: Vec<String>,
    /// Seconds of waiting at which notice, alarm and overtime begin.
    pub wait_seconds: [u32; 3],
}

/// Who is signed in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SignedIn {
    /// The account.
    pub account: Account,
    /// Its shops.
    pub shops: Vec<Shop>,
}

/// Oneself at a desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// `acc_…`.
    pub id: String,
    /// Name.
    pub name: String,
    /// `available` or `away`.
    pub state: String,
    /// Duties.
    pub roles: Vec<String>,
}

/// How a person likes the desk, the same on every device.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Preferences {
    /// Changes so far; 0 when nothing was ever chosen.
    pub version: i64,
    /// A JSON object; its keys are the desk's own.
    #[schema(value_type = Object)]
    pub document: serde_json::Value,
}

/// Choices to remember. What is not named stays; null forgets a choice.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PreferencesChange {
    /// A JSON object.
    #[schema(value_type = Object)]
    pub set: serde_json::Value,
}

/// Own state.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct StateBody {
    /// `available` or `away`.
    pub state: String,
}

/// A colleague.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Agent {
    /// `acc_…`.
    pub id: String,
    /// Name.
    pub name: String,
    /// `available`, `away` or `offline`.
    pub state: String,
    /// Seats taken.
    pub open_sessions: i64,
    /// Most seats.
    pub cap: i64,
}

/// The colleagues who serve.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Agents {
    /// In order of name.
    pub agents: Vec<Agent>,
}
