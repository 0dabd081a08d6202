//! Facts about conversations, checked on random sequences of moves.

use proptest::prelude::*;

use super::*;
use crate::id::{AccountId, BuyerId, ConversationId, PublicId, SessionId};
use crate::routing::Candidate;
use crate::team::Colleague;
use crate::time::Timestamp;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

fn talk() -> Talk {
    let head = Head { seq: 0, at: at(0), chain: GENESIS };
    Talk {
        id: ConversationId::new(1),
        public_id: PublicId::from_bytes([3; 16]),
        buyer: BuyerId::new(5),
        head,
        staff_head: head,
        buyer_last_seq: 0,
        buyer_read_seq: 0,
        staff_read_seq: 0,
        unread: 0,
        session: None,
        wish: crate::routing::Wish::default(),
    }
}

fn agent(id: i64) -> Colleague {
    Colleague { account: AccountId::new(id), name: format!("客服{id}") }
}

fn free(id: i64) -> Candidate {
    let Colleague { account: agent, name } = agent(id);
    Candidate::available(agent, name, 9)
}

fn id(text: &str) -> ClientId {
    ClientId::parse(&format!("client-{text}")).unwrap()
}

fn text(text: &str) -> MessageText {
    MessageText::parse(text, 100).unwrap()
}

/// Something to show, of every kind, with and without a text under it.
fn shown(number: usize) -> Said {
    let (id, name) = (PublicId::from_bytes([9; 16]), format!("文\"件{number}"));
    let content = match number % 7 {
        0 => Content::Image { id, name, bytes: 5, width: 640, height: 480 },
        1 => Content::File { id, name, bytes: 7, mime: "application/pdf".into() },
        2 => Content::Product(ProductCard {
            sku: "A1".into(),
            title: name,
            ..ProductCard::default()
        }),
        3 => Content::Order(OrderCard {
            number: "1".into(),
            state: "paid".into(),
            placed_at: at(1),
            total: -1,
            currency: "CNY".into(),
            items: vec![(name, 2)],
            more: 0,
        }),
        4 => Content::Address(AddressCard {
            number: "1".into(),
            name,
            phone: mask_phone("13812345620"),
            address: "西湖区\n1号".into(),
        }),
        5 => Content::Answer { to: 3, choice: Choice::Confirmed },
        _ => Content::Nudge,
    };
    Said::showing(content, number.is_multiple_of(2).then(|| text("看")))
}

fn salts() -> impl FnMut() -> Salt {
    let mut n = 0u8;
    move || {
        n = n.wrapping_add(1);
        [n; 16]
    }
}

fn codes(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|e| e.notice.as_ref().map_or(e.kind.word(), |n| n.code)).collect()
}

#[test]
fn the_first_line_opens_a_session_and_places_it() {
    let mut t = talk();
    let entries =
        t.buyer_says(id("a"), text("在吗"), at(1), &Rules::default(), &mut [free(7)], &mut salts());
    assert_eq!(codes(&entries), ["session_opened", "assigned", "message"]);
    assert_eq!(t.session.as_ref().unwrap().agent, Some(AccountId::new(7)));
    assert!(entries.iter().all(|e| e.session == SessionRef::New));
}

#[test]
fn with_nobody_available_the_session_queues_and_a_reply_takes_it() {
    let mut t = talk();
    t.buyer_says(id("a"), text("在吗"), at(1), &Rules::default(), &mut [], &mut salts());
    assert_eq!(t.session.as_ref().unwrap().state(), SessionState::Queued);
    let entries = t.staff_says(&agent(7), Lane::Buyer, id("b"), text("在的"), at(2), &mut salts());
    assert_eq!(codes(&entries), ["taken", "message"]);
    assert_eq!(t.session.as_ref().unwrap().waiting_since, None);
}

