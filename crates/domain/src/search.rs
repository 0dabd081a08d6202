//! The words of search: which tokens a text is found by, what a query asks for, and whether a text
//! really says it.
//!
//! Chinese is written without spaces, so every character and every adjacent pair is a token; a
//! Latin word or a number is one token, whole. The index finds candidates by tokens, and
//! [`Query::matches`] decides: it never accepts a text whose tokens the query would not find.
//! Must never know how the index stores tokens.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use thiserror::Error;

use crate::id::ShopId;

/// Longest query, in characters: beyond it nobody types, they paste.
pub const QUERY_CHARS_MAX: usize = 100;
/// Tokens the index is asked for at once; the rarest kinds are kept, the rest is verified.
pub const QUERY_TOKENS_MAX: usize = 24;
/// Of a longer text only the beginning is found.
pub const TEXT_CHARS_MAX: usize = 20_000;
/// A longer word is found by its beginning: keeps pasted keys and addresses out of the index.
pub const TOKEN_CHARS_MAX: usize = 64;

/// People name a phone or parcel by its last digits …
const TAIL_DIGITS: usize = 4;
/// … if the number is at least as long as a phone number without its area.
const TAILED_DIGITS_MIN: usize = 7;
/// Begins a token that no text can contain: private use is neither letter nor number.
const SHOP_MARK: char = '\u{E000}';

/// Why a query cannot be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum QueryError {
    /// Beyond the limit.
    #[error("The query has more than {chars_max} characters")]
    TooLong {
        /// The limit, in characters.
        chars_max: usize,
    },
    /// Only signs or white space: nothing is indexed by these.
    #[error("The query has no letter, digit or character to look for")]
    Nothing,
}

/// What a person looks for: phrases (parted by white space) that must all occur, in any order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    phrases: Vec<Vec<Run>>,
    tokens: Vec<String>,
}

/// A stretch of one kind of writing, lower-cased.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Run {
    /// Written without spaces: Han, kana, hangul.
    Dense(String),
    /// Letters and digits of other writing.
    Word(String),
}

/// The tokens a text is found by, each once, in a fixed order.
#[must_use]
pub fn tokens(text: &str) -> Vec<String> {
    let mut found = BTreeSet::new();
    for run in runs(text) {
        match run {
            Run::Dense(run) => {
                found.extend(run.chars().map(String::from));
                found.extend(pairs(&run));
            }
            Run::Word(word) => found.extend(names(&word).into_iter().map(cut)),
        }
    }
    found.into_iter().collect()
}

/// The token that every text of a shop has, and no text can fake.
#[must_use]
pub fn shop_token(shop: ShopId) -> String {
    format!("{SHOP_MARK}{shop}")
}

impl Query {
    /// Reads what was typed.
    ///
    /// # Errors
    /// [`QueryError::TooLong`] and [`QueryError::Nothing`].
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        if text.chars().count() > QUERY_CHARS_MAX {
            return Err(QueryError::TooLong { chars_max: QUERY_CHARS_MAX });
        }
        let phrases = text.split_whitespace().map(runs);
        let phrases: Vec<Vec<Run>> = phrases.filter(|phrase| !phrase.is_empty()).collect();
        if phrases.is_empty() {
            return Err(QueryError::Nothing);
        }
        let tokens = query_tokens(&phrases);
        Ok(Self { phrases, tokens })
    }

    /// What the index is asked for: texts that have all of these. At least one, at most
    /// [`QUERY_TOKENS_MAX`], the longest first.
    #[must_use]
    pub fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// Reads as: the text says this. Each phrase occurs as it was typed, not minding case, width
    /// of letters, and signs between words; a Latin word or number only whole, as the letters or
    /// digits of one (`15` in `iPhone15`), or as the last four digits of a long number.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let text = runs(text);
        self.phrases.iter().all(|phrase| occurs(phrase, &text))
    }
}

fn query_tokens(phrases: &[Vec<Run>]) -> Vec<String> {
    let mut found = BTreeSet::new();
    for run in phrases.iter().flatten() {
        match run {
            Run::Dense(run) if run.chars().nth(1).is_none() => drop(found.insert(run.clone())),
            Run::Dense(run) => found.extend(pairs(run)),
            Run::Word(word) => drop(found.insert(cut(word))),
        }
    }
    let mut tokens: Vec<String> = found.into_iter().collect();
    tokens.sort_by_key(|token| Reverse(token.chars().count()));
    tokens.truncate(QUERY_TOKENS_MAX);
    tokens
}

/// Runs one after the other; the first may begin inside a run of the text, the last may end in one.
fn occurs(phrase: &[Run], text: &[Run]) -> bool {
    match phrase {
        [] => true,
        [only] => text.iter().any(|run| contains(run, only)),
        [first, middle @ .., last] => text.windows(phrase.len()).any(|window| {
            ends_with(&window[0], first)
                && window[1..window.len() - 1] == *middle
                && starts_with(&window[window.len() - 1], last)
        }),
    }
}

