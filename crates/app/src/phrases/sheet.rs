//! A library as a spreadsheet, out and in. Bringing one in adds and changes, never removes; a line is known again by its
//! code, without one by folder and title.

use std::collections::{HashMap, HashSet};

use base64::Engine as _;
use xiaoer_connect::phrase_sheet::{self, LINES_MAX, SheetError, SheetLine};
use xiaoer_connect::{phrase_book, phrase_xml};
use xiaoer_domain::id::{AccountId, FolderId, ShopId};
use xiaoer_domain::phrases::{
    FOLDER_DEPTH_MAX, Phrase, PhraseError, Place, Validity, parse_name, spelled,
};
use xiaoer_domain::time::Timestamp;
use xiaoer_domain::zone::{Day, TimeOfDay, Zone};
use xiaoer_protocol::phrases as wire;
use xiaoer_store::phrases::{self as store, Groups, StoredFolder, StoredPhrase, Writing};
use xiaoer_store::{StoreError, Tx};

use super::edit::{check_group, full, note};
use super::{
    FOLDERS_MAX, LISTED_FOLDERS_MAX, LISTED_MAX, PHRASES_MAX, groups_seen, place_to_write,
};
use crate::platform::Shop;
use crate::team::Caller;
use crate::{App, AppError};

impl App {
    /// A library as a sheet.
    ///
    /// # Errors
    /// A scope that is none; the database.
    pub async fn export_phrases(
        &self,
        shop: &Shop,
        caller: &Caller,
        scope: &str,
        form: PhraseForm,
    ) -> Result<Vec<u8>, AppError> {
        let (me, zone) = (caller.sender.account, shop.zone(self.clock.now()));
        let (shop, seen) = (shop.id, groups_seen(caller));
        let place = Place::parse(scope, me).ok_or_else(|| AppError::bad_field("scope"))?;
        let read = self.db.read(move |tx| {
            Box::pin(async move {
                let folders = store::folders(tx, shop, me, seen, LISTED_FOLDERS_MAX).await?;
                let phrases = store::phrases(tx, shop, me, seen, LISTED_MAX).await?;
                Ok::<_, StoreError>((folders, phrases))
            })
        });
        let (folders, phrases) = read.await?;
        let lines: Vec<SheetLine> = phrases
            .into_iter()
            .filter(|stored| stored.place == place)
            .map(|stored| SheetLine {
                line: 0,
                folder: path_of(&folders, stored.folder),
                valid_from: Some(clock(&zone, stored.phrase.validity.from())),
                valid_to: Some(clock(&zone, stored.phrase.validity.to())),
                product: Some(stored.phrase.sku),
                code: stored.phrase.code,
                title: stored.phrase.title,
                text: stored.phrase.text,
            })
            .collect();
        Ok(match form {
            PhraseForm::Csv => phrase_sheet::write(lines.iter()).into_bytes(),
            PhraseForm::Book => phrase_book::write(lines.iter()),
            PhraseForm::Xml => phrase_xml::write(lines.iter()).into_bytes(),
        })
    }

