//! Nobody is on duty: the buyer is told, once in a session, that what is written is kept and answered later.

use xiaoer_domain::id::{ConversationId, SessionId};
use xiaoer_domain::routing::Candidate;
use xiaoer_protocol::ErrorCode;
use xiaoer_store::journal::JournalRow;

use crate::App;
use crate::followers::{Facts, FollowError};

/// Code of the notice (docs/PROTOCOL.md, section 8).
pub(super) const CODE: &str = "leave_message";
/// Version of the facts of `session_opened`.
const VERSION: i64 = 1;

/// Looks at a line of the journal. True if a session opened.
pub(crate) async fn react(app: &App, row: &JournalRow) -> Result<bool, FollowError> {
    if row.kind != "session_opened" {
        return Ok(false);
    }
    let facts = Facts::read(row, VERSION)?;
    if facts.number_or_null("a")?.is_some() {
        return Ok(true);
    }
    let conversation = ConversationId::new(facts.number("c")?);
    let session = SessionId::new(facts.number("n")?);
    let noticed =
        app.notify_once(row.shop, conversation, CODE, session.get(), move |talk, available| {
            let still_alone = talk
                .open_session()
                .is_some_and(|open| open.id == Some(session) && open.agent.is_none());
            still_alone && !available.iter().any(Candidate::receives)
        });
    let noted = async {
        noticed.await?;
        app.note_left(row.shop, conversation, session).await
    };
    match noted.await {
        Ok(()) => Ok(true),
        // Erased meanwhile: nobody is left to tell.
        Err(error) if error.code() == ErrorCode::NotFound => Ok(true),
        Err(source) => {
            Err(FollowError::Failed { line: row.position.id, kind: row.kind.clone(), source })
        }
    }
}
