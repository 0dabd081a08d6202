//! What a message carries beside its text: a picture, a file, a card. A sender names it (a [`Wanted`]); what is stored is
//! how it stood at that moment (a [`Content`]), so that a later price or state changes no line of the log.

use thiserror::Error;

use super::{Lane, MessageText, Side};
use crate::coded::push_json_text;
use crate::id::PublicId;
use crate::orders::{Order, Product};
use crate::private::Private;
use crate::time::Timestamp;

/// Lines of an order that its card shows; `more` counts the others.
pub const ORDER_ITEMS_SHOWN: usize = 5;
/// Characters of an address that a card shows.
const ADDRESS_CHARS_MAX: usize = 200;
/// Longest stock code or order number that is looked up, in characters.
pub const KEY_CHARS_MAX: usize = 100;
/// Longest title on a card, in characters; the rest is cut.
pub const TITLE_CHARS_MAX: usize = 200;

/// What a buyer says to an address that was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Choice {
    /// It is right.
    Confirmed,
    /// It has to be changed.
    Change,
}

impl Choice {
    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Change => "change",
        }
    }

    /// Reads the word on the wire.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Confirmed, Self::Change].into_iter().find(|choice| choice.word() == word)
    }
}

/// What a sender asks to be shown, by name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// A picture that was uploaded.
    Image(PublicId),
    /// A file that was uploaded.
    File(PublicId),
    /// A product, by its stock code.
    Product(String),
    /// An order, by its number.
    Order(String),
    /// Where an order goes, by its number; the buyer is asked whether that is right.
    Address(String),
    /// The buyer's answer to the address at this number of the buyer lane.
    Answer(i64, Choice),
    /// The buyer asks for attention.
    Nudge,
}

impl Wanted {
    /// The word of its kind on the wire.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Image(_) => "image",
            Self::File(_) => "file",
            Self::Product(_) => "product",
            Self::Order(_) => "order",
            Self::Address(_) => "address",
            Self::Answer(..) => "answer",
            Self::Nudge => "nudge",
        }
    }

    /// Reads as: this side may send it into this lane. Orders and addresses are the shop's to show; only buyers answer
    /// and nudge; a note shows no address, because nobody would answer.
    #[must_use]
    pub const fn is_for(&self, side: Side, lane: Lane) -> bool {
        match self {
            Self::Image(_) | Self::File(_) | Self::Product(_) => true,
            Self::Order(_) => matches!(side, Side::Agent),
            Self::Address(_) => matches!((side, lane), (Side::Agent, Lane::Buyer)),
            Self::Answer(..) | Self::Nudge => matches!(side, Side::Buyer),
        }
    }

    /// Checks a stock code or order number before it is looked up.
    ///
    /// # Errors
    /// [`ContentError::BadKey`] when it is blank, too long or holds control characters.
    pub fn key(text: &str) -> Result<String, ContentError> {
        let key = text.trim();
        let fits = !key.is_empty() && key.chars().count() <= KEY_CHARS_MAX;
        if fits && !key.chars().any(char::is_control) {
            Ok(key.to_owned())
        } else {
            Err(ContentError::BadKey)
        }
    }
}

/// Why something cannot be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ContentError {
    /// Not a stock code or order number.
    #[error("A stock code or order number has 1 to {KEY_CHARS_MAX} visible characters")]
    BadKey,
}

/// What a message carries, as it stood when it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A picture.
    Image {
        /// The attachment.
        id: PublicId,
        /// Name for people.
        name: String,
        /// Bytes.
        bytes: i64,
        /// Pixels.
        width: i64,
        /// Pixels.
        height: i64,
    },
    /// A file.
    File {
        /// The attachment.
        id: PublicId,
        /// Name for people.
        name: String,
        /// Bytes.
        bytes: i64,
        /// Its type, found in its bytes.
        mime: String,
    },
    /// A product.
    Product(ProductCard),
    /// An order.
    Order(OrderCard),
    /// Where an order goes.
    Address(AddressCard),
    /// The buyer's answer to an address.
    Answer {
        /// Number of the entry that asked, in the buyer lane.
        to: i64,
        /// What was chosen.
        choice: Choice,
    },
    /// The buyer asks for attention.
    Nudge,
}

