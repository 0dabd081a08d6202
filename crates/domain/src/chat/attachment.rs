//! What a file is, judged by its bytes, and what it may be called. What somebody says about a file counts for nothing.

use thiserror::Error;

/// Characters of a name that are kept.
pub const NAME_CHARS_MAX: usize = 100;
/// Bytes from the beginning that are enough to judge.
pub const HEAD_BYTES: usize = 4096;
/// Hours after which an attachment that nobody sent is swept.
pub const UNSENT_HOURS: u32 = 24;

/// A kind of file that may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A picture.
    Jpeg,
    /// A picture.
    Png,
    /// A picture that may move.
    Gif,
    /// A picture.
    Webp,
    /// A document.
    Pdf,
    /// An archive.
    Zip,
    /// A document of Word.
    Docx,
    /// A workbook of Excel.
    Xlsx,
    /// Slides of PowerPoint.
    Pptx,
    /// A document of Word, Excel or PowerPoint before 2007.
    OldOffice,
    /// A plain text.
    Text,
    /// A film.
    Mp4,
    /// A film.
    Quicktime,
    /// A film.
    Webm,
    /// Sound.
    Mp3,
    /// Sound.
    Wav,
    /// Sound.
    Ogg,
    /// Sound, of telephones.
    Amr,
}

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FileRefusal {
    /// Nothing in it.
    #[error("The file is empty")]
    Empty,
    /// None of the kinds that may be sent.
    #[error("Files of this kind cannot be sent")]
    Kind,
}

impl FileKind {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::Jpeg,
        Self::Png,
        Self::Gif,
        Self::Webp,
        Self::Pdf,
        Self::Zip,
        Self::Docx,
        Self::Xlsx,
        Self::Pptx,
        Self::OldOffice,
        Self::Text,
        Self::Mp4,
        Self::Quicktime,
        Self::Webm,
        Self::Mp3,
        Self::Wav,
        Self::Ogg,
        Self::Amr,
    ];

    /// Judges a file by its first [`HEAD_BYTES`] bytes. The name decides only between kinds that look alike and are
    /// harmless as each other.
    ///
    /// # Errors
    /// Empty ones, and everything that is on no list: pages, drawings with scripts, programs.
    pub fn of(head: &[u8], name: &str) -> Result<Self, FileRefusal> {
        if head.is_empty() {
            return Err(FileRefusal::Empty);
        }
        let extension = extension(name);
        let found = by_signature(head).or_else(|| by_words(head, &extension));
        match found {
            Some(Self::OldOffice) if !Self::OldOffice.extensions().contains(&&*extension) => None,
            other => other,
        }
        .ok_or(FileRefusal::Kind)
    }

    /// What it is called on the wire.
    #[must_use]
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Pdf => "application/pdf",
            Self::Zip => "application/zip",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pptx => {
                "application/vnd.openxmlformats-officedocument.presentationml.presentation"
            }
            Self::OldOffice => "application/x-ole-storage",
            Self::Text => "text/plain",
            Self::Mp4 => "video/mp4",
            Self::Quicktime => "video/quicktime",
            Self::Webm => "video/webm",
            Self::Mp3 => "audio/mpeg",
            Self::Wav => "audio/wav",
            Self::Ogg => "audio/ogg",
            Self::Amr => "audio/amr",
        }
    }

    /// Endings of its names; the first is given to a name that has none of them.
    #[must_use]
    pub const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Png => &["png"],
            Self::Gif => &["gif"],
            Self::Webp => &["webp"],
            Self::Pdf => &["pdf"],
            Self::Zip => &["zip"],
            Self::Docx => &["docx"],
            Self::Xlsx => &["xlsx"],
            Self::Pptx => &["pptx"],
            Self::OldOffice => &["doc", "xls", "ppt"],
            Self::Text => &["txt", "csv", "tsv", "log", "md"],
            Self::Mp4 => &["mp4", "m4v", "m4a"],
            Self::Quicktime => &["mov"],
            Self::Webm => &["webm"],
            Self::Mp3 => &["mp3"],
            Self::Wav => &["wav"],
            Self::Ogg => &["ogg", "oga", "opus"],
            Self::Amr => &["amr"],
        }
    }

    /// Reads as: it is drawn anew and shown in the conversation.
    #[must_use]
    pub const fn is_picture(self) -> bool {
        matches!(self, Self::Jpeg | Self::Png | Self::Gif | Self::Webp)
    }

    /// Reads as: one look into the whole file is due, because what it holds decides what it is.
    #[must_use]
    pub const fn is_container(self) -> bool {
        matches!(self, Self::Zip | Self::Docx | Self::Xlsx | Self::Pptx)
    }

    /// Reads as: an archive with this name in its list of contents may be sent. Programs for telephones and for Java
    /// are archives too, and documents may carry macros.
    #[must_use]
    pub fn may_contain(name: &[u8]) -> bool {
        let bad: [&[u8]; 4] =
            [b"AndroidManifest.xml", b"META-INF/MANIFEST.MF", b"vbaProject.bin", b"Payload/"];
        !bad.iter().any(|bad| name.ends_with(bad) || name.starts_with(bad))
    }
}

