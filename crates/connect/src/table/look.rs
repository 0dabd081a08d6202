//! A first look at a file: what it is written in, which format it has, and which columns are understood.

use std::io::{Read, Seek};

use super::columns::{self, Field, Layout};
use super::{Lines, Mapping};
use crate::formats::{FileError, Format};

/// A file seen from its heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The format that its heading belongs to.
    pub format: Option<Format>,
    /// What it is written in.
    pub encoding: &'static str,
    /// What stands between its columns.
    pub delimiter: char,
    /// Its columns, and what each is understood to say. Without a format this is a proposal.
    pub columns: Vec<(String, Option<Field>)>,
}

impl Look {
    /// The columns as a mapping, for changing it.
    #[must_use]
    pub fn mapping(&self) -> Mapping {
        let known = self.columns.iter().rev();
        let known = known.filter_map(|(name, field)| Some(((*field)?, name.clone())));
        Mapping { columns: known.collect(), states: std::collections::BTreeMap::new() }
    }
}

/// Looks at the heading of a file.
///
/// # Errors
/// A file that cannot be read, or has no line.
pub fn look<R: Read + Seek>(file: R) -> Result<Look, FileError> {
    let lines = Lines::open(file)?;
    let format = columns::format_of(&lines.heading);
    let layout = Layout::of(&lines.heading, format.unwrap_or(Format::Csv), None);
    let fields = match (&layout, format) {
        (_, Some(Format::OnlineRetail)) | (Err(_), _) => vec![None; lines.heading.len()],
        (Ok(layout), _) => layout.fields(),
    };
    let columns = lines.heading.into_iter().zip(fields).collect();
    let delimiter = char::from(lines.delimiter);
    Ok(Look { format, encoding: lines.encoding, delimiter, columns })
}

/// Longest text of a cell that is shown.
const SHOWN_CHARS_MAX: usize = 60;

/// The first lines behind the heading, as a person reads them.
///
/// # Errors
/// A file that cannot be read.
pub fn first_rows<R: Read + Seek>(file: R, rows_max: usize) -> Result<Vec<Vec<String>>, FileError> {
    let mut lines = Lines::open(file)?;
    let mut rows = Vec::new();
    while rows.len() < rows_max && lines.peek()? {
        lines.at = None;
        let shown = |cell: &[u8]| {
            let text = String::from_utf8_lossy(cell);
            text.trim().chars().take(SHOWN_CHARS_MAX).collect()
        };
        rows.push(lines.record.iter().map(shown).collect());
    }
    Ok(rows)
}
