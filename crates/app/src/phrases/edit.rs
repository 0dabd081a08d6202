//! Writing phrases and folders. Each write is in the journal: who changed which, never what it says.

use xiaoer_domain::id::{AccountId, FolderId, PhraseId, ShopId};
use xiaoer_domain::phrases::{
    FOLDER_DEPTH_MAX, Phrase, PhraseError, Place, Validity, parse_name, spelled,
};
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::phrases as wire;
use xiaoer_store::chat::attachments;
use xiaoer_store::chat::save::{self, Fact};
use xiaoer_store::phrases::{self as store, StoredFolder, StoredPhrase, Writing};
use xiaoer_store::{StoreError, Tx};

use super::files::FILES_MAX;
use super::{
    FOLDERS_MAX, GROUPS_MAX, PHRASES_MAX, folder_id, folder_shown, not_found, phrase_shown,
    place_to_write, writes,
};
use crate::team::Caller;
use crate::{App, AppError};

impl App {
    /// A new phrase.
    ///
    /// # Errors
    /// What is wrong with it; `name_taken` for a code in use; `too_many`; a missing right; the database.
    pub async fn add_phrase(
        &self,
        shop: ShopId,
        caller: &Caller,
        body: &wire::PhraseBody,
    ) -> Result<wire::Phrase, AppError> {
        let place = place_to_write(caller, &body.scope)?;
        let phrase = self.parse_phrase(body)?;
        let (folder, me, now) = (folder_id(body.folder), caller.sender.account, self.clock.now());
        self.db
            .write(move |tx| {
                let phrase = phrase.clone();
                Box::pin(async move {
                    check_group(tx, shop, place).await?;
                    check_folder(tx, shop, place, folder).await?;
                    if store::count(tx, shop, place).await?.phrases >= PHRASES_MAX {
                        return Err(full(PHRASES_MAX));
                    }
                    let pinyin = &spelled(&phrase.title);
                    let writing = Writing { folder, phrase: &phrase, pinyin, writer: me, at: now };
                    let id = store::insert_phrase(tx, shop, place, writing).await;
                    let id = id.map_err(taken)?;
                    note(tx, shop, now, "phrase_written", me.get(), id.get()).await?;
                    Ok(phrase_shown(found(store::find_phrase(tx, shop, id, me).await?)?, me, now))
                })
            })
            .await
    }

    /// Writes a phrase anew; it stays in its library.
    ///
    /// # Errors
    /// As [`App::add_phrase`], and `not_found`.
    pub async fn change_phrase(
        &self,
        shop: ShopId,
        caller: &Caller,
        id: PhraseId,
        body: &wire::PhraseBody,
    ) -> Result<wire::Phrase, AppError> {
        let phrase = self.parse_phrase(body)?;
        let (folder, me, now) = (folder_id(body.folder), caller.sender.account, self.clock.now());
        let roles = caller.roles.clone();
        self.db
            .write(move |tx| {
                let (phrase, roles) = (phrase.clone(), roles.clone());
                Box::pin(async move {
                    let old = found(store::find_phrase(tx, shop, id, me).await?)?;
                    writes(&roles, me, old.place)?;
                    check_folder(tx, shop, old.place, folder).await?;
                    let pinyin = &spelled(&phrase.title);
                    let writing = Writing { folder, phrase: &phrase, pinyin, writer: me, at: now };
                    let done = store::update_phrase(tx, shop, id, writing);
                    done.await.map_err(taken)?;
                    note(tx, shop, now, "phrase_written", me.get(), id.get()).await?;
                    Ok(phrase_shown(found(store::find_phrase(tx, shop, id, me).await?)?, me, now))
                })
            })
            .await
    }

    /// Removes a phrase.
    ///
    /// # Errors
    /// `not_found`; a missing right; the database.
    pub async fn remove_phrase(
        &self,
        shop: ShopId,
        caller: &Caller,
        id: PhraseId,
    ) -> Result<(), AppError> {
        let (me, now, roles) = (caller.sender.account, self.clock.now(), caller.roles.clone());
        self.db
            .write(move |tx| {
                let roles = roles.clone();
                Box::pin(async move {
                    let old = found(store::find_phrase(tx, shop, id, me).await?)?;
                    writes(&roles, me, old.place)?;
                    for file in attachments::of_phrase(tx, shop, id, FILES_MAX).await? {
                        attachments::drop_of_phrase(tx, shop, &file).await?;
                    }
                    store::delete_phrase(tx, shop, id).await?;
                    note(tx, shop, now, "phrase_removed", me.get(), id.get()).await
                })
            })
            .await
    }

