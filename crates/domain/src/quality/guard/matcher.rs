//! Finds a word at a place of a text: walks its pieces and judges what stands between the characters.

use super::fold::{Class, Folded, Folds, Gap, View};
use super::normal::{Glyph, Normal};
use super::pattern::{Pattern, Piece};

/// Characters that may stand between the parts of `a..b`.
const BETWEEN_MAX: usize = 8;
/// Characters of what `##` stands for, at least.
const NAME_MIN: usize = 5;
/// Steps of one search: a word with many choices gives up rather than be slow.
const STEPS_MAX: usize = 4_000;

/// A word, folded and ready to be found.
#[derive(Clone, Debug)]
pub(super) struct Matcher {
    nodes: Vec<Node>,
}

#[derive(Clone, Debug)]
enum Node {
    Char(Glyph),
    /// Separators that end a piece of text.
    Apart(Gap),
    OneOf(Vec<Vec<Node>>),
    Soon,
    Name,
    Begin,
    End,
}

/// A character of the word that was found.
#[derive(Clone, Copy)]
struct Step {
    at: usize,
    class: Class,
    /// What the word has before it.
    gap: Gap,
    /// It begins a part.
    begins: bool,
}

struct Walk<'t> {
    text: &'t [Glyph],
    path: Vec<Step>,
    steps: usize,
    longest: Option<usize>,
}

/// What is before the next character.
#[derive(Clone, Copy)]
struct Before {
    gap: Gap,
    begins: bool,
}

/// The pieces that are still to be found, the nearest last.
struct Rest<'n> {
    nodes: &'n [Node],
    then: Option<&'n Rest<'n>>,
}

impl Matcher {
    pub(super) fn new(folds: &Folds, pattern: &Pattern, view: View) -> Self {
        Self { nodes: nodes(folds, pattern.tree(), view) }
    }

    /// The texts with which the word may begin.
    pub(super) fn heads(&self) -> Vec<String> {
        let mut heads = Vec::new();
        gather(&Rest { nodes: &self.nodes, then: None }, &mut heads);
        heads.retain(|head| !head.is_empty());
        heads.sort_unstable();
        heads.dedup();
        heads
    }

    /// Where the word ends, at the longest, if it begins at this glyph.
    pub(super) fn end_at(&self, text: &[Glyph], first: usize) -> Option<usize> {
        let mut walk = Walk { text, path: Vec::new(), steps: 0, longest: None };
        let before = Before { gap: Gap::None, begins: true };
        walk.go(&Rest { nodes: &self.nodes, then: None }, first, before);
        walk.longest
    }
}

fn nodes(folds: &Folds, pieces: &[Piece], view: View) -> Vec<Node> {
    let mut all = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => {
                let normal = Normal::new(folds, text, view);
                all.extend(normal.glyphs.into_iter().map(Node::Char));
                let last = text.chars().next_back().map(|c| folds.fold(c, Some('x'), view));
                if let Some(Folded::Gap(gap)) = last {
                    all.push(Node::Apart(gap));
                }
            }
            Piece::OneOf(choices) => {
                all.push(Node::OneOf(choices.iter().map(|one| nodes(folds, one, view)).collect()));
            }
            Piece::Soon => all.push(Node::Soon),
            Piece::Name => all.push(Node::Name),
            Piece::Begin => all.push(Node::Begin),
            Piece::End => all.push(Node::End),
        }
    }
    all
}

fn gather(rest: &Rest<'_>, heads: &mut Vec<String>) {
    let mut head = String::new();
    for (index, node) in rest.nodes.iter().enumerate() {
        match node {
            Node::Char(glyph) => head.push(glyph.c),
            Node::Begin | Node::Apart(_) => {}
            _ if !head.is_empty() => break,
            Node::OneOf(choices) => {
                let after = Rest { nodes: &rest.nodes[index + 1..], then: rest.then };
                for choice in choices {
                    gather(&Rest { nodes: choice, then: Some(&after) }, heads);
                }
                return;
            }
            Node::Soon | Node::Name | Node::End => return,
        }
    }
    match rest.then {
        Some(then) if head.is_empty() => gather(then, heads),
        _ => heads.push(head),
    }
}

