//! Attachments: taken in as a stream that is cut off where it becomes too long, and given out by signed links.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{RawPathParams, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use serde::Deserialize;
use tokio_util::io::ReaderStream;
use xiaoer_app::AppError;
use xiaoer_app::chat::Incoming;
use xiaoer_app::chat::links::Picture;
use xiaoer_app::platform::Shop;
use xiaoer_domain::id::ConversationId;
use xiaoer_protocol::content::Attachment;
use xiaoer_protocol::error_code::ErrorBody;
use xiaoer_protocol::{ErrorCode, id};
use xiaoer_store::chat::attachments::Uploader;

use super::{Query, paced_by_the_minute, path_conversation, path_param};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Anybody, Buyer, Serving, Staff};

/// An upload that brings nothing for this long is given up.
const PATIENCE: Duration = Duration::from_secs(30);
/// Names the file, percent-encoded UTF-8.
const FILE_NAME: HeaderName = HeaderName::from_static("x-file-name");
/// What a file may do where a browser opens it: nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// A buyer uploads a picture or file, to send it afterwards.
#[utoipa::path(post, operation_id = "buyerUpload", path = "/api/v1/widget/{shop}/attachments",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = Attachment), (status = "4XX", body = ErrorBody)))]
pub async fn buyer_upload(
    buyer: Buyer,
    State(server): State<Server>,
    request: Request,
) -> Result<Json<Attachment>, ApiError> {
    let caller = buyer.caller;
    let pace = format!("upload.v{}", caller.visitor);
    paced_by_the_minute(&server, pace, server.app.limits.uploads_per_minute)?;
    let by = Uploader::Visitor(caller.visitor);
    upload(&server, buyer.shop, caller.conversation, by, request).await
}

/// Staff upload a picture or file to a conversation, to send it there afterwards.
#[utoipa::path(post, operation_id = "staffUpload", path = "/api/v1/shops/{shop}/conversations/{cnv}/attachments",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = Attachment), (status = "4XX", body = ErrorBody)))]
pub async fn staff_upload(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
    request: Request,
) -> Result<Json<Attachment>, ApiError> {
    let account = staff.caller.sender.account;
    let pace = format!("upload.a{account}");
    paced_by_the_minute(&server, pace, server.app.limits.uploads_per_minute)?;
    let conversation = path_conversation(&server, &staff.shop, &path).await?;
    upload(&server, staff.shop, conversation, Uploader::Staff(account), request).await
}

/// Uploads a picture or file that goes with a phrase.
#[utoipa::path(post, operation_id = "phraseUpload", path = "/api/v1/shops/{shop}/phrases/{id}/files",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = Attachment), (status = "4XX", body = ErrorBody)))]
pub async fn phrase_upload(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
    request: Request,
) -> Result<Json<Attachment>, ApiError> {
    let pace = format!("upload.a{}", staff.caller.sender.account);
    paced_by_the_minute(&server, pace, server.app.limits.uploads_per_minute)?;
    let phrase = super::phrases::phrase_id(&path)?;
    let (name, announced, body) = parts_of(request);
    let begun = server.app.begin_phrase_upload(staff.shop, &staff.caller, phrase, name, announced);
    let incoming = taken_in(begun.await?, body).await?;
    Ok(Json(server.app.end_phrase_upload(incoming, phrase).await?))
}

async fn upload(
    server: &Server,
    shop: Arc<Shop>,
    conversation: ConversationId,
    by: Uploader,
    request: Request,
) -> Result<Json<Attachment>, ApiError> {
    let (name, announced, body) = parts_of(request);
    let incoming = server.app.begin_upload(shop, conversation, by, name, announced).await?;
    Ok(Json(server.app.finish_upload(taken_in(incoming, body).await?).await?))
}

