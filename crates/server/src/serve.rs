//! Starting and stopping the house.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::serve::ListenerExt;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use xiaoer_app::platform::{self, Nightly, Webhooks};
use xiaoer_app::{App, Chance, Clock};
use xiaoer_store::{DataLock, Db, LockError, Place, SchemaStatus};

use crate::config::Config;
use crate::connections::Connections;
use crate::{Server, local, routes};

/// The file in the data folder with the key of the first visit.
pub const SETUP_KEY_FILE: &str = "setup-key";

/// A house that runs.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// The house itself.
    pub app: App,
    /// Opens the first visit, while there is no shop; also in [`SETUP_KEY_FILE`] of the data folder.
    pub setup_key: Option<String>,
    server: Server,
    stop: CancellationToken,
    served: tokio::task::JoinHandle<()>,
    _lock: DataLock,
}

/// Opens the database, brings it up to date and listens.
///
/// # Errors
/// A sentence for the person at the terminal.
pub async fn start(config: Config, clock: Clock, chance: Chance) -> Result<Running, String> {
    std::fs::create_dir_all(&config.data.dir).map_err(|e| {
        format!("The data folder {} cannot be made: {e}", config.data.dir.display())
    })?;
    let lock = lock(&config)?;
    let app = open(&config, clock, chance).await?;
    app.start_sweeper();
    app.start_retention();
    app.start_webhooks();
    app.start_wall();
    app.start_followers();
    if let Err(error) = app.resume_bulk().await {
        tracing::error!(error = %error, "bulk jobs were not gone on with");
    }
    if config.backup.nightly {
        app.start_backups(nightly(&config, &app));
    }
    // Files that were being imported when the house closed: brought again they go on where they stood.
    drop(std::fs::remove_dir_all(config.data.dir.join(xiaoer_app::orders::UPLOADS_FOLDER)));
    let setup_key = first_visit_key(&config, &app).await?;
    let listener = TcpListener::bind(config.server.listen).await.map_err(|e| {
        format!(
            "{} cannot be listened on: {e}. Set XIAOER_LISTEN to another one.",
            config.server.listen
        )
    })?;
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    let server = Server {
        app: app.clone(),
        config: Arc::new(config),
        connections: Arc::new(Connections::default()),
        pace: Arc::default(),
        metrics: recorder(),
    };
    local::listen(&server)?;
    let stop = CancellationToken::new();
    let router = routes::router(server.clone()).into_make_service_with_connect_info::<SocketAddr>();
    // Without it every small answer waits for the other side's delayed acknowledgement.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(error = %error, "a socket kept its delay");
        }
    });
    let stopped = stop.clone().cancelled_owned();
    let serving =
        async move { axum::serve(listener, router).with_graceful_shutdown(stopped).await };
    #[expect(
        clippy::disallowed_methods,
        reason = "the listener is the process's own task, awaited in stop"
    )]
    let served = tokio::spawn(async move {
        if let Err(error) = serving.await {
            tracing::error!(error = %error, "the listener ended");
        }
    });
    Ok(Running { address, app, setup_key, server, stop, served, _lock: lock })
}

impl Running {
    /// Stops: no new callers, connections told to resume elsewhere, background work ended, database closed.
    pub async fn stop(self) {
        self.stop.cancel();
        self.server.connections.end_all();
        self.app.tasks.stop().await;
        // Answers that are under way have a moment; what was acknowledged is stored in any case.
        let _ = tokio::time::timeout(std::time::Duration::from_secs(5), self.served).await;
        self.app.db.close().await;
    }
}

/// Opens and migrates the database of a configuration.
///
/// # Errors
/// A sentence for the person at the terminal.
pub async fn open(config: &Config, clock: Clock, chance: Chance) -> Result<App, String> {
    let db = Db::open(config.database())
        .await
        .map_err(|e| format!("The database cannot be opened: {}", crate::error::chain(&e)))?;
    back_up_before_upgrade(config, &db, &clock, &chance).await?;
    db.migrate(clock.now().micros()).await.map_err(|e| {
        format!("The database cannot be brought up to date: {}", crate::error::chain(&e))
    })?;
    let app = App::new(db, clock, chance, config.limits)
        .with_webhooks(Webhooks::new(config.webhooks_private));
    app.keep_files(&config.data.dir).await?;
    Ok(app)
}

/// Opens the house to its first visitor if it has no shop: the key lies where only who runs the server can read it.
async fn first_visit_key(config: &Config, app: &App) -> Result<Option<String>, String> {
    let path = config.data.dir.join(SETUP_KEY_FILE);
    let has_shop = app.has_shop().await.map_err(|e| crate::error::chain(&e))?;
    if has_shop || config.demo {
        // Left by an earlier start; it opens nothing any more.
        drop(std::fs::remove_file(&path));
        return Ok(None);
    }
    let key = app.open_first_visit();
    write_private(&path, &key).map_err(|e| format!("{} cannot be written: {e}", path.display()))?;
    tracing::info!(setup.file = %path.display(), "there is no shop yet: /first-visit makes it, with the key in this file");
    Ok(Some(key))
}

/// Writes a file that only its owner may read.
fn write_private(path: &std::path::Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    drop(std::fs::remove_file(path));
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{text}")
}

/// Where nightly backups go.
pub fn nightly(config: &Config, app: &App) -> Nightly {
    let (data_dir, folder) = (config.data.dir.clone(), config.backups());
    Nightly { data_dir, folder, since: app.clock.now() }
}

/// Before the schema of a database that holds something is changed, it is backed up; without the backup it stays as it is.
async fn back_up_before_upgrade(
    config: &Config,
    db: &Db,
    clock: &Clock,
    chance: &Chance,
) -> Result<(), String> {
    let all = db.schema_status().await.map_err(|e| crate::error::chain(&e))?;
    let behind = |s: &&SchemaStatus| s.place == Place::Main && (1..s.known).contains(&s.applied);
    let Some(status) = all.iter().find(behind) else { return Ok(()) };
    let now = clock.now();
    let name = format!("before-step-{:04}-{}.tar.gz", status.known, now.micros() / 1_000_000);
    let folder = config.backups();
    std::fs::create_dir_all(&folder)
        .map_err(|e| format!("{} cannot be made: {e}", folder.display()))?;
    let target = folder.join(name);
    tracing::info!(backup.path = %target.display(), "backing up before the upgrade");
    let made = platform::back_up(db, &config.data.dir, &target, now, chance).await;
    made.map(drop).map_err(|e| {
        let why = crate::error::chain(&e);
        format!("The database was not upgraded, because it could not be backed up before: {why}")
    })
}

/// Takes the data folder for this process.
fn lock(config: &Config) -> Result<DataLock, String> {
    DataLock::acquire(&config.data.dir).map_err(|error| match error {
        LockError::Held { pid } => {
            let pid = pid.map_or_else(String::new, |pid| format!(" (process {pid})"));
            format!(
                "Another xiaoer{pid} works in {}. Stop it, or set XIAOER_DATA to another folder.",
                config.data.dir.display()
            )
        }
        other => format!("The data folder {} cannot be locked: {other}", config.data.dir.display()),
    })
}

/// The recorder of this process. A second house in one process (tests) gets a recorder nobody writes to.
fn recorder() -> PrometheusHandle {
    PrometheusBuilder::new()
        .install_recorder()
        .unwrap_or_else(|_| PrometheusBuilder::new().build_recorder().handle())
}
