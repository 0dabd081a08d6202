//! The figures of today, kept up to date from what was recorded since the last look. The first look of a day reads the
//! day; every later one reads the conversations in which something was said meanwhile. What is in memory is never more
//! than a saved way: the same day read anew gives the same figures.

use std::collections::HashMap;

use tokio::sync::Mutex;
use xiaoer_domain::figures::{Beat, Count, DayFigures, Goals, Turn, Turns};
use xiaoer_domain::id::{AccountId, ConversationId, ShopId};
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_domain::zone::{Day, TimeOfDay};
use xiaoer_protocol::{figures as wire, id};
use xiaoer_store::figures::{self as store, Line};
use xiaoer_store::{StoreError, Tx};

use crate::platform::Shop;
use crate::{App, AppError};

/// A line may be stored this long after the time it carries: so far back every look begins.
const LATE_MAX: Span = Span::seconds(20);
/// Conversations of one read, and lines of them.
const PAGE: i64 = 200;
const LINES_MAX: i64 = 100_000;
/// Buyers who wait.
const WAITING_MAX: i64 = 20_000;

/// Today in memory, by shop.
#[derive(Default)]
pub struct Today(Mutex<HashMap<ShopId, Kept>>);

struct Kept {
    day: Day,
    /// Up to here everything was read.
    read_to: Timestamp,
    talks: HashMap<ConversationId, Talk>,
}

#[derive(Default)]
struct Talk {
    seq: i64,
    turns: Turns,
    over: Vec<Turn>,
    replied: bool,
}

impl Kept {
    /// Takes new lines, and says which conversations must be read anew: a line of theirs is missing, or they went on
    /// from the day before.
    fn take(&mut self, lines: &[Line], begins: Timestamp) -> Vec<ConversationId> {
        let mut anew = Vec::new();
        for lines in lines.chunk_by(|a, b| a.conversation == b.conversation) {
            let Some(first) = lines.first() else { continue };
            let of = first.conversation;
            let known = self.talks.get(&of).map(|talk| talk.seq);
            let joins = match known {
                Some(known) => first.seq <= known + 1,
                None => first.seq == 1 || first.beat == Some(Beat::Opened),
            };
            if !joins {
                self.talks.remove(&of);
                anew.push(of);
                continue;
            }
            let talk = self.talks.entry(of).or_default();
            lines.iter().for_each(|line| talk.take(line, begins));
        }
        anew
    }
}

impl Talk {
    fn take(&mut self, line: &Line, begins: Timestamp) {
        if line.seq <= self.seq {
            return;
        }
        self.seq = line.seq;
        let Some(beat) = line.beat else { return };
        let Some(turn) = self.turns.take(beat, line.at) else { return };
        if turn.opened_at >= begins {
            self.over.push(turn);
        } else if turn.answer.is_some_and(|(_, at)| at >= begins) {
            self.replied = true;
        }
    }
}

impl App {
    /// What was counted of a shop's day so far.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn today(&self, shop: &Shop) -> Result<wire::Today, AppError> {
        let now = self.clock.now();
        let zone = shop.zone(now);
        let day = zone.day(now);
        let begins = zone.moment(day, TimeOfDay::MIDNIGHT);
        let duty = self.duty(shop, now).await?;
        let goals = goals(shop, now);
        let mut all = self.today.0.lock().await;
        let known = all.remove(&shop.id).filter(|kept| kept.day == day);
        let (id, before) = (shop.id, known.as_ref().map_or(begins, |kept| kept.read_to));
        let since = begins.max(before.minus(LATE_MAX));
        let mut kept =
            known.unwrap_or_else(|| Kept { day, read_to: begins, talks: HashMap::new() });
        let mut after = (since.minus(Span::from_micros(1)), ConversationId::new(i64::MAX));
        loop {
            let page = self
                .db
                .read(move |tx| Box::pin(async move { read_page(tx, id, after, since).await }));
            let page = page.await?;
            let anew = kept.take(&page.lines, begins);
            if !anew.is_empty() {
                let whole = self.db.read(move |tx| {
                    let anew = anew.clone();
                    Box::pin(async move { read_anew(tx, id, anew, begins).await })
                });
                for line in whole.await? {
                    kept.talks.entry(line.conversation).or_default().take(&line, begins);
                }
            }
            let Some(last) = page.next else { break };
            after = last;
        }
        kept.read_to = now;
        let holders = self
            .db
            .read(move |tx| Box::pin(async move { store::holders(tx, id, WAITING_MAX).await }))
            .await?;
        let holders: HashMap<_, _> = holders.into_iter().collect();
        let counts = |at| !duty.is_planned || duty.calendar.is_open(at);
        let figures = figures(&kept, &holders, (begins, now), &goals, counts);
        all.insert(shop.id, kept);
        Ok(shown(&figures, begins, &goals))
    }
}

