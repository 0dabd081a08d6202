//! What a character counts as: half or full width, simplified or traditional, digit or numeral, lookalike or itself.

/// How much of a disguise is seen through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    /// Width, case, traditional forms and numerals.
    Plain,
    /// Also sounds and shapes that stand for others.
    Sly,
}

/// What a character is, for the edges of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Letter,
    Digit,
    /// Han, kana, and whatever has no blanks between its words.
    Han,
}

/// What stands between two characters that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    None,
    Blank,
    Mark,
    /// The end of a phrase: no word goes over it.
    Stop,
}

/// A character as it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Folded {
    Kept(char, Class),
    Gap(Gap),
}

/// Traditional form, simplified form, and so on.
const TRADITIONAL: &str = include_str!("words/traditional.txt");
/// Numerals and the digits that they are.
const NUMERALS: &str = "零0〇0一1二2三3四4五5六6七7八8九9壹1贰2叁3肆4伍5陆6柒7捌8玖9貳2參3陸6";
/// Characters that stand for others where somebody hides a word.
const LOOKALIKES: &str = "威微薇微维微葳微徽微溦微嶶微巍微伪微偎微崴微\
    芯信鑫信馨信欣信伈信訫信❤信♥信💗信💕信💓信💖信♡信✉信📧信💌信\
    ✗x✘x×x✖x❌x╳xⅹx∨v√v✔v✓v∧vⅴvνvѵvχxхxсcаaеeоoрpԛq₩w扣q抠q叩q\
    ➕加+加伽加茄加";

/// Tables for folding, made once for a guard.
#[derive(Clone, Debug)]
pub(super) struct Folds {
    plain: Vec<(char, char)>,
    sly: Vec<(char, char)>,
}

impl Folds {
    pub(super) fn new() -> Self {
        let plain = pairs(TRADITIONAL);
        let sly = pairs(LOOKALIKES);
        Self { plain, sly }
    }

    /// What `c` counts as when `next` follows.
    pub(super) fn fold(&self, c: char, next: Option<char>, view: View) -> Folded {
        if c.is_ascii_alphabetic() {
            return Folded::Kept(c.to_ascii_lowercase(), Class::Letter);
        }
        if c.is_ascii_digit() {
            return Folded::Kept(c, Class::Digit);
        }
        if view == View::Sly
            && let Some(meant) = find(&self.sly, c)
        {
            let class = if meant.is_ascii() { Class::Letter } else { Class::Han };
            return Folded::Kept(meant, class);
        }
        let half = half_width(c);
        if half != c {
            return self.fold(half, next, view);
        }
        if matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '〇') {
            let simple = find(&self.plain, c).unwrap_or(c);
            if view == View::Sly
                && let Some(meant) = find(&self.sly, simple)
            {
                let class = if meant.is_ascii() { Class::Letter } else { Class::Han };
                return Folded::Kept(meant, class);
            }
            return Folded::Kept(numeral(simple).unwrap_or(simple), Class::Han);
        }
        separator(c, next)
    }
}

fn pairs(text: &str) -> Vec<(char, char)> {
    let mut chars = text.chars().filter(|c| !c.is_whitespace());
    let mut pairs = Vec::new();
    while let (Some(from), Some(to)) = (chars.next(), chars.next()) {
        pairs.push((from, to));
    }
    pairs.sort_unstable();
    pairs.dedup_by_key(|pair| pair.0);
    pairs
}

fn find(pairs: &[(char, char)], c: char) -> Option<char> {
    pairs.binary_search_by_key(&c, |pair| pair.0).ok().map(|at| pairs[at].1)
}

fn numeral(c: char) -> Option<char> {
    let mut chars = NUMERALS.chars();
    while let (Some(from), Some(to)) = (chars.next(), chars.next()) {
        if from == c {
            return Some(to);
        }
    }
    None
}

/// The plain form of a letter or digit that is written wide, round, raised or fancy.
fn half_width(c: char) -> char {
    let code = u32::from(c);
    let letter = |from: u32| char::from_u32('a' as u32 + (code - from) % 26).unwrap_or(c);
    let digit = |from: u32, first: u32| {
        char::from_u32('0' as u32 + (code - from) % 10 + first).unwrap_or(c)
    };
    match code {
        0xff01..=0xff5e => char::from_u32(code - 0xfee0).unwrap_or(c),
        0x3000 | 0xa0 => ' ',
        // ① … ⑨, ❶ … ❾, ➀ …, ⑴ …, ⒈ …
        0x2460..=0x2468 => digit(0x2460, 1),
        0x2776..=0x277e => digit(0x2776, 1),
        0x2780..=0x2788 => digit(0x2780, 1),
        0x2474..=0x247c => digit(0x2474, 1),
        0x2488..=0x2490 => digit(0x2488, 1),
        0x24ea | 0x2070 | 0x2080 => '0',
        0xb9 => '1',
        0xb2 => '2',
        0xb3 => '3',
        0x2074..=0x2079 => digit(0x2070, 0),
        0x2081..=0x2089 => digit(0x2080, 0),
        0x24b6..=0x24cf => letter(0x24b6),
        0x24d0..=0x24e9 => letter(0x24d0),
        0x1f130..=0x1f149 => letter(0x1f130),
        0x1f150..=0x1f169 => letter(0x1f150),
        0x1f170..=0x1f189 => letter(0x1f170),
        0x1f1e6..=0x1f1ff => letter(0x1f1e6),
        0x1d400..=0x1d6a3 => letter(0x1d400),
        0x1d7ce..=0x1d7ff => digit(0x1d7ce, 0),
        _ => c,
    }
}

/// Everything else: it parts words or hides in them.
fn separator(c: char, next: Option<char>) -> Folded {
    match c {
        // Not seen at all, so no gap.
        '\u{200b}'..='\u{200f}'
        | '\u{2060}'..='\u{2064}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ad}'
        | '\u{20e3}'
        | '\u{e0100}'..='\u{e01ef}' => Folded::Gap(Gap::None),
        '\n' | '\r' | '\u{2028}' | '\u{2029}' => Folded::Gap(Gap::Stop),
        '。' | '！' | '？' | '；' | '：' | '、' | '，' | '…' | '—' | '~' | '～' | ',' | '!'
        | '?' | ';' | ':' => Folded::Gap(Gap::Stop),
        '.' if next.is_none_or(char::is_whitespace) => Folded::Gap(Gap::Stop),
        c if c.is_whitespace() => Folded::Gap(Gap::Blank),
        c if c.is_alphabetic() => match c.to_lowercase().next() {
            Some(small) if is_unspaced(small) => Folded::Kept(small, Class::Han),
            Some(small) => Folded::Kept(small, Class::Letter),
            None => Folded::Kept(c, Class::Letter),
        },
        c if c.is_numeric() => Folded::Kept(c, Class::Han),
        _ => Folded::Gap(Gap::Mark),
    }
}

/// Scripts without blanks between words.
const fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{0e00}'..='\u{0eff}' | '\u{20000}'..='\u{3ffff}' | '\u{3100}'..='\u{31ff}')
}
