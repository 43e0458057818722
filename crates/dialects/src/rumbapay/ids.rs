//! `request_id`: a UUID of version 4 by its form (RFC 4122), whose 122 free bits are the whole [`PaymentId`]: 63 bits of
//! number, 27 of brand, 32 of token. It needs no index. Brands above 2^27 - 1, after 134 millions of them, have no room in it:
//! they cannot create by this dialect.
//!
//! `identifier`: three letters and the milliseconds since 2020 of the number, in twelve digits until 2051, where the
//! samples have nine. Nine digits would be a counter, which every node would have to share, or seconds, of which a busy brand
//! has several payments in each; two payments of one brand in one millisecond are rare, and then none is meant.

use torana_domain::ids::PaymentNumber;
use torana_domain::{BrandId, PaymentId};

use crate::Candidate;

/// The largest number of a brand that fits.
pub(super) const BRAND_MAX: u32 = (1 << BRAND_BITS) - 1;
const BRAND_BITS: u32 = 27;
const TOKEN_BITS: u32 = 32;
/// Free bits of the last, the middle and both of those parts of a UUID.
const LOW_BITS: u32 = 62;
const MIDDLE_BITS: u32 = 12;
/// Where the version and the variant are, and what they are.
const VERSION: u128 = 4 << 76;
const VARIANT: u128 = 0b10 << 62;
/// Random bits below the milliseconds of a [`PaymentNumber`].
const RANDOM_BITS: u32 = 21;
/// Longest text that is looked at: a whole link.
const TEXT_MAX: usize = 2_048;
/// Longest reference of a merchant's.
pub(super) const REFERENCE_MAX: usize = 128;

const fn mask(bits: u32) -> u128 {
    (1 << bits) - 1
}

/// The letters of an internal identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prefix {
    Payment,
    Upi,
    Card,
    Bank,
}

impl Prefix {
    const ALL: [Self; 4] = [Self::Payment, Self::Upi, Self::Card, Self::Bank];

    /// `P2C` and `BAN` are the samples'; the others are like them.
    fn letters(self) -> &'static str {
        match self {
            Self::Payment => "P2C",
            Self::Upi => "UPI",
            Self::Card => "CRD",
            Self::Bank => "BAN",
        }
    }
}

/// The `request_id` of a payment or payout.
pub(super) fn uuid(id: PaymentId) -> String {
    let number = u128::from(id.number.as_i64().unsigned_abs());
    let brand = u128::from(id.brand.0 & BRAND_MAX);
    let bits = number << (BRAND_BITS + TOKEN_BITS) | brand << TOKEN_BITS | u128::from(id.token);
    let high = bits >> (LOW_BITS + MIDDLE_BITS);
    let middle = bits >> LOW_BITS & mask(MIDDLE_BITS);
    written(high << 80 | VERSION | middle << 64 | VARIANT | bits & mask(LOW_BITS))
}

/// The payment or payout of a `request_id`: in either case, with or without dashes and braces.
pub(super) fn read(text: &str) -> Option<PaymentId> {
    let text = text.trim();
    let text = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    let dashes_are_right = match text.len() {
        32 => !text.contains('-'),
        36 => {
            let at = |(at, byte): (usize, u8)| (byte == b'-') == matches!(at, 8 | 13 | 18 | 23);
            text.bytes().enumerate().all(at)
        }
        _ => false,
    };
    let digits: String = text.chars().filter(|letter| *letter != '-').collect();
    if !dashes_are_right || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let all = u128::from_str_radix(&digits, 16).ok()?;
    if all & (0xF << 76) != VERSION || all & (0b11 << 62) != VARIANT {
        return None;
    }
    let middle = all >> 64 & mask(MIDDLE_BITS);
    let bits = all >> 80 << (LOW_BITS + MIDDLE_BITS) | middle << LOW_BITS | all & mask(LOW_BITS);
    let number = i64::try_from(bits >> (BRAND_BITS + TOKEN_BITS)).ok()?;
    Some(PaymentId {
        number: PaymentNumber::from_i64(number)?,
        brand: BrandId(u32::try_from(bits >> TOKEN_BITS & mask(BRAND_BITS)).ok()?),
        token: u32::try_from(bits & mask(TOKEN_BITS)).ok()?,
    })
}

/// A UUID of version 4 from random bits, for errors.
pub(super) fn fresh(random: u128) -> String {
    written(random & !(0xF << 76) & !(0b11 << 62) | VERSION | VARIANT)
}

fn written(bits: u128) -> String {
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        bits >> 96,
        bits >> 80 & 0xFFFF,
        bits >> 64 & 0xFFFF,
        bits >> 48 & 0xFFFF,
        bits & mask(48),
    )
}

/// The internal identifier of a payment or payout.
pub(super) fn identifier(prefix: Prefix, number: PaymentNumber) -> String {
    format!("{}{:012}", prefix.letters(), number.as_i64() >> RANDOM_BITS)
}