fn contains(text: &Run, asked: &Run) -> bool {
    match (text, asked) {
        (Run::Dense(text), Run::Dense(asked)) => text.contains(asked.as_str()),
        (Run::Word(text), Run::Word(asked)) => names(text).contains(&asked.as_str()),
        _ => false,
    }
}

fn ends_with(text: &Run, asked: &Run) -> bool {
    match (text, asked) {
        (Run::Dense(text), Run::Dense(asked)) => text.ends_with(asked.as_str()),
        (Run::Word(text), Run::Word(asked)) => {
            let last = parts(text).pop().unwrap_or_default();
            text == asked || last == asked || tail(last) == Some(asked)
        }
        _ => false,
    }
}

fn starts_with(text: &Run, asked: &Run) -> bool {
    match (text, asked) {
        (Run::Dense(text), Run::Dense(asked)) => text.starts_with(asked.as_str()),
        (Run::Word(text), Run::Word(asked)) => {
            text == asked || parts(text).first().is_some_and(|first| first == asked)
        }
        _ => false,
    }
}

/// What a word is called by: itself, its letters and digits apart, the tails of its numbers.
fn names(word: &str) -> Vec<&str> {
    let parts = parts(word);
    let tails = parts.iter().filter_map(|part| tail(part));
    let mut names: Vec<&str> = tails.collect();
    if parts.len() > 1 {
        names.extend(parts);
    }
    names.push(word);
    names
}

/// `iphone15` is `iphone` and `15`.
fn parts(word: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    for (at, c) in word.char_indices() {
        if before.is_some_and(|b| b.is_numeric() != c.is_numeric()) {
            parts.push(&word[start..at]);
            start = at;
        }
        before = Some(c);
    }
    parts.push(&word[start..]);
    parts
}

/// The last digits of a long number.
fn tail(part: &str) -> Option<&str> {
    let is_long = part.len() >= TAILED_DIGITS_MIN && part.bytes().all(|b| b.is_ascii_digit());
    is_long.then(|| &part[part.len() - TAIL_DIGITS..])
}

fn cut(word: &str) -> String {
    word.chars().take(TOKEN_CHARS_MAX).collect()
}

fn pairs(run: &str) -> impl Iterator<Item = String> + '_ {
    run.chars().zip(run.chars().skip(1)).map(|(a, b)| String::from_iter([a, b]))
}

fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut goes_on = false;
    let chars = text.chars().take(TEXT_CHARS_MAX).map(narrow).flat_map(char::to_lowercase);
    for c in chars {
        match (is_dense(c), runs.last_mut()) {
            (true, Some(Run::Dense(run))) if goes_on => run.push(c),
            (true, _) => runs.push(Run::Dense(c.into())),
            (false, _) if !is_of_word(c) => {
                goes_on = false;
                continue;
            }
            (false, Some(Run::Word(run))) if goes_on => run.push(c),
            (false, _) => runs.push(Run::Word(c.into())),
        }
        goes_on = true;
    }
    runs
}

/// Full-width letters and digits of Chinese keyboards are the same letters and digits.
fn narrow(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        c => c,
    }
}

fn is_of_word(c: char) -> bool {
    // Combining accents belong to their letter.
    c.is_alphanumeric() || matches!(c, '\u{0300}'..='\u{036F}')
}

