//! Real English lines of customer service against the built-in rules: `real_lines CSV`. At most one in two hundred may
//! be stopped. The file is nobody's to pass on, so it is named from outside.

use std::collections::BTreeMap;

use xiaoer_domain::quality::guard::{Context, Guard, ShopKind};
use xiaoer_domain::time::Timestamp;

const AT: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);
const STOPPED_MAX_PER_MILLE: usize = 5;

fn main() {
    let path = std::env::args().nth(1).expect("name the file");
    let text = std::fs::read_to_string(&path).expect("the file can be read");
    let guard = Guard::built_in(ShopKind::Mall, AT);
    let mut stopped: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut lines, mut all) = (0, 0);
    for line in text.lines().skip(1).filter_map(utterance) {
        lines += 1;
        let found = guard.check(&line, &Context::default());
        if let Some(finding) = found.iter().find(|finding| finding.level.stops()) {
            all += 1;
            let seen = stopped.entry(finding.rule.word()).or_default();
            *seen += 1;
            if *seen <= 5 {
                println!("{}: {line}", finding.rule.word());
            }
        }
    }
    println!("{all} of {lines} real lines are stopped: {stopped:?}");
    assert!(lines > 1000, "{path} holds {lines} lines only");
    assert!(all * 1000 <= lines * STOPPED_MAX_PER_MILLE, "{all} of {lines} lines are stopped");
}

/// The second cell of a line: what was said.
fn utterance(line: &str) -> Option<String> {
    let (_, rest) = line.split_once(',')?;
    let Some(quoted) = rest.strip_prefix('"') else {
        return rest.split(',').next().map(str::to_owned);
    };
    quoted.replace("\"\"", "\u{0}").split('"').next().map(|said| said.replace('\u{0}', "\""))
}
