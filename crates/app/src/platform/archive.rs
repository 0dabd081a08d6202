//! The one file of a backup: a packed archive of parts, and last of all a manifest that names each part with its length
//! and SHA-256. A file without its end has no manifest, and so is never taken for whole.
//!
//! Everything here reads and writes files and waits for them: call it off the async threads.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Component, Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Version of the form of the archive.
const FORM: u32 = 1;
/// Name of the manifest in the archive.
const MANIFEST: &str = "manifest.json";
/// Longest manifest that is read: two million parts.
const MANIFEST_BYTES_MAX: u64 = 512 << 20;
/// Only the owner: the archive holds secrets and what people wrote.
const OWNER_ONLY: u32 = 0o600;

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the form of the archive.
    pub form: u32,
    /// Version of the program that wrote it.
    pub version: String,
    /// When, in microseconds UTC.
    pub made_at: i64,
    /// `sqlite` or `postgres`.
    pub database: String,
    /// The last schema step in it.
    pub schema: i64,
    /// Rows of every table.
    pub rows: BTreeMap<String, i64>,
    /// Where counters of row numbers stood.
    pub counters: BTreeMap<String, i64>,
    /// Columns of tables, by name of part.
    pub columns: BTreeMap<String, Vec<String>>,
    /// The parts.
    pub parts: BTreeMap<String, Part>,
}

/// One part of the archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Length.
    pub bytes: u64,
    /// SHA-256, in hexadecimal digits.
    pub sha256: String,
}

/// Why a file is no whole backup.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It cannot be read or written.
    #[error("{} cannot be used", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is something else, or its end is missing.
    #[error("this is no whole backup: {0}")]
    NotWhole(String),
    /// A part is not what the manifest says.
    #[error("{0} in the backup is altered")]
    Altered(String),
    /// A later version wrote it.
    #[error("a later version wrote this backup (form {0}); use that version")]
    Later(u32),
}

impl ArchiveError {
    /// For use in `map_err`.
    pub(super) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_path_buf();
        move |source| Self::File { path, source }
    }
}

/// Writes the parts and then the manifest; the file is on the disk when this returns.
pub(super) fn write(
    path: &Path,
    mut manifest: Manifest,
    parts: &[(String, PathBuf)],
) -> Result<Manifest, ArchiveError> {
    let unwritten = || ArchiveError::file(path);
    let mut options = File::options();
    let file = options.write(true).create_new(true).mode(OWNER_ONLY).open(path);
    let packed = GzEncoder::new(BufWriter::new(file.map_err(unwritten())?), Compression::fast());
    let mut archive = tar::Builder::new(packed);
    manifest.form = FORM;
    for (name, from) in parts {
        let opened = File::open(from).and_then(|file| Ok((file.metadata()?.len(), file)));
        let (bytes, file) = match opened {
            Ok(opened) => opened,
            // A file that was swept away meanwhile is no longer named by anything.
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(e) => return Err(ArchiveError::File { path: from.clone(), source: e }),
        };
        let mut counted = Hashing::of(BufReader::new(file).take(bytes));
        let mut head = header(bytes, manifest.made_at);
        archive.append_data(&mut head, name, &mut counted).map_err(unwritten())?;
        let part = counted.part();
        if part.bytes != bytes {
            return Err(ArchiveError::NotWhole(format!("{} grew shorter", from.display())));
        }
        manifest.parts.insert(name.clone(), part);
    }
    let text = serde_json::to_vec_pretty(&manifest).map_err(|e| unwritten()(e.into()))?;
    let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
    let mut head = header(bytes, manifest.made_at);
    archive.append_data(&mut head, MANIFEST, text.as_slice()).map_err(unwritten())?;
    let file = archive
        .into_inner()
        .and_then(GzEncoder::finish)
        .and_then(|buffered| buffered.into_inner().map_err(io::IntoInnerError::into_error));
    file.and_then(|file| file.sync_all()).map_err(unwritten())?;
    Ok(manifest)
}

