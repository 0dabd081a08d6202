//! Facts about the format, on files written here.

use std::io::{Cursor, Write as _};

use xiaoer_domain::orders::{Currency, ImportedOrder, RefusalCode};

use super::*;
use crate::formats::{Format, OrderFile, Zone};

const HEADER: &str =
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

fn told() -> Told {
    let zone = Zone::parse("Europe/London").unwrap();
    Told { zone, currency: Currency::parse("GBP").unwrap(), mapping: None }
}

fn open(text: &[u8]) -> Result<OrderFile<Cursor<Vec<u8>>>, FileError> {
    Format::OnlineRetail.open(Cursor::new(text.to_vec()), told())
}

fn units(lines: &str) -> Vec<Unit> {
    let mut file = open(format!("{HEADER}{lines}").as_bytes()).unwrap();
    std::iter::from_fn(|| file.next_unit().unwrap()).collect()
}

fn orders(units: &[Unit]) -> Vec<&ImportedOrder> {
    let order = |unit| match unit {
        &Unit { content: Content::Order(ref order), .. } => Some(&**order),
        _ => None,
    };
    units.iter().filter_map(order).collect()
}

fn refusals(units: &[Unit]) -> Vec<(u64, RefusalCode)> {
    units.iter().flat_map(|unit| &unit.refusals).map(|r| (r.line, r.code)).collect()
}

#[test]
fn the_lines_of_an_invoice_become_one_order() {
    let units = units(
        "536365,85123A,HANGING HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n\
         536365,71053,\"LANTERN, WHITE\",6,2010-12-01 08:27:00,3.39,17850.0,United Kingdom\n\
         536366,22633,HAND WARMER,6,2010-12-01 08:28:00,1.85,,France\n",
    );
    let found = orders(&units);
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].number.as_str(), found[0].total()), ("536365", Some(3564)));
    assert_eq!(found[0].buyer_ref.as_deref(), Some("17850"));
    assert_eq!(found[0].placed_at.micros(), 1_291_191_960_000_000);
    assert_eq!(found[0].items[1].title, "LANTERN, WHITE");
    assert_eq!(
        (found[1].buyer_ref.as_deref(), found[1].country.as_deref()),
        (None, Some("France"))
    );
    assert_eq!(units.iter().map(|u| (u.end_line, u.lines)).collect::<Vec<_>>(), [(3, 2), (4, 1)]);
}

#[test]
fn wall_time_is_read_in_the_zone_that_was_told() {
    let units = units("1,A,a,1,2011-07-01 12:00:00,1,,X\n");
    assert_eq!(orders(&units)[0].placed_at.micros(), 1_309_518_000_000_000);
}

#[test]
fn a_cancellation_keeps_its_sign_in_the_amount_and_loses_it_in_the_pieces() {
    let units = units("C1,A,a,-12,2010-12-01 10:24:00,1.65,17548.0,United Kingdom\n");
    let Content::Refund(refund) = &units[0].content else { panic!("{units:?}") };
    assert_eq!((refund.lines[0].quantity, refund.lines[0].amount), (12, -1980));
}

#[test]
fn an_invoice_in_two_parts_is_given_out_whole_with_its_last_part() {
    let units = units(
        "1,A,a,1,2010-12-01 08:00:00,1.00,7,X\n\
         2,B,b,1,2010-12-01 08:00:00,1.00,7,X\n\
         1,C,c,1,2010-12-01 07:59:00,2.00,7,X\n\
         3,D,d,1,2010-12-01 08:00:00,1.00,7,X\n",
    );
    let found: Vec<_> = orders(&units).iter().map(|o| (o.number.clone(), o.total())).collect();
    let expected = [("2", 100), ("1", 300), ("3", 100)];
    assert_eq!(found, expected.map(|(number, total)| (number.to_owned(), Some(total))));
    assert_eq!(
        units.iter().map(|u| (u.end_line, u.lines)).collect::<Vec<_>>(),
        [(3, 1), (4, 2), (5, 1)]
    );
}

#[test]
fn bookings_and_stock_adjustments_are_refused_alone() {
    let units = units(
        "A563185,B,Adjust bad debt,1,2011-08-12 14:50:00,11062.06,,United Kingdom\n\
         A563186,B,Adjust bad debt,1,2011-08-12 14:51:00,-11062.06,,United Kingdom\n\
         536589,21777,,-10,2010-12-01 16:50:00,0.0,,United Kingdom\n\
         536414,22139,,56,2010-12-01 11:52:00,0.0,,United Kingdom\n",
    );
    let (booking, stock) = (RefusalCode::LedgerAdjustment, RefusalCode::StockAdjustment);
    assert_eq!(refusals(&units), [(2, booking), (3, booking), (4, stock), (5, stock)]);
    assert!(orders(&units).is_empty());
}

#[test]
fn what_is_free_is_a_gift_where_somebody_bought_or_is_named() {
    let units = units(
        "1,A,a,1,2010-12-01 08:00:00,1.00,,X\n\
         1,B,gift,2,2010-12-01 08:00:00,0.0,,X\n\
         2,C,gift,1,2010-12-01 08:00:00,0.0,12647.0,X\n\
         3,D,d,1,2010-12-01 08:00:00,1.00,,X\n\
         3,E,,-4,2010-12-01 08:00:00,0.0,,X\n",
    );
    let found: Vec<_> = orders(&units).iter().map(|o| (o.items.len(), o.total())).collect();
    assert_eq!(found, [(2, Some(100)), (1, Some(0)), (1, Some(100))]);
    assert_eq!(refusals(&units), [(6, RefusalCode::StockAdjustment)]);
}

