//! Attachments: uploaded to one conversation, sent once, served by signed links, and removed when nobody needs them.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::{RwLock, Semaphore};
use xiaoer_domain::chat::{FileKind, FileRefusal, HEAD_BYTES, UNSENT_HOURS, clean_name};
use xiaoer_domain::id::{ConversationId, PublicId, ShopId};
use xiaoer_domain::time::Span;
use xiaoer_protocol::{ErrorCode, content, id};
use xiaoer_store::chat::attachments::{self as store, Attachment, Hash, Kept, Uploader};

use super::links::Picture;
use super::picture::{self, Pair};
use crate::platform::Shop;
use crate::platform::blobs::{self, Blobs};
use crate::{App, AppError, Limits};

/// Pictures that are drawn at once; each takes memory for all its pixels.
const DRAWN_AT_ONCE: usize = 2;
/// Rows of one step of a sweep.
const SWEPT_AT_ONCE: i64 = 100;
/// Pause between two sweeps.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// Name of the key that signs links.
const LINK_KEY: &str = "links";

/// What attachments need beside the database.
#[derive(Clone)]
pub(crate) struct Files {
    blobs: Arc<OnceLock<Blobs>>,
    /// Uploads read; removal writes: bytes must not go while somebody notes that they are needed.
    pub(super) turn: Arc<RwLock<()>>,
    drawing: Arc<Semaphore>,
}

impl Default for Files {
    fn default() -> Self {
        let drawing = Arc::new(Semaphore::new(DRAWN_AT_ONCE));
        Self { blobs: Arc::default(), turn: Arc::default(), drawing }
    }
}

impl Files {
    fn blobs(&self) -> Result<&Blobs, AppError> {
        self.blobs.get().ok_or_else(|| AppError::refused(ErrorCode::Unavailable))
    }
}

/// An upload that arrives. When it is dropped, what has arrived is removed.
pub struct Incoming {
    pub(super) shop: Arc<Shop>,
    conversation: ConversationId,
    by: Uploader,
    name: String,
    limits: Limits,
    part: Part,
    file: tokio::fs::File,
    head: Vec<u8>,
    hash: Sha256,
    bytes: u64,
}

pub(super) struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Incoming {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// `too_big` as soon as there are too many, `type_refused` as soon as the beginning tells.
    pub async fn push(&mut self, chunk: &[u8]) -> Result<(), AppError> {
        self.bytes += chunk.len() as u64;
        let missing = HEAD_BYTES.saturating_sub(self.head.len()).min(chunk.len());
        self.head.extend_from_slice(&chunk[..missing]);
        if self.head.len() == HEAD_BYTES && missing > 0 {
            self.kind()?;
        }
        let is_picture = self.kind().is_ok_and(FileKind::is_picture);
        let max = if is_picture { self.limits.image_bytes_max } else { self.limits.file_bytes_max };
        if self.bytes > max {
            return Err(too_big(max));
        }
        self.hash.update(chunk);
        self.file.write_all(chunk).await.map_err(|error| broken(&error))
    }

    /// Everything that has arrived is on the disk.
    pub(super) async fn flush(&mut self) -> Result<(), AppError> {
        self.file.flush().await.map_err(|error| broken(&error))
    }

    pub(super) fn kind(&self) -> Result<FileKind, AppError> {
        FileKind::of(&self.head, &self.name).map_err(|refusal| match refusal {
            FileRefusal::Empty => spoilt("empty"),
            FileRefusal::Kind => type_refused(),
        })
    }
}

/// A file on its way to somebody who holds a link.
pub struct Served {
    /// Its type.
    pub mime: String,
    /// What it is stored as.
    pub name: String,
    /// How long it is.
    pub bytes: i64,
    /// What tells it from another one.
    pub hash: Hash,
    /// Reads as: it may be shown where it is; else it is to be stored.
    pub is_picture: bool,
    /// Itself.
    pub file: tokio::fs::File,
}

