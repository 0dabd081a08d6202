//! Which column says what, format by format, and the layout of one file.

use csv::ByteRecord;

use super::Mapping;
use super::cell::{self, Unreadable};
use crate::formats::{FileError, Format};

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident, $word:literal;)*) => {
        /// What a column can say of an order.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Field { $($(#[$doc])* $name,)* }

        impl Field {
            /// Every field, in the order in which people are asked for them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable word.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// Reads the word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)* _ => None }
            }
        }
    };
}

fields! {
    /// Order number: the only one that no table can do without.
    Number, "number";
    /// Number of a part of the order.
    Part, "part";
    /// When it was placed.
    PlacedAt, "placed_at";
    /// Where it stands.
    State, "state";
    /// What became of it after the sale.
    Aftersale, "aftersale";
    /// Title of the product.
    Title, "title";
    /// Size, colour and such.
    Spec, "spec";
    /// Stock code.
    Sku, "sku";
    /// Pieces.
    Quantity, "quantity";
    /// Price of a piece.
    UnitPrice, "unit_price";
    /// Amount of the line.
    Amount, "amount";
    /// What was paid for the order.
    Total, "total";
    /// What is to pay for the order.
    Due, "due";
    /// Postage of the order.
    Postage, "postage";
    /// The customer's number in the shop.
    Buyer, "buyer";
    /// The buyer's name at the marketplace.
    Nick, "nick";
    /// Who receives it.
    Recipient, "recipient";
    /// The recipient's mobile number.
    Phone, "phone";
    /// Another number.
    Telephone, "telephone";
    /// Part of the address before the street; there may be several columns.
    Region, "region";
    /// The address, or its street.
    Address, "address";
    /// Country.
    Country, "country";
    /// When it was paid.
    PaidAt, "paid_at";
    /// When it was sent.
    ShippedAt, "shipped_at";
    /// When it was received.
    FinishedAt, "finished_at";
    /// When the source last changed it.
    UpdatedAt, "updated_at";
    /// Who carries the parcel.
    Courier, "courier";
    /// The courier's number of the parcel.
    Waybill, "waybill";
    /// Waybill, a counter and courier in one cell.
    Delivery, "delivery";
    /// What the buyer asked for.
    BuyerNote, "buyer_note";
    /// What the seller noted.
    SellerMemo, "seller_memo";
    /// The seller's flag.
    Flag, "flag";
    /// Why it was closed.
    CloseReason, "close_reason";
}

