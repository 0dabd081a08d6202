//! Phrases as a spreadsheet: folder, code, title, text, and from when to when they hold and with which product. Columns are found by their head, in Chinese or English, in any
//! order; without a head three columns are folder, code and text, four are folder, code, title and text.
//!
//! Must never judge a phrase: that is the domain's.

use thiserror::Error;

/// Lines of a sheet: more than any library holds.
pub const LINES_MAX: usize = 5_000;

/// A line of a sheet, as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SheetLine {
    /// Where it stands, from 1.
    pub line: u64,
    /// Folders from the top, separated by `/`.
    pub folder: String,
    /// Short code.
    pub code: String,
    /// Title.
    pub title: String,
    /// Text.
    pub text: String,
    /// From when it holds, as written; None without such a column.
    pub valid_from: Option<String>,
    /// Until when, as written; None without such a column.
    pub valid_to: Option<String>,
    /// Number of the product whose card goes with it; None without such a column.
    pub product: Option<String>,
}

/// Why a sheet cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SheetError {
    /// There is no column for the text.
    #[error("no column holds the text")]
    NoText,
    /// More lines than a library holds.
    #[error("more than {LINES_MAX} lines")]
    TooLong,
    /// It is not of the form it says.
    #[error("the file cannot be read")]
    Broken,
}

#[derive(Clone, Copy)]
enum Column {
    Folder,
    Code,
    Title,
    Text,
    ValidFrom,
    ValidTo,
    Product,
}

/// Reads a sheet, separated by commas, semicolons or tabs. Empty lines are passed over.
///
/// # Errors
/// When it is no sheet of phrases.
pub fn read(sheet: &str) -> Result<Vec<SheetLine>, SheetError> {
    let sheet = sheet.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(sheet))
        .from_reader(sheet.as_bytes());
    let mut columns: Option<Vec<Option<Column>>> = None;
    let mut lines = Vec::new();
    for record in reader.records() {
        let Ok(record) = record else { continue };
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let number = record.position().map_or(0, csv::Position::line);
        let Some(known) = &columns else {
            let head: Vec<Option<Column>> = record.iter().map(column_of).collect();
            if head.iter().any(Option::is_some) {
                if !head.iter().flatten().any(|c| matches!(c, Column::Text)) {
                    return Err(SheetError::NoText);
                }
                columns = Some(head);
            } else {
                let plain = without_head(record.len());
                lines.push(line_of(number, &record, &plain));
                columns = Some(plain);
            }
            continue;
        };
        if lines.len() == LINES_MAX {
            return Err(SheetError::TooLong);
        }
        lines.push(line_of(number, &record, known));
    }
    Ok(lines)
}

/// Reads the first sheet of a workbook (xlsx), as [`read`] reads its text.
///
/// # Errors
/// When it is no workbook, or no sheet of phrases.
pub fn read_book(bytes: Vec<u8>) -> Result<Vec<SheetLine>, SheetError> {
    use calamine::Reader as _;
    let book = calamine::Xlsx::new(std::io::Cursor::new(bytes));
    let mut book: calamine::Xlsx<_> = book.map_err(|_| SheetError::Broken)?;
    let range = book.worksheet_range_at(0).ok_or(SheetError::NoText)?;
    let range = range.map_err(|_| SheetError::Broken)?;
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for row in range.rows().take(2 * LINES_MAX) {
        let cells = row.iter().map(cell_text);
        writer.write_record(cells).map_err(|_| SheetError::Broken)?;
    }
    let bytes = writer.into_inner().map_err(|_| SheetError::Broken)?;
    read(&String::from_utf8_lossy(&bytes))
}

fn cell_text(cell: &calamine::Data) -> String {
    match cell {
        calamine::Data::DateTime(at) => {
            let (year, month, day, hour, minute, ..) = at.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}")
        }
        other => other.to_string(),
    }
}

/// Writes a sheet that [`read`] and any spreadsheet program read, with its head in English.
#[must_use]
pub fn write<'l>(lines: impl Iterator<Item = &'l SheetLine>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows(lines) {
        writer.write_record(row).expect("memory takes every record of seven cells");
    }
    let bytes = writer.into_inner().expect("memory is always flushed");
    // Spreadsheet programs take a file for UTF-8 by this mark.
    format!("\u{feff}{}", String::from_utf8_lossy(&bytes))
}

