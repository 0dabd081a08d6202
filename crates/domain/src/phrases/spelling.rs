//! How a title is typed: for each character its readings without tones, so that a search needs no dictionary.

use pinyin::ToPinyinMulti as _;

/// Readings of one character that are kept.
const READINGS_MAX: usize = 3;

/// For each character of `text` what it is typed as, separated by blanks; several readings are joined by `|`. What has no
/// reading stands for itself in lower case, a blank as `_`.
#[must_use]
pub fn spelled(text: &str) -> String {
    text.chars().map(typed).collect::<Vec<_>>().join(" ")
}

fn typed(c: char) -> String {
    let Some(readings) = c.to_pinyin_multi() else {
        return if c.is_whitespace() { "_".to_owned() } else { c.to_lowercase().collect() };
    };
    let mut kept: Vec<String> = Vec::new();
    for reading in readings {
        let reading = reading.plain().replace('ü', "v");
        if !kept.contains(&reading) && kept.len() < READINGS_MAX {
            kept.push(reading);
        }
    }
    kept.join("|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_character_has_its_readings() {
        assert_eq!(spelled("发货 A1"), "fa huo _ a 1");
        assert_eq!(spelled("绿"), "lv|lu");
        assert!(spelled("重").split('|').any(|r| r == "chong"));
        assert_eq!(spelled(""), "");
    }
}
