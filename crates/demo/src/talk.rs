//! What is said in past conversations: put together from building blocks, so that no two read alike.

use crate::dice::Dice;

const CHINESE: &str = include_str!("talk/zh.txt");
const ENGLISH: &str = include_str!("talk/en.txt");
/// How often an optional line is said, of a hundred.
const OPTIONAL_PERCENT: u64 = 55;

/// Which language a buyer writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tongue {
    Chinese,
    English,
}

/// When a block fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Whether or not something was ordered.
    Before,
    /// So many days after an order.
    After(i64, i64),
    /// A greeting or a farewell.
    Frame,
}

/// Who does what in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Buyer,
    Staff,
    Note,
    /// Said and taken back.
    TakenBack,
    /// Handed over, with the text as note.
    HandOver,
}

/// How sure a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sure {
    Always,
    Sometimes,
    /// If the line before was said that was not sure.
    WithIt,
}

#[derive(Clone, Debug)]
struct Line {
    sure: Sure,
    turn: Turn,
    text: &'static str,
}

/// A block: something that people talk about.
#[derive(Clone, Debug)]
pub struct Block {
    /// What it is about.
    pub topic: &'static str,
    /// When it fits.
    pub when: When,
    lines: Vec<Line>,
}

/// One thing that is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Who does what.
    pub turn: Turn,
    /// The text.
    pub text: String,
}

/// What the slots of a block stand for: `$g` is found under `g`.
pub type Slots<'s> = &'s dyn Fn(char) -> String;

/// The blocks of a language.
#[must_use]
pub fn blocks(tongue: Tongue) -> Vec<Block> {
    let text = match tongue {
        Tongue::Chinese => CHINESE,
        Tongue::English => ENGLISH,
    };
    let mut blocks: Vec<Block> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(head) = line.strip_prefix("= ") {
            blocks.push(head_of(head));
        } else if let (Some(block), Some(line)) = (blocks.last_mut(), line_of(line)) {
            block.lines.push(line);
        }
    }
    blocks
}

fn head_of(head: &'static str) -> Block {
    let mut words = head.split(' ');
    let topic = words.next().unwrap_or_default();
    let when = words.next();
    let mut days = words.map(|word| word.parse().unwrap_or(0));
    let when = match when {
        Some("before") => When::Before,
        Some(_) => When::After(days.next().unwrap_or(1), days.next().unwrap_or(9)),
        None => When::Frame,
    };
    Block { topic, when, lines: Vec::new() }
}

fn line_of(line: &'static str) -> Option<Line> {
    let (sure, rest) = match line.as_bytes().first()? {
        b'?' => (Sure::Sometimes, &line[1..]),
        b'&' => (Sure::WithIt, &line[1..]),
        _ => (Sure::Always, line),
    };
    let turn = match rest.as_bytes().first()? {
        b'>' => Turn::Buyer,
        b'<' => Turn::Staff,
        b'!' => Turn::Note,
        b'~' => Turn::TakenBack,
        b'@' => Turn::HandOver,
        _ => return None,
    };
    Some(Line { sure, turn, text: rest[1..].trim() })
}

/// What is said when people talk about this.
pub fn speak(block: &Block, dice: &mut Dice, slots: Slots<'_>) -> Vec<Said> {
    let (mut said, mut was_said, mut choice) = (Vec::new(), false, None);
    for line in &block.lines {
        let is_said = match line.sure {
            Sure::Always => true,
            Sure::Sometimes => dice.happens(OPTIONAL_PERCENT),
            Sure::WithIt => was_said,
        };
        if line.sure == Sure::Sometimes {
            was_said = is_said;
        }
        if !is_said {
            continue;
        }
        let text = choose(line.text, dice, &mut choice);
        let parts = text.split(" / ").map(|part| Said { turn: line.turn, text: fill(part, slots) });
        said.extend(parts);
    }
    said
}

/// Chooses among alternatives. Where there are as many as in the line before, the same one: it answers that one.
fn choose(text: &str, dice: &mut Dice, last: &mut Option<(usize, usize)>) -> String {
    let mut chosen = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (inside, behind) = after.split_once('}').unwrap_or((after, ""));
        let all: Vec<&str> = inside.split('|').collect();
        let at = match *last {
            Some((of, at)) if of == all.len() => at,
            _ => usize::try_from(dice.below(all.len() as u64)).unwrap_or(0),
        };
        *last = Some((all.len(), at));
        chosen.push_str(before);
        chosen.push_str(all.get(at).copied().unwrap_or_default());
        rest = behind;
    }
    chosen.push_str(rest);
    chosen
}

fn fill(text: &str, slots: Slots<'_>) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '$' => filled.push_str(&chars.next().map(slots).unwrap_or_default()),
            other => filled.push(other),
        }
    }
    filled.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_every_block_is_read_and_every_slot_is_known() {
        for (tongue, text) in [(Tongue::Chinese, CHINESE), (Tongue::English, ENGLISH)] {
            let blocks = blocks(tongue);
            let written = text.lines().filter(|l| !l.is_empty() && !l.starts_with(['#', '=']));
            assert_eq!(blocks.iter().map(|b| b.lines.len()).sum::<usize>(), written.count());
            for frame in ["hello", "bye"] {
                assert!(blocks.iter().any(|b| b.topic == frame && b.when == When::Frame));
            }
            for line in blocks.iter().flat_map(|b| &b.lines) {
                assert_eq!(line.text.matches('{').count(), line.text.matches('}').count());
                let slots = line.text.split('$').skip(1).filter_map(|rest| rest.chars().next());
                for slot in slots {
                    assert!("gcGosSwhktnprmdbx".contains(slot), "${slot} in {}", line.text);
                }
            }
        }
    }

    #[test]
    fn an_answer_answers_the_question_that_was_chosen() {
        let mut dice = Dice::of(1, 1);
        for _ in 0..50 {
            let mut last = None;
            let asked = choose("{a|b|c}", &mut dice, &mut last);
            let answered = choose("{A|B|C}", &mut dice, &mut last);
            assert_eq!(asked.to_uppercase(), answered);
        }
    }
}
