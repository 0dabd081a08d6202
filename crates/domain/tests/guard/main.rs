//! The built-in rules against ordinary days and bad ones: of ten thousand ordinary lines at most one in two hundred is
//! stopped, of the bad ones at least nineteen of twenty are noticed by the rule that should.

#![expect(clippy::unwrap_used, reason = "a failing test may panic")]

use std::collections::{BTreeMap, BTreeSet};

use xiaoer_domain::quality::guard::{Context, Finding, Guard, RuleCode, ShopKind};
use xiaoer_domain::time::Timestamp;

const TALKS: [&str; 2] =
    [include_str!("../../../demo/src/talk/zh.txt"), include_str!("../../../demo/src/talk/en.txt")];
const ORDINARY: &str = include_str!("ordinary.txt");
const BAD: &str = include_str!("bad.txt");
const AT: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);

/// Lines of an ordinary day.
const LINES: usize = 10_000;
/// Of a thousand, how many may be stopped.
const STOPPED_MAX_PER_MILLE: usize = 5;
/// Bad lines there are at least, and of a hundred how many are noticed at least.
const BAD_MIN: usize = 300;
const NOTICED_MIN_PERCENT: usize = 95;

/// Small numbers without end, the same on each run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

/// One of the lines that a template stands for.
fn speak(template: &str, chance: &mut Chance) -> String {
    let mut said = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (inside, behind) = after.split_once('}').unwrap();
        said.push_str(before);
        said.push_str(chance.of(&inside.split('|').collect::<Vec<_>>()));
        rest = behind;
    }
    said.push_str(rest);
    let mut filled = String::new();
    let mut chars = said.chars();
    while let Some(c) = chars.next() {
        match c {
            '$' => filled.push_str(&slot(chars.next().unwrap(), chance)),
            c => filled.push(c),
        }
    }
    filled.trim().to_owned()
}

fn slot(name: char, chance: &mut Chance) -> String {
    let word = match name {
        'g' | 'G' => chance.of(&[
            "翻领羊毛开衫",
            "麻花圆领毛衣",
            "雾蓝围巾",
            "坑条打底",
            "细绒帽子",
            "儿童背心",
        ]),
        'c' => chance.of(&["燕麦色", "炭灰", "雾蓝", "姜黄", "墨绿", "本白"]),
        's' | 'S' => chance.of(&["S", "M", "L", "XL", "均码", "110"]),
        'd' => chance.of(&["明天", "后天", "周五", "下周二", "月底", "二十号"]),
        'k' => chance.of(&["中通", "圆通", "顺丰", "邮政", "京东快递"]),
        't' => chance.of(&["成都", "杭州", "西安", "沈阳", "广州", "乌鲁木齐"]),
        'm' | 'b' => chance.of(&["小满", "谷雨", "白露", "立夏"]),
        'p' => chance.of(&["质检", "仓库", "主管"]),
        'w' => return (90 + chance.below(90)).to_string(),
        'o' => return format!("1118{:06}", chance.below(1_000_000)),
        'r' => return (5 + chance.below(300)).to_string(),
        'h' => return (9 + chance.below(12)).to_string(),
        _ => return (2 + chance.below(90)).to_string(),
    };
    word.to_owned()
}

/// What agents say in the demonstration's talks.
fn talk_templates() -> Vec<&'static str> {
    let lines = TALKS.iter().flat_map(|talk| talk.lines());
    let said = lines
        .map(|line| line.trim_start_matches(['?', '&']))
        .filter_map(|line| line.strip_prefix('<'));
    said.flat_map(|line| line.split(" / "))
        .map(str::trim)
        .filter(|t| t.matches('{').count() == t.matches('}').count())
        .collect()
}

fn ordinary_lines() -> BTreeSet<String> {
    let own = ORDINARY.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let templates: Vec<&str> = own.chain(talk_templates()).collect();
    let mut chance = Chance(20_261_127);
    let mut lines = BTreeSet::new();
    for round in 0.. {
        assert!(round < 400, "the templates stand for {} lines only", lines.len());
        for template in &templates {
            if lines.len() == LINES {
                return lines;
            }
            lines.insert(speak(template, &mut chance));
        }
    }
    lines
}

fn found(guard: &Guard, line: &str) -> Vec<Finding> {
    guard.check(line, &Context::default())
}

#[test]
fn of_ten_thousand_ordinary_lines_hardly_any_is_stopped() {
    for kind in [ShopKind::Mall, ShopKind::Own] {
        let guard = Guard::built_in(kind, AT);
        let lines = ordinary_lines();
        assert_eq!(lines.len(), LINES);
        let mut stopped = BTreeMap::new();
        for line in &lines {
            let first = found(&guard, line).into_iter().find(|finding| finding.level.stops());
            if let Some(finding) = first {
                stopped.insert(line, finding);
            }
        }
        let max = LINES * STOPPED_MAX_PER_MILLE / 1000;
        println!("{kind:?}: {} of {LINES} ordinary lines are stopped", stopped.len());
        for (line, finding) in stopped.iter().take(60) {
            println!("  {} {}: {line}", finding.rule.word(), &line[finding.start..finding.end]);
        }
        assert!(stopped.len() <= max, "{kind:?}: {} lines are stopped", stopped.len());
    }
}

/// Every line that a template stands for.
fn all_of(template: &str) -> Vec<String> {
    let Some((before, after)) = template.split_once('{') else { return vec![template.to_owned()] };
    let (inside, behind) = after.split_once('}').unwrap();
    let rest = all_of(behind);
    let choices = inside.split('|');
    choices.flat_map(|c| rest.iter().map(move |r| format!("{before}{c}{r}"))).collect()
}

fn bad_lines() -> Vec<(RuleCode, String)> {
    let mut rule = None;
    let mut lines = Vec::new();
    for line in BAD.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix("= ") {
            Some(word) => rule = Some(RuleCode::parse(word).unwrap()),
            None => lines.extend(all_of(line).into_iter().map(|line| (rule.unwrap(), line))),
        }
    }
    lines
}

#[test]
fn of_three_hundred_bad_lines_nearly_all_are_noticed() {
    let guard = Guard::built_in(ShopKind::Mall, AT);
    let lines = bad_lines();
    assert!(lines.len() >= BAD_MIN, "{} lines", lines.len());
    let missed: Vec<_> = lines
        .iter()
        .filter(|(rule, line)| !found(&guard, line).iter().any(|finding| finding.rule == *rule))
        .collect();
    println!("{} of {} bad lines are noticed", lines.len() - missed.len(), lines.len());
    for (rule, line) in &missed {
        let others: Vec<&str> = found(&guard, line).iter().map(|f| f.rule.word()).collect();
        println!("  {} misses: {line} ({})", rule.word(), others.join(" "));
    }
    assert!(
        (lines.len() - missed.len()) * 100 >= lines.len() * NOTICED_MIN_PERCENT,
        "{} missed",
        missed.len()
    );
}

#[test]
fn every_rule_with_built_in_words_has_bad_lines_of_its_own() {
    let lines = bad_lines();
    for code in RuleCode::ALL {
        let spared = [RuleCode::OtherBuyer, RuleCode::HouseWord].contains(code);
        assert!(spared || lines.iter().any(|(rule, _)| rule == code), "{}", code.word());
    }
}
