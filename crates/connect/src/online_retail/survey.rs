//! The first pass: what is in the file, how long it is, and which invoices come in more than one part.

use std::collections::{HashMap, HashSet};
use std::io::{Read, Seek};

use sha2::{Digest as _, Sha256};

use super::{Lines, line};
use crate::formats::{FileError, Survey};

/// Orders of one file: sixteen bytes of memory each.
const ORDERS_MAX: usize = 4_000_000;

/// Stands for an invoice: so much of a SHA-256 that no two share it.
type Key = [u8; 16];

/// How many parts are still to come of the invoices that have more than one.
#[derive(Default)]
pub(crate) struct Parts {
    left: HashMap<Key, u32>,
    /// Only during the first pass.
    seen: HashSet<Key>,
    open: Option<Vec<u8>>,
}

impl Parts {
    /// The next line of the first pass, and the invoice it belongs to.
    pub(crate) fn note(&mut self, invoice: Option<&[u8]>) -> Result<(), FileError> {
        if invoice == self.open.as_deref() {
            return Ok(());
        }
        self.open = invoice.map(<[u8]>::to_vec);
        if let Some(invoice) = invoice.map(key)
            && !self.seen.insert(invoice)
        {
            *self.left.entry(invoice).or_insert(1) += 1;
        }
        if self.seen.len() > ORDERS_MAX {
            return Err(FileError::TooManyOrders { orders_max: ORDERS_MAX });
        }
        Ok(())
    }

    /// Ends the first pass; gives how many invoices there are.
    pub(crate) fn end_pass(&mut self) -> u64 {
        let orders = self.seen.len() as u64;
        self.seen = HashSet::new();
        orders
    }

    /// A part of an invoice has ended; how many are left.
    pub(crate) fn end_part(&mut self, invoice: &[u8]) -> u32 {
        let Some(left) = self.left.get_mut(&key(invoice)) else { return 0 };
        *left = left.saturating_sub(1);
        *left
    }
}

/// Reads the lines to the end and gives the file back.
pub(super) fn take<R: Read + Seek>(mut lines: Lines<R>) -> Result<(R, Survey, Parts), FileError> {
    let heading = line::HEADER.map(str::to_owned).to_vec();
    let mut survey = Survey { digest: [0; 32], lines: 0, orders: 0, heading };
    let (mut digest, mut parts) = (Sha256::new(), Parts::default());
    while lines.peek()? {
        lines.at = None;
        survey.lines += 1;
        for field in &lines.record {
            digest.update((field.len() as u64).to_be_bytes());
            digest.update(field);
        }
        digest.update([b'\n']);
        parts.note(line::invoice(&lines.record))?;
    }
    survey.digest = digest.finalize().into();
    survey.orders = parts.end_pass();
    Ok((lines.into_file(), survey, parts))
}

fn key(invoice: &[u8]) -> Key {
    let digest: [u8; 32] = Sha256::digest(invoice).into();
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    key
}
