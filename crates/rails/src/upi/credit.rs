//! Reads a bank's message: header to bank, wording to fields, fields to a [`Credit`].

use std::sync::LazyLock;

use regex::Captures;
use torana_domain::{Currency, Money, Timestamp};

use super::banks::Speaker;
use super::reading::{Credit, Reading, WhyNotMoney, WhyUnread};
use super::wording::{self, Compiled, FREE, captured};
use super::wordings::WORDINGS;
use super::{Bank, Vpa, Warning, general, ist, other};
use crate::message::Message;
use crate::text;

/// Characters. Four joined SMS have fewer than 650, and the longest known message 300.
const BODY_CHARS_MAX: usize = 2000;
/// Digits of an account that are kept.
const TAIL_DIGITS: usize = 4;

/// Compiled when the first message comes. A wording that does not compile reads nothing; a test holds
/// that there is none.
static COMPILED: LazyLock<Vec<Compiled>> =
    LazyLock::new(|| WORDINGS.iter().filter_map(wording::Wording::compile).collect());

/// What a message says. Never fails and never panics: what is not understood is [`Reading::Unread`].
pub fn read(message: &Message<'_>) -> Reading {
    let Some(Speaker { bank, promotes }) = Speaker::of(message.sender) else {
        return Reading::Unread { bank: None, why: WhyUnread::UnknownSender };
    };
    let unread = |why| Reading::Unread { bank: Some(bank), why };
    if promotes {
        return Reading::NotMoney { bank: Some(bank), why: WhyNotMoney::Promotion };
    }
    if message.body.chars().nth(BODY_CHARS_MAX).is_some() {
        return unread(WhyUnread::TooLong);
    }
    let line = text::normalise(message.body);
    match worded(bank, &line) {
        Some(Ok(credit)) => return Reading::Credit(credit),
        Some(Err(why)) => return unread(why),
        None => {}
    }
    if let Some(why) = other::without_credit(&line) {
        return Reading::NotMoney { bank: Some(bank), why };
    }
    let has_wording = COMPILED.iter().any(|wording| wording.bank == Some(bank));
    if has_wording {
        return unread(WhyUnread::UnknownWording);
    }
    match general::credit(bank, &line) {
        Ok(credit) => Reading::Credit(credit),
        Err(why) => unread(why),
    }
}

/// `None` if the line is in no wording of the bank's.
fn worded(bank: Bank, line: &str) -> Option<Result<Credit, WhyUnread>> {
    let of_bank = COMPILED.iter().filter(|wording| wording.bank.is_none_or(|owner| owner == bank));
    of_bank.into_iter().find_map(|wording| {
        let captures = wording.regex.captures(line)?;
        credit(bank, wording, line, &captures)
    })
}

/// `None` where the text must not be believed to be in this wording.
fn credit(
    bank: Bank,
    wording: &Compiled,
    line: &str,
    captures: &Captures<'_>,
) -> Option<Result<Credit, WhyUnread>> {
    let field = |name| captured(captures, name);
    let written = || FREE.iter().filter_map(|name| captured(captures, name));
    let amount = amount(field("amount")?)?;
    if wording.guards_tail && !wording::is_harmless_after(field("rest").unwrap_or_default()) {
        return None;
    }
    if other::speaks_of_no_credit(&own_words(line, captures)) {
        return None;
    }
    if wording.surrounds_reference && written().any(has_bare_utr) {
        return Some(Err(WhyUnread::Ambiguous));
    }
    let (payer, refund_to, narration) = payer(captures);
    let when = When::of(field("date"), field("time"));
    let balance = field("balance").and_then(amount_or_zero);
    let note = field("note").or(narration).map(str::trim).filter(|note| !is_blank(note));
    let odd = [
        (!wording.states_reference, Warning::DerivedReference),
        (when.is_impossible, Warning::ImpossibleDate),
        (balance.is_some_and(|left| left.minor() < amount.minor()), Warning::BalanceTooSmall),
        (written().any(wording::imitates_bank), Warning::NoteImitatesBank),
    ];
    Some(Ok(Credit {
        bank,
        amount,
        reference: match field("ref") {
            Some(utr) => utr.to_owned(),
            None => text::derive_reference(bank.slug(), line),
        },
        reference_is_derived: !wording.states_reference,
        payer,
        refund_to,
        account_tail: field("account").and_then(account_tail),
        balance,
        note: note.map(str::to_owned),
        sent_at: when.sent_at,
        sent_on: when.sent_on,
        warnings: odd
            .into_iter()
            .filter_map(|(is_odd, warning)| is_odd.then_some(warning))
            .collect(),
    }))
}