/// For each field the headings that say it, the first that is there and filled wins.
type Columns = &'static [(Field, &'static [&'static str])];

const TAOBAO: Columns = &[
    (Field::Number, &["订单编号", "主订单编号"]),
    (Field::PlacedAt, &["订单创建时间"]),
    (Field::State, &["订单状态"]),
    (Field::Title, &["宝贝标题", "商品标题"]),
    (Field::Quantity, &["宝贝总数量", "购买数量"]),
    (Field::Amount, &["买家应付货款"]),
    (Field::Total, &["买家实际支付金额"]),
    (Field::Due, &["总金额"]),
    (Field::Postage, &["买家应付邮费"]),
    (Field::Nick, &["买家会员名", "买家昵称"]),
    (Field::Recipient, &["收货人姓名"]),
    (Field::Phone, &["联系手机"]),
    (Field::Telephone, &["联系电话"]),
    (Field::Address, &["修改后的收货地址", "收货地址"]),
    (Field::PaidAt, &["订单付款时间"]),
    (Field::ShippedAt, &["发货时间"]),
    (Field::FinishedAt, &["确认收货时间"]),
    (Field::Courier, &["物流公司"]),
    (Field::Waybill, &["物流单号"]),
    (Field::BuyerNote, &["买家留言"]),
    (Field::SellerMemo, &["订单备注", "商家备注", "卖家备注"]),
    (Field::Flag, &["卖家插旗", "插旗"]),
    (Field::CloseReason, &["订单关闭原因"]),
];

const DOUYIN: Columns = &[
    (Field::Number, &["主订单编号"]),
    (Field::Part, &["子订单编号"]),
    (Field::PlacedAt, &["订单提交时间"]),
    (Field::State, &["订单状态"]),
    (Field::Aftersale, &["售后状态"]),
    (Field::Title, &["选购商品"]),
    (Field::Spec, &["商品规格"]),
    (Field::Sku, &["商家编码", "商品ID"]),
    (Field::Quantity, &["商品数量"]),
    (Field::Amount, &["订单应付金额", "商品金额"]),
    (Field::Postage, &["运费"]),
    (Field::Recipient, &["收件人"]),
    (Field::Phone, &["收件人手机号"]),
    (Field::Region, &["省", "市", "区", "街道"]),
    (Field::Address, &["详细地址"]),
    (Field::PaidAt, &["支付完成时间"]),
    (Field::ShippedAt, &["发货时间"]),
    (Field::FinishedAt, &["订单完成时间"]),
    (Field::Delivery, &["快递信息"]),
    (Field::BuyerNote, &["买家留言"]),
    (Field::SellerMemo, &["商家备注"]),
    (Field::Flag, &["旗帜颜色", "插旗"]),
    (Field::CloseReason, &["取消原因"]),
];

const PDD: Columns = &[
    (Field::Number, &["订单号"]),
    (Field::PlacedAt, &["订单成交时间", "拼单成功时间"]),
    (Field::State, &["订单状态"]),
    (Field::Aftersale, &["售后状态"]),
    (Field::Title, &["商品"]),
    (Field::Spec, &["商品规格"]),
    (Field::Sku, &["商家编码-规格维度", "商家编码-商品维度", "商品id"]),
    (Field::Quantity, &["商品数量"]),
    (Field::Amount, &["商品总价"]),
    (Field::Total, &["用户实付金额"]),
    (Field::Postage, &["邮费"]),
    (Field::Recipient, &["收货人"]),
    (Field::Phone, &["手机", "手机号"]),
    (Field::Region, &["省", "市", "区"]),
    (Field::Address, &["街道", "详细地址"]),
    (Field::ShippedAt, &["发货时间"]),
    (Field::FinishedAt, &["确认收货时间"]),
    (Field::Courier, &["快递公司"]),
    (Field::Waybill, &["快递单号"]),
    (Field::BuyerNote, &["买家留言"]),
    (Field::SellerMemo, &["商家备注"]),
];

const JD: Columns = &[
    (Field::Number, &["订单号"]),
    (Field::PlacedAt, &["下单时间"]),
    (Field::State, &["订单状态"]),
    (Field::Title, &["商品名称"]),
    (Field::Sku, &["货号", "商品ID"]),
    (Field::Quantity, &["订购数量"]),
    (Field::UnitPrice, &["京东价"]),
    (Field::Total, &["结算金额"]),
    (Field::Due, &["订单金额", "应付金额"]),
    (Field::Postage, &["运费金额"]),
    (Field::Nick, &["下单帐号", "下单账号"]),
    (Field::Recipient, &["客户姓名"]),
    (Field::Phone, &["联系电话"]),
    (Field::Address, &["客户地址"]),
    (Field::PaidAt, &["付款确认时间"]),
    (Field::FinishedAt, &["订单完成时间"]),
    (Field::Courier, &["物流公司"]),
    (Field::Waybill, &["运单号"]),
    (Field::BuyerNote, &["订单备注"]),
    (Field::SellerMemo, &["商家备注"]),
    (Field::Flag, &["商家备注等级"]),
];

/// Names that a table of a shop's own often has: a proposal that a person may change.
const GUESSES: Columns = &[
    (Field::Number, &["订单号", "订单编号", "order number", "order no", "order id", "number"]),
    (Field::PlacedAt, &["下单时间", "创建时间", "order date", "created at", "placed at", "date"]),
    (Field::State, &["订单状态", "状态", "status", "order status", "state"]),
    (Field::Aftersale, &["售后状态"]),
    (Field::Title, &["商品名称", "商品标题", "品名", "title", "product", "product name", "item"]),
    (Field::Spec, &["商品规格", "规格", "variant", "spec"]),
    (Field::Sku, &["货号", "商家编码", "商品编码", "sku", "item code"]),
    (Field::Quantity, &["数量", "商品数量", "quantity", "qty"]),
    (Field::UnitPrice, &["单价", "unit price", "price"]),
    (Field::Amount, &["金额", "小计", "amount", "line total", "subtotal"]),
    (Field::Total, &["实付金额", "订单金额", "合计", "total", "order total", "grand total"]),
    (Field::Postage, &["运费", "邮费", "shipping", "postage", "shipping fee"]),
    (Field::Buyer, &["客户编号", "会员号", "customer id", "customer number", "buyer"]),
    (Field::Nick, &["昵称", "会员名", "买家", "nickname", "username"]),
    (Field::Recipient, &["收件人", "收货人", "姓名", "recipient", "ship to", "name"]),
    (Field::Phone, &["手机", "手机号", "联系电话", "电话", "phone", "mobile"]),
    (Field::Region, &["省", "市", "区"]),
    (Field::Address, &["收货地址", "详细地址", "地址", "address", "shipping address"]),
    (Field::Country, &["国家", "country"]),
    (Field::PaidAt, &["付款时间", "支付时间", "paid at", "payment date"]),
    (Field::ShippedAt, &["发货时间", "shipped at", "ship date"]),
    (Field::FinishedAt, &["完成时间", "确认收货时间", "completed at", "delivered at"]),
    (Field::UpdatedAt, &["更新时间", "修改时间", "updated at"]),
    (Field::Courier, &["快递公司", "物流公司", "快递", "courier", "carrier"]),
    (Field::Waybill, &["快递单号", "物流单号", "运单号", "tracking number", "waybill"]),
    (Field::BuyerNote, &["买家留言", "buyer note", "customer note"]),
    (Field::SellerMemo, &["商家备注", "卖家备注", "备注", "memo", "note"]),
    (Field::Flag, &["插旗", "旗帜", "flag"]),
    (Field::CloseReason, &["关闭原因", "取消原因", "close reason"]),
];

/// How a format is read beside its columns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    /// Each line is a whole order.
    pub(super) is_one_line: bool,
    /// An unmasked nick names one customer of this marketplace; the word keeps marketplaces apart.
    pub(super) nick_source: Option<&'static str>,
}

