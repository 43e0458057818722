//! Digits that must not be seen: they stand once on the heap, are wiped when they are dropped, and are
//! compared in constant time. What holds them decides what of them may be shown.

use std::ops::RangeInclusive;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// Bytes of what people may type for one number, with the signs between its digits.
const TYPED_BYTES_MAX: usize = 64;

/// A moved value moves its pointer, so no copy of the digits is left behind on the stack. Not `Clone`: codes that are
/// good once are held once.
pub(super) struct Digits(Zeroizing<Box<[u8]>>);

impl Digits {
    /// The text, if it is digits alone and their count is allowed.
    pub(super) fn read(text: &str, counts: &RangeInclusive<usize>) -> Option<Self> {
        let fits = counts.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| Self(Zeroizing::new(text.as_bytes().into())))
    }

    /// The last `count` decimal digits of a number, with leading zeros.
    pub(super) fn of_number(number: u64, count: usize) -> Self {
        let mut digits = Self(Zeroizing::new(vec![b'0'; count].into_boxed_slice()));
        let mut left = number;
        for digit in digits.0.iter_mut().rev() {
            // A remainder of ten fits.
            *digit = b'0' + u8::try_from(left % 10).unwrap_or(0);
            left /= 10;
        }
        digits
    }

    /// The same once more, for what may be held twice.
    pub(super) fn copied(&self) -> Self {
        Self(Zeroizing::new(self.0.as_ref().into()))
    }

    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl PartialEq for Digits {
    /// How many digits there are is no secret; what they are takes as long wherever they differ.
    fn eq(&self, other: &Self) -> bool {
        bool::from(self.0.ct_eq(&other.0))
    }
}

impl Eq for Digits {}

/// What was typed without the blanks and hyphens that people put between digits; nothing where it is too
/// long to be a number.
pub(super) fn without_signs(typed: &str) -> Zeroizing<String> {
    // Room for all of it at once: a buffer that grows leaves its old bytes behind.
    let mut plain = Zeroizing::new(String::with_capacity(TYPED_BYTES_MAX));
    if typed.len() <= TYPED_BYTES_MAX {
        plain.extend(typed.chars().filter(|sign| !matches!(sign, ' ' | '-' | '\u{a0}')));
    }
    plain
}

#[cfg(test)]
mod tests {
    use zeroize::ZeroizeOnDrop;

    use super::*;

    fn is_wiped<T: ZeroizeOnDrop>(_value: &T) {}

    #[test]
    fn only_digits_of_an_allowed_count_are_read() {
        for text in ["", "12", "12345", "12a", "१२३", "1 2"] {
            assert!(Digits::read(text, &(3..=4)).is_none(), "{text}");
        }
        let digits = Digits::read("0123", &(3..=4)).unwrap();
        assert_eq!((digits.as_str(), digits.len()), ("0123", 4));
        is_wiped(&digits.0);
        assert!(digits.copied() == digits);
        is_wiped(&digits.copied().0);
    }

    #[test]
    fn equal_digits_are_equal() {
        let of = |text| Digits::read(text, &(1..=9)).unwrap();
        assert!(of("1234") == of("1234"));
        assert!(of("1234") != of("1235"));
        assert!(of("1234") != of("12345"));
    }

    #[test]
    fn signs_between_digits_are_passed_over() {
        assert_eq!(*without_signs("6074 8200-0008\u{a0}4938"), "6074820000084938");
        assert_eq!(*without_signs(&"1".repeat(65)), "");
        assert_eq!(Digits::of_number(42, 6).as_str(), "000042");
        assert_eq!(Digits::of_number(u64::MAX, 3).as_str(), "615");
    }
}
