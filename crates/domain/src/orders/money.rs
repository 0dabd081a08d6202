//! Money as whole minor units, and prices as the exact decimals that a source wrote. Never a floating point number.

use std::fmt;

/// Most digits before the point of a price.
const WHOLE_DIGITS_MAX: usize = 12;
/// Most digits behind the point of a price.
const DECIMALS_MAX: usize = 6;

/// Why a text is no currency, price or amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not three capital letters.
    #[error("a currency is three capital letters")]
    Currency,
    /// Not a plain decimal of at most 12 digits before and 6 behind the point.
    #[error("a price is a plain decimal")]
    Price,
    /// Beyond 64 bits of minor units.
    #[error("the amount is too great")]
    TooGreat,
}

/// An ISO 4217 code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Three capital letters.
    pub fn parse(text: &str) -> Result<Self, MoneyError> {
        let letters: [u8; 3] = text.as_bytes().try_into().map_err(|_| MoneyError::Currency)?;
        match letters.iter().all(u8::is_ascii_uppercase) {
            true => Ok(Self(letters)),
            false => Err(MoneyError::Currency),
        }
    }

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("parsed from ASCII letters")
    }

    /// Digits of its minor unit: 2, except for the currencies that ISO 4217 lists with 0, 3 or 4.
    #[must_use]
    pub const fn minor_digits(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG"
            | b"RWF" | b"UGX" | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            b"CLF" | b"UYW" => 4,
            _ => 2,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount of one currency, in its minor unit (fen, pence).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// So many minor units.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// Of which currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }
}

/// The price of one piece, with exactly the digits its source gave: `0.001` stays `0.001`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UnitPrice {
    digits: i64,
    decimals: u32,
}

impl UnitPrice {
    /// Reads `12`, `12.5`, `-0.001`: no sign but minus, no exponent, no grouping.
    pub fn parse(text: &str) -> Result<Self, MoneyError> {
        let (is_negative, plain) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, part) = plain.split_once('.').unwrap_or((plain, "0"));
        let fits = (1..=WHOLE_DIGITS_MAX).contains(&whole.len())
            && (1..=DECIMALS_MAX).contains(&part.len());
        if !fits || !whole.bytes().chain(part.bytes()).all(|b| b.is_ascii_digit()) {
            return Err(MoneyError::Price);
        }
        let part = if plain.contains('.') { part } else { "" };
        let digits = whole.bytes().chain(part.bytes());
        let digits = digits.fold(0_i64, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        let decimals = part.len().try_into().map_err(|_| MoneyError::Price)?;
        Ok(Self { digits: if is_negative { -digits } else { digits }, decimals })
    }

    /// The price of a piece where a source gives only the amount of several: to the minor unit, and where that does not
    /// divide evenly to at most six digits behind the point.
    #[must_use]
    pub fn of_each(amount: i64, quantity: i64, currency: Currency) -> Self {
        let most = u32::try_from(DECIMALS_MAX).unwrap_or(6).max(currency.minor_digits());
        let spread = 10_i128.pow(most - currency.minor_digits());
        let exact = divide_half_even(i128::from(amount) * spread, i128::from(quantity.max(1)));
        let mut price = Self { digits: i64::try_from(exact).unwrap_or(i64::MAX), decimals: most };
        while price.decimals > currency.minor_digits() && price.digits % 10 == 0 {
            price.digits /= 10;
            price.decimals -= 1;
        }
        price
    }

    /// Reads as: it is given away.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.digits == 0
    }

    /// Reads as: below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.digits < 0
    }

    /// Quantity × price in minor units. Where digits are left over, it is rounded once, here, to the nearest
    /// minor unit and from the exact middle to the even one.
    pub fn amount(self, quantity: i64, currency: Currency) -> Result<i64, MoneyError> {
        let exact = i128::from(self.digits) * i128::from(quantity);
        let exact = exact * 10_i128.pow(currency.minor_digits());
        let minor = divide_half_even(exact, 10_i128.pow(self.decimals));
        i64::try_from(minor).map_err(|_| MoneyError::TooGreat)
    }

    /// Reads as: whole minor units of `currency` say all of it.
    #[must_use]
    pub fn fits_minor(self, currency: Currency) -> bool {
        let spare = self.decimals.saturating_sub(currency.minor_digits());
        self.digits % 10_i64.pow(spare) == 0
    }
}

