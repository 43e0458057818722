//! What stands on a card, and the code that its issuer sends: the number, the security code and the one-time
//! code. None of them prints, is compared in a time that depends on it, or outlives its use in memory.
//!
//! Of a number, the first six digits and the last four may be seen; see [`Masked`].

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use crate::luhn;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use thiserror::Error;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::bin::Bin;
use super::secret::{self, Digits};

/// ISO/IEC 7812 knows fewer than 13 digits too, but no card that is sold with.
const PAN_DIGITS: RangeInclusive<usize> = 13..=19;
const SECURITY_CODE_DIGITS: RangeInclusive<usize> = 3..=4;
/// Networks send six; some issuers four or eight.
const ONE_TIME_CODE_DIGITS: RangeInclusive<usize> = 4..=8;
const DRAWN_CODE_DIGITS: usize = 6;
const DRAWN_CODES: u64 = 1_000_000;
/// Parts fingerprints from every other use of the same key.
const FINGERPRINT_PURPOSE: &[u8] = b"torana/card/fingerprint/v1";
const LAST_DIGITS: usize = 4;
/// Of SHA-256.
const HASH_BLOCK_BYTES: usize = 64;

/// The number of a card: 13 to 19 digits whose check digit is right.
#[derive(PartialEq, Eq)]
pub struct Pan(Digits);

/// Why a text is not the number of a card. Never says what the text was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PanError {
    /// Not 13 to 19 digits.
    #[error("a card number has 13 to 19 digits")]
    NotDigits,
    /// The check digit is wrong: a slip of the payer's.
    #[error("the card number has a wrong digit")]
    CheckDigit,
}

impl PanError {
    /// A stable code for logs and machines.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotDigits => "card_number_not_digits",
            Self::CheckDigit => "card_number_check_digit",
        }
    }
}

impl Pan {
    /// Reads what a person typed: blanks and hyphens between the digits are passed over.
    pub fn typed(text: &str) -> Result<Self, PanError> {
        secret::without_signs(text).parse()
    }

    /// The whole number. Only for the far end that must have it, and for sealing.
    pub fn reveal(&self) -> &str {
        self.0.as_str()
    }

    /// How many digits it has.
    pub fn digits(&self) -> usize {
        self.0.len()
    }

    /// Whose card it is: the first six digits, and two more where the number has at least sixteen.
    pub fn bin(&self) -> Bin {
        Bin::of_pan(self.reveal())
    }

    /// The last four digits.
    pub fn last4(&self) -> &str {
        self.reveal().get(self.digits().saturating_sub(LAST_DIGITS)..).unwrap_or_default()
    }

    /// What may be shown of it.
    pub fn masked(&self) -> Masked {
        let stars = "*".repeat(self.digits().saturating_sub(6 + LAST_DIGITS));
        Masked(format!("{}{stars}{}", self.bin().six(), self.last4()))
    }

    /// Says whether two cards are one without keeping either. Whoever has the key can try every number, so
    /// the key is a secret as the numbers are.
    pub fn fingerprint(&self, key: &[u8]) -> Fingerprint {
        Fingerprint(keyed_hash(key, &[FINGERPRINT_PURPOSE, self.reveal().as_bytes()]))
    }
}

impl Clone for Pan {
    fn clone(&self) -> Self {
        Self(self.0.copied())
    }
}

impl FromStr for Pan {
    type Err = PanError;

    /// Digits alone.
    fn from_str(text: &str) -> Result<Self, PanError> {
        let digits = Digits::read(text, &PAN_DIGITS).ok_or(PanError::NotDigits)?;
        if luhn::is_checked(digits.as_str()) { Ok(Self(digits)) } else { Err(PanError::CheckDigit) }
    }
}

impl fmt::Debug for Pan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pan({})", self.masked())
    }
}

impl fmt::Display for Pan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.masked().fmt(f)
    }
}

impl ZeroizeOnDrop for Pan {}

/// `607482******4938`: as much of a number as a page, a log or a receipt may show.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Masked(String);

impl Masked {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A keyed hash of a number; see [`Pan::fingerprint`]. Compared in constant time.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// As it was stored.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// To be stored.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for Fingerprint {
    fn eq(&self, other: &Self) -> bool {
        bool::from(self.0.ct_eq(&other.0))
    }
}

impl Eq for Fingerprint {}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(…)")
    }
}

