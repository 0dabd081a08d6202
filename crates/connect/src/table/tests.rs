//! What tables of orders come to, format by format, and what hostile ones come to.

use std::collections::BTreeMap;
use std::io::Cursor;

use xiaoer_domain::orders::{Currency, ImportedOrder, OrderState, RefusalCode};
use xiaoer_domain::private::Private;

use super::{Field, Mapping, look};
use crate::formats::{Content, FileError, Format, Told, Unit, Zone};

const TAOBAO: &[u8] = include_bytes!("../../fixtures/taobao.csv");
const DOUYIN: &[u8] = include_bytes!("../../fixtures/douyin.csv");
const PDD: &[u8] = include_bytes!("../../fixtures/pdd.csv");
const JD: &[u8] = include_bytes!("../../fixtures/jd.csv");
const OWN_SHOP: &[u8] = include_bytes!("../../fixtures/own_shop.csv");

fn told(mapping: Option<Mapping>) -> Told {
    let zone = Zone::parse("Asia/Shanghai").unwrap();
    Told { zone, currency: Currency::parse("CNY").unwrap(), mapping }
}

fn try_read(
    bytes: &[u8],
    format: Format,
    mapping: Option<Mapping>,
) -> Result<Vec<Unit>, FileError> {
    let mut file = format.open(Cursor::new(bytes.to_vec()), told(mapping))?;
    let mut units = Vec::new();
    while let Some(unit) = file.next_unit()? {
        units.push(unit);
    }
    let lines: u64 = units.iter().map(|unit| unit.lines).sum();
    assert_eq!(lines, file.survey().lines, "every line is accounted for once");
    assert!(units.is_sorted_by(|a, b| a.end_line < b.end_line));
    Ok(units)
}

fn read(bytes: &[u8]) -> Vec<Unit> {
    let format = look(Cursor::new(bytes)).unwrap().format.unwrap();
    try_read(bytes, format, None).unwrap()
}

fn orders(units: &[Unit]) -> Vec<&ImportedOrder> {
    units
        .iter()
        .filter_map(|unit| match &unit.content {
            Content::Order(order) => Some(&**order),
            _ => None,
        })
        .collect()
}

/// `number state total: sku×quantity=amount …`
fn lines(units: &[Unit]) -> Vec<String> {
    let item = |order: &ImportedOrder| {
        let items = order.items.iter().map(|i| format!("{}×{}={}", i.sku, i.quantity, i.amount));
        items.collect::<Vec<_>>().join(" ")
    };
    let line = |order: &&ImportedOrder| {
        let total = order.total().unwrap();
        format!("{} {} {total}: {}", order.number, order.state.word(), item(order))
    };
    orders(units).iter().map(line).collect()
}

fn refused(units: &[Unit]) -> Vec<(u64, RefusalCode)> {
    units.iter().flat_map(|unit| &unit.refusals).map(|r| (r.line, r.code)).collect()
}

fn shown(text: &Option<Private>) -> &str {
    text.as_ref().map_or("-", Private::reveal)
}

#[test]
fn each_heading_is_known_whatever_the_file_is_written_in() {
    for (bytes, format, encoding, delimiter) in [
        (TAOBAO, Format::Taobao, "gb18030", ','),
        (DOUYIN, Format::Douyin, "UTF-8", ','),
        (PDD, Format::Pdd, "UTF-8", '\t'),
        (JD, Format::Jd, "UTF-16LE", ','),
    ] {
        let seen = look(Cursor::new(bytes)).unwrap();
        assert_eq!(
            (seen.format, seen.encoding, seen.delimiter),
            (Some(format), encoding, delimiter)
        );
    }
    let seen = look(Cursor::new(OWN_SHOP)).unwrap();
    assert_eq!((seen.format, seen.delimiter), (None, ';'));
    assert_eq!(seen.columns[0], ("Order No".to_owned(), Some(Field::Number)));
    assert_eq!(seen.columns[3], ("Thing".to_owned(), None));
}

