//! Products: saved as sets, found by stock code, by the beginning of a term, or newest first.

use xiaoer_domain::id::ShopId;
use xiaoer_domain::orders::{Currency, Product};
use xiaoer_domain::time::Timestamp;

use super::sets::with_set;
use crate::{Row, StoreError, Tx, Value, args, statements};

/// Products of one page.
pub const PRODUCTS_PAGE_MAX: i64 = 100;
/// Above every term that begins with what stands before it.
const LAST_CHAR: char = '\u{10FFFF}';

statements! {
    /// A product that comes again takes what is said of it now; its terms are made anew.
    pub(crate) SAVE_WHOLE_PRODUCTS => {
        sqlite: "INSERT INTO product (shop_id, sku, title, price, currency, image, link, stock, category,
                   terms_version, created_at)
                 SELECT $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
                   value ->> 6, value ->> 7, 0, $2
                 FROM json_each($3)
                 WHERE TRUE
                 ON CONFLICT (shop_id, sku) DO UPDATE SET title = excluded.title, price = excluded.price,
                   currency = excluded.currency, image = excluded.image, link = excluded.link,
                   stock = excluded.stock, category = excluded.category, terms_version = 0",
        postgres: "INSERT INTO product (shop_id, sku, title, price, currency, image, link, stock, category,
                     terms_version, created_at)
                   SELECT $1::bigint, v.sku, v.title, v.price, v.currency, v.image, v.link, v.stock, v.category,
                     0, $2::bigint
                   FROM unnest($3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[],
                       $9::bigint[], $10::text[])
                     AS v (sku, title, price, currency, image, link, stock, category)
                   ON CONFLICT (shop_id, sku) DO UPDATE SET title = excluded.title, price = excluded.price,
                     currency = excluded.currency, image = excluded.image, link = excluded.link,
                     stock = excluded.stock, category = excluded.category, terms_version = 0",
    };
    pub(crate) FIND_PRODUCT = "SELECT id, sku, title, price, currency, image, link, stock, category
        FROM product
        WHERE shop_id = $1 AND sku = $2";
    pub(crate) NEWEST_PRODUCTS = "SELECT id, sku, title, price, currency, image, link, stock, category
        FROM product
        WHERE shop_id = $1 AND id < $2
        ORDER BY id DESC
        LIMIT $3";
    /// The `+`: by row id, not through the whole shop.
    pub(crate) PRODUCTS_BY_TERM = "SELECT id, sku, title, price, currency, image, link, stock, category
        FROM product
        WHERE +shop_id = $1 AND id < $4
          AND id IN (SELECT t.product_id FROM product_term t
                     WHERE t.shop_id = $1 AND t.term >= $2 AND t.term < $3)
        ORDER BY id DESC
        LIMIT $5";
    pub(crate) TERMLESS_PRODUCTS = "SELECT id, sku, title
        FROM product
        WHERE shop_id = $1 AND terms_version = 0 AND id > 0
        ORDER BY id
        LIMIT $2";
    pub(crate) DELETE_TERMS => {
        sqlite: "DELETE FROM product_term
                 WHERE shop_id = $1 AND product_id IN (SELECT value FROM json_each($2))",
        postgres: "DELETE FROM product_term WHERE shop_id = $1 AND product_id = ANY($2)",
    };
    pub(crate) INSERT_TERMS => {
        sqlite: "INSERT INTO product_term (shop_id, product_id, term)
                 SELECT $1, value ->> 0, value ->> 1
                 FROM json_each($2)
                 WHERE TRUE
                 ON CONFLICT DO NOTHING",
        postgres: "INSERT INTO product_term (shop_id, product_id, term)
                   SELECT $1::bigint, v.product_id, v.term
                   FROM unnest($2::bigint[], $3::text[]) AS v (product_id, term)
                   ON CONFLICT DO NOTHING",
    };
    pub(crate) TERMS_MADE => {
        sqlite: "UPDATE product
                 SET terms_version = 1
                 WHERE +shop_id = $1 AND id IN (SELECT value FROM json_each($2))",
        postgres: "UPDATE product SET terms_version = 1 WHERE shop_id = $1 AND id = ANY($2)",
    };
}

/// A product and its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredProduct {
    /// Its row; later ones are greater.
    pub id: i64,
    /// What is known of it.
    pub product: Product,
}