#[test]
fn a_return_within_a_day_goes_to_the_same_agent_and_later_to_the_least_loaded() {
    for (hours, expected) in [(23, 7), (25, 8)] {
        let mut t = talk();
        t.buyer_says(id("a"), text("在吗"), at(1), &Rules::default(), &mut [free(7)], &mut salts());
        t.close(&agent(7), at(2), &mut salts()).unwrap();
        let mut busy = free(7);
        busy.load = 5;
        let now = at(2 + hours * 3600);
        t.buyer_says(
            id("b"),
            text("又来了"),
            now,
            &Rules::default(),
            &mut [busy, free(8)],
            &mut salts(),
        );
        assert_eq!(t.session.as_ref().unwrap().agent, Some(AccountId::new(expected)), "{hours} h");
    }
}

#[test]
fn a_note_leaves_the_wait_and_the_buyers_lane_alone() {
    let mut t = talk();
    t.buyer_says(id("a"), text("在吗"), at(1), &Rules::default(), &mut [free(7)], &mut salts());
    let before = (t.head, t.session.clone());
    let entries = t.staff_says(&agent(8), Lane::Staff, id("b"), text("熟客"), at(2), &mut salts());
    assert_eq!((t.head, t.session.clone()), before);
    assert_eq!((entries[0].lane, entries[0].seq), (Lane::Staff, 1));
}

#[test]
fn what_the_shop_says_by_itself_answers_nothing() {
    let mut t = talk();
    t.buyer_says(id("a"), text("在吗"), at(1), &Rules::default(), &mut [free(7)], &mut salts());
    let before = (t.session.clone(), t.unread, t.staff_read_seq, t.buyer_read_seq);
    let entry = t.says_by_itself(text("稍等"), id("b"), at(60), &mut salts());
    assert_eq!((t.session.clone(), t.unread, t.staff_read_seq, t.buyer_read_seq), before);
    assert_eq!((entry.author, entry.message), (Author::System, Some(MessageKind::Auto)));
    t.close(&agent(7), at(61), &mut salts()).unwrap();
    t.says_by_itself(text("再会"), id("c"), at(62), &mut salts());
    assert!(t.open_session().is_none(), "and opens no session");
}

#[test]
fn only_the_author_recalls_once_and_in_time() {
    let mut t = talk();
    t.buyer_says(id("a"), text("在吗"), at(1), &Rules::default(), &mut [], &mut salts());
    let me = Author::Buyer(BuyerId::new(5));
    let target =
        Target { seq: 2, author: me, at: at(1), kind: EntryKind::Message, recalled_by: None };
    let recall = |author, target, now| {
        let wish = TakingBack { author, lane: Lane::Buyer, target, client_id: id("r") };
        talk().recall(wish, now, &Rules::default(), &mut salts()).map(|e| e.ref_seq)
    };
    assert_eq!(recall(me, target, at(121)), Ok(Some(2)));
    assert_eq!(recall(me, target, at(122)), Err(Refusal::TooLate));
    assert_eq!(recall(Author::System, target, at(2)), Err(Refusal::NotYours));
    assert_eq!(
        recall(me, Target { recalled_by: Some(3), ..target }, at(2)),
        Err(Refusal::AlreadyRecalled)
    );
    assert_eq!(
        recall(me, Target { kind: EntryKind::Open, ..target }, at(2)),
        Err(Refusal::NotAMessage)
    );
}

#[test]
fn taking_from_a_colleague_needs_the_right() {
    let mut t = talk();
    t.buyer_says(id("a"), text("在吗"), at(1), &Rules::default(), &mut [free(7)], &mut salts());
    assert_eq!(
        t.take(&agent(8), false, None, at(2), &mut salts()),
        Err(Refusal::ServedByColleague)
    );
    assert_eq!(codes(&t.take(&agent(8), true, None, at(2), &mut salts()).unwrap()), ["taken"]);
    assert_eq!(t.take(&agent(8), false, None, at(3), &mut salts()), Ok(vec![]));
}

