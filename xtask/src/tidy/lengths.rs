//! A file is one idea.

use super::words::is_generated;
use super::{Problem, tree::Tree};

/// Beyond this nobody holds the file in mind. The aim is 300.
const LINES_MAX: usize = 600;

pub fn too_long(tree: &Tree) -> Vec<Problem> {
    let sources = tree.files.iter().filter(|f| f.is(&["rs", "ts", "vue", "css"]));
    let ours = sources.filter(|f| !is_generated(tree, &f.path));
    let long = ours.filter_map(|f| {
        let lines = f.text.lines().count();
        let what = format!("{lines} lines, the limit is {LINES_MAX}: split it by noun");
        (lines > LINES_MAX).then(|| Problem::new(&f.path, lines, what))
    });
    long.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_hundred_lines_pass_and_one_more_does_not() {
        let (fits, long) = ("a\n".repeat(600), "a\n".repeat(601));
        let tree = Tree::of(&[("a.rs", &fits), ("b.rs", &long), ("c.md", &long)]);
        let paths: Vec<String> = too_long(&tree).into_iter().map(|p| p.path).collect();
        assert_eq!(paths, ["b.rs"]);
    }
}
