//! Who is off duty is never on duty, and who is planned always is.

use proptest::prelude::*;

use super::*;
use crate::team::duty::{SpecialDays, Week, parse_windows};
use crate::time::Span;
use crate::zone::{TimeOfDay, Zone};

const ANN: AccountId = AccountId::new(1);
const BO: AccountId = AccountId::new(2);

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn shift(account: AccountId, on: &str, windows: &str) -> Shift {
    Shift { account, day: day(on), kind: ShiftKind::Own, windows: parse_windows(windows).unwrap() }
}

fn duty(shifts: Vec<Shift>) -> Duty {
    let week = Week::parse("08:00-24:00").unwrap();
    let calendar = Calendar {
        zone: Zone::parse("Asia/Shanghai").unwrap(),
        weeks: vec![(Timestamp::from_micros(0), week)],
        special: Vec::<SpecialDays>::new(),
    };
    Duty { calendar, is_planned: true, shifts }
}

fn at(on: &str, time: &str) -> Timestamp {
    Zone::parse("Asia/Shanghai").unwrap().moment(day(on), TimeOfDay::parse(time).unwrap())
}

#[test]
fn the_roster_decides_and_a_night_shift_lasts_into_the_morning() {
    let duty = duty(vec![
        shift(ANN, "2026-11-25", "08:00-12:00 12:30-16:30"),
        shift(BO, "2026-11-25", "18:00-02:00"),
        shift(ANN, "2026-11-26", "08:00-12:00"),
    ]);
    let why = |who, on, time| duty.standing(who, at(on, time)).why().code;
    assert_eq!(why(ANN, "2026-11-25", "08:00"), "rostered");
    assert_eq!(why(ANN, "2026-11-25", "12:10"), "not_rostered");
    assert_eq!(why(BO, "2026-11-26", "01:59"), "rostered");
    assert_eq!(why(BO, "2026-11-26", "02:00"), "not_rostered");
    assert_eq!(why(BO, "2026-11-27", "09:00"), "no_roster");
    assert_eq!(why(BO, "2026-11-27", "07:00"), "shop_closed");
    let never = Duty { is_planned: false, shifts: Vec::new(), ..duty.clone() };
    assert!(never.on_duty(BO, at("2026-11-27", "03:00")));
}

#[test]
fn half_hours_with_too_few_are_gaps_only_while_the_shop_serves() {
    let shifts = [
        shift(ANN, "2026-11-25", "08:00-12:00 12:30-16:30"),
        shift(BO, "2026-11-24", "22:00-01:00"),
    ];
    let counts = coverage(&shifts, day("2026-11-25"));
    assert_eq!((counts[0], counts[1], counts[2]), (1, 1, 0));
    assert_eq!((counts[15], counts[16], counts[24], counts[25], counts[33]), (0, 1, 0, 1, 0));
    let windows = parse_windows("08:00-13:00").unwrap();
    assert_eq!(gaps(&windows, &counts, 1), [24]);
    assert_eq!(gaps(&windows, &counts, 2).len(), 10);
}

#[test]
fn a_week_is_copied_and_a_rotation_moves_everybody_on_by_one() {
    let week = [shift(ANN, "2026-11-23", "08:00-12:00"), shift(BO, "2026-11-24", "18:00-24:00")];
    let copy = copied(&week, 7);
    assert_eq!((copy[0].account, copy[0].day), (ANN, day("2026-11-30")));
    let turned = rotated(&week, &[ANN, BO]);
    assert_eq!((turned[0].account, turned[0].day), (BO, day("2026-11-30")));
    assert_eq!((turned[1].account, turned[1].day), (ANN, day("2026-12-01")));
    let back = rotated(&turned, &[ANN, BO]);
    assert_eq!(back[0].account, ANN);
}

proptest! {
    #[test]
    fn on_a_planned_day_exactly_those_whose_shift_runs_are_on_duty(
        plan in proptest::collection::vec((1_i64..6, 0_i32..3, 0_u16..1440, 1_u16..1440), 1..12),
        minute in 0_u32..2880,
        who in 1_i64..6,
    ) {
        let first = day("2026-11-25");
        let shifts: Vec<Shift> = plan.iter().map(|(account, ahead, from, to)| Shift {
            account: AccountId::new(*account),
            day: first.plus(*ahead),
            kind: ShiftKind::Own,
            windows: Window::new(TimeOfDay::from_minutes(*from).unwrap(), TimeOfDay::from_minutes(*to).unwrap())
                .into_iter().collect(),
        }).collect();
        let now = at("2026-11-26", "00:00").plus(Span::minutes(minute));
        let duty = duty(shifts.clone());
        let zone = &duty.calendar.zone;
        let works = shifts.iter().filter(|s| s.account == AccountId::new(who)).any(|s| {
            let (from, to) = s.windows[0].moments(zone, s.day);
            from <= now && now < to
        });
        let planned = shifts.iter().any(|s| s.day == zone.day(now));
        let expected = works || (!planned && duty.is_open(now));
        prop_assert_eq!(duty.on_duty(AccountId::new(who), now), expected);
    }
}
