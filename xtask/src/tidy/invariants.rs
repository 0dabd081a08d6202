//! Each invariant on the map names the tests that guard it, and those tests exist.

use super::{Problem, tree::Tree};

const MAP: &str = "ARCHITECTURE.md";

pub fn unguarded(tree: &Tree) -> Vec<Problem> {
    let Some(map) = tree.find(MAP) else {
        return vec![Problem::new(MAP, 1, "is missing")];
    };
    let mut problems = Vec::new();
    let mut rows = 0;
    for (line, number, guards) in map.lines().filter_map(|(line, text)| row(line, text)) {
        rows += 1;
        if guards.is_empty() {
            let what = format!("invariant {number} names no test that guards it");
            problems.push(Problem::new(MAP, line, what));
        }
        for name in guards.into_iter().filter(|name| !is_test(tree, name)) {
            let what = format!("invariant {number} is guarded by `{name}`, which is no test");
            problems.push(Problem::new(MAP, line, what));
        }
    }
    if rows == 0 {
        problems.push(Problem::new(MAP, 1, "no table row `| 1 | invariant | guard |` was found"));
    }
    problems
}

/// `| 3 | what holds | `a_test`, `another` |`: the line, the number and the names in the last cell.
fn row(line: usize, text: &str) -> Option<(usize, u32, Vec<&str>)> {
    let cells: Vec<&str> = text.trim().strip_prefix('|')?.strip_suffix('|')?.split('|').collect();
    let number = cells.first()?.trim().parse().ok()?;
    let guards = cells.last()?.split('`').skip(1).step_by(2).collect();
    Some((line, number, guards))
}

/// In Rust a function with that name, in TypeScript a test with that text.
fn is_test(tree: &Tree, name: &str) -> bool {
    let name = name.rsplit("::").next().unwrap_or(name);
    let function = format!("fn {name}(");
    let texts = ['\'', '"', '`'].map(|quote| format!("{quote}{name}{quote}"));
    tree.files.iter().any(|file| {
        let in_rust = file.is(&["rs"]) && file.text.contains(&function);
        let is_web_test = file.is(&["ts", "mjs"]) && file.path.starts_with("web/");
        in_rust || is_web_test && texts.iter().any(|text| file.text.contains(text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guard_must_exist_in_rust_or_in_the_web() {
        let map = "| n | what | guard |\n|---|---|---|\n\
            | 1 | one | `a_fact` and `reads back` |\n| 2 | two | `not_there` |\n| 3 | three | — |\n";
        let tree = Tree::of(&[
            (MAP, map),
            ("crates/a/src/lib.rs", "#[test]\nfn a_fact() {}"),
            ("web/e2e/a.test.ts", "test('reads back', () => {})"),
        ]);
        let lines: Vec<usize> = unguarded(&tree).iter().map(|p| p.line).collect();
        assert_eq!(lines, [4, 5]);
    }

    #[test]
    fn a_map_without_the_table_is_a_problem() {
        assert_eq!(unguarded(&Tree::of(&[(MAP, "# Map")])).len(), 1);
    }
}
