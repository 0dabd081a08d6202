//! What the engine promises, for any text and any words.

use proptest::prelude::*;

use super::engine::{naive, settle};
use super::fold::{Folds, View};
use super::normal::Normal;
use super::*;
use crate::time::Timestamp;

const AT: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);

fn one(words: &[&str], exceptions: &[&str]) -> Guard {
    one_of(RuleCode::HouseWord, words, exceptions)
}

fn one_of(code: RuleCode, words: &[&str], exceptions: &[&str]) -> Guard {
    let rule = RuleWords {
        code,
        level: Level::Ask,
        words: words.iter().map(|word| Word::parse(word).unwrap()).collect(),
        exceptions: exceptions.iter().map(|word| Pattern::parse(word).unwrap()).collect(),
    };
    Guard::new(ShopKind::Mall, vec![rule])
}

fn spans<'t>(guard: &Guard, text: &'t str) -> Vec<&'t str> {
    let found = guard.check(text, &Context::default());
    found.iter().map(|f| &text[f.start..f.end]).collect()
}

#[test]
fn every_line_of_every_edition_can_be_read() {
    assert_eq!(editions_agree(), None);
    for pair in EDITIONS.windows(2) {
        assert!(pair[0].from < pair[1].from);
    }
    for edition in EDITIONS {
        let day: jiff::civil::Date = edition.day.parse().unwrap();
        let from = day.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
        assert_eq!(edition.from.micros(), from.as_microsecond());
    }
}

#[test]
fn disguises_are_seen_through_and_the_span_is_that_of_the_text_as_written() {
    let guard = one(&["加微信", "vx", "绝对"], &[]);
    for (text, span) in [
        ("亲，加微信哈", "加微信"),
        ("亲，加 微 信 哈", "加 微 信"),
        ("可以加.微.信", "加.微.信"),
        ("加威信", "加威信"),
        ("加薇❤️吧", "加薇❤"),
        ("加，微，信", "加，微，信"),
        ("我的V✗是", "V✗"),
        ("ＶＸ：", "ＶＸ"),
        ("v x 是", "v x"),
        ("絕對正品", "絕對"),
        ("绝\u{200b}对", "绝\u{200b}对"),
        ("🅥🅧", "🅥🅧"),
    ] {
        assert_eq!(spans(&guard, text), [span], "{text}");
    }
}

#[test]
fn a_word_does_not_go_over_the_end_of_a_phrase_nor_begin_inside_another() {
    let guard = one(&["加微信", "vx", "最后", "we chat", "no.1", "hun"], &[]);
    for text in [
        "您再加，微信支付都行",
        "要最，后面那件",
        "vxl 的意思",
        "we, chat later",
        "wechat",
        "no 12",
        "a hundred",
    ] {
        assert_eq!(spans(&guard, text), [""; 0], "{text}");
    }
    assert_eq!(spans(&guard, "we  chat, NO 1"), ["we  chat", "NO 1"]);
}

#[test]
fn a_question_is_not_the_refusal_inside_it() {
    let guard = one(&["不能开发票", "不给退"], &[]);
    assert_eq!(spans(&guard, "再问一下能不能开发票，给不给退"), [""; 0]);
    assert_eq!(spans(&guard, "我们能开，但不能开发票"), ["不能开发票"]);
    assert_eq!(spans(&guard, "不能开发票"), ["不能开发票"]);
    let built_in = Guard::built_in(ShopKind::Mall, AT);
    assert_eq!(spans(&built_in, "好的谢谢，再问一下能不能开发票"), [""; 0]);
    assert_eq!(spans(&built_in, "不好意思，我们不能开发票"), ["不能开发票"]);
}

#[test]
fn numerals_are_digits() {
    let guard = one(&["第一", "假一赔十"], &[]);
    assert_eq!(spans(&guard, "第1，第①，第壹"), ["第1", "第①", "第壹"]);
    assert_eq!(spans(&guard, "假１赔⑩"), [""; 0]);
    assert_eq!(spans(&guard, "假１赔十"), ["假１赔十"]);
}

