//! Files of orders that somebody brought by the browser: looked at, started, followed. What they do is
//! [`App::import_orders`], the same as on the command line. A file lies in the data folder until its import ends; after
//! a restart the same file brought again goes on where the import stood.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use xiaoer_connect::{Field, FileError, Format, Mapping, Zone, first_rows, look};
use xiaoer_domain::id::ShopId;
use xiaoer_domain::orders::{Currency, ImportCounts, OrderState};
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::imports as wire;

use super::import::{ImportError, ImportOptions};
use crate::platform::Shop;
use crate::platform::audit::{AuditKind, Note};
use crate::{App, AppError};

/// Bytes of a file that is brought: three years of a busy shop's orders.
pub const UPLOAD_BYTES_MAX: u64 = 256 << 20;
/// Files of one shop that wait or are told of; the oldest that is not at work makes room.
const UPLOADS_MAX: usize = 8;
/// Lines that are shown before an import.
const ROWS_SHOWN: usize = 5;
/// Folder in the data folder; its ending keeps it out of backups.
pub const UPLOADS_FOLDER: &str = "imports.part";

/// Files that were brought and what became of them.
#[derive(Default)]
pub struct Uploads(Mutex<HashMap<String, Upload>>);

#[derive(Clone)]
struct Upload {
    shop: ShopId,
    path: PathBuf,
    name: String,
    at: Timestamp,
    state: State,
}

#[derive(Clone)]
enum State {
    Ready,
    Running { done: u64, total: u64, counts: ImportCounts },
    Ended { run: i64, resumed_at: Option<u64>, counts: ImportCounts },
    Failed { why: &'static str },
}

impl App {
    /// A place for a file that is being brought: its id and where to write it.
    #[must_use]
    pub fn new_upload(&self, data_dir: &Path) -> (String, PathBuf) {
        let bytes = self.chance.bytes::<16>();
        let id = bytes.iter().fold("imp_".to_owned(), |id, byte| format!("{id}{byte:02x}"));
        let path = data_dir.join(UPLOADS_FOLDER).join(&id);
        (id, path)
    }

    /// Looks at a file that was brought: its form, its columns, its first lines.
    ///
    /// # Errors
    /// `bad_request` with field `file` and a reason.
    pub async fn look_at_upload(
        &self,
        shop: &Shop,
        id: String,
        path: PathBuf,
        name: &str,
    ) -> Result<wire::ImportSeen, AppError> {
        let (name, seen_path) = (plain_name(name), path.clone());
        let seen = tokio::task::spawn_blocking(move || {
            let seen = look(File::open(&seen_path)?)?;
            let rows = first_rows(File::open(&seen_path)?, ROWS_SHOWN)?;
            Ok::<_, FileError>((seen, rows))
        });
        let seen = seen.await.map_err(|_| AppError::refused(ErrorCode::Internal))?;
        let (seen, rows) = seen.map_err(|error| {
            drop(std::fs::remove_file(&path));
            bad_file(&error)
        })?;
        let now = self.clock.now();
        let columns = seen.columns.iter().map(|(name, field)| wire::ImportColumn {
            name: name.clone(),
            field: field.map(|field| field.word().to_owned()),
        });
        let answer = wire::ImportSeen {
            upload: id.clone(),
            name: name.clone(),
            format: seen.format.map(|format| format.word().to_owned()),
            encoding: seen.encoding.to_owned(),
            columns: columns.collect(),
            rows,
            fields: Field::ALL.iter().map(|field| field.word().to_owned()).collect(),
            states: OrderState::ALL.iter().map(|state| state.word().to_owned()).collect(),
            zone: shop.setting("zone", now).to_owned(),
            currency: shop.setting("currency", now).to_owned(),
        };
        let upload = Upload { shop: shop.id, path, name, at: now, state: State::Ready };
        self.uploads.keep(id, upload);
        Ok(answer)
    }

