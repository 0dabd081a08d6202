//! One table of error codes. A code never changes its meaning.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident, $word:literal, $status:literal, $message:literal;)*) => {
        /// A stable error code; its word is on the wire, its meaning in docs/PROTOCOL.md section 7.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $($(#[$doc])* $name,)* }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word on the wire.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The HTTP status that carries it.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// What developers read.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Self::$name => $message,)* }
            }
        }
    };
}

error_codes! {
    /// Malformed body, parameter or frame.
    BadRequest,         "bad_request",         400, "The request is malformed";
    /// Client id of the wrong form.
    BadClientId,        "bad_client_id",       400, "A client id has 8 to 64 characters of A-Z a-z 0-9 . _ -";
    /// Blank text.
    EmptyText,          "empty_text",          400, "The text is empty";
    /// Text beyond the limit.
    TooLong,            "too_long",            400, "The text is too long";
    /// Frame type not known.
    UnknownFrame,       "unknown_frame",       400, "This frame type is not known";
    /// Protocol version not known.
    UnsupportedVersion, "unsupported_version", 400, "Only version 1 is spoken here";
    /// No or expired session, unknown visitor token.
    NotSignedIn,        "not_signed_in",       401, "Sign in first";
    /// Login or password wrong.
    WrongPassword,      "wrong_password",      401, "Login or password is wrong";
    /// Code wrong.
    WrongCode,          "wrong_code",          401, "The code is wrong or was used before";
    /// The password was right, a code is awaited.
    SecondFactorNeeded, "second_factor_needed", 401, "The password is right; a code is needed too";
    /// Identity token refused.
    BadIdentity,        "bad_identity",        401, "The identity token is not valid for this shop";
    /// The signature of a hook.
    BadSignature,       "bad_signature",       401, "The signature over the body is not valid, or was made too long ago";
    /// A link to a file whose signature is wrong or whose time is over.
    BadLink,            "bad_link",            403, "This link is not valid or no longer; load the conversation again";
    /// Right missing.
    Forbidden,          "forbidden",           403, "Your roles do not include this right";
    /// A buyer who is kept out for a time.
    Blocked,            "blocked",             403, "The shop takes no messages from this buyer until a day";
    /// The key of the first visit.
    WrongSetupKey,      "wrong_setup_key",     403, "This is not the key that the server printed when it started";
    /// The shop demands a second factor.
    SecondFactorDemanded, "second_factor_demanded", 403, "The shop demands a second factor of your roles";
    /// The password was given by somebody else.
    PasswordChangeDemanded, "password_change_demanded", 403, "Choose a password of your own first";
    /// Password or code have to be given again.
    StepUpNeeded,       "step_up_needed",      403, "Give your password or a code again first";
    /// Origin not on the shop's list.
    OriginRefused,      "origin_refused",      403, "This origin is not on the shop's list";
    /// No such thing.
    NotFound,           "not_found",           404, "There is no such thing here";
    /// Client id used for another content.
    ClientIdConflict,   "client_id_conflict",  409, "This client id was used for another content";
    /// Somebody else's message.
    NotYours,           "not_yours",           409, "Only the author can take a message back";
    /// A rule of the shop keeps the message back.
    GuardBlocks,        "guard_blocks",        409, "A rule of the shop keeps this message back";
    /// A rule of the shop wants it confirmed.
    GuardAsks,          "guard_asks",          409, "A rule of the shop asks: confirm it with a reason, or change the text";
    /// Sent before.
    AlreadySent,        "already_sent",        409, "This attachment was sent already; upload it again";
    /// Nobody vouches for the buyer.
    NotIdentified,      "not_identified",      409, "The buyer is not identified: orders and addresses are not shown";
    /// The shop does not take it.
    NotEnabled,         "not_enabled",         409, "The shop has not switched this on";
    /// A buyer in a dispute.
    CallsOff,           "calls_off",           409, "This buyer is protected from calls";
    /// In use already.
    SecondFactorOn,     "second_factor_on",    409, "A second factor is in use already";
    /// Taken back before.
    AlreadyRecalled,    "already_recalled",    409, "The message is taken back already";
    /// Nothing open.
    SessionClosed,      "session_closed",      409, "No session is open in this conversation";
    /// The receiver cannot receive.
    AgentUnavailable,   "agent_unavailable",   409, "This colleague cannot receive now";
    /// One transfer waits already.
    TransferOpen,       "transfer_open",       409, "A colleague is asked to take this buyer over already";
    /// Nothing to accept.
    TransferOver,       "transfer_over",       409, "This transfer is over: the giver keeps the buyer";
    /// A phrase outside its time.
    PhraseExpired,      "phrase_expired",      409, "It is not the time of this phrase";
    /// A person of another shop too.
    WorksElsewhere,     "works_elsewhere",     409, "This person works in another shop too; only their own shop list changes";
    /// Nobody would own the shop.
    LastOwner,          "last_owner",          409, "The shop would be without an owner";
    /// A name or code that is in use.
    NameTaken,          "name_taken",          409, "This name or code is in use already";
    /// A folder that holds something.
    NotEmpty,           "not_empty",           409, "The folder is not empty";
    /// Window over.
    TooLate,            "too_late",            409, "The time for this is over";
    /// Body or frame too big.
    TooBig,             "too_big",             413, "The body is too big";
    /// A kind of file that is not taken.
    TypeRefused,        "type_refused",        415, "This kind of file is not taken";
    /// A picture or file that is not what it says.
    BadAttachment,      "bad_attachment",      422, "The file cannot be read as what it says it is";
    /// Too many at once.
    TooMany,            "too_many",            429, "Too many at once";
    /// Rate limit.
    TooFast,            "too_fast",            429, "Too fast, slow down";
    /// Our fault.
    Internal,           "internal",            500, "Something failed on our side; nothing was changed";
    /// Not stored; try again.
    Unavailable,        "unavailable",         503, "Not stored; try again with the same client id";
    /// The shop's room for files is used up.
    NoSpace,            "no_space",            507, "The shop's room for attachments is used up";
}

/// An error on the wire.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// Stable word for programs.
    pub code: String,
    /// English, for developers.
    pub message: String,
    /// Values that belong to the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub params: Option<serde_json::Value>,
    /// Id of the request in the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
}

impl ErrorBody {
    /// The body of a code without parameters.
    #[must_use]
    pub fn of(code: ErrorCode) -> Self {
        Self {
            code: code.word().to_owned(),
            message: code.message().to_owned(),
            params: None,
            request: None,
        }
    }

    /// The body of a code with parameters.
    #[must_use]
    pub fn with(code: ErrorCode, params: serde_json::Value) -> Self {
        Self { params: Some(params), ..Self::of(code) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_in_the_protocol_page_with_its_status() {
        let page = include_str!("../../../docs/PROTOCOL.md");
        for code in ErrorCode::ALL {
            let row = format!("| `{}` | {} |", code.word(), code.status());
            assert!(page.contains(&row), "docs/PROTOCOL.md lacks {row}");
        }
    }
}
