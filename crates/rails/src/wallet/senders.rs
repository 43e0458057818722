//! Who may speak for a wallet. Senders match as a whole and by nothing else: a body can say anything.
//!
//! A name or number can itself be forged by whoever has an SMS gateway; that is what
//! [`super::confidence`] is for.

/// The sender in the one form that allow-lists are written in: names trimmed, in lower case, blanks
/// single; numbers (no letter in them) as digits only and without Bangladesh's country code.
pub(super) fn canonical(sender: &str) -> String {
    if sender.chars().any(char::is_alphabetic) {
        let words: Vec<&str> = sender.split_whitespace().collect();
        return words.join(" ").to_ascii_lowercase();
    }
    let digits: String = sender.chars().filter(|c| c.is_alphanumeric()).collect();
    match digits.strip_prefix("88") {
        Some(local) if local.len() == 11 && local.starts_with("01") => local.to_owned(),
        _ => digits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_in_any_case_and_numbers_in_any_punctuation() {
        assert_eq!(canonical(" BKASH "), "bkash");
        assert_eq!(canonical("BRAC  BANK"), "brac bank");
        assert_eq!(canonical("01847-348685"), "01847348685");
        assert_eq!(canonical("+8801847348685"), "01847348685");
        assert_eq!(canonical("16216"), "16216");
    }

    #[test]
    fn near_misses_stay_different() {
        for sender in ["bKash1", "b-Kash", "my bKash", "bKаsh", "ｂKash", "", "+"] {
            assert_ne!(canonical(sender), "bkash", "{sender}");
        }
        // A Bengali digit in a sender is nobody's number.
        assert_ne!(canonical("১6216"), "16216");
    }
}
