//! The files the rules look at: what git tracks and what it would track.

use crate::shell::{Outcome, command, read, root};

/// One text file.
pub struct File {
    /// Below the root, with forward slashes.
    pub path: String,
    pub text: String,
}

impl File {
    pub fn is(&self, kinds: &[&str]) -> bool {
        self.path.rsplit('.').next().is_some_and(|kind| kinds.contains(&kind))
    }

    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(i, line)| (i + 1, line))
    }
}

/// All of them.
pub struct Tree {
    pub files: Vec<File>,
}

impl Tree {
    pub fn read() -> Outcome<Self> {
        let args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let listed = read(&mut command("git", &args))?;
        let mut paths: Vec<&str> = listed.split('\0').filter(|p| !p.is_empty()).collect();
        paths.sort_unstable();
        paths.dedup();
        let load = |path: &str| {
            let text = std::fs::read_to_string(root().join(path)).ok()?;
            Some(File { path: path.into(), text })
        };
        Ok(Self { files: paths.into_iter().filter_map(load).collect() })
    }

    pub fn find(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|f| f.path == path)
    }
}

#[cfg(test)]
impl Tree {
    pub fn of(files: &[(&str, &str)]) -> Self {
        let file =
            |(path, text): &(&str, &str)| File { path: (*path).into(), text: (*text).into() };
        Self { files: files.iter().map(file).collect() }
    }
}
