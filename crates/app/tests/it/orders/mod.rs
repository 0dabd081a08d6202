//! Importing orders from files and listing them.

mod import;
mod interrupted;
mod listing;
mod shop;
