//! Numbers, addresses and links in a message: phones, cards, order numbers, mail addresses.

use super::engine::Context;
use super::fold::{Class, Folds, Gap, View};
use super::normal::Normal;
use super::rule::RuleCode;

/// Digits of the shortest number that may belong to somebody.
const NUMBER_MIN: usize = 6;
/// Numbers of a message that are looked at.
const NUMBERS_MAX: usize = 16;
/// Digits of a bank card.
const CARD_DIGITS: std::ops::RangeInclusive<usize> = 16..=19;
/// Characters of an address that is told from another by itself.
const ADDRESS_MIN: usize = 6;
/// Characters at the end of an address, without blanks, that tell whose it is; the store looks up as many.
pub const ADDRESS_END_CHARS: usize = 12;
/// Words of streets, houses and rooms.
const ADDRESS_MARKS: &str = "省市区县镇乡村街路巷弄道号栋幢座楼单元室苑园";
/// Fewer of them are no address.
const ADDRESS_MARKS_MIN: usize = 2;
/// Ends of one message that are looked up.
const ADDRESS_ENDS_MAX: usize = 120;
/// Words before a number that say whose it is: not a lead away.
const COURIER: [&str; 8] = ["快递", "师傅", "派件员", "驿站", "客服", "热线", "courier", "driver"];
/// How far before the number such a word may stand.
const COURIER_CHARS: usize = 12;
/// Marketplaces: a shop on one may link to its own goods there.
const MALLS: [&str; 14] = [
    "taobao.com",
    "tmall.com",
    "tb.cn",
    "jd.com",
    "3.cn",
    "jinritemai.com",
    "douyin.com",
    "pinduoduo.com",
    "yangkeduo.com",
    "kuaishou.com",
    "xiaohongshu.com",
    "vip.com",
    "suning.com",
    "1688.com",
];

/// A run of digits that may belong to somebody: an order number or a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// Its digits and letters, without what parts them.
    pub value: String,
    /// First byte in the text.
    pub start: usize,
    /// First byte after it.
    pub end: usize,
}

impl Number {
    /// Whether it has the form of a mobile phone of the mainland.
    #[must_use]
    pub fn is_phone(&self) -> bool {
        phone(&self.value)
    }
}

fn phone(value: &str) -> bool {
    let digits = value.strip_prefix("86").filter(|rest| rest.len() == 11).unwrap_or(value);
    let bytes = digits.as_bytes();
    bytes.len() == 11 && bytes[0] == b'1' && (b'3'..=b'9').contains(&bytes[1])
}

/// The numbers of a text, whoever they belong to: the caller looks up whose they are.
#[must_use]
pub fn numbers(text: &str) -> Vec<Number> {
    if !text.chars().any(|c| c.is_numeric() || "零〇一二三四五六七八九壹".contains(c)) {
        return Vec::new();
    }
    found(&Normal::new(&Folds::new(), text, View::Plain))
}

/// Ends of addresses that the text may hold, without blanks: the caller looks up whose they are. None in a text that
/// names no street, house or room.
#[must_use]
pub fn address_ends(text: &str) -> Vec<String> {
    let signs: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let marks = signs.iter().filter(|c| ADDRESS_MARKS.contains(**c)).count();
    if marks < ADDRESS_MARKS_MIN || signs.len() < ADDRESS_END_CHARS {
        return Vec::new();
    }
    let ends = signs.windows(ADDRESS_END_CHARS).filter(|end| {
        // The most particular part of an address has a number in it, and a word of streets and houses.
        end.iter().any(|c| c.is_ascii_digit()) && end.iter().any(|c| ADDRESS_MARKS.contains(*c))
    });
    ends.take(ADDRESS_ENDS_MAX).map(|end| end.iter().collect()).collect()
}

fn found(normal: &Normal) -> Vec<Number> {
    let mut all: Vec<Number> = Vec::new();
    for mixed in [true, false] {
        let mut at = 0;
        while at < normal.glyphs.len() {
            let end = run_end(normal, at, mixed);
            if end - at >= NUMBER_MIN && all.len() < NUMBERS_MAX {
                let value = normal.glyphs[at..end].iter().map(|glyph| glyph.c).collect();
                let (start, end) = normal.span(at, end);
                let number = Number { value, start, end };
                if !all.contains(&number) {
                    all.push(number);
                }
            }
            at = end.max(at + 1);
        }
    }
    all
}

/// The end of the run of digits that begins at a glyph; `mixed`: digits and numerals count as one run.
fn run_end(normal: &Normal, from: usize, mixed: bool) -> usize {
    let first = normal.glyphs[from].class;
    let more = normal.glyphs[from..].iter().enumerate().take_while(|(index, glyph)| {
        let joined = *index == 0 || glyph.gap != Gap::Stop;
        glyph.c.is_ascii_digit() && joined && (mixed || glyph.class == first)
    });
    from + more.count()
}

