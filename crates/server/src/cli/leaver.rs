//! Somebody leaves: the account is switched off at once, and whoever they served goes on with a colleague.

use xiaoer_app::App;
use xiaoer_app::chat::ListQuery;
use xiaoer_domain::team::{Colleague, Role};
use xiaoer_protocol::id;
use xiaoer_store::team::Account;

use super::say::Say;
use super::verbs::words;

/// Conversations handed over in one look; an agent's seats are fewer.
const ROWS_MAX: i64 = 200;

/// Switches an account off and hands its open conversations to `receiver`, who must be available.
pub async fn switch_off(
    app: &App,
    leaver: Account,
    receiver: Option<&str>,
    say: &mut Say<'_>,
) -> Result<(), String> {
    let receiver = match receiver {
        None => None,
        Some(login) => {
            let found = app.account(login).await.map_err(|e| words(&e))?;
            if found.disabled || found.id == leaver.id {
                return Err(format!("Nothing was changed: {login} cannot receive anybody."));
            }
            Some(found)
        }
    };
    // First the door: from here on the leaver can say nothing more to anybody.
    app.set_disabled(leaver.id, true).await.map_err(|e| words(&e))?;
    say.text(format!("{} is switched off; every sign-in has ended.", leaver.login));
    let actor = Colleague { account: leaver.id, name: leaver.name };
    for key in app.shop_keys().await.map_err(|e| words(&e))? {
        let shop = app.shop(&key).await.map_err(|e| words(&e))?;
        let list = app.rows(shop.id, ListQuery::Mine(leaver.id), ROWS_MAX).await;
        let rows = list.map_err(|e| words(&e))?.rows;
        let (mut given, mut left) = (0, 0);
        for row in &rows {
            let (Some(to), Some(public)) =
                (&receiver, id::parse_public(id::CONVERSATION, &row.conversation))
            else {
                left += 1;
                continue;
            };
            let conversation =
                app.find_conversation(shop.id, public).await.map_err(|e| words(&e))?;
            let roles = [Role::Owner];
            match app.hand_over(shop.id, conversation, &actor, &roles, to.id, None).await {
                Ok(_) => given += 1,
                Err(error) => {
                    left += 1;
                    say.text(format!("{key:10} {}: {}", row.conversation, words(&error)));
                }
            }
        }
        if given + left > 0 {
            say.text(format!("{key:10} {given} handed over, {left} to be taken over at the desk"));
        }
    }
    Ok(())
}
