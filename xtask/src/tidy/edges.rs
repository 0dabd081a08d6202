//! Which feature may use which: the table on the map against the paths in the sources.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::{File, Tree};
use super::{Problem, paths};

/// The names every layer shares.
pub const FEATURES: [&str; 14] = [
    "chat",
    "routing",
    "phrases",
    "robot",
    "selling",
    "orders",
    "aftersales",
    "reviews",
    "customers",
    "figures",
    "team",
    "training",
    "quality",
    "platform",
];

const MAP: &str = "ARCHITECTURE.md";

type Edges = BTreeMap<String, BTreeSet<String>>;

/// Paths from one feature's module to another's, within one crate, that the map does not allow.
pub fn not_on_the_map(tree: &Tree) -> Vec<Problem> {
    let Some(map) = tree.find(MAP) else {
        return vec![Problem::new(MAP, 1, "is missing")];
    };
    let (allowed, mut problems) = table(map);
    let sources = tree.files.iter().filter(|f| f.is(&["rs"]) && f.path.starts_with("crates/"));
    for file in sources {
        let module = paths::module_of(&file.path);
        let Some(own) = feature_in(&module) else { continue };
        for (line, path) in paths::in_source(&file.text, &module) {
            let Some(other) = feature_in(&path).filter(|other| *other != own) else { continue };
            if !allowed.get(own).is_some_and(|uses| uses.contains(other)) {
                let what = format!("{own} uses {other}, which {MAP} does not allow");
                problems.push(Problem::new(&file.path, line, what));
            }
        }
    }
    problems.dedup();
    problems
}

/// In the web, a feature never imports another: what two need lies in a package.
pub fn between_web_features(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in tree.files.iter().filter(|f| f.is(&["ts", "vue"]) && f.path.starts_with("web/")) {
        let Some(own) = web_feature(&file.path) else { continue };
        for (number, line) in file.lines() {
            let Some(import) = imported(line) else { continue };
            if let Some(other) = web_feature_imported(&file.path, import).filter(|o| o != own) {
                let what = format!("{own} imports {other}: move what both need to a package");
                problems.push(Problem::new(&file.path, number, what));
            }
        }
    }
    problems
}

/// The rows `| feature | uses, uses |` of the map, and those that name no feature.
fn table(map: &File) -> (Edges, Vec<Problem>) {
    let (mut edges, mut problems) = (Edges::new(), Vec::new());
    for (number, line) in map.lines() {
        let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
        let [feature, uses, ..] = cells[..] else { continue };
        let feature = feature.trim_matches('`');
        if !line.starts_with('|') || !FEATURES.contains(&feature) {
            continue;
        }
        for name in uses.split([',', ' ']).map(|u| u.trim_matches('`')).filter(|u| is_word(u)) {
            if FEATURES.contains(&name) {
                edges.entry(feature.into()).or_default().insert(name.into());
            } else {
                problems.push(Problem::new(MAP, number, format!("`{name}` is no feature")));
            }
        }
    }
    (edges, problems)
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// The first part of a module path that is a feature's name.
fn feature_in(path: &[String]) -> Option<&'static str> {
    path.iter().find_map(|part| FEATURES.into_iter().find(|f| f == part))
}

fn web_feature(path: &str) -> Option<&str> {
    path.split_once("/features/")?.1.split_once('/').map(|(feature, _)| feature)
}

fn imported(line: &str) -> Option<&str> {
    let rest = line.split_once(" from ").or_else(|| line.split_once("import("))?.1;
    let rest = rest.trim_start().strip_prefix(['\'', '"'])?;
    rest.split(['\'', '"']).next()
}

/// The feature an import leads to, relative imports followed from the file's folder.
fn web_feature_imported(file: &str, import: &str) -> Option<String> {
    if !import.starts_with('.') {
        let (_, rest) = import.split_once("features/")?;
        return rest.split('/').next().map(str::to_owned);
    }
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in import.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    let at = parts.iter().position(|p| *p == "features")?;
    parts.get(at + 1).map(|name| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str =
        "| feature | uses |\n|---|---|\n| `chat` | `team`, `routing` |\n| team | — |\n";

    fn found(path: &str, text: &str) -> Vec<String> {
        let tree = Tree::of(&[(MAP, TABLE), (path, text)]);
        not_on_the_map(&tree).iter().map(|p| format!("{} {}", p.line, p.what)).collect()
    }

    #[test]
    fn an_edge_on_the_map_is_allowed() {
        let text = "use crate::{team::Account, routing};\nuse crate::chat::Entry;";
        assert!(found("crates/app/src/chat/send.rs", text).is_empty());
    }

    #[test]
    fn an_edge_that_is_not_on_the_map_is_found() {
        let text = "use crate::ids;\nfn f(o: crate::orders::Order) {}";
        let expected = "2 chat uses orders, which ARCHITECTURE.md does not allow";
        assert_eq!(found("crates/app/src/chat/send.rs", text), [expected]);
    }

    #[test]
    fn edges_are_found_below_a_common_folder() {
        let text = "use super::super::chat::send;";
        assert_eq!(found("crates/server/src/routes/team/sign_in.rs", text).len(), 1);
    }

    #[test]
    fn the_table_names_features_only() {
        let map = File { path: MAP.into(), text: "| chat | teams |".into() };
        assert_eq!(table(&map).1.len(), 1);
    }

    #[test]
    fn web_features_keep_apart() {
        let path = "web/apps/desk/src/features/chat/Thread.vue";
        let text = "import A from '../orders/A.vue'\nimport B from './B.vue'\n\
            import C from '@/features/team/c'\nimport D from '@xiaoer/ui'";
        let lines: Vec<usize> =
            between_web_features(&Tree::of(&[(path, text)])).iter().map(|p| p.line).collect();
        assert_eq!(lines, [1, 3]);
    }
}