impl fmt::Display for UnitPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.digits < 0 { "-" } else { "" };
        let one = 10_u64.pow(self.decimals);
        let (whole, part) = (self.digits.unsigned_abs() / one, self.digits.unsigned_abs() % one);
        match self.decimals {
            0 => write!(f, "{sign}{whole}"),
            width => write!(f, "{sign}{whole}.{part:0width$}", width = width as usize),
        }
    }
}

fn divide_half_even(value: i128, by: i128) -> i128 {
    let (quotient, rest) = (value.div_euclid(by), value.rem_euclid(by));
    match (rest * 2).cmp(&by) {
        std::cmp::Ordering::Less => quotient,
        std::cmp::Ordering::Greater => quotient + 1,
        std::cmp::Ordering::Equal => quotient + quotient.rem_euclid(2),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn gbp() -> Currency {
        Currency::parse("GBP").unwrap()
    }

    fn amount(price: &str, quantity: i64) -> i64 {
        UnitPrice::parse(price).unwrap().amount(quantity, gbp()).unwrap()
    }

    #[test]
    fn amounts_are_exact_to_the_minor_unit() {
        assert_eq!(amount("2.55", 6), 1530);
        assert_eq!(amount("27.5", -1), -2750);
        assert_eq!(amount("3", 7), 2100);
        assert_eq!(amount("11062.06", 1), 1_106_206);
    }

    #[test]
    fn what_minor_units_cannot_hold_is_rounded_half_even() {
        assert_eq!(amount("0.001", 1), 0);
        assert_eq!(amount("0.005", 1), 0);
        assert_eq!(amount("0.015", 1), 2);
        assert_eq!(amount("0.025", -1), -2);
        assert_eq!(amount("0.001", 6), 1);
        assert_eq!(amount("0.001", 1000), 100);
    }

    #[test]
    fn a_currency_without_minor_unit_counts_whole_ones() {
        let yen = Currency::parse("JPY").unwrap();
        assert_eq!(UnitPrice::parse("120").unwrap().amount(3, yen), Ok(360));
        assert!(!UnitPrice::parse("0.5").unwrap().fits_minor(yen));
    }

    #[test]
    fn only_plain_decimals_are_prices() {
        for bad in
            ["", ".", "1.", ".5", "1e3", "+1", "1,5", " 1", "--1", "1.1.1", "0.0000001", "£1"]
        {
            assert_eq!(UnitPrice::parse(bad), Err(MoneyError::Price), "{bad}");
        }
    }

    #[test]
    fn only_three_capitals_are_a_currency() {
        for bad in ["", "gbp", "GB", "GBPX", "£££"] {
            assert!(Currency::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_amount_beyond_64_bits_is_refused() {
        let price = UnitPrice::parse("999999999999.99").unwrap();
        assert_eq!(price.amount(i64::MAX, gbp()), Err(MoneyError::TooGreat));
    }

    proptest! {
        #[test]
        fn a_price_reads_back_from_its_text(digits in -1_000_000_i64..1_000_000, decimals in 0_u32..=6) {
            let price = UnitPrice { digits, decimals };
            prop_assert_eq!(UnitPrice::parse(&price.to_string()), Ok(price));
        }

        #[test]
        fn two_decimals_never_need_rounding(digits in -1_000_000_i64..1_000_000, quantity in -9_999_i64..9_999) {
            let price = UnitPrice { digits, decimals: 2 };
            prop_assert!(price.fits_minor(gbp()));
            prop_assert_eq!(price.amount(quantity, gbp()), Ok(digits * quantity));
        }
    }
}
