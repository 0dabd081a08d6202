//! Contents as they are stored, and what they are made from: products, orders, the entry an answer speaks of.

use serde::Deserialize;
use xiaoer_domain::chat::{AddressCard, Choice, Content, OrderCard, ProductCard};
use xiaoer_domain::id::{BuyerId, ConversationId, PublicId, ShopId};
use xiaoer_domain::time::Timestamp;

use crate::{Row, StoreError, Tx, args, statements};

statements! {
    /// What an entry of the buyer lane shows, if it was not taken back.
    pub(crate) SHOWN = "SELECT content
        FROM entry
        WHERE shop_id = $1 AND conversation_id = $2 AND lane = 0 AND seq = $3 AND recalled_by IS NULL";
    pub(crate) IDENTIFIED = "SELECT id
        FROM buyer
        WHERE shop_id = $1 AND id = $2 AND ref IS NOT NULL";
    /// The condition on the content is the one of the index.
    pub(crate) LAST_NUDGE = "SELECT MAX(at) AS at
        FROM entry
        WHERE shop_id = $1 AND conversation_id = $2 AND content = '{\"t\":\"nudge\"}'";
}

/// The JSON that is stored; the domain writes it, in this shape.
#[derive(Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
enum Stored {
    Image {
        id: String,
        name: String,
        bytes: i64,
        width: i64,
        height: i64,
    },
    File {
        id: String,
        name: String,
        bytes: i64,
        mime: String,
    },
    Product {
        sku: String,
        title: String,
        price: Option<i64>,
        currency: Option<String>,
        image: Option<String>,
        link: Option<String>,
    },
    Order {
        number: String,
        state: String,
        placed_at: i64,
        total: i64,
        currency: String,
        items: Vec<StoredItem>,
        more: i64,
    },
    Address {
        number: String,
        name: String,
        phone: String,
        address: String,
    },
    Answer {
        #[serde(rename = "ref")]
        to: i64,
        value: String,
    },
    Nudge,
}

#[derive(Deserialize)]
struct StoredItem {
    title: String,
    count: i64,
}

/// Reads a column of stored content.
pub(crate) fn read(row: &Row, column: &str) -> Result<Option<Content>, StoreError> {
    let json: Option<String> = row.get(column)?;
    let parsed =
        json.map(|json| parse(&json).ok_or_else(|| row.inconsistent(column, "no content")));
    parsed.transpose()
}

/// Reads what [`Content::sealed`] wrote.
#[must_use]
pub fn parse(json: &str) -> Option<Content> {
    Some(match serde_json::from_str(json).ok()? {
        Stored::Image { id, name, bytes, width, height } => {
            Content::Image { id: PublicId::parse_hex(&id)?, name, bytes, width, height }
        }
        Stored::File { id, name, bytes, mime } => {
            Content::File { id: PublicId::parse_hex(&id)?, name, bytes, mime }
        }
        Stored::Product { sku, title, price, currency, image, link } => {
            Content::Product(ProductCard { sku, title, price, currency, image, link })
        }
        Stored::Order { number, state, placed_at, total, currency, items, more } => {
            let placed_at = Timestamp::from_micros(placed_at);
            let items = items.into_iter().map(|item| (item.title, item.count)).collect();
            Content::Order(OrderCard { number, state, placed_at, total, currency, items, more })
        }
        Stored::Address { number, name, phone, address } => {
            Content::Address(AddressCard { number, name, phone, address })
        }
        Stored::Answer { to, value } => Content::Answer { to, choice: Choice::from_word(&value)? },
        Stored::Nudge => Content::Nudge,
    })
}

/// The word of the kind, from the beginning of stored content.
pub(crate) fn word_of(beginning: &str) -> Option<&'static str> {
    let word = beginning.strip_prefix("{\"t\":\"")?.split('"').next()?;
    let words = ["image", "file", "product", "order", "address", "answer", "nudge"];
    words.into_iter().find(|known| *known == word)
}

/// What the entry at this number of the buyer lane shows; nothing if it was taken back.
pub async fn shown(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
    seq: i64,
) -> Result<Option<Content>, StoreError> {
    match tx.opt(SHOWN, args![shop, conversation, seq]).await? {
        None => Ok(None),
        Some(row) => read(&row, "content"),
    }
}

/// Whether the shop has said who a buyer is.
pub async fn is_identified(tx: &mut Tx, shop: ShopId, buyer: BuyerId) -> Result<bool, StoreError> {
    Ok(tx.opt(IDENTIFIED, args![shop, buyer]).await?.is_some())
}

/// When the buyer of a conversation last nudged.
pub async fn last_nudge(
    tx: &mut Tx,
    shop: ShopId,
    conversation: ConversationId,
) -> Result<Option<Timestamp>, StoreError> {
    tx.one(LAST_NUDGE, args![shop, conversation]).await?.get("at")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_content_reads_back_as_it_was_sealed() {
        let (id, name) = (PublicId::from_bytes([7; 16]), "小\"票\\\n.pdf".to_owned());
        let product = ProductCard {
            sku: "A".into(),
            title: "围巾".into(),
            price: Some(-1),
            ..ProductCard::default()
        };
        let order = OrderCard {
            number: "5".into(),
            state: "paid".into(),
            placed_at: Timestamp::from_micros(9),
            total: 12,
            currency: "CNY".into(),
            items: vec![(name.clone(), 2)],
            more: 1,
        };
        let address = AddressCard {
            number: "5".into(),
            name: "林".into(),
            phone: "138****5620".into(),
            address: "杭州".into(),
        };
        for content in [
            Content::Image { id, name: name.clone(), bytes: 1, width: 2, height: 3 },
            Content::File { id, name, bytes: 1, mime: "application/pdf".into() },
            Content::Product(product),
            Content::Order(order),
            Content::Address(address),
            Content::Answer { to: 4, choice: Choice::Confirmed },
            Content::Nudge,
        ] {
            let sealed = content.sealed();
            assert_eq!(word_of(&sealed), Some(content.wanted().word()));
            assert_eq!(parse(&sealed), Some(content), "{sealed}");
        }
        assert_eq!(parse("{\"t\":\"poem\"}"), None);
    }
}
