//! Which file formats are understood, and what all of them turn into: units, each an order, a cancellation or nothing,
//! with the lines that were refused beside it.
//!
//! Must never hold a whole file in memory, and never decide what becomes of an order.

use std::io::{Read, Seek};

use xiaoer_domain::orders::{Currency, ImportedOrder, ImportedRefund, Refusal};
use xiaoer_domain::time::Timestamp;

use crate::online_retail::OnlineRetail;
use crate::table::{Mapping, TableFile};

/// A form in which shops export their orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// The columns of the public "Online Retail" data set: one line for each item, `C…` invoices cancel.
    OnlineRetail,
    /// Taobao and Tmall: one line for each order.
    Taobao,
    /// Douyin: one line for each part of an order.
    Douyin,
    /// Pinduoduo: one line for each order.
    Pdd,
    /// JD: one line for each product, the amounts of the order on each.
    Jd,
    /// Any other table, read by a mapping of its columns.
    Csv,
}

impl Format {
    /// Every format.
    pub const ALL: &'static [Self] =
        &[Self::OnlineRetail, Self::Taobao, Self::Douyin, Self::Pdd, Self::Jd, Self::Csv];

    /// The word on the command line and in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::OnlineRetail => "online-retail",
            Self::Taobao => "taobao",
            Self::Douyin => "douyin",
            Self::Pdd => "pdd",
            Self::Jd => "jd",
            Self::Csv => "csv",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.word() == word)
    }

    /// Reads the file once from end to end, to know it, and stands at its beginning.
    pub fn open<R: Read + Seek>(self, file: R, told: Told) -> Result<OrderFile<R>, FileError> {
        match self {
            Self::OnlineRetail => {
                OnlineRetail::open(file, told).map(Box::new).map(OrderFile::OnlineRetail)
            }
            _ => TableFile::open(file, self, told).map(Box::new).map(OrderFile::Table),
        }
    }
}

/// What the file itself does not say.
#[derive(Clone, Debug)]
pub struct Told {
    /// Where its clock hangs.
    pub zone: Zone,
    /// Of its prices.
    pub currency: Currency,
    /// Which column says what; only for [`Format::Csv`], and without it by the names of the columns.
    pub mapping: Option<Mapping>,
}

/// A time zone of the IANA database, which is compiled in.
#[derive(Clone, Debug)]
pub struct Zone(jiff::tz::TimeZone);

impl Zone {
    /// Reads a name such as `Europe/London`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        jiff::tz::TimeZone::get(name).ok().map(Self)
    }

    /// Its name in the database of zones.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The moment a clock there shows this. A time that the clock skips counts as that much later, one that it shows
    /// twice as the first.
    pub(crate) fn moment(&self, clock: jiff::civil::DateTime) -> Option<Timestamp> {
        let moment = self.0.to_ambiguous_timestamp(clock).compatible().ok()?;
        Some(Timestamp::from_micros(moment.as_microsecond()))
    }
}

/// An open file of orders.
pub enum OrderFile<R> {
    /// See [`Format::OnlineRetail`].
    OnlineRetail(Box<OnlineRetail<R>>),
    /// Every other format.
    Table(Box<TableFile<R>>),
}

impl<R: Read + Seek> OrderFile<R> {
    /// What is known before the first unit.
    pub fn survey(&self) -> &Survey {
        match self {
            Self::OnlineRetail(file) => file.survey(),
            Self::Table(file) => file.survey(),
        }
    }

    /// The next unit; None at the end.
    pub fn next_unit(&mut self) -> Result<Option<Unit>, FileError> {
        match self {
            Self::OnlineRetail(file) => file.next_unit(),
            Self::Table(file) => file.next_unit(),
        }
    }
}

/// A file seen from far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// SHA-256 of what is in it, unpacked: the same orders packed otherwise are the same file.
    pub digest: [u8; 32],
    /// Lines with content, without the header.
    pub lines: u64,
    /// Different order numbers.
    pub orders: u64,
    /// Its first line.
    pub heading: Vec<String>,
}

/// The smallest part of a file that is taken or left as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The last line of the file that belongs to it: greater than that of every unit before.
    pub end_line: u64,
    /// How many lines of the file it accounts for.
    pub lines: u64,
    /// What it says.
    pub content: Content,
    /// Its lines that were refused.
    pub refusals: Vec<Refusal>,
}

/// What a unit says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Nothing that could be taken.
    Nothing,
    /// An order.
    Order(Box<ImportedOrder>),
    /// A cancellation.
    Refund(ImportedRefund),
}

/// Why a file cannot be read on.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The disk or the archive failed.
    #[error("the file cannot be read")]
    Read(#[from] std::io::Error),
    /// The first line is not the header of this format.
    #[error("the file has not the columns {expected}")]
    Header {
        /// The columns it must have, in this order.
        expected: &'static str,
    },
    /// A column without which no order can be read is missing.
    #[error("the file has no column for {missing}")]
    Column {
        /// Its word.
        missing: &'static str,
    },
    /// The form of the file is not known.
    #[error("the columns of the file are not known; say its format, or which column says what")]
    Unknown,
    /// No workbook, or one with a password.
    #[error("the workbook cannot be read; save it as .xlsx without a password, or as CSV")]
    Workbook,
    /// A workbook beyond the limit.
    #[error("the workbook is too big; save it as CSV")]
    WorkbookTooBig,
    /// Beyond any line of this format; a quotation mark may be missing.
    #[error("the line that begins at line {line} is longer than {bytes_max} bytes")]
    LineTooLong {
        /// Where it begins.
        line: u64,
        /// The limit.
        bytes_max: u64,
    },
    /// The lines of one order lie too far apart to be held in memory.
    #[error("the lines of the orders are scattered; sort the file by order number")]
    Scattered,
    /// More orders than one file may have.
    #[error("the file has more than {orders_max} orders; split it")]
    TooManyOrders {
        /// The limit.
        orders_max: usize,
    },
}