impl App {
    /// Makes the folder of attachments and takes the key that signs links out of the database, so that links outlive
    /// this process.
    ///
    /// # Errors
    /// A sentence for the person at the terminal.
    pub async fn keep_files(&self, data_dir: &std::path::Path) -> Result<(), String> {
        let blobs = Blobs::in_data(data_dir)
            .map_err(|e| format!("The folder of attachments cannot be made: {e}"))?;
        let fresh = self.chance.bytes::<32>();
        let key = self.db.write(move |tx| {
            Box::pin(async move { Ok::<_, AppError>(store::secret(tx, LINK_KEY, &fresh).await?) })
        });
        self.links.sign_with(key.await.map_err(|e| e.to_string())?);
        let _ = self.files.blobs.set(blobs);
        Ok(())
    }

    /// Begins an upload to a conversation.
    ///
    /// # Errors
    /// `too_big` for a length that was announced, `unavailable`.
    pub async fn begin_upload(
        &self,
        shop: Arc<Shop>,
        conversation: ConversationId,
        by: Uploader,
        name: String,
        announced: Option<u64>,
    ) -> Result<Incoming, AppError> {
        let max = self.limits.file_bytes_max.max(self.limits.image_bytes_max);
        if announced.is_some_and(|bytes| bytes > max) {
            return Err(too_big(max));
        }
        let path = self.files.blobs()?.incoming(&self.temporary());
        let file = blobs::create(&path).map_err(|error| broken(&error))?;
        let (limits, part) = (self.limits, Part(path));
        let file = tokio::fs::File::from_std(file);
        let (head, hash) = (Vec::new(), Sha256::new());
        Ok(Incoming { shop, conversation, by, name, limits, part, file, head, hash, bytes: 0 })
    }

    /// Ends an upload: judges it, draws a picture anew, keeps it. The same file again is the same attachment until it
    /// is sent.
    ///
    /// # Errors
    /// `type_refused`, `bad_attachment`, `too_big`, `no_space`, `unavailable`.
    pub async fn finish_upload(
        &self,
        mut incoming: Incoming,
    ) -> Result<content::Attachment, AppError> {
        let kind = incoming.kind()?;
        let shop = Arc::clone(&incoming.shop);
        incoming.flush().await?;
        let (attachment, bytes) = if kind.is_picture() {
            self.picture(incoming, kind).await?
        } else {
            self.file(incoming, kind).await?
        };
        let hashes: Vec<Hash> = attachment.parts().map(|kept| kept.hash).collect();
        let stored = self.store(&shop, attachment, bytes).await;
        if stored.is_err() {
            self.remove_unused(shop.id, hashes).await?;
        }
        Ok(self.offered(&shop, &stored?))
    }

    pub(super) async fn picture(
        &self,
        incoming: Incoming,
        kind: FileKind,
    ) -> Result<(Attachment, Bytes), AppError> {
        let _turn = self.files.drawing.acquire().await;
        let (path, pixels_max) = (incoming.part.0.clone(), self.limits.image_pixels_max);
        let draw = move || {
            let bytes = std::fs::read(path).map_err(|error| broken(&error))?;
            picture::draw(&bytes, kind, pixels_max).map_err(|why| spoilt(why.word()))
        };
        let drawn = tokio::task::spawn_blocking(draw).await;
        let Pair { whole, thumb, width, height } =
            drawn.unwrap_or_else(|_| Err(spoilt("unreadable")))?;
        if whole.bytes.len() as u64 > self.limits.image_bytes_max {
            return Err(too_big(self.limits.image_bytes_max));
        }
        let kept = |drawn: &picture::Drawn| Kept {
            mime: drawn.kind.mime().to_owned(),
            bytes: i64::try_from(drawn.bytes.len()).unwrap_or(i64::MAX),
            hash: Sha256::digest(&drawn.bytes).into(),
        };
        let name = clean_name(&renamed(&incoming.name, kind, whole.kind), whole.kind);
        let size = Some((i64::from(width), i64::from(height)));
        let attachment = self.attachment(&incoming, name, kept(&whole), size, Some(kept(&thumb)));
        Ok((attachment, Bytes::Drawn(whole.bytes, thumb.bytes)))
    }

