//! Verbs on the data: the same code runs in this process and, asked through the local socket, in a running server.

mod orders;

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};
use xiaoer_app::orders::{ImportOptions, ImportProgress};
use xiaoer_app::platform::audit::Actor;
use xiaoer_app::team::NewAccount;
use xiaoer_app::{App, AppError};
use xiaoer_connect::{Format, Zone};
use xiaoer_domain::orders::Currency;
use xiaoer_domain::team::Role;
use xiaoer_protocol::ErrorCode;

use super::init::Init;
use super::say::{Line, Say};
use super::{backup, init, leaver};
use crate::config::Config;

/// Refused lines that are shown.
const REFUSALS_SHOWN: usize = 20;

/// A verb on the data.
#[derive(Clone, Debug, Subcommand, Serialize, Deserialize)]
pub enum Verb {
    /// Make a shop with its owner; asks for what no flag says.
    Init(Init),
    /// Bring data in from a file.
    #[command(subcommand)]
    Import(Import),
    /// Accounts of people who work here.
    #[command(subcommand)]
    Account(Account),
    /// Shops and their settings.
    #[command(subcommand)]
    Shop(Shop),
    /// Look whether everything is in order, and verify the evidence chains.
    Doctor,
    /// Back up database, attachments and secrets into one file, also while the server runs.
    Backup {
        /// File to write, or a folder; else the configured folder of backups.
        target: Option<PathBuf>,
    },
    /// Verify the evidence chains of every conversation and the bytes of every attachment, or the hashes of a backup.
    Verify {
        /// A backup instead of the data.
        #[arg(long, value_name = "FILE")]
        backup: Option<PathBuf>,
    },
    /// Make the demonstration shop: goods, people, orders and talks that are invented. Its passwords are public.
    Demo {
        /// The same number makes the same shop.
        #[arg(long, default_value_t = xiaoer_demo::SEED)]
        seed: u64,
        /// How much of it: small has a few orders and no talks.
        #[arg(long, value_enum, default_value_t = ScaleWord::Full)]
        scale: ScaleWord,
        /// Also where other shops work with this data.
        #[arg(long)]
        beside_other_shops: bool,
    },
}

/// How much of the demonstration.
#[derive(Clone, Copy, Debug, ValueEnum, Serialize, Deserialize)]
pub enum ScaleWord {
    /// Goods, people and a few orders.
    Small,
    /// Two years of orders and talks.
    Full,
}

impl From<ScaleWord> for xiaoer_demo::Scale {
    fn from(word: ScaleWord) -> Self {
        match word {
            ScaleWord::Small => Self::Small,
            ScaleWord::Full => Self::Full,
        }
    }
}

/// What is imported.
#[derive(Clone, Debug, Subcommand, Serialize, Deserialize)]
pub enum Import {
    /// Orders.
    Orders(ImportOrders),
}

/// How orders are imported.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub struct ImportOrders {
    /// The file; .gz is unpacked.
    file: PathBuf,
    /// Its form.
    #[arg(long, value_enum, default_value = "auto")]
    format: FormatWord,
    /// Which column says what, as field=column, for the format csv; may be given several times.
    #[arg(long = "map", value_name = "FIELD=COLUMN")]
    map: Vec<String>,
    /// The same as a file, TOML or JSON: [columns] field = "column", [states] "word" = "state".
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// What the mapping file says; read where the verb was typed.
    #[arg(skip)]
    mapping_text: Option<String>,
    /// Key of the shop; not needed when there is only one.
    #[arg(long)]
    shop: Option<String>,
    /// Time zone of the times in the file; else the shop's.
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// Currency of the prices in the file; else the shop's.
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
}

/// Forms of order files.
#[derive(Clone, Copy, Debug, ValueEnum, Serialize, Deserialize)]
pub enum FormatWord {
    /// By the names of the columns.
    Auto,
    /// The columns of the public "Online Retail" data set.
    OnlineRetail,
    /// Taobao and Tmall.
    Taobao,
    /// Douyin.
    Douyin,
    /// Pinduoduo.
    Pdd,
    /// JD.
    Jd,
    /// Any other table; by the names of its columns, or as --map and --mapping say.
    Csv,
}

impl FormatWord {
    const fn format(self) -> Option<Format> {
        match self {
            Self::Auto => None,
            Self::OnlineRetail => Some(Format::OnlineRetail),
            Self::Taobao => Some(Format::Taobao),
            Self::Douyin => Some(Format::Douyin),
            Self::Pdd => Some(Format::Pdd),
            Self::Jd => Some(Format::Jd),
            Self::Csv => Some(Format::Csv),
        }
    }
}

