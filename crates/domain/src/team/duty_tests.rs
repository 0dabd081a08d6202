//! Whatever the week, the zone and the change of its clock: the four questions agree with one another.

use proptest::prelude::*;

use super::*;

const ZONES: [&str; 4] =
    ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"];

fn at(zone: &Zone, day: &str, time: &str) -> Timestamp {
    zone.moment(Day::parse(day).unwrap(), TimeOfDay::parse(time).unwrap())
}

fn calendar(zone: &str, week: &str) -> Calendar {
    let zone = Zone::parse(zone).unwrap();
    let week = Week::parse(week).unwrap();
    Calendar { zone, weeks: vec![(Timestamp::from_micros(0), week)], special: Vec::new() }
}

#[test]
fn several_spans_a_day_and_one_over_midnight() {
    let shop = calendar("Asia/Shanghai", "08:00-12:00 13:30-18:00 22:00-02:00");
    let open = |time| shop.is_open(at(&shop.zone, "2026-11-25", time));
    let asked = ["01:59", "02:00", "08:00", "11:59", "12:00", "13:30", "21:59", "22:00"];
    let answers = [true, false, true, true, false, true, false, true];
    assert_eq!(asked.map(open), answers);
    let next = shop.next_opening(at(&shop.zone, "2026-11-25", "12:30")).unwrap();
    assert_eq!(next, at(&shop.zone, "2026-11-25", "13:30"));
    let closes = shop.closes_at(at(&shop.zone, "2026-11-25", "23:00")).unwrap();
    assert_eq!(closes, at(&shop.zone, "2026-11-26", "02:00"));
    assert_eq!(shop.closes_at(at(&shop.zone, "2026-11-25", "12:30")), None);
}

#[test]
fn a_holiday_closes_its_days_and_an_exception_within_opens_one() {
    let mut shop =
        calendar("Asia/Shanghai", "09:00-18:00;09:00-18:00;09:00-18:00;09:00-18:00;09:00-18:00;;");
    let day = |text| Day::parse(text).unwrap();
    let holiday =
        SpecialDays { first: day("2027-02-05"), last: day("2027-02-11"), windows: Vec::new() };
    let inside = SpecialDays {
        first: day("2027-02-08"),
        last: day("2027-02-08"),
        windows: parse_windows("10:00-12:00").unwrap(),
    };
    shop.special = vec![inside, holiday];
    let open = |day, time| shop.is_open(at(&shop.zone, day, time));
    assert!(!open("2027-02-05", "10:00"));
    assert!(open("2027-02-08", "10:00") && !open("2027-02-08", "12:00"));
    assert!(!open("2027-02-06", "10:00"), "a Saturday");
    let next = shop.next_opening(at(&shop.zone, "2027-02-09", "00:00"));
    assert_eq!(next, Some(at(&shop.zone, "2027-02-12", "09:00")));
    shop.weeks[0].1 = Week::parse("").unwrap();
    shop.special.clear();
    assert_eq!(shop.next_opening(at(&shop.zone, "2027-02-09", "00:00")), None);
}

#[test]
fn the_night_in_which_the_clock_jumps_is_an_hour_shorter() {
    let shop = calendar("Europe/Berlin", "22:00-06:00");
    let night =
        |day, next| shop.duty_seconds(at(&shop.zone, day, "12:00"), at(&shop.zone, next, "12:00"));
    assert_eq!(night("2026-03-27", "2026-03-28"), 8 * 3600);
    assert_eq!(night("2026-03-28", "2026-03-29"), 7 * 3600);
    assert_eq!(night("2026-10-24", "2026-10-25"), 9 * 3600);
}

#[test]
fn a_week_that_was_set_counts_from_then_on_and_not_before() {
    let mut shop = calendar("Asia/Shanghai", "08:00-12:00");
    let noon = at(&shop.zone, "2026-11-25", "10:00");
    shop.weeks.push((noon, Week::parse("06:00-11:00").unwrap()));
    let day = (at(&shop.zone, "2026-11-25", "00:00"), at(&shop.zone, "2026-11-26", "00:00"));
    assert_eq!(shop.duty_seconds(day.0, day.1), 3 * 3600);
    assert!(!shop.is_open(at(&shop.zone, "2026-11-25", "07:00")));
    assert!(shop.is_open(at(&shop.zone, "2026-11-26", "07:00")));
}

#[test]
fn what_is_left_at_night_is_due_in_hours_of_service() {
    let shop = calendar("Asia/Shanghai", "08:00-24:00");
    let due = |time| shop.after_service(at(&shop.zone, "2026-11-25", time), Span::minutes(120));
    assert_eq!(due("02:30"), at(&shop.zone, "2026-11-25", "10:00"));
    assert_eq!(due("09:30"), at(&shop.zone, "2026-11-25", "11:30"));
    assert_eq!(due("23:00"), at(&shop.zone, "2026-11-26", "09:00"));
}

