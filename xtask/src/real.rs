//! The import of a real file against a second computation of the same, on both databases.

use std::path::Path;

use crate::install::{Need, packages};
use crate::postgres::{Durability, Postgres};
use crate::shell::{Outcome, cargo, run};

/// Names the file; it is nobody's to pass on, so it is not in the tree.
const FILE_VARIABLE: &str = "XIAOER_REAL_DATA";

/// Imports the file and compares every order and sum, to the cent.
pub fn test_real() -> Outcome {
    let file = std::env::var_os(FILE_VARIABLE).filter(|file| Path::new(file).is_file());
    let file = file.ok_or_else(|| format!("{FILE_VARIABLE} has to name the file of orders"))?;
    let file = std::path::absolute(file).map_err(|e| format!("{FILE_VARIABLE}: {e}"))?;
    packages(&[Need::Postgres])?;
    let database = Postgres::start(Durability::Relaxed)?;
    let args = ["run", "--quiet", "--package", "xiaoer-app", "--example", "real_orders"];
    let mut call = cargo(&args);
    call.env(FILE_VARIABLE, &file).env("XIAOER_TEST_POSTGRES", &database.url);
    run(&mut call)?;
    lines_beside(&file)
}

/// Real English lines, where they lie beside the orders: the guard stops hardly any.
fn lines_beside(orders: &Path) -> Outcome {
    let folder = orders.parent().and_then(Path::parent);
    let lines = folder.map(|folder| folder.join("bitext/bitext_20000.csv"));
    let Some(lines) = lines.filter(|lines| lines.is_file()) else {
        println!("no bitext/bitext_20000.csv beside the orders: the guard is not tried on it");
        return Ok(());
    };
    let args = ["run", "--quiet", "--package", "xiaoer-domain", "--example", "real_lines", "--"];
    run(cargo(&args).arg(lines))
}
