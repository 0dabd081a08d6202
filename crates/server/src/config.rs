//! Configuration: defaults, then a file, then variables. It enters once, here; a wrong value is refused at start with
//! field, value and remedy.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use xiaoer_app::Limits;
use xiaoer_app::platform::BACKUPS_FOLDER;
use xiaoer_store::{DbConfig, Durability};

/// The commented file of defaults.
pub const DEFAULT_FILE: &str = include_str!("../config.default.toml");

/// Everything that can be configured.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub server: Listen,
    /// Where the data is.
    pub data: Data,
    /// What is logged.
    pub log: Log,
    /// Limits of clients.
    pub limits: Limits,
    /// Backups.
    pub backup: Backup,
    /// Whether programs on private addresses may be told what happens.
    pub webhooks_private: bool,
    /// The demonstration shop.
    pub demo: bool,
    /// Waits of connections; fixed by the protocol, shortened only by tests.
    pub waits: Waits,
}

/// How long a connection waits for what (docs/PROTOCOL.md, section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waits {
    /// For the first frame.
    pub hello: Duration,
    /// Between two signs of life that the server sends; each also looks at the rights again.
    pub tick: Duration,
    /// A side that says nothing for this long is gone.
    pub silence: Duration,
    /// A client that does not take what is sent within this time could not keep up.
    pub send: Duration,
    /// A desk that comes back within this time was never away.
    pub back: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            hello: Duration::from_secs(10),
            tick: Duration::from_secs(30),
            silence: Duration::from_secs(75),
            send: Duration::from_secs(20),
            back: Duration::from_secs(15),
        }
    }
}

/// Where to listen.
#[derive(Clone, Debug)]
pub struct Listen {
    /// Address and port.
    pub listen: SocketAddr,
    /// What people type, when a proxy stands in front.
    pub public_url: Option<String>,
    /// Proxies that say truly who calls, beside those on this machine.
    pub proxies: Vec<IpAddr>,
}

/// Where the data is.
#[derive(Clone)]
pub struct Data {
    /// The folder.
    pub dir: PathBuf,
    /// PostgreSQL, or the embedded database.
    pub database_url: Option<String>,
    /// What a commit survives.
    pub durability: Durability,
}

impl std::fmt::Debug for Data {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let url = self.database_url.as_ref().map(|_| "***");
        f.debug_struct("Data")
            .field("dir", &self.dir)
            .field("database_url", &url)
            .finish_non_exhaustive()
    }
}

/// Where backups lie.
#[derive(Clone, Debug)]
pub struct Backup {
    /// The folder; None: `backups` in the data folder.
    pub dir: Option<PathBuf>,
    /// Whether this process makes the nightly ones.
    pub nightly: bool,
}

/// What is logged.
#[derive(Clone, Debug)]
pub struct Log {
    /// A filter.
    pub level: String,
    /// For machines.
    pub json: bool,
}

/// A value that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{field} = {value:?} cannot be used: {remedy}")]
pub struct ConfigError {
    field: String,
    value: String,
    remedy: String,
}

/// Names of every field in the file, and the variable that beats it.
const FIELDS: &[(&str, &str)] = &[
    ("server.listen", "XIAOER_LISTEN"),
    ("server.public_url", "XIAOER_PUBLIC_URL"),
    ("server.proxies", "XIAOER_PROXIES"),
    ("data.dir", "XIAOER_DATA"),
    ("data.database_url", "XIAOER_DATABASE_URL"),
    ("data.durability", "XIAOER_DURABILITY"),
    ("log.level", "XIAOER_LOG"),
    ("log.format", "XIAOER_LOG_FORMAT"),
    ("limits.text_chars_max", "XIAOER_TEXT_CHARS_MAX"),
    ("limits.buyer_sends_per_second", "XIAOER_BUYER_SENDS_PER_SECOND"),
    ("limits.buyer_lines_per_minute", "XIAOER_BUYER_LINES_PER_MINUTE"),
    ("limits.desk_sends_per_second", "XIAOER_DESK_SENDS_PER_SECOND"),
    ("limits.frames_per_second", "XIAOER_FRAMES_PER_SECOND"),
    ("backup.dir", "XIAOER_BACKUPS"),
    ("backup.nightly", "XIAOER_BACKUP_NIGHTLY"),
    ("webhooks.private_addresses", "XIAOER_WEBHOOKS_PRIVATE"),
    ("demo.enabled", "XIAOER_DEMO"),
];

