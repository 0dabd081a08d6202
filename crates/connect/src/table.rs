//! Tables of orders as the back ends of marketplaces export them, and any other table by a mapping of its columns.
//!
//! What each column means is a table in [`columns`]; what the lines of an order come to is decided in [`group`]. Worded
//! in docs/IMPORT.md. Must never give out part of an order, nor merge people by what is masked.

mod cell;
mod columns;
mod group;
mod look;
mod row;
mod states;

use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Seek};

use csv::{ByteRecord, Reader, ReaderBuilder};
use sha2::{Digest as _, Sha256};
use xiaoer_domain::orders::OrderState;

use crate::formats::{FileError, Format, Survey, Told, Unit};
use crate::online_retail::survey::Parts;
use crate::online_retail::{WAITING_LINES_MAX, broken};
use crate::source::LINE_BYTES_MAX;
use crate::text::Text;
pub use columns::Field;
use columns::Layout;
use group::Group;
pub use look::{Look, first_rows, look};

/// Columns of a table; no export has half as many.
const COLUMNS_MAX: usize = 300;

/// Which column of a table says what, and what its own words for states mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// The heading of the column for each field.
    pub columns: BTreeMap<Field, String>,
    /// States by the words of the file.
    pub states: BTreeMap<String, OrderState>,
}

/// An open table.
pub struct TableFile<R> {
    lines: Lines<R>,
    survey: Survey,
    parts: Parts,
    layout: Layout,
    told: Told,
    open: Option<Group>,
    /// Orders whose last part is still to come, and their lines.
    waiting: HashMap<String, Group>,
    waiting_lines: usize,
}

impl<R: Read + Seek> TableFile<R> {
    /// Reads the file once, to know it, and stands at its beginning.
    pub(crate) fn open(file: R, format: Format, told: Told) -> Result<Self, FileError> {
        let mut lines = Lines::open(file)?;
        let layout = Layout::of(&lines.heading, format, told.mapping.as_ref())?;
        let mut survey =
            Survey { digest: [0; 32], lines: 0, orders: 0, heading: lines.heading.clone() };
        let (mut digest, mut parts) = (Sha256::new(), Parts::default());
        while lines.peek()? {
            lines.at = None;
            survey.lines += 1;
            for field in &lines.record {
                digest.update((field.len() as u64).to_be_bytes());
                digest.update(field);
            }
            digest.update([b'\n']);
            let number = layout.number(&lines.record).ok();
            parts.note(number.as_ref().map(|number| number.as_bytes()))?;
        }
        for name in &survey.heading {
            digest.update(name);
        }
        survey.digest = digest.finalize().into();
        survey.orders = parts.end_pass();
        let lines = Lines::open(lines.reader.into_inner().into_file())?;
        let waiting = HashMap::new();
        Ok(Self { lines, survey, parts, layout, told, open: None, waiting, waiting_lines: 0 })
    }

    pub(crate) const fn survey(&self) -> &Survey {
        &self.survey
    }

    pub(crate) fn next_unit(&mut self) -> Result<Option<Unit>, FileError> {
        while self.lines.peek()? {
            let number = self.layout.number(&self.lines.record);
            let continues = match (&self.open, &number) {
                (Some(open), Ok(number)) => open.number() == number,
                _ => false,
            };
            if !continues && let Some(group) = self.open.take() {
                match self.end_part(group)? {
                    Some(unit) => return Ok(Some(unit)),
                    None => continue,
                }
            }
            let line = self.lines.at.take().unwrap_or_default();
            let record = &self.lines.record;
            let number = match number {
                Ok(number) => number,
                Err(unreadable) => {
                    return Ok(Some(group::stray(line, unreadable, cell::original(record))));
                }
            };
            let row = self.layout.read(record, line, &self.told);
            let group = self.open.get_or_insert_with(|| Group::new(number));
            group.push(line, row, cell::original(record));
            if let Some(unit) = group.spill() {
                return Ok(Some(unit));
            }
        }
        match self.open.take() {
            Some(group) => self.end_part(group),
            None => Ok(None),
        }
    }

    /// Joins the lines of an order to its earlier parts; the whole is given out with the last of them.
    fn end_part(&mut self, group: Group) -> Result<Option<Unit>, FileError> {
        let parts_left = self.parts.end_part(group.number().as_bytes());
        let whole = match self.waiting.remove(group.number()) {
            Some(mut earlier) => {
                self.waiting_lines -= earlier.held();
                earlier.join(group);
                earlier
            }
            None => group,
        };
        if parts_left == 0 {
            return Ok(Some(whole.into_unit(&self.layout, &self.told)));
        }
        self.waiting_lines += whole.held();
        if self.waiting_lines > WAITING_LINES_MAX {
            return Err(FileError::Scattered);
        }
        self.waiting.insert(whole.number().to_owned(), whole);
        Ok(None)
    }
}

/// The file line by line, with the next one at hand.
struct Lines<R> {
    reader: Reader<Text<R>>,
    heading: Vec<String>,
    delimiter: u8,
    encoding: &'static str,
    record: ByteRecord,
    /// Where `record` begins, while nobody has taken it.
    at: Option<u64>,
}

impl<R: Read + Seek> Lines<R> {
    /// Stands behind the heading.
    fn open(file: R) -> Result<Self, FileError> {
        let mut text = Text::open(file)?;
        let encoding = text.encoding();
        let delimiter = delimiter_of(text.first_line()?);
        let mut reader = ReaderBuilder::new();
        let reader =
            reader.flexible(true).has_headers(false).delimiter(delimiter).from_reader(text);
        let mut record = ByteRecord::new();
        let mut lines = Self { heading: Vec::new(), delimiter, encoding, at: None, record, reader };
        if !lines.peek()? {
            return Err(FileError::Unknown);
        }
        lines.at = None;
        lines.heading = lines.record.iter().take(COLUMNS_MAX).map(cell::heading).collect();
        record = ByteRecord::new();
        lines.record = record;
        Ok(lines)
    }

    /// Reads as: there is a line, in `record`.
    fn peek(&mut self) -> Result<bool, FileError> {
        while self.at.is_none() {
            self.reader.get_mut().line_begins();
            let begins = self.reader.position().line();
            match self.reader.read_byte_record(&mut self.record) {
                Ok(false) => return Ok(false),
                // A spreadsheet leaves rows of nothing behind.
                Ok(true) if self.record.iter().all(|cell| cell.trim_ascii().is_empty()) => {}
                Ok(true) => {
                    self.at = Some(self.record.position().map_or(begins, csv::Position::line));
                }
                Err(_) if self.reader.get_ref().is_exhausted() => {
                    return Err(FileError::LineTooLong { line: begins, bytes_max: LINE_BYTES_MAX });
                }
                Err(error) => return Err(broken(error)),
            }
        }
        Ok(true)
    }
}

/// What most often stands between the names of the columns.
fn delimiter_of(line: &[u8]) -> u8 {
    let count = |wanted: u8| line.iter().filter(|byte| **byte == wanted).count();
    let marks = [b',', b'\t', b';'];
    marks.into_iter().rev().max_by_key(|mark| count(*mark)).unwrap_or(b',')
}

#[cfg(test)]
#[path = "table/tests.rs"]
mod tests;
