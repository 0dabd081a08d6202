//! The guard on the way out: judged before the batch, decided inside it, so that a repeated send is the same line and
//! not judged again.

use xiaoer_domain::chat::Lane;
use xiaoer_domain::id::ConversationId;
use xiaoer_domain::quality::guard::{Finding, Level};
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::ErrorCode;
use xiaoer_store::quality::NewNote;

use super::shown;
use crate::chat::{Act, Command, Speaker};
use crate::{App, AppError};

/// Rules that one send confirms.
const CONFIRMED_MAX: usize = 20;
/// Characters of a reason.
const REASON_CHARS_MAX: usize = 200;

/// What a sender confirms, and what the rules found.
#[derive(Clone, Debug, Default)]
pub struct Guarding {
    confirmed: Vec<String>,
    reason: Option<String>,
    findings: Vec<Finding>,
}

impl Guarding {
    /// The sender knows what these rules say and sends all the same, for a reason.
    ///
    /// # Errors
    /// `bad_request` for rules without a reason, a long reason, or too many rules.
    pub fn confirmed(rules: &[String], reason: Option<&str>) -> Result<Self, AppError> {
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
        if rules.len() > CONFIRMED_MAX {
            return Err(AppError::bad_field("confirmed"));
        }
        let long = reason.is_some_and(|reason| reason.chars().count() > REASON_CHARS_MAX);
        if long || (!rules.is_empty() && reason.is_none()) {
            return Err(AppError::bad_field("reason"));
        }
        let (confirmed, reason) = (rules.to_vec(), reason.map(str::to_owned));
        Ok(Self { confirmed, reason, findings: Vec::new() })
    }

    /// Whether the message may leave.
    ///
    /// # Errors
    /// `guard_blocks`, `guard_asks`, with everything that was found.
    pub(crate) fn permit(&self, act: &Act) -> Result<(), AppError> {
        let asks = |f: &&Finding| {
            f.level == Level::Ask && !self.confirmed.iter().any(|rule| rule == f.rule.word())
        };
        let blocked = self.findings.iter().any(|f| f.level == Level::Block);
        let code = match (blocked, self.findings.iter().find(asks)) {
            (true, _) => ErrorCode::GuardBlocks,
            (false, Some(_)) => ErrorCode::GuardAsks,
            (false, None) => return Ok(()),
        };
        let text = said(act).unwrap_or_default();
        let findings: Vec<_> = self.findings.iter().map(|f| shown(text, f)).collect();
        metrics::counter!("xiaoer_guard_stops_total", "code" => code.word()).increment(1);
        Err(AppError::Refused { code, params: Some(serde_json::json!({ "findings": findings })) })
    }
}

impl App {
    /// Lets the rules look at what a person of the shop is about to say to a buyer.
    pub(crate) async fn guard_command(&self, command: &mut Command) -> Result<(), AppError> {
        let Speaker::Staff(_) = command.by else { return Ok(()) };
        let Some(text) = said(&command.act).filter(|_| command.lane == Lane::Buyer) else {
            return Ok(());
        };
        let found = self.guard_text(command.shop, Some(command.conversation), text).await?;
        command.guarding.findings = found;
        Ok(())
    }
}

/// What is to be noted of a message that left.
pub(crate) fn notes_of(
    command: &Command,
    conversation: ConversationId,
    entry_seq: i64,
    at: Timestamp,
) -> Vec<NewNote> {
    let Speaker::Staff(sender) = &command.by else { return Vec::new() };
    let guarding = &command.guarding;
    let mut notes: Vec<NewNote> = Vec::new();
    for finding in &guarding.findings {
        let rule = finding.rule.word();
        if notes.iter().any(|note| note.rule == rule) {
            continue;
        }
        let reason = guarding.reason.clone().filter(|_| finding.level == Level::Ask);
        let (level, word) = (finding.level.word(), finding.word.clone());
        let account = sender.account;
        notes.push(NewNote { conversation, entry_seq, rule, level, word, account, reason, at });
    }
    notes
}

fn said(act: &Act) -> Option<&str> {
    match act {
        Act::Say(text) => Some(text.as_str()),
        Act::Show(_, caption) => caption.as_ref().map(|text| text.as_str()),
        Act::Recall(_) => None,
    }
}
