//! What a password has to be: long enough, and nothing that is guessed first.

/// Shortest password, in characters.
pub const CHARS_MIN: usize = 10;
/// Longest password, in characters: hashing costs time.
pub const CHARS_MAX: usize = 200;

/// Beginnings and wholes that are guessed first, without digits and signs at their ends.
const OBVIOUS: [&str; 22] = [
    "password",
    "passwort",
    "passw0rd",
    "qwerty",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "letmein",
    "welcome",
    "iloveyou",
    "woaini",
    "admin",
    "administrator",
    "root",
    "mima",
    "wodemima",
    "dianxiaoer",
    "xiaoer",
    "kefu",
    "taobao",
    "changeme",
    "abcdefghij",
];

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordFault {
    /// Too few or too many characters.
    Length,
    /// Guessed first.
    Obvious,
    /// Holds the account's name.
    OwnName,
}

impl PasswordFault {
    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Obvious => "obvious",
            Self::OwnName => "own_name",
        }
    }
}

/// Judges a new password of the account with this login.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn check_password(password: &str, login: &str) -> Result<(), PasswordFault> {
    let chars = password.chars().count();
    if !(CHARS_MIN..=CHARS_MAX).contains(&chars) {
        return Err(PasswordFault::Length);
    }
    let plain = password.to_lowercase();
    let name = login.split('@').next().unwrap_or(login).to_lowercase();
    let core = plain.trim_matches(|c: char| !c.is_alphabetic());
    if !name.is_empty() && (core == name || plain == login || core.trim_matches('-') == login) {
        return Err(PasswordFault::OwnName);
    }
    let doubled = |word: &str| !word.is_empty() && core.replace(word, "").is_empty();
    if OBVIOUS.iter().any(|word| doubled(word)) || is_run(&plain) {
        return Err(PasswordFault::Obvious);
    }
    Ok(())
}

/// One character again and again, a few of them, or neighbours such as 1234567890.
fn is_run(plain: &str) -> bool {
    let chars: Vec<char> = plain.chars().collect();
    let kinds: std::collections::BTreeSet<char> = chars.iter().copied().collect();
    let neighbours = chars
        .windows(2)
        .filter(|pair| {
            let step = u32::from(pair[1]).abs_diff(u32::from(pair[0]));
            step <= 1 || (pair[0] == '9' && pair[1] == '0')
        })
        .count();
    kinds.len() <= 3 || neighbours + 1 >= chars.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guessed_first_is_refused() {
        for obvious in [
            "1234567890",
            "aaaaaaaaaaaa",
            "Password2024",
            "qwertyuiop",
            "9876543210",
            "abababababab",
            "woaini1314520",
            "xiaoer-2026",
        ] {
            assert_eq!(check_password(obvious, "lin"), Err(PasswordFault::Obvious), "{obvious}");
        }
    }

    #[test]
    fn the_own_name_and_too_few_characters_are_refused() {
        assert_eq!(check_password("xiaoman2026!", "xiaoman"), Err(PasswordFault::OwnName));
        assert_eq!(
            check_password("xiaoman.2026", "xiaoman@shop.example"),
            Err(PasswordFault::OwnName)
        );
        assert_eq!(check_password("kurz-1", "lin"), Err(PasswordFault::Length));
        assert_eq!(check_password(&"ab-c".repeat(60), "lin"), Err(PasswordFault::Length));
    }

    #[test]
    fn a_sentence_is_fine_in_every_script() {
        for fine in ["correct-horse-1", "客人来了先应一声再说话", "tulip7-harbour-9"] {
            assert_eq!(check_password(fine, "lin"), Ok(()), "{fine}");
        }
    }
}
