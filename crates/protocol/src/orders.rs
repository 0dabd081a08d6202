//! Orders on the wire. Money is minor units of the order's currency.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use xiaoer_domain::orders as domain;
use xiaoer_domain::private::Private;
use xiaoer_domain::time::Timestamp;

use crate::customers::Buyer;
use crate::id;

/// One line of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderItem {
    /// Stock code.
    pub sku: String,
    /// Title at the time of the order.
    pub title: String,
    /// Pieces.
    pub quantity: i64,
    /// Minor units; the exact price may have more digits, see `unit_price_exact`.
    pub unit_price: i64,
    /// The price as its source wrote it, where minor units cannot hold it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_price_exact: Option<String>,
    /// Minor units; authoritative.
    pub amount: i64,
    /// Pieces given back.
    pub refunded_quantity: i64,
}

/// One refunded line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderRefund {
    /// Its number at the source.
    pub number: String,
    /// Microseconds UTC.
    pub at: i64,
    /// Minor units, negative.
    pub amount: i64,
    /// Pieces.
    pub quantity: i64,
    /// Stock code.
    pub sku: String,
}

/// An order with its items and refunds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Order {
    /// `ord_…`.
    pub id: String,
    /// Number in the shop.
    pub number: String,
    /// `unpaid`, `paid`, `shipped`, `completed`, `closed`, `partly_refunded`, `refunded`.
    pub state: String,
    /// Microseconds UTC.
    pub placed_at: i64,
    /// ISO 4217.
    pub currency: String,
    /// Minor units.
    pub total: i64,
    /// Minor units, positive.
    pub refunded: i64,
    /// Lines.
    pub items: Vec<OrderItem>,
    /// Refunded lines.
    pub refunds: Vec<OrderRefund>,
    /// How it travels and what was noted; absent where the source says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<OrderDetails>,
    /// Staff said whose it is, not the source; they may take it back.
    #[serde(default, skip_serializing_if = "is_false")]
    pub claimed: bool,
}

/// What a source says of an order beside its lines. What belongs to a person is masked. Times are microseconds UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct OrderDetails {
    /// When it was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<i64>,
    /// When it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipped_at: Option<i64>,
    /// When it was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<i64>,
    /// Minor units, within the total.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postage: Option<i64>,
    /// Who carries the parcel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub courier: Option<String>,
    /// Waybill numbers, blank between.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waybill: Option<String>,
    /// Why it was closed, in the words of the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub close_reason: Option<String>,
    /// The seller's flag, in the words of the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
    /// The buyer's name at the marketplace, masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nick: Option<String>,
    /// Who receives it, masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// The recipient's number, masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Where it goes, masked behind the region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What the buyer asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buyer_note: Option<String>,
    /// What the seller noted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seller_memo: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// A page of a buyer's orders, newest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Orders {
    /// The orders.
    pub orders: Vec<Order>,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// Whose they are.
    pub buyer: Option<Buyer>,
}

/// Orders that became others, the earliest change first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ChangedOrders {
    /// The orders as they are now. What belongs to a person is masked.
    pub orders: Vec<Order>,
    /// Where the next question goes on, also when nothing is left now.
    pub cursor: String,
    /// More is there already.
    pub has_more: bool,
}

/// Orders with a number.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FoundOrders {
    /// One from each source.
    pub orders: Vec<FoundOrder>,
}

/// An order found by its number, with the way to its buyer.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FoundOrder {
    /// The order.
    pub order: Order,
    /// Whose it is.
    pub buyer: Option<Buyer>,
    /// `cnv_…`, if there is a conversation.
    pub conversation: Option<String>,
}

/// A product as the desk looks it up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Product {
    /// The shop's number for it.
    pub sku: String,
    /// Title.
    pub title: String,
    /// Minor units; null when it is not known.
    pub price: Option<i64>,
    /// ISO 4217, of the price.
    pub currency: Option<String>,
    /// Address of a picture.
    pub image: Option<String>,
    /// Address of its page.
    pub link: Option<String>,
    /// Pieces in the warehouse; null when it is not known.
    pub stock: Option<i64>,
    /// The shelf it stands on.
    pub category: Option<String>,
}

/// A page of products, newest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Products {
    /// The products.
    pub products: Vec<Product>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// A product as anybody may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProductCard {
    /// The shop's number for it.
    pub sku: String,
    /// Title.
    pub title: String,
    /// Minor units; null when it is not known.
    pub price: Option<i64>,
    /// ISO 4217, of the price.
    pub currency: Option<String>,
    /// Address of a picture.
    pub image: Option<String>,
    /// Address of its page.
    pub link: Option<String>,
}