#[test]
fn handing_over_keeps_the_wait_and_needs_an_open_session() {
    let mut t = talk();
    assert_eq!(
        t.hand_over(&agent(1), false, &agent(2), at(1), &mut salts()),
        Err(Refusal::SessionClosed)
    );
    t.buyer_says(id("a"), text("在吗"), at(1), &Rules::default(), &mut [free(1)], &mut salts());
    let stolen = t.hand_over(&agent(3), false, &agent(3), at(2), &mut salts());
    assert_eq!(stolen, Err(Refusal::ServedByColleague));
    t.hand_over(&agent(1), false, &agent(2), at(2), &mut salts()).unwrap();
    let session = t.session.as_ref().unwrap();
    assert_eq!((session.agent, session.waiting_since), (Some(AccountId::new(2)), Some(at(1))));
}

#[test]
fn silence_frees_the_seat_without_a_line_and_then_closes_with_one() {
    let mut t = talk();
    t.staff_says(&agent(7), Lane::Buyer, id("b"), text("您好"), at(0), &mut salts());
    t.session.as_mut().unwrap().id = Some(SessionId::new(1));
    assert_eq!(t.fall_silent(&Rules::default(), at(600), &mut salts()), None);
    assert!(!t.session.as_ref().unwrap().holds_seat());
    let entry = t.fall_silent(&Rules::default(), at(1800), &mut salts()).unwrap();
    assert_eq!(entry.notice.unwrap().code, "closed_by_silence");
    assert!(t.open_session().is_none());
}

proptest! {
    #[test]
    fn any_moves_leave_both_lanes_gapless_ordered_in_time_and_verifiable(
        moves in proptest::collection::vec((0u8..10, -5i64..500), 1..60),
    ) {
        let (mut t, mut log, mut now, mut salts) = (talk(), Vec::new(), 1_000, salts());
        let rules = Rules::default();
        for (i, (choice, step)) in moves.into_iter().enumerate() {
            now += step;
            let (cid, clock) = (id(&i.to_string()), at(now));
            match choice {
                0 | 1 => log.extend(t.buyer_says(cid, text("问"), clock, &rules, &mut [free(1)], &mut salts)),
                2 => log.extend(t.staff_says(&agent(1), Lane::Buyer, cid, text("答"), clock, &mut salts)),
                3 => log.extend(t.staff_says(&agent(2), Lane::Staff, cid, text("记"), clock, &mut salts)),
                4 => log.extend(t.close(&agent(1), clock, &mut salts).ok()),
                6 => log.extend(t.buyer_says(cid, shown(i), clock, &rules, &mut [free(1)], &mut salts)),
                7 => log.extend(t.staff_says(&agent(1), Lane::Buyer, cid, shown(i), clock, &mut salts)),
                8 => log.push(t.says_by_itself(text("稍等"), cid, clock, &mut salts)),
                5 => log.extend(t.take(&agent(2), true, None, clock, &mut salts).unwrap()),
                _ => log.extend(t.fall_silent(&rules, clock, &mut salts)),
            }
            prop_assert!(t.session.as_ref().is_none_or(|s| s.closed.is_none() || s.waiting_since.is_none()));
        }
        for lane in [Lane::Buyer, Lane::Staff] {
            let (mut previous, mut last) = (GENESIS, at(0));
            for (entry, seq) in log.iter().filter(|e| e.lane == lane).zip(1..) {
                prop_assert_eq!(entry.seq, seq);
                prop_assert!(entry.at >= last);
                let (code, params) = match &entry.notice {
                    Some(n) => (Some(n.code), Some(n.params_json())),
                    None => (None, None),
                };
                let sum = {
                    let content = entry.content.as_ref().map(Content::sealed);
                    digest(&entry.salt, entry.text.as_deref(), code, params.as_deref(), content.as_deref())
                };
                prop_assert_eq!(sum, entry.digest);
                let seal = chain(&previous, &sum, &[3; 16], lane, seq, entry.at, entry.kind, entry.author, entry.ref_seq);
                prop_assert_eq!(seal, entry.chain);
                (previous, last) = (seal, entry.at);
            }
        }
    }
}
