//! People of the shop on the wire: sign-in, own state, colleagues.

pub mod call;
pub mod duty;
pub mod handover;
pub mod people;

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

/// The second step of a sign-in.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SignInCode {
    /// As `second_factor_needed` gave it.
    pub challenge: String,
    /// Six digits, or a recovery code.
    pub code: String,
}

/// Password or code again, exactly one of them.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct StepUp {
    /// Password.
    #[serde(default)]
    pub password: Option<String>,
    /// Six digits, or a recovery code.
    #[serde(default)]
    pub code: Option<String>,
}

/// A new password.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct ChangePassword {
    /// The present one.
    pub current: String,
    /// The new one.
    pub new: String,
}

/// A second factor that waits for its first code.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct NewSecondFactor {
    /// For typing, in base 32.
    pub secret: String,
    /// For authenticator apps.
    pub uri: String,
    /// The same as an SVG picture.
    pub picture: String,
}

/// The first code of a second factor.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct FirstCode {
    /// Six digits.
    pub code: String,
}

/// Recovery codes, shown once.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct RecoveryCodes {
    /// Each opens the door once.
    pub codes: Vec<String>,
}

/// What protects the own account.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Security {
    /// Since when a second factor is in use; absent: none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_factor_since: Option<i64>,
    /// Recovery codes that are left.
    pub recovery_codes_left: i64,
    /// Until when dangerous acts are open without password or code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proven_until: Option<i64>,
    /// Where the account is signed in, newest first.
    pub sign_ins: Vec<SignInPlace>,
}

/// A place where the account is signed in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SignInPlace {
    /// `sin_…`.
    pub id: String,
    /// What the browser calls itself.
    pub device: String,
    /// Network address at sign-in.
    pub address: String,
    /// Since when.
    pub since: i64,
    /// Last use, to a few minutes.
    pub seen_at: i64,
    /// The one that asks.
    pub is_current: bool,
}

/// How many sign-ins ended.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Revoked {
    /// How many.
    pub ended: u64,
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
    /// Whether the shop is closed to the account until it has a second factor.
    pub needs_second_factor: bool,
}

/// Who is signed in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SignedIn {
    /// The account.
    pub account: Account,
    /// Its shops.
    pub shops: Vec<Shop>,
    /// Whether the password was given by somebody else and has to be replaced first.
    pub must_change_password: bool,
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

/// What an agent says of oneself to buyers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Signature {
    /// The own one; empty when there is none.
    pub text: String,
    /// `off`, `name` (in place of the name) or `line` (under it): the shop's wish.
    pub shown: String,
    /// The shop's own, for who has none.
    pub default: String,
}

/// Writes the own signature.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SignatureBody {
    /// Up to 40 characters; empty takes it away.
    pub text: String,
}
