//! Rocket (Dutch-Bangla Bank): `Tk` glued to the amount, time as `dd-MON-yy hh:mm:ss am`, and mostly a
//! masked payer. A TxnId is ten digits that grow with time.
//!
//! The same short code speaks for accounts at the bank itself: see [`super::bank`].

use torana_domain::Timestamp;

use super::message::Kind;
use super::message::Kind::{Agent, Deposit, Personal};
use super::message::WhyNotMoney::Outgoing;
use super::simulator::Spoken;
use super::wording::{Format, Wording};
use super::{Wallet, Warning, dhaka};

pub(super) const FORMAT: Format = Format {
    wallet: Wallet::Rocket,
    senders: &["16216"],
    wordings: &[
        Wording::new(
            Personal,
            "{amount} received from A/C: {payer} [Ref No: {note} ]Fee: {fee}[,] <Your A/C Balance|NetBal>: {balance} Txn Id: {id} Date: {at}",
        ),
        Wording::new(
            Deposit,
            "{amount} credited from card {payer}. Fee: {fee}[,] <Your A/C Balance|NetBal>: {balance} Txn Id: {id} Date: {at}",
        ),
        Wording::new(
            Agent,
            "Rocket B2C Cash-Out: Cash-Out from A/C: {payer} {amount} Comm: {comm}[;] A/C Balance: {balance} Txn Id: {id} Date: {at}",
        ),
        // Older, and of its end only the TxnId is known.
        Wording::new(
            Agent,
            "Your account has been successfully credited by {amount}. {filler} Txn Id: {id}[ Date: {at}]",
        ),
    ],
    sent: &[
        Wording::new(
            Personal,
            "{amount} transferred to A/C: {payee} Fee: {fee}[,] Your A/C Balance: {balance} Txn Id: {id} Date: {at}",
        ),
        // Known only from what other software reads. `Tk` is spelt out: without it, where would the number
        // end and the amount begin?
        Wording::new(
            Agent,
            "B2C: Cash-In to A/C: {payee} Tk{amount} Comm: {comm}[;][,] Your A/C Balance: {balance}. Txn Id: {id} Date: {at}",
        ),
    ],
    not_money: &[
        (Outgoing, "{amount} transferred to"),
        (Outgoing, "B2C: Cash-In to A/C"),
        (Outgoing, "B2B: Cash-Out to A/C"),
        (Outgoing, "Cash-Out to A/C"),
        // Guesses.
        (Outgoing, "{amount} sent to"),
        (Outgoing, "{amount} paid to"),
    ],
    check_id,
    make_id,
    say,
    say_sent,
    say_cashback: |_| None,
};

fn check_id(id: &str, _: Option<Timestamp>) -> Option<Warning> {
    let is_known = id.len() == 10 && id.bytes().all(|byte| byte.is_ascii_digit());
    (!is_known).then_some(Warning::TrxIdStructure)
}

/// Near the counter's place at that time: two known points and a straight line through them.
fn make_id(at: Timestamp, random: u64) -> String {
    /// 2025-12-25T00:00:00Z, when TxnIds were about 6,017,000,000.
    const KNOWN_AT_S: i64 = 1_766_620_800;
    const KNOWN: i64 = 6_017_000_000;
    const PER_DAY: i64 = 3_576_000;
    let days = (at.as_s() - KNOWN_AT_S).div_euclid(24 * 60 * 60);
    let within_day = (random % PER_DAY.unsigned_abs()).cast_signed();
    let counter = KNOWN.saturating_add(days.saturating_mul(PER_DAY)).saturating_add(within_day);
    format!("{:010}", counter.clamp(1_000_000_000, 9_999_999_999))
}

fn say(kind: Kind, spoken: &Spoken) -> Option<String> {
    let Spoken { id, note, .. } = spoken;
    let (amount, balance) = (spoken.amount(), spoken.balance());
    let masked = spoken.masked_payer();
    let at = dhaka::dashed(spoken.at);
    Some(match (kind, note) {
        (Personal, None) => format!(
            "Tk{amount} received from A/C:{masked} Fee:Tk0, Your A/C Balance: Tk{balance} TxnId:{id} Date:{at}. Download https://bit.ly/nexuspay"
        ),
        (Personal, Some(note)) => format!(
            "Tk.{amount} received from A/C:{masked} Ref No: {note} Fee: Tk.00 NetBal: Tk{balance} TxnId: {id} Date:{at}."
        ),
        (Deposit, _) => format!(
            "Tk{amount} credited from card {masked}. Fee:Tk0 NetBal:Tk{balance} TxnId:{id} Date:{at}."
        ),
        (Agent, _) => format!(
            "Rocket B2C Cash-Out: Cash-Out from A/C: {masked} Tk{amount} Comm:Tk0.00; A/C Balance: Tk{balance}TxnId: {id} Date:{at}."
        ),
        (Kind::Merchant, _) => return None,
    })
}

fn say_sent(kind: Kind, spoken: &Spoken) -> Option<String> {
    let Spoken { id, .. } = spoken;
    let (amount, balance) = (spoken.amount(), spoken.balance());
    let masked = spoken.masked_payer();
    let at = dhaka::dashed(spoken.at);
    match kind {
        Personal => Some(format!(
            "Tk{amount} transferred to A/C:{masked} Fee:Tk0, Your A/C Balance: Tk{balance} TxnId:{id} Date:{at}. Download https://bit.ly/nexuspay"
        )),
        Agent => Some(format!(
            "B2C: Cash-In to A/C: {masked} Tk{amount} Comm:Tk0.00;, Your A/C Balance: Tk{balance} TxnId: {id} Date:{at}."
        )),
        Kind::Merchant | Deposit => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simulated_ids_follow_the_counter() {
        let id = |date| make_id(dhaka::parse(date).unwrap(), 5);
        assert!(id("08/06/2026 12:00").starts_with("660"));
        assert_eq!(id("01/01/1970 12:00").len(), 10);
        assert_eq!(id("01/01/9000 12:00").len(), 10);
    }
}
