//! A shop's words as a spreadsheet, out and in. Bringing one in adds, never removes; all lines of a sheet or none.

use std::collections::HashSet;

use xiaoer_connect::word_sheet::{self, SheetLine};
use xiaoer_domain::id::ShopId;
use xiaoer_domain::quality::guard::{Pattern, RuleCode};
use xiaoer_protocol::quality as wire;
use xiaoer_store::quality::{self as store, StoredWord};

use super::holds;
use super::rules::{WORDS_MAX, check_right, parse_word};
use crate::platform::audit::{AuditKind, Note};
use crate::team::Caller;
use crate::{App, AppError};

/// Words that one transaction writes.
const CHUNK: usize = 500;

impl App {
    /// The shop's words that hold now, as a sheet.
    ///
    /// # Errors
    /// A missing right; the database.
    pub async fn export_guard_words(
        &self,
        shop: ShopId,
        caller: &Caller,
    ) -> Result<String, AppError> {
        check_right(caller)?;
        let (now, rows) = (self.clock.now(), self.guard_rows(shop).await?);
        let lines: Vec<SheetLine> = rows
            .words
            .into_iter()
            .filter(|word| holds(word, now))
            .map(|word| SheetLine {
                line: 0,
                rule: word.rule,
                kind: if word.exempt { "exception" } else { "word" }.to_owned(),
                word: word.word,
                better: word.better.unwrap_or_default(),
            })
            .collect();
        Ok(word_sheet::write(&lines))
    }

    /// Adds the words of a sheet.
    ///
    /// # Errors
    /// A missing right; `bad_request` when it is no sheet; the database.
    pub async fn import_guard_words(
        &self,
        shop: ShopId,
        caller: &Caller,
        csv: &str,
    ) -> Result<wire::GuardImported, AppError> {
        check_right(caller)?;
        let lines = word_sheet::read(csv).ok_or_else(|| AppError::bad_field("csv"))?;
        let (now, rows) = (self.clock.now(), self.guard_rows(shop).await?);
        let mut held: HashSet<(String, bool, String)> = rows
            .words
            .iter()
            .filter(|word| word.valid_until.is_none())
            .map(|word| (word.rule.clone(), word.exempt, word.word.clone()))
            .collect();
        let mut count = i64::try_from(rows.words.len()).unwrap_or(i64::MAX);
        let mut told = wire::GuardImported { added: 0, same: 0, refused: Vec::new() };
        let mut new: Vec<StoredWord> = Vec::new();
        for line in lines {
            match parse_line(&line) {
                Ok(word) if !held.insert((word.rule.clone(), word.exempt, word.word.clone())) => {
                    told.same += 1;
                }
                Ok(_) if count >= WORDS_MAX => told.refused.push(refusal(&line, "full")),
                Ok(word) => {
                    count += 1;
                    new.push(StoredWord { valid_from: now, ..word });
                }
                Err(reason) => told.refused.push(refusal(&line, reason)),
            }
        }
        told.added = i64::try_from(new.len()).unwrap_or(i64::MAX);
        let by = caller.sender.account;
        for chunk in new.chunks(CHUNK) {
            let words = chunk.to_vec();
            let told = serde_json::json!({ "imported": words.len() });
            let note = self.audit(Note::of(AuditKind::GuardChanged).is(&told));
            self.db
                .write(move |tx| {
                    let (words, note) = (words.clone(), note.clone());
                    Box::pin(async move {
                        for word in &words {
                            store::insert_word(tx, shop, word, by).await?;
                        }
                        store::raise_version(tx, shop).await?;
                        note.write(tx, shop).await?;
                        Ok::<_, AppError>(())
                    })
                })
                .await?;
        }
        self.forget_guard(shop);
        Ok(told)
    }
}

fn parse_line(line: &SheetLine) -> Result<StoredWord, &'static str> {
    let code = RuleCode::parse(line.rule.trim()).ok_or("bad_rule")?;
    let exempt = match line.kind.trim().to_lowercase().as_str() {
        "" | "word" | "词" => false,
        "exception" | "例外" => true,
        _ => return Err("bad_kind"),
    };
    Pattern::parse(&line.word).map_err(|error| error.word())?;
    let body = wire::GuardWordBody {
        exempt,
        word: line.word.clone(),
        better: Some(line.better.clone()),
        valid_from: None,
        valid_until: None,
    };
    parse_word(code, &body).map_err(|_| "too_long")
}

fn refusal(line: &SheetLine, reason: &str) -> wire::GuardRefusal {
    wire::GuardRefusal { line: line.line, reason: reason.to_owned() }
}