    pub(super) async fn file(
        &self,
        incoming: Incoming,
        kind: FileKind,
    ) -> Result<(Attachment, Bytes), AppError> {
        if kind.is_container() {
            let path = incoming.part.0.clone();
            let look = move || std::fs::read(path).map(|bytes| contents_are_fine(&bytes));
            let fine = tokio::task::spawn_blocking(look).await;
            let fine = fine.map_err(|_| spoilt("unreadable"))?.map_err(|error| broken(&error))?;
            if !fine {
                return Err(type_refused());
            }
        }
        let name = clean_name(&incoming.name, kind);
        let whole = Kept {
            mime: kind.mime().to_owned(),
            bytes: i64::try_from(incoming.bytes).unwrap_or(i64::MAX),
            hash: incoming.hash.clone().finalize().into(),
        };
        let attachment = self.attachment(&incoming, name, whole, None, None);
        Ok((attachment, Bytes::Arrived(incoming.part)))
    }

    fn attachment(
        &self,
        incoming: &Incoming,
        name: String,
        whole: Kept,
        size: Option<(i64, i64)>,
        thumb: Option<Kept>,
    ) -> Attachment {
        let id = PublicId::v7(self.clock.now(), self.chance.bytes());
        let (conversation, by) = (incoming.conversation, incoming.by);
        Attachment { id, conversation, by, name, whole, size, thumb, is_sent: false }
    }

    /// Bytes first, then the row: a row always has its bytes.
    async fn store(
        &self,
        shop: &Shop,
        attachment: Attachment,
        bytes: Bytes,
    ) -> Result<Attachment, AppError> {
        let _turn = self.files.turn.read().await;
        let id = shop.id;
        self.put(id, &attachment, bytes).await?;
        let now = self.clock.now();
        let space = shop.attachment_space(now);
        self.db
            .write(move |tx| {
                let attachment = attachment.clone();
                Box::pin(async move {
                    if let Some(twin) = store::find_twin(tx, id, &attachment).await? {
                        return Ok(twin);
                    }
                    let taken = store::insert(tx, id, &attachment, now).await?;
                    if taken > space {
                        return Err(AppError::refused(ErrorCode::NoSpace));
                    }
                    Ok(attachment)
                })
            })
            .await
    }

    pub(super) async fn put(
        &self,
        id: ShopId,
        attachment: &Attachment,
        bytes: Bytes,
    ) -> Result<(), AppError> {
        let blobs = self.files.blobs()?.clone();
        let (whole, thumb) =
            (attachment.whole.hash, attachment.thumb.as_ref().map(|thumb| thumb.hash));
        let names = [self.temporary(), self.temporary()];
        let put = move || match bytes {
            Bytes::Arrived(part) => blobs.adopt(id, &whole, &part.0),
            Bytes::Drawn(bytes, small) => {
                blobs.put(id, &whole, &bytes, &names[0])?;
                blobs.put(id, &thumb.unwrap_or(whole), &small, &names[1])
            }
        };
        let put = tokio::task::spawn_blocking(put).await.map_err(std::io::Error::other);
        put.and_then(|done| done).map_err(|error| broken(&error))
    }

    /// What a desk or page is told of an attachment.
    pub(crate) fn offered(&self, shop: &Shop, one: &Attachment) -> content::Attachment {
        let links = self.links.of(shop.id);
        content::Attachment {
            id: id::public(id::ATTACHMENT, one.id),
            t: if one.size.is_some() { "image" } else { "file" }.to_owned(),
            name: one.name.clone(),
            bytes: one.whole.bytes,
            mime: one.whole.mime.clone(),
            width: one.size.map(|(width, _)| width),
            height: one.size.map(|(_, height)| height),
            url: links.to(one.id, Picture::Whole),
            thumb: one.thumb.as_ref().map(|_| links.to(one.id, Picture::Small)),
        }
    }