#[test]
fn taobao_gives_one_order_a_line_and_refuses_what_is_no_date() {
    let units = read(TAOBAO);
    assert_eq!(
        lines(&units),
        [
            "3801 shipped 109800: ×2=119800",
            "3802 unpaid 6780: ×2=5980",
            "3803 closed 3900: ×1=3900",
        ]
    );
    assert_eq!(refused(&units), [(6, RefusalCode::Date)]);
    let original = units[3].refusals[0].original.as_ref().unwrap();
    assert!(original.reveal().starts_with("3804,y**2,30.00"), "as it stood");
    let orders = orders(&units);
    let details = &orders[0].details;
    assert_eq!(shown(&details.phone), "13800005620");
    assert_eq!(shown(&details.buyer_note), "请包好 送人的");
    assert_eq!(
        (details.courier.as_deref(), details.waybill.as_deref()),
        (Some("顺丰速运"), Some("SF10001"))
    );
    assert_eq!(orders[1].details.paid_at, None, "zeros are no time");
    assert_eq!(orders[2].details.close_reason.as_deref(), Some("买家未付款"));
}

#[test]
fn a_masked_nick_is_nobody_and_an_open_one_is_somebody_of_that_marketplace() {
    let units = read(TAOBAO);
    let buyers: Vec<_> = orders(&units).iter().map(|o| o.buyer_ref.as_deref()).collect();
    assert_eq!(buyers, [None, Some("taobao:小满的店"), None]);
    let jd = read(JD);
    assert_eq!(orders(&jd)[0].buyer_ref.as_deref(), Some("jd:jd_reader_7"));
}

#[test]
fn douyin_gathers_the_parts_of_an_order_and_leaves_out_what_is_enciphered() {
    let units = read(DOUYIN);
    assert_eq!(
        lines(&units),
        [
            "6901 partly_refunded 18700: CUP-W×2=5800 POT-B×1=12900",
            "6902 completed 8800: PLATE×1=8800",
        ]
    );
    assert_eq!(refused(&units), [(5, RefusalCode::Duplicate)]);
    let orders = orders(&units);
    let parts = &orders[0].details;
    assert_eq!(parts.waybill.as_deref(), Some("YT2001 YT2002"));
    assert_eq!(parts.courier.as_deref(), Some("圆通速递"));
    assert_eq!(
        (shown(&parts.recipient), shown(&parts.phone), shown(&parts.address)),
        ("-", "-", "-")
    );
    assert_eq!(orders[0].items[0].title, "陶杯 白色");
    assert_eq!(orders[0].buyer_ref, None);
}

#[test]
fn pinduoduo_takes_the_stock_code_that_is_there() {
    let units = read(PDD);
    assert_eq!(
        lines(&units),
        ["261101-001 shipped 3990: BSK-L×1=4500", "261101-002 refunded 3990: BSK×1=4500",]
    );
    assert_eq!(refused(&units), [(4, RefusalCode::Quantity)]);
    assert_eq!(orders(&units)[0].details.waybill.as_deref(), Some("9876"));
}

#[test]
fn jd_takes_the_amounts_of_an_order_once_though_every_line_repeats_them() {
    let units = read(JD);
    assert_eq!(lines(&units), ["290001 paid 17700: BOARD-W×1=9900 5002×2=8800"]);
    assert_eq!(refused(&units), [(4, RefusalCode::RoundedNumber)]);
    let orders = orders(&units);
    assert_eq!(orders[0].details.flag.as_deref(), Some("2"));
    assert_eq!(shown(&orders[0].details.seller_memo), "易碎");
}

