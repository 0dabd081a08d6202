//! The text of a file, whatever it is written in: UTF-8, UTF-16 or GBK, plain or gzipped, or the first sheet of a
//! workbook. Never more at once than a line may have.

use std::io::{self, BufReader, Cursor, Read, Seek};

use encoding_rs::{CoderResult, Decoder, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use flate2::bufread::MultiGzDecoder;

use crate::formats::FileError;
use crate::sheet;
use crate::source::LINE_BYTES_MAX;

/// Bytes that are looked at to know the encoding, and read at once after that.
const HEAD_BYTES: usize = 1 << 16;
const GZIP_MARK: &[u8] = &[0x1f, 0x8b];
const ZIP_MARK: &[u8] = b"PK\x03\x04";

/// A file that is read as UTF-8. What cannot be read in its encoding becomes U+FFFD.
pub(crate) struct Text<R> {
    inner: Inner<R>,
    decoder: Decoder,
    encoding: &'static str,
    raw: Vec<u8>,
    raw_at: usize,
    raw_ended: bool,
    ready: Vec<u8>,
    ready_at: usize,
    done: bool,
    /// Known with the first bytes.
    has_line_feeds: Option<bool>,
    /// Bytes given out since the last [`Text::line_begins`].
    given: u64,
}

enum Inner<R> {
    Plain(R),
    Gzip(Box<MultiGzDecoder<BufReader<R>>>),
    Sheet { file: R, text: Cursor<Vec<u8>> },
}

impl<R: Read + Seek> Text<R> {
    /// Stands at the beginning, wherever `file` stood.
    pub(crate) fn open(mut file: R) -> Result<Self, FileError> {
        file.rewind()?;
        let mut mark = [0; 4];
        let marked = fill(&mut file, &mut mark)?;
        file.rewind()?;
        let mut inner = if mark.starts_with(GZIP_MARK) {
            Inner::Gzip(Box::new(MultiGzDecoder::new(BufReader::new(file))))
        } else if marked == mark.len() && mark == ZIP_MARK {
            let text = Cursor::new(sheet::as_csv(&mut file)?);
            Inner::Sheet { file, text }
        } else {
            Inner::Plain(file)
        };
        let mut raw = vec![0; HEAD_BYTES];
        let read = fill(&mut inner, &mut raw)?;
        raw.truncate(read);
        let is_sheet = matches!(inner, Inner::Sheet { .. });
        let encoding = encoding_of(&raw, read == HEAD_BYTES);
        Ok(Self {
            inner,
            decoder: encoding.new_decoder_with_bom_removal(),
            encoding: if is_sheet { "xlsx" } else { encoding.name() },
            raw_ended: read < HEAD_BYTES,
            raw,
            raw_at: 0,
            ready: Vec::new(),
            ready_at: 0,
            done: false,
            has_line_feeds: None,
            given: 0,
        })
    }

    /// What the file is written in, for people.
    pub(crate) const fn encoding(&self) -> &'static str {
        self.encoding
    }

    /// The first line, to know what stands between the columns.
    pub(crate) fn first_line(&mut self) -> io::Result<&[u8]> {
        self.decode()?;
        let end = self.ready.iter().position(|b| *b == b'\n').unwrap_or(self.ready.len());
        Ok(&self.ready[..end])
    }

    /// The file, to open it again.
    pub(crate) fn into_file(self) -> R {
        match self.inner {
            Inner::Plain(file) | Inner::Sheet { file, .. } => file,
            Inner::Gzip(packed) => packed.into_inner().into_inner(),
        }
    }
}

impl<R> Text<R> {
    /// Allows another line's worth of bytes.
    pub(crate) fn line_begins(&mut self) {
        self.given = 0;
    }

    /// Reads as: the last line was given up because it did not end.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.given > LINE_BYTES_MAX
    }
}

impl<R: Read> Text<R> {
    /// Makes more of the text ready, unless it has ended.
    fn decode(&mut self) -> io::Result<()> {
        while self.ready_at == self.ready.len() && !self.done {
            if self.raw_at == self.raw.len() && !self.raw_ended {
                self.raw.resize(HEAD_BYTES, 0);
                let read = self.inner.read(&mut self.raw)?;
                self.raw.truncate(read);
                self.raw_at = 0;
                self.raw_ended = read == 0;
            }
            let rest = &self.raw[self.raw_at..];
            let room = self.decoder.max_utf8_buffer_length(rest.len()).unwrap_or(HEAD_BYTES * 4);
            self.ready.resize(room, 0);
            let (result, read, written, _) =
                self.decoder.decode_to_utf8(rest, &mut self.ready, self.raw_ended);
            self.raw_at += read;
            self.ready.truncate(written);
            self.ready_at = 0;
            // CR LF is one end of a line: a line would else begin between the two and be counted as the one before.
            if *self.has_line_feeds.get_or_insert_with(|| self.ready.contains(&b'\n')) {
                self.ready.retain(|byte| *byte != b'\r');
            }
            self.done = self.raw_ended && result == CoderResult::InputEmpty;
        }
        Ok(())
    }
}

impl<R: Read> Read for Text<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given > LINE_BYTES_MAX {
            return Err(io::Error::other("a line is too long"));
        }
        self.decode()?;
        let mut ready = &self.ready[self.ready_at..];
        let read = ready.read(buffer)?;
        self.ready_at += read;
        self.given += read as u64;
        Ok(read)
    }
}

impl<R: Read> Read for Inner<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.read(buffer),
            Self::Gzip(packed) => packed.read(buffer),
            Self::Sheet { text, .. } => text.read(buffer),
        }
    }
}

fn fill(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while read < buffer.len() {
        match from.read(&mut buffer[read..])? {
            0 => break,
            more => read += more,
        }
    }
    Ok(read)
}

/// A mark at the beginning says it; without one UTF-8 is recognised by its form, and what is no UTF-8 is GBK.
fn encoding_of(head: &[u8], is_cut: bool) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return encoding;
    }
    match std::str::from_utf8(head) {
        Ok(_) => utf_16_without_mark(head).unwrap_or(UTF_8),
        // The last character may be cut in two.
        Err(error) if is_cut && error.error_len().is_none() => UTF_8,
        Err(_) => utf_16_without_mark(head).unwrap_or(GB18030),
    }
}

/// A file of commas and digits in UTF-16 has a zero in about every second byte.
fn utf_16_without_mark(head: &[u8]) -> Option<&'static Encoding> {
    let zeros = |from: usize| head.iter().skip(from).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let many = (head.len() / 16).max(1);
    if odd > many && odd > even * 2 {
        Some(UTF_16LE)
    } else if even > many && even > odd * 2 {
        Some(UTF_16BE)
    } else {
        None
    }
}
