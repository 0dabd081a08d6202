//! xiaoer itself: the release binary as a process of its own, with data of its own, and the people in it.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};

use crate::seat::{Socket, ask, connect};
use crate::{Outcome, variable};

/// Key of the shop that the bench makes.
const SHOP: &str = "bench";
const PASSWORD: &str = "bench-password";
/// People who arrive at the same time.
const AT_ONCE: usize = 32;
/// Password hashes made at the same time: each holds 19 MB and a core.
const HASHES_AT_ONCE: usize = 4;
/// The limits of clients are not what is measured.
const NO_LIMIT: &str = "100000";
/// How long the server may take to listen or to stop.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server with its data; stopped and removed when dropped.
pub struct Product {
    binary: PathBuf,
    folder: PathBuf,
    database_url: Option<String>,
    running: Option<Running>,
    pub http: reqwest::Client,
}

struct Running {
    child: Child,
    address: SocketAddr,
}

/// Who is known to the server, by what they prove it with.
pub struct People {
    /// Tokens of agents.
    pub desks: Vec<String>,
    pub buyers: Vec<Visitor>,
}

pub struct Visitor {
    pub token: String,
    pub conversation: String,
}

impl Product {
    /// Makes the data folder, or uses an empty PostgreSQL database, and starts the server.
    pub fn start(database_url: Option<String>) -> Outcome<Self> {
        let binary = PathBuf::from(variable("XIAOER_BIN")?);
        let folder = std::env::temp_dir().join(format!("xiaoer-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let http = reqwest::Client::new();
        let mut product = Self { binary, folder, database_url, running: None, http };
        product.launch()?;
        Ok(product)
    }

    fn launch(&mut self) -> Outcome {
        let mut child = self
            .command(&["serve"])
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("{} did not start: {e}", self.binary.display()))?;
        let output = child.stdout.take().expect("stdout was piped above");
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let address = lines.find_map(|line| {
            let (_, rest) = line.split_once("http://")?;
            rest.split('/').next()?.parse().ok()
        });
        let Some(address) = address else {
            let _ = child.wait();
            return Err("the server ended before it listened".into());
        };
        // What it prints later is not read: it prints nothing until it stops.
        std::thread::spawn(move || lines.for_each(drop));
        self.running = Some(Running { child, address });
        Ok(())
    }

    /// A new process on the same data.
    pub fn restart(&mut self) -> Outcome {
        self.halt();
        self.launch()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut call = Command::new(&self.binary);
        call.args(args).current_dir(&self.folder);
        call.env("XIAOER_DATA", self.folder.join("data")).env("XIAOER_LISTEN", "127.0.0.1:0");
        call.env("XIAOER_LOG", "warn").env("XIAOER_DURABILITY", "power-loss");
        call.env("XIAOER_DATABASE_URL", self.database_url.as_deref().unwrap_or_default());
        for limit in ["BUYER_SENDS", "DESK_SENDS", "FRAMES"] {
            call.env(format!("XIAOER_{limit}_PER_SECOND"), NO_LIMIT);
        }
        call.env("XIAOER_BUYER_LINES_PER_MINUTE", NO_LIMIT);
        call
    }

    fn halt(&mut self) {
        let Some(mut running) = self.running.take() else { return };
        if let Some(pid) = rustix::process::Pid::from_raw(running.child.id().cast_signed()) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        let began = std::time::Instant::now();
        while began.elapsed() < PATIENCE {
            if running.child.try_wait().is_ok_and(|ended| ended.is_some()) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = running.child.kill();
        let _ = running.child.wait();
    }

    fn running(&self) -> &Running {
        self.running.as_ref().expect("it was started and not stopped")
    }

    pub fn pid(&self) -> u32 {
        self.running().child.id()
    }

    pub fn address(&self) -> SocketAddr {
        self.running().address
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// Makes the shop, its agents, and buyers who have been there; each buyer is taken by an agent.
    pub async fn populate(&self, desk_of: &[usize], desks: usize) -> Outcome<People> {
        self.verb(&["shop", "add", SHOP, "--name", "Bench"]).await?;
        let desks: Vec<String> = stream::iter(0..desks)
            .map(|number| self.agent(number))
            .buffered(HASHES_AT_ONCE)
            .try_collect()
            .await?;
        let buyers: Vec<Visitor> = stream::iter(desk_of)
            .map(|desk| self.visitor(&desks[*desk]))
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(People { desks, buyers })
    }

    async fn verb(&self, args: &[&str]) -> Outcome {
        let mut call = self.command(args);
        call.stdout(Stdio::null());
        let status = tokio::process::Command::from(call).status().await;
        match status {
            Ok(status) if status.success() => Ok(()),
            other => Err(format!("xiaoer {} failed: {other:?}", args.join(" "))),
        }
    }

    async fn agent(&self, number: usize) -> Outcome<String> {
        let (login, name) = (format!("agent{number}"), format!("客服{number}"));
        let args = ["account", "add", &login, "--name", &name, "--cap", "200"];
        self.verb(&[&args[..], &["--password", PASSWORD]].concat()).await?;
        let body = json!({ "login": login, "password": PASSWORD });
        let answer = self.http.post(self.url("/api/v1/sign-in")).json(&body).send().await;
        let answer = answer.map_err(|e| format!("no sign-in: {e}"))?;
        let cookie = answer.headers().get("set-cookie").and_then(|c| c.to_str().ok());
        let token = cookie.and_then(|c| c.strip_prefix("xiaoer_session=")?.split(';').next());
        token.map(str::to_owned).ok_or_else(|| format!("no sign-in: {}", answer.status()))
    }

    async fn visitor(&self, desk: &str) -> Outcome<Visitor> {
        let mut socket = connect(self.address(), &format!("/ws/widget/{SHOP}")).await?;
        let welcome = ask(&mut socket, r#"{"t":"hello","v":1}"#.into()).await?;
        let welcome: Value = serde_json::from_str(&welcome).map_err(|e| e.to_string())?;
        let text = |name: &str| welcome[name].as_str().map(str::to_owned);
        let (Some(token), Some(conversation)) = (text("token"), text("conversation")) else {
            return Err(format!("no welcome: {welcome}"));
        };
        let _ = socket.close(None).await;
        let path = format!("/api/v1/shops/{SHOP}/conversations/{conversation}/take");
        let taken = self.http.post(self.url(&path)).bearer_auth(desk).json(&json!({})).send().await;
        let taken = taken.map_err(|e| format!("not taken: {e}"))?;
        if !taken.status().is_success() {
            return Err(format!("not taken: {}", taken.status()));
        }
        Ok(Visitor { token, conversation })
    }

    /// A buyer's connection, resumed by its token.
    pub async fn buyer(&self, visitor: &Visitor) -> Outcome<Socket> {
        let mut socket = connect(self.address(), &format!("/ws/widget/{SHOP}")).await?;
        let hello = json!({ "t": "hello", "v": 1, "token": visitor.token, "after": 0 });
        let welcome = ask(&mut socket, hello.to_string()).await?;
        welcomed(&welcome).map(|()| socket)
    }

    /// A desk's connection that watches some conversations from now on.
    pub async fn desk(&self, token: &str, watched: &[&Visitor]) -> Outcome<Socket> {
        let mut socket = connect(self.address(), &format!("/ws/desk/{SHOP}")).await?;
        let hello = json!({ "t": "hello", "v": 1, "token": token });
        welcomed(&ask(&mut socket, hello.to_string()).await?)?;
        for visitor in watched {
            let watch = json!({ "t": "watch", "conversation": visitor.conversation });
            let page = ask(&mut socket, watch.to_string()).await?;
            if page.starts_with(r#"{"t":"error""#) {
                return Err(format!("not watched: {page}"));
            }
        }
        Ok(socket)
    }

    /// The greatest lag of any follower now, in seconds.
    pub async fn lag(&self) -> Outcome<f64> {
        let failed = |e: reqwest::Error| format!("no metrics: {e}");
        let answer = self.http.get(self.url("/metrics")).send().await.map_err(failed)?;
        let text = answer.text().await.map_err(failed)?;
        let lags = text.lines().filter(|line| line.starts_with("xiaoer_follower_lag_seconds"));
        let seconds = lags.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
        Ok(seconds.fold(0.0, f64::max))
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        self.halt();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn welcomed(frame: &str) -> Outcome {
    match frame.starts_with(r#"{"t":"welcome""#) {
        true => Ok(()),
        false => Err(format!("not welcomed: {frame}")),
    }
}
