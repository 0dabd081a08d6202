//! Links between the documents.

use std::path::{Component, Path, PathBuf};

use super::{Problem, tree::Tree};
use crate::shell::root;

pub fn broken(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in tree.files.iter().filter(|f| f.is(&["md"])) {
        for (number, line) in file.lines() {
            for link in links(line).filter(|l| !leads_somewhere(&file.path, l)) {
                let what = format!("the link `{link}` leads nowhere");
                problems.push(Problem::new(&file.path, number, what));
            }
        }
    }
    problems
}

fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link)
}

fn leads_somewhere(from: &str, link: &str) -> bool {
    let path = link.split('#').next().unwrap_or_default();
    let elsewhere = link.contains("://") || link.starts_with("mailto:") || path.is_empty();
    let folder = Path::new(from).parent().unwrap_or(Path::new(""));
    elsewhere || root().join(resolved(&folder.join(path))).exists()
}

/// Takes `..` out without asking the file system, so a link cannot leave the tree.
fn resolved(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                parts.pop();
            }
            Component::Normal(name) => parts.push(name),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_nothing_is_found() {
        let text = "[a](xtask/Cargo.toml) [b](no/such.md) [c](https://example.com) [d](#here)";
        let problems = broken(&Tree::of(&[("README.md", text)]));
        assert_eq!(problems.len(), 1);
        assert!(problems[0].what.contains("no/such.md"));
    }
}
