//! One line of the file: either everything it says, or the reason why it says nothing.

use std::str::Utf8Error;

use csv::ByteRecord;
use jiff::civil::DateTime;
use xiaoer_domain::orders::{RefusalCode, UnitPrice};
use xiaoer_domain::time::Timestamp;

use crate::formats::Zone;

pub(crate) const HEADER: [&str; 8] = [
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
];
pub(super) const HEADER_TEXT: &str =
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country";

/// Longest number of an order, stock code or customer; a signed identity has the same limit.
const NAME_CHARS_MAX: usize = 128;
/// Longest description.
const TITLE_CHARS_MAX: usize = 500;
/// Longest country.
const COUNTRY_CHARS_MAX: usize = 100;
/// What is shown of a value that was refused.
const DETAIL_CHARS_MAX: usize = 80;
/// Most pieces on one line: a number beyond is a slip, and sums stay far from 64 bits.
const QUANTITY_MAX: i64 = 1_000_000_000;

/// A line that could be read.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) sku: String,
    pub(super) title: String,
    pub(super) quantity: i64,
    pub(super) at: Timestamp,
    pub(super) price: UnitPrice,
    pub(super) buyer: Option<String>,
    pub(super) country: Option<String>,
}

/// A line that could not.
pub(super) struct Unreadable {
    pub(super) code: RefusalCode,
    pub(super) detail: String,
}

impl Unreadable {
    fn new(code: RefusalCode, detail: &str) -> Self {
        let shown = detail.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
        Self { code, detail: shown.take(DETAIL_CHARS_MAX).collect() }
    }
}

/// Reads times, remembering the last one: the lines of an order share it.
pub(super) struct Times {
    zone: Zone,
    last: Option<(String, Timestamp)>,
}

impl Times {
    pub(super) const fn new(zone: Zone) -> Self {
        Self { zone, last: None }
    }

    fn read(&mut self, text: &str) -> Option<Timestamp> {
        if let Some((known, at)) = &self.last
            && known == text
        {
            return Some(*at);
        }
        let at = self.zone.moment(clock(text)?)?;
        self.last = Some((text.to_owned(), at));
        Some(at)
    }
}

/// `2010-12-01 08:26:00`, or without the seconds; nothing else, so that no date is guessed.
fn clock(text: &str) -> Option<DateTime> {
    let bytes = text.as_bytes();
    let is_mark = |at: usize, mark: u8| bytes.get(at) == Some(&mark);
    let is_shaped = matches!(bytes.len(), 16 | 19)
        && is_mark(4, b'-')
        && is_mark(7, b'-')
        && (is_mark(10, b' ') || is_mark(10, b'T'))
        && is_mark(13, b':')
        && (bytes.len() == 16 || is_mark(16, b':'));
    if !is_shaped {
        return None;
    }
    let two = |at: usize| -> Option<i8> {
        let digits = bytes.get(at..at + 2).filter(|d| d.iter().all(u8::is_ascii_digit))?;
        i8::try_from((digits[0] - b'0') * 10 + (digits[1] - b'0')).ok()
    };
    let year = i16::from(two(0)?) * 100 + i16::from(two(2)?);
    let seconds = if bytes.len() == 19 { two(17)? } else { 0 };
    DateTime::new(year, two(5)?, two(8)?, two(11)?, two(14)?, seconds, 0).ok()
}

/// The number that holds the lines of an order together; None where the line has not the columns of this format.
pub(super) fn invoice(record: &ByteRecord) -> Option<&[u8]> {
    (record.len() == HEADER.len()).then(|| record[0].trim_ascii())
}

/// Why a line without an [`invoice`] cannot be read.
pub(super) fn wrong_columns(record: &ByteRecord) -> Unreadable {
    Unreadable::new(RefusalCode::Columns, &record.len().to_string())
}

/// Reads everything but the number of the order.
pub(super) fn read(
    record: &ByteRecord,
    number: u64,
    times: &mut Times,
) -> Result<Line, Unreadable> {
    let field = |at: usize| text(&record[at]);
    limited(field(0)?, "InvoiceNo", NAME_CHARS_MAX)?;
    let sku = limited(field(1)?, "StockCode", NAME_CHARS_MAX)?;
    if sku.is_empty() || field(0)?.is_empty() {
        let column = if sku.is_empty() { "StockCode" } else { "InvoiceNo" };
        return Err(Unreadable::new(RefusalCode::Missing, column));
    }
    let title = limited(field(2)?, "Description", TITLE_CHARS_MAX)?;
    let quantity = quantity(field(3)?)?;
    let date = field(4)?;
    let at = times.read(date).ok_or_else(|| Unreadable::new(RefusalCode::Date, date))?;
    let price = field(5)?;
    let price = UnitPrice::parse(price).map_err(|_| Unreadable::new(RefusalCode::Price, price))?;
    let buyer = limited(customer(field(6)?), "CustomerID", NAME_CHARS_MAX)?;
    let country = limited(field(7)?, "Country", COUNTRY_CHARS_MAX)?;
    let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let (sku, title) = (sku.to_owned(), title.to_owned());
    let (buyer, country) = (filled(buyer), filled(country));
    Ok(Line { number, sku, title, quantity, at, price, buyer, country })
}

fn text(bytes: &[u8]) -> Result<&str, Unreadable> {
    let unreadable =
        |_: Utf8Error| Unreadable::new(RefusalCode::Text, &String::from_utf8_lossy(bytes));
    let text = std::str::from_utf8(bytes).map_err(unreadable)?.trim();
    // A NUL cannot be stored everywhere, and no name has any other of them.
    match text.bytes().any(|b| b < b' ' || b == 0x7f) {
        true => Err(Unreadable::new(RefusalCode::Text, text)),
        false => Ok(text),
    }
}

fn limited<'t>(text: &'t str, column: &str, chars_max: usize) -> Result<&'t str, Unreadable> {
    if text.len() > chars_max && text.chars().count() > chars_max {
        return Err(Unreadable::new(RefusalCode::TooLong, column));
    }
    Ok(text)
}

fn quantity(text: &str) -> Result<i64, Unreadable> {
    let quantity = text.parse().ok().filter(|q| (-QUANTITY_MAX..=QUANTITY_MAX).contains(q));
    quantity.ok_or_else(|| Unreadable::new(RefusalCode::Quantity, text))
}

/// A spreadsheet has been here: `17850.0` is customer 17850.
fn customer(text: &str) -> &str {
    match text.strip_suffix(".0") {
        Some(whole) if !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit()) => whole,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_dates_are_read() {
        assert_eq!(clock("2010-12-01 08:26:00"), DateTime::new(2010, 12, 1, 8, 26, 0, 0).ok());
        assert_eq!(clock("2010-12-01T08:26"), DateTime::new(2010, 12, 1, 8, 26, 0, 0).ok());
        for bad in [
            "",
            "01/12/2010 08:26",
            "2010-13-01 08:26:00",
            "2010-02-30 08:26:00",
            "2010-12-01 24:00:00",
            "2010-12-01 08:26:0é",
            "+010-12-01 08:26:00",
        ] {
            assert_eq!(clock(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_customer_number_loses_the_spreadsheets_decimals_only() {
        for (text, expected) in
            [("17850.0", "17850"), ("17850", "17850"), ("A.0", "A.0"), (".0", ".0"), ("", "")]
        {
            assert_eq!(customer(text), expected);
        }
    }
}
