//! How far a notice is believed: the odd signs that its text, the account's balance and the clock show.
//!
//! The sender of an SMS can be forged, but a forger does not know the balance and rarely the structure
//! of a TrxID. One odd sign costs High; two independent signs of forgery make Low, so that a person
//! looks. A sign is never a verdict: wallets change their wordings without asking.

use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};
use torana_domain::receipt::Confidence;
use torana_domain::{Money, Timestamp};

use super::{Notice, WhyNotMoney, text};

/// A message dated this far after it was heard has a wrong clock somewhere; texts have whole minutes.
const CLOCK_SKEW_MS_MAX: i64 = 10 * 60 * 1000;
/// A message heard this long after its time was held up, mostly by a phone without network.
const DELIVERY_MS_MAX: i64 = 60 * 60 * 1000;

/// Something odd about a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// The TrxID does not have the structure that the wallet's TrxIDs have.
    #[serde(rename = "trxid_structure")]
    TrxIdStructure,
    /// The TrxID is of another time than the message.
    #[serde(rename = "trxid_date")]
    TrxIdDate,
    /// The balance is not the last one plus this amount, or is less than the amount.
    BalanceGap,
    /// The message states no balance, though the one before it did. A forger would leave it out.
    BalanceMissing,
    /// The message is dated later than it was heard.
    ClockSkew,
    /// The date is on no calendar.
    ImpossibleDate,
    /// What the payer wrote looks like the wallet's own words: an attempt at being misread.
    NoteImitatesWallet,
    /// The message was heard long after its time: the phone was offline, or the wallet slow.
    LateDelivery,
    /// The message has no TrxID, so that a second equal deposit could not be told from it.
    DerivedReference,
    /// Advertising stands before the message.
    LeadingText,
    /// The balance has digits beyond the paisa or odd grouping.
    UnreadableBalance,
}

impl Warning {
    /// A stable code, as stored with the receipt.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TrxIdStructure => "trxid_structure",
            Self::TrxIdDate => "trxid_date",
            Self::BalanceGap => "balance_gap",
            Self::BalanceMissing => "balance_missing",
            Self::ClockSkew => "clock_skew",
            Self::ImpossibleDate => "impossible_date",
            Self::NoteImitatesWallet => "note_imitates_wallet",
            Self::LateDelivery => "late_delivery",
            Self::DerivedReference => "derived_reference",
            Self::LeadingText => "leading_text",
            Self::UnreadableBalance => "unreadable_balance",
        }
    }

    /// Whether a forged message would show it. The others have innocent causes, and any number of them
    /// leaves Medium.
    pub const fn is_forgery_sign(self) -> bool {
        match self {
            Self::TrxIdStructure
            | Self::TrxIdDate
            | Self::BalanceGap
            | Self::BalanceMissing
            | Self::UnreadableBalance
            | Self::ClockSkew
            | Self::ImpossibleDate
            | Self::NoteImitatesWallet => true,
            Self::LateDelivery | Self::DerivedReference | Self::LeadingText => false,
        }
    }
}

/// What is known of the account that the message speaks of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChainState {
    /// The balance that the message before it stated; keep one per device, SIM, wallet and bank.
    pub last_balance: Option<Money>,
}

/// How far a notice is believed, and all that is odd about it.
pub fn assess(
    notice: &Notice,
    chain: ChainState,
    heard_at: Timestamp,
) -> (Confidence, Vec<Warning>) {
    let mut warnings = notice.warnings.clone();
    match has_balance_gap(notice, chain.last_balance) {
        Some(true) => warnings.push(Warning::BalanceGap),
        Some(false) => {}
        None if warnings.contains(&Warning::UnreadableBalance) => {}
        None if chain.last_balance.is_some() => warnings.push(Warning::BalanceMissing),
        None => {}
    }
    if let Some(sent_at) = notice.sent_at {
        let delay_ms = heard_at.ms_since(sent_at);
        if delay_ms < -CLOCK_SKEW_MS_MAX {
            warnings.push(Warning::ClockSkew);
        } else if delay_ms > DELIVERY_MS_MAX {
            warnings.push(Warning::LateDelivery);
        }
    }
    warnings.sort_unstable();
    warnings.dedup();
    let forgery_signs = warnings.iter().filter(|warning| warning.is_forgery_sign()).count();
    let confidence = match forgery_signs {
        0 if warnings.is_empty() => Confidence::High,
        0 | 1 => Confidence::Medium,
        _ => Confidence::Low,
    };
    (confidence, warnings)
}

/// Whether a message that is no payment carries the account's balance on from `last` to `balance`: the difference is
/// an amount that it states, with or without a fee that it states. A forger who does not know the balance cannot
/// write such a message, so only these may move the chain.
pub fn continues_chain(body: &str, why: WhyNotMoney, last: Money, balance: Money) -> bool {
    let line = text::normalise(body);
    let Some(amounts) = STATED.as_ref() else { return false };
    let stated: Vec<i64> = amounts
        .find_iter(&line)
        .filter_map(|found| text::amount(found.as_str().trim_end_matches('.')))
        .map(Money::minor)
        .filter(|minor| *minor > 0)
        .take(STATED_AMOUNTS_MAX)
        .collect();
    let moved = match why {
        WhyNotMoney::Outgoing => last.minor().saturating_sub(balance.minor()),
        WhyNotMoney::Cashback => balance.minor().saturating_sub(last.minor()),
        WhyNotMoney::OneTimePassword | WhyNotMoney::Promotion => return false,
    };
    let alone = stated.contains(&moved);
    let with_fee = || {
        let pairs = stated.iter().enumerate();
        pairs.into_iter().any(|(at, amount)| {
            let fees = stated.iter().skip(at + 1);
            fees.into_iter().any(|fee| amount.saturating_add(*fee) == moved)
        })
    };
    alone || with_fee()
}

