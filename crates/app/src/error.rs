//! What a use case answers when it does not do what was asked. Only the server turns it into HTTP.

use thiserror::Error;
use xiaoer_domain::chat::{Refusal, TextError};
use xiaoer_domain::team::Right;
use xiaoer_protocol::ErrorCode;
use xiaoer_store::StoreError;

/// Why nothing was done.
#[derive(Clone, Debug, Error)]
pub enum AppError {
    /// The caller can act on it: a code and its parameters.
    #[error("{code:?}")]
    Refused {
        /// Stable code.
        code: ErrorCode,
        /// Values that belong to it.
        params: Option<serde_json::Value>,
    },
    /// The database did not take it. The cause is logged, never shown.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AppError {
    /// A refusal without parameters.
    #[must_use]
    pub const fn refused(code: ErrorCode) -> Self {
        Self::Refused { code, params: None }
    }

    /// A malformed field.
    #[must_use]
    pub fn bad_field(field: &str) -> Self {
        Self::Refused {
            code: ErrorCode::BadRequest,
            params: Some(serde_json::json!({ "field": field })),
        }
    }

    /// A missing right.
    #[must_use]
    pub fn forbidden(right: Right) -> Self {
        let params = Some(serde_json::json!({ "right": right.word() }));
        Self::Refused { code: ErrorCode::Forbidden, params }
    }

    /// The code on the wire.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Refused { code, .. } => *code,
            Self::Store(StoreError::NotFound { .. }) => ErrorCode::NotFound,
            Self::Store(StoreError::Unavailable { .. }) => ErrorCode::Unavailable,
            Self::Store(_) => ErrorCode::Internal,
        }
    }

    /// The values on the wire.
    #[must_use]
    pub fn params(&self) -> Option<serde_json::Value> {
        match self {
            Self::Refused { params, .. } => params.clone(),
            Self::Store(_) => None,
        }
    }
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotYours => Self::refused(ErrorCode::NotYours),
            Refusal::AlreadyRecalled => Self::refused(ErrorCode::AlreadyRecalled),
            Refusal::TooLate => Self::refused(ErrorCode::TooLate),
            Refusal::NotAMessage => Self::bad_field("seq"),
            Refusal::SessionClosed => Self::refused(ErrorCode::SessionClosed),
            Refusal::ServedByColleague => Self::forbidden(Right::TakeOver),
        }
    }
}

impl From<TextError> for AppError {
    fn from(error: TextError) -> Self {
        match error {
            TextError::BadClientId => Self::refused(ErrorCode::BadClientId),
            TextError::Empty => Self::refused(ErrorCode::EmptyText),
            TextError::TooLong { chars_max } => Self::Refused {
                code: ErrorCode::TooLong,
                params: Some(serde_json::json!({ "max": chars_max })),
            },
        }
    }
}
