//! The local socket: command-line verbs beside a running server. One connection a verb: a JSON line that says what,
//! the bytes of its file if it reads one, and lines back. Only the folder's owner can open it.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::OwnedReadHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;

use crate::Server;
use crate::cli::say::{Line, Say, Screen};
use crate::cli::verbs::{self, Input, Verb};
use crate::config::Config;

/// Longest line that says what to do.
const VERB_BYTES_MAX: u64 = 64 * 1024;
/// Largest file that is taken.
const FILE_BYTES_MAX: u64 = 4 << 30;
/// Longest path a socket may have on Linux.
const SOCKET_PATH_MAX: usize = 100;

fn socket_path(config: &Config) -> PathBuf {
    config.data.dir.join("xiaoer.sock")
}

/// Listens for verbs.
pub fn listen(server: &Server) -> Result<(), String> {
    let path = socket_path(&server.config);
    if path.as_os_str().len() > SOCKET_PATH_MAX {
        tracing::warn!(
            "the data folder's path is too long for a local socket; verbs need the server stopped"
        );
        return Ok(());
    }
    // The lock says that no other server is here: what lies there is a leftover.
    let _ = std::fs::remove_file(&path);
    let listener =
        UnixListener::bind(&path).map_err(|e| format!("{} cannot be made: {e}", path.display()))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))
        .map_err(|e| e.to_string())?;
    let (server, stop) = (server.clone(), server.app.tasks.stopping());
    let tasks = server.app.tasks.clone();
    tasks.once(async move {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = stop.cancelled() => break,
            };
            let Ok((stream, _)) = accepted else { continue };
            let inner = server.clone();
            server.app.tasks.once(async move {
                if let Err(error) = answer(&inner, stream).await {
                    tracing::warn!(error = %error, "a verb on the local socket broke off");
                }
            });
        }
        let _ = std::fs::remove_file(&path);
    });
    Ok(())
}

async fn answer(server: &Server, stream: UnixStream) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    let mut line = String::new();
    (&mut read).take(VERB_BYTES_MAX).read_line(&mut line).await?;
    let verb: Verb = serde_json::from_str(&line).map_err(std::io::Error::other)?;
    let spool = match verb.file() {
        None => None,
        Some(_) => Some(spool(server, read).await?),
    };
    let (sender, mut lines) = mpsc::unbounded_channel();
    let input = spool.as_ref().map(|spool| Input::File(spool.0.clone()));
    let work = async {
        let result =
            verbs::run(&server.app, &server.config, &verb, input, &mut Say::Socket(sender.clone()))
                .await;
        let _ = sender.send(Line::End(result.err()));
        drop(sender);
    };
    let tell = async {
        while let Some(line) = lines.recv().await {
            let last = matches!(line, Line::End(_));
            let mut text = serde_json::to_vec(&line).map_err(std::io::Error::other)?;
            text.push(b'\n');
            write.write_all(&text).await?;
            if last {
                break;
            }
        }
        Ok::<_, std::io::Error>(())
    };
    let ((), told) = tokio::join!(work, tell);
    told
}

/// A file that lives as long as its verb.
struct Spool(PathBuf);

impl Drop for Spool {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Takes the file's bytes: the server may not be allowed to read where the caller is.
async fn spool(server: &Server, read: BufReader<OwnedReadHalf>) -> std::io::Result<Spool> {
    let name: String = server.app.chance.bytes::<8>().iter().map(|b| format!("{b:02x}")).collect();
    let spool = Spool(server.config.data.dir.join(format!("import-{name}.part")));
    let mut file = tokio::fs::File::create(&spool.0).await?;
    tokio::io::copy(&mut read.take(FILE_BYTES_MAX), &mut file).await?;
    file.flush().await?;
    Ok(spool)
}

/// Asks the running server to run a verb.
pub async fn ask(config: &Config, verb: &Verb, screen: &mut Screen) -> Result<(), String> {
    let path = socket_path(config);
    let stream = UnixStream::connect(&path).await.map_err(|e| {
        format!("A server works on this data, but {} does not answer: {e}", path.display())
    })?;
    let (read, mut write) = stream.into_split();
    let mut line = serde_json::to_vec(verb).map_err(|e| e.to_string())?;
    line.push(b'\n');
    let send = async {
        write.write_all(&line).await.map_err(|e| e.to_string())?;
        if let Some(file) = verb.file() {
            send_file(file, &mut write).await?;
        }
        write.shutdown().await.map_err(|e| e.to_string())
    };
    send.await?;
    let mut lines = BufReader::new(read).lines();
    while let Some(line) = lines.next_line().await.map_err(|e| e.to_string())? {
        match serde_json::from_str(&line).map_err(|e| e.to_string())? {
            Line::End(None) => return Ok(()),
            Line::End(Some(message)) => return Err(message),
            line => screen.show(line),
        }
    }
    Err("The server went away before the verb ended.".to_owned())
}

async fn send_file(
    path: &Path,
    write: &mut tokio::net::unix::OwnedWriteHalf,
) -> Result<(), String> {
    let unreadable = |e: std::io::Error| format!("{} cannot be read: {e}", path.display());
    let mut file = tokio::fs::File::open(path).await.map_err(unreadable)?;
    tokio::io::copy(&mut file, write).await.map_err(unreadable)?;
    Ok(())
}
