//! The little language in which banks' wordings are written, much like the wallets' one.
//!
//! | written | means |
//! |---|---|
//! | blank, `.`, `:` | one, or none: banks drop them and phones glue lines |
//! | `[…]` | all of it, or nothing |
//! | `<a\|b>` | one of these |
//! | `\(` | the character itself |
//! | `{amount}` `{balance}` | a sum, with or without `Rs`, `INR`, `₹` before it |
//! | `{account}` `{other}` | digits, perhaps masked; of the account that was paid, of another (not kept) |
//! | `{ref}` | the UTR: twelve digits that no letter or digit continues |
//! | `{vpa}` | an address: one word, which no blank is in |
//! | `{date}` `{time}` `{hour}` | a date; a time of day; an hour alone, which is not kept |
//! | `{code}` | a word of the bank's own, not kept |
//! | `{who}` | **any text**: the payer's name or address |
//! | `{named}` | **any text**: the payer's name, a hyphen, the address |
//! | `{narration}` | **any text**: the payer's name, then perhaps `/` and more |
//! | `{note}` | **any text**: the payer's remark |
//! | anything else | itself, in either case |
//!
//! **Why a payer cannot steer the reading.** A wording must match from the first character on. What stands
//! before a text of the payer's is read before it. That text is greedy, and a label follows it, so it
//! swallows every imitation of what comes after, and leaves the last, which is the bank's own; and what
//! comes after all must not look like another tail. Where texts of the payer's stand on both sides of the
//! UTR, greed alone cannot tell, and any other twelve digits in them make the message ambiguous.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::Bank;
use crate::pattern::pattern;

/// One way in which a bank says that money came in.
pub(super) struct Wording {
    /// Whose it is; `None` if many banks write like this.
    pub bank: Option<Bank>,
    pub text: &'static str,
}

/// A wording, ready to be matched.
pub(super) struct Compiled {
    pub bank: Option<Bank>,
    pub regex: Regex,
    /// Whether the wording has a UTR.
    pub states_reference: bool,
    /// Whether the payer writes before something of the bank's.
    pub guards_tail: bool,
    /// Whether the payer writes before the UTR and after it.
    pub surrounds_reference: bool,
}

/// Fields in which the payer writes whatever he likes.
pub(super) const FREE: [&str; 4] = ["who", "named", "narration", "note"];

impl Wording {
    /// `None` if the text is not in the language; a test holds that every wording is.
    pub fn compile(&self) -> Option<Compiled> {
        let pattern = pattern(self.text, field)?;
        let at = |name: &str| self.text.find(&format!("{{{name}}}"));
        let free = || FREE.iter().filter_map(|name| at(name));
        let last_of_bank = ["ref", "balance", "date", "time"].into_iter().filter_map(at).max();
        let before = |place: Option<usize>| place.is_some_and(|place| free().any(|at| at < place));
        let after = |place: Option<usize>| place.is_some_and(|place| free().any(|at| at > place));
        let reference = at("ref");
        Some(Compiled {
            bank: self.bank,
            regex: Regex::new(&format!("(?i)^{pattern}{REST}")).ok()?,
            states_reference: reference.is_some(),
            guards_tail: before(last_of_bank),
            surrounds_reference: before(reference) && after(reference),
        })
    }
}

/// What may follow a wording: nothing, or something that does not continue its last word or number.
const REST: &str = r#"(?P<rest>(?:\.(?:[^0-9].*)?|,(?: .*)?|[ ;!()\[\]|/"-].*)?)$"#;

pub(super) const SUM: &str = r"(?:(?:rs|inr|₹)[.:]{0,2} ?)?[0-9](?:[0-9,]*[0-9])?(?:\.[0-9]+)?";
pub(super) const DATE: &str = r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[-/][0-9]{1,2}[-/](?:[0-9]{4}|[0-9]{2})|[0-9]{1,2}[-/ ]?(?-i:[A-Za-z]){3}[-/ ]?(?:[0-9]{4}|[0-9]{2}))";
pub(super) const TIME: &str = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: ?[ap]m)?";
/// Case is spelt out: with `(?i)`, `[a-z]` would also take the Kelvin sign and the long s.
pub(super) const VPA: &str =
    r"(?-i:[A-Za-z0-9._-]{2,256}@[A-Za-z](?:[A-Za-z0-9.-]{0,62}[A-Za-z0-9])?)";
pub(super) const ACCOUNT: &str = r"[x*.]{0,24}[0-9]{2,18}";