/// What is done with accounts.
#[derive(Clone, Debug, Subcommand, Serialize, Deserialize)]
pub enum Account {
    /// Make an account and its membership in a shop; prints the password if none is given.
    Add {
        /// Login name.
        login: String,
        /// Name as colleagues and buyers see it.
        #[arg(long)]
        name: String,
        /// Duties, comma between: agent, leader, supervisor, manager, owner, warehouse, read_only.
        #[arg(long, default_value = "agent", value_delimiter = ',')]
        roles: Vec<String>,
        /// Most buyers at once.
        #[arg(long, default_value_t = 10)]
        cap: i64,
        /// Language of the interface: zh-CN or en.
        #[arg(long, default_value = "zh-CN")]
        lang: String,
        /// Password; better left out, then one is made.
        #[arg(long)]
        password: Option<String>,
        /// Key of the shop; not needed when there is only one.
        #[arg(long)]
        shop: Option<String>,
    },
    /// Change duties and cap in a shop.
    Set {
        /// Login name.
        login: String,
        /// Duties, comma between.
        #[arg(long, value_delimiter = ',')]
        roles: Vec<String>,
        /// Most buyers at once.
        #[arg(long, default_value_t = 10)]
        cap: i64,
        /// Key of the shop; not needed when there is only one.
        #[arg(long)]
        shop: Option<String>,
    },
    /// List accounts.
    List,
    /// Set a new password, print it, and end every sign-in.
    Password {
        /// Login name.
        login: String,
    },
    /// Take the second factor of an account off, for one who lost phone and recovery codes.
    SecondFactor {
        /// Login name.
        login: String,
    },
    /// Switch an account off; ends every sign-in at once.
    Disable {
        /// Login name.
        login: String,
        /// Login name of the available colleague who goes on with the open conversations.
        #[arg(long, value_name = "LOGIN")]
        hand_to: Option<String>,
    },
    /// Switch an account on again.
    Enable {
        /// Login name.
        login: String,
    },
}

/// What is done with shops.
#[derive(Clone, Debug, Subcommand, Serialize, Deserialize)]
pub enum Shop {
    /// Make a shop.
    Add {
        /// Key in addresses: a–z, 0–9 and -.
        key: String,
        /// Name.
        #[arg(long)]
        name: String,
    },
    /// List shops with their settings.
    List,
    /// Change a setting from now on; without a value, list all settings.
    Set {
        /// Key of the shop.
        key: String,
        /// Name of the setting.
        name: Option<String>,
        /// Its value.
        value: Option<String>,
    },
}

impl Verb {
    /// The backup to check, which needs neither data nor server.
    #[must_use]
    pub fn backup_to_check(&self) -> Option<&Path> {
        match self {
            Self::Verify { backup } => backup.as_deref(),
            _ => None,
        }
    }

    /// The same with everything asked that only this terminal can answer, and with paths that mean the same in another
    /// process.
    ///
    /// # Errors
    /// What nobody answered.
    pub fn at_home(self) -> Result<Self, String> {
        Ok(match self {
            Self::Init(init) => Self::Init(init.ask()?),
            Self::Backup { target: Some(target) } => {
                let is_folder = target.as_os_str().as_encoded_bytes().ends_with(b"/");
                let target = std::path::absolute(&target).unwrap_or(target);
                Self::Backup { target: Some(if is_folder { target.join("") } else { target }) }
            }
            other => other,
        })
    }

    /// Reads what only the caller's place can: the mapping file.
    ///
    /// # Errors
    /// A sentence for the person at the terminal.
    pub fn read_here(&mut self) -> Result<(), String> {
        let Self::Import(Import::Orders(import)) = self else { return Ok(()) };
        let Some(path) = &import.mapping else { return Ok(()) };
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|e| format!("{} cannot be read: {e}", path.display()))?;
        import.mapping_text = Some(text);
        Ok(())
    }

    /// The file that the verb reads.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Import(Import::Orders(import)) => Some(&import.file),
            _ => None,
        }
    }
}

/// Where the verb's file is.
pub enum Input {
    /// On the disk.
    File(PathBuf),
}

