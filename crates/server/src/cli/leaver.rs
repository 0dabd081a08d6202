//! Somebody leaves: the account is switched off at once, and whoever they served goes on with a colleague.

use xiaoer_app::App;
use xiaoer_app::chat::Heir;
use xiaoer_store::team::Account;

use super::say::Say;
use super::verbs::words;

/// Switches an account off and hands its open conversations to `receiver`, who must be available.
pub async fn switch_off(
    app: &App,
    leaver: Account,
    receiver: Option<&str>,
    say: &mut Say<'_>,
) -> Result<(), String> {
    let heir = match receiver {
        None => Heir::Nobody,
        Some(login) => {
            let found = app.account(login).await.map_err(|e| words(&e))?;
            if found.disabled || found.id == leaver.id {
                return Err(format!("Nothing was changed: {login} cannot receive anybody."));
            }
            Heir::Colleague(found.id)
        }
    };
    // First the door: from here on the leaver can say nothing more to anybody.
    app.set_disabled(leaver.id, true).await.map_err(|e| words(&e))?;
    say.text(format!("{} is switched off; every sign-in has ended.", leaver.login));
    for key in app.shop_keys().await.map_err(|e| words(&e))? {
        let shop = app.shop(&key).await.map_err(|e| words(&e))?;
        let told = app.hand_over_all(shop.id, &leaver, heir).await.map_err(|e| words(&e))?;
        for (conversation, code) in &told.left {
            if let Some(code) = code {
                say.text(format!("{key:10} {conversation}: {}", code.message()));
            }
        }
        let (given, left) = (told.given, told.left.len());
        if given > 0 || left > 0 {
            say.text(format!("{key:10} {given} handed over, {left} to be taken over at the desk"));
        }
    }
    Ok(())
}