/// Who paid, the address to pay back to, and what the bank wrote after the name.
fn payer<'t>(captures: &Captures<'t>) -> (Option<String>, Option<String>, Option<&'t str>) {
    let field = |name| captured(captures, name);
    let of_vpa = |vpa: &str| (Some(vpa.to_owned()), Some(vpa.to_owned()), None);
    if let Some(vpa) = field("vpa") {
        return of_vpa(vpa);
    }
    if let Some(who) = field("who") {
        let who = who.trim().trim_end_matches('.');
        let is_vpa = who.parse::<Vpa>().is_ok();
        return if is_vpa { of_vpa(who) } else { (some(who), None, None) };
    }
    if let Some(named) = field("named") {
        let named = named.trim();
        let mut addresses = named
            .match_indices('-')
            .filter_map(|(at, hyphen)| named.get(at + hyphen.len()..))
            .filter(|rest| rest.parse::<Vpa>().is_ok());
        // `MARY-ANN-x@ybl` could be paid back to two addresses, so to none.
        let address = addresses.next().filter(|_| addresses.next().is_none());
        return (some(named), address.map(str::to_owned), None);
    }
    let Some(narration) = field("narration") else { return (None, None, None) };
    match narration.split_once('/') {
        Some((name, rest)) => (some(name), None, Some(rest)),
        None => (some(narration), None, None),
    }
}

fn some(name: &str) -> Option<String> {
    let name = name.trim().trim_end_matches('.');
    (!name.is_empty()).then(|| name.to_owned())
}

fn is_blank(note: &str) -> bool {
    matches!(note, "" | "-" | "NA" | "N/A" | "null")
}

/// Whether twelve digits stand there that are not the name of an address such as `919876500000@ybl`.
fn has_bare_utr(text: &str) -> bool {
    let words = text.split(|c: char| c.is_whitespace() || c == '(' || c == ')');
    words.into_iter().any(|word| match word.split_once('@') {
        Some((name, handle)) => {
            let before = name.rsplit_once('-').map_or("", |(before, _)| before);
            wording::has_utr(before) || wording::has_utr(handle)
        }
        None => wording::has_utr(word),
    })
}

/// The line without what the payer wrote.
fn own_words(line: &str, captures: &Captures<'_>) -> String {
    let mut written: Vec<_> = FREE.iter().filter_map(|name| captures.name(name)).collect();
    written.sort_by_key(regex::Match::start);
    let mut own = String::with_capacity(line.len());
    let mut from = 0;
    for text in written {
        own.push_str(line.get(from..text.start()).unwrap_or_default());
        own.push(' ');
        from = text.end();
    }
    own.push_str(line.get(from..).unwrap_or_default());
    own
}

/// The last digits of an account.
pub(super) fn account_tail(account: &str) -> Option<String> {
    let masked = account.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
    let digits = account.get(masked..)?;
    let tail = digits.get(digits.len().saturating_sub(TAIL_DIGITS)..)?;
    (!tail.is_empty()).then(|| tail.to_owned())
}

/// Exactly the rupees of a text such as `Rs.731`, `INR 1,02,345.67`, `₹5`; more than nothing.
pub(super) fn amount(text: &str) -> Option<Money> {
    amount_or_zero(text).filter(|amount| amount.is_positive())
}

pub(super) fn amount_or_zero(text: &str) -> Option<Money> {
    let digits_at = text.find(|c: char| c.is_ascii_digit())?;
    Money::parse(&text::ungrouped(text.get(digits_at..)?)?, Currency::INR).ok()
}

/// When a message says that it happened.
pub(super) struct When {
    pub sent_at: Option<Timestamp>,
    pub sent_on: Option<(Timestamp, Timestamp)>,
    pub is_impossible: bool,
}

impl When {
    pub fn of(date: Option<&str>, time: Option<&str>) -> Self {
        let day = date.and_then(ist::parse_date);
        let clock = time.and_then(ist::parse_time);
        let sent_on = day.and_then(ist::day);
        Self {
            sent_at: day.zip(clock).and_then(|(day, clock)| ist::timestamp(day.to_datetime(clock))),
            sent_on,
            is_impossible: date.is_some() && sent_on.is_none() || time.is_some() && clock.is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_read_exactly() {
        for (text, paise) in [
            ("Rs.731.40", 73_140),
            ("Rs 731", 73_100),
            ("Rs.5", 500),
            ("INR 1,02,345.67", 10_234_567),
            ("INR 25,731.00", 2_573_100),
            ("₹1", 100),
            ("731.4", 73_140),
        ] {
            assert_eq!(amount(text).map(Money::minor), Some(paise), "{text}");
        }
        for text in ["", "Rs", "Rs.0.00", "1,,000", "1,00", "1.001", "1,000,00"] {
            assert_eq!(amount(text), None, "{text}");
        }
    }

    #[test]
    fn the_tail_of_an_account_is_its_last_visible_digits() {
        let tail = |account| account_tail(account).unwrap();
        assert_eq!((tail("XX4821"), tail("XX482")), ("4821".into(), "482".into()));
        assert_eq!((tail("XXXXX21"), tail("123456789012")), ("21".into(), "9012".into()));
        assert_eq!(account_tail("XX"), None);
    }

    #[test]
    fn twelve_digits_of_an_address_are_no_utr() {
        assert!(!has_bare_utr("PAYER-919876500000@ybl"));
        assert!(!has_bare_utr("919876500000@ybl"));
        assert!(has_bare_utr("X (UPI Ref no 111111111111)"));
        assert!(has_bare_utr("111111111111-919876500000@ybl"));
    }
}