/// Runs a verb.
///
/// # Errors
/// A sentence for the person at the terminal.
pub async fn run(
    app: &App,
    config: &Config,
    verb: &Verb,
    input: Option<Input>,
    say: &mut Say<'_>,
) -> Result<(), String> {
    let app = &app.by(Actor::TERMINAL);
    match verb {
        Verb::Init(init) => init::run(app, init, say).await,
        Verb::Import(Import::Orders(import)) => import_orders(app, import, input, say).await,
        Verb::Account(account) => run_account(app, account, say).await,
        Verb::Shop(shop) => run_shop(app, shop, say).await,
        Verb::Doctor => {
            backup::tell_state(app, config, say).await?;
            doctor(app, say).await
        }
        Verb::Backup { target } => backup::make(app, config, target.as_deref(), say).await,
        Verb::Verify { .. } => {
            verify(app, say).await?;
            say.text("Every chain of evidence holds.");
            Ok(())
        }
        Verb::Demo { seed, scale, beside_other_shops } => {
            let mut tell = |done, total| say.line(Line::Progress { done, total });
            let made =
                xiaoer_demo::make(app, *seed, (*scale).into(), *beside_other_shops, &mut tell)
                    .await;
            let made = made.map_err(|error| super::demo::words(&error))?;
            super::demo::report(&made).into_iter().for_each(|line| say.text(line));
            xiaoer_demo::accounts()
                .into_iter()
                .for_each(|line| say.text(format!("account        {line}")));
            Ok(())
        }
    }
}

async fn import_orders(
    app: &App,
    import: &ImportOrders,
    input: Option<Input>,
    say: &mut Say<'_>,
) -> Result<(), String> {
    let shop = the_shop(app, import.shop.as_deref()).await?;
    let now = app.clock.now();
    let zone = import.zone.as_deref().unwrap_or_else(|| shop.setting("zone", now));
    let zone = Zone::parse(zone)
        .ok_or_else(|| format!("{zone} is no time zone; write one such as Europe/London"))?;
    let currency = import.currency.as_deref().unwrap_or_else(|| shop.setting("currency", now));
    let currency = Currency::parse(currency)
        .map_err(|_| format!("{currency} is no currency; write one such as GBP"))?;
    let Some(Input::File(path)) = input else { return Err("There is no file to read.".to_owned()) };
    let file =
        File::open(&path).map_err(|e| format!("{} cannot be read: {e}", import.file.display()))?;
    let file_name = import
        .file
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let (format, mapping) = orders::format_of(&path, import)?;
    say.text(format!("format    {}", format.word()));
    let options = ImportOptions { format, file_name, zone, currency, mapping };
    let report = app
        .import_orders(shop.id, file, options, |progress: ImportProgress<'_>| {
            say.line(Line::Progress { done: progress.lines_done, total: progress.lines_total });
        })
        .await
        .map_err(|e| format!("The import ended before its end: {}", crate::error::chain(&e)))?;
    orders::report_import(&report, say);
    Ok(())
}

async fn run_account(app: &App, verb: &Account, say: &mut Say<'_>) -> Result<(), String> {
    match verb {
        Account::Add { login, name, roles, cap, lang, password, shop } => {
            let shop = the_shop(app, shop.as_deref()).await?;
            let roles = parse_roles(roles)?;
            let made = password.is_none();
            let password = password.clone().unwrap_or_else(|| app.fresh_password());
            let new = NewAccount {
                login: login.clone(),
                name: name.clone(),
                lang: lang.clone(),
                password: password.clone(),
            };
            let id = app.create_account(new).await.map_err(|e| words(&e))?;
            app.set_membership(shop.id, id, *cap, &roles).await.map_err(|e| words(&e))?;
            say.text(format!("{login} can sign in to {}.", shop.key));
            if made {
                say.text(format!("Password: {password}"));
            }
        }
        Account::Set { login, roles, cap, shop } => {
            let shop = the_shop(app, shop.as_deref()).await?;
            let account = app.account(login).await.map_err(|e| words(&e))?;
            app.set_membership(shop.id, account.id, *cap, &parse_roles(roles)?)
                .await
                .map_err(|e| words(&e))?;
            say.text(format!("{login} is changed in {}.", shop.key));
        }
        Account::List => {
            for account in app.accounts().await.map_err(|e| words(&e))? {
                let off = if account.disabled { "  (off)" } else { "" };
                say.text(format!("{:20} {}{off}", account.login, account.name));
            }
        }
        Account::Password { login } => {
            let account = app.account(login).await.map_err(|e| words(&e))?;
            let password = app.fresh_password();
            app.set_password(account.id, &password).await.map_err(|e| words(&e))?;
            say.text(format!("Password: {password}"));
        }
        Account::SecondFactor { login } => {
            let account = app.account(login).await.map_err(|e| words(&e))?;
            app.reset_factor(account.id).await.map_err(|e| words(&e))?;
            say.text(format!("{login} signs in by password alone until a new code is set up."));
        }
        Account::Disable { login, hand_to } => {
            let account = app.account(login).await.map_err(|e| words(&e))?;
            leaver::switch_off(app, account, hand_to.as_deref(), say).await?;
        }
        Account::Enable { login } => {
            let account = app.account(login).await.map_err(|e| words(&e))?;
            app.set_disabled(account.id, false).await.map_err(|e| words(&e))?;
            say.text(format!("{login} is switched on."));
        }
    }
    Ok(())
}

