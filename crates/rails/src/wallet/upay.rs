//! Upay (UCB): `Tk.` with or without a blank, no-break spaces, time as `dd/mm/yyyy hh:mm`.
//!
//! A TrxID is the first ten characters of a ULID, which are its time in milliseconds.

use torana_domain::Timestamp;

use super::message::Kind;
use super::message::Kind::{Agent, Deposit, Merchant, Personal};
use super::message::WhyNotMoney::Outgoing;
use super::simulator::Spoken;
use super::trxid::{from_base32, to_base32};
use super::wording::{Format, Wording};
use super::{Wallet, Warning, dhaka};

/// The text has whole minutes, and may be written a little after the TrxID.
const ID_DISTANCE_MS_MAX: i64 = 3 * 60 * 1000;
const MINUTE_MS: i64 = 60 * 1000;

pub(super) const FORMAT: Format = Format {
    wallet: Wallet::Upay,
    senders: &["upay", "16268"],
    wordings: &[
        Wording::new(
            Personal,
            "{amount} has been received from {payer}. [Ref[-]: {note}. ]Balance {balance}. Trx ID {id} at {at}",
        ),
        Wording::new(
            Deposit,
            "{amount} has been received from {name}. Balance {balance}. Trx ID {id} at {at}",
        ),
        Wording::new(Deposit, "{amount} has been received from {name}. Trx ID {id}[ at {at}]"),
        Wording::new(
            Merchant,
            "Received Payment of {amount} from {payer}. [Ref[-]: {note}. ]Balance {balance}. Trx ID {id} at {at}",
        ),
        Wording::new(
            Merchant,
            "Received Payment of {amount} from {payer}. [Ref[-]: {note}. ]Trx ID {id}[ at {at}]",
        ),
        Wording::new(
            Agent,
            "You have received Cash-out of {amount} from {payer}. [Comm: {comm}. ]Balance {balance}. Trx ID {id} at {at}",
        ),
    ],
    // Known only from what other software reads. Of a person's account nothing was at hand.
    sent: &[Wording::new(
        Agent,
        "Cash[-] in of {amount} to {payee} is successful. Comm: {comm}. Balance {balance}. Trx ID {id} at {at}",
    )],
    // The second is a guess; other messages stay unread.
    not_money: &[(Outgoing, "Cash[-] in of {amount} to"), (Outgoing, "{amount} has been sent to")],
    check_id,
    make_id,
    say,
    say_sent,
    say_cashback: |_| None,
};

fn check_id(id: &str, sent_at: Option<Timestamp>) -> Option<Warning> {
    let made_at = from_base32(id).filter(|_| id.len() == 10).and_then(|ms| i64::try_from(ms).ok());
    let Some(made_at) = made_at else { return Some(Warning::TrxIdStructure) };
    let distance_ms = sent_at?.ms_since(Timestamp::from_ms(made_at)).abs();
    (distance_ms > ID_DISTANCE_MS_MAX).then_some(Warning::TrxIdDate)
}

/// The whole TrxID is a time, so the random bits choose a millisecond of the minute.
fn make_id(at: Timestamp, random: u64) -> String {
    let minute_ms = at.as_ms().div_euclid(MINUTE_MS).saturating_mul(MINUTE_MS);
    let within_minute = (random % MINUTE_MS.unsigned_abs()).cast_signed();
    let ms = minute_ms.saturating_add(within_minute);
    to_base32(u64::try_from(ms).unwrap_or_default(), 10)
}

fn say(kind: Kind, spoken: &Spoken) -> Option<String> {
    let Spoken { amount, balance, payer, id, .. } = spoken;
    let tail = format!("Balance Tk. {balance}. TrxID {id} at {}.", dhaka::slashed(spoken.at));
    let note = spoken.note.as_ref().map_or(String::new(), |note| format!("Ref-{note}. "));
    Some(match kind {
        Personal => format!("Tk. {amount} has been received from {payer}. {note}{tail}"),
        Deposit => format!("Tk.{amount} has been received from {}. {tail}", spoken.bank_name()),
        Merchant => format!("Received Payment of Tk.{amount} from {payer}. {note}{tail}"),
        Agent => format!(
            "You have received Cash-out of Tk. {amount} from {payer}. Comm: TK. 0.0000. {tail}"
        ),
    })
}

fn say_sent(kind: Kind, spoken: &Spoken) -> Option<String> {
    let Spoken { amount, balance, payer: payee, id, .. } = spoken;
    let at = dhaka::slashed(spoken.at);
    (kind == Agent).then(|| {
        format!(
            "Cash-in of Tk. {amount} to {payee} is successful. Comm: TK. 0.0000. Balance Tk. {balance}. TrxID {id} at {at}."
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_its_minute() {
        let at = dhaka::parse("12/10/2025 19:15").unwrap();
        let id = make_id(at, 59_999);
        assert_eq!(check_id(&id, Some(at)), None);
        assert_eq!(check_id(&id, Some(at.plus_ms(10 * MINUTE_MS))), Some(Warning::TrxIdDate));
        assert_eq!(check_id("0123456789A", Some(at)), Some(Warning::TrxIdStructure));
        assert_eq!(check_id("UUUUUUUUUU", Some(at)), Some(Warning::TrxIdStructure));
    }
}
