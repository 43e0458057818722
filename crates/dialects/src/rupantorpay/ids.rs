//! `transaction_id`: six of `[0-9A-Z]`, then the last six digits of the Unix time of creation (provider §2.4), such
//! as the seed's `OVKPXW165414`.
//!
//! It is printed from the [`PaymentNumber`] and needs no index: the six characters hold the millisecond within the
//! second and the 21 random bits, scrambled by a fixed bijection so that they look random (this hides nothing). The
//! digits repeat every 10^6 seconds, so reading one back gives a number for every such period of the brand's life:
//! about 32 a year, of which at most one exists.

use torana_domain::ids::PaymentNumber;
use torana_domain::{PaymentId, Timestamp};

use crate::Candidate;

/// How many texts six characters can be: 36^6.
const SPACE: u64 = 36_u64.pow(6);
/// Near SPACE divided by the golden ratio, and coprime with it (neither even nor a multiple of three).
const FACTOR: u64 = 1_345_325_423;
/// So that zero does not print as zeros.
const SHIFT: u64 = 1_048_213_817;
/// The inverse of [`FACTOR`] modulo [`SPACE`]: its power by Euler's totient (a third of SPACE) less one.
const INVERSE: u64 = power(FACTOR, SPACE / 3 - 1);
/// Bits of a [`PaymentNumber`] that are random.
const RANDOM_BITS: u32 = 21;
/// After so many seconds the digits repeat.
const PERIOD_S: i64 = 1_000_000;
/// Most periods that are looked through; more than a century of them.
const PERIODS_MAX: usize = 4_000;
/// Clocks of two servers may differ a little; so may the brand's creation and its first payment.
const SLACK_S: i64 = 1;
/// Longest text that is looked at: a whole payment link.
const TEXT_MAX: usize = 2_048;

const _: () = assert!(FACTOR * INVERSE % SPACE == 1);
const _: () = assert!((1_000 << RANDOM_BITS) <= SPACE);

const fn power(base: u64, mut exponent: u64) -> u64 {
    let (mut square, mut product) = (base % SPACE, 1);
    while exponent > 0 {
        if exponent % 2 == 1 {
            product = product * square % SPACE;
        }
        square = square * square % SPACE;
        exponent /= 2;
    }
    product
}

/// The identifier that payers and merchants see.
pub(super) fn transaction_id(number: PaymentNumber) -> String {
    let created = number.created_at();
    let ms = created.as_ms().rem_euclid(1_000).unsigned_abs();
    let value = (ms << RANDOM_BITS) | u64::from(number.random_bits());
    let mut rest = (value * FACTOR + SHIFT) % SPACE;
    let mut text = [0_u8; 6];
    for place in text.iter_mut().rev() {
        let digit = (rest % 36) as u8;
        *place = if digit < 10 { b'0' + digit } else { b'A' + digit - 10 };
        rest /= 36;
    }
    let letters = String::from_utf8_lossy(&text);
    format!("{letters}{:06}", created.as_s().rem_euclid(PERIOD_S))
}

/// The payments that a text may mean, newest first: a `transaction_id` in either case, the 32 digits of a payment
/// link (provider §6: some clients pass those), or the whole link.
pub(super) fn candidates(text: &str, since: Timestamp, now: Timestamp) -> Vec<Candidate> {
    if text.len() > TEXT_MAX {
        return vec![];
    }
    let path = text.trim().split(['?', '#']).next().unwrap_or_default();
    let id = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    if let Ok(id) = id.to_ascii_lowercase().parse::<PaymentId>() {
        return vec![Candidate::Id(id)];
    }
    let Some((ms, random, suffix)) = parts(id) else { return vec![] };
    let first_s = since.as_s().saturating_sub(SLACK_S);
    let last_s = now.as_s().saturating_add(SLACK_S);
    let newest = last_s - (last_s - suffix).rem_euclid(PERIOD_S);
    std::iter::successors(Some(newest), |second| second.checked_sub(PERIOD_S))
        .take_while(|second| *second >= first_s)
        .take(PERIODS_MAX)
        .map(|second| (Timestamp::from_s(second).plus_ms(ms), random))
        .map(|(at, random)| (at, PaymentNumber::new(at, random)))
        // Before 2020 and after 2159 there are no numbers.
        .filter(|(at, number)| number.created_at() == *at)
        .map(|(_, number)| Candidate::Number(number))
        .collect()
}