    /// Opens what a link names. The link was checked before.
    ///
    /// # Errors
    /// `not_found`: it was taken back, erased, or never there.
    pub async fn open_file(
        &self,
        shop: ShopId,
        id: PublicId,
        picture: Picture,
    ) -> Result<Served, AppError> {
        let missing = || AppError::refused(ErrorCode::NotFound);
        let found = self.db.read(move |tx| {
            Box::pin(async move {
                match store::find(tx, shop, id).await? {
                    Some(one) => Ok(Some(one)),
                    None => store::find_of_phrase(tx, shop, id).await,
                }
            })
        });
        let one = found.await?.ok_or_else(missing)?;
        let kept = match picture {
            Picture::Whole => one.whole,
            Picture::Small => one.thumb.ok_or_else(missing)?,
        };
        let path = self.files.blobs()?.path(shop, &kept.hash);
        let file = tokio::fs::File::open(&path).await.map_err(|error| {
            tracing::error!(error = %error, file.path = %path.display(), "an attachment has no bytes");
            missing()
        })?;
        let Kept { mime, bytes, hash } = kept;
        Ok(Served { mime, name: one.name, bytes, hash, is_picture: one.size.is_some(), file })
    }

    /// Where the bytes of an attachment lie.
    pub(crate) fn file_path(&self, shop: ShopId, kept: &Kept) -> Result<PathBuf, AppError> {
        Ok(self.files.blobs()?.path(shop, &kept.hash))
    }

    /// A path in the data folder for a file that is written and gone again.
    pub(crate) fn scratch_file(&self) -> Result<PathBuf, AppError> {
        Ok(self.files.blobs()?.incoming(&self.temporary()))
    }

    /// Checks a link.
    ///
    /// # Errors
    /// `bad_link`.
    pub fn check_link(
        &self,
        shop: &str,
        id: PublicId,
        picture: Picture,
        expires: i64,
        signature: &str,
    ) -> Result<(), AppError> {
        self.links.check(shop, id, picture, expires, signature)
    }

    /// Starts the sweeper of attachments.
    pub(super) fn start_attachment_sweeper(&self) {
        let app = self.clone();
        self.tasks.supervise("attachment sweeper", move |stop| {
            let app = app.clone();
            async move {
                loop {
                    if let Err(error) = app.sweep_attachments().await {
                        tracing::error!(error = %error, "attachments could not be swept and are tried again");
                    }
                    tokio::select! {
                        () = tokio::time::sleep(SWEEP_EVERY) => {}
                        () = stop.cancelled() => return,
                    }
                }
            }
        });
    }

    /// Takes away what nobody sent in time, and removes the bytes that nobody needs any more. Returns how many bytes
    /// went.
    ///
    /// # Errors
    /// When the database does not answer or a file cannot be removed.
    pub async fn sweep_attachments(&self) -> Result<i64, AppError> {
        let before = self.clock.now().minus(Span::minutes(UNSENT_HOURS * 60));
        let mut freed = 0;
        for key in self.shop_keys().await? {
            let shop = self.shop(&key).await?.id;
            self.db
                .write(move |tx| {
                    Box::pin(async move {
                        for one in store::unsent(tx, shop, before, SWEPT_AT_ONCE).await? {
                            store::drop_one(tx, shop, &one).await?;
                        }
                        Ok::<_, AppError>(())
                    })
                })
                .await?;
            freed += self.remove_waste(shop).await?;
        }
        Ok(freed)
    }

