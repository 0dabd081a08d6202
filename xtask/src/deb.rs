//! The Debian package: the binary, a hardened service, a configuration that an upgrade leaves alone.

use std::path::Path;

use crate::shell::{Outcome, command, root, run};

/// What goes where, and with which mode.
const FILES: [(&str, &str, &str); 5] = [
    ("xiaoer.service", "lib/systemd/system/xiaoer.service", "0644"),
    ("xiaoer.toml", "etc/xiaoer/xiaoer.toml", "0640"),
    ("postinst", "DEBIAN/postinst", "0755"),
    ("prerm", "DEBIAN/prerm", "0755"),
    ("conffiles", "DEBIAN/conffiles", "0644"),
];

/// Packs `binary` into `target`.
pub fn pack(binary: &Path, folder: &Path, target: &Path) -> Outcome {
    let _ = std::fs::remove_dir_all(folder);
    let put = |from: &Path, to: &str, mode: &str| {
        let (from, to) = (from.display().to_string(), folder.join(to).display().to_string());
        run(&mut command("install", &["-D", "-m", mode, &from, &to]))
    };
    put(binary, "usr/bin/xiaoer", "0755")?;
    for (name, to, mode) in FILES {
        put(&root().join("packaging/debian").join(name), to, mode)?;
    }
    let papers = folder.join("usr/share/doc/xiaoer");
    std::fs::create_dir_all(&papers).map_err(|e| format!("{}: {e}", papers.display()))?;
    for paper in ["LICENSE", "CHANGELOG.md", "docs/GO-LIVE.md"] {
        put(
            &root().join(paper),
            &format!("usr/share/doc/xiaoer/{}", paper.trim_start_matches("docs/")),
            "0644",
        )?;
    }
    let control = format!(
        "Package: xiaoer\nVersion: {}\nSection: web\nPriority: optional\nArchitecture: {}\n\
         Depends: libc6, libgcc-s1, passwd\nMaintainer: xiaoer <xiaoer@localhost>\n\
         Description: customer-service workbench of an online shop\n \
         Conversations, orders and agents in one place, on one's own machine.\n",
        env!("CARGO_PKG_VERSION"),
        architecture()
    );
    let place = folder.join("DEBIAN/control");
    std::fs::write(&place, control).map_err(|e| format!("{}: {e}", place.display()))?;
    let (folder, target) = (folder.display().to_string(), target.display().to_string());
    run(&mut command("dpkg-deb", &["--root-owner-group", "--build", &folder, &target]))
}

/// Debian's word for the machine.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}
