//! Phrases at the desk: the libraries, writing them, sheets in and out.

use axum::Json;
use axum::extract::{RawPathParams, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use xiaoer_app::AppError;
use xiaoer_app::phrases::PhraseForm;
use xiaoer_domain::id::{FolderId, PhraseId};
use xiaoer_protocol::error_code::ErrorBody;
use xiaoer_protocol::phrases::{
    Phrase, PhraseBody, PhraseFiles, PhraseFilled, PhraseFolder, PhraseFolderBody, PhraseImport,
    PhraseImported, PhrasePreview, PhraseStarter, PhraseUsage, Phrases,
};

use xiaoer_protocol::id;

use super::{Body, Query, etag, find_conversation, path_conversation, path_param};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Reading, Serving, Staff};

/// Bytes of a sheet that is brought in: a full library of long phrases.
pub const SHEET_BYTES_MAX: usize = 8 * 1024 * 1024;
/// The type of a workbook.
const BOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Days of usage when none are asked for.
const USAGE_DAYS: u32 = 30;

/// The shop's phrases and my own. Answers 304 when `if-none-match` names what is still so.
#[utoipa::path(get, operation_id = "listPhrases", path = "/api/v1/shops/{shop}/phrases",
    responses((status = 200, body = Phrases), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    staff: Staff<Reading>,
    State(server): State<Server>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let phrases = server.app.phrases(staff.shop.id, &staff.caller).await?;
    let tag = format!("\"{}\"", etag(&phrases));
    let known = headers.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    let headers =
        [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, "private, no-cache".into())];
    if known == Some(tag.as_str()) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    Ok((headers, Json(phrases)).into_response())
}

/// A new phrase.
#[utoipa::path(post, operation_id = "addPhrase", path = "/api/v1/shops/{shop}/phrases", request_body = PhraseBody,
    responses((status = 200, body = Phrase), (status = "4XX", body = ErrorBody)))]
pub async fn add(
    staff: Staff<Serving>,
    State(server): State<Server>,
    Body(body): Body<PhraseBody>,
) -> Result<Json<Phrase>, ApiError> {
    Ok(Json(server.app.add_phrase(staff.shop.id, &staff.caller, &body).await?))
}

/// Writes a phrase anew.
#[utoipa::path(put, operation_id = "changePhrase", path = "/api/v1/shops/{shop}/phrases/{id}", request_body = PhraseBody,
    responses((status = 200, body = Phrase), (status = "4XX", body = ErrorBody)))]
pub async fn change(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<PhraseBody>,
) -> Result<Json<Phrase>, ApiError> {
    let id = PhraseId::new(path_id(&path)?);
    Ok(Json(server.app.change_phrase(staff.shop.id, &staff.caller, id, &body).await?))
}

/// Removes a phrase.
#[utoipa::path(post, operation_id = "removePhrase", path = "/api/v1/shops/{shop}/phrases/{id}/remove",
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn remove(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<serde_json::Value>, ApiError> {
    let id = PhraseId::new(path_id(&path)?);
    server.app.remove_phrase(staff.shop.id, &staff.caller, id).await?;
    Ok(done())
}

/// I used a phrase.
#[utoipa::path(post, operation_id = "phraseUsed", path = "/api/v1/shops/{shop}/phrases/{id}/used",
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn used(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<serde_json::Value>, ApiError> {
    let id = PhraseId::new(path_id(&path)?);
    server.app.phrase_used(staff.shop.id, &staff.caller, id).await?;
    Ok(done())
}

/// A new folder.
#[utoipa::path(post, operation_id = "addPhraseFolder", path = "/api/v1/shops/{shop}/phrase-folders", request_body = PhraseFolderBody,
    responses((status = 200, body = PhraseFolder), (status = "4XX", body = ErrorBody)))]
pub async fn add_folder(
    staff: Staff<Serving>,
    State(server): State<Server>,
    Body(body): Body<PhraseFolderBody>,
) -> Result<Json<PhraseFolder>, ApiError> {
    Ok(Json(server.app.add_phrase_folder(staff.shop.id, &staff.caller, &body).await?))
}

/// Renames a folder.
#[utoipa::path(put, operation_id = "renamePhraseFolder", path = "/api/v1/shops/{shop}/phrase-folders/{id}", request_body = PhraseFolderBody,
    responses((status = 200, body = PhraseFolder), (status = "4XX", body = ErrorBody)))]
pub async fn rename_folder(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
    Body(body): Body<PhraseFolderBody>,
) -> Result<Json<PhraseFolder>, ApiError> {
    let id = FolderId::new(path_id(&path)?);
    let (app, shop) = (&server.app, staff.shop.id);
    Ok(Json(app.rename_phrase_folder(shop, &staff.caller, id, &body.name).await?))
}

/// Removes a folder that holds nothing.
#[utoipa::path(post, operation_id = "removePhraseFolder", path = "/api/v1/shops/{shop}/phrase-folders/{id}/remove",
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn remove_folder(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<serde_json::Value>, ApiError> {
    let id = FolderId::new(path_id(&path)?);
    server.app.remove_phrase_folder(staff.shop.id, &staff.caller, id).await?;
    Ok(done())
}

/// A text as the buyer of a conversation would read it.
#[utoipa::path(post, operation_id = "previewPhrase", path = "/api/v1/shops/{shop}/phrases/preview", request_body = PhrasePreview,
    responses((status = 200, body = PhraseFilled), (status = "4XX", body = ErrorBody)))]
pub async fn preview(
    staff: Staff<Reading>,
    State(server): State<Server>,
    Body(body): Body<PhrasePreview>,
) -> Result<Json<PhraseFilled>, ApiError> {
    let conversation = match &body.conversation {
        Some(text) => Some(find_conversation(&server, &staff.shop, text).await?),
        None => None,
    };
    let filled = server.app.preview_phrase(&staff.shop, &staff.caller, conversation, &body);
    Ok(Json(filled.await?))
}