#[test]
fn any_table_is_read_by_a_mapping_with_its_own_words_for_states() {
    let columns = [
        (Field::Number, "Order No"),
        (Field::PlacedAt, "When"),
        (Field::State, "Status"),
        (Field::Title, "Thing"),
        (Field::Sku, "Code"),
        (Field::Quantity, "Qty"),
        (Field::UnitPrice, "Price"),
        (Field::Buyer, "Customer"),
    ];
    let columns = columns.map(|(field, name)| (field, name.to_owned())).into_iter().collect();
    let states = BTreeMap::from([("sent off".to_owned(), OrderState::Shipped)]);
    let units = try_read(OWN_SHOP, Format::Csv, Some(Mapping { columns, states })).unwrap();
    assert_eq!(lines(&units), ["W-1 shipped 1200: B-1×2=700 C-1×1=500"]);
    assert_eq!(refused(&units), [(4, RefusalCode::State)]);
    assert_eq!(orders(&units)[0].buyer_ref.as_deref(), Some("501"));
}

#[test]
fn a_table_without_a_column_for_numbers_is_refused() {
    let refused = try_read(b"a,b\n1,2\n", Format::Csv, None);
    assert!(matches!(refused, Err(FileError::Column { missing: "number" })));
    assert!(matches!(look(Cursor::new(b"")), Err(FileError::Unknown)));
}

#[test]
fn a_line_without_an_end_is_given_up_and_not_held() {
    let mut bytes = b"\xe8\xae\xa2\xe5\x8d\x95\xe5\x8f\xb7,b\n1,\"".to_vec();
    bytes.resize(100 << 20, b'x');
    let refused = try_read(&bytes, Format::Csv, None);
    assert!(matches!(refused, Err(FileError::LineTooLong { line: 2, .. })), "{:?}", refused.err());
    let no_heading = vec![b'x'; 100 << 20];
    assert!(matches!(look(Cursor::new(&no_heading)), Err(FileError::LineTooLong { line: 1, .. })));
}

#[test]
fn bytes_of_another_encoding_and_lines_cut_short_refuse_their_order_alone() {
    let mut bytes = DOUYIN.to_vec();
    bytes.extend("\"\t6903\",\"1\",\"".as_bytes());
    bytes.extend([0xb2, 0xe8, 0xff]);
    bytes.extend("\",\"\",\"1\",\"\",\"1\",\"\",\"\",\"\",\"\",\"2026/11/02\",\"\",\"\",\"已发货\",\"\",\"\",\"\",\"\"\n".as_bytes());
    bytes.extend("\"\t6904\",\"2\"".as_bytes());
    let units = try_read(&bytes, Format::Douyin, None).unwrap();
    assert_eq!(orders(&units).len(), 2);
    assert_eq!(refused(&units)[1..], [(6, RefusalCode::Text), (7, RefusalCode::Columns)]);
}

#[test]
fn a_formula_is_a_text_and_never_a_number() {
    let table = "订单号,下单时间,商品名称,数量,金额\n1,2026-11-01,\"=HYPERLINK(\"\"x\"\")\",1,=1+1\n2,2026-11-01,=A1,1,5\n";
    let units = try_read(table.as_bytes(), Format::Csv, None).unwrap();
    assert_eq!(lines(&units), ["2 completed 500: ×1=500"]);
    assert_eq!(orders(&units)[0].items[0].title, "=A1");
    assert_eq!(refused(&units), [(2, RefusalCode::Price)]);
}

#[test]
fn of_two_lines_of_one_order_the_newer_holds_where_a_line_is_an_order() {
    let heading = "订单编号,买家会员名,买家实际支付金额,订单状态,订单创建时间,宝贝标题";
    let paid = "1,a**,5,买家已付款，等待卖家发货,2026-11-01,壶";
    let sent = "1,a**,5,卖家已发货，等待买家确认,2026-11-01,壶";
    for (first, second, older) in [(paid, sent, 2), (sent, paid, 3)] {
        let units = read(format!("{heading}\n{first}\n{second}\n").as_bytes());
        assert_eq!(lines(&units), ["1 shipped 500: ×1=500"]);
        assert_eq!(refused(&units), [(older, RefusalCode::Duplicate)]);
    }
}

#[test]
fn what_cannot_be_a_workbook_is_refused_as_one() {
    let refused = look(Cursor::new(b"PK\x03\x04nothing more".as_slice()));
    assert!(matches!(refused, Err(FileError::Workbook)), "{refused:?}");
}
