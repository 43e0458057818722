//! Until when a card is good: a month, with all of its days.

use std::fmt;

use crate::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use thiserror::Error;
use zeroize::Zeroizing;

/// A month ends last twelve hours behind UTC. A card is refused here when its month is over for everybody:
/// the issuer knows better, and a good card that is turned away is a sale that is lost.
const LAST_MONTH_END_MS: i64 = 12 * 60 * 60 * 1000;
const CENTURY: i16 = 2000;
const TYPED_BYTES_MAX: usize = 16;

/// The last month in which a card is good. It does not print: logs show BIN and last four, and no more.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Expiry {
    year: i16,
    month: i8,
}

/// Why a text is no month of expiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ExpiryError {
    /// Not a month and a year.
    #[error("an expiry is a month and a year")]
    NotDigits,
    /// No month has that number.
    #[error("the month must be from 01 to 12")]
    NoSuchMonth,
}

impl ExpiryError {
    /// A stable code for logs and machines.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotDigits => "card_expiry_not_digits",
            Self::NoSuchMonth => "card_expiry_no_such_month",
        }
    }
}

impl Expiry {
    /// From the two fields of an API: the month with one digit or two; the year with two, meant in this
    /// century, or with four, of this century.
    pub fn parse(month: &str, year: &str) -> Result<Self, ExpiryError> {
        let number = |text: &str| -> Option<i16> {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse().ok()).flatten()
        };
        let month_number = number(month).filter(|_| month.len() <= 2);
        let year_number = number(year).and_then(|number| match year.len() {
            2 => Some(CENTURY + number),
            4 => (CENTURY..CENTURY + 100).contains(&number).then_some(number),
            _ => None,
        });
        let (Some(month), Some(year)) = (month_number, year_number) else {
            return Err(ExpiryError::NotDigits);
        };
        let month = i8::try_from(month).map_err(|_| ExpiryError::NoSuchMonth)?;
        if !(1..=12).contains(&month) {
            return Err(ExpiryError::NoSuchMonth);
        }
        Ok(Self { year, month })
    }

    /// From the one field of a page: `12/26`, `12/2026`, `12-26`, `1226`, `12 / 26`.
    pub fn typed(text: &str) -> Result<Self, ExpiryError> {
        if text.len() > TYPED_BYTES_MAX {
            return Err(ExpiryError::NotDigits);
        }
        // Room for all of it at once: a buffer that grows leaves its old bytes behind.
        let mut plain = Zeroizing::new(String::with_capacity(TYPED_BYTES_MAX));
        plain.extend(text.chars().filter(|sign| !sign.is_whitespace()));
        let fields = plain.split_once(['/', '-']).or_else(|| plain.split_at_checked(2));
        let (month, year) = fields.ok_or(ExpiryError::NotDigits)?;
        Self::parse(month, year)
    }

    /// `02`.
    pub fn month(self) -> String {
        format!("{:02}", self.month)
    }

    /// `26`, as requests write it.
    pub fn short_year(self) -> String {
        format!("{:02}", self.year - CENTURY)
    }

    /// `2026`, as answers write it.
    pub fn year(self) -> String {
        self.year.to_string()
    }

    /// Whether the month had ended everywhere on earth.
    pub fn is_over(self, now: Timestamp) -> bool {
        let (year, month) =
            if self.month == 12 { (self.year + 1, 1) } else { (self.year, self.month + 1) };
        let next = Date::new(year, month, 1).and_then(|day| Offset::UTC.to_timestamp(day.into()));
        // Every month of this century and the one after is on the calendar.
        let Ok(next) = next else { return true };
        now.ms_since(Timestamp::from_ms(next.as_millisecond())) >= LAST_MONTH_END_MS
    }
}

impl fmt::Debug for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Expiry(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn utc(text: &str) -> Timestamp {
        let instant: jiff::Timestamp = text.parse().unwrap();
        Timestamp::from_ms(instant.as_millisecond())
    }

    #[test]
    fn both_lengths_of_a_year_are_read() {
        let expiry = Expiry::parse("2", "25").unwrap();
        assert_eq!(Ok(expiry), Expiry::parse("02", "2025"));
        assert_eq!(
            (expiry.month(), expiry.short_year(), expiry.year()),
            ("02".to_owned(), "25".to_owned(), "2025".to_owned())
        );
        for text in ["02/25", "02/2025", "02-25", "0225", " 02 / 25 ", "022025", "2/25"] {
            assert_eq!(Expiry::typed(text), Ok(expiry), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_months() {
        for (month, year) in [
            ("", ""),
            ("02", ""),
            ("02", "5"),
            ("02", "025"),
            ("+2", "25"),
            ("002", "25"),
            ("02", "1925"),
        ] {
            assert_eq!(Expiry::parse(month, year), Err(ExpiryError::NotDigits), "{month}/{year}");
        }
        for month in ["00", "13", "99"] {
            assert_eq!(Expiry::parse(month, "25"), Err(ExpiryError::NoSuchMonth), "{month}");
        }
        for text in ["", "2", "/", "02//25", "०२/२५", "é2/25", "02/25 02/25 02/25"] {
            assert!(Expiry::typed(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_card_is_good_until_its_month_ends_everywhere() {
        let expiry = Expiry::parse("02", "28").unwrap();
        assert!(!expiry.is_over(utc("2028-02-29T23:59:59Z")));
        assert!(!expiry.is_over(utc("2028-03-01T11:59:59.999Z")));
        assert!(expiry.is_over(utc("2028-03-01T12:00:00Z")));
        let december = Expiry::parse("12", "99").unwrap();
        assert!(!december.is_over(utc("2100-01-01T11:00:00Z")));
        assert!(december.is_over(utc("2100-01-01T12:00:00Z")));
    }

    proptest! {
        #[test]
        fn once_over_stays_over(month in 1_i8..=12, year in 0_i16..100, ms in 0_i64..5_000_000_000_000, later in 0_i64..5_000_000_000_000) {
            let expiry = Expiry::parse(&month.to_string(), &format!("{year:02}")).unwrap();
            let now = Timestamp::from_ms(ms);
            prop_assert!(!expiry.is_over(now) || expiry.is_over(now.plus_ms(later)));
            prop_assert_eq!(Expiry::parse(&expiry.month(), &expiry.year()), Ok(expiry));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,20}", other in "\\PC{0,6}") {
            let _ = (Expiry::typed(&text), Expiry::parse(&text, &other));
        }
    }
}