async fn run_shop(app: &App, verb: &Shop, say: &mut Say<'_>) -> Result<(), String> {
    match verb {
        Shop::Add { key, name } => {
            app.create_shop(key, name).await.map_err(|e| words(&e))?;
            say.text(format!("The shop {key} is made. Add its owner: xiaoer account add LOGIN --name NAME --roles owner"));
        }
        Shop::List => {
            for key in app.shop_keys().await.map_err(|e| words(&e))? {
                let shop = app.shop(&key).await.map_err(|e| words(&e))?;
                say.text(format!("{key:20} {}", shop.name));
            }
        }
        Shop::Set { key, name: Some(name), value: Some(value) } => {
            let shop = app.shop(key).await.map_err(|e| words(&e))?;
            app.set_setting(&shop, name, value).await.map_err(|e| words(&e))?;
            say.text(format!("{name} = {value} from now on."));
        }
        Shop::Set { key, .. } => {
            let (shop, now) = (app.shop(key).await.map_err(|e| words(&e))?, app.clock.now());
            for setting in xiaoer_app::platform::SETTINGS {
                say.text(format!(
                    "{:24} {:20} {}",
                    setting.name,
                    shop.setting(setting.name, now),
                    setting.doc
                ));
            }
        }
    }
    Ok(())
}

async fn doctor(app: &App, say: &mut Say<'_>) -> Result<(), String> {
    for status in app.db.schema_status().await.map_err(|e| e.to_string())? {
        say.text(format!("schema    {status:?}"));
    }
    verify(app, say).await?;
    say.text("Everything is in order.");
    Ok(())
}

/// Verifies the evidence of every shop.
async fn verify(app: &App, say: &mut Say<'_>) -> Result<(), String> {
    let keys = app.shop_keys().await.map_err(|e| words(&e))?;
    say.text(format!("shops     {}", keys.len()));
    let mut broken = 0;
    for key in keys {
        let shop = app.shop(&key).await.map_err(|e| words(&e))?;
        let verified = app.verify(shop.id).await.map_err(|e| words(&e))?;
        let (conversations, entries) = (verified.conversations, verified.entries);
        say.text(format!(
            "evidence  {key}: {conversations} conversations, {entries} entries, {} faults",
            verified.broken.len()
        ));
        for fault in verified.broken.iter().take(REFUSALS_SHOWN) {
            say.text(format!("          {fault:?}"));
        }
        let (files, spoilt) = (verified.files, verified.spoilt.len());
        say.text(format!("files     {key}: {files} of attachments, {spoilt} faults"));
        for fault in verified.spoilt.iter().take(REFUSALS_SHOWN) {
            say.text(format!("          {fault:?}"));
        }
        broken += verified.broken.len() + spoilt;
    }
    if broken > 0 {
        return Err(format!("{broken} faults in the evidence; restore from a backup and compare."));
    }
    Ok(())
}

/// The shop of this key, or the only one.
async fn the_shop(
    app: &App,
    key: Option<&str>,
) -> Result<std::sync::Arc<xiaoer_app::platform::Shop>, String> {
    let key = match key {
        Some(key) => key.to_owned(),
        None => match app.shop_keys().await.map_err(|e| words(&e))?.as_slice() {
            [one] => one.clone(),
            [] => return Err("There is no shop yet: xiaoer shop add KEY --name NAME".to_owned()),
            many => return Err(format!("Say which shop with --shop: {}", many.join(", "))),
        },
    };
    app.shop(&key).await.map_err(|_| format!("There is no shop {key}."))
}

fn parse_roles(words: &[String]) -> Result<Vec<Role>, String> {
    let all = || Role::ALL.map(Role::word).join(", ");
    words
        .iter()
        .map(|word| {
            Role::parse(word.trim())
                .ok_or_else(|| format!("{word} is no duty; there are {}", all()))
        })
        .collect()
}

/// A refusal in words for the terminal.
pub(super) fn words(error: &AppError) -> String {
    match error {
        AppError::Refused { code: ErrorCode::NotFound, .. } => {
            "There is no such thing here.".to_owned()
        }
        AppError::Refused { code, params: Some(params) } => format!("{} {params}", code.message()),
        AppError::Refused { code, params: None } => code.message().to_owned(),
        AppError::Store(error) => crate::error::chain(error),
    }
}
