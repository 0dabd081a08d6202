//! One cell: everything it says, or why it says nothing.

use csv::ByteRecord;
use jiff::civil::DateTime;
use xiaoer_domain::orders::{Currency, RefusalCode, UnitPrice};
use xiaoer_domain::private::Private;
use xiaoer_domain::time::Timestamp;

use super::columns::Field;
use crate::formats::Zone;

/// Longest number of an order, stock code, waybill or customer; a signed identity has the same limit.
const NAME_CHARS_MAX: usize = 128;
/// Longest text that somebody wrote: a memo, an address, the titles of an order.
const TEXT_CHARS_MAX: usize = 2_000;
/// Longest name of a column that is kept.
const HEADING_CHARS_MAX: usize = 100;
/// What is shown of a value that was refused.
const DETAIL_CHARS_MAX: usize = 80;
/// What is kept of a line that was refused.
const ORIGINAL_BYTES_MAX: usize = 4_000;
/// Most pieces on one line: a number beyond is a slip, and sums stay far from 64 bits.
const QUANTITY_MAX: i64 = 1_000_000_000;

/// Why a line could not be read.
pub(super) struct Unreadable {
    pub(super) code: RefusalCode,
    pub(super) detail: String,
}

impl Unreadable {
    pub(super) fn new(code: RefusalCode, detail: &str) -> Self {
        let shown = detail.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
        Self { code, detail: shown.take(DETAIL_CHARS_MAX).collect() }
    }

    pub(super) fn columns(found: usize) -> Self {
        Self::new(RefusalCode::Columns, &found.to_string())
    }

    pub(super) fn missing(field: Field) -> Self {
        Self::new(RefusalCode::Missing, field.word())
    }
}

/// The name of a column as people read it.
pub(super) fn heading(cell: &[u8]) -> String {
    let text = String::from_utf8_lossy(cell);
    let shown = text.trim_matches(is_padding).chars().filter(|c| !c.is_control());
    shown.take(HEADING_CHARS_MAX).collect()
}

/// The name of a column for comparing.
pub(super) fn plain_name(name: &str) -> String {
    let plain = name.trim_matches(is_padding).chars().map(|c| match c {
        '（' => '(',
        '）' => ')',
        '_' => ' ',
        other => other,
    });
    plain.collect::<String>().to_lowercase()
}

/// A line as it stood in the file.
pub(super) fn original(record: &ByteRecord) -> Private {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let cells = record.iter().map(|cell| String::from_utf8_lossy(cell).replace('\0', "\u{fffd}"));
    let written = writer.write_record(cells).is_ok();
    let bytes = writer.into_inner().ok().filter(|_| written).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim_end_matches(['\r', '\n']);
    let end = (0..=text.len().min(ORIGINAL_BYTES_MAX)).rev().find(|at| text.is_char_boundary(*at));
    Private::new(text[..end.unwrap_or_default()].to_owned())
}

/// What a person reads in a cell. Empty where it says nothing.
pub(super) fn text(cell: &[u8]) -> Result<String, Unreadable> {
    let unreadable = || Unreadable::new(RefusalCode::Text, &String::from_utf8_lossy(cell));
    let text = std::str::from_utf8(cell).map_err(|_| unreadable())?;
    let text = unquoted(text.trim_matches(is_padding)).trim_matches(is_padding);
    if matches!(text, "-" | "--" | "—" | "null" | "NULL") {
        return Ok(String::new());
    }
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\r' => {}
            '\n' | '\t' => plain.push(' '),
            '\u{fffd}' => return Err(unreadable()),
            letter if letter.is_control() => return Err(unreadable()),
            letter => plain.push(letter),
        }
    }
    Ok(plain)
}

/// A text of at most so many characters; None where there is none.
pub(super) fn limited(
    cell: &[u8],
    field: Field,
    chars_max: usize,
) -> Result<Option<String>, Unreadable> {
    let text = text(cell)?;
    if text.chars().count() > chars_max {
        return Err(Unreadable::new(RefusalCode::TooLong, field.word()));
    }
    Ok((!text.is_empty()).then_some(text))
}

/// A short name: courier, stock code, country.
pub(super) fn name(cell: &[u8], field: Field) -> Result<Option<String>, Unreadable> {
    limited(cell, field, NAME_CHARS_MAX)
}

