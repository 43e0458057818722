//! `invoice_id`: `8`, the seconds in eight hexadecimal digits, the microseconds in five, and two decimal digits
//! (provider §1.5), such as the seed's `854EEA58BC861985`.
//!
//! It is printed from the [`PaymentNumber`] and needs no index. A second has a hundred million such identifiers, a number
//! has more random bits than that: so numbers of this dialect's payments draw from a part of them ([`random_bits`]).
//!
//! Payers come with the identifier alone (`/payment/?invoice=…`), so that it must tell of which brand it is. Within a
//! millisecond there are a thousand places, one for each brand number modulo a thousand, of a hundred identifiers each:
//! until a thousand brands are made, no two can have the same. Beyond, `gateway::create` looks.

use torana_domain::ids::PaymentNumber;
use torana_domain::{BrandId, PaymentId, Timestamp};

use crate::{Candidate, Draw, Linked};

/// Identifiers within one millisecond.
const SPACE: u64 = 100_000;
/// Places of brands, and identifiers of each.
pub(super) const PLACES: u32 = 1_000;
const PER_PLACE: u64 = 100;
/// Near SPACE divided by the golden ratio, and coprime with it: so that a brand's place does not show.
const FACTOR: u64 = 61_803;
/// The inverse of [`FACTOR`] modulo [`SPACE`]: its power by Euler's totient less one.
const INVERSE: u64 = power(FACTOR, 40_000 - 1);
/// Shifts the places from second to second.
const STEP: u64 = 7_919;
/// Low bits of a random number that a payment's number keeps.
const RANDOM_BITS: u32 = 21;
/// Longest text that is looked at: a whole link.
const TEXT_MAX: usize = 2_048;

const _: () = assert!(FACTOR * INVERSE % SPACE == 1);
const _: () = assert!(SPACE <= 1 << RANDOM_BITS);

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

/// See the module. The hundred identifiers of a place are taken in turn: drawn at random, they would soon meet.
pub(super) fn random_bits(brand: BrandId, draw: Draw) -> u64 {
    let mask = (1 << RANDOM_BITS) - 1;
    let place = u64::from(brand.0 % PLACES) * PER_PLACE;
    (draw.random & !mask) | (place + draw.sequence % PER_PLACE)
}

/// The identifier that payers and merchants see.
pub(super) fn invoice_id(number: PaymentNumber) -> String {
    let created = number.created_at();
    let seconds = created.as_s().unsigned_abs();
    let drawn = u64::from(number.random_bits()) % SPACE;
    let shown = (drawn * FACTOR + seconds % SPACE * STEP) % SPACE;
    let ms = created.as_ms().rem_euclid(1_000).unsigned_abs();
    format!("8{seconds:08X}{:05X}{:02}", ms * 1_000 + shown / 100, shown % 100)
}

/// The number of an identifier, in either case, with or without the `R` of a subscription.
pub(super) fn number(id: &str) -> Option<PaymentNumber> {
    let id = id.trim();
    let id = id.strip_prefix(['R', 'r']).unwrap_or(id);
    if id.len() != 16 || !id.is_ascii() || !id.starts_with('8') {
        return None;
    }
    let hex = |text: Option<&str>| {
        let text = text.filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        u64::from_str_radix(text, 16).ok()
    };
    let seconds = hex(id.get(1..9))?;
    let micros = hex(id.get(9..14)).filter(|micros| *micros < 1_000_000)?;
    let decimals = id.get(14..).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
    let shown = micros % 1_000 * 100 + decimals.parse::<u64>().ok()?;
    let shift = seconds % SPACE * STEP % SPACE;
    let drawn = (shown + SPACE - shift) % SPACE * INVERSE % SPACE;
    let ms = i64::try_from(micros / 1_000).ok()?;
    let at = Timestamp::from_s(i64::try_from(seconds).ok()?).plus_ms(ms);
    let number = PaymentNumber::new(at, drawn);
    // Before 2020 there are no numbers.
    (number.created_at() == at).then_some(number)
}

/// The payment of `/payment/?invoice=ID` or `/payment/ID`.
pub(super) fn linked(path: &str, query: &str) -> Option<Linked> {
    let asked = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "invoice");
    let id = match &asked {
        Some((_, id)) => id.as_ref(),
        None => path.trim_end_matches('/').rsplit('/').next()?,
    };
    // Some clients ask twice for it, and their framework joins the two with a comma (provider §1.6).
    let number = number(id.split(',').next()?)?;
    let remainder = number.random_bits() / PER_PLACE as u32;
    (remainder < PLACES).then_some(Linked::Number { number, remainder, modulus: PLACES })
}

