//! The numbers that ePay would give, for test mode. Deterministic: `random` chooses.

use torana_domain::Timestamp;

use super::{PaidDetails, Status};

const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const BCODE_CHARS: usize = 6;

/// The trace number of a card payment: six digits, never that of cash.
pub fn stan(random: u64) -> String {
    format!("{:06}", random % 999_999 + 1)
}

/// An authorisation code: six letters and digits.
pub fn bcode(random: u64) -> String {
    let count = LETTERS.len() as u64;
    let digits = std::iter::successors(Some(random), |left| Some(left / count));
    let letters = digits.take(BCODE_CHARS).filter_map(|left| {
        let at = usize::try_from(left % count).ok()?;
        LETTERS.get(at).map(|letter| char::from(*letter))
    });
    letters.collect()
}

/// An EasyPay code: ten digits.
pub fn idn(random: u64) -> String {
    format!("{}", random % 9_000_000_000 + 1_000_000_000)
}

/// Paid by card or from an account at this time.
pub fn paid(at: Timestamp, random: u64) -> Status {
    Status::Paid(PaidDetails::new(at, stan(random), bcode(random.rotate_right(20))))
}

/// Paid in cash, at EasyPay.
pub fn paid_in_cash(at: Timestamp, random: u64) -> Status {
    Status::Paid(PaidDetails::new(at, "000000".to_owned(), bcode(random.rotate_right(20))))
}
