//! "What would this do to last month's messages?" Old messages are read by pages with pauses between, on a reader, never
//! in the writer's way. A trial lives in the memory of the server that began it: it is a question, not a record.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;
use xiaoer_domain::chat::{MessageKind, Side};
use xiaoer_domain::id::ShopId;
use xiaoer_domain::quality::guard::{
    Context, Finding, Guard, Level, Pattern, RuleCode, RuleWords, Word,
};
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::quality as wire;
use xiaoer_store::quality::{self as store, PastLine};

use super::rules::{bad_word, check_right};
use super::{rules_at, shown};
use crate::team::Caller;
use crate::{App, AppError};

/// Row ids of one page.
const PAGE: i64 = 1_000;
/// Pause between pages: the readers serve people first.
const PAUSE: Duration = Duration::from_millis(5);
/// Days that a trial may look back.
const DAYS_MAX: u32 = 366;
/// Words and exceptions that a trial adds.
const WORDS_MAX: usize = 1_000;
/// Examples of a rule.
const EXAMPLES_MAX: usize = 5;
/// Characters of an example.
const EXAMPLE_CHARS: usize = 200;

/// The latest trial of each shop.
#[derive(Default)]
pub struct Trials(Mutex<HashMap<ShopId, Arc<Trial>>>);

struct Trial {
    id: i64,
    stop: CancellationToken,
    seen: Mutex<Seen>,
}

#[derive(Clone)]
struct Seen {
    state: &'static str,
    percent: u32,
    messages: i64,
    stopped: i64,
    rules: HashMap<RuleCode, wire::GuardTrialRule>,
}

impl App {
    /// Begins a trial; one that runs in this shop is given up.
    ///
    /// # Errors
    /// A missing right; `bad_request`; the database.
    pub async fn begin_guard_trial(
        &self,
        shop: ShopId,
        caller: &Caller,
        body: &wire::GuardTrialBody,
    ) -> Result<wire::GuardTrial, AppError> {
        check_right(caller)?;
        if !(1..=DAYS_MAX).contains(&body.days) {
            return Err(AppError::bad_field("days"));
        }
        let now = self.clock.now();
        let (kind, rows) = (self.shop_kind(shop).await?, self.guard_rows(shop).await?);
        let mut rules = rules_at(kind, &rows, now);
        overlay(&mut rules, body)?;
        let from = now.minus(Span::minutes(body.days * 24 * 60));
        let top = self.db.read(|tx| Box::pin(store::last_entry(tx))).await?;
        let trial = Arc::new(Trial {
            id: now.micros(),
            stop: self.tasks.stopping().child_token(),
            seen: Mutex::new(Seen {
                state: "running",
                percent: 0,
                messages: 0,
                stopped: 0,
                rules: HashMap::new(),
            }),
        });
        let told = trial.shown();
        if let Some(old) = self.trials.0.lock().insert(shop, Arc::clone(&trial)) {
            old.stop.cancel();
        }
        let app = self.clone();
        self.tasks.once(async move {
            let made = tokio::task::spawn_blocking(move || Guard::new(kind, rules)).await;
            let Ok(guard) = made else { return trial.seen.lock().state = "failed" };
            let state =
                match look_through(&app, shop, &trial, &Arc::new(guard), (from, now), top).await {
                    Ok(()) if trial.stop.is_cancelled() => "cancelled",
                    Ok(()) => "done",
                    Err(error) => {
                        tracing::warn!(error = %error, "a trial of the guard was given up");
                        "failed"
                    }
                };
            let mut seen = trial.seen.lock();
            seen.state = state;
            if state == "done" {
                seen.percent = 100;
            }
        });
        Ok(told)
    }

    /// How far a trial has come.
    ///
    /// # Errors
    /// A missing right; `not_found` for one that another took the place of.
    pub fn guard_trial(
        &self,
        shop: ShopId,
        caller: &Caller,
        id: i64,
    ) -> Result<wire::GuardTrial, AppError> {
        check_right(caller)?;
        Ok(self.find_trial(shop, id)?.shown())
    }

    /// Gives a trial up; what it has seen stays to be read.
    ///
    /// # Errors
    /// As [`App::guard_trial`].
    pub fn cancel_guard_trial(
        &self,
        shop: ShopId,
        caller: &Caller,
        id: i64,
    ) -> Result<wire::GuardTrial, AppError> {
        check_right(caller)?;
        let trial = self.find_trial(shop, id)?;
        trial.stop.cancel();
        let mut told = trial.shown();
        if told.state == "running" {
            "cancelled".clone_into(&mut told.state);
        }
        Ok(told)
    }

