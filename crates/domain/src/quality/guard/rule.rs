//! The rules by name: how strict each is by default, and how strict it may become.

/// What happens when a rule finds something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// It is not looked for.
    Off,
    /// It is shown and recorded; the message leaves.
    Warn,
    /// The agent has to say that it shall leave all the same, and why.
    Ask,
    /// It does not leave.
    Block,
}

impl Level {
    /// All levels, from mild to strict.
    pub const ALL: [Self; 4] = [Self::Off, Self::Warn, Self::Ask, Self::Block];

    /// The word in database and wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Warn => "warn",
            Self::Ask => "ask",
            Self::Block => "block",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.word() == word)
    }

    /// Whether the message waits for the agent.
    #[must_use]
    pub const fn stops(self) -> bool {
        matches!(self, Self::Ask | Self::Block)
    }
}

/// Where the shop stands: what is leading away on a marketplace is an ordinary answer in a shop of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ShopKind {
    /// On its own site.
    Own,
    /// On a marketplace, under its rules.
    Mall,
}

impl ShopKind {
    /// The word in settings and wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Mall => "mall",
        }
    }

    /// Reads the word, or the kind of a shop: a marketplace and a mall of brands have rules of their own.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "own" | "own_site" => Some(Self::Own),
            "mall" | "marketplace" => Some(Self::Mall),
            _ => None,
        }
    }
}

macro_rules! rule_codes {
    ($($(#[$doc:meta])* $name:ident, $word:literal, $own:ident, $mall:ident, $max:ident;)*) => {
        /// A rule. Its word never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum RuleCode { $($(#[$doc])* $name,)* }

        impl RuleCode {
            /// Every rule, in the order in which screens list them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word in database, wire and texts.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// How strict it is until the shop says otherwise.
            #[must_use]
            pub const fn level(self, kind: ShopKind) -> Level {
                match (self, kind) {
                    $((Self::$name, ShopKind::Own) => Level::$own,
                      (Self::$name, ShopKind::Mall) => Level::$mall,)*
                }
            }

            /// How strict it may be made.
            #[must_use]
            pub const fn level_max(self) -> Level {
                match self { $(Self::$name => Level::$max,)* }
            }
        }
    };
}

rule_codes! {
    /// 服务禁语: what drives a buyer away.
    ServiceWord, "service_word", Ask, Ask, Block;
    /// 辱骂威胁: abuse and threats.
    Abuse, "abuse", Block, Block, Block;
    /// 指责争吵: arguing, interrogating, putting the blame on the buyer.
    Arguing, "arguing", Ask, Ask, Block;
    /// 一字回复: an answer of one word.
    OneWord, "one_word", Warn, Warn, Ask;
    /// 过分亲昵: over-familiarity.
    Familiar, "familiar", Warn, Warn, Block;
    /// 贬低同行: belittling rivals.
    Rivals, "rivals", Ask, Ask, Block;
    /// 极限词: words that the advertising law keeps out of advertising. A talk is none: at most it asks.
    AdLaw, "ad_law", Ask, Ask, Ask;
    /// 功效宣称: healing claims for goods that are no medicine.
    Efficacy, "efficacy", Ask, Ask, Block;
    /// 兑现不了的承诺: promises that cannot be kept.
    Promise, "promise", Ask, Ask, Block;
    /// 站外联系: leading away from the marketplace.
    Contact, "contact", Off, Block, Block;
    /// 电话号码: a number to call, often a courier's.
    Phone, "phone", Off, Ask, Block;
    /// 私下交易: paying past the shop.
    PrivatePay, "private_pay", Ask, Block, Block;
    /// 他人信息: another buyer's number, phone or address.
    OtherBuyer, "other_buyer", Block, Block, Block;
    /// 拒开发票: refusing an invoice, or asking money for it.
    Invoice, "invoice", Ask, Block, Block;
    /// 利诱评价: paying for reviews.
    Review, "review", Ask, Block, Block;
    /// 诱导退款原因: telling the buyer which reason to state, or to confirm before it arrived.
    RefundReason, "refund_reason", Ask, Ask, Block;
    /// 拒绝退货: refusing what the law allows.
    ReturnRefused, "return_refused", Ask, Ask, Block;
    /// 本店禁语: the shop's own words.
    HouseWord, "house_word", Ask, Ask, Block;
}

impl RuleCode {
    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.word() == word)
    }

    /// Whether its words are often written in disguise, so that lookalikes count.
    pub(super) const fn looks_through_disguise(self) -> bool {
        matches!(self, Self::Contact | Self::PrivatePay | Self::HouseWord)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back_and_no_default_is_stricter_than_allowed() {
        for code in RuleCode::ALL {
            assert_eq!(RuleCode::parse(code.word()), Some(*code));
            for kind in [ShopKind::Own, ShopKind::Mall] {
                assert!(code.level(kind) <= code.level_max());
                assert_eq!(ShopKind::parse(kind.word()), Some(kind));
            }
        }
        for level in Level::ALL {
            assert_eq!(Level::parse(level.word()), Some(level));
        }
    }

    #[test]
    fn advertising_words_ask_and_never_block() {
        assert_eq!(RuleCode::AdLaw.level_max(), Level::Ask);
    }
}
