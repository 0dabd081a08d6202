//! Verifying evidence: every lane of a conversation is gapless, ordered in time, and its chain ends in its head.

use xiaoer_domain::chat::{GENESIS, Lane, chain, digest};
use xiaoer_domain::id::{ConversationId, ShopId};
use xiaoer_domain::time::Timestamp;
use xiaoer_store::chat::read::{self, Seal, SealedHeads};

use crate::{App, AppError};

const PAGE: i64 = 500;

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
            let Some(&(last, ..)) = page.last() else { return Ok(verified) };
            for heads in page {
                self.verify_one(shop, heads, &mut verified).await?;
            }
            after = last;
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