impl Walk<'_> {
    fn go(&mut self, rest: &Rest<'_>, at: usize, before: Before) {
        self.steps += 1;
        if self.steps > STEPS_MAX {
            return;
        }
        let Some((node, more)) = rest.nodes.split_first() else {
            match rest.then {
                Some(then) => self.go(then, at, before),
                None => self.arrive(at),
            }
            return;
        };
        let more = Rest { nodes: more, then: rest.then };
        match node {
            Node::Char(glyph) => self.step(glyph, &more, at, before),
            Node::Apart(gap) => self.go(&more, at, Before { gap: before.gap.max(*gap), ..before }),
            Node::OneOf(choices) => {
                for choice in choices {
                    self.go(&Rest { nodes: choice, then: Some(&more) }, at, before);
                }
            }
            Node::Soon => {
                for start in at..=(at + BETWEEN_MAX).min(self.text.len()) {
                    let stopped = self.text.get(start).is_none_or(|glyph| glyph.gap == Gap::Stop);
                    if stopped {
                        break;
                    }
                    self.go(&more, start, Before { gap: Gap::None, begins: true });
                }
            }
            Node::Name => {
                if let Some(end) = name_end(self.text, at) {
                    self.go(&more, end, Before { gap: Gap::None, begins: true });
                }
            }
            Node::Begin if at != 0 => {}
            Node::End if at != self.text.len() => {}
            Node::Begin | Node::End => self.go(&more, at, before),
        }
    }

    fn step(&mut self, glyph: &Glyph, more: &Rest<'_>, at: usize, before: Before) {
        if self.text.get(at).is_none_or(|found| found.c != glyph.c) {
            return;
        }
        let gap = before.gap.max(glyph.gap);
        self.path.push(Step { at, class: glyph.class, gap, begins: before.begins });
        self.go(more, at + 1, Before { gap: Gap::None, begins: false });
        self.path.pop();
    }

    fn arrive(&mut self, end: usize) {
        if self.longest.is_some_and(|longest| longest >= end) {
            return;
        }
        let parts = self.path.chunk_by(|_, next| !next.begins);
        if self.path.is_empty() || !parts.into_iter().all(|part| fits(self.text, part)) {
            return;
        }
        self.longest = Some(end);
    }
}

/// The end of a name or number that begins here: letters and digits, five or more, a digit among them.
fn name_end(text: &[Glyph], from: usize) -> Option<usize> {
    let goes_on = |(index, glyph): &(usize, &Glyph)| {
        glyph.c.is_ascii_alphanumeric() && (*index == 0 || glyph.gap != Gap::Stop)
    };
    let name: Vec<&Glyph> =
        text.get(from..)?.iter().enumerate().take_while(goes_on).map(|(_, glyph)| glyph).collect();
    let enough = name.len() >= NAME_MIN && name.iter().any(|glyph| glyph.c.is_ascii_digit());
    enough.then_some(from + name.len())
}

/// Whether a part stands in the text with no more between its characters than a disguise.
fn fits(text: &[Glyph], part: &[Step]) -> bool {
    let (first, last) = (part[0].at, part[part.len() - 1].at);
    let goes_on =
        |a: &Glyph, b: &Glyph| b.gap == Gap::None && a.class == b.class && a.class != Class::Han;
    let begins_inside = first > 0 && goes_on(&text[first - 1], &text[first]);
    let ends_inside = text.get(last + 1).is_some_and(|next| goes_on(&text[last], next));
    if begins_inside || ends_inside {
        return false;
    }
    let found = &text[first..=last];
    let spread = |least: Gap| found[1..].iter().all(|glyph| glyph.gap >= least);
    if found[1..].iter().any(|glyph| glyph.gap == Gap::Stop) {
        // Between all of them, it is no punctuation; between two it may be.
        return found.len() > 2 && spread(Gap::Stop);
    }
    found.windows(2).zip(part.windows(2)).all(|(found, word)| {
        let spelled = found.iter().all(|glyph| glyph.class != Class::Han)
            && word.iter().all(|step| step.class != Class::Han);
        if !spelled {
            return true;
        }
        match word[1].gap {
            Gap::None => found[1].gap == Gap::None || spread(Gap::Blank),
            Gap::Blank => found[1].gap != Gap::None,
            Gap::Mark | Gap::Stop => true,
        }
    })
}