#[test]
fn a_line_that_cannot_be_read_takes_its_order_with_it() {
    let cases = [
        ("1,,a,1,2010-12-01 08:00:00,1.00,7,X", RefusalCode::Missing),
        ("1,B,b,one,2010-12-01 08:00:00,1.00,7,X", RefusalCode::Quantity),
        ("1,B,b,1.5,2010-12-01 08:00:00,1.00,7,X", RefusalCode::Quantity),
        ("1,B,b,-1,2010-12-01 08:00:00,1.00,7,X", RefusalCode::Quantity),
        ("1,B,b,1,01/12/2010 08:00,1.00,7,X", RefusalCode::Date),
        ("1,B,b,1,2010-12-01 08:00:00,£1,7,X", RefusalCode::Price),
        ("1,B,b,1,2010-12-01 08:00:00,-1.00,7,X", RefusalCode::Price),
        ("1,B,b\u{1},1,2010-12-01 08:00:00,1.00,7,X", RefusalCode::Text),
    ];
    for (bad, code) in cases {
        let units = units(&format!(
            "1,A,a,1,2010-12-01 08:00:00,1.00,7,X\n{bad}\n2,C,c,1,2010-12-01 08:00:00,1.00,7,X\n"
        ));
        assert_eq!(refusals(&units), [(2, RefusalCode::OrderIncomplete), (3, code)], "{bad}");
        assert_eq!(orders(&units).len(), 1, "{bad}");
    }
}

#[test]
fn two_customers_in_one_invoice_are_nobodys_order() {
    let units =
        units("1,A,a,1,2010-12-01 08:00:00,1.00,7,X\n1,B,b,1,2010-12-01 08:00:00,1.00,8,X\n");
    let differs = RefusalCode::BuyerDiffers;
    assert_eq!(refusals(&units), [(2, differs), (3, differs)]);
}

#[test]
fn a_line_with_other_columns_is_refused_alone_and_numbers_stay_those_of_an_editor() {
    let units = units(
        "1,A,\"two\nlines\",1,2010-12-01 08:00:00,1.00,7,X\n\
         1,A,a,1\n\
         1,B,b,1,2010-12-01 08:00:00,1.00,7,X\n",
    );
    // The title holds a line break, which no title may, so the order falls, and line 4 for itself.
    let (text, whole) = (RefusalCode::Text, RefusalCode::OrderIncomplete);
    assert_eq!(refusals(&units), [(4, RefusalCode::Columns), (2, text), (5, whole)]);
}

#[test]
fn an_invoice_beyond_the_limit_is_refused_without_piling_up() {
    let one = "1,A,a,1,2010-12-01 08:00:00,1.00,7,X\n".repeat(12_000);
    let units = units(&format!("{one}2,C,c,1,2010-12-01 08:00:00,1.00,7,X\n"));
    assert_eq!(orders(&units).len(), 1);
    let refused = refusals(&units);
    assert_eq!(refused.len(), 12_000);
    assert!(refused.iter().all(|(_, code)| *code == RefusalCode::OrderTooLong));
    assert!(units.iter().all(|unit| unit.refusals.len() <= 5_002));
    assert!(units.windows(2).all(|pair| pair[0].end_line < pair[1].end_line));
    assert_eq!(units.iter().map(|unit| unit.lines).sum::<u64>(), 12_001);
}

#[test]
fn the_same_lines_packed_are_the_same_file() {
    let text = format!("{HEADER}1,A,a,1,2010-12-01 08:00:00,1.00,7,X\n");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let packed = open(&gzip.finish().unwrap()).unwrap();
    let plain = open(text.as_bytes()).unwrap();
    assert_eq!(packed.survey(), plain.survey());
    assert_eq!(plain.survey().lines, 1);
    let other = open(text.replace("1.00", "1.01").as_bytes()).unwrap();
    assert_ne!(other.survey().digest, plain.survey().digest);
}

#[test]
fn another_header_is_another_format() {
    assert!(matches!(open(b"a,b\n1,2\n"), Err(FileError::Header { .. })));
    assert!(matches!(open(b""), Err(FileError::Header { .. })));
    assert!(open(format!("\u{feff}{HEADER}").as_bytes()).is_ok());
}

#[test]
fn a_quotation_mark_that_is_never_closed_ends_the_reading() {
    let text = format!("{HEADER}1,A,\"a{}", "x,".repeat(1_000_000));
    assert!(matches!(open(text.as_bytes()), Err(FileError::LineTooLong { line: 2, .. })));
}

#[test]
fn a_broken_archive_is_an_error_and_no_end() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let line = "1,A,a,1,2010-12-01 08:00:00,1.00,7,X\n";
    gzip.write_all(format!("{HEADER}{}", line.repeat(100)).as_bytes()).unwrap();
    let mut bytes = gzip.finish().unwrap();
    bytes.truncate(bytes.len() - 12);
    assert!(matches!(open(&bytes), Err(FileError::Read(_))));
}
