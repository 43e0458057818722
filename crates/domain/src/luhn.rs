//! The check digit of card numbers (ISO/IEC 7812-1): any one digit that is mistyped breaks it, and most neighbours that
//! change places.

/// Whether the last digit checks the others. False for what is empty or has anything but digits.
pub fn is_checked(digits: &str) -> bool {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let sum: u32 = digits
        .bytes()
        .rev()
        .map(|byte| u32::from(byte - b'0'))
        .enumerate()
        .map(|(at, digit)| match (at % 2, digit * 2) {
            (0, _) => digit,
            (_, double) => double / 10 + double % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_digit_is_found() {
        for number in ["4242424242424242", "6074820000084938", "6071480000033212", "79927398713"] {
            assert!(is_checked(number), "{number}");
            for at in 0..number.len() {
                for digit in '0'..='9' {
                    let mut wrong = number.to_owned();
                    wrong.replace_range(at..=at, &digit.to_string());
                    assert_eq!(is_checked(&wrong), wrong == number, "{wrong}");
                }
            }
        }
        for none in ["", "4242 4242 4242 4242", "42424242424242x2", "\u{966}"] {
            assert!(!is_checked(none), "{none:?}");
        }
    }
}
