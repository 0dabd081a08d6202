//! Whether a phrase left as it was written.

use super::Variable;
use super::variables::{Part, parts};

/// Reads as: the text was said as the phrase has it. Anything may stand where the phrase has a place, nothing may be
/// changed elsewhere.
#[must_use]
pub fn is_said_as_written(phrase: &str, said: &str) -> bool {
    let pieces = pieces_of(phrase.trim());
    let mut rest = said.trim();
    let mut filled = false;
    for (at, piece) in pieces.iter().enumerate() {
        let Piece::Plain(plain) = piece else {
            filled = true;
            continue;
        };
        let is_last = at + 1 == pieces.len();
        let found = match (filled, is_last) {
            (false, _) => rest.strip_prefix(plain.as_str()),
            (true, true) => {
                rest.strip_suffix(plain.as_str()).filter(|value| !value.is_empty()).map(|_| "")
            }
            (true, false) => behind(rest, plain),
        };
        let Some(found) = found else { return false };
        (rest, filled) = (found, false);
    }
    rest.is_empty() != filled
}

enum Piece {
    Plain(String),
    Place,
}

/// Stretches between places, each place once however many stand side by side.
fn pieces_of(phrase: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for part in parts(phrase) {
        match (part, pieces.last_mut()) {
            (Part::Plain(""), _) => {}
            (Part::Plain(plain), Some(Piece::Plain(before))) => before.push_str(plain),
            (Part::Plain(plain), _) => pieces.push(Piece::Plain(plain.to_owned())),
            (Part::Named(name), last) if Variable::parse(name.trim()).is_some() => {
                if !matches!(last, Some(Piece::Place)) {
                    pieces.push(Piece::Place);
                }
            }
            (Part::Named(name), Some(Piece::Plain(before))) => before.extend(["{", name, "}"]),
            (Part::Named(name), _) => pieces.push(Piece::Plain(format!("{{{name}}}"))),
        }
    }
    pieces
}

/// What follows `plain`, with at least one character before it.
fn behind<'s>(said: &'s str, plain: &str) -> Option<&'s str> {
    let first = said.chars().next()?.len_utf8();
    let (_, rest) = said[first..].split_once(plain)?;
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::super::fill;
    use super::*;
    use proptest::prelude::*;

    const PIECES: [&str; 7] =
        ["您好，", "{买家}", "{order}", "的订单", "已经发出。", "{ 没有", "{courier}"];

    proptest! {
        #[test]
        fn a_filled_phrase_is_as_written_and_a_changed_one_is_not(
            picks in proptest::collection::vec(0_usize..PIECES.len(), 1..8),
            value in "[a-z0-9的订]{1,6}",
            knows in any::<bool>(),
        ) {
            let phrase: String = picks.iter().map(|pick| PIECES[*pick]).collect();
            let said = fill(&phrase, |_| knows.then(|| value.clone())).text;
            prop_assert!(is_said_as_written(&phrase, &said), "{phrase} / {said}");
            let ends_plain = !phrase.ends_with('}');
            if ends_plain {
                let longer = format!("{said}哦");
                prop_assert!(!is_said_as_written(&phrase, &longer));
            }
            if !phrase.starts_with('{') {
                let longer = format!("亲，{said}");
                prop_assert!(!is_said_as_written(&phrase, &longer));
            }
        }
    }

    #[test]
    fn a_place_that_was_taken_out_is_an_edit() {
        assert!(!is_said_as_written("您好，{买家}", "您好，"));
        assert!(!is_said_as_written("{买家}您好", "您好"));
        assert!(is_said_as_written("{买家}您好", "小满您好"));
        assert!(is_said_as_written("{买家}您好", " {买家}您好 "));
        assert!(is_said_as_written("您好", "您好"));
        assert!(!is_said_as_written("您好", "您好！"));
        assert!(is_said_as_written("{买家}", "随便什么"));
    }
}
