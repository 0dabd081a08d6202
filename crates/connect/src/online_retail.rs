//! The columns of the public "Online Retail" data set: one line for each item, `C…` invoices cancel, `A…` are bookings.
//!
//! What is an order and what is refused is worded in docs/definitions/orders.md. Must never give out part of an order:
//! a first pass finds the invoices whose lines are not together, and those wait for their last part.

pub(crate) mod line;
mod run;
pub(crate) mod survey;

use std::collections::HashMap;
use std::io::{Read, Seek};

use csv::{ByteRecord, Reader, ReaderBuilder};

use crate::formats::{Content, FileError, Survey, Told, Unit};
use crate::source::{LINE_BYTES_MAX, Source};
use line::Times;
use run::Run;
use survey::Parts;

/// Lines of invoices that wait for their last part, all together.
pub(crate) const WAITING_LINES_MAX: usize = 200_000;

/// An open file of this format.
pub struct OnlineRetail<R> {
    lines: Lines<R>,
    survey: Survey,
    parts: Parts,
    told: Told,
    times: Times,
    /// The invoice whose lines are being read.
    open: Option<Run>,
    /// Invoices whose last part is still to come, and their lines.
    waiting: HashMap<Vec<u8>, Run>,
    waiting_lines: usize,
}

impl<R: Read + Seek> OnlineRetail<R> {
    /// Reads the file once, to know it, and stands at its beginning.
    pub(crate) fn open(file: R, told: Told) -> Result<Self, FileError> {
        let (file, survey, parts) = survey::take(Lines::open(file)?)?;
        let times = Times::new(told.zone.clone());
        let (lines, waiting) = (Lines::open(file)?, HashMap::new());
        Ok(Self { lines, survey, parts, told, times, open: None, waiting, waiting_lines: 0 })
    }

    pub(crate) fn survey(&self) -> &Survey {
        &self.survey
    }

    pub(crate) fn next_unit(&mut self) -> Result<Option<Unit>, FileError> {
        while self.lines.peek()? {
            let invoice = line::invoice(&self.lines.record);
            let continues = self.open.as_ref().is_some_and(|run| Some(run.invoice()) == invoice);
            if !continues && let Some(run) = self.open.take() {
                match self.end_part(run)? {
                    Some(unit) => return Ok(Some(unit)),
                    None => continue,
                }
            }
            let number = self.lines.at.take().unwrap_or_default();
            let Some(invoice) = invoice else {
                return Ok(Some(run::stray(number, line::wrong_columns(&self.lines.record))));
            };
            let run = self.open.get_or_insert_with(|| Run::new(invoice.to_vec()));
            run.push(number, line::read(&self.lines.record, number, &mut self.times));
            if let Some(unit) = run.spill() {
                return Ok(Some(unit));
            }
        }
        match self.open.take() {
            Some(run) => self.end_part(run),
            None => Ok(None),
        }
    }

    /// Joins a run to its earlier parts; the whole is given out with the last of them.
    fn end_part(&mut self, run: Run) -> Result<Option<Unit>, FileError> {
        let parts_left = self.parts.end_part(run.invoice());
        let whole = match self.waiting.remove(run.invoice()) {
            Some(mut earlier) => {
                self.waiting_lines -= earlier.held();
                earlier.join(run);
                earlier
            }
            None => run,
        };
        if parts_left == 0 {
            return Ok(Some(whole.into_unit(&self.told)));
        }
        self.waiting_lines += whole.held();
        if self.waiting_lines > WAITING_LINES_MAX {
            return Err(FileError::Scattered);
        }
        self.waiting.insert(whole.invoice().to_vec(), whole);
        Ok(None)
    }
}

impl Unit {
    pub(crate) fn new(end_line: u64, lines: u64, content: Content) -> Self {
        Self { end_line, lines, content, refusals: Vec::new() }
    }
}

/// The file line by line, with the next one at hand.
struct Lines<R> {
    reader: Reader<Source<R>>,
    record: ByteRecord,
    /// Where `record` begins, while nobody has taken it.
    at: Option<u64>,
}

impl<R: Read + Seek> Lines<R> {
    /// Stands behind the header.
    fn open(file: R) -> Result<Self, FileError> {
        let source = Source::open(file)?;
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(source);
        let header = reader.byte_headers().map_err(broken)?;
        let names = header.iter().map(|name| name.strip_prefix(b"\xef\xbb\xbf").unwrap_or(name));
        if !names.eq(line::HEADER.iter().map(|name| name.as_bytes())) {
            return Err(FileError::Header { expected: line::HEADER_TEXT });
        }
        Ok(Self { reader, record: ByteRecord::new(), at: None })
    }

    /// Reads as: there is a line, in `record`.
    fn peek(&mut self) -> Result<bool, FileError> {
        if self.at.is_some() {
            return Ok(true);
        }
        self.reader.get_mut().line_begins();
        let begins = self.reader.position().line();
        match self.reader.read_byte_record(&mut self.record) {
            Ok(false) => Ok(false),
            Ok(true) => {
                self.at = Some(self.record.position().map_or(begins, csv::Position::line));
                Ok(true)
            }
            Err(_) if self.reader.get_ref().is_exhausted() => {
                Err(FileError::LineTooLong { line: begins, bytes_max: LINE_BYTES_MAX })
            }
            Err(error) => Err(broken(error)),
        }
    }

    fn into_file(self) -> R {
        self.reader.into_inner().into_file()
    }
}

pub(crate) fn broken(error: csv::Error) -> FileError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => FileError::Read(error),
        other => FileError::Read(std::io::Error::other(format!("{other:?}"))),
    }
}

#[cfg(test)]
#[path = "online_retail/tests.rs"]
mod tests;