/// Where in a line each field of a file stands.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// In the order of the file's format; several columns of one field by rank.
    columns: Vec<(Field, Vec<usize>)>,
    width: usize,
    pub(super) manner: Manner,
    pub(super) states: std::collections::BTreeMap<String, xiaoer_domain::orders::OrderState>,
}

impl Layout {
    /// The layout of a heading.
    pub(super) fn of(
        heading: &[String],
        format: Format,
        mapping: Option<&Mapping>,
    ) -> Result<Self, FileError> {
        let mapped = mapping.filter(|_| format == Format::Csv);
        let columns = match mapped {
            Some(mapping) => by_mapping(heading, mapping),
            None => by_names(heading, columns_of(format)),
        };
        if !columns.iter().any(|(field, _)| *field == Field::Number) {
            return Err(FileError::Column { missing: Field::Number.word() });
        }
        let manner = Manner {
            is_one_line: matches!(format, Format::Taobao | Format::Pdd),
            nick_source: match format {
                Format::Taobao => Some("taobao"),
                Format::Jd => Some("jd"),
                _ => None,
            },
        };
        let states = mapped.map(|mapping| mapping.states.clone()).unwrap_or_default();
        Ok(Self { columns, width: heading.len(), manner, states })
    }

    /// The order that a line belongs to.
    pub(super) fn number(&self, record: &ByteRecord) -> Result<String, Unreadable> {
        if !self.fits(record) {
            return Err(Unreadable::columns(record.len()));
        }
        cell::number(self.cells(record, Field::Number).next().unwrap_or_default(), Field::Number)
    }