/// A product on a card.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductCard {
    /// Stock code.
    pub sku: String,
    /// Title.
    pub title: String,
    /// Price of a piece in minor units.
    pub price: Option<i64>,
    /// Its currency.
    pub currency: Option<String>,
    /// Address of a picture.
    pub image: Option<String>,
    /// Address of its page.
    pub link: Option<String>,
}

impl ProductCard {
    /// The card of a product as it stands.
    #[must_use]
    pub fn of(product: &Product) -> Self {
        Self {
            sku: product.sku.clone(),
            title: title(&product.title),
            price: product.price,
            currency: product.currency.map(|currency| currency.code().to_owned()),
            image: product.image.clone(),
            link: product.link.clone(),
        }
    }
}

/// An order on a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderCard {
    /// Number in the shop.
    pub number: String,
    /// Word of its state.
    pub state: String,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// Minor units.
    pub total: i64,
    /// Three letters.
    pub currency: String,
    /// Titles and pieces of the first lines.
    pub items: Vec<(String, i64)>,
    /// Lines that are not shown.
    pub more: i64,
}

impl OrderCard {
    /// The card of an order as it stands.
    #[must_use]
    pub fn of(order: &Order) -> Self {
        let shown = order.items.iter().take(ORDER_ITEMS_SHOWN);
        let more = order.items.len().saturating_sub(ORDER_ITEMS_SHOWN);
        Self {
            number: order.number.clone(),
            state: order.state.word().to_owned(),
            placed_at: order.placed_at,
            total: order.total,
            currency: order.currency.code().to_owned(),
            items: shown.map(|item| (title(&item.title), item.quantity)).collect(),
            more: i64::try_from(more).unwrap_or(i64::MAX),
        }
    }
}

/// Where an order goes. The telephone number is masked: the log outlives the parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressCard {
    /// Number of the order.
    pub number: String,
    /// Who receives it.
    pub name: String,
    /// Masked.
    pub phone: String,
    /// Where.
    pub address: String,
}

impl AddressCard {
    /// The card of an order, if it says where it goes. The name keeps its first character, the number its ends: enough
    /// for the buyer to know them, too little for anybody else.
    #[must_use]
    pub fn of(order: &Order) -> Option<Self> {
        let details = &order.details;
        let address = details.address.as_ref()?.reveal();
        Some(Self {
            number: order.number.clone(),
            name: details.recipient.as_ref().map(Private::masked_name).unwrap_or_default(),
            phone: details
                .phone
                .as_ref()
                .map(|phone| mask_phone(phone.reveal()))
                .unwrap_or_default(),
            address: address.chars().take(ADDRESS_CHARS_MAX).collect(),
        })
    }
}

/// Cuts a title to what a card shows.
#[must_use]
pub fn title(text: &str) -> String {
    text.chars().take(TITLE_CHARS_MAX).collect()
}

/// Hides the middle of a telephone number: `13812345620` becomes `138****5620`. What has stars already stays.
#[must_use]
pub fn mask_phone(phone: &str) -> String {
    let phone = phone.trim();
    if phone.contains('*') {
        return phone.to_owned();
    }
    let digits: Vec<char> = phone.chars().collect();
    let (head, tail) = match digits.len() {
        11.. => (3, 4),
        7..=10 => (2, 2),
        _ => (0, 0),
    };
    let middle = digits.len() - head - tail;
    let keeps = |at: usize| at < head || at >= head + middle;
    let masked = digits.iter().enumerate();
    masked.map(|(at, digit)| if keeps(at) { *digit } else { '*' }).collect()
}

