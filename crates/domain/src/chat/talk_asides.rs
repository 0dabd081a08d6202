//! What staff say to each other beside a talk.

use super::talk::{Draft, Salts, Talk};
use super::{Author, ClientId, Entry, Lane, MessageText};
use crate::coded::Coded;
use crate::team::Colleague;
use crate::time::Timestamp;

/// The code that marks a note of the staff lane as a whisper.
pub const WHISPER: &str = "whisper";

impl Talk {
    /// A supervisor tells the agent something: a note of the staff lane that names whom it is for. It answers no wait.
    pub fn whisper(
        &mut self,
        by: &Colleague,
        to: &Colleague,
        client_id: ClientId,
        text: MessageText,
        now: Timestamp,
        salts: Salts<'_>,
    ) -> Entry {
        let author = Author::Agent(by.account);
        let mut draft = Draft::message(Lane::Staff, author, client_id, text.into());
        let params = vec![("to", format!("acc_{}", to.account)), ("agent", to.name.clone())];
        draft.notice = Some(Coded { code: WHISPER, params });
        self.append(draft, now, salts)
    }
}
