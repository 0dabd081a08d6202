//! Places in a text that are filled in when it is used: a closed list, each with a Chinese and an English name.

/// What may be filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Variable {
    /// What the buyer is called.
    Buyer,
    /// Who serves.
    Agent,
    /// The shop's name.
    Shop,
    /// Number of the buyer's latest order.
    OrderNumber,
    /// First product in it.
    Item,
    /// What was paid for it.
    Amount,
    /// Who carries it.
    Courier,
    /// Its number at the courier.
    Waybill,
    /// When the shop opens next.
    Opens,
}

impl Variable {
    /// Every variable.
    pub const ALL: &'static [Self] = &[
        Self::Buyer,
        Self::Agent,
        Self::Shop,
        Self::OrderNumber,
        Self::Item,
        Self::Amount,
        Self::Courier,
        Self::Waybill,
        Self::Opens,
    ];

    /// Its names: English first, then Chinese, then older ones.
    #[must_use]
    pub const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Buyer => &["buyer", "买家"],
            Self::Agent => &["agent", "客服"],
            Self::Shop => &["shop", "店铺"],
            Self::OrderNumber => &["order.number", "订单号", "order"],
            Self::Item => &["item", "商品"],
            Self::Amount => &["amount", "金额"],
            Self::Courier => &["courier", "快递"],
            Self::Waybill => &["waybill", "运单号"],
            Self::Opens => &["opens", "开门时间"],
        }
    }

    /// The variable of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|variable| variable.names().contains(&name))
    }

    /// The name on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        self.names()[0]
    }
}

/// A text with its places filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// The text; what has no value stands as it was written.
    pub text: String,
    /// What has no value, each once, in the order of the text.
    pub missing: Vec<Variable>,
}

/// A stretch of a text: as it stands, or a name in braces.
pub(super) enum Part<'t> {
    Plain(&'t str),
    Named(&'t str),
}

/// The first name in braces that is no variable.
#[must_use]
pub fn unknown_variable(text: &str) -> Option<&str> {
    parts(text).into_iter().find_map(|part| match part {
        Part::Named(name) if Variable::parse(name.trim()).is_none() => Some(name),
        _ => None,
    })
}

/// Fills a text in. What is filled in is never read for places again.
#[must_use]
pub fn fill(text: &str, value: impl Fn(Variable) -> Option<String>) -> Filled {
    let mut filled = Filled { text: String::with_capacity(text.len()), missing: Vec::new() };
    for part in parts(text) {
        let name = match part {
            Part::Plain(plain) => {
                filled.text.push_str(plain);
                continue;
            }
            Part::Named(name) => name,
        };
        let variable = Variable::parse(name.trim());
        match variable.and_then(|v| value(v).filter(|value| !value.trim().is_empty())) {
            Some(value) => filled.text.push_str(&value),
            None => {
                filled.text.extend(["{", name, "}"]);
                if let Some(v) = variable.filter(|v| !filled.missing.contains(v)) {
                    filled.missing.push(v);
                }
            }
        }
    }
    filled
}

/// Braces that do not close on their line, or hold nothing, are plain text.
pub(super) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let inner = &rest[open + 1..];
        let end = inner.find(['{', '}', '\n']);
        match end {
            Some(end) if inner[end..].starts_with('}') && !inner[..end].trim().is_empty() => {
                parts.push(Part::Plain(&rest[..open]));
                parts.push(Part::Named(&inner[..end]));
                rest = &inner[end + 1..];
            }
            _ => {
                parts.push(Part::Plain(&rest[..=open]));
                rest = inner;
            }
        }
    }
    parts.push(Part::Plain(rest));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn known(variable: Variable) -> Option<String> {
        match variable {
            Variable::Buyer => Some("小{item}姐".to_owned()),
            Variable::Courier => Some("  ".to_owned()),
            Variable::OrderNumber => Some("A1".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn both_languages_name_the_same_and_nothing_filled_in_is_read_again() {
        let filled = fill("{买家}，{buyer}：{订单号} { order }", known);
        assert_eq!(filled.text, "小{item}姐，小{item}姐：A1 A1");
        assert!(filled.missing.is_empty());
    }

    #[test]
    fn what_has_no_value_stands_as_written_and_is_told_once() {
        let filled = fill("{快递} {courier} {item}", known);
        assert_eq!(filled.text, "{快递} {courier} {item}");
        assert_eq!(filled.missing, [Variable::Courier, Variable::Item]);
    }

    #[test]
    fn a_name_that_is_not_on_the_list_is_found() {
        assert_eq!(unknown_variable("{buyer} {折扣}"), Some("折扣"));
        for fine in ["{买家}", "满 { 减", "{}", "{\n}", "}{"] {
            assert_eq!(unknown_variable(fine), None, "{fine}");
        }
    }

    proptest! {
        #[test]
        fn without_values_any_text_stays_as_it_is(text in ".{0,80}") {
            prop_assert_eq!(fill(&text, |_| None).text, text);
        }

        #[test]
        fn a_text_without_braces_has_no_places(text in "[^{}]{0,80}") {
            prop_assert_eq!(unknown_variable(&text), None);
            prop_assert!(fill(&text, known).missing.is_empty());
        }
    }
}
