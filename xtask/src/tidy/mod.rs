//! The house rules that no compiler knows. Each is a function from the tree to its problems,
//! and each is a test, so `cargo test` finds them too.

mod edges;
mod invariants;
mod lengths;
mod links;
mod paths;
mod texts;
mod tree;
mod words;

use std::fmt;

use crate::shell::Outcome;
use tree::Tree;

/// One thing to put right.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    pub path: String,
    pub line: usize,
    pub what: String,
}

impl Problem {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.into(), line, what: what.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

type Rule = fn(&Tree) -> Vec<Problem>;

/// Every rule, by the name it is tested under.
const RULES: [(&str, Rule); 8] = [
    ("files are short enough to be one idea", lengths::too_long),
    ("no word stands that only its writer understands", words::forbidden),
    ("features use only the features the map allows", edges::not_on_the_map),
    ("web features do not use each other", edges::between_web_features),
    ("every invariant is guarded by a test that exists", invariants::unguarded),
    ("generated files are marked as such", words::generated_unmarked),
    ("both languages have the same texts", texts::differing),
    ("links inside the documents lead somewhere", links::broken),
];

pub fn tidy() -> Outcome {
    let tree = Tree::read()?;
    let mut count = 0;
    for (name, rule) in RULES {
        let problems = rule(&tree);
        if !problems.is_empty() {
            eprintln!("not true: {name}");
        }
        for problem in &problems {
            eprintln!("  {problem}");
        }
        count += problems.len();
    }
    if count == 0 { Ok(()) } else { Err(format!("{count} things to put right")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_nothing_found(rule: Rule) {
        let problems = rule(&Tree::read().unwrap());
        let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
        assert!(lines.is_empty(), "\n{}", lines.join("\n"));
    }

    #[test]
    fn files_are_short_enough_to_be_one_idea() {
        assert_nothing_found(lengths::too_long);
    }

    #[test]
    fn no_word_stands_that_only_its_writer_understands() {
        assert_nothing_found(words::forbidden);
    }

    #[test]
    fn features_use_only_the_features_the_map_allows() {
        assert_nothing_found(edges::not_on_the_map);
    }

    #[test]
    fn web_features_do_not_use_each_other() {
        assert_nothing_found(edges::between_web_features);
    }

    #[test]
    fn every_invariant_is_guarded_by_a_test_that_exists() {
        assert_nothing_found(invariants::unguarded);
    }

    #[test]
    fn generated_files_are_marked_as_such() {
        assert_nothing_found(words::generated_unmarked);
    }

    #[test]
    fn both_languages_have_the_same_texts() {
        assert_nothing_found(texts::differing);
    }

    #[test]
    fn links_inside_the_documents_lead_somewhere() {
        assert_nothing_found(links::broken);
    }
}
