//! A release: one archive with the binary and the papers that belong to it, and its checksum; a Debian package beside it,
//! where the tools for that are.

use crate::shell::{Outcome, command, read, root, run, say, target};
use crate::{deb, install, product, web};

/// What lies beside the binary.
const PAPERS: [&str; 3] = ["README.md", "LICENSE", "CHANGELOG.md"];

pub fn dist() -> Outcome {
    install::node()?;
    web::build()?;
    product::build_release()?;
    let name = format!("xiaoer-{}-{}-linux", env!("CARGO_PKG_VERSION"), std::env::consts::ARCH);
    let folder = target().join("dist").join(&name);
    let copy = |from: std::path::PathBuf, to: &str| {
        std::fs::copy(&from, folder.join(to))
            .map(drop)
            .map_err(|e| format!("{} could not be copied: {e}", from.display()))
    };
    std::fs::create_dir_all(&folder)
        .map_err(|e| format!("{} could not be made: {e}", folder.display()))?;
    copy(target().join("release/xiaoer"), "xiaoer")?;
    for paper in PAPERS {
        copy(root().join(paper), paper)?;
    }
    let archive = format!("{name}.tar.gz");
    let place = target().join("dist");
    let tar = ["-czf", &archive, "--owner=0", "--group=0", &name];
    run(command("tar", &tar).current_dir(&place))?;
    let sum = read(command("sha256sum", &[&archive]).current_dir(&place))?;
    let sums = place.join(format!("{archive}.sha256"));
    std::fs::write(&sums, &sum).map_err(|e| format!("{}: {e}", sums.display()))?;
    say(&format!("{} ({})", place.join(&archive).display(), sum.trim()));
    package(&place)
}

fn package(place: &std::path::Path) -> Outcome {
    if !std::path::Path::new("/usr/bin/dpkg-deb").exists() {
        say("no dpkg-deb here: no Debian package");
        return Ok(());
    }
    let package = place.join(format!("xiaoer-{}.deb", env!("CARGO_PKG_VERSION")));
    deb::pack(&target().join("release/xiaoer"), &place.join("deb"), &package)?;
    say(&package.display().to_string());
    Ok(())
}
