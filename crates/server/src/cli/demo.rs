//! The demonstration at the command line: made by `serve --demo` where there is no shop, or by a verb of its own.

use xiaoer_app::App;
use xiaoer_demo::{DemoError, Made, SEED, Scale};

/// Makes the demonstration shop if there is no other shop. Returns its accounts as lines for people.
pub async fn prepare(app: &App, scale: Scale) -> Result<Vec<String>, String> {
    match xiaoer_demo::make(app, SEED, scale, false, &mut |_, _| {}).await {
        Ok(_) => Ok(xiaoer_demo::accounts()),
        // Somebody's own shops: they are served as they are.
        Err(DemoError::OtherShops) => Ok(Vec::new()),
        Err(DemoError::NotOurs) => {
            tracing::warn!("the shop {} was not made by this demonstration", xiaoer_demo::SHOP);
            Ok(Vec::new())
        }
        Err(error) => Err(words(&error)),
    }
}

/// What was made, as lines for people.
pub fn report(made: &Made) -> Vec<String> {
    if made.was_there {
        return vec!["The demonstration shop is there already; nothing was changed.".to_owned()];
    }
    vec![
        format!("products       {}", made.products),
        format!("customers      {}", made.customers),
        format!("orders         {}", made.orders),
        format!("conversations  {}", made.conversations),
    ]
}

/// A refusal in words for the terminal.
pub fn words(error: &DemoError) -> String {
    match error {
        DemoError::OtherShops => "Other shops work with this data, and the demonstration's passwords are known to \
            everybody. Nothing was changed. Use another data folder (XIAOER_DATA), or add --beside-other-shops."
            .to_owned(),
        DemoError::NotOurs => format!(
            "The shop {} was not made by this demonstration. Nothing was changed. Use another data folder.",
            xiaoer_demo::SHOP
        ),
        other => format!("The demonstration is not whole: {}. Ask for it again to go on.", crate::error::chain(other)),
    }
}
