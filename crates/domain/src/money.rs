//! Money: an integer of minor units with its ISO 4217 currency. Decimal text goes in and out exactly,
//! and what does not fit is an error, never a rounding.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// An ISO 4217 currency that has minor units (funds codes and metals without an exponent are refused).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// Bangladeshi taka, two decimals.
    pub const BDT: Self = Self(iso_currency::Currency::BDT);
    /// Indian rupee, two decimals.
    pub const INR: Self = Self(iso_currency::Currency::INR);
    /// Euro, two decimals.
    pub const EUR: Self = Self(iso_currency::Currency::EUR);

    /// The three-letter code in upper case, such as `BDT`.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many decimal digits the minor unit has: 2 for BDT, 0 for JPY, 3 for BHD.
    pub fn exponent(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }

    /// The sign that people write, such as `৳`; the generic `¤` where there is none.
    pub fn symbol(self) -> String {
        self.0.symbol().to_string()
    }
}

impl FromStr for Currency {
    type Err = AmountError;

    /// Accepts the alphabetic code in either case.
    fn from_str(code: &str) -> Result<Self, AmountError> {
        let currency = iso_currency::Currency::from_code(&code.to_ascii_uppercase())
            .filter(|currency| currency.exponent().is_some())
            .ok_or(AmountError::UnknownCurrency)?;
        Ok(Self(currency))
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        code.parse().map_err(serde::de::Error::custom)
    }
}

/// Why a text or a sum is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AmountError {
    /// The text is not a plain decimal number: empty, a sign, an exponent, a stray character.
    #[error("not a decimal number")]
    NotDecimal,
    /// More significant decimals than the currency has minor digits.
    #[error("more decimals than the currency has")]
    TooPrecise,
    /// The value does not fit into 64 bits of minor units.
    #[error("amount out of range")]
    OutOfRange,
    /// The two amounts have different currencies.
    #[error("amounts in different currencies")]
    CurrencyMismatch,
    /// The code is not an ISO 4217 currency with minor units.
    #[error("unknown currency")]
    UnknownCurrency,
}

impl AmountError {
    /// A stable code for logs and machine-readable errors.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotDecimal => "amount_not_decimal",
            Self::TooPrecise => "amount_too_precise",
            Self::OutOfRange => "amount_out_of_range",
            Self::CurrencyMismatch => "currency_mismatch",
            Self::UnknownCurrency => "currency_unknown",
        }
    }
}

/// An amount of money: minor units (paisa, cent, stotinka) of a currency. May be negative in the ledger.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// `minor` minor units of `currency`.
    pub const fn from_minor(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in `currency`.
    pub const fn zero(currency: Currency) -> Self {
        Self::from_minor(0, currency)
    }

    /// Reads unsigned decimal text such as `10`, `10.5`, `0900.000`: digits, then optionally a point and
    /// digits. Zeros beyond the currency's decimals are accepted, other digits there are
    /// [`AmountError::TooPrecise`]. No sign, exponent, grouping or white space.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, AmountError> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let point_without_digits = text.contains('.') && fraction.is_empty();
        if whole.is_empty() || point_without_digits || !is_digits(whole) || !is_digits(fraction) {
            return Err(AmountError::NotDecimal);
        }
        let exponent = currency.exponent() as usize;
        let kept = fraction.len().min(exponent);
        let (significant, beyond) = fraction.split_at(kept);
        if beyond.bytes().any(|byte| byte != b'0') {
            return Err(AmountError::TooPrecise);
        }
        let padding = std::iter::repeat_n(b'0', exponent - kept);
        let minor = whole
            .bytes()
            .chain(significant.bytes())
            .chain(padding)
            .try_fold(0_i64, |sum, digit| sum.checked_mul(10)?.checked_add(i64::from(digit - b'0')))
            .ok_or(AmountError::OutOfRange)?;
        Ok(Self { minor, currency })
    }

    /// The minor units.
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether this is more than zero.
    pub const fn is_positive(self) -> bool {
        self.minor > 0
    }

    /// The sum, if both have one currency and it fits.
    pub fn checked_add(self, other: Self) -> Result<Self, AmountError> {
        self.combine(other, i64::checked_add)
    }

    /// The difference, if both have one currency and it fits.
    pub fn checked_sub(self, other: Self) -> Result<Self, AmountError> {
        self.combine(other, i64::checked_sub)
    }

    /// The same amount with the opposite sign.
    pub fn negated(self) -> Result<Self, AmountError> {
        Self::zero(self.currency).checked_sub(self)
    }

    fn combine(self, other: Self, op: fn(i64, i64) -> Option<i64>) -> Result<Self, AmountError> {
        if self.currency != other.currency {
            return Err(AmountError::CurrencyMismatch);
        }
        let minor = op(self.minor, other.minor).ok_or(AmountError::OutOfRange)?;
        Ok(Self { minor, currency: self.currency })
    }

    /// Decimal text with exactly `decimals` digits after the point, for APIs that fix their number
    /// (`900.000`). Where the currency has more digits than that, the currency's own number is kept:
    /// nothing is ever cut off.
    pub fn to_decimal(self, decimals: u32) -> String {
        let exponent = self.currency.exponent();
        let unit = 10_u64.pow(exponent);
        let sign = if self.minor < 0 { "-" } else { "" };
        let magnitude = self.minor.unsigned_abs();
        let (whole, fraction) = (magnitude / unit, magnitude % unit);
        let width = decimals.max(exponent) as usize;
        if width == 0 {
            return format!("{sign}{whole}");
        }
        let digits = if exponent == 0 {
            String::new()
        } else {
            format!("{fraction:0exponent$}", exponent = exponent as usize)
        };
        format!("{sign}{whole}.{digits:0<width$}")
    }

    /// The shortest decimal text: `12`, `12.5`, `12.05`.
    pub fn to_shortest(self) -> String {
        let text = self.to_decimal(0);
        match text.contains('.') {
            true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
            false => text,
        }
    }
}

