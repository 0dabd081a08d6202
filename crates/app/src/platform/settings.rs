//! The settings of a shop as whoever manages it sees them: what holds, since when, and what held before.

use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::platform as wire;

use super::{SETTINGS, Setting, Shop, Takes};
use crate::{App, AppError};

/// Earlier values that are shown.
const HISTORY_MAX: usize = 20;

impl Shop {
    /// Every setting with its values.
    #[must_use]
    pub fn settings_shown(&self, now: Timestamp) -> wire::Settings {
        let settings = SETTINGS.iter().map(|setting| self.shown(setting, now)).collect();
        wire::Settings { settings }
    }

    fn shown(&self, setting: &Setting, now: Timestamp) -> wire::SettingShown {
        let values = self.settings.iter().filter(|dated| dated.name == setting.name);
        let mut history: Vec<wire::DatedValue> = values
            .map(|dated| wire::DatedValue {
                value: dated.value.clone(),
                valid_from: dated.valid_from.micros(),
            })
            .collect();
        history.reverse();
        history.truncate(HISTORY_MAX);
        let since = history.iter().find(|dated| dated.valid_from <= now.micros());
        let mut shown = wire::SettingShown {
            name: setting.name.to_owned(),
            value: self.setting(setting.name, now).to_owned(),
            default: setting.default.to_owned(),
            valid_from: since.map(|dated| dated.valid_from),
            takes: "text".to_owned(),
            min: None,
            max: None,
            words: Vec::new(),
            doc: setting.doc.to_owned(),
            history,
        };
        describe(setting.takes, &mut shown);
        shown
    }
}

/// What a form needs to know of what a setting takes; whatever is not named here is typed as text.
fn describe(takes: Takes, shown: &mut wire::SettingShown) {
    let word = match takes {
        Takes::Number(0, 1) => "switch",
        Takes::Number(min, max) => {
            (shown.min, shown.max) = (Some(min), Some(max));
            "number"
        }
        Takes::Origins => "origins",
        Takes::Text(max) => {
            shown.max = u32::try_from(max).ok();
            "long_text"
        }
        Takes::OneOf(words) => {
            shown.words = words.iter().map(|word| (*word).to_owned()).collect();
            "word"
        }
        Takes::Roles => "roles",
        Takes::Zone => "zone",
        _ => "text",
    };
    word.clone_into(&mut shown.takes);
}

impl App {
    /// Sets a setting from now on, for one who just proved who they are, and shows all of them.
    ///
    /// # Errors
    /// `bad_request` with the sentence in `params.reason`.
    pub async fn change_setting(
        &self,
        shop: &Shop,
        _proof: &crate::team::Proof,
        name: &str,
        value: &str,
    ) -> Result<wire::Settings, AppError> {
        self.set_setting(shop, name, value).await?;
        Ok(self.shop(&shop.key).await?.settings_shown(self.clock.now()))
    }
}
