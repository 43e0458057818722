//! The rule for banks of which no wording is known. Careful rather than clever: whatever could be meant
//! in two ways is left for a person, and what is read is never believed fully.

use std::sync::LazyLock;

use regex::Regex;
use torana_domain::Money;

use super::credit::{When, account_tail, amount, amount_or_zero};
use super::reading::{Credit, WhyUnread};
use super::wording::{ACCOUNT, DATE, SUM, TIME, VPA};
use super::{Bank, Warning, other};

struct Patterns {
    /// The sum beside the word that says that it came in.
    credited: Regex,
    sum: Regex,
    balance_label: Regex,
    twelve_digits: Regex,
    reference_label: Regex,
    account_label: Regex,
    account: Regex,
    vpa: Regex,
    date: Regex,
    time: Regex,
}

/// A pattern that does not compile reads nothing; a test holds that all do.
static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| compile().ok());

fn compile() -> Result<Patterns, regex::Error> {
    let signed = SUM.replacen("[.:]{0,2} ?)?", "[.:]{0,2} ?)", 1);
    let credit = "(?:credited|received|deposited)";
    let helper = "(?:(?:is|has been|was|successfully) ){0,2}";
    let pattern = |text: String| Regex::new(&format!("(?i){text}"));
    Ok(Patterns {
        credited: pattern(format!(
            r"(?:\b(?P<before>{signed}) ?{helper}{credit}\b|\b{credit}(?: (?:with|by|for|of))?[ :]{{0,2}}(?P<after>{signed})(?:[^0-9,]|,[^0-9]|$))"
        ))?,
        sum: pattern(format!(r"\b{signed}"))?,
        balance_label: pattern(r"bal(?:ance)?(?: is)?[ .:-]{0,3}$".to_owned())?,
        twelve_digits: pattern(r"\b[0-9]{12}\b".to_owned())?,
        reference_label: pattern(
            r"\b(?:upi|ref|refno|rrn|utr|imps|txn|transaction)\b[a-z .:/#(-]{0,24}$".to_owned(),
        )?,
        account_label: pattern(r"\b(?:a/c|ac|acct|account)(?: ?no)?[ .:]{0,3}$".to_owned())?,
        account: pattern(format!(
            r"\b(?:a/c|ac|acct|account)(?: ?no)?[ .:]{{0,3}}(?P<account>{ACCOUNT})"
        ))?,
        vpa: pattern(format!(r"\b{VPA}"))?,
        date: pattern(format!(r"\b{DATE}\b"))?,
        time: pattern(format!(r"\b{TIME}\b"))?,
    })
}

/// Reads a line that speaks of a credit before it speaks of anything else.
pub(super) fn credit(bank: Bank, line: &str) -> Result<Credit, WhyUnread> {
    let patterns = PATTERNS.as_ref().ok_or(WhyUnread::UnknownWording)?;
    if other::speaks_of_no_credit(line) || other::mentions_debit(line) {
        return Err(WhyUnread::UnknownWording);
    }
    let (amount, balance) = sums(patterns, line)?;
    let reference = reference(patterns, line)?;
    let mut addresses = patterns.vpa.find_iter(line).map(|found| found.as_str().to_owned());
    let payer = addresses.next().filter(|_| addresses.next().is_none());
    let first = |regex: &Regex| regex.find(line).map(|found| found.as_str());
    let when = When::of(first(&patterns.date), first(&patterns.time));
    let account = patterns.account.captures(line).and_then(|captures| captures.name("account"));
    let mut warnings = vec![Warning::GeneralWording];
    warnings.extend(when.is_impossible.then_some(Warning::ImpossibleDate));
    let is_too_small = balance.is_some_and(|left| left.minor() < amount.minor());
    warnings.extend(is_too_small.then_some(Warning::BalanceTooSmall));
    Ok(Credit {
        bank,
        amount,
        reference: reference.to_owned(),
        reference_is_derived: false,
        refund_to: payer.clone(),
        payer,
        account_tail: account.and_then(|account| account_tail(account.as_str())),
        balance,
        note: None,
        sent_at: when.sent_at,
        sent_on: when.sent_on,
        warnings,
    })
}

/// The amount and the balance. Any other sum makes it ambiguous.
fn sums(patterns: &Patterns, line: &str) -> Result<(Money, Option<Money>), WhyUnread> {
    let captures = patterns.credited.captures(line).ok_or(WhyUnread::UnknownWording)?;
    let credited = captures.name("before").or(captures.name("after"));
    let credited = credited.ok_or(WhyUnread::UnknownWording)?;
    let mut balance = None;
    for sum in patterns.sum.find_iter(line).filter(|sum| sum.start() != credited.start()) {
        let before = line.get(..sum.start()).unwrap_or_default();
        if !patterns.balance_label.is_match(before) || balance.is_some() {
            return Err(WhyUnread::Ambiguous);
        }
        balance = amount_or_zero(sum.as_str());
    }
    let amount = amount(credited.as_str()).ok_or(WhyUnread::UnknownWording)?;
    Ok((amount, balance))
}

/// The one run of twelve digits that can be a UTR.
fn reference<'t>(patterns: &Patterns, line: &'t str) -> Result<&'t str, WhyUnread> {
    let mut runs = patterns.twelve_digits.find_iter(line).filter_map(|run| {
        let before = line.get(..run.start())?;
        let is_address = line.get(run.end()..)?.starts_with('@');
        let is_masked = before.ends_with(['*', '+']);
        let is_account = patterns.account_label.is_match(before);
        (!is_address && !is_masked && !is_account)
            .then(|| (run.as_str(), patterns.reference_label.is_match(before)))
    });
    match (runs.next(), runs.next()) {
        (Some((utr, true)), None) => Ok(utr),
        (Some(_), Some(_)) => Err(WhyUnread::Ambiguous),
        _ => Err(WhyUnread::UnknownWording),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert!(compile().is_ok());
    }
}
