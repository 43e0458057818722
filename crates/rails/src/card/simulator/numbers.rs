//! The numbers that India's network gives, in its formats. All are made of the name of an operation and of the time.

use jiff::civil::DateTime;
use sha2::{Digest as _, Sha256};
use torana_domain::Timestamp;

use crate::upi::ist;
use torana_domain::card::{Flow, OperationId};

/// Seventeen digits: more than any number that is a name of ours.
const COUNTER: u64 = 100_000_000_000_000_000;
/// Numbers of names that are none begin here: longer than any number that is a name.
const HASHED_FROM: u64 = 1_000_000_000_000_000_000;
/// With those before them they fit a signed integer of eight bytes, as databases store them.
const HASHED: u64 = 8 * HASHED_FROM;

/// The network's number of an operation: its name, where that is a number below 10^18 and written as one is, so that no two
/// operations share one whose names do not; else a hash of it, so that it can be found by its name all the same.
pub fn number_of(operation: &OperationId) -> u64 {
    let name = operation.as_str();
    match number_of_name(name) {
        Some(number) if number < HASHED_FROM => number,
        _ => {
            let hash = Sha256::digest(name.as_bytes());
            let hash = hash.iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
            HASHED_FROM + hash % HASHED
        }
    }
}

/// The number that the network's own name of a thing is. Its names are written without leading zeros.
pub(super) fn number_of_name(name: &str) -> Option<u64> {
    name.parse().ok().filter(|number: &u64| number.to_string() == name)
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

/// The network's number over all its systems: 30 digits with the way of authentication, the day in India and the number of
/// the authentication, so that no two are alike.
pub fn scheme_transaction(at: Timestamp, flow: Flow, number: u64) -> String {
    let civil = civil(at);
    let way = match flow {
        Flow::Redirect => 1,
        Flow::Seamless => 2,
    };
    let (year, month, day) = (civil.year(), civil.month(), civil.day());
    format!("1001{way}{year:04}{month:02}{day:02}{:017}", number % COUNTER)
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
    fn an_operation_has_the_number_that_is_its_name() {
        let number = |name: &str| number_of(&name.parse().unwrap());
        assert_eq!(number("123456789012345"), 123_456_789_012_345);
        let others = ["7", "07", "sale-1", "sale-2", "1000000000000000007", "99999999999999999999"];
        let numbers: std::collections::BTreeSet<_> =
            others.iter().map(|name| number(name)).collect();
        assert_eq!(numbers.len(), others.len());
        assert_eq!(numbers.iter().filter(|number| **number < HASHED_FROM).count(), 1);
        assert!(numbers.iter().all(|number| i64::try_from(*number).is_ok()));
    }

    #[test]
    fn no_two_authentications_of_a_moment_share_a_scheme_transaction() {
        let of = |number| scheme_transaction(at("2023-06-01T14:56:01Z"), Flow::Redirect, number);
        assert_ne!(of(100_000_000_222_157), of(100_000_001_222_157));
    }

    #[test]
    fn days_are_indias() {
        assert!(is_same_day(at("2023-06-01T18:29:59Z"), at("2023-05-31T18:30:00Z")));
        assert!(!is_same_day(at("2023-06-01T18:29:59Z"), at("2023-06-01T18:30:00Z")));
    }

    proptest! {
        #[test]
        fn lengths_are_fixed(ms in 0_i64..4_000_000_000_000, number: u64) {
            let at = Timestamp::from_ms(ms);
            prop_assert_eq!(reference_number(at, number).len(), 12);
            prop_assert_eq!(authorisation_code(at).len(), 6);
            prop_assert_eq!(scheme_transaction(at, Flow::Redirect, number).len(), 30);
        }

        #[test]
        fn no_time_panics(ms: i64, random: u64) {
            let at = Timestamp::from_ms(ms);
            let _ = (reference_number(at, random), authorisation_code(at), is_same_day(at, at));
        }
    }
}
