//! Words that must not stand in the tree, and the mark that generated files carry.

use super::{Problem, tree::Tree};
use crate::generate::{DESCRIPTION, TYPES};

/// Written in halves, or this file would find itself.
const IN_SOURCES: [(&str, &str); 5] = [
    (concat!("#[al", "low("), "use #[expect(lint, reason = \"…\")]"),
    (concat!("#![al", "low("), "use #![expect(lint, reason = \"…\")]"),
    (concat!("to", "do!("), "finish it or leave it out"),
    (concat!("unimpl", "emented!("), "finish it or leave it out"),
    (concat!("FIX", "ME"), "fix it or file it"),
];

/// Places on one machine that mean nothing on another.
const PLACES: [&str; 2] = [concat!("/wo", "rk/"), concat!("../sha", "red")];

pub fn forbidden(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in &tree.files {
        let is_source = file.is(&["rs", "ts", "vue", "js", "mjs"]);
        for (number, line) in file.lines() {
            let words = IN_SOURCES.iter().filter(|_| is_source);
            for (word, remedy) in words.filter(|(word, _)| line.contains(word)) {
                problems.push(Problem::new(&file.path, number, format!("`{word}`: {remedy}")));
            }
            if names_a_place(line) {
                problems.push(Problem::new(&file.path, number, "names a place on one machine"));
            }
        }
    }
    problems
}

/// Generated files are marked in .gitattributes, where review tools look, and all are known.
pub fn generated_unmarked(tree: &Tree) -> Vec<Problem> {
    let named = tree.files.iter().filter(|f| {
        let name = f.path.rsplit('/').next().unwrap_or_default();
        [DESCRIPTION, TYPES].contains(&&*f.path) || name.contains(".generated.")
    });
    let unmarked = named.filter(|f| !is_generated(tree, &f.path));
    let what = "generated, but .gitattributes does not say `linguist-generated`";
    unmarked.map(|f| Problem::new(&f.path, 1, what)).collect()
}

/// True when .gitattributes marks exactly this path as generated.
pub fn is_generated(tree: &Tree, path: &str) -> bool {
    let Some(attributes) = tree.find(".gitattributes") else { return false };
    attributes.lines().any(|(_, line)| {
        let mut words = line.split_whitespace();
        words.next() == Some(path) && words.any(|w| w == "linguist-generated")
    })
}

/// A place counts at the start of a path, not in the middle of an address.
fn names_a_place(line: &str) -> bool {
    PLACES.iter().any(|place| {
        line.match_indices(place).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            !before.is_some_and(|c| c.is_alphanumeric() || "./-_}".contains(c))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_only_where_a_path_begins() {
        let place = PLACES[0];
        assert!(names_a_place(&format!("see {place}notes")));
        assert!(names_a_place(&format!("\"{place}\"")));
        assert!(!names_a_place(&format!("https://example.com{place}items")));
    }

    #[test]
    fn forbidden_words_count_in_sources_only() {
        let line = format!("// {}: later", IN_SOURCES[4].0);
        let tree = Tree::of(&[("a.rs", &line), ("a.md", &line)]);
        assert_eq!(forbidden(&tree).len(), 1);
    }

    #[test]
    fn a_generated_file_needs_its_mark() {
        let mark = format!("{TYPES} linguist-generated\n");
        let marked = Tree::of(&[(TYPES, "export {}"), (".gitattributes", &mark)]);
        assert_eq!(generated_unmarked(&marked), []);
        assert_eq!(generated_unmarked(&Tree::of(&[(TYPES, "export {}")])).len(), 1);
    }
}
