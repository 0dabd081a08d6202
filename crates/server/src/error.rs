//! The edge where a refusal becomes an HTTP answer. Causes are logged here once and never leave the server.

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use xiaoer_app::AppError;
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::error_code::ErrorBody;

/// A refusal on its way out.
#[derive(Clone, Debug)]
pub struct ApiError(pub AppError);

impl From<AppError> for ApiError {
    fn from(error: AppError) -> Self {
        Self(error)
    }
}

impl ApiError {
    /// A refusal without parameters.
    pub const fn of(code: ErrorCode) -> Self {
        Self(AppError::refused(code))
    }

    /// The body on the wire.
    pub fn body(&self) -> ErrorBody {
        body(&self.0)
    }
}

/// The body of an error on the wire.
pub fn body(error: &AppError) -> ErrorBody {
    ErrorBody { params: error.params(), ..ErrorBody::of(error.code()) }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.code().status())
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self.body())).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Names each request, writes its id into error bodies, and logs what failed on our side.
pub async fn name_request(
    axum::extract::State(server): axum::extract::State<crate::Server>,
    request: Request,
    next: Next,
) -> Response {
    let id = server
        .app
        .chance
        .bytes::<8>()
        .iter()
        .fold("req_".to_owned(), |id, b| format!("{id}{b:02x}"));
    let what = format!("{} {}", request.method(), request.uri().path());
    let mut response = next.run(request).await;
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        if error.0.code().status() >= 500 {
            tracing::error!(
                request.id = id,
                request.what = what,
                error = chain(&error.0),
                "{what} failed"
            );
        }
        let mut body = error.body();
        body.request = Some(id.clone());
        let status = response.status();
        let headers = response.headers().clone();
        response = (status, Json(body)).into_response();
        for (name, value) in &headers {
            if name != header::CONTENT_LENGTH && name != header::CONTENT_TYPE {
                response.headers_mut().insert(name, value.clone());
            }
        }
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}

/// An error with its causes, for the log.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
