//! Phrases: libraries that every desk keeps in memory, so listing them is one answer that is the same until somebody
//! writes. Must never say anything to a buyer: the desk does.

mod edit;
mod fill;
mod sheet;
mod starter;

pub use sheet::PhraseForm;

use xiaoer_domain::id::{AccountId, FolderId, PhraseId, ShopId};
use xiaoer_domain::phrases::{PhraseError, Place, Standing};
use xiaoer_domain::team::{Right, Role, may};
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::phrases as wire;
use xiaoer_store::StoreError;
use xiaoer_store::phrases::{self as store, StoredFolder, StoredPhrase};

use crate::team::Caller;
use crate::{App, AppError};

/// Phrases of one library: the desk searches them on every key.
pub const PHRASES_MAX: i64 = 5_000;
/// Folders of one library.
const FOLDERS_MAX: i64 = 500;

impl App {
    /// The shop's library and the caller's own.
    ///
    /// # Errors
    /// The database.
    pub async fn phrases(&self, shop: ShopId, caller: &Caller) -> Result<wire::Phrases, AppError> {
        let (me, now) = (caller.sender.account, self.clock.now());
        let read = self.db.read(move |tx| {
            Box::pin(async move {
                let folders = store::folders(tx, shop, me, 2 * FOLDERS_MAX).await?;
                Ok::<_, StoreError>((folders, store::phrases(tx, shop, me, 2 * PHRASES_MAX).await?))
            })
        });
        let (folders, phrases) = read.await?;
        let phrases: Vec<wire::Phrase> =
            phrases.into_iter().map(|stored| phrase_shown(stored, me, now)).collect();
        let expired = phrases.iter().filter(|p| p.mine && p.standing == Standing::Expired.word());
        Ok(wire::Phrases {
            folders: folders.into_iter().map(folder_shown).collect(),
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
                    let found = store::find_phrase(tx, shop, id, me).await?;
                    let found = found.filter(|phrase| reads(me, phrase.place));
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

/// Whether `me` sees what is in this library.
fn reads(me: AccountId, place: Place) -> bool {
    place == Place::Shop || place == Place::Personal(me)
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
        Place::Shop if !may(roles, Right::ManagePhrases) => {
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
        scope: folder.place.word().to_owned(),
        parent: above(folder.parent),
        name: folder.name,
    }
}

fn phrase_shown(stored: StoredPhrase, me: AccountId, now: Timestamp) -> wire::Phrase {
    let validity = stored.phrase.validity;
    wire::Phrase {
        id: stored.id.get(),
        scope: stored.place.word().to_owned(),
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
        }
    }
}
