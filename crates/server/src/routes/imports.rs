//! Importing orders through the browser: bring a file, look at it, start, follow, fetch the refused lines.

use axum::extract::{DefaultBodyLimit, RawPathParams, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use futures_util::StreamExt as _;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use xiaoer_app::orders::UPLOAD_BYTES_MAX;
use xiaoer_app::{App, AppError};
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::error_code::ErrorBody;
use xiaoer_protocol::imports::{ImportSeen, ImportStart, Imports};

use super::people::house;
use super::{Body, Query, paced, path_param};
use crate::Server;
use crate::error::ApiError;
use crate::gate::{Importing, Origins, Staff, get, post};

/// Files a second that one person may bring; a burst may be twice that.
const UPLOADS_PER_SECOND: u32 = 1;

/// Routes of imports.
pub fn routes() -> Router<Server> {
    let file = DefaultBodyLimit::disable();
    Router::new()
        .route("/shops/{shop}/imports", get(list).merge(post(upload).layer(file)))
        .route("/shops/{shop}/imports/{upload}/start", post(start))
        .route("/shops/{shop}/imports/runs/{run}/refused", get(refused))
}

/// Name of the file that is brought.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FileParams {
    /// Its name.
    name: String,
}

/// Brings a file: its bytes are the body.
#[utoipa::path(post, operation_id = "bringImport", path = "/api/v1/shops/{shop}/imports", params(FileParams),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = ImportSeen), (status = "4XX", body = ErrorBody)))]
pub async fn upload(
    staff: Staff<Importing>,
    State(server): State<Server>,
    Query(query): Query<FileParams>,
    request: Request,
) -> Result<Json<ImportSeen>, ApiError> {
    paced(&server, format!("import.{}", staff.caller.sender.account), UPLOADS_PER_SECOND)?;
    let (id, path) = server.app.new_upload(&server.config.data.dir);
    if let Err(error) = write(request, &path).await {
        drop(tokio::fs::remove_file(&path).await);
        return Err(error);
    }
    Ok(Json(server.app.look_at_upload(&staff.shop, id, path, &query.name).await?))
}

/// Writes a body to a file as it comes, never more than the limit.
async fn write(request: Request, path: &std::path::Path) -> Result<(), ApiError> {
    let failed = |error: std::io::Error| {
        tracing::error!(error = %error, "a file for an import could not be written");
        ApiError::of(ErrorCode::Unavailable)
    };
    if let Some(folder) = path.parent() {
        tokio::fs::create_dir_all(folder).await.map_err(failed)?;
    }
    let mut file = tokio::fs::File::create_new(path).await.map_err(failed)?;
    let (mut body, mut bytes) = (request.into_body().into_data_stream(), 0_u64);
    while let Some(part) = body.next().await {
        let part = part.map_err(|_| ApiError(AppError::bad_field("body")))?;
        bytes += part.len() as u64;
        if bytes > UPLOAD_BYTES_MAX {
            let params = json!({ "max": UPLOAD_BYTES_MAX });
            let code = ErrorCode::TooBig;
            return Err(ApiError(AppError::Refused { code, params: Some(params) }));
        }
        file.write_all(&part).await.map_err(failed)?;
    }
    file.flush().await.map_err(failed)
}

/// Starts the import of a file that was brought.
#[utoipa::path(post, operation_id = "startImport", path = "/api/v1/shops/{shop}/imports/{upload}/start",
    request_body = ImportStart,
    responses((status = 200), (status = "4XX", body = ErrorBody)))]
pub async fn start(
    staff: Staff<Importing>,
    State(server): State<Server>,
    Origins(origin): Origins,
    path: RawPathParams,
    Body(body): Body<ImportStart>,
) -> Result<Json<Value>, ApiError> {
    let app: App = house(&server, &staff.caller, &origin);
    app.start_import(&staff.shop, &path_param(&path, "upload")?, &body).await?;
    Ok(Json(json!({})))
}

/// Which page.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RunParams {
    /// From the last page.
    cursor: Option<String>,
}

/// The imports of the shop.
#[utoipa::path(get, operation_id = "listImports", path = "/api/v1/shops/{shop}/imports", params(RunParams),
    responses((status = 200, body = Imports), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    staff: Staff<Importing>,
    State(server): State<Server>,
    Query(query): Query<RunParams>,
) -> Result<Json<Imports>, ApiError> {
    let (runs, next) = server.app.import_runs(staff.shop.id, query.cursor.as_deref()).await?;
    let jobs = server.app.imports_at_work(staff.shop.id);
    Ok(Json(Imports { jobs, runs, next, bytes_max: UPLOAD_BYTES_MAX }))
}

/// The refused lines of an import as CSV.
#[utoipa::path(get, operation_id = "refusedLines", path = "/api/v1/shops/{shop}/imports/runs/{run}/refused",
    responses((status = 200, body = String, content_type = "text/csv"), (status = "4XX", body = ErrorBody)))]
pub async fn refused(
    staff: Staff<Importing>,
    State(server): State<Server>,
    path: RawPathParams,
) -> Result<Response, ApiError> {
    let run = path_param(&path, "run")?.parse();
    let run = run.map_err(|_| ApiError::of(ErrorCode::NotFound))?;
    let table = server.app.refused_csv(staff.shop.id, run).await?;
    let mut response = table.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let name = format!("attachment; filename=\"refused-{run}.csv\"");
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
