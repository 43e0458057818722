//! Numbers written in letters, of which TrxIDs are made.

use super::Warning;

const BASE36: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// Crockford's base 32, in which ULIDs are written.
const BASE32: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The last `length` digits of a number in base 36.
pub(super) fn to_base36(number: u64, length: usize) -> String {
    write_digits(number, BASE36, length)
}

/// The last `length` digits of a number in Crockford's base 32.
pub(super) fn to_base32(number: u64, length: usize) -> String {
    write_digits(number, BASE32, length)
}

/// The number that Crockford's base 32 writes so; `None` for other text or more than 64 bits.
pub(super) fn from_base32(text: &str) -> Option<u64> {
    text.bytes().try_fold(0_u64, |sum, byte| {
        let digit = BASE32.iter().position(|known| *known == byte)? as u64;
        sum.checked_mul(32)?.checked_add(digit)
    })
}

fn write_digits(mut number: u64, digits: &[u8], length: usize) -> String {
    let base = digits.len() as u64;
    let mut letters: Vec<char> = Vec::with_capacity(length);
    for _ in 0..length {
        let digit = digits.get((number % base) as usize).copied().unwrap_or(b'0');
        letters.push(char::from(digit));
        number /= base;
    }
    letters.iter().rev().collect()
}

/// What is odd about the TrxID of a wallet of whose structure nothing is known: only that it is short.
pub(super) fn check_length(id: &str) -> Option<Warning> {
    (id.len() < 8).then_some(Warning::TrxIdStructure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_survive_their_letters() {
        assert_eq!(to_base36(35, 2), "0Z");
        assert_eq!(from_base32(&to_base32(1_760_274_900_000, 10)), Some(1_760_274_900_000));
        assert_eq!(from_base32("ILOU"), None);
        assert_eq!(from_base32("ZZZZZZZZZZZZZZ"), None);
    }
}
