//! Those who are waiting when the demonstration opens, at different steps of the waiting scale.

use xiaoer_app::chat::{Replay, Replayed, Whose};
use xiaoer_domain::id::PublicId;
use xiaoer_domain::team::Colleague;
use xiaoer_domain::time::{Span, Timestamp};

use crate::dice::Dice;
use crate::history::{Setting, candidates};

/// Who is waiting: whether with the agent whom the pages name, for how many seconds, and what was said. `>` the buyer,
/// `<` the agent.
const WAITING: [(bool, u32, &[&str]); 7] = [
    (
        true,
        9,
        &[
            "> 你好，麦穗纹那件还有燕麦色吗",
            "< 在的，有S到L，您平时穿多大",
            "> 168，平时M，肩有点宽",
        ],
    ),
    (true, 64, &["> 昨天拍的今天能发吗", "< 我看一下，您稍等", "> 好的", "> 后天要出差，很急"]),
    (false, 4, &["> 在吗"]),
    (
        false,
        38,
        &["> Hi, does the wheat-ear cardigan run small?", "> I am 172 cm and usually wear M"],
    ),
    (false, 112, &["> 想问下羊绒披肩可以机洗吗", "> 还有梅子色的会掉色吗"]),
    (false, 195, &["> 快递三天没动了", "> 帮我看看到底在哪"]),
    (false, 420, &["> 发错颜色了，我要的是苔绿", "> 图片发哪里给你们", "> 有人吗"]),
];
/// Seconds between lines.
const BETWEEN: u32 = 14;

/// Those who are waiting now.
#[must_use]
pub fn waiting(setting: &Setting<'_>) -> Vec<Replay> {
    let mut dice = Dice::of(setting.seed, 4);
    let Some(agent) = setting.colleagues.first() else { return Vec::new() };
    let english = |at: &usize| setting.people[*at].tongue == crate::talk::Tongue::English;
    let last = setting.people.len().saturating_sub(40)..setting.people.len();
    let foreign = last.clone().find(|at| english(at));
    let mut own = last.filter(|at| !english(at));
    let mut all = Vec::with_capacity(WAITING.len());
    for (is_with_agent, waits, lines) in WAITING {
        let is_foreign = lines[0].is_ascii();
        let buyer = if is_foreign { foreign } else { own.next() };
        let Some(buyer) = buyer else { continue };
        let whose = if waits == 4 {
            Whose::Visitor(PublicId::v7(setting.now, dice.bytes()))
        } else {
            let buyer_id = PublicId::v7(setting.now, dice.bytes());
            Whose::Customer { number: setting.people[buyer].number.clone(), buyer: buyer_id }
        };
        let conversation = PublicId::v7(setting.now, dice.bytes());
        let on_duty = is_with_agent.then(|| candidates(&mut dice, &[agent], agent));
        let moves = moves(setting.now, waits, lines, on_duty.unwrap_or_default(), agent);
        all.push(Replay { whose, conversation, moves });
    }
    all
}

fn moves(
    now: Timestamp,
    waits: u32,
    lines: &[&str],
    on_duty: Vec<xiaoer_domain::routing::Candidate>,
    agent: &Colleague,
) -> Vec<(Timestamp, Replayed)> {
    let said = |line: &str| line[2..].to_owned();
    // The wait began with the first line since the last answer.
    let unanswered = lines.iter().rev().take_while(|line| line.starts_with('>')).count();
    let first_waiting = lines.len() - unanswered;
    let began = now.minus(Span::seconds(waits));
    let at = |place: usize| {
        let step = |lines: usize| Span::seconds(BETWEEN * u32::try_from(lines).unwrap_or(0));
        if place < first_waiting {
            began.minus(step(first_waiting - place))
        } else {
            let later = step(place - first_waiting).micros();
            Timestamp::from_micros((began.micros() + later).min(now.micros()))
        }
    };
    let mut moves = vec![(at(0), Replayed::OnDuty(on_duty))];
    for (place, line) in lines.iter().enumerate() {
        let replayed = if line.starts_with('>') {
            Replayed::BuyerSaid(said(line))
        } else {
            Replayed::StaffSaid(agent.clone(), said(line))
        };
        moves.push((at(place), replayed));
    }
    moves
}
