//! What a message carries beside its text, on the wire: asked for by name, shown in full.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a sender asks to be shown; the server fills in the rest from its own data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum SendContent {
    /// A picture that was uploaded.
    Image {
        /// `att_…`.
        id: String,
    },
    /// A file that was uploaded.
    File {
        /// `att_…`.
        id: String,
    },
    /// A product.
    Product {
        /// Stock code.
        sku: String,
    },
    /// An order of the conversation's buyer.
    Order {
        /// Its number.
        number: String,
    },
    /// Where an order goes; only to an identified buyer.
    Address {
        /// The order's number.
        number: String,
    },
    /// The buyer's answer to an address.
    Answer {
        /// `seq` of the entry that asked.
        #[serde(rename = "ref")]
        to: i64,
        /// `confirmed` or `change`.
        value: String,
    },
    /// The buyer asks for attention.
    Nudge,
    /// A kind that is not known here; it is refused.
    #[serde(other)]
    Unknown,
}

/// What a message carries, as it stood when it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum Content {
    /// A picture.
    Image {
        /// `att_…`.
        id: String,
        /// Name for people.
        name: String,
        /// Bytes.
        bytes: i64,
        /// Pixels.
        width: i64,
        /// Pixels.
        height: i64,
        /// Signed address, relative to the server; it expires.
        url: String,
        /// The same for the small picture.
        thumb: String,
    },
    /// A file.
    File {
        /// `att_…`.
        id: String,
        /// Name for people.
        name: String,
        /// Bytes.
        bytes: i64,
        /// Its type, found in its bytes.
        mime: String,
        /// Signed address, relative to the server; it expires.
        url: String,
    },
    /// A product.
    Product {
        /// Stock code.
        sku: String,
        /// Title.
        title: String,
        /// Minor units.
        price: Option<i64>,
        /// Three letters.
        currency: Option<String>,
        /// Address of a picture.
        image: Option<String>,
        /// Address of its page.
        link: Option<String>,
    },
    /// An order.
    Order {
        /// Its number.
        number: String,
        /// `unpaid`, `paid`, `shipped`, `completed`, `closed`, `partly_refunded`, `refunded`.
        state: String,
        /// Microseconds UTC.
        placed_at: i64,
        /// Minor units.
        total: i64,
        /// Three letters.
        currency: String,
        /// The first lines.
        items: Vec<ContentItem>,
        /// Lines that are not shown.
        more: i64,
    },
    /// Where an order goes; the buyer answers whether that is right.
    Address {
        /// The order's number.
        number: String,
        /// Who receives it.
        name: String,
        /// With its middle hidden.
        phone: String,
        /// Where.
        address: String,
    },
    /// The buyer's answer to an address.
    Answer {
        /// `seq` of the entry that asked.
        #[serde(rename = "ref")]
        to: i64,
        /// `confirmed` or `change`.
        value: String,
    },
    /// The buyer asks for attention.
    Nudge,
}

/// A line of an order on a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContentItem {
    /// Title at the time of the order.
    pub title: String,
    /// Pieces.
    pub count: i64,
}

/// An attachment that was uploaded and can be sent once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attachment {
    /// `att_…`.
    pub id: String,
    /// `image` or `file`: what to send it as.
    pub t: String,
    /// Name for people.
    pub name: String,
    /// Bytes as they are kept.
    pub bytes: i64,
    /// Its type, found in its bytes.
    pub mime: String,
    /// Pixels, of a picture.
    pub width: Option<i64>,
    /// Pixels, of a picture.
    pub height: Option<i64>,
    /// Signed address, relative to the server; it expires.
    pub url: String,
    /// The small picture, of a picture.
    pub thumb: Option<String>,
}