#[test]
fn choices_gaps_ends_and_names() {
    let guard = one(&["{不|没}能?开..票", "^嗯嗯?$", "{微信|qq}##"], &[]);
    assert_eq!(spans(&guard, "不能开这个发票"), ["不能开这个发票"]);
    assert_eq!(spans(&guard, "没开票"), ["没开票"]);
    assert_eq!(spans(&guard, "不能开，要发票"), [""; 0]);
    assert_eq!(spans(&guard, "嗯～"), ["嗯"]);
    assert_eq!(spans(&guard, "嗯嗯好的"), [""; 0]);
    assert_eq!(spans(&guard, "微信：xm_8823"), ["微信：xm_8823"]);
    assert_eq!(spans(&guard, "qq 12345678"), ["qq 12345678"]);
    assert_eq!(spans(&guard, "微信支付"), [""; 0]);
}

#[test]
fn an_exception_holds_the_word_or_begins_inside_it() {
    let guard = one_of(RuleCode::AdLaw, &["第一", "最", "全网第一"], &["第一次", "最近"]);
    assert_eq!(spans(&guard, "第一次来，最近忙，我们第一"), ["第一"]);
    assert_eq!(spans(&guard, "全网第一次"), [""; 0]);
    // An exception inside a word says nothing of the word.
    let guard = one_of(RuleCode::AdLaw, &["全网最近邻"], &["最近"]);
    assert_eq!(spans(&guard, "全网最近邻"), ["全网最近邻"]);
}

#[test]
fn numbers_of_others_and_numbers_to_call_are_found_in_any_form() {
    let guard = Guard::built_in(ShopKind::Mall, AT);
    let foreign = ["13800138000".to_owned(), "5361880231".to_owned()];
    let context = Context { foreign: &foreign, ..Context::default() };
    for text in ["电话138-0013-8000", "一三八零零一三八零零零", "单号 5361880231 那位"]
    {
        let found = guard.check(text, &context);
        assert_eq!(found[0].rule, RuleCode::OtherBuyer, "{text}");
        assert_eq!(found[0].level, Level::Block);
    }
    assert!(guard.check("单号 25361880231", &context).is_empty());
    let rules = |text: &str| -> Vec<RuleCode> {
        guard.check(text, &Context::default()).iter().map(|f| f.rule).collect()
    };
    assert_eq!(rules("打 13912345678 给我"), [RuleCode::Phone]);
    assert_eq!(rules("快递师傅电话 13912345678"), []);
    assert_eq!(rules("6222021234567890128"), [RuleCode::PrivatePay]);
    assert_eq!(rules("看 https://shop.example.com/a"), [RuleCode::Contact]);
    assert_eq!(rules("看 https://item.taobao.com/a?id=1"), []);
    let own = ["13912345678".to_owned()];
    let known = Context { own: &own, ..Context::default() };
    assert!(guard.check("您留的 13912345678 对吗", &known).is_empty());
}

#[test]
fn what_a_shop_of_its_own_may_say_a_marketplace_blocks() {
    let text = "加我微信 xm8823 给您发细节图";
    let mall = Guard::built_in(ShopKind::Mall, AT).check(text, &Context::default());
    assert_eq!((mall[0].rule, mall[0].level), (RuleCode::Contact, Level::Block));
    assert_eq!(Guard::built_in(ShopKind::Own, AT).check(text, &Context::default()), []);
}

#[test]
fn the_whole_message_may_be_the_word() {
    let guard = Guard::built_in(ShopKind::Own, AT);
    let found = guard.check("嗯", &Context::default());
    assert_eq!((found[0].rule, found[0].level), (RuleCode::OneWord, Level::Warn));
    assert!(found[0].better.as_ref().is_some_and(|text| text.chars().count() > 4));
}