/// Something that somebody wrote.
pub(super) fn words(cell: &[u8], field: Field) -> Result<Option<String>, Unreadable> {
    limited(cell, field, TEXT_CHARS_MAX)
}

/// Something about a person; what a marketplace has enciphered says nothing.
pub(super) fn private(cell: &[u8], field: Field) -> Result<Option<Private>, Unreadable> {
    let text = words(cell, field)?.filter(|text| !is_cipher(text));
    Ok(text.map(|text| Private::new(text.trim_start_matches('\'').to_owned())))
}

/// A number that names something. A spreadsheet may have put an apostrophe before it or decimals behind it.
pub(super) fn number(cell: &[u8], field: Field) -> Result<String, Unreadable> {
    let text = limited(cell, field, NAME_CHARS_MAX)?.ok_or_else(|| Unreadable::missing(field))?;
    let text = text.trim_start_matches('\'');
    let text = text.strip_suffix(".0").filter(|whole| is_digits(whole)).unwrap_or(text);
    if text.is_empty() {
        return Err(Unreadable::missing(field));
    }
    if is_rounded(text) {
        return Err(Unreadable::new(RefusalCode::RoundedNumber, text));
    }
    Ok(text.to_owned())
}

/// Pieces; None where the cell is empty.
pub(super) fn quantity(cell: &[u8]) -> Result<Option<i64>, Unreadable> {
    let text = text(cell)?;
    if text.is_empty() {
        return Ok(None);
    }
    let whole = text.trim_end_matches('件').trim();
    let whole = whole.strip_suffix(".00").or_else(|| whole.strip_suffix(".0")).unwrap_or(whole);
    let pieces = whole.parse().ok().filter(|pieces| (1..=QUANTITY_MAX).contains(pieces));
    pieces.map(Some).ok_or_else(|| Unreadable::new(RefusalCode::Quantity, &text))
}

/// A price or amount; None where the cell is empty.
pub(super) fn price(cell: &[u8]) -> Result<Option<UnitPrice>, Unreadable> {
    let text = text(cell)?;
    if text.is_empty() {
        return Ok(None);
    }
    let refused = || Unreadable::new(RefusalCode::Price, &text);
    let plain = text.trim_start_matches(['¥', '￥', '$']).trim_end_matches('元').trim();
    let plain = without_thousands(plain).ok_or_else(refused)?;
    let price = UnitPrice::parse(&plain).map_err(|_| refused())?;
    if price.is_negative() { Err(refused()) } else { Ok(Some(price)) }
}

/// An amount in minor units; None where the cell is empty.
pub(super) fn amount(cell: &[u8], currency: Currency) -> Result<Option<i64>, Unreadable> {
    let Some(price) = price(cell)? else { return Ok(None) };
    let too_great = |_| Unreadable::new(RefusalCode::Amount, &price.to_string());
    price.amount(1, currency).map(Some).map_err(too_great)
}

/// A moment; None where the cell is empty or holds zeros.
pub(super) fn time(cell: &[u8], zone: &Zone) -> Result<Option<Timestamp>, Unreadable> {
    let text = text(cell)?;
    if text.is_empty() || text.starts_with("0000") {
        return Ok(None);
    }
    let moment = read_time(&text, zone);
    moment.map(Some).ok_or_else(|| Unreadable::new(RefusalCode::Date, &text))
}

/// Reads as: a part of it is hidden, so it is nobody's name.
pub(super) fn is_masked(text: &str) -> bool {
    text.contains('*') || is_cipher(text)
}

/// Reads as: enciphered by the marketplace.
fn is_cipher(text: &str) -> bool {
    ["##", "$$", "~~"].iter().any(|mark| text.starts_with(mark) || text.ends_with(mark))
}

fn is_padding(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '\u{feff}' | '\u{a0}' | '\u{200b}')
}

