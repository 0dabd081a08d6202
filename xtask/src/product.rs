//! Building and starting the product itself.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use crate::shell::{
    Outcome, cannot_start, cargo, forget_outer_cargo, root, run as run_to_end, target,
};
use crate::{install, web};

/// Builds what changed, then becomes `xiaoer serve --demo`, which prints its addresses and accounts.
pub fn run(args: &[&str]) -> Outcome {
    install::node()?;
    web::build()?;
    build()?;
    let mut serve = Command::new(binary());
    serve.args(["serve", "--demo"]).args(args).current_dir(root());
    forget_outer_cargo(&mut serve);
    let error = serve.exec();
    Err(cannot_start(&serve, &error))
}

/// The binary with exactly the features the tests use: neither compiles anew after the other,
/// and what is shipped is what was tested. `--examples` is what makes cargo count the test
/// dependencies' features in.
pub const BUILD: [&str; 5] = ["build", "--workspace", "--bin", "xiaoer", "--examples"];

/// Compiles the binary in the profile that `make run`, tests and journeys share.
pub fn build() -> Outcome {
    run_to_end(&mut cargo(&BUILD))
}

/// Compiles the binary as it is shipped.
pub fn build_release() -> Outcome {
    run_to_end(cargo(&BUILD).arg("--release"))
}

/// The binary of the profile that `make run`, tests and journeys share.
pub fn binary() -> PathBuf {
    target().join("debug/xiaoer")
}
