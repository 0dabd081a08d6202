//! One-time codes (RFC 6238: SHA-1, six digits, thirty seconds, as every authenticator app knows them), their address as
//! a picture, and recovery codes.

use qrcodegen::{QrCode, QrCodeEcc};
use sha2::{Digest as _, Sha256};
use totp_rs::{Algorithm, Builder, Secret, Totp};
use xiaoer_domain::time::Timestamp;

use crate::Chance;

/// Digits of a code.
pub(crate) const DIGITS: u8 = 6;
/// Seconds that a code holds.
const STEP_SECONDS: u64 = 30;
/// Steps before and after the current one whose code counts too: phones' clocks differ.
const SKEW: u16 = 1;
/// Recovery codes made at once.
pub(crate) const RECOVERY_CODES: usize = 10;
/// Letters and digits that cannot be mistaken for each other.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789x";
/// Light border of a picture, in squares: readers ask for four.
const QUIET: i32 = 4;

fn totp(secret: &[u8]) -> Totp {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(DIGITS)
        .with_skew(SKEW)
        .with_step_duration(STEP_SECONDS)
        .with_secret(Secret::from(secret.to_vec()))
        .build_noncompliant()
}

/// The step whose code this is, if it is one of now.
pub(crate) fn step_of(secret: &[u8], code: &str, now: Timestamp) -> Option<i64> {
    let plain = code.len() == usize::from(DIGITS) && code.bytes().all(|b| b.is_ascii_digit());
    let seconds = u64::try_from(now.micros() / 1_000_000).ok()?;
    totp(secret).check(code, seconds).filter(|_| plain).and_then(|step| i64::try_from(step).ok())
}

/// The code of a moment, as an authenticator app shows it. For tests and for people who write clients.
#[must_use]
pub fn code_at(secret_base32: &str, now: Timestamp) -> Option<String> {
    let secret = Secret::try_from_base32(secret_base32).ok()?;
    let seconds = u64::try_from(now.micros() / 1_000_000).ok()?;
    Some(totp(secret.as_ref()).generate(seconds).to_string())
}

/// The secret as people type it.
pub(crate) fn base32(secret: &[u8]) -> String {
    Secret::from(secret.to_vec()).to_base32()
}

/// The address that authenticator apps read.
pub(crate) fn uri(secret: &[u8], login: &str) -> String {
    let login: String = login
        .bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' => char::from(b).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    let secret = base32(secret);
    format!(
        "otpauth://totp/Xiaoer:{login}?secret={secret}&issuer=Xiaoer&digits={DIGITS}&period={STEP_SECONDS}"
    )
}

/// An address as a picture: dark squares on light ground, whatever the page's colours are, or readers fail.
pub(crate) fn picture(text: &str) -> String {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Medium) else { return String::new() };
    let size = code.size();
    let dark = (0..size)
        .flat_map(|y| (0..size).map(move |x| (x, y)))
        .filter(|&(x, y)| code.get_module(x, y));
    let path: String = dark.map(|(x, y)| format!("M{},{}h1v1h-1z", x + QUIET, y + QUIET)).collect();
    let whole = size + 2 * QUIET;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {whole} {whole}\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0,0h{whole}v{whole}h-{whole}z\"/><path d=\"{path}\"/></svg>"
    )
}

/// Fresh recovery codes: three groups of five, 75 bits each.
pub(crate) fn recovery_codes(chance: &Chance) -> Vec<String> {
    let letter = |b: &u8| char::from(LETTERS[usize::from(b % 32)]);
    let group = |bytes: &[u8]| bytes.iter().map(letter).collect::<String>();
    let one = || chance.bytes::<15>().chunks(5).map(group).collect::<Vec<_>>().join("-");
    (0..RECOVERY_CODES).map(|_| one()).collect()
}

/// A recovery code as it is kept; blanks, dashes and capitals make no difference. None: it cannot be one.
pub(crate) fn recovery_hash(code: &str) -> Option<[u8; 32]> {
    let plain: String =
        code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    (plain.len() == 15).then(|| Sha256::digest(plain.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the secret of its SHA-1 rows. Its codes have eight digits, of which six are ours.
    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_standard() {
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")]
        {
            let at = Timestamp::from_micros(seconds * 1_000_000);
            assert_eq!(code_at(&base32(SECRET), at).as_deref(), Some(code));
            assert_eq!(step_of(SECRET, code, at), Some(seconds / 30));
        }
    }

    #[test]
    fn a_neighbouring_code_counts_and_a_later_one_does_not() {
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        let code = code_at(&base32(SECRET), at(3000)).unwrap_or_default();
        assert_eq!(step_of(SECRET, &code, at(3031)), Some(100));
        assert_eq!(step_of(SECRET, &code, at(2999)), Some(100));
        assert_eq!(step_of(SECRET, &code, at(3061)), None);
        for bad in ["", "12345", "1234567", "abcdef", "１２３４５６"] {
            assert_eq!(step_of(SECRET, bad, at(3000)), None, "{bad}");
        }
    }

    #[test]
    fn recovery_codes_differ_and_read_back_however_they_are_typed() {
        let codes = recovery_codes(&Chance::seeded(1));
        let hashes: std::collections::BTreeSet<_> =
            codes.iter().map(|c| recovery_hash(c)).collect();
        assert_eq!((codes.len(), hashes.len()), (RECOVERY_CODES, RECOVERY_CODES));
        let typed = codes[0].to_uppercase().replace('-', " ");
        assert_eq!(recovery_hash(&typed), recovery_hash(&codes[0]));
        assert_eq!(recovery_hash("123456"), None);
    }

    #[test]
    fn the_picture_has_a_light_border_and_holds_its_squares() {
        let svg = picture(&uri(SECRET, "lin@shop.example"));
        assert!(svg.starts_with("<svg") && svg.contains("M4,4h1v1h-1z"), "{svg}");
        assert!(!svg.contains("M3,3h1"));
    }
}