/// Brings a sheet in: adds and changes, never removes.
#[utoipa::path(post, operation_id = "importPhrases", path = "/api/v1/shops/{shop}/phrases/import", request_body = PhraseImport,
    responses((status = 200, body = PhraseImported), (status = "4XX", body = ErrorBody)))]
pub async fn import(
    staff: Staff<Serving>,
    State(server): State<Server>,
    Body(body): Body<PhraseImport>,
) -> Result<Json<PhraseImported>, ApiError> {
    Ok(Json(server.app.import_phrases(&staff.shop, &staff.caller, &body).await?))
}

/// Adds the starter library; what stands under a code stays.
#[utoipa::path(post, operation_id = "addStarterPhrases", path = "/api/v1/shops/{shop}/phrases/starter", request_body = PhraseStarter,
    responses((status = 200, body = PhraseImported), (status = "4XX", body = ErrorBody)))]
pub async fn starter(
    staff: Staff<Serving>,
    State(server): State<Server>,
    Body(body): Body<PhraseStarter>,
) -> Result<Json<PhraseImported>, ApiError> {
    Ok(Json(server.app.add_starter_phrases(&staff.shop, &staff.caller, &body).await?))
}

/// The pictures and files of a phrase.
#[utoipa::path(get, operation_id = "phraseFiles", path = "/api/v1/shops/{shop}/phrases/{id}/files",
    responses((status = 200, body = PhraseFiles), (status = "4XX", body = ErrorBody)))]
pub async fn files(
    staff: Staff<Reading>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<PhraseFiles>, ApiError> {
    let files = server.app.phrase_files(&staff.shop, &staff.caller, phrase_id(&path)?).await?;
    Ok(Json(PhraseFiles { files }))
}

/// Takes a file away from a phrase.
#[utoipa::path(post, operation_id = "removePhraseFile", path = "/api/v1/shops/{shop}/phrases/{id}/files/{att}/remove",
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn remove_file(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<serde_json::Value>, ApiError> {
    let file = id::parse_public(id::ATTACHMENT, &path_param(&path, "att")?);
    let file = file.ok_or_else(|| ApiError(AppError::bad_field("att")))?;
    server.app.remove_phrase_file(staff.shop.id, &staff.caller, phrase_id(&path)?, file).await?;
    Ok(done())
}

/// Copies the files of a phrase into a conversation, to be sent there in their order.
#[utoipa::path(post, operation_id = "layOutPhrase", path = "/api/v1/shops/{shop}/conversations/{cnv}/phrases/{id}/files",
    responses((status = 200, body = PhraseFiles), (status = "4XX", body = ErrorBody)))]
pub async fn lay_out(
    staff: Staff<Serving>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Json<PhraseFiles>, ApiError> {
    let conversation = path_conversation(&server, &staff.shop, &path).await?;
    let (shop, caller, phrase) = (&staff.shop, &staff.caller, phrase_id(&path)?);
    let files = server.app.lay_out_phrase(shop, caller, conversation, phrase).await?;
    Ok(Json(PhraseFiles { files }))
}

/// The phrase in the path.
pub(super) fn phrase_id(path: &RawPathParams) -> Result<PhraseId, ApiError> {
    Ok(PhraseId::new(path_id(path)?))
}

/// Over how many days.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UsageParams {
    /// 1 to 90; 30 when none is asked for.
    days: Option<u32>,
}

/// How often each phrase was said lately, and how often it was changed before.
#[utoipa::path(get, operation_id = "phraseUsage", path = "/api/v1/shops/{shop}/phrases/usage", params(UsageParams),
    responses((status = 200, body = PhraseUsage), (status = "4XX", body = ErrorBody)))]
pub async fn usage(
    staff: Staff<Reading>,
    State(server): State<Server>,
    Query(query): Query<UsageParams>,
) -> Result<Json<PhraseUsage>, ApiError> {
    let days = query.days.unwrap_or(USAGE_DAYS);
    Ok(Json(server.app.phrase_usage(staff.shop.id, days).await?))
}

/// Which library.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportParams {
    /// `shop` or `personal`.
    scope: String,
    /// `csv` (default), `xlsx` or `xml`.
    form: Option<String>,
}

/// A library as CSV, workbook or XML.
#[utoipa::path(get, operation_id = "exportPhrases", path = "/api/v1/shops/{shop}/phrases/export", params(ExportParams),
    responses((status = 200, content_type = "text/csv"), (status = "4XX", body = ErrorBody)))]
pub async fn export(
    staff: Staff<Reading>,
    State(server): State<Server>,
    Query(query): Query<ExportParams>,
) -> Result<Response, ApiError> {
    let (form, kind, name) = match query.form.as_deref() {
        None | Some("csv") => (PhraseForm::Csv, "text/csv; charset=utf-8", "phrases.csv"),
        Some("xlsx") => (PhraseForm::Book, BOOK, "phrases.xlsx"),
        Some("xml") => (PhraseForm::Xml, "application/xml; charset=utf-8", "phrases.xml"),
        Some(_) => return Err(ApiError(AppError::bad_field("form"))),
    };
    let sheet = server.app.export_phrases(&staff.shop, &staff.caller, &query.scope, form).await?;
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, sheet).into_response())
}

fn path_id(path: &RawPathParams) -> Result<i64, ApiError> {
    path_param(path, "id")?.parse().map_err(|_| ApiError(AppError::bad_field("id")))
}

fn done() -> Json<serde_json::Value> {
    Json(serde_json::json!({}))
}
