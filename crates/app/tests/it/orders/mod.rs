//! Importing orders from files and listing them.

mod exports;
mod import;
mod interrupted;
mod listing;
mod shop;
