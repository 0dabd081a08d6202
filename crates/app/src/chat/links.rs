//! Addresses of attachments: signed, so that whoever holds one may read that one file for a while and nothing else.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use parking_lot::RwLock;
use sha2::Sha256;
use xiaoer_domain::id::{PublicId, ShopId};
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::{ErrorCode, id};

use crate::platform::Shops;
use crate::{AppError, Clock, Secret};

/// A link holds until the end of the next period. All links that are made within one period are the same, so that
/// browsers find in their cache what they have loaded before.
const PERIOD_SECONDS: i64 = 24 * 60 * 60;

/// Which picture of an attachment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture {
    /// The attachment itself.
    Whole,
    /// The small picture for lists.
    Small,
}

impl Picture {
    const fn word(self) -> &'static str {
        match self {
            Self::Whole => "",
            Self::Small => "thumb",
        }
    }

    /// Reads the parameter of a link.
    #[must_use]
    pub fn from_word(word: Option<&str>) -> Option<Self> {
        match word {
            None => Some(Self::Whole),
            Some("thumb") => Some(Self::Small),
            Some(_) => None,
        }
    }
}

/// Makes and checks links.
#[derive(Clone)]
pub struct Links {
    key: Arc<RwLock<Secret>>,
    clock: Clock,
    shops: Arc<Shops>,
}

impl Links {
    pub(crate) fn new(key: [u8; 32], clock: Clock, shops: Arc<Shops>) -> Self {
        Self { key: Arc::new(RwLock::new(Secret(key.to_vec()))), clock, shops }
    }

    /// Signs with this key from now on, and takes only what it signed.
    pub(crate) fn sign_with(&self, key: Vec<u8>) {
        *self.key.write() = Secret(key);
    }

    /// Links into one shop.
    pub(crate) const fn of(&self, shop: ShopId) -> ShopLinks<'_> {
        ShopLinks { links: self, shop }
    }

    /// Checks a link that came back.
    ///
    /// # Errors
    /// `bad_link` for a signature that is not ours and for one whose time is over.
    pub fn check(
        &self,
        shop_key: &str,
        attachment: PublicId,
        picture: Picture,
        expires: i64,
        signature: &str,
    ) -> Result<(), AppError> {
        let refused = || AppError::refused(ErrorCode::BadLink);
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| refused())?;
        let seal = self.seal(shop_key, attachment, picture, expires);
        seal.verify_slice(&signature).map_err(|_| refused())?;
        let ends = Timestamp::from_micros(expires.saturating_mul(1_000_000));
        if self.clock.now() >= ends { Err(refused()) } else { Ok(()) }
    }

    fn seal(&self, shop_key: &str, id: PublicId, picture: Picture, expires: i64) -> Hmac<Sha256> {
        let mut seal =
            Hmac::<Sha256>::new_from_slice(&self.key.read().0).expect("any length is a key");
        seal.update(b"xiaoer.file.1");
        seal.update(&expires.to_be_bytes());
        seal.update(id.as_bytes());
        for part in [picture.word(), shop_key] {
            seal.update(&(part.len() as u64).to_be_bytes());
            seal.update(part.as_bytes());
        }
        seal
    }
}

/// Makes links into one shop.
pub struct ShopLinks<'l> {
    links: &'l Links,
    shop: ShopId,
}

impl ShopLinks<'_> {
    /// A link that holds for one to two days.
    #[must_use]
    pub fn to(&self, attachment: PublicId, picture: Picture) -> String {
        // Whoever reads a shop's log came in through its key.
        let key = self.links.shops.key_of(self.shop).unwrap_or_else(|| self.shop.to_string());
        let now = self.links.clock.now().micros() / 1_000_000;
        let expires = (now / PERIOD_SECONDS + 2) * PERIOD_SECONDS;
        let seal = self.links.seal(&key, attachment, picture, expires);
        let signature = URL_SAFE_NO_PAD.encode(seal.finalize().into_bytes());
        let small = if picture == Picture::Small { "&v=thumb" } else { "" };
        let attachment = id::public(id::ATTACHMENT, attachment);
        format!("/files/{key}/{attachment}?e={expires}&s={signature}{small}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(now: Arc<parking_lot::Mutex<i64>>, key: u8) -> Links {
        let clock = Clock::from_fn(move || Timestamp::from_micros(*now.lock() * 1_000_000));
        Links::new([key; 32], clock, Arc::default())
    }

    fn parts(link: &str) -> (i64, String) {
        let query = link.split_once("?e=").unwrap().1;
        let (expires, rest) = query.split_once("&s=").unwrap();
        (expires.parse().unwrap(), rest.split('&').next().unwrap().to_owned())
    }

    #[test]
    fn a_link_opens_its_own_file_until_its_time_is_over() {
        let now = Arc::new(parking_lot::Mutex::new(1_000_000));
        let links = links(Arc::clone(&now), 1);
        let id = PublicId::from_bytes([3; 16]);
        let link = links.of(ShopId::new(5)).to(id, Picture::Whole);
        let (expires, signature) = parts(&link);
        let open = |shop: &str, id, picture, expires, signature: &str| {
            links.check(shop, id, picture, expires, signature).is_ok()
        };
        assert!(open("5", id, Picture::Whole, expires, &signature));
        assert!(!open("6", id, Picture::Whole, expires, &signature));
        assert!(!open("5", PublicId::from_bytes([4; 16]), Picture::Whole, expires, &signature));
        assert!(!open("5", id, Picture::Small, expires, &signature));
        assert!(!open("5", id, Picture::Whole, expires + 1, &signature));
        assert!(!open("5", id, Picture::Whole, expires, "AAAA"));
        *now.lock() = expires;
        assert!(!open("5", id, Picture::Whole, expires, &signature));
    }

    #[test]
    fn links_of_one_day_are_the_same_and_another_key_makes_others() {
        let now = Arc::new(parking_lot::Mutex::new(86_400 * 3));
        let id = PublicId::from_bytes([3; 16]);
        let ours = links(Arc::clone(&now), 1);
        let first = ours.of(ShopId::new(5)).to(id, Picture::Small);
        *now.lock() += 86_399;
        assert_eq!(ours.of(ShopId::new(5)).to(id, Picture::Small), first);
        *now.lock() += 1;
        assert_ne!(ours.of(ShopId::new(5)).to(id, Picture::Small), first);
        let theirs = links(now, 2);
        assert_ne!(
            theirs.of(ShopId::new(5)).to(id, Picture::Small),
            ours.of(ShopId::new(5)).to(id, Picture::Small)
        );
    }
}