impl Content {
    /// What was asked for. The same again is the same entry, even if the product has another price by now.
    #[must_use]
    pub fn wanted(&self) -> Wanted {
        match self {
            Self::Image { id, .. } => Wanted::Image(*id),
            Self::File { id, .. } => Wanted::File(*id),
            Self::Product(card) => Wanted::Product(card.sku.clone()),
            Self::Order(card) => Wanted::Order(card.number.clone()),
            Self::Address(card) => Wanted::Address(card.number.clone()),
            Self::Answer { to, choice } => Wanted::Answer(*to, *choice),
            Self::Nudge => Wanted::Nudge,
        }
    }

    /// Reads as: it is a card of the shop's own data; alone it is no reply in somebody's words.
    #[must_use]
    pub const fn is_card(&self) -> bool {
        matches!(self, Self::Product(_) | Self::Order(_) | Self::Address(_))
    }

    /// What a search finds it by: the name of a file, the title of a product.
    #[must_use]
    pub fn searchable(&self) -> Option<&str> {
        match self {
            Self::File { name, .. } => Some(name),
            Self::Product(card) => Some(&card.title),
            _ => None,
        }
    }

    /// The JSON object that is stored and sealed: fields in a fixed order, `t` first.
    #[must_use]
    pub fn sealed(&self) -> String {
        let mut json = Json::of(self.wanted().word());
        match self {
            Self::Image { id, name, bytes, width, height } => {
                json.text("id", &id.to_string()).text("name", name);
                json.number("bytes", *bytes).number("width", *width).number("height", *height);
            }
            Self::File { id, name, bytes, mime } => {
                json.text("id", &id.to_string()).text("name", name);
                json.number("bytes", *bytes).text("mime", mime);
            }
            Self::Product(card) => {
                json.text("sku", &card.sku).text("title", &card.title);
                json.number_or_null("price", card.price);
                json.text_or_null("currency", card.currency.as_deref());
                json.text_or_null("image", card.image.as_deref());
                json.text_or_null("link", card.link.as_deref());
            }
            Self::Order(card) => {
                json.text("number", &card.number).text("state", &card.state);
                json.number("placed_at", card.placed_at.micros()).number("total", card.total);
                json.text("currency", &card.currency).items(&card.items).number("more", card.more);
            }
            Self::Address(card) => {
                json.text("number", &card.number).text("name", &card.name);
                json.text("phone", &card.phone).text("address", &card.address);
            }
            Self::Answer { to, choice } => {
                json.number("ref", *to).text("value", choice.word());
            }
            Self::Nudge => {}
        }
        json.0.push('}');
        json.0
    }
}

/// A JSON object that grows field by field.
struct Json(String);

impl Json {
    fn of(word: &str) -> Self {
        Self(format!("{{\"t\":\"{word}\""))
    }

    fn name(&mut self, name: &str) {
        self.0.push(',');
        push_json_text(&mut self.0, name);
        self.0.push(':');
    }

    fn text(&mut self, name: &str, value: &str) -> &mut Self {
        self.name(name);
        push_json_text(&mut self.0, value);
        self
    }

    fn number(&mut self, name: &str, value: i64) -> &mut Self {
        self.name(name);
        self.0.push_str(&value.to_string());
        self
    }

    fn text_or_null(&mut self, name: &str, value: Option<&str>) {
        match value {
            Some(value) => {
                self.text(name, value);
            }
            None => self.null(name),
        }
    }

    fn number_or_null(&mut self, name: &str, value: Option<i64>) {
        match value {
            Some(value) => {
                self.number(name, value);
            }
            None => self.null(name),
        }
    }

    fn null(&mut self, name: &str) {
        self.name(name);
        self.0.push_str("null");
    }

    fn items(&mut self, items: &[(String, i64)]) -> &mut Self {
        self.name("items");
        self.0.push('[');
        for (at, (title, count)) in items.iter().enumerate() {
            self.0.push_str(if at == 0 { "{\"title\":" } else { ",{\"title\":" });
            push_json_text(&mut self.0, title);
            self.0.push_str(&format!(",\"count\":{count}}}"));
        }
        self.0.push(']');
        self
    }
}

