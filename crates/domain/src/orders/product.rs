//! What the shop sells, and by which typed beginnings it is found: words of its title, its stock code, and the pinyin
//! of its title, whole or by initials.

use std::collections::BTreeSet;

use pinyin::{ToPinyin as _, ToPinyinMulti as _};

use super::Currency;

/// Longest beginning that tells products apart; nobody types more.
const TERM_CHARS_MAX: usize = 24;
/// Of a longer title only the beginning is found.
const TITLE_CHARS_MAX: usize = 60;
/// Most terms of a product.
pub const PRODUCT_TERMS_MAX: usize = 400;
/// Most words of a search that count; the rest only narrows what nobody narrows further.
const WORDS_MAX: usize = 6;

/// Something the shop sells. What orders alone tell of it is its stock code and title.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Product {
    /// The shop's number for it.
    pub sku: String,
    /// Its title.
    pub title: String,
    /// Minor units of `currency`.
    pub price: Option<i64>,
    /// Of the price.
    pub currency: Option<Currency>,
    /// Address of a picture: relative to this server, or of the shop's site.
    pub image: Option<String>,
    /// Address of its page.
    pub link: Option<String>,
    /// Pieces in the warehouse.
    pub stock: Option<i64>,
    /// The shelf it stands on.
    pub category: Option<String>,
}

/// The terms a product is found by: it is found by the beginning of any of them.
#[must_use]
pub fn product_terms(sku: &str, title: &str) -> Vec<String> {
    let mut terms = BTreeSet::new();
    let sku = fold(sku);
    for (at, _) in sku.char_indices().filter(|(at, _)| begins_part(&sku, *at)) {
        terms.insert(cut(sku[at..].chars()));
    }
    let title: Vec<char> = fold(title).chars().take(TITLE_CHARS_MAX).collect();
    let mut rest = title.as_slice();
    while let Some(start) = rest.iter().position(|c| c.is_alphanumeric()) {
        rest = &rest[start..];
        let is_han = |c: &char| c.to_pinyin().is_some();
        let han = is_han(&rest[0]);
        let end = rest.iter().position(|c| is_han(c) != han || !c.is_alphanumeric());
        let (run, after) = rest.split_at(end.unwrap_or(rest.len()));
        if han {
            add_han(run, &mut terms);
        } else {
            terms.insert(cut(run.iter().copied()));
        }
        rest = after;
    }
    terms.into_iter().filter(|term| !term.is_empty()).take(PRODUCT_TERMS_MAX).collect()
}

/// The words that were typed, the longest first: each must begin a term.
#[must_use]
pub fn product_words(typed: &str) -> Vec<String> {
    let mut words: Vec<String> =
        fold(typed).split_whitespace().take(WORDS_MAX).map(|word| cut(word.chars())).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    words.dedup();
    words
}

/// Reads as: every word begins one of the terms.
#[must_use]
pub fn product_is_meant(terms: &[String], words: &[String]) -> bool {
    words.iter().all(|word| terms.iter().any(|term| term.starts_with(word.as_str())))
}

/// Stock codes are looked for from any of their parts on: `QH-102` by `qh-102` and by `102`.
fn begins_part(sku: &str, at: usize) -> bool {
    let before = sku[..at].chars().next_back();
    before.is_none_or(|c| !c.is_alphanumeric())
        && sku[at..].chars().next().is_some_and(char::is_alphanumeric)
}

/// From every character on: as written, in pinyin and in initials. A character with several readings is found by each,
/// one at a time.
fn add_han(run: &[char], terms: &mut BTreeSet<String>) {
    let usual: Vec<String> = run.iter().map(|c| usual_reading(*c)).collect();
    add_readings(&usual, terms);
    for (at, c) in run.iter().enumerate() {
        terms.insert(cut(run[at..].iter().copied()));
        for reading in readings(*c) {
            let mut other = usual.clone();
            other[at] = reading;
            add_readings(&other, terms);
        }
    }
}

fn add_readings(syllables: &[String], terms: &mut BTreeSet<String>) {
    for at in 0..syllables.len() {
        terms.insert(cut(syllables[at..].iter().flat_map(|syllable| syllable.chars())));
        let initials = syllables[at..].iter().filter_map(|syllable| syllable.chars().next());
        terms.insert(cut(initials));
    }
}

fn usual_reading(c: char) -> String {
    c.to_pinyin().map(|reading| plain(reading.plain())).unwrap_or_default()
}

fn readings(c: char) -> Vec<String> {
    let all = c.to_pinyin_multi();
    all.map(|all| all.into_iter().map(|reading| plain(reading.plain())).collect())
        .unwrap_or_default()
}

/// Keyboards have no ü: it is typed as v.
fn plain(syllable: &str) -> String {
    syllable.replace('ü', "v")
}

fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

fn cut(chars: impl Iterator<Item = char>) -> String {
    chars.take(TERM_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finds(typed: &str) -> bool {
        let terms = product_terms("QH-102", "翻领羊毛开衫 长袖 Merino 雾蓝 L");
        product_is_meant(&terms, &product_words(typed))
    }

    #[test]
    fn a_product_is_found_by_code_words_pinyin_and_initials() {
        for typed in [
            "qh-102",
            "QH-1",
            "102",
            "羊毛",
            "毛开衫",
            "yangmao",
            "kaishan",
            "ymks",
            "YM",
            "merino",
            "mer",
            "雾蓝",
            "wl",
            "changxiu",
            "cx",
            "羊毛 L",
            "ymks 102",
            "",
        ] {
            assert!(finds(typed), "{typed}");
        }
        for typed in ["毛羊", "mz", "103", "羊毛 红", "h-1"] {
            assert!(!finds(typed), "{typed}");
        }
    }

    #[test]
    fn a_reading_with_u_umlaut_is_typed_with_v() {
        let terms = product_terms("G-1", "绿色围巾");
        assert!(product_is_meant(&terms, &product_words("lvse")));
    }

    proptest! {
        #[test]
        fn any_title_has_few_short_terms(sku in ".{0,40}", title in "\\PC{0,300}") {
            let terms = product_terms(&sku, &title);
            prop_assert!(terms.len() <= PRODUCT_TERMS_MAX);
            prop_assert!(terms.iter().all(|t| !t.is_empty() && t.chars().count() <= TERM_CHARS_MAX));
        }
    }
}
