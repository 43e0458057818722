//! Amounts as clients write them: `100`, `99.5`, `100.0`, `3394.00`, and `1.2345678E7` from Kotlin (provider §2.2).

use torana_domain::money::AmountError;
use torana_domain::{Currency, Money};

/// Longest text, and largest exponent, that is looked at.
const CHARS_MAX: usize = 40;
const EXPONENT_MAX: usize = 18;

/// Reads an amount, exactly.
pub(super) fn parse(text: &str, currency: Currency) -> Result<Money, AmountError> {
    Money::parse(&plain(text).ok_or(AmountError::NotDecimal)?, currency)
}

/// The same number without an exponent; none if it is no number. The text of a plain one is not checked.
pub(super) fn plain(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() > CHARS_MAX {
        return None;
    }
    let Some((digits, exponent)) = text.split_once(['e', 'E']) else {
        return Some(text.to_owned());
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let size = exponent.trim_start_matches(['+', '-']);
    if exponent.len() - size.len() > 1 || size.is_empty() || !is_digits(size) {
        return None;
    }
    let size = size.parse::<usize>().ok().filter(|size| *size <= EXPONENT_MAX)?;
    let digits = format!("{whole}{fraction}");
    // Where the point is, counted from the left of the digits with zeros around them.
    let padded = format!("{}{digits}{}", "0".repeat(EXPONENT_MAX + 1), "0".repeat(EXPONENT_MAX));
    let point = match exponent.starts_with('-') {
        true => (EXPONENT_MAX + 1 + whole.len()).checked_sub(size)?,
        false => EXPONENT_MAX + 1 + whole.len() + size,
    };
    let (whole, fraction) = padded.split_at_checked(point)?;
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_clients_way_is_read_exactly() {
        for (text, minor) in [
            ("100", 10_000),
            ("99.5", 9_950),
            ("100.0", 10_000),
            ("3394.00", 339_400),
            ("1.2345678E7", 1_234_567_800),
            ("1.0E7", 1_000_000_000),
            ("1e2", 10_000),
            ("1E+2", 10_000),
            ("12345e-2", 12_345),
            (" 5 ", 500),
        ] {
            assert_eq!(
                parse(text, Currency::BDT),
                Ok(Money::from_minor(minor, Currency::BDT)),
                "{text}"
            );
        }
        for text in
            ["", "e", "1e", "e5", "1e99", "1e-+2", "1,000", "-5", "0x10", "NaN", "1.2.3e4", "১০০"]
        {
            assert_eq!(parse(text, Currency::BDT), Err(AmountError::NotDecimal), "{text}");
        }
        assert_eq!(parse("1e-3", Currency::BDT), Err(AmountError::TooPrecise));
        assert_eq!(parse("1e18", Currency::BDT), Err(AmountError::OutOfRange));
    }

    proptest! {
        #[test]
        fn an_exponent_changes_nothing(minor in 0_i64..100_000_000_000_000) {
            let money = Money::from_minor(minor, Currency::BDT);
            prop_assert_eq!(parse(&format!("{minor}e-2"), Currency::BDT), Ok(money));
            prop_assert_eq!(parse(&money.to_string(), Currency::BDT), Ok(money));
        }

        #[test]
        fn no_text_panics(text in ".{0,50}|[0-9.eE+-]{0,40}") {
            let _ = parse(&text, Currency::BDT);
        }
    }
}