/// Texts of characters that matter to the engine.
fn text() -> impl Strategy<Value = String> {
    let known = prop::sample::select(
        "最好第一次近后加微信威❤vxVＶ✗ 　，。.-*～\n12零一壹①絕對a加\u{200b}\u{fe0f}🅥é"
            .chars()
            .collect::<Vec<_>>(),
    );
    prop::collection::vec(prop_oneof![9 => known, 1 => any::<char>()], 0..40)
        .prop_map(|chars| chars.into_iter().collect())
}

fn word() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "最",
        "最好",
        "第一",
        "第一次",
        "一次",
        "加微信",
        "vx",
        "v",
        "微信",
        "{最|第}{好|一}",
        "最..一",
        "^加",
        "好$",
        "微信##",
        "最?好",
        "a",
        "1",
        "绝对",
        "最 好",
        "v x",
    ])
    .prop_map(str::to_owned)
}

fn words() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(word(), 0..6)
}

fn guard_of(words: &[String], exceptions: &[String]) -> Guard {
    let rule = |code| RuleWords {
        code,
        level: Level::Ask,
        words: words.iter().map(|word| Word::parse(word).unwrap()).collect(),
        exceptions: exceptions.iter().map(|word| Pattern::parse(word).unwrap()).collect(),
    };
    Guard::new(ShopKind::Mall, vec![rule(RuleCode::AdLaw), rule(RuleCode::HouseWord)])
}

proptest! {
    #[test]
    fn a_glyph_comes_from_the_bytes_that_it_names(text in text()) {
        let folds = Folds::new();
        for view in [View::Plain, View::Sly] {
            let normal = Normal::new(&folds, &text, view);
            let mut last = 0;
            for glyph in &normal.glyphs {
                prop_assert!(last <= glyph.start && glyph.start < glyph.end && glyph.end <= text.len());
                last = glyph.end;
                // Alone it is the same, so the span names the character and no neighbour.
                let written = &text[glyph.start..glyph.end];
                prop_assert_eq!(written.chars().count(), 1);
                let alone = Normal::new(&folds, written, view);
                prop_assert_eq!(alone.glyphs.iter().map(|g| g.c).collect::<Vec<_>>(), [glyph.c]);
            }
        }
    }

    #[test]
    fn making_plain_twice_changes_nothing_more(text in text()) {
        let folds = Folds::new();
        let once = Normal::new(&folds, &text, View::Plain);
        let twice = Normal::new(&folds, &once.text, View::Plain);
        prop_assert_eq!(once.text, twice.text);
    }

    #[test]
    fn the_engine_finds_what_a_plain_search_finds(text in text(), words in words(), exceptions in words()) {
        let guard = guard_of(&words, &exceptions);
        for view in [View::Plain, View::Sly] {
            let (fast, slow) = naive(&guard, &text, view);
            prop_assert_eq!(settle(fast), settle(slow));
        }
    }

    #[test]
    fn a_word_that_is_an_exception_is_never_found(text in text(), words in words()) {
        let guard = guard_of(&words, &words);
        prop_assert_eq!(guard.check(&text, &Context::default()).iter().filter(|f| !f.word.is_empty()).count(), 0);
    }

    #[test]
    fn no_finding_lies_inside_an_exception(text in text(), words in words(), exceptions in words()) {
        let guard = guard_of(&words, &exceptions);
        let spared = guard_of(&exceptions, &[]);
        let found = guard.check(&text, &Context::default());
        for e in spared.check(&text, &Context::default()).iter().filter(|f| !f.word.is_empty()) {
            for f in found.iter().filter(|f| f.rule == e.rule && !f.word.is_empty()) {
                prop_assert!(!(e.start <= f.start && f.end <= e.end), "{:?} in {:?}", f, e);
            }
        }
    }

    #[test]
    fn spans_are_in_order_and_cut_no_character(text in any::<String>()) {
        let guard = guard_of(&["最".into(), "加微信".into()], &[]);
        for finding in guard.check(&text, &Context::default()) {
            prop_assert!(text.get(finding.start..finding.end).is_some_and(|part| !part.is_empty()));
        }
    }
}
