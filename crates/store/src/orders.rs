//! Orders, their buyers and products, refunds, and the runs that import them.
//!
//! Writing is a declared dialect island: sets of rows travel as JSON on SQLite and as arrays on PostgreSQL.

pub(crate) mod links;
pub(crate) mod products;
pub(crate) mod read;
pub(crate) mod refunds;
pub(crate) mod runs;
mod sets;
pub(crate) mod write;

pub use links::{
    OrderGiven, Pair, StoredBought, StoredRefund, apply_links, given, refunded_pairs, set_given,
    stored_bought, stored_refunds,
};
pub use products::{
    PRODUCTS_PAGE_MAX, StoredProduct, Termless, find_product, list_products, save_products,
    set_product_terms, termless_products,
};
pub use read::{
    ITEMS_PAGE_MAX, ORDERS_PAGE_MAX, OrderPlace, RefundSum, StateSum, changed_orders, list_orders,
    orders_by_number, sum_orders, sum_refunds,
};
pub use refunds::{NewRefund, StoredDocument, delete_refunds, find_refunds, insert_refunds};
pub use runs::{
    ListedRun, REFUSALS_PAGE_MAX, Run, RunFile, advance_run, find_run, finish_run, insert_refusals,
    insert_run, list_refusals, list_runs, restart_run, run_heading,
};
pub use write::{
    BuyersFound, NewOrder, StoredOrder, clear_orders, ensure_buyers, ensure_products, find_orders,
    insert_items, insert_orders, mark_changed, update_orders,
};
