//! Past conversations: who wrote when about what, who answered how fast, and how it ended.

use std::collections::{BTreeMap, BTreeSet};

use xiaoer_app::chat::{Replay, Replayed, Whose};
use xiaoer_domain::id::PublicId;
use xiaoer_domain::routing::Candidate;
use xiaoer_domain::team::Colleague;
use xiaoer_domain::time::{Span, Timestamp};

use crate::dice::Dice;
use crate::goods::{GOODS, Good};
use crate::orders::{Placed, local, local_midnight};
use crate::people::{Person, Shift, WORKERS};
use crate::talk::{Block, Said, Tongue, Turn, When, blocks, speak};

/// Past conversations of the full shop.
pub const PAST: usize = 300;
/// Of a hundred, so many come back another day.
const RETURN_PERCENT: u64 = 22;
/// When the day shift begins and when the evening shift ends.
const OPENS: i64 = 9;
const CHANGES: i64 = 17;
/// Days that a conversation before an order may lie back.
const DAYS_BACK: i64 = 720;
const COURIERS: [&str; 4] = ["青鸟快递", "飞梭速运", "驿路物流", "云脚快运"];
const ENGLISH_COURIERS: [&str; 2] = ["Bluebird Post", "Shuttle Express"];
const CITIES: [&str; 10] =
    ["杭州", "成都", "武汉", "西安", "长沙", "合肥", "昆明", "沈阳", "郑州", "青岛"];
const ENGLISH_CITIES: [&str; 6] = ["Lisbon", "Oslo", "Ghent", "Leeds", "Graz", "Turku"];
const DAYS: [&str; 5] = ["周一", "周三", "周四", "周五", "周六"];
const SIZES: [&str; 4] = ["S", "M", "L", "XL"];

/// The shop as conversations need to know it.
pub struct Setting<'s> {
    pub seed: u64,
    pub now: Timestamp,
    pub people: &'s [Person],
    pub orders: &'s [Placed],
    /// Those who work here, in the order of [`WORKERS`].
    pub colleagues: &'s [Colleague],
}

/// What a session is about.
struct Subject<'s> {
    at: Timestamp,
    blocks: Vec<&'s Block>,
    order: Option<&'s Placed>,
    good: &'static Good,
    size: &'static str,
}

/// The past conversations, in the order of their first lines.
#[must_use]
pub fn past(setting: &Setting<'_>) -> Vec<Replay> {
    let mut by_buyer: BTreeMap<usize, Vec<&Placed>> = BTreeMap::new();
    for order in setting.orders {
        by_buyer.entry(order.buyer).or_default().push(order);
    }
    let all = [blocks(Tongue::Chinese), blocks(Tongue::English)];
    let mut dice = Dice::of(setting.seed, 3);
    let mut buyers: BTreeSet<usize> = BTreeSet::new();
    // Those whom the pages name have talked before; the others as chance will have it.
    buyers.extend(0..5);
    while buyers.len() < PAST {
        buyers.insert(usize::try_from(dice.below(setting.people.len() as u64 - 40)).unwrap_or(0));
    }
    let mut past: Vec<(Timestamp, Replay)> = Vec::with_capacity(PAST);
    for buyer in buyers {
        let person = &setting.people[buyer];
        let known = &all[usize::from(person.tongue == Tongue::English)];
        let orders = by_buyer.get(&buyer).map_or(&[][..], Vec::as_slice);
        let mut moves: Vec<(Timestamp, Replayed)> = Vec::new();
        let sessions = if dice.happens(RETURN_PERCENT) { dice.within(2, 3) } else { 1 };
        let mut subjects: Vec<Subject<'_>> =
            (0..sessions).map(|_| subject(&mut dice, setting, known, orders)).collect();
        subjects.sort_by_key(|subject| subject.at);
        for subject in &subjects {
            // Whoever returns within a day would be given to the same agent again.
            let free = moves
                .last()
                .map_or(Timestamp::from_micros(0), |(at, _)| at.plus(Span::minutes(26 * 60)));
            if subject.at > free {
                session(&mut dice, setting, person.tongue, subject, known, &mut moves);
            }
        }
        let Some((first, _)) = moves.first() else { continue };
        // Only those with an order are known by a number.
        let public = |dice: &mut Dice| PublicId::v7(*first, dice.bytes());
        let whose = if orders.is_empty() && person.tongue == Tongue::Chinese && dice.happens(60) {
            Whose::Visitor(public(&mut dice))
        } else {
            Whose::Customer { number: person.number.clone(), buyer: public(&mut dice) }
        };
        let conversation = public(&mut dice);
        past.push((*first, Replay { whose, conversation, moves }));
    }
    past.sort_by_key(|(at, _)| *at);
    past.into_iter().map(|(_, replay)| replay).collect()
}

