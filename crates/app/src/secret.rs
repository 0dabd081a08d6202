//! Secrets: types that print `***`, and how tokens are kept.

use sha2::{Digest as _, Sha256};

/// Bytes that print as `***`.
#[derive(Clone)]
pub struct Secret(pub Vec<u8>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// Tokens are 256 random bits: one round of SHA-256 is what their storage needs.
pub(crate) fn hash_token(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