#[derive(Deserialize)]
#[serde(transparent)]
struct File(BTreeMap<String, BTreeMap<String, toml::Value>>);

impl Config {
    /// Reads defaults, the named file (or `xiaoer.toml` in the working folder, if it is there) and the variables.
    ///
    /// # Errors
    /// The first value that cannot be used.
    pub fn load(
        file: Option<&Path>,
        variables: &BTreeMap<String, String>,
    ) -> Result<Self, ConfigError> {
        let mut values = read(DEFAULT_FILE, "the defaults")?;
        let named = file.map(Path::to_path_buf);
        let path = named.clone().unwrap_or_else(|| PathBuf::from("xiaoer.toml"));
        match std::fs::read_to_string(&path) {
            Ok(text) => values.extend(read(&text, &path.display().to_string())?),
            Err(_) if named.is_none() => {}
            Err(e) => {
                return Err(wrong(
                    "--config",
                    &path.display().to_string(),
                    &format!("it cannot be read: {e}"),
                ));
            }
        }
        for (field, variable) in FIELDS {
            if let Some(value) = variables.get(*variable) {
                values.insert((*field).to_owned(), value.clone());
            }
        }
        Self::from_values(&values)
    }

    fn from_values(values: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let text = |field: &str| values.get(field).cloned().unwrap_or_default();
        let filled = |field: &str| Some(text(field)).filter(|v| !v.is_empty());
        let public_url = filled("server.public_url");
        if let Some(url) = public_url
            .as_deref()
            .filter(|u| !u.starts_with("http://") && !u.starts_with("https://"))
        {
            return Err(wrong("server.public_url", url, "write it as https://chat.example.com"));
        }
        let proxies = text("server.proxies");
        let proxies = proxies.split_whitespace().map(str::parse).collect::<Result<Vec<_>, _>>();
        let proxies = proxies.map_err(|_| {
            wrong("server.proxies", &text("server.proxies"), "write addresses, blank between")
        })?;
        let database_url = filled("data.database_url");
        if database_url
            .as_deref()
            .is_some_and(|u| !u.starts_with("postgres://") && !u.starts_with("postgresql://"))
        {
            return Err(wrong(
                "data.database_url",
                "***",
                "write postgres://user:password@host/database, or leave it empty",
            ));
        }
        let durability = match text("data.durability").as_str() {
            "power-loss" => Durability::PowerLoss,
            "process-crash" => Durability::ProcessCrash,
            other => {
                return Err(wrong("data.durability", other, "write power-loss or process-crash"));
            }
        };
        let json = match text("log.format").as_str() {
            "text" => false,
            "json" => true,
            other => return Err(wrong("log.format", other, "write text or json")),
        };
        let level = text("log.level");
        if tracing_subscriber::EnvFilter::try_new(&level).is_err() {
            return Err(wrong("log.level", &level, "write trace, debug, info, warn or error"));
        }
        let yes = |field: &str| match text(field).as_str() {
            "true" | "1" => Ok(true),
            "false" | "0" | "" => Ok(false),
            other => Err(wrong(field, other, "write true or false")),
        };
        let (demo, nightly) = (yes("demo.enabled")?, yes("backup.nightly")?);
        let webhooks_private = yes("webhooks.private_addresses")?;
        let backup = Backup { dir: filled("backup.dir").map(PathBuf::from), nightly };
        let listen = text("server.listen");
        let listen = listen.parse().map_err(|_| {
            wrong("server.listen", &listen, "write address:port, such as 127.0.0.1:8080")
        })?;
        Ok(Self {
            server: Listen { listen, public_url, proxies },
            data: Data { dir: PathBuf::from(text("data.dir")), database_url, durability },
            log: Log { level, json },
            limits: limits(values)?,
            backup,
            webhooks_private,
            demo,
            waits: Waits::default(),
        })
    }

    /// The folder of backups.
    #[must_use]
    pub fn backups(&self) -> PathBuf {
        self.backup.dir.clone().unwrap_or_else(|| self.data.dir.join(BACKUPS_FOLDER))
    }