/// The name that a request gives its file, how long it says to be, and itself.
fn parts_of(request: Request) -> (String, Option<u64>, Body) {
    let (parts, body) = request.into_parts();
    let text = |name: &HeaderName| parts.headers.get(name).and_then(|v| v.to_str().ok());
    let name = decoded(text(&FILE_NAME).unwrap_or_default());
    (name, text(&header::CONTENT_LENGTH).and_then(|length| length.parse().ok()), body)
}

async fn taken_in(mut incoming: Incoming, body: Body) -> Result<Incoming, ApiError> {
    let mut body = body.into_data_stream();
    loop {
        let cut_off = || ApiError(AppError::bad_field("body"));
        let chunk = tokio::time::timeout(PATIENCE, body.next()).await.map_err(|_| cut_off())?;
        match chunk {
            Some(chunk) => incoming.push(&chunk.map_err(|_| cut_off())?).await?,
            None => return Ok(incoming),
        }
    }
}

/// Reads `%E5%B0%8F.pdf`; what is not encoded stays as it is.
fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((first, tail)) = rest.split_first() {
        let code = tail.get(..2).filter(|_| *first == b'%');
        let code = code.and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The parameters of a link.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LinkParams {
    /// Until when it holds, in seconds UTC.
    e: i64,
    /// Signature.
    s: String,
    /// `thumb`: the small picture.
    v: Option<String>,
}

/// A file, to whoever holds a link that is signed and not over.
#[utoipa::path(get, operation_id = "getFile", path = "/files/{shop}/{att}", params(LinkParams),
    responses((status = 200, content_type = "application/octet-stream"), (status = "4XX", body = ErrorBody)))]
pub async fn file(
    _: Anybody,
    State(server): State<Server>,
    path: RawPathParams,
    headers: HeaderMap,
    Query(link): Query<LinkParams>,
) -> Result<Response, ApiError> {
    let bad_link = || ApiError::of(ErrorCode::BadLink);
    let shop = path_param(&path, "shop")?;
    let attachment = id::parse_public(id::ATTACHMENT, &path_param(&path, "att")?);
    let attachment = attachment.ok_or_else(bad_link)?;
    let picture = Picture::from_word(link.v.as_deref()).ok_or_else(bad_link)?;
    server.app.check_link(&shop, attachment, picture, link.e, &link.s)?;
    let shop = server.app.shop(&shop).await?;
    let served = server.app.open_file(shop.id, attachment, picture).await?;
    let tag: String = served.hash[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{tag}\"");
    let known = headers.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    let mut response = if known == Some(tag.as_str()) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Body::from_stream(ReaderStream::new(served.file)).into_response();
        response.headers_mut().insert(header::CONTENT_LENGTH, served.bytes.into());
        response
    };
    let shown = if served.is_picture { "inline" } else { "attachment" };
    for (name, value) in [
        (header::CONTENT_TYPE, served.mime),
        (header::ETAG, tag),
        (header::CONTENT_DISPOSITION, disposition(shown, &served.name)),
        (header::CACHE_CONTROL, "private, max-age=86400, immutable".to_owned()),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
        // The widget shows pictures on the pages of shops.
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin".to_owned()),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

/// How a browser is to take it, and the name it is stored under (RFC 6266).
fn disposition(shown: &str, name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let one = |byte: u8| {
        if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    let encoded: String = name.bytes().map(one).collect();
    let end = name.rsplit_once('.').map_or("bin", |(_, end)| end);
    format!("{shown}; filename=\"file.{end}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_decoded_and_encoded_again_and_cannot_leave_its_header() {
        assert_eq!(decoded("%E5%B0%8F%E7%A5%A8.pdf"), "小票.pdf");
        assert_eq!(decoded("100%.txt"), "100%.txt");
        let value = disposition("attachment", "小\"票\r\n;.pdf");
        assert!(value.is_ascii() && !value.contains(['\r', '\n']));
        assert!(value.ends_with("filename*=UTF-8''%E5%B0%8F%22%E7%A5%A8%0D%0A%3B.pdf"));
    }
}