/// `="123"` is how a spreadsheet is kept from rounding.
fn unquoted(text: &str) -> &str {
    text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(text)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_rounded(text: &str) -> bool {
    let Some((front, power)) = text.split_once(['E', 'e']) else { return false };
    let Some(power) = power.strip_prefix('+') else { return false };
    is_digits(power) && is_digits(&front.replacen('.', "", 1))
}

/// `1,234.50` is `1234.50`; commas elsewhere are no such thing.
fn without_thousands(text: &str) -> Option<String> {
    let text = text.replace('，', ",");
    if !text.contains(',') {
        return Some(text);
    }
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default().trim_start_matches('-');
    let fits = (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3);
    let plain = whole.replace(',', "");
    let joined = if part.is_empty() { plain } else { format!("{plain}.{part}") };
    fits.then_some(joined)
}

/// `2026-11-01 09:30:05`, `2026/11/1 9:30`, `2026年11月1日`, and ISO 8601 with its zone.
fn read_time(text: &str, zone: &Zone) -> Option<Timestamp> {
    let has_zone = text.ends_with('Z') || text.get(16..).is_some_and(|t| t.contains(['+', '-']));
    if has_zone {
        let moment: jiff::Timestamp = text.parse().ok()?;
        return Some(Timestamp::from_micros(moment.as_microsecond()));
    }
    let text = text.replace(['年', '月'], "-").replace('日', " ");
    let (date, clock) = text.split_once([' ', 'T']).unwrap_or((&text, ""));
    let mut date = date.split(['-', '/', '.']);
    let (year, month, day) = (date.next()?, date.next()?, date.next()?);
    if date.next().is_some() || year.len() != 4 {
        return None;
    }
    let clock = clock.trim();
    let clock = clock.split_once('.').map_or(clock, |(whole, _)| whole);
    let mut clock = if clock.is_empty() { "0:0" } else { clock }.split(':');
    let (hour, minute) = (clock.next()?, clock.next()?);
    let second = clock.next().unwrap_or("0");
    if clock.next().is_some() {
        return None;
    }
    let small = |digits: &str| digits.parse::<i8>().ok().filter(|_| is_digits(digits));
    let year = year.parse::<i16>().ok().filter(|_| is_digits(year))?;
    let (month, day) = (small(month)?, small(day)?);
    let (hour, minute, second) = (small(hour)?, small(minute)?, small(second)?);
    zone.moment(DateTime::new(year, month, day, hour, minute, second, 0).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok<T>(read: Result<T, Unreadable>) -> T {
        read.unwrap_or_else(|e| panic!("{:?} {}", e.code, e.detail))
    }

    #[test]
    fn numbers_lose_what_spreadsheets_add_and_rounded_ones_are_refused() {
        let read = |text: &str| number(text.as_bytes(), Field::Number);
        for text in ["\t20261101001", "'20261101001", "=\"20261101001\"", "20261101001.0"] {
            assert_eq!(ok(read(text)), "20261101001", "{text}");
        }
        assert_eq!(ok(read("A-1.E")), "A-1.E");
        assert_eq!(read("2.02611E+18").err().unwrap().code, RefusalCode::RoundedNumber);
        assert_eq!(read("\t").err().unwrap().code, RefusalCode::Missing);
    }

    #[test]
    fn amounts_may_carry_marks_and_thousands_and_nothing_else() {
        let cny = Currency::parse("CNY").unwrap();
        let read = |text: &str| amount(text.as_bytes(), cny);
        for text in ["1234.5", "￥1,234.50", "1234.50元", " 1，234.50 "] {
            assert_eq!(ok(read(text)), Some(123_450), "{text}");
        }
        assert_eq!(ok(read("--")), None);
        for bad in ["12,50", "-1.00", "=1+1", "1e3", "#REF!", "一百"] {
            assert_eq!(read(bad).err().unwrap().code, RefusalCode::Price, "{bad}");
        }
    }

    #[test]
    fn times_of_every_usual_form_are_read_and_zeros_are_none() {
        let zone = Zone::parse("Asia/Shanghai").unwrap();
        let read = |text: &str| time(text.as_bytes(), &zone);
        let at = ok(read("2026-11-01 09:30:00")).unwrap();
        for text in [
            "2026/11/1 9:30",
            "2026年11月1日 09:30:00",
            "2026-11-01T01:30:00Z",
            "2026-11-01T09:30:00+08:00",
            "2026.11.01 9:30:00.000",
        ] {
            assert_eq!(ok(read(text)), Some(at), "{text}");
        }
        for none in ["", "-", "0000-00-00 00:00:00"] {
            assert_eq!(ok(read(none)), None);
        }
        for bad in ["2026-13-01", "2026-02-30 08:00", "11/01/2026", "45962", "2026-11-01 25:00"] {
            assert_eq!(read(bad).err().unwrap().code, RefusalCode::Date, "{bad}");
        }
    }
}