fn by_signature(head: &[u8]) -> Option<FileKind> {
    let at = |from: usize, bytes: &[u8]| head.get(from..from + bytes.len()) == Some(bytes);
    Some(match head {
        [0xff, 0xd8, 0xff, ..] => FileKind::Jpeg,
        _ if at(0, b"\x89PNG\r\n\x1a\n") => FileKind::Png,
        _ if at(0, b"GIF87a") || at(0, b"GIF89a") => FileKind::Gif,
        _ if at(0, b"RIFF") && at(8, b"WEBP") => FileKind::Webp,
        _ if at(0, b"RIFF") && at(8, b"WAVE") => FileKind::Wav,
        _ if at(0, b"%PDF-") => FileKind::Pdf,
        _ if at(0, b"PK\x03\x04") => archive(head),
        _ if at(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") => FileKind::OldOffice,
        _ if at(4, b"ftyp") => film(head.get(8..12)?)?,
        _ if at(0, b"\x1a\x45\xdf\xa3") && holds(head, b"webm") => FileKind::Webm,
        _ if at(0, b"ID3") => FileKind::Mp3,
        [0xff, 0xfb | 0xf3 | 0xf2, ..] => FileKind::Mp3,
        _ if at(0, b"OggS") => FileKind::Ogg,
        _ if at(0, b"#!AMR") => FileKind::Amr,
        _ => return None,
    })
}

fn archive(head: &[u8]) -> FileKind {
    if !holds(head, b"[Content_Types].xml") && !holds(head, b"_rels/") {
        return FileKind::Zip;
    }
    let parts: [(&[u8], FileKind); 3] =
        [(b"word/", FileKind::Docx), (b"xl/", FileKind::Xlsx), (b"ppt/", FileKind::Pptx)];
    let found = parts.into_iter().find(|(part, _)| holds(head, part));
    found.map_or(FileKind::Zip, |(_, kind)| kind)
}

/// Pictures travel in the same box as films; those that cannot be drawn anew here are not taken.
fn film(brand: &[u8]) -> Option<FileKind> {
    match brand {
        b"qt  " => Some(FileKind::Quicktime),
        b"isom" | b"iso2" | b"iso4" | b"iso5" | b"iso6" | b"mp41" | b"mp42" | b"avc1" | b"M4V "
        | b"M4A " | b"MSNV" | b"dash" | b"3gp4" | b"3gp5" | b"3gp6" => Some(FileKind::Mp4),
        _ => None,
    }
}

/// A text has an ending of texts, nothing that cannot be printed, and nothing a browser would take for a page.
fn by_words(head: &[u8], extension: &str) -> Option<FileKind> {
    let printed = |b: &u8| *b >= 0x20 && *b != 0x7f || matches!(b, b'\t' | b'\n' | b'\r' | 0x0c);
    let is_text = FileKind::Text.extensions().contains(&extension);
    if !is_text || !head.iter().all(printed) {
        return None;
    }
    let small = head.to_ascii_lowercase();
    let pages: [&[u8]; 7] =
        [b"<!doctype", b"<html", b"<script", b"<svg", b"<?xml", b"<iframe", b"<body"];
    (!pages.iter().any(|page| holds(&small, page))).then_some(FileKind::Text)
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn extension(name: &str) -> String {
    name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default()
}

/// The name of a file as people see it and browsers store it: no folder, nothing invisible, nothing that turns the
/// reading direction, and an ending that fits its kind.
#[must_use]
pub fn clean_name(name: &str, kind: FileKind) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let turns = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let plain = |c: &char| !c.is_control() && !turns(*c);
    let spell = |c: char| if r#"<>:"|?*"#.contains(c) { '_' } else { c };
    let spelt: String = last.chars().filter(plain).map(spell).collect();
    let spelt = spelt.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let (stem, end) = match spelt.rsplit_once('.') {
        Some((stem, end)) if kind.extensions().contains(&&*end.to_ascii_lowercase()) => {
            (stem, end.to_ascii_lowercase())
        }
        _ => (spelt, kind.extensions()[0].to_owned()),
    };
    let stem: String = stem.chars().take(NAME_CHARS_MAX).collect();
    let stem = stem.trim();
    let fallback = if kind.is_picture() { "picture" } else { "file" };
    format!("{}.{end}", if stem.is_empty() { fallback } else { stem })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn kinds_are_told_by_their_bytes_whatever_they_are_called() {
        let docx = b"PK\x03\x04....[Content_Types].xml....word/document.xml";
        for (head, name, kind) in [
            (&b"\xff\xd8\xff\xe0"[..], "a.exe", FileKind::Jpeg),
            (b"\x89PNG\r\n\x1a\n", "", FileKind::Png),
            (b"GIF89a..", "a.html", FileKind::Gif),
            (b"RIFF0000WEBPVP8 ", "x", FileKind::Webp),
            (b"%PDF-1.7", "receipt.jpg", FileKind::Pdf),
            (docx, "a.zip", FileKind::Docx),
            (b"PK\x03\x04 plain", "a.docx", FileKind::Zip),
            (b"\0\0\0\x18ftypmp42", "a", FileKind::Mp4),
            ("订单,数量\n1,2".as_bytes(), "表.CSV", FileKind::Text),
        ] {
            assert_eq!(FileKind::of(head, name), Ok(kind), "{name}");
        }
    }

    #[test]
    fn pages_drawings_programs_and_unknown_things_are_refused() {
        for (head, name) in [
            (&b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..], "a.svg"),
            (b"<svg onload='x()'/>", "a.png"),
            (b"<!DOCTYPE html><p>", "a.txt"),
            (b"hello <ScRiPt>x()</script>", "a.txt"),
            (b"<?xml version='1.0'?>", "a.csv"),
            (b"MZ\x90\0", "a.jpg"),
            (b"\x7fELF", "a.txt"),
            (b"#!/bin/sh", "run.sh"),
            (b"\0\0\0\x18ftypheic", "a.jpg"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "setup.msi"),
            (b"a\0b", "a.txt"),
        ] {
            assert_eq!(FileKind::of(head, name), Err(FileRefusal::Kind), "{name}");
        }
        assert_eq!(FileKind::of(b"", "a.png"), Err(FileRefusal::Empty));
    }

    #[test]
    fn a_name_loses_its_folders_its_tricks_and_a_false_ending() {
        for (name, kind, clean) in [
            ("../../etc/passwd", FileKind::Text, "passwd.txt"),
            ("C:\\Users\\me\\小票.PDF", FileKind::Pdf, "小票.pdf"),
            ("invoice\u{202e}fdp.exe", FileKind::Pdf, "invoicefdp.exe.pdf"),
            ("..", FileKind::Png, "picture.png"),
            ("", FileKind::Zip, "file.zip"),
            ("a\r\nSet-Cookie: x.png", FileKind::Png, "aSet-Cookie_ x.png"),
            ("IMG.JPEG", FileKind::Jpeg, "IMG.jpeg"),
            (".htaccess", FileKind::Text, "htaccess.txt"),
        ] {
            assert_eq!(clean_name(name, kind), clean);
        }
    }

    #[test]
    fn an_archive_of_a_program_or_with_macros_is_told_by_its_contents() {
        assert!(FileKind::may_contain(b"word/document.xml"));
        for bad in ["AndroidManifest.xml", "META-INF/MANIFEST.MF", "word/vbaProject.bin"] {
            assert!(!FileKind::may_contain(bad.as_bytes()), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_name_becomes_one_that_stands_in_a_folder_and_is_clean_already(name in ".{0,200}") {
            for kind in [FileKind::Pdf, FileKind::Jpeg, FileKind::Text] {
                let clean = clean_name(&name, kind);
                prop_assert!(!clean.contains(['/', '\\', '"']) && !clean.starts_with('.'));
                prop_assert!(!clean.chars().any(char::is_control));
                prop_assert!(clean.chars().count() <= NAME_CHARS_MAX + 5);
                prop_assert_eq!(clean_name(&clean, kind), clean.clone());
            }
        }

        #[test]
        fn any_bytes_are_judged_without_a_panic(head in proptest::collection::vec(any::<u8>(), 0..64), name in ".{0,12}") {
            let _ = FileKind::of(&head, &name);
        }
    }
}
