//! A table of people as it comes from a spreadsheet or a file: with or without a heading, in Chinese or English.

use csv::{ReaderBuilder, StringRecord};
use xiaoer_domain::team::Role;

/// Cap of one whose line names none.
const CAP: &str = "10";
/// Columns of a table without a heading.
const PLAIN: [Column; 5] = [Column::Login, Column::Name, Column::Roles, Column::Cap, Column::Lang];
/// Characters of a cell that are kept: enough to be refused and shown.
const CELL_CHARS_MAX: usize = 60;
/// Lines beyond this are not read: far more than are taken.
const LINES_MAX: usize = 2_000;

/// One person as the table says it; nothing is judged here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Number in the table, counted from 1 with the heading.
    pub number: u64,
    /// Login name.
    pub login: String,
    /// Name.
    pub name: String,
    /// Words of duties; what is no known word stays as it was written.
    pub roles: Vec<String>,
    /// Most buyers at once.
    pub cap: String,
    /// Language.
    pub lang: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Login,
    Name,
    Roles,
    Cap,
    Lang,
}

impl Column {
    fn of(heading: &str) -> Option<Self> {
        Some(match heading.trim().to_lowercase().as_str() {
            "login" | "account" | "登录名" | "账号" | "帐号" => Self::Login,
            "name" | "姓名" | "名字" | "称呼" | "昵称" => Self::Name,
            "role" | "roles" | "岗位" | "角色" | "职责" => Self::Roles,
            "cap" | "接待上限" | "上限" | "同时接待" => Self::Cap,
            "lang" | "language" | "语言" => Self::Lang,
            _ => return None,
        })
    }
}

/// Reads the lines of a table, empty ones left out.
pub fn read(table: &str) -> Vec<Line> {
    let table = table.trim_start_matches('\u{feff}');
    let first = table.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let delimiter = [b'\t', b';'].into_iter().find(|mark| first.as_bytes().contains(mark));
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter.unwrap_or(b','))
        .from_reader(table.as_bytes());
    let mut columns: Vec<Option<Column>> = PLAIN.map(Some).into();
    let mut lines = Vec::new();
    let mut is_first = true;
    for record in reader.records().take(LINES_MAX).flatten() {
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let named: Vec<_> = record.iter().map(Column::of).collect();
        if std::mem::take(&mut is_first) && named.contains(&Some(Column::Login)) {
            columns = named;
            continue;
        }
        lines.push(line(&record, line_number(table, &record), &columns));
    }
    lines
}

/// The line a record stands on. The reader's own count stands still over empty lines before it.
fn line_number(table: &str, record: &StringRecord) -> u64 {
    let from = record.position().map_or(0, csv::Position::byte);
    let from = usize::try_from(from).unwrap_or(usize::MAX).min(table.len());
    let (before, rest) = table.as_bytes().split_at(from);
    let skipped = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let ends = before.iter().chain(skipped).filter(|byte| **byte == b'\n').count();
    u64::try_from(ends).unwrap_or(u64::MAX).saturating_add(1)
}

fn line(record: &StringRecord, number: u64, columns: &[Option<Column>]) -> Line {
    let cell = |wanted: Column| {
        let at = columns.iter().position(|column| *column == Some(wanted));
        let text = at.and_then(|at| record.get(at)).unwrap_or_default().trim();
        text.chars().take(CELL_CHARS_MAX).collect::<String>()
    };
    let roles = cell(Column::Roles);
    let separators = ['、', '，', ',', '/', ';', '；', ' ', '+'];
    let words = roles.split(separators).map(str::trim).filter(|word| !word.is_empty());
    let mut roles: Vec<String> = words.map(role_word).collect();
    if roles.is_empty() {
        roles.push(Role::Agent.word().to_owned());
    }
    let lang = match cell(Column::Lang).to_lowercase().as_str() {
        "" | "zh" | "zh-cn" | "中文" => "zh-CN".to_owned(),
        "en" | "english" | "英文" | "英语" => "en".to_owned(),
        other => other.to_owned(),
    };
    let cap = Some(cell(Column::Cap)).filter(|cap| !cap.is_empty());
    Line {
        number,
        login: cell(Column::Login).to_lowercase(),
        name: cell(Column::Name),
        roles,
        cap: cap.unwrap_or_else(|| CAP.to_owned()),
        lang,
    }
}

/// The word of a duty by the names people use for it.
fn role_word(text: &str) -> String {
    let lower = text.to_lowercase().replace(['-', ' '], "_");
    let role = match lower.as_str() {
        "客服" | "接待" => Role::Agent,
        "组长" => Role::Leader,
        "主管" | "督导" => Role::Supervisor,
        "经理" | "店长" => Role::Manager,
        "店主" | "老板" | "掌柜" => Role::Owner,
        "仓库" | "仓管" => Role::Warehouse,
        "运营" => Role::Operations,
        "只读" | "查看" => Role::ReadOnly,
        word => return Role::parse(word).map_or_else(|| text.to_owned(), |r| r.word().to_owned()),
    };
    role.word().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_table_is_read_by_its_heading_in_any_order() {
        let lines =
            read("姓名\t登录名\t岗位\t上限\n小满\tXiaoMan\t客服、组长\t8\n\n谷雨\tguyu\t\t\n");
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[0].login.as_str(), lines[0].name.as_str()), ("xiaoman", "小满"));
        assert_eq!(lines[0].roles, ["agent", "leader"]);
        assert_eq!(lines[0].cap, "8");
        assert_eq!((lines[1].number, lines[1].cap.as_str()), (4, "10"));
        assert_eq!(lines[1].roles, ["agent"]);
    }

    #[test]
    fn without_a_heading_the_columns_stand_in_their_order() {
        let lines = read("xiaoman,\"Man, Xiao\",agent leader,5,en\n");
        assert_eq!(lines[0].name, "Man, Xiao");
        assert_eq!(lines[0].roles, ["agent", "leader"]);
        assert_eq!((lines[0].cap.as_str(), lines[0].lang.as_str()), ("5", "en"));
    }

    #[test]
    fn what_is_no_duty_stays_as_it_was_written() {
        assert_eq!(read("a1,A,captain")[0].roles, ["captain"]);
        assert!(read("\n \n").is_empty());
    }
}
