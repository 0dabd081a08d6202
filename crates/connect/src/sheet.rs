//! The first sheet of a workbook as comma-separated text. Bounded, whatever the archive claims.

use std::io::{Read, Seek};

use calamine::{Data, Reader as _, Xlsx};

use crate::formats::FileError;

/// Largest workbook; packed text unfolds to many times that.
const WORKBOOK_BYTES_MAX: u64 = 32 << 20;
/// Text of a sheet, unfolded.
const TEXT_BYTES_MAX: usize = 256 << 20;

/// Reads the first sheet.
pub(crate) fn as_csv<R: Read + Seek>(file: &mut R) -> Result<Vec<u8>, FileError> {
    let bytes = file.seek(std::io::SeekFrom::End(0))?;
    file.rewind()?;
    if bytes > WORKBOOK_BYTES_MAX {
        return Err(FileError::WorkbookTooBig);
    }
    let mut packed = Vec::new();
    file.take(WORKBOOK_BYTES_MAX).read_to_end(&mut packed)?;
    if unpacked_bytes(&packed) > TEXT_BYTES_MAX {
        return Err(FileError::WorkbookTooBig);
    }
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(packed))
        .map_err(|_: calamine::XlsxError| FileError::Workbook)?;
    let sheet = book.worksheet_range_at(0).ok_or(FileError::Workbook)?;
    let sheet = sheet.map_err(|_| FileError::Workbook)?;
    let mut text = csv::Writer::from_writer(Vec::new());
    for row in sheet.rows() {
        let cells = row.iter().map(cell);
        text.write_record(cells).map_err(|_| FileError::Workbook)?;
    }
    text.into_inner().map_err(|_| FileError::Workbook)
}

/// What the directory at the end of the archive says its files come to.
fn unpacked_bytes(packed: &[u8]) -> usize {
    const ENTRY: &[u8] = b"PK\x01\x02";
    const UNPACKED_AT: std::ops::Range<usize> = 24..28;
    let entries = packed.windows(ENTRY.len()).enumerate().filter(|(_, bytes)| *bytes == ENTRY);
    let sizes = entries.filter_map(|(at, _)| {
        let size = packed.get(at + UNPACKED_AT.start..at + UNPACKED_AT.end)?;
        usize::try_from(u32::from_le_bytes(size.try_into().ok()?)).ok()
    });
    sizes.fold(0, usize::saturating_add)
}

fn cell(cell: &Data) -> String {
    match cell {
        Data::DateTime(at) if at.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
        }
        Data::Error(_) | Data::Empty => String::new(),
        other => other.to_string(),
    }
}
