//! The bytes of a file: unpacked where packed, summed, and never more at once than a line may have.

use std::io::{self, BufRead as _, BufReader, Read, Seek};

use flate2::bufread::MultiGzDecoder;

/// Longest line; far beyond any real one. Stops a missing quotation mark from swallowing the file.
pub(crate) const LINE_BYTES_MAX: u64 = 1 << 20;
/// Bytes read from the disk at once.
const BUFFER_BYTES: usize = 1 << 16;
const GZIP_MARK: [u8; 2] = [0x1f, 0x8b];

/// A plain or gzipped file that is read as plain.
pub(crate) struct Source<R> {
    inner: Inner<R>,
    /// Bytes given out since the last [`Source::line_begins`].
    given: u64,
}

enum Inner<R> {
    Plain(BufReader<R>),
    Gzip(Box<MultiGzDecoder<BufReader<R>>>),
}

impl<R: Read + Seek> Source<R> {
    /// Stands at the beginning, wherever `file` stood.
    pub(crate) fn open(mut file: R) -> io::Result<Self> {
        file.rewind()?;
        let mut file = BufReader::with_capacity(BUFFER_BYTES, file);
        let inner = match file.fill_buf()?.starts_with(&GZIP_MARK) {
            true => Inner::Gzip(Box::new(MultiGzDecoder::new(file))),
            false => Inner::Plain(file),
        };
        Ok(Self { inner, given: 0 })
    }

    /// The file, to open it again.
    pub(crate) fn into_file(self) -> R {
        match self.inner {
            Inner::Plain(file) => file.into_inner(),
            Inner::Gzip(packed) => packed.into_inner().into_inner(),
        }
    }

    /// Allows another line's worth of bytes.
    pub(crate) fn line_begins(&mut self) {
        self.given = 0;
    }

    /// Reads as: the last line was given up because it did not end.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.given > LINE_BYTES_MAX
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given > LINE_BYTES_MAX {
            return Err(io::Error::other("a line is too long"));
        }
        let read = match &mut self.inner {
            Inner::Plain(file) => file.read(buffer),
            Inner::Gzip(packed) => packed.read(buffer),
        }?;
        self.given += read as u64;
        Ok(read)
    }
}
