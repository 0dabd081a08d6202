//! A library as a spreadsheet, out and in. Bringing one in adds and changes, never removes; a line is known again by its
//! code, without one by folder and title.

use std::collections::{HashMap, HashSet};

use xiaoer_connect::phrase_sheet::{self, LINES_MAX, SheetError, SheetLine};
use xiaoer_domain::id::{FolderId, ShopId};
use xiaoer_domain::phrases::{FOLDER_DEPTH_MAX, Phrase, PhraseError, Place, parse_name, spelled};
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::phrases as wire;
use xiaoer_store::phrases::{self as store, StoredFolder, StoredPhrase};
use xiaoer_store::{StoreError, Tx};

use super::edit::{full, note};
use super::{FOLDERS_MAX, PHRASES_MAX, place_to_write};
use crate::team::Caller;
use crate::{App, AppError};

impl App {
    /// A library as a sheet.
    ///
    /// # Errors
    /// A scope that is none; the database.
    pub async fn export_phrases(
        &self,
        shop: ShopId,
        caller: &Caller,
        scope: &str,
    ) -> Result<String, AppError> {
        let me = caller.sender.account;
        let place = Place::parse(scope, me).ok_or_else(|| AppError::bad_field("scope"))?;
        let read = self.db.read(move |tx| {
            Box::pin(async move {
                let folders = store::folders(tx, shop, me, 2 * FOLDERS_MAX).await?;
                Ok::<_, StoreError>((folders, store::phrases(tx, shop, me, 2 * PHRASES_MAX).await?))
            })
        });
        let (folders, phrases) = read.await?;
        let lines: Vec<SheetLine> = phrases
            .into_iter()
            .filter(|stored| stored.place == place)
            .map(|stored| SheetLine {
                line: 0,
                folder: path_of(&folders, stored.folder),
                code: stored.phrase.code,
                title: stored.phrase.title,
                text: stored.phrase.text,
            })
            .collect();
        Ok(phrase_sheet::write(lines.iter()))
    }

    /// Brings a sheet into a library. Folders that are missing are made; lines that are no phrases are told.
    ///
    /// # Errors
    /// A sheet without a text column, or too long; a missing right; the database.
    pub async fn import_phrases(
        &self,
        shop: ShopId,
        caller: &Caller,
        body: &wire::PhraseImport,
    ) -> Result<wire::PhraseImported, AppError> {
        let place = place_to_write(caller, &body.scope)?;
        let lines = phrase_sheet::read(&body.csv).map_err(|error| match error {
            SheetError::NoText => AppError::bad_field("csv"),
            SheetError::TooLong => full(i64::try_from(LINES_MAX).unwrap_or(i64::MAX)),
        })?;
        let mut refused = Vec::new();
        let lines = self.readable(lines, &mut refused);
        let (me, now) = (caller.sender.account, self.clock.now());
        let mut told = self
            .db
            .write(move |tx| {
                let lines = lines.clone();
                Box::pin(async move {
                    let folders = store::folders(tx, shop, me, 2 * FOLDERS_MAX).await?;
                    let phrases = store::phrases(tx, shop, me, 2 * PHRASES_MAX).await?;
                    let mut library = Library::of(shop, place, now, folders, phrases);
                    for line in &lines {
                        library.take(tx, line).await?;
                    }
                    note(tx, shop, now, "phrases_imported", me.get(), 0).await?;
                    Ok::<_, AppError>(library.told)
                })
            })
            .await?;
        refused.append(&mut told.refused);
        refused.sort_by_key(|refusal| refusal.line);
        told.refused = refused;
        Ok(told)
    }

    fn readable(
        &self,
        lines: Vec<SheetLine>,
        refused: &mut Vec<wire::PhraseRefusal>,
    ) -> Vec<Readable> {
        let mut codes = HashSet::new();
        let mut readable = Vec::new();
        for line in lines {
            let max = self.limits.text_chars_max;
            let read = Phrase::parse(&line.code, &line.title, &line.text, max)
                .map_err(reason)
                .and_then(|phrase| Ok((phrase, folders_of(&line.folder)?)));
            let reason = match read {
                Ok((phrase, _))
                    if !phrase.code.is_empty() && !codes.insert(phrase.code.clone()) =>
                {
                    "code_twice"
                }
                Ok((phrase, path)) => {
                    readable.push(Readable { line: line.line, path, phrase });
                    continue;
                }
                Err(reason) => reason,
            };
            refused.push(wire::PhraseRefusal { line: line.line, reason: reason.to_owned() });
        }
        readable
    }
}

/// A line that is a phrase.
#[derive(Clone)]
struct Readable {
    line: u64,
    path: Vec<String>,
    phrase: Phrase,
}