    /// Reads as: a line with as many columns as the heading, but for empty ones at its end.
    fn fits(&self, record: &ByteRecord) -> bool {
        let spare = record.iter().skip(self.width).all(|cell| cell.trim_ascii().is_empty());
        let reach = self.columns.iter().flat_map(|(_, at)| at).max().copied().unwrap_or_default();
        spare && record.len() > reach
    }

    /// Whether a column says this.
    pub(super) fn has(&self, field: Field) -> bool {
        self.columns.iter().any(|(known, _)| *known == field)
    }

    /// The cells that say this, by rank.
    pub(super) fn cells<'r>(
        &self,
        record: &'r ByteRecord,
        field: Field,
    ) -> impl Iterator<Item = &'r [u8]> {
        let found = self.columns.iter().find(|(known, _)| *known == field);
        let places = found.map(|(_, places)| places.clone()).unwrap_or_default();
        places.into_iter().filter_map(|at| record.get(at))
    }

    /// The field that each column of the heading says.
    pub(super) fn fields(&self) -> Vec<Option<Field>> {
        let mut fields = vec![None; self.width];
        for (field, places) in &self.columns {
            for place in places {
                if let Some(known) = fields.get_mut(*place) {
                    *known = Some(*field);
                }
            }
        }
        fields
    }
}

/// The format that a heading belongs to; Douyin before Pinduoduo, both say what became of a sale.
pub(super) fn format_of(heading: &[String]) -> Option<Format> {
    let has = |name: &str| heading.iter().any(|column| is_named(column, name));
    let any = |names: &[&str]| names.iter().any(|name| has(name));
    if heading.iter().map(String::as_str).eq(crate::online_retail::line::HEADER) {
        Some(Format::OnlineRetail)
    } else if has("主订单编号") && has("子订单编号") && has("选购商品") {
        Some(Format::Douyin)
    } else if has("订单号") && has("商品") && any(&["商家实收金额", "用户实付金额"])
    {
        Some(Format::Pdd)
    } else if has("订单编号") && any(&["宝贝标题", "宝贝种类", "商品标题", "买家会员名"])
    {
        Some(Format::Taobao)
    } else if has("订单号") && any(&["京东价", "下单帐号", "下单账号", "订购数量"])
    {
        Some(Format::Jd)
    } else {
        None
    }
}

const fn columns_of(format: Format) -> Columns {
    match format {
        Format::Taobao => TAOBAO,
        Format::Douyin => DOUYIN,
        Format::Pdd => PDD,
        Format::Jd => JD,
        Format::OnlineRetail | Format::Csv => GUESSES,
    }
}

fn by_names(heading: &[String], columns: Columns) -> Vec<(Field, Vec<usize>)> {
    let mut taken = vec![false; heading.len()];
    let mut layout = Vec::new();
    for (field, names) in columns {
        let mut places = Vec::new();
        for name in *names {
            let exact = heading.iter().position(|column| is_same(column, name));
            let found = exact.or_else(|| heading.iter().position(|column| is_named(column, name)));
            if let Some(at) = found.filter(|at| !taken[*at]) {
                taken[at] = true;
                places.push(at);
            }
        }
        if !places.is_empty() {
            layout.push((*field, places));
        }
    }
    layout
}

fn by_mapping(heading: &[String], mapping: &Mapping) -> Vec<(Field, Vec<usize>)> {
    let place = |name: &String| heading.iter().position(|column| is_same(column, name));
    let known = mapping.columns.iter();
    known.filter_map(|(field, name)| Some((*field, vec![place(name)?]))).collect()
}

/// Reads as: the same name, but for case, width of brackets and blanks.
fn is_same(column: &str, name: &str) -> bool {
    cell::plain_name(column) == cell::plain_name(name)
}

/// The same, also where a unit or remark in brackets follows the name.
fn is_named(column: &str, name: &str) -> bool {
    let plain = cell::plain_name(column);
    let bare = plain.split('(').next().unwrap_or_default().to_owned();
    plain == cell::plain_name(name) || bare == cell::plain_name(name)
}