/// Milliseconds within the second, random bits, and the digits of the time.
fn parts(id: &str) -> Option<(i64, u64, i64)> {
    let (letters, digits) = id.split_at_checked(6)?;
    if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let scrambled = letters
        .chars()
        .try_fold(0, |sum, letter| Some(sum * 36 + u64::from(letter.to_digit(36)?)))?;
    let value = (scrambled + SPACE - SHIFT) % SPACE * INVERSE % SPACE;
    let ms = i64::try_from(value >> RANDOM_BITS).ok().filter(|ms| *ms < 1_000)?;
    Some((ms, value & ((1 << RANDOM_BITS) - 1), digits.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use torana_domain::BrandId;

    use super::*;

    const SINCE: Timestamp = Timestamp::from_s(1_700_000_000);

    #[test]
    fn the_digits_are_the_time_as_on_the_screenshots() {
        let number = PaymentNumber::new(Timestamp::from_s(1_761_316_368), 0);
        let id = transaction_id(number);
        assert!(id.ends_with("316368") && id.len() == 12, "{id}");
        assert!(id.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()));
    }

    #[test]
    fn a_link_and_its_digits_mean_the_payment() {
        let id = PaymentId::new(BrandId(7), SINCE, 0x1234_5678_9abc_def0);
        let link = format!(" https://pay.example/api/execute/{id}/?x=1#y ");
        for text in [id.to_string(), id.to_string().to_uppercase(), link] {
            assert_eq!(candidates(&text, SINCE, SINCE), [Candidate::Id(id)]);
        }
    }

    #[test]
    fn what_is_no_id_means_nothing() {
        let now = SINCE.plus_ms(1);
        let long = "A".repeat(5_000);
        for text in ["", "/", "ABCDEFH", "OVKPXW16541X", "OVKP W165414", "ওভকপখ165414", &long]
        {
            assert_eq!(candidates(text, SINCE, now), [], "{text}");
        }
    }

    #[test]
    fn the_ends_of_time_are_bounded() {
        let (first, last) = (Timestamp::from_ms(i64::MIN), Timestamp::from_ms(i64::MAX));
        assert!(candidates("OVKPXW165414", first, last).len() <= PERIODS_MAX);
        assert_eq!(candidates("OVKPXW165414", last, first), []);
    }

    proptest! {
        #[test]
        fn an_id_means_its_own_number(age_ms in 0_i64..300_000_000_000, later_ms in 0_i64..100_000_000_000, random: u64) {
            let number = PaymentNumber::new(SINCE.plus_ms(age_ms), random);
            let now = SINCE.plus_ms(age_ms + later_ms);
            let id = transaction_id(number).to_lowercase();
            let found = candidates(&id, SINCE, now);
            prop_assert!(found.contains(&Candidate::Number(number)));
            prop_assert!(found.len() <= 402);
            for candidate in found {
                let Candidate::Number(number) = candidate else { panic!("{candidate:?}") };
                prop_assert_eq!(transaction_id(number).to_lowercase(), id.as_str());
            }
        }

        #[test]
        fn a_clock_that_lags_a_second_finds_it_too(ms in 0_i64..1_000_000_000, random: u64) {
            let number = PaymentNumber::new(SINCE.plus_ms(ms), random);
            let now = SINCE.plus_ms(ms - 1_000);
            let found = candidates(&transaction_id(number), SINCE, now);
            prop_assert!(found.contains(&Candidate::Number(number)));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            candidates(&text, SINCE, SINCE);
        }
    }
}
