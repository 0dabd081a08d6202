//! The binary `xiaoer`.

fn main() -> std::process::ExitCode {
    xiaoer_server::cli::main()
}
