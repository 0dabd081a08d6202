//! What a verb needs on the machine: checks it, installs what Debian can give, says so.

use std::path::Path;
use std::process::Stdio;

use crate::shell::{Outcome, command, is_root, line, read, run, say};

/// The web tools are built for this Node and later.
const NODE_MAJOR_MIN: u32 = 20;

/// Something apt can bring.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The browser of the journeys.
    Chromium,
    /// Chinese glyphs, so that pictures show text and not boxes.
    ChineseFonts,
    /// The second database of the tests.
    Postgres,
}

impl Need {
    fn package(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::ChineseFonts => "fonts-noto-cjk",
            Self::Postgres => "postgresql",
        }
    }

    fn is_met(self) -> bool {
        match self {
            Self::Chromium => Path::new(CHROMIUM).exists(),
            Self::ChineseFonts => {
                Path::new("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").exists()
            }
            Self::Postgres => crate::postgres::binaries().is_some(),
        }
    }
}

/// Debian's browser.
pub const CHROMIUM: &str = "/usr/bin/chromium";

/// Installs the packages of the needs that are not met.
pub fn packages(needs: &[Need]) -> Outcome {
    let missing: Vec<&str> = needs.iter().filter(|n| !n.is_met()).map(|n| n.package()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    say(&format!("installing Debian packages: {}", missing.join(" ")));
    let by_hand = format!("install them by hand: apt-get install {}", missing.join(" "));
    if !Path::new("/usr/bin/apt-get").exists() {
        return Err(format!("this machine has no apt-get, nothing was installed; {by_hand}"));
    }
    apt(&["update", "-qq"]).map_err(|e| format!("{e}; {by_hand}"))?;
    let mut args = vec!["install", "-y", "-qq", "--no-install-recommends"];
    args.extend(&missing);
    apt(&args).map_err(|e| format!("{e}; {by_hand}"))
}

/// Node and npm, new enough. Debian 12's own Node is too old, so this one is only checked.
pub fn node() -> Outcome {
    let remedy = "nothing was built; install Node 20 or newer with npm and run this again";
    let printed = read(&mut command("node", &["--version"]))
        .map_err(|_| format!("`node` was not found; {remedy}"))?;
    let found = printed.trim();
    match node_major(found) {
        Some(major) if major >= NODE_MAJOR_MIN => {}
        _ => return Err(format!("node is {found}, older than {NODE_MAJOR_MIN}; {remedy}")),
    }
    read(&mut command("npm", &["--version"]))
        .map(drop)
        .map_err(|_| format!("`npm` was not found; {remedy}"))
}

fn node_major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

fn apt(args: &[&str]) -> Outcome {
    let mut call = if is_root() {
        command("apt-get", args)
    } else {
        let mut call = command("sudo", &["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        call.args(args);
        call
    };
    call.env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null());
    run(&mut call).map_err(|_| format!("`{}` did not succeed", line(&call)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_of_node_is_read() {
        assert_eq!(node_major("v20.20.2"), Some(20));
        assert_eq!(node_major("20"), None);
    }
}
