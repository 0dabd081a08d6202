//! What was left while nobody was on duty is attended to: whoever is given the buyer owns it, whoever answers has done it.

use xiaoer_domain::chat::{Lane, Side};
use xiaoer_domain::id::{AccountId, ConversationId};
use xiaoer_protocol::ErrorCode;
use xiaoer_store::journal::JournalRow;

use super::follow_up::Attended;
use crate::App;
use crate::followers::{Facts, FollowError};

/// Version of the facts of both kinds.
const VERSION: i64 = 1;

/// Looks at a line of the journal. True if it was attending to somebody.
pub(crate) async fn react(app: &App, row: &JournalRow) -> Result<bool, FollowError> {
    if !matches!(row.kind.as_str(), "session_given" | "entry_added") {
        return Ok(false);
    }
    let facts = Facts::read(row, VERSION)?;
    let how = match row.kind.as_str() {
        "session_given" => {
            facts.number_or_null("a")?.map(|agent| Attended::Given(AccountId::new(agent)))
        }
        _ => {
            let by_agent = facts.number("by").is_ok_and(|side| side == Side::Agent.code());
            let to_buyer = facts.number("l")? == Lane::Buyer.code();
            (by_agent && to_buyer).then_some(Attended::Said(facts.number("s")?))
        }
    };
    let Some(how) = how else { return Ok(false) };
    let conversation = ConversationId::new(facts.number("c")?);
    match app.attend_left(row.shop, conversation, how).await {
        // What changed nothing may be judged again: nothing is saved for each of a shop's lines.
        Ok(changed) => Ok(changed),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(false),
        Err(source) => {
            Err(FollowError::Failed { line: row.position.id, kind: row.kind.clone(), source })
        }
    }
}