/// Numbers, addresses and links that should not be in the message.
pub(super) fn stray(
    folds: &Folds,
    text: &str,
    normal: &Normal,
    context: &Context<'_>,
) -> Vec<(RuleCode, (usize, usize))> {
    let mut stray = Vec::new();
    for value in context.foreign {
        stray.extend(
            places(folds, normal, value).into_iter().map(|span| (RuleCode::OtherBuyer, span)),
        );
    }
    let mut numbers = found(normal);
    // A number that is also said as part of a longer one counts once.
    numbers.retain(|n| n.is_phone() || CARD_DIGITS.contains(&n.value.len()));
    for number in numbers {
        let span = (number.start, number.end);
        let known = stray.iter().any(|(_, s)| *s == span) || context.own.contains(&number.value);
        if known {
            continue;
        }
        if number.is_phone() && !is_couriers(text, number.start) {
            stray.push((RuleCode::Phone, span));
        } else if is_card(&number.value) {
            stray.push((RuleCode::PrivatePay, span));
        }
    }
    stray.extend(links(text, context.hosts).into_iter().map(|span| (RuleCode::Contact, span)));
    stray
}

/// Where a number or address stands, however it is parted.
fn places(folds: &Folds, normal: &Normal, value: &str) -> Vec<(usize, usize)> {
    let wanted = Normal::new(folds, value, View::Plain);
    let (length, text) = (wanted.glyphs.len(), &normal.glyphs);
    if length < ADDRESS_MIN.min(NUMBER_MIN) || length > text.len() {
        return Vec::new();
    }
    let same =
        |at: &usize| text[*at..at + length].iter().zip(&wanted.glyphs).all(|(a, b)| a.c == b.c);
    let whole = |at: &usize| {
        let digits = |i: usize| {
            text.get(i).is_some_and(|g| g.class != Class::Han && g.c.is_ascii_alphanumeric())
        };
        let before = *at > 0 && digits(at - 1) && digits(*at) && text[*at].gap == Gap::None;
        let after =
            digits(at + length - 1) && digits(at + length) && text[at + length].gap == Gap::None;
        !before && !after
    };
    (0..=text.len() - length)
        .filter(same)
        .filter(whole)
        .map(|at| normal.span(at, at + length))
        .collect()
}

fn is_couriers(text: &str, number_at: usize) -> bool {
    let before: Vec<char> = text[..number_at].chars().rev().take(COURIER_CHARS).collect();
    let before: String = before.into_iter().rev().collect::<String>().to_lowercase();
    COURIER.iter().any(|word| before.contains(word))
}

/// A bank card of the mainland: begins with 62 and its last digit proves the others.
fn is_card(value: &str) -> bool {
    if !CARD_DIGITS.contains(&value.len()) || !value.starts_with("62") {
        return false;
    }
    let sum: u32 = value
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte - b'0');
            let weighed = if place % 2 == 1 { digit * 2 } else { digit };
            weighed / 10 + weighed % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Links and mail addresses that lead elsewhere.
fn links(text: &str, hosts: &[String]) -> Vec<(usize, usize)> {
    let mut links = Vec::new();
    let mut start = None;
    let ends = text.char_indices().chain([(text.len(), ' ')]);
    for (at, c) in ends {
        let part = c.is_ascii_alphanumeric() || "-._~:/?#@!$&'*+,;=%".contains(c);
        match (part, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                if leads_away(&text[from..at], hosts) {
                    links.push((from, at));
                }
                start = None;
            }
            _ => {}
        }
    }
    links
}

fn leads_away(word: &str, hosts: &[String]) -> bool {
    let word = word.to_ascii_lowercase();
    let word = word.trim_end_matches(['.', ',', '!', '?', ';', ':']);
    if let Some((name, host)) = word.split_once('@') {
        return !name.is_empty() && host.contains('.') && is_host(host);
    }
    let (scheme, rest) = match word.split_once("://") {
        Some((_, rest)) => (true, rest),
        None => (false, word),
    };
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let looks = scheme || host.starts_with("www.") || has_known_end(host);
    looks
        && is_host(host)
        && !belongs(host, MALLS)
        && !belongs(host, hosts.iter().map(String::as_str))
}

fn is_host(host: &str) -> bool {
    let labels: Vec<&str> = host.split('.').collect();
    labels.len() >= 2
        && labels.iter().all(|label| !label.is_empty())
        && labels
            .last()
            .is_some_and(|end| end.len() >= 2 && end.bytes().all(|b| b.is_ascii_alphabetic()))
}

fn has_known_end(host: &str) -> bool {
    [".com", ".cn", ".net", ".shop", ".top", ".vip", ".cc", ".xyz"]
        .iter()
        .any(|end| host.ends_with(end))
}

fn belongs<'h>(host: &str, hosts: impl IntoIterator<Item = &'h str>) -> bool {
    hosts
        .into_iter()
        .any(|own| host == own || host.strip_suffix(own).is_some_and(|rest| rest.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_end_of_an_address_is_among_those_looked_up(
            before in "[您好的地址是发到，。 ]{0,20}", road in "[文武东西南北]{2,4}", house in 1_u32..999,
            room in 101_u32..2999, after in "[，。对吗谢 ]{0,10}",
        ) {
            let address = format!("杭州市西湖区{road}路{house}号3幢{room}室");
            let end: Vec<char> = address.chars().collect();
            let end: String = end[end.len() - ADDRESS_END_CHARS..].iter().collect();
            let spaced = address.replace("号", "号 ");
            let text = format!("{before}{spaced}{after}");
            prop_assert!(address_ends(&text).contains(&end));
        }

        #[test]
        fn ordinary_words_are_looked_up_for_nothing(text in "[您好衣服尺码颜色大小穿着很舒服今天发货0-9，。]{0,200}") {
            prop_assert!(address_ends(&text).is_empty());
        }
    }
}
