//! The numbers that India's network gives, in its formats. Deterministic: time and `random` choose.

use jiff::civil::DateTime;
use torana_domain::Timestamp;

use crate::upi::ist;
use torana_domain::card::Flow;

/// Networks number what they see with eleven digits, of which the first two have long been these.
const FIRST_NUMBER: u64 = 84_000_000_000;
const NUMBERS: u64 = 1_000_000_000;

/// A number for an authentication or a transaction: eleven digits, the first that is free from where
/// `random` points to.
pub(super) fn number(random: u64, is_free: impl Fn(u64) -> bool) -> u64 {
    let from = random % NUMBERS;
    let numbers = (0..NUMBERS).map(|step| FIRST_NUMBER + (from + step) % NUMBERS);
    // There are many more numbers than records.
    numbers.into_iter().find(|number| is_free(*number)).unwrap_or(FIRST_NUMBER + from)
}

/// The retrieval reference number, data element 37: the year's last digit, the day of the year and the hour,
/// in India, then the last six digits of the authentication's number.
pub fn reference_number(at: Timestamp, number: u64) -> String {
    let civil = civil(at);
    let (year, day, hour) = (civil.year().rem_euclid(10), civil.day_of_year(), civil.hour());
    format!("{year}{day:03}{hour:02}{:06}", number % 1_000_000)
}

/// The issuer's code, data element 38: the time of day in India.
pub fn authorisation_code(at: Timestamp) -> String {
    let civil = civil(at);
    format!("{:02}{:02}{:02}", civil.hour(), civil.minute(), civil.second())
}

/// The network's number over all its systems: 30 digits with the way of authentication and the day in India.
pub fn scheme_transaction(at: Timestamp, flow: Flow, number: u64) -> String {
    let civil = civil(at);
    let way = match flow {
        Flow::Redirect => 1,
        Flow::Seamless => 2,
    };
    let (year, month, day) = (civil.year(), civil.month(), civil.day());
    format!("1001{way}{year:04}{month:02}{day:02}{:017}", number % 100_000_000_000_000_000)
}

/// Whether both times are on one day in India; what can be voided is of the same day.
pub(super) fn is_same_day(one: Timestamp, other: Timestamp) -> bool {
    civil(one).date() == civil(other).date()
}

fn civil(at: Timestamp) -> DateTime {
    ist::civil(at).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        let instant: jiff::Timestamp = text.parse().unwrap();
        Timestamp::from_ms(instant.as_millisecond())
    }

    #[test]
    fn published_numbers_are_ours() {
        let redirect = at("2023-06-01T14:56:01+05:30");
        assert_eq!(reference_number(redirect, 84_439_384_258), "315214384258");
        assert_eq!(authorisation_code(redirect), "145601");
        let number = scheme_transaction(redirect, Flow::Redirect, 222_157);
        assert_eq!(number, "100112023060100000000000222157");
        let seamless = at("2023-07-11T09:39:06+05:30");
        assert_eq!(reference_number(seamless, 84_443_535_451), "319209535451");
        assert_eq!(authorisation_code(seamless), "093906");
        let number = scheme_transaction(seamless, Flow::Seamless, 230_184);
        assert_eq!(number, "100122023071100000000000230184");
    }

    #[test]
    fn a_taken_number_is_passed_over() {
        assert_eq!(number(5, |_| true), 84_000_000_005);
        assert_eq!(number(NUMBERS - 1, |number| number < 84_900_000_000), 84_000_000_000);
    }

    #[test]
    fn days_are_indias() {
        assert!(is_same_day(at("2023-06-01T18:29:59Z"), at("2023-05-31T18:30:00Z")));
        assert!(!is_same_day(at("2023-06-01T18:29:59Z"), at("2023-06-01T18:30:00Z")));
    }

    proptest! {
        #[test]
        fn lengths_are_fixed(ms in 0_i64..4_000_000_000_000, random: u64) {
            let at = Timestamp::from_ms(ms);
            let number = number(random, |_| true);
            prop_assert_eq!(number.to_string().len(), 11);
            prop_assert_eq!(reference_number(at, number).len(), 12);
            prop_assert_eq!(authorisation_code(at).len(), 6);
            prop_assert_eq!(scheme_transaction(at, Flow::Redirect, random).len(), 30);
        }

        #[test]
        fn no_time_panics(ms: i64, random: u64) {
            let at = Timestamp::from_ms(ms);
            let _ = (reference_number(at, random), authorisation_code(at), is_same_day(at, at));
        }
    }
}
