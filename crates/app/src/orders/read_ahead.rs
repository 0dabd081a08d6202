//! Reads a file of orders on a thread that may block, a chunk ahead of the database.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use xiaoer_connect::{Content, FileError, OrderFile, Unit};
use xiaoer_domain::id::PublicId;
use xiaoer_domain::orders::{ContentHash, ImportedOrder, ImportedRefund, Refusal};
use xiaoer_domain::time::Timestamp;

use crate::Chance;

/// Orders and cancellations of one chunk.
const UNITS_MAX: usize = 500;

/// What one transaction stores: whole orders, each with what can be known of it outside.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    pub(super) orders: Vec<ReadOrder>,
    pub(super) refunds: Vec<ReadRefund>,
    pub(super) refusals: Vec<Refusal>,
    /// An id for each customer, should it be new.
    pub(super) buyers: BTreeMap<String, PublicId>,
    /// The last line of the file that belongs to it.
    pub(super) end_line: u64,
    /// Lines it accounts for.
    pub(super) lines: u64,
}

#[derive(Debug)]
pub(super) struct ReadOrder {
    pub(super) order: ImportedOrder,
    pub(super) total: i64,
    pub(super) hash: ContentHash,
    /// Should it be new.
    pub(super) public_id: PublicId,
}

#[derive(Debug)]
pub(super) struct ReadRefund {
    pub(super) refund: ImportedRefund,
    pub(super) hash: ContentHash,
}

/// A file being read, with what new rows need.
pub(super) struct Reader<R> {
    pub(super) file: OrderFile<R>,
    pub(super) chance: Chance,
    /// Units that end here or before are stored already.
    pub(super) lines_done: u64,
}

impl<R: Read + Seek> Reader<R> {
    /// The next chunk, of about so many lines; None at the end of the file.
    pub(super) fn next_chunk(
        &mut self,
        lines_wanted: u64,
        now: Timestamp,
    ) -> Result<Option<Chunk>, FileError> {
        let mut chunk = Chunk::default();
        while chunk.lines < lines_wanted && chunk.orders.len() + chunk.refunds.len() < UNITS_MAX {
            let Some(unit) = self.file.next_unit()? else { break };
            if unit.end_line > self.lines_done {
                self.add(&mut chunk, unit, now);
            }
        }
        Ok((chunk.lines > 0).then_some(chunk))
    }

    fn add(&self, chunk: &mut Chunk, unit: Unit, now: Timestamp) {
        chunk.end_line = unit.end_line;
        chunk.lines += unit.lines;
        chunk.refusals.extend(unit.refusals);
        let new_id = || PublicId::v7(now, self.chance.bytes());
        let buyer = match &unit.content {
            Content::Nothing => None,
            Content::Order(order) => order.buyer_ref.clone(),
            Content::Refund(refund) => refund.buyer_ref.clone(),
        };
        if let Some(buyer) = buyer {
            chunk.buyers.entry(buyer).or_insert_with(new_id);
        }
        match unit.content {
            Content::Nothing => {}
            Content::Order(order) => {
                let total = order.total().expect("a format refuses an order without a total");
                let (hash, public_id) = (order.content_hash(), new_id());
                chunk.orders.push(ReadOrder { order: *order, total, hash, public_id });
            }
            Content::Refund(refund) => {
                let hash = refund.content_hash();
                chunk.refunds.push(ReadRefund { refund, hash });
            }
        }
    }
}
