//! Signed identity of a buyer: a JWT (RFC 7519) with the fixed algorithm HS256, `aud` = the shop's key and `exp` at
//! most an hour ahead. One algorithm, no header choices: what a general library would have to be told not to do.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_protocol::ErrorCode;

use crate::AppError;
use crate::secret::Secret;

/// Longest life of an identity.
const LIFE_MAX: Span = Span::minutes(60);
/// Clocks may differ by this much.
const SKEW: Span = Span::minutes(1);
/// Characters of a subject and of a name.
const SUBJECT_CHARS_MAX: usize = 128;
/// Bytes of a whole token.
const TOKEN_BYTES_MAX: usize = 4096;

/// Who a signed identity vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The customer's number in the shop.
    pub subject: String,
    /// Name; empty when not given.
    pub name: String,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

#[derive(Serialize, Deserialize)]
struct Body {
    sub: String,
    aud: String,
    exp: i64,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
}

/// Checks a token against a shop's key.
///
/// # Errors
/// `bad_identity`, whatever is wrong: a forger learns nothing.
pub fn verify(token: &str, shop: &str, key: &Secret, now: Timestamp) -> Result<Claims, AppError> {
    read(token, shop, key, now).ok_or_else(|| AppError::refused(ErrorCode::BadIdentity))
}

fn read(token: &str, shop: &str, key: &Secret, now: Timestamp) -> Option<Claims> {
    if token.len() > TOKEN_BYTES_MAX {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, body) = signed.split_once('.')?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).ok()?;
    mac.update(signed.as_bytes());
    // Compares in constant time.
    mac.verify_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    let body: Body = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()?;
    let expires = Timestamp::from_micros(body.exp.checked_mul(1_000_000)?);
    let subject_fits = (1..=SUBJECT_CHARS_MAX).contains(&body.sub.chars().count());
    let fine = header.alg == "HS256"
        && body.aud == shop
        && subject_fits
        && body.sub.chars().all(|c| !c.is_control())
        && now < expires.plus(SKEW)
        && expires <= now.plus(LIFE_MAX).plus(SKEW);
    let name = body.name.chars().filter(|c| !c.is_control()).take(SUBJECT_CHARS_MAX).collect();
    fine.then_some(Claims { subject: body.sub, name })
}

/// Signs an identity, as a shop would: for the demonstration and for tests.
#[must_use]
pub fn sign(subject: &str, name: &str, shop: &str, key: &Secret, expires: Timestamp) -> String {
    let body = Body {
        sub: subject.to_owned(),
        aud: shop.to_owned(),
        exp: expires.micros() / 1_000_000,
        name: name.to_owned(),
    };
    let body = serde_json::to_vec(&body).expect("strings and numbers serialise");
    let header = URL_SAFE_NO_PAD.encode(br#"{"alg":"HS256","typ":"JWT"}"#);
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(body));
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).expect("HMAC takes keys of any length");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_763_870_400_000_000);

    fn key() -> Secret {
        Secret(vec![7; 32])
    }

    fn check(token: &str) -> Option<Claims> {
        verify(token, "demo", &key(), NOW).ok()
    }

    #[test]
    fn a_shops_own_token_vouches_for_its_subject() {
        let token = sign("17850", "林", "demo", &key(), NOW.plus(Span::minutes(5)));
        assert_eq!(check(&token), Some(Claims { subject: "17850".into(), name: "林".into() }));
    }

    #[test]
    fn foreign_expired_far_reaching_and_altered_tokens_are_refused() {
        let soon = NOW.plus(Span::minutes(5));
        assert_eq!(check(&sign("1", "", "other", &key(), soon)), None);
        assert_eq!(check(&sign("1", "", "demo", &Secret(vec![8; 32]), soon)), None);
        assert_eq!(check(&sign("1", "", "demo", &key(), NOW.minus(Span::minutes(2)))), None);
        assert_eq!(check(&sign("1", "", "demo", &key(), NOW.plus(Span::minutes(62)))), None);
        assert_eq!(check(&sign("", "", "demo", &key(), soon)), None);
        let token = sign("1", "", "demo", &key(), soon);
        assert_eq!(check(&token[..token.len() - 2]), None);
        assert_eq!(check("a.b"), None);
        assert_eq!(check(""), None);
    }

    #[test]
    fn a_token_without_the_fixed_algorithm_is_refused_even_if_signed() {
        let body = sign("1", "", "demo", &key(), NOW.plus(Span::minutes(5)));
        let body = body.split('.').nth(1).unwrap();
        for alg in ["none", "HS512", "RS256"] {
            let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"{alg}"}}"#));
            let signed = format!("{header}.{body}");
            let mut mac = Hmac::<Sha256>::new_from_slice(&key().0).unwrap();
            mac.update(signed.as_bytes());
            let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
            assert_eq!(check(&token), None, "{alg}");
        }
    }
}
