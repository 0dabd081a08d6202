//! The guard's words as a spreadsheet: rule, kind, word, better wording. Must never judge a word: that is the domain's.

/// Lines of a sheet.
pub const LINES_MAX: usize = 20_000;

/// A line of a sheet, as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SheetLine {
    /// Where it stands, from 1.
    pub line: u64,
    /// Word of the rule.
    pub rule: String,
    /// `word` or `exception`.
    pub kind: String,
    /// As it is written.
    pub word: String,
    /// What could be said in its place.
    pub better: String,
}

/// Reads a sheet of comma-separated cells; a head is passed over, as are empty lines. None: too long to be one.
#[must_use]
pub fn read(sheet: &str) -> Option<Vec<SheetLine>> {
    let sheet = sheet.trim_start_matches('\u{feff}');
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(sheet.as_bytes());
    let mut lines = Vec::new();
    for record in reader.records().flatten() {
        let cell = |at: usize| plain(record.get(at).unwrap_or_default());
        let head = ["rule", "规则"].contains(&cell(0).to_lowercase().as_str());
        if head || record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if lines.len() == LINES_MAX {
            return None;
        }
        let line = record.position().map_or(0, csv::Position::line);
        lines.push(SheetLine {
            line,
            rule: cell(0),
            kind: cell(1),
            word: cell(2),
            better: cell(3),
        });
    }
    Some(lines)
}

/// Writes a sheet that [`read`] and any spreadsheet program read.
#[must_use]
pub fn write(lines: &[SheetLine]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let head = ["rule", "kind", "word", "better"].map(str::to_owned);
    let rows = lines.iter().map(|l| [&l.rule, &l.kind, &l.word, &l.better].map(|c| safe(c)));
    for row in std::iter::once(head).chain(rows) {
        writer.write_record(row).expect("memory takes every record of four cells");
    }
    let bytes = writer.into_inner().expect("memory is always flushed");
    // Spreadsheet programs take a file for UTF-8 by this mark.
    format!("\u{feff}{}", String::from_utf8_lossy(&bytes))
}

/// A spreadsheet program would run a cell that begins like a formula.
fn safe(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\'']) { format!("'{cell}") } else { cell.to_owned() }
}

fn plain(cell: &str) -> String {
    cell.strip_prefix('\'').unwrap_or(cell).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let line = |word: &str, better: &str| SheetLine {
            line: 0,
            rule: "house_word".into(),
            kind: "word".into(),
            word: word.into(),
            better: better.into(),
        };
        let lines = [line("{a|b}, \"c\"", ""), line("=1+1", "'好"), line("换行\n的", "x")];
        let read: Vec<SheetLine> =
            read(&write(&lines)).unwrap().into_iter().map(|l| SheetLine { line: 0, ..l }).collect();
        assert_eq!(read, lines);
    }

    #[test]
    fn heads_and_empty_lines_are_passed_over_and_lines_know_their_number() {
        let read = read("规则,类型,词,建议\n\n,,,\nad_law,词,最棒,\n").unwrap();
        assert_eq!((read.len(), read[0].line, read[0].word.as_str()), (1, 4, "最棒"));
    }
}
