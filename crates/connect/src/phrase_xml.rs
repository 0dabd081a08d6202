//! Phrases as a document: `<phrases><phrase folder code title from to product>text</phrase>…</phrases>`. Attributes
//! that are missing are empty. Elements of other names are passed over, so a newer document can be read.
//!
//! Must never judge a phrase: that is the domain's.

use quick_xml::Reader;
use quick_xml::encoding::Decoder;
use quick_xml::escape::{escape, resolve_predefined_entity};
use quick_xml::events::{BytesStart, Event};

use crate::phrase_sheet::{LINES_MAX, SheetError, SheetLine};

/// Reads a document; `line` counts its phrases, from 1.
///
/// # Errors
/// When it is no document of phrases, or holds more than a library.
pub fn read(xml: &str) -> Result<Vec<SheetLine>, SheetError> {
    let mut reader = Reader::from_str(xml.trim_start_matches('\u{feff}'));
    let mut lines: Vec<SheetLine> = Vec::new();
    let mut open: Option<SheetLine> = None;
    let mut has_root = false;
    loop {
        let event = reader.read_event().map_err(|_| SheetError::Broken)?;
        match event {
            Event::Start(tag) | Event::Empty(tag) if !has_root => {
                has_root = tag.name().as_ref() == b"phrases";
                if !has_root {
                    return Err(SheetError::NoText);
                }
            }
            Event::Start(tag) if tag.name().as_ref() == b"phrase" => {
                open = Some(line_of(&tag, lines.len(), reader.decoder())?);
            }
            Event::Empty(tag) if tag.name().as_ref() == b"phrase" => {
                let line = line_of(&tag, lines.len(), reader.decoder())?;
                lines.push(line);
            }
            Event::Text(text) => {
                if let Some(line) = &mut open {
                    line.text.push_str(&text.decode().map_err(|_| SheetError::Broken)?);
                }
            }
            Event::CData(text) => {
                if let Some(line) = &mut open {
                    line.text.push_str(&text.decode().map_err(|_| SheetError::Broken)?);
                }
            }
            Event::GeneralRef(name) => {
                if let Some(line) = &mut open {
                    let known = match name.resolve_char_ref().map_err(|_| SheetError::Broken)? {
                        Some(character) => character.to_string(),
                        None => {
                            let name = name.decode().map_err(|_| SheetError::Broken)?;
                            // A document's own entities are never followed.
                            resolve_predefined_entity(&name).ok_or(SheetError::Broken)?.to_owned()
                        }
                    };
                    line.text.push_str(&known);
                }
            }
            Event::End(tag) if tag.name().as_ref() == b"phrase" => {
                lines.extend(open.take());
            }
            Event::Eof => break,
            _ => {}
        }
        if lines.len() > LINES_MAX {
            return Err(SheetError::TooLong);
        }
    }
    if has_root && open.is_none() { Ok(lines) } else { Err(SheetError::Broken) }
}

/// Writes a document that [`read`] reads.
#[must_use]
pub fn write<'l>(lines: impl Iterator<Item = &'l SheetLine>) -> String {
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<phrases>\n".to_owned();
    for line in lines {
        xml.push_str("  <phrase");
        let optional = |cell: &'l Option<String>| cell.as_deref().unwrap_or_default();
        for (name, value) in [
            ("folder", line.folder.as_str()),
            ("code", &line.code),
            ("title", &line.title),
            ("from", optional(&line.valid_from)),
            ("to", optional(&line.valid_to)),
            ("product", optional(&line.product)),
        ] {
            if !value.is_empty() {
                let value = escape(value).replace('\n', "&#10;").replace('\t', "&#9;");
                xml.extend([" ", name, "=\"", &value, "\""]);
            }
        }
        let text = escape(line.text.as_str()).replace('\r', "&#13;");
        xml.extend([">", &text, "</phrase>\n"]);
    }
    xml.push_str("</phrases>\n");
    xml
}

fn line_of(tag: &BytesStart<'_>, before: usize, decoder: Decoder) -> Result<SheetLine, SheetError> {
    let line = u64::try_from(before + 1).unwrap_or(u64::MAX);
    // A document always says all there is: what it leaves out is empty.
    let empty = || Some(String::new());
    let mut read = SheetLine {
        line,
        valid_from: empty(),
        valid_to: empty(),
        product: empty(),
        ..SheetLine::default()
    };
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|_| SheetError::Broken)?;
        let value = attribute
            .decode_and_unescape_value(decoder)
            .map_err(|_| SheetError::Broken)?
            .into_owned();
        match attribute.key.as_ref() {
            b"folder" => read.folder = value,
            b"code" => read.code = value,
            b"title" => read.title = value,
            b"from" => read.valid_from = Some(value),
            b"to" => read.valid_to = Some(value),
            b"product" => read.product = Some(value),
            _ => {}
        }
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::phrase_sheet;

    #[test]
    fn what_is_no_document_of_phrases_is_refused() {
        assert_eq!(read("<orders/>"), Err(SheetError::NoText));
        for broken in ["<phrases><phrase>", "<phrases><phrase>&evil;</phrase></phrases>", "x"] {
            assert_eq!(read(broken), Err(SheetError::Broken), "{broken}");
        }
        assert_eq!(read("<phrases/>"), Ok(Vec::new()));
    }

    #[test]
    fn a_document_written_by_hand_is_read() {
        let xml = "<phrases><note>x</note><phrase folder=\"售前\" code=\"zd\">亲 &amp; <![CDATA[<b>]]></phrase></phrases>";
        let lines = read(xml).unwrap();
        assert_eq!((lines[0].folder.as_str(), lines[0].text.as_str()), ("售前", "亲 & <b>"));
    }

    prop_compose! {
        fn any_line()(cells in prop::array::uniform7("[ -~一-龥，。\n\"'&<>={}]{0,20}")) -> SheetLine {
            let [folder, code, title, text, from, to, product] = cells;
            let plain = |cell: String| cell.replace('\n', " ").trim().to_owned();
            SheetLine {
                line: 0,
                folder: plain(folder),
                code: plain(code),
                title: plain(title),
                text: format!("亲{text}"),
                valid_from: Some(plain(from)),
                valid_to: Some(plain(to)),
                product: Some(plain(product)),
            }
        }
    }

    proptest! {
        #[test]
        fn a_library_comes_back_as_it_went_out_in_both_forms(lines in prop::collection::vec(any_line(), 0..6)) {
            let numbered = |read: Vec<SheetLine>| -> Vec<SheetLine> {
                read.into_iter().map(|line| SheetLine { line: 0, ..line }).collect()
            };
            prop_assert_eq!(numbered(read(&write(lines.iter())).unwrap()), lines.clone());
            let sheet = phrase_sheet::write(lines.iter());
            prop_assert_eq!(numbered(phrase_sheet::read(&sheet).unwrap()), lines);
        }
    }
}
