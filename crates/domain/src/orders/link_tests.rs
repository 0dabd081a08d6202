//! Facts about linking, some worked by hand and some on random histories.

use proptest::prelude::*;

use super::{Bought, Cancelled, link_cancellations};
use crate::id::OrderId;
use crate::time::Timestamp;

fn bought(at: i64, quantity: i64) -> Bought {
    let (order, number) = (OrderId::new(at), at.to_string());
    Bought { order, number, line: 1, at: Timestamp::from_micros(at), quantity }
}

fn cancelled(at: i64, quantity: i64) -> Cancelled {
    let number = format!("C{at}");
    Cancelled { number, line: 1, at: Timestamp::from_micros(at), quantity, order: None }
}

#[test]
fn the_latest_line_of_exactly_that_quantity_comes_first() {
    let lines = [bought(1, 6), bought(2, 6), bought(3, 12)];
    assert_eq!(link_cancellations(&lines, &[cancelled(9, 6)]), [Some(1)]);
}

#[test]
fn without_an_exact_one_the_latest_with_enough_left_is_taken() {
    let lines = [bought(1, 12), bought(2, 10), bought(3, 2)];
    let links = link_cancellations(&lines, &[cancelled(9, 6), cancelled(10, 6)]);
    assert_eq!(links, [Some(1), Some(0)]);
}

#[test]
fn what_was_bought_later_is_no_candidate_and_the_same_moment_is() {
    let lines = [bought(5, 6)];
    let links = link_cancellations(&lines, &[cancelled(4, 6), cancelled(5, 6)]);
    assert_eq!(links, [None, Some(0)]);
}

#[test]
fn more_than_is_left_stays_unlinked() {
    let links = link_cancellations(&[bought(1, 6)], &[cancelled(2, 4), cancelled(3, 4)]);
    assert_eq!(links, [Some(0), None]);
}

#[test]
fn one_that_names_its_order_takes_its_line_and_chooses_before_the_others() {
    let lines = [bought(1, 6), bought(2, 6)];
    let named = Cancelled { order: Some("2".to_owned()), ..cancelled(9, 6) };
    assert_eq!(link_cancellations(&lines, &[cancelled(8, 6), named.clone()]), [Some(0), Some(1)]);
    let elsewhere = Cancelled { order: Some("7".to_owned()), ..named };
    assert_eq!(link_cancellations(&lines, &[elsewhere]), [None]);
}

#[test]
fn a_cancellation_of_nothing_stays_unlinked() {
    assert_eq!(
        link_cancellations(&[bought(1, 6)], &[cancelled(2, 0), cancelled(3, -1)]),
        [None, None]
    );
}

fn history() -> impl Strategy<Value = (Vec<Bought>, Vec<Cancelled>)> {
    let lines = prop::collection::vec((0_i64..20, 1_i64..9), 0..12);
    let cancellations = prop::collection::vec((0_i64..20, 1_i64..9), 0..12);
    (lines, cancellations).prop_map(|(lines, cancellations)| {
        let lines = lines.into_iter().zip(1..).map(|((at, quantity), line)| {
            let order = OrderId::new(line);
            Bought { order, line, ..bought(at, quantity) }
        });
        let cancellations = cancellations.into_iter().zip(1..);
        let cancellations = cancellations
            .map(|((at, quantity), line)| Cancelled { line, ..cancelled(at, quantity) });
        (lines.collect(), cancellations.collect())
    })
}

proptest! {
    #[test]
    fn never_more_comes_back_than_was_bought_nor_before_it((lines, cancellations) in history()) {
        let links = link_cancellations(&lines, &cancellations);
        prop_assert_eq!(links.len(), cancellations.len());
        for (index, line) in lines.iter().enumerate() {
            let here = links.iter().zip(&cancellations).filter(|(link, _)| **link == Some(index));
            let mut returned = 0;
            for (_, cancellation) in here {
                prop_assert!(cancellation.at >= line.at);
                returned += cancellation.quantity;
            }
            prop_assert!(returned <= line.quantity);
        }
    }

    #[test]
    fn an_unlinked_cancellation_finds_no_line_with_enough_left((lines, cancellations) in history()) {
        let links = link_cancellations(&lines, &cancellations);
        for (cancellation, _) in cancellations.iter().zip(&links).filter(|(_, link)| link.is_none()) {
            for (index, line) in lines.iter().enumerate().filter(|(_, l)| l.at <= cancellation.at) {
                let linked = links.iter().zip(&cancellations).filter(|(l, _)| **l == Some(index));
                let returned: i64 = linked.map(|(_, c)| c.quantity).sum();
                prop_assert!(line.quantity - returned < cancellation.quantity);
            }
        }
    }

    #[test]
    fn the_order_in_which_files_came_in_does_not_matter(
        (lines, cancellations) in history(),
        turn in 0_usize..12,
    ) {
        let name = |links: Vec<Option<usize>>, lines: &[Bought], cancellations: &[Cancelled]| {
            let mut named: Vec<(i64, Option<i64>)> = cancellations
                .iter()
                .zip(links)
                .map(|(c, link)| (c.line, link.map(|i| lines[i].line)))
                .collect();
            named.sort_unstable();
            named
        };
        let expected = name(link_cancellations(&lines, &cancellations), &lines, &cancellations);
        let (mut lines, mut cancellations) = (lines, cancellations);
        let half = turn.min(lines.len());
        lines.rotate_left(half);
        cancellations.reverse();
        let found = name(link_cancellations(&lines, &cancellations), &lines, &cancellations);
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn later_cancellations_leave_earlier_links_as_they_are((lines, cancellations) in history(), extra in 1_i64..9) {
        let before = link_cancellations(&lines, &cancellations);
        let mut more = cancellations.clone();
        more.push(cancelled(99, extra));
        let after = link_cancellations(&lines, &more);
        prop_assert_eq!(&after[..before.len()], &before[..]);
    }
}