/// With the currency's own decimals, without the currency: `12.50`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_decimal(0))
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self, self.currency)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bdt(text: &str) -> Result<Money, AmountError> {
        Money::parse(text, Currency::BDT)
    }

    #[test]
    fn decimal_text_is_read_exactly() {
        assert_eq!(bdt("10").unwrap().minor(), 1000);
        assert_eq!(bdt("10.5").unwrap().minor(), 1050);
        assert_eq!(bdt("0900.000").unwrap().minor(), 90_000);
        assert_eq!(bdt("0.01").unwrap().minor(), 1);
        assert_eq!(Money::parse("7.005", "BHD".parse().unwrap()).unwrap().minor(), 7005);
        assert_eq!(Money::parse("7.0", "JPY".parse().unwrap()).unwrap().minor(), 7);
    }

    #[test]
    fn what_is_not_an_amount_is_refused() {
        for text in
            ["", ".", "1.", ".5", "+1", "-1", "1e3", "1,000", " 1", "NaN", "১০", "1.2.3", "0x1"]
        {
            assert_eq!(bdt(text), Err(AmountError::NotDecimal), "{text:?}");
        }
        assert_eq!(bdt("1.001"), Err(AmountError::TooPrecise));
        assert_eq!(bdt("92233720368547758.08"), Err(AmountError::OutOfRange));
        assert_eq!("XAU".parse::<Currency>(), Err(AmountError::UnknownCurrency));
        assert_eq!("TAKA".parse::<Currency>(), Err(AmountError::UnknownCurrency));
    }

    #[test]
    fn amounts_print_in_every_width() {
        let amount = bdt("900").unwrap();
        assert_eq!(amount.to_string(), "900.00");
        assert_eq!(amount.to_decimal(3), "900.000");
        assert_eq!(amount.to_shortest(), "900");
        assert_eq!(bdt("12.50").unwrap().to_shortest(), "12.5");
        let yen = Money::from_minor(7, "JPY".parse().unwrap());
        assert_eq!((yen.to_string(), yen.to_decimal(2)), ("7".into(), "7.00".into()));
        assert_eq!(Money::from_minor(-5, Currency::BDT).to_string(), "-0.05");
    }

    #[test]
    fn currencies_never_mix() {
        let taka = bdt("1").unwrap();
        let rupee = Money::parse("1", Currency::INR).unwrap();
        assert_eq!(taka.checked_add(rupee), Err(AmountError::CurrencyMismatch));
    }

    proptest! {
        #[test]
        fn printing_and_reading_give_the_same_amount(minor in 0_i64.., decimals in 0_u32..6) {
            for code in ["BDT", "JPY", "BHD"] {
                let amount = Money::from_minor(minor, code.parse().unwrap());
                prop_assert_eq!(Money::parse(&amount.to_decimal(decimals), amount.currency()), Ok(amount));
                prop_assert_eq!(Money::parse(&amount.to_shortest(), amount.currency()), Ok(amount));
            }
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = bdt(&text);
        }
    }
}
