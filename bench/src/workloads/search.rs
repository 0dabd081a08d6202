//! Searches among a million lines: the bench that lives in the testkit, on SQLite and on PostgreSQL.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::postgres::Cluster;
use crate::{Outcome, variable};

pub fn run(words: &[String]) -> Outcome {
    let binary = Path::new(&variable("XIAOER_BIN")?).with_file_name("bench_search");
    let folder = std::env::temp_dir().join(format!("xiaoer-bench-search-{}", std::process::id()));
    println!("SQLite");
    let on_sqlite = search(&binary, &folder.to_string_lossy(), words);
    let _ = std::fs::remove_dir_all(&folder);
    on_sqlite?;
    println!("PostgreSQL");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| e.to_string())?;
    runtime.block_on(async {
        let cluster = Cluster::find()?;
        let url = cluster.create("bench_search").await?;
        let on_postgres = search(&binary, &url, words);
        cluster.drop("bench_search").await?;
        on_postgres
    })
}

fn search(binary: &PathBuf, place: &str, words: &[String]) -> Outcome {
    match Command::new(binary).arg(place).args(words).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("the search's bench ended with {status}")),
        Err(e) => Err(format!("{}: {e}", binary.display())),
    }
}