/// The three or four digits that only who holds the card can read. Never stored, not even sealed.
#[derive(PartialEq, Eq)]
pub struct SecurityCode(Digits);

/// The text is not a security code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a security code has three or four digits")]
pub struct NotASecurityCode;

impl SecurityCode {
    /// The code. Only for the far end that must have it.
    pub fn reveal(&self) -> &str {
        self.0.as_str()
    }

    /// How many digits it has; see [`super::CardBrand::security_code_digits`].
    pub fn digits(&self) -> usize {
        self.0.len()
    }
}

impl FromStr for SecurityCode {
    type Err = NotASecurityCode;

    fn from_str(text: &str) -> Result<Self, NotASecurityCode> {
        Digits::read(text, &SECURITY_CODE_DIGITS).map(Self).ok_or(NotASecurityCode)
    }
}

impl fmt::Debug for SecurityCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecurityCode(…)")
    }
}

impl ZeroizeOnDrop for SecurityCode {}

/// A code that an issuer sends to the payer's phone to be typed once. Never stored but as a keyed hash.
#[derive(PartialEq, Eq)]
pub struct OneTimeCode(Digits);

/// The text is not a one-time code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a one-time code has four to eight digits")]
pub struct NotAOneTimeCode;

impl OneTimeCode {
    /// Reads what a person typed: blanks and hyphens are passed over.
    pub fn typed(text: &str) -> Result<Self, NotAOneTimeCode> {
        secret::without_signs(text).parse()
    }

    /// Six digits chosen by `random`, which must be unforeseeable. Of 2^64 numbers no remainder of a million
    /// is likelier than another by more than one part in 10^13.
    pub fn draw(random: u64) -> Self {
        Self(Digits::of_number(random % DRAWN_CODES, DRAWN_CODE_DIGITS))
    }

    /// The code. Only for the far end that must have it, and for hashing.
    pub fn reveal(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for OneTimeCode {
    type Err = NotAOneTimeCode;

    fn from_str(text: &str) -> Result<Self, NotAOneTimeCode> {
        Digits::read(text, &ONE_TIME_CODE_DIGITS).map(Self).ok_or(NotAOneTimeCode)
    }
}

impl fmt::Debug for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeCode(…)")
    }
}

impl ZeroizeOnDrop for OneTimeCode {}

