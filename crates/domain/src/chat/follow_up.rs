//! A message that a buyer left while nobody was on duty: what it is about, how to be reached, and until when it is
//! answered.

use super::rating::words;

words! {
    /// What the buyer wants.
    Wish {
        /// Asks before buying.
        Question = "question";
        /// About an order: change it, cancel it, where is it.
        Order = "order";
        /// Something is wrong.
        Complaint = "complaint";
    }
}

/// A personal value: prints as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Personal(String);

impl std::fmt::Debug for Personal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl Personal {
    /// A telephone number: 6 to 20 digits, blanks and hyphens between them, perhaps a plus before them.
    #[must_use]
    pub fn phone(text: &str) -> Option<Self> {
        let text = text.trim();
        let rest = text.strip_prefix('+').unwrap_or(text);
        let plain = rest.chars().all(|c| c.is_ascii_digit() || c == ' ' || c == '-');
        let digits = rest.chars().filter(char::is_ascii_digit).count();
        (plain && (6..=20).contains(&digits) && text.len() <= 32).then(|| Self(text.to_owned()))
    }

    /// An e-mail address: one `@` between a name and a host with a dot.
    #[must_use]
    pub fn email(text: &str) -> Option<Self> {
        let text = text.trim();
        let (name, host) = text.split_once('@')?;
        let fine = !name.is_empty()
            && host.split('.').count() > 1
            && host.split('.').all(|part| !part.is_empty())
            && !host.contains('@')
            && text.len() <= 254
            && !text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '<' || c == '>');
        fine.then(|| Self(text.to_owned()))
    }

    /// Wraps what came from the database.
    #[must_use]
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The value itself, for the one place that shows or stores it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_addresses_are_read_and_print_as_stars() {
        for good in ["13812345620", "+44 20 7946 0958", "0571-8765 4321"] {
            assert!(Personal::phone(good).is_some(), "{good}");
        }
        for bad in ["", "13856", "138x2345620", "1+38123456", &"1".repeat(21)] {
            assert!(Personal::phone(bad).is_none(), "{bad}");
        }
        for good in ["lin@example.com", "a.b+c@mail.example.cn"] {
            assert!(Personal::email(good).is_some(), "{good}");
        }
        for bad in
            ["lin", "@example.com", "lin@host", "a b@example.com", "a@b@example.com", "a@.cn"]
        {
            assert!(Personal::email(bad).is_none(), "{bad}");
        }
        assert_eq!(format!("{:?}", Personal::phone("13812345620")), "Some(***)");
    }
}
