//! Products: kept from wherever they come, looked up by what an agent types, and shown to buyers as a card.

use std::collections::BTreeSet;
use std::sync::Arc;

use xiaoer_domain::id::ShopId;
use xiaoer_domain::orders::{Product, product_is_meant, product_terms, product_words};
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::orders as wire;
use xiaoer_store::StoreError;
use xiaoer_store::orders::{self as store, StoredProduct};

use crate::{App, AppError};

/// Products of one page.
pub const PRODUCTS_MAX: usize = 20;
/// Products looked at for one page: several words that seldom stand together end a page early.
const LOOKED_AT_MAX: usize = 500;
/// Products that get their terms in one transaction.
const TERMS_CHUNK: i64 = 200;
/// Longest stock code.
const SKU_CHARS_MAX: usize = 100;
/// Longest title, picture or page address, shelf.
const FIELD_CHARS_MAX: usize = 2_000;

impl App {
    /// Saves products by their stock codes; one that is known takes what is said of it now.
    ///
    /// # Errors
    /// `bad_request` with the field that is wrong, and nothing is saved; the database.
    pub async fn save_products(
        &self,
        shop: ShopId,
        products: Vec<Product>,
    ) -> Result<(), AppError> {
        let mut skus = BTreeSet::new();
        for product in &products {
            check(product)?;
            if !skus.insert(&product.sku) {
                return Err(AppError::bad_field("sku"));
            }
        }
        let (products, now): (Arc<[Product]>, _) = (products.into(), self.clock.now());
        let saved = self.db.write(move |tx| {
            let products = Arc::clone(&products);
            Box::pin(async move { store::save_products(tx, shop, now, &products).await })
        });
        let saved: Result<(), StoreError> = saved.await;
        Ok(saved?)
    }

    /// The product with this stock code.
    ///
    /// # Errors
    /// `not_found`; the database.
    pub async fn product(&self, shop: ShopId, sku: &str) -> Result<Product, AppError> {
        let sku = sku.trim().to_owned();
        if sku.is_empty() || !is_clean(&sku, SKU_CHARS_MAX) {
            return Err(AppError::refused(ErrorCode::NotFound));
        }
        let read = self
            .db
            .read(move |tx| Box::pin(async move { store::find_product(tx, shop, &sku).await }));
        let found: Result<Option<Product>, StoreError> = read.await;
        found?.ok_or_else(|| AppError::refused(ErrorCode::NotFound))
    }

    /// A page of products for what was typed, newest first; all of them for nothing.
    ///
    /// # Errors
    /// A cursor that is none of ours; the database.
    pub async fn list_products(
        &self,
        shop: ShopId,
        typed: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<wire::Products, AppError> {
        let before = match cursor {
            None => i64::MAX,
            Some(text) => text.parse().map_err(|_| AppError::bad_field("cursor"))?,
        };
        if typed.chars().any(char::is_control) {
            return Ok(wire::Products { products: Vec::new(), next: None });
        }
        let (limit, words) = (limit.clamp(1, PRODUCTS_MAX), product_words(typed));
        self.make_product_terms(shop).await?;
        let read = self.db.read(move |tx| {
            let words = words.clone();
            Box::pin(async move {
                let (mut before, mut found, mut looked_at) = (before, Vec::new(), 0);
                let page = store::PRODUCTS_PAGE_MAX;
                loop {
                    let beginning = words.first().map(String::as_str);
                    let rows = store::list_products(tx, shop, beginning, before, page).await?;
                    looked_at += rows.len();
                    let is_last = rows.len() < usize::try_from(page).unwrap_or(usize::MAX);
                    let read_to = rows.last().map(|row| row.id);
                    for row in rows {
                        if found.len() == limit {
                            return Ok((found, true));
                        }
                        let terms = product_terms(&row.product.sku, &row.product.title);
                        if product_is_meant(&terms, &words) {
                            found.push(row);
                        }
                    }
                    match read_to {
                        Some(id) if !is_last && looked_at < LOOKED_AT_MAX => before = id,
                        _ => return Ok((found, false)),
                    }
                }
            })
        });
        let read: Result<(Vec<StoredProduct>, bool), StoreError> = read.await;
        let (found, has_more) = read?;
        let next = found.last().filter(|_| has_more).map(|row| row.id.to_string());
        let products = found.iter().map(|row| wire::Product::from(&row.product)).collect();
        Ok(wire::Products { products, next })
    }

    /// Makes the terms of products that came in without: by import, or before there were terms.
    async fn make_product_terms(&self, shop: ShopId) -> Result<(), AppError> {
        loop {
            let read = self.db.read(move |tx| {
                Box::pin(async move { store::termless_products(tx, shop, TERMS_CHUNK).await })
            });
            let termless: Result<Vec<store::Termless>, StoreError> = read.await;
            let terms: Arc<[(i64, Vec<String>)]> =
                termless?.iter().map(|p| (p.id, product_terms(&p.sku, &p.title))).collect();
            if terms.is_empty() {
                return Ok(());
            }
            let write = self.db.write(move |tx| {
                let terms = Arc::clone(&terms);
                Box::pin(async move { store::set_product_terms(tx, shop, &terms).await })
            });
            let written: Result<(), StoreError> = write.await;
            written?;
        }
    }
}

fn check(product: &Product) -> Result<(), AppError> {
    let short =
        |text: &Option<String>| text.as_deref().is_none_or(|text| is_clean(text, FIELD_CHARS_MAX));
    let address = |text: &Option<String>| {
        let fine =
            |t: &str| t.starts_with('/') || t.starts_with("https://") || t.starts_with("http://");
        short(text) && text.as_deref().is_none_or(fine)
    };
    let checks = [
        ("sku", !product.sku.trim().is_empty() && is_clean(&product.sku, SKU_CHARS_MAX)),
        ("title", is_clean(&product.title, FIELD_CHARS_MAX)),
        (
            "price",
            product.price.is_none_or(|p| p >= 0)
                && product.price.is_some() == product.currency.is_some(),
        ),
        ("image", address(&product.image)),
        ("link", address(&product.link)),
        ("stock", product.stock.is_none_or(|s| s >= 0)),
        ("category", short(&product.category)),
    ];
    match checks.into_iter().find(|(_, fine)| !fine) {
        Some((field, _)) => Err(AppError::bad_field(field)),
        None => Ok(()),
    }
}

fn is_clean(text: &str, chars_max: usize) -> bool {
    !text.chars().any(char::is_control) && text.chars().count() <= chars_max
}
