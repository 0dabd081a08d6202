//! Evidence from the first message: each entry's digest covers its salted content, and its chain value covers the
//! previous chain value, the digest and the header. The chain never covers plain text, so a text can be erased
//! (its digest stays) and the chain still verifies.

use sha2::{Digest as _, Sha256};

use super::{Author, EntryKind, Lane};
use crate::time::Timestamp;

/// 32 bytes of SHA-256.
pub type Digest = [u8; 32];

/// 16 random bytes, one per entry.
pub type Salt = [u8; 16];

/// The chain value before the first entry of a lane.
pub const GENESIS: Digest = [0; 32];

/// Digest of what an entry says. Every part is preceded by its length, so parts cannot flow into each other. An entry
/// without content has the digest it had before there was any.
#[must_use]
pub fn digest(
    salt: &Salt,
    text: Option<&str>,
    code: Option<&str>,
    params: Option<&str>,
    content: Option<&str>,
) -> Digest {
    let mut hash = Sha256::new();
    hash.update(if content.is_none() { b"xiaoer.entry.1" } else { b"xiaoer.entry.2" });
    hash.update(salt);
    let parts = [Some(text), Some(code), Some(params), content.map(Some)];
    for part in parts.into_iter().flatten() {
        match part {
            None => hash.update([0]),
            Some(part) => {
                hash.update([1]);
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part.as_bytes());
            }
        }
    }
    hash.finalize().into()
}

/// Seals an entry: H(previous chain, digest, header). `conversation` is the conversation's public id.
#[must_use]
#[expect(clippy::too_many_arguments, reason = "the header is exactly these parts")]
pub fn chain(
    previous: &Digest,
    digest: &Digest,
    conversation: &[u8; 16],
    lane: Lane,
    seq: i64,
    at: Timestamp,
    kind: EntryKind,
    author: Author,
    ref_seq: Option<i64>,
) -> Digest {
    let mut hash = Sha256::new();
    hash.update(b"xiaoer.chain.1");
    hash.update(previous);
    hash.update(digest);
    hash.update(conversation);
    for number in [
        lane.code(),
        seq,
        at.micros(),
        kind.code(),
        author.side().code(),
        author.row_id(),
        ref_seq.unwrap_or(0),
    ] {
        hash.update(number.to_be_bytes());
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_changes_with_every_part() {
        let base = digest(&[1; 16], Some("ab"), None, None, None);
        assert_ne!(base, digest(&[2; 16], Some("ab"), None, None, None));
        assert_ne!(base, digest(&[1; 16], Some("a"), Some("b"), None, None));
        assert_ne!(base, digest(&[1; 16], None, Some("ab"), None, None));
        assert_ne!(base, digest(&[1; 16], Some("ab"), None, Some(""), None));
        assert_ne!(base, digest(&[1; 16], Some("ab"), None, None, Some("")));
        let shown = digest(&[1; 16], Some("ab"), None, None, Some("{}"));
        assert_ne!(shown, digest(&[1; 16], Some("ab"), None, None, Some("{ }")));
    }

    #[test]
    fn the_digest_of_a_plain_line_is_what_it_always_was() {
        let mut hash = Sha256::new();
        hash.update(b"xiaoer.entry.1");
        hash.update([1; 16]);
        hash.update([1, 0, 0, 0, 0, 0, 0, 0, 2, b'a', b'b', 0, 0]);
        let always: Digest = hash.finalize().into();
        assert_eq!(digest(&[1; 16], Some("ab"), None, None, None), always);
    }

    #[test]
    fn the_chain_changes_with_every_part_of_the_header() {
        let seal = |lane, seq, at, author, reference| {
            let at = Timestamp::from_micros(at);
            chain(
                &GENESIS,
                &[7; 32],
                &[9; 16],
                lane,
                seq,
                at,
                EntryKind::Message,
                author,
                reference,
            )
        };
        let base = seal(Lane::Buyer, 1, 5, Author::System, None);
        assert_ne!(base, seal(Lane::Staff, 1, 5, Author::System, None));
        assert_ne!(base, seal(Lane::Buyer, 2, 5, Author::System, None));
        assert_ne!(base, seal(Lane::Buyer, 1, 6, Author::System, None));
        assert_ne!(base, seal(Lane::Buyer, 1, 5, Author::Robot, None));
        assert_ne!(base, seal(Lane::Buyer, 1, 5, Author::System, Some(3)));
    }
}