/// A product whose terms are not made yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Termless {
    /// Its row.
    pub id: i64,
    /// Stock code.
    pub sku: String,
    /// Title.
    pub title: String,
}

/// Saves products by their stock codes; no code twice.
pub async fn save_products(
    tx: &mut Tx,
    shop: ShopId,
    at: Timestamp,
    products: &[Product],
) -> Result<(), StoreError> {
    if products.is_empty() {
        return Ok(());
    }
    let texts = |cell: fn(&Product) -> Option<String>| {
        Value::Texts(products.iter().map(cell).collect::<Vec<_>>())
    };
    let ints = |cell: fn(&Product) -> Option<i64>| Value::Ints(products.iter().map(cell).collect());
    let columns = vec![
        texts(|p| Some(p.sku.clone())),
        texts(|p| Some(p.title.clone())),
        ints(|p| p.price),
        texts(|p| p.currency.map(|currency| currency.code().to_owned())),
        texts(|p| p.image.clone()),
        texts(|p| p.link.clone()),
        ints(|p| p.stock),
        texts(|p| p.category.clone()),
    ];
    let set = with_set(tx.dialect(), args![shop, at], columns)?;
    tx.exec(SAVE_WHOLE_PRODUCTS, set).await.map(drop)
}

/// The product with this stock code.
pub async fn find_product(
    tx: &mut Tx,
    shop: ShopId,
    sku: &str,
) -> Result<Option<Product>, StoreError> {
    let row = tx.opt(FIND_PRODUCT, args![shop, sku]).await?;
    row.map(|row| Ok(read(&row)?.product)).transpose()
}

/// Products before row `before`, newest first: those with a term that begins so, or all.
pub async fn list_products(
    tx: &mut Tx,
    shop: ShopId,
    beginning: Option<&str>,
    before: i64,
    limit: i64,
) -> Result<Vec<StoredProduct>, StoreError> {
    let limit = limit.clamp(1, PRODUCTS_PAGE_MAX);
    let rows = match beginning {
        None => tx.all(NEWEST_PRODUCTS, args![shop, before, limit]).await?,
        Some(from) => {
            let to = format!("{from}{LAST_CHAR}");
            tx.all(PRODUCTS_BY_TERM, args![shop, from, to, before, limit]).await?
        }
    };
    rows.iter().map(read).collect()
}

/// Products whose terms are not made yet, oldest first.
pub async fn termless_products(
    tx: &mut Tx,
    shop: ShopId,
    limit: i64,
) -> Result<Vec<Termless>, StoreError> {
    let rows = tx.all(TERMLESS_PRODUCTS, args![shop, limit]).await?;
    let read = |row: &Row| {
        Ok(Termless { id: row.get("id")?, sku: row.get("sku")?, title: row.get("title")? })
    };
    rows.iter().map(read).collect()
}

/// Gives products their terms in place of those they had.
pub async fn set_product_terms(
    tx: &mut Tx,
    shop: ShopId,
    terms: &[(i64, Vec<String>)],
) -> Result<(), StoreError> {
    if terms.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = terms.iter().map(|(id, _)| *id).collect();
    tx.exec(DELETE_TERMS, args![shop, ids.clone()]).await?;
    let rows = || terms.iter().flat_map(|(id, terms)| terms.iter().map(move |term| (*id, term)));
    if rows().next().is_some() {
        let columns = vec![
            Value::Ints(rows().map(|(id, _)| Some(id)).collect()),
            Value::Texts(rows().map(|(_, term)| Some(term.clone())).collect()),
        ];
        let set = with_set(tx.dialect(), args![shop], columns)?;
        tx.exec(INSERT_TERMS, set).await?;
    }
    tx.exec(TERMS_MADE, args![shop, ids]).await.map(drop)
}

fn read(row: &Row) -> Result<StoredProduct, StoreError> {
    let currency: Option<String> = row.get("currency")?;
    let currency = currency.map(|code| Currency::parse(&code)).transpose();
    let product = Product {
        sku: row.get("sku")?,
        title: row.get("title")?,
        price: row.get("price")?,
        currency: currency.map_err(|e| row.inconsistent("currency", e))?,
        image: row.get("image")?,
        link: row.get("link")?,
        stock: row.get("stock")?,
        category: row.get("category")?,
    };
    Ok(StoredProduct { id: row.get("id")?, product })
}