/// The payment that a text means: an identifier, a link, v1's `id`, or the digits of our own link.
pub(super) fn candidates(text: &str) -> Vec<Candidate> {
    let text = text.trim();
    if text.len() > TEXT_MAX {
        return vec![];
    }
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    if let Some(Linked::Number { number, .. }) = linked(path, query) {
        return vec![Candidate::Number(number)];
    }
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    if let Ok(id) = last.to_ascii_lowercase().parse::<PaymentId>() {
        return vec![Candidate::Id(id)];
    }
    let is_number = (10..=19).contains(&last.len()) && last.bytes().all(|b| b.is_ascii_digit());
    let number = last.parse().ok().filter(|_| is_number).and_then(PaymentNumber::from_i64);
    number.map(Candidate::Number).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_s(1_790_000_000);

    fn drawn(number: u64) -> Draw {
        Draw { random: number.wrapping_mul(0x9e37_79b9_7f4a_7c15), sequence: number }
    }

    #[test]
    fn the_time_is_in_it_as_in_the_providers() {
        let at = Timestamp::from_s(0x5E78_E831).plus_ms(440);
        let id = invoice_id(PaymentNumber::new(at, random_bits(BrandId(7), drawn(5))));
        assert!(id.starts_with("85E78E831") && id.len() == 16, "{id}");
        // 0x6B890 is 440,464 microseconds.
        let of_provider = number("85E78E8316B89073").unwrap();
        assert_eq!(of_provider.created_at(), at);
        assert_eq!(invoice_id(of_provider), "85E78E8316B89073");
    }

    #[test]
    fn what_is_no_id_means_nothing() {
        let long = "8".repeat(5_000);
        // The third is of 2014, as the seed's own: before any payment of ours.
        for text in [
            "",
            "8",
            "854EEA58BC861985",
            "85E78E831FFFFF73",
            "85E78E8316B8907X",
            "95E78E8316B89073",
            "8৫E78E8316B89",
            &long,
        ] {
            assert_eq!(candidates(text), [], "{text}");
        }
    }

    #[test]
    fn links_of_every_kind_mean_their_payment() {
        let number = PaymentNumber::new(NOW, random_bits(BrandId(1_042), drawn(99)));
        let id = invoice_id(number);
        let expected = Linked::Number { number, remainder: 42, modulus: 1_000 };
        for (path, query) in [
            ("/payment/", format!("invoice={id}")),
            ("/payment", format!("a=b&invoice={id}&invoice=x")),
            ("/payment/", format!("invoice={id},{id}")),
            ("/payment/x", format!("invoice={}", id.to_lowercase())),
        ] {
            assert_eq!(linked(path, &query), Some(expected), "{path}?{query}");
        }
        assert_eq!(linked(&format!("/payment/{id}"), ""), Some(expected));
        assert!(expected.may_be_of(BrandId(42)) && !expected.may_be_of(BrandId(43)));
        for text in [
            id.clone(),
            format!("R{id}"),
            format!("https://pay.example/payment/?invoice={id}"),
            number.as_i64().to_string(),
        ] {
            assert_eq!(candidates(&text), [Candidate::Number(number)], "{text}");
        }
    }

    #[test]
    fn brands_below_a_thousand_never_share_one() {
        let ids = |brand| {
            (0..100).map(move |n| {
                invoice_id(PaymentNumber::new(NOW, random_bits(BrandId(brand), drawn(n))))
            })
        };
        let all: std::collections::HashSet<_> = (0..1_000).flat_map(ids).collect();
        assert_eq!(all.len(), 100_000);
    }

    proptest! {
        #[test]
        fn an_id_means_its_own_number(age_ms in 0_i64..1_000_000_000_000, brand: u32, random: u64) {
            let made = PaymentNumber::new(NOW.plus_ms(age_ms), random_bits(BrandId(brand), drawn(random)));
            let id = invoice_id(made);
            prop_assert_eq!(id.len(), 16);
            prop_assert_eq!(number(&id.to_lowercase()), Some(made));
        }

        #[test]
        fn no_text_panics(text in ".*|[8R][0-9A-Fa-f]{13,16}") {
            candidates(&text);
            linked(&text, &text);
        }
    }
}