    /// Brings a sheet into a library. Folders that are missing are made; lines that are no phrases are told.
    ///
    /// # Errors
    /// A sheet without a text column, or too long; a missing right; the database.
    pub async fn import_phrases(
        &self,
        shop: &Shop,
        caller: &Caller,
        body: &wire::PhraseImport,
    ) -> Result<wire::PhraseImported, AppError> {
        let place = place_to_write(caller, &body.scope)?;
        let lines = read_lines(body)?;
        let mut refused = Vec::new();
        let zone = shop.zone(self.clock.now());
        let lines = self.readable(lines, &zone, &mut refused);
        let shop = shop.id;
        let (me, now) = (caller.sender.account, self.clock.now());
        let mut told = self
            .db
            .write(move |tx| {
                let lines = lines.clone();
                Box::pin(async move {
                    check_group(tx, shop, place).await?;
                    let (all, max) = (Groups::All, LISTED_FOLDERS_MAX);
                    let folders = store::folders(tx, shop, me, all, max).await?;
                    let phrases = store::phrases(tx, shop, me, all, LISTED_MAX).await?;
                    let mut library = Library::of((shop, place, me), now, folders, phrases);
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
        zone: &Zone,
        refused: &mut Vec<wire::PhraseRefusal>,
    ) -> Vec<Readable> {
        let mut codes = HashSet::new();
        let mut readable = Vec::new();
        for line in lines {
            let max = self.limits.text_chars_max;
            let read = Phrase::parse(&line.code, &line.title, &line.text, max)
                .and_then(|phrase| phrase.showing(line.product.as_deref().unwrap_or_default()))
                .map_err(reason)
                .and_then(|phrase| {
                    let to = line.valid_to.as_deref().unwrap_or_default();
                    let from = line.valid_from.as_deref().unwrap_or_default();
                    let validity = Validity::parse(moment(zone, from, 0)?, moment(zone, to, 1)?);
                    Ok(phrase.valid(validity.ok_or("bad_validity")?))
                })
                .and_then(|phrase| Ok((phrase, folders_of(&line.folder)?)));
            let reason = match read {
                Ok((phrase, _))
                    if !phrase.code.is_empty() && !codes.insert(phrase.code.clone()) =>
                {
                    "code_twice"
                }
                Ok((phrase, path)) => {
                    readable.push(Readable {
                        line: line.line,
                        path,
                        phrase,
                        dated: line.valid_from.is_some() || line.valid_to.is_some(),
                        shows: line.product.is_some(),
                    });
                    continue;
                }
                Err(reason) => reason,
            };
            refused.push(wire::PhraseRefusal { line: line.line, reason: reason.to_owned() });
        }
        readable
    }
}

/// How a library is written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhraseForm {
    /// A spreadsheet.
    Csv,
    /// A workbook.
    Book,
    /// A document.
    Xml,
}

fn read_lines(body: &wire::PhraseImport) -> Result<Vec<SheetLine>, AppError> {
    let told = |error| match error {
        SheetError::NoText => AppError::bad_field("csv"),
        SheetError::Broken => AppError::bad_field("file"),
        SheetError::TooLong => full(i64::try_from(LINES_MAX).unwrap_or(i64::MAX)),
    };
    if let Some(packed) = &body.xlsx {
        let bytes = base64::engine::general_purpose::STANDARD.decode(packed);
        let bytes = bytes.map_err(|_| AppError::bad_field("xlsx"))?;
        return phrase_sheet::read_book(bytes).map_err(told);
    }
    if body.csv.trim_start_matches('\u{feff}').trim_start().starts_with('<') {
        return phrase_xml::read(&body.csv).map_err(told);
    }
    phrase_sheet::read(&body.csv).map_err(told)
}

/// A moment as a sheet writes it, by the shop's clock.
fn clock(zone: &Zone, at: Option<Timestamp>) -> String {
    at.map(|at| format!("{} {}", zone.day(at), zone.time(at))).unwrap_or_default()
}

/// A day, or a day and a time; a day alone is its begin, or with `days_more` 1 its end.
fn moment(zone: &Zone, text: &str, days_more: i32) -> Result<Option<Timestamp>, &'static str> {
    let text = text.trim().replace(['/', '.'], "-").replace('T', " ");
    if text.is_empty() {
        return Ok(None);
    }
    let (day, time) = text.split_once(' ').unwrap_or((&text, ""));
    let day = Day::parse(day).ok_or("bad_validity")?;
    let time = time.trim();
    if time.is_empty() {
        let midnight = TimeOfDay::parse("00:00").ok_or("bad_validity")?;
        return Ok(Some(zone.moment(day.plus(days_more), midnight)));
    }
    let time = if time.len() == 8 { &time[..5] } else { time };
    Ok(Some(zone.moment(day, TimeOfDay::parse(time).ok_or("bad_validity")?)))
}

/// A line that is a phrase.
#[derive(Clone)]
struct Readable {
    line: u64,
    path: Vec<String>,
    phrase: Phrase,
    /// The sheet says when it holds; else what is known stays.
    dated: bool,
    /// The sheet says what it shows; else what is known stays.
    shows: bool,
}

/// A library while a sheet is brought in.
struct Library {
    shop: ShopId,
    place: Place,
    writer: AccountId,
    now: Timestamp,
    folders: HashMap<(FolderId, String), FolderId>,
    by_code: HashMap<String, StoredPhrase>,
    by_title: HashMap<(FolderId, String), StoredPhrase>,
    held: i64,
    told: wire::PhraseImported,
}

impl Library {
    fn of(
        (shop, place, writer): (ShopId, Place, AccountId),
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
            writer,
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
        let mut phrase = line.phrase.clone();
        let known = if phrase.code.is_empty() {
            self.by_title.get(&(folder, phrase.title.clone()))
        } else {
            self.by_code.get(&phrase.code)
        };
        if let Some(old) = known {
            phrase.validity = if line.dated { phrase.validity } else { old.phrase.validity };
            phrase.sku = if line.shows { phrase.sku } else { old.phrase.sku.clone() };
        }
        let pinyin = &spelled(&phrase.title);
        let (writer, at) = (self.writer, self.now);
        let writing = Writing { folder, phrase: &phrase, pinyin, writer, at };
        match known {
            Some(old) if old.folder == folder && old.phrase == phrase => self.told.same += 1,
            Some(old) => {
                store::update_phrase(tx, self.shop, old.id, writing).await?;
                self.told.changed += 1;
            }
            None if self.held >= PHRASES_MAX => self.refuse(line, "full"),
            None => {
                store::insert_phrase(tx, self.shop, self.place, writing).await?;
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

pub(super) fn path_of(folders: &[StoredFolder], mut id: FolderId) -> String {
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
        PhraseError::BadVariable => "bad_variable",
        PhraseError::BadValidity => "bad_validity",
        // A line of a sheet has one text.
        PhraseError::BadSku | PhraseError::TooManyTexts => "bad_product",
    }
}
