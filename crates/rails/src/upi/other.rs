//! Messages of banks that tell of no incoming money: codes, requests, mandates, failures, money that left.
//!
//! What such a word means depends on its place: banks say it before they speak of a credit, payers write
//! it after. A message that speaks of a credit first is never put aside here, it stays unread at worst.

use super::reading::WhyNotMoney;
use super::wording::{find_word, has_word, mentions};

const CREDIT: [&str; 5] = ["credited", "received", "deposited", "credit", "deposit"];
const DEBIT: [&str; 9] = [
    "debited",
    "debit",
    "sent",
    "spent",
    "withdrawn",
    "withdrawal",
    "paid",
    "purchase",
    "transferred",
];

/// What a bank says when no money comes in, most telling first.
const SIGNS: [(WhyNotMoney, &[&str]); 5] = [
    (
        WhyNotMoney::OneTimePassword,
        &["otp", "one time password", "one-time", "passcode", "verification code", "upi pin"],
    ),
    (
        WhyNotMoney::CollectRequest,
        &["requested", "collect request", "has requested", "requesting", "payment request"],
    ),
    (
        WhyNotMoney::Announcement,
        &[
            "will be",
            "mandate",
            "autopay",
            "auto pay",
            "standing instruction",
            "is due",
            "scheduled",
        ],
    ),
    (
        WhyNotMoney::Failed,
        &[
            "failed",
            "declined",
            "unsuccessful",
            "reversed",
            "reversal",
            "rejected",
            "not completed",
        ],
    ),
    (WhyNotMoney::Outgoing, &["beneficiary"]),
];

/// What the message is, if a word that says so stands before any that speaks of a credit.
pub(super) fn without_credit(line: &str) -> Option<WhyNotMoney> {
    let text = line.to_lowercase();
    let credit_at = first_word(&text, &CREDIT);
    let debit_at = first_word(&text, &DEBIT);
    let before_credit = credit_at.and_then(|at| text.get(..at)).unwrap_or(&text);
    let sign =
        SIGNS.iter().find(|(_, words)| words.iter().any(|word| has_word(before_credit, word)));
    if let Some((why, _)) = sign {
        return Some(*why);
    }
    // Money that a bank moved to somebody else's account is also called credited.
    let leaves = credit_at.is_some() && has_word(&text, "beneficiary");
    if leaves || debit_at.is_some_and(|debit| credit_at.is_none_or(|credit| debit < credit)) {
        return Some(WhyNotMoney::Outgoing);
    }
    let offer = ["offer", "cashback", "discount", "download", "apply now", "loan", "win "];
    let is_offer = credit_at.is_none() && mentions(&text, &offer);
    is_offer.then_some(WhyNotMoney::Promotion)
}

/// Whether the bank's own words, without the payer's, say that nothing came in.
pub(super) fn speaks_of_no_credit(own: &str) -> bool {
    let text = own.to_lowercase();
    SIGNS.iter().any(|(_, words)| words.iter().any(|word| has_word(&text, word)))
}

/// Whether the line tells anywhere of money that leaves.
pub(super) fn mentions_debit(line: &str) -> bool {
    first_word(&line.to_lowercase(), &DEBIT).is_some()
}

fn first_word(text: &str, words: &[&str]) -> Option<usize> {
    words.iter().filter_map(|word| find_word(text, word)).min()
}
