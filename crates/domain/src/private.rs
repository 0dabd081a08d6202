//! What belongs to a person: types that print `***`, and how much of it is shown where it need not be read.

use std::fmt;

/// A text about a person, such as a name or an address. It prints as `***`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Private(String);

impl Private {
    /// Takes the text.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself, for storing it and for whoever may read it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// A person's name with all but its first character hidden: `王**`.
    #[must_use]
    pub fn masked_name(&self) -> String {
        let mut letters = self.0.chars();
        let first = letters.next().map(String::from).unwrap_or_default();
        let rest = letters.count().min(NAME_STARS_MAX);
        first + &"*".repeat(rest)
    }

    /// A telephone number with its middle hidden: `138****5620`; of a short one only the end stays.
    #[must_use]
    pub fn masked_phone(&self) -> String {
        let letters: Vec<char> = self.0.chars().collect();
        let (front, back) = match letters.len() {
            0..=4 => (0, letters.len() / 2),
            5..=9 => (0, 3),
            _ => (3, 4),
        };
        let hidden = letters.len() - front - back;
        let shown = |part: &[char]| part.iter().collect::<String>();
        let (front, back) = (shown(&letters[..front]), shown(&letters[letters.len() - back..]));
        format!("{front}{}{back}", "*".repeat(hidden))
    }

    /// An address that ends where the region ends: `浙江省 杭州市 ***`.
    #[must_use]
    pub fn masked_address(&self) -> String {
        let mut parts = self.0.split_whitespace();
        let region: Vec<&str> = parts.by_ref().take(REGION_PARTS).collect();
        if parts.next().is_some() {
            return format!("{} ***", region.join(" "));
        }
        let shown: String = self.0.chars().take(REGION_CHARS).collect();
        if shown.len() == self.0.len() { "***".to_owned() } else { shown + "***" }
    }
}

/// Most stars behind the first letter of a name: its length is nobody's business.
const NAME_STARS_MAX: usize = 2;
/// Parts of an address, blank between, that only say the region.
const REGION_PARTS: usize = 2;
/// Characters of an address without blanks that mostly say no more than the region.
const REGION_CHARS: usize = 6;

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn private(text: &str) -> Private {
        Private::new(text.to_owned())
    }

    #[test]
    fn what_is_private_prints_as_stars() {
        assert_eq!(format!("{:?}", Some(private("林夏"))), "Some(***)");
    }

    #[test]
    fn masks_leave_what_tells_people_apart_at_work_and_no_more() {
        assert_eq!(private("林夏").masked_name(), "林*");
        assert_eq!(private("Alexander").masked_name(), "A**");
        assert_eq!(private("13800005620").masked_phone(), "138****5620");
        assert_eq!(private("8881234").masked_phone(), "****234");
        assert_eq!(private("12").masked_phone(), "*2");
        assert_eq!(
            private("浙江省 杭州市 西湖区 山脚路 8 号").masked_address(),
            "浙江省 杭州市 ***"
        );
        assert_eq!(private("浙江省杭州市西湖区山脚路8号").masked_address(), "浙江省杭州市***");
        assert_eq!(private("山脚路").masked_address(), "***");
        for empty in [private("").masked_name(), private("").masked_phone()] {
            assert_eq!(empty, "");
        }
    }
}