/// A library while a sheet is brought in.
struct Library {
    shop: ShopId,
    place: Place,
    now: Timestamp,
    folders: HashMap<(FolderId, String), FolderId>,
    by_code: HashMap<String, StoredPhrase>,
    by_title: HashMap<(FolderId, String), StoredPhrase>,
    held: i64,
    told: wire::PhraseImported,
}

impl Library {
    fn of(
        shop: ShopId,
        place: Place,
        now: Timestamp,
        folders: Vec<StoredFolder>,
        phrases: Vec<StoredPhrase>,
    ) -> Self {
        let folders = folders.into_iter().filter(|f| f.place == place);
        let phrases: Vec<_> = phrases.into_iter().filter(|p| p.place == place).collect();
        let (coded, plain): (Vec<_>, Vec<_>) =
            phrases.into_iter().partition(|p| !p.phrase.code.is_empty());
        Self {
            shop,
            place,
            now,
            held: i64::try_from(coded.len() + plain.len()).unwrap_or(i64::MAX),
            folders: folders.map(|f| ((f.parent, f.name), f.id)).collect(),
            by_code: coded.into_iter().map(|p| (p.phrase.code.clone(), p)).collect(),
            by_title: plain.into_iter().map(|p| ((p.folder, p.phrase.title.clone()), p)).collect(),
            told: wire::PhraseImported { added: 0, changed: 0, same: 0, refused: Vec::new() },
        }
    }

    async fn take(&mut self, tx: &mut Tx, line: &Readable) -> Result<(), AppError> {
        let Some(folder) = self.folder(tx, &line.path).await? else {
            self.refuse(line, "full");
            return Ok(());
        };
        let phrase = &line.phrase;
        let known = if phrase.code.is_empty() {
            self.by_title.get(&(folder, phrase.title.clone()))
        } else {
            self.by_code.get(&phrase.code)
        };
        let pinyin = spelled(&phrase.title);
        match known {
            Some(old) if old.folder == folder && old.phrase == *phrase => self.told.same += 1,
            Some(old) => {
                store::update_phrase(tx, self.shop, old.id, folder, phrase, &pinyin, self.now)
                    .await?;
                self.told.changed += 1;
            }
            None if self.held >= PHRASES_MAX => self.refuse(line, "full"),
            None => {
                let (shop, place) = (self.shop, self.place);
                store::insert_phrase(tx, shop, place, folder, phrase, &pinyin, self.now).await?;
                self.held += 1;
                self.told.added += 1;
            }
        }
        Ok(())
    }

    fn refuse(&mut self, line: &Readable, reason: &str) {
        let reason = reason.to_owned();
        self.told.refused.push(wire::PhraseRefusal { line: line.line, reason });
    }

    /// The folder of a path, made where it is missing; none when the library takes no more.
    async fn folder(&mut self, tx: &mut Tx, path: &[String]) -> Result<Option<FolderId>, AppError> {
        let mut at = FolderId::new(0);
        for name in path {
            let key = (at, name.clone());
            at = match self.folders.get(&key) {
                Some(id) => *id,
                None if i64::try_from(self.folders.len()).unwrap_or(i64::MAX) >= FOLDERS_MAX => {
                    return Ok(None);
                }
                None => {
                    let (shop, place) = (self.shop, self.place);
                    let id = store::insert_folder(tx, shop, place, at, name, self.now).await?;
                    self.folders.insert(key, id);
                    id
                }
            };
        }
        Ok(Some(at))
    }
}

fn folders_of(path: &str) -> Result<Vec<String>, &'static str> {
    let names = path.split(['/', '>', '\\', '›']).filter(|name| !name.trim().is_empty());
    let names: Result<Vec<String>, _> = names.map(parse_name).collect();
    let names = names.map_err(|_| "bad_folder")?;
    if names.len() > FOLDER_DEPTH_MAX { Err("bad_folder") } else { Ok(names) }
}

fn path_of(folders: &[StoredFolder], mut id: FolderId) -> String {
    let mut names = Vec::new();
    while let Some(folder) = folders.iter().find(|f| f.id == id) {
        names.insert(0, folder.name.as_str());
        id = folder.parent;
        if names.len() > FOLDER_DEPTH_MAX {
            break;
        }
    }
    names.join("/")
}

const fn reason(error: PhraseError) -> &'static str {
    match error {
        PhraseError::EmptyText => "empty_text",
        PhraseError::TextTooLong(_) => "too_long",
        PhraseError::BadCode => "bad_code",
        PhraseError::LongTitle => "long_title",
        PhraseError::BadName => "bad_folder",
    }
}
