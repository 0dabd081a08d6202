//! `xiaoer init`: an empty real shop with its owner, from flags or from answers at the terminal.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use clap::Args;
use serde::{Deserialize, Serialize};
use xiaoer_app::platform::{Setting, is_key};
use xiaoer_app::team::NewAccount;
use xiaoer_app::{App, AppError};
use xiaoer_domain::team::Role;

use super::say::Say;
use super::verbs::words;

/// Most buyers at once that an owner serves until somebody changes it.
const OWNER_CAP: i64 = 10;

/// What a new shop needs.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub struct Init {
    /// Key of the shop in addresses: a–z, 0–9 and -.
    #[arg(long)]
    shop: Option<String>,
    /// Name of the shop.
    #[arg(long)]
    name: Option<String>,
    /// Time zone, such as Asia/Shanghai.
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// Accounting currency, such as CNY.
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// Origins whose pages may show the widget, blank between, such as https://shop.example.
    #[arg(long)]
    origins: Option<String>,
    /// Name of the owner as colleagues and buyers see it.
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Login name of the owner.
    #[arg(long)]
    login: Option<String>,
    /// Language of the owner's interface: zh-CN or en.
    #[arg(long, default_value = "zh-CN")]
    lang: String,
    /// Password of the owner; better left out, then one is made and printed.
    #[arg(long)]
    password: Option<String>,
}

impl Init {
    /// Asks for what is missing, if somebody sits at a terminal.
    ///
    /// # Errors
    /// What is missing and nobody answered.
    pub fn ask(mut self) -> Result<Self, String> {
        let questions: [(&mut Option<String>, &str, &str, Option<&str>); 7] = [
            (&mut self.name, "--name", "Name of the shop", None),
            (&mut self.shop, "--shop", "Key in addresses (a-z, 0-9, -)", None),
            (&mut self.zone, "--zone", "Time zone", Some("Asia/Shanghai")),
            (&mut self.currency, "--currency", "Currency", Some("CNY")),
            (
                &mut self.origins,
                "--origins",
                "Pages that may show the widget (empty: all)",
                Some(""),
            ),
            (&mut self.owner, "--owner", "Your name", None),
            (&mut self.login, "--login", "Your login name", None),
        ];
        let is_terminal = std::io::stdin().is_terminal();
        for (field, flag, question, default) in questions {
            while field.is_none() {
                *field = match (is_terminal, default) {
                    (true, default) => answer(question, default)?,
                    (false, Some(default)) => Some(default.to_owned()),
                    (false, None) => return Err(format!("Nothing was made: {flag} is missing.")),
                };
            }
        }
        Ok(self)
    }
}

fn answer(question: &str, default: Option<&str>) -> Result<Option<String>, String> {
    let shown = default.filter(|d| !d.is_empty()).map_or_else(String::new, |d| format!(" [{d}]"));
    print!("{question}{shown}: ");
    let mut line = String::new();
    let read =
        std::io::stdout().flush().and_then(|()| std::io::stdin().lock().read_line(&mut line));
    match read {
        Ok(0) => Err("Nothing was made: there was no answer.".to_owned()),
        Ok(_) if line.trim().is_empty() => Ok(default.map(str::to_owned)),
        Ok(_) => Ok(Some(line.trim().to_owned())),
        Err(error) => Err(format!("Nothing was made: {error}")),
    }
}

/// Makes the shop and its owner.
pub async fn run(app: &App, init: &Init, say: &mut Say<'_>) -> Result<(), String> {
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let (key, login) = (text(&init.shop), text(&init.login));
    let settings = [("zone", &init.zone), ("currency", &init.currency), ("origins", &init.origins)];
    // Looked at before anything is made: a shop with half its settings would be nobody's.
    for (name, value) in settings {
        let setting = Setting::find(name).ok_or("the setting is not known")?;
        if let Some(value) = value {
            setting.check(value).map_err(|reason| format!("Nothing was made: {reason}."))?;
        }
    }
    if !is_key(&key) {
        return Err("Nothing was made: a shop's key has 1 to 40 of a-z, 0-9 and -.".to_owned());
    }
    if app.shop(&key).await.is_ok() {
        return Err(format!("Nothing was made: there is a shop {key} already."));
    }
    let refused = |e: &AppError| format!("Nothing was made: {}", words(e));
    let made = init.password.is_none();
    let password = init.password.clone().unwrap_or_else(|| app.fresh_password());
    let owner = NewAccount {
        login: login.clone(),
        name: text(&init.owner),
        lang: init.lang.clone(),
        password: password.clone(),
    };
    let account = app.create_account(owner).await.map_err(|e| refused(&e))?;
    let shop = app.create_shop(&key, &text(&init.name)).await;
    let shop = shop.map_err(|e| {
        format!(
            "The account {login} is made, the shop is not: {}. Make it with `xiaoer shop add`.",
            words(&e)
        )
    })?;
    app.set_membership(shop, account, OWNER_CAP, &[Role::Owner]).await.map_err(|e| words(&e))?;
    let shop = app.shop(&key).await.map_err(|e| words(&e))?;
    for (name, value) in settings {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            app.set_setting(&shop, name, value).await.map_err(|e| words(&e))?;
        }
    }
    app.begin_with_starter(&key, account, &init.lang).await.map_err(|e| words(&e))?;
    say.text(format!("The shop {key} is made, and {login} owns it."));
    if made {
        say.text(format!("Password: {password}"));
    }
    say.text("Next: xiaoer serve, sign in at /desk/, and put this into the shop's pages:");
    say.text(format!(
        "  <script src=\"https://YOUR-ADDRESS/widget.js\" data-shop=\"{key}\" async></script>"
    ));
    say.text("Colleagues: xiaoer account add LOGIN --name NAME --roles agent");
    Ok(())
}
