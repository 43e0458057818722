//! How far a credit is believed: what account, clock and text show.
//!
//! Banks' messages have no chain of balances that could be checked, since most state none. What betrays a
//! forger here is the account: the digits that a genuine message shows are the merchant's own. A message
//! of another account is therefore never believed by itself.

use serde::{Deserialize, Serialize};
use torana_domain::Timestamp;
use torana_domain::receipt::Confidence;

use super::{Bank, Credit};

/// A message dated this far after it was heard has a wrong clock somewhere.
const CLOCK_SKEW_MS_MAX: i64 = 10 * 60 * 1000;
/// A message heard this long after its time was held up.
const DELIVERY_MS_MAX: i64 = 60 * 60 * 1000;
/// What says that the money is not, or need not be, on the merchant's account.
const OF_ANOTHER: [Warning; 3] =
    [Warning::OtherAccount, Warning::OtherBank, Warning::AccountNotShown];
/// Digits of an account that two tails must share, so that they say anything.
const TAIL_DIGITS_MIN: usize = 2;

/// Something odd about a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// The message is about an account that is not the configured one.
    OtherAccount,
    /// The message is another bank's than the account's.
    OtherBank,
    /// The message shows less of the account than its bank's messages do, so that it could be about any.
    AccountNotShown,
    /// The message is dated later than it was heard.
    ClockSkew,
    /// The date or time is on no calendar.
    ImpossibleDate,
    /// The balance after the credit is smaller than the credit.
    BalanceTooSmall,
    /// What the payer wrote looks like the bank's own words: an attempt at being misread.
    NoteImitatesBank,
    /// The message was heard long after its time.
    Delayed,
    /// The message has no UTR, so that a second equal payment could not be told from it.
    DerivedReference,
    /// No wording of this bank is known; the general rule was applied.
    GeneralWording,
}

impl Warning {
    /// A stable code, as stored with the receipt.
    pub const fn code(self) -> &'static str {
        match self {
            Self::OtherAccount => "other_account",
            Self::OtherBank => "other_bank",
            Self::AccountNotShown => "account_not_shown",
            Self::ClockSkew => "clock_skew",
            Self::ImpossibleDate => "impossible_date",
            Self::BalanceTooSmall => "balance_too_small",
            Self::NoteImitatesBank => "note_imitates_bank",
            Self::Delayed => "delayed",
            Self::DerivedReference => "derived_reference",
            Self::GeneralWording => "general_wording",
        }
    }

    /// Whether a forged message would show it. The others have innocent causes, and any number of them
    /// leaves Medium.
    pub const fn is_forgery_sign(self) -> bool {
        match self {
            Self::OtherAccount
            | Self::OtherBank
            | Self::AccountNotShown
            | Self::ClockSkew
            | Self::ImpossibleDate
            | Self::BalanceTooSmall
            | Self::NoteImitatesBank => true,
            Self::Delayed | Self::DerivedReference | Self::GeneralWording => false,
        }
    }
}

/// What the merchant says about the account that is paid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BankAccount {
    /// Its bank; where it is not said, messages of any bank are believed.
    pub bank: Option<Bank>,
    /// Its number, or its last digits; where they are not said, messages about any account are believed.
    pub tail: Option<String>,
}

/// How far a credit is believed, and all that is odd about it.
///
/// Who forges a message chooses its wording too: one of another bank, or one that shows no account, would pass by the
/// account's digits.
pub fn assess(
    credit: &Credit,
    account: &BankAccount,
    heard_at: Timestamp,
) -> (Confidence, Vec<Warning>) {
    let mut warnings = credit.warnings.clone();
    let is_other_bank = account.bank.is_some_and(|bank| bank != credit.bank);
    warnings.extend(is_other_bank.then_some(Warning::OtherBank));
    if let Some(known) = account.tail.as_deref() {
        match credit.account_tail.as_deref() {
            Some(seen) if contradict(seen, known) => warnings.push(Warning::OtherAccount),
            Some(_) => {}
            // Some banks' own wordings show none; then it must be said that the account is with that bank.
            None if account.bank.is_some()
                && !credit.warnings.contains(&Warning::GeneralWording) => {}
            None => warnings.push(Warning::AccountNotShown),
        }
    }
    // Without a time, the whole day may be meant.
    let span = credit.sent_at.map(|at| (at, at)).or(credit.sent_on);
    if let Some((earliest, latest)) = span {
        let is_early = heard_at.ms_since(earliest) < -CLOCK_SKEW_MS_MAX;
        warnings.extend(is_early.then_some(Warning::ClockSkew));
        let is_late = heard_at.ms_since(latest) > DELIVERY_MS_MAX;
        warnings.extend(is_late.then_some(Warning::Delayed));
    }
    warnings.sort_unstable();
    warnings.dedup();
    let forgery_signs = warnings.iter().filter(|warning| warning.is_forgery_sign()).count();
    let confidence = match forgery_signs {
        _ if warnings.iter().any(|it| OF_ANOTHER.contains(it)) => Confidence::Low,
        0 if warnings.is_empty() => Confidence::High,
        0 | 1 => Confidence::Medium,
        _ => Confidence::Low,
    };
    (confidence, warnings)
}

/// Whether two tails cannot be of one account. What the merchant typed may have masks and blanks in it.
fn contradict(seen: &str, configured: &str) -> bool {
    let digits =
        |text: &str| -> Vec<u8> { text.bytes().filter(u8::is_ascii_digit).rev().collect() };
    let (seen, configured) = (digits(seen), digits(configured));
    let shared = seen.len().min(configured.len());
    shared >= TAIL_DIGITS_MIN && seen.iter().zip(&configured).any(|(a, b)| a != b)
}

#[cfg(test)]
mod tests {
    use super::super::{Message, Reading, read};
    use super::*;

    #[test]
    fn another_banks_message_or_one_without_an_account_is_not_believed() {
        let heard_at = Timestamp::from_ms(1_793_700_000_000);
        let believed = |sender: &str, body: &str, bank: Option<Bank>| {
            let message = Message { sender, body, heard_at };
            let Reading::Credit(credit) = read(&message) else { panic!("{body}") };
            assess(&credit, &BankAccount { bank, tail: Some("4821".into()) }, heard_at)
        };
        let baroda = "Dear BOB UPI User: Your account is credited with INR 731.40 on 2026-11-03 08:14:23 AM by UPI Ref No 630712345671";
        for (bank, expected) in [
            (Some(Bank::Hdfc), Confidence::Low),
            (None, Confidence::Low),
            (Some(Bank::Baroda), Confidence::High),
        ] {
            let (confidence, warnings) = believed("AX-BOBTXN-S", baroda, bank);
            let is_late =
                warnings.contains(&Warning::Delayed) || warnings.contains(&Warning::ClockSkew);
            assert_eq!(
                confidence == Confidence::Low,
                expected == Confidence::Low,
                "{bank:?} {warnings:?} {is_late}"
            );
        }
    }

    #[test]
    fn tails_contradict_only_where_both_show_digits() {
        for (seen, configured) in [
            ("4821", "4821"),
            ("821", "XX4821"),
            ("21", "123456784821"),
            ("4821", ""),
            ("4821", "2"),
        ] {
            assert!(!contradict(seen, configured), "{seen} {configured}");
        }
        assert!(contradict("4821", "4822") && contradict("31", "4821"));
    }
}
