//! The starter library: what a shop says on every occasion, in the product's own words, to begin with. It only adds:
//! what the shop has written under a code stays.

use std::collections::HashSet;

use xiaoer_connect::phrase_sheet;
use xiaoer_domain::id::AccountId;
use xiaoer_domain::phrases::Place;
use xiaoer_domain::team::{Colleague, Role};
use xiaoer_protocol::phrases as wire;
use xiaoer_store::phrases::{self as store, Groups};

use super::{LISTED_MAX, place_to_write};
use crate::platform::Shop;
use crate::team::Caller;
use crate::{App, AppError};

/// The language of a shop whose owner reads none of the two.
const FIRST_LANG: &str = "zh-CN";
const ZH_CN: &str = include_str!("starter/zh-CN.csv");
const EN: &str = include_str!("starter/en.csv");

impl App {
    /// Adds the starter library of a language to a library.
    ///
    /// # Errors
    /// A language or scope that is none; a missing right; the database.
    pub async fn add_starter_phrases(
        &self,
        shop: &Shop,
        caller: &Caller,
        body: &wire::PhraseStarter,
    ) -> Result<wire::PhraseImported, AppError> {
        let place = place_to_write(caller, &body.scope)?;
        let sheet = sheet_of(&body.lang).ok_or_else(|| AppError::bad_field("lang"))?;
        let taken = self.codes_of(shop, caller, place).await?;
        let mut lines = phrase_sheet::read(sheet).map_err(|_| AppError::bad_field("lang"))?;
        let offered = lines.len();
        lines.retain(|line| !taken.contains(&line.code));
        let kept = offered - lines.len();
        let csv = phrase_sheet::write(lines.iter());
        let import = wire::PhraseImport { scope: body.scope.clone(), csv, xlsx: None };
        let mut told = self.import_phrases(shop, caller, &import).await?;
        told.same += i64::try_from(kept).unwrap_or(i64::MAX);
        Ok(told)
    }

    /// What a new shop begins with: the starter library in the language of its owner.
    ///
    /// # Errors
    /// No such shop; the database.
    pub async fn begin_with_starter(
        &self,
        key: &str,
        owner: AccountId,
        lang: &str,
    ) -> Result<(), AppError> {
        let shop = self.shop(key).await?;
        let sender = Colleague { account: owner, name: String::new() };
        let roles = vec![Role::Owner];
        let caller = Caller { sender, roles, has_factor: false, password_is_given: false };
        let lang = if sheet_of(lang).is_some() { lang } else { FIRST_LANG };
        let body = wire::PhraseStarter { scope: Place::Shop.word(), lang: lang.to_owned() };
        self.add_starter_phrases(&shop, &caller, &body).await.map(drop)
    }

    async fn codes_of(
        &self,
        shop: &Shop,
        caller: &Caller,
        place: Place,
    ) -> Result<HashSet<String>, AppError> {
        let (shop, me) = (shop.id, caller.sender.account);
        let read = self.db.read(move |tx| {
            Box::pin(async move { store::phrases(tx, shop, me, Groups::All, LISTED_MAX).await })
        });
        let here = read.await?.into_iter().filter(|stored| stored.place == place);
        Ok(here.map(|stored| stored.phrase.code).collect())
    }
}

fn sheet_of(lang: &str) -> Option<&'static str> {
    match lang {
        "zh-CN" => Some(ZH_CN),
        "en" => Some(EN),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use xiaoer_connect::phrase_sheet::{self, SheetLine};
    use xiaoer_domain::phrases::{FOLDER_DEPTH_MAX, Phrase, parse_name};
    use xiaoer_domain::quality::guard::{Context, Guard, Level, ShopKind};
    use xiaoer_domain::time::Timestamp;

    use super::{EN, ZH_CN};

    fn lines(sheet: &str) -> Vec<SheetLine> {
        phrase_sheet::read(sheet).unwrap()
    }

    #[test]
    fn both_languages_offer_the_same_number_of_phrases_each_with_folder_and_code() {
        assert!(lines(ZH_CN).len() >= 200);
        assert_eq!(lines(ZH_CN).len(), lines(EN).len());
        for sheet in [ZH_CN, EN] {
            let mut codes = HashSet::new();
            for line in lines(sheet) {
                let phrase = Phrase::parse(&line.code, &line.title, &line.text, 500).unwrap();
                assert!(codes.insert(phrase.code), "{} stands twice", line.code);
                assert!(!line.code.is_empty() && !line.title.is_empty(), "{}", line.text);
                let folders: Vec<&str> = line.folder.split('/').collect();
                assert!((2..=FOLDER_DEPTH_MAX).contains(&folders.len()), "{}", line.folder);
                assert!(folders.iter().all(|name| parse_name(name).is_ok()), "{}", line.folder);
            }
        }
    }

    #[test]
    fn the_guard_stops_none_of_them_in_any_kind_of_shop() {
        let mut stopped = Vec::new();
        for kind in [ShopKind::Own, ShopKind::Mall] {
            let guard = Guard::built_in(kind, Timestamp::from_micros(1_800_000_000_000_000));
            for line in lines(ZH_CN).into_iter().chain(lines(EN)) {
                let findings = guard.check(&line.text, &Context::default());
                if matches!(Guard::strictest(&findings), Level::Ask | Level::Block) {
                    stopped.push(format!("{} {findings:?}", line.text));
                }
            }
        }
        assert!(stopped.is_empty(), "{stopped:#?}");
    }
}
