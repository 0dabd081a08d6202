//! A text as it is matched: only what counts, folded, each character with the place it came from.

use super::fold::{Class, Folded, Folds, Gap, View};

/// More separators than this between two characters end a phrase.
const GAP_CHARS_MAX: usize = 6;

/// One character that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Glyph {
    pub(super) c: char,
    pub(super) class: Class,
    /// What stands before it.
    pub(super) gap: Gap,
    /// Its bytes in the text as written.
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A text made plain.
#[derive(Clone, Debug)]
pub(super) struct Normal {
    pub(super) glyphs: Vec<Glyph>,
    /// The characters of the glyphs.
    pub(super) text: String,
    /// For each byte of `text` where a character begins: which glyph; the end has one too.
    at_byte: Vec<usize>,
}

impl Normal {
    pub(super) fn new(folds: &Folds, text: &str, view: View) -> Self {
        let mut glyphs = Vec::with_capacity(text.len() / 2);
        let (mut gap, mut between) = (Gap::None, 0);
        let mut chars = text.char_indices().peekable();
        while let Some((start, c)) = chars.next() {
            let next = chars.peek().copied();
            match folds.fold(c, next.map(|(_, c)| c), view) {
                Folded::Gap(Gap::None) => {}
                Folded::Gap(wider) => {
                    between += 1;
                    gap = if between > GAP_CHARS_MAX { Gap::Stop } else { gap.max(wider) };
                }
                Folded::Kept(c, class) => {
                    let end = next.map_or(text.len(), |(at, _)| at);
                    glyphs.push(Glyph { c, class, gap, start, end });
                    (gap, between) = (Gap::None, 0);
                }
            }
        }
        let plain: String = glyphs.iter().map(|glyph| glyph.c).collect();
        let mut at_byte = vec![0; plain.len() + 1];
        for (index, (byte, _)) in plain.char_indices().enumerate() {
            at_byte[byte] = index;
        }
        at_byte[plain.len()] = glyphs.len();
        Self { glyphs, text: plain, at_byte }
    }

    /// The glyph that begins at a byte of `text`.
    pub(super) fn glyph_at(&self, byte: usize) -> usize {
        self.at_byte[byte]
    }

    /// The bytes of the written text from a glyph to before another.
    pub(super) fn span(&self, first: usize, end: usize) -> (usize, usize) {
        (self.glyphs[first].start, self.glyphs[end - 1].end)
    }
}