/// Reads a whole backup and compares every part with the manifest. Changes nothing.
///
/// # Errors
/// Why it is no whole backup.
pub fn check(path: &Path) -> Result<Manifest, ArchiveError> {
    walk(path, |_, content| io::copy(content, &mut io::sink()).map(drop))
}

/// Writes every part into `folder`, and compares it on the way.
pub(super) fn extract(path: &Path, folder: &Path) -> Result<Manifest, ArchiveError> {
    walk(path, |name, content| {
        let to = folder.join(name);
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let mut options = File::options();
        let mut file = options.write(true).create_new(true).mode(OWNER_ONLY).open(&to)?;
        io::copy(content, &mut file)?;
        file.sync_all()
    })
}

fn walk(
    path: &Path,
    mut take: impl FnMut(&str, &mut dyn Read) -> io::Result<()>,
) -> Result<Manifest, ArchiveError> {
    let file = File::open(path).map_err(ArchiveError::file(path))?;
    let mut archive = tar::Archive::new(GzDecoder::new(BufReader::new(file)));
    let broken = |e: io::Error| ArchiveError::NotWhole(e.to_string());
    let (mut found, mut manifest) = (BTreeMap::new(), None);
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let name = entry.path().map_err(broken)?.to_string_lossy().into_owned();
        if manifest.is_some() {
            return Err(ArchiveError::NotWhole(format!("{name} stands after the manifest")));
        }
        if name == MANIFEST {
            manifest = Some(read_manifest(&mut entry)?);
            continue;
        }
        if !is_plain(&name) || !entry.header().entry_type().is_file() {
            return Err(ArchiveError::NotWhole(format!("{name} does not belong in a backup")));
        }
        let mut content = Hashing::of(&mut entry);
        take(&name, &mut content).map_err(broken)?;
        let part = content.part();
        if found.insert(name.clone(), part).is_some() {
            return Err(ArchiveError::NotWhole(format!("{name} is in it twice")));
        }
    }
    // What stands between the parts has no hash of its own; the end of the packing has one over everything.
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(broken)?;
    let manifest: Manifest =
        manifest.ok_or_else(|| ArchiveError::NotWhole("its end is missing".to_owned()))?;
    for name in manifest.parts.keys().chain(found.keys()) {
        if manifest.parts.get(name) != found.get(name) {
            return Err(ArchiveError::Altered(name.clone()));
        }
    }
    Ok(manifest)
}

fn read_manifest(entry: &mut impl Read) -> Result<Manifest, ArchiveError> {
    let broken = |problem: String| ArchiveError::NotWhole(problem);
    let mut text = Vec::new();
    let read = entry.take(MANIFEST_BYTES_MAX).read_to_end(&mut text);
    read.map_err(|e| broken(e.to_string()))?;
    let value: serde_json::Value =
        serde_json::from_slice(&text).map_err(|e| broken(e.to_string()))?;
    match value.get("form").and_then(serde_json::Value::as_u64) {
        Some(form) if form > u64::from(FORM) => {
            Err(ArchiveError::Later(u32::try_from(form).unwrap_or(u32::MAX)))
        }
        Some(_) => serde_json::from_value(value).map_err(|e| broken(e.to_string())),
        None => Err(broken("its manifest names no form".to_owned())),
    }
}

/// A name stays below the folder it is written into.
fn is_plain(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    !name.is_empty() && parts.all(|part| matches!(part, Component::Normal(_)))
}

fn header(bytes: u64, at: i64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes);
    header.set_mode(OWNER_ONLY);
    header.set_mtime(u64::try_from(at / 1_000_000).unwrap_or(0));
    header
}

/// Counts and hashes what is read through it.
struct Hashing<R> {
    inner: R,
    bytes: u64,
    hash: Sha256,
}

impl<R: Read> Hashing<R> {
    fn of(inner: R) -> Self {
        Self { inner, bytes: 0, hash: Sha256::new() }
    }

    fn part(self) -> Part {
        let digest = self.hash.finalize();
        let sha256 = digest.iter().map(|b| format!("{b:02x}")).collect();
        Part { bytes: self.bytes, sha256 }
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}
