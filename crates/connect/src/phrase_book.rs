//! A library as a workbook (xlsx): one sheet of texts, packed without compression, so that any spreadsheet program and
//! [`crate::phrase_sheet::read_book`] read it. Must never hold a formula: every cell is a text.

use std::fmt::Write as _;

use quick_xml::escape::escape;

use crate::phrase_sheet::{SheetLine, rows};

const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#;
const ROOT: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="phrases" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const BOOK_ROOT: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;

/// 1 January 1980, the first day that a packed file knows.
const FIRST_DAY: u16 = 0x21;

/// Writes a workbook with the columns of the sheet.
#[must_use]
pub fn write<'l>(lines: impl Iterator<Item = &'l SheetLine>) -> Vec<u8> {
    let mut sheet = String::from(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#,
    );
    for row in rows(lines) {
        sheet.push_str("<row>");
        for cell in row {
            let text = escape(cell.as_str()).replace('\r', "&#13;");
            write!(sheet, r#"<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>"#)
                .expect("a String takes everything");
        }
        sheet.push_str("</row>");
    }
    sheet.push_str("</sheetData></worksheet>");
    packed(&[
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", ROOT),
        ("xl/workbook.xml", BOOK),
        ("xl/_rels/workbook.xml.rels", BOOK_ROOT),
        ("xl/worksheets/sheet1.xml", &sheet),
    ])
}

/// Files in a zip archive, stored as they are.
fn packed(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut archive, mut index) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let mut sum = flate2::Crc::new();
        sum.update(text.as_bytes());
        let at = length(archive.len());
        let mut head = Vec::new();
        // Version, flags (names in UTF-8), stored, time, day.
        for field in [20_u16, 0x800, 0, 0, FIRST_DAY] {
            head.extend(field.to_le_bytes());
        }
        for field in [sum.sum(), length(text.len()), length(text.len())] {
            head.extend(field.to_le_bytes());
        }
        head.extend(u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes());
        head.extend(0_u16.to_le_bytes());
        archive.extend(b"PK\x03\x04");
        archive.extend(&head);
        archive.extend(name.as_bytes());
        archive.extend(text.as_bytes());
        index.extend(b"PK\x01\x02");
        index.extend(20_u16.to_le_bytes());
        index.extend(&head);
        // Comment, disk, kinds of attributes.
        index.extend([0; 10]);
        index.extend(at.to_le_bytes());
        index.extend(name.as_bytes());
    }
    let (count, at) = (u16::try_from(files.len()).unwrap_or(u16::MAX), length(archive.len()));
    archive.extend(&index);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend(count.to_le_bytes());
    archive.extend(count.to_le_bytes());
    archive.extend(length(index.len()).to_le_bytes());
    archive.extend(at.to_le_bytes());
    archive.extend(0_u16.to_le_bytes());
    archive
}

/// A library is far below four gigabytes: its lines and their lengths have limits.
fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phrase_sheet::read_book;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_library_comes_back_from_its_workbook(
            texts in proptest::collection::vec("[您好<>&'\"=+a-z，\n]{1,30}", 1..8),
        ) {
            let lines: Vec<SheetLine> = (2_u64..)
                .zip(&texts)
                .map(|(line, text)| SheetLine {
                    line,
                    folder: "售前/问候".to_owned(),
                    code: format!("c{line}"),
                    title: "标题".to_owned(),
                    text: text.clone(),
                    valid_from: Some("2026-11-01 20:00".to_owned()),
                    valid_to: Some(String::new()),
                    product: Some("K-1".to_owned()),
                })
                .collect();
            let back = read_book(write(lines.iter())).unwrap();
            let shape = |l: &SheetLine| (l.folder.clone(), l.code.clone(), l.text.clone(), l.valid_from.clone(), l.product.clone());
            prop_assert_eq!(
                back.iter().map(shape).collect::<Vec<_>>(),
                lines.iter().map(shape).collect::<Vec<_>>()
            );
        }
    }
}