/// Head and lines as cells that no program takes for formulas.
pub(crate) fn rows<'l>(
    lines: impl Iterator<Item = &'l SheetLine>,
) -> impl Iterator<Item = [String; 7]> {
    let head = [["folder", "code", "title", "text", "valid_from", "valid_to", "product"]];
    let rows = lines.map(|l| {
        let rest = [&l.valid_from, &l.valid_to, &l.product].map(|c| c.as_deref().unwrap_or(""));
        [l.folder.as_str(), &l.code, &l.title, &l.text, rest[0], rest[1], rest[2]]
    });
    head.into_iter().chain(rows).map(|row| row.map(safe))
}

/// A spreadsheet program would run a cell that begins like a formula. One that begins like such a cell made safe is
/// made safe too: else it would come back without its own sign.
fn safe(cell: &str) -> String {
    let is_like_formula = cell.trim_start_matches('\'').starts_with(['=', '+', '-', '@']);
    if is_like_formula { format!("'{cell}") } else { cell.to_owned() }
}

fn delimiter(sheet: &str) -> u8 {
    let first = sheet.lines().next().unwrap_or_default();
    if first.contains('\t') {
        b'\t'
    } else if first.contains(';') && !first.contains(',') {
        b';'
    } else {
        b','
    }
}

fn column_of(cell: &str) -> Option<Column> {
    match cell.trim().to_lowercase().as_str() {
        "folder" | "category" | "group" | "文件夹" | "分组" | "分类" | "目录" => {
            Some(Column::Folder)
        }
        "code" | "short code" | "shortcut" | "快捷码" | "快捷编码" | "编码" | "短码" | "代码" => {
            Some(Column::Code)
        }
        "title" | "name" | "标题" | "名称" => Some(Column::Title),
        "text" | "content" | "phrase" | "内容" | "话术" | "正文" | "短语内容" => {
            Some(Column::Text)
        }
        "valid_from" | "valid from" | "from" | "生效时间" | "开始时间" | "有效期起" => {
            Some(Column::ValidFrom)
        }
        "valid_to" | "valid to" | "to" | "失效时间" | "结束时间" | "有效期止" => {
            Some(Column::ValidTo)
        }
        "product" | "sku" | "商品" | "商品编码" => Some(Column::Product),
        _ => None,
    }
}

fn without_head(cells: usize) -> Vec<Option<Column>> {
    use Column::{Code, Folder, Text, Title};
    let order: &[Column] = match cells {
        1 => &[Text],
        2 => &[Code, Text],
        3 => &[Folder, Code, Text],
        _ => &[Folder, Code, Title, Text],
    };
    order.iter().copied().map(Some).collect()
}

fn line_of(line: u64, record: &csv::StringRecord, columns: &[Option<Column>]) -> SheetLine {
    let mut read = SheetLine { line, ..SheetLine::default() };
    for (cell, column) in record.iter().zip(columns) {
        let cell = cell.strip_prefix('\'').filter(|c| safe(c) != **c).unwrap_or(cell);
        match column {
            Some(Column::Folder) => cell.trim().clone_into(&mut read.folder),
            Some(Column::Code) => cell.trim().clone_into(&mut read.code),
            Some(Column::Title) => cell.trim().clone_into(&mut read.title),
            Some(Column::Text) => cell.clone_into(&mut read.text),
            Some(Column::ValidFrom) => read.valid_from = Some(cell.trim().to_owned()),
            Some(Column::ValidTo) => read.valid_to = Some(cell.trim().to_owned()),
            Some(Column::Product) => read.product = Some(cell.trim().to_owned()),
            None => {}
        }
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_their_head_in_any_order() {
        let lines =
            read("\u{feff}内容,快捷码,文件夹\r\n\"亲，\n在的\",zd,售前/问候\r\n,,\r\n").unwrap();
        assert_eq!(lines.len(), 1);
        assert_eq!((lines[0].code.as_str(), lines[0].folder.as_str()), ("zd", "售前/问候"));
        assert_eq!(lines[0].text, "亲，\n在的");
    }

    #[test]
    fn three_columns_without_a_head_are_folder_code_and_text() {
        let lines = read("问候\tzd\t在的，您说\n物流\tfh\t今天发").unwrap();
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[1].line, lines[1].text.as_str()), (2, "今天发"));
    }

    #[test]
    fn what_is_written_reads_back() {
        let line = SheetLine {
            line: 2,
            folder: "a/b".into(),
            code: "x".into(),
            title: "=1+1".into(),
            text: "say \"hi\",\nall".into(),
            valid_from: Some("2026-11-01 00:00".into()),
            valid_to: Some("2026-11-12 00:00".into()),
            product: Some("'=K-1".into()),
        };
        assert_eq!(read(&write([&line].into_iter())).unwrap(), [line]);
    }

    #[test]
    fn a_head_without_a_text_is_no_sheet_of_phrases() {
        assert_eq!(read("code,title\na,b"), Err(SheetError::NoText));
    }
}