/// What somebody says: a text, a content, or a content with a text under it. Never nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    text: Option<MessageText>,
    content: Option<Content>,
}

impl Said {
    /// Shows something, with or without a text under it.
    #[must_use]
    pub const fn showing(content: Content, caption: Option<MessageText>) -> Self {
        Self { text: caption, content: Some(content) }
    }

    /// Its parts: text and content.
    #[must_use]
    pub fn into_parts(self) -> (Option<String>, Option<Content>) {
        (self.text.map(MessageText::into_string), self.content)
    }

    /// Reads as: nothing but a card of the shop's own data.
    #[must_use]
    pub fn is_card_alone(&self) -> bool {
        self.text.is_none() && self.content.as_ref().is_some_and(Content::is_card)
    }
}

impl From<MessageText> for Said {
    fn from(text: MessageText) -> Self {
        Self { text: Some(text), content: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_has_its_fields_in_one_order_and_escapes() {
        let card = ProductCard {
            sku: "A\"1".into(),
            title: "围\\巾".into(),
            price: Some(5900),
            currency: Some("CNY".into()),
            ..ProductCard::default()
        };
        assert_eq!(
            Content::Product(card).sealed(),
            r#"{"t":"product","sku":"A\"1","title":"围\\巾","price":5900,"currency":"CNY","image":null,"link":null}"#
        );
        assert_eq!(Content::Nudge.sealed(), r#"{"t":"nudge"}"#);
        let answer = Content::Answer { to: 7, choice: Choice::Change };
        assert_eq!(answer.sealed(), r#"{"t":"answer","ref":7,"value":"change"}"#);
    }

    #[test]
    fn an_orders_lines_are_sealed_as_titles_and_counts() {
        let card = OrderCard {
            number: "536365".into(),
            state: "paid".into(),
            placed_at: Timestamp::from_micros(5),
            total: 100,
            currency: "GBP".into(),
            items: vec![("灯".into(), 2), ("碗".into(), 1)],
            more: 3,
        };
        assert_eq!(
            Content::Order(card).sealed(),
            r#"{"t":"order","number":"536365","state":"paid","placed_at":5,"total":100,"currency":"GBP","items":[{"title":"灯","count":2},{"title":"碗","count":1}],"more":3}"#
        );
    }

    #[test]
    fn each_side_shows_what_is_its_own_to_show() {
        let order = Wanted::Order("1".into());
        let address = Wanted::Address("1".into());
        let answer = Wanted::Answer(3, Choice::Confirmed);
        assert!(order.is_for(Side::Agent, Lane::Buyer) && order.is_for(Side::Agent, Lane::Staff));
        assert!(!order.is_for(Side::Buyer, Lane::Buyer));
        assert!(address.is_for(Side::Agent, Lane::Buyer));
        assert!(!address.is_for(Side::Agent, Lane::Staff));
        assert!(
            answer.is_for(Side::Buyer, Lane::Buyer) && !answer.is_for(Side::Agent, Lane::Buyer)
        );
        assert!(!Wanted::Nudge.is_for(Side::Agent, Lane::Buyer));
        let id = PublicId::from_bytes([1; 16]);
        assert!(Wanted::Image(id).is_for(Side::Buyer, Lane::Buyer));
    }

    #[test]
    fn a_telephone_number_keeps_its_ends_only() {
        assert_eq!(mask_phone("13812345620"), "138****5620");
        assert_eq!(mask_phone("138****5620"), "138****5620");
        assert_eq!(mask_phone("65123456"), "65****56");
        assert_eq!(mask_phone("110"), "***");
    }

    #[test]
    fn a_key_is_short_and_visible() {
        assert_eq!(Wanted::key(" 85123A ").as_deref(), Ok("85123A"));
        for bad in ["", "  ", "a\u{0}b", &"x".repeat(101)] {
            assert_eq!(Wanted::key(bad), Err(ContentError::BadKey), "{bad:?}");
        }
    }
}