/// Amounts as the wallets write them.
static STATED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)(?:tk|bdt|৳)[.:]? ?[0-9][0-9,]*(?:\.[0-9]+)?").ok());
/// More amounts than any message of a wallet states.
const STATED_AMOUNTS_MAX: usize = 8;

/// `None` when there is no balance to compare.
fn has_balance_gap(notice: &Notice, last: Option<Money>) -> Option<bool> {
    let balance = notice.balance?.minor();
    let amount = notice.amount.minor();
    let fee = notice.fee.map_or(0, Money::minor);
    let Some(last) = last else {
        return Some(balance < amount.saturating_sub(fee));
    };
    let surplus = balance.saturating_sub(last.minor()).saturating_sub(amount);
    // Some wallets take the fee at once, some later; agents' commissions were rounded down here.
    let is_explained = surplus == 0
        || surplus == -fee
        || notice.commission.is_some_and(|commission| {
            let paisa = commission.minor();
            surplus == paisa || surplus == paisa.saturating_add(1)
        });
    Some(!is_explained)
}

#[cfg(test)]
mod tests {
    use torana_domain::Currency;

    use super::*;
    use crate::wallet::{Kind, Wallet};

    #[test]
    fn only_a_stated_amount_carries_the_balance_on() {
        let body = "Send Money Tk 500.00 to 01711000001 successful. Fee Tk 5.00. Balance Tk 495.00. TrxID X";
        let carries = |last: i64| {
            let (last, balance) =
                (Money::from_minor(last, Currency::BDT), Money::from_minor(49_500, Currency::BDT));
            continues_chain(body, WhyNotMoney::Outgoing, last, balance)
        };
        assert!(carries(100_000), "amount and fee");
        assert!(carries(99_500), "the amount alone");
        assert!(!carries(100_001) && !carries(10_000) && !carries(5_000_000));
    }

    const NOON: Timestamp = Timestamp::from_s(1_762_322_820);

    fn taka(taka: i64) -> Money {
        Money::from_minor(taka * 100, Currency::BDT)
    }

    fn notice(warnings: &[Warning]) -> Notice {
        Notice {
            wallet: Wallet::Bkash,
            bank: None,
            kind: Kind::Personal,
            amount: taka(100),
            reference: "CK51234567".to_owned(),
            reference_is_derived: false,
            payer: None,
            refund_to: None,
            balance: Some(taka(350)),
            fee: Some(taka(0)),
            commission: None,
            note: None,
            sent_at: Some(NOON),
            warnings: warnings.to_vec(),
        }
    }

    fn check(notice: &Notice, last: Option<i64>, heard_after_ms: i64, expect: Confidence) {
        let chain = ChainState { last_balance: last.map(taka) };
        let (confidence, warnings) = assess(notice, chain, NOON.plus_ms(heard_after_ms));
        assert_eq!(confidence, expect, "{warnings:?}");
    }

    #[test]
    fn one_odd_sign_is_medium_and_two_signs_of_forgery_are_low() {
        use Confidence::{High, Low, Medium};
        check(&notice(&[]), Some(250), 5_000, High);
        check(&notice(&[]), None, 5_000, High);
        check(&notice(&[]), Some(251), 5_000, Medium);
        check(&notice(&[Warning::TrxIdStructure]), Some(250), 5_000, Medium);
        check(&notice(&[Warning::TrxIdStructure]), Some(251), 5_000, Low);
        check(&notice(&[Warning::TrxIdDate]), Some(250), -11 * 60 * 1000, Low);
    }

    #[test]
    fn late_delivery_never_lowers_below_medium() {
        let day_ms = 24 * 60 * 60 * 1000;
        check(&notice(&[]), Some(250), day_ms, Confidence::Medium);
        check(&notice(&[Warning::LeadingText]), Some(250), day_ms, Confidence::Medium);
        check(&notice(&[]), Some(251), day_ms, Confidence::Medium);
    }

    #[test]
    fn a_balance_below_the_amount_is_a_gap_even_without_a_chain() {
        let forged = Notice { balance: Some(taka(99)), ..notice(&[]) };
        check(&forged, None, 0, Confidence::Medium);
    }

    #[test]
    fn a_missing_balance_is_odd_where_the_chain_has_one() {
        let silent = Notice { balance: None, ..notice(&[]) };
        check(&silent, None, 0, Confidence::High);
        check(&silent, Some(250), 0, Confidence::Medium);
    }

    #[test]
    fn fees_and_commissions_explain_a_gap() {
        let with_fee = Notice { fee: Some(taka(2)), ..notice(&[]) };
        check(&with_fee, Some(252), 0, Confidence::High);
        check(&with_fee, Some(251), 0, Confidence::Medium);
        let paid = Money::from_minor(413, Currency::BDT);
        let balance = Some(Money::from_minor(35_414, Currency::BDT));
        let agent = Notice { commission: Some(paid), balance, ..notice(&[]) };
        check(&agent, Some(250), 0, Confidence::High);
        check(&agent, Some(249), 0, Confidence::Medium);
    }

    #[test]
    fn codes_are_what_serde_writes() {
        assert_eq!(Warning::TrxIdStructure.code(), "trxid_structure");
        assert_eq!(Warning::NoteImitatesWallet.code(), "note_imitates_wallet");
    }
}
