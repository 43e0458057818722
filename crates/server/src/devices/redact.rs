//! One-time codes are secrets of the merchant: phones forward them with everything else, and they must not be kept.

use torana_rails::upi;
use torana_rails::wallet::{self, WhyNotMoney};

use super::reading::Reading;

/// Digits in a row that may be a code. TrxIDs of digits alone are longer.
const CODE_DIGITS: std::ops::RangeInclusive<usize> = 4..=8;

/// The body with codes covered, where the message is about one.
pub(super) fn codes(body: &str, reading: &Reading) -> String {
    let is_code = match reading {
        Reading::Wallet(wallet::Reading::NotMoney { why, .. }) => {
            *why == WhyNotMoney::OneTimePassword
        }
        Reading::Upi(upi::Reading::NotMoney { why, .. }) => {
            *why == upi::WhyNotMoney::OneTimePassword
        }
        Reading::Wallet(wallet::Reading::Unread { wallet: None, .. }) => {
            wallet::is_one_time_password(body)
        }
        Reading::Wallet(_) | Reading::Upi(_) => false,
    };
    if is_code { cover(body) } else { body.to_owned() }
}

fn cover(body: &str) -> String {
    let mut covered = String::with_capacity(body.len());
    let mut digits = String::new();
    let flush = |digits: &mut String, covered: &mut String| {
        if CODE_DIGITS.contains(&digits.chars().count()) {
            covered.extend(digits.chars().map(|_| '•'));
        } else {
            covered.push_str(digits);
        }
        digits.clear();
    };
    for c in body.chars() {
        if c.is_numeric() {
            digits.push(c);
        } else {
            flush(&mut digits, &mut covered);
            covered.push(c);
        }
    }
    flush(&mut digits, &mut covered);
    covered
}

#[cfg(test)]
mod tests {
    use torana_rails::wallet::WhyUnread;

    use super::*;

    #[test]
    fn codes_are_covered_and_amounts_elsewhere_are_not() {
        let unknown = wallet::Reading::Unread { wallet: None, why: WhyUnread::UnknownSender };
        let unknown = Reading::Wallet(unknown);
        assert_eq!(codes("Your OTP is 482913.", &unknown), "Your OTP is ••••••.");
        for kept in [
            "You have 1500 points for your shopping",
            "BDT 5000 credited to your account. Never share your OTP or PIN.",
        ] {
            assert_eq!(codes(kept, &unknown), kept);
        }
    }
}
