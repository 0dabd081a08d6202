//! Lists the migration files, so that adding one is adding one file and nothing else.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    let mut text = String::new();
    for (name, folder) in [("MAIN", "main"), ("DERIVED", "derived")] {
        let dir = root.join("migrations").join(folder);
        println!("cargo:rerun-if-changed={}", dir.display());
        writeln!(text, "pub(crate) const {name}: &[Migration] = &[").expect("writes to memory");
        for file in sql_files(&dir) {
            let stem = file.file_stem().and_then(|s| s.to_str()).expect("names are plain text");
            let (number, title) = stem.split_once('_').expect("files are named NNNN_name.sql");
            let version: i64 = number.parse().expect("files are named NNNN_name.sql");
            println!("cargo:rerun-if-changed={}", file.display());
            writeln!(
                text,
                "    Migration {{ version: {version}, name: {title:?}, text: include_str!({file:?}) }},"
            )
            .expect("writes to memory");
        }
        text.push_str("];\n");
    }
    std::fs::write(out.join("migrations.rs"), text).expect("the build folder can be written");
}

fn sql_files(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "sql"))
        .collect();
    files.sort();
    files
}
