//! Rules at a screen: reading and changing levels and words. Each change is in the audit log and counted, so that every
//! server renews what it holds.

use xiaoer_domain::id::ShopId;
use xiaoer_domain::quality::guard::{EDITIONS, Level, Pattern, RuleCode, WordError, built_in};
use xiaoer_domain::team::{Right, may};
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::quality as wire;
use xiaoer_protocol::{ErrorCode, id};
use xiaoer_store::StoreError;
use xiaoer_store::quality::{self as store, StoredLevel, StoredWord};

use super::{holds, level_at};
use crate::platform::audit::{AuditKind, Note};
use crate::team::Caller;
use crate::{App, AppError};

/// Words that a shop may have at once, with old ones.
pub(super) const WORDS_MAX: i64 = 20_000;
/// Characters of a better wording.
const BETTER_CHARS_MAX: usize = 200;
/// Notes of a page.
const NOTES: i64 = 50;

impl App {
    /// Every rule as the shop has it.
    ///
    /// # Errors
    /// The database.
    pub async fn guard_rules(
        &self,
        shop: ShopId,
        caller: &Caller,
    ) -> Result<wire::GuardRules, AppError> {
        let (now, kind, rows) =
            (self.clock.now(), self.shop_kind(shop).await?, self.guard_rows(shop).await?);
        let edition = EDITIONS.iter().rev().find(|e| e.from <= now).unwrap_or(&EDITIONS[0]);
        let rules = built_in(kind, now).into_iter().map(|rule| {
            let word = rule.code.word();
            let mine = |l: &&StoredLevel| l.rule == word;
            let since = rows.levels.iter().rev().filter(mine).find(|l| l.valid_from <= now);
            let next = rows.levels.iter().filter(mine).find(|l| l.valid_from > now);
            let own = rows.words.iter().filter(|w| w.rule == word && holds(w, now)).count();
            wire::GuardRule {
                rule: word.to_owned(),
                level: level_at(rule.code, kind, &rows.levels, now).word().to_owned(),
                default: rule.code.level(kind).word().to_owned(),
                strictest: rule.code.level_max().word().to_owned(),
                since: since.map(|l| l.valid_from.micros()),
                next: next.map(|l| wire::GuardLevel {
                    level: l.level.clone(),
                    valid_from: Some(l.valid_from.micros()),
                }),
                built_in: i64::try_from(rule.words.len()).unwrap_or(i64::MAX),
                own: i64::try_from(own).unwrap_or(i64::MAX),
            }
        });
        Ok(wire::GuardRules {
            shop_kind: kind.word().to_owned(),
            edition: edition.day.to_owned(),
            rules: rules.collect(),
            may_edit: may(&caller.roles, Right::ManageGuard),
        })
    }

    /// The words of a rule.
    ///
    /// # Errors
    /// `not_found`; the database.
    pub async fn guard_words(
        &self,
        shop: ShopId,
        rule: &str,
    ) -> Result<wire::GuardWords, AppError> {
        let code = parse_rule(rule)?;
        let (now, kind, rows) =
            (self.clock.now(), self.shop_kind(shop).await?, self.guard_rows(shop).await?);
        let product = built_in(kind, now).into_iter().find(|rule| rule.code == code);
        let (words, exceptions) = product.map(|p| (p.words, p.exceptions)).unwrap_or_default();
        let own = rows.words.iter().filter(|word| word.rule == code.word());
        Ok(wire::GuardWords {
            built_in: words.iter().map(|w| w.pattern.written().to_owned()).collect(),
            built_in_exempt: exceptions.iter().map(|p| p.written().to_owned()).collect(),
            own: own.map(word_shown).collect(),
        })
    }

    /// Sets how strict a rule is, from a moment on.
    ///
    /// # Errors
    /// A missing right; `not_found`; `bad_request` for a level that the rule does not take or a moment that is over.
    pub async fn set_guard_level(
        &self,
        shop: ShopId,
        caller: &Caller,
        rule: &str,
        body: &wire::GuardLevel,
    ) -> Result<(), AppError> {
        check_right(caller)?;
        let code = parse_rule(rule)?;
        let level = Level::parse(&body.level).filter(|level| *level <= code.level_max());
        let level = level.ok_or_else(|| AppError::bad_field("level"))?;
        let now = self.clock.now();
        let valid_from = self.moment(body.valid_from, now)?;
        let (kind, rows) = (self.shop_kind(shop).await?, self.guard_rows(shop).await?);
        let before = level_at(code, kind, &rows.levels, valid_from);
        let note = self.audit(
            Note::of(AuditKind::GuardChanged)
                .on(code.word())
                .was(&serde_json::json!({ "level": before.word() }))
                .is(&serde_json::json!({ "level": level.word(), "valid_from": valid_from.micros() })),
        );
        let stored = StoredLevel {
            rule: code.word().to_owned(),
            valid_from,
            level: level.word().to_owned(),
        };
        let by = caller.sender.account;
        self.db
            .write(move |tx| {
                let (stored, note) = (stored.clone(), note.clone());
                Box::pin(async move {
                    store::set_level(tx, shop, &stored, by).await?;
                    store::raise_version(tx, shop).await?;
                    note.write(tx, shop).await?;
                    Ok::<_, AppError>(())
                })
            })
            .await?;
        self.forget_guard(shop);
        Ok(())
    }