struct Page {
    lines: Vec<Line>,
    next: Option<(Timestamp, ConversationId)>,
}

/// A page of conversations with their lines since a moment.
async fn read_page(
    tx: &mut Tx,
    shop: ShopId,
    after: (Timestamp, ConversationId),
    since: Timestamp,
) -> Result<Page, StoreError> {
    let touched = store::touched(tx, shop, after, PAGE).await?;
    let full = i64::try_from(touched.len()).is_ok_and(|count| count == PAGE);
    let next = touched.last().filter(|_| full).map(|(of, at)| (*at, *of));
    let of: Vec<_> = touched.into_iter().map(|(of, _)| of).collect();
    let lines = match of.is_empty() {
        true => Vec::new(),
        false => store::lines_since(tx, shop, of, since, LINES_MAX).await?,
    };
    Ok(Page { lines, next })
}

/// Some conversations from the day's beginning, each with the lines before it that say what was open then.
async fn read_anew(
    tx: &mut Tx,
    shop: ShopId,
    of: Vec<ConversationId>,
    begins: Timestamp,
) -> Result<Vec<Line>, StoreError> {
    let mut lines = Vec::new();
    for one in of {
        let whole = store::lines_since(tx, shop, vec![one], begins, LINES_MAX).await?;
        if let Some(first) = whole.first() {
            lines.extend(store::lines_before(tx, shop, one, first.seq).await?);
        }
        lines.extend(whole);
    }
    Ok(lines)
}

fn goals(shop: &Shop, at: Timestamp) -> Goals {
    Goals {
        first: Span::seconds(shop.number("goal_first_seconds", at)),
        response: Span::seconds(shop.number("goal_response_seconds", at)),
        in_time: Span::seconds(shop.number("in_time_seconds", at)),
    }
}

fn figures(
    kept: &Kept,
    holders: &HashMap<ConversationId, Option<AccountId>>,
    (begins, now): (Timestamp, Timestamp),
    goals: &Goals,
    counts: impl Fn(Timestamp) -> bool,
) -> DayFigures {
    let mut day = DayFigures::default();
    for (of, talk) in &kept.talks {
        if talk.replied {
            day.replied(*of);
        }
        let open = talk.turns.open().filter(|turn| turn.opened_at >= begins);
        for turn in talk.over.iter().chain(open) {
            if counts(turn.opened_at) {
                day.add(*of, turn, holders.get(of).copied().flatten(), now, goals);
            }
        }
    }
    day.done()
}

fn shown(day: &DayFigures, begins: Timestamp, goals: &Goals) -> wire::Today {
    let count = |count: &Count| {
        let millis = |span: Option<Span>| span.map(|span| span.micros() / 1000);
        wire::Figures {
            turns: count.response.count(),
            first_ms: millis(count.first.mean()),
            first_median_ms: millis(count.first.percentile(50)),
            response_ms: millis(count.response.mean()),
            response_median_ms: millis(count.response.percentile(50)),
            response_p90_ms: millis(count.response.percentile(90)),
            unanswered: count.unanswered,
            in_time: count.in_time_thousandths(),
        }
    };
    let seconds = |span: Span| span.micros() / 1_000_000;
    wire::Today {
        since: begins.micros(),
        shop: count(&day.shop),
        agents: day
            .agents
            .iter()
            .map(|(agent, own)| wire::AgentFigures {
                agent: id::account(*agent),
                figures: count(own),
            })
            .collect(),
        goal_first_s: seconds(goals.first),
        goal_response_s: seconds(goals.response),
        in_time_s: seconds(goals.in_time),
    }
}