    /// Starts the import of a file that was brought.
    ///
    /// # Errors
    /// `not_found`, `too_many` while another import of the shop is at work, `bad_request` naming the field.
    pub async fn start_import(
        &self,
        shop: &Shop,
        id: &str,
        start: &wire::ImportStart,
    ) -> Result<(), AppError> {
        let upload = self.uploads.find(shop.id, id)?;
        if !matches!(upload.state, State::Ready) {
            return Err(AppError::refused(ErrorCode::NotFound));
        }
        let (format, mapping) = told_format(&upload.path, start)?;
        let zone = Zone::parse(&start.zone).ok_or_else(|| AppError::bad_field("zone"))?;
        let currency =
            Currency::parse(&start.currency).map_err(|_| AppError::bad_field("currency"))?;
        let file = File::open(&upload.path).map_err(|e| bad_file(&FileError::Read(e)))?;
        self.uploads.begin(shop.id, id)?;
        let file_name = upload.name.clone();
        let options = ImportOptions { format, file_name, zone, currency, mapping };
        let (app, shop, id) = (self.clone(), shop.id, id.to_owned());
        self.tasks.once(async move {
            let (told, at) = (app.clone(), id.clone());
            let imported = app.import_orders(shop, file, options, move |progress| {
                let (done, total) = (progress.lines_done, progress.lines_total);
                let counts = progress.counts.clone();
                told.uploads.put(&at, State::Running { done, total, counts });
            });
            let state = match imported.await {
                Ok(report) => {
                    app.note_import(shop, &report.counts, format).await;
                    let (run, resumed_at) = (report.run, report.resumed_at_line);
                    State::Ended { run, resumed_at, counts: report.counts }
                }
                Err(error) => {
                    let why = import_fault(&error);
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(error, "an import ended before its end");
                    State::Failed { why }
                }
            };
            drop(std::fs::remove_file(&upload.path));
            app.uploads.put(&id, state);
        });
        Ok(())
    }

    async fn note_import(&self, shop: ShopId, counts: &ImportCounts, format: Format) {
        let (new, changed) = (counts.orders_new, counts.orders_changed);
        let is = serde_json::json!({ "new": new, "changed": changed, "lines": counts.lines });
        let note = self.audit(Note::of(AuditKind::Imported).on(format.word()).is(&is));
        let noted = self.db.write(move |tx| {
            let note = note.clone();
            Box::pin(async move { Ok::<_, AppError>(note.write(tx, shop).await?) })
        });
        if let Err(error) = noted.await {
            tracing::warn!(error = %error, "an import was not noted");
        }
    }

    /// Files of a shop that were brought since the server started, newest first.
    #[must_use]
    pub fn imports_at_work(&self, shop: ShopId) -> Vec<wire::ImportJob> {
        let uploads = self.uploads.0.lock();
        let mut of_shop: Vec<(&String, &Upload)> =
            uploads.iter().filter(|(_, upload)| upload.shop == shop).collect();
        of_shop.sort_by_key(|(_, upload)| std::cmp::Reverse(upload.at));
        of_shop.into_iter().map(|(id, upload)| shown(id, upload)).collect()
    }
}

impl Uploads {
    fn keep(&self, id: String, upload: Upload) {
        let shop = upload.shop;
        let mut uploads = self.0.lock();
        uploads.insert(id, upload);
        let mut idle: Vec<(Timestamp, String)> = uploads
            .iter()
            .filter(|(_, one)| one.shop == shop && !matches!(one.state, State::Running { .. }))
            .map(|(id, one)| (one.at, id.clone()))
            .collect();
        idle.sort();
        for (_, id) in idle.iter().take(idle.len().saturating_sub(UPLOADS_MAX)) {
            if let Some(gone) = uploads.remove(id) {
                drop(std::fs::remove_file(gone.path));
            }
        }
    }

    fn find(&self, shop: ShopId, id: &str) -> Result<Upload, AppError> {
        let found = self.0.lock().get(id).filter(|upload| upload.shop == shop).cloned();
        found.ok_or_else(|| AppError::refused(ErrorCode::NotFound))
    }