    /// A new word or exception of a rule.
    ///
    /// # Errors
    /// A missing right; `not_found`; `bad_request` with what is wrong in `reason`; `name_taken`; `too_many`.
    pub async fn add_guard_word(
        &self,
        shop: ShopId,
        caller: &Caller,
        rule: &str,
        body: &wire::GuardWordBody,
    ) -> Result<wire::GuardWord, AppError> {
        check_right(caller)?;
        let code = parse_rule(rule)?;
        let now = self.clock.now();
        let mut word = parse_word(code, body)?;
        word.valid_from = self.moment(body.valid_from, now)?;
        word.valid_until = body.valid_until.map(Timestamp::from_micros);
        if word.valid_until.is_some_and(|until| until <= word.valid_from) {
            return Err(AppError::bad_field("valid_until"));
        }
        let note = self.audit(Note::of(AuditKind::GuardChanged).on(code.word()).is(&added(&word)));
        let by = caller.sender.account;
        let made = self
            .db
            .write(move |tx| {
                let (mut word, note) = (word.clone(), note.clone());
                Box::pin(async move {
                    if store::count_words(tx, shop).await? >= WORDS_MAX {
                        return Err(full());
                    }
                    word.id = store::insert_word(tx, shop, &word, by).await.map_err(taken)?;
                    store::raise_version(tx, shop).await?;
                    note.write(tx, shop).await?;
                    Ok(word)
                })
            })
            .await?;
        self.forget_guard(shop);
        Ok(word_shown(&made))
    }

    /// A word or exception holds no longer; messages of before are still judged by it.
    ///
    /// # Errors
    /// A missing right; `not_found`.
    pub async fn end_guard_word(
        &self,
        shop: ShopId,
        caller: &Caller,
        word: i64,
    ) -> Result<(), AppError> {
        check_right(caller)?;
        let now = self.clock.now();
        let note = self.audit(Note::of(AuditKind::GuardChanged));
        self.db
            .write(move |tx| {
                let note = note.clone();
                Box::pin(async move {
                    let found = store::find_word(tx, shop, word).await?;
                    let found = found.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
                    store::end_word(tx, shop, word, now).await?;
                    store::raise_version(tx, shop).await?;
                    let was = serde_json::json!({ "word": found.word, "exempt": found.exempt });
                    let told = Note::of(AuditKind::GuardChanged).on(found.rule).was(&was);
                    note.with(told).write(tx, shop).await?;
                    Ok::<_, AppError>(())
                })
            })
            .await?;
        self.forget_guard(shop);
        Ok(())
    }

    /// Messages that left although a rule had found something, newest first.
    ///
    /// # Errors
    /// A missing right; the database.
    pub async fn guard_notes(
        &self,
        shop: ShopId,
        caller: &Caller,
        before: Option<i64>,
    ) -> Result<wire::GuardNotes, AppError> {
        check_right(caller)?;
        let before = before.unwrap_or(i64::MAX);
        let found = self.db.read(move |tx| Box::pin(store::notes(tx, shop, before, NOTES))).await?;
        let full = i64::try_from(found.len()).is_ok_and(|n| n == NOTES);
        let next = found.last().map(|note| note.id).filter(|_| full);
        let notes = found.into_iter().map(|note| wire::GuardNote {
            id: note.id,
            conversation: id::public(id::CONVERSATION, note.conversation),
            seq: note.entry_seq,
            rule: note.rule,
            level: note.level,
            word: note.word,
            agent: note.agent,
            reason: note.reason,
            at: note.at.micros(),
        });
        Ok(wire::GuardNotes { notes: notes.collect(), next })
    }

    /// A moment that is given, not before now.
    fn moment(&self, given: Option<i64>, now: Timestamp) -> Result<Timestamp, AppError> {
        let at = given.map_or(now, Timestamp::from_micros);
        if at < now { Err(AppError::bad_field("valid_from")) } else { Ok(at) }
    }
}

pub(super) fn check_right(caller: &Caller) -> Result<(), AppError> {
    let right = Right::ManageGuard;
    if may(&caller.roles, right) { Ok(()) } else { Err(AppError::forbidden(right)) }
}

fn parse_rule(word: &str) -> Result<RuleCode, AppError> {
    RuleCode::parse(word).ok_or_else(|| AppError::refused(ErrorCode::NotFound))
}

/// A word as somebody wrote it, without its dates.
pub(super) fn parse_word(
    code: RuleCode,
    body: &wire::GuardWordBody,
) -> Result<StoredWord, AppError> {
    let pattern = Pattern::parse(&body.word).map_err(bad_word)?;
    let better = body.better.as_deref().map(str::trim).filter(|better| !better.is_empty());
    if better.is_some_and(|better| better.chars().count() > BETTER_CHARS_MAX) {
        return Err(AppError::bad_field("better"));
    }
    Ok(StoredWord {
        id: 0,
        rule: code.word().to_owned(),
        exempt: body.exempt,
        word: pattern.written().to_owned(),
        better: better.map(str::to_owned),
        valid_from: Timestamp::from_micros(0),
        valid_until: None,
    })
}

pub(super) fn bad_word(error: WordError) -> AppError {
    let params = Some(serde_json::json!({ "field": "word", "reason": error.word() }));
    AppError::Refused { code: ErrorCode::BadRequest, params }
}

fn added(word: &StoredWord) -> serde_json::Value {
    serde_json::json!({ "word": word.word, "exempt": word.exempt, "valid_from": word.valid_from.micros() })
}

fn word_shown(word: &StoredWord) -> wire::GuardWord {
    wire::GuardWord {
        id: word.id,
        exempt: word.exempt,
        word: word.word.clone(),
        better: word.better.clone(),
        valid_from: word.valid_from.micros(),
        valid_until: word.valid_until.map(Timestamp::micros),
    }
}

fn full() -> AppError {
    let params = Some(serde_json::json!({ "max": WORDS_MAX }));
    AppError::Refused { code: ErrorCode::TooMany, params }
}

fn taken(error: StoreError) -> AppError {
    match error {
        StoreError::Unique { .. } => AppError::refused(ErrorCode::NameTaken),
        other => other.into(),
    }
}