    /// A new folder.
    ///
    /// # Errors
    /// A bad name; `name_taken`; `too_many`; a missing right; the database.
    pub async fn add_phrase_folder(
        &self,
        shop: ShopId,
        caller: &Caller,
        body: &wire::PhraseFolderBody,
    ) -> Result<wire::PhraseFolder, AppError> {
        let place = place_to_write(caller, &body.scope)?;
        let name = parse_name(&body.name)?;
        let (parent, now) = (folder_id(body.parent), self.clock.now());
        self.db
            .write(move |tx| {
                let name = name.clone();
                Box::pin(async move {
                    check_group(tx, shop, place).await?;
                    if depth(tx, shop, place, parent).await? >= FOLDER_DEPTH_MAX {
                        return Err(AppError::bad_field("parent"));
                    }
                    if store::count(tx, shop, place).await?.folders >= FOLDERS_MAX {
                        return Err(full(FOLDERS_MAX));
                    }
                    let id = store::insert_folder(tx, shop, place, parent, &name, now).await;
                    let id = id.map_err(taken)?;
                    Ok(folder_shown(StoredFolder { id, place, parent, name }))
                })
            })
            .await
    }

    /// Renames a folder.
    ///
    /// # Errors
    /// A bad name; `name_taken`; `not_found`; a missing right; the database.
    pub async fn rename_phrase_folder(
        &self,
        shop: ShopId,
        caller: &Caller,
        id: FolderId,
        name: &str,
    ) -> Result<wire::PhraseFolder, AppError> {
        let name = parse_name(name)?;
        let (me, roles) = (caller.sender.account, caller.roles.clone());
        self.db
            .write(move |tx| {
                let (name, roles) = (name.clone(), roles.clone());
                Box::pin(async move {
                    let old = store::find_folder(tx, shop, id).await?.ok_or_else(not_found)?;
                    writes(&roles, me, old.place)?;
                    store::rename_folder(tx, shop, id, &name).await.map_err(taken)?;
                    Ok(folder_shown(StoredFolder { name, ..old }))
                })
            })
            .await
    }

    /// Removes a folder that holds nothing.
    ///
    /// # Errors
    /// `not_empty`; `not_found`; a missing right; the database.
    pub async fn remove_phrase_folder(
        &self,
        shop: ShopId,
        caller: &Caller,
        id: FolderId,
    ) -> Result<(), AppError> {
        let (me, roles) = (caller.sender.account, caller.roles.clone());
        self.db
            .write(move |tx| {
                let roles = roles.clone();
                Box::pin(async move {
                    let old = store::find_folder(tx, shop, id).await?.ok_or_else(not_found)?;
                    writes(&roles, me, old.place)?;
                    if store::delete_folder(tx, shop, &old).await? {
                        return Ok(());
                    }
                    Err(AppError::refused(ErrorCode::NotEmpty))
                })
            })
            .await
    }

    fn parse_phrase(&self, body: &wire::PhraseBody) -> Result<Phrase, AppError> {
        let max = self.limits.text_chars_max;
        let at = |micros: Option<i64>| micros.map(Timestamp::from_micros);
        let validity = Validity::parse(at(body.valid_from), at(body.valid_to));
        let validity = validity.ok_or(PhraseError::BadValidity)?;
        let phrase = Phrase::parse(&body.code, &body.title, &body.text, max)?;
        Ok(phrase.valid(validity).showing(&body.sku)?)
    }
}

/// How many folders one is in, counting itself; the folder has to be of this library.
pub(super) async fn depth(
    tx: &mut Tx,
    shop: ShopId,
    place: Place,
    mut folder: FolderId,
) -> Result<usize, AppError> {
    let mut depth = 0;
    while folder.get() != 0 && depth < FOLDER_DEPTH_MAX {
        let found = store::find_folder(tx, shop, folder).await?;
        let found = found.filter(|f| f.place == place);
        folder = found.ok_or_else(|| AppError::bad_field("folder"))?.parent;
        depth += 1;
    }
    Ok(depth)
}

/// A group's library is written only while there is the group.
pub(super) async fn check_group(tx: &mut Tx, shop: ShopId, place: Place) -> Result<(), AppError> {
    let Place::Group(wanted) = place else { return Ok(()) };
    let groups = store::groups(tx, shop, AccountId::new(0), GROUPS_MAX).await?;
    let known = groups.iter().any(|(id, _, _)| *id == wanted);
    known.then_some(()).ok_or_else(|| AppError::bad_field("scope"))
}

async fn check_folder(
    tx: &mut Tx,
    shop: ShopId,
    place: Place,
    folder: FolderId,
) -> Result<(), AppError> {
    depth(tx, shop, place, folder).await.map(drop)
}

/// Puts who wrote which phrase into the journal.
pub(super) async fn note(
    tx: &mut Tx,
    shop: ShopId,
    at: Timestamp,
    kind: &'static str,
    account: i64,
    phrase: i64,
) -> Result<(), AppError> {
    let json = format!(r#"{{"a":{account},"p":{phrase}}}"#);
    save::facts(tx, shop, &[Fact { at, kind, version: 1, json }]).await?;
    Ok(())
}

fn found(phrase: Option<StoredPhrase>) -> Result<StoredPhrase, AppError> {
    phrase.ok_or_else(not_found)
}

pub(super) fn full(max: i64) -> AppError {
    let params = Some(serde_json::json!({ "max": max }));
    AppError::Refused { code: ErrorCode::TooMany, params }
}

pub(super) fn taken(error: StoreError) -> AppError {
    match error {
        StoreError::Unique { .. } => AppError::refused(ErrorCode::NameTaken),
        other => other.into(),
    }
}