    /// Takes the shop's one place at work.
    fn begin(&self, shop: ShopId, id: &str) -> Result<(), AppError> {
        let mut uploads = self.0.lock();
        let runs = |one: &Upload| one.shop == shop && matches!(one.state, State::Running { .. });
        if uploads.values().any(runs) {
            return Err(AppError::refused(ErrorCode::TooMany));
        }
        let ready = uploads.get_mut(id).filter(|one| matches!(one.state, State::Ready));
        let upload = ready.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
        upload.state = State::Running { done: 0, total: 0, counts: ImportCounts::default() };
        Ok(())
    }

    fn put(&self, id: &str, state: State) {
        if let Some(upload) = self.0.lock().get_mut(id) {
            upload.state = state;
        }
    }
}

fn shown(id: &str, upload: &Upload) -> wire::ImportJob {
    let mut job = wire::ImportJob {
        upload: id.to_owned(),
        name: upload.name.clone(),
        state: "ready".to_owned(),
        lines_done: 0,
        lines_total: 0,
        run: None,
        resumed_at_line: None,
        failure: None,
        counts: None,
    };
    match &upload.state {
        State::Ready => {}
        State::Running { done, total, counts } => {
            "running".clone_into(&mut job.state);
            (job.lines_done, job.lines_total) = (*done, *total);
            job.counts = Some(super::runs::counts_shown(counts));
        }
        State::Ended { run, resumed_at, counts } => {
            "ended".clone_into(&mut job.state);
            (job.run, job.resumed_at_line) = (Some(*run), *resumed_at);
            (job.lines_done, job.lines_total) = (counts.lines, counts.lines);
            job.counts = Some(super::runs::counts_shown(counts));
        }
        State::Failed { why } => {
            "failed".clone_into(&mut job.state);
            job.failure = Some((*why).to_owned());
        }
    }
    job
}

/// The format that was told, and the mapping of its columns if it is none of the known ones.
fn told_format(
    path: &Path,
    start: &wire::ImportStart,
) -> Result<(Format, Option<Mapping>), AppError> {
    let format = Format::from_word(&start.format).ok_or_else(|| AppError::bad_field("format"))?;
    if format != Format::Csv {
        return Ok((format, None));
    }
    let file = File::open(path).map_err(|e| bad_file(&FileError::Read(e)))?;
    let seen = look(file).map_err(|e| bad_file(&e))?;
    let mut mapping = Mapping { columns: BTreeMap::new(), states: BTreeMap::new() };
    for (field, column) in &start.columns {
        let known = Field::from_word(field).ok_or_else(|| AppError::bad_field("columns"))?;
        if !seen.columns.iter().any(|(name, _)| name == column) {
            return Err(AppError::bad_field("columns"));
        }
        mapping.columns.insert(known, column.clone());
    }
    if !mapping.columns.contains_key(&Field::Number) {
        let params = serde_json::json!({ "field": "columns", "reason": "number" });
        return Err(AppError::Refused { code: ErrorCode::BadRequest, params: Some(params) });
    }
    for (word, state) in &start.states {
        let state = OrderState::from_word(state).ok_or_else(|| AppError::bad_field("states"))?;
        mapping.states.insert(word.clone(), state);
    }
    Ok((format, Some(mapping)))
}

/// The name of a file without folders and without what no name has.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|c| !c.is_control()).take(120).collect()
}

fn bad_file(error: &FileError) -> AppError {
    let params = serde_json::json!({ "field": "file", "reason": file_fault(error) });
    AppError::Refused { code: ErrorCode::BadRequest, params: Some(params) }
}

const fn file_fault(error: &FileError) -> &'static str {
    match error {
        FileError::Read(_) | FileError::Unknown => "unreadable",
        FileError::Header { .. } | FileError::Column { .. } => "columns",
        FileError::Workbook | FileError::WorkbookTooBig => "workbook",
        FileError::LineTooLong { .. } => "line_too_long",
        FileError::Scattered => "scattered",
        FileError::TooManyOrders { .. } => "too_many_orders",
    }
}

const fn import_fault(error: &ImportError) -> &'static str {
    match error {
        ImportError::File(error) => file_fault(error),
        ImportError::Store(_) | ImportError::Reader => "failed",
        ImportError::AlreadyRunning => "running",
        ImportError::Stopped => "stopped",
    }
}
