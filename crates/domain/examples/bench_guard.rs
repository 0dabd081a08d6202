//! How long the guard takes for a message, beside a plain alternation of the same words: `bench_guard [WORDS]`.
//! Texts and words are made from a fixed seed. Prints a table; `make bench-guard` keeps it with the machine's name.

use std::time::{Duration, Instant};

use regex_automata::meta::Regex;
use xiaoer_domain::quality::guard::{Context, Guard, RuleCode, ShopKind, Word, built_in};
use xiaoer_domain::time::Timestamp;

const WORDS: usize = 20_000;
const MESSAGES: usize = 2_000;
const MESSAGE_CHARS: usize = 500;
/// One character in so many begins a word of the list.
const WORD_EVERY: usize = 60;
/// A message of 500 characters takes no longer.
const AIM_MICROS: f64 = 1_000.0;
const AT: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);

struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % n
    }

    /// A common Han character.
    fn han(&mut self) -> char {
        let code = 0x4e00 + u32::try_from(self.below(3_000)).unwrap_or(0);
        char::from_u32(code).unwrap_or('一')
    }
}

fn main() {
    let words = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(WORDS);
    let mut chance = Chance(20_261_127);
    let list: Vec<String> =
        (0..words).map(|_| (0..2 + chance.below(5)).map(|_| chance.han()).collect()).collect();
    let messages: Vec<String> = (0..MESSAGES).map(|_| message(&mut chance, &list)).collect();
    let started = Instant::now();
    let mut rules = built_in(ShopKind::Mall, AT);
    let house = rules.iter_mut().find(|rule| rule.code == RuleCode::HouseWord);
    let parsed = list.iter().filter_map(|word| Word::parse(word).ok());
    house.expect("every code has a rule").words.extend(parsed);
    let guard = Guard::new(ShopKind::Mall, rules);
    let guard_built = started.elapsed();
    let started = Instant::now();
    let config = Regex::config().nfa_size_limit(None);
    let plain = Regex::builder().configure(config).build(&list.join("|"));
    let plain = plain.expect("words hold no signs");
    let plain_built = started.elapsed();
    println!("{words} words, {MESSAGES} messages of {MESSAGE_CHARS} characters\n");
    println!("| | built ms | p50 µs | p99 µs | max µs | found |");
    println!("|---|---|---|---|---|---|");
    let check = |text: &str| guard.check(text, &Context::default()).len();
    let p99 = row("guard", guard_built, &messages, check);
    row("plain alternation", plain_built, &messages, |text| plain.find_iter(text).count());
    let met = if p99 <= AIM_MICROS { "met" } else { "**not met**" };
    println!("\nAim: p99 of the guard ≤ {AIM_MICROS} µs; reached {p99:.0} µs: {met}.");
    std::process::exit(i32::from(p99 > AIM_MICROS));
}

fn message(chance: &mut Chance, list: &[String]) -> String {
    let (mut text, mut chars) = (String::new(), 0);
    while chars < MESSAGE_CHARS {
        if chance.below(WORD_EVERY) == 0 {
            let word = &list[chance.below(list.len())];
            text.push_str(word);
            chars += word.chars().count();
        } else {
            text.push(if chance.below(12) == 0 { '，' } else { chance.han() });
            chars += 1;
        }
    }
    text
}

/// Prints a row; gives the time that one of a hundred messages takes longer than, in µs.
fn row(name: &str, built: Duration, messages: &[String], check: impl Fn(&str) -> usize) -> f64 {
    // The first round warms caches and lazy automata.
    let mut found: usize = messages.iter().map(|text| check(text)).sum();
    let mut times: Vec<Duration> = Vec::new();
    found += messages.iter().map(|text| timed(&check, text, &mut times)).sum::<usize>();
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e6;
    println!(
        "| {name} | {:.0} | {:.0} | {:.0} | {:.0} | {} |",
        built.as_secs_f64() * 1e3,
        at(50),
        at(99),
        at(100),
        found / 2,
    );
    at(99)
}

fn timed(check: impl Fn(&str) -> usize, text: &str, times: &mut Vec<Duration>) -> usize {
    let started = Instant::now();
    let found = check(text);
    times.push(started.elapsed());
    found
}
