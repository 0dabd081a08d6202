//! The page a buyer looks at: the latest value, in memory, for a while. A hint for the desk and nothing more: it is
//! never stored, and a server that starts again knows none.

use std::collections::HashMap;

use parking_lot::Mutex;
use xiaoer_domain::id::{ConversationId, ShopId};
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_protocol::chat::{ViewedPage, Viewing};

use crate::{App, AppError};

/// How long a page counts as being looked at without another word.
const FRESH_FOR: Span = Span::minutes(30);
/// Pages in memory; when full, the old ones go, and then the new one is not kept.
const PAGES_MAX: usize = 20_000;
const TITLE_CHARS_MAX: usize = 200;
const SKU_CHARS_MAX: usize = 64;
const ADDRESS_BYTES_MAX: usize = 1000;

/// The pages that buyers look at.
#[derive(Default)]
pub struct Viewings(Mutex<HashMap<(ShopId, ConversationId), (Timestamp, ViewedPage)>>);

impl Viewings {
    fn put(&self, key: (ShopId, ConversationId), page: Option<ViewedPage>, now: Timestamp) -> bool {
        let mut pages = self.0.lock();
        let Some(page) = page else { return pages.remove(&key).is_some() };
        if pages.len() >= PAGES_MAX && !pages.contains_key(&key) {
            pages.retain(|_, (at, _)| now.since(*at) < FRESH_FOR);
            if pages.len() >= PAGES_MAX {
                return false;
            }
        }
        let same = pages.get(&key).is_some_and(|(_, before)| *before == page);
        pages.insert(key, (now, page));
        !same
    }

    fn get(&self, key: (ShopId, ConversationId), now: Timestamp) -> Option<Viewing> {
        let pages = self.0.lock();
        let (at, page) = pages.get(&key)?;
        (now.since(*at) < FRESH_FOR).then(|| Viewing { page: page.clone(), at: at.micros() })
    }
}

impl App {
    /// A buyer looks at a page, or at none that is to be known.
    ///
    /// # Errors
    /// `bad_request` for what cannot be a page.
    pub async fn buyer_views(
        &self,
        shop: ShopId,
        conversation: ConversationId,
        page: Option<ViewedPage>,
    ) -> Result<(), AppError> {
        let page = page.map(checked).transpose()?;
        if self.viewings.put((shop, conversation), page, self.clock.now()) {
            self.tell_row(shop, conversation).await?;
        }
        Ok(())
    }

    /// What the buyer of a conversation looks at.
    pub(crate) fn viewing(&self, shop: ShopId, conversation: ConversationId) -> Option<Viewing> {
        self.viewings.get((shop, conversation), self.clock.now())
    }
}

fn checked(page: ViewedPage) -> Result<ViewedPage, AppError> {
    let title: String = page.title.trim().chars().filter(|c| !c.is_control()).collect();
    let long = |text: &Option<String>, max: usize| {
        text.as_ref().is_some_and(|t| t.chars().count() > max || t.chars().any(char::is_control))
    };
    let address = |text: &Option<String>| {
        text.as_ref().is_none_or(|t| {
            t.len() <= ADDRESS_BYTES_MAX
                && (t.starts_with("https://") || t.starts_with("http://"))
                && !t.chars().any(|c| c.is_whitespace() || c.is_control())
        })
    };
    if title.is_empty() && page.sku.is_none() {
        return Err(AppError::bad_field("title"));
    }
    if long(&page.sku, SKU_CHARS_MAX) {
        return Err(AppError::bad_field("sku"));
    }
    if page.price.is_some_and(|price| price < 0) {
        return Err(AppError::bad_field("price"));
    }
    let currency = page.currency.as_ref();
    if currency.is_some_and(|c| c.len() != 3 || !c.bytes().all(|b| b.is_ascii_uppercase())) {
        return Err(AppError::bad_field("currency"));
    }
    if !address(&page.image) {
        return Err(AppError::bad_field("image"));
    }
    if !address(&page.link) {
        return Err(AppError::bad_field("link"));
    }
    Ok(ViewedPage { title: title.chars().take(TITLE_CHARS_MAX).collect(), ..page })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(title: &str) -> ViewedPage {
        ViewedPage { title: title.to_owned(), ..ViewedPage::default() }
    }

    #[test]
    fn only_the_latest_page_is_known_and_only_for_a_while() {
        let (pages, key) = (Viewings::default(), (ShopId::new(1), ConversationId::new(1)));
        let start = Timestamp::from_micros(0);
        assert!(pages.put(key, Some(page("开衫")), start));
        assert!(!pages.put(key, Some(page("开衫")), start), "the same page again is no news");
        assert!(pages.put(key, Some(page("围巾")), start.plus(Span::minutes(10))));
        let seen = pages.get(key, start.plus(Span::minutes(39))).unwrap();
        assert_eq!((seen.page.title.as_str(), seen.at), ("围巾", 600_000_000));
        assert_eq!(pages.get(key, start.plus(Span::minutes(40))), None);
        assert!(pages.put(key, None, start));
        assert_eq!(pages.get(key, start), None);
    }

    #[test]
    fn a_page_is_checked() {
        assert!(checked(page(" ")).is_err());
        let linked = |link: &str| ViewedPage { link: Some(link.to_owned()), ..page("开衫") };
        assert!(checked(linked("https://shop.example/p/1")).is_ok());
        for bad in ["javascript:alert(1)", "/p/1", "https://shop.example/a b"] {
            assert!(checked(linked(bad)).is_err(), "{bad}");
        }
        assert!(checked(ViewedPage { price: Some(-1), ..page("开衫") }).is_err());
        assert_eq!(checked(page(&"长".repeat(300))).unwrap().title.chars().count(), 200);
    }
}
