//! Typed ids on the wire: a prefix that says what it is, and the id. `parse` refuses a foreign prefix.

use xiaoer_domain::id::{AccountId, FollowUpId, GroupId, PublicId, SessionId};

/// `cnv_…`: a conversation.
pub const CONVERSATION: &str = "cnv_";
/// `byr_…`: a buyer.
pub const BUYER: &str = "byr_";
/// `att_…`: an attachment.
pub const ATTACHMENT: &str = "att_";
/// `ord_…`: an order.
pub const ORDER: &str = "ord_";
const ACCOUNT: &str = "acc_";
const SESSION: &str = "ses_";
const FOLLOW_UP: &str = "fup_";
const SIGN_IN: &str = "sin_";
const GROUP: &str = "grp_";

/// Writes a public id with its prefix.
#[must_use]
pub fn public(prefix: &str, id: PublicId) -> String {
    format!("{prefix}{id}")
}

/// Reads a public id with its prefix.
#[must_use]
pub fn parse_public(prefix: &str, text: &str) -> Option<PublicId> {
    PublicId::parse_hex(text.strip_prefix(prefix)?)
}

/// Writes an account's id.
#[must_use]
pub fn account(id: AccountId) -> String {
    format!("{ACCOUNT}{id}")
}

/// Reads an account's id.
#[must_use]
pub fn parse_account(text: &str) -> Option<AccountId> {
    text.strip_prefix(ACCOUNT)?.parse().ok().map(AccountId::new)
}

/// Writes a session's id.
#[must_use]
pub fn session(id: SessionId) -> String {
    format!("{SESSION}{id}")
}

/// Reads a session's id.
#[must_use]
pub fn parse_session(text: &str) -> Option<SessionId> {
    text.strip_prefix(SESSION)?.parse().ok().map(SessionId::new)
}

/// Writes a group's id.
#[must_use]
pub fn group(id: GroupId) -> String {
    format!("{GROUP}{id}")
}

/// Reads a group's id.
#[must_use]
pub fn parse_group(text: &str) -> Option<GroupId> {
    text.strip_prefix(GROUP)?.parse().ok().map(GroupId::new)
}

/// Writes the id of a left message.
#[must_use]
pub fn follow_up(id: FollowUpId) -> String {
    format!("{FOLLOW_UP}{id}")
}

/// Reads the id of a left message.
#[must_use]
pub fn parse_follow_up(text: &str) -> Option<FollowUpId> {
    text.strip_prefix(FOLLOW_UP)?.parse().ok().map(FollowUpId::new)
}

/// Writes a sign-in's id.
#[must_use]
pub fn sign_in(id: i64) -> String {
    format!("{SIGN_IN}{id}")
}

/// Reads a sign-in's id.
#[must_use]
pub fn parse_sign_in(text: &str) -> Option<i64> {
    text.strip_prefix(SIGN_IN)?.parse().ok()
}
