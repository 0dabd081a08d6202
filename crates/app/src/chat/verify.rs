//! Verifying evidence: every lane of a conversation is gapless, ordered in time, and its chain ends in its head; every
//! attachment has the bytes that were sent.

use std::io::Read as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use xiaoer_domain::chat::{GENESIS, Lane, chain, digest};
use xiaoer_domain::id::{ConversationId, PublicId, ShopId};
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::ErrorCode;
use xiaoer_store::chat::attachments;
use xiaoer_store::chat::read::{self, Seal, SealedHeads};

use crate::{App, AppError};

const PAGE: i64 = 500;
/// Attachments of one step.
const FILES_AT_ONCE: i64 = 100;
/// Bytes that are read at once: a file is never in memory as a whole.
const PART_BYTES: usize = 64 * 1024;

/// What is wrong with a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which.
    pub conversation: ConversationId,
    /// Which lane.
    pub lane: Lane,
    /// At which number.
    pub seq: i64,
    /// What.
    pub what: &'static str,
}

/// Result of verifying a shop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Conversations looked at.
    pub conversations: u64,
    /// Entries looked at.
    pub entries: u64,
    /// What is wrong.
    pub broken: Vec<Broken>,
    /// Files of attachments looked at, the small pictures too.
    pub files: u64,
    /// What is wrong with them.
    pub spoilt: Vec<Spoilt>,
}

/// An attachment whose bytes are not those that were sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoilt {
    /// Which.
    pub attachment: PublicId,
    /// In which conversation.
    pub conversation: ConversationId,
    /// What.
    pub what: &'static str,
}

impl App {
    /// Verifies every conversation of a shop, page by page.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn verify(&self, shop: ShopId) -> Result<Verified, AppError> {
        let (mut verified, mut after) = (Verified::default(), ConversationId::new(0));
        loop {
            let page = self
                .db
                .read(move |tx| {
                    Box::pin(async move { read::sealed_heads(tx, shop, after, PAGE).await })
                })
                .await?;
            let Some(&(last, ..)) = page.last() else { break };
            for heads in page {
                self.verify_one(shop, heads, &mut verified).await?;
            }
            after = last;
        }
        self.verify_files(shop, &mut verified).await?;
        Ok(verified)
    }

    /// Reads every file again and compares it with the digest under which it was taken in.
    async fn verify_files(&self, shop: ShopId, verified: &mut Verified) -> Result<(), AppError> {
        let mut after = PublicId::from_bytes([0; 16]);
        loop {
            let read = self.db.read(move |tx| {
                Box::pin(async move { attachments::page(tx, shop, after, FILES_AT_ONCE).await })
            });
            let page = read.await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.id;
            for one in page {
                for kept in one.parts() {
                    verified.files += 1;
                    let (path, hash) = (self.file_path(shop, kept)?, kept.hash);
                    let looked = tokio::task::spawn_blocking(move || file_fault(&path, &hash));
                    let what = looked.await.map_err(|_| AppError::refused(ErrorCode::Internal))?;
                    let (attachment, conversation) = (one.id, one.conversation);
                    verified.spoilt.extend(what.map(|what| Spoilt {
                        attachment,
                        conversation,
                        what,
                    }));
                }
            }
        }
    }

    async fn verify_one(
        &self,
        shop: ShopId,
        (id, public_id, heads): SealedHeads,
        verified: &mut Verified,
    ) -> Result<(), AppError> {
        verified.conversations += 1;
        for (lane, (head_seq, head_chain)) in [Lane::Buyer, Lane::Staff].into_iter().zip(heads) {
            let (mut seq, mut seal, mut at) = (0, GENESIS, Timestamp::from_micros(0));
            while seq < head_seq {
                let page = self
                    .db
                    .read(move |tx| {
                        Box::pin(async move { read::seals(tx, shop, id, lane, seq, PAGE).await })
                    })
                    .await?;
                if page.is_empty() {
                    break;
                }
                for entry in page {
                    verified.entries += 1;
                    if let Some(what) = fault(&entry, public_id.as_bytes(), lane, seq, &seal, at) {
                        verified.broken.push(Broken {
                            conversation: id,
                            lane,
                            seq: entry.seq,
                            what,
                        });
                    }
                    (seq, seal, at) = (entry.seq, entry.chain, entry.at);
                }
            }
            // Entries may have been added since the heads were read; fewer is a fault.
            if seq < head_seq || (seq == head_seq && seal != head_chain) {
                verified.broken.push(Broken {
                    conversation: id,
                    lane,
                    seq,
                    what: "the head does not fit the log",
                });
            }
        }
        Ok(())
    }
}

fn file_fault(path: &Path, hash: &[u8; 32]) -> Option<&'static str> {
    let Ok(mut file) = std::fs::File::open(path) else { return Some("the file is not there") };
    let mut digest = Sha256::new();
    let mut part = vec![0; PART_BYTES];
    loop {
        match file.read(&mut part) {
            Ok(0) => break,
            Ok(read) => digest.update(&part[..read]),
            Err(_) => return Some("the file cannot be read"),
        }
    }
    let found: [u8; 32] = digest.finalize().into();
    (found != *hash).then_some("the bytes do not fit their digest")
}

fn fault(
    e: &Seal,
    conversation: &[u8; 16],
    lane: Lane,
    previous_seq: i64,
    previous: &[u8; 32],
    previous_at: Timestamp,
) -> Option<&'static str> {
    if e.seq != previous_seq + 1 {
        return Some("a number is missing");
    }
    if e.at < previous_at {
        return Some("the time runs backwards");
    }
    let said = digest(
        &e.salt,
        e.text.as_deref(),
        e.code.as_deref(),
        e.params.as_deref(),
        e.content.as_deref(),
    );
    // An erased entry keeps its digest without its content.
    let erased = e.text.is_none() && e.content.is_none() && e.code.is_none() && e.ref_seq.is_none();
    if said != e.digest && !erased {
        return Some("the content does not fit its digest");
    }
    let seal =
        chain(previous, &e.digest, conversation, lane, e.seq, e.at, e.kind, e.author, e.ref_seq);
    (seal != e.chain).then_some("the chain is broken")
}
