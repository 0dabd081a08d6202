//! The interface says the same things in every language: equal keys in every message file.

use std::collections::BTreeSet;

use super::{Problem, tree::Tree};

const FOLDER: &str = "web/";
/// The language the texts are first written in, and those that must follow it.
const FIRST: &str = "zh-CN";
const OTHERS: [&str; 1] = ["en"];

pub fn differing(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    let first = tree.files.iter().filter(|f| f.path.starts_with(FOLDER) && names(&f.path, FIRST));
    for file in first {
        for other in OTHERS {
            let path = in_language(&file.path, other);
            let Some(twin) = tree.find(&path) else {
                problems.push(Problem::new(&file.path, 1, format!("{path} is missing")));
                continue;
            };
            let (ours, theirs) = (keys(&file.text), keys(&twin.text));
            let missing = |key: &String| Problem::new(&path, 1, format!("has no `{key}`"));
            problems.extend(ours.difference(&theirs).map(missing));
            let surplus = |key: &String| Problem::new(&file.path, 1, format!("has no `{key}`"));
            problems.extend(theirs.difference(&ours).map(surplus));
        }
    }
    problems
}

/// True for `…/zh-CN.ts`, `…/zh-CN.json` and `…/zh-CN/chat.ts`.
fn names(path: &str, language: &str) -> bool {
    path.split('/').any(|part| part.split('.').next() == Some(language))
}

fn in_language(path: &str, language: &str) -> String {
    let part = |part: &str| match part.strip_prefix(FIRST) {
        Some(rest) if rest.is_empty() || rest.starts_with('.') => format!("{language}{rest}"),
        _ => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Dotted keys of the object literals in a JSON or TypeScript file.
fn keys(text: &str) -> BTreeSet<String> {
    Scanner { rest: text, ..Scanner::default() }.run()
}

#[derive(Default)]
struct Scanner<'a> {
    rest: &'a str,
    /// Keys of the objects we are inside; brackets and parentheses stand as None.
    path: Vec<Option<String>>,
    /// The word or text read last, a key if a colon follows.
    last: Option<String>,
    /// True right after `{` or `,` of an object: only there is a word a key.
    expects_key: bool,
    found: BTreeSet<String>,
}

impl Scanner<'_> {
    fn run(mut self) -> BTreeSet<String> {
        while let Some(c) = self.rest.chars().next() {
            match c {
                '/' if self.rest.starts_with("//") => self.skip_past("\n"),
                '/' if self.rest.starts_with("/*") => self.skip_past("*/"),
                '\'' | '"' | '`' => self.text(c),
                c if c.is_alphanumeric() || c == '_' || c == '$' => self.word(),
                c => {
                    self.rest = &self.rest[c.len_utf8()..];
                    self.sign(c);
                }
            }
        }
        self.found
    }

    fn sign(&mut self, c: char) {
        match c {
            '{' => {
                let key = self.last.take().unwrap_or_default();
                self.path.push(Some(key));
                self.expects_key = true;
            }
            '[' | '(' => {
                self.path.push(None);
                self.expects_key = false;
            }
            '}' | ']' | ')' => {
                self.path.pop();
                self.expects_key = false;
                self.last = None;
            }
            ',' => {
                self.expects_key = matches!(self.path.last(), Some(Some(_)));
                self.last = None;
            }
            ':' if self.expects_key => self.key(),
            _ => {}
        }
    }

    fn key(&mut self) {
        self.expects_key = false;
        let Some(name) = self.last.clone() else { return };
        if self.path.iter().any(Option::is_none) {
            return;
        }
        let above = self.path.iter().flatten().skip(1).map(String::as_str);
        let dotted: Vec<&str> = above.chain([&*name]).collect();
        self.found.insert(dotted.join("."));
    }

    fn word(&mut self) {
        let end = self.rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.remember(word);
        self.rest = rest;
    }

    fn text(&mut self, quote: char) {
        let mut escaped = false;
        let inner = &self.rest[1..];
        let end = inner.find(|c: char| {
            let ends = c == quote && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let end = end.unwrap_or(inner.len());
        self.remember(&inner[..end]);
        self.rest = inner.get(end + 1..).unwrap_or_default();
    }

    fn remember(&mut self, word: &str) {
        if self.expects_key {
            self.last = Some(word.into());
        }
    }

    fn skip_past(&mut self, end: &str) {
        let at = self.rest.find(end).map_or(self.rest.len(), |at| at + end.len());
        self.rest = &self.rest[at..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys_of(text: &str) -> Vec<String> {
        keys(text).into_iter().collect()
    }

    #[test]
    fn keys_are_read_from_json() {
        let text = r#"{ "a": { "b": "x: {y}, z", "c": "it \"is\": so" }, "d": "e" }"#;
        assert_eq!(keys_of(text), ["a", "a.b", "a.c", "d"]);
    }

    #[test]
    fn keys_are_read_from_typescript() {
        let text = "// one: two\nexport const zh: Messages = {\n  chat: {\n    send: '发送，{n}',\n\
            \x20   'a-b': `x`, /* no: key */\n    many: (n: number) => (n > 1 ? 'a' : 'b'),\n  },\n} as const";
        assert_eq!(keys_of(text), ["chat", "chat.a-b", "chat.many", "chat.send"]);
    }

    #[test]
    fn a_key_in_one_language_only_is_a_problem() {
        let zh = ("web/packages/i18n/src/zh-CN.ts", "export default { a: '甲', b: '乙' }");
        let en = ("web/packages/i18n/src/en.ts", "export default { a: 'A', c: 'C' }");
        let tree = Tree::of(&[zh, en]);
        let found: Vec<String> = differing(&tree).iter().map(Problem::to_string).collect();
        let expected = [format!("{}:1: has no `b`", en.0), format!("{}:1: has no `c`", zh.0)];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_missing_language_is_a_problem() {
        let tree = Tree::of(&[("web/packages/i18n/zh-CN/chat.json", "{}")]);
        assert!(differing(&tree)[0].what.starts_with("web/packages/i18n/en/chat.json"));
    }
}