fn is_dense(c: char) -> bool {
    matches!(c,
        '々' | '〇'
        | '\u{3041}'..='\u{30FF}'      // hiragana, katakana
        | '\u{3400}'..='\u{4DBF}'      // Han, extension A
        | '\u{4E00}'..='\u{9FFF}'      // Han
        | '\u{AC00}'..='\u{D7A3}'      // hangul
        | '\u{F900}'..='\u{FAFF}'      // Han, compatibility
        | '\u{20000}'..='\u{323AF}'    // Han, later extensions
    ) && c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn finds(query: &str, text: &str) -> bool {
        let query = Query::parse(query).unwrap();
        let found = query.matches(text);
        let indexed = tokens(text);
        assert!(
            !found || query.tokens().iter().all(|token| indexed.contains(token)),
            "{query:?} matches {text:?} but would not be found"
        );
        found
    }

    #[test]
    fn one_two_and_more_characters_are_found_in_chinese() {
        for query in ["退", "退款", "要退款", "我要退款吗", "我要退款吗？"] {
            assert!(finds(query, "你好，我要退款吗"), "{query}");
        }
        for query in ["换", "款退", "要换款", "好我"] {
            assert!(!finds(query, "你好，我要退款吗"), "{query}");
        }
    }

    #[test]
    fn pairs_that_stand_apart_are_candidates_and_no_match() {
        let query = Query::parse("退款了").unwrap();
        assert_eq!(query.tokens(), ["款了", "退款"]);
        assert!(!query.matches("退款啊款了"));
    }

    #[test]
    fn a_latin_word_is_found_whole_and_without_regard_to_case_or_width() {
        assert!(finds("refund", "Where is my REFUND?"));
        assert!(finds("ｒｅｆｕｎｄ", "refund"));
        assert!(finds("ärmel", "Der ÄRMEL ist kurz"));
        assert!(!finds("fund", "refund"));
    }

    #[test]
    fn a_number_is_found_whole_by_its_digits_and_by_its_tail() {
        assert!(finds("C536379", "订单c536379退了"));
        assert!(finds("536379", "订单C536379退了"));
        assert!(finds("13812345678", "电话13812345678"));
        assert!(finds("5678", "电话13812345678"));
        assert!(finds("尾号5678", "尾号：5678"));
        assert!(!finds("1234", "电话13812345678"));
        assert!(!finds("6789", "编号456789"), "a short number has no tail");
    }

    #[test]
    fn mixed_writing_is_found_as_it_was_typed() {
        let text = "买2送1，iPhone15手机壳";
        for query in ["买2送1", "iphone15手机", "15手机壳", "送1 手机", "壳 买2"] {
            assert!(finds(query, text), "{query}");
        }
        for query in ["买1送2", "phone15", "手机15", "iphone 16"] {
            assert!(!finds(query, text), "{query}");
        }
    }

    #[test]
    fn a_query_of_signs_or_beyond_the_limit_is_refused() {
        assert_eq!(Query::parse(" ？！… "), Err(QueryError::Nothing));
        assert_eq!(Query::parse(""), Err(QueryError::Nothing));
        let long = "退".repeat(QUERY_CHARS_MAX + 1);
        assert_eq!(Query::parse(&long), Err(QueryError::TooLong { chars_max: QUERY_CHARS_MAX }));
    }

    #[test]
    fn a_query_asks_for_few_tokens_and_for_long_ones_first() {
        let many: String = ('一'..='\u{4E3F}').collect();
        let query = Query::parse(&format!("a refund {many}")).unwrap();
        assert_eq!(query.tokens().len(), QUERY_TOKENS_MAX);
        assert_eq!(query.tokens()[0], "refund");
    }

    #[test]
    fn no_text_has_the_token_of_a_shop() {
        let token = shop_token(ShopId::new(7));
        assert!(!tokens(&format!("{token} 7")).contains(&token));
        assert_eq!(Query::parse(&token).unwrap().tokens(), ["7"]);
    }

    #[test]
    fn a_word_beyond_the_limit_is_indexed_by_its_beginning_and_compared_whole() {
        let word = "x".repeat(TOKEN_CHARS_MAX + 10);
        assert!(finds(&word, &word));
        assert!(!finds(&format!("{word}y"), &word));
        assert!(tokens(&word).iter().all(|token| token.len() <= TOKEN_CHARS_MAX));
    }

    /// Texts of few different characters, so that chance makes repetitions and near misses.
    const SIGNS: &str = "[退款了买a-cＡÉ1-3８ ，？!\\n\u{301}]{0,24}";

    proptest! {
        #[test]
        fn any_part_of_a_text_that_cuts_no_word_finds_the_text(
            text in SIGNS, one: prop::sample::Index, other: prop::sample::Index,
        ) {
            let all: Vec<char> = text.chars().collect();
            let (one, other) = (one.index(all.len() + 1), other.index(all.len() + 1));
            let (from, to) = (one.min(other), one.max(other));
            let is_cut = |at: usize| {
                let inside = |c: char| is_of_word(narrow(c)) && !is_dense(c);
                at > 0 && at < all.len() && inside(all[at - 1]) && inside(all[at])
            };
            prop_assume!(!is_cut(from) && !is_cut(to));
            let part: String = all[from..to].iter().collect();
            if Query::parse(&part).is_ok() {
                prop_assert!(finds(&part, &text), "{:?} in {:?}", part, text);
            }
        }

        #[test]
        fn what_matches_has_the_tokens_that_are_asked_for(text in SIGNS, query in SIGNS) {
            if Query::parse(&query).is_ok() {
                finds(&query, &text);
            }
        }

        #[test]
        fn case_and_width_do_not_matter(text in "[a-z0-9退款]{1,12}") {
            let wide: String = text
                .chars()
                .map(|c| match c {
                    '!'..='~' => char::from_u32(u32::from(c) + 0xFEE0).unwrap(),
                    c => c,
                })
                .collect();
            prop_assert_eq!(tokens(&text), tokens(&wide));
            prop_assert_eq!(tokens(&text), tokens(&text.to_uppercase()));
        }
    }
}
