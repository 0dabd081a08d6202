//! The command line. Verbs that touch the data go through a running server's local socket when there is one.

mod backup;
mod demo;
mod init;
mod leaver;
pub mod say;
pub mod verbs;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use xiaoer_app::{Chance, Clock};
use xiaoer_store::{DataLock, LockError};

use crate::config::{Config, DEFAULT_FILE};
use crate::{local, routes, serve};
use say::{Say, Screen};
use verbs::{Input, Verb};

/// xiaoer 店小二: the customer-service workbench of an online shop.
#[derive(Parser)]
#[command(
    name = "xiaoer",
    version,
    about,
    after_help = "First steps: `xiaoer serve --demo`, then open the addresses it prints."
)]
pub struct Cli {
    /// Configuration file; see `xiaoer config default`.
    #[arg(long, global = true, value_name = "FILE", env = "XIAOER_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve(ServeArgs),
    #[command(flatten)]
    Verb(Verb),
    /// Make a data folder (and the configured PostgreSQL) from a backup; the server must not run.
    Restore(backup::Restore),
    /// Bring the database up to date without starting the server.
    Migrate,
    /// Show or check the configuration.
    #[command(subcommand)]
    Config(ConfigVerb),
    /// Print the formal description of the HTTP API.
    #[command(hide = true)]
    Openapi,
}

#[derive(Args)]
struct ServeArgs {
    /// Make a demonstration shop, if there is no shop: two years of orders and talks, and people waiting.
    #[arg(long)]
    demo: bool,
    /// How much of it: small has a few orders and no talks.
    #[arg(long, value_enum, default_value_t = verbs::ScaleWord::Full, requires = "demo")]
    demo_scale: verbs::ScaleWord,
}

#[derive(Subcommand)]
enum ConfigVerb {
    /// Print the commented file of defaults.
    Default,
    /// Read the configuration and say what holds.
    Check,
}

/// Runs the command line.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(run(cli)),
        Err(error) => Err(format!("The process cannot start its threads: {error}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<(), String> {
    if let Command::Config(ConfigVerb::Default) = &cli.command {
        print!("{DEFAULT_FILE}");
        return Ok(());
    }
    if let Command::Openapi = &cli.command {
        print!("{}", routes::openapi::json());
        return Ok(());
    }
    let variables: BTreeMap<String, String> =
        std::env::vars().filter(|(name, _)| name.starts_with("XIAOER_")).collect();
    let mut config = Config::load(cli.config.as_deref(), &variables).map_err(|e| e.to_string())?;
    match cli.command {
        Command::Serve(args) => {
            config.demo |= args.demo;
            start_log(&config);
            serve_until_told(config, args.demo_scale.into()).await
        }
        Command::Config(_) => {
            println!("{config:#?}");
            Ok(())
        }
        Command::Migrate => {
            let _lock = DataLock::acquire(&config.data.dir).map_err(|e| held(&e))?;
            serve::open(&config, Clock::system(), Chance::system()).await?.db.close().await;
            println!("The database is up to date.");
            Ok(())
        }
        Command::Restore(restore) => backup::restore(config, &restore).await,
        Command::Verb(verb) => match verb.backup_to_check() {
            Some(file) => backup::check(file).await,
            None => run_verb(&config, verb.at_home()?).await,
        },
        Command::Openapi => Ok(()),
    }
}

fn held(error: &LockError) -> String {
    match error {
        LockError::Held { .. } => {
            "A server works on this data; stop it first. It migrates by itself when it starts."
                .to_owned()
        }
        other => other.to_string(),
    }
}

async fn serve_until_told(config: Config, scale: xiaoer_demo::Scale) -> Result<(), String> {
    // Before anything else: whoever asks us to stop while we start is heard too.
    let stop = told_to_stop()?;
    let demo = config.demo;
    let public = config.server.public_url.clone();
    let running = serve::start(config, Clock::system(), Chance::system()).await?;
    let base = public.unwrap_or_else(|| format!("http://{}", running.address));
    let base = base.trim_end_matches('/').to_owned();
    let accounts = if demo { demo::prepare(&running.app, scale).await? } else { Vec::new() };
    println!("xiaoer 店小二 {} listens.\n", env!("CARGO_PKG_VERSION"));
    println!("  desk        {base}/desk/");
    if demo {
        println!("  shop page   {base}/shop");
        println!("  phone page  {base}/chat/{}", xiaoer_demo::SHOP);
    }
    for account in &accounts {
        println!("  account     {account}");
    }
    if let Some(key) = &running.setup_key {
        println!(
            "\nThere is no shop yet. Make it here; whoever has this address becomes its owner:"
        );
        println!("  first visit {base}/first-visit#{key}");
    }
    println!("\nCtrl+C stops it.");
    stop.await;
    tracing::info!("stopping");
    running.stop().await;
    Ok(())
}

/// Listens for the signals that end a server, from now on.
fn told_to_stop() -> Result<impl Future<Output = ()>, String> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).map_err(|e| format!("Signals cannot be listened for: {e}"));
    let (mut terminate, mut interrupt) =
        (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Runs a verb in a server that holds the data, or here.
async fn run_verb(config: &Config, mut verb: Verb) -> Result<(), String> {
    verb.read_here()?;
    let mut screen = Screen::default();
    match DataLock::acquire(&config.data.dir) {
        Ok(_lock) => {
            let app = serve::open(config, Clock::system(), Chance::system()).await?;
            let input = verb.file().map(|path| Input::File(path.to_path_buf()));
            let result =
                verbs::run(&app, config, &verb, input, &mut Say::Screen(&mut screen)).await;
            app.tasks.stop().await;
            app.db.close().await;
            result
        }
        Err(LockError::Held { .. }) => local::ask(config, &verb, &mut screen).await,
        Err(error) => Err(error.to_string()),
    }
}

fn start_log(config: &Config) {
    let filter = tracing_subscriber::EnvFilter::new(&config.log.level);
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if config.log.json {
        log.json().init();
    } else {
        log.init();
    }
}
