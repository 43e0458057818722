//! bKash: amounts with two decimals and English grouping, time as `dd/mm/yyyy hh:mm`.
//!
//! A TrxID is ten letters and digits, of which the first three are the date: year (`A` is 2023), month
//! (`A` is January) and day (`1` to `9`, then `A` to `V`).

use torana_domain::Timestamp;

use super::message::Kind;
use super::message::Kind::{Agent, Deposit, Merchant, Personal};
use super::message::WhyNotMoney::{Cashback, Outgoing};
use super::simulator::Spoken;
use super::trxid::to_base36;
use super::wording::{Format, Wording};
use super::{Wallet, Warning, dhaka};

/// The year whose letter is `A`.
const FIRST_YEAR: i16 = 2023;
const MONTHS: &str = "ABCDEFGHIJKL";
const DAYS: &str = "123456789ABCDEFGHIJKLMNOPQRSTUV";

pub(super) const FORMAT: Format = Format {
    wallet: Wallet::Bkash,
    // The number is the hotline, seen as an alias.
    senders: &["bkash", "16247"],
    wordings: &[
        Wording::new(
            Personal,
            "You have received {amount} from {payer}. [Ref: {note}. ]Fee {fee}. Balance {balance}. Trx ID: {id} at {at}",
        ),
        Wording::new(
            Merchant,
            "You have received payment {amount} from {payer}. [Ref: {note}. ]Fee {fee}. Balance {balance}. Trx ID: {id} at {at}",
        ),
        // An older form has neither fee nor balance after the reference.
        Wording::new(
            Personal,
            "You have received {amount} from {payer}. [Ref: {note}. ]Trx ID: {id} at {at}",
        ),
        Wording::new(
            Personal,
            "Cash In {amount} from {agent} successful. Fee {fee}. Balance {balance}. Trx ID: {id} at {at}",
        ),
        Wording::new(
            Deposit,
            "You have received deposit [from iBanking ]of {amount} from {name}. Fee {fee}. Balance {balance}. Trx ID: {id} at {at}",
        ),
        Wording::new(
            Agent,
            "Cash Out {amount} from {payer} successful. [Fee {fee}. ][Comm: {comm}. ]Balance {balance}. Trx ID: {id} at {at}",
        ),
    ],
    sent: &[
        Wording::new(
            Personal,
            "Send Money {amount} to {payee} successful. [Ref: {note}. ]Fee {fee}. Balance {balance}. Trx ID: {id} at {at}",
        ),
        Wording::new(
            Agent,
            "Cash In {amount} to {payee} successful. Fee {fee}. Balance {balance}. Trx ID: {id} at {at}",
        ),
    ],
    not_money: &[
        (Cashback, "[Congratulations!] You have received [a] Cashback"),
        (Outgoing, "Send Money {amount} to"),
        (Outgoing, "Payment [of] {amount} to"),
        (Outgoing, "Cash Out {amount} to"),
        (Outgoing, "Cash In {amount} to"),
        (Outgoing, "B2B Transfer {amount} to"),
    ],
    check_id,
    make_id,
    say,
    say_sent,
    say_cashback,
};

fn check_id(id: &str, sent_at: Option<Timestamp>) -> Option<Warning> {
    let Some(days) = decode_days(id) else { return Some(Warning::TrxIdStructure) };
    let sent_on = dhaka::civil(sent_at?)?.date();
    // Around midnight the two may be a day apart.
    let distance = days.since(sent_on).map_or(i32::MAX, |span| span.get_days().abs());
    (distance > 1).then_some(Warning::TrxIdDate)
}

/// The day that the first three characters name.
fn decode_days(id: &str) -> Option<jiff::civil::Date> {
    if id.len() != 10 || !id.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
    {
        return None;
    }
    let mut chars = id.chars();
    let years = chars.next().filter(char::is_ascii_uppercase).map(|c| c as i16 - 'A' as i16)?;
    let month = MONTHS.find(chars.next()?)? + 1;
    let day = DAYS.find(chars.next()?)? + 1;
    jiff::civil::Date::new(FIRST_YEAR + years, i8::try_from(month).ok()?, i8::try_from(day).ok()?)
        .ok()
}