/// When somebody writes, and about what.
fn subject<'s>(
    dice: &mut Dice,
    setting: &Setting<'s>,
    known: &'s [Block],
    orders: &[&'s Placed],
) -> Subject<'s> {
    let fits = |block: &&Block| match block.when {
        When::Frame => false,
        When::Before => true,
        When::After(..) => !orders.is_empty(),
    };
    let all: Vec<&Block> = known.iter().filter(fits).collect();
    let chosen = *dice.one(&all);
    let mut said = vec![chosen];
    let same_time = |block: &&Block| {
        matches!((block.when, chosen.when), (When::Before, When::Before))
            || block.when == chosen.when
    };
    let others: Vec<&Block> = all
        .iter()
        .copied()
        .filter(|b| {
            same_time(b) && b.topic != chosen.topic && ![b.topic, chosen.topic].contains(&"night")
        })
        .filter(|b| b.topic != "parted" && chosen.topic != "parted")
        .collect();
    if !others.is_empty() && dice.happens(45) {
        said.push(*dice.one(&others));
    }
    let order = (!orders.is_empty()).then(|| *dice.one(orders));
    let at = time_of(dice, setting.now, chosen, order);
    let wants = |good: &Good| match chosen.topic {
        "kids" => good.is_for_kids(),
        "size" | "exchange" => good.sized && !good.is_for_kids(),
        _ => good.is_knitted(),
    };
    let bought = order.and_then(|order| order.items.iter().find(|item| wants(item.good)));
    let (good, size) = match bought {
        Some(item) => (item.good, item.size),
        None => {
            let goods: Vec<&'static Good> = GOODS.iter().filter(|good| wants(good)).collect();
            (*dice.one(&goods), "")
        }
    };
    let size = if size.is_empty() { SIZES[dice.weighted(&[2, 5, 3])] } else { size };
    Subject { at, blocks: said, order, good, size }
}

fn time_of(dice: &mut Dice, now: Timestamp, block: &Block, order: Option<&Placed>) -> Timestamp {
    let minutes = |n: i64| Span::minutes(u32::try_from(n).unwrap_or(0));
    let latest = now.minus(Span::minutes(150));
    let raw = match (block.when, order) {
        (When::After(from, to), Some(order)) => {
            order.at.plus(minutes(dice.within(from * 24 * 60 + 30, to * 24 * 60 + 90)))
        }
        (_, Some(order)) if dice.happens(70) => order.at.minus(minutes(dice.within(15, 90))),
        _ => now.minus(minutes(dice.within(180, DAYS_BACK * 24 * 60))),
    };
    let day = local_midnight(raw.min(latest));
    let hour = if block.topic == "night" {
        dice.within(0, 6)
    } else {
        let wished = i64::from(local(raw).hour());
        if (OPENS..23).contains(&wished) { wished } else { dice.within(OPENS, 22) }
    };
    let at =
        day.plus(Span::seconds(u32::try_from(hour * 3_600 + dice.within(20, 3_540)).unwrap_or(0)));
    if at < latest { at } else { at.minus(minutes(24 * 60)) }
}