    /// How to open the database.
    #[must_use]
    pub fn database(&self) -> DbConfig {
        let config = match &self.data.database_url {
            Some(url) => DbConfig::postgres(url),
            None => DbConfig::sqlite(&self.data.dir),
        };
        DbConfig { durability: self.data.durability, ..config }
    }
}

fn limits(values: &BTreeMap<String, String>) -> Result<Limits, ConfigError> {
    Ok(Limits {
        text_chars_max: number(values, "limits.text_chars_max", 1, 20_000)? as usize,
        buyer_sends_per_second: number(values, "limits.buyer_sends_per_second", 1, 100_000)?,
        buyer_lines_per_minute: number(values, "limits.buyer_lines_per_minute", 1, 1_000_000)?,
        desk_sends_per_second: number(values, "limits.desk_sends_per_second", 1, 100_000)?,
        frames_per_second: number(values, "limits.frames_per_second", 1, 100_000)?,
        ..Limits::default()
    })
}

fn read(text: &str, name: &str) -> Result<BTreeMap<String, String>, ConfigError> {
    let File(sections) = toml::from_str(text)
        .map_err(|e| wrong(name, "", &format!("it is no configuration file: {}", e.message())))?;
    let mut values = BTreeMap::new();
    for (section, fields) in sections {
        for (field, value) in fields {
            let field = format!("{section}.{field}");
            if !FIELDS.iter().any(|(known, _)| *known == field) {
                return Err(wrong(
                    &field,
                    &value.to_string(),
                    "there is no such setting; see `xiaoer config default`",
                ));
            }
            let value = match value {
                toml::Value::String(text) => text,
                other => other.to_string(),
            };
            values.insert(field, value);
        }
    }
    Ok(values)
}

fn number(
    values: &BTreeMap<String, String>,
    field: &str,
    min: u32,
    max: u32,
) -> Result<u32, ConfigError> {
    let text = values.get(field).map_or("", String::as_str);
    text.parse()
        .ok()
        .filter(|n| (min..=max).contains(n))
        .ok_or_else(|| wrong(field, text, &format!("write a whole number from {min} to {max}")))
}

fn wrong(field: &str, value: &str, remedy: &str) -> ConfigError {
    ConfigError { field: field.to_owned(), value: value.to_owned(), remedy: remedy.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variable: &str, value: &str) -> Result<Config, ConfigError> {
        Config::load(None, &BTreeMap::from([(variable.to_owned(), value.to_owned())]))
    }

    #[test]
    fn the_default_file_names_every_field_and_its_variable() {
        let values = read(DEFAULT_FILE, "").unwrap();
        for (field, variable) in FIELDS {
            assert!(values.contains_key(*field), "{field} is missing");
            assert!(DEFAULT_FILE.contains(variable), "{variable} is not explained");
        }
        assert_eq!(values.len(), FIELDS.len());
    }

    #[test]
    fn the_defaults_listen_on_loopback_only_and_equal_the_limits_in_code() {
        let config = Config::load(None, &BTreeMap::new()).unwrap();
        assert!(config.server.listen.ip().is_loopback());
        assert_eq!(config.limits, Limits::default());
    }

    #[test]
    fn a_variable_beats_the_file() {
        assert_eq!(with("XIAOER_LISTEN", "127.0.0.1:9").unwrap().server.listen.port(), 9);
    }

    #[test]
    fn a_wrong_value_is_refused_with_field_value_and_remedy() {
        for (variable, value) in [
            ("XIAOER_LISTEN", "nonsense"),
            ("XIAOER_DURABILITY", "maybe"),
            ("XIAOER_TEXT_CHARS_MAX", "0"),
            ("XIAOER_PUBLIC_URL", "chat.example.com"),
            ("XIAOER_DEMO", "perhaps"),
            ("XIAOER_PROXIES", "my-proxy"),
        ] {
            let error = with(variable, value).unwrap_err().to_string();
            assert!(error.contains(value) && error.contains("write"), "{error}");
        }
        let error =
            with("XIAOER_DATABASE_URL", "mysql://root:secret@host/x").unwrap_err().to_string();
        assert!(!error.contains("secret"), "{error}");
    }

    #[test]
    fn an_unknown_field_in_the_file_is_refused() {
        assert!(
            read("[server]\nlisen = \"x\"", "f").unwrap_err().to_string().contains("server.lisen")
        );
    }
}
