//! A send that names the phrase it was made from: it leaves only while the phrase may be said, and is counted with it.
//! Judged before the batch, decided inside it, so that a repeated send is the same line and not judged again.

use xiaoer_domain::chat::Lane;
use xiaoer_domain::id::{PhraseId, ShopId};
use xiaoer_domain::phrases::{Standing, is_said_as_written};
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::phrases as wire;
use xiaoer_store::StoreError;
use xiaoer_store::phrases::{self as store, Groups, NewSaid, StoredFolder, StoredPhrase};

use super::sheet::path_of;
use super::{LISTED_FOLDERS_MAX, not_found};
use crate::chat::{Act, Command, Speaker};
use crate::{App, AppError};

/// Days over which uses are counted at most.
const USAGE_DAYS_MAX: u32 = 90;
/// Phrases of one answer.
const USAGE_PHRASES_MAX: i64 = 20_000;

/// The phrase that a send was made from.
#[derive(Clone, Debug)]
pub struct Named {
    id: PhraseId,
    judged: Option<Result<String, AppError>>,
}

impl Named {
    /// The phrase that a sender names, if one is named.
    #[must_use]
    pub fn of(number: Option<i64>) -> Option<Self> {
        number.map(|id| Self { id: PhraseId::new(id), judged: None })
    }

    /// Whether it may leave.
    ///
    /// # Errors
    /// `phrase_expired` with its code and place; `not_found`.
    pub(crate) fn permit(&self) -> Result<(), AppError> {
        match &self.judged {
            Some(Err(error)) => Err(error.clone()),
            _ => Ok(()),
        }
    }
}

/// What is kept of a message that was made from a phrase.
pub(crate) fn said_of(command: &Command, entry_seq: i64, at: Timestamp) -> Option<NewSaid> {
    let (Speaker::Staff(sender), Some(named)) = (&command.by, &command.phrase) else { return None };
    // A note among colleagues is no use before a buyer.
    let Some(Ok(text)) = named.judged.as_ref().filter(|_| command.lane == Lane::Buyer) else {
        return None;
    };
    let is_edited = match &command.act {
        Act::Say(said) => !is_said_as_written(text, said.as_str()),
        Act::Show(..) | Act::Recall(_) => return None,
    };
    let (phrase, account, conversation) = (named.id, sender.account, command.conversation);
    Some(NewSaid { phrase, account, conversation, entry_seq, is_edited, at })
}

impl App {
    /// Looks at the phrase that a send names.
    pub(crate) async fn judge_phrase(&self, command: &mut Command) -> Result<(), AppError> {
        let (shop, now) = (command.shop, self.clock.now());
        let (Speaker::Staff(sender), Some(named)) = (&command.by, &mut command.phrase) else {
            return Ok(());
        };
        let (id, me) = (named.id, sender.account);
        let read = self.db.read(move |tx| {
            Box::pin(async move {
                let Some(found) = store::find_readable(tx, shop, id, me).await? else {
                    return Ok(None);
                };
                let folders = match found.phrase.validity.standing(now) {
                    Standing::Valid => Vec::new(),
                    _ => store::folders(tx, shop, me, Groups::Own, LISTED_FOLDERS_MAX).await?,
                };
                Ok::<_, StoreError>(Some((found, folders)))
            })
        });
        named.judged = Some(match read.await? {
            None => Err(not_found()),
            Some((found, folders)) => judged(found, &folders, now),
        });
        Ok(())
    }

    /// How often each phrase was said lately, and how often it was changed before.
    ///
    /// # Errors
    /// `bad_request` for too many days; the database.
    pub async fn phrase_usage(
        &self,
        shop: ShopId,
        days: u32,
    ) -> Result<wire::PhraseUsage, AppError> {
        if !(1..=USAGE_DAYS_MAX).contains(&days) {
            return Err(AppError::bad_field("days"));
        }
        let since = self.clock.now().minus(Span::minutes(days * 24 * 60));
        let read = self.db.read(move |tx| {
            Box::pin(async move { store::usage(tx, shop, since, USAGE_PHRASES_MAX).await })
        });
        let phrases = read.await?.into_iter().map(|(id, said, edited)| wire::PhraseUse {
            id: id.get(),
            said,
            edited,
        });
        Ok(wire::PhraseUsage { since: since.micros(), phrases: phrases.collect() })
    }
}

fn judged(
    found: StoredPhrase,
    folders: &[StoredFolder],
    now: Timestamp,
) -> Result<String, AppError> {
    let standing = found.phrase.validity.standing(now);
    if standing == Standing::Valid {
        return Ok(found.phrase.text);
    }
    Err(AppError::Refused {
        code: ErrorCode::PhraseExpired,
        params: Some(serde_json::json!({
            "standing": standing.word(),
            "scope": found.place.word(),
            "folder": path_of(folders, found.folder),
            "phrase": found.phrase.code,
            "title": found.phrase.title,
        })),
    })
}