/// A reception from its first line to its end.
fn session(
    dice: &mut Dice,
    setting: &Setting<'_>,
    tongue: Tongue,
    subject: &Subject<'_>,
    known: &[Block],
    moves: &mut Vec<(Timestamp, Replayed)>,
) {
    let is_night = subject.blocks[0].topic == "night";
    let on_duty = on_duty(setting, subject.at, is_night);
    let first = *dice.one(&on_duty);
    let second = loop {
        let other = *dice.one(&on_duty);
        if other.account != first.account {
            break other;
        }
    };
    let said = lines(dice, tongue, subject, known, first, second);
    let mut teller = Teller { dice, moves, at: subject.at, agent: first, last: None };
    let none = if is_night { Vec::new() } else { candidates(teller.dice, &on_duty, first) };
    teller.push(Replayed::OnDuty(none));
    let mut is_answered = !is_night;
    for said in &said {
        if !is_answered && said.turn == Turn::Buyer && teller.last.is_none() {
            teller.tell(said, second);
            teller.after(1, 1);
            teller.push(Replayed::ToldNobodyIsThere);
            continue;
        }
        if !is_answered && said.turn != Turn::Buyer {
            is_answered = true;
            let opens = local_midnight(subject.at).plus(Span::minutes(60 * 9));
            teller.at = opens.max(teller.at);
            teller.after(40, 900);
        }
        teller.tell(said, second);
    }
    teller.end();
}

/// Everything that is said: a greeting, what it is about, a farewell.
fn lines(
    dice: &mut Dice,
    tongue: Tongue,
    subject: &Subject<'_>,
    known: &[Block],
    first: &Colleague,
    second: &Colleague,
) -> Vec<Said> {
    let slots = slots(dice, tongue, subject, first, second);
    let slot = |name: char| slots.get(&name).cloned().unwrap_or_default();
    let frame =
        |topic: &str| -> Vec<&Block> { known.iter().filter(|b| b.topic == topic).collect() };
    let mut said = Vec::new();
    if subject.blocks[0].topic != "night" && dice.happens(66) {
        said.extend(speak(dice.one::<&Block>(&frame("hello")), dice, &slot));
    }
    for block in &subject.blocks {
        said.extend(speak(block, dice, &slot));
    }
    if dice.happens(72) {
        said.extend(speak(dice.one::<&Block>(&frame("bye")), dice, &slot));
    }
    said
}

fn slots(
    dice: &mut Dice,
    tongue: Tongue,
    subject: &Subject<'_>,
    first: &Colleague,
    second: &Colleague,
) -> BTreeMap<char, String> {
    let is_english = tongue == Tongue::English;
    let title = |good: &Good| {
        let english = good.en.split(',').next().unwrap_or(good.en);
        if is_english { format!("the {}", english.to_lowercase()) } else { good.short().to_owned() }
    };
    let colour = |good: &Good| match (is_english, good.colour.zh.is_empty()) {
        (true, false) => good.colour.en.to_owned(),
        (false, false) => good.colour.zh.to_owned(),
        (true, true) => "oat".to_owned(),
        (false, true) => "燕麦色".to_owned(),
    };
    let other = loop {
        let other = dice.one(GOODS);
        if other.short() != subject.good.short() && other.is_knitted() {
            break other;
        }
    };
    let number = subject.order.map_or_else(String::new, |order| order.number.clone());
    let refund = (subject.good.price - dice.within(0, 6) * 100) / 100;
    BTreeMap::from([
        ('g', title(subject.good)),
        ('G', title(other)),
        ('c', colour(subject.good)),
        ('o', number),
        ('s', subject.size.to_owned()),
        ('S', larger(subject.size).to_owned()),
        ('h', dice.within(153, 175).to_string()),
        ('w', dice.within(92, 138).to_string()),
        (
            'k',
            (*if is_english { dice.one(&ENGLISH_COURIERS) } else { dice.one(&COURIERS) })
                .to_owned(),
        ),
        ('t', (*if is_english { dice.one(&ENGLISH_CITIES) } else { dice.one(&CITIES) }).to_owned()),
        ('d', (*dice.one(&DAYS)).to_owned()),
        ('n', dice.within(2, 4).to_string()),
        ('p', (subject.good.price / 100).to_string()),
        ('r', refund.to_string()),
        ('x', format!("{:04}", dice.below(10_000))),
        ('m', first.name.clone()),
        ('b', second.name.clone()),
    ])
}

