//! Phrases: libraries that every desk keeps in memory, so listing them is one answer that is the same until somebody
//! writes. Must never say anything to a buyer: the desk does.

mod auto;
mod edit;
mod files;
mod fill;
mod send;
mod sheet;
mod starter;

pub use send::Named;
pub(crate) use send::said_of;
pub use sheet::PhraseForm;

use xiaoer_domain::id::{AccountId, FolderId, GroupId, PhraseId, ShopId};
use xiaoer_domain::phrases::{PhraseError, Place, Standing};
use xiaoer_domain::team::{Right, Role, may};
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::phrases as wire;
use xiaoer_store::StoreError;
use xiaoer_store::phrases::{self as store, Groups, StoredFolder, StoredPhrase};

use crate::team::Caller;
use crate::{App, AppError};

/// Phrases of one library: the desk searches them on every key.
pub const PHRASES_MAX: i64 = 5_000;
/// Folders of one library.
const FOLDERS_MAX: i64 = 500;
/// Phrases of all libraries that one desk holds.
const LISTED_MAX: i64 = 4 * PHRASES_MAX;
/// Folders of them.
const LISTED_FOLDERS_MAX: i64 = 4 * FOLDERS_MAX;
/// Skill groups that are named.
const GROUPS_MAX: i64 = 200;

impl App {
    /// The shop's library, the caller's own, and those of the caller's skill groups; of every group for those who may
    /// write them.
    ///
    /// # Errors
    /// The database.
    pub async fn phrases(&self, shop: ShopId, caller: &Caller) -> Result<wire::Phrases, AppError> {
        let (me, now) = (caller.sender.account, self.clock.now());
        let seen = groups_seen(caller);
        let read = self.db.read(move |tx| {
            Box::pin(async move {
                let folders = store::folders(tx, shop, me, seen, LISTED_FOLDERS_MAX).await?;
                let phrases = store::phrases(tx, shop, me, seen, LISTED_MAX).await?;
                Ok::<_, StoreError>((
                    folders,
                    phrases,
                    store::groups(tx, shop, me, GROUPS_MAX).await?,
                ))
            })
        });
        let (folders, phrases, groups) = read.await?;
        let groups = groups.into_iter().filter(|(_, _, member)| *member || seen == Groups::All);
        let phrases: Vec<wire::Phrase> =
            phrases.into_iter().map(|stored| phrase_shown(stored, me, now)).collect();
        let expired = phrases.iter().filter(|p| p.mine && p.standing == Standing::Expired.word());
        Ok(wire::Phrases {
            folders: folders.into_iter().map(folder_shown).collect(),
            groups: groups.map(group_shown).collect(),
            may_edit_shop: may(&caller.roles, Right::ManagePhrases),
            expired_mine: i64::try_from(expired.count()).unwrap_or(i64::MAX),
            phrases,
        })
    }

    /// The caller used a phrase.
    ///
    /// # Errors
    /// `not_found`; `phrase_expired`; the database.
    pub async fn phrase_used(
        &self,
        shop: ShopId,
        caller: &Caller,
        id: PhraseId,
    ) -> Result<(), AppError> {
        let (me, now) = (caller.sender.account, self.clock.now());
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let found = store::find_readable(tx, shop, id, me).await?;
                    sayable(&found.ok_or_else(not_found)?, now)?;
                    store::used(tx, shop, me, id, now).await?;
                    Ok(())
                })
            })
            .await
    }
}

/// Only a phrase whose time it is may be said.
fn sayable(stored: &StoredPhrase, now: Timestamp) -> Result<(), AppError> {
    match stored.phrase.validity.standing(now) {
        Standing::Valid => Ok(()),
        standing => Err(AppError::Refused {
            code: ErrorCode::PhraseExpired,
            params: Some(serde_json::json!({ "standing": standing.word() })),
        }),
    }
}

/// Which libraries of groups a caller sees.
fn groups_seen(caller: &Caller) -> Groups {
    if may(&caller.roles, Right::ManagePhrases) { Groups::All } else { Groups::Own }
}

fn group_shown((id, name, member): (GroupId, String, bool)) -> wire::PhraseGroup {
    wire::PhraseGroup { scope: Place::Group(id).word(), name, member }
}

/// The library that is asked for, if the caller may write it.
fn place_to_write(caller: &Caller, scope: &str) -> Result<Place, AppError> {
    let place = Place::parse(scope, caller.sender.account);
    let place = place.ok_or_else(|| AppError::bad_field("scope"))?;
    writes(&caller.roles, caller.sender.account, place)?;
    Ok(place)
}

/// Whether this library may be written; one that is not even seen is not there.
fn writes(roles: &[Role], me: AccountId, place: Place) -> Result<(), AppError> {
    match place {
        Place::Shop | Place::Group(_) if !may(roles, Right::ManagePhrases) => {
            Err(AppError::forbidden(Right::ManagePhrases))
        }
        Place::Personal(owner) if owner != me => Err(not_found()),
        _ => Ok(()),
    }
}

const fn not_found() -> AppError {
    AppError::refused(ErrorCode::NotFound)
}

fn folder_id(id: Option<i64>) -> FolderId {
    FolderId::new(id.unwrap_or(0))
}

fn above(id: FolderId) -> Option<i64> {
    Some(id.get()).filter(|id| *id != 0)
}

fn folder_shown(folder: StoredFolder) -> wire::PhraseFolder {
    wire::PhraseFolder {
        id: folder.id.get(),
        scope: folder.place.word(),
        parent: above(folder.parent),
        name: folder.name,
    }
}

fn phrase_shown(stored: StoredPhrase, me: AccountId, now: Timestamp) -> wire::Phrase {
    let validity = stored.phrase.validity;
    wire::Phrase {
        id: stored.id.get(),
        scope: stored.place.word(),
        folder: above(stored.folder),
        code: stored.phrase.code,
        title: stored.phrase.title,
        text: stored.phrase.text,
        pinyin: stored.pinyin,
        valid_from: validity.from().map(Timestamp::micros),
        valid_to: validity.to().map(Timestamp::micros),
        standing: validity.standing(now).word().to_owned(),
        sku: stored.phrase.sku,
        mine: stored.writer == me,
        updated_at: stored.updated_at.micros(),
        uses: stored.uses,
        used_at: stored.used_at,
        files: stored.files,
    }
}

impl From<PhraseError> for AppError {
    fn from(error: PhraseError) -> Self {
        match error {
            PhraseError::EmptyText => Self::refused(ErrorCode::EmptyText),
            PhraseError::TextTooLong(max) => Self::Refused {
                code: ErrorCode::TooLong,
                params: Some(serde_json::json!({ "max": max })),
            },
            PhraseError::BadCode => Self::bad_field("code"),
            PhraseError::LongTitle => Self::bad_field("title"),
            PhraseError::BadName => Self::bad_field("name"),
            PhraseError::BadVariable => Self::bad_field("text"),
            PhraseError::BadValidity => Self::bad_field("valid_to"),
            PhraseError::BadSku => Self::bad_field("sku"),
            PhraseError::TooManyTexts => Self::bad_field("texts"),
        }
    }
}
