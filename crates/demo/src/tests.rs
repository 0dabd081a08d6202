//! The content: the same for a seed, varied, and without repeats.

use std::collections::BTreeSet;

use xiaoer_app::chat::{REPLAY_MOVES_MAX, Replay, Replayed};
use xiaoer_domain::id::AccountId;
use xiaoer_domain::team::Colleague;
use xiaoer_domain::time::{Span, Timestamp};

use crate::history::{PAST, Setting, past};
use crate::orders::{FEW, ORDERS, as_file, orders};
use crate::people::{BUYERS, WORKERS, people};

const NOW: Timestamp = Timestamp::from_micros(1_795_400_000_000_000);

fn talks(seed: u64) -> Vec<Replay> {
    let people = people(seed);
    let orders = orders(seed, NOW, people.len());
    let colleagues: Vec<Colleague> = (1..)
        .zip(WORKERS)
        .map(|(id, w)| Colleague { account: AccountId::new(id), name: w.name.to_owned() })
        .collect();
    past(&Setting { seed, now: NOW, people: &people, orders: &orders, colleagues: &colleagues })
}

fn texts(replay: &Replay) -> Vec<String> {
    let text = |(_, replayed): &(Timestamp, Replayed)| match replayed {
        Replayed::BuyerSaid(text) | Replayed::StaffSaid(_, text) => Some(text.clone()),
        _ => None,
    };
    replay.moves.iter().filter_map(text).collect()
}

#[test]
fn the_same_seed_makes_the_same_shop_and_another_seed_another() {
    assert_eq!(people(3), people(3));
    let file = |seed| {
        let people = people(seed);
        let numbers: Vec<String> = people.iter().map(|p| p.number.clone()).collect();
        as_file(&orders(seed, NOW, people.len()), &numbers)
    };
    assert_eq!(file(3), file(3));
    assert_ne!(file(3), file(4));
    let said = |seed| format!("{:?}", talks(seed));
    assert_eq!(said(3), said(3));
    assert_ne!(said(3), said(4));
}

#[test]
fn no_two_talks_read_alike_and_each_is_of_a_natural_length() {
    let talks = talks(1);
    assert_eq!(talks.len(), PAST);
    let all: BTreeSet<Vec<String>> = talks.iter().map(texts).collect();
    assert_eq!(all.len(), PAST);
    let lengths: Vec<usize> = talks.iter().map(|t| texts(t).len()).collect();
    assert!(lengths.iter().all(|n| (3..=80).contains(n)), "{lengths:?}");
    let usual = lengths.iter().filter(|n| (6..=30).contains(*n)).count();
    assert!(usual > PAST * 8 / 10, "{usual} have 6 to 30 lines");
    let lines: Vec<String> = talks.iter().flat_map(texts).collect();
    let different: BTreeSet<&String> = lines.iter().collect();
    assert!(different.len() * 100 / lines.len() > 25, "{} of {}", different.len(), lines.len());
    assert!(lines.iter().all(|l| !l.is_empty() && !l.contains(['$', '{', '|', '}'])));
}

#[test]
fn talks_go_forward_in_time_and_end_before_now() {
    for replay in talks(2) {
        assert!(replay.moves.len() <= REPLAY_MOVES_MAX);
        assert!(replay.moves.is_sorted_by_key(|(at, _)| *at), "{replay:?}");
        let (last, _) = replay.moves.last().expect("a talk has moves");
        assert!(*last < NOW, "{replay:?}");
    }
}

#[test]
fn orders_lie_in_two_years_and_some_come_back() {
    let orders = orders(1, NOW, BUYERS);
    assert_eq!(orders.len(), ORDERS);
    let oldest = NOW.minus(Span::minutes(731 * 24 * 60));
    assert!(orders.iter().all(|order| order.at > oldest && order.at < NOW));
    let numbers: BTreeSet<&str> = orders.iter().map(|order| order.number.as_str()).collect();
    assert_eq!(numbers.len(), ORDERS);
    let back = orders.iter().filter(|order| !order.returned.is_empty()).count();
    assert!((200..700).contains(&back), "{back}");
    assert!(FEW.lines().count() > 90);
}

/// Different lines that agents say in the invented talks of many shops, as they are and as politer people say them.
const ORDINARY_LINES: usize = 10_000;
/// Shops that are invented for them.
const SEEDS: u64 = 60;

#[test]
fn of_ten_thousand_ordinary_lines_the_guard_stops_next_to_none() {
    use xiaoer_domain::quality::guard::{Context, Guard, Level, ShopKind};
    let said = (1..=SEEDS).flat_map(talks).flat_map(|talk| talk.moves);
    let plain: BTreeSet<String> = said
        .filter_map(|(_, replayed)| match replayed {
            Replayed::StaffSaid(_, text) => Some(text),
            _ => None,
        })
        .collect();
    let polite = |line: &String| [format!("您好，{line}"), format!("{line}，有问题随时找我")];
    let mut lines: Vec<String> = plain.iter().flat_map(polite).collect();
    lines.extend(plain);
    assert!(lines.len() >= ORDINARY_LINES, "only {} lines", lines.len());
    lines.drain(..lines.len() - ORDINARY_LINES);
    for kind in [ShopKind::Own, ShopKind::Mall] {
        let guard = Guard::built_in(kind, NOW);
        let stops = |line: &&String| {
            let found = guard.check(line, &Context::default());
            matches!(Guard::strictest(&found), Level::Ask | Level::Block)
        };
        let stopped: Vec<&String> = lines.iter().filter(stops).collect();
        assert!(
            stopped.len() * 200 <= ORDINARY_LINES,
            "{} stopped: {:?}",
            stopped.len(),
            stopped.iter().take(20).collect::<Vec<_>>()
        );
    }
}