#[test]
fn a_day_reads_back_and_nonsense_is_named() {
    for text in ["", "08:00-12:00", "00:00-24:00", "08:00-12:00 13:00-24:00", "20:00-02:00"] {
        assert_eq!(show_windows(&parse_windows(text).unwrap()), text);
    }
    for (wrong, why) in [
        ("8-12", WindowsError::Unreadable),
        ("24:00-08:00", WindowsError::Unreadable),
        ("08:00-12:00 11:00-13:00", WindowsError::Overlap),
        ("20:00-02:00 21:00-22:00", WindowsError::Overlap),
        (&"00:00-00:10 ".repeat(9), WindowsError::TooMany),
    ] {
        assert_eq!(parse_windows(wrong), Err(why), "{wrong}");
    }
    assert_eq!(Week::parse("08:00-09:00;;"), Err(WindowsError::Unreadable));
    let text = "08:00-12:00;;20:00-02:00;;;;00:00-24:00";
    assert_eq!(Week::parse(text).unwrap().to_string(), text);
    assert_eq!(Week::plain(480, 1440), Week::parse("08:00-24:00").unwrap());
    assert_eq!(Week::plain(0, 0).day(3)[0].minutes(), (0, 1440));
}

prop_compose! {
    /// Up to three spans in order; the last may pass midnight.
    fn a_day()(cuts in proptest::collection::btree_set(0_u16..288, 0..6), wraps: bool, early in 1_u16..60) -> Vec<Window> {
        let time = |five: u16| TimeOfDay::from_minutes(five * 5).unwrap();
        let cuts: Vec<u16> = cuts.into_iter().collect();
        let mut windows: Vec<Window> =
            cuts.chunks_exact(2).map(|two| Window::new(time(two[0]), time(two[1])).unwrap()).collect();
        if let Some(last) = windows.last_mut() && wraps && early * 5 <= last.from.minutes() {
            last.to = time(early);
        }
        windows
    }
}

prop_compose! {
    /// A calendar around a day on which some zone changes its clock, and a minute near that day.
    fn a_case()(
        days in proptest::collection::vec(a_day(), 14),
        zone in 0_usize..4,
        day in prop::sample::select(vec!["2026-03-08", "2026-03-29", "2026-04-05", "2026-10-04", "2026-10-25", "2026-11-01"]),
        special in proptest::collection::vec((-3_i32..3, 0_i32..3, a_day()), 0..3),
        set_after in 0_u32..3000,
        minute in 0_u32..4000,
    ) -> (Calendar, Timestamp) {
        let zone = Zone::parse(ZONES[zone]).unwrap();
        let day = Day::parse(day).unwrap();
        let start = zone.moment(day.plus(-2), TimeOfDay::from_minutes(0).unwrap());
        let week = |from: usize| Week(std::array::from_fn(|i| days[from + i].clone()));
        let weeks = vec![(Timestamp::from_micros(0), week(0)), (start.plus(Span::minutes(set_after)), week(7))];
        let special = special.into_iter().map(|(ahead, length, windows)| {
            SpecialDays { first: day.plus(ahead), last: day.plus(ahead + length), windows }
        }).collect();
        (Calendar { zone, weeks, special }, start.plus(Span::minutes(minute)))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_seconds_of_service_are_the_minutes_in_which_the_shop_is_open(case in a_case(), hours in 1_u32..60) {
        let (shop, from) = case;
        let open = (0..hours * 60).filter(|m| shop.is_open(from.plus(Span::minutes(*m)))).count();
        let seconds = shop.duty_seconds(from, from.plus(Span::minutes(hours * 60)));
        prop_assert_eq!(seconds, i64::try_from(open).unwrap() * 60);
    }

    #[test]
    fn the_next_opening_is_the_first_moment_of_service(case in a_case()) {
        let (shop, at) = case;
        match shop.next_opening(at) {
            Some(opens) => {
                prop_assert!(opens >= at && shop.is_open(opens));
                prop_assert_eq!(opens == at, shop.is_open(at));
                prop_assert_eq!(shop.duty_seconds(at, opens), 0);
            }
            None => prop_assert!(!shop.is_open(at)),
        }
    }

    #[test]
    fn the_closing_is_the_first_moment_without_service(case in a_case()) {
        let (shop, at) = case;
        if let Some(closes) = shop.closes_at(at) {
            prop_assert!(shop.is_open(at) && !shop.is_open(closes));
            prop_assert_eq!(shop.duty_seconds(at, closes), closes.since(at).micros() / 1_000_000);
        }
    }

    #[test]
    fn after_so_much_service_so_much_has_passed(case in a_case(), minutes in 1_u32..3000) {
        let (shop, at) = case;
        let span = Span::minutes(minutes);
        let after = shop.after_service(at, span);
        let year = at.plus(Span::minutes(300 * 24 * 60));
        if shop.duty_seconds(at, year) > i64::from(minutes) * 60 {
            prop_assert_eq!(shop.duty_seconds(at, after), i64::from(minutes) * 60);
        }
    }
}