/// HMAC-SHA256 over parts, each after its length, so that no two lists of parts are one text. For hashes of what is in this
/// module; the first part names the use, so that hashes of one use say nothing in another.
pub fn keyed_hash(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new((&*block_of(key)).into());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The key as RFC 2104 fits it to the hash: filled up with zeros, or hashed first where it is longer. Done here because
/// the checked way returns an error that cannot be, and a hash that might be missing is none.
fn block_of(key: &[u8]) -> Zeroizing<[u8; HASH_BLOCK_BYTES]> {
    let mut block = Zeroizing::new([0; HASH_BLOCK_BYTES]);
    let mut put = |bytes: &[u8]| {
        block.iter_mut().zip(bytes).for_each(|(into, byte)| *into = *byte);
    };
    if key.len() <= HASH_BLOCK_BYTES {
        put(key)
    } else {
        put(&Sha256::digest(key))
    }
    block
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_wiped<T: ZeroizeOnDrop>() -> bool {
        std::mem::needs_drop::<T>()
    }

    /// A number with a right check digit.
    fn with_check_digit(digits: &str) -> String {
        let numbers = (0..10).map(|check| format!("{digits}{check}"));
        numbers.into_iter().find(|number| luhn::is_checked(number)).unwrap()
    }

    #[test]
    fn the_documented_cards_are_numbers() {
        let pan: Pan = "6074820000084938".parse().unwrap();
        assert_eq!(pan.masked().as_str(), "607482******4938");
        assert_eq!(
            (pan.bin().digits(), pan.bin().six(), pan.last4()),
            ("60748200", "607482", "4938")
        );
        assert_eq!(pan.digits(), 16);
        assert!(Pan::typed(" 6071 4800-0003 3212 ").is_ok());
        // Of every brand, from their public pages of test numbers.
        for text in ["4111111111111111", "378282246310005", "30569309025904", "4222222222222"] {
            assert!(text.parse::<Pan>().is_ok(), "{text}");
        }
    }

    #[test]
    fn a_short_number_shows_six_digits_of_its_bin_alone() {
        let pan: Pan = "378282246310005".parse().unwrap();
        assert_eq!((pan.bin().digits(), pan.bin().eight()), ("378282", None));
        assert_eq!(pan.masked().as_str(), "378282*****0005");
    }

    #[test]
    fn other_texts_are_no_numbers() {
        for text in
            ["", "6074 8200 0008 4938", "607482000008493", "60748200000849380000", "６０７４８２"]
        {
            assert!(text.parse::<Pan>().is_err(), "{text}");
        }
        assert_eq!("411111111111".parse::<Pan>(), Err(PanError::NotDigits));
        assert_eq!("6074820000084939".parse::<Pan>(), Err(PanError::CheckDigit));
        assert_eq!(Pan::typed(&" ".repeat(80)), Err(PanError::NotDigits));
        assert_eq!("12".parse::<SecurityCode>(), Err(NotASecurityCode));
        assert_eq!("12345".parse::<SecurityCode>(), Err(NotASecurityCode));
        assert_eq!("123".parse::<OneTimeCode>(), Err(NotAOneTimeCode));
        assert_eq!("123456789".parse::<OneTimeCode>(), Err(NotAOneTimeCode));
    }

    #[test]
    fn secrets_are_wiped() {
        assert!(is_wiped::<Pan>() && is_wiped::<SecurityCode>() && is_wiped::<OneTimeCode>());
    }

    #[test]
    fn a_drawn_code_has_six_digits() {
        assert_eq!(OneTimeCode::draw(42).reveal(), "000042");
        assert_eq!(OneTimeCode::draw(1_000_000).reveal(), "000000");
        assert!(OneTimeCode::typed("123 456").unwrap() == "123456".parse().unwrap());
    }

    #[test]
    fn a_key_of_any_length_makes_a_real_hmac() {
        for length in [0, 1, 63, 64, 65, 200] {
            let key = vec![7; length];
            let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
            mac.update(&1_u64.to_be_bytes());
            mac.update(b"x");
            let expected: [u8; 32] = mac.finalize().into_bytes().into();
            assert_eq!(keyed_hash(&key, &[b"x"]), expected, "{length}");
            assert_ne!(keyed_hash(&key, &[]), [0; 32], "{length}");
        }
    }

    #[test]
    fn parts_of_a_hash_do_not_run_together() {
        assert_ne!(keyed_hash(b"k", &[b"ab", b"c"]), keyed_hash(b"k", &[b"a", b"bc"]));
        assert_ne!(keyed_hash(b"k", &[b"ab"]), keyed_hash(b"l", &[b"ab"]));
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_seen(body in "[0-9]{12,18}", at in 0_usize..13, by in 1_u8..10) {
            let number = with_check_digit(&body);
            prop_assert!(number.parse::<Pan>().is_ok());
            let mut slip = number.into_bytes();
            slip[at] = b'0' + (slip[at] - b'0' + by) % 10;
            let slip = String::from_utf8(slip).unwrap();
            prop_assert_eq!(slip.parse::<Pan>().unwrap_err(), PanError::CheckDigit);
        }

        #[test]
        fn a_number_never_prints(body in "[0-9]{12,18}") {
            let pan: Pan = with_check_digit(&body).parse().unwrap();
            for text in [format!("{pan}"), format!("{pan:?}"), format!("{:?}", pan.bin())] {
                prop_assert!(!text.contains(pan.reveal()));
                // Six digits, then none of what is hidden, then four.
                prop_assert!(text.bytes().filter(u8::is_ascii_digit).count() <= 10, "{}", text);
            }
            prop_assert_eq!(pan.masked().as_str().len(), pan.digits());
        }

        #[test]
        fn one_number_has_one_fingerprint(body in "[0-9]{15}", other in "[0-9]{15}", key: [u8; 32]) {
            let of = |body: &str| with_check_digit(body).parse::<Pan>().unwrap();
            let (pan, another) = (of(&body), of(&other));
            prop_assert!(pan.fingerprint(&key) == pan.clone().fingerprint(&key));
            prop_assert_eq!(pan == another, pan.fingerprint(&key) == another.fingerprint(&key));
            let stored = *pan.fingerprint(&key).as_bytes();
            prop_assert!(Fingerprint::from_bytes(stored) == pan.fingerprint(&key));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,80}") {
            let _ = (Pan::typed(&text), text.parse::<SecurityCode>(), OneTimeCode::typed(&text));
        }
    }
}