fn field(name: &str) -> Option<String> {
    Some(match name {
        "amount" | "balance" => format!("(?P<{name}>{SUM})"),
        "account" => format!("(?P<account>{ACCOUNT})"),
        "other" => format!("(?:{ACCOUNT})"),
        "ref" => r"(?P<ref>[0-9]{12})\b".to_owned(),
        "vpa" => format!("(?P<vpa>{VPA})"),
        "date" => format!("(?P<date>{DATE})"),
        "time" => format!("(?P<time>{TIME})"),
        "hour" => "(?:[0-9]{1,2})".to_owned(),
        "code" => "(?:(?-i:[A-Za-z0-9]{6,24}))".to_owned(),
        free if FREE.contains(&free) => format!("(?P<{free}>.*)"),
        _ => return None,
    })
}

/// The text that a wording's field matched.
pub(super) fn captured<'t>(captures: &Captures<'t>, name: &str) -> Option<&'t str> {
    captures.name(name).map(|found| found.as_str())
}

/// Whether the text after the bank's tail is only a footer, and not yet another tail.
pub(super) fn is_harmless_after(rest: &str) -> bool {
    let labels = [
        "ref", "rrn", "utr", "txn", "upi:", "upi/", "imps", "credited", "debited", "received",
        "bal", "remark",
    ];
    !mentions(rest, &labels) && !has_utr(rest)
}

/// Whether what the payer wrote is made to look like the bank's own words. Whole words only, Sutradhar is
/// a name; and none in which an address stands.
pub(super) fn imitates_bank(note: &str) -> bool {
    let Some(imitation) = IMITATION.as_ref() else { return false };
    let words: Vec<&str> = note.split_whitespace().filter(|word| !word.contains('@')).collect();
    imitation.is_match(&words.join(" "))
}

static IMITATION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let labels = r"\b(?:credited|debited|upi ref|ref no|rrn|utr|avl bal|a/c)\b";
    Regex::new(&format!(r"(?i)(?:{labels}|(?:\brs|\binr|₹)[.: ]{{0,2}}[0-9])")).ok()
});

/// Whether a UTR could be meant by anything in the text: twelve digits in a row, no more.
pub(super) fn has_utr(text: &str) -> bool {
    let runs = text.split(|c: char| !c.is_ascii_digit());
    runs.into_iter().any(super::is_utr)
}

/// Whether a word stands in a text in lower case, and is not a part of another.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    find_word(text, word).is_some()
}

/// Where it stands first.
pub(super) fn find_word(text: &str, word: &str) -> Option<usize> {
    let is_alphabetic = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    text.match_indices(word).map(|(at, _)| at).find(|at| {
        let (before, rest) = text.split_at_checked(*at).unwrap_or_default();
        let after = rest.get(word.len()..).unwrap_or_default();
        !is_alphabetic(before.chars().next_back()) && !is_alphabetic(after.chars().next())
    })
}

pub(super) fn mentions(text: &str, words: &[&str]) -> bool {
    let text = text.to_lowercase();
    words.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::super::wordings::WORDINGS;
    use super::*;

    /// What follows a text of the payer's, up to the next field, must begin with a label.
    fn is_followed_by_a_label(text: &str) -> bool {
        FREE.iter().all(|name| {
            text.split(&format!("{{{name}}}")).skip(1).all(|after| {
                let after = after.trim_start_matches([' ', '.', ':', '\\', '(', '/', '"']);
                after.is_empty() || after.starts_with(|c: char| c.is_alphabetic() || c == '-')
            })
        })
    }

    #[test]
    fn every_wording_is_in_the_language_and_guards_the_payers_texts() {
        for wording in WORDINGS {
            let compiled = wording.compile();
            assert!(compiled.is_some(), "{}", wording.text);
            assert!(is_followed_by_a_label(wording.text), "{}", wording.text);
            let free_at =
                FREE.iter().filter_map(|name| wording.text.find(&format!("{{{name}}}"))).min();
            let amount_at = wording.text.find("{amount}").unwrap();
            assert!(free_at.is_none_or(|free_at| amount_at < free_at), "{}", wording.text);
        }
    }

    #[test]
    fn words_are_whole() {
        assert_eq!(find_word("prepaid paid", "paid"), Some(8));
        assert_eq!(find_word("a/cx12-credited", "credited"), Some(7));
        assert_eq!(find_word("absent", "sent"), None);
        assert!(!imitates_bank("SUTRADHAR") && !imitates_bank("Dr Burra"));
        assert!(imitates_bank("Rs.9999") && imitates_bank("utr: 1") && imitates_bank("CREDITED"));
        assert!(!imitates_bank("PAYER-utr@rs") && !imitates_bank("for Rs"));
    }

    #[test]
    fn the_rules_find_a_breach() {
        assert!(!is_followed_by_a_label("from {who}{ref}"));
        assert!(!is_followed_by_a_label("from {who}[ Ref {ref}]"));
        assert!(pattern("{nothing}", field).is_none() && pattern("{open", field).is_none());
    }
}