fn larger(size: &str) -> &'static str {
    match size {
        "S" => "M",
        "M" => "L",
        "100" => "110",
        "110" => "120",
        "120" => "130",
        "130" => "140",
        _ => "XL",
    }
}

/// Who is there; at night those who will come in the morning.
fn on_duty<'s>(setting: &Setting<'s>, at: Timestamp, is_night: bool) -> Vec<&'s Colleague> {
    let is_day = is_night || i64::from(local(at).hour()) < CHANGES;
    let shift = if is_day { Shift::Day } else { Shift::Evening };
    let workers = WORKERS.iter().zip(setting.colleagues);
    workers.filter(|(worker, _)| worker.shift == shift).map(|(_, colleague)| colleague).collect()
}

/// Their seats: the one who gets this buyer has the fewest taken.
pub fn candidates(dice: &mut Dice, on_duty: &[&Colleague], chosen: &Colleague) -> Vec<Candidate> {
    let least = dice.within(0, 4);
    let seat = |colleague: &&Colleague| {
        let more = if colleague.account == chosen.account { 0 } else { dice.within(1, 4) };
        let free = Candidate::available(colleague.account, colleague.name.as_str(), 10);
        Candidate { load: least + more, ..free }
    };
    on_duty.iter().map(seat).collect()
}

/// Lets time pass between what is said.
struct Teller<'t, 's> {
    dice: &'t mut Dice,
    moves: &'t mut Vec<(Timestamp, Replayed)>,
    at: Timestamp,
    agent: &'s Colleague,
    last: Option<Turn>,
}

impl<'s> Teller<'_, 's> {
    fn push(&mut self, replayed: Replayed) {
        self.moves.push((self.at, replayed));
    }

    /// So many seconds later, and a little.
    fn after(&mut self, from: i64, to: i64) {
        let micros = self.dice.within(from * 1_000_000, to * 1_000_000);
        self.at = Timestamp::from_micros(self.at.micros() + micros);
    }

    fn tell(&mut self, said: &Said, second: &'s Colleague) {
        let typing = i64::try_from(said.text.chars().count()).unwrap_or(0);
        let is_same = self.last == Some(said.turn);
        match said.turn {
            Turn::Buyer => {
                if self.last.is_some_and(|last| last != Turn::Buyer) {
                    self.after(2, 6);
                    self.push(Replayed::BuyerRead);
                }
                if is_same {
                    self.after(3, 8 + typing / 3)
                } else if self.last.is_some() {
                    self.after(5, 60 + typing)
                }
                self.push(Replayed::BuyerSaid(said.text.clone()));
            }
            Turn::Staff | Turn::TakenBack => {
                // Mostly at once, now and then one has to look it up, seldom it takes too long.
                match (is_same, self.dice.weighted(&[78, 17, 5])) {
                    (true, _) => self.after(3, 6 + typing / 3),
                    (_, 0) => self.after(5, 18 + typing / 2),
                    (_, 1) => self.after(28, 95),
                    _ => self.after(110, 290),
                }
                let agent = self.agent.clone();
                self.push(Replayed::StaffSaid(agent.clone(), said.text.clone()));
                if said.turn == Turn::TakenBack {
                    self.after(3, 9);
                    self.push(Replayed::TookBack(Some(agent)));
                }
            }
            Turn::Note => {
                self.after(6, 25);
                self.push(Replayed::Noted(self.agent.clone(), said.text.clone()));
            }
            Turn::HandOver => {
                self.after(8, 40);
                let from = self.agent.clone();
                self.push(Replayed::HandedOver(from, second.clone(), said.text.clone()));
                self.agent = second;
            }
        }
        self.last = Some(said.turn);
    }

    /// Somebody closes, or silence does.
    fn end(&mut self) {
        self.after(4, 20);
        self.push(Replayed::BuyerRead);
        let is_answered = matches!(self.last, Some(Turn::Staff | Turn::TakenBack));
        if is_answered && self.dice.happens(45) {
            self.after(601, 606);
            self.push(Replayed::FellSilent);
            self.after(1_200, 1_206);
            self.push(Replayed::FellSilent);
        } else {
            self.after(25, 380);
            self.push(Replayed::Closed(self.agent.clone()));
        }
    }
}
