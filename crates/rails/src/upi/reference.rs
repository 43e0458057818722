//! The order reference (`tr`) of a payment, which is the payment's number in other digits: nothing has to
//! be stored to find the payment that a link or a bank's narration names.
//!
//! `P`, twelve digits of the creation in India (`yymmddHHMMSS`), its milliseconds, the seven digits of the
//! number's random bits, and three check digits: 26 characters, which every bank's field holds. The check
//! digits find every single wrong digit and every two that changed places.

use jiff::civil::DateTime;
use torana_domain::ids::PaymentNumber;

use super::ist;

/// What the check digits are a remainder of: a prime, so that no single slip goes unseen.
const CHECK_MODULUS: u64 = 997;
const RANDOM_BITS: u32 = 21;
/// Two digits of a year are of this century, from the first year that has payment numbers.
const YEARS: std::ops::RangeInclusive<i16> = 2020..=2099;

/// The reference of a payment; `None` only for one created after 2099.
pub fn reference_of(number: PaymentNumber) -> Option<String> {
    let created = number.created_at();
    let civil = ist::civil(created).filter(|civil| YEARS.contains(&civil.year()))?;
    let digits = format!(
        "{:02}{:02}{:02}{:02}{:02}{:02}{:03}{:07}",
        civil.year() - 2000,
        civil.month(),
        civil.day(),
        civil.hour(),
        civil.minute(),
        civil.second(),
        created.as_ms().rem_euclid(1000),
        number.random_bits(),
    );
    Some(format!("P{digits}{:03}", check(&digits)))
}

/// The payment that a reference names; `None` for whatever [`reference_of`] does not write. The letter
/// may be of either case, since banks change it.
pub fn number_of(reference: &str) -> Option<PaymentNumber> {
    let digits = reference.strip_prefix(['P', 'p'])?;
    if digits.len() != 25 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (digits, given) = digits.split_at_checked(22)?;
    if given.parse() != Ok(check(digits)) {
        return None;
    }
    let pair = |at: usize| digits.get(at..at + 2)?.parse::<i8>().ok();
    let ms: i32 = digits.get(12..15)?.parse().ok()?;
    let random: u64 = digits.get(15..22)?.parse().ok()?;
    let year = 2000 + i16::from(pair(0)?);
    let civil =
        DateTime::new(year, pair(2)?, pair(4)?, pair(6)?, pair(8)?, pair(10)?, ms * 1_000_000)
            .ok()?;
    if random >= 1 << RANDOM_BITS {
        return None;
    }
    let number = PaymentNumber::new(ist::timestamp(civil)?, random);
    // A time before the first number would have been moved.
    let is_exact = reference_of(number).is_some_and(|own| own.eq_ignore_ascii_case(reference));
    is_exact.then_some(number)
}

fn check(digits: &str) -> u64 {
    let digits = digits.bytes().map(|digit| u64::from(digit.wrapping_sub(b'0')));
    digits.fold(0, |sum, digit| (sum * 10 + digit) % CHECK_MODULUS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use torana_domain::Timestamp;

    use super::*;

    /// 2020-01-01 and 2100-01-01, in India the first moment of it.
    const MS: std::ops::Range<i64> = 1_577_836_800_000..4_102_444_800_000 - 19_800_000;

    proptest! {
        #[test]
        fn a_reference_names_its_payment(ms in MS, random: u64) {
            let number = PaymentNumber::new(Timestamp::from_ms(ms), random);
            let reference = reference_of(number).unwrap();
            prop_assert_eq!(reference.len(), 26);
            prop_assert_eq!(number_of(&reference), Some(number));
            prop_assert_eq!(number_of(&reference.to_lowercase()), Some(number));
        }

        #[test]
        fn a_slip_names_no_payment(ms in MS, random: u64, at in 1_usize..26, by in 1_u8..10) {
            let number = PaymentNumber::new(Timestamp::from_ms(ms), random);
            let mut bytes = reference_of(number).unwrap().into_bytes();
            bytes[at] = b'0' + (bytes[at] - b'0' + by) % 10;
            prop_assert_eq!(number_of(std::str::from_utf8(&bytes).unwrap()), None);
        }

        #[test]
        fn swapped_neighbours_name_no_payment(ms in MS, random: u64, at in 1_usize..25) {
            let number = PaymentNumber::new(Timestamp::from_ms(ms), random);
            let mut bytes = reference_of(number).unwrap().into_bytes();
            prop_assume!(bytes[at] != bytes[at + 1]);
            bytes.swap(at, at + 1);
            prop_assert_eq!(number_of(std::str::from_utf8(&bytes).unwrap()), None);
        }

        #[test]
        fn what_is_read_is_what_would_be_written(text in "[Pp][0-9]{25}|\\PC{0,40}") {
            if let Some(number) = number_of(&text) {
                prop_assert!(reference_of(number).unwrap().eq_ignore_ascii_case(&text));
            }
        }
    }

    #[test]
    fn a_reference_of_another_system_is_nobodys() {
        assert_eq!(number_of("P2507091516031510800705062"), None);
        assert_eq!(number_of("P"), None);
        assert_eq!(reference_of(PaymentNumber::from_i64(i64::MAX).unwrap()), None);
    }

    #[test]
    fn a_reference_begins_with_the_time_in_india() {
        let number = PaymentNumber::new(Timestamp::from_ms(1_762_322_820_042), 5);
        assert!(reference_of(number).unwrap().starts_with("P2511051137000420000005"));
    }
}
