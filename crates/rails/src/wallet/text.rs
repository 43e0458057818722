//! Amounts and numbers as wallets write them. White space and digits are made regular by [`crate::text`].

use torana_domain::{Currency, Money};

pub(super) use crate::text::normalise;
use crate::text::ungrouped;

/// Exactly the taka of a text such as `Tk 1,250.00`, `Tk.20.00`, `BDT 1,00,000.00`, `500`, `Tk0`.
pub(super) fn amount(text: &str) -> Option<Money> {
    Money::parse(&plain_decimal(text)?, Currency::BDT).ok()
}

/// The same, but decimals beyond the paisa are cut off: for commissions, which no payment depends on.
pub(super) fn amount_rounded_down(text: &str) -> Option<Money> {
    let plain = plain_decimal(text)?;
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, "0"));
    let paisa: String = fraction.chars().take(2).collect();
    Money::parse(&format!("{whole}.{paisa}"), Currency::BDT).ok()
}

/// Digits with an optional point, without currency sign and grouping.
fn plain_decimal(text: &str) -> Option<String> {
    let digits_at = text.find(|c: char| c.is_ascii_digit() || c == ',')?;
    let (sign, number) = text.split_at_checked(digits_at)?;
    let whole = number.split_once('.').map_or(number, |(whole, _)| whole);
    // `Tk.50`: fifty taka, or fifty paisa without their zero? `Tk.00` is nothing either way.
    let is_ambiguous = sign.ends_with('.')
        && !number.contains('.')
        && whole.len() < 3
        && whole.bytes().any(|digit| digit != b'0');
    if is_ambiguous { None } else { ungrouped(number) }
}

/// A payer's number as people write it: without the country code.
pub(super) fn local_number(payer: &str) -> &str {
    let bare = payer.strip_prefix('+').unwrap_or(payer);
    match bare.strip_prefix("88") {
        Some(local) if local.len() == 11 && local.starts_with("01") => local,
        _ => payer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_exactly() {
        for (text, paisa) in [
            ("Tk 1,250.00", 125_000),
            ("Tk.20.00", 2_000),
            ("BDT 1,00,000.00", 10_000_000),
            ("1,000,000", 100_000_000),
            ("500", 50_000),
            ("Tk.00", 0),
            ("Tk0", 0),
            ("TK. 123894.00", 12_389_400),
            ("Tk. 50", 5_000),
            ("Tk 2520.0", 252_000),
            ("Tk: 300.00", 30_000),
            ("৳12.5", 1_250),
        ] {
            assert_eq!(amount(text), Some(Money::from_minor(paisa, Currency::BDT)), "{text}");
        }
    }

    #[test]
    fn what_is_not_an_amount_is_refused() {
        for text in
            ["", "Tk", "1,,000", ",100", "1,00", "1,0000", "1000,", "Tk.50", "1.001", "1,000,00"]
        {
            assert_eq!(amount(text), None, "{text}");
        }
    }

    #[test]
    fn commissions_may_have_four_decimals() {
        let paisa = |text| amount_rounded_down(text).map(Money::minor);
        assert_eq!(paisa("TK. 16.1343"), Some(1_613));
        assert_eq!(paisa("8.6"), Some(860));
        assert_eq!(paisa("8"), Some(800));
    }

    #[test]
    fn white_space_and_digits_become_regular() {
        assert_eq!(normalise(" Tk\u{a0}\u{a0}৫০০\r\nRef:  x "), "Tk 500 Ref: x");
    }

    #[test]
    fn look_alike_letters_stay_what_they_are() {
        assert_eq!(normalise("ΝΕΚΟ"), "ΝΕΚΟ");
    }
}