    fn find_trial(&self, shop: ShopId, id: i64) -> Result<Arc<Trial>, AppError> {
        let found = self.trials.0.lock().get(&shop).filter(|trial| trial.id == id).cloned();
        found.ok_or_else(|| AppError::refused(ErrorCode::NotFound))
    }
}

/// Puts what is tried over the rules as they stand.
fn overlay(rules: &mut [RuleWords], body: &wire::GuardTrialBody) -> Result<(), AppError> {
    let Some(name) = &body.rule else { return Ok(()) };
    let code = RuleCode::parse(name).ok_or_else(|| AppError::bad_field("rule"))?;
    if body.words.len() + body.exempt.len() > WORDS_MAX {
        return Err(AppError::bad_field("words"));
    }
    let Some(rule) = rules.iter_mut().find(|rule| rule.code == code) else { return Ok(()) };
    if let Some(level) = &body.level {
        let level = Level::parse(level).filter(|level| *level <= code.level_max());
        rule.level = level.ok_or_else(|| AppError::bad_field("level"))?;
    }
    for word in &body.words {
        rule.words.push(Word::parse(word).map_err(bad_word)?);
    }
    for exception in &body.exempt {
        rule.exceptions.push(Pattern::parse(exception).map_err(bad_word)?);
    }
    Ok(())
}

async fn look_through(
    app: &App,
    shop: ShopId,
    trial: &Arc<Trial>,
    guard: &Arc<Guard>,
    (from, now): (Timestamp, Timestamp),
    top: i64,
) -> Result<(), AppError> {
    let codes = (Side::Agent.code(), MessageKind::Human.code());
    let mut upto = top;
    while upto > 0 && !trial.stop.is_cancelled() {
        let above = upto - PAGE;
        let read =
            app.db.read(move |tx| Box::pin(store::agent_lines(tx, shop, upto, above, codes)));
        let (lines, oldest) = read.await?;
        let (judge, seen) = (Arc::clone(guard), Arc::clone(trial));
        let judged = tokio::task::spawn_blocking(move || {
            for line in lines.iter().filter(|line| line.at >= from) {
                seen.take(line, &judge.check(&line.text, &Context::default()));
            }
        });
        judged.await.map_err(|_| AppError::refused(ErrorCode::Internal))?;
        if let Some(oldest) = oldest {
            let whole = now.since(from).micros().max(1);
            let share = now.since(oldest).micros().clamp(0, whole) * 100 / whole;
            trial.seen.lock().percent = u32::try_from(share).unwrap_or(100).min(99);
            if oldest < from {
                return Ok(());
            }
        }
        upto = above;
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = trial.stop.cancelled() => {}
        }
    }
    Ok(())
}

impl Trial {
    fn take(&self, line: &PastLine, findings: &[Finding]) {
        let mut seen = self.seen.lock();
        seen.messages += 1;
        seen.stopped += i64::from(Guard::strictest(findings).stops());
        let mut counted: Vec<RuleCode> = Vec::new();
        for finding in findings {
            if counted.contains(&finding.rule) {
                continue;
            }
            counted.push(finding.rule);
            let rule = seen.rules.entry(finding.rule).or_insert_with(|| wire::GuardTrialRule {
                rule: finding.rule.word().to_owned(),
                level: finding.level.word().to_owned(),
                messages: 0,
                examples: Vec::new(),
            });
            rule.messages += 1;
            let short = line.text.chars().count() <= EXAMPLE_CHARS;
            if rule.examples.len() < EXAMPLES_MAX && short {
                let (at, text) = (line.at.micros(), line.text.clone());
                rule.examples.push(wire::GuardExample { at, finding: shown(&text, finding), text });
            }
        }
    }

    fn shown(&self) -> wire::GuardTrial {
        let seen = self.seen.lock();
        let mut rules: Vec<wire::GuardTrialRule> = seen.rules.values().cloned().collect();
        rules.sort_by(|a, b| b.messages.cmp(&a.messages).then_with(|| a.rule.cmp(&b.rule)));
        wire::GuardTrial {
            id: self.id,
            state: seen.state.to_owned(),
            percent: seen.percent,
            messages: seen.messages,
            stopped: seen.stopped,
            rules,
        }
    }
}