fn make_id(at: Timestamp, random: u64) -> String {
    let date = dhaka::civil(at).unwrap_or_default();
    let letter = |alphabet: &str, index: i16| {
        usize::try_from(index).ok().and_then(|index| alphabet.chars().nth(index)).unwrap_or('Z')
    };
    let years = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    format!(
        "{}{}{}{}",
        letter(years, date.year() - FIRST_YEAR),
        letter(MONTHS, i16::from(date.month()) - 1),
        letter(DAYS, i16::from(date.day()) - 1),
        to_base36(random, 7)
    )
}

fn say(kind: Kind, spoken: &Spoken) -> Option<String> {
    let Spoken { payer, id, .. } = spoken;
    let (amount, at) = (spoken.amount(), dhaka::slashed(spoken.at));
    let tail = format!("Fee Tk 0.00. Balance Tk {}. TrxID {id} at {at}", spoken.balance());
    let note = spoken.note.as_ref().map_or(String::new(), |note| format!("Ref {note}. "));
    Some(match kind {
        Personal => format!("You have received Tk {amount} from {payer}. {note}{tail}"),
        Merchant => format!("You have received payment Tk {amount} from {payer}. {note}{tail}"),
        Agent => format!("Cash Out Tk {amount} from {payer} successful. {tail}"),
        Deposit => {
            let bank = spoken.bank_name();
            format!("You have received deposit from iBanking of Tk {amount} from {bank}. {tail}")
        }
    })
}

fn say_sent(kind: Kind, spoken: &Spoken) -> Option<String> {
    let Spoken { payer: payee, id, .. } = spoken;
    let (amount, balance, at) = (spoken.amount(), spoken.balance(), dhaka::slashed(spoken.at));
    let tail = format!("Fee Tk 0.00. Balance Tk {balance}. TrxID {id} at {at}");
    let note = spoken.note.as_ref().map_or(String::new(), |note| format!("Ref {note}. "));
    match kind {
        Personal => Some(format!("Send Money Tk {amount} to {payee} successful. {note}{tail}")),
        Agent => Some(format!("Cash In Tk {amount} to {payee} successful. {tail}")),
        Merchant | Deposit => None,
    }
}

fn say_cashback(spoken: &Spoken) -> Option<String> {
    let (amount, balance, id) = (spoken.amount(), spoken.balance(), &spoken.id);
    let at = dhaka::slashed(spoken.at);
    Some(format!(
        "Congratulations! You have received Cashback Tk {amount}. Balance Tk {balance}. TrxID {id} at {at}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_three_characters_are_the_date() {
        for (id, date) in [
            ("AA20000000", "02/01/2023 10:00"),
            ("ACD0000000", "13/03/2023 10:00"),
            ("CJO0000000", "24/10/2025 10:00"),
            ("CJU0000000", "30/10/2025 10:00"),
            ("DIQ0000000", "26/09/2026 10:00"),
            ("DJ30000000", "03/10/2026 10:00"),
        ] {
            let at = dhaka::parse(date);
            assert_eq!(check_id(id, at), None, "{id}");
            assert!(make_id(at.unwrap(), 0) == *id, "{id}");
        }
    }

    #[test]
    fn other_structures_and_dates_are_odd() {
        let at = dhaka::parse("24/10/2025 10:00");
        for id in ["CJO000000", "1JO0000000", "CZO0000000", "CJ00000000", "CBV0000000"] {
            assert_eq!(check_id(id, at), Some(Warning::TrxIdStructure), "{id}");
        }
        assert_eq!(check_id("CJR0000000", at), Some(Warning::TrxIdDate));
        assert_eq!(check_id("CIO0000000", at), Some(Warning::TrxIdDate));
        assert_eq!(check_id("CJP0000000", at), None);
    }
}