impl From<&domain::Product> for Product {
    fn from(product: &domain::Product) -> Self {
        let card = ProductCard::from(product);
        Self {
            sku: card.sku,
            title: card.title,
            price: card.price,
            currency: card.currency,
            image: card.image,
            link: card.link,
            stock: product.stock,
            category: product.category.clone(),
        }
    }
}

impl From<&domain::Product> for ProductCard {
    fn from(product: &domain::Product) -> Self {
        Self {
            sku: product.sku.clone(),
            title: product.title.clone(),
            price: product.price,
            currency: product.currency.map(|currency| currency.code().to_owned()),
            image: product.image.clone(),
            link: product.link.clone(),
        }
    }
}

impl From<&domain::Order> for Order {
    fn from(order: &domain::Order) -> Self {
        Self {
            id: id::public(id::ORDER, order.public_id),
            number: order.number.clone(),
            state: order.state.word().to_owned(),
            placed_at: order.placed_at.micros(),
            currency: order.currency.code().to_owned(),
            total: order.total,
            refunded: order.refunded,
            items: order.items.iter().map(|item| self::item(item, order.currency)).collect(),
            refunds: order.refunds.iter().map(OrderRefund::from).collect(),
            details: (order.details != domain::OrderDetails::default())
                .then(|| OrderDetails::from(&order.details)),
            claimed: order.is_claimed,
        }
    }
}

impl From<&domain::OrderDetails> for OrderDetails {
    fn from(details: &domain::OrderDetails) -> Self {
        let plain = |text: &Option<Private>| text.as_ref().map(|text| text.reveal().to_owned());
        Self {
            paid_at: details.paid_at.map(Timestamp::micros),
            shipped_at: details.shipped_at.map(Timestamp::micros),
            finished_at: details.finished_at.map(Timestamp::micros),
            postage: details.postage,
            courier: details.courier.clone(),
            waybill: details.waybill.clone(),
            close_reason: details.close_reason.clone(),
            flag: details.flag.clone(),
            nick: details.nick.as_ref().map(Private::masked_name),
            recipient: details.recipient.as_ref().map(Private::masked_name),
            phone: details.phone.as_ref().map(Private::masked_phone),
            address: details.address.as_ref().map(Private::masked_address),
            buyer_note: plain(&details.buyer_note),
            seller_memo: plain(&details.seller_memo),
        }
    }
}

impl From<&domain::OrderRefund> for OrderRefund {
    fn from(refund: &domain::OrderRefund) -> Self {
        Self {
            number: refund.number.clone(),
            at: refund.at.micros(),
            amount: refund.amount,
            quantity: refund.quantity,
            sku: refund.sku.clone(),
        }
    }
}

fn item(item: &domain::OrderItem, currency: domain::Currency) -> OrderItem {
    let price = item.unit_price;
    OrderItem {
        sku: item.sku.clone(),
        title: item.title.clone(),
        quantity: item.quantity,
        // A price that one piece cannot cost never comes in; it would still be shown exactly.
        unit_price: price.amount(1, currency).unwrap_or(i64::MAX),
        unit_price_exact: (!price.fits_minor(currency)).then(|| price.to_string()),
        amount: item.amount,
        refunded_quantity: item.refunded_quantity,
    }
}

#[cfg(test)]
mod tests {
    use xiaoer_domain::id::{OrderId, PublicId};

    use super::*;

    #[test]
    fn a_price_beyond_minor_units_travels_rounded_and_exact() {
        let item = |price: &str| domain::OrderItem {
            line: 1,
            sku: "PADS".into(),
            title: "PADS TO MATCH ALL CUSHIONS".into(),
            quantity: 6,
            unit_price: domain::UnitPrice::parse(price).unwrap(),
            amount: 1,
            refunded_quantity: 0,
        };
        let order = domain::Order {
            id: OrderId::new(1),
            public_id: PublicId::from_bytes([7; 16]),
            number: "550193".into(),
            buyer: None,
            state: domain::OrderState::Completed,
            placed_at: Timestamp::from_micros(1_291_192_000_000_000),
            currency: domain::Currency::parse("GBP").unwrap(),
            total: 2,
            refunded: 0,
            country: None,
            details: domain::OrderDetails::default(),
            is_claimed: false,
            items: vec![item("0.001"), item("2.50")],
            refunds: vec![],
        };
        let json = serde_json::to_value(Order::from(&order)).unwrap();
        assert_eq!(json["id"], format!("ord_{}", "07".repeat(16)));
        assert_eq!(json["items"][0]["unit_price"], 0);
        assert_eq!(json["items"][0]["unit_price_exact"], "0.001");
        assert_eq!(json["items"][1]["unit_price"], 250);
        assert!(json["items"][1].get("unit_price_exact").is_none());
    }
}