/// The numbers of the millisecond that an internal identifier names.
fn within(text: &str) -> Option<Candidate> {
    let (letters, digits) = text.split_at_checked(3)?;
    let is_ours = Prefix::ALL.iter().any(|prefix| prefix.letters().eq_ignore_ascii_case(letters));
    let is_number =
        (12..=13).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit());
    if !is_ours || !is_number {
        return None;
    }
    let ms = digits.parse::<i64>().ok().filter(|ms| *ms < 1 << 42)?;
    let first = ms << RANDOM_BITS;
    Some(Candidate::Within {
        first: PaymentNumber::from_i64(first)?,
        last: PaymentNumber::from_i64(first | ((1 << RANDOM_BITS) - 1))?,
    })
}

/// The payment of `/p/{id}` or `/p/{id}/confirm`, at the end of any path.
pub(super) fn linked(path: &str) -> Option<PaymentId> {
    let path = path.trim_end_matches('/');
    let path = path.strip_suffix("/confirm").unwrap_or(path);
    let (before, id) = path.rsplit_once('/')?;
    (before == "/p" || before.ends_with("/p")).then(|| read(id)).flatten()
}

/// The name under which a payment of that reference is made.
pub(super) fn payment_key(reference: &str) -> String {
    format!("payment/{reference}")
}

/// The name under which a payout of that reference is made.
pub(super) fn payout_key(reference: &str) -> String {
    format!("payout/{reference}")
}

/// What a text may mean: a `request_id`, a payer's link, an identifier; and a merchant's reference, which may look like any
/// of these (the seed's own is a UUID).
pub(super) fn candidates(text: &str) -> Vec<Candidate> {
    let text = text.trim();
    if text.is_empty() || text.len() > TEXT_MAX {
        return vec![];
    }
    let path = text.split(['?', '#']).next().unwrap_or_default();
    let own = read(text).or_else(|| linked(path)).map(Candidate::Id).or_else(|| within(text));
    let is_reference = text.chars().count() <= REFERENCE_MAX;
    let keys = [payment_key(text), payout_key(text)].map(Candidate::Key);
    own.into_iter().chain(keys.into_iter().filter(|_| is_reference)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use torana_domain::Timestamp;

    use super::*;

    fn keys(text: &str) -> [Candidate; 2] {
        [payment_key(text), payout_key(text)].map(Candidate::Key)
    }

    #[test]
    fn every_way_to_name_a_payment_means_it() {
        let number = PaymentNumber::new(Timestamp::from_s(1_790_000_000), 77);
        let id = PaymentId { number, brand: BrandId(BRAND_MAX), token: u32::MAX };
        let text = uuid(id);
        for way in [
            text.clone(),
            text.to_uppercase(),
            text.replace('-', ""),
            format!("{{{text}}}"),
            format!("/p/{text}"),
            format!("https://pay.example/p/{text}/confirm"),
            format!("https://pay.example/p/{text}/?lang=bg"),
        ] {
            assert_eq!(candidates(&way).first(), Some(&Candidate::Id(id)), "{way}");
        }
        let name = identifier(Prefix::Payment, number);
        assert_eq!(name, "P2C212163200000");
        let Some(Candidate::Within { first, last }) = candidates(&name).into_iter().next() else {
            panic!("{name}")
        };
        assert!(first <= number && number <= last);
        assert_eq!(first.created_at(), last.created_at());
    }

    #[test]
    fn other_texts_are_references() {
        for text in [
            "334545",
            "P2C000000387",
            "00000000-0000-0000-0000-000000000000",
            "f34a9b6a-60b4-512e-81c0-564dae0a48f0",
            "f34a9b6a-60b4-412e-c1c0-564dae0a48f0",
            "f34a9b6a60b4-412e-81c0-564dae0a48f0-",
            "P2C9999999999999",
        ] {
            assert_eq!(candidates(text), keys(text), "{text}");
        }
        assert_eq!(candidates(" "), []);
        assert_eq!(candidates(&"x".repeat(REFERENCE_MAX + 1)), []);
        assert_eq!(linked("/q/f34a9b6a-60b4-412e-81c0-564dae0a48f0"), None);
    }

    proptest! {
        #[test]
        fn a_request_id_is_its_payment_and_nothing_else(
            number in 0..=i64::MAX, brand in 0..=BRAND_MAX, token: u32,
        ) {
            let id = PaymentId {
                number: PaymentNumber::from_i64(number).unwrap(), brand: BrandId(brand), token,
            };
            prop_assert_eq!(read(&uuid(id)), Some(id));
        }

        #[test]
        fn a_uuid_of_version_4_is_its_payment_and_nothing_else(random: u128) {
            let text = fresh(random);
            prop_assert_eq!(&text[14..15], "4");
            prop_assert!("89ab".contains(&text[19..20]));
            prop_assert_eq!(uuid(read(&text).unwrap()), text);
        }

        #[test]
        fn no_text_panics(text in ".*|[0-9a-f{}-]{30,40}|(P2C|UPI)[0-9]{10,14}|/p/.*") {
            candidates(&text);
            linked(&text);
        }
    }
}