    /// Files first, then the notes of them: after a crash between the two it is done again.
    pub(crate) async fn remove_waste(&self, shop: ShopId) -> Result<i64, AppError> {
        let Ok(blobs) = self.files.blobs() else { return Ok(0) };
        let _turn = self.files.turn.write().await;
        let waste = self.db.read(move |tx| {
            Box::pin(async move {
                let mut all = Vec::new();
                for (hash, bytes) in store::waste(tx, shop, SWEPT_AT_ONCE).await? {
                    all.push((hash, bytes, store::is_used(tx, shop, &hash).await?));
                }
                Ok::<_, AppError>(all)
            })
        });
        let waste = waste.await?;
        let mut freed = 0;
        for (hash, bytes, used) in &waste {
            if !used {
                blobs.remove(shop, hash).map_err(|error| broken(&error))?;
                freed += bytes;
            }
        }
        if !waste.is_empty() {
            let done = self.db.write(move |tx| {
                let waste = waste.clone();
                Box::pin(async move {
                    for (hash, bytes, used) in &waste {
                        let freed = if *used { 0 } else { *bytes };
                        store::forget_waste(tx, shop, hash, freed).await?;
                    }
                    Ok::<_, AppError>(())
                })
            });
            done.await?;
        }
        Ok(freed)
    }

    /// Removes bytes whose row was not stored, unless another row needs them.
    pub(super) async fn remove_unused(
        &self,
        shop: ShopId,
        hashes: Vec<Hash>,
    ) -> Result<(), AppError> {
        let _turn = self.files.turn.write().await;
        for hash in hashes {
            let used = self
                .db
                .read(move |tx| Box::pin(async move { store::is_used(tx, shop, &hash).await }));
            if !used.await? {
                self.files.blobs()?.remove(shop, &hash).map_err(|error| broken(&error))?;
            }
        }
        Ok(())
    }

    fn temporary(&self) -> String {
        self.chance.bytes::<12>().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Bytes that wait to be kept.
pub(super) enum Bytes {
    Arrived(Part),
    Drawn(Vec<u8>, Vec<u8>),
}

/// A picture that became one of another kind loses its old ending.
fn renamed(name: &str, from: FileKind, to: FileKind) -> String {
    match name.rsplit_once('.') {
        Some((stem, end))
            if from != to && from.extensions().contains(&&*end.to_ascii_lowercase()) =>
        {
            stem.to_owned()
        }
        _ => name.to_owned(),
    }
}

/// Looks through the list of contents at the end of an archive.
fn contents_are_fine(bytes: &[u8]) -> bool {
    const ENTRY: &[u8] = b"PK\x01\x02";
    const FIXED: usize = 46;
    let number = |at: usize| {
        bytes.get(at..at + 2).map(|pair| usize::from(u16::from_le_bytes([pair[0], pair[1]])))
    };
    let starts = bytes.windows(ENTRY.len()).enumerate().filter(|(_, part)| *part == ENTRY);
    starts.map(|(at, _)| at).all(|at| {
        let name = number(at + 28).and_then(|long| bytes.get(at + FIXED..at + FIXED + long));
        name.is_none_or(FileKind::may_contain)
    })
}

fn too_big(max: u64) -> AppError {
    let params = Some(serde_json::json!({ "max": max }));
    AppError::Refused { code: ErrorCode::TooBig, params }
}

fn type_refused() -> AppError {
    let types: Vec<&str> =
        FileKind::ALL.iter().flat_map(|kind| kind.extensions()).copied().collect();
    let params = Some(serde_json::json!({ "types": types }));
    AppError::Refused { code: ErrorCode::TypeRefused, params }
}

fn spoilt(reason: &str) -> AppError {
    let params = Some(serde_json::json!({ "reason": reason }));
    AppError::Refused { code: ErrorCode::BadAttachment, params }
}

/// The disk does not take or give what it should.
fn broken(error: &std::io::Error) -> AppError {
    tracing::error!(error = %error, "the folder of attachments failed");
    AppError::refused(ErrorCode::Unavailable)
}
